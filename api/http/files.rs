//! Files of conversations: brought to a signed address, fetched from one, and never shown by us.
//!
//! Who asks is not looked at: the address says everything, and cookies are not read. Whatever is served is a download that no
//! browser runs, with the name that its bringer gave it.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Query, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use futures_util::StreamExt;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use serde::Deserialize;

use super::House;
use super::errors::told;
use super::pages::{agency, failed, not_found};
use crate::error::Result;
use crate::service::file::{self, Address, Brought, Served};

/// Nothing in it is run, fetched or framed, whatever it is taken for.
const CAGE: &str = "sandbox; default-src 'none'";

pub(super) fn router() -> Router<House> {
    Router::new().route("/files/{id}", get(fetch).put(bring))
}

#[derive(Deserialize)]
struct Signed {
    until: i64,
    key: String,
}

async fn address(house: &House, id: &str, uri: &Uri, headers: &HeaderMap) -> Option<Address> {
    let Query(signed) = Query::<Signed>::try_from_uri(uri).ok()?;
    let id = id.parse().ok()?;
    let host_agency = agency(house, headers).await.ok()?.id;
    let own_host = super::images::host(house, headers) == house.services.addresses.host;
    Some(Address { id, until: signed.until, key: signed.key, host_agency, own_host })
}

/// Nobody learns why an address is none: foreign, expired, made up, or of a file that is gone.
async fn fetch(State(house): State<House>, Path(id): Path<String>, uri: Uri, headers: HeaderMap) -> Response {
    let Some(address) = address(&house, &id, &uri, &headers).await else { return caged(not_found().await) };
    match file::open(&house.services, &address).await {
        Ok(served) => caged(download(served)),
        Err(error) => caged(failed(&error)),
    }
}

fn download(served: Served) -> Response {
    let Served { name, media_type, size, bytes } = served;
    let stream = futures_util::stream::unfold(Some(bytes), |reading| async {
        let mut reading = reading?;
        match reading.next().await {
            Ok(Some(piece)) => Some((Ok(piece), Some(reading))),
            Ok(None) => None,
            Err(error) => Some((Err(error), None)),
        }
    });
    let mut response = Body::from_stream(stream).into_response();
    let headers = response.headers_mut();
    let kind = HeaderValue::from_str(&media_type);
    headers.insert(CONTENT_TYPE, kind.unwrap_or(HeaderValue::from_static("application/octet-stream")));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(size));
    headers.insert(CONTENT_DISPOSITION, disposition(&name));
    response
}

/// What every answer here carries, whatever it says.
fn caged(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(CAGE));
    headers.entry(CONTENT_DISPOSITION).or_insert(HeaderValue::from_static("attachment"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, max-age=240"));
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("cross-origin-resource-policy", "same-origin"),
        ("referrer-policy", "no-referrer"),
        ("x-frame-options", "DENY"),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if !response.status().is_success() {
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// A download with a name, after RFC 6266: once in the letters that every client reads, once in all of them (RFC 8187).
fn disposition(name: &str) -> HeaderValue {
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, ' ' | '.' | '-' | '_' | '(' | ')') { c } else { '_' })
        .collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    HeaderValue::from_str(&format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}"))
        .unwrap_or(HeaderValue::from_static("attachment"))
}

/// Takes the bytes of a file that was announced.
async fn bring(State(house): State<House>, Path(id): Path<String>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Some(address) = address(&house, &id, &parts.uri, &parts.headers).await else {
        return caged(told(&crate::error::Error::not_found("file")));
    };
    let announced = parts.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let mut body: axum::body::BodyDataStream = body.into_data_stream();
    // Checked and kept although the client may go away meanwhile: the retry finds it. What is still to come ends with it.
    let brought = tokio::spawn(async move {
        let pieces = std::pin::pin!(futures_util::stream::poll_fn(|context| body.poll_next_unpin(context)));
        file::receive(&house.services, &address, announced, pieces).await
    });
    let answer: Result<Brought> = match brought.await {
        Ok(answer) => answer,
        Err(error) => Err(crate::error::Error::internal(error)),
    };
    match answer {
        Ok(Brought { attachment, url }) => {
            let kept = serde_json::json!({
                "id": attachment.id.to_string(), "name": attachment.name, "mediaType": attachment.media_type,
                "size": attachment.size, "width": attachment.width, "height": attachment.height, "url": url,
            });
            let kept = Bytes::from(kept.to_string());
            caged(([(CONTENT_TYPE, "application/json")], kept).into_response())
        }
        Err(error) => caged(told(&error)),
    }
}

#[cfg(test)]
mod tests {
    use super::disposition;

    #[test]
    fn a_name_stands_in_the_header_twice_and_breaks_out_of_neither() {
        fn check(name: &str, expected: &str) {
            assert_eq!(disposition(name).to_str().expect("ASCII"), expected, "{name}");
        }
        check("cat.png", "attachment; filename=\"cat.png\"; filename*=UTF-8''cat.png");
        check(
            "a\"; filename=\"b.html",
            "attachment; filename=\"a__ filename__b.html\"; filename*=UTF-8''a%22%3B%20filename%3D%22b.html",
        );
        check("Grüße.txt", "attachment; filename=\"Gr__e.txt\"; filename*=UTF-8''Gr%C3%BC%C3%9Fe.txt");
        check("a\r\nX: y", "attachment; filename=\"a__X_ y\"; filename*=UTF-8''a%0D%0AX%3A%20y");
        check("日本", "attachment; filename=\"__\"; filename*=UTF-8''%E6%97%A5%E6%9C%AC");
    }
}
