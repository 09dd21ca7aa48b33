//! What is said when there is nothing to show: a small page under the brand for people, a line of text for everybody else.

use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::pages::{brand_css, escaped, html, nonce};
use crate::domain::tenant::Agency;
use crate::error::{Code, Error};
use crate::graphql::desk::brand::Brand;
use crate::service::Services;

/// Whether a page is wanted: browsers say so when somebody opens an address, and not for scripts and pictures.
pub(super) fn wants_page(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|range| range.trim().to_ascii_lowercase().starts_with("text/html"))
}

/// Whether an answer is one of our lines of text that a page can take the place of.
pub(super) fn is_bare(response: &Response) -> bool {
    let status = response.status();
    let bare =
        matches!(status, StatusCode::NOT_FOUND | StatusCode::SERVICE_UNAVAILABLE | StatusCode::METHOD_NOT_ALLOWED);
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    bare && kind.is_none_or(|kind| kind.starts_with("text/plain"))
}

fn words(status: StatusCode) -> (&'static str, &'static str) {
    match status {
        StatusCode::MISDIRECTED_REQUEST => ("Nothing here", "Nothing is served under this address."),
        StatusCode::SERVICE_UNAVAILABLE => ("One moment", "Please try again in a moment."),
        _ => ("Not found", "There is nothing at this address."),
    }
}

const LOOKS: &str = "body{margin:0;min-height:100vh;display:grid;place-items:center;font-family:var(--brand-font,system-ui,sans-serif);\
    background:#fff;color:#1c2430}main{padding:2rem;text-align:center}h1{font-size:1.4rem;margin:0 0 .5rem}p{margin:0 0 1.25rem;color:#4a5563}\
    a{color:var(--brand-accent,#1c2430)}@media(prefers-color-scheme:dark){body{background:#17181c;color:#eef0f4}p{color:#b4bac6}\
    a{color:var(--brand-accent-dark,#eef0f4)}}";

/// The page under the brand, in place of an answer; its status and what it says about retries stay.
pub(super) fn branded(services: &Services, agency: &Agency, answer: &Response) -> Response {
    let brand = Brand::of(agency);
    let status = answer.status();
    let (title, text) = words(status);
    let nonce = nonce(services);
    let name = escaped(&brand.name);
    let home = if status == StatusCode::SERVICE_UNAVAILABLE { "" } else { "<p><a href=\"/\">Go to the start</a></p>" };
    let page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"robots\" content=\"noindex\"><title>{title} – {name}</title><link rel=\"icon\" href=\"{icon}\">\
         <style nonce=\"{nonce}\">:root{{{css}}}{LOOKS}</style></head><body><main><p>{name}</p><h1>{title}</h1><p>{text}</p>{home}</main></body></html>\n",
        icon = escaped(&brand.favicon),
        css = brand_css(&brand),
    );
    finish(page, &nonce, status, answer.headers().get(RETRY_AFTER))
}

/// The answer where no brand is known: nobody's.
pub(super) fn nobodys(services: &Services, headers: &HeaderMap, status: StatusCode) -> Response {
    let (title, text) = words(status);
    let retry = (status == StatusCode::SERVICE_UNAVAILABLE).then(|| HeaderValue::from_static("2"));
    if !wants_page(headers) {
        let mut response = (status, format!("{text}\n")).into_response();
        response.headers_mut().extend(retry.map(|retry| (RETRY_AFTER, retry)));
        return response;
    }
    let nonce = nonce(services);
    let page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"robots\" content=\"noindex\"><title>{title}</title><style nonce=\"{nonce}\">{LOOKS}</style></head>\
         <body><main><h1>{title}</h1><p>{text}</p></main></body></html>\n"
    );
    finish(page, &nonce, status, retry.as_ref())
}

fn finish(page: String, nonce: &str, status: StatusCode, retry: Option<&HeaderValue>) -> Response {
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let mut response = html(page, &policy);
    *response.status_mut() = status;
    response.headers_mut().extend(retry.map(|retry| (RETRY_AFTER, retry.clone())));
    response
}

/// An error of ours for programs, outside of GraphQL: `{"code", "reason", "message"}`.
pub(super) fn told(error: &Error) -> Response {
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
    if error.code == Code::Internal {
        tracing::error!(%error, cause = ?error.cause, "a request failed");
    }
    let body = serde_json::json!({ "code": error.code.as_str(), "reason": error.reason, "message": error.message,
        "field": error.field, "permission": error.permission });
    let mut response =
        (status, [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")], body.to_string()).into_response();
    if error.code == Code::Unavailable {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("2"));
    }
    response
}
