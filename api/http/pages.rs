//! Pages and files: the dashboard and the widget's frame, branded before their first byte leaves.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Write;
use std::sync::{Arc, PoisonError, RwLock};

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Query, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{
    ACCEPT_ENCODING, ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HOST,
    IF_NONE_MATCH, VARY,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

use super::House;
use crate::domain::id::{AgencyId, WidgetId};
use crate::domain::tenant::Agency;
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::graphql::desk::brand::{Brand as BrandOnTheWire, DRAWN_ICON};
use crate::graphql::widget_config_json;
use crate::service::{Cached, Services, agency, image as pictures, setup, widget};

/// What `make build` has made of `dashboard/`.
#[derive(RustEmbed)]
#[folder = "dashboard/dist/"]
struct Built;

/// What is held in memory for pages.
pub(crate) struct Pages {
    agencies: Cached<String, Agency>,
    configs: Cached<WidgetId, Config>,
    icons: Cached<(AgencyId, u32), Bytes>,
    gzipped: RwLock<HashMap<String, Bytes>>,
}

struct Config {
    agency: AgencyId,
    json: Bytes,
    etag: HeaderValue,
    /// When its hours change: from then on it is old.
    until: Option<Time>,
}

impl Pages {
    pub(super) fn new(services: &Services) -> Self {
        Self {
            agencies: Cached::new(services.hub.authority()),
            configs: Cached::new(services.hub.authority()),
            icons: Cached::new(services.hub.authority()),
            gzipped: RwLock::default(),
        }
    }

    /// The agency of a host, from memory when nothing has changed.
    pub(super) async fn agency_of(&self, services: &Services, host: &str) -> Result<Arc<Agency>> {
        if let Some(agency) = self.agencies.get(&host.to_owned()) {
            return Ok(agency);
        }
        let generation = self.agencies.generation();
        let mut read = services.store.read().await?;
        let agency = Arc::new(agency::of_host(services, &mut read, host).await?);
        self.agencies.put(generation, host.to_owned(), agency.clone());
        Ok(agency)
    }

    async fn config(&self, services: &Services, id: WidgetId) -> Result<Arc<Config>> {
        let now = services.clock.now();
        if let Some(config) = self.configs.get(&id).filter(|config| config.until.is_none_or(|until| now < until)) {
            return Ok(config);
        }
        let generation = self.configs.generation();
        let shown = widget::shown(services, id).await?;
        let (json, until) = widget_config_json(&shown, now);
        let etag = etag_of(json.as_bytes());
        let config = Arc::new(Config { agency: shown.agency.id, json: Bytes::from(json), etag, until });
        self.configs.put(generation, id, config.clone());
        Ok(config)
    }

    /// The square icon of an agency, drawn on its first use.
    pub(super) async fn icon(&self, services: &Services, agency: &Agency, size: u32) -> Result<Arc<Bytes>> {
        if let Some(icon) = self.icons.get(&(agency.id, size)) {
            return Ok(icon);
        }
        let generation = self.icons.generation();
        let icon = Arc::new(Bytes::from(pictures::icon(services, agency, size).await?.bytes));
        self.icons.put(generation, (agency.id, size), icon.clone());
        Ok(icon)
    }

    /// The file as gzip, packed on its first use.
    fn gzipped(&self, path: &str, plain: &[u8]) -> Option<Bytes> {
        // Built into the binary they never change; read from disk while developing, they do.
        let key = format!("{path}#{}", plain.len());
        if let Some(packed) = self.gzipped.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Some(packed.clone());
        }
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(plain).ok()?;
        let packed = Bytes::from(encoder.finish().ok()?);
        self.gzipped.write().unwrap_or_else(PoisonError::into_inner).insert(key, packed.clone());
        Some(packed)
    }
}

fn etag_of(content: &[u8]) -> HeaderValue {
    let hash = Sha256::digest(content);
    let short: String = hash.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    HeaderValue::from_str(&format!("\"{short}\"")).unwrap_or(HeaderValue::from_static("\"0\""))
}

pub(super) fn matches(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    let (Some(given), Ok(etag)) = (headers.get(IF_NONE_MATCH).and_then(|given| given.to_str().ok()), etag.to_str())
    else {
        return false;
    };
    given.split(',').map(|one| one.trim().trim_start_matches("W/")).any(|one| one == etag || one == "*")
}

