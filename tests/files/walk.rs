//! A file goes from one to the other, once, to whom it is meant for.

use http::StatusCode;
use serde_json::{Value, json};

use super::{announce, announce_as, attach, attachments, bring, chat, fetch, png, put, send, send_as, set};
use crate::support::{App, both};

const EVENTS: &str = "subscription { events(after: \"1.0\") { __typename ... on MessageAdded { message { text attachments { id name url width } } } } }";
const DESK: &str = "subscription($id: ID!) { conversationEvents(conversationId: $id, after: \"1.0\") { __typename ... on MessageAdded { message { text attachments { id name url width } } } } }";

both! {
    async fn a_picture_and_a_document_go_both_ways_and_arrive_as_they_were_sent(database) {
        let app = App::start(database).await;
        let (visitor, operator, conversation) = chat(&app).await;
        let mut desk = operator.socket().await;
        desk.subscribe(DESK, json!({ "id": conversation })).await;
        desk.event_where(|event| event["conversationEvents"]["__typename"] == "ConversationChanged").await;
        let mut widget = visitor.socket().await;
        widget.subscribe(EVENTS, json!({})).await;
        widget.event_where(|event| event["events"]["__typename"] == "ConversationChanged").await;

        let (picture, words) = (png(40, 30), b"%PDF-1.7 an invoice".to_vec());
        let (cat, invoice) = (bring(&visitor, None, "cat.png", &picture).await, bring(&visitor, None, "invoice.pdf", &words).await);
        let sent = attachments(&send(&visitor, None, "", &[&cat, &invoice]).await);
        assert_eq!((&sent[0]["name"], &sent[0]["mediaType"], &sent[0]["width"], &sent[0]["height"]), (&json!("cat.png"), &json!("image/png"), &json!(40), &json!(30)));
        assert_eq!((&sent[1]["name"], &sent[1]["mediaType"], &sent[1]["width"]), (&json!("invoice.pdf"), &json!("application/pdf"), &Value::Null));
        let heard = desk.event_where(|event| event["conversationEvents"]["message"]["attachments"][0]["id"] == json!(cat)).await;
        let heard = &heard["conversationEvents"]["message"];
        assert_eq!((&heard["text"], &heard["attachments"][0]["id"], &heard["attachments"][1]["id"]), (&json!(""), &json!(cat), &json!(invoice)));
        let got = fetch(&app, heard["attachments"][1]["url"].as_str().expect("an address")).await;
        assert_eq!((got.status, got.bytes.as_ref()), (StatusCode::OK, words.as_slice()));
        let got = fetch(&app, heard["attachments"][0]["url"].as_str().expect("an address")).await;
        assert!(got.status == StatusCode::OK && got.headers["content-type"] == "image/png");

        // What lists show of it is the files' names, and a file with words goes with them.
        let document = "query($id: ID!) { conversation(id: $id) { preview files { enabled largestBytes atMost } } }";
        let seen = operator.ask(document, json!({ "id": conversation })).await;
        assert_eq!(seen["conversation"]["preview"], "2 files");
        assert_eq!(seen["conversation"]["files"], json!({ "enabled": true, "largestBytes": 10 * 1024 * 1024, "atMost": 10 }));
        widget.event_where(|event| event["events"]["message"]["attachments"][0]["id"] == json!(cat)).await;
        let answer = bring(&operator, Some(&conversation), "answer.txt", b"Dear visitor").await;
        attachments(&send(&operator, Some(&conversation), "Here you are.", &[&answer]).await);
        let heard = widget.event_where(|event| event["events"]["message"]["text"] == "Here you are.").await;
        let got = fetch(&app, heard["events"]["message"]["attachments"][0]["url"].as_str().expect("an address")).await;
        assert_eq!(got.bytes.as_ref(), b"Dear visitor");

        // The history has them as well, on both sides, each time with addresses that are good.
        let history = "query($id: ID!) { conversation(id: $id) { messages { nodes { attachments { name url } } } } }";
        let data = operator.ask(history, json!({ "id": conversation })).await;
        let nodes = data["conversation"]["messages"]["nodes"].as_array().expect("messages").clone();
        let names: Vec<&str> = nodes.iter().flat_map(|node| node["attachments"].as_array().expect("a list")).map(|one| one["name"].as_str().expect("a name")).collect();
        assert_eq!(names, ["cat.png", "invoice.pdf", "answer.txt"]);
        let one = "query($id: ID!) { file(id: $id) { name url } }";
        for (client, id) in [(&operator, &cat), (&visitor, &answer), (&visitor, &cat)] {
            let found = client.ask(one, json!({ "id": id })).await;
            assert_eq!(fetch(&app, found["file"]["url"].as_str().expect("an address")).await.status, StatusCode::OK);
        }
        app.close().await;
    }
}

