//! The end of a chat: what is said of it, quiet chats, ratings, transcripts, and where a visitor who comes back goes on.

use std::time::Duration;

use livery::service::{ending, mail};
use serde_json::{Value, json};

use crate::support::app::{Client, client_id};
use crate::support::socket::VISITOR_EVENTS;
use crate::support::{App, both};

const COMPLETE: &str = "mutation($id: ID!, $r: Resolution, $n: String) { completeConversation(conversationId: $id, resolution: $r, note: $n) {
    state handoff { state resolution endingNote completedBy { name } } } }";
const SEEN: &str = "query($id: ID!) { conversation(id: $id) { state idleAt asksResolution assignee { name } lastSeq
    handoff { id state resolution endingNote completedBy { name } rating ratingText } messages { nodes { seq kind text author { kind name } } } } }";
const RATE: &str = "mutation($r: Int!, $t: String) { rateConversation(rating: $r, text: $t) { state askRating } }";
const ASKS: &str = "{ session { token resume conversation { id state askRating canEmailTranscript messages { nodes { seq kind text } } } } }";
const SAY: &str = "mutation($c: String!, $t: String!) { sendMessage(clientId: $c, text: $t) { seq } }";

/// Says what a setting is in the bakery.
async fn set(app: &App, key: &str, value: &str) {
    let client = app.sign_in("owner@bluebakery.test").await;
    let organization = client.ask("{ organizations { nodes { id } } }", json!({})).await;
    let id = organization["organizations"]["nodes"][0]["id"].clone();
    let document =
        "mutation($k: String!, $o: ID, $v: String) { setSetting(key: $k, organizationId: $o, value: $v) { value } }";
    client.ask(document, json!({ "k": key, "o": id, "v": value })).await;
}

/// A chat that the operator has, and in which both have said something.
async fn talked<'a>(app: &'a App, operator: &Client<'_>) -> (Client<'a>, String) {
    let (visitor, conversation) = app.visitor().await;
    visitor.asks_the_ai("I have a question about an invoice").await;
    visitor.asks_for_human().await;
    operator.accepts(&conversation).await;
    operator.replies(&conversation, "Which invoice?").await;
    visitor.says("The last one.").await;
    (visitor, conversation)
}

async fn look(client: &Client<'_>, conversation: &str) -> Value {
    client.ask(SEEN, json!({ "id": conversation })).await["conversation"].clone()
}

fn kinds(conversation: &Value) -> Vec<String> {
    let nodes = conversation["messages"]["nodes"].as_array().expect("entries");
    nodes.iter().map(|node| node["kind"].as_str().expect("a kind").to_owned()).collect()
}

both! {
    async fn completing_asks_how_it_was_resolved_where_the_organization_wants_that(database) {
        let app = App::start(database).await;
        let operator = app.operator().await;
        // Where nobody wants it, nothing has to be said, and a word is kept all the same.
        let (_, plain) = talked(&app, &operator).await;
        assert_eq!(look(&operator, &plain).await["asksResolution"], false);
        let data = operator.ask(COMPLETE, json!({ "id": plain, "n": "  All well.  " })).await;
        let expected = json!({ "state": "COMPLETED", "resolution": null, "endingNote": "All well.", "completedBy": { "name": "Olivia Hart" } });
        assert_eq!(data["completeConversation"]["handoff"], expected);

        set(&app, "ending.ask_resolution", "true").await;
        let (_, asked) = talked(&app, &operator).await;
        assert_eq!(look(&operator, &asked).await["asksResolution"], true);
        assert_eq!(operator.refused(COMPLETE, json!({ "id": asked })).await, "INVALID MISSING");
        assert_eq!(look(&operator, &asked).await["state"], "HUMAN", "nothing of it was done");
        let data = operator.ask(COMPLETE, json!({ "id": asked, "r": "VISITOR_CONFIRMED" })).await;
        assert_eq!(data["completeConversation"]["handoff"]["resolution"], "VISITOR_CONFIRMED");
        // A retry changes nothing of what was said.
        let data = operator.ask(COMPLETE, json!({ "id": asked, "r": "SPAM", "n": "Later" })).await;
        assert_eq!(data["completeConversation"]["handoff"]["resolution"], "VISITOR_CONFIRMED");
        assert_eq!(data["completeConversation"]["handoff"]["endingNote"], Value::Null);

        // Nobody else can say it: neither a colleague, nor another organization, nor a viewer.
        let (_, mine) = talked(&app, &operator).await;
        let variables = json!({ "id": mine, "r": "RESOLVED" });
        assert_eq!(app.colleague().await.refused(COMPLETE, variables.clone()).await, "CONFLICT NOT_YOURS");
        assert_eq!(app.stranger().await.refused(COMPLETE, variables.clone()).await, "NOT_FOUND NOT_FOUND");
        let viewer = app.sign_in("viewer@bluebakery.test").await;
        assert_eq!(viewer.refused(COMPLETE, variables).await, "FORBIDDEN MISSING_PERMISSION");
        operator.ask(COMPLETE, json!({ "id": mine, "r": "NO_ANSWER" })).await;
        app.close().await;
    }
}

