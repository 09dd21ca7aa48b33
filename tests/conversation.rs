//! The walk: a visitor asks, the AI answers, a human is wanted, an operator takes over, and gives back.

use serde_json::{Value, json};

use crate::support::app::{client_id, config_with};
use crate::support::model::{FakeModel, Mode};
use crate::support::socket::{DESK_EVENTS, INBOX_EVENTS, VISITOR_EVENTS};
use crate::support::{App, both};

fn is_message(event: &Value, field: &str) -> bool {
    event[field]["__typename"] == "MessageAdded"
}

both! {
    async fn the_ai_quotes_what_it_knows_and_streams_it(database) {
        let app = App::start(database).await;
        let (visitor, _) = app.visitor().await;
        let mut socket = visitor.socket().await;
        socket.subscribe(VISITOR_EVENTS, json!({ "after": "1.0" })).await;
        socket.event_where(|event| event["events"]["__typename"] == "ConversationChanged").await;
        visitor.says("When are you open on Sunday?").await;
        let mut grew = Vec::new();
        let answer = loop {
            let event = socket.event().await;
            if event["events"]["__typename"] == "AnswerProgress" {
                grew.push(event["events"]["text"].as_str().expect("text").to_owned());
            }
            if is_message(&event, "events") && event["events"]["message"]["author"]["kind"] == "AI" {
                break event["events"]["message"].clone();
            }
        };
        assert!(answer["text"].as_str().expect("text").contains("8:00 to 13:00"), "{answer}");
        assert_eq!(answer["sources"], json!(["Opening hours"]));
        assert_eq!(answer["offersHuman"], false);
        assert!(grew.len() > 3, "tokens stream to the visitor: {grew:?}");
        assert!(grew.windows(2).all(|two| two[1].starts_with(&two[0])), "{grew:?}");
        app.close().await;
    }
}

both! {
    async fn the_ai_says_honestly_when_it_does_not_know_and_offers_a_human(database) {
        let app = App::start(database).await;
        let (visitor, _) = app.visitor().await;
        let mut socket = visitor.socket().await;
        socket.subscribe(VISITOR_EVENTS, json!({ "after": "1.0" })).await;
        visitor.says("Do you repair bicycles?").await;
        let answer = socket
            .event_where(|event| is_message(event, "events") && event["events"]["message"]["author"]["kind"] == "AI")
            .await;
        assert_eq!(answer["events"]["message"]["offersHuman"], true);
        assert_eq!(answer["events"]["message"]["sources"], json!([]));
        app.close().await;
    }
}

both! {
    async fn a_request_is_accepted_talked_over_and_completed(database) {
        let app = App::start(database).await;
        let (visitor, conversation) = app.visitor().await;
        let operator = app.operator().await;
        let mut inbox = operator.socket().await;
        inbox.subscribe(INBOX_EVENTS, json!({})).await;
        inbox.event_where(|event| event["inboxEvents"]["__typename"] == "InboxSynced").await;

        visitor.asks_the_ai("I need help with an invoice of last year").await;
        visitor.asks_for_human().await;
        let request = inbox
            .event_where(|event| event["inboxEvents"]["conversation"]["state"] == "REQUESTED")
            .await;
        assert_eq!(request["inboxEvents"]["conversation"]["id"], json!(conversation));
        assert_eq!(request["inboxEvents"]["conversation"]["preview"], "I need help with an invoice of last year");

        let mut heard = visitor.socket().await;
        heard.subscribe(VISITOR_EVENTS, json!({})).await;
        operator.accepts(&conversation).await;
        let joined = heard.event_where(|event| is_message(event, "events")).await;
        assert_eq!(joined["events"]["message"]["kind"], "HANDOFF_ACCEPTED");
        let changed = heard.event_where(|event| event["events"]["__typename"] == "ConversationChanged").await;
        assert_eq!(changed["events"]["conversation"]["operatorName"], "Olivia Hart");

        operator.replies(&conversation, "Hello, Olivia here.").await;
        let reply = heard.event_where(|event| is_message(event, "events")).await;
        assert_eq!(reply["events"]["message"]["text"], "Hello, Olivia here.");
        assert_eq!(reply["events"]["message"]["author"], json!({ "kind": "OPERATOR", "name": "Olivia Hart" }));

        let before = visitor.says("Thank you!").await;
        let complete = "mutation($id: ID!) { completeConversation(conversationId: $id) { state } }";
        let data = operator.ask(complete, json!({ "id": conversation })).await;
        assert_eq!(data["completeConversation"]["state"], "ENDED");
        let ended = heard
            .event_where(|event| is_message(event, "events") && event["events"]["message"]["kind"] == "COMPLETED")
            .await;
        assert_eq!(ended["events"]["message"]["text"], "Conversation ended");
        assert_eq!(ended["events"]["message"]["seq"], before + 1, "the AI said nothing while a human had the chat");

        // The history has everything, the AI's part included, without a gap.
        let history = "query($id: ID!) { conversation(id: $id) { messages(last: 100) { nodes { seq author { kind } } } } }";
        let data = operator.ask(history, json!({ "id": conversation })).await;
        let nodes = data["conversation"]["messages"]["nodes"].as_array().expect("messages");
        let numbers: Vec<i64> = nodes.iter().map(|node| node["seq"].as_i64().expect("a number")).collect();
        assert_eq!(numbers, (1..=numbers.len() as i64).collect::<Vec<_>>());
        assert!(nodes.iter().any(|node| node["author"]["kind"] == "AI"));
        app.close().await;
    }
}

