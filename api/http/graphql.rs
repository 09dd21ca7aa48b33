//! What the three GraphQL drivers share: the trait they drive, the credentials they collect, the walk from a message to
//! an execution, and the one shape of errors.
//!
//! The drivers are [`super::post`], [`super::stream`] and [`super::socket`]; [`router`] mounts all three. Each takes a
//! message through the same steps: [`gate`], parser (once), [`Api::authenticate`], then [`Api::execute`] or
//! [`Api::subscribe`]. Whatever leaves carries `extensions.code`, `extensions.reason` and `extensions.requestId`.

use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use async_graphql::parser::types::{DocumentOperations, OperationType};
use async_graphql::{ErrorExtensionValues, Response, ServerError, Value, Variables};
use axum::Router;
use axum::extract::ConnectInfo;
use axum::routing::any;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, StreamExt};
use http::HeaderMap;
use http::header::{AUTHORIZATION, COOKIE, HOST, ORIGIN, RETRY_AFTER};
use http::request::Parts;
use serde::Deserialize;

use super::accept::{Drain, Permit};
use super::gate;
use crate::error::{Code, Error};
use crate::graphql::{details, server_error};

/// How much a client may ask for, and how long it may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// What the gate lets through to the parser.
    pub document: gate::Limits,
    /// Body of a request and message on a socket, in bytes.
    pub message: usize,
    /// Operations running at once on one socket.
    pub operations: usize,
    /// From the upgrade of a socket to its `connection_init`.
    pub init: Duration,
    /// Between two pings of ours on a quiet socket.
    pub ping: Duration,
    /// From a ping of ours to any sign of life.
    pub pong: Duration,
    /// How long a reader may leave what was written to it unread before its operations are ended.
    pub stall: Duration,
    /// How long a socket that is being closed is kept for the close frame to get through.
    pub linger: Duration,
    /// With which code a reader that is too slow is closed.
    pub slow_close: u16,
    /// Between two comments on an event stream.
    pub heartbeat: Duration,
    /// Whether queries, never mutations and never with cookies, are answered over GET.
    pub get_queries: bool,
    /// Errors in one answer; a document with a mistake in each of its fields gets no more.
    pub errors: usize,
}

impl Limits {
    /// What the public doors use. Ping and pong together, and stall and linger together, stay under 30 s.
    pub const DEFAULT: Self = Self {
        document: gate::Limits::DEFAULT,
        message: 64 * 1024,
        operations: 20,
        init: Duration::from_secs(5),
        ping: Duration::from_secs(20),
        pong: Duration::from_secs(8),
        stall: Duration::from_secs(10),
        linger: Duration::from_secs(15),
        slow_close: 1013,
        heartbeat: Duration::from_secs(15),
        get_queries: true,
        errors: 20,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// By what an answer and a line in the log find each other. Put into the data of every GraphQL request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(pub Arc<str>);

impl RequestId {
    /// The one that an outer layer set as `x-request-id`, or the next of this process.
    pub fn of(headers: &HeaderMap) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let fits = |id: &&str| {
            (1..=64).contains(&id.len())
                && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        };
        let given = headers.get("x-request-id").and_then(|id| id.to_str().ok()).filter(fits);
        Self(given.map_or_else(|| format!("r{}", NEXT.fetch_add(1, Ordering::Relaxed)).into(), Into::into))
    }

    /// The id of the given operation of a connection that has this id.
    pub fn operation(&self, number: u64) -> Self {
        Self(format!("{}.{number}", self.0).into())
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// POST of JSON, answered with JSON.
    Post,
    /// A query in the address.
    Get,
    /// POST of JSON, answered with an event stream.
    Stream,
    /// A socket.
    Socket,
}

impl Transport {
    /// Whether cookies are read: a foreign page cannot send POST of JSON unasked, but it can the others.
    const fn reads_cookies(self) -> bool {
        matches!(self, Self::Post | Self::Stream)
    }
}

/// What a client says about itself, unproven.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// From `Authorization: Bearer`, or the `token` of `connection_init`.
    pub bearer: Option<String>,
    /// The `Cookie` header. Always `None` on sockets, on GET, and for foreign pages.
    pub cookies: Option<String>,
    /// The `Host` header, with its port.
    pub host: String,
    /// The other end of the connection, which may be a proxy.
    pub peer: Option<SocketAddr>,
    /// The id of this request.
    pub request_id: RequestId,
    /// The other headers, without cookies and authorization.
    pub headers: HeaderMap,
    /// Over what it came: headers of resolvers, such as `set-cookie`, reach the client over POST and GET alone.
    pub transport: Transport,
    /// The payload of `connection_init`.
    pub init: Option<serde_json::Map<String, serde_json::Value>>,
}

/// One answer on its way to a client.
#[derive(Debug)]
pub enum Event {
    /// The library's own, serialised by the driver.
    Response(Box<Response>),
    /// Ready JSON of a whole answer, `{"data":...}` in one line, shared between those who asked for the same.
    Shared(Arc<str>),
}

impl From<Response> for Event {
    fn from(response: Response) -> Self {
        Self::Response(Box::new(response))
    }
}

/// What one schema offers to the drivers.
pub trait Api: Clone + Send + Sync + 'static {
    /// Who is asking, proven; cheap to clone.
    type Caller: Clone + Send + Sync + 'static;

