//! Whose turn a request is.

use std::time::Duration;

use serde_json::{Value, json};

use super::{is, offered_to, organization_of, request, set, stands, team, try_accept, user_of};
use crate::support::socket::INBOX_EVENTS;
use crate::support::{App, both, until};

both! {
    async fn by_default_everybody_sees_a_request_and_the_first_to_accept_has_it(database) {
        let app = App::start(database).await;
        let (operator, colleague) = (app.operator().await, app.colleague().await);
        is(&operator, "ONLINE").await;
        let (_visitor, conversation) = request(&app, "hello").await;
        assert_eq!(offered_to(&colleague, &conversation).await, Value::Null);
        assert_eq!(stands(&operator, &conversation).await["state"], "REQUESTED");
        assert_eq!(try_accept(&colleague, &conversation).await, None);
        let (error, holder) = try_accept(&operator, &conversation).await.expect("too late");
        assert_eq!(error, "CONFLICT ALREADY_ACCEPTED");
        assert!(holder.is_string());
        app.close().await;
    }
}

both! {
    async fn a_request_is_offered_to_one_who_is_there_and_goes_on_when_nobody_takes_it(database) {
        let app = App::start(database).await;
        let (operator, colleague) = (app.operator().await, app.colleague().await);
        set(&app, "routing.mode", "ROUND_ROBIN").await;
        set(&app, "routing.offer_seconds", "30").await;
        is(&operator, "ONLINE").await;
        let mut inbox = colleague.socket().await;
        inbox.subscribe("subscription { inboxEvents { __typename ... on InboxChanged { conversation { state handoff { offeredTo { name } } } } } }", json!({})).await;
        is(&colleague, "AWAY").await;
        let (_visitor, conversation) = request(&app, "hello").await;
        assert_eq!(offered_to(&colleague, &conversation).await, "Olivia Hart", "who is away is passed over");
        inbox.event_where(|event| event["inboxEvents"]["conversation"]["handoff"]["offeredTo"]["name"] == "Olivia Hart").await;
        // While it is offered to her nobody else may accept, and is told why.
        is(&colleague, "ONLINE").await;
        let refused = try_accept(&colleague, &conversation).await.expect("offered to somebody else");
        assert_eq!(refused, ("CONFLICT OFFERED_TO_OTHER".to_owned(), json!("Olivia Hart")));
        // She does not take it: it is the colleague's turn, and not hers any more.
        let name = colleague.ask("{ viewer { user { name } } }", json!({})).await["viewer"]["user"]["name"].clone();
        app.later(Duration::from_secs(31));
        until(async || (offered_to(&operator, &conversation).await == name).then_some(())).await;
        let refused = try_accept(&operator, &conversation).await.expect("it went on");
        assert_eq!(refused, ("CONFLICT OFFERED_TO_OTHER".to_owned(), name));
        // Neither took it: everybody may.
        app.later(Duration::from_secs(31));
        is(&colleague, "ONLINE").await;
        until(async || (offered_to(&operator, &conversation).await == Value::Null).then_some(())).await;
        assert_eq!(try_accept(&operator, &conversation).await, None);
        assert_eq!(stands(&operator, &conversation).await["assignee"]["name"], "Olivia Hart");
        app.close().await;
    }
}

both! {
    async fn when_nobody_is_there_everybody_may_accept(database) {
        let app = App::start(database).await;
        let operator = app.operator().await;
        set(&app, "routing.mode", "LEAST_BUSY").await;
        let (_visitor, conversation) = request(&app, "hello").await;
        assert_eq!(offered_to(&operator, &conversation).await, Value::Null);
        assert_eq!(try_accept(&operator, &conversation).await, None);
        app.close().await;
    }
}

both! {
    async fn turns_go_round_and_the_rotation_survives_a_restart(database) {
        let app = App::start(database.clone()).await;
        let (operator, colleague) = (app.operator().await, app.colleague().await);
        set(&app, "routing.mode", "ROUND_ROBIN").await;
        is(&operator, "ONLINE").await;
        is(&colleague, "ONLINE").await;
        let mut turns = Vec::new();
        for _ in 0..2 {
            let (_visitor, conversation) = request(&app, "hello").await;
            turns.push(offered_to(&operator, &conversation).await);
        }
        assert_ne!(turns[0], turns[1], "one after the other");
        app.close().await;
        let app = App::start(database).await;
        let (operator, colleague) = (app.operator().await, app.colleague().await);
        is(&operator, "ONLINE").await;
        is(&colleague, "ONLINE").await;
        for turn in &turns[..2] {
            let (_visitor, conversation) = request(&app, "hello").await;
            assert_eq!(&offered_to(&operator, &conversation).await, turn, "as if nothing had been");
        }
        app.close().await;
    }
}

