//! What visitors leave when nobody answers, and how they go on (S206-S209, W16).

use std::time::Duration;

use http::{Request, StatusCode};
use serde_json::{Value, json};

use super::{
    ANSWER, CLOSE, LEAVE, QUERY, REOPEN, answers, leaves, mails, query, seconds, until_state, until_steps, written_to,
};
use crate::mail::app_with;
use crate::organizations::{SUSPEND, act, organizations, visitor_of, widget_of};
use crate::support::app::{Client, client_id};
use crate::support::{App, both, until};

const LIST: &str = "query($o: ID, $s: [OfflineQueryState!]) {
    offlineQueries(organizationId: $o, states: $s) { nodes { id state email name message } } openOfflineQueries(organizationId: $o) }";

/// The token of the link in a mail.
fn link_of(text: &str) -> String {
    let (_, rest) = text.split_once("/resume?token=").expect("a link");
    rest.split_whitespace().next().expect("a token").to_owned()
}

async fn open(app: &App, host: &str, token: &str) -> (StatusCode, Value) {
    let request = Request::post("/resume/open").header("host", host).header("content-type", "application/json");
    let reply = app.send(request.body(json!({ "token": token }).to_string().into()).expect("a request")).await;
    (reply.status, reply.json)
}

const HOST: &str = "northlight.localhost:8080";

both! {
    async fn a_query_is_kept_once_stands_in_the_thread_and_is_told(database) {
        let app = App::start(database).await;
        let (visitor, conversation) = app.visitor().await;
        let id = client_id();
        let form = json!({ "c": id, "e": " Vera@Visitor.test ", "m": "Do you bake\non Sundays?", "n": "Vera" });
        let left = visitor.ask(LEAVE, form.clone()).await["submitOfflineQuery"].clone();
        assert_eq!((&left["email"], &left["message"], &left["seq"]), (&json!("vera@visitor.test"), &json!("Do you bake\non Sundays?"), &json!(1)));
        assert_eq!(visitor.ask(LEAVE, form).await["submitOfflineQuery"], left);
        let other = json!({ "c": id, "e": "vera@visitor.test", "m": "something else" });
        assert_eq!(visitor.refused(LEAVE, other).await, "CONFLICT CLIENT_ID_REUSED");
        for (email, message, error) in [
            ("", "hello", "INVALID EMPTY"),
            ("nobody", "hello", "INVALID NOT_AN_ADDRESS"),
            ("a@b.test\r\nBcc: x@y.test", "hello", "INVALID NOT_AN_ADDRESS"),
            ("vera@visitor.test", " \n ", "INVALID EMPTY"),
            ("vera@visitor.test", &"x".repeat(4_001), "INVALID TOO_LONG"),
        ] {
            assert_eq!(visitor.refused(LEAVE, json!({ "c": client_id(), "e": email, "m": message })).await, error, "{email} {message:.20}");
        }
        let operator = app.operator().await;
        let kept = left["id"].as_str().expect("an id");
        let seen = query(&operator, kept).await;
        assert_eq!((&seen["state"], &seen["answerable"], &seen["conversation"]["id"]), (&json!("OPEN"), &json!(true), &json!(conversation)));
        assert_eq!(seen["history"], json!([{ "action": "RECEIVED", "by": "Vera" }]));
        let entry = &seen["conversation"]["messages"]["nodes"][0];
        assert_eq!((&entry["kind"], &entry["text"], &entry["author"]["kind"]), (&json!("OFFLINE_QUERY"), &json!("Do you bake\non Sundays?"), &json!("VISITOR")));
        let listed = operator.ask(LIST, json!({ "s": ["OPEN"] })).await;
        assert_eq!((listed["offlineQueries"]["nodes"].as_array().map(Vec::len), &listed["openOfflineQueries"]), (Some(1), &json!(1)));
        let told = until(async || Some(written_to(&app, "offline_query_received").await).filter(|to| !to.is_empty())).await;
        assert!(told.contains(&"operator1@bluebakery.test".to_owned()) && told.windows(2).all(|two| two[0] != two[1]), "{told:?}");
        let mail = mails(&app, "offline_query_received").await.pop().expect("a mail");
        assert!(mail.text.contains("“Do you bake on Sundays?”") && mail.text.contains(&format!("/offline-queries/{kept}")), "{}", mail.text);
        // The stranger has none of it.
        let stranger = app.stranger().await;
        assert_eq!(stranger.refused(QUERY, json!({ "id": kept })).await, "NOT_FOUND NOT_FOUND");
        assert_eq!(stranger.ask(LIST, json!({})).await["openOfflineQueries"], 0);
        app.close().await;
    }
}

