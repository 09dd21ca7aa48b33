//! An anonymous visitor turns out to be somebody who is known: their threads come together, on every device.

use serde_json::json;

use super::*;
use crate::support::app::client_id;
use crate::support::{both, until};

const SAY: &str = "mutation($c: String!, $t: String!) { sendMessage(clientId: $c, text: $t) { seq text } }";

async fn identifies<'a>(app: &'a App, visitor: &Client<'_>, token: &str) -> (Client<'a>, Value) {
    let session = visitor.ask(IDENTIFY, json!({ "t": token })).await["identify"].clone();
    (visitor_in(app, &session), session)
}

/// The texts of a visitor's own in the conversation that they see.
async fn texts(visitor: &Client<'_>) -> Vec<String> {
    let document = "{ session { conversation { messages { nodes { text author { kind } } } } } }";
    let data = visitor.ask(document, json!({})).await;
    let nodes = data["session"]["conversation"]["messages"]["nodes"].as_array().cloned().unwrap_or_default();
    let own = nodes.iter().filter(|node| node["author"]["kind"] == "VISITOR");
    own.map(|node| node["text"].as_str().expect("a text").to_owned()).collect()
}

both! {
    async fn what_was_said_before_goes_on_after(database) {
        let app = App::start(database).await;
        let (_, token) = signed(&app, "42").await;
        let (anonymous, conversation) = app.visitor().await;
        anonymous.says("before I signed in").await;
        let (visitor, session) = identifies(&app, &anonymous, &token).await;
        assert_eq!(session["conversation"]["id"], conversation.as_str());
        visitor.says("and after").await;
        assert_eq!(texts(&visitor).await, ["before I signed in", "and after"]);
        // A retry of what was sent before is no second message.
        let id = client_id();
        let (anonymous, _) = app.visitor().await;
        anonymous.ask(SAY, json!({ "c": id, "t": "twice?" })).await;
        let (visitor, _) = identifies(&app, &anonymous, &token).await;
        visitor.ask(SAY, json!({ "c": id, "t": "twice?" })).await;
        let said = texts(&visitor).await;
        assert_eq!(said.iter().filter(|text| *text == "twice?").count(), 1, "{said:?}");
        app.close().await;
    }
}

both! {
    async fn the_tokens_before_open_nothing_any_more(database) {
        let app = App::start(database).await;
        let (_, token) = signed(&app, "42").await;
        // Somebody plants the token of a session of theirs in another's browser, where somebody signs in.
        let reply = open(&app, None, None).await.json["data"]["session"].clone();
        let planted = visitor_in(&app, &reply);
        planted.says("hello").await;
        let mut socket = planted.socket().await;
        let id = socket.subscribe("subscription { events(after: \"1.0\") { __typename } }", json!({})).await;
        socket.event().await;
        let (visitor, session) = identifies(&app, &planted, &token).await;
        visitor.says("my account number is 4711").await;
        assert_eq!(planted.refused("{ session { token } }", json!({})).await, "UNAUTHENTICATED SESSION_MOVED");
        assert_eq!(planted.refused(SAY, json!({ "c": "x", "t": "x" })).await, "UNAUTHENTICATED SESSION_MOVED");
        let ended = loop {
            let message = socket.receive().await.expect("an open socket");
            assert!(!message.to_string().contains("4711"), "{message}");
            if message["id"] == id.as_str() && message.to_string().contains("SESSION_MOVED") {
                break true;
            }
        };
        assert!(ended);
        let again = open(&app, reply["resume"].as_str(), None).await.json["data"]["session"].clone();
        assert_ne!(again["conversation"]["id"], session["conversation"]["id"]);
        assert_eq!(again["conversation"]["messages"]["nodes"], json!([]));
        app.close().await;
    }
}

both! {
    async fn another_device_goes_on_in_the_same_thread(database) {
        let app = App::start(database).await;
        let (_, token) = signed(&app, "42").await;
        let (phone, first) = known(&app, &token).await;
        phone.says("from the telephone").await;
        let (laptop, second) = known(&app, &token).await;
        assert_eq!(first["conversation"]["id"], second["conversation"]["id"]);
        assert_eq!(texts(&laptop).await, ["from the telephone"]);
        laptop.says("from the laptop").await;
        assert_eq!(texts(&phone).await, ["from the telephone", "from the laptop"]);
        // Another tab comes back by the token to go on, and is there as well.
        let tab = open(&app, first["resume"].as_str(), None).await.json["data"]["session"].clone();
        assert_eq!(tab["conversation"]["id"], first["conversation"]["id"]);
        app.close().await;
    }
}