both! {
    async fn the_least_busy_is_asked_first(database) {
        let app = App::start(database).await;
        let (operator, colleague) = (app.operator().await, app.colleague().await);
        let (_visitor, held) = request(&app, "hello").await;
        operator.accepts(&held).await;
        set(&app, "routing.mode", "LEAST_BUSY").await;
        is(&operator, "ONLINE").await;
        is(&colleague, "ONLINE").await;
        let (_visitor, conversation) = request(&app, "hello").await;
        let name = colleague.ask("{ viewer { user { name } } }", json!({})).await["viewer"]["user"]["name"].clone();
        assert_eq!(offered_to(&operator, &conversation).await, name);
        app.close().await;
    }
}

both! {
    async fn a_supervisor_accepts_what_is_offered_to_somebody_else(database) {
        let app = App::start(database).await;
        let (operator, owner) = (app.operator().await, app.sign_in("owner@bluebakery.test").await);
        set(&app, "routing.mode", "ROUND_ROBIN").await;
        is(&operator, "ONLINE").await;
        let (_visitor, conversation) = request(&app, "hello").await;
        assert_eq!(offered_to(&operator, &conversation).await, "Olivia Hart");
        assert_eq!(try_accept(&owner, &conversation).await, None);
        assert_eq!(offered_to(&operator, &conversation).await, Value::Null);
        app.close().await;
    }
}

both! {
    async fn whoever_loses_the_right_is_out_of_the_rotation_at_once(database) {
        let app = App::start(database).await;
        let (operator, colleague) = (app.operator().await, app.colleague().await);
        let owner = app.sign_in("owner@bluebakery.test").await;
        set(&app, "routing.mode", "ROUND_ROBIN").await;
        is(&operator, "ONLINE").await;
        let (_visitor, conversation) = request(&app, "hello").await;
        assert_eq!(offered_to(&owner, &conversation).await, "Olivia Hart");
        is(&colleague, "ONLINE").await;
        let members = "query($o: ID!) { members(organizationId: $o, search: \"Olivia\") { nodes { id } } }";
        let organization = organization_of(&owner).await;
        let id = owner.ask(members, json!({ "o": organization })).await["members"]["nodes"][0]["id"].clone();
        owner.ask("mutation($id: ID!) { suspendMember(membershipId: $id) { id } }", json!({ "id": id })).await;
        // What she was being offered goes on; new ones never come to her.
        let name = colleague.ask("{ viewer { user { name } } }", json!({})).await["viewer"]["user"]["name"].clone();
        until(async || (offered_to(&owner, &conversation).await == name).then_some(())).await;
        for _ in 0..2 {
            let (_visitor, next) = request(&app, "hello").await;
            assert_eq!(offered_to(&owner, &next).await, name);
        }
        app.close().await;
    }
}

both! {
    async fn nobody_has_more_chats_than_the_capacity(database) {
        let app = App::start(database).await;
        let (operator, colleague) = (app.operator().await, app.colleague().await);
        set(&app, "routing.capacity", "1").await;
        let (_one, first) = request(&app, "hello").await;
        let (_two, second) = request(&app, "hello").await;
        operator.accepts(&first).await;
        let refused = try_accept(&operator, &second).await.expect("at capacity");
        assert_eq!(refused, ("CONFLICT AT_CAPACITY".to_owned(), json!("Olivia Hart")));
        // Nor unasked.
        let (visitor, third) = app.visitor().await;
        visitor.says("hello").await;
        let intervene = "mutation($id: ID!) { intervene(conversationId: $id) { state } }";
        assert_eq!(operator.refused(intervene, json!({ "id": third })).await, "CONFLICT AT_CAPACITY");
        // With room again it is possible, and for others it was all the time.
        operator.ask("mutation($id: ID!) { completeConversation(conversationId: $id) { state } }", json!({ "id": first })).await;
        operator.accepts(&second).await;
        colleague.accepts(&{ let (_v, id) = request(&app, "hello").await; id }).await;
        // Whoever is full is not offered anything.
        set(&app, "routing.mode", "ROUND_ROBIN").await;
        is(&operator, "ONLINE").await;
        let (_four, fourth) = request(&app, "hello").await;
        assert_eq!(offered_to(&operator, &fourth).await, Value::Null);
        app.close().await;
    }
}

