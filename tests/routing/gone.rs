//! Operators who are gone: what becomes of their chats.

use std::time::Duration;

use livery::service::presence::{self, Watch};
use serde_json::json;

use super::{organization_of, request, set, stands};
use crate::support::socket::INBOX_EVENTS;
use crate::support::{App, both};

/// What the house does every second, on a watch that has been kept for long.
async fn look(app: &App, watched_for: Duration) -> usize {
    let now = app.services.clock.now();
    let mut watch = Watch::kept(now.minus(watched_for), now);
    presence::look(&app.services, &mut watch).await.expect("a look")
}

both! {
    async fn chats_of_somebody_who_is_gone_go_back_and_both_sides_are_told(database) {
        let app = App::start(database).await;
        let (operator, colleague) = (app.operator().await, app.colleague().await);
        let (visitor, conversation) = request(&app, "hello").await;
        operator.accepts(&conversation).await;
        // A reload takes seconds: nothing happens.
        let mut socket = operator.socket().await;
        socket.subscribe(INBOX_EVENTS, json!({})).await;
        socket.event_where(|event| event["inboxEvents"]["__typename"] == "InboxSynced").await;
        socket.cut().await;
        app.later(Duration::from_secs(100));
        assert_eq!(look(&app, Duration::from_secs(3600)).await, 0);
        assert_eq!(stands(&colleague, &conversation).await["state"], "HUMAN");
        app.later(Duration::from_secs(30));
        look(&app, Duration::from_secs(3600)).await;
        let seen = stands(&colleague, &conversation).await;
        assert_eq!((&seen["state"], &seen["assignee"]), (&json!("REQUESTED"), &json!(null)));
        let thread = "{ session { conversation { queuePosition messages { nodes { kind text } } } } }";
        let data = visitor.ask(thread, json!({})).await;
        let last = data["session"]["conversation"]["messages"]["nodes"].as_array().and_then(|all| all.last()).cloned().expect("one");
        assert_eq!(last["kind"], "RELEASED");
        assert!(last["text"].as_str().expect("text").contains("back in the queue"));
        assert_eq!(data["session"]["conversation"]["queuePosition"], 1);
        // She is told when she is back, once.
        let lost = operator.ask("{ presence { lostChats } }", json!({})).await;
        assert_eq!(lost["presence"]["lostChats"], 1);
        let seen = operator.ask("mutation { acknowledgeLostChats { lostChats } }", json!({})).await;
        assert_eq!(seen["acknowledgeLostChats"]["lostChats"], 0);
        colleague.accepts(&conversation).await;
        let owner = app.sign_in("owner@bluebakery.test").await;
        let log = "query($o: ID!) { auditEntries(organizationId: $o) { nodes { action summary } } }";
        let data = owner.ask(log, json!({ "o": organization_of(&owner).await })).await;
        let entry = data["auditEntries"]["nodes"].as_array().expect("entries").iter()
            .find(|entry| entry["action"] == "conversation.requeued").cloned().expect("it is on record");
        assert!(entry["summary"].as_str().expect("a sentence").contains("Olivia Hart"), "{entry}");
        app.close().await;
    }
}

both! {
    async fn a_sign_of_life_keeps_a_chat_and_the_period_is_the_organizations(database) {
        let app = App::start(database).await;
        let operator = app.operator().await;
        set(&app, "routing.gone_seconds", "300").await;
        let (_visitor, conversation) = request(&app, "hello").await;
        operator.accepts(&conversation).await;
        app.later(Duration::from_secs(250));
        assert_eq!(look(&app, Duration::from_secs(3600)).await, 0);
        // A message is a sign of life as well.
        operator.replies(&conversation, "still here").await;
        app.later(Duration::from_secs(250));
        assert_eq!(look(&app, Duration::from_secs(3600)).await, 0);
        assert_eq!(stands(&operator, &conversation).await["state"], "HUMAN");
        app.close().await;
    }
}

both! {
    async fn after_a_start_or_a_standstill_everybody_has_a_whole_period(database) {
        let app = App::start(database).await;
        let operator = app.operator().await;
        let (_visitor, conversation) = request(&app, "hello").await;
        operator.accepts(&conversation).await;
        // The server was down for hours; nobody could give a sign.
        app.later(Duration::from_secs(4 * 3600));
        let begun = app.services.clock.now();
        let mut watch = Watch::new(begun);
        assert_eq!(presence::look(&app.services, &mut watch).await.expect("a look"), 0);
        assert_eq!(look(&app, Duration::from_secs(119)).await, 0);
        let operator = app.operator().await;
        assert_eq!(stands(&operator, &conversation).await["state"], "HUMAN");
        // The clock jumps: the machine slept. The watch begins anew.
        app.later(Duration::from_secs(3600));
        assert_eq!(presence::look(&app.services, &mut watch).await.expect("a look"), 0);
        let operator = app.operator().await;
        assert_eq!(stands(&operator, &conversation).await["state"], "HUMAN");
        // The saboteur: a watch that believes that it was kept all the time gives the chat away.
        assert_eq!(look(&app, Duration::from_secs(4 * 3600)).await, 1);
        assert_eq!(stands(&operator, &conversation).await["state"], "REQUESTED");
        app.close().await;
    }
}

both! {
    async fn of_several_servers_one_puts_a_chat_back(database) {
        let app = App::start(database).await;
        let operator = app.operator().await;
        let mut conversations = Vec::new();
        for _ in 0..5 {
            let (_visitor, conversation) = request(&app, "hello").await;
            operator.accepts(&conversation).await;
            conversations.push(conversation);
        }
        app.later(Duration::from_secs(130));
        let looks = (0..4).map(|_| look(&app, Duration::from_secs(3600)));
        let put_back: usize = futures_util::future::join_all(looks).await.into_iter().sum();
        assert_eq!(put_back, 5, "each once");
        for conversation in conversations {
            let document = "query($id: ID!) { conversation(id: $id) { state messages { nodes { kind } } } }";
            let data = operator.ask(document, json!({ "id": conversation })).await;
            let released = data["conversation"]["messages"]["nodes"].as_array().expect("messages").iter()
                .filter(|node| node["kind"] == "RELEASED").count();
            assert_eq!((&data["conversation"]["state"], released), (&json!("REQUESTED"), 1));
        }
        app.close().await;
    }
}
