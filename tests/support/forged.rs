//! Requests that lie about the host they were sent to, for everything that writes a mail with a link in it.

use axum::body::Body;
use http::Request;
use serde_json::{Value, json};

use super::app::{App, Reply};

/// A host that is nobody's here.
pub const FOREIGN: &str = "evil.example";

/// One way to lie: the request's address, its `Host`, and more headers.
#[derive(Debug, Clone)]
pub struct Variant {
    pub uri: String,
    pub host: &'static str,
    pub headers: Vec<(&'static str, String)>,
}

/// Twenty ways. The first ten keep the true `Host` and lie elsewhere; the others lie in it.
pub fn variants() -> Vec<Variant> {
    const TRUE: &str = "127.0.0.1:8080";
    let lies = |headers: &[(&'static str, &str)]| Variant {
        uri: "/graphql".to_owned(),
        host: TRUE,
        headers: headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(),
    };
    let host = |host: &'static str| Variant { uri: "/graphql".to_owned(), host, headers: Vec::new() };
    let absolute = |uri: &str, host: &'static str| Variant { uri: uri.to_owned(), host, headers: Vec::new() };
    vec![
        lies(&[("x-forwarded-host", FOREIGN)]),
        lies(&[("x-forwarded-host", "127.0.0.1:8080, evil.example")]),
        lies(&[("x-forwarded-host", FOREIGN), ("x-forwarded-proto", "https"), ("x-forwarded-port", "443")]),
        lies(&[("forwarded", "host=evil.example;proto=https")]),
        lies(&[("forwarded", "for=1.2.3.4;host=\"evil.example\", for=5.6.7.8")]),
        lies(&[("x-host", FOREIGN), ("x-http-host-override", FOREIGN)]),
        lies(&[("x-original-url", "https://evil.example/"), ("x-rewrite-url", "https://evil.example/")]),
        lies(&[("x-forwarded-server", FOREIGN), ("via", "1.1 evil.example")]),
        lies(&[("origin", "https://evil.example"), ("referer", "https://evil.example/reset")]),
        lies(&[("x-forwarded-prefix", "//evil.example"), ("x-real-ip", "127.0.0.1")]),
        host("evil.example"),
        host("evil.example:8080"),
        host("127.0.0.1.evil.example"),
        host("127.0.0.1:8080@evil.example"),
        host("evil.example#127.0.0.1:8080"),
        host("127.0.0.1:8080.evil.example"),
        host("EVIL.example."),
        absolute("http://evil.example/graphql", TRUE),
        absolute("http://evil.example/graphql", FOREIGN),
        absolute("http://127.0.0.1:8080@evil.example/graphql", TRUE),
    ]
}

/// Posts a document to the desk in that way.
pub async fn post(app: &App, variant: &Variant, token: Option<&str>, document: &str, variables: Value) -> Reply {
    let mut request =
        Request::post(&variant.uri).header("host", variant.host).header("content-type", "application/json");
    for (name, value) in &variant.headers {
        request = request.header(*name, value);
    }
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let body = json!({ "query": document, "variables": variables }).to_string();
    app.send(request.body(Body::from(body)).expect("a request")).await
}

/// Every link and picture of a mail that leads elsewhere than to `own`.
pub fn foreign_links(text: &str, html: &str, own: &[&str]) -> Vec<String> {
    let all = [text, html].join("\n");
    let mut foreign = Vec::new();
    for scheme in ["http://", "https://", "//"] {
        for (at, _) in all.match_indices(scheme) {
            let before = all[..at].chars().next_back();
            if scheme == "//" && before == Some(':') {
                continue;
            }
            let rest = &all[at + scheme.len()..];
            let host: String = rest
                .chars()
                .take_while(|c| !matches!(c, '/' | '"' | '\'' | '<' | '>' | ' ' | '\n' | '?' | '#'))
                .collect();
            // The names of the document types of HTML and of its dialects are no addresses of anybody.
            if !own.contains(&host.as_str()) && !matches!(host.as_str(), "www.w3.org" | "DTD") {
                foreign.push(format!("{scheme}{host}"));
            }
        }
    }
    if all.contains(FOREIGN) {
        foreign.push(FOREIGN.to_owned());
    }
    foreign
}