both! {
    async fn a_quiet_chat_is_flagged_and_then_completed_and_a_word_takes_the_flag_off(database) {
        let app = App::start(database).await;
        set(&app, "ending.complete_minutes", "20").await;
        let (visitor, conversation) = talked(&app, &app.operator().await).await;
        // An operator's token does not last as long as these chats: each look is somebody's who has just signed in.
        let seen = async || look(&app.operator().await, &conversation).await;
        let minutes = |minutes: u64| app.later(Duration::from_secs(minutes * 60));
        minutes(9);
        assert_eq!(ending::sweep(&app.services).await.expect("a look"), (0, 0));
        assert_eq!(seen().await["idleAt"], Value::Null);
        minutes(2);
        // The house may have been faster than we are.
        ending::sweep(&app.services).await.expect("a look");
        assert!(seen().await["idleAt"].is_string());
        assert_eq!(ending::sweep(&app.services).await.expect("a look"), (0, 0), "once");

        // A word of either side takes it off, and the minutes begin anew.
        visitor.says("I am still looking for it.").await;
        assert_eq!(seen().await["idleAt"], Value::Null);
        minutes(11);
        ending::sweep(&app.services).await.expect("a look");
        assert!(seen().await["idleAt"].is_string());
        app.operator().await.replies(&conversation, "Take your time.").await;
        assert_eq!(seen().await["idleAt"], Value::Null);

        let mut heard = visitor.socket().await;
        heard.subscribe(VISITOR_EVENTS, json!({ "after": "1.0" })).await;
        heard.event_where(|event| event["events"]["__typename"] == "ConversationChanged").await;
        minutes(11);
        ending::sweep(&app.services).await.expect("a look");
        minutes(5);
        assert_eq!(ending::sweep(&app.services).await.expect("a look"), (0, 0));
        assert_eq!(seen().await["state"], "HUMAN");
        minutes(5);
        ending::sweep(&app.services).await.expect("a look");
        let ended = seen().await;
        assert_eq!((&ended["state"], &ended["idleAt"], &ended["assignee"]), (&json!("ENDED"), &Value::Null, &Value::Null));
        let handoff = &ended["handoff"];
        assert_eq!((&handoff["state"], &handoff["completedBy"], &handoff["resolution"]), (&json!("COMPLETED"), &Value::Null, &Value::Null));
        assert_eq!(kinds(&ended).iter().filter(|kind| *kind == "COMPLETED").count(), 1);
        let told = heard.event_where(|event| event["events"]["message"]["kind"] == "COMPLETED").await;
        assert_eq!(told["events"]["message"]["text"], "Conversation ended");
        app.close().await;
    }
}

both! {
    async fn nought_minutes_mean_never_and_other_organizations_keep_their_own(database) {
        let app = App::start(database).await;
        let operator = app.operator().await;
        set(&app, "ending.idle_minutes", "0").await;
        let (_, conversation) = talked(&app, &operator).await;
        app.later(Duration::from_secs(24 * 3600));
        let operator = app.operator().await;
        ending::sweep(&app.services).await.expect("a look");
        assert_eq!(look(&operator, &conversation).await["idleAt"], Value::Null);
        // Several nodes look at once: it is flagged and completed once.
        set(&app, "ending.idle_minutes", "10").await;
        let looks = futures_util::future::join_all((0..4).map(|_| ending::sweep(&app.services))).await;
        let flagged: usize = looks.into_iter().map(|look| look.expect("a look").0).sum();
        assert!(flagged <= 1, "{flagged}");
        let looks = futures_util::future::join_all((0..4).map(|_| ending::sweep(&app.services))).await;
        let completed: usize = looks.into_iter().map(|look| look.expect("a look").1).sum();
        assert!(completed <= 1, "{completed}");
        let ended = look(&operator, &conversation).await;
        assert_eq!(ended["state"], "ENDED");
        assert_eq!(kinds(&ended).iter().filter(|kind| *kind == "COMPLETED").count(), 1);
        app.close().await;
    }
}

