//! GraphQL over server-sent events, for whoever cannot have a socket.
//!
//! The "distinct connections mode" of the graphql-sse protocol
//! (<https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md>): a POST that accepts `text/event-stream` is one
//! operation of any kind, answered by `next` events and one `complete`. A stream that ends without `complete` was cut off
//! by a restart or because access has ended: clients come back, and are told then.

use std::future::poll_fn;
use std::sync::Arc;

use async_graphql::Response;
use axum::body::Body;
use axum::extract::State;
use futures_util::future::{self, BoxFuture};
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt, StreamExt};
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use super::accept::Permit;
use super::graphql::{Api, Door, Event, Limits, RequestId, Transport, caller_of, events, finish, poll_event, prepare};
use super::post::{Format, Refused, expect_json, read_body};

/// Events written at once, if so many wait.
const BATCH: usize = 32;

/// Answers everything that is sent to the stream address of a schema.
pub(super) async fn handle<A: Api>(State(door): State<Door<A>>, request: Request<Body>) -> http::Response<Body> {
    let limits = *door.api.limits();
    let id = RequestId::of(request.headers());
    match open(door, request, limits, &id).await {
        Ok(feed) => {
            let mut response = http::Response::new(Body::from_stream(stream::unfold(feed, Feed::next)));
            let headers = response.headers_mut();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8"));
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            // nginx keeps streams back otherwise.
            headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
            response
        }
        Err(refused) => refused.respond(Format::Json, &id, &limits),
    }
}

async fn open<A: Api>(door: Door<A>, request: Request<Body>, limits: Limits, id: &RequestId) -> Result<Feed, Refused> {
    let (mut parts, body) = request.into_parts();
    if parts.method != Method::POST {
        return Err(Refused::method("POST"));
    }
    if !accepts_events(&parts.headers) {
        let message = "This address answers text/event-stream.";
        return Err(Refused::new(StatusCode::NOT_ACCEPTABLE, "ACCEPT", message));
    }
    if door.drain.is_started() {
        return Err(crate::error::Error::unavailable("RESTARTING", "The server is restarting.").into());
    }
    expect_json(&parts.headers)?;
    let caller = caller_of(&door, &mut parts, Transport::Stream, id.clone())?;
    let parameters = read_body(body, &limits).await?;
    let (events, ended) = match prepare(parameters, &limits, id) {
        Ok(prepared) => {
            let asking = door.api.authenticate(caller.credentials).await?;
            let revoked = door.api.revoked(&asking);
            let ended = future::select(door.drain.started().boxed(), revoked).map(drop).boxed();
            (events(door.api, asking, prepared, caller.permit.clone()), ended)
        }
        // The protocol wants these on the stream, where clients do not take them for a reason to try again.
        Err(response) => (stream::iter([Event::Response(response)]).boxed(), future::pending().boxed()),
    };
    let mut heartbeat = interval_at(Instant::now(), limits.heartbeat);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    Ok(Feed { events, ended, heartbeat, id: id.clone(), limits, complete: false, _permit: caller.permit })
}

fn accepts_events(headers: &HeaderMap) -> bool {
    let ranges = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    ranges.flat_map(|value| value.split(',')).any(|range| {
        range.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case("text/event-stream"))
    })
}

/// One operation on its way to one client. It is asked for more only when the client has read what it got.
struct Feed {
    events: BoxStream<'static, Event>,
    /// The server restarts, or the caller's access is over.
    ended: BoxFuture<'static, ()>,
    /// The first tick is at once: it gets the header out before the first event.
    heartbeat: Interval,
    id: RequestId,
    limits: Limits,
    complete: bool,
    _permit: Option<Arc<Permit>>,
}

impl Feed {
    async fn next(mut self) -> Option<(Result<String, std::convert::Infallible>, Self)> {
        if self.complete {
            return None;
        }
        let mut chunk = String::new();
        tokio::select! {
            biased;
            () = &mut self.ended => return None,
            event = poll_fn(|cx| poll_event(&mut self.events, cx)) => self.write(event, &mut chunk),
            _ = self.heartbeat.tick() => chunk.push_str(":\n\n"),
        }
        // What waits already goes out with it.
        for _ in 1..BATCH {
            if self.complete {
                break;
            }
            let Some(event) = poll_fn(|cx| poll_event(&mut self.events, cx)).now_or_never() else { break };
            self.write(event, &mut chunk);
        }
        Some((Ok(chunk), self))
    }

    fn write(&mut self, event: Option<Event>, chunk: &mut String) {
        match event {
            Some(Event::Response(response)) => self.write_next(&self.finish(*response), chunk),
            Some(Event::Shared(json)) => self.write_next(&json, chunk),
            None => {
                self.complete = true;
                chunk.push_str("event: complete\ndata: \n\n");
            }
        }
    }

    fn finish(&self, response: Response) -> String {
        finish(response, &self.id, &self.limits).body
    }

    fn write_next(&self, json: &str, chunk: &mut String) {
        chunk.push_str("event: next\n");
        for line in json.lines() {
            chunk.push_str("data: ");
            chunk.push_str(line);
            chunk.push('\n');
        }
        chunk.push('\n');
    }
}
