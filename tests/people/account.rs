//! One's own account: passwords, addresses, names; and that nobody learns which addresses exist.

use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::support::{both, until};

const REQUEST: &str = "mutation($e: String!) { requestPasswordReset(email: $e) }";
const RESET: &str = "mutation($t: String!, $p: String!) { resetPassword(token: $t, password: $p) }";
const EMAIL: &str = "operator1@bluebakery.test";

async fn reset_link(app: &App, email: &str) -> String {
    let before = letters_to(app, email).await.iter().filter(|kind| *kind == "password_reset").count();
    let reply = app.anonymous_post(REQUEST, json!({ "e": email })).await;
    assert_eq!(reply.json["data"]["requestPasswordReset"], true);
    until(async || {
        let now = letters_to(app, email).await.iter().filter(|kind| *kind == "password_reset").count();
        (now > before).then_some(())
    })
    .await;
    token_of(&link_to(app, email).await)
}

both! {
    async fn a_forgotten_password_is_replaced_by_a_link_that_works_once_and_for_half_an_hour(database) {
        let app = App::start(database).await;
        let (here, there) = (app.operator().await, app.operator().await);
        let first = reset_link(&app, EMAIL).await;
        app.later(Duration::from_secs(30 * 60));
        let late = app.anonymous_post(RESET, json!({ "t": first, "p": "another password" })).await;
        assert_eq!(late.error(), "NOT_FOUND RESET_SPENT");
        let token = reset_link(&app, EMAIL).await;
        let weak = app.anonymous_post(RESET, json!({ "t": token, "p": "Olivia Hart" })).await;
        assert_eq!(weak.error(), "INVALID PASSWORD_TOO_WEAK");
        let right = app.anonymous_post(RESET, json!({ "t": token, "p": "another password" })).await;
        assert_eq!(right.json["data"]["resetPassword"], true, "{}", right.json);
        let again = app.anonymous_post(RESET, json!({ "t": token, "p": "a third password" })).await;
        assert_eq!(again.error(), "NOT_FOUND RESET_SPENT");
        // Everybody who was signed in is out, and the old password with them. (Their tokens have run out by now as well.)
        for client in [here, there] {
            let refused = client.refused("{ viewer { user { name } } }", json!({})).await;
            assert!(refused.starts_with("UNAUTHENTICATED"), "{refused}");
        }
        let old = app.anonymous_post(SIGN_IN, json!({ "e": EMAIL, "p": "demo-demo-demo" })).await;
        assert_eq!(old.error(), "UNAUTHENTICATED WRONG_CREDENTIALS");
        let new = app.anonymous_post(SIGN_IN, json!({ "e": EMAIL, "p": "another password" })).await;
        assert!(new.json["errors"].is_null());
        assert_eq!(letters_to(&app, EMAIL).await[0], "security_notice");
        app.close().await;
    }
}

