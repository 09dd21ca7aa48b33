//! GraphQL over WebSocket: the `graphql-transport-ws` protocol
//! (<https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md>) in one task per socket.
//!
//! One loop reads, executes and writes. It asks its operations for events only while what was written before goes out, so
//! a client that does not read holds back its own operations and nothing else; if that lasts, it is closed with a code
//! after which it may come back. Events that wait together are written together.
//!
//! | code | why |
//! |---|---|
//! | 4400 | a message that is none of the protocol's |
//! | 4401 | not authenticated, or `subscribe` before `connection_ack` |
//! | 4403 | may not, or access was revoked |
//! | 4406 | another subprotocol |
//! | 4408 | `connection_init` came too late |
//! | 4409 | an operation with this id is running |
//! | 4429 | a second `connection_init`, or too many requests |
//! | 1013 | a client that is too slow: it may come back and go on after its cursor |
//! | 1009 | a message that is too large |
//! | 1011, 1013 | our fault; not now |
//! | 1012 | the server restarts |

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use async_graphql::Value;
use async_graphql::parser::types::OperationType;
use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::response::IntoResponse;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, SinkExt, StreamExt};
use http::header::SEC_WEBSOCKET_PROTOCOL;
use http::request::Parts;
use serde::Deserialize;
use tokio::time::{Instant, Sleep, sleep, timeout, timeout_at};

use super::accept::{Drain, Permit};
use super::gate;
use super::graphql::{
    Api, Credentials, Door, Event, Parameters, RequestId, Transport, body, caller_of, errors_json, events,
    is_request_error, log_internal, polish, poll_event, prepare, rejected,
};
use super::post::{Format, Refused};
use crate::error::{Code, Error};

/// The one subprotocol.
const PROTOCOL: &str = "graphql-transport-ws";
/// What each socket holds for reading, in bytes; larger messages get their own memory and give it back.
const READ_BUFFER: usize = 1024;
/// How much is gathered before it is written without being asked to, in bytes.
const WRITE_BUFFER: usize = 4 * 1024;
/// Events written at once, if so many wait.
const BATCH: usize = 64;
/// Longest id of an operation, in bytes.
const LONGEST_ID: usize = 128;
/// How long a client has to answer a close frame.
const FAREWELL: Duration = Duration::from_secs(1);

/// Upgrades a request to a socket, or says why not.
pub(super) async fn upgrade<A: Api>(door: Door<A>, mut parts: Parts) -> http::Response<Body> {
    let id = RequestId::of(&parts.headers);
    let limits = *door.api.limits();
    let refuse = |error: Error| Refused::from(error).respond(Format::Json, &id, &limits);
    if door.drain.is_started() {
        return refuse(Error::unavailable("RESTARTING", "The server is restarting."));
    }
    let mut upgrade = match WebSocketUpgrade::from_request_parts(&mut parts, &()).await {
        Ok(upgrade) => upgrade,
        Err(rejection) => return rejection.into_response(),
    };
    let supported = upgrade.requested_protocols().any(|protocol| protocol == PROTOCOL);
    if supported {
        upgrade = upgrade.protocols([PROTOCOL]);
    } else {
        // Echoed only so that the client takes the socket as open, and learns from the close code what is wrong.
        let other = upgrade.requested_protocols().next().cloned();
        other.into_iter().for_each(|other| upgrade.set_selected_protocol(other));
    }
    parts.headers.remove(SEC_WEBSOCKET_PROTOCOL);
    let caller = match caller_of(&door, &mut parts, Transport::Socket, id.clone()) {
        Ok(caller) => caller,
        Err(error) => return refuse(error),
    };
    // Boxed, because whatever the upgrade holds, its task holds to the end.
    let start = Box::new((door, caller, id));
    upgrade
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        // Messages up to twice the limit are read to their end, so that the close frame that refuses them arrives.
        .max_message_size(limits.message.saturating_mul(2))
        .max_frame_size(limits.message.saturating_mul(2))
        .on_upgrade(move |ws| {
            let (door, caller, id) = *start;
            let socket = Box::new(Socket {
                ws,
                api: door.api,
                id,
                permit: caller.permit,
                operations: Vec::new(),
                started: 0,
                turn: 0,
                unflushed: 0,
                reads_first: false,
            });
            socket.run(door.drain, Box::new(caller.credentials), supported)
        })
}

