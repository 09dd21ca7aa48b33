//! Pictures: brought by those who look after the brand, drawn anew, and served as nothing but pictures.

use std::net::{IpAddr, Ipv4Addr};

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::House;
use super::accept::{self, Unread};
use super::errors::told;
use super::pages::{agency, escaped, failed, matches, not_found, page};
use crate::domain::access::Actor;
use crate::domain::brand::{Brand, BrandImageKind, text_on};
use crate::domain::id::{ImageId, OrganizationId};
use crate::error::{Error, Result};
use crate::service::identity::authenticate;
use crate::service::{brand, image as pictures};

/// How large a picture may be when it comes in.
const MOST: usize = 2 * 1024 * 1024;

/// Nothing in a picture is run, fetched or framed, whatever it is taken for.
const CAGE: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

pub(super) fn router() -> Router<House> {
    Router::new()
        .route("/brand/images/{kind}", post(bring))
        .route("/organizations/{id}/logo", post(bring_logo).delete(remove_logo).get(page))
        .route("/brand/i/{file}", get(picture))
        .route("/brand/icon-192.png", get(|state, headers| icon(state, headers, 192)))
        .route("/brand/icon-512.png", get(|state, headers| icon(state, headers, 512)))
        .route("/apple-touch-icon.png", get(|state, headers| icon(state, headers, 180)))
        .route("/favicon.ico", get(|state, headers| icon(state, headers, 48)))
        .route("/favicon.svg", get(|state, request| mark(state, request, Mark::Icon)))
        .route("/brand/logo.svg", get(|state, request| mark(state, request, Mark::Logo)))
        .route("/brand/logo-dark.svg", get(|state, request| mark(state, request, Mark::LogoDark)))
        .route("/manifest.webmanifest", get(manifest))
}

pub(super) fn host(house: &House, headers: &HeaderMap) -> String {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    house.settings.own_name(&house.services, host)
}

/// Who brings something. By token alone: cookies are not looked at, so no foreign page can do it in somebody's name.
async fn bringer(house: &House, headers: &HeaderMap) -> Result<Actor> {
    let bearer = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    authenticate(&house.services, bearer, &host(house, headers), IpAddr::V4(Ipv4Addr::UNSPECIFIED)).await
}

async fn read(body: Body) -> Result<Bytes> {
    accept::read(body, MOST).await.map_err(|unread| match unread {
        Unread::TooLarge => Error::invalid("image", "TOO_LARGE", "A picture can have up to 2 MiB."),
        Unread::TooLate => Error::invalid("image", "TOO_LATE", "The picture took too long to arrive."),
    })
}

fn json(value: &serde_json::Value) -> Response {
    ([(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")], value.to_string()).into_response()
}

/// Work that goes on when the client goes away: what was begun is kept whole.
async fn whole(work: impl Future<Output = Result<serde_json::Value>> + Send + 'static) -> Response {
    match tokio::spawn(work).await {
        Ok(Ok(value)) => json(&value),
        Ok(Err(error)) => told(&error),
        Err(error) => told(&Error::internal(error)),
    }
}

/// Keeps a picture of the brand.
async fn bring(State(house): State<House>, Path(kind): Path<String>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let brought = async {
        let actor = bringer(&house, &parts.headers).await?;
        // Whoever may not is told before anything is read.
        brand::may_bring_picture(&house.services, &actor)?;
        let kind = BrandImageKind::parse(&kind).filter(|_| !kind.contains(char::is_uppercase));
        let kind = kind.ok_or_else(|| Error::not_found("kind of picture"))?;
        Ok((actor, kind, read(body).await?))
    };
    let (actor, kind, bytes) = match brought.await {
        Ok(brought) => brought,
        Err(error) => return told(&error),
    };
    whole(async move {
        let picture = brand::put_picture(&house.services, &actor, kind, bytes).await?;
        let path = crate::domain::brand::picture_path(picture.id);
        Ok(serde_json::json!({
            "kind": kind.as_str(), "path": path, "width": picture.width, "height": picture.height,
        }))
    })
    .await
}

fn organization(text: &str) -> Result<OrganizationId> {
    text.parse().map_err(|_| Error::not_found("organization"))
}

/// Keeps an organization's logo.
async fn bring_logo(State(house): State<House>, Path(id): Path<String>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let brought = async {
        let actor = bringer(&house, &parts.headers).await?;
        let id = organization(&id)?;
        pictures::may_bring_logo(&house.services, &actor, id).await?;
        Ok((actor, id, read(body).await?))
    };
    let (actor, id, bytes) = match brought.await {
        Ok(brought) => brought,
        Err(error) => return told(&error),
    };
    whole(async move {
        let (path, png) = pictures::put_logo(&house.services, &actor, id, bytes).await?;
        Ok(serde_json::json!({ "kind": "ORGANIZATION", "path": path, "width": png.width, "height": png.height }))
    })
    .await
}

/// Removes an organization's logo.
async fn remove_logo(State(house): State<House>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let asked = async { Ok((bringer(&house, &headers).await?, organization(&id)?)) };
    let (actor, id) = match asked.await {
        Ok(asked) => asked,
        Err(error) => return told(&error),
    };
    whole(async move {
        pictures::remove_logo(&house.services, &actor, id).await?;
        Ok(serde_json::json!({ "kind": "ORGANIZATION", "path": null }))
    })
    .await
}

fn caged(response: &mut Response, caching: &'static str) {
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(CAGE));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
    headers.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin"));
}

/// `img_....png`: of the agency of the host that was asked, and never another one there.
async fn picture(State(house): State<House>, Path(file): Path<String>, headers: HeaderMap) -> Response {
    let Some(id) = file.strip_suffix(".png").and_then(|id| id.parse::<ImageId>().ok()) else {
        return not_found().await;
    };
    let own_host = host(&house, &headers) == house.services.addresses.host;
    let served = async {
        let agency = agency(&house, &headers).await?;
        pictures::served(&house.services, agency.id, own_host, id).await
    };
    let bytes = match served.await {
        Ok(bytes) => bytes,
        Err(error) => return failed(&error),
    };
    let etag = HeaderValue::from_str(&format!("\"{id}\"")).unwrap_or(HeaderValue::from_static("\"0\""));
    let mut response = if matches(&headers, &etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(CONTENT_TYPE, "image/png")], Body::from(bytes)).into_response()
    };
    caged(&mut response, super::pages::FOREVER);
    response.headers_mut().insert(ETAG, etag);
    response
}