pub(super) fn router(house: &House) -> Router<House> {
    let router = super::images::router()
        .merge(super::files::router())
        .route("/w.js", get(|state, headers| loader(state, "widget/w.js", headers)))
        .route("/sw.js", get(worker))
        .route("/widget/sdk.js", get(|state, headers| loader(state, "widget/sdk.js", headers)))
        .route("/widget/config/{file}", get(config))
        .route("/widget/frame", get(frame))
        .route("/widget/assets/{*path}", get(|state, path, headers| asset(state, "widget/assets/", path, headers)))
        .route("/assets/{*path}", get(|state, path, headers| asset(state, "app/assets/", path, headers)))
        .fallback(page);
    if house.settings.demo {
        router.route("/demo", get(demo)).route("/graphiql", get(graphiql)).route(
            "/graphiql/assets/{*path}",
            get(|state, path, headers| asset(state, "graphiql/assets/", path, headers)),
        )
    } else {
        router
    }
}

/// The agency of the host that was asked; `known_host` has made sure that there is one.
pub(super) async fn agency(house: &House, headers: &HeaderMap) -> Result<Arc<Agency>> {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = house.settings.own_name(&house.services, host);
    house.pages.agency_of(&house.services, &name).await
}

fn file(path: &str) -> Option<Cow<'static, [u8]>> {
    Built::get(path).map(|file| file.data)
}

fn text_file(path: &str) -> Option<String> {
    file(path).and_then(|data| String::from_utf8(data.into_owned()).ok())
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("html") => "text/html; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json" | "map") => "application/json",
        Some("woff2") => "font/woff2",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}

fn static_file(house: &House, path: &str, headers: &HeaderMap, caching: &'static str) -> Response {
    let Some(data) = file(path) else { return nothing() };
    let etag = etag_of(&data);
    if matches(headers, &etag) {
        return (StatusCode::NOT_MODIFIED, [(ETAG, etag), (CACHE_CONTROL, HeaderValue::from_static(caching))])
            .into_response();
    }
    let packs =
        headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains("gzip"));
    let packed = if packs && data.len() > 256 { house.pages.gzipped(path, &data) } else { None };
    let mut response = match packed {
        Some(packed) => ([(CONTENT_ENCODING, "gzip")], Body::from(packed)).into_response(),
        None => Body::from(data.into_owned()).into_response(),
    };
    let out = response.headers_mut();
    out.insert(CONTENT_TYPE, HeaderValue::from_static(media_type(path)));
    out.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
    out.insert(VARY, HeaderValue::from_static("accept-encoding"));
    out.insert(ETAG, etag);
    response
}

/// Files with their hash in the name never change.
pub(super) const FOREVER: &str = "public, max-age=31536000, immutable";

async fn asset(
    State(house): State<House>,
    folder: &'static str,
    Path(path): Path<String>,
    headers: HeaderMap,
) -> Response {
    static_file(&house, &format!("{folder}{path}"), &headers, FOREVER)
}

/// The loader that pages of clients embed, and what it fetches when they first ask it for more. Any page may read them, and
/// they are looked at again after five minutes.
async fn loader(State(house): State<House>, path: &'static str, headers: HeaderMap) -> Response {
    let mut response = static_file(&house, path, &headers, "public, max-age=300");
    response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response.headers_mut().insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    response
}

/// The service worker of the dashboard. Looked at again each time: browsers keep one for as long as it is served.
async fn worker(State(house): State<House>, headers: HeaderMap) -> Response {
    static_file(&house, "worker/worker.js", &headers, "no-cache")
}

/// On an agency's own host there are its own widgets and no others: nobody's name turns up under somebody else's. The
/// platform's host has those of all.
async fn at_home(house: &House, headers: &HeaderMap, of: AgencyId) -> Result<()> {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let own_host = house.settings.own_name(&house.services, host) == house.services.addresses.host;
    if own_host || agency(house, headers).await?.id == of { Ok(()) } else { Err(Error::not_found("widget")) }
}

/// A minute, or up to the next change of the hours: no cache tells of an open door that is shut.
fn fresh_for(until: Option<Time>, now: Time) -> HeaderValue {
    let left = until.map_or(60, |until| until.since(now).as_secs().min(60));
    HeaderValue::from_str(&format!("public, max-age={left}")).unwrap_or(HeaderValue::from_static("no-cache"))
}

