//! Closing time: what becomes of requests that wait, and of chats that run.

use std::time::Duration;

use livery::store::job;
use serde_json::json;

use super::{ACCEPT, UPDATE, a_wednesday, bakery, daily, moment, set_setting, shown, wait_until};
use crate::support::app::Client;
use crate::support::{App, both, until};

async fn state(visitor: &Client<'_>) -> String {
    let data = visitor.ask("{ session { conversation { state } } }", json!({})).await;
    data["session"]["conversation"]["state"].as_str().expect("a state").to_owned()
}

/// The last announcement.
async fn last(visitor: &Client<'_>) -> (String, String) {
    let document = "{ session { conversation { messages(last: 1) { nodes { kind text } } } } }";
    let data = visitor.ask(document, json!({})).await;
    let node = data["session"]["conversation"]["messages"]["nodes"][0].clone();
    let text = |name: &str| node[name].as_str().expect("text").to_owned();
    (text("kind"), text("text"))
}

both! {
    async fn a_request_that_is_kept_is_accepted_after_closing_time(database) {
        let app = App::start(database).await;
        let (_, agent) = bakery(&app.owner().await).await;
        let day = a_wednesday(&app);
        wait_until(&app, shown("UTC", day, 16, 50));
        let (owner, operator) = (app.owner().await, app.operator().await);
        owner.ask(UPDATE, json!({ "a": agent, "on": true, "zone": "UTC", "week": daily("09:00", "17:00") })).await;
        let (visitor, conversation) = app.visitor().await;
        visitor.asks_for_human().await;
        app.later(Duration::from_secs(11 * 60));
        drop(operator);
        let operator = app.operator().await;
        operator.accepts(&conversation).await;
        operator.replies(&conversation, "We are still here.").await;
        assert_eq!(state(&visitor).await, "HUMAN");
        app.close().await;
    }
}

both! {
    async fn at_closing_time_requests_are_missed_and_chats_go_on(database) {
        let app = App::start(database).await;
        let (organization, agent) = bakery(&app.owner().await).await;
        let day = a_wednesday(&app);
        wait_until(&app, shown("UTC", day, 16, 50));
        let (owner, operator) = (app.owner().await, app.operator().await);
        set_setting(&owner, Some(&organization), "hours.closing_rule", "OFFER_OFFLINE_QUERY").await;
        owner.ask(UPDATE, json!({ "a": agent, "on": true, "zone": "UTC", "week": daily("09:00", "17:00") })).await;
        let (running, taken) = app.visitor().await;
        running.asks_for_human().await;
        operator.accepts(&taken).await;
        let (waiting, conversation) = app.visitor().await;
        waiting.asks_for_human().await;
        let handoff = operator.handoff_of(&conversation).await;
        // Somebody looks at it when it closes, and not before: tests that end here leave that for later. The ladder waits too.
        until(async || {
            let due = job::due(&mut app.services.store.read().await.expect("read"), app.services.clock.now()).await.expect("a look");
            (due == 0).then_some(())
        })
        .await;
        let open = job::open(&mut app.services.store.read().await.expect("read")).await.expect("a look");
        assert!(open >= 2, "{open}");
        app.later(Duration::from_secs(9 * 60));
        assert_eq!(state(&waiting).await, "REQUESTED");
        app.later(Duration::from_secs(60));
        until(async || (state(&waiting).await == "MISSED").then_some(())).await;
        assert_eq!(last(&waiting).await, ("MISSED".to_owned(), "Our team is currently offline".to_owned()));
        let data = operator.ask("query($id: ID!) { conversation(id: $id) { handoff { state } } }", json!({ "id": conversation })).await;
        assert_eq!(data["conversation"]["handoff"]["state"], "MISSED");
        assert_eq!(operator.refused(ACCEPT, json!({ "id": handoff })).await, "CONFLICT WRONG_STATE");
        assert_eq!(state(&running).await, "HUMAN");
        operator.replies(&taken, "I am still here for you.").await;
        // A chat that is given back after closing time waits for nobody.
        let release = "mutation($id: ID!) { releaseConversation(conversationId: $id) { state } }";
        operator.ask(release, json!({ "id": taken })).await;
        until(async || (state(&running).await == "MISSED").then_some(())).await;
        app.close().await;
    }
}

both! {
    async fn hours_that_are_changed_decide_about_requests_that_wait(database) {
        let app = App::start(database).await;
        let (organization, agent) = bakery(&app.owner().await).await;
        let day = a_wednesday(&app);
        wait_until(&app, shown("UTC", day, 12, 0));
        let owner = app.owner().await;
        // Always open, and KEEP: nobody looks.
        let (first, _) = app.visitor().await;
        first.asks_for_human().await;
        owner.ask(UPDATE, json!({ "a": agent, "on": true, "zone": "UTC", "week": daily("09:00", "11:00") })).await;
        assert_eq!(state(&first).await, "REQUESTED");
        // The rule itself ends what waits out of hours.
        set_setting(&owner, Some(&organization), "hours.closing_rule", "OFFER_OFFLINE_QUERY").await;
        until(async || (state(&first).await == "MISSED").then_some(())).await;
        owner.ask(UPDATE, json!({ "a": agent, "on": true, "week": daily("09:00", "18:00") })).await;
        let (second, _) = app.visitor().await;
        second.asks_for_human().await;
        // Longer hours put the end off; shorter ones bring it on.
        owner.ask(UPDATE, json!({ "a": agent, "on": true, "week": daily("09:00", "20:00") })).await;
        wait_until(&app, moment(shown("UTC", day, 18, 0)));
        let owner = app.owner().await;
        owner.ask(UPDATE, json!({ "a": agent, "on": true, "week": daily("09:00", "17:30") })).await;
        let document = "query($o: ID) { handoffs(organizationId: $o, states: [REQUESTED]) { nodes { id } } }";
        until(async || {
            let data = owner.ask(document, json!({ "o": organization })).await;
            (data["handoffs"]["nodes"] == json!([])).then_some(())
        })
        .await;
        app.close().await;
    }
}