both! {
    async fn a_claimed_chat_is_a_stub_for_colleagues(database) {
        let app = App::start(database).await;
        let (visitor, conversation) = app.visitor().await;
        let (operator, colleague) = (app.operator().await, app.colleague().await);
        let secret = "my order number is 4711";
        visitor.says(secret).await;
        visitor.asks_for_human().await;
        operator.accepts(&conversation).await;
        let document = "query($id: ID!) { conversation(id: $id) { contentVisible preview assignee { name } visitor { pageUrl } handoff { acceptedAt reason } } }";
        let stub = colleague.ask(document, json!({ "id": conversation })).await;
        assert_eq!(stub["conversation"]["contentVisible"], false);
        assert_eq!(stub["conversation"]["preview"], Value::Null);
        assert_eq!(stub["conversation"]["assignee"]["name"], "Olivia Hart");
        let messages = "query($id: ID!) { conversation(id: $id) { messages { nodes { text } } } }";
        assert_eq!(colleague.refused(messages, json!({ "id": conversation })).await, "FORBIDDEN CLAIMED_BY_OTHER");

        // Nor does a subscription tell: the history stays hidden, and what is said from now on as well.
        let mut socket = colleague.socket().await;
        socket.subscribe(DESK_EVENTS, json!({ "id": conversation, "after": "1.0" })).await;
        let event = socket.event().await;
        assert_eq!(event["conversationEvents"]["conversation"]["contentVisible"], false);
        visitor.says("and my door code is 1234").await;
        let done = "mutation($id: ID!) { returnToAi(conversationId: $id) { state } }";
        operator.ask(done, json!({ "id": conversation })).await;
        // Back with the AI everybody who may read conversations may read it, what was missed included.
        let mut seen = Vec::new();
        loop {
            let event = socket.event().await;
            if is_message(&event, "conversationEvents") {
                seen.push(event["conversationEvents"]["message"]["seq"].as_i64().expect("a number"));
                if event["conversationEvents"]["message"]["kind"] == "RETURNED_TO_AI" {
                    break;
                }
            }
        }
        assert_eq!(seen, (1..=seen.len() as i64).collect::<Vec<_>>(), "caught up without a gap");
        app.close().await;
    }
}

both! {
    async fn only_the_holder_writes_completes_and_gives_back(database) {
        let app = App::start(database).await;
        let (visitor, conversation) = app.visitor().await;
        let (operator, colleague) = (app.operator().await, app.colleague().await);
        visitor.says("hello").await;
        visitor.asks_for_human().await;
        let handoff = operator.handoff_of(&conversation).await;
        operator.accepts(&conversation).await;
        let accept = "mutation($id: ID!) { acceptHandoff(handoffId: $id) { state } }";
        let reply = colleague.post(accept, json!({ "id": handoff })).await;
        assert_eq!(reply.error(), "CONFLICT ALREADY_ACCEPTED");
        assert_eq!(reply.json["errors"][0]["extensions"]["holder"], "Olivia Hart", "losers learn who");
        let send = "mutation($id: ID!, $client: String!) { sendMessage(clientId: $client, conversationId: $id, text: \"x\") { seq } }";
        let variables = json!({ "id": conversation, "client": client_id() });
        assert_eq!(colleague.refused(send, variables).await, "CONFLICT NOT_YOURS");
        for verb in ["completeConversation", "returnToAi", "releaseConversation"] {
            let document = format!("mutation($id: ID!) {{ {verb}(conversationId: $id) {{ state }} }}");
            assert_eq!(colleague.refused(&document, json!({ "id": conversation })).await, "CONFLICT NOT_YOURS", "{verb}");
        }
        let release = "mutation($id: ID!) { releaseConversation(conversationId: $id) { state assignee { name } } }";
        let data = operator.ask(release, json!({ "id": conversation })).await;
        assert_eq!(data["releaseConversation"], json!({ "state": "REQUESTED", "assignee": null }));
        colleague.accepts(&conversation).await;
        app.close().await;
    }
}

