//! The door: connections, requests, cookies, sockets, files.
//!
//! This room may know the wire and what a page needs to be branded; it decides nothing about tenants.
//! Its invariant: whoever comes in is recognised in one way, whichever transport they use; an unknown host gets nothing;
//! what is served on an agency's domain names nobody but the agency.
//! Begin with [`router`], then [`doors`](self::doors) for who asks, then [`graphql`] for the three drivers.

pub mod accept;
mod doors;
mod errors;
mod files;
pub mod gate;
pub mod graphql;
mod images;
pub mod inbound;
mod mailbox;
mod pages;
mod post;
mod resume;
mod socket;
mod stream;
mod tls;
mod unsubscribe;

use std::net::IpAddr;
use std::sync::Arc;

pub use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::{HOST, HeaderName};
use http::{HeaderValue, StatusCode};

use self::accept::Drain;
use crate::graphql::{Desk, WidgetApi};
use crate::service::Services;

pub use doors::Doors;

/// What the door needs to know about this installation.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Demo mode: `/demo`, GraphiQL, and loopback names for the platform's own host.
    pub demo: bool,
    /// Addresses whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
}

/// What every handler has at hand.
#[derive(Clone)]
pub(crate) struct House {
    pub(crate) services: Services,
    pub(crate) settings: Arc<Settings>,
    pub(crate) pages: Arc<pages::Pages>,
}

/// Everything that is served.
pub fn router(desk: Desk, widget: WidgetApi, settings: Settings, drain: Drain) -> Router {
    let services = desk.services().clone();
    let settings = Arc::new(settings);
    let house = House { pages: Arc::new(pages::Pages::new(&services)), services, settings: settings.clone() };
    let desk = graphql::router("/graphql", Doors::new(desk, settings.clone(), doors::Who::People), drain.clone());
    let widget = graphql::router("/widget/graphql", Doors::new(widget, settings, doors::Who::Visitors), drain.clone());
    let mut pages = pages::router(&house).merge(resume::router()).merge(unsubscribe::router());
    if house.settings.demo {
        pages = pages.merge(mailbox::router());
    }
    pages
        .with_state(house.clone())
        .merge(desk)
        .merge(widget)
        .layer(middleware::from_fn_with_state(house.clone(), known_host))
        .merge(
            Router::new()
                .route("/healthz", get(|| async { "ok" }))
                .route("/readyz", get(move |state| ready(state, drain)))
                .merge(tls::router())
                .merge(inbound::router())
                .with_state(house),
        )
}

/// Whether this node should be sent requests: the database answers, and it is not about to stop.
async fn ready(State(house): State<House>, drain: Drain) -> Response {
    match crate::service::look(&house.services).await {
        Ok(()) if !drain.is_started() => "ready".into_response(),
        Ok(()) => (StatusCode::SERVICE_UNAVAILABLE, "stopping").into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer").into_response(),
    }
}

/// The name in a `Host` header, without port, in lower case.
pub(crate) fn host_name(host: &str) -> String {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    name.trim_end_matches('.').to_ascii_lowercase()
}

impl Settings {
    /// The host as it is known inside: in demo mode all names of this machine are the platform's own.
    pub(crate) fn own_name(&self, services: &Services, host: &str) -> String {
        let name = host_name(host);
        if self.demo && matches!(name.as_str(), "localhost" | "127.0.0.1" | "[::1]") {
            return services.addresses.host.clone();
        }
        name
    }
}

/// Answers 421 for hosts that belong to nobody here, and puts the headers on that everything carries.
async fn known_host(State(house): State<House>, request: Request, next: Next) -> Response {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default().to_owned();
    let name = house.settings.own_name(&house.services, &host);
    let wants_page = errors::wants_page(request.headers());
    let mut response = match house.pages.agency_of(&house.services, &name).await {
        Ok(agency) => {
            let answer = next.run(request).await;
            let bare = wants_page && errors::is_bare(&answer);
            if bare { errors::branded(&house.services, &agency, &answer) } else { answer }
        }
        Err(error) => {
            let status = match error.reason {
                "UNKNOWN_HOST" => StatusCode::MISDIRECTED_REQUEST,
                // Nothing of a suspended agency is shown, not even its name; and it may come back.
                _ => StatusCode::SERVICE_UNAVAILABLE,
            };
            errors::nobodys(&house.services, request.headers(), status)
        }
    };
    let always = [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "strict-origin-when-cross-origin"),
        ("cross-origin-opener-policy", "same-origin"),
    ];
    for (name, value) in always {
        let name = HeaderName::from_static(name);
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    if house.services.addresses.secure {
        let hsts = HeaderValue::from_static("max-age=31536000");
        response.headers_mut().insert("strict-transport-security", hsts);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::host_name;

    #[test]
    fn hosts_are_compared_without_port_case_and_trailing_dot() {
        fn check(host: &str, expected: &str) {
            assert_eq!(host_name(host), expected, "{host}");
        }
        check("Chat.Example.com:8080", "chat.example.com");
        check("chat.example.com.", "chat.example.com");
        check("[::1]:8080", "[::1]");
        check("", "");
    }
}
