//! The platform admin, on the command line.

use std::process::{Command, Stdio};

use http::Request;
use livery::app;
use livery::domain::id::AgencyId;
use serde_json::json;

use super::text;
use crate::support::database::Database;
use crate::support::{App, both};

async fn northlight(app: &App) -> AgencyId {
    let data = app.owner().await.ask("{ viewer { agency { id } } }", json!({})).await;
    text(&data, "/viewer/agency/id").parse().expect("an id")
}

async fn page(app: &App, host: &str) -> (u16, String) {
    let reply =
        app.send(Request::get("/").header("host", host).body(axum::body::Body::empty()).expect("a request")).await;
    (reply.status.as_u16(), String::from_utf8_lossy(&reply.bytes).into_owned())
}

both! {
    async fn a_suspended_agency_is_closed_without_a_name(database) {
        let app = App::start(database).await;
        let (id, widget) = (northlight(&app).await, app.widget().await);
        let (operator, (visitor, _)) = (app.operator().await, app.visitor().await);
        let mut socket = operator.socket().await;
        app::suspend_agency(&app.services, id, Some("unpaid")).await.expect("suspended");
        assert_eq!(app::suspend_agency(&app.services, id, Some("unpaid")).await.expect_err("twice").reason, "NOTHING_TO_DO");
        assert_eq!(socket.close_code().await, Some(4403), "streams close");
        assert!(operator.refused("{ viewer { user { id } } }", json!({})).await.starts_with("UNAUTHENTICATED"));
        let sign_in = "mutation { signIn(email: \"owner@northlight.test\", password: \"demo-demo-demo\") { accessToken } }";
        assert_eq!(app.anonymous().refused(sign_in, json!({})).await, "UNAUTHENTICATED AGENCY_SUSPENDED");
        let shown = app.post("/widget/graphql", None, "query($id: ID!) { widgetConfig(widgetId: $id) { available unavailableReason } }", json!({ "id": widget })).await;
        assert_eq!(shown.json["data"]["widgetConfig"], json!({ "available": false, "unavailableReason": "AGENCY_SUSPENDED" }));
        assert_eq!(visitor.refused("mutation { sendMessage(clientId: \"x\", text: \"x\") { seq } }", json!({})).await, "FORBIDDEN AGENCY_SUSPENDED");
        let (status, body) = page(&app, "northlight.localhost").await;
        assert_eq!((status, body.to_lowercase().contains("northlight")), (503, false), "{body}");
        // Another agency goes on, and the platform's own address shows it.
        app.sign_in("owner@southpaw.test").await;
        assert_eq!(page(&app, "southpaw.localhost").await.0, page(&app, "127.0.0.1:8080").await.0);
        app::suspend_agency(&app.services, id, None).await.expect("resumed");
        let owner = app.owner().await;
        let log = owner.ask("{ auditEntries(filter: { actorId: \"platform\" }) { nodes { summary actor { kind } } } }", json!({})).await;
        assert_eq!(log["auditEntries"]["nodes"][1]["summary"], "The platform suspended the agency Northlight: unpaid.");
        app.close().await;
    }
}

both! {
    async fn an_agency_is_handed_over_and_its_owners_stay_as_admins(database) {
        let app = App::start(database).await;
        let id = northlight(&app).await;
        let link = app::hand_over_agency(&app.services, id, "Ada Novak", "ada@new.test").await.expect("a link");
        let role = "{ viewer { memberships { role { name level } } } }";
        // Until the new owner has come, nothing changes for the old one.
        let nora = app.owner().await.ask(role, json!({})).await;
        assert_eq!(nora["viewer"]["memberships"], json!([{ "role": { "name": "Owner", "level": "AGENCY" } }]));
        let accept = "mutation($t: String!) { acceptInvitation(token: $t, name: \"Ada\", password: \"quite a long password\") { accessToken } }";
        app.anonymous().ask(accept, json!({ "t": crate::people::token_of(&link) })).await;
        let nora = app.owner().await.ask(role, json!({})).await;
        assert_eq!(nora["viewer"]["memberships"], json!([{ "role": { "name": "Admin", "level": "AGENCY" } }]));
        let document = "mutation { signIn(email: \"ada@new.test\", password: \"quite a long password\") { viewer { memberships { role { name } } } } }";
        let ada = app.anonymous().ask(document, json!({})).await;
        assert_eq!(ada["signIn"]["viewer"]["memberships"], json!([{ "role": { "name": "Owner" } }]));
        let again = app::hand_over_agency(&app.services, id, "Nora", "owner@northlight.test").await;
        assert_eq!(again.expect_err("a member").reason, "ALREADY_MEMBER");
        let log = app.owner().await.ask("{ auditEntries(filter: { action: \"agency.hand_over\" }) { nodes { summary } } auditCheck { whole } }", json!({})).await;
        assert_eq!(log["auditEntries"]["nodes"][0]["summary"], "The platform handed the agency Northlight over to ada@new.test.");
        assert_eq!(log["auditCheck"]["whole"], true);
        app.close().await;
    }
}

/// Runs the real binary. Gives whether it succeeded, and what it printed.
fn livery(database: &Database, arguments: &[&str]) -> (bool, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_livery"));
    command.args(arguments).env_clear().env("LIVERY_DATABASE_URL", &database.url).env("LIVERY_LOG", "warn");
    command.env("LIVERY_SECRET_KEY_FILE", format!("{}/secret.key", database.folder.path().display()));
    let output = command.stdin(Stdio::null()).output().expect("the binary runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    (output.status.success(), text(&output.stdout), text(&output.stderr))
}

both! {
    async fn the_binary_creates_lists_suspends_resumes_and_hands_over(database) {
        let (done, made, problem) = livery(&database, &["admin", "create-agency", "--name", "Fig & Co", "--owner-name", "Fay", "--owner-email", "fay@fig.test", "--host", "fig.test"]);
        let (id, link) = made.split_once('\n').unwrap_or_else(|| panic!("{made} {problem}"));
        assert!(done && id.starts_with("agy_") && link.starts_with("http://fig.test:8080/invitation?token="), "{made} {problem}");
        let list = || livery(&database, &["admin", "list-agencies"]);
        let (done, agencies, _) = list();
        assert!(done && agencies.contains(id) && agencies.contains("active") && agencies.ends_with("Fig & Co"), "{agencies}");
        let (done, _, problem) = livery(&database, &["admin", "suspend-agency", id, "--reason", "unpaid"]);
        assert!(done, "{problem}");
        assert!(list().1.contains("suspended"));
        assert!(livery(&database, &["admin", "resume-agency", id]).0);
        let (done, _, problem) = livery(&database, &["admin", "resume-agency", id]);
        assert!(!done && problem.contains("already") && !problem.contains('\n'), "{problem}");
        let (done, said, problem) = livery(&database, &["admin", "hand-over-agency", id, "--email", "gil@fig.test", "--name", "Gil"]);
        assert!(done && said.contains("/invitation?token="), "{said} {problem}");
        let (done, _, problem) = livery(&database, &["admin", "suspend-agency", "nobody", "--reason", "x"]);
        assert!(!done && problem.contains("agy_"), "{problem}");
    }
}
