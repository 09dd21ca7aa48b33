//! An agency's own roles: made, changed, taken away, and felt at once.

use serde_json::{Value, json};

use super::{CREATE, UPDATE, belongs, package, person, places};
use crate::support::app::client_id;
use crate::support::{App, both, until};

const DESK: [&str; 3] = ["home.view", "conversation.read", "live_chat.view_queue"];

async fn permissions_of(client: &crate::support::app::Client<'_>) -> Vec<String> {
    let data = client.ask("{ viewer { permissions } }", json!({})).await;
    serde_json::from_value(data["viewer"]["permissions"].clone()).expect("names")
}

both! {
    async fn a_package_is_made_given_and_changed_for_everybody_at_once(database) {
        let app = App::start(database).await;
        let owner = app.owner().await;
        let (_, bakery, _) = places(&app).await;
        let desk = package(&owner, "Night desk", "ORGANIZATION", &DESK).await;
        person(&app, "night@bakery.test", Some(bakery), &desk).await;
        let night = app.sign_in("night@bakery.test").await;
        assert_eq!(permissions_of(&night).await, ["home.view", "live_chat.view_queue", "conversation.read"]);
        let data = night.ask("{ viewer { memberships { role { name level builtIn package version permissions } } } }", json!({})).await;
        let role = &data["viewer"]["memberships"][0]["role"];
        assert_eq!((&role["name"], &role["package"], &role["builtIn"], &role["level"]), (&json!("Night desk"), &json!(true), &json!(false), &json!("ORGANIZATION")));

        // The same token, another answer: nobody signs in again.
        let more = json!(["home.view", "handoff.read"]);
        let data = owner.ask(UPDATE, json!({ "id": desk, "v": 1, "p": more })).await;
        assert_eq!(data["updatePackage"]["version"], 2);
        assert_eq!(data["updatePackage"]["memberCount"], 1);
        assert_eq!(permissions_of(&night).await, ["home.view", "handoff.read"]);
        // Whoever read the first version is told, and changes nothing.
        let refused = owner.refused(UPDATE, json!({ "id": desk, "v": 1, "p": DESK })).await;
        assert_eq!(refused, "CONFLICT CHANGED_MEANWHILE");
        assert_eq!(permissions_of(&night).await, ["home.view", "handoff.read"]);
        let data = owner.ask("query($id: ID!) { package(id: $id) { version organizationCount } packages { id } }", json!({ "id": desk })).await;
        assert_eq!(data["package"], json!({ "version": 2, "organizationCount": 1 }));
        assert_eq!(data["packages"], json!([{ "id": desk }]));
        app.close().await;
    }
}

both! {
    async fn an_unknown_role_and_a_deleted_one_hold_nothing(database) {
        let app = App::start(database).await;
        let owner = app.owner().await;
        let (_, bakery, _) = places(&app).await;
        let absent = format!("rol_{}", "7".repeat(26));
        person(&app, "lost@bakery.test", Some(bakery), &absent).await;
        let lost = app.sign_in("lost@bakery.test").await;
        assert!(permissions_of(&lost).await.is_empty());
        assert_eq!(lost.refused("{ organizations { nodes { id } } }", json!({})).await, "FORBIDDEN MISSING_PERMISSION");

        let desk = package(&owner, "Night desk", "ORGANIZATION", &DESK).await;
        let user = person(&app, "night@bakery.test", Some(bakery), &desk).await;
        let night = app.sign_in("night@bakery.test").await;
        let delete = "mutation($id: ID!, $r: ID) { deletePackage(packageId: $id, replacementRoleId: $r) }";
        assert_eq!(owner.refused(delete, json!({ "id": desk })).await, "CONFLICT IN_USE");
        assert_eq!(permissions_of(&night).await.len(), 3);
        // The replacement is of the same level, and nobody hands on what they lack.
        let roles = "query($o: ID) { roles(organizationId: $o) { role { id name package } givable reason } }";
        let data = owner.ask(roles, json!({})).await;
        let staff = data["roles"][2]["role"]["id"].clone();
        assert_eq!(owner.refused(delete, json!({ "id": desk, "r": staff })).await, "INVALID WRONG_LEVEL");
        assert_eq!(owner.refused(delete, json!({ "id": desk, "r": desk })).await, "INVALID WRONG_LEVEL");
        let data = owner.ask(roles, json!({ "o": bakery.to_string() })).await;
        let viewer = data["roles"].as_array().expect("roles").iter().find(|role| role["role"]["name"] == "Viewer").expect("Viewer");
        owner.ask(delete, json!({ "id": desk, "r": viewer["role"]["id"] })).await;
        assert_eq!(permissions_of(&night).await, ["home.view", "conversation.read", "knowledge.read"]);
        assert_eq!(owner.refused(delete, json!({ "id": desk })).await, "NOT_FOUND NOT_FOUND");
        // A row that still names it, say of an invitation, gives nothing.
        belongs(&app, user, Some(bakery), &desk).await;
        let again = app.sign_in("night@bakery.test").await;
        assert_eq!(permissions_of(&again).await, ["home.view", "conversation.read", "knowledge.read"]);
        app.close().await;
    }
}

