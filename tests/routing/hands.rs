//! From hand to hand: transfer, reassign, put back.

use serde_json::{Value, json};

use super::{is, organization_of, request, set, stands, team, user_of};
use crate::support::app::{Client, client_id};
use crate::support::{App, both};

const TRANSFER: &str = "mutation($c: ID!, $u: ID, $t: ID, $n: String, $a: Boolean) {
    transferConversation(conversationId: $c, userId: $u, teamId: $t, note: $n, anyway: $a) { state contentVisible assignee { name } } }";
const REASSIGN: &str = "mutation($c: ID!, $u: ID!, $a: Boolean) {
    reassignConversation(conversationId: $c, userId: $u, anyway: $a) { state assignee { name } } }";
const REQUEUE: &str = "mutation($c: ID!) { requeueConversation(conversationId: $c) { state assignee { name } } }";

/// Kind and text of the last entry, as the visitor reads it; and all that they can read, as one text.
async fn reads(visitor: &Client<'_>) -> (Value, String) {
    let document =
        "{ session { conversation { operatorName messages(last: 50) { nodes { kind text author { name } } } } } }";
    let data = visitor.ask(document, json!({})).await;
    let nodes = data["session"]["conversation"]["messages"]["nodes"].as_array().expect("messages").clone();
    (nodes.last().expect("one").clone(), data.to_string())
}

async fn name_of(client: &Client<'_>) -> Value {
    client.ask("{ viewer { user { name } } }", json!({})).await["viewer"]["user"]["name"].clone()
}

both! {
    async fn a_chat_goes_to_a_colleague_with_a_note_that_the_visitor_never_sees(database) {
        let app = App::start(database).await;
        let (operator, colleague) = (app.operator().await, app.colleague().await);
        let (visitor, conversation) = request(&app, "hello").await;
        operator.accepts(&conversation).await;
        is(&colleague, "ONLINE").await;
        let id = user_of(&colleague).await;
        let variables = json!({ "c": conversation, "u": id, "n": "Wants a refund. Be kind." });
        let data = operator.ask(TRANSFER, variables.clone()).await;
        let name = name_of(&colleague).await;
        assert_eq!(data["transferConversation"], json!({ "state": "HUMAN", "contentVisible": false, "assignee": { "name": name } }));
        // A retry is no second one.
        assert_eq!(operator.ask(TRANSFER, variables).await["transferConversation"]["state"], "HUMAN");
        let (last, all) = reads(&visitor).await;
        assert_eq!(last["kind"], "TRANSFERRED");
        assert_eq!(last["text"], format!("{} takes over from here.", name.as_str().expect("a name")));
        assert!(!all.contains("refund"), "{all}");
        let transfers = "query($id: ID!) { conversation(id: $id) { transfers { note from { name } to { name } teamName } } }";
        let data = colleague.ask(transfers, json!({ "id": conversation })).await;
        assert_eq!(data["conversation"]["transfers"], json!([{ "note": "Wants a refund. Be kind.", "from": { "name": "Olivia Hart" }, "to": { "name": name }, "teamName": null }]));
        let data = operator.ask(transfers, json!({ "id": conversation })).await;
        assert_eq!(data["conversation"]["transfers"], json!([]), "it is not hers any more");
        colleague.replies(&conversation, "I have it now.").await;
        let send = "mutation($id: ID!, $c: String!) { sendMessage(clientId: $c, conversationId: $id, text: \"x\") { seq } }";
        assert_eq!(operator.refused(send, json!({ "id": conversation, "c": client_id() })).await, "CONFLICT NOT_YOURS");
        let owner = app.sign_in("owner@bluebakery.test").await;
        let log = "query($o: ID!) { auditEntries(organizationId: $o) { nodes { action } } }";
        let data = owner.ask(log, json!({ "o": organization_of(&owner).await })).await;
        assert!(data["auditEntries"]["nodes"].as_array().expect("entries").iter().any(|entry| entry["action"] == "conversation.transferred"), "{data}");
        app.close().await;
    }
}

