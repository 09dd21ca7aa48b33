//! Who may, who may not, and why.

use serde_json::{Value, json};

use crate::support::{App, both};

async fn agent_of(app: &App) -> Value {
    let owner = app.sign_in("owner@bluebakery.test").await;
    owner.ask("{ aiAgents { nodes { id } } }", json!({})).await["aiAgents"]["nodes"][0]["id"].clone()
}

const ENABLE: &str = "mutation($id: ID!, $on: Boolean!) { setHandoffEnabled(aiAgentId: $id, enabled: $on) { handoff { enabled blockedBy } } }";

both! {
    async fn only_holders_of_the_permission_enable_handoff(database) {
        let app = App::start(database).await;
        let agent = agent_of(&app).await;
        for email in ["viewer@bluebakery.test", "operator1@bluebakery.test"] {
            let reply = app.sign_in(email).await.post(ENABLE, json!({ "id": agent, "on": true })).await;
            assert_eq!(reply.error(), "FORBIDDEN MISSING_PERMISSION", "{email}");
            assert_eq!(reply.json["errors"][0]["extensions"]["permission"], "handoff.enable");
        }
        let owner = app.sign_in("owner@bluebakery.test").await;
        let data = owner.ask(ENABLE, json!({ "id": agent, "on": false })).await;
        assert_eq!(data["setHandoffEnabled"]["handoff"]["enabled"], false);
        // Off means that nobody can be asked for (S048).
        let (visitor, _) = app.visitor().await;
        visitor.says("hello").await;
        let request = "mutation { requestHandoff(clientId: \"x\") { state } }";
        assert_eq!(visitor.refused(request, json!({})).await, "CONFLICT HANDOFF_NOT_AVAILABLE");
        app.close().await;
    }
}

both! {
    async fn an_agent_without_organization_cannot_hand_over(database) {
        let app = App::start(database).await;
        let owner = app.owner().await;
        let created = owner.ask("mutation { createAiAgent(clientId: \"a\", name: \"New\") { id handoff { enabled blockedBy } } }", json!({})).await;
        let agent = created["createAiAgent"]["id"].clone();
        assert_eq!(created["createAiAgent"]["handoff"], json!({ "enabled": false, "blockedBy": "AI_AGENT_UNASSIGNED" }));
        assert_eq!(owner.refused(ENABLE, json!({ "id": agent, "on": true })).await, "CONFLICT AI_AGENT_UNASSIGNED");
        let organization = owner.ask("{ organizations { nodes { id } } }", json!({})).await["organizations"]["nodes"][0]["id"].clone();
        let assign = "mutation($id: ID!, $org: ID) { assignAiAgent(aiAgentId: $id, organizationId: $org) { organization { name } handoff { enabled } } }";
        owner.ask(assign, json!({ "id": agent, "org": organization })).await;
        let data = owner.ask(ENABLE, json!({ "id": agent, "on": true })).await;
        assert_eq!(data["setHandoffEnabled"]["handoff"]["enabled"], true);
        let data = owner.ask(assign, json!({ "id": agent, "org": null })).await;
        assert_eq!(data["assignAiAgent"], json!({ "organization": null, "handoff": { "enabled": false } }));
        app.close().await;
    }
}