both! {
    async fn nobody_grants_what_they_lack(database) {
        let app = App::start(database).await;
        let owner = app.owner().await;
        let (_, bakery, _) = places(&app).await;
        // Somebody of the agency who makes packages, and little else.
        let maker = package(&owner, "Package maker", "AGENCY", &["home.view", "package.edit", "team.view", "conversation.read"]).await;
        person(&app, "maker@northlight.test", None, &maker).await;
        let maker = app.sign_in("maker@northlight.test").await;
        let create = |name: &str, level: &str, permissions: &[&str]| json!({ "c": client_id(), "n": name, "l": level, "p": permissions });
        maker.ask(CREATE, create("Readers", "ORGANIZATION", &["home.view", "conversation.read"])).await;
        let reply = maker.post(CREATE, create("Writers", "ORGANIZATION", &["home.view", "knowledge.edit"])).await;
        assert_eq!(reply.error(), "FORBIDDEN CANNOT_GRANT");
        assert_eq!(reply.json["errors"][0]["extensions"]["permission"], "knowledge.edit");
        // A role of the agency's own staff needs role.edit besides.
        let refused = maker.refused(CREATE, create("Staff", "AGENCY", &["home.view"])).await;
        assert_eq!(refused, "FORBIDDEN MISSING_PERMISSION");
        // What others made may be cut down, and never added to beyond oneself.
        let big = package(&owner, "Big", "ORGANIZATION", &["home.view", "knowledge.edit"]).await;
        let refused = maker.refused(UPDATE, json!({ "id": big, "v": 1, "p": ["home.view", "knowledge.edit", "handoff.edit"] })).await;
        assert_eq!(refused, "FORBIDDEN CANNOT_GRANT");
        maker.ask(UPDATE, json!({ "id": big, "v": 1, "p": ["home.view", "conversation.read"] })).await;

        for (permissions, expected) in [
            (vec!["home.view", "branding.edit"], "INVALID WRONG_LEVEL"),
            (vec!["home.view", "home.burn"], "INVALID UNKNOWN_PERMISSION"),
            (vec![], "INVALID EMPTY"),
        ] {
            assert_eq!(owner.refused(CREATE, create("Odd", "ORGANIZATION", &permissions)).await, expected);
        }
        for name in ["readers", "Owner", " Réaders "] {
            assert_eq!(owner.refused(CREATE, create(name, "ORGANIZATION", &["home.view"])).await, "CONFLICT NAME_TAKEN", "{name}");
        }
        // A retry gives the first, another request under the same id does not.
        let variables = create("Once", "ORGANIZATION", &["home.view"]);
        let first = owner.ask(CREATE, variables.clone()).await;
        assert_eq!(owner.ask(CREATE, variables.clone()).await, first);
        let mut other = variables;
        other["n"] = json!("Twice");
        assert_eq!(owner.refused(CREATE, other).await, "CONFLICT CLIENT_ID_REUSED");

        // What can be given is said with why not: the operator's role holds more than the maker.
        let roles = "query($o: ID) { roles(organizationId: $o) { role { name permissions description version } givable reason } }";
        let data = maker.ask(roles, json!({ "o": bakery.to_string() })).await;
        assert!(data["roles"].as_array().expect("roles").iter().all(|role| role["reason"] == "MISSING_PERMISSION"));
        let data = app.sign_in("owner@bluebakery.test").await.ask(roles, json!({ "o": bakery.to_string() })).await;
        let names: Vec<(&str, &Value)> = data["roles"].as_array().expect("roles").iter().map(|role| (role["role"]["name"].as_str().unwrap_or_default(), &role["reason"])).collect();
        let given = ["Owner", "Admin", "Supervisor", "Operator", "Analyst", "Viewer", "Readers", "Big", "Once"].map(|name| (name, &Value::Null));
        assert_eq!(names, given);
        let data = owner.ask(roles, json!({})).await;
        assert_eq!(data["roles"].as_array().map(Vec::len), Some(4), "three built-in ones of the agency, and its own: {data}");
        app.close().await;
    }
}

