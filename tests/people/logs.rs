//! No link, password or code is logged, and none is kept that could be read.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use super::*;
use crate::support::database::Database;
use crate::support::until;

/// Where the log goes.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// On one thread, whose log is ours alone.
async fn nothing_leaks(database: Database) {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).finish();
    let guard = tracing::subscriber::set_default(subscriber);
    tracing::trace!("everything is captured");
    let folder = database.folder.clone();
    let app = App::start(database).await;
    let mut secrets = vec!["demo-demo-demo".to_owned(), "a fine password".to_owned(), "wrong wrong wrong".to_owned()];

    let owner = app.sign_in("owner@bluebakery.test").await;
    let bakery = organization_of(&owner).await;
    let (_, token) = invite(&owner, Some(&bakery), "log@person.test", "organization.operator").await;
    secrets.push(token.clone());
    app.anonymous_post(ACCEPT, json!({ "t": "a-guessed-link-of-nothing", "p": "wrong wrong wrong" })).await;
    secrets.push("a-guessed-link-of-nothing".to_owned());
    let reply = app.anonymous_post(ACCEPT, json!({ "t": token, "n": "Log", "p": "a fine password" })).await;
    let client = client_of(&app, &reply, "acceptInvitation");
    secrets.push(client.token.clone().expect("a token"));
    secrets.push(
        reply.headers["set-cookie"].to_str().expect("text").split(['=', ';']).nth(1).expect("a value").to_owned(),
    );
    app.anonymous_post(SIGN_IN, json!({ "e": "log@person.test", "p": "wrong wrong wrong" })).await;

    let request = "mutation { requestAddressChange(email: \"log2@person.test\", password: \"a fine password\") }";
    client.ask(request, json!({})).await;
    let confirm = "mutation($t: String!) { confirmAddressChange(token: $t) }";
    for email in ["log@person.test", "log2@person.test"] {
        let token = token_of(&link_to(&app, email).await);
        app.anonymous_post(confirm, json!({ "t": token })).await;
        secrets.push(token);
    }
    let begun = client.ask("mutation { startSecondFactor(password: \"a fine password\") { secret } }", json!({})).await;
    let secret = begun["startSecondFactor"]["secret"].as_str().expect("a secret").to_owned();
    let code = Phone::new(&secret).code(&app);
    secrets.push(secret);
    let confirm = "mutation($c: String!) { confirmSecondFactor(code: $c) { codes } }";
    let codes = client.ask(confirm, json!({ "c": code })).await["confirmSecondFactor"]["codes"].clone();
    secrets.extend(codes.as_array().expect("codes").iter().map(|code| code.as_str().expect("a code").to_owned()));

    app.anonymous_post("mutation { requestPasswordReset(email: \"log2@person.test\") }", json!({})).await;
    until(async || letters_to(&app, "log2@person.test").await.contains(&"password_reset".to_owned()).then_some(()))
        .await;
    let token = token_of(&link_to(&app, "log2@person.test").await);
    let reset = "mutation($t: String!) { resetPassword(token: $t, password: \"another fine one\") }";
    assert!(app.anonymous_post(reset, json!({ "t": token })).await.json["errors"].is_null());
    secrets.extend([token, "another fine one".to_owned()]);

    let create = "mutation($o: ID, $r: ID!) { createMember(clientId: \"log\", organizationId: $o, email: \"made@person.test\", name: \"Made\", roleId: $r) { password } }";
    let made = owner.ask(create, json!({ "o": bakery, "r": role("organization.viewer") })).await;
    secrets.push(made["createMember"]["password"].as_str().expect("a password").to_owned());
    app.close().await;
    drop(guard);

    let log = String::from_utf8_lossy(&log.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned();
    assert!(log.contains("everything is captured"), "the log was not captured: {log}");
    for secret in &secrets {
        assert!(!log.contains(secret.as_str()), "{secret} is in the log");
        assert!(!log.contains(&livery::domain::people::percent(secret)), "{secret} is in the log");
    }
    // Nor are they in the file that a thief of the database has.
    for file in std::fs::read_dir(folder.path()).expect("a folder").flatten() {
        let bytes = std::fs::read(file.path()).expect("a file");
        for secret in &secrets {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} is in {}", file.path().display());
        }
    }
}

#[tokio::test]
async fn nothing_secret_is_logged_or_kept_sqlite() {
    nothing_leaks(Database::sqlite()).await;
}

#[tokio::test]
async fn nothing_secret_is_logged_or_kept_postgres() {
    nothing_leaks(Database::postgres()).await;
}
