//! graphql-transport-ws over real sockets.

use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::body::Body;
use futures_util::{SinkExt, StreamExt};
use http::{HeaderValue, Request, StatusCode};
use livery::http::accept::Config;
use livery::http::graphql::{Limits, router};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use tower::ServiceExt;

use super::kit::{Door, TestApi, soon, start, until, usual};

const PROTOCOL: &str = "graphql-transport-ws";

struct Client(WebSocketStream<MaybeTlsStream<TcpStream>>);

async fn open(door: &Door, headers: &[(&'static str, &str)]) -> Result<Client, Error> {
    let mut request = format!("ws://{}/graphql", door.address).into_client_request()?;
    for (name, value) in headers {
        request.headers_mut().insert(*name, HeaderValue::from_str(value).expect("a header"));
    }
    let (socket, _) = soon(connect_async(request)).await?;
    Ok(Client(socket))
}

impl Client {
    /// Connected, nothing said.
    async fn new(door: &Door) -> Self {
        open(door, &[("sec-websocket-protocol", PROTOCOL)]).await.expect("an upgrade")
    }

    /// Connected and acknowledged.
    async fn ready(door: &Door) -> Self {
        let mut client = Self::new(door).await;
        client.send(json!({ "type": "connection_init", "payload": { "token": "ann" } })).await;
        assert_eq!(client.next().await, json!({ "type": "connection_ack" }));
        client
    }

    async fn send(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.expect("it is open");
    }

    async fn subscribe(&mut self, id: &str, query: &str) {
        self.send(json!({ "id": id, "type": "subscribe", "payload": { "query": query } })).await;
    }

    async fn message(&mut self) -> Message {
        loop {
            match soon(self.0.next()).await.expect("a message or a close frame").expect("a whole message") {
                Message::Ping(_) | Message::Pong(_) => {}
                message => return message,
            }
        }
    }

    async fn next(&mut self) -> Value {
        match self.message().await {
            Message::Text(text) => serde_json::from_str(&text).expect("JSON"),
            other => panic!("not a message of the protocol: {other:?}"),
        }
    }

    /// The code it is closed with, after whatever was on the way.
    async fn closed(&mut self) -> u16 {
        loop {
            if let Message::Close(frame) = self.message().await {
                let frame = frame.expect("a close code");
                assert!(frame.reason.len() <= 123);
                return frame.code.into();
            }
        }
    }
}

#[tokio::test]
async fn queries_mutations_and_subscriptions() {
    let door = usual().await;
    let mut client = Client::ready(&door).await;
    client.subscribe("q", "{ me }").await;
    assert_eq!(client.next().await, json!({ "id": "q", "type": "next", "payload": { "data": { "me": "ann" } } }));
    assert_eq!(client.next().await, json!({ "id": "q", "type": "complete" }));
    client.subscribe("\"m\\", "mutation { bump }").await;
    assert_eq!(client.next().await, json!({ "id": "\"m\\", "type": "next", "payload": { "data": { "bump": 1 } } }));
    assert_eq!(client.next().await, json!({ "id": "\"m\\", "type": "complete" }));
    client.subscribe("s", "subscription { count(to: 300) }").await;
    for number in 1..=300 {
        assert_eq!(client.next().await["payload"]["data"]["count"], number);
    }
    assert_eq!(client.next().await, json!({ "id": "s", "type": "complete" }));
    client.subscribe("x", "subscription { shared: count(to: 1) }").await;
    let shared = json!({ "id": "x", "type": "next", "payload": { "data": { "shared": 1 } } });
    assert_eq!((client.next().await, client.next().await), (shared.clone(), shared));
    assert_eq!(client.next().await, json!({ "id": "x", "type": "complete" }));
}

#[tokio::test]
async fn operations_that_fail_say_so_and_the_socket_stays() {
    let door = usual().await;
    let mut client = Client::ready(&door).await;
    for (query, code, reason) in [
        ("{", "INVALID", "SYNTAX"),
        ("{ nothing }", "INVALID", "VALIDATION"),
        ("mutation { bump b: bump }", "INVALID", "ROOT_FIELDS"),
        ("subscription { a: count(to: 1) b: count(to: 1) }", "INVALID", "ROOT_FIELDS"),
        ("subscription { closed }", "FORBIDDEN", "NO_PERMISSION"),
        ("{ panics }", "INTERNAL", "INTERNAL"),
    ] {
        client.subscribe("1", query).await;
        let message = client.next().await;
        assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!("1")), "{query}: {message}");
        let extensions = &message["payload"][0]["extensions"];
        assert_eq!((&extensions["code"], &extensions["reason"]), (&json!(code), &json!(reason)), "{query}");
        assert!(extensions["requestId"].is_string());
    }
    client.subscribe("1", "subscription { breaks }").await;
    let types = [client.next().await, client.next().await, client.next().await].map(|message| message["type"].clone());
    assert_eq!(types, ["next", "next", "error"]);
    // A field that fails is part of an answer.
    client.subscribe("1", "{ hello coded }").await;
    let message = client.next().await;
    assert_eq!((&message["type"], &message["payload"]["errors"][0]["path"][0]), (&json!("next"), &json!("coded")));
    assert_eq!(client.next().await["type"], "complete");
    assert_eq!(door.api.world.bumped.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn credentials_come_with_the_first_message() {
    let door = usual().await;
    for (token, code) in [("bad", 4401), ("banned", 4403)] {
        let mut client = Client::new(&door).await;
        client.send(json!({ "type": "connection_init", "payload": { "token": token } })).await;
        assert_eq!(client.closed().await, code, "{token}");
    }
    let mut client =
        open(&door, &[("sec-websocket-protocol", PROTOCOL), ("cookie", "session=1")]).await.expect("no cookie is read");
    client.send(json!({ "type": "connection_init" })).await;
    assert_eq!(client.next().await["type"], "connection_ack");
    client.subscribe("1", "{ me }").await;
    assert_eq!(client.next().await["payload"]["data"]["me"], "nobody");
    let seen = door.api.world.seen.lock().expect("no panics");
    assert!(
        seen.iter().all(|credentials| credentials.cookies.is_none() && !credentials.headers.contains_key("cookie"))
    );
    assert!(seen.iter().all(|credentials| credentials.peer.is_some()));
}

#[tokio::test]
async fn the_first_message_must_come_in_time() {
    let door = start(Limits { init: Duration::from_millis(30), ..Limits::DEFAULT }, Config::DEFAULT).await;
    let mut client = Client::new(&door).await;
    assert_eq!(client.closed().await, 4408);
    // Pings are no excuse.
    let mut client = Client::new(&door).await;
    client.send(json!({ "type": "ping" })).await;
    assert_eq!(client.next().await, json!({ "type": "pong" }));
    assert_eq!(client.closed().await, 4408);
}

#[tokio::test]
async fn one_initialisation_and_nothing_before_it() {
    let door = usual().await;
    let init = json!({ "type": "connection_init", "payload": { "token": "ann" } });
    let slow = json!({ "type": "connection_init", "payload": { "token": "slow" } });

    let mut client = Client::ready(&door).await;
    client.send(init.clone()).await;
    assert_eq!(client.closed().await, 4429);

    let mut client = Client::new(&door).await;
    client.send(slow.clone()).await;
    client.send(init).await;
    assert_eq!(client.closed().await, 4429);

    let mut client = Client::new(&door).await;
    client.subscribe("1", "{ me }").await;
    assert_eq!(client.closed().await, 4401);

    let mut client = Client::new(&door).await;
    client.send(slow.clone()).await;
    client.subscribe("1", "{ me }").await;
    assert_eq!(client.closed().await, 4401);

    let mut client = Client::new(&door).await;
    client.send(slow).await;
    client.send(json!({ "type": "ping", "payload": { "n": 1 } })).await;
    assert_eq!(client.next().await, json!({ "type": "pong", "payload": { "n": 1 } }));
    door.api.world.authenticate.notify_waiters();
    assert_eq!(client.next().await["type"], "connection_ack");
}

#[tokio::test]
async fn messages_that_are_none_close_the_socket() {
    let door = usual().await;
    for message in [
        Message::binary(vec![1, 2, 3]),
        Message::text(""),
        Message::text("null"),
        Message::text("[]"),
        Message::text("{}"),
        Message::text(r#"{"type":"start","id":"1","payload":{"query":"{me}"}}"#),
        Message::text(r#"{"type":"connection_ack"}"#),
        Message::text(r#"{"type":"subscribe","payload":{"query":"{me}"}}"#),
        Message::text(r#"{"type":"subscribe","id":"","payload":{"query":"{me}"}}"#),
        Message::text(format!(r#"{{"type":"subscribe","id":"{}","payload":{{"query":"{{me}}"}}}}"#, "x".repeat(200))),
        Message::text(r#"{"type":"subscribe","id":1,"payload":{"query":"{me}"}}"#),
        Message::text(r#"{"type":"subscribe","id":"1","payload":{"query":1}}"#),
        Message::text(r#"{"type":"subscribe","id":"1","payload":{"query":"{me}","variables":[1]}}"#),
        Message::text(r#"{"type":"subscribe","id":"1"}"#),
        Message::text(r#"{"type":"complete"}"#),
        Message::text(format!(r#"{{"type":"ping","payload":{{"a":{}"#, "[".repeat(20_000))),
    ] {
        let shown = format!("{:.80}", message.to_string());
        let mut client = Client::ready(&door).await;
        client.0.send(message).await.expect("it is open");
        assert_eq!(client.closed().await, 4400, "{shown}");
    }
}

#[tokio::test]
async fn large_messages_close_the_socket() {
    let door = usual().await;
    let filled = |size: usize| {
        let head = r#"{"type":"ping","payload":{"a":""#;
        Message::text(format!("{head}{}\"}}}}", "x".repeat(size - head.len() - 3)))
    };
    let mut client = Client::ready(&door).await;
    client.0.send(filled(64 * 1024)).await.expect("it is open");
    assert_eq!(client.next().await["type"], "pong");
    client.0.send(filled(64 * 1024 + 1)).await.expect("it is open");
    assert_eq!(client.closed().await, 1009);
    // Far too large: not even read. What the client sees depends on how much of it was on the way.
    let mut client = Client::ready(&door).await;
    let sent = client.0.send(filled(8 << 20)).await;
    let end = soon(client.0.next()).await;
    let refused = matches!(&end, Some(Ok(Message::Close(Some(frame)))) if u16::from(frame.code) == 4400);
    assert!(sent.is_err() || refused || matches!(end, None | Some(Err(_))), "{end:?}");
}

#[tokio::test]
async fn ids_are_used_once_at_a_time() {
    let door = usual().await;
    let mut client = Client::ready(&door).await;
    client.subscribe("1", "subscription { quiet }").await;
    assert_eq!(client.next().await["type"], "next");
    client.send(json!({ "id": "1", "type": "complete" })).await;
    client.subscribe("1", "subscription { quiet }").await;
    assert_eq!(client.next().await["type"], "next");
    assert_eq!(door.api.world.running.load(Ordering::SeqCst), 1, "the first has ended");
    client.subscribe("1", "{ me }").await;
    assert_eq!(client.closed().await, 4409);
}

#[tokio::test]
async fn twenty_operations_at_once() {
    let door = usual().await;
    let mut client = Client::ready(&door).await;
    for id in 0..20 {
        client.subscribe(&id.to_string(), "subscription { quiet }").await;
        assert_eq!(client.next().await["type"], "next");
    }
    client.subscribe("20", "{ me }").await;
    let message = client.next().await;
    assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!("20")));
    assert_eq!(message["payload"][0]["extensions"]["reason"], "TOO_MANY_OPERATIONS");
    client.send(json!({ "id": "7", "type": "complete" })).await;
    client.subscribe("20", "{ me }").await;
    assert_eq!(client.next().await["type"], "next");
}

#[tokio::test]
async fn a_client_that_leaves_ends_its_subscriptions() {
    let door = usual().await;
    let mut client = Client::ready(&door).await;
    client.subscribe("1", "subscription { quiet }").await;
    client.next().await;
    drop(client);
    // The drain is over when the socket's permit is back; the socket must end by itself.
    door.drain.start();
    assert!(soon(door.ended).await.expect("no panic"));
    assert_eq!(door.api.world.running.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_mutation_is_finished_without_its_client() {
    let door = usual().await;
    let mut client = Client::ready(&door).await;
    client.subscribe("1", "mutation { slowBump }").await;
    soon(door.api.world.begun.notified()).await;
    // Once the server has hung up, nothing of the socket is left.
    client.0.close(None).await.expect("it is open");
    while soon(client.0.next()).await.is_some() {}
    door.drain.start();
    door.api.world.go.notify_one();
    assert!(soon(door.ended).await.expect("no panic"), "it was waited for");
    assert_eq!(door.api.world.bumped.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_silent_client_is_closed_and_an_answering_one_is_not() {
    let limits = Limits { ping: Duration::from_millis(20), pong: Duration::from_millis(40), ..Limits::DEFAULT };
    let door = start(limits, Config::DEFAULT).await;
    let mut client = Client::ready(&door).await;
    // Reading answers the pings.
    let mut pings = 0;
    while pings < 5 {
        let message = soon(client.0.next()).await.expect("open").expect("open");
        assert!(matches!(message, Message::Ping(_)), "{message:?}");
        pings += 1;
    }
    // Not reading does not.
    client.subscribe("1", "subscription { quiet }").await;
    let world = &door.api.world;
    until(|| world.running.load(Ordering::SeqCst) == 1).await;
    until(|| world.running.load(Ordering::SeqCst) == 0).await;
    assert_eq!(client.closed().await, 1013);
}

#[tokio::test]
async fn a_client_that_does_not_read_holds_back_its_own_events_only() {
    let limits = Limits { stall: Duration::from_millis(300), ..Limits::DEFAULT };
    let door = start(limits, Config::DEFAULT).await;
    let mut slow = Client::ready(&door).await;
    slow.subscribe("1", "subscription { flood(size: 10000) }").await;
    let world = &door.api.world;
    until(|| world.running.load(Ordering::SeqCst) == 1).await;
    let mut other = Client::ready(&door).await;
    other.subscribe("1", "{ me }").await;
    assert_eq!(other.next().await["type"], "next");
    until(|| world.running.load(Ordering::SeqCst) == 0).await;
    // What it got is what the kernel held, and very little more.
    let produced = world.flooded.load(Ordering::SeqCst);
    let mut received = 0;
    let code = loop {
        match slow.message().await {
            Message::Text(_) => received += 1,
            Message::Close(frame) => break u16::from(frame.expect("a code").code),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(code, 1013);
    assert!(produced - received <= 2, "{produced} {received}");
}

#[tokio::test]
async fn revoked_access_closes_with_4403() {
    let door = usual().await;
    let mut client = Client::ready(&door).await;
    client.subscribe("1", "subscription { quiet }").await;
    client.next().await;
    door.api.revoked.send_replace(true);
    assert_eq!(client.closed().await, 4403);
}

#[tokio::test]
async fn a_restart_closes_with_1012() {
    let door = usual().await;
    let mut clients = [Client::ready(&door).await, Client::new(&door).await, Client::ready(&door).await];
    clients[2].subscribe("1", "subscription { flood(size: 10) }").await;
    clients[2].next().await;
    door.drain.start();
    for client in &mut clients {
        assert_eq!(client.closed().await, 1012);
    }
    assert!(soon(door.ended).await.expect("no panic"));

    let drain = door.drain;
    let router = router("/graphql", TestApi::new(Limits::DEFAULT), drain);
    let request = Request::get("/graphql").header("upgrade", "websocket").body(Body::empty()).expect("a request");
    let response = router.oneshot(request).await.expect("the router answers");
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(response.headers().contains_key("retry-after"));
}

#[tokio::test]
async fn other_protocols_are_closed_with_4406() {
    let door = usual().await;
    let mut legacy =
        open(&door, &[("sec-websocket-protocol", "graphql-ws")]).await.expect("closed only after the upgrade");
    assert_eq!(legacy.closed().await, 4406);
    let mut none = open(&door, &[]).await.expect("closed only after the upgrade");
    assert_eq!(none.closed().await, 4406);
    let both = open(&door, &[("sec-websocket-protocol", "graphql-ws, graphql-transport-ws")]).await;
    let mut both = both.expect("ours is among them");
    both.send(json!({ "type": "connection_init" })).await;
    assert_eq!(both.next().await["type"], "connection_ack");
}

#[tokio::test]
async fn foreign_pages_get_no_socket() {
    let door = usual().await;
    for origin in [
        "https://evil.example",
        "null",
        "http://desk.example",
        "https://desk.example.evil",
        "https://desk.example:8443",
    ] {
        let refused = open(&door, &[("sec-websocket-protocol", PROTOCOL), ("origin", origin)]).await;
        assert!(matches!(refused, Err(Error::Http(response)) if response.status() == 403), "{origin}");
    }
    let allowed = open(&door, &[("sec-websocket-protocol", PROTOCOL), ("origin", "https://desk.example")]).await;
    assert!(allowed.is_ok());
}