const CHANGE: &str = "query($id: ID!, $p: [String!]!) { packageChange(packageId: $id, permissions: $p) {
    version gains loses peopleCount people { user { name } organization { name } gains loses } } }";

both! {
    async fn a_dry_run_names_who_gains_and_loses_net_of_what_else_they_are(database) {
        let app = App::start(database).await;
        let owner = app.owner().await;
        let (_, bakery, dental) = places(&app).await;
        let desk = package(&owner, "Night desk", "ORGANIZATION", &DESK).await;
        person(&app, "ann@bakery.test", Some(bakery), &desk).await;
        person(&app, "dora@dental.test", Some(dental), &desk).await;
        // Olaf is an operator of the bakery besides: he notices less.
        let olaf = person(&app, "olaf@bakery.test", Some(bakery), &desk).await;
        belongs(&app, olaf, Some(bakery), "organization.operator").await;
        let wanted = json!(["home.view", "live_chat.view_queue", "live_chat.respond", "handoff.read"]);
        let data = owner.ask(CHANGE, json!({ "id": desk, "p": wanted })).await;
        let change = &data["packageChange"];
        assert_eq!((&change["version"], &change["peopleCount"]), (&json!(1), &json!(3)));
        assert_eq!(change["gains"], json!(["live_chat.respond", "handoff.read"]));
        assert_eq!(change["loses"], json!(["conversation.read"]));
        let told = |name: &str| change["people"].as_array().expect("people").iter().find(|one| one["user"]["name"] == name).cloned().expect("one");
        assert_eq!(told("ann")["organization"]["name"], "Blue Bakery");
        assert_eq!(told("ann")["loses"], json!(["conversation.read"]));
        assert_eq!(told("dora")["organization"]["name"], "Harbor Dental");
        assert_eq!((told("olaf")["gains"].clone(), told("olaf")["loses"].clone()), (json!(["handoff.read"]), json!([])));
        // Nothing has happened.
        let ann = app.sign_in("ann@bakery.test").await;
        assert_eq!(permissions_of(&ann).await, ["home.view", "live_chat.view_queue", "conversation.read"]);
        // What was said is what happens.
        owner.ask(UPDATE, json!({ "id": desk, "v": 1, "p": wanted })).await;
        assert_eq!(permissions_of(&ann).await, ["home.view", "live_chat.view_queue", "live_chat.respond", "handoff.read"]);
        let data = owner.ask(CHANGE, json!({ "id": desk, "p": wanted })).await;
        assert_eq!(data["packageChange"]["peopleCount"], 0);
        app.close().await;
    }
}