/// A message of a client.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Incoming {
    ConnectionInit {
        #[serde(default)]
        payload: Option<serde_json::Map<String, serde_json::Value>>,
    },
    Ping {
        #[serde(default)]
        payload: Option<serde_json::Map<String, serde_json::Value>>,
    },
    Pong {},
    Subscribe {
        id: String,
        payload: Parameters,
    },
    Complete {
        id: String,
    },
}

/// How a socket ends.
#[derive(Debug, Clone, Copy)]
enum End {
    /// We close it.
    Close { code: u16, reason: &'static str },
    /// We close it because nothing gets through, so it may take longer.
    Slow { code: u16 },
    /// What came was no WebSocket, so nothing more can be read.
    Broken,
    /// The client has gone, or has said that it goes.
    Gone,
}

impl End {
    const fn close(code: u16, reason: &'static str) -> Self {
        Self::Close { code, reason }
    }

    const fn bad_message() -> Self {
        Self::close(4400, "Invalid message")
    }

    const fn unauthorized() -> Self {
        Self::close(4401, "Unauthorized")
    }

    const fn init_too_often() -> Self {
        Self::close(4429, "Too many initialisation requests")
    }

    const fn restarting() -> Self {
        Self::close(1012, "Restarting")
    }
}

impl From<Error> for End {
    fn from(error: Error) -> Self {
        let code = match error.code {
            Code::Unauthenticated | Code::NotFound | Code::Invalid | Code::Conflict => 4401,
            Code::Forbidden => 4403,
            Code::RateLimited => 4429,
            Code::Unavailable => 1013,
            Code::Internal => 1011,
        };
        Self::close(code, error.reason)
    }
}

/// A running operation.
struct Operation {
    /// Its id as JSON.
    id: Box<str>,
    request_id: RequestId,
    events: BoxStream<'static, Event>,
    subscription: bool,
    /// It has sent something.
    begun: bool,
}

struct Socket<A: Api> {
    ws: WebSocket,
    api: A,
    id: RequestId,
    permit: Option<Arc<Permit>>,
    operations: Vec<Operation>,
    /// Operations there have been.
    started: u64,
    /// Which operation is asked first.
    turn: usize,
    /// Messages since the last flush.
    unflushed: usize,
    /// Whether messages were looked for before events.
    reads_first: bool,
}

/// Why the loop wakes.
enum Wake {
    Message(Option<Result<Message, axum::Error>>),
    Event(usize, Option<Event>),
    Timer,
    Revoked,
    Drain,
    /// Everything that was written has gone out.
    Flushed,
    /// Something that was written has not.
    Stalled,
    Gone,
}

/// What the timer is waiting for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Watch {
    /// Time for a ping.
    Quiet,
    /// A ping was sent: any sign of life.
    Pinged,
    /// What was written to go out.
    Stalled,
}

impl<A: Api> Socket<A> {
    /// From the upgrade to the end.
    ///
    /// A task is as large as its largest moment: the greeting and the farewell have their own memory, so that a quiet
    /// socket does not hold on to theirs.
    async fn run(mut self: Box<Self>, drain: Drain, credentials: Box<Credentials>, supported: bool) {
        let end = if supported {
            let mut drained = pin!(drain.started());
            let greeted = {
                let greeting = Box::pin(self.greet(credentials));
                tokio::select! {
                    biased;
                    () = &mut drained => Err(End::restarting()),
                    greeted = greeting => greeted,
                }
            };
            match greeted {
                Ok(caller) => self.serve(caller, drained).await,
                Err(end) => end,
            }
        } else {
            End::close(4406, "Subprotocol not acceptable")
        };
        Box::pin(self.close(end)).await;
    }