both! {
    async fn explain_access_names_rule_switch_and_who_can_give_it(database) {
        let app = App::start(database).await;
        let agent = agent_of(&app).await;
        let document = "query($p: String!, $o: ID!, $u: ID) { explainAccess(permission: $p, objectId: $o, userId: $u) {
            allowed reason switch rule message grantableBy { name } } }";
        let viewer = app.sign_in("viewer@bluebakery.test").await;
        let data = viewer.ask(document, json!({ "p": "handoff.enable", "o": agent })).await;
        let explanation = &data["explainAccess"];
        assert_eq!((&explanation["allowed"], &explanation["reason"], &explanation["switch"]), (&json!(false), &json!("MISSING_PERMISSION"), &json!("Settings")));
        let names: Vec<&str> = explanation["grantableBy"].as_array().expect("people").iter().filter_map(|user| user["name"].as_str()).collect();
        assert!(names.contains(&"Bruno Okafor") && names.contains(&"Nora Lindqvist"), "{names:?}");

        let owner = app.sign_in("owner@bluebakery.test").await;
        let data = owner.ask(document, json!({ "p": "handoff.enable", "o": agent })).await;
        assert_eq!(data["explainAccess"]["rule"], "p, organization.owner, handoff, enable");
        // About others only with "Manage Team" there, and about nothing out of one's own reach.
        let viewer_id = viewer.ask("{ viewer { user { id } } }", json!({})).await["viewer"]["user"]["id"].clone();
        let data = owner.ask(document, json!({ "p": "live_chat.respond", "o": agent, "u": viewer_id })).await;
        assert_eq!(data["explainAccess"]["reason"], "MISSING_PERMISSION");
        let operator = app.operator().await;
        let refused = operator.refused(document, json!({ "p": "live_chat.respond", "o": agent, "u": viewer_id })).await;
        assert_eq!(refused, "FORBIDDEN MISSING_PERMISSION");
        let stranger = app.stranger().await;
        let refused = stranger.refused(document, json!({ "p": "home.view", "o": agent })).await;
        assert_eq!(refused, "NOT_FOUND NOT_FOUND");
        app.close().await;
    }
}

both! {
    async fn the_other_organization_finds_nothing_of_the_bakery(database) {
        let app = App::start(database).await;
        let (visitor, conversation) = app.visitor().await;
        visitor.says("hello").await;
        visitor.asks_for_human().await;
        let operator = app.operator().await;
        let handoff = operator.handoff_of(&conversation).await;
        let agent = agent_of(&app).await;
        let organization = operator.ask("{ organizations { nodes { id } } }", json!({})).await["organizations"]["nodes"][0]["id"].clone();
        for email in ["operator@harbordental.test", "owner@southpaw.test"] {
            let stranger = app.sign_in(email).await;
            let cases = [
                ("query($id: ID!) { conversation(id: $id) { id } }", json!(conversation)),
                ("query($id: ID!) { aiAgent(id: $id) { id } }", agent.clone()),
                ("query($id: ID!) { organization(id: $id) { id } }", organization.clone()),
                ("query($id: ID!) { conversations(organizationId: $id) { nodes { id } } }", organization.clone()),
                ("query($id: ID!) { handoffs(organizationId: $id) { nodes { id } } }", organization.clone()),
                ("query($id: ID!) { aiAgents(organizationId: $id) { nodes { id } } }", organization.clone()),
                ("mutation($id: ID!) { acceptHandoff(handoffId: $id) { id } }", json!(handoff)),
                ("mutation($id: ID!) { setHandoffEnabled(aiAgentId: $id, enabled: true) { handoff { enabled } } }", agent.clone()),
                ("query($id: ID!) { aiAgent(id: $id) { instructions } }", agent.clone()),
                ("mutation($id: ID!) { intervene(conversationId: $id) { id } }", json!(conversation)),
                ("mutation($id: ID!) { completeConversation(conversationId: $id) { id } }", json!(conversation)),
                ("mutation($id: ID!) { markRead(conversationId: $id, seq: 1) { id } }", json!(conversation)),
                ("mutation($id: ID!) { sendMessage(clientId: \"x\", conversationId: $id, text: \"x\") { id } }", json!(conversation)),
            ];
            for (document, id) in cases {
                let reply = stranger.post(document, json!({ "id": id })).await;
                assert_eq!(reply.error(), "NOT_FOUND NOT_FOUND", "{email}: {document}");
                // An id that never was gets the very same answer.
                let text = id.as_str().expect("an id");
                let absent = format!("{}{}", &text[..text.len() - 4], "zzzz");
                let other = stranger.post(document, json!({ "id": absent })).await;
                let plain = |reply: &crate::support::app::Reply| {
                    let mut json = reply.json.clone();
                    json["errors"][0]["extensions"]["requestId"] = Value::Null;
                    json.to_string()
                };
                assert_eq!(plain(&reply), plain(&other), "{document}");
            }
            let lists = stranger.ask("{ conversations { nodes { id } } handoffs { nodes { id } } }", json!({})).await;
            assert_eq!(lists["conversations"]["nodes"], json!([]));
            assert_eq!(lists["handoffs"]["nodes"], json!([]));
        }
        app.close().await;
    }
}