both! {
    async fn a_visitor_rates_once_for_each_handoff_in_which_a_person_wrote(database) {
        let app = App::start(database).await;
        let operator = app.operator().await;
        // Nobody has written yet: nothing to rate.
        let (visitor, conversation) = app.visitor().await;
        visitor.says("hello").await;
        assert_eq!(visitor.refused(RATE, json!({ "r": 5 })).await, "CONFLICT NOTHING_TO_RATE");
        visitor.asks_for_human().await;
        operator.accepts(&conversation).await;
        assert_eq!(visitor.refused(RATE, json!({ "r": 5 })).await, "CONFLICT NOTHING_TO_RATE");
        operator.ask(COMPLETE, json!({ "id": conversation })).await;
        let asks = |data: Value| data["session"]["conversation"]["askRating"].clone();
        assert_eq!(asks(visitor.ask(ASKS, json!({})).await), false, "nobody wrote");

        let (visitor, conversation) = talked(&app, &operator).await;
        assert_eq!(asks(visitor.ask(ASKS, json!({})).await), false, "it is not over");
        operator.ask(COMPLETE, json!({ "id": conversation })).await;
        assert_eq!(asks(visitor.ask(ASKS, json!({})).await), true);
        for wrong in [0, 6, -1] {
            assert_eq!(visitor.refused(RATE, json!({ "r": wrong })).await, "INVALID OUT_OF_RANGE");
        }
        let data = visitor.ask(RATE, json!({ "r": 4, "t": " Quick! " })).await;
        assert_eq!(data["rateConversation"], json!({ "state": "ENDED", "askRating": false }));
        // Whose work it was sees it, and whoever may see ratings; the thread says that there is one, not what it says.
        let seen = look(&operator, &conversation).await;
        assert_eq!((&seen["handoff"]["rating"], &seen["handoff"]["ratingText"]), (&json!(4), &json!("Quick!")));
        assert_eq!(kinds(&seen).last().map(String::as_str), Some("RATED"));
        assert!(!seen["messages"].to_string().contains("Quick!"));
        let owner = app.sign_in("owner@bluebakery.test").await;
        assert_eq!(look(&owner, &conversation).await["handoff"]["rating"], 4);
        let colleague = look(&app.colleague().await, &conversation).await;
        assert_eq!((&colleague["handoff"]["rating"], &colleague["handoff"]["ratingText"]), (&Value::Null, &Value::Null));

        // Another word within ten minutes takes its place; the same is no other; later it stands.
        let before = look(&operator, &conversation).await["lastSeq"].clone();
        visitor.ask(RATE, json!({ "r": 4, "t": "Quick!" })).await;
        assert_eq!(look(&operator, &conversation).await["lastSeq"], before);
        app.later(Duration::from_secs(300));
        let owner = app.sign_in("owner@bluebakery.test").await;
        visitor.ask(RATE, json!({ "r": 5 })).await;
        let seen = look(&owner, &conversation).await;
        assert_eq!((&seen["handoff"]["rating"], &seen["handoff"]["ratingText"]), (&json!(5), &Value::Null));
        app.later(Duration::from_secs(301));
        assert_eq!(visitor.refused(RATE, json!({ "r": 1 })).await, "CONFLICT RATING_CLOSED");

        // The next handoff of the same thread has a rating of its own.
        let (operator, owner) = (app.operator().await, app.sign_in("owner@bluebakery.test").await);
        visitor.asks_for_human().await;
        operator.accepts(&conversation).await;
        operator.replies(&conversation, "Back again?").await;
        operator.ask("mutation($id: ID!) { returnToAi(conversationId: $id) { state } }", json!({ "id": conversation })).await;
        assert_eq!(asks(visitor.ask(ASKS, json!({})).await), true, "handed back is over as well");
        visitor.ask(RATE, json!({ "r": 2 })).await;
        assert_eq!(look(&owner, &conversation).await["handoff"]["rating"], 2);

        // Found by their stars, by those who may see them.
        let find = "query($f: ConversationFilter) { conversations(filter: $f) { nodes { id } } }";
        let found = async |client: &Client<'_>, stars: Value| {
            client.ask(find, json!({ "f": { "ratings": stars } })).await["conversations"]["nodes"].as_array().expect("nodes").len()
        };
        assert_eq!((found(&owner, json!([2])).await, found(&owner, json!([5])).await, found(&owner, json!([1, 3])).await), (1, 1, 0));
        assert_eq!(operator.refused(find, json!({ "f": { "ratings": [5] } })).await, "FORBIDDEN MISSING_PERMISSION");
        let other = app.sign_in("owner@southpaw.test").await;
        assert_eq!(found(&other, json!([2, 5])).await, 0);

        set(&app, "ending.rating", "false").await;
        let (visitor, conversation) = talked(&app, &operator).await;
        operator.ask(COMPLETE, json!({ "id": conversation })).await;
        assert_eq!(asks(visitor.ask(ASKS, json!({})).await), false);
        assert_eq!(visitor.refused(RATE, json!({ "r": 5 })).await, "CONFLICT NOTHING_TO_RATE");
        app.close().await;
    }
}