    /// `connection_init`, in time, once, with credentials that hold.
    async fn greet(&mut self, mut credentials: Box<Credentials>) -> Result<A::Caller, End> {
        let deadline = Instant::now() + self.api.limits().init;
        credentials.init = loop {
            let message = timeout_at(deadline, self.receive()).await;
            let message = message.map_err(|_| End::close(4408, "Connection initialisation timeout"))??;
            match self.parse(message)? {
                Some(Incoming::ConnectionInit { payload }) => break payload,
                Some(Incoming::Subscribe { .. }) => return Err(End::unauthorized()),
                Some(Incoming::Ping { payload }) => self.send(pong(payload)).await?,
                Some(Incoming::Pong {} | Incoming::Complete { .. }) | None => {}
            }
        };
        if let Some(token) = credentials.init.as_ref().and_then(|init| init.get("token")) {
            credentials.bearer = token.as_str().map(str::to_owned);
        }
        let api = self.api.clone();
        let mut authenticated = pin!(api.authenticate(*credentials));
        let caller = loop {
            let message = tokio::select! {
                biased;
                caller = &mut authenticated => break caller,
                message = self.receive() => message?,
            };
            match self.parse(message)? {
                Some(Incoming::ConnectionInit { .. }) => return Err(End::init_too_often()),
                Some(Incoming::Subscribe { .. }) => return Err(End::unauthorized()),
                Some(Incoming::Ping { payload }) => self.send(pong(payload)).await?,
                Some(Incoming::Pong {} | Incoming::Complete { .. }) | None => {}
            }
        };
        let caller = caller.map_err(|error| {
            log_internal(&error, &self.id);
            End::from(error)
        })?;
        self.send(String::from(r#"{"type":"connection_ack"}"#)).await?;
        Ok(caller)
    }

    async fn receive(&mut self) -> Result<Message, End> {
        self.ws.recv().await.ok_or(End::Gone)?.map_err(|_| End::Broken)
    }

    async fn send(&mut self, text: String) -> Result<(), End> {
        self.ws.send(Message::Text(text.into())).await.map_err(|_| End::Gone)
    }

    /// Runs operations until there is a reason to end.
    async fn serve(&mut self, caller: A::Caller, mut drained: Pin<&mut impl Future<Output = ()>>) -> End {
        let mut revoked = self.api.revoked(&caller);
        let mut timer = pin!(sleep(self.api.limits().ping));
        let mut watch = Watch::Quiet;
        loop {
            let wake = poll_fn(|cx| self.poll(cx, drained.as_mut(), &mut revoked, timer.as_mut(), watch)).await;
            let limits = self.api.limits();
            let step = match wake {
                Wake::Message(None) | Wake::Gone => return End::Gone,
                Wake::Message(Some(Err(_))) => return End::Broken,
                Wake::Message(Some(Ok(message))) => {
                    if watch == Watch::Pinged {
                        watch = Watch::Quiet;
                        timer.as_mut().reset(Instant::now() + limits.ping);
                    }
                    self.take(&caller, message)
                }
                Wake::Event(index, event) => self.deliver(index, event),
                Wake::Flushed => {
                    if watch == Watch::Stalled {
                        watch = Watch::Quiet;
                        timer.as_mut().reset(Instant::now() + limits.ping);
                    }
                    Ok(())
                }
                Wake::Stalled => {
                    let mut deadline = Instant::now() + limits.stall;
                    if watch == Watch::Pinged {
                        // Neither reads nor answers: the earlier deadline holds.
                        deadline = deadline.min(timer.deadline());
                    }
                    watch = Watch::Stalled;
                    timer.as_mut().reset(deadline);
                    Ok(())
                }
                Wake::Timer if watch == Watch::Quiet => {
                    watch = Watch::Pinged;
                    timer.as_mut().reset(Instant::now() + limits.pong);
                    self.put(Message::Ping(bytes::Bytes::new()))
                }
                Wake::Timer => Err(End::Slow { code: limits.slow_close }),
                Wake::Revoked => Err(End::close(4403, "Access revoked")),
                Wake::Drain => Err(End::restarting()),
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    fn poll(
        &mut self,
        cx: &mut Context<'_>,
        drained: Pin<&mut impl Future<Output = ()>>,
        revoked: &mut BoxFuture<'static, ()>,
        timer: Pin<&mut Sleep>,
        watch: Watch,
    ) -> Poll<Wake> {
        let writable = match self.ws.poll_ready_unpin(cx) {
            Poll::Ready(Ok(())) => self.unflushed < BATCH,
            Poll::Ready(Err(_)) => return Poll::Ready(Wake::Gone),
            Poll::Pending => false,
        };
        if writable && let Poll::Ready(wake) = self.poll_work(cx) {
            return Poll::Ready(wake);
        }
        if drained.poll(cx).is_ready() {
            return Poll::Ready(Wake::Drain);
        }
        if revoked.poll_unpin(cx).is_ready() {
            return Poll::Ready(Wake::Revoked);
        }
        if timer.poll(cx).is_ready() {
            return Poll::Ready(Wake::Timer);
        }
        if writable && self.unflushed == 0 {
            return Poll::Pending;
        }
        match self.ws.poll_flush_unpin(cx) {
            Poll::Ready(Ok(())) => {
                self.unflushed = 0;
                // Those that could not be asked above are asked again; the others have our waker.
                if writable && watch != Watch::Stalled { Poll::Pending } else { Poll::Ready(Wake::Flushed) }
            }
            Poll::Ready(Err(_)) => Poll::Ready(Wake::Gone),
            Poll::Pending if watch != Watch::Stalled => Poll::Ready(Wake::Stalled),
            Poll::Pending => Poll::Pending,
        }
    }

    /// The next message or event, in turns, so that neither starves the other.
    fn poll_work(&mut self, cx: &mut Context<'_>) -> Poll<Wake> {
        self.reads_first = !self.reads_first;
        for read in [self.reads_first, !self.reads_first] {
            if read {
                if let Poll::Ready(message) = self.ws.poll_next_unpin(cx) {
                    return Poll::Ready(Wake::Message(message));
                }
            } else {
                let count = self.operations.len();
                self.turn = self.turn.wrapping_add(1);
                for index in (0..count).map(|offset| (self.turn.wrapping_add(offset)) % count) {
                    if let Poll::Ready(event) = poll_event(&mut self.operations[index].events, cx) {
                        return Poll::Ready(Wake::Event(index, event));
                    }
                }
            }
        }
        Poll::Pending
    }

    fn parse(&self, message: Message) -> Result<Option<Incoming>, End> {
        let text = match message {
            Message::Text(text) => text,
            Message::Binary(_) => return Err(End::bad_message()),
            // Pings of the WebSocket itself are answered by the library.
            Message::Ping(_) | Message::Pong(_) => return Ok(None),
            Message::Close(_) => return Err(End::Gone),
        };
        let limits = self.api.limits();
        if text.len() > limits.message {
            return Err(End::close(1009, "Message too large"));
        }
        gate::json(text.as_bytes(), &limits.document).map_err(|_| End::bad_message())?;
        serde_json::from_str(&text).map(Some).map_err(|_| End::bad_message())
    }

    fn take(&mut self, caller: &A::Caller, message: Message) -> Result<(), End> {
        match self.parse(message)? {
            Some(Incoming::ConnectionInit { .. }) => Err(End::init_too_often()),
            Some(Incoming::Ping { payload }) => self.put_text(pong(payload)),
            Some(Incoming::Subscribe { id, payload }) => self.subscribe(caller, &id, payload),
            Some(Incoming::Complete { id }) => {
                let id = quoted(&id);
                self.operations.retain(|operation| operation.id != id);
                Ok(())
            }
            Some(Incoming::Pong {}) | None => Ok(()),
        }
    }

    fn subscribe(&mut self, caller: &A::Caller, id: &str, parameters: Parameters) -> Result<(), End> {
        if id.is_empty() || id.len() > LONGEST_ID {
            return Err(End::bad_message());
        }
        let id = quoted(id);
        if self.operations.iter().any(|operation| operation.id == id) {
            return Err(End::close(4409, "Subscriber already exists"));
        }
        self.started += 1;
        let request_id = self.id.operation(self.started);
        let limits = self.api.limits();
        let prepared = if self.operations.len() < limits.operations {
            prepare(parameters, limits, &request_id)
        } else {
            let message = "Too many operations are running on this socket.";
            let error = Error::new(Code::RateLimited, "TOO_MANY_OPERATIONS", message);
            Err(Box::new(rejected(&error, &request_id)))
        };
        match prepared {
            Ok(prepared) => {
                let subscription = prepared.kind == OperationType::Subscription;
                let events = events(self.api.clone(), caller.clone(), prepared, self.permit.clone());
                // Most sockets have one or two.
                self.operations.reserve_exact(1);
                self.operations.push(Operation { id, request_id, events, subscription, begun: false });
                Ok(())
            }
            Err(mut response) => {
                polish(&mut response, &request_id, limits);
                self.put_text(message(&id, "error", &errors_json(&response.errors)))
            }
        }
    }

    /// Passes on what an operation has to say: an event, or that it is over.
    fn deliver(&mut self, index: usize, event: Option<Event>) -> Result<(), End> {
        let operation = &mut self.operations[index];
        let text = match event {
            Some(Event::Shared(json)) => {
                operation.begun = true;
                message(&operation.id, "next", &json)
            }
            Some(Event::Response(mut response)) => {
                polish(&mut response, &operation.request_id, self.api.limits());
                // A subscription whose source could not be opened fails as a whole (specification 6.2.3.1).
                let unopened = operation.subscription && !operation.begun && response.data == Value::Null;
                if is_request_error(&response) || (unopened && response.is_err()) {
                    let operation = self.operations.swap_remove(index);
                    message(&operation.id, "error", &errors_json(&response.errors))
                } else {
                    operation.begun = true;
                    message(&operation.id, "next", &body(&response))
                }
            }
            None => {
                let operation = self.operations.swap_remove(index);
                format!(r#"{{"id":{},"type":"complete"}}"#, operation.id)
            }
        };
        self.put_text(text)
    }

    /// Adds a message to those that wait for the next flush.
    fn put(&mut self, message: Message) -> Result<(), End> {
        self.unflushed += 1;
        self.ws.start_send_unpin(message).map_err(|_| End::Gone)
    }

    fn put_text(&mut self, text: String) -> Result<(), End> {
        self.put(Message::Text(text.into()))
    }

    /// Says goodbye, and waits a moment for the other side to do the same.
    async fn close(mut self: Box<Self>, end: End) {
        // What the operations hold is freed before a slow client is waited for.
        self.operations = Vec::new();
        let (code, reason, patience) = match &end {
            End::Close { code, reason } => (*code, *reason, FAREWELL),
            End::Slow { code } => (*code, "Too slow", self.api.limits().linger),
            End::Broken => (4400, "Invalid message", FAREWELL),
            End::Gone => (1000, "", FAREWELL),
        };
        if !matches!(end, End::Gone) {
            let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
            match timeout(patience, self.ws.send(Message::Close(Some(frame)))).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) | Err(_) => return,
            }
        }
        if matches!(end, End::Broken) {
            // The library cannot read on. Unread bytes would make the kernel reset the connection, and the close frame
            // might be lost with it.
            sleep(FAREWELL).await;
        } else {
            let rest = async { while let Some(Ok(_)) = self.ws.recv().await {} };
            if timeout(FAREWELL, rest).await.is_err() {
                tracing::debug!(id = %self.id, "a client did not answer the close frame");
            }
        }
    }
}

/// An id as JSON, which is how messages carry it.
fn quoted(id: &str) -> Box<str> {
    serde_json::Value::from(id).to_string().into()
}

fn message(id: &str, kind: &str, payload: &str) -> String {
    // One allocation of the right size: this is the hot path of a fan-out.
    [r#"{"id":"#, id, r#","type":""#, kind, r#"","payload":"#, payload, "}"].concat()
}

fn pong(payload: Option<serde_json::Map<String, serde_json::Value>>) -> String {
    payload.map_or_else(
        || String::from(r#"{"type":"pong"}"#),
        |payload| format!(r#"{{"type":"pong","payload":{}}}"#, serde_json::Value::Object(payload)),
    )
}