both! {
    async fn a_live_chat_is_taken_over_from_the_ai_and_passed_back(database) {
        let app = App::start(database).await;
        let (visitor, conversation) = app.visitor().await;
        let operator = app.operator().await;
        let intervene = "mutation($id: ID!) { intervene(conversationId: $id) { state handoff { state } } }";
        visitor.says("hello").await;
        app.later(std::time::Duration::from_secs(600));
        assert_eq!(operator.refused(intervene, json!({ "id": conversation })).await, "CONFLICT NOT_LIVE");
        visitor.says("still there").await;
        let data = operator.ask(intervene, json!({ "id": conversation })).await;
        assert_eq!(data["intervene"], json!({ "state": "HUMAN", "handoff": { "state": "ACCEPTED" } }));
        let back = "mutation($id: ID!) { returnToAi(conversationId: $id) { state handoff { state } } }";
        let data = operator.ask(back, json!({ "id": conversation })).await;
        assert_eq!(data["returnToAi"], json!({ "state": "AI", "handoff": { "state": "RETURNED" } }));
        let thread = "query { session { conversation { state messages { nodes { kind text } } } } }";
        let data = visitor.ask(thread, json!({})).await;
        let last = data["session"]["conversation"]["messages"]["nodes"].as_array().and_then(|nodes| nodes.last()).cloned();
        assert_eq!(last.expect("a message")["kind"], "RETURNED_TO_AI", "the visitor is told (S205)");
        app.close().await;
    }
}

both! {
    async fn the_same_client_id_is_one_message_and_another_body_is_a_conflict(database) {
        let app = App::start(database).await;
        let (visitor, _) = app.visitor().await;
        let (other, _) = app.visitor().await;
        let document = "mutation($id: String!, $text: String!) { sendMessage(clientId: $id, text: $text) { id seq } }";
        let first = visitor.ask(document, json!({ "id": "one", "text": "hello" })).await;
        let again = visitor.ask(document, json!({ "id": "one", "text": "hello" })).await;
        assert_eq!(first, again);
        let refused = visitor.refused(document, json!({ "id": "one", "text": "another" })).await;
        assert_eq!(refused, "CONFLICT CLIENT_ID_REUSED");
        // A client id is unique per actor, not over all.
        let theirs = other.ask(document, json!({ "id": "one", "text": "another" })).await;
        assert_ne!(theirs["sendMessage"]["id"], first["sendMessage"]["id"]);
        let twenty = futures_util::future::join_all((0..20).map(|_| visitor.ask(document, json!({ "id": "two", "text": "at once" })))).await;
        assert!(twenty.iter().all(|data| *data == twenty[0]));
        let request = "mutation { requestHandoff(clientId: \"hand\") { id state lastSeq } }";
        let asked = visitor.ask(request, json!({})).await;
        let again = visitor.ask(request, json!({})).await;
        assert_eq!(asked["requestHandoff"]["id"], again["requestHandoff"]["id"]);
        app.close().await;
    }
}

both! {
    async fn a_subscriber_goes_on_after_its_cursor_without_gap_or_double(database) {
        let app = App::start(database).await;
        let (visitor, conversation) = app.visitor().await;
        let operator = app.operator().await;
        visitor.says("hello").await;
        visitor.asks_for_human().await;
        operator.accepts(&conversation).await;
        let mut cursor = "1.0".to_owned();
        let mut seen: Vec<i64> = Vec::new();
        for round in 0..30 {
            let mut socket = visitor.socket().await;
            socket.subscribe(VISITOR_EVENTS, json!({ "after": cursor })).await;
            // Messages arrive while it connects, replays, and is live.
            let sends = futures_util::future::join_all((0..5).map(|n| {
                let (operator, conversation) = (&operator, &conversation);
                async move { operator.replies(conversation, &format!("{round} {n}")).await }
            }));
            let until = sends.await.into_iter().max().expect("five") - i64::from(round % 3 == 0);
            while seen.last().copied().unwrap_or(0) < until {
                let event = socket.event_where(|event| is_message(event, "events")).await;
                seen.push(event["events"]["message"]["seq"].as_i64().expect("a number"));
                cursor = event["events"]["cursor"].as_str().expect("a cursor").to_owned();
            }
            socket.cut().await;
        }
        assert_eq!(seen, (1..=seen.len() as i64).collect::<Vec<_>>());
        app.close().await;
    }
}