both! {
    async fn nobody_learns_which_addresses_exist(database) {
        let app = App::start(database).await;
        let asked = async |document: &str, variables: Value| plain(&app.anonymous_post(document, variables).await);
        let known = asked(REQUEST, json!({ "e": "viewer@bluebakery.test" })).await;
        for other in ["nobody@bluebakery.test", "not an address", ""] {
            assert_eq!(asked(REQUEST, json!({ "e": other })).await, known, "{other}");
        }
        for (wrong, code) in [("wrong wrong", Value::Null), ("wrong wrong", json!("123456"))] {
            let known = asked(SIGN_IN, json!({ "e": "viewer@bluebakery.test", "p": wrong, "code": code })).await;
            assert_eq!(asked(SIGN_IN, json!({ "e": "nobody@bluebakery.test", "p": wrong, "code": code })).await, known);
        }
        let never = asked(ACCEPT, json!({ "t": "never", "n": "A", "p": "a fine password" })).await;
        let nonsense = asked(ACCEPT, json!({ "t": "x".repeat(60), "n": "A", "p": "weak" })).await;
        assert_eq!(never, nonsense);
        // Whoever invites learns nothing either: an address of another client's and one of nobody's.
        let owner = app.sign_in("owner@bluebakery.test").await;
        let bakery = organization_of(&owner).await;
        let mut answers = Vec::new();
        for email in ["operator@harbordental.test", "no-operator@nowhere.test"] {
            let wish = json!({ "c": client_id(), "o": bakery, "e": email, "r": role("organization.viewer") });
            let mut data = owner.ask(INVITE, wish).await["inviteMember"].clone();
            for own in ["id", "email", "expiresAt"] {
                data[own] = Value::Null;
            }
            answers.push(data);
        }
        assert_eq!(answers[0], answers[1]);
        // Too many letters are refused, whether or not there is anybody to get them.
        for email in ["viewer@bluebakery.test", "nobody@bluebakery.test"] {
            let mut reply = app.anonymous_post(REQUEST, json!({ "e": email })).await;
            for _ in 0..5 {
                reply = app.anonymous_post(REQUEST, json!({ "e": email })).await;
            }
            assert_eq!(reply.error(), "RATE_LIMITED TOO_MANY_LETTERS_TO_ADDRESS");
        }
        app.close().await;
    }
}

both! {
    async fn guessing_at_links_comes_to_an_end(database) {
        let app = App::start(database).await;
        for n in 0..20 {
            let reply = app.anonymous_post(RESET, json!({ "t": format!("guess {n}"), "p": "a fine password" })).await;
            assert_eq!(reply.error(), "NOT_FOUND RESET_SPENT");
        }
        let reply = app.anonymous_post(RESET, json!({ "t": "guess", "p": "a fine password" })).await;
        assert_eq!(reply.error(), "RATE_LIMITED TOO_MANY_TRIES_FROM_ADDRESS");
        let confirm = "mutation($t: String!) { confirmAddressChange(token: $t) }";
        assert_eq!(app.anonymous_post(confirm, json!({ "t": "guess" })).await.error(), "RATE_LIMITED TOO_MANY_TRIES_FROM_ADDRESS");
        app.close().await;
    }
}

both! {
    async fn a_password_is_changed_and_the_other_sessions_end(database) {
        let app = App::start(database).await;
        let (here, there) = (app.operator().await, app.operator().await);
        let change = "mutation($c: String!, $n: String!) { changePassword(currentPassword: $c, newPassword: $n) }";
        let refused = async |current: &str, new: &str| here.refused(change, json!({ "c": current, "n": new })).await;
        assert_eq!(refused("wrong wrong", "another password").await, "INVALID WRONG_CREDENTIALS");
        assert_eq!(refused("demo-demo-demo", "demo-demo-demo").await, "INVALID PASSWORD_TOO_WEAK");
        here.ask(change, json!({ "c": "demo-demo-demo", "n": "another password" })).await;
        here.ask("{ viewer { user { name } } }", json!({})).await;
        assert_eq!(there.refused("{ viewer { user { name } } }", json!({})).await, "UNAUTHENTICATED SESSION_ENDED");
        let new = app.anonymous_post(SIGN_IN, json!({ "e": EMAIL, "p": "another password" })).await;
        let there = client_of(&app, &new, "signIn");
        here.ask("mutation { endOtherSessions }", json!({})).await;
        assert_eq!(there.refused("{ viewer { user { name } } }", json!({})).await, "UNAUTHENTICATED SESSION_ENDED");
        app.close().await;
    }
}

