//! Readiness and rehearsal (W08): why a request would reach nobody, and a synthetic visitor who tries it.

use std::time::Duration;

use serde_json::{Value, json};

use crate::organizations::{RESUME, SUSPEND, act, organizations, text, widget_of};
use crate::support::app::{Client, client_id};
use crate::support::{App, both, until};

const LOOK: &str = "query($id: ID!) { readiness(aiAgentId: $id) { outcome checks { code outcome finding fix permission viewerMay } } }";
const START: &str = "mutation($c: String!, $id: ID!) { startRehearsal(clientId: $c, aiAgentId: $id) {
    id conversationId endedAt acceptedBy steps { name state } } }";
const SEE: &str = "query($id: ID!) { rehearsal(id: $id) { endedAt acceptedBy steps { name state } } }";
const END: &str = "mutation($id: ID!) { endRehearsal(rehearsalId: $id) { endedAt steps { name state } } }";

/// Codes of the checks that found something.
async fn found(client: &Client<'_>, agent: &str, outcome: &str) -> Vec<String> {
    let data = client.ask(LOOK, json!({ "id": agent })).await;
    let checks = data["readiness"]["checks"].as_array().expect("checks").clone();
    checks.iter().filter(|check| check["outcome"] == outcome).map(|check| text(check, "/code")).collect()
}

/// `NAME STATE` of the steps.
fn steps(rehearsal: &Value) -> Vec<String> {
    let steps = rehearsal["steps"].as_array().expect("steps");
    steps.iter().map(|step| format!("{} {}", text(step, "/name"), text(step, "/state"))).collect()
}

both! {
    async fn each_cause_is_found_with_its_fix_and_who_can_mend_it(database) {
        let app = App::start(database).await;
        let (owner, client) = (app.owner().await, app.sign_in("owner@bluebakery.test").await);
        let (bakery, _) = organizations(&app).await;
        let (_, agent) = widget_of(&app, &bakery).await;
        assert_eq!(found(&client, &agent, "FAILED").await, Vec::<String>::new());

        let enable = "mutation($a: ID!, $on: Boolean!) { setHandoffEnabled(aiAgentId: $a, enabled: $on) { id } }";
        client.ask(enable, json!({ "a": agent, "on": false })).await;
        assert_eq!(found(&client, &agent, "FAILED").await, ["HANDOFF_ENABLED"]);
        let data = client.ask(LOOK, json!({ "id": agent })).await;
        let check = data["readiness"]["checks"].as_array().expect("checks").iter().find(|one| one["code"] == "HANDOFF_ENABLED").expect("it").clone();
        assert_eq!((&check["permission"], &check["viewerMay"]), (&json!("handoff.enable"), &json!(true)));
        assert!(check["fix"].is_string());
        client.ask(enable, json!({ "a": agent, "on": true })).await;

        let set = "mutation($k: String!, $o: ID, $v: String) { setSetting(key: $k, organizationId: $o, value: $v) { key } }";
        client.ask(set, json!({ "k": "handoff.popup", "o": bakery, "v": "false" })).await;
        assert_eq!(found(&client, &agent, "FAILED").await, ["HANDOFF_SHOWN"]);
        client.ask(set, json!({ "k": "handoff.popup", "o": bakery, "v": "true" })).await;

        act(&owner, SUSPEND, &bakery).await;
        assert!(found(&owner, &agent, "FAILED").await.contains(&"ORGANIZATION_AT_WORK".to_owned()));
        act(&owner, RESUME, &bakery).await;

        let assign = "mutation($a: ID!, $o: ID) { assignAiAgent(aiAgentId: $a, organizationId: $o) { id } }";
        owner.ask(assign, json!({ "a": agent, "o": null })).await;
        assert!(found(&owner, &agent, "FAILED").await.contains(&"AI_AGENT_ASSIGNED".to_owned()));
        app.close().await;
    }
}

both! {
    async fn whoever_may_not_see_the_set_up_sees_no_readiness(database) {
        let app = App::start(database).await;
        let (bakery, _) = organizations(&app).await;
        let (_, agent) = widget_of(&app, &bakery).await;
        let viewer = app.sign_in("viewer@bluebakery.test").await;
        assert_eq!(viewer.refused(LOOK, json!({ "id": agent })).await, "FORBIDDEN MISSING_PERMISSION");
        assert_eq!(viewer.refused(START, json!({ "c": client_id(), "id": agent })).await, "FORBIDDEN MISSING_PERMISSION");
        let stranger = app.sign_in("owner@southpaw.test").await;
        assert_eq!(stranger.refused(LOOK, json!({ "id": agent })).await, "NOT_FOUND NOT_FOUND");
        assert_eq!(stranger.refused(START, json!({ "c": client_id(), "id": agent })).await, "NOT_FOUND NOT_FOUND");
        app.close().await;
    }
}

