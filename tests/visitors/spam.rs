//! Whoever writes too much waits; whoever is kept out is, however they come.

use serde_json::json;

use super::*;
use crate::support::app::{client_id, config_with};
use crate::support::both;

const SAY: &str = "mutation($c: String!) { sendMessage(clientId: $c, text: \"buy now\") { seq } }";
const BLOCK: &str = "mutation($v: ID!, $n: Boolean) { blockVisitor(visitorId: $v, reason: \"Only advertising\", network: $n) { id network visitorId reason } }";

/// A document from an address, as a proxy that is trusted, or somebody who only says so, sends it on.
async fn from(app: &App, forwarded: &str, token: Option<&str>, document: &str, variables: Value) -> Reply {
    let mut request = http::Request::post("/widget/graphql")
        .header("host", "127.0.0.1:8080")
        .header("x-forwarded-for", forwarded)
        .header("content-type", "application/json");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let body = json!({ "query": document, "variables": variables }).to_string();
    let mut request = request.body(body.into()).expect("a request");
    let peer: std::net::SocketAddr = "10.0.0.1:1234".parse().expect("an address");
    request.extensions_mut().insert(axum::extract::ConnectInfo(peer));
    app.send(request).await
}

both! {
    async fn too_much_is_told_for_how_long(database) {
        let config = config_with(&database, &[("LIVERY_VISITOR_MESSAGES_PER_MINUTE", "3")]);
        let app = App::with(database, config).await;
        let (visitor, _) = app.visitor().await;
        let mut refused = None;
        for _ in 0..4 {
            let reply = visitor.post(SAY, json!({ "c": client_id() })).await;
            refused = (!reply.json["errors"].is_null()).then_some(reply).or(refused);
        }
        let refused = refused.expect("the fourth is too many");
        assert_eq!(refused.error(), "RATE_LIMITED TOO_MANY");
        let seconds = refused.json["errors"][0]["extensions"]["retryAfter"].as_i64().expect("seconds");
        assert!((1..=21).contains(&seconds), "{seconds}");
        app.close().await;
    }
}

both! {
    async fn a_claimed_address_helps_nobody(database) {
        let keys = [("LIVERY_VISITOR_SESSIONS_PER_MINUTE", "5"), ("LIVERY_TRUSTED_PROXIES", "10.0.0.9")];
        let config = config_with(&database, &keys);
        let app = App::with(database, config).await;
        let widget = app.widget().await;
        let open = async |forwarded: String| {
            from(&app, &forwarded, None, SESSION, json!({ "w": widget })).await.json["errors"].is_null()
        };
        let mut passed = 0;
        for at in 0..30 {
            // The connection is no proxy's that is trusted: what it claims is not looked at.
            passed += usize::from(open(format!("203.0.113.{at}")).await);
        }
        assert_eq!(passed, 5);
        app.close().await;
    }
}

both! {
    async fn behind_a_trusted_proxy_each_network_is_counted(database) {
        let keys = [("LIVERY_VISITOR_SESSIONS_PER_MINUTE", "5"), ("LIVERY_TRUSTED_PROXIES", "10.0.0.1")];
        let config = config_with(&database, &keys);
        let app = App::with(database, config).await;
        let widget = app.widget().await;
        let open = async |forwarded: String| {
            from(&app, &forwarded, None, SESSION, json!({ "w": widget })).await.json["errors"].is_null()
        };
        let mut passed = 0;
        for at in 0..20 {
            // Further left anybody may write what they like; in IPv6 one subscriber has very many addresses.
            passed += usize::from(open(format!("198.51.100.{at}, 2001:db8:0:1::{at:x}")).await);
        }
        assert_eq!(passed, 5);
        assert!(open("2001:db8:0:2::1".to_owned()).await, "another network has its own");
        app.close().await;
    }
}