    /// Turns credentials into a caller, the same for all transports. Nobody in particular is a caller too: the error says
    /// that the credentials are wrong or that this door is closed, and ends a socket.
    fn authenticate(&self, credentials: Credentials) -> impl Future<Output = Result<Self::Caller, Error>> + Send;

    /// Executes a query or mutation, which has been through the gate and is parsed already.
    fn execute(&self, caller: Self::Caller, request: async_graphql::Request) -> impl Future<Output = Response> + Send;

    /// Executes a subscription. Its stream is polled only as fast as the client reads.
    fn subscribe(&self, caller: Self::Caller, request: async_graphql::Request) -> BoxStream<'static, Event>;

    /// Resolves once the caller's access has ended: its sockets are closed with 4403, its event streams end.
    fn revoked(&self, caller: &Self::Caller) -> BoxFuture<'static, ()>;

    /// Whether a browser page of that origin may talk to that host, as its `Host` header names it.
    fn origin_allowed(&self, host: &str, origin: &str) -> bool;

    /// How much a client may ask for.
    fn limits(&self) -> &Limits;
}

/// What every handler has at hand.
#[derive(Debug, Clone)]
pub(super) struct Door<A> {
    pub(super) api: A,
    pub(super) drain: Drain,
}

/// The whole door of one schema: `path` answers POST, sockets and, if allowed, queries over GET; `path/stream` answers
/// POST with an event stream.
pub fn router<A: Api>(path: &str, api: A, drain: Drain) -> Router {
    Router::new()
        .route(path, any(super::post::handle::<A>))
        .route(&format!("{path}/stream"), any(super::stream::handle::<A>))
        .with_state(Door { api, drain })
}

/// What is known about a request before its body is read.
pub(super) struct Caller {
    pub(super) credentials: Credentials,
    pub(super) permit: Option<Arc<Permit>>,
}

/// Collects the credentials of a request and refuses the pages of foreign origins.
///
/// A browser names the origin of the page on every POST and every socket. A request without one is not from a browser
/// and brings no cookies that are not its own; if it brings some all the same, it has to say with `x-csrf` that it means to.
pub(super) fn caller_of<A: Api>(
    door: &Door<A>,
    parts: &mut Parts,
    transport: Transport,
    request_id: RequestId,
) -> Result<Caller, Error> {
    let mut headers = std::mem::take(&mut parts.headers);
    let text = |value: Option<http::HeaderValue>| value.and_then(|value| value.to_str().ok().map(str::to_owned));
    let host =
        text(headers.get(HOST).cloned()).or_else(|| parts.uri.authority().map(ToString::to_string)).unwrap_or_default();
    let forbidden = |reason, message: &str| Err(Error::new(Code::Forbidden, reason, message));

    let allowed =
        |origin: &http::HeaderValue| origin.to_str().is_ok_and(|origin| door.api.origin_allowed(&host, origin));
    let from_page = headers.contains_key(ORIGIN);
    if headers.get_all(ORIGIN).iter().count() > 1 || !headers.get_all(ORIGIN).iter().all(allowed) {
        return forbidden("ORIGIN", "Pages of this origin may not use this address.");
    }
    let authorization = text(headers.remove(AUTHORIZATION));
    let bearer = authorization.and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
    });
    let cookie = text(headers.remove(COOKIE)).filter(|_| transport.reads_cookies() && bearer.is_none());
    if cookie.is_some() && !from_page && !headers.contains_key("x-csrf") {
        return forbidden("CSRF", "A request with cookies names its origin, or carries the header x-csrf.");
    }
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0);
    let credentials = Credentials { bearer, cookies: cookie, host, peer, request_id, headers, transport, init: None };
    Ok(Caller { credentials, permit: parts.extensions.get::<Arc<Permit>>().cloned() })
}