both! {
    async fn whoever_comes_back_goes_on_where_files_were_sent(database) {
        let app = App::start(database).await;
        let open = "mutation($w: ID!, $r: String) { session(widgetId: $w, resume: $r) { token resume conversation { id messages { nodes { attachments { name url } } } } } }";
        let begun = app.post("/widget/graphql", None, open, json!({ "w": app.widget().await })).await.json["data"]["session"].clone();
        let visitor = crate::visitors::visitor_in(&app, &begun);
        let picture = bring(&visitor, None, "cat.png", &png(4, 3)).await;
        attachments(&send(&visitor, None, "", &[&picture]).await);
        let reply = app.post("/widget/graphql", None, open, json!({ "w": app.widget().await, "r": begun["resume"] })).await;
        assert_eq!(reply.json["errors"], Value::Null);
        let again = &reply.json["data"]["session"]["conversation"];
        assert_eq!(again["id"], begun["conversation"]["id"]);
        let file = &again["messages"]["nodes"][0]["attachments"][0];
        assert_eq!(file["name"], "cat.png");
        assert_eq!(fetch(&app, file["url"].as_str().expect("an address")).await.status, StatusCode::OK);
        app.close().await;
    }
}

both! {
    async fn a_message_is_one_however_often_it_is_sent_and_its_files_are_part_of_it(database) {
        let app = App::start(database).await;
        let (visitor, _, _) = chat(&app).await;
        let (one, two) = (bring(&visitor, None, "1.txt", b"one").await, bring(&visitor, None, "2.txt", b"two").await);
        let first = send_as(&visitor, None, "same", "", &[&one]).await;
        let again = send_as(&visitor, None, "same", "", &[&one]).await;
        assert_eq!(first.json["data"]["sendMessage"]["seq"], again.json["data"]["sendMessage"]["seq"]);
        for files in [&[two.as_str()][..], &[], &[one.as_str(), two.as_str()]] {
            let text = if files.is_empty() { "words" } else { "" };
            assert_eq!(send_as(&visitor, None, "same", text, files).await.error(), "CONFLICT CLIENT_ID_REUSED", "{files:?}");
        }
        // Each goes into one message, also when two ask for it at once.
        assert_eq!(send(&visitor, None, "", &[&one]).await.error(), "CONFLICT ALREADY_SENT");
        let files = [two.as_str()];
        let at_once = futures_util::future::join_all((0..8).map(|_| send(&visitor, None, "", &files))).await;
        let sent = at_once.iter().filter(|reply| reply.json["errors"].is_null()).count();
        assert_eq!(sent, 1);
        assert!(at_once.iter().filter(|reply| !reply.json["errors"].is_null()).all(|reply| reply.error() == "CONFLICT ALREADY_SENT"));
        // Announced once under a client id, with the same id and a good address each time.
        let (a, b) = (announce_as(&visitor, None, "file", "a.txt", 3).await, announce_as(&visitor, None, "file", "a.txt", 3).await);
        assert_eq!(a.json["data"]["prepareUpload"]["fileId"], b.json["data"]["prepareUpload"]["fileId"]);
        assert_eq!(announce_as(&visitor, None, "file", "a.txt", 4).await.error(), "CONFLICT CLIENT_ID_REUSED");
        let upload = &b.json["data"]["prepareUpload"];
        assert_eq!(send(&visitor, None, "", &[upload["fileId"].as_str().expect("an id")]).await.error(), "CONFLICT NOT_UPLOADED");
        app.close().await;
    }
}

both! {
    async fn exactly_the_bytes_that_were_promised_come(database) {
        let app = App::start(database).await;
        let (visitor, _, _) = chat(&app).await;
        let announced = announce(&visitor, None, "a.txt", 5).await.json["data"]["prepareUpload"].clone();
        let url = announced["url"].as_str().expect("an address");
        let reason = |reply: &crate::support::app::Reply| reply.json["reason"].as_str().unwrap_or("-").to_owned();
        for (bytes, expected) in [("1234", "INCOMPLETE"), ("123456", "TOO_MUCH"), ("", "INCOMPLETE")] {
            assert_eq!(reason(&put(&app, url, bytes).await), expected, "{bytes}");
            let piecewise = futures_util::stream::iter(bytes.chars().map(|c| Ok::<_, std::io::Error>(c.to_string())));
            assert_eq!(reason(&put(&app, url, axum::body::Body::from_stream(piecewise)).await), expected, "{bytes} in pieces");
        }
        let broken = futures_util::stream::iter([Ok("123".to_owned()), Err(std::io::Error::other("gone"))]);
        assert_eq!(reason(&put(&app, url, axum::body::Body::from_stream(broken)).await), "INCOMPLETE");
        // None of that counted; the right ones do, and may come again when their answer was lost.
        for _ in 0..2 {
            assert_eq!(put(&app, url, "12345").await.status, StatusCode::OK);
        }
        assert_eq!(reason(&put(&app, url, "54321").await), "ALREADY_UPLOADED");
        let id = announced["fileId"].as_str().expect("an id");
        let sent = attachments(&send(&visitor, None, "", &[id]).await);
        assert_eq!(fetch(&app, sent[0]["url"].as_str().expect("an address")).await.bytes.as_ref(), b"12345");
        // An address to bring something to is none to fetch it from.
        assert_eq!(fetch(&app, url).await.status, StatusCode::NOT_FOUND);
        assert_eq!(put(&app, sent[0]["url"].as_str().expect("an address"), "12345").await.status, StatusCode::NOT_FOUND);
        // Two at once with different bytes: one of them is kept whole.
        let url = announce(&visitor, None, "a.txt", 5).await.json["data"]["prepareUpload"]["url"].as_str().expect("an address").to_owned();
        let both = futures_util::future::join_all(["aaaaa", "bbbbb"].map(|bytes| put(&app, &url, bytes))).await;
        let kept: Vec<_> = both.iter().filter(|reply| reply.status == StatusCode::OK).collect();
        assert_eq!(kept.len(), 1);
        let bytes = fetch(&app, kept[0].json["url"].as_str().expect("an address")).await.bytes;
        assert_eq!(bytes.as_ref(), if both[0].status == StatusCode::OK { b"aaaaa" } else { b"bbbbb" });
        app.close().await;
    }
}