/// The square icon, for home screens and for whoever knows of no other address than `/favicon.ico`.
async fn icon(State(house): State<House>, headers: HeaderMap, size: u32) -> Response {
    let drawn = async {
        let agency = agency(&house, &headers).await?;
        house.pages.icon(&house.services, &agency, size).await
    };
    match drawn.await {
        Ok(icon) => {
            let mut response = ([(CONTENT_TYPE, "image/png")], Body::from(Bytes::clone(&icon))).into_response();
            caged(&mut response, "private, max-age=300");
            response
        }
        Err(error) => failed(&error),
    }
}

pub(super) enum Mark {
    Icon,
    Logo,
    LogoDark,
}

/// The agency's mark, drawn from its tokens until it brings its own.
async fn mark(State(house): State<House>, request: Request, which: Mark) -> Response {
    let agency = match agency(&house, request.headers()).await {
        Ok(agency) => agency,
        Err(error) => return failed(&error),
    };
    let kind = match which {
        Mark::Icon => BrandImageKind::Favicon,
        Mark::Logo => BrandImageKind::Logo,
        Mark::LogoDark => BrandImageKind::LogoDark,
    };
    if let Some(path) = agency.brand.path(kind) {
        let mut response = Redirect::temporary(&path).into_response();
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        return response;
    }
    let mut response = ([(CONTENT_TYPE, "image/svg+xml")], draw(&agency.brand, &which)).into_response();
    caged(&mut response, "private, max-age=300");
    response
}

pub(super) fn draw(brand: &Brand, which: &Mark) -> String {
    let (accent, words) = match which {
        Mark::Icon | Mark::Logo => (&brand.accent, "#16202c"),
        Mark::LogoDark => (&brand.accent_dark, "#f3f5f8"),
    };
    let on_accent = text_on(accent);
    let initial = escaped(&brand.initial().to_string());
    let badge = format!(
        r#"<rect width="32" height="32" rx="9" fill="{accent}"/><path d="M16 5.5l2.3 8.2 8.2 2.3-8.2 2.3-2.3 8.2-2.3-8.2-8.2-2.3 8.2-2.3z" fill="{on_accent}" opacity=".22"/><text x="16" y="22" text-anchor="middle" font-family="system-ui,sans-serif" font-size="17" font-weight="700" fill="{on_accent}">{initial}</text>"#
    );
    match which {
        Mark::Icon => format!(r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">{badge}</svg>"#),
        Mark::Logo | Mark::LogoDark => {
            let name = escaped(&brand.name);
            let width = 44 + brand.name.chars().count() * 10;
            format!(
                r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} 32" width="{width}" height="32" role="img" aria-label="{name}">{badge}<text x="42" y="22" font-family="system-ui,sans-serif" font-size="18" font-weight="650" letter-spacing="-.3" fill="{words}">{name}</text></svg>"#
            )
        }
    }
}

async fn manifest(State(house): State<House>, request: Request) -> Response {
    let agency = match agency(&house, request.headers()).await {
        Ok(agency) => agency,
        Err(error) => return failed(&error),
    };
    let icon = |size: u32| serde_json::json!({ "src": format!("/brand/icon-{size}.png"), "sizes": format!("{size}x{size}"), "type": "image/png" });
    let manifest = serde_json::json!({
        "name": agency.brand.name,
        "short_name": agency.brand.name,
        "start_url": "/",
        "display": "standalone",
        "lang": agency.brand.language,
        "theme_color": agency.brand.accent,
        "background_color": "#ffffff",
        "icons": [icon(192), icon(512)],
    });
    ([(CONTENT_TYPE, "application/manifest+json")], manifest.to_string()).into_response()
}