both! {
    async fn a_transcript_goes_out_with_what_the_visitor_saw_and_nothing_else(database) {
        let app = App::start(database).await;
        let operator = app.operator().await;
        let owner = app.sign_in("owner@bluebakery.test").await;
        let send = "mutation($e: String!) { emailTranscript(email: $e) }";
        let (visitor, _) = app.visitor().await;
        assert_eq!(visitor.refused(send, json!({ "e": "nobody@example.com" })).await, "CONFLICT NOTHING_SAID");

        let (visitor, conversation) = talked(&app, &operator).await;
        visitor.says("<b>bold</b> & {{ brand }}").await;
        let closing = json!({ "id": conversation, "n": "Never show this note." });
        operator.ask(COMPLETE, closing).await;
        visitor.ask(RATE, json!({ "r": 3, "t": "Never show this rating." })).await;
        assert_eq!(visitor.refused(send, json!({ "e": "nonsense" })).await, "INVALID NOT_AN_ADDRESS");
        visitor.ask(send, json!({ "e": "Ada@Example.com" })).await;
        let mails = mail::shown_mailbox(&app.services, 50, Some("ada@example.com")).await.expect("a mailbox");
        let [(kept, message)] = mails.as_slice() else { panic!("{} mails", mails.len()) };
        assert_eq!((kept.kind.as_str(), message.subject.as_str()), ("transcript", "Your chat with Blue Bakery"));
        assert_eq!(message.from.name.as_str(), "Northlight", "in the agency's brand");
        for said in ["I have a question about an invoice", "Which invoice?", "Olivia Hart", "Olivia Hart has joined the chat.", "Conversation ended", "(UTC)"] {
            assert!(message.text.contains(said), "{said}: {}", message.text);
            assert!(message.html.contains(said), "{said}: {}", message.html);
        }
        assert!(message.html.contains("&lt;b&gt;bold&lt;/b&gt; &amp; {{ brand }}"), "{}", message.html);
        assert!(!message.text.contains("Never show") && !message.html.contains("Never show"));
        assert!(!message.text.contains("rated"), "{}", message.text);

        // Not more than a handful an hour, neither of one visitor nor to one address.
        for _ in 0..4 {
            visitor.ask(send, json!({ "e": "ada@example.com" })).await;
        }
        assert_eq!(visitor.refused(send, json!({ "e": "other@example.com" })).await, "RATE_LIMITED TOO_MANY");

        // The desk's is on record, and for those alone who may take conversations out.
        let desk = "mutation($id: ID!, $e: String!) { emailTranscript(conversationId: $id, email: $e) }";
        let variables = json!({ "id": conversation, "e": "boss@example.com" });
        assert_eq!(operator.refused(desk, variables.clone()).await, "FORBIDDEN MISSING_PERMISSION");
        assert_eq!(app.stranger().await.refused(desk, variables.clone()).await, "NOT_FOUND NOT_FOUND");
        let southpaw = app.sign_in("owner@southpaw.test").await;
        assert_eq!(southpaw.refused(desk, variables.clone()).await, "NOT_FOUND NOT_FOUND");
        owner.ask(desk, variables).await;
        let audit = owner.ask("{ auditEntries(first: 100) { nodes { action summary } } }", json!({})).await;
        assert!(audit.to_string().contains("conversation.email_transcript"), "{audit}");

        set(&app, "ending.transcript", "false").await;
        let (visitor, _) = talked(&app, &operator).await;
        assert_eq!(visitor.ask(ASKS, json!({})).await["session"]["conversation"]["canEmailTranscript"], false);
        assert_eq!(visitor.refused(send, json!({ "e": "eve@example.com" })).await, "CONFLICT TRANSCRIPT_NOT_AVAILABLE");
        app.close().await;
    }
}

