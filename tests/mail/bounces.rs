//! Mails that come back: counted where the sender is looked after, and sent again from the delivery log.

use http::StatusCode;
use livery::service::reply::Named;
use serde_json::{Value, json};

use super::app_with;
use crate::nobody::inbound;
use crate::roles::{package, person};
use crate::support::app::{Client, client_id};
use crate::support::smtp::{MailServer, Mode, Read};
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

/// What a mail server sends back that had taken a mail.
fn report(action: &str, said: &str) -> String {
    format!(
        "From: MAILER-DAEMON@mx.example.com\r\nTo: somebody@reply.test\r\nSubject: Undelivered mail\r\nAuto-Submitted: auto-replied\r\n\
         MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"=b\"\r\n\r\n\
         --=b\r\nContent-Type: text/plain\r\n\r\nWe are sorry.\r\n\
         --=b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.com\r\n\r\n\
         Final-Recipient: rfc822; somebody@example.com\r\nAction: {action}\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp;\r\n {said}\r\n\r\n\
         --=b\r\nContent-Type: message/rfc822\r\n\r\nSubject: what was sent\r\nAction: failed\r\n\r\nwords\r\n--=b--\r\n"
    )
}

both! {
    async fn a_mail_that_comes_back_later_is_counted_too(database) {
        let server = MailServer::start(Mode::Good).await;
        let url = format!("{}?tls=none", server.url());
        let app = app_with(database, Some(&url), &[], &inbound::KEYS).await;
        let owner = app.owner().await;
        owner.ask("mutation { sendTestNotification(way: EMAIL) }", json!({})).await;
        until(async || tested(&owner, "SENT").await).await;
        let mail = server.taken().pop().expect("a mail");
        let read = Read::of(&mail.data);
        assert_eq!(read.header("from"), "Northlight <post@neutral.test>");
        let address = mail.from;
        assert!(address.ends_with("@reply.test") && address.len() < 75, "{address}");

        let send = async |to: &str, body: String| inbound::post(&app, to, inbound::SECRET, body.as_bytes()).await.status;
        // What is no report of a failure changes nothing, and nobody but us can have made the address.
        let vacation = "From: jo@example.com\r\nAuto-Submitted: auto-replied\r\n\r\nAction: failed\r\n\r\nI am away".to_owned();
        assert_eq!(send(&address, vacation).await, StatusCode::NO_CONTENT);
        assert_eq!(send(&address, report("delayed", "450 later")).await, StatusCode::NO_CONTENT);
        let (local, host) = address.split_once('@').expect("an address");
        // A report that is faster than what it reports on comes again.
        server.set(Mode::Recipient("450 4.2.1 greylisted"));
        owner.ask("mutation { sendTestNotification(way: EMAIL) }", json!({})).await;
        let data = owner.ask("{ viewer { agency { id } } mails(state: QUEUED, first: 1) { nodes { id } } }", json!({})).await;
        let id = |at: &str| data.pointer(at).and_then(Value::as_str).expect("an id").to_owned();
        let agency = id("/viewer/agency/id").parse().expect("an agency");
        let queued = Named::Report(id("/mails/nodes/0/id").parse().expect("a mail"));
        let early = format!("{}@{host}", app.services.replies.local_part(agency, queued));
        assert_eq!(send(&early, report("failed", "550 already")).await, StatusCode::SERVICE_UNAVAILABLE);
        for forged in [format!("r{}@{host}", &local[1..]), format!("b{}{}@{host}", &local[27..], &local[1..27])] {
            assert_eq!(send(&forged, report("failed", "550 forged")).await, StatusCode::NOT_FOUND, "{forged}");
        }
        assert!(tested(&owner, "SENT").await.is_some());
        let before = figures(&owner).await;

        assert_eq!(send(&address.to_uppercase(), report("failed", "550 5.1.1 nobody here")).await, StatusCode::NO_CONTENT);
        assert_eq!(send(&address, report("failed", "550 once more")).await, StatusCode::NO_CONTENT);
        let seen = tested(&owner, "BOUNCED").await.expect("a line");
        assert_eq!(seen["explanation"], "It came back.");
        assert_eq!(seen["trouble"], "A mail server reported later: 550 5.1.1 nobody here");
        // What it said is not kept once a server has it: there is nothing to send again, and no button that would.
        assert_eq!(seen["canResend"], false);
        let data = owner.ask("{ mails(state: BOUNCED, first: 1) { nodes { id canResend } } }", json!({})).await;
        let mail = &data["mails"]["nodes"][0];
        assert_eq!(mail["canResend"], false);
        let again = "mutation($id: ID!) { resendMail(mailId: $id) { id } }";
        assert_eq!(owner.refused(again, json!({ "id": mail["id"] })).await, "CONFLICT ALREADY_SENT");
        let after = figures(&owner).await;
        assert_eq!(after["bouncedLately"], before["bouncedLately"].as_i64().expect("a number") + 1);
        // Whoever looks after the sender is told.
        let bell = "{ notifications(first: 5) { nodes { title preview } } }";
        let told = until(async || {
            let data = owner.ask(bell, json!({})).await;
            let entries = data["notifications"]["nodes"].as_array().expect("entries").clone();
            entries.into_iter().find(|entry| entry["title"] == "Mails cannot be delivered")
        })
        .await;
        assert!(told["preview"].as_str().expect("words").ends_with("550 5.1.1 nobody here"), "{told}");
        app.close().await;
    }
}
