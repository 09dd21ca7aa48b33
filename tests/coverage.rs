//! Coverage agreements (W10): the agency's people answer a client's chats in the hours that were agreed, and in no others.

use std::time::Duration;

use livery::domain::hours::Interval;
use serde_json::{Value, json};

use crate::organizations::{hire, organizations, text};
use crate::support::app::{Client, client_id};
use crate::support::socket::{DESK_EVENTS, INBOX_EVENTS};
use crate::support::{App, both, until};

const CREATE: &str = "mutation($c: String!, $o: ID!, $u: [ID!]!, $r: ID!, $h: [CoverageHoursInput!]!, $e: Time) {
    createCoverage(clientId: $c, organizationId: $o, name: \"Nights\", userIds: $u, roleId: $r, timeZone: \"UTC\", hours: $h, endsAt: $e) {
        id active nextChangeAt role { name } users { id } } }";
const OPERATOR: &str = "rol_00000000000000000000000007";
const EXPLAIN: &str =
    "query($p: String!, $o: ID!) { explainAccess(permission: $p, objectId: $o) { allowed reason message } }";

/// The user behind somebody's token.
async fn user_of(client: &Client<'_>) -> String {
    text(&client.ask("{ viewer { user { id } } }", json!({})).await, "/viewer/user/id")
}

/// Hours of every day that are open now for another hour, or begin in an hour, to the minute of the app's clock.
fn around(app: &App, from: i64, to: i64) -> Value {
    let minute = |ahead: i64| {
        let at = app.services.clock.now().micros() / 60_000_000 + ahead;
        let of_day = at.rem_euclid(1440);
        format!("{:02}:{:02}", of_day / 60, of_day % 60)
    };
    let (from, to) = (minute(from), minute(to));
    assert!(Interval::parse(&from, &to).is_some(), "{from} {to}");
    json!((1..=7).map(|day| json!({ "day": day, "from": from, "to": to })).collect::<Vec<_>>())
}

/// A member of staff who reaches the dental practice alone.
async fn night_shift<'a>(app: &'a App) -> Client<'a> {
    let (_, dental) = organizations(app).await;
    hire(app, "night@northlight.test", "agency.member", None, Some(&[&dental])).await;
    app.sign_in("night@northlight.test").await
}

both! {
    async fn whoever_covers_answers_in_the_agreed_hours_and_loses_it_all_at_their_end(database) {
        let app = App::start(database).await;
        let (owner, night) = (app.owner().await, night_shift(&app).await);
        let (bakery, _) = organizations(&app).await;
        let (visitor, conversation) = app.visitor().await;
        visitor.says("It is late, and the oven is on fire").await;
        visitor.asks_for_human().await;
        let handoff = owner.handoff_of(&conversation).await;
        let accept = "mutation($id: ID!) { acceptHandoff(handoffId: $id) { state } }";
        assert_eq!(night.refused(accept, json!({ "id": handoff })).await, "NOT_FOUND NOT_FOUND");

        // It begins in a moment: until then it gives nothing, and says so.
        let user = user_of(&night).await;
        let wish = json!({ "c": client_id(), "o": bakery, "u": [user], "r": OPERATOR, "h": around(&app, 2, 5) });
        let made = owner.ask(CREATE, wish).await["createCoverage"].clone();
        assert_eq!((&made["active"], &made["role"]["name"]), (&json!(false), &json!("Operator")));
        assert_eq!(night.refused(accept, json!({ "id": handoff })).await, "NOT_FOUND NOT_FOUND");

        // Then a socket that was open all the time hears of it, and the chat can be taken.
        let mut inbox = night.socket().await;
        inbox.subscribe(INBOX_EVENTS, json!({})).await;
        inbox.event_where(|event| event["inboxEvents"]["__typename"] == "InboxSynced").await;
        app.later(Duration::from_secs(2 * 60));
        inbox.event_where(|event| event["inboxEvents"]["conversation"]["id"] == json!(conversation)).await;
        night.accepts(&conversation).await;
        night.replies(&conversation, "Good evening, this is the night shift.").await;
        let why = night.ask(EXPLAIN, json!({ "p": "live_chat.respond", "o": bakery })).await["explainAccess"].clone();
        assert_eq!((&why["allowed"], &why["reason"]), (&json!(true), &json!("GRANTED_BY_ROLE")));
        assert!(text(&why, "/message").contains("“Nights”"), "{why}");
        // No more than the role: settings stay the client's.
        let settings = "mutation($o: ID!) { setSetting(key: \"routing.mode\", organizationId: $o, value: \"MANUAL\") { key } }";
        assert_eq!(night.refused(settings, json!({ "o": bakery })).await, "FORBIDDEN MISSING_PERMISSION");

        // At its end the chat goes back to the queue, the stream says nothing more of it, and nothing is left to do.
        let mut watched = night.socket().await;
        watched.subscribe(DESK_EVENTS, json!({ "id": conversation })).await;
        app.later(Duration::from_secs(3 * 60));
        until(async || {
            let data = owner.ask("query($id: ID!) { conversation(id: $id) { state } }", json!({ "id": conversation })).await;
            (data["conversation"]["state"] == "REQUESTED").then_some(())
        })
        .await;
        let read = "query($id: ID!) { conversation(id: $id) { state } }";
        assert_eq!(night.refused(read, json!({ "id": conversation })).await, "NOT_FOUND NOT_FOUND");
        visitor.says("a secret of the morning").await;
        loop {
            let Some(message) = watched.receive().await else { break };
            assert!(!message.to_string().contains("secret of the morning"), "{message}");
            if message["type"] == "error" || message["type"] == "complete" {
                break;
            }
        }

        // The client sees who covers, and the log has its beginning and its end.
        let client = app.sign_in("owner@bluebakery.test").await;
        let document = "query($o: ID) { coverages(organizationId: $o) { name active users { id } hours { day from to } } }";
        let seen = client.ask(document, json!({ "o": bakery })).await["coverages"].clone();
        assert_eq!((seen[0]["name"].clone(), seen[0]["active"].clone()), (json!("Nights"), json!(false)));
        assert_eq!(seen[0]["hours"].as_array().expect("hours").len(), 7);
        for action in ["coverage.create", "coverage.begins", "coverage.pauses"] {
            let log = "query($o: ID, $a: String) { auditEntries(organizationId: $o, filter: { action: $a }) { nodes { action } } }";
            let found = client.ask(log, json!({ "o": bakery, "a": action })).await;
            assert_eq!(found["auditEntries"]["nodes"], json!([{ "action": action }]));
        }
        app.close().await;
    }
}

