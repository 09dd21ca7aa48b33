//! GraphQL over HTTP: POST of JSON, and queries over GET.
//!
//! Follows the GraphQL over HTTP draft (<https://graphql.github.io/graphql-over-http/draft/>) and answers all of the
//! audits of the `graphql-http` package. Three of those want queries over GET, which is why
//! [`Limits::get_queries`](super::graphql::Limits::get_queries) is there; cookies are never read for them, and mutations
//! are refused whoever asks. No forms, no multipart, no batches.

use async_graphql::Response;
use async_graphql::parser::types::OperationType;
use axum::body::Body;
use axum::extract::{Query, State};
use http::header::{ACCEPT, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER, UPGRADE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use serde::Deserialize;

use super::accept::{self, Unread};
use super::gate;
use super::graphql::{
    Api, Door, Limits, Parameters, RequestId, Transport, caller_of, execute, finish, prepare, rejected,
};
use crate::error::{Code, Error};

/// In which of its two forms an answer is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// `application/json`: 200 for whatever the GraphQL layer answered, errors or not.
    Json,
    /// `application/graphql-response+json`: 400 if it was not executed.
    GraphQl,
}

impl Format {
    fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Json => "application/json; charset=utf-8",
            Self::GraphQl => "application/graphql-response+json; charset=utf-8",
        })
    }
}

/// A request that is answered without the GraphQL layer.
pub(super) struct Refused {
    status: StatusCode,
    error: Box<Error>,
    allow: Option<&'static str>,
}

impl Refused {
    pub(super) fn new(status: StatusCode, reason: &'static str, message: &str) -> Self {
        Self { status, error: Box::new(Error::new(Code::Invalid, reason, message)), allow: None }
    }

    /// 405, naming what would be right.
    pub(super) fn method(allow: &'static str) -> Self {
        let refused = Self::new(StatusCode::METHOD_NOT_ALLOWED, "METHOD", "This address does not answer this method.");
        Self { allow: Some(allow), ..refused }
    }

