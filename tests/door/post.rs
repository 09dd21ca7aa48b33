//! POST and GET, in process.

use std::sync::atomic::Ordering;

use axum::Router;
use axum::body::Body;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use livery::http::accept::Drain;
use livery::http::graphql::{self, Credentials, Limits};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::kit::{TestApi, soon, usual};

fn door() -> (TestApi, Router) {
    let api = TestApi::new(Limits::DEFAULT);
    (api.clone(), graphql::router("/graphql", api, Drain::new()))
}

async fn send(router: &Router, request: Request<Body>) -> (StatusCode, http::HeaderMap, Value) {
    let response = soon(router.clone().oneshot(request)).await.expect("the router answers");
    let (parts, body) = response.into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    (parts.status, parts.headers, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

fn post() -> http::request::Builder {
    Request::post("/graphql").header("content-type", "application/json").header("host", "desk.example")
}

async fn ask(router: &Router, query: &str) -> (StatusCode, Value) {
    let request = post().body(json!({ "query": query }).to_string().into()).expect("a request");
    let (status, _, body) = send(router, request).await;
    (status, body)
}

#[track_caller]
fn check_error(body: &Value, code: &str, reason: &str) {
    let extensions = &body["errors"][0]["extensions"];
    assert_eq!((&extensions["code"], &extensions["reason"]), (&json!(code), &json!(reason)), "{body}");
    assert!(extensions["requestId"].is_string(), "{body}");
    assert!(body["errors"][0]["message"].is_string(), "{body}");
}

#[tokio::test]
async fn a_query_is_answered() {
    let (_, router) = door();
    let request = post().header("x-request-id", "abc-1").body(
        json!({ "query": "query A { a: hello } query B($n: String) { hello(name: $n) requestId me }",
                "operationName": "B", "variables": { "n": "you" }, "extensions": { "x": [1] }, "unknown": 1 })
        .to_string()
        .into(),
    );
    let (status, headers, body) = send(&router, request.expect("a request")).await;
    assert_eq!(status, 200);
    assert_eq!(headers["content-type"], "application/json; charset=utf-8");
    assert_eq!(headers["cache-control"], "no-store");
    assert_eq!(body, json!({ "data": { "hello": "Hello you", "requestId": "abc-1", "me": "nobody" } }));
}

#[tokio::test]
async fn every_error_has_a_code_a_reason_and_a_request_id() {
    let (_, router) = door();
    for (query, code, reason) in [
        ("{", "INVALID", "SYNTAX"),
        ("{ hello( }", "INVALID", "SYNTAX"),
        ("{ hello: }", "INVALID", "SYNTAX"),
        ("query ($a) { hello }", "INVALID", "SYNTAX"),
        ("{ nothing }", "INVALID", "VALIDATION"),
        ("query ($a: Int!) { hello }", "INVALID", "VALIDATION"),
        ("query ($a: String!) { hello(name: $a) }", "INVALID", "INPUT"),
        ("{ bare }", "INTERNAL", "INTERNAL"),
        ("{ coded }", "CONFLICT", "ALREADY_ACCEPTED"),
        ("{ panics }", "INTERNAL", "INTERNAL"),
        ("mutation { bump b: bump }", "INVALID", "ROOT_FIELDS"),
        ("subscription { quiet }", "INVALID", "TRANSPORT"),
        ("query A { hello } query B { hello }", "INVALID", "OPERATION_NAME"),
        ("{ ...F } fragment F on Query { child { ...F } }", "INVALID", "FRAGMENT_CYCLE"),
    ] {
        let (status, body) = ask(&router, query).await;
        assert_eq!(status, 200, "{query}");
        check_error(&body, code, reason);
        assert!(!body.to_string().contains("password"), "{body}");
    }
    let (_, body) =
        ask(&router, &format!("{{ child {{ {} }} }}", (0..100).map(|i| format!("f{i} ")).collect::<String>())).await;
    assert_eq!(body["errors"].as_array().map(Vec::len), Some(Limits::DEFAULT.errors));
}

#[tokio::test]
async fn only_json_objects_are_read() {
    let (api, router) = door();
    let mutation = json!({ "query": "mutation { bump }" }).to_string();
    for (content_type, body, status) in [
        (Some("text/plain"), mutation.clone(), 415),
        (Some("application/x-www-form-urlencoded"), "query=mutation{bump}".into(), 415),
        (Some("multipart/form-data; boundary=x"), mutation.clone(), 415),
        (Some("application/graphql"), "mutation { bump }".into(), 415),
        (Some("application/json; charset=utf-16"), mutation.clone(), 415),
        (Some("application/jsonp"), mutation.clone(), 415),
        (None, mutation.clone(), 415),
        (Some("application/json"), format!("[{mutation}]"), 400),
        (Some("application/json"), String::new(), 400),
        (Some("application/json"), "null".into(), 400),
        (Some("application/json"), "\"mutation { bump }\"".into(), 400),
        (Some("application/json"), format!("{mutation}{mutation}"), 400),
        (Some("application/json"), format!("{{\"query\":\"{}\"}}", "x".repeat(70_000)), 413),
        (Some("application/json"), format!("{{\"query\":\"{{hello}}\",\"variables\":{}", "[".repeat(50_000)), 400),
    ] {
        let request = Request::post("/graphql");
        let request = content_type.into_iter().fold(request, |request, value| request.header("content-type", value));
        let (got, _, answer) = send(&router, request.body(body.clone().into()).expect("a request")).await;
        assert_eq!(got, status, "{content_type:?} {}", &body[..body.len().min(80)]);
        assert_eq!(answer["errors"][0]["extensions"]["code"], "INVALID");
    }
    let compressed = post().header("content-encoding", "gzip").body(mutation.into()).expect("a request");
    assert_eq!(send(&router, compressed).await.0, 415);
    assert_eq!(api.world.bumped.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn other_methods_are_refused_by_name() {
    let (_, router) = door();
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS"] {
        let request = Request::builder().method(method).uri("/graphql").body(Body::empty()).expect("a request");
        let (status, headers, _) = send(&router, request).await;
        assert_eq!((status.as_u16(), headers["allow"].to_str().ok()), (405, Some("GET, POST")), "{method}");
    }
}

#[tokio::test]
async fn get_answers_queries_and_reads_no_cookies() {
    let (api, router) = door();
    let get = |uri: &str| Request::get(uri).header("cookie", "session=1").body(Body::empty()).expect("a request");
    let (status, _, body) =
        send(&router, get("/graphql?query=query($n:String){hello(name:$n)}&variables=%7B%22n%22:%22x%22%7D")).await;
    assert_eq!((status.as_u16(), body), (200, json!({ "data": { "hello": "Hello x" } })));
    let (status, headers, _) = send(&router, get("/graphql?query=mutation%7Bbump%7D")).await;
    assert_eq!((status.as_u16(), headers["allow"].to_str().ok()), (405, Some("POST")));
    let named = "/graphql?query=query+Q%7Bhello%7D+mutation+M%7Bbump%7D&operationName=M";
    assert_eq!(send(&router, get(named)).await.0, 405);
    assert_eq!(send(&router, get("/graphql")).await.0, 400);
    let all_without = |seen: &[Credentials]| seen.iter().all(|credentials| credentials.cookies.is_none());
    assert!(all_without(&api.world.seen.lock().expect("no panics")));
    assert_eq!(api.world.bumped.load(Ordering::SeqCst), 0);

    let api = TestApi::new(Limits { get_queries: false, ..Limits::DEFAULT });
    let router = graphql::router("/graphql", api, Drain::new());
    let (status, headers, _) = send(&router, get("/graphql?query=%7Bhello%7D")).await;
    assert_eq!((status.as_u16(), headers["allow"].to_str().ok()), (405, Some("POST")));
}

#[tokio::test]
async fn foreign_pages_are_refused() {
    let (api, router) = door();
    let body = || Body::from(json!({ "query": "mutation { bump }" }).to_string());
    for origin in
        ["https://evil.example", "null", "http://desk.example", "https://desk.example:444", "https://desk.example.evil"]
    {
        let request = post().header("origin", origin).body(body()).expect("a request");
        let (status, _, answer) = send(&router, request).await;
        assert_eq!(status, 403, "{origin}");
        check_error(&answer, "FORBIDDEN", "ORIGIN");
    }
    let twice = post().header("origin", "https://desk.example").header("origin", "https://evil.example");
    assert_eq!(send(&router, twice.body(body()).expect("a request")).await.0, 403);
    let bare_cookie = post().header("cookie", "session=1").body(body()).expect("a request");
    let (status, _, answer) = send(&router, bare_cookie).await;
    assert_eq!(status, 403);
    check_error(&answer, "FORBIDDEN", "CSRF");
    assert_eq!(api.world.bumped.load(Ordering::SeqCst), 0);

    let ours = post().header("origin", "https://desk.example").header("cookie", "session=1").body(body());
    assert_eq!(send(&router, ours.expect("a request")).await.0, 200);
    let meant = post().header("x-csrf", "1").header("cookie", "session=1").body(body()).expect("a request");
    assert_eq!(send(&router, meant).await.0, 200);
    let seen = api.world.seen.lock().expect("no panics");
    assert!(seen.iter().all(|credentials| credentials.cookies.as_deref() == Some("session=1")));
    assert!(
        seen.iter()
            .all(|credentials| !credentials.headers.contains_key("cookie") && credentials.host == "desk.example")
    );
}

#[tokio::test]
async fn credentials_reach_the_one_authenticate() {
    let (api, router) = door();
    for (token, status, code) in [("bad", 401, "UNAUTHENTICATED"), ("banned", 403, "FORBIDDEN")] {
        let request = post().header("authorization", format!("Bearer {token}"));
        let request = request.body(json!({ "query": "{ me }" }).to_string().into()).expect("a request");
        let (got, _, body) = send(&router, request).await;
        assert_eq!((got.as_u16(), &body["errors"][0]["extensions"]["code"]), (status, &json!(code)));
        assert!(body.get("data").is_none());
    }
    let request = post().header("authorization", "bearer ann").header("cookie", "session=1");
    let (_, _, body) =
        send(&router, request.body(json!({ "query": "{ me }" }).to_string().into()).expect("a request")).await;
    assert_eq!(body["data"]["me"], "ann");
    let seen = api.world.seen.lock().expect("no panics");
    assert!(seen.last().is_some_and(|credentials| credentials.cookies.is_none()), "a bearer wins over cookies");
}

#[tokio::test]
async fn the_form_of_the_answer_is_negotiated() {
    let (_, router) = door();
    for (accept, query, status, content_type) in [
        ("application/graphql-response+json", "{ hello }", 200, "application/graphql-response+json; charset=utf-8"),
        ("application/graphql-response+json", "{ nothing }", 400, "application/graphql-response+json; charset=utf-8"),
        ("application/graphql-response+json", "{ coded }", 200, "application/graphql-response+json; charset=utf-8"),
        (
            "application/graphql-response+json, application/json;q=0.9",
            "{",
            400,
            "application/graphql-response+json; charset=utf-8",
        ),
        ("application/graphql-response+json;q=0.1, application/json", "{", 200, "application/json; charset=utf-8"),
        ("text/html, */*;q=0.1", "{ hello }", 200, "application/json; charset=utf-8"),
        ("text/html", "{ hello }", 406, "application/json; charset=utf-8"),
        ("application/json;q=0", "{ hello }", 406, "application/json; charset=utf-8"),
    ] {
        let request = post().header("accept", accept).body(json!({ "query": query }).to_string().into());
        let (got, headers, _) = send(&router, request.expect("a request")).await;
        assert_eq!(
            (got.as_u16(), headers["content-type"].to_str().ok()),
            (status, Some(content_type)),
            "{accept} {query}"
        );
    }
}

#[tokio::test]
async fn headers_of_resolvers_are_sent() {
    let (_, router) = door();
    let request = post().body(json!({ "query": "{ cookie }" }).to_string().into()).expect("a request");
    let (_, headers, _) = send(&router, request).await;
    assert_eq!(headers.get_all("set-cookie").iter().collect::<Vec<_>>(), ["a=1", "b=2"]);
}

#[tokio::test]
async fn a_client_that_goes_away_does_not_stop_a_mutation() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let door = usual().await;
    let mut client = tokio::net::TcpStream::connect(door.address).await.expect("it listens");
    let body = r#"{"query":"mutation { slowBump }"}"#;
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    client.write_all((head + body).as_bytes()).await.expect("it reads");
    let world = &door.api.world;
    soon(world.begun.notified()).await;
    // Once the server has hung up, nothing of the request is left.
    client.shutdown().await.expect("it is open");
    assert_eq!(soon(client.read_to_end(&mut Vec::new())).await.ok(), Some(0), "no answer");
    door.drain.start();
    world.go.notify_one();
    assert!(soon(door.ended).await.expect("no panic"), "it was waited for");
    assert_eq!(world.bumped.load(Ordering::SeqCst), 1);
}
