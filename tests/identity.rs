//! Signing in and out, sessions, and what ends with them.

use std::time::Duration;

use axum::body::Body;
use http::Request;
use serde_json::json;

use crate::support::app::Reply;
use crate::support::socket::INBOX_EVENTS;
use crate::support::{App, both};

async fn with_cookie(app: &App, cookie: Option<&str>, query: &str) -> Reply {
    let mut request = Request::post("/graphql")
        .header("host", "127.0.0.1:8080")
        .header("origin", "http://127.0.0.1:8080")
        .header("content-type", "application/json");
    if let Some(cookie) = cookie {
        request = request.header("cookie", cookie);
    }
    app.send(request.body(Body::from(json!({ "query": query }).to_string())).expect("a request")).await
}

fn cookie_of(reply: &Reply) -> String {
    let set = reply.headers.get("set-cookie").expect("a cookie").to_str().expect("text").to_owned();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax"), "{set}");
    set.split(';').next().expect("a pair").to_owned()
}

const SIGN_IN: &str =
    "mutation { signIn(email: \"operator1@bluebakery.test\", password: \"demo-demo-demo\") { accessToken } }";
const REFRESH: &str = "mutation { refreshSession { accessToken viewer { user { name } } } }";

both! {
    async fn a_wrong_password_and_an_unknown_address_get_the_same_answer(database) {
        let app = App::start(database).await;
        let answer = async |email: &str, password: &str| {
            let document = "mutation($email: String!, $password: String!) { signIn(email: $email, password: $password) { accessToken } }";
            let reply = app.anonymous().post(document, json!({ "email": email, "password": password })).await;
            let mut json = reply.json;
            json["errors"][0]["extensions"]["requestId"] = json!(null);
            json
        };
        let wrong = answer("operator1@bluebakery.test", "wrong wrong wrong").await;
        assert_eq!(wrong["errors"][0]["extensions"]["reason"], "WRONG_CREDENTIALS");
        assert_eq!(answer("nobody@bluebakery.test", "wrong wrong wrong").await, wrong);
        assert_eq!(answer("not an address", "wrong wrong wrong").await, wrong);
        app.close().await;
    }
}

both! {
    async fn five_wrong_tries_close_an_account_for_a_while(database) {
        let app = App::start(database).await;
        let document = "mutation($password: String!) { signIn(email: \"operator1@bluebakery.test\", password: $password) { accessToken } }";
        for _ in 0..5 {
            let refused = app.anonymous().refused(document, json!({ "password": "wrong" })).await;
            assert_eq!(refused, "UNAUTHENTICATED WRONG_CREDENTIALS");
        }
        let refused = app.anonymous().refused(document, json!({ "password": "demo-demo-demo" })).await;
        assert_eq!(refused, "RATE_LIMITED TOO_MANY_TRIES_FOR_ACCOUNT");
        app.colleague().await;
        app.later(Duration::from_secs(15 * 60 + 1));
        app.operator().await;
        app.close().await;
    }
}

both! {
    async fn a_refresh_cookie_is_rotated_and_a_stolen_one_ends_the_session(database) {
        let app = App::start(database).await;
        let signed_in = with_cookie(&app, None, SIGN_IN).await;
        let first = cookie_of(&signed_in);
        let renewed = with_cookie(&app, Some(&first), REFRESH).await;
        assert_eq!(renewed.json["data"]["refreshSession"]["viewer"]["user"]["name"], "Olivia Hart");
        let second = cookie_of(&renewed);
        assert_ne!(first, second);
        // Two tabs may renew within ten seconds with the same cookie.
        app.later(Duration::from_secs(9));
        let other_tab = with_cookie(&app, Some(&first), REFRESH).await;
        assert!(other_tab.json["errors"].is_null(), "{}", other_tab.json);
        // Later it is a copy in somebody's hands: the whole session ends.
        app.later(Duration::from_secs(2));
        assert_eq!(with_cookie(&app, Some(&first), REFRESH).await.error(), "UNAUTHENTICATED SESSION_ENDED");
        assert_eq!(with_cookie(&app, Some(&second), REFRESH).await.error(), "UNAUTHENTICATED SESSION_ENDED");
        let token = signed_in.json["data"]["signIn"]["accessToken"].as_str().expect("a token").to_owned();
        let reply = app.post("/graphql", Some(&token), "{ viewer { user { name } } }", json!({})).await;
        assert_eq!(reply.error(), "UNAUTHENTICATED SESSION_ENDED");
        app.close().await;
    }
}

