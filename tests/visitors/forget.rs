//! A visitor wants to be forgotten: of what they were and said nothing is left to be found.

use livery::store::{Db, Reads};
use serde_json::json;
use sqlx::AssertSqlSafe;

use super::*;
use crate::support::app::client_id;
use crate::support::both;

/// Every text of every row that could have something of a visitor in it.
async fn everything(app: &App) -> String {
    let mut found = String::new();
    let mut read = app.services.store.read().await.expect("read");
    let tables = [
        "visitors",
        "visitor_identities",
        "conversations",
        "messages",
        "handoffs",
        "creations",
        "jobs",
        "audit_entries",
    ];
    for table in tables {
        let text: String = match read.db().await.expect("a connection") {
            Db::Postgres(connection) => {
                let all = format!("select coalesce(string_agg(t::text, ' '), '') from {table} t");
                sqlx::query_scalar(AssertSqlSafe(all)).fetch_one(&mut *connection).await.expect("rows")
            }
            Db::Sqlite(connection) => {
                let columns = format!("select name from pragma_table_info('{table}')");
                let columns: Vec<String> =
                    sqlx::query_scalar(AssertSqlSafe(columns)).fetch_all(&mut *connection).await.expect("columns");
                let texts = columns.iter().map(|name| format!("coalesce(cast({name} as text), '')"));
                let texts = texts.collect::<Vec<_>>().join(" || ' ' || ");
                let all = format!("select coalesce(group_concat({texts}, ' '), '') from {table}");
                sqlx::query_scalar(AssertSqlSafe(all)).fetch_one(&mut *connection).await.expect("rows")
            }
        };
        found.push_str(&text);
    }
    found
}

both! {
    async fn who_wants_to_be_forgotten_is(database) {
        let app = App::start(database).await;
        let (_, token) = signed(&app, "customer-number-4711").await;
        let (visitor, session) = known(&app, &token).await;
        let conversation = session["conversation"]["id"].as_str().expect("an id").to_owned();
        visitor.ask("mutation { setAttributes(attributes: [{ name: \"iban\", value: \"DE00SECRET\" }]) }", json!({})).await;
        visitor.says("my diagnosis is secret-diagnosis").await;
        let ask = "mutation($c: String!) { requestHandoff(clientId: $c, reason: \"secret-reason\") { state } }";
        visitor.ask(ask, json!({ "c": client_id() })).await;
        let operator = app.operator().await;
        operator.accepts(&conversation).await;
        operator.replies(&conversation, "So your diagnosis is secret-diagnosis").await;
        let mut desk = operator.socket().await;
        let follow = "subscription($c: ID!) { conversationEvents(conversationId: $c, after: \"1.0\") { __typename ... on Resync { reason } } }";
        let id = desk.subscribe(follow, json!({ "c": conversation })).await;
        desk.event().await;
        let before = everything(&app).await;
        for secret in ["Ada Lovelace", "ada@example.com", "customer-number-4711", "DE00SECRET", "secret-diagnosis", "secret-reason"] {
            assert!(before.contains(secret), "{secret} is not even there before");
        }
        visitor.ask("mutation { forgetMe }", json!({})).await;
        let after = everything(&app).await;
        for secret in ["Ada Lovelace", "ada lovelace", "ada@example.com", "customer-number-4711", "DE00SECRET", "secret-diagnosis", "secret-reason"] {
            assert!(!after.contains(secret), "{secret} is still there");
        }
        // The chat has ended, the desk is told to read it anew, and there is nothing to read.
        loop {
            let message = desk.receive().await.expect("an open socket");
            if message["id"] == id.as_str() && message.to_string().contains("ERASED") {
                break;
            }
        }
        let seen = super::seen(&app.owner().await, &conversation).await;
        assert_eq!(seen["state"], "ENDED");
        assert_eq!(seen["preview"], serde_json::Value::Null);
        let texts: Vec<_> = seen["messages"]["nodes"].as_array().expect("messages").iter()
            .filter(|message| message["kind"] == "TEXT" && message["author"]["kind"] != "SYSTEM").cloned().collect();
        assert!(!texts.is_empty() && texts.iter().all(|message| message["text"] == "Removed at the visitor's wish."), "{texts:?}");
        // Their tokens open nothing, on no device; the same person begins anew.
        assert_eq!(visitor.refused("{ session { token } }", json!({})).await, "UNAUTHENTICATED SESSION_MOVED");
        let again = open(&app, session["resume"].as_str(), None).await.json["data"]["session"].clone();
        assert_ne!(again["conversation"]["id"], conversation.as_str());
        let (_, anew) = known(&app, &token).await;
        assert_ne!(anew["conversation"]["id"], conversation.as_str());
        assert_eq!(anew["conversation"]["lastSeq"], 0);
        let log = app.owner().await.ask("{ auditEntries(first: 50) { nodes { action actor { id } } } }", json!({})).await;
        assert!(log.to_string().contains("visitor.forget"), "{log}");
        app.close().await;
    }
}

both! {
    async fn the_desk_forgets_whom_it_may(database) {
        let app = App::start(database).await;
        let (visitor, conversation) = app.visitor().await;
        visitor.says("secret words").await;
        let id = seen(&app.owner().await, &conversation).await["visitor"]["id"].clone();
        let forget = "mutation($v: ID!) { forgetVisitor(visitorId: $v) }";
        assert_eq!(app.operator().await.refused(forget, json!({ "v": id })).await, "FORBIDDEN MISSING_PERMISSION");
        assert_eq!(app.stranger().await.refused(forget, json!({ "v": id })).await, "NOT_FOUND NOT_FOUND");
        let owner = app.sign_in("owner@bluebakery.test").await;
        owner.ask(forget, json!({ "v": id })).await;
        owner.ask(forget, json!({ "v": id })).await;
        assert!(!everything(&app).await.contains("secret words"));
        assert_eq!(visitor.refused("{ session { token } }", json!({})).await, "UNAUTHENTICATED SESSION_MOVED");
        app.close().await;
    }
}