/// The parameters of a request, GraphQL over HTTP, "Request Parameters"; the payload of `subscribe` is the same.
#[derive(Debug, Deserialize)]
pub(super) struct Parameters {
    pub(super) query: String,
    #[serde(default, rename = "operationName")]
    pub(super) operation_name: Option<String>,
    #[serde(default)]
    pub(super) variables: Option<Variables>,
    #[serde(default)]
    pub(super) extensions: Option<serde_json::Map<String, serde_json::Value>>,
}

/// A request that has passed the gate and the parser.
pub(super) struct Prepared {
    pub(super) request: async_graphql::Request,
    pub(super) kind: OperationType,
}

/// Sends a document through the gate and the parser, and finds the operation that is meant.
pub(super) fn prepare(parameters: Parameters, limits: &Limits, id: &RequestId) -> Result<Prepared, Box<Response>> {
    let refuse = |error: ServerError| Box::new(Response::from_errors(vec![error]));
    gate::document(&parameters.query, &limits.document)
        .map_err(|refusal| refuse(server_error(&Error::new(Code::Invalid, refusal.reason, refusal.message))))?;
    let document = async_graphql::parser::parse_query(&parameters.query).map_err(|error| {
        let mut error = ServerError::from(error);
        mark(&mut error, Code::Invalid, "SYNTAX");
        refuse(error)
    })?;
    let name = parameters.operation_name.filter(|name| !name.is_empty());
    // The same choice as the library makes later. Without a certain answer nothing runs: what is taken for a query must
    // not turn out to be a mutation.
    let operation = match (&document.operations, &name) {
        (DocumentOperations::Single(operation), None) => Some(operation),
        (DocumentOperations::Single(_), Some(_)) => None,
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name.as_str()),
        (DocumentOperations::Multiple(operations), None) if operations.len() == 1 => operations.values().next(),
        (DocumentOperations::Multiple(_), None) => None,
    };
    let Some(kind) = operation.map(|operation| operation.node.ty) else {
        let message = "operationName does not name one operation of the document.";
        return Err(refuse(server_error(&Error::invalid("operationName", "OPERATION_NAME", message))));
    };
    let mut request = async_graphql::Request::new(parameters.query)
        .variables(parameters.variables.unwrap_or_default())
        .data(id.clone());
    request.operation_name = name;
    for (key, value) in parameters.extensions.into_iter().flatten() {
        if let Ok(value) = Value::from_json(value) {
            request.extensions.insert(key, value);
        }
    }
    request.set_parsed_query(document);
    Ok(Prepared { request, kind })
}

/// Runs a query or mutation to its end.
///
/// A mutation runs in a task of its own: a client that goes away cannot stop it between two of its steps, and the
/// connection's permit is held until it is done, so that a shutdown waits for it. A query is dropped with its client.
pub(super) async fn execute<A: Api>(
    api: A,
    caller: A::Caller,
    prepared: Prepared,
    permit: Option<Arc<Permit>>,
) -> Response {
    let run = async move {
        let execution = api.execute(caller, prepared.request);
        let response = AssertUnwindSafe(execution).catch_unwind().await;
        drop(permit);
        response.ok()
    };
    let response =
        if prepared.kind == OperationType::Mutation { tokio::spawn(run).await.ok().flatten() } else { run.await };
    response.unwrap_or_else(failed)
}

/// The answers to one operation: one for a query or mutation, any number for a subscription.
pub(super) fn events<A: Api>(
    api: A,
    caller: A::Caller,
    prepared: Prepared,
    permit: Option<Arc<Permit>>,
) -> BoxStream<'static, Event> {
    if prepared.kind == OperationType::Subscription {
        api.subscribe(caller, prepared.request)
    } else {
        futures_util::stream::once(async move { execute(api, caller, prepared, permit).await.into() }).boxed()
    }
}

/// The next of them. A stream that panics has failed, and is over.
pub(super) fn poll_event(events: &mut BoxStream<'static, Event>, cx: &mut Context<'_>) -> Poll<Option<Event>> {
    catch_unwind(AssertUnwindSafe(|| events.poll_next_unpin(cx))).unwrap_or_else(|_| {
        *events = futures_util::stream::empty().boxed();
        Poll::Ready(Some(failed().into()))
    })
}