/// `wid_....json`: what each view of a page with the widget costs. Unchanged, it is answered from memory alone.
async fn config(State(house): State<House>, Path(file): Path<String>, headers: HeaderMap) -> Response {
    let id = file.strip_suffix(".json").and_then(|id| id.parse::<WidgetId>().ok());
    let Some(id) = id else { return nothing() };
    let config = match house.pages.config(&house.services, id).await {
        Ok(config) => config,
        Err(error) => return failed(&error),
    };
    if let Err(error) = at_home(&house, &headers, config.agency).await {
        return failed(&error);
    }
    let mut response = if matches(&headers, &config.etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(CONTENT_TYPE, "application/json")], Body::from(config.json.clone())).into_response()
    };
    let out = response.headers_mut();
    out.insert(ETAG, config.etag.clone());
    out.insert(CACHE_CONTROL, fresh_for(config.until, house.services.clock.now()));
    out.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    out.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    response
}

pub(super) fn nonce(services: &Services) -> String {
    format!("{:032x}", services.ids.bits())
}

pub(super) fn html(text: String, policy: &str) -> Response {
    let mut response =
        ([(CONTENT_TYPE, "text/html; charset=utf-8"), (CACHE_CONTROL, "no-store")], text).into_response();
    if let Ok(policy) = HeaderValue::from_str(policy) {
        response.headers_mut().insert("content-security-policy", policy);
    }
    response
}

/// JSON that can stand inside a script element: nothing in it ends the element.
fn json_in_html(json: &str) -> String {
    json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

/// The brand as custom properties. All values are typed tokens that were checked when they were kept; whatever is not
/// plain is dropped here once more.
pub(super) fn brand_css(brand: &BrandOnTheWire) -> String {
    let plain = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric() || matches!(c, '#' | ' ' | ',' | '-' | '\'')).collect()
    };
    let mut css = format!(
        "--brand-accent:{};--brand-accent-text:{};--brand-accent-dark:{};--brand-accent-dark-text:{};--brand-radius:{}px;--brand-font:{}",
        plain(&brand.accent),
        plain(&brand.accent_text),
        plain(&brand.accent_dark),
        plain(&brand.accent_dark_text),
        brand.radius,
        plain(&brand.font)
    );
    for (name, steps) in [("step", &brand.palette), ("dark-step", &brand.palette_dark)] {
        for (nth, step) in steps.iter().enumerate() {
            css.push_str(&format!(";--brand-{name}-{nth}:{}", plain(step)));
        }
    }
    css
}

/// How the template names the icon; what takes its place says the rest of what browsers look for in the head.
const ICON_LINK: &str = r#"<link rel="icon" href="/favicon.svg" type="image/svg+xml" />"#;

fn head(brand: &BrandOnTheWire) -> String {
    let kind = if brand.favicon == DRAWN_ICON { "image/svg+xml" } else { "image/png" };
    let (light, dark) = (escaped(&brand.accent), escaped(&brand.accent_dark));
    format!(
        "<link rel=\"icon\" href=\"{}\" type=\"{kind}\" /><link rel=\"apple-touch-icon\" href=\"/apple-touch-icon.png\" />\
         <link rel=\"manifest\" href=\"/manifest.webmanifest\" />\
         <meta name=\"theme-color\" content=\"{light}\" media=\"(prefers-color-scheme: light)\" />\
         <meta name=\"theme-color\" content=\"{dark}\" media=\"(prefers-color-scheme: dark)\" />",
        escaped(&brand.favicon)
    )
}

pub(super) fn failed(error: &crate::error::Error) -> Response {
    match error.code {
        crate::error::Code::NotFound => nothing(),
        _ => {
            (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "2")], "Please try again in a moment.\n").into_response()
        }
    }
}

/// The same as a handler.
pub(super) async fn not_found() -> Response {
    nothing()
}

fn nothing() -> Response {
    (StatusCode::NOT_FOUND, "There is nothing here.\n").into_response()
}

/// Every page of the dashboard: which one it is, the page itself knows.
pub(super) async fn page(State(house): State<House>, request: Request) -> Response {
    if request.method() != http::Method::GET && request.method() != http::Method::HEAD {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    // A path with an ending is a file that is not there.
    if request.uri().path().rsplit('/').next().is_some_and(|last| last.contains('.')) {
        return nothing();
    }
    let agency = match agency(&house, request.headers()).await {
        Ok(agency) => agency,
        Err(error) => return failed(&error),
    };
    let Some(template) = text_file("app/index.html") else {
        return (StatusCode::SERVICE_UNAVAILABLE, "The dashboard has not been built.\n").into_response();
    };
    let nonce = nonce(&house.services);
    let brand = BrandOnTheWire::of(&agency);
    let json = serde_json::to_string(&brand).unwrap_or_default();
    let text = fill(
        &template.replace(ICON_LINK, "{{head}}"),
        &[
            ("{{brand.name}}", &escaped(&brand.name)),
            ("{{brand.css}}", &brand_css(&brand)),
            ("{{brand.json}}", &json_in_html(&json)),
            ("{{nonce}}", &nonce),
            ("{{head}}", &head(&brand)),
        ],
    );
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; style-src-attr 'unsafe-inline'; \
         img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; frame-src 'self'; \
         base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'"
    );
    let mut response = html(text, &policy);
    response.headers_mut().insert("x-frame-options", HeaderValue::from_static("DENY"));
    response
}

