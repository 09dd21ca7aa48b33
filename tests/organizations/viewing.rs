//! Viewing as a client (W11): half an hour, with a reason, in the open, and no further than either may go.

use std::time::Duration;

use livery::store::access;
use serde_json::{Value, json};

use super::{SUSPEND, act, hire, organizations, text};
use crate::support::app::Client;
use crate::support::{App, both, until};

const VIEW: &str = "mutation($m: ID!, $r: String!) { viewAsClient(membershipId: $m, reason: $r) { accessToken expiresAt
    viewer { user { name email } viewingAs { by { name } reason expiresAt } memberships { id } } } }";

/// The membership of somebody of the demo data.
async fn membership_of(app: &App, email: &str) -> String {
    let data = app.sign_in(email).await.ask("{ viewer { memberships { id } } }", json!({})).await;
    text(&data, "/viewer/memberships/0/id")
}

async fn view<'a>(app: &'a App, staff: &Client<'_>, membership: &str) -> (Client<'a>, Value) {
    let reply = staff.post(VIEW, json!({ "m": membership, "r": "They see no chats" })).await;
    assert!(reply.json["errors"].is_null(), "{}", reply.json);
    assert!(reply.headers.get("set-cookie").is_none(), "a token, and no cookie");
    let begun = reply.json["data"]["viewAsClient"].clone();
    (Client { app, path: "/graphql", token: Some(text(&begun, "/accessToken")) }, begun)
}

/// Whether the view still counts.
async fn counts(view: &Client<'_>) -> bool {
    view.post("{ viewer { user { name } } }", json!({})).await.json["errors"].is_null()
}

both! {
    async fn staff_see_what_the_client_sees_and_act_under_their_own_name(database) {
        let app = App::start(database).await;
        let (owner, operator) = (app.owner().await, app.operator().await);
        let membership = membership_of(&app, "operator1@bluebakery.test").await;
        let (bakery, dental) = organizations(&app).await;
        let (view, begun) = view(&app, &owner, &membership).await;
        let viewer = &begun["viewer"];
        assert_eq!(viewer["user"], json!({ "name": "Olivia Hart", "email": "operator1@bluebakery.test" }));
        assert_eq!((&viewer["viewingAs"]["by"]["name"], &viewer["viewingAs"]["reason"]), (&json!("Nora Lindqvist"), &json!("They see no chats")));
        assert_eq!(viewer["memberships"], json!([{ "id": membership }]));
        assert_eq!(operator.ask("{ viewer { viewingAs { reason } } }", json!({})).await["viewer"]["viewingAs"], Value::Null);
        // As far as the client's membership, and not a step further, whatever the member of staff may do.
        assert_eq!(view.ask("{ organizations { nodes { id } } }", json!({})).await["organizations"]["nodes"], json!([{ "id": bakery }]));
        assert_eq!(view.refused("query($id: ID!) { organization(id: $id) { id } }", json!({ "id": dental })).await, "NOT_FOUND NOT_FOUND");
        let rename = "mutation($id: ID!) { updateOrganization(organizationId: $id, name: \"X\") { id } }";
        assert_eq!(view.refused(rename, json!({ "id": bakery })).await, "FORBIDDEN MISSING_PERMISSION");
        // The client's own chat can be read; a new one is taken, and spoken in, under the name of whoever looks.
        let (hers, held) = app.visitor().await;
        hers.says("for Olivia").await;
        hers.asks_for_human().await;
        operator.accepts(&held).await;
        let read = "query($id: ID!) { conversation(id: $id) { contentVisible } }";
        assert_eq!(view.ask(read, json!({ "id": held })).await["conversation"]["contentVisible"], true);
        let (visitor, conversation) = app.visitor().await;
        visitor.says("hello").await;
        visitor.asks_for_human().await;
        view.accepts(&conversation).await;
        view.replies(&conversation, "Good day").await;
        let document = "query($id: ID!) { conversation(id: $id) { assignee { name } messages { nodes { author { kind name } text } } } }";
        let found = owner.ask(document, json!({ "id": conversation })).await["conversation"].clone();
        assert_eq!(found["assignee"]["name"], "Nora Lindqvist");
        let last = found["messages"]["nodes"].as_array().expect("entries").last().cloned().expect("one");
        assert_eq!(last["author"], json!({ "kind": "OPERATOR", "name": "Nora Lindqvist" }));
        // Both logs have it, with both names; the client's organization sees who looked and why.
        let client = app.sign_in("owner@bluebakery.test").await;
        for client in [&client, &owner] {
            let log = client.ask("query($o: ID) { auditEntries(organizationId: $o, filter: { action: \"viewing.begin\" }) { nodes { actor { name } summary after } } }", json!({ "o": bakery })).await;
            let entry = &log["auditEntries"]["nodes"][0];
            assert_eq!(entry["summary"], "Nora Lindqvist began to look through the eyes of Olivia Hart: They see no chats.");
        }
        assert_eq!(view.ask("mutation { endViewAsClient }", json!({})).await["endViewAsClient"], true);
        assert!(!counts(&view).await && counts(&owner).await);
        assert_eq!(owner.ask("mutation { endViewAsClient }", json!({})).await["endViewAsClient"], false, "there is none to end");
        app.close().await;
    }
}

