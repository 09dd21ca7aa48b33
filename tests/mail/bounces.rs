//! Mails that come back: counted where the sender is looked after, and sent again from the delivery log.

use serde_json::{Value, json};

use super::app_with;
use crate::roles::{package, person};
use crate::support::app::{Client, client_id};
use crate::support::smtp::{MailServer, Mode};
use crate::support::{both, until};

const AGAIN: &str = "mutation($id: ID!) { resendNotification(decisionId: $id) { id mailState canResend } }";

async fn figures(client: &Client<'_>) -> Value {
    client.ask("{ sender { sentLately bouncedLately } }", json!({})).await["sender"].clone()
}

/// The line of somebody's own delivery log about the test, when that has become of it; being told of somebody else's may stand
/// above it.
async fn tested(client: &Client<'_>, state: &str) -> Option<Value> {
    let asked = "{ notificationDecisions(first: 20) { nodes { id kind mailState explanation trouble canResend } } }";
    let data = client.ask(asked, json!({})).await;
    let lines = data["notificationDecisions"]["nodes"].as_array().expect("lines").clone();
    lines.into_iter().find(|line| line["kind"] == "TEST" && line["mailState"] == state)
}

both! {
    async fn a_mail_that_comes_back_is_counted_and_sent_again_from_the_log(database) {
        let server = MailServer::start(Mode::Recipient("550 5.1.1 nobody here")).await;
        let url = format!("{}?tls=none", server.url());
        let app = app_with(database, Some(&url), &[], &[("LIVERY_MAIL_FROM", "post@neutral.test")]).await;
        let (owner, operator) = (app.owner().await, app.operator().await);
        assert_eq!(figures(&owner).await, json!({ "sentLately": 0, "bouncedLately": 0 }));
        for client in [&operator, &owner] {
            client.ask("mutation { sendTestNotification(way: EMAIL) }", json!({})).await;
        }
        // Whoever may not manage the sender sees what has become of it, and has nothing to press.
        let seen = until(async || tested(&operator, "BOUNCED").await).await;
        assert_eq!((&seen["explanation"], &seen["canResend"]), (&json!("It came back."), &json!(false)), "{seen}");
        let seen = until(async || tested(&owner, "BOUNCED").await).await;
        assert!(seen["trouble"].as_str().expect("words").contains("550 5.1.1 nobody here"), "{seen}");
        assert_eq!(seen["canResend"], true);
        let id = seen["id"].as_str().expect("a line").to_owned();
        assert_eq!(operator.refused(AGAIN, json!({ "id": id })).await, "NOT_FOUND NOT_FOUND");
        let before = figures(&owner).await;
        assert_eq!(before["sentLately"], 0);
        assert!(before["bouncedLately"].as_i64().expect("a number") >= 2, "{before}");

        server.set(Mode::Good);
        let again = owner.ask(AGAIN, json!({ "id": id })).await["resendNotification"].clone();
        assert_eq!(again, json!({ "id": id, "mailState": "QUEUED", "canResend": false }));
        until(async || tested(&owner, "SENT").await).await;
        assert!(figures(&owner).await["sentLately"].as_i64() >= Some(1));
        assert_eq!(owner.refused(AGAIN, json!({ "id": id })).await, "CONFLICT ALREADY_SENT");
        // They are counted for thirty days.
        app.later(std::time::Duration::from_secs(30 * 24 * 3600 + 3600));
        let owner = app.owner().await;
        assert_eq!(figures(&owner).await["bouncedLately"], 0);
        app.close().await;
    }
}

both! {
    async fn whoever_sends_again_for_others_reads_of_no_visitor(database) {
        let server = MailServer::start(Mode::Recipient("550 5.1.1 nobody here")).await;
        let url = format!("{}?tls=none", server.url());
        let app = app_with(database, Some(&url), &[], &[("LIVERY_MAIL_FROM", "post@neutral.test")]).await;
        let owner = app.owner().await;
        let postmaster = package(&owner, "Postmaster", "AGENCY", &["home.view", "sender.manage"]).await;
        person(&app, "post@northlight.test", None, &postmaster).await;
        let (visitor, conversation) = app.visitor().await;
        let request = "mutation($id: String!) { requestHandoff(clientId: $id, name: \"Nadia Quill\") { state } }";
        visitor.ask(request, json!({ "id": client_id() })).await;
        let asked = "query($id: ID!) { notificationDecisions(conversationId: $id) { nodes { id mailState visitorName } } }";
        let line = until(async || {
            let data = owner.ask(asked, json!({ "id": conversation })).await;
            let lines = data["notificationDecisions"]["nodes"].as_array().expect("lines").clone();
            lines.into_iter().find(|line| line["mailState"] == "BOUNCED")
        })
        .await;
        assert_eq!(line["visitorName"], "Nadia Quill");

        let again = "mutation($id: ID!) { resendNotification(decisionId: $id) { id mailState visitorName } }";
        let post = app.sign_in("post@northlight.test").await;
        let sent = post.ask(again, json!({ "id": line["id"] })).await["resendNotification"].clone();
        assert_eq!(sent, json!({ "id": line["id"], "mailState": "QUEUED", "visitorName": null }));
        app.close().await;
    }
}