both! {
    async fn a_transfer_to_somebody_who_cannot_take_it_is_refused_with_the_reason(database) {
        let app = App::start(database).await;
        let (operator, colleague) = (app.operator().await, app.colleague().await);
        let (_visitor, conversation) = request(&app, "hello").await;
        operator.accepts(&conversation).await;
        let id = user_of(&colleague).await;
        let to = |user: &str| json!({ "c": conversation, "u": user });
        // Not there: refused with the name, and possible all the same.
        let reply = operator.post(TRANSFER, to(&id)).await;
        assert_eq!(reply.error(), "CONFLICT NOT_THERE");
        assert_eq!(reply.json["errors"][0]["extensions"]["holder"], name_of(&colleague).await);
        is(&colleague, "AWAY").await;
        assert_eq!(operator.refused(TRANSFER, to(&id)).await, "CONFLICT NOT_THERE");
        // Without the right: of the organization, of another one, of nowhere; oneself; nobody at all.
        let viewer = user_of(&app.sign_in("viewer@bluebakery.test").await).await;
        assert_eq!(operator.refused(TRANSFER, to(&viewer)).await, "CONFLICT CANNOT_ANSWER");
        let stranger = user_of(&app.stranger().await).await;
        assert_eq!(operator.refused(TRANSFER, to(&stranger)).await, "NOT_FOUND NOT_FOUND");
        let foreign = user_of(&app.sign_in("owner@southpaw.test").await).await;
        assert_eq!(operator.refused(TRANSFER, to(&foreign)).await, "NOT_FOUND NOT_FOUND");
        assert_eq!(operator.refused(TRANSFER, to(&user_of(&operator).await)).await, "INVALID TO_ONESELF");
        assert_eq!(operator.refused(TRANSFER, json!({ "c": conversation })).await, "INVALID ONE_OF");
        // At capacity, also when it is wanted anyway.
        set(&app, "routing.capacity", "1").await;
        let (_other, full) = request(&app, "hello").await;
        colleague.accepts(&full).await;
        let variables = json!({ "c": conversation, "u": id, "a": true });
        assert_eq!(operator.refused(TRANSFER, variables.clone()).await, "CONFLICT AT_CAPACITY");
        colleague.ask("mutation($id: ID!) { completeConversation(conversationId: $id) { state } }", json!({ "id": full })).await;
        assert_eq!(operator.ask(TRANSFER, variables).await["transferConversation"]["state"], "HUMAN", "away, and wanted anyway");
        // It is not hers any more: the next attempt names who has it.
        let owner_id = user_of(&app.sign_in("owner@bluebakery.test").await).await;
        let reply = operator.post(TRANSFER, json!({ "c": conversation, "u": owner_id, "a": true })).await;
        assert_eq!(reply.error(), "CONFLICT NOT_YOURS");
        assert_eq!(reply.json["errors"][0]["extensions"]["holder"], name_of(&colleague).await);
        // Strangers find nothing to transfer.
        assert_eq!(app.stranger().await.refused(TRANSFER, to(&id)).await, "NOT_FOUND NOT_FOUND");
        app.close().await;
    }
}

