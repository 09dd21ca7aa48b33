//! Presence and the roster.

use std::time::Duration;

use serde_json::{Value, json};

use super::{is, organization_of, request, set, user_of};
use crate::support::socket::{DESK_EVENTS, INBOX_EVENTS, VISITOR_EVENTS};
use crate::support::{App, both, until};

const ROSTER: &str = "query($o: ID!) { roster(organizationId: $o) { capacity open nobodyThere \
    entries { presence since chats user { name } } } }";

fn of<'a>(roster: &'a Value, name: &str) -> &'a Value {
    let entries = roster["roster"]["entries"].as_array().expect("entries");
    entries.iter().find(|entry| entry["user"]["name"] == name).unwrap_or_else(|| panic!("no {name} in {roster}"))
}

both! {
    async fn whoever_has_the_inbox_open_is_there_and_one_of_two_tabs_closed_changes_nothing(database) {
        let app = App::start(database).await;
        let operator = app.operator().await;
        let organization = organization_of(&operator).await;
        let before = operator.ask(ROSTER, json!({ "o": organization })).await;
        assert_eq!(of(&before, "Olivia Hart")["presence"], "OFFLINE");
        assert_eq!(of(&before, "Olivia Hart")["since"], Value::Null, "nothing was ever heard of her");
        let (mut one, mut other) = (operator.socket().await, operator.socket().await);
        for socket in [&mut one, &mut other] {
            socket.subscribe(INBOX_EVENTS, json!({})).await;
            socket.event_where(|event| event["inboxEvents"]["__typename"] == "InboxSynced").await;
        }
        until(async || {
            let roster = operator.ask(ROSTER, json!({ "o": organization })).await;
            (of(&roster, "Olivia Hart")["presence"] == "ONLINE").then_some(())
        }).await;
        one.cut().await;
        let roster = operator.ask(ROSTER, json!({ "o": organization })).await;
        assert_eq!(of(&roster, "Olivia Hart")["presence"], "ONLINE");
        assert_eq!(roster["roster"]["nobodyThere"], false);
        other.cut().await;
        app.later(Duration::from_secs(61));
        let roster = operator.ask(ROSTER, json!({ "o": organization })).await;
        assert_eq!(of(&roster, "Olivia Hart")["presence"], "OFFLINE", "no sign of life for a minute");
        assert_eq!(roster["roster"]["nobodyThere"], true, "A05: nobody is there");
        app.close().await;
    }
}

both! {
    async fn the_choice_and_the_signs_of_life_together_say_what_somebody_is(database) {
        let app = App::start(database).await;
        let operator = app.operator().await;
        let organization = organization_of(&operator).await;
        is(&operator, "AWAY").await;
        let roster = operator.ask(ROSTER, json!({ "o": organization })).await;
        assert_eq!(of(&roster, "Olivia Hart")["presence"], "AWAY");
        assert_eq!(roster["roster"]["nobodyThere"], true, "whoever is away takes no chats");
        app.later(Duration::from_secs(90));
        let own = operator.ask("{ presence { presence choice lostChats } }", json!({})).await;
        assert_eq!(own["presence"], json!({ "presence": "OFFLINE", "choice": "AWAY", "lostChats": 0 }));
        is(&operator, "ONLINE").await;
        let roster = operator.ask(ROSTER, json!({ "o": organization })).await;
        assert_eq!(of(&roster, "Olivia Hart")["presence"], "ONLINE");
        app.close().await;
    }
}