both! {
    async fn who_is_blocked_is_heard_no_more(database) {
        let keys = [("LIVERY_TRUSTED_PROXIES", "10.0.0.1")];
        let config = config_with(&database, &keys);
        let app = App::with(database, config).await;
        let widget = app.widget().await;
        let spammer = "203.0.113.66";
        let session = from(&app, spammer, None, SESSION, json!({ "w": widget })).await.json["data"]["session"].clone();
        let (token, conversation) = (session["token"].as_str(), session["conversation"]["id"].as_str().expect("an id"));
        from(&app, spammer, token, SAY, json!({ "c": client_id() })).await;
        let owner = app.owner().await;
        let visitor = seen(&owner, conversation).await["visitor"]["id"].clone();
        assert_eq!(app.operator().await.refused(BLOCK, json!({ "v": visitor })).await, "FORBIDDEN MISSING_PERMISSION");
        assert_eq!(app.stranger().await.refused(BLOCK, json!({ "v": visitor })).await, "NOT_FOUND NOT_FOUND");
        let made = owner.ask(BLOCK, json!({ "v": visitor, "n": true })).await["blockVisitor"].clone();
        assert_eq!(made[1]["network"], "203.0.113.66/32");
        // They are told nothing of it, and may still read.
        let refused = from(&app, spammer, token, SAY, json!({ "c": client_id() })).await;
        assert_eq!(refused.error(), "FORBIDDEN NOT_AVAILABLE");
        assert!(!refused.json.to_string().to_lowercase().contains("block"), "{}", refused.json);
        assert!(from(&app, spammer, token, "{ session { conversation { lastSeq } } }", json!({})).await.json["errors"].is_null());
        // Nor does another address help, nor beginning anew.
        assert_eq!(from(&app, "198.51.100.1", token, SAY, json!({ "c": client_id() })).await.error(), "FORBIDDEN NOT_AVAILABLE");
        let anew = from(&app, spammer, None, SESSION, json!({ "w": widget })).await.json["data"]["session"].clone();
        let anew = anew["token"].as_str();
        assert_eq!(from(&app, spammer, anew, SAY, json!({ "c": client_id() })).await.error(), "FORBIDDEN NOT_AVAILABLE");
        // Others are not concerned.
        let other = from(&app, "203.0.113.67", None, SESSION, json!({ "w": widget })).await.json["data"]["session"].clone();
        assert!(from(&app, "203.0.113.67", other["token"].as_str(), SAY, json!({ "c": client_id() })).await.json["errors"].is_null());
        // The list, and the way back.
        let list = "{ blocks { nodes { id network visitorId reason createdBy { name } } } }";
        let blocks = owner.ask(list, json!({})).await["blocks"]["nodes"].clone();
        assert_eq!(blocks.as_array().map(Vec::len), Some(2), "{blocks}");
        assert!(!seen(&owner, conversation).await["visitor"]["blockedAt"].is_null());
        owner.ask("mutation($v: ID!) { unblockVisitor(visitorId: $v) }", json!({ "v": visitor })).await;
        assert!(from(&app, "198.51.100.1", token, SAY, json!({ "c": client_id() })).await.json["errors"].is_null());
        assert_eq!(from(&app, spammer, token, SAY, json!({ "c": client_id() })).await.error(), "FORBIDDEN NOT_AVAILABLE");
        let network = made[1]["id"].clone();
        owner.ask("mutation($b: ID!) { liftBlock(blockId: $b) }", json!({ "b": network })).await;
        assert!(from(&app, spammer, token, SAY, json!({ "c": client_id() })).await.json["errors"].is_null());
        assert_eq!(owner.refused("mutation($b: ID!) { liftBlock(blockId: $b) }", json!({ "b": network })).await, "NOT_FOUND NOT_FOUND");
        let log = owner.ask("{ auditEntries(first: 50) { nodes { action summary } } }", json!({})).await.to_string();
        assert!(log.contains("visitor.block") && log.contains("visitor.unblock") && log.contains("Only advertising"), "{log}");
        app.close().await;
    }
}
