//! The second factor: codes that work once, recovery codes, and an agency that demands one.

use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::support::both;
use crate::support::socket::INBOX_EVENTS;

const EMAIL: &str = "operator1@bluebakery.test";
const START: &str = "mutation { startSecondFactor(password: \"demo-demo-demo\") { secret uri qr } }";
const CONFIRM: &str = "mutation($c: String!) { confirmSecondFactor(code: $c) { codes } }";
const STEP: Duration = Duration::from_secs(30);

async fn state_after(visitor: &Client<'_>) -> Value {
    visitor.ask("{ session { conversation { state } } }", json!({})).await["session"]["conversation"]["state"].clone()
}

async fn set_up(client: &Client<'_>) -> (Phone, Vec<String>) {
    let begun = client.ask(START, json!({})).await["startSecondFactor"].clone();
    let phone = Phone::new(begun["secret"].as_str().expect("a secret"));
    let rows = begun["qr"].as_array().expect("rows");
    assert!(rows.len() > 20 && rows.iter().all(|row| row.as_str().is_some_and(|row| row.len() == rows.len())));
    let uri = begun["uri"].as_str().expect("an address");
    assert!(uri.starts_with("otpauth://totp/Northlight:operator1%40bluebakery.test?secret="), "{uri}");
    let codes =
        client.ask(CONFIRM, json!({ "c": phone.code(client.app) })).await["confirmSecondFactor"]["codes"].clone();
    (phone, serde_json::from_value(codes).expect("codes"))
}

both! {
    async fn a_second_factor_is_asked_for_and_each_code_works_once(database) {
        let app = App::start(database).await;
        let (here, there) = (app.operator().await, app.operator().await);
        assert_eq!(here.refused(CONFIRM, json!({ "c": "123456" })).await, "CONFLICT NOT_STARTED");
        let (phone, codes) = set_up(&here).await;
        assert_eq!(codes.len(), 10);
        assert_eq!(there.refused("{ viewer { user { name } } }", json!({})).await, "UNAUTHENTICATED SESSION_ENDED");
        assert_eq!(here.refused(START, json!({})).await, "CONFLICT SECOND_FACTOR_EXISTS");
        let sign_in = async |password: &str, code: Value| {
            app.anonymous_post(SIGN_IN, json!({ "e": EMAIL, "p": password, "code": code })).await
        };
        assert_eq!(sign_in("wrong wrong", Value::Null).await.error(), "UNAUTHENTICATED WRONG_CREDENTIALS");
        let asked = sign_in("demo-demo-demo", Value::Null).await;
        assert_eq!(asked.error(), "UNAUTHENTICATED SECOND_FACTOR_REQUIRED");
        assert!(!asked.headers.contains_key("set-cookie"));
        // The code that confirmed is used; the next one works, once, and so does no older one after it.
        assert_eq!(sign_in("demo-demo-demo", json!(phone.code(&app))).await.error(), "UNAUTHENTICATED SECOND_FACTOR_WRONG");
        let older = phone.code(&app);
        app.later(STEP);
        let code = phone.code(&app);
        assert!(sign_in("demo-demo-demo", json!(code)).await.json["errors"].is_null());
        for used in [code, older] {
            assert_eq!(sign_in("demo-demo-demo", json!(used)).await.error(), "UNAUTHENTICATED SECOND_FACTOR_WRONG");
        }
        // Wrong codes count as wrong passwords do: the fifth in a quarter of an hour was the last.
        assert_eq!(sign_in("demo-demo-demo", json!("000000")).await.error(), "UNAUTHENTICATED SECOND_FACTOR_WRONG");
        app.later(STEP);
        assert_eq!(sign_in("demo-demo-demo", json!(phone.code(&app))).await.error(), "RATE_LIMITED TOO_MANY_TRIES_FOR_ACCOUNT");
        app.later(Duration::from_secs(15 * 60));
        let spaced = phone.code(&app);
        let spaced = format!("{} {}", &spaced[..3], &spaced[3..]);
        assert!(sign_in("demo-demo-demo", json!(spaced)).await.json["errors"].is_null());
        // A recovery code works without the phone, once, however it is typed.
        let lower = codes[0].to_lowercase();
        assert!(sign_in("demo-demo-demo", json!(lower)).await.json["errors"].is_null());
        assert_eq!(sign_in("demo-demo-demo", json!(codes[0])).await.error(), "UNAUTHENTICATED SECOND_FACTOR_WRONG");
        let reply = sign_in("demo-demo-demo", json!(codes[1])).await;
        let here = client_of(&app, &reply, "signIn");
        let renew = "mutation($c: String!) { renewRecoveryCodes(password: \"demo-demo-demo\", code: $c) { codes } }";
        let fresh = here.ask(renew, json!({ "c": codes[2] })).await["renewRecoveryCodes"]["codes"].clone();
        assert_eq!(sign_in("demo-demo-demo", json!(codes[3])).await.error(), "UNAUTHENTICATED SECOND_FACTOR_WRONG");
        let remove = "mutation($c: String!) { removeSecondFactor(password: \"demo-demo-demo\", code: $c) }";
        assert_eq!(here.refused(remove, json!({ "c": "nonsense" })).await, "INVALID SECOND_FACTOR_WRONG");
        here.ask(remove, json!({ "c": fresh[0] })).await;
        assert!(sign_in("demo-demo-demo", Value::Null).await.json["errors"].is_null());
        app.close().await;
    }
}

