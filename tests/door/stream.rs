//! Event streams, in process.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::Request;
use http_body_util::BodyExt;
use livery::http::accept::Drain;
use livery::http::graphql::{Limits, router};
use serde_json::json;
use tower::ServiceExt;

use super::kit::{TestApi, soon};

fn door(limits: Limits) -> (TestApi, Drain, Router) {
    let (api, drain) = (TestApi::new(limits), Drain::new());
    (api.clone(), drain.clone(), router("/graphql", api, drain))
}

async fn open(router: &Router, query: &str, token: Option<&str>) -> http::Response<Body> {
    let request = Request::post("/graphql/stream")
        .header("content-type", "application/json")
        .header("accept", "text/event-stream");
    let request =
        token.into_iter().fold(request, |request, token| request.header("authorization", format!("Bearer {token}")));
    let request = request.body(json!({ "query": query }).to_string());
    let request = request.expect("a request").map(Body::from);
    soon(router.clone().oneshot(request)).await.expect("the router answers")
}

async fn text(response: http::Response<Body>) -> String {
    let bytes = soon(response.into_body().collect()).await.expect("a body").to_bytes();
    String::from_utf8(bytes.to_vec()).expect("text")
}

/// Without the comments.
fn events(text: &str) -> String {
    text.replace(":\n\n", "")
}

#[tokio::test]
async fn operations_of_all_kinds_are_streamed() {
    let (_, _, router) = door(Limits::DEFAULT);
    for (query, expected) in [
        ("{ me }", "event: next\ndata: {\"data\":{\"me\":\"ann\"}}\n\nevent: complete\ndata: \n\n"),
        ("mutation { bump }", "event: next\ndata: {\"data\":{\"bump\":1}}\n\nevent: complete\ndata: \n\n"),
        (
            "subscription { count(to: 2) }",
            "event: next\ndata: {\"data\":{\"count\":1}}\n\nevent: next\ndata: {\"data\":{\"count\":2}}\n\nevent: complete\ndata: \n\n",
        ),
        (
            "subscription { shared: count(to: 1) }",
            "event: next\ndata: {\"data\":{\"shared\":1}}\n\nevent: next\ndata: {\"data\":{\"shared\":1}}\n\nevent: complete\ndata: \n\n",
        ),
    ] {
        let response = open(&router, query, Some("ann")).await;
        assert_eq!(response.headers()["content-type"], "text/event-stream; charset=utf-8");
        assert_eq!(events(&text(response).await), expected, "{query}");
    }
    let broken = events(&text(open(&router, "subscription { breaks }", None).await).await);
    assert!(broken.matches("event: next").count() == 3 && broken.contains("INTERNAL"), "{broken}");
    assert!(broken.ends_with("event: complete\ndata: \n\n"), "{broken}");
    for query in ["{ nothing }", "{", "subscription { closed }", "mutation { a: bump b: bump }"] {
        let response = open(&router, query, None).await;
        assert_eq!(response.status(), 200, "{query}");
        let text = events(&text(response).await);
        assert!(text.starts_with("event: next\ndata: {") && text.contains(r#""errors":[{"message""#), "{text}");
        assert!(text.contains("requestId") && text.ends_with("event: complete\ndata: \n\n"), "{text}");
    }
}

#[tokio::test]
async fn what_cannot_be_a_stream_is_refused() {
    let (_, drain, router) = door(Limits::DEFAULT);
    assert_eq!(open(&router, "{ me }", Some("bad")).await.status(), 401);
    let request = |method: &str, accept: &str, content_type: &str| {
        let request = Request::builder().method(method).uri("/graphql/stream").header("accept", accept);
        request.header("content-type", content_type).body(Body::from(r#"{"query":"{me}"}"#)).expect("a request")
    };
    for (request, status) in [
        (request("GET", "text/event-stream", "application/json"), 405),
        (request("PUT", "text/event-stream", "application/json"), 405),
        (request("POST", "application/json", "application/json"), 406),
        (request("POST", "text/event-stream", "text/plain"), 415),
    ] {
        assert_eq!(router.clone().oneshot(request).await.expect("the router answers").status(), status);
    }
    let mut foreign = request("POST", "text/event-stream", "application/json");
    foreign.headers_mut().insert("origin", http::HeaderValue::from_static("https://evil.example"));
    assert_eq!(router.clone().oneshot(foreign).await.expect("the router answers").status(), 403);
    drain.start();
    assert_eq!(open(&router, "{ me }", None).await.status(), 503);
}

#[tokio::test]
async fn a_quiet_stream_has_a_heartbeat_and_ends_unfinished_on_a_restart_or_without_access() {
    for restart in [true, false] {
        let (api, drain, router) = door(Limits { heartbeat: Duration::from_millis(5), ..Limits::DEFAULT });
        let mut body = open(&router, "subscription { quiet }", None).await.into_body();
        let mut seen = String::new();
        while seen.matches(":\n\n").count() < 3 || !seen.contains("event: next") {
            let frame = soon(body.frame()).await.expect("it goes on").expect("it goes on");
            seen += std::str::from_utf8(&frame.into_data().expect("data")).expect("text");
        }
        if restart {
            drain.start();
        } else {
            api.revoked.send_replace(true);
        }
        let rest = soon(body.collect()).await.expect("an end").to_bytes();
        assert!(!rest.windows(8).any(|window| window == b"complete"), "clients would not come back");
    }
}