both! {
    async fn threads_come_together_in_the_one_with_a_person(database) {
        let app = App::start(database).await;
        let (_, token) = signed(&app, "42").await;
        let (phone, held) = known(&app, &token).await;
        let held = held["conversation"]["id"].as_str().expect("an id").to_owned();
        phone.says("is anybody there?").await;
        phone.asks_for_human().await;
        let operator = app.operator().await;
        operator.accepts(&held).await;
        // On another device, as somebody anonymous, another thread; then it turns out who it was.
        let (anonymous, other) = app.visitor().await;
        anonymous.says("a word on the side").await;
        let (visitor, session) = identifies(&app, &anonymous, &token).await;
        assert_eq!(session["conversation"]["id"], held.as_str());
        visitor.says("here I am").await;
        operator.replies(&held, "Good to see you").await;
        // Nothing is lost: what was said on the side stands where it stood, and is theirs.
        let owner = app.owner().await;
        let (before, now) = (seen(&owner, &other).await, seen(&owner, &held).await);
        assert_eq!(before["visitor"]["id"], now["visitor"]["id"]);
        assert!(before["messages"].to_string().contains("a word on the side"));
        // And the other way round: the anonymous one has a person, so the telephone comes there.
        let mut socket = visitor.socket().await;
        let id = socket.subscribe("subscription { events(after: \"1.0\") { __typename } }", json!({})).await;
        socket.event().await;
        operator.ask("mutation($c: ID!) { completeConversation(conversationId: $c) { state } }", json!({ "c": held })).await;
        let (anonymous, waiting) = app.visitor().await;
        anonymous.says("quick").await;
        anonymous.asks_for_human().await;
        let (_, session) = identifies(&app, &anonymous, &token).await;
        assert_eq!(session["conversation"]["id"], waiting.as_str());
        loop {
            let message = socket.receive().await.expect("an open socket");
            if message["id"] == id.as_str() && message.to_string().contains("SESSION_MOVED") {
                break;
            }
        }
        assert_eq!(phone.refused(SAY, json!({ "c": client_id(), "t": "x" })).await, "UNAUTHENTICATED SESSION_MOVED");
        let resume = session["resume"].as_str();
        assert_eq!(open(&app, resume, None).await.json["data"]["session"]["conversation"]["id"], waiting.as_str());
        app.close().await;
    }
}

both! {
    async fn two_people_at_one_browser_stay_two(database) {
        let app = App::start(database).await;
        let widget = app.widget().await;
        let key = key(&app, &widget).await;
        let ada = sign(&claims(&app, &widget, "ada"), &key);
        let eve = sign(&claims(&app, &widget, "eve"), &key);
        let (first, session) = known(&app, &ada).await;
        first.says("a secret of mine").await;
        let reply = open(&app, session["resume"].as_str(), Some(&eve)).await.json["data"]["session"].clone();
        assert_ne!(reply["conversation"]["id"], session["conversation"]["id"]);
        assert!(!reply.to_string().contains("a secret of mine"));
        first.says("still mine").await;
        app.close().await;
    }
}