both! {
    async fn only_ones_own_uploads_to_this_conversation_are_sent(database) {
        let app = App::start(database).await;
        let (visitor, operator, conversation) = chat(&app).await;
        let (other, _) = app.visitor().await;
        let theirs = bring(&visitor, None, "a.txt", b"abc").await;


        for (client, at) in [(&other, None), (&operator, Some(conversation.as_str()))] {
            assert_eq!(send(client, at, "", &[&theirs]).await.error(), "NOT_FOUND NOT_FOUND");
        }
        assert_eq!(send(&visitor, None, "", &["fil_00000000000000000000000001"]).await.error(), "NOT_FOUND NOT_FOUND");
        let one = "query($id: ID!) { file(id: $id) { name } }";
        // What is not sent yet is nobody else's to see.
        for client in [&other, &operator] {
            assert_eq!(client.refused(one, json!({ "id": theirs })).await, "NOT_FOUND NOT_FOUND");
        }
        send(&visitor, None, "", &[&theirs]).await;
        assert_eq!(operator.ask(one, json!({ "id": theirs })).await["file"]["name"], "a.txt");
        assert_eq!(other.refused(one, json!({ "id": theirs })).await, "NOT_FOUND NOT_FOUND");
        assert_eq!(app.stranger().await.refused(one, json!({ "id": theirs })).await, "NOT_FOUND NOT_FOUND");
        // A colleague sees a stub: no file, no address.
        assert_eq!(app.colleague().await.refused(one, json!({ "id": theirs })).await, "FORBIDDEN CLAIMED_BY_OTHER");
        let history = "query($id: ID!) { conversation(id: $id) { messages { nodes { attachments { url } } } } }";
        assert_eq!(app.colleague().await.refused(history, json!({ "id": conversation })).await, "FORBIDDEN CLAIMED_BY_OTHER");
        // Only whoever has the chat brings something to it.
        assert_eq!(announce(&app.colleague().await, Some(&conversation), "a.txt", 3).await.error(), "CONFLICT NOT_YOURS");
        assert_eq!(announce(&app.sign_in("viewer@bluebakery.test").await, Some(&conversation), "a.txt", 3).await.error(), "FORBIDDEN MISSING_PERMISSION");
        assert_eq!(announce(&app.stranger().await, Some(&conversation), "a.txt", 3).await.error(), "NOT_FOUND NOT_FOUND");
        let eleven: Vec<String> = futures_util::future::join_all((0..11).map(|_| bring(&visitor, None, "a.txt", b"abc"))).await;
        let all: Vec<&str> = eleven.iter().map(String::as_str).collect();
        assert_eq!(send(&visitor, None, "", &all).await.error(), "INVALID TOO_MANY");
        assert_eq!(send(&visitor, None, "", &[all[0], all[0]]).await.error(), "INVALID TWICE");
        assert_eq!(attachments(&send(&visitor, None, "ten", &all[..10]).await).len(), 10);
        assert_eq!(send(&visitor, None, "", &[]).await.error(), "INVALID EMPTY");
        app.close().await;
    }
}

both! {
    async fn the_organization_says_whether_and_how_large(database) {
        let app = App::start(database).await;
        let (visitor, operator, conversation) = chat(&app).await;
        set(&app, "files.largest_megabytes", "1").await;
        let mebi = 1024 * 1024;
        assert_eq!(announce(&visitor, None, "a.bin", mebi + 1).await.error(), "INVALID TOO_LARGE");
        assert_eq!(announce(&operator, Some(&conversation), "a.bin", mebi + 1).await.error(), "INVALID TOO_LARGE");
        assert_eq!(announce(&visitor, None, "a.bin", 0).await.error(), "INVALID EMPTY_FILE");
        assert_eq!(attach(&visitor, None, "a.bin", &vec![0; mebi]).await.status, StatusCode::OK);
        set(&app, "files.enabled", "false").await;
        assert_eq!(announce(&visitor, None, "a.txt", 3).await.error(), "CONFLICT FILES_OFF");
        assert_eq!(announce(&operator, Some(&conversation), "a.txt", 3).await.error(), "CONFLICT FILES_OFF");
        let document = "query { session { conversation { files { enabled } } } }";
        assert_eq!(visitor.ask(document, json!({})).await["session"]["conversation"]["files"]["enabled"], false);
        app.close().await;
    }
}