both! {
    async fn a_rehearsal_runs_the_whole_path_and_says_how_far_it_is(database) {
        let app = App::start(database).await;
        let (client, operator) = (app.sign_in("owner@bluebakery.test").await, app.operator().await);
        let (bakery, _) = organizations(&app).await;
        let (_, agent) = widget_of(&app, &bakery).await;
        let c = client_id();
        let begun = client.ask(START, json!({ "c": c, "id": agent })).await["startRehearsal"].clone();
        let (id, conversation) = (text(&begun, "/id"), text(&begun, "/conversationId"));
        assert_eq!(steps(&begun)[3..], ["REQUESTED DONE", "ACCEPTED WAITING", "ANSWERED AHEAD", "FINISHED AHEAD"]);
        assert_eq!(client.refused(START, json!({ "c": client_id(), "id": agent })).await, "CONFLICT ALREADY_RUNNING");

        // The operator sees a request like any other, marked as what it is.
        let document = "query($id: ID!) { conversation(id: $id) { rehearsal visitor { name } } }";
        let seen = operator.ask(document, json!({ "id": conversation })).await["conversation"].clone();
        assert_eq!((&seen["rehearsal"], &seen["visitor"]["name"]), (&json!(true), &json!("Rehearsal")));
        operator.accepts(&conversation).await;
        operator.replies(&conversation, "Hello, whoever you are not.").await;
        let complete = "mutation($id: ID!) { completeConversation(conversationId: $id) { state } }";
        operator.ask(complete, json!({ "id": conversation })).await;
        let over = client.ask(SEE, json!({ "id": id })).await["rehearsal"].clone();
        assert_eq!(over["acceptedBy"], "Olivia Hart");
        let done = steps(&over);
        assert!(done.iter().filter(|step| !step.starts_with("AI_")).all(|step| step.ends_with("DONE")), "{done:?}");
        // Nobody has to end what is over before the next one.
        let next = client.ask(START, json!({ "c": client_id(), "id": agent })).await["startRehearsal"].clone();
        assert_eq!(steps(&next)[3..5], ["REQUESTED DONE", "ACCEPTED WAITING"]);
        app.close().await;
    }
}

both! {
    async fn a_rehearsal_that_nobody_answers_ends_by_itself_and_says_so(database) {
        let app = App::start(database).await;
        let client = app.sign_in("owner@bluebakery.test").await;
        let (bakery, _) = organizations(&app).await;
        let (_, agent) = widget_of(&app, &bakery).await;
        let begun = client.ask(START, json!({ "c": client_id(), "id": agent })).await["startRehearsal"].clone();
        app.later(Duration::from_secs(16 * 60));
        let client = app.sign_in("owner@bluebakery.test").await;
        let ended = until(async || {
            let seen = client.ask(SEE, json!({ "id": begun["id"] })).await["rehearsal"].clone();
            (!seen["endedAt"].is_null()).then_some(seen)
        })
        .await;
        assert_eq!(steps(&ended)[4..], ["ACCEPTED FAILED", "ANSWERED FAILED", "FINISHED FAILED"]);
        let queue = "query($o: ID) { handoffs(organizationId: $o, states: [REQUESTED, ACCEPTED]) { nodes { id } } }";
        assert_eq!(client.ask(queue, json!({ "o": bakery })).await["handoffs"]["nodes"], json!([]), "nobody is left waiting");

        // One that is ended by hand takes its request along as well.
        let again = client.ask(START, json!({ "c": client_id(), "id": agent })).await["startRehearsal"].clone();
        let ended = client.ask(END, json!({ "id": again["id"] })).await["endRehearsal"].clone();
        assert!(!ended["endedAt"].is_null());
        assert_eq!(client.ask(queue, json!({ "o": bakery })).await["handoffs"]["nodes"], json!([]));
        app.close().await;
    }
}

both! {
    async fn a_rehearsal_meets_what_a_visitor_would_meet(database) {
        let app = App::start(database).await;
        let client = app.sign_in("owner@bluebakery.test").await;
        let (bakery, _) = organizations(&app).await;
        let (_, agent) = widget_of(&app, &bakery).await;
        let enable = "mutation($a: ID!) { setHandoffEnabled(aiAgentId: $a, enabled: false) { id } }";
        client.ask(enable, json!({ "a": agent })).await;
        assert_eq!(client.refused(START, json!({ "c": client_id(), "id": agent })).await, "CONFLICT HANDOFF_NOT_AVAILABLE");
        let all = client.ask("query($id: ID!) { rehearsals(aiAgentId: $id) { endedAt } }", json!({ "id": agent })).await;
        assert!(!all["rehearsals"][0]["endedAt"].is_null(), "it does not stay open: {all}");
        app.close().await;
    }
}
