//! What an agency writes into its mails: its words arrive, and nothing but its words.

use livery::domain::id::AgencyId;
use livery::domain::mail::Letter;
use livery::domain::mail_text::MailText;
use livery::policy::Scope;
use livery::store::mail_text as kept;
use serde_json::{Value, json};

use super::{agency_of, app_with, post, until_state};
use crate::support::app::Client;
use crate::support::smtp::{MailServer, Mode, Read};
use crate::support::{App, both};

const SAVE: &str = "mutation($kind: String!, $version: Int!, $words: MailWordsInput!) {
    saveMailText(kind: $kind, version: $version, words: $words) { version own { subject body button } trouble } }";

const RESTORE: &str = "mutation($kind: String!, $version: Int!) { restoreMailText(kind: $kind, version: $version) { version own { subject } } }";

const PREVIEW: &str = "query($kind: String!, $words: MailWordsInput!) {
    mailTextPreview(kind: $kind, words: $words) { subject html text problems { field reason line } } }";

fn words(subject: &str, body: &str) -> Value {
    json!({ "subject": subject, "heading": "Hello", "body": body, "button": "Come in", "after": "" })
}

fn invitation(inviter: &str) -> Letter {
    Letter::Invitation {
        inviter: Some(inviter.to_owned()),
        place: "Blue Bakery".to_owned(),
        role: "Operator".to_owned(),
        link: "/invitation?token=mZ0x1yQ4r7".to_owned(),
        expires_at: super::AT,
    }
}

/// The newest mail to somebody, as demo mode shows it.
async fn read(app: &App, agency: AgencyId, to: &str, letter: &Letter) -> Value {
    let id = post(app, agency, to, letter).await;
    let path = format!("/dev/mail.json?to={to}");
    let request = http::Request::get(path).header("host", "127.0.0.1:8080").body(axum::body::Body::empty());
    let rows = app.send(request.expect("a request")).await.json;
    rows.as_array().expect("rows").iter().find(|row| row["id"] == id.to_string()).expect("the mail").clone()
}

async fn save(client: &Client<'_>, kind: &str, version: i64, words: &Value) -> Value {
    let data = client.ask(SAVE, json!({ "kind": kind, "version": version, "words": words })).await;
    data["saveMailText"].clone()
}

async fn refused(client: &Client<'_>, kind: &str, version: i64, words: &Value) -> String {
    client.refused(SAVE, json!({ "kind": kind, "version": version, "words": words })).await
}

async fn problem(client: &Client<'_>, kind: &str, words: &Value) -> Value {
    let data = client.ask(PREVIEW, json!({ "kind": kind, "words": words })).await;
    assert_eq!(data["mailTextPreview"]["html"], "");
    data["mailTextPreview"]["problems"][0].clone()
}

both! {
    async fn mails_say_what_the_agency_wrote_until_the_original_is_restored(database) {
        let app = App::start(database).await;
        let owner = app.owner().await;
        let agency = agency_of(&owner).await;
        let before = read(&app, agency, "jo@bluebakery.test", &invitation("Olivia")).await;
        let own = words("{{ inviter }} & you at {{ place }}", "Dear <b>{{ recipient }}</b>,\nwelcome as {{ role }}.");

        let preview = owner.ask(PREVIEW, json!({ "kind": "invitation", "words": own })).await["mailTextPreview"].clone();
        assert_eq!(preview["problems"], json!([]));
        assert_eq!(preview["subject"], "Olivia Hart & you at Blue Bakery");
        let unsaved = read(&app, agency, "jo@bluebakery.test", &invitation("Olivia")).await;
        assert_eq!(unsaved["subject"], before["subject"], "a preview keeps nothing");

        assert_eq!(save(&owner, "invitation", 0, &own).await["version"], 1);
        let after = read(&app, agency, "jo@bluebakery.test", &invitation("{{ brand }}<i>\r\nBcc: x@evil.test")).await;
        assert_eq!(after["subject"], "{{ brand }}<i> Bcc: x@evil.test & you at Blue Bakery");
        assert_eq!(after["headers"]["Subject"], after["subject"]);
        assert!(after["headers"]["Bcc"].is_null());
        let (html, text) = (after["html"].as_str().expect("html"), after["text"].as_str().expect("text"));
        assert!(html.contains("Dear &lt;b&gt;jo@bluebakery.test&lt;/b&gt;,") && !html.contains("<b>jo@"), "{html}");
        assert!(text.contains("welcome as Operator.") && text.contains("Come in:\n"), "{text}");
        // Where the button leads, the foot and the link stay ours.
        assert!(html.contains("/invitation?token=mZ0x1yQ4r7") && text.contains("sent this mail to jo@bluebakery.test."));

        let safe = Letter::SenderTest { by: "Olivia".to_owned() };
        assert!(read(&app, agency, "jo@bluebakery.test", &safe).await["text"].as_str().expect("text").contains("It works"));
        assert!(refused(&owner, "invitation", 0, &own).await.contains("CHANGED_MEANWHILE"));
        assert!(owner.refused(RESTORE, json!({ "kind": "invitation", "version": 7 })).await.contains("CHANGED_MEANWHILE"));
        assert_eq!(save(&owner, "invitation", 1, &own).await["version"], 2);
        owner.ask(RESTORE, json!({ "kind": "invitation", "version": 2 })).await;
        let again = read(&app, agency, "jo@bluebakery.test", &invitation("Olivia")).await;
        assert_eq!(again["text"], before["text"]);
        app.close().await;
    }
}

