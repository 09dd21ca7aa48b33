//! Where a mail program posts when somebody wants no more of a kind of mail (RFC 8058). Looking at the address changes nothing:
//! the dashboard's page asks first.

use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::HOST;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::House;
use super::pages::page;
use crate::error::Code;
use crate::service::notification::unsubscribe;

#[derive(Deserialize)]
struct Asked {
    token: String,
}

pub(super) fn router() -> Router<House> {
    Router::new().route("/unsubscribe", get(page).post(stop))
}

async fn stop(State(house): State<House>, headers: HeaderMap, Query(asked): Query<Asked>) -> Response {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = house.settings.own_name(&house.services, host);
    match unsubscribe::stop(&house.services, &name, &asked.token).await {
        Ok(_) => "No more mails like this one.\n".into_response(),
        Err(error) if error.code == Code::NotFound => (StatusCode::NOT_FOUND, "No such mail.\n").into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "Please try again.\n").into_response(),
    }
}