/// The answer when a resolver panicked; the panic itself is in the log already.
fn failed() -> Response {
    Response::from_errors(vec![server_error(&Error::new(Code::Internal, "INTERNAL", INTERNAL))])
}

/// What a client is told of our own faults.
const INTERNAL: &str = "Something went wrong on our side.";

/// An error as a whole answer, its cause logged if it is ours.
pub(super) fn rejected(error: &Error, id: &RequestId) -> Response {
    log_internal(error, id);
    Response::from_errors(vec![server_error(error)])
}

/// Logs what a client is not told.
pub(super) fn log_internal(error: &Error, id: &RequestId) {
    if error.code == Code::Internal {
        let cause = error.cause.as_deref().map(tracing::field::display);
        tracing::error!(request_id = %id, cause, "a request failed on our side");
    }
}

fn mark(error: &mut ServerError, code: Code, reason: &str) {
    let extensions = error.extensions.get_or_insert_with(ErrorExtensionValues::default);
    extensions.set("code", code.as_str());
    extensions.set("reason", reason);
}

/// A response ready to be sent.
pub(super) struct Reply {
    /// `{"data":...}`, `{"errors":[...]}` or both, in one line.
    pub(super) body: String,
    /// The request failed before it was executed: there is no `data` (specification 7.1.2).
    pub(super) request_error: bool,
    /// What resolvers want in the header of an HTTP response.
    pub(super) headers: HeaderMap,
}

/// Gives every error its code, reason and request id, and serialises.
pub(super) fn finish(mut response: Response, id: &RequestId, limits: &Limits) -> Reply {
    polish(&mut response, id, limits);
    if let Some(seconds) = response.errors.iter().filter_map(retry_after).max() {
        response.http_headers.insert(RETRY_AFTER, seconds.into());
    }
    Reply { body: body(&response), request_error: is_request_error(&response), headers: response.http_headers }
}

/// In how many seconds what failed may be tried again, where that is known.
fn retry_after(error: &ServerError) -> Option<u64> {
    let extensions = error.extensions.as_ref()?;
    if extensions.get("code") != Some(&Value::from(Code::RateLimited.as_str())) {
        return None;
    }
    match extensions.get("retryAfter") {
        Some(Value::Number(seconds)) => seconds.as_u64(),
        _ => None,
    }
}

/// A response as JSON in one line, without `data` if the request was not executed.
pub(super) fn body(response: &Response) -> String {
    if is_request_error(response) {
        format!("{{\"errors\":{}}}", errors_json(&response.errors))
    } else {
        to_json(response)
    }
}

/// Whether a response has errors that belong to no field, and no data.
pub(super) fn is_request_error(response: &Response) -> bool {
    response.data == Value::Null && !response.is_ok() && response.errors.iter().all(|error| error.path.is_empty())
}

/// The errors of a response as a JSON array.
pub(super) fn errors_json(errors: &[ServerError]) -> String {
    to_json(&errors)
}

fn to_json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|error| {
        // A value that is no JSON, such as an infinite number in a custom scalar.
        tracing::error!(%error, "an answer could not be serialised");
        format!(r#"{{"errors":[{{"message":"{INTERNAL}","extensions":{{"code":"INTERNAL","reason":"INTERNAL"}}}}]}}"#)
    })
}

/// Gives every error of a response its code, reason and request id.
pub(super) fn polish(response: &mut Response, id: &RequestId, limits: &Limits) {
    response.errors.truncate(limits.errors);
    for error in &mut response.errors {
        if let Some(own) = details(error) {
            log_internal(own, id);
        } else if error.extensions.as_ref().and_then(|extensions| extensions.get("code")).is_none() {
            classify(error, id);
        }
        error.extensions.get_or_insert_default().set("requestId", &*id.0);
    }
}

/// Errors without a code are the library's: validation before there is a path; bad input values, and variables that the
/// client left out, with one. Any other is a resolver's that forgot its code; what it says is for the log alone.
fn classify(error: &mut ServerError, id: &RequestId) {
    const INPUT: [&str; 4] =
        ["Failed to parse \"", "Expected input type \"", "Invalid value for argument", "Variable "];
    if error.path.is_empty() {
        mark(error, Code::Invalid, "VALIDATION");
    } else if INPUT.iter().any(|start| error.message.starts_with(start)) {
        mark(error, Code::Invalid, "INPUT");
    } else {
        tracing::error!(request_id = %id, error = %error.message, "an error without a code");
        error.message = INTERNAL.to_owned();
        mark(error, Code::Internal, "INTERNAL");
    }
}