both! {
    async fn hostile_words_are_refused_and_kept_nowhere(database) {
        let app = App::start(database).await;
        let owner = app.owner().await;
        for (body, reason) in [
            ("{% for a in place %}{% for b in place %}x{% endfor %}{% endfor %}", "SYNTAX"),
            ("{{ place * 1000000000 }}", "SYNTAX"),
            ("{% include 'letter.html' %}", "SYNTAX"),
            ("{{ place", "SYNTAX"),
            ("a\n{{ token }}", "UNKNOWN_VALUE"),
            ("{{ link }}", "UNKNOWN_VALUE"),
            ("a\u{0}b", "CONTROL_CHARACTER"),
            (&"a".repeat(4_001), "TOO_LONG"),
        ] {
            assert_eq!(problem(&owner, "invitation", &words("A", body)).await["reason"], reason, "{body}");
            assert!(refused(&owner, "invitation", 0, &words("A", body)).await.contains(reason), "{body}");
        }
        let header = words("A\r\nBcc: x@evil.test", "B");
        assert_eq!(problem(&owner, "invitation", &header).await, json!({ "field": "subject", "reason": "CONTROL_CHARACTER", "line": null }));
        // What has to stay, stays in every letter of the kind.
        let hidden = words("A", "{% if answerable %}{{ text }}{% endif %}");
        assert_eq!(problem(&owner, "offline_answer", &hidden).await["reason"], "MISSING_VALUE");
        let nothing = words("{% if inviter %}{{ inviter }}{% endif %}", "B");
        assert_eq!(problem(&owner, "invitation", &nothing).await["reason"], "EMPTY");
        for kind in ["password_reset", "security_notice", "address_change", "access_changed", "sender_test"] {
            assert!(refused(&owner, kind, 0, &words("A", "B")).await.contains("NOT_EDITABLE"), "{kind}");
        }
        let texts = owner.ask("{ mailTexts { kind own { subject } } }", json!({})).await;
        assert!(texts["mailTexts"].as_array().expect("texts").iter().all(|text| text["own"].is_null()));
        app.operator().await.refused(SAVE, json!({ "kind": "invitation", "version": 0, "words": words("A", "B") })).await;
        app.close().await;
    }
}

both! {
    async fn words_that_cannot_be_used_give_way_to_the_original_and_it_is_said(database) {
        let server = MailServer::start(Mode::Good).await;
        let app = app_with(database, Some(&format!("{}?tls=none", server.url())), &[], &[]).await;
        let owner = app.owner().await;
        let agency = agency_of(&owner).await;
        save(&owner, "invitation", 0, &words("Own words", "Welcome as {{ role }}.")).await;
        post(&app, agency, "jo@bluebakery.test", &invitation("Olivia")).await;
        assert_eq!(Read::of(&server.mail(0).await.data).words("subject"), "Own words");

        // As if a value had gone that there was when they were written.
        let scope = Scope::system(agency, "a test");
        let mut unit = app.services.store.write().await.expect("a unit");
        let text = kept::one(&mut unit, &scope, "invitation", "en").await.expect("look").expect("a text");
        let broken = MailText { body: "{{ gone }}".to_owned(), version: 2, ..text };
        assert!(kept::update(&mut unit, &scope, &broken, 1).await.expect("kept"));
        unit.commit().await.expect("kept");
        let id = post(&app, agency, "jo@bluebakery.test", &invitation("Olivia")).await;
        until_state(&owner, id, "SENT").await;
        assert_eq!(Read::of(&server.mail(1).await.data).words("subject"), "Olivia invites you to Blue Bakery");
        let texts = owner.ask("{ mailTexts { kind trouble troubleAt } }", json!({})).await;
        let shown = texts["mailTexts"].as_array().expect("texts").iter().find(|text| text["kind"] == "invitation");
        let shown = shown.expect("the invitation");
        assert_eq!(shown["trouble"], "A value that it asks for is not there.");
        assert!(!shown["troubleAt"].is_null());
        app.close().await;
    }
}