both! {
    async fn nobody_comes_along_to_another_organization(database) {
        let app = App::start(database).await;
        let (_, token) = signed(&app, "42").await;
        let (visitor, session) = known(&app, &token).await;
        visitor.says("for the bakery alone").await;
        let (anonymous, _) = app.visitor().await;
        anonymous.says("for the bakery too").await;
        let owner = app.owner().await;
        let data = owner.ask("{ organizations { nodes { id name aiAgents { nodes { id widget { id } } } } } }", json!({})).await;
        let nodes = data["organizations"]["nodes"].as_array().expect("organizations").clone();
        let of = |name: &str| nodes.iter().find(|node| node["name"] == name).expect("it is there").clone();
        let agent = of("Blue Bakery")["aiAgents"]["nodes"][0]["id"].clone();
        let move_it = "mutation($a: ID!, $o: ID!) { assignAiAgent(aiAgentId: $a, organizationId: $o) { id } }";
        owner.ask(move_it, json!({ "a": agent, "o": of("Harbor Dental")["id"] })).await;
        // The same person, the same widget, other people behind it: they are told nothing of the bakery's.
        let (there, now) = known(&app, &token).await;
        assert_ne!(now["conversation"]["id"], session["conversation"]["id"]);
        assert_eq!(now["conversation"]["messages"]["nodes"], json!([]));
        there.says("for the dentist").await;
        let (joined, _) = identifies(&app, &anonymous, &token).await;
        assert_eq!(texts(&joined).await, ["for the dentist"]);
        let dentist = app.stranger().await;
        let seen = super::seen(&dentist, now["conversation"]["id"].as_str().expect("an id")).await;
        assert!(!seen.to_string().contains("bakery"), "{seen}");
        app.close().await;
    }
}

both! {
    async fn who_identifies_at_once_from_everywhere_is_one(database) {
        let app = App::start(database).await;
        let (_, token) = signed(&app, "42").await;
        let rounds = 6;
        let mut conversations = std::collections::BTreeSet::new();
        let mut all_said = Vec::new();
        for round in 0..rounds {
            let mut devices = Vec::new();
            for device in 0..4 {
                let (visitor, _) = app.visitor().await;
                let text = format!("round {round} device {device}");
                visitor.says(&text).await;
                all_said.push(text);
                devices.push(visitor);
            }
            // They sign in, and write under ids that they try until it is kept, all at once.
            let work = devices.iter().enumerate().map(|(device, visitor)| {
                let (app, token) = (&app, token.as_str());
                async move {
                    let text = format!("round {round} then {device}");
                    let (id, variables) = (client_id(), json!({ "t": token }));
                    let said = json!({ "c": id, "t": text });
                    let mut session = None;
                    let mut now = visitor.clone();
                    until(async || {
                        if session.is_none() {
                            let (identify, _) = tokio::join!(visitor.post(IDENTIFY, variables.clone()), visitor.post(SAY, said.clone()));
                            let found = identify.json["data"]["identify"].clone();
                            if found["token"].is_string() {
                                now = visitor_in(app, &found);
                                session = Some(found);
                            } else if identify.error() == "UNAUTHENTICATED SESSION_MOVED" {
                                let found = open(app, None, Some(token)).await.json["data"]["session"].clone();
                                now = visitor_in(app, &found);
                                session = Some(found);
                            }
                            return None;
                        }
                        let reply = now.post(SAY, said.clone()).await;
                        if reply.error() == "UNAUTHENTICATED SESSION_MOVED" {
                            let found = open(app, None, Some(token)).await.json["data"]["session"].clone();
                            now = visitor_in(app, &found);
                            return None;
                        }
                        (reply.json["errors"].is_null()).then_some(())
                    })
                    .await;
                    text
                }
            });
            all_said.extend(futures_util::future::join_all(work).await);
            let (_, session) = known(&app, &token).await;
            conversations.insert(session["conversation"]["id"].as_str().expect("an id").to_owned());
        }
        // One visitor has all of it, each word once, wherever it stands.
        let owner = app.owner().await;
        let document = "{ conversations(first: 100) { nodes { id visitor { id } messages(last: 100) { nodes { text author { kind } } } } } }";
        let data = owner.ask(document, json!({})).await;
        let (_, session) = known(&app, &token).await;
        let me = seen(&owner, session["conversation"]["id"].as_str().expect("an id")).await["visitor"]["id"].clone();
        let nodes = data["conversations"]["nodes"].as_array().expect("conversations").clone();
        let mine = nodes.iter().filter(|node| node["visitor"]["id"] == me);
        let mut kept: Vec<String> = mine
            .flat_map(|node| node["messages"]["nodes"].as_array().expect("messages").clone())
            .filter(|message| message["author"]["kind"] == "VISITOR")
            .map(|message| message["text"].as_str().expect("a text").to_owned())
            .collect();
        kept.sort();
        all_said.sort();
        assert_eq!(kept, all_said);
        assert!(!conversations.is_empty());
        app.close().await;
    }
}