both! {
    async fn a_cursor_that_cannot_be_gone_on_from_gives_resync(database) {
        let app = App::start(database).await;
        let (visitor, _) = app.visitor().await;
        visitor.says("hello").await;
        for (after, reason) in [("2.0", "EPOCH"), ("1.999", "FUTURE")] {
            let mut socket = visitor.socket().await;
            socket.subscribe(VISITOR_EVENTS, json!({ "after": after })).await;
            let event = socket.event().await;
            assert_eq!((&event["events"]["__typename"], &event["events"]["reason"]), (&json!("Resync"), &json!(reason)));
        }
        for _ in 0..520 {
            visitor.asks_for_human().await;
            visitor.ask("mutation { cancelHandoff { state } }", json!({})).await;
            if visitor.says("x").await > 510 { break; }
        }
        let mut socket = visitor.socket().await;
        socket.subscribe(VISITOR_EVENTS, json!({ "after": "1.0" })).await;
        assert_eq!(socket.event().await["events"]["reason"], "TOO_OLD");
        let mut socket = visitor.socket().await;
        socket.subscribe(VISITOR_EVENTS, json!({ "after": "nonsense" })).await;
        let answer = socket.receive().await.expect("an answer");
        assert_eq!(crate::support::app::error_of(&json!({ "errors": answer["payload"] })), "INVALID NOT_A_CURSOR");
        app.close().await;
    }
}

both! {
    async fn typing_is_shown_to_the_other_side_alone(database) {
        let app = App::start(database).await;
        let (visitor, conversation) = app.visitor().await;
        let operator = app.operator().await;
        visitor.asks_the_ai("hello").await;
        visitor.asks_for_human().await;
        operator.accepts(&conversation).await;
        let (mut theirs, mut ours) = (visitor.socket().await, operator.socket().await);
        theirs.subscribe(VISITOR_EVENTS, json!({ "after": "1.0" })).await;
        ours.subscribe(DESK_EVENTS, json!({ "id": conversation, "after": "1.0" })).await;
        theirs.event_where(|event| event["events"]["__typename"] == "ConversationChanged").await;
        ours.event_where(|event| event["conversationEvents"]["__typename"] == "ConversationChanged").await;
        visitor.ask("mutation { setTyping(typing: true) }", json!({})).await;
        let document = "mutation($id: ID!) { setTyping(conversationId: $id, typing: true) }";
        operator.ask(document, json!({ "id": conversation })).await;
        let event = theirs.event().await;
        assert_eq!((&event["events"]["__typename"], &event["events"]["author"]), (&json!("TypingChanged"), &json!("OPERATOR")));
        let event = ours.event().await;
        assert_eq!(event["conversationEvents"]["author"], "VISITOR");
        app.close().await;
    }
}

both! {
    async fn contact_details_are_asked_for_first_where_the_agent_wants_them(database) {
        let app = App::start(database).await;
        let owner = app.sign_in("owner@bluebakery.test").await;
        let agent = owner.ask("{ aiAgents { nodes { id } } }", json!({})).await["aiAgents"]["nodes"][0]["id"].clone();
        let settings = "mutation($id: ID!) { updateHandoffSettings(aiAgentId: $id, askContact: true) { handoff { askContact } } }";
        owner.ask(settings, json!({ "id": agent })).await;
        let (visitor, conversation) = app.visitor().await;
        visitor.says("hello").await;
        let request = "mutation($id: String!, $name: String, $email: String) { requestHandoff(clientId: $id, name: $name, email: $email, reason: \"\") { state } }";
        let first = "mutation { requestHandoff(clientId: \"first\") { state } }";
        assert_eq!(visitor.ask(first, json!({})).await["requestHandoff"]["state"], "COLLECTING");
        let wrong = visitor.refused(request, json!({ "id": client_id(), "email": "nonsense" })).await;
        assert_eq!(wrong, "INVALID NOT_AN_ADDRESS");
        let details = json!({ "id": client_id(), "name": "Jo", "email": "Jo@Example.com" });
        assert_eq!(visitor.ask(request, details).await["requestHandoff"]["state"], "REQUESTED");
        let operator = app.operator().await;
        let document = "query($id: ID!) { conversation(id: $id) { visitor { name email } } }";
        let data = operator.ask(document, json!({ "id": conversation })).await;
        assert_eq!(data["conversation"]["visitor"], json!({ "name": "Jo", "email": "jo@example.com" }));
        // Without the permission to read contact data the address is masked.
        let viewer = app.sign_in("viewer@bluebakery.test").await;
        let data = viewer.ask(document, json!({ "id": conversation })).await;
        assert_eq!(data["conversation"]["visitor"]["email"], "j•••@e•••.com");
        app.close().await;
    }
}