both! {
    async fn a_query_is_kept_while_no_mail_server_answers_and_everybody_is_away(database) {
        // Nobody listens there.
        let app = app_with(database, Some("smtp://127.0.0.1:9?tls=none"), &[], &[]).await;
        let (visitor, conversation) = app.visitor().await;
        visitor.says("hello").await;
        visitor.asks_for_human().await;
        let owner = app.owner().await;
        until_steps(&owner, &conversation, 2).await;
        app.later(seconds(301));
        until_steps(&owner, &conversation, 4).await;
        app.later(seconds(600));
        let owner = app.owner().await;
        until_state(&owner, &conversation, "MISSED MISSED", 5).await;
        let id = leaves(&visitor, "vera@visitor.test", "I waited for you").await;
        let waiting = async || {
            let data = owner.ask("{ mails(first: 100) { nodes { kind state attempts } } }", json!({})).await;
            let all = data["mails"]["nodes"].as_array().expect("mails").clone();
            let ours: Vec<_> = all.into_iter().filter(|mail| mail["kind"] == "offline_query_received").collect();
            (!ours.is_empty() && ours.iter().all(|mail| mail["state"] == "QUEUED")).then_some(())
        };
        until(waiting).await;
        assert_eq!(query(&owner, &id).await["state"], "OPEN");
        // A thread that was missed stays so until the visitor writes in it, and the AI does not answer a query.
        let document = "query($id: ID!) { conversation(id: $id) { state messages { nodes { author { kind } } } } }";
        let data = owner.ask(document, json!({ "id": conversation })).await["conversation"].clone();
        assert_eq!(data["state"], "MISSED");
        assert!(data["messages"]["nodes"].as_array().expect("entries").last().is_some_and(|last| last["author"]["kind"] == "VISITOR"));
        app.close().await;
    }
}

