//! An agency's own brand and its own names on everything.

mod domains;
mod images;
pub mod lint;
mod pages;

use axum::body::Body;
use http::Request;
use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};
use serde_json::{Value, json};

use crate::support::App;
use crate::support::app::{Client, Reply, config_with};
use crate::support::database::Database;
use crate::support::dns::DnsServer;

/// The platform's own host in these tests; requests of `App::post` go there.
pub const PLATFORM: &str = "desk.platform.example";

/// The app with a name server that the test writes.
pub async fn start(database: Database) -> (App, DnsServer) {
    let dns = DnsServer::start().await;
    let address = dns.address.to_string();
    let public = format!("http://{PLATFORM}:8080");
    let config = config_with(&database, &[("LIVERY_DNS_SERVER", &address), ("LIVERY_PUBLIC_URL", &public)]);
    (App::with(database, config).await, dns)
}

/// A page or a file, as a browser gets it that opens an address.
pub async fn get(app: &App, host: &str, path: &str) -> Reply {
    let request = Request::get(path).header("host", host).header("accept", "text/html,application/xhtml+xml,*/*;q=0.8");
    app.send(request.body(Body::empty()).expect("a request")).await
}

/// A document at a host, by whoever has that token.
pub async fn post_at(app: &App, host: &str, path: &str, token: Option<&str>, query: &str, variables: Value) -> Reply {
    let mut request = Request::post(path).header("host", host).header("content-type", "application/json");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let body = json!({ "query": query, "variables": variables }).to_string();
    app.send(request.body(Body::from(body)).expect("a request")).await
}

/// A picture of one colour.
pub fn png(width: u32, height: u32) -> Vec<u8> {
    let pixels: Vec<u8> = std::iter::repeat_n([0x0f, 0x5c, 0x5c, 0xff], (width * height) as usize).flatten().collect();
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes).write_image(&pixels, width, height, ExtendedColorType::Rgba8).expect("a picture");
    bytes
}

/// Sends bytes as a picture.
pub async fn upload(client: &Client<'_>, path: &str, bytes: Vec<u8>) -> Reply {
    let mut request = Request::post(path).header("host", "127.0.0.1:8080").header("content-type", "image/png");
    if let Some(token) = &client.token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    client.app.send(request.body(Body::from(bytes)).expect("a request")).await
}

/// Gives the agency of a client a logo, and its path.
pub async fn bring_logo(client: &Client<'_>) -> String {
    let reply = upload(client, "/brand/images/logo", png(64, 32)).await;
    reply.json["path"].as_str().unwrap_or_else(|| panic!("{}", reply.json)).to_owned()
}