both! {
    async fn requests_about_a_teams_topics_go_to_its_members(database) {
        let app = App::start(database).await;
        let (operator, colleague) = (app.operator().await, app.colleague().await);
        set(&app, "routing.mode", "ROUND_ROBIN").await;
        let id = user_of(&colleague).await;
        team(&app, "Invoices", &["invoice", "refund"], &[&id]).await;
        is(&operator, "ONLINE").await;
        is(&colleague, "ONLINE").await;
        let name = colleague.ask("{ viewer { user { name } } }", json!({})).await["viewer"]["user"]["name"].clone();
        for _ in 0..3 {
            let (_visitor, conversation) = request(&app, "My invoice is wrong").await;
            assert_eq!(stands(&operator, &conversation).await["handoff"]["team"]["name"], "Invoices");
            assert_eq!(offered_to(&operator, &conversation).await, name);
            colleague.accepts(&conversation).await;
        }
        let (_visitor, other) = request(&app, "Do you bake bread?").await;
        assert_eq!(stands(&operator, &other).await["handoff"]["team"], Value::Null);
        assert_eq!(offered_to(&operator, &other).await, "Olivia Hart", "her turn: she had none yet");
        // When nobody of the team is there, everybody may.
        is(&colleague, "AWAY").await;
        let (_visitor, third) = request(&app, "refund, please").await;
        assert_eq!(offered_to(&operator, &third).await, Value::Null);
        operator.accepts(&third).await;
        app.close().await;
    }
}

both! {
    async fn the_visitor_is_told_an_honest_estimate_or_none(database) {
        let app = App::start(database).await;
        let operator = app.operator().await;
        let ask = "{ session { conversation { queuePosition estimatedWaitSeconds } } }";
        let (visitor, first) = request(&app, "hello").await;
        let data = visitor.ask(ask, json!({})).await;
        assert_eq!(data["session"]["conversation"], json!({ "queuePosition": 1, "estimatedWaitSeconds": null }), "nothing is known yet");
        operator.accepts(&first).await;
        for wait in [20, 40] {
            let (_visitor, conversation) = request(&app, "hello").await;
            app.later(Duration::from_secs(wait));
            operator.accepts(&conversation).await;
        }
        let (_visitor, conversation) = request(&app, "hello").await;
        app.later(Duration::from_secs(60));
        operator.accepts(&conversation).await;
        let (visitor, _) = request(&app, "hello").await;
        let said = visitor.ask(ask, json!({})).await["session"]["conversation"]["estimatedWaitSeconds"].as_i64().expect("known now");
        assert!((15..=45).contains(&said), "half of those who waited have waited no longer: {said}");
        // With nobody there it cannot be known.
        is(&operator, "OFFLINE").await;
        let data = visitor.ask(ask, json!({})).await;
        assert_eq!(data["session"]["conversation"]["estimatedWaitSeconds"], Value::Null);
        app.close().await;
    }
}

both! {
    async fn the_queue_is_told_live_to_everybody_with_the_permission(database) {
        let app = App::start(database).await;
        let (operator, colleague) = (app.operator().await, app.colleague().await);
        let mut inboxes = [operator.socket().await, colleague.socket().await];
        for inbox in &mut inboxes {
            inbox.subscribe(INBOX_EVENTS, json!({})).await;
            inbox.event_where(|event| event["inboxEvents"]["__typename"] == "InboxSynced").await;
        }
        let (_visitor, conversation) = request(&app, "hello").await;
        for inbox in &mut inboxes {
            inbox.event_where(|event| event["inboxEvents"]["conversation"]["id"] == json!(conversation)
                && event["inboxEvents"]["conversation"]["state"] == "REQUESTED").await;
        }
        operator.accepts(&conversation).await;
        let stub = inboxes[1].event_where(|event| event["inboxEvents"]["conversation"]["state"] == "HUMAN").await;
        let stub = &stub["inboxEvents"]["conversation"];
        assert_eq!((&stub["contentVisible"], &stub["preview"], &stub["assignee"]["name"]), (&json!(false), &Value::Null, &json!("Olivia Hart")));
        app.close().await;
    }
}
