//! Where the link in an answer to an offline query leads: the visitor's own chat, on the agency's host.
//!
//! Looking at the page changes nothing, for mail programs look at links before people do. A script on it hands the token over
//! and gets what the widget's frame goes on with.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::json;

use super::House;
use super::pages::{html, nonce};
use crate::domain::tenant::Agency;
use crate::error::{Code, Result};
use crate::service::letter::escaped;
use crate::service::offline;

pub(super) fn router() -> Router<House> {
    Router::new().route("/resume", get(page)).route("/resume/script.js", get(script)).route("/resume/open", post(open))
}

async fn agency(house: &House, headers: &HeaderMap) -> Result<std::sync::Arc<Agency>> {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = house.settings.own_name(&house.services, host);
    house.pages.agency_of(&house.services, &name).await
}

async fn page(State(house): State<House>, headers: HeaderMap) -> Response {
    let Ok(agency) = agency(&house, &headers).await else { return StatusCode::NOT_FOUND.into_response() };
    let nonce = nonce(&house.services);
    let brand = &agency.brand;
    let (name, accent) = (escaped(&brand.name), escaped(&brand.accent));
    let text = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"robots\" content=\"noindex\"><meta name=\"color-scheme\" content=\"light dark\"><title>{name}</title>\
         <style nonce=\"{nonce}\">:root{{color-scheme:light dark}}body{{font:16px/1.5 system-ui,sans-serif;margin:15vh auto 0;\
         max-width:420px;padding:0 24px;border-top:4px solid {accent}}}h1{{font-size:20px;margin:24px 0 8px}}</style>\
         <script src=\"/resume/script.js\" defer></script></head><body><main><h1>{name}</h1>\
         <p id=\"opening\" role=\"status\">Your chat is being opened …</p>\
         <p id=\"ended\" role=\"alert\" hidden>This link does not work any more. It may have run out, or your message has been \
         settled. You can simply answer the mail that it came with.</p>\
         <noscript><p>Please switch JavaScript on to go on with your chat, or answer the mail.</p></noscript></main></body></html>"
    );
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'nonce-{nonce}'; connect-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'"
    );
    let mut response = html(text, &policy);
    // The address holds the token: it is told to nobody.
    response.headers_mut().insert(HeaderName::from_static("referrer-policy"), HeaderValue::from_static("no-referrer"));
    response
}

/// The key is where the widget's frame looks for what it goes on with: `dashboard/widget/src/storage.ts`.
const SCRIPT: &str = r#""use strict";
const token = new URLSearchParams(location.search).get("token") ?? "";
history.replaceState(null, "", "/resume");
fetch("/resume/open", {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ token }),
})
  .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)))
  .then(({ widget, resume }) => {
    localStorage.setItem(`chat:${widget}:resume`, resume);
    location.replace(`/widget/frame?widget=${encodeURIComponent(widget)}`);
  })
  .catch(() => {
    document.getElementById("opening").hidden = true;
    document.getElementById("ended").hidden = false;
  });
"#;

async fn script() -> Response {
    ([(CONTENT_TYPE, "text/javascript; charset=utf-8"), (CACHE_CONTROL, "no-cache")], SCRIPT).into_response()
}

#[derive(serde::Deserialize)]
struct Open {
    token: String,
}

async fn open(State(house): State<House>, headers: HeaderMap, axum::Json(body): axum::Json<Open>) -> Response {
    let found = async {
        let agency = agency(&house, &headers).await?;
        offline::resume(&house.services, agency.id, &body.token).await
    };
    match found.await {
        Ok(opened) => {
            let answer = json!({ "widget": opened.widget, "resume": opened.resume });
            ([(CACHE_CONTROL, "no-store")], axum::Json(answer)).into_response()
        }
        Err(error) if error.code == Code::NotFound => StatusCode::NOT_FOUND.into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