both! {
    async fn an_agreement_that_is_ended_gives_its_chats_back_at_once(database) {
        let app = App::start(database).await;
        let (owner, night) = (app.owner().await, night_shift(&app).await);
        let (bakery, _) = organizations(&app).await;
        let user = user_of(&night).await;
        let c = client_id();
        let wish = json!({ "c": c, "o": bakery, "u": [user], "r": OPERATOR, "h": around(&app, -60, 60) });
        let made = owner.ask(CREATE, wish.clone()).await["createCoverage"].clone();
        assert_eq!(made["active"], true);
        assert_eq!(owner.ask(CREATE, wish).await["createCoverage"]["id"], made["id"], "a retry makes no second one");
        let (visitor, conversation) = app.visitor().await;
        visitor.says("hello").await;
        visitor.asks_for_human().await;
        night.accepts(&conversation).await;
        let end = "mutation($id: ID!) { endCoverage(coverageId: $id) { active endedAt nextChangeAt } }";
        let ended = owner.ask(end, json!({ "id": made["id"] })).await["endCoverage"].clone();
        assert!(ended["active"] == false && !ended["endedAt"].is_null() && ended["nextChangeAt"].is_null(), "{ended}");
        let state = "query($id: ID!) { conversation(id: $id) { state } }";
        assert_eq!(owner.ask(state, json!({ "id": conversation })).await["conversation"]["state"], "REQUESTED");
        assert_eq!(night.refused(state, json!({ "id": conversation })).await, "NOT_FOUND NOT_FOUND");
        app.close().await;
    }
}