both! {
    async fn losing_the_right_to_answer_gives_chats_back_and_closes_streams(database) {
        let app = App::start(database).await;
        let owner = app.owner().await;
        let (_, bakery, _) = places(&app).await;
        let all = ["home.view", "conversation.read", "live_chat.view_queue", "live_chat.respond"];
        let desk = package(&owner, "Night desk", "ORGANIZATION", &all).await;
        person(&app, "ann@bakery.test", Some(bakery), &desk).await;
        let olaf = person(&app, "olaf@bakery.test", Some(bakery), &desk).await;
        belongs(&app, olaf, Some(bakery), "organization.operator").await;
        let (ann, olaf) = (app.sign_in("ann@bakery.test").await, app.sign_in("olaf@bakery.test").await);
        let mut chats = Vec::new();
        for who in [&ann, &olaf] {
            let (visitor, conversation) = app.visitor().await;
            visitor.says("hello").await;
            visitor.asks_for_human().await;
            who.accepts(&conversation).await;
            chats.push((visitor, conversation));
        }
        let mut socket = ann.socket().await;
        let watch = "subscription($o: ID) { inboxEvents(organizationId: $o) { __typename } }";
        let id = socket.subscribe(watch, json!({ "o": bakery.to_string() })).await;
        owner.ask(UPDATE, json!({ "id": desk, "v": 1, "p": ["home.view"] })).await;
        // Olaf answers by his other role; Ann's chat is back in the queue, in the same unit.
        let state = "query($id: ID!) { conversation(id: $id) { state assignee { name } handoff { state } } }";
        let data = owner.ask(state, json!({ "id": chats[0].1 })).await;
        assert_eq!(data["conversation"], json!({ "state": "REQUESTED", "assignee": null, "handoff": { "state": "REQUESTED" } }));
        let data = owner.ask(state, json!({ "id": chats[1].1 })).await;
        assert_eq!(data["conversation"]["assignee"]["name"], "olaf");
        let data = chats[0].0.ask("{ session { conversation { state } } }", json!({})).await;
        assert_eq!(data["session"]["conversation"]["state"], "REQUESTED");
        let say = "mutation($c: String!, $id: ID!) { sendMessage(clientId: $c, conversationId: $id, text: \"x\") { seq } }";
        assert_eq!(ann.refused(say, json!({ "c": client_id(), "id": chats[0].1 })).await, "FORBIDDEN MISSING_PERMISSION");
        // Her stream ends.
        until(async || {
            let message = socket.receive().await;
            let over = message.as_ref().is_none_or(|message| message["id"] == id.as_str() && (message["type"] == "error" || message["type"] == "complete" || !message["payload"]["errors"].is_null()));
            over.then_some(())
        })
        .await;
        app.close().await;
    }
}

both! {
    async fn an_agency_neither_sees_nor_gives_the_roles_of_another(database) {
        let app = App::start(database).await;
        let owner = app.owner().await;
        let southpaw = app.sign_in("owner@southpaw.test").await;
        let theirs = package(&southpaw, "Theirs", "ORGANIZATION", &["home.view", "live_chat.respond"]).await;
        let (_, bakery, _) = places(&app).await;
        assert_eq!(owner.refused("query($id: ID!) { package(id: $id) { id } }", json!({ "id": theirs })).await, "NOT_FOUND NOT_FOUND");
        assert_eq!(owner.refused(UPDATE, json!({ "id": theirs, "v": 1, "n": "Ours" })).await, "NOT_FOUND NOT_FOUND");
        assert_eq!(owner.refused(CHANGE, json!({ "id": theirs, "p": ["home.view"] })).await, "NOT_FOUND NOT_FOUND");
        let ours = package(&owner, "Ours", "ORGANIZATION", &["home.view"]).await;
        let delete = "mutation($id: ID!, $r: ID) { deletePackage(packageId: $id, replacementRoleId: $r) }";
        assert_eq!(owner.refused(delete, json!({ "id": ours, "r": theirs })).await, "NOT_FOUND NOT_FOUND");
        let data = owner.ask("{ packages { name } }", json!({})).await;
        assert_eq!(data["packages"], json!([{ "name": "Ours" }]));
        // Even a row that names it gives nothing, also when its own people have made it known.
        person(&app, "spy@bakery.test", Some(bakery), &theirs).await;
        southpaw.ask("{ packages { id } roles { role { id } } }", json!({})).await;
        assert!(permissions_of(&app.sign_in("spy@bakery.test").await).await.is_empty());
        // Clients know packages as their own roles alone.
        let client = app.sign_in("owner@bluebakery.test").await;
        assert_eq!(client.refused("{ packages { id } }", json!({})).await, "FORBIDDEN MISSING_PERMISSION");
        assert_eq!(client.refused("query($id: ID!) { package(id: $id) { id } }", json!({ "id": ours })).await, "NOT_FOUND NOT_FOUND");
        app.close().await;
    }
}