/// Fills the places of a template, each value once: what a value contains is not looked at again.
fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len() + 1024);
    let mut rest = template;
    while let Some(at) = rest.find("{{") {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        match values.iter().find(|(name, _)| rest.starts_with(name)) {
            Some((name, value)) => {
                out.push_str(value);
                rest = &rest[name.len()..];
            }
            None => {
                out.push_str("{{");
                rest = &rest[2..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[derive(serde::Deserialize)]
struct FrameQuery {
    widget: Option<String>,
}

/// The widget's panel. Which pages may hold it, its own header says.
async fn frame(State(house): State<House>, Query(query): Query<FrameQuery>, headers: HeaderMap) -> Response {
    let Some(id) = query.widget.and_then(|id| id.parse::<WidgetId>().ok()) else { return nothing() };
    let shown = match widget::shown(&house.services, id).await {
        Ok(shown) => shown,
        Err(error) => return failed(&error),
    };
    if let Err(error) = at_home(&house, &headers, shown.agency.id).await {
        return failed(&error);
    }
    let Some(template) = text_file("widget/frame.html") else {
        return (StatusCode::SERVICE_UNAVAILABLE, "The widget has not been built.\n").into_response();
    };
    let nonce = nonce(&house.services);
    let (config, _) = widget_config_json(&shown, house.services.clock.now());
    let text = fill(&template, &[("{{config.json}}", &json_in_html(&config)), ("{{nonce}}", &nonce)]);
    let ancestors = match shown.widget.allowed_origins.as_slice() {
        [] => "*".to_owned(),
        origins => format!("'self' {}", origins.join(" ")),
    };
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; style-src-attr 'unsafe-inline'; \
         img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}"
    );
    let mut response = html(text, &policy);
    response.headers_mut().insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    response
}

/// A page of an invented bakery, which looks nothing like the dashboard.
async fn demo(State(house): State<House>) -> Response {
    let Some(template) = text_file("widget/demo/index.html") else { return nothing() };
    match setup::demo_widget(&house.services).await {
        Ok(Some(id)) => {
            let text = fill(&template, &[("{{widget}}", &id.to_string())]);
            ([(CONTENT_TYPE, "text/html; charset=utf-8"), (CACHE_CONTROL, "no-store")], text).into_response()
        }
        Ok(None) => Redirect::temporary("/").into_response(),
        Err(error) => failed(&error),
    }
}

/// GraphiQL over the desk's schema; in demo mode alone.
async fn graphiql() -> Response {
    match text_file("graphiql/index.html") {
        Some(text) => html(
            text,
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; \
             connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; frame-ancestors 'none'",
        ),
        None => nothing(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::brand::Brand;

    #[test]
    fn what_is_filled_in_is_not_filled_again() {
        let filled = fill("<a>{{name}}</a>{{x}}{{", &[("{{name}}", "{{secret}}"), ("{{secret}}", "no")]);
        assert_eq!(filled, "<a>{{secret}}</a>{{x}}{{");
    }

    #[test]
    fn no_brand_breaks_out_of_its_place() {
        let brand = BrandOnTheWire { font: "a;}</style><script>url(x)".to_owned(), ..any_brand() };
        let css = brand_css(&brand);
        for forbidden in ["</", "}", "url(", "@import", ";}"] {
            assert!(!css.contains(forbidden), "{css}");
        }
        assert!(!json_in_html(r#"{"name":"</script><script>"}"#).contains('<'));
        assert!(
            !super::super::images::draw(
                &Brand { name: "<script>&".to_owned(), ..Brand::default() },
                &super::super::images::Mark::Logo
            )
            .contains("<script>")
        );
    }

    fn any_brand() -> BrandOnTheWire {
        let agency =
            Agency { id: crate::domain::id::AgencyId::from_number(1), name: "A".to_owned(), brand: Brand::default() };
        BrandOnTheWire::of(&agency)
    }
}
