//! The mailbox of demo mode.

use axum::body::Body;
use http::{Request, StatusCode};

use super::{agency_of, letters, post};
use crate::support::{App, both};

async fn get(app: &App, path: &str) -> crate::support::app::Reply {
    let request = Request::get(path).header("host", "127.0.0.1:8080").body(Body::empty()).expect("a request");
    app.send(request).await
}

both! {
    async fn demo_mode_shows_what_would_have_been_sent(database) {
        let app = App::start(database).await;
        let agency = agency_of(&app.owner().await).await;
        for (_, letter) in letters() {
            post(&app, agency, "jo@bluebakery.test", &letter).await;
        }
        let id = post(&app, agency, "ann@bluebakery.test", &letters()[0].1).await;
        let all = get(&app, "/dev/mail.json").await;
        let rows = all.json.as_array().expect("rows");
        assert_eq!(rows.len(), letters().len() + 1);
        assert_eq!(rows[0]["id"], id.to_string());
        for key in ["id", "to", "from", "subject", "text", "html", "kind", "at", "headers"] {
            assert!(!rows[0][key].is_null(), "{key}");
        }
        assert_eq!(rows[0]["headers"]["Message-ID"], format!("<{id}@localhost.localdomain>"));
        let one = get(&app, "/dev/mail.json?to=Ann@bluebakery.test").await;
        assert_eq!(one.json.as_array().expect("rows").len(), 1);

        let page = get(&app, "/dev/mail").await;
        let html = String::from_utf8(page.bytes.to_vec()).expect("UTF-8");
        assert_eq!(page.status, StatusCode::OK);
        assert!(html.contains("sandbox=") && html.contains(&format!("/dev/mail/{id}")) && !html.contains("<script"));
        assert!(!html.to_lowercase().contains("livery"));
        let shown = get(&app, &format!("/dev/mail/{id}")).await;
        let policy = shown.headers["content-security-policy"].to_str().expect("text").to_owned();
        assert!(policy.starts_with("sandbox ") && policy.contains("default-src 'none'") && !policy.contains("allow-scripts"));
        assert_eq!(get(&app, "/dev/mail/mal_00000000000000000000000000").await.status, StatusCode::NOT_FOUND);
        app.close().await;
    }
}