both! {
    async fn what_is_done_while_viewing_names_both(database) {
        let app = App::start(database).await;
        let owner = app.owner().await;
        let (bakery, _) = organizations(&app).await;
        let membership = membership_of(&app, "owner@bluebakery.test").await;
        let (view, _) = view(&app, &owner, &membership).await;
        view.ask("mutation($id: ID!) { updateOrganization(organizationId: $id, name: \"Bluest Bakery\") { id } }", json!({ "id": bakery })).await;
        let client = app.sign_in("owner@bluebakery.test").await;
        let log = client.ask("{ auditEntries(filter: { action: \"organization.edit\" }) { nodes { actor { kind name } as { kind name } summary before after address } } }", json!({})).await;
        let entry = &log["auditEntries"]["nodes"][0];
        assert_eq!(entry["actor"], json!({ "kind": "USER", "name": "Nora Lindqvist" }));
        assert_eq!(entry["as"], json!({ "kind": "USER", "name": "Bruno Okafor" }));
        assert_eq!(entry["summary"], "Nora Lindqvist (viewing as Bruno Okafor) renamed the organization Blue Bakery to Bluest Bakery.");
        assert_eq!((&entry["before"], &entry["after"]), (&json!("{\"name\":\"Blue Bakery\"}"), &json!("{\"name\":\"Bluest Bakery\"}")));
        assert!(entry["address"].as_str().is_some_and(|address| !address.is_empty()));
        app.close().await;
    }
}

both! {
    async fn accounts_are_out_of_reach_while_viewing(database) {
        let app = App::start(database).await;
        let owner = app.owner().await;
        let operator = membership_of(&app, "operator1@bluebakery.test").await;
        let (view, _) = view(&app, &owner, &operator).await;
        let session = text(&view.ask("{ viewer { session { id } } }", json!({})).await, "/viewer/session/id");
        for (document, variables) in [
            ("mutation { signOut }", json!({})),
            ("mutation { refreshSession { accessToken } }", json!({})),
            ("mutation($id: ID!) { endSession(sessionId: $id) }", json!({ "id": session })),
            ("mutation { signIn(email: \"owner@northlight.test\", password: \"demo-demo-demo\") { accessToken } }", json!({})),
            ("mutation { ...F } fragment F on Mutation { signOut }", json!({})),
        ] {
            assert_eq!(view.refused(document, variables).await, "FORBIDDEN VIEWING_AS", "{document}");
        }
        // Nor does one view lead to the next, and staff are not viewed.
        let other = membership_of(&app, "operator@harbordental.test").await;
        let again = view.refused(VIEW, json!({ "m": other, "r": "more" })).await;
        assert!(["FORBIDDEN VIEWING_AS", "NOT_FOUND NOT_FOUND"].contains(&again.as_str()), "{again}");
        let staff = hire(&app, "admin@northlight.test", "agency.admin", None, None).await;
        assert_eq!(owner.refused(VIEW, json!({ "m": staff.id.to_string(), "r": "r" })).await, "CONFLICT CANNOT_VIEW_STAFF");
        // Without the permission, or of another agency, there is nobody to view.
        let admin = app.sign_in("admin@northlight.test").await;
        assert_eq!(admin.refused(VIEW, json!({ "m": operator, "r": "r" })).await, "FORBIDDEN MISSING_PERMISSION");
        let southpaw = app.sign_in("owner@southpaw.test").await;
        assert_eq!(southpaw.refused(VIEW, json!({ "m": operator, "r": "r" })).await, "NOT_FOUND NOT_FOUND");
        assert_eq!(owner.refused(VIEW, json!({ "m": operator, "r": " " })).await, "INVALID EMPTY");
        app.close().await;
    }
}

both! {
    async fn a_view_ends_with_whatever_it_rests_on(database) {
        let app = App::start(database).await;
        let (bakery, _) = organizations(&app).await;
        let operator = membership_of(&app, "operator1@bluebakery.test").await;
        let staff_membership = hire(&app, "second@northlight.test", "agency.owner", None, None).await;
        let s = &app.services;

        // The half hour is over: requests are refused, and the socket is closed although nothing else happens.
        let owner = app.owner().await;
        let (view_one, _) = view(&app, &owner, &operator).await;
        let mut socket = view_one.socket().await;
        socket.subscribe("subscription { inboxEvents { __typename } }", json!({})).await;
        app.later(Duration::from_secs(29 * 60));
        assert!(counts(&view_one).await);
        app.later(Duration::from_secs(61));
        assert!(!counts(&view_one).await);
        assert_eq!(socket.close_code().await, Some(4403));

        // The staff session it was begun from is ended.
        let owner = app.owner().await;
        let (view_two, _) = view(&app, &owner, &operator).await;
        let mut socket = view_two.socket().await;
        assert!(counts(&view_two).await);
        owner.ask("mutation { signOut }", json!({})).await;
        assert!(!counts(&view_two).await);
        assert_eq!(socket.close_code().await, Some(4403));

        // The member of staff loses `impersonate`.
        let second = app.sign_in("second@northlight.test").await;
        let (view_three, _) = view(&app, &second, &operator).await;
        assert!(counts(&view_three).await);
        let mut unit = s.store.write().await.expect("a unit");
        let scope = livery::policy::Scope::system(staff_membership.agency, "a test");
        assert!(access::delete_membership(&mut unit, &scope, staff_membership.id).await.expect("gone"));
        unit.note(livery::domain::change::Change::Authority { user: None });
        unit.commit().await.expect("kept");
        assert!(!counts(&view_three).await);

        // The client's organization is suspended.
        let owner = app.owner().await;
        let (view_four, _) = view(&app, &owner, &operator).await;
        assert!(counts(&view_four).await);
        act(&owner, SUSPEND, &bakery).await;
        until(async || (!counts(&view_four).await).then_some(())).await;
        assert_eq!(owner.refused(VIEW, json!({ "m": operator, "r": "r" })).await, "CONFLICT NOT_AVAILABLE");
        app.close().await;
    }
}