both! {
    async fn a_query_is_answered_closed_and_opened_again_by_whoever_may(database) {
        let app = App::start(database).await;
        let (visitor, conversation) = app.visitor().await;
        let id = leaves(&visitor, "vera@visitor.test", "Do you bake on Sundays?").await;
        let (operator, colleague, stranger) = (app.operator().await, app.colleague().await, app.stranger().await);
        let viewer = app.sign_in("viewer@bluebakery.test").await;
        let wish = json!({ "c": client_id(), "id": id, "t": "We do.\n\nUntil noon." });
        assert_eq!(stranger.refused(ANSWER, wish.clone()).await, "NOT_FOUND NOT_FOUND");
        assert_eq!(viewer.refused(ANSWER, wish.clone()).await, "FORBIDDEN MISSING_PERMISSION");
        assert_eq!(stranger.refused(CLOSE, json!({ "id": id })).await, "NOT_FOUND NOT_FOUND");
        assert_eq!(operator.ask(ANSWER, wish.clone()).await["answerOfflineQuery"], json!({ "state": "ANSWERED", "rev": 2 }));
        assert_eq!(operator.ask(ANSWER, wish).await["answerOfflineQuery"], json!({ "state": "ANSWERED", "rev": 2 }));
        let mail = until(async || mails(&app, "offline_answer").await.pop()).await;
        assert_eq!(mails(&app, "offline_answer").await.len(), 1, "a retry sends nothing twice");
        assert_eq!((mail.to.as_str(), mail.subject.as_str()), ("vera@visitor.test", "Your message to Blue Bakery"));
        assert!(mail.text.contains("We do.\n\nUntil noon.") && mail.html.contains("<p>Until noon.</p>"), "{}", mail.text);
        assert!(mail.text.contains("You wrote: “Do you bake on Sundays?”"), "{}", mail.text);
        assert!(!mail.text.contains("simply answer this mail"), "no mails come back here: {}", mail.text);
        let seen = query(&colleague, &id).await;
        let last = seen["conversation"]["messages"]["nodes"].as_array().expect("entries").last().expect("an entry").clone();
        assert_eq!((&last["kind"], &last["text"], &last["author"]["kind"]), (&json!("TEXT"), &json!("We do.\n\nUntil noon."), &json!("OPERATOR")));
        assert_eq!(colleague.ask(CLOSE, json!({ "id": id })).await["closeOfflineQuery"], json!({ "state": "CLOSED", "rev": 3 }));
        assert_eq!(operator.ask(CLOSE, json!({ "id": id })).await["closeOfflineQuery"], json!({ "state": "CLOSED", "rev": 3 }));
        assert_eq!(operator.refused(ANSWER, json!({ "c": client_id(), "id": id, "t": "more" })).await, "CONFLICT CLOSED");
        assert_eq!(operator.ask(REOPEN, json!({ "id": id })).await["reopenOfflineQuery"], json!({ "state": "OPEN", "rev": 4 }));
        let history = query(&operator, &id).await["history"].clone();
        let actions: Vec<&str> = history.as_array().expect("a history").iter().filter_map(|event| event["action"].as_str()).collect();
        assert_eq!(actions, ["RECEIVED", "ANSWERED", "CLOSED", "REOPENED"]);
        assert_ne!(history[1]["by"], history[2]["by"]);
        // While a colleague has the chat, it is theirs.
        visitor.asks_for_human().await;
        colleague.accepts(&conversation).await;
        assert_eq!(operator.refused(ANSWER, json!({ "c": client_id(), "id": id, "t": "more" })).await, "CONFLICT NOT_YOURS");
        assert_eq!(visitor.refused(LEAVE, json!({ "c": client_id(), "e": "vera@visitor.test", "m": "m" })).await, "CONFLICT SOMEBODY_IS_HERE");
        answers(&colleague, &id, "I am here").await;
        app.close().await;
    }
}

both! {
    async fn the_link_in_an_answer_goes_on_with_the_chat_and_no_other_does(database) {
        let app = App::start(database).await;
        let (visitor, conversation) = app.visitor().await;
        let id = leaves(&visitor, "vera@visitor.test", "hello").await;
        let operator = app.operator().await;
        answers(&operator, &id, "Here you are.").await;
        let mail = until(async || mails(&app, "offline_answer").await.pop()).await;
        assert!(mail.text.contains(&format!("http://{HOST}/resume?token=")), "{}", mail.text);
        let token = link_of(&mail.text);
        // Whoever only looks changes nothing and learns nothing.
        let page = Request::get(format!("/resume?token={token}")).header("host", HOST).body(axum::body::Body::empty());
        let page = app.send(page.expect("a request")).await;
        let text = String::from_utf8_lossy(&page.bytes).into_owned();
        assert!(page.status == StatusCode::OK && text.contains("Northlight") && !text.contains(&token), "{text}");
        assert_eq!(page.headers["referrer-policy"], "no-referrer");
        assert!(page.headers["content-security-policy"].to_str().expect("text").contains("frame-ancestors 'none'"));
        let (status, opened) = open(&app, HOST, &token).await;
        assert_eq!(status, StatusCode::OK);
        let nobody = Client { app: &app, path: "/widget/graphql", token: None };
        let document = "mutation($w: ID!, $r: String) { session(widgetId: $w, resume: $r) { token conversation { id messages { nodes { text } } } } }";
        let data = nobody.ask(document, json!({ "w": opened["widget"], "r": opened["resume"] })).await["session"].clone();
        assert_eq!(data["conversation"]["id"], json!(conversation));
        assert_eq!(data["conversation"]["messages"]["nodes"][1]["text"], "Here you are.");
        // What it hands out is no session by itself, and no other agency knows it.
        let bare = Client { app: &app, path: "/widget/graphql", token: opened["resume"].as_str().map(str::to_owned) };
        assert_eq!(bare.refused("{ session { token } }", json!({})).await, "UNAUTHENTICATED TOKEN_INVALID");
        for (host, token) in [("southpaw.localhost:8080", token.as_str()), (HOST, "x"), (HOST, &token[1..]), (HOST, "")] {
            assert_eq!(open(&app, host, token).await.0, StatusCode::NOT_FOUND, "{host} {token}");
        }
        operator.ask(CLOSE, json!({ "id": id })).await;
        assert_eq!(open(&app, HOST, &token).await.0, StatusCode::NOT_FOUND, "closed");
        operator.ask(REOPEN, json!({ "id": id })).await;
        answers(&operator, &id, "Again.").await;
        let newer = until(async || mails(&app, "offline_answer").await.into_iter().map(|mail| link_of(&mail.text)).find(|found| *found != token)).await;
        assert_eq!(open(&app, HOST, &token).await.0, StatusCode::NOT_FOUND, "revoked for good");
        assert_eq!(open(&app, HOST, &newer).await.0, StatusCode::OK);
        app.later(Duration::from_secs(31 * 86_400));
        assert_eq!(open(&app, HOST, &newer).await.0, StatusCode::NOT_FOUND, "run out");
        app.close().await;
    }
}