both! {
    async fn a_visitor_who_comes_back_goes_on_where_the_organization_wants_it(database) {
        let app = App::start(database).await;
        let operator = app.operator().await;
        // By default in the same thread.
        let (visitor, conversation) = talked(&app, &operator).await;
        operator.ask(COMPLETE, json!({ "id": conversation })).await;
        visitor.asks_the_ai("One more thing").await;
        assert_eq!(look(&operator, &conversation).await["state"], "AI");

        set(&app, "ending.next_thread", "NEW_CONVERSATION").await;
        let (visitor, conversation) = talked(&app, &operator).await;
        let kept = client_id();
        visitor.ask(SAY, json!({ "c": kept, "t": "Bye" })).await;
        operator.ask(COMPLETE, json!({ "id": conversation })).await;
        // Looking at what has ended begins nothing.
        let session = visitor.ask(ASKS, json!({})).await["session"].clone();
        assert_eq!(session["conversation"]["id"], json!(conversation));
        assert_eq!(session["conversation"]["askRating"], true);
        let open = "mutation($w: ID!, $r: String) { session(widgetId: $w, resume: $r) { token conversation { id state messages { nodes { text } } } } }";
        let reopen = async || {
            let nobody = Client { app: &app, path: "/widget/graphql", token: None };
            nobody.ask(open, json!({ "w": app.widget().await, "r": session["resume"] })).await["session"].clone()
        };
        assert_eq!(reopen().await["conversation"]["id"], json!(conversation));
        // A retry of what was said before the end is still that.
        visitor.ask(SAY, json!({ "c": kept, "t": "Bye" })).await;

        // Writing does; several tabs at once begin one.
        let tabs = (0..5).map(|n| visitor.post(SAY, json!({ "c": client_id(), "t": format!("Hello again {n}") })));
        for reply in futures_util::future::join_all(tabs).await {
            assert_eq!(reply.error(), "UNAUTHENTICATED SESSION_MOVED", "{}", reply.json);
        }
        let moved = reopen().await;
        let next = moved["conversation"]["id"].as_str().expect("an id").to_owned();
        assert_ne!(next, conversation);
        assert_eq!(moved["conversation"], json!({ "id": next, "state": "AI", "messages": { "nodes": [] } }));
        assert_eq!(reopen().await["conversation"]["id"], json!(next));
        let tab = Client { app: &app, path: "/widget/graphql", token: moved["token"].as_str().map(str::to_owned) };
        tab.asks_the_ai("Do you deliver?").await;
        let ask = "mutation($c: String!) { requestHandoff(clientId: $c) { state } }";
        assert_eq!(visitor.refused(ask, json!({ "c": client_id() })).await, "UNAUTHENTICATED SESSION_MOVED");
        // What was said stays where it was said, and both belong to one visitor.
        let visitor_of = "query($id: ID!) { conversation(id: $id) { state visitor { id } } }";
        let old = operator.ask(visitor_of, json!({ "id": conversation })).await["conversation"].clone();
        let new = operator.ask(visitor_of, json!({ "id": next })).await["conversation"].clone();
        assert_eq!((&old["state"], &new["state"]), (&json!("ENDED"), &json!("AI")));
        assert_eq!(old["visitor"], new["visitor"]);
        app.close().await;
    }
}
