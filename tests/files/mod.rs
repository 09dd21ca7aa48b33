//! Files both ways: announced, brought, checked, sent, fetched, and taken away again.

mod hostile;
mod room;
mod walk;

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::support::App;
use crate::support::app::{Client, Reply, client_id};

/// The message of a `sendMessage` with files.
pub const MESSAGE: &str = "seq text attachments { id name mediaType size width height url }";

/// Announces a file: to the visitor's own conversation, or to the one that an operator names.
pub async fn announce(client: &Client<'_>, conversation: Option<&str>, name: &str, size: usize) -> Reply {
    announce_as(client, conversation, &client_id(), name, size).await
}

/// The same, under a client id.
pub async fn announce_as(
    client: &Client<'_>,
    conversation: Option<&str>,
    client_id: &str,
    name: &str,
    size: usize,
) -> Reply {
    let document = match conversation {
        Some(_) => {
            "mutation($c: String!, $v: ID!, $n: String!, $s: Int!) { prepareUpload(clientId: $c, conversationId: $v, name: $n, size: $s) { fileId url expiresAt } }"
        }
        None => {
            "mutation($c: String!, $n: String!, $s: Int!) { prepareUpload(clientId: $c, name: $n, size: $s) { fileId url expiresAt } }"
        }
    };
    client.post(document, json!({ "c": client_id, "v": conversation, "n": name, "s": size })).await
}

/// Brings bytes to an address.
pub async fn put(app: &App, url: &str, bytes: impl Into<Body>) -> Reply {
    let request = Request::put(url).header("host", "127.0.0.1:8080");
    app.send(request.body(bytes.into()).expect("a request")).await
}

/// Announces a file and brings it. Gives what came of it.
pub async fn attach(client: &Client<'_>, conversation: Option<&str>, name: &str, bytes: &[u8]) -> Reply {
    let announced = announce(client, conversation, name, bytes.len()).await;
    let url = announced.json["data"]["prepareUpload"]["url"].as_str();
    let url = url.unwrap_or_else(|| panic!("{name}: {}", announced.json));
    put(client.app, url, bytes.to_vec()).await
}

/// Announces a file and brings it, which must succeed. Gives its id.
pub async fn bring(client: &Client<'_>, conversation: Option<&str>, name: &str, bytes: &[u8]) -> String {
    let reply = attach(client, conversation, name, bytes).await;
    assert_eq!(reply.status, StatusCode::OK, "{name}: {}", reply.json);
    reply.json["id"].as_str().expect("an id").to_owned()
}

/// Sends files. Gives the answer.
pub async fn send(client: &Client<'_>, conversation: Option<&str>, text: &str, files: &[&str]) -> Reply {
    send_as(client, conversation, &client_id(), text, files).await
}

/// The same, under a client id.
pub async fn send_as(
    client: &Client<'_>,
    conversation: Option<&str>,
    client_id: &str,
    text: &str,
    files: &[&str],
) -> Reply {
    let document = match conversation {
        Some(_) => {
            format!(
                "mutation($c: String!, $v: ID!, $t: String!, $f: [ID!]) {{ sendMessage(clientId: $c, conversationId: $v, text: $t, fileIds: $f) {{ {MESSAGE} }} }}"
            )
        }
        None => {
            format!(
                "mutation($c: String!, $t: String!, $f: [ID!]) {{ sendMessage(clientId: $c, text: $t, fileIds: $f) {{ {MESSAGE} }} }}"
            )
        }
    };
    client.post(&document, json!({ "c": client_id, "v": conversation, "t": text, "f": files })).await
}

/// The attachments of a message that was sent.
pub fn attachments(sent: &Reply) -> Vec<Value> {
    let found = &sent.json["data"]["sendMessage"]["attachments"];
    found.as_array().unwrap_or_else(|| panic!("{}", sent.json)).clone()
}

/// Fetches an address, at the host of the tests.
pub async fn fetch(app: &App, url: &str) -> Reply {
    let request = Request::get(url).header("host", "127.0.0.1:8080");
    app.send(request.body(Body::empty()).expect("a request")).await
}

/// A visitor whose chat the operator has.
pub async fn chat(app: &App) -> (Client<'_>, Client<'_>, String) {
    let (visitor, conversation) = app.visitor().await;
    let operator = app.operator().await;
    visitor.says("hello").await;
    visitor.asks_for_human().await;
    operator.accepts(&conversation).await;
    (visitor, operator, conversation)
}

/// A picture of one colour.
pub fn png(width: u32, height: u32) -> Vec<u8> {
    crate::brand::png(width, height)
}

/// The bakery's id.
pub async fn bakery(app: &App) -> String {
    crate::organizations::organizations(app).await.0
}

/// Sets a value in the bakery.
pub async fn set(app: &App, key: &str, value: &str) {
    let document =
        "mutation($k: String!, $o: ID, $v: String) { setSetting(key: $k, organizationId: $o, value: $v) { key } }";
    app.owner().await.ask(document, json!({ "k": key, "o": bakery(app).await, "v": value })).await;
}

/// How much room the bakery's files take, in bytes, as the database has it.
pub async fn used(app: &App) -> i64 {
    let s = &app.services;
    let organization = bakery(app).await.parse().expect("an id");
    let mut read = s.store.read().await.expect("read");
    let place = livery::store::locate::organization(&mut read, organization).await.expect("read").expect("a place");
    let scope = livery::policy::Scope::system(place.agency, "a look");
    livery::store::file::used(&mut read, &scope, organization).await.expect("read")
}
