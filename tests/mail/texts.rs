//! What an agency writes into its mails: its words arrive, and nothing but its words (T26, SEC14).

use std::time::{Duration, Instant};

use livery::domain::brand::Brand;
use livery::domain::id::AgencyId;
use livery::domain::mail::Letter;
use livery::domain::mail_text::{MailText, Words};
use livery::policy::Scope;
use livery::service::letter::{Look, Reader, Rendered, original_words, render};
use livery::store::mail_text as kept;
use serde_json::{Value, json};

use super::{agency_of, app_with, letters, post, until_state};
use crate::support::app::{Client, client_id};
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

        // A notification carries its context in the agency's words (S020, S038).
        let context = words("{{ place }}: {{ visitor }}", "{{ ai_agent }} / {{ info }}\n{{ preview }}");
        save(&owner, "handoff_requested", 0, &context).await;
        let (_, request) = letters().into_iter().find(|(name, _)| *name == "handoff_requested").expect("it");
        let Letter::HandoffRequested(notice) = &request else { panic!("{request:?}") };
        let told = read(&app, agency, "jo@bluebakery.test", &request).await;
        assert_eq!(told["subject"], format!("{}: {}", notice.place, notice.visitor));
        let text = told["text"].as_str().expect("text");
        assert!(text.contains(&format!("{} / {}", notice.ai_agent, notice.info.join(" · "))), "{text}");
        assert!(text.contains(notice.preview.as_deref().expect("what was said")) && text.contains(&notice.link), "{text}");

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
        assert_eq!(shown["trouble"], "This mail has no value gone. (line 1)");
        assert!(!shown["troubleAt"].is_null());
        // Whoever writes it anew has seen to it.
        assert!(save(&owner, "invitation", 2, &words("Own words", "Welcome.")).await["trouble"].is_null());
        let id = post(&app, agency, "jo@bluebakery.test", &invitation("Olivia")).await;
        until_state(&owner, id, "SENT").await;
        assert_eq!(Read::of(&server.mail(2).await.data).words("subject"), "Own words");
        app.close().await;
    }
}

both! {
    async fn another_agency_has_its_own_words(database) {
        let app = App::start(database).await;
        let (owner, other) = (app.owner().await, app.sign_in("owner@southpaw.test").await);
        let (agency, southpaw) = (agency_of(&owner).await, agency_of(&other).await);
        let before = read(&app, southpaw, "ann@southpaw.test", &invitation("Sam")).await;
        save(&owner, "invitation", 0, &words("Northern words", "North.")).await;
        let after = read(&app, southpaw, "ann@southpaw.test", &invitation("Sam")).await;
        for part in ["subject", "text", "html"] {
            assert_eq!(after[part], before[part]);
        }
        let texts = other.ask("{ mailTexts { own { subject } } }", json!({})).await;
        assert!(texts["mailTexts"].as_array().expect("texts").iter().all(|text| text["own"].is_null()));
        // There is nothing of theirs to restore, and nothing of others is.
        assert_eq!(other.ask(RESTORE, json!({ "kind": "invitation", "version": 1 })).await["restoreMailText"]["version"], 0);
        save(&other, "invitation", 0, &words("Southern words", "South.")).await;
        other.ask(RESTORE, json!({ "kind": "invitation", "version": 1 })).await;
        assert_eq!(read(&app, agency, "jo@bluebakery.test", &invitation("Olivia")).await["subject"], "Northern words");
        app.close().await;
    }
}

both! {
    async fn a_program_chooses_words_as_itself_and_it_is_written_down(database) {
        let app = App::start(database).await;
        let owner = app.owner().await;
        let roles = owner.ask("{ apiKeyRoles { id name givable } }", json!({})).await;
        let role = roles["apiKeyRoles"].as_array().expect("roles").iter().find(|role| role["name"] == "Admin").expect("it")["id"].clone();
        let made = "mutation($c: String!, $i: ApiKeyInput!) { createApiKey(clientId: $c, input: $i) { secret } }";
        let key = owner.ask(made, json!({ "c": client_id(), "i": { "name": "Words", "roleId": role, "expiresInDays": 1 } })).await;
        let secret = key["createApiKey"]["secret"].as_str().expect("a secret").to_owned();
        let program = Client { app: &app, path: "/graphql", token: Some(secret) };
        assert_eq!(save(&program, "digest", 0, &words("Ours", "{{ from }}")).await["own"]["subject"], "Ours");
        program.ask(RESTORE, json!({ "kind": "digest", "version": 1 })).await;
        let log = "{ auditEntries(first: 5) { nodes { action summary } } }";
        let entries = owner.ask(log, json!({})).await["auditEntries"]["nodes"].as_array().expect("entries").clone();
        for (action, sentence) in [
            ("mail_text.save", "API key “Words” changed the text of the mail The digest."),
            ("mail_text.restore", "API key “Words” restored the original text of the mail The digest."),
        ] {
            let entry = entries.iter().find(|entry| entry["action"] == action).expect(action);
            assert_eq!(entry["summary"], sentence);
        }
        app.close().await;
    }
}