both! {
    async fn of_eight_who_show_the_same_code_one_gets_in(database) {
        let app = App::start(database).await;
        let operator = app.operator().await;
        let (phone, codes) = set_up(&operator).await;
        app.later(STEP);
        for code in [phone.code(&app), codes[0].clone()] {
            let tries = (0..4).map(|_| app.anonymous_post(SIGN_IN, json!({ "e": EMAIL, "p": "demo-demo-demo", "code": code })));
            let replies = futures_util::future::join_all(tries).await;
            assert_eq!(replies.iter().filter(|reply| reply.json["errors"].is_null()).count(), 1);
            app.later(Duration::from_secs(15 * 60));
        }
        app.close().await;
    }
}

both! {
    async fn an_agency_that_demands_one_leaves_nobody_in_without(database) {
        let app = App::start(database).await;
        let (visitor, conversation) = app.visitor().await;
        let operator = app.operator().await;
        visitor.says("hello").await;
        visitor.asks_for_human().await;
        operator.accepts(&conversation).await;
        let mut inbox = operator.socket().await;
        inbox.subscribe(INBOX_EVENTS, json!({})).await;
        inbox.event_where(|event| event["inboxEvents"]["__typename"] == "InboxSynced").await;
        let owner = app.owner().await;
        let demand = "mutation($d: Boolean!) { setSecondFactorDemanded(demanded: $d) { id } }";
        assert!(operator.refused(demand, json!({ "d": true })).await.starts_with("FORBIDDEN"));
        owner.ask(demand, json!({ "d": true })).await;
        // The stream ends, the chat waits again, and nothing but setting one up is left.
        loop {
            let message = inbox.receive().await.expect("an answer");
            if message["type"] == "error" || !message["payload"]["errors"].is_null() {
                break;
            }
        }
        assert_eq!(state_after(&visitor).await, "REQUESTED");
        let about = "{ viewer { mustSetUpSecondFactor hasSecondFactor memberships { id } } }";
        let data = operator.ask(about, json!({})).await["viewer"].clone();
        assert_eq!(data, json!({ "mustSetUpSecondFactor": true, "hasSecondFactor": false, "memberships": [] }));
        assert!(operator.refused("{ organizations { nodes { id } } }", json!({})).await.starts_with("FORBIDDEN"));
        let again = app.anonymous_post(SIGN_IN, json!({ "e": EMAIL, "p": "demo-demo-demo" })).await;
        assert_eq!(again.json["data"]["signIn"]["viewer"]["mustSetUpSecondFactor"], true, "{}", again.json);
        let (phone, _) = set_up(&operator).await;
        let data = operator.ask(about, json!({})).await["viewer"].clone();
        assert_eq!((&data["mustSetUpSecondFactor"], data["memberships"].as_array().map(Vec::len)), (&json!(false), Some(1)));
        operator.accepts(&conversation).await;
        let remove = "mutation($c: String!) { removeSecondFactor(password: \"demo-demo-demo\", code: $c) }";
        app.later(STEP);
        assert_eq!(operator.refused(remove, json!({ "c": phone.code(&app) })).await, "CONFLICT SECOND_FACTOR_DEMANDED");
        // The owner who demanded it has none either, and sets one up; then takes away what somebody has lost.
        assert!(owner.refused(MEMBERS, json!({})).await.starts_with("FORBIDDEN"));
        let begun = owner.ask(START, json!({})).await["startSecondFactor"].clone();
        let own = Phone::new(begun["secret"].as_str().expect("a secret"));
        owner.ask(CONFIRM, json!({ "c": own.code(&app) })).await;
        let data = owner.ask("{ organizations { nodes { id } } }", json!({})).await;
        let bakery = data["organizations"]["nodes"][0]["id"].as_str().expect("an id").to_owned();
        let lost = member(&owner, Some(&bakery), EMAIL).await;
        assert_eq!(lost["hasSecondFactor"], true);
        let reset = "mutation($m: ID!) { resetMemberSecondFactor(membershipId: $m) { hasSecondFactor } }";
        let data = owner.ask(reset, json!({ "m": lost["id"] })).await;
        assert_eq!(data["resetMemberSecondFactor"]["hasSecondFactor"], false);
        assert_eq!(operator.refused(about, json!({})).await, "UNAUTHENTICATED SESSION_ENDED");
        assert_eq!(state_after(&visitor).await, "REQUESTED");
        owner.ask(demand, json!({ "d": false })).await;
        app.operator().await.accepts(&conversation).await;
        app.close().await;
    }
}
