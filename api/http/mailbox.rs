//! The mailbox of demo mode: what would have been sent, had a mail server been configured.

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use serde_json::json;

use super::House;
use crate::domain::mail::Message;
use crate::error::Result;
use crate::service::letter::escaped;
use crate::service::mail::{self, Mail};

/// How many mails are shown.
const MOST: usize = 100;

pub(super) fn router() -> Router<House> {
    Router::new()
        .route("/dev/mail", get(list))
        .route("/dev/mail.json", get(list_as_json))
        .route("/dev/mail/{id}", get(one))
}

#[derive(serde::Deserialize)]
struct Asked {
    to: Option<String>,
}

async fn mails(house: &House, to: Option<&str>) -> Result<Vec<(Mail, Message)>> {
    mail::shown_mailbox(&house.services, MOST, to).await
}

fn failed() -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, "Please try again in a moment.\n").into_response()
}

fn page(html: String, policy: &'static str) -> Response {
    let headers =
        [(CONTENT_TYPE, "text/html; charset=utf-8"), (CACHE_CONTROL, "no-store"), (CONTENT_SECURITY_POLICY, policy)];
    (headers, html).into_response()
}

const STYLE: &str = "<style>:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;\
max-width:760px;padding:24px 16px}h1{font-size:20px}article{border:1px solid #8884;border-radius:8px;margin:16px 0;\
padding:16px}h2{font-size:16px;margin:0 0 4px}p{margin:0;color:GrayText;overflow-wrap:anywhere}\
iframe{width:100%;height:560px;border:0;margin-top:12px;border-radius:6px;color-scheme:light dark}\
details{margin-top:8px}pre{white-space:pre-wrap;overflow-wrap:anywhere}</style>";

async fn list(State(house): State<House>, Query(asked): Query<Asked>) -> Response {
    let Ok(mails) = mails(&house, asked.to.as_deref()).await else { return failed() };
    let mut html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>Mailbox</title>{STYLE}<h1>Mailbox</h1>"
    );
    if mails.is_empty() {
        html.push_str("<p>No mails yet. Invite somebody, or ask for a new password.</p>");
    }
    for (mail, message) in &mails {
        html.push_str(&format!(
            "<article><h2>{}</h2><p>{} → {} · {}</p>\
             <iframe sandbox=\"allow-popups allow-popups-to-escape-sandbox\" loading=\"lazy\" title=\"{}\" src=\"/dev/mail/{}\"></iframe>\
             <details><summary>Plain text</summary><pre>{}</pre></details></article>",
            escaped(message.subject.as_str()),
            escaped(message.from.name.as_str()),
            escaped(&message.to),
            mail.created_at,
            escaped(message.subject.as_str()),
            mail.id,
            escaped(&message.text),
        ));
    }
    page(
        html,
        "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    )
}

/// The HTML of one mail, as a mail reader would show it: without scripts, in a box of its own.
async fn one(State(house): State<House>, Path(id): Path<String>) -> Response {
    let Ok(mails) = mails(&house, None).await else { return failed() };
    let Some((_, message)) = mails.into_iter().find(|(mail, _)| mail.id.to_string() == id) else {
        return (StatusCode::NOT_FOUND, "There is nothing here.\n").into_response();
    };
    // Links leave the box they are shown in.
    let html = message.html.replacen("<head>", "<head><base target=\"_blank\">", 1);
    page(
        html,
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src https: http: data:; \
         base-uri 'none'; frame-ancestors 'self'",
    )
}

async fn list_as_json(State(house): State<House>, Query(asked): Query<Asked>) -> Response {
    let Ok(mails) = mails(&house, asked.to.as_deref()).await else { return failed() };
    let rows: Vec<_> = mails
        .iter()
        .map(|(mail, message)| {
            let headers: serde_json::Map<String, serde_json::Value> =
                message.headers().into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
            json!({
                "id": mail.id.to_string(), "to": message.to, "from": message.from.address,
                "subject": message.subject.as_str(), "text": message.text, "html": message.html, "kind": mail.kind,
                "at": mail.created_at.to_string(), "headers": headers,
            })
        })
        .collect();
    ([(CACHE_CONTROL, "no-store")], axum::Json(rows)).into_response()
}