    /// As a response, in the one error shape.
    pub(super) fn respond(&self, format: Format, id: &RequestId, limits: &Limits) -> http::Response<Body> {
        let reply = finish(rejected(&self.error, id), id, limits);
        let mut response = respond(self.status, format, reply.body, reply.headers);
        if let Some(allow) = self.allow {
            response.headers_mut().insert(ALLOW, HeaderValue::from_static(allow));
        }
        if matches!(self.status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
            response.headers_mut().entry(RETRY_AFTER).or_insert(HeaderValue::from_static("5"));
        }
        response
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        let status = match error.code {
            Code::Unauthenticated => StatusCode::UNAUTHORIZED,
            Code::Forbidden => StatusCode::FORBIDDEN,
            Code::NotFound => StatusCode::NOT_FOUND,
            Code::Invalid => StatusCode::BAD_REQUEST,
            Code::Conflict => StatusCode::CONFLICT,
            Code::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self { status, error: Box::new(error), allow: None }
    }
}

fn respond(status: StatusCode, format: Format, body: String, headers: HeaderMap) -> http::Response<Body> {
    let mut response = http::Response::new(Body::from(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response.headers_mut().insert(CONTENT_TYPE, format.content_type());
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Answers everything that is sent to the address of a schema.
pub(super) async fn handle<A: Api>(State(door): State<Door<A>>, request: Request<Body>) -> http::Response<Body> {
    let (mut parts, body) = request.into_parts();
    if parts.method == Method::GET && parts.headers.contains_key(UPGRADE) {
        return super::socket::upgrade(door, parts).await;
    }
    let id = RequestId::of(&parts.headers);
    let format = accepted(&parts.headers);
    let limits = *door.api.limits();
    let answer = match format {
        Some(_) => answer(door, &mut parts, body, &limits, &id).await,
        None => Err(Refused::new(StatusCode::NOT_ACCEPTABLE, "ACCEPT", "This address answers JSON.")),
    };
    let format = format.unwrap_or(Format::Json);
    match answer {
        Ok(response) => {
            let reply = finish(response, &id, &limits);
            let status = match format {
                // Nothing was executed, and it says when to come back.
                _ if reply.request_error && reply.headers.contains_key(RETRY_AFTER) => StatusCode::TOO_MANY_REQUESTS,
                Format::GraphQl if reply.request_error => StatusCode::BAD_REQUEST,
                _ => StatusCode::OK,
            };
            respond(status, format, reply.body, reply.headers)
        }
        Err(refused) => refused.respond(format, &id, &limits),
    }
}

async fn answer<A: Api>(
    door: Door<A>,
    parts: &mut Parts,
    body: Body,
    limits: &Limits,
    id: &RequestId,
) -> Result<Response, Refused> {
    let allow = if limits.get_queries { "GET, POST" } else { "POST" };
    let get = parts.method == Method::GET && limits.get_queries;
    let (parameters, caller) = if get {
        let parameters = read_query(parts, limits)?;
        (parameters, caller_of(&door, parts, Transport::Get, id.clone())?)
    } else if parts.method == Method::POST {
        expect_json(&parts.headers)?;
        let caller = caller_of(&door, parts, Transport::Post, id.clone())?;
        (read_body(body, limits).await?, caller)
    } else {
        return Err(Refused::method(allow));
    };
    let prepared = match prepare(parameters, limits, id) {
        Ok(prepared) => prepared,
        Err(response) => return Ok(*response),
    };
    match prepared.kind {
        OperationType::Mutation if get => return Err(Refused::method("POST")),
        OperationType::Subscription => {
            let message = "Subscriptions want a socket or an event stream.";
            return Ok(rejected(&Error::new(Code::Invalid, "TRANSPORT", message), id));
        }
        _ => {}
    }
    let asking = door.api.authenticate(caller.credentials).await?;
    Ok(execute(door.api, asking, prepared, caller.permit).await)
}

/// Refuses what is not JSON: forms, multipart, plain text, which any page can send, and compressed bodies.
pub(super) fn expect_json(headers: &HeaderMap) -> Result<(), Refused> {
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let json = types.next().and_then(|value| value.to_str().ok()).is_some_and(|value| {
        let mut parts = value.split(';').map(str::trim);
        parts.next().is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"))
            && parts.filter_map(|parameter| parameter.split_once('=')).all(|(name, value)| {
                !name.eq_ignore_ascii_case("charset") || value.trim_matches('"').eq_ignore_ascii_case("utf-8")
            })
    });
    let plain = headers.get(CONTENT_ENCODING).is_none_or(|encoding| encoding == "identity");
    if json && plain && types.next().is_none() {
        Ok(())
    } else {
        Err(Refused::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "MEDIA_TYPE", "Requests are application/json."))
    }
}

/// Reads the parameters of a POST.
pub(super) async fn read_body(body: Body, limits: &Limits) -> Result<Parameters, Refused> {
    let bytes = accept::read(body, limits.message).await.map_err(|unread| match unread {
        Unread::TooLarge => Refused::new(StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE", "The request is too large."),
        Unread::TooLate => Refused::new(StatusCode::REQUEST_TIMEOUT, "BODY_TOO_LATE", "The request took too long."),
    })?;
    read_json(&bytes, limits)
}

fn read_json<T: for<'a> Deserialize<'a>>(bytes: &[u8], limits: &Limits) -> Result<T, Refused> {
    gate::json(bytes, &limits.document)
        .map_err(|refusal| Refused::new(StatusCode::BAD_REQUEST, refusal.reason, refusal.message))?;
    // The parser's own words quote the request; ours do not.
    serde_json::from_slice(bytes).map_err(|_| {
        Refused::new(StatusCode::BAD_REQUEST, "PARAMETERS", "The request is not a JSON object as expected.")
    })
}

#[derive(Deserialize)]
struct QueryString {
    query: String,
    #[serde(rename = "operationName")]
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
}

/// Reads the parameters of a GET.
fn read_query(parts: &Parts, limits: &Limits) -> Result<Parameters, Refused> {
    let Query(query) = Query::<QueryString>::try_from_uri(&parts.uri)
        .map_err(|_| Refused::new(StatusCode::BAD_REQUEST, "PARAMETERS", "There is no query in the address."))?;
    Ok(Parameters {
        query: query.query,
        operation_name: query.operation_name,
        variables: query.variables.map(|text| read_json(text.as_bytes(), limits)).transpose()?,
        extensions: query.extensions.map(|text| read_json(text.as_bytes(), limits)).transpose()?,
    })
}

/// The form that the client likes best; `None` if it accepts neither. The first of equals wins.
fn accepted(headers: &HeaderMap) -> Option<Format> {
    let mut best: Option<(Format, f32)> = None;
    let mut any = false;
    for range in
        headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','))
    {
        any = true;
        let mut parts = range.split(';').map(str::trim);
        let format = match parts.next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "application/graphql-response+json" => Format::GraphQl,
            "application/json" | "application/*" | "*/*" => Format::Json,
            _ => continue,
        };
        let weight = parts.find_map(|parameter| parameter.strip_prefix("q=")).map_or(1.0, |q| q.parse().unwrap_or(0.0));
        if weight > best.map_or(0.0, |(_, best)| best) {
            best = Some((format, weight));
        }
    }
    if any { best.map(|(format, _)| format) } else { Some(Format::Json) }
}
