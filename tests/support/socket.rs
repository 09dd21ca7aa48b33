//! A client of graphql-transport-ws, as the protocol's text describes it.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::soon;

/// A socket after `connection_ack`.
pub struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    next: u32,
}

impl Socket {
    /// Connects and initialises.
    pub async fn open(address: SocketAddr, path: &str, token: Option<&str>) -> Self {
        Self::try_open(address, path, token).await.expect("a socket")
    }

    pub async fn try_open(address: SocketAddr, path: &str, token: Option<&str>) -> Result<Self, String> {
        let mut request = format!("ws://{address}{path}").into_client_request().map_err(|error| error.to_string())?;
        request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().expect("a header"));
        request.headers_mut().insert("host", "127.0.0.1:8080".parse().expect("a header"));
        let (stream, _) = connect_async(request).await.map_err(|error| error.to_string())?;
        let mut socket = Self { stream, next: 1 };
        let payload = token.map_or(json!({}), |token| json!({ "token": token }));
        socket.send(&json!({ "type": "connection_init", "payload": payload })).await;
        match socket.receive().await {
            Some(message) if message["type"] == "connection_ack" => Ok(socket),
            other => Err(format!("no acknowledgement: {other:?}")),
        }
    }

    pub async fn send(&mut self, message: &Value) {
        self.stream.send(Message::text(message.to_string())).await.ok();
    }

    /// Begins an operation and gives its id.
    pub async fn subscribe(&mut self, query: &str, variables: Value) -> String {
        let id = self.next.to_string();
        self.next += 1;
        let payload = json!({ "query": query, "variables": variables });
        self.send(&json!({ "type": "subscribe", "id": id, "payload": payload })).await;
        id
    }

    /// The next message of the protocol; none when the socket is closed.
    pub async fn receive(&mut self) -> Option<Value> {
        loop {
            match soon(self.stream.next()).await {
                Some(Ok(Message::Text(text))) => {
                    let message: Value = serde_json::from_str(&text).expect("JSON");
                    if message["type"] == "ping" {
                        self.send(&json!({ "type": "pong" })).await;
                        continue;
                    }
                    return Some(message);
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    /// The code that the socket is closed with, after everything else was read.
    pub async fn close_code(&mut self) -> Option<u16> {
        loop {
            match soon(self.stream.next()).await {
                Some(Ok(Message::Close(frame))) => return frame.map(|frame| frame.code.into()),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return None,
            }
        }
    }

    /// Everything that is still said, as one text, and the code that the socket is closed with.
    pub async fn texts_and_code(&mut self) -> (String, Option<u16>) {
        let mut said = String::new();
        loop {
            match self.stream.next().await {
                Some(Ok(Message::Text(text))) => said.push_str(&text),
                Some(Ok(Message::Close(frame))) => return (said, frame.map(|frame| frame.code.into())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return (said, None),
            }
        }
    }

    /// The data of the next event.
    pub async fn event(&mut self) -> Value {
        let message = self.receive().await.expect("an open socket");
        assert_eq!(message["type"], "next", "{message}");
        assert!(message["payload"]["errors"].is_null(), "{message}");
        message["payload"]["data"].clone()
    }

    /// Reads events until one fits, which is given.
    pub async fn event_where(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        loop {
            let event = self.event().await;
            if fits(&event) {
                return event;
            }
        }
    }

    /// Drops the connection without a word.
    pub async fn cut(self) {
        drop(self.stream);
    }
}

/// The document that follows a conversation at the desk.
pub const DESK_EVENTS: &str = "subscription($id: ID!, $after: String) { conversationEvents(conversationId: $id, after: $after) {
    __typename
    ... on MessageAdded { cursor message { id seq kind text clientId author { kind name } offersHuman sources } }
    ... on ConversationChanged { conversation { id state version rev contentVisible preview lastSeq assignee { name } } }
    ... on TypingChanged { author typing }
    ... on AnswerProgress { answerId text }
    ... on Resync { cursor reason } } }";

/// The document that follows a visitor's own conversation.
pub const VISITOR_EVENTS: &str = "subscription($after: String) { events(after: $after) {
    __typename
    ... on MessageAdded { cursor message { id seq kind text clientId author { kind name } offersHuman sources } }
    ... on ConversationChanged { conversation { id state rev queuePosition operatorName lastSeq } }
    ... on TypingChanged { author typing }
    ... on AnswerProgress { answerId text }
    ... on Resync { cursor reason } } }";

/// The document that follows an inbox.
pub const INBOX_EVENTS: &str = "subscription($organization: ID) { inboxEvents(organizationId: $organization) {
    __typename
    ... on InboxChanged { conversation { id state rev contentVisible preview assignee { name } handoff { id state } } } } }";