both! {
    async fn conversations_are_searched_filtered_and_paged(database) {
        let app = App::start(database).await;
        let operator = app.operator().await;
        let mut ids = Vec::new();
        for n in 0..7 {
            let (visitor, conversation) = app.visitor().await;
            // The answer is waited for: it moves the conversation up in the list that is paged below.
            visitor.asks_the_ai(&format!("Question number {n} about Crème brûlée")).await;
            ids.push(conversation);
        }
        let document = "query($after: String, $filter: ConversationFilter) { conversations(first: 3, after: $after, filter: $filter) { nodes { id live unread } pageInfo { hasNextPage endCursor } } }";
        let mut seen = Vec::new();
        let mut after = Value::Null;
        loop {
            let page = operator.ask(document, json!({ "after": after })).await["conversations"].clone();
            seen.extend(page["nodes"].as_array().expect("nodes").iter().map(|node| node["id"].as_str().expect("id").to_owned()));
            if page["pageInfo"]["hasNextPage"] == false { break; }
            after = page["pageInfo"]["endCursor"].clone();
        }
        seen.sort();
        ids.sort();
        assert_eq!(seen, ids);
        let count = async |filter: Value| {
            let data = operator.ask(document, json!({ "filter": filter })).await;
            data["conversations"]["nodes"].as_array().expect("nodes").len()
        };
        assert_eq!(count(json!({ "search": "NUMBER 3 about creme" })).await, 1);
        assert_eq!(count(json!({ "search": "100%" })).await, 0, "a percent sign is a percent sign");
        assert_eq!(count(json!({ "live": true })).await, 3);
        assert_eq!(count(json!({ "states": ["HUMAN"] })).await, 0);
        app.later(std::time::Duration::from_secs(600));
        // Who signed in ten minutes ago does so again.
        let live = app.operator().await.ask(document, json!({ "filter": { "live": true } })).await;
        assert_eq!(live["conversations"]["nodes"], json!([]));
        app.close().await;
    }
}

both! {
    async fn a_model_streams_its_answer_and_its_trouble_ends_in_a_canned_line_within_ten_seconds(database) {
        let model = FakeModel::start(Mode::Good("We bake it on Thursdays, in an oven of its own.".to_owned())).await;
        let app = App::with(database.clone(), config_with(&database, &[("LIVERY_MODEL_URL", model.url())])).await;
        let ask = async |question: &str| {
            let (visitor, _) = app.visitor().await;
            let mut socket = visitor.socket().await;
            socket.subscribe(VISITOR_EVENTS, json!({ "after": "1.0" })).await;
            let asked = tokio::time::Instant::now();
            visitor.says(question).await;
            let mut grew = 0;
            loop {
                let event = socket.event().await;
                grew += usize::from(event["events"]["__typename"] == "AnswerProgress");
                if is_message(&event, "events") && event["events"]["message"]["author"]["kind"] == "AI" {
                    return (event["events"]["message"].clone(), grew, asked.elapsed());
                }
            }
        };
        let (answer, grew, _) = ask("Do you have gluten-free bread?").await;
        assert_eq!(answer["text"], "We bake it on Thursdays, in an oven of its own.");
        assert_eq!(answer["offersHuman"], false);
        assert!(grew > 1, "tokens stream to the visitor");
        let sent = model.requests().last().expect("a request").body.clone();
        assert!(sent.contains("buckwheat"), "the same entries go along as context: {sent}");
        for mode in [Mode::Refuse(500), Mode::Garbage, Mode::Endless, Mode::InvalidJson, Mode::HangAfterFirstToken] {
            let name = format!("{mode:?}");
            model.set(mode);
            let (answer, _, took) = ask("Do you have gluten-free bread?").await;
            assert_eq!(answer["offersHuman"], true, "{name}: {answer}");
            assert_eq!(answer["sources"], json!([]), "{name}");
            assert!(took < std::time::Duration::from_secs(10), "{name} took {took:?}");
        }
        app.close().await;
    }
}