both! {
    async fn the_roster_counts_chats_and_names_those_alone_who_may_answer_there(database) {
        let app = App::start(database).await;
        let (operator, colleague) = (app.operator().await, app.colleague().await);
        set(&app, "routing.capacity", "3").await;
        let organization = organization_of(&operator).await;
        let (_visitor, conversation) = request(&app, "hello").await;
        operator.accepts(&conversation).await;
        is(&colleague, "AWAY").await;
        let roster = colleague.ask(ROSTER, json!({ "o": organization })).await;
        assert_eq!(roster["roster"]["capacity"], 3);
        assert_eq!((&of(&roster, "Olivia Hart")["chats"], &of(&roster, "Olivia Hart")["presence"]), (&json!(1), &json!("ONLINE")));
        let names: Vec<&str> = roster["roster"]["entries"].as_array().expect("entries").iter()
            .map(|entry| entry["user"]["name"].as_str().expect("a name")).collect();
        let viewer = app.sign_in("viewer@bluebakery.test").await;
        let viewer_name = viewer.ask("{ viewer { user { name } } }", json!({})).await["viewer"]["user"]["name"].clone();
        let stranger_name = app.stranger().await.ask("{ viewer { user { name } } }", json!({})).await["viewer"]["user"]["name"].clone();
        assert!(names.iter().all(|name| viewer_name != *name && stranger_name != *name), "{names:?}");
        // Another organization's roster does not exist for a stranger, nor for whoever sees no queue.
        assert_eq!(app.stranger().await.refused(ROSTER, json!({ "o": organization })).await, "NOT_FOUND NOT_FOUND");
        assert_eq!(viewer.refused(ROSTER, json!({ "o": organization })).await, "FORBIDDEN MISSING_PERMISSION");
        assert_eq!(viewer.refused("mutation { setPresence(presence: AWAY) { presence } }", json!({})).await, "FORBIDDEN MISSING_PERMISSION");
        app.close().await;
    }
}

both! {
    async fn colleagues_see_who_else_is_looking_and_visitors_never_do(database) {
        let app = App::start(database).await;
        let (operator, colleague) = (app.operator().await, app.colleague().await);
        let (visitor, conversation) = request(&app, "hello").await;
        let mut heard = visitor.socket().await;
        heard.subscribe(VISITOR_EVENTS, json!({ "after": "1.0" })).await;
        heard.event_where(|event| event["events"]["__typename"] == "ConversationChanged").await;
        let document = "subscription($id: ID!) { conversationEvents(conversationId: $id, after: \"1.0\") { __typename
            ... on LookersChanged { lookers { id name } } } }";
        let mut mine = operator.socket().await;
        mine.subscribe(document, json!({ "id": conversation })).await;
        mine.event_where(|event| event["conversationEvents"]["__typename"] == "ConversationChanged").await;
        let mut theirs = colleague.socket().await;
        theirs.subscribe(DESK_EVENTS, json!({ "id": conversation, "after": "1.0" })).await;
        let event = mine.event_where(|event| event["conversationEvents"]["__typename"] == "LookersChanged").await;
        let id = user_of(&colleague).await;
        assert_eq!(event["conversationEvents"]["lookers"][0]["id"], json!(id));
        let lookers = "query($id: ID!) { conversation(id: $id) { lookers { id } } }";
        let data = operator.ask(lookers, json!({ "id": conversation })).await;
        assert_eq!(data["conversation"]["lookers"], json!([{ "id": id }]), "oneself is left out");
        // Whoever cannot see what is said is not told who looks, and does not look.
        operator.accepts(&conversation).await;
        let event = mine.event_where(|event| event["conversationEvents"]["__typename"] == "LookersChanged").await;
        assert_eq!(event["conversationEvents"]["lookers"], json!([]));
        let data = colleague.ask(lookers, json!({ "id": conversation })).await;
        assert_eq!(data["conversation"]["lookers"], json!([]));
        theirs.cut().await;
        mine.cut().await;
        // All that the visitor heard of it: the operator who joined.
        operator.replies(&conversation, "bye").await;
        loop {
            let event = heard.event().await;
            assert_ne!(event["events"]["__typename"], "LookersChanged");
            if event["events"]["message"]["text"] == "bye" {
                break;
            }
        }
        app.close().await;
    }
}
