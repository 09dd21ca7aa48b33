//! The question of the proxy that ends TLS: may a certificate be asked for under this name?

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Query, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use http::StatusCode;

use super::{House, host_name};
use crate::service::domain;

/// How many names are asked about in a second. A proxy asks once for each new name; whoever makes it ask for names that do
/// not exist shall not make the database look for them all.
const PER_SECOND: NonZeroU32 = NonZeroU32::new(50).expect("not nought");

#[derive(serde::Deserialize)]
struct Asked {
    domain: Option<String>,
}

pub(super) fn router() -> Router<House> {
    let limit = Arc::new(RateLimiter::direct(Quota::per_second(PER_SECOND)));
    Router::new().route("/internal/tls", get(move |state, query, request| ask(state, query, limit, request)))
}

/// 200 for a name that is served, 404 for everything else; to the proxy itself alone, not to whom it lets through.
async fn ask(
    State(house): State<House>,
    Query(asked): Query<Asked>,
    limit: Arc<DefaultDirectRateLimiter>,
    request: Request,
) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip().to_canonical());
    let near = peer.is_some_and(|peer| peer.is_loopback() || house.settings.trusted_proxies.contains(&peer));
    // Whatever a proxy passes on says for whom; its own question does not.
    let passed_on = ["x-forwarded-for", "x-forwarded-host", "forwarded", "via", "x-real-ip"]
        .iter()
        .any(|name| request.headers().contains_key(*name));
    let Some(name) = asked.domain.filter(|_| near && !passed_on) else { return no() };
    if limit.check().is_err() {
        return (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "1")]).into_response();
    }
    match domain::is_served(&house.services, &host_name(&name)).await {
        Ok(true) => StatusCode::OK.into_response(),
        Ok(false) => no(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

fn no() -> Response {
    StatusCode::NOT_FOUND.into_response()
}