both! {
    async fn an_address_changes_once_both_ends_have_said_so(database) {
        let app = App::start(database).await;
        let operator = app.operator().await;
        let request = "mutation($e: String!, $p: String!) { requestAddressChange(email: $e, password: $p) }";
        let confirm = "mutation($t: String!) { confirmAddressChange(token: $t) }";
        let wrong = operator.refused(request, json!({ "e": "olivia@new.test", "p": "wrong wrong" })).await;
        assert_eq!(wrong, "INVALID WRONG_CREDENTIALS");
        operator.ask(request, json!({ "e": "Olivia@New.test", "p": "demo-demo-demo" })).await;
        let (old, new) = (token_of(&link_to(&app, EMAIL).await), token_of(&link_to(&app, "olivia@new.test").await));
        let confirmed = async |token: &str| app.anonymous_post(confirm, json!({ "t": token })).await;
        assert_eq!(confirmed(&new).await.json["data"]["confirmAddressChange"], "WAITING_FOR_OTHER");
        assert_eq!(confirmed(&new).await.error(), "NOT_FOUND ADDRESS_CHANGE_SPENT", "one end counts for one");
        let still = app.anonymous_post(SIGN_IN, json!({ "e": EMAIL, "p": "demo-demo-demo" })).await;
        assert!(still.json["errors"].is_null());
        assert_eq!(confirmed(&old).await.json["data"]["confirmAddressChange"], "DONE");
        let gone = app.anonymous_post(SIGN_IN, json!({ "e": EMAIL, "p": "demo-demo-demo" })).await;
        assert_eq!(gone.error(), "UNAUTHENTICATED WRONG_CREDENTIALS");
        let there = app.anonymous_post(SIGN_IN, json!({ "e": "olivia@new.test", "p": "demo-demo-demo" })).await;
        assert!(there.json["errors"].is_null());
        // Somebody else's address: not told to whoever asks, and not given to whoever could read both letters.
        operator.ask(request, json!({ "e": "viewer@bluebakery.test", "p": "demo-demo-demo" })).await;
        let (old, new) = (token_of(&link_to(&app, "olivia@new.test").await), token_of(&link_to(&app, "viewer@bluebakery.test").await));
        confirmed(&old).await;
        assert_eq!(confirmed(&new).await.error(), "CONFLICT ADDRESS_TAKEN");
        // A second wish kills the links of the first, and a day kills any.
        operator.ask(request, json!({ "e": "third@new.test", "p": "demo-demo-demo" })).await;
        let first = token_of(&link_to(&app, "third@new.test").await);
        operator.ask(request, json!({ "e": "fourth@new.test", "p": "demo-demo-demo" })).await;
        assert_eq!(confirmed(&first).await.error(), "NOT_FOUND ADDRESS_CHANGE_SPENT");
        let fourth = token_of(&link_to(&app, "fourth@new.test").await);
        app.later(Duration::from_secs(24 * 3600));
        assert_eq!(confirmed(&fourth).await.error(), "NOT_FOUND ADDRESS_CHANGE_SPENT");
        app.close().await;
    }
}

both! {
    async fn a_profile_is_ones_own(database) {
        let app = App::start(database).await;
        let operator = app.operator().await;
        let update = "mutation($n: String, $l: String, $z: String) { updateProfile(name: $n, language: $l, timeZone: $z) { user { name } language timeZone } }";
        let data = operator.ask(update, json!({ "n": "Olivia H.", "l": "de", "z": "europe/berlin" })).await;
        assert_eq!(data["updateProfile"], json!({ "user": { "name": "Olivia H." }, "language": "de", "timeZone": "Europe/Berlin" }));
        let data = operator.ask(update, json!({ "z": "" })).await;
        assert_eq!(data["updateProfile"], json!({ "user": { "name": "Olivia H." }, "language": "de", "timeZone": null }));
        assert_eq!(operator.refused(update, json!({ "z": "Mars/Olympus" })).await, "INVALID NOT_A_TIME_ZONE");
        assert_eq!(operator.refused(update, json!({ "l": "klingon!" })).await, "INVALID NOT_A_LANGUAGE");
        // The new name is what visitors see from now on, and what the team is searched by.
        let owner = app.sign_in("owner@bluebakery.test").await;
        let bakery = organization_of(&owner).await;
        let found = owner.ask(MEMBERS, json!({ "o": bakery, "s": "olivia h." })).await;
        assert_eq!(found["members"]["nodes"][0]["user"]["name"], "Olivia H.");
        app.close().await;
    }
}
