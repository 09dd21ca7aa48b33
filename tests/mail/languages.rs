//! Each reader has mails in their own language.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use livery::domain::brand::{Brand, LANGUAGES};
use livery::domain::id::OrganizationId;
use livery::domain::mail::Letter;
use livery::service::letter::{Look, Reader, render, spoken};
use livery::service::mail::{self, shown_mailbox};
use serde_json::{Value, json};

use super::{AT, agency_of, letters};
use crate::support::{App, both};

/// Every text of a language, by its path, with the names of the values that it shows.
fn texts(tag: &str) -> BTreeMap<String, BTreeSet<String>> {
    fn walk(at: &str, value: &toml::Value, found: &mut BTreeMap<String, BTreeSet<String>>) {
        match value {
            toml::Value::Table(table) => {
                for (key, value) in table {
                    walk(&format!("{at}.{key}"), value, found);
                }
            }
            toml::Value::Array(all) => {
                for (nth, value) in all.iter().enumerate() {
                    walk(&format!("{at}.{nth}"), value, found);
                }
            }
            text => {
                let text = text.as_str().expect("a text");
                let shown = text.split("{{").skip(1).filter_map(|rest| rest.split("}}").next());
                found.insert(at.to_owned(), shown.map(|name| name.trim().to_owned()).collect());
            }
        }
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("api/service/letters/{tag}.toml"));
    let file: toml::Table = fs::read_to_string(&file).expect(tag).parse().expect(tag);
    let mut found = BTreeMap::new();
    walk("", &toml::Value::Table(file), &mut found);
    found
}

#[test]
fn each_language_that_can_be_chosen_says_the_same() {
    let english = texts("en");
    assert!(english.len() > 100 && english[".invitation.subject"].contains("inviter"));
    for tag in LANGUAGES {
        assert_eq!(texts(tag), english, "{tag}");
        assert_eq!(spoken([Some(*tag)]), Some(*tag));
    }
}

#[test]
fn each_letter_is_read_in_each_language() {
    let look = Look {
        brand: Brand { name: "Northlight".to_owned(), ..Brand::default() },
        base: "https://chat.northlight.test".to_owned(),
        logo: None,
        own: None,
    };
    let read = |letter: &Letter, tag: &str| {
        let reader =
            Reader { address: "jo@bluebakery.test".to_owned(), language: Some(tag.to_owned()), ..Reader::default() };
        render(letter, &look, &reader).expect("a letter")
    };
    for (name, letter) in letters() {
        let english = read(&letter, "en");
        for tag in &LANGUAGES[1..] {
            let rendered = read(&letter, tag);
            let all = format!("{}{}", rendered.subject.as_str(), rendered.text);
            for left in ["{{", "{%", "{day}", "{month}", "undefined"] {
                assert!(!all.contains(left), "{name} in {tag}: {all}");
            }
            assert!(rendered.html.contains(&format!("lang=\"{tag}\"")), "{name} in {tag}");
            assert_ne!(rendered.text, english.text, "{name} in {tag}");
            // What is told of, and where it leads, is the same.
            let links = |text: &str| -> BTreeSet<String> {
                text.split_whitespace().filter(|word| word.starts_with("https://")).map(str::to_owned).collect()
            };
            assert_eq!(links(&rendered.text), links(&english.text), "{name} in {tag}");
        }
    }
}

#[test]
fn a_day_is_written_as_readers_write_it() {
    let letter = Letter::SecurityNotice {
        change: livery::domain::mail::SecurityChange::Password,
        at: AT,
        browser: String::new(),
    };
    let look = Look { brand: Brand::default(), base: "https://chat.northlight.test".to_owned(), logo: None, own: None };
    for (tag, expected) in [
        ("en", "27 November 2026, 14:05 (UTC)"),
        ("de-AT", "27. November 2026, 14:05 Uhr (UTC)"),
        ("fr", "27 novembre 2026 à 14:05 (UTC)"),
        ("es", "27 de noviembre de 2026, 14:05 (UTC)"),
        ("pl", "27 listopada 2026 r., godz. 14:05 (UTC)"),
        ("pt_BR", "27 de novembro de 2026, 14:05 (UTC)"),
    ] {
        let reader = Reader { language: Some(tag.to_owned()), ..Reader::default() };
        let text = render(&letter, &look, &reader).expect("a letter").text;
        assert!(text.contains(expected), "{tag}: {text}");
    }
}

#[test]
fn the_first_wish_that_can_be_met_counts() {
    fn check(wishes: &[Option<&str>], expected: Option<&str>) {
        assert_eq!(spoken(wishes.iter().copied()), expected, "{wishes:?}");
    }
    check(&[], None);
    check(&[None, Some("tlh"), Some("de-AT"), Some("fr")], Some("de"));
    check(&[Some("PT-br")], Some("pt"));
    check(&[Some("engelska"), Some("")], None);
}

both! {
    async fn a_mail_is_in_the_language_of_whoever_reads_it(database) {
        let app = App::start(database).await;
        let (owner, bakery) = (app.owner().await, app.sign_in("owner@bluebakery.test").await);
        let agency = agency_of(&owner).await;
        let data = bakery.ask("{ organizations { nodes { id } } }", json!({})).await;
        let organization = data["organizations"]["nodes"][0]["id"].as_str().expect("an id").to_owned();
        let set = "mutation($o: ID, $l: String!) { setSetting(key: \"organization.language\", organizationId: $o, value: $l) { value } }";
        bakery.ask(set, json!({ "o": organization, "l": "fr" })).await;
        app.operator().await.ask("mutation { updateProfile(language: \"de\") { user { id } } }", json!({})).await;
        let version = owner.ask("{ brandSettings { version } }", json!({})).await["brandSettings"]["version"].clone();
        let brand = "mutation($v: Int!) { updateBrand(version: $v, language: \"pl\") { language } }";
        owner.ask(brand, json!({ "v": version })).await;

        let organization: OrganizationId = organization.parse().expect("an id");
        let account = || Letter::AccountCreated { by: "Nora".to_owned(), place: "Bakery".to_owned(), link: "/".to_owned() };
        let chat = |language: &str| Letter::Transcript {
            place: "Bakery".to_owned(),
            started_at: AT,
            lines: Vec::new(),
            cut: false,
            zone: None,
            language: Some(language.to_owned()),
        };
        for (to, there, letter, expected) in [
            ("operator1@bluebakery.test", true, account(), "de"),
            ("operator1@bluebakery.test", false, account(), "de"),
            ("operator2@bluebakery.test", true, account(), "fr"),
            ("operator2@bluebakery.test", false, account(), "pl"),
            ("vera@visitor.test", true, chat("es"), "es"),
            ("vera@visitor.test", true, chat("tlh"), "fr"),
            ("operator1@bluebakery.test", true, chat("es"), "de"),
        ] {
            let s = &app.services;
            let mut unit = s.store.write().await.expect("a unit");
            mail::post(s, &mut unit, agency, there.then_some(organization), to, &letter).await.expect("written");
            unit.commit().await.expect("kept");
            let (kept, message) = shown_mailbox(s, 1, Some(to)).await.expect("mails").pop().expect("a mail");
            assert!(message.html.contains(&format!("lang=\"{expected}\"")), "{to} {there} {}: {}", letter.kind(), message.html);
            assert_eq!(kept.subject, message.subject.as_str());
        }
        let told: Value = owner.ask("{ mails(first: 10) { nodes { subject } } }", json!({})).await;
        assert!(told["mails"]["nodes"].as_array().expect("mails").len() >= 7, "{told}");
        app.close().await;
    }
}