both! {
    async fn long_lines_go_out_in_short_ones(database) {
        let server = MailServer::start(Mode::Good).await;
        let app = app_with(database, Some(&format!("{}?tls=none", server.url())), &[], &[]).await;
        let owner = app.owner().await;
        let agency = agency_of(&owner).await;
        let long = "ä".repeat(4_000);
        save(&owner, "invitation", 0, &words(&"ü".repeat(160), &long)).await;
        let id = post(&app, agency, "jo@bluebakery.test", &invitation("Olivia")).await;
        until_state(&owner, id, "SENT").await;
        let data = server.mail(0).await.data;
        assert!(data.lines().all(|line| line.len() <= 998), "a line that no server has to take");
        let mail = Read::of(&data);
        assert!(mail.text.contains(&long) && mail.words("subject") == "ü".repeat(160));
        app.close().await;
    }
}

fn with(letter: &Letter, own: Option<Words>) -> Rendered {
    let brand = Brand { name: "Northlight".to_owned(), ..Brand::default() };
    let look = Look { brand, base: "https://chat.northlight.test".to_owned(), logo: None, own };
    render(letter, &look, &Reader::default()).expect("rendered")
}

/// However it came to be kept: past every check, as if an older release had allowed it.
#[test]
fn no_kept_words_work_long_grow_or_reach_for_anything() {
    let letter = invitation("Olivia");
    let original = with(&letter, None);
    let began = Instant::now();
    for hostile in [
        "{% for a in range(1000000000) %}x{% endfor %}".to_owned(),
        "{% for a in range(1e9) %}x{% endfor %}".to_owned(),
        "{{ 'a' * 1000000000 }}".to_owned(),
        "{{ \"a\" * 1e9 }}".to_owned(),
        "{{ [0] * 1000000000 }}".to_owned(),
        "{% for a in 'aaaaaaaaaa' %}{% for b in 'aaaaaaaaaa' %}{% for c in 'aaaaaaaaaa' %}x{% endfor %}{% endfor %}{% endfor %}".to_owned(),
        "{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}".to_owned(),
        "{% include 'letter.html' %}".to_owned(),
        "{% import 'letter.html' as a %}".to_owned(),
        "{% extends 'letter.txt' %}".to_owned(),
        "{% set a = [place] %}{{ a }}".to_owned(),
        "{{ link }}".to_owned(),
        "{{ recipient.__class__ }}".to_owned(),
        "{{ debug() }}".to_owned(),
        "{{ 1 / 0 }}".to_owned(),
        "{{ ".repeat(1_000),
        "{% if place %}".repeat(200),
        "(".repeat(4_000) + "{{ ((((((((((((((((place)))))))))))))))) }}",
        "a\u{202e}b".to_owned(),
    ] {
        for field in ["subject", "heading", "body", "button", "after"] {
            let mut own = original_words("invitation").expect("words");
            match field {
                "subject" => own.subject.clone_from(&hostile),
                "heading" => own.heading.clone_from(&hostile),
                "body" => own.body.clone_from(&hostile),
                "button" => own.button = Some(hostile.clone()),
                _ => own.after.clone_from(&hostile),
            }
            let rendered = with(&letter, Some(own));
            let trouble = rendered.trouble.expect(&hostile);
            assert_eq!((trouble.field, &rendered.subject, &rendered.text), (field, &original.subject, &original.text), "{hostile}");
        }
    }
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[test]
fn values_are_not_templates_and_what_they_make_too_long_is_left() {
    let answer = |text: String| Letter::OfflineAnswer {
        by: "{{ text }}{% for a in by %}".to_owned(),
        place: "<i>Bakery</i>".to_owned(),
        text,
        question: "?".to_owned(),
        link: "/resume".to_owned(),
        expires_at: super::AT,
        reply: None,
        language: None,
    };
    let own = |body: String| Words {
        subject: "{{ by }}".to_owned(),
        heading: "{{ place }} <script>".to_owned(),
        body,
        button: Some("{{ by }}".to_owned()),
        after: String::new(),
    };
    let rendered = with(&answer("a".repeat(10_000)), Some(own("https://evil.example/{{ by }} {{ text }}".to_owned())));
    assert_eq!(rendered.trouble, None);
    assert_eq!(rendered.subject.as_str(), "{{ text }}{% for a in by %}");
    assert!(rendered.html.contains("&lt;i&gt;Bakery&lt;/i&gt; &lt;script&gt;") && !rendered.html.contains("<script"));
    // An address in the words is text: nothing but the mail's own links can be followed.
    assert!(rendered.html.contains("https://evil.example/") && !rendered.html.contains("href=\"https://evil.example"));
    assert!(rendered.html.contains("href=\"https://chat.northlight.test/resume\""));
    assert!(rendered.text.contains(&"a".repeat(10_000)));

    let rendered = with(&answer("a".repeat(10_000)), Some(own("{{ text }} ".repeat(300))));
    assert_eq!(rendered.trouble.expect("too long").reason, "TOO_LONG");
    assert!(rendered.text.len() < 50_000, "the original went out");
}