both! {
    async fn a_chat_goes_to_a_team_and_waits_there(database) {
        let app = App::start(database).await;
        let (operator, colleague) = (app.operator().await, app.colleague().await);
        let id = user_of(&colleague).await;
        let invoices = team(&app, "Invoices", &[], &[&id]).await;
        set(&app, "routing.mode", "ROUND_ROBIN").await;
        let (visitor, conversation) = request(&app, "hello").await;
        operator.accepts(&conversation).await;
        let variables = json!({ "c": conversation, "t": invoices, "n": "For you" });
        assert_eq!(operator.refused(TRANSFER, variables.clone()).await, "CONFLICT NOBODY_THERE");
        is(&colleague, "ONLINE").await;
        let data = operator.ask(TRANSFER, variables).await;
        assert_eq!(data["transferConversation"]["state"], "REQUESTED");
        let (last, all) = reads(&visitor).await;
        assert_eq!((&last["kind"], &last["text"]), (&json!("TRANSFERRED"), &json!("Our team “Invoices” will take care of this. Somebody will join soon.")));
        assert!(!all.contains("For you"));
        let seen = stands(&operator, &conversation).await;
        assert_eq!((&seen["handoff"]["team"]["name"], &seen["handoff"]["offeredTo"]["name"]), (&json!("Invoices"), &name_of(&colleague).await));
        colleague.accepts(&conversation).await;
        // Another organization's team is not found.
        let boss = app.owner().await;
        let harbor = organization_of(&app.stranger().await).await;
        let make = "mutation($c: String!, $o: ID!) { createTeam(clientId: $c, organizationId: $o, name: \"T\") { id } }";
        let theirs = boss.ask(make, json!({ "c": client_id(), "o": harbor })).await["createTeam"]["id"].clone();
        assert_eq!(colleague.refused(TRANSFER, json!({ "c": conversation, "t": theirs, "a": true })).await, "NOT_FOUND NOT_FOUND");
        app.close().await;
    }
}

both! {
    async fn supervisors_give_chats_to_others_and_put_them_back(database) {
        let app = App::start(database).await;
        let (operator, colleague) = (app.operator().await, app.colleague().await);
        let owner = app.sign_in("owner@bluebakery.test").await;
        let (visitor, conversation) = request(&app, "hello").await;
        operator.accepts(&conversation).await;
        let id = user_of(&colleague).await;
        is(&colleague, "ONLINE").await;
        for (document, variables) in [(REASSIGN, json!({ "c": conversation, "u": id })), (REQUEUE, json!({ "c": conversation }))] {
            assert_eq!(colleague.refused(document, variables.clone()).await, "FORBIDDEN MISSING_PERMISSION", "an operator is no supervisor");
            assert_eq!(app.stranger().await.refused(document, variables).await, "NOT_FOUND NOT_FOUND");
        }
        let data = owner.ask(REASSIGN, json!({ "c": conversation, "u": id })).await;
        let name = name_of(&colleague).await;
        assert_eq!(data["reassignConversation"], json!({ "state": "HUMAN", "assignee": { "name": name } }));
        let data = owner.ask(REQUEUE, json!({ "c": conversation })).await;
        assert_eq!(data["requeueConversation"], json!({ "state": "REQUESTED", "assignee": null }));
        let (last, _) = reads(&visitor).await;
        assert_eq!(last["kind"], "RELEASED");
        // A request that waits can be given to somebody as well.
        let data = owner.ask(REASSIGN, json!({ "c": conversation, "u": id })).await;
        assert_eq!(data["reassignConversation"]["assignee"]["name"], name);
        let (last, _) = reads(&visitor).await;
        assert_eq!(last["kind"], "HANDOFF_ACCEPTED");
        colleague.ask("mutation($id: ID!) { completeConversation(conversationId: $id) { state } }", json!({ "id": conversation })).await;
        assert_eq!(owner.refused(REQUEUE, json!({ "c": conversation })).await, "CONFLICT WRONG_STATE");
        assert_eq!(owner.refused(REASSIGN, json!({ "c": conversation, "u": id })).await, "CONFLICT WRONG_STATE");
        app.close().await;
    }
}

both! {
    async fn what_one_gave_back_comes_to_somebody_else(database) {
        let app = App::start(database).await;
        let (operator, colleague) = (app.operator().await, app.colleague().await);
        set(&app, "routing.mode", "ROUND_ROBIN").await;
        is(&operator, "ONLINE").await;
        let (_visitor, conversation) = request(&app, "hello").await;
        operator.accepts(&conversation).await;
        is(&colleague, "ONLINE").await;
        operator.ask("mutation($id: ID!) { releaseConversation(conversationId: $id) { state } }", json!({ "id": conversation })).await;
        assert_eq!(stands(&operator, &conversation).await["handoff"]["offeredTo"]["name"], name_of(&colleague).await);
        app.close().await;
    }
}