both! {
    async fn an_access_token_lasts_ten_minutes(database) {
        let app = App::start(database).await;
        let operator = app.operator().await;
        operator.ask("{ viewer { user { name } } }", json!({})).await;
        app.later(Duration::from_secs(610));
        let refused = operator.refused("{ viewer { user { name } } }", json!({})).await;
        assert_eq!(refused, "UNAUTHENTICATED TOKEN_EXPIRED");
        app.close().await;
    }
}

both! {
    async fn own_sessions_are_listed_and_ended_and_their_streams_close(database) {
        let app = App::start(database).await;
        let (here, there) = (app.operator().await, app.operator().await);
        let colleague = app.colleague().await;
        let mut socket = there.socket().await;
        socket.subscribe(INBOX_EVENTS, json!({})).await;
        socket.event_where(|event| event["inboxEvents"]["__typename"] == "InboxSynced").await;
        let data = here.ask("{ viewer { sessions { id current browser } } }", json!({})).await;
        let sessions = data["viewer"]["sessions"].as_array().expect("sessions");
        assert_eq!(sessions.len(), 2);
        assert!(sessions.iter().all(|session| session["browser"] == "Firefox on Linux"));
        let other = sessions.iter().find(|session| session["current"] == false).expect("another")["id"].clone();
        let end = "mutation($id: ID!) { endSession(sessionId: $id) }";
        assert_eq!(colleague.refused(end, json!({ "id": other })).await, "NOT_FOUND NOT_FOUND");
        here.ask(end, json!({ "id": other })).await;
        assert_eq!(socket.close_code().await, Some(4403));
        let refused = there.refused("{ viewer { user { name } } }", json!({})).await;
        assert_eq!(refused, "UNAUTHENTICATED SESSION_ENDED");
        here.ask("mutation { signOut }", json!({})).await;
        let refused = here.refused("{ viewer { user { name } } }", json!({})).await;
        assert_eq!(refused, "UNAUTHENTICATED SESSION_ENDED");
        app.close().await;
    }
}

both! {
    async fn the_same_address_under_two_agencies_is_two_accounts(database) {
        let app = App::start(database).await;
        let made = livery::service::setup::create_agency(&app.services, "Third", "Olivia", "operator1@bluebakery.test", Some("third.test"));
        let (_, link) = made.await.expect("an agency");
        let accept = "mutation($t: String!) { acceptInvitation(token: $t, password: \"another password\") { accessToken } }";
        app.anonymous().ask(accept, json!({ "t": crate::people::token_of(&link) })).await;
        let sign_in = async |host: &str, password: &str| {
            let query = format!("mutation {{ signIn(email: \"operator1@bluebakery.test\", password: \"{password}\") {{ viewer {{ agency {{ name }} }} }} }}");
            let request = Request::post("/graphql").header("host", host).header("content-type", "application/json");
            app.send(request.body(Body::from(json!({ "query": query }).to_string())).expect("a request")).await
        };
        let third = sign_in("third.test", "another password").await;
        assert_eq!(third.json["data"]["signIn"]["viewer"]["agency"]["name"], "Third");
        let northlight = sign_in("northlight.localhost", "demo-demo-demo").await;
        assert_eq!(northlight.json["data"]["signIn"]["viewer"]["agency"]["name"], "Northlight");
        assert_eq!(sign_in("third.test", "demo-demo-demo").await.error(), "UNAUTHENTICATED WRONG_CREDENTIALS");
        assert_eq!(sign_in("unknown.test", "demo-demo-demo").await.status, 421);
        app.close().await;
    }
}