both! {
    async fn nobody_agrees_to_what_they_may_not_or_for_whom_they_may_not(database) {
        let app = App::start(database).await;
        let (owner, night) = (app.owner().await, night_shift(&app).await);
        let (bakery, _) = organizations(&app).await;
        let (client, southpaw) =
            (app.sign_in("owner@bluebakery.test").await, app.sign_in("owner@southpaw.test").await);
        let (staff, theirs) = (user_of(&night).await, user_of(&client).await);
        let wish = |users: &[&str], hours: Value| {
            json!({ "c": client_id(), "o": bakery, "u": users, "r": OPERATOR, "h": hours })
        };
        let good = around(&app, -60, 60);
        assert_eq!(client.refused(CREATE, wish(&[&staff], good.clone())).await, "FORBIDDEN MISSING_PERMISSION");
        assert_eq!(southpaw.refused(CREATE, wish(&[&staff], good.clone())).await, "NOT_FOUND NOT_FOUND");
        assert_eq!(owner.refused(CREATE, wish(&[&theirs], good.clone())).await, "NOT_FOUND NOT_FOUND");
        assert_eq!(owner.refused(CREATE, wish(&[&user_of(&southpaw).await], good.clone())).await, "NOT_FOUND NOT_FOUND");
        assert_eq!(owner.refused(CREATE, wish(&[], good.clone())).await, "INVALID EMPTY");
        assert_eq!(owner.refused(CREATE, wish(&[&staff], json!([]))).await, "INVALID NEVER");
        let odd = json!([{ "day": 8, "from": "10:00", "to": "11:00" }]);
        assert_eq!(owner.refused(CREATE, wish(&[&staff], odd)).await, "INVALID NOT_HOURS");
        let mut past = wish(&[&staff], good);
        past["e"] = json!("2020-01-01T00:00:00Z");
        assert_eq!(owner.refused(CREATE, past).await, "INVALID ENDS_BEFORE_IT_STARTS");
        app.close().await;
    }
}

both! {
    async fn somebody_who_is_suspended_covers_nothing(database) {
        let app = App::start(database).await;
        let (owner, night) = (app.owner().await, night_shift(&app).await);
        let (bakery, _) = organizations(&app).await;
        let user = user_of(&night).await;
        let wish = json!({ "c": client_id(), "o": bakery, "u": [user], "r": OPERATOR, "h": around(&app, -60, 60) });
        owner.ask(CREATE, wish).await;
        let queue = "query($o: ID) { handoffs(organizationId: $o) { nodes { id } } }";
        night.ask(queue, json!({ "o": bakery })).await;
        let member = "{ viewer { memberships { id role { builtIn name } } } }";
        let all = night.ask(member, json!({})).await["viewer"]["memberships"].clone();
        let own = all.as_array().expect("memberships").iter().find(|one| one["role"]["name"] == "Member").expect("their own").clone();
        owner.ask("mutation($m: ID!) { suspendMember(membershipId: $m) { id } }", json!({ "m": own["id"] })).await;
        assert!(!night.post(queue, json!({ "o": bakery })).await.json["errors"].is_null());
        app.close().await;
    }
}

both! {
    async fn a_socket_that_was_open_before_goes_by_what_its_owner_may_now(database) {
        let app = App::start(database).await;
        let (owner, night) = (app.owner().await, night_shift(&app).await);
        let (bakery, _) = organizations(&app).await;
        // Opened by somebody who reaches nothing of the bakery yet.
        let mut socket = night.socket().await;
        let user = user_of(&night).await;
        let wish = json!({ "c": client_id(), "o": bakery, "u": [user], "r": OPERATOR, "h": around(&app, -60, 60) });
        let made = owner.ask(CREATE, wish).await["createCoverage"].clone();
        let (visitor, conversation) = app.visitor().await;
        visitor.says("hello").await;
        visitor.asks_for_human().await;
        night.accepts(&conversation).await;
        let cursor = "query($id: ID!) { conversation(id: $id) { cursor } }";
        let after = night.ask(cursor, json!({ "id": conversation })).await["conversation"]["cursor"].clone();
        let from_here = json!({ "id": conversation, "after": after });
        let first = socket.subscribe(DESK_EVENTS, from_here.clone()).await;
        socket.event_where(|event| event["conversationEvents"]["conversation"]["id"] == json!(conversation)).await;

        let end = "mutation($id: ID!) { endCoverage(coverageId: $id) { active } }";
        owner.ask(end, json!({ "id": made["id"] })).await;
        loop {
            let message = socket.receive().await.expect("an open socket: it is somebody of the agency all the same");
            if message["id"] == json!(first) && (message["type"] == "error" || message["type"] == "complete") {
                break;
            }
        }
        visitor.says("a secret of the morning").await;
        let read = "query($id: ID!) { conversation(id: $id) { messages(last: 5) { nodes { text } } } }";
        for (document, variables) in [(DESK_EVENTS, from_here), (read, json!({ "id": conversation }))] {
            let id = socket.subscribe(document, variables).await;
            loop {
                let message = socket.receive().await.expect("an open socket");
                assert!(!message.to_string().contains("secret"), "{message}");
                if message["id"] != json!(id) {
                    continue;
                }
                if message["type"] == "next" || message["type"] == "error" {
                    assert!(message.to_string().contains("NOT_FOUND"), "{message}");
                    break;
                }
            }
        }
        app.close().await;
    }
}