both! {
    async fn what_the_page_knows_is_shown_and_proves_nothing(database) {
        let app = App::start(database).await;
        let widget = app.widget().await;
        let key = key(&app, &widget).await;
        let mut said = claims(&app, &widget, "42");
        said["attributes"] = json!({ "plan": "gold" });
        let (visitor, session) = known(&app, &sign(&said, &key)).await;
        visitor.says("hello").await;
        let set = "mutation($a: [AttributeInput!]!) { setAttributes(attributes: $a) }";
        let list = |pairs: &[(&str, &str)]| {
            let list: Vec<_> = pairs.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
            json!({ "a": list })
        };
        visitor.ask(set, list(&[("plan", "free"), ("city", "Ulm"), ("sub", "43")])).await;
        let id = session["conversation"]["id"].as_str().expect("an id").parse().expect("an id");
        let kept = async || {
            let scope = livery::policy::Scope::system(bakery(&app).await, "a test looks");
            let mut read = app.services.store.read().await.expect("read");
            let row = livery::store::conversation::conversation(&mut read, &scope, id).await.expect("read").expect("it");
            livery::store::visitor::visitors_of(&mut read, &scope, &[row.visitor]).await.expect("read").remove(0)
        };
        let attributes: Value = serde_json::from_str(&kept().await.attributes).expect("an object");
        assert_eq!(attributes, json!({ "plan": "gold", "city": "Ulm", "sub": "43" }));
        assert_eq!(kept().await.external_id.as_deref(), Some("42"));
        let many: Vec<_> = (0..21).map(|at| json!({ "name": format!("k{at}"), "value": "v" })).collect();
        assert_eq!(visitor.refused(set, json!({ "a": many })).await, "INVALID TOO_MANY");
        assert_eq!(visitor.refused(set, list(&[("k", &"v".repeat(501))])).await, "INVALID TOO_LONG");
        // Where they are, as they go.
        let visit = "mutation($p: String!) { visitPage(pageUrl: $p) }";
        visitor.ask(visit, json!({ "p": "https://shop.example/cart" })).await;
        let conversation = session["conversation"]["id"].as_str().expect("an id");
        assert_eq!(seen(&app.owner().await, conversation).await["visitor"]["pageUrl"], "https://shop.example/cart");
        assert_eq!(visitor.refused(visit, json!({ "p": "javascript:alert(1)" })).await, "INVALID NOT_A_PAGE");
        app.close().await;
    }
}

/// The agency of the bakery.
async fn bakery(app: &App) -> livery::domain::id::AgencyId {
    let data = app.owner().await.ask("{ viewer { agency { id } } }", json!({})).await;
    data["viewer"]["agency"]["id"].as_str().expect("an id").parse().expect("an id")
}

both! {
    async fn a_browser_says_where_it_comes_from(database) {
        let app = App::start(database).await;
        let document = "mutation($w: ID!, $l: String, $z: String, $r: String) {
            session(widgetId: $w, language: $l, timeZone: $z, referrer: $r) { conversation { id } } }";
        let ask = async |language: &str, zone: &str, referrer: &str| {
            let variables = json!({ "w": app.widget().await, "l": language, "z": zone, "r": referrer });
            let reply = app.post("/widget/graphql", None, document, variables).await;
            let id = reply.json["data"]["session"]["conversation"]["id"].as_str().expect("an id").parse().expect("an id");
            let scope = livery::policy::Scope::system(bakery(&app).await, "a test looks");
            let mut read = app.services.store.read().await.expect("read");
            let row = livery::store::conversation::conversation(&mut read, &scope, id).await.expect("read").expect("it");
            let kept = livery::store::visitor::visitors_of(&mut read, &scope, &[row.visitor]).await.expect("read").remove(0);
            [kept.language, kept.time_zone, kept.referrer].map(Option::unwrap_or_default)
        };
        assert_eq!(ask("de-AT", "Europe/Vienna", "https://search.example/").await, ["de-AT", "Europe/Vienna", "https://search.example/"]);
        assert_eq!(ask("<b>", "Mars/Olympus", "javascript:alert(1)").await, ["", "", ""]);
        app.close().await;
    }
}
