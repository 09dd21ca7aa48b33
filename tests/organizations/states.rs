//! Create, rename, suspend, resume, unassign, delete an AI agent: and what that means for visitors, users and staff.

use serde_json::{Value, json};

use super::{RESUME, SUSPEND, act, organizations, text, widget_of};
use crate::support::app::client_id;
use crate::support::{App, both};

const CONFIG: &str =
    "query($id: ID!) { widgetConfig(widgetId: $id) { available unavailableReason handoff { available } } }";
const SAY: &str = "mutation($c: String!) { sendMessage(clientId: $c, text: \"hello\") { seq } }";
const ASK: &str = "mutation($c: String!) { requestHandoff(clientId: $c) { state } }";
const MINE: &str = "{ viewer { memberships { id } } }";

async fn config(app: &App, widget: &str) -> Value {
    app.post("/widget/graphql", None, CONFIG, json!({ "id": widget })).await.json["data"]["widgetConfig"].clone()
}

both! {
    async fn an_agency_creates_and_renames_its_organizations(database) {
        let app = App::start(database).await;
        let owner = app.owner().await;
        let create = "mutation($c: String!, $n: String!, $l: String, $z: String) {
            createOrganization(clientId: $c, name: $n, language: $l, timeZone: $z) { id name state language timeZone memberCount aiAgentCount waitingCount lastActivityAt viewerCan(permission: \"organization.edit\") } }";
        let id = client_id();
        let variables = json!({ "c": id, "n": "  Green   Grocer ", "l": "de", "z": "europe/berlin" });
        let made = owner.ask(create, variables.clone()).await["createOrganization"].clone();
        assert_eq!((&made["name"], &made["state"]), (&json!("Green Grocer"), &json!("ACTIVE")));
        assert_eq!((&made["language"], &made["timeZone"]), (&json!("de"), &json!("Europe/Berlin")));
        assert_eq!((&made["memberCount"], &made["aiAgentCount"], &made["waitingCount"], &made["viewerCan"]), (&json!(0), &json!(0), &json!(0), &json!(true)));
        assert_eq!(owner.ask(create, variables).await["createOrganization"], made, "a retry gives the first");
        assert_eq!(owner.refused(create, json!({ "c": id, "n": "Other" })).await, "CONFLICT CLIENT_ID_REUSED");
        for (language, zone, reason) in [("english", "UTC", "NOT_A_LANGUAGE"), ("en", "Mars/Olympus", "NOT_A_TIME_ZONE")] {
            let refused = owner.refused(create, json!({ "c": client_id(), "n": "X", "l": language, "z": zone })).await;
            assert_eq!(refused, format!("INVALID {reason}"));
        }
        assert_eq!(owner.refused(create, json!({ "c": client_id(), "n": " " })).await, "INVALID EMPTY");
        let client = app.sign_in("owner@bluebakery.test").await;
        assert_eq!(client.refused(create, json!({ "c": client_id(), "n": "X" })).await, "FORBIDDEN MISSING_PERMISSION");
        // A client renames their own, and finds no other.
        let rename = "mutation($id: ID!, $n: String) { updateOrganization(organizationId: $id, name: $n) { name } }";
        let (bakery, dental) = organizations(&app).await;
        let data = client.ask(rename, json!({ "id": bakery, "n": "Bluer Bakery" })).await;
        assert_eq!(data["updateOrganization"]["name"], "Bluer Bakery");
        assert_eq!(client.refused(rename, json!({ "id": dental, "n": "X" })).await, "NOT_FOUND NOT_FOUND");
        let found = owner.ask("{ organizations(search: \"BLÚER\") { nodes { name } } }", json!({})).await;
        assert_eq!(found["organizations"]["nodes"], json!([{ "name": "Bluer Bakery" }]));
        app.close().await;
    }
}

both! {
    async fn a_suspended_organization_is_closed_to_everybody_but_staff(database) {
        let app = App::start(database).await;
        let (owner, operator, client) = (app.owner().await, app.operator().await, app.sign_in("owner@bluebakery.test").await);
        let (bakery, _) = organizations(&app).await;
        let widget = app.widget().await;
        let (waiting, wants) = app.visitor().await;
        waiting.asks_the_ai("hello").await;
        waiting.asks_for_human().await;
        let (talking, held) = app.visitor().await;
        talking.says("hi").await;
        talking.asks_for_human().await;
        operator.accepts(&held).await;
        let mut following = operator.socket().await;
        let stream = following.subscribe("subscription($id: ID!) { conversationEvents(conversationId: $id, after: \"1.0\") { __typename } }", json!({ "id": held })).await;
        operator.replies(&held, "I am here").await;
        following.event().await;

        for client in [&client, &operator] {
            assert_eq!(client.refused(&format!("mutation($id: ID!) {{ {SUSPEND} {{ id }} }}"), json!({ "id": bakery })).await, "FORBIDDEN MISSING_PERMISSION");
        }
        assert_eq!(config(&app, &widget).await["available"], true);
        assert_eq!(act(&owner, SUSPEND, &bakery).await["state"], "SUSPENDED");
        assert_eq!(act(&owner, SUSPEND, &bakery).await["state"], "SUSPENDED", "once more changes nothing");

        // Nothing waits, nobody has a chat, and each handoff says why.
        let document = "query($id: ID!) { conversation(id: $id) { state assignee { name } handoff { state closedBecause } messages { nodes { kind text } } } }";
        for conversation in [&wants, &held] {
            let found = owner.ask(document, json!({ "id": conversation })).await["conversation"].clone();
            assert_eq!((&found["state"], &found["assignee"]), (&json!("AI"), &Value::Null));
            assert_eq!(found["handoff"], json!({ "state": "CANCELLED", "closedBecause": "ORGANIZATION_SUSPENDED" }));
            let last = found["messages"]["nodes"].as_array().expect("entries").last().cloned().expect("an entry");
            assert_eq!(last["kind"], "HANDOFF_CANCELLED", "the visitor is told");
        }
        // Its users have nothing there: not the queue, not a list, not the stream that was open.
        for client in [&client, &operator] {
            assert_eq!(client.ask(MINE, json!({})).await["viewer"]["memberships"], json!([]), "signed in, without a place");
            let refused = client.refused("query($id: ID!) { conversation(id: $id) { id } }", json!({ "id": held })).await;
            assert_eq!(refused, "NOT_FOUND NOT_FOUND");
            assert_eq!(client.refused("{ organizations { nodes { name } } }", json!({})).await, "FORBIDDEN MISSING_PERMISSION");
        }
        loop {
            let message = following.receive().await.expect("an open socket");
            if message["id"] == stream.as_str() && message["type"] != "next" || !message["payload"]["errors"].is_null() {
                break;
            }
        }
        // Its widget says so under the brand, and takes no word.
        let shown = config(&app, &widget).await;
        assert_eq!(shown, json!({ "available": false, "unavailableReason": "ORGANIZATION_SUSPENDED", "handoff": { "available": false } }));
        for visitor in [&waiting, &talking] {
            assert_eq!(visitor.refused(SAY, json!({ "c": client_id() })).await, "FORBIDDEN ORGANIZATION_SUSPENDED");
            assert_eq!(visitor.refused(ASK, json!({ "c": client_id() })).await, "FORBIDDEN ORGANIZATION_SUSPENDED");
        }
        let open = app.post("/widget/graphql", None, "mutation($w: ID!) { session(widgetId: $w) { token } }", json!({ "w": widget })).await;
        assert_eq!(open.error(), "FORBIDDEN ORGANIZATION_SUSPENDED");
        // Staff see it, its reason and its history, and cannot take over.
        let seen = owner.ask("query($id: ID!) { organization(id: $id) { state suspensionReason suspendedAt } conversations(organizationId: $id) { nodes { id } } }", json!({ "id": bakery })).await;
        assert_eq!((&seen["organization"]["state"], &seen["organization"]["suspensionReason"]), (&json!("SUSPENDED"), &json!("The bill is open")));
        assert_eq!(seen["conversations"]["nodes"].as_array().map(Vec::len), Some(2));
        assert_eq!(owner.refused("mutation($id: ID!) { intervene(conversationId: $id) { id } }", json!({ "id": wants })).await, "CONFLICT NOT_AVAILABLE");

        assert_eq!(act(&owner, RESUME, &bakery).await["state"], "ACTIVE");
        assert_eq!(config(&app, &widget).await["available"], true);
        waiting.asks_for_human().await;
        operator.accepts(&wants).await;
        assert!(operator.replies(&wants, "Back again").await > 0);
        app.close().await;
    }
}

both! {
    async fn an_ai_agent_that_moves_on_leaves_its_history_behind(database) {
        let app = App::start(database).await;
        let (owner, operator) = (app.owner().await, app.operator().await);
        let (bakery, dental) = organizations(&app).await;
        let (widget, agent) = widget_of(&app, &bakery).await;
        let (visitor, conversation) = app.visitor().await;
        visitor.says("hello").await;
        visitor.asks_for_human().await;
        operator.accepts(&conversation).await;
        let assign = "mutation($id: ID!, $to: ID) { assignAiAgent(aiAgentId: $id, organizationId: $to) { id } }";
        owner.ask(assign, json!({ "id": agent, "to": null })).await;
        let document = "query($id: ID!) { conversation(id: $id) { state organization { id } handoff { state closedBecause } } }";
        let found = operator.ask(document, json!({ "id": conversation })).await["conversation"].clone();
        assert_eq!((&found["state"], &found["organization"]["id"]), (&json!("AI"), &json!(bakery)));
        assert_eq!(found["handoff"], json!({ "state": "CANCELLED", "closedBecause": "AI_AGENT_UNASSIGNED" }));
        assert_eq!(config(&app, &widget).await["unavailableReason"], "AI_AGENT_UNASSIGNED");
        assert_eq!(visitor.refused(SAY, json!({ "c": client_id() })).await, "FORBIDDEN AI_AGENT_UNASSIGNED");
        // With another organization the visitor begins anew: what was said stays where it was said.
        owner.ask(assign, json!({ "id": agent, "to": dental })).await;
        assert_eq!(visitor.refused(SAY, json!({ "c": client_id() })).await, "UNAUTHENTICATED SESSION_MOVED");
        let resume = text(&visitor.ask("{ session { resume } }", json!({})).await, "/session/resume");
        let open = "mutation($w: ID!, $r: String) { session(widgetId: $w, resume: $r) { token conversation { id messages { nodes { id } } } } }";
        let again = app.post("/widget/graphql", None, open, json!({ "w": widget, "r": resume })).await.json;
        assert_ne!(text(&again, "/data/session/conversation/id"), conversation);
        assert_eq!(again["data"]["session"]["conversation"]["messages"]["nodes"], json!([]));
        let stranger = app.stranger().await;
        assert_eq!(stranger.refused(document, json!({ "id": conversation })).await, "NOT_FOUND NOT_FOUND");
        app.close().await;
    }
}

both! {
    async fn a_deleted_ai_agent_is_gone_and_what_it_said_stays(database) {
        let app = App::start(database).await;
        let (owner, operator) = (app.owner().await, app.operator().await);
        let (bakery, _) = organizations(&app).await;
        let (widget, agent) = widget_of(&app, &bakery).await;
        let (visitor, conversation) = app.visitor().await;
        visitor.asks_the_ai("When do you open?").await;
        visitor.asks_for_human().await;
        let delete = "mutation($id: ID!, $n: String!) { deleteAiAgent(aiAgentId: $id, name: $n) }";
        assert_eq!(owner.refused(delete, json!({ "id": agent, "n": "Crumbs" })).await, "INVALID NAME_DIFFERS");
        assert_eq!(operator.refused(delete, json!({ "id": agent, "n": "Crumb" })).await, "FORBIDDEN MISSING_PERMISSION");
        assert_eq!(owner.ask(delete, json!({ "id": agent, "n": "Crumb" })).await["deleteAiAgent"], true);
        assert_eq!(owner.refused(delete, json!({ "id": agent, "n": "Crumb" })).await, "NOT_FOUND NOT_FOUND");
        assert_eq!(owner.refused("query($id: ID!) { aiAgent(id: $id) { id } }", json!({ "id": agent })).await, "NOT_FOUND NOT_FOUND");
        let list = owner.ask("query($id: ID!) { aiAgents(organizationId: $id) { nodes { id } } organization(id: $id) { aiAgentCount } }", json!({ "id": bakery })).await;
        assert_eq!((&list["aiAgents"]["nodes"], &list["organization"]["aiAgentCount"]), (&json!([]), &json!(0)));
        let shown = app.post("/widget/graphql", None, CONFIG, json!({ "id": widget })).await;
        assert_eq!(shown.error(), "NOT_FOUND NOT_FOUND");
        assert_eq!(visitor.refused(SAY, json!({ "c": client_id() })).await, "NOT_FOUND NOT_FOUND");
        let document = "query($id: ID!) { conversation(id: $id) { state aiAgent { name } handoff { closedBecause } messages { nodes { id } } } }";
        let found = operator.ask(document, json!({ "id": conversation })).await["conversation"].clone();
        assert_eq!((&found["aiAgent"]["name"], &found["handoff"]["closedBecause"]), (&json!("Crumb"), &json!("AI_AGENT_DELETED")));
        assert!(found["messages"]["nodes"].as_array().is_some_and(|all| all.len() >= 3));
        app.close().await;
    }
}
