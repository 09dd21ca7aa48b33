//! Visitors: who signs for them, where they go on, who is kept out, who is forgotten (SEC08, T15 to T18).

mod challenge;
mod forget;
mod guesses;
mod identity;
mod merge;
mod spam;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::App;
use crate::support::app::{Client, Reply};

/// What a client's server does in its own language: signs claims with the key of the widget.
pub fn sign_as(header: &Value, claims: &Value, key: &str) -> String {
    let signed = format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(claims.to_string()));
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("a key");
    mac.update(signed.as_bytes());
    format!("{signed}.{}", BASE64.encode(mac.finalize().into_bytes()))
}

pub fn sign(claims: &Value, key: &str) -> String {
    sign_as(&json!({ "alg": "HS256", "typ": "JWT" }), claims, key)
}

/// The app's seconds.
pub fn seconds(app: &App) -> i64 {
    app.services.clock.now().micros() / 1_000_000
}

/// Claims of somebody of the widget, for ten minutes.
pub fn claims(app: &App, widget: &str, sub: &str) -> Value {
    json!({ "aud": widget, "sub": sub, "exp": seconds(app) + 600, "name": "Ada Lovelace", "email": "ada@example.com" })
}

/// A new key of the bakery's widget.
pub async fn key(app: &App, widget: &str) -> String {
    let document = "mutation($w: ID!) { rotateIdentitySecret(widgetId: $w) { secret } }";
    let data = app.owner().await.ask(document, json!({ "w": widget })).await;
    data["rotateIdentitySecret"]["secret"].as_str().expect("a key").to_owned()
}

/// Who is signed for, ready to use.
pub async fn signed(app: &App, sub: &str) -> (String, String) {
    let widget = app.widget().await;
    let key = key(app, &widget).await;
    let token = sign(&claims(app, &widget, sub), &key);
    (key, token)
}

pub const SESSION: &str = "mutation($w: ID!, $r: String, $i: String, $p: String) {
    session(widgetId: $w, resume: $r, identity: $i, pageUrl: $p) {
        token resume conversation { id lastSeq messages { nodes { seq text author { kind } } } } } }";
pub const IDENTIFY: &str = "mutation($t: String!) { identify(token: $t) { token resume conversation { id lastSeq } } }";

pub async fn open(app: &App, resume: Option<&str>, identity: Option<&str>) -> Reply {
    open_on(app, resume, identity, None).await
}

pub async fn open_on(app: &App, resume: Option<&str>, identity: Option<&str>, page: Option<&str>) -> Reply {
    let variables = json!({ "w": app.widget().await, "r": resume, "i": identity, "p": page });
    app.post("/widget/graphql", None, SESSION, variables).await
}

/// The visitor of a session that was opened.
pub fn visitor_in<'a>(app: &'a App, session: &Value) -> Client<'a> {
    let token = session["token"].as_str().unwrap_or_else(|| panic!("no session: {session}"));
    Client { app, path: "/widget/graphql", token: Some(token.to_owned()) }
}

/// A session of somebody whom the site signs for.
pub async fn known<'a>(app: &'a App, identity: &str) -> (Client<'a>, Value) {
    let reply = open(app, None, Some(identity)).await;
    let session = reply.json["data"]["session"].clone();
    assert!(reply.json["errors"].is_null(), "{}", reply.json);
    (visitor_in(app, &session), session)
}

/// What the desk sees of the visitor of a conversation.
pub async fn seen(desk: &Client<'_>, conversation: &str) -> Value {
    let document = "query($id: ID!) { conversation(id: $id) { state preview visitor {
        id name email phone pageUrl browser verified verifiedFields blockedAt } messages { nodes { seq kind text author { kind } } } } }";
    desk.ask(document, json!({ "id": conversation })).await["conversation"].clone()
}

/// Says what a setting is for the bakery, by the agency's owner.
pub async fn set(app: &App, setting: &str, value: &str) {
    let owner = app.owner().await;
    let data = owner.ask("{ organizations { nodes { id name } } }", json!({})).await;
    let nodes = data["organizations"]["nodes"].as_array().expect("organizations");
    let bakery = nodes.iter().find(|node| node["name"] == "Blue Bakery").expect("the bakery");
    let document =
        "mutation($k: String!, $o: ID!, $v: String) { setSetting(key: $k, organizationId: $o, value: $v) { key } }";
    owner.ask(document, json!({ "k": setting, "o": bakery["id"], "v": value })).await;
}