both! {
    async fn a_query_brings_files(database) {
        let app = App::start(database).await;
        let (visitor, _) = app.visitor().await;
        let file = crate::files::bring(&visitor, None, "cake.png", &crate::files::png(8, 8)).await;
        let leave = "mutation($c: String!, $f: [ID!]) { submitOfflineQuery(clientId: $c, email: \"vera@visitor.test\", message: \"Like this one\", fileIds: $f) { id } }";
        let (id, other) = (client_id(), client_id());
        let left = visitor.ask(leave, json!({ "c": id, "f": [file] })).await["submitOfflineQuery"]["id"].clone();
        assert_eq!(visitor.ask(leave, json!({ "c": id, "f": [file] })).await["submitOfflineQuery"]["id"], left);
        assert_eq!(visitor.refused(leave, json!({ "c": other, "f": [file] })).await, "CONFLICT ALREADY_SENT");
        let document = "query($id: ID!) { offlineQuery(id: $id) { conversation { messages { nodes { kind attachments { id name } } } } } }";
        let seen = app.operator().await.ask(document, json!({ "id": left })).await["offlineQuery"]["conversation"]["messages"]["nodes"].clone();
        assert_eq!(seen, json!([{ "kind": "OFFLINE_QUERY", "attachments": [{ "id": file, "name": "cake.png" }] }]));
        app.close().await;
    }
}

both! {
    async fn nothing_is_left_where_there_is_nobody_to_read_it(database) {
        let app = App::start(database).await;
        let owner = app.owner().await;
        let (bakery, dental) = organizations(&app).await;
        let (visitor, _) = app.visitor().await;
        let (patient, _) = visitor_of(&app, &widget_of(&app, &dental).await.0).await;
        let id = leaves(&patient, "pat@visitor.test", "my tooth").await;
        let operator = app.operator().await;
        assert_eq!(operator.refused(QUERY, json!({ "id": id })).await, "NOT_FOUND NOT_FOUND");
        assert_eq!(owner.ask(LIST, json!({ "o": dental })).await["openOfflineQueries"], 1);
        assert_eq!(owner.ask(LIST, json!({ "o": bakery })).await["openOfflineQueries"], 0);
        act(&owner, SUSPEND, &bakery).await;
        let refused = visitor.refused(LEAVE, json!({ "c": client_id(), "e": "vera@visitor.test", "m": "m" })).await;
        assert!(refused.contains("SUSPENDED") || refused.contains("NOT_AVAILABLE"), "{refused}");
        app.close().await;
    }
}
