//! What people read.

use livery::domain::brand::Brand;
use livery::domain::mail::{Letter, SecurityChange};
use livery::service::letter::{Look, Reader, escaped, render};

use super::letters;

fn look() -> Look {
    let brand = Brand {
        name: "Northlight".to_owned(),
        accent: "#2f4b7c".to_owned(),
        support_email: Some("help@northlight.test".to_owned()),
        ..Brand::default()
    };
    Look { brand, base: "https://chat.northlight.test".to_owned(), logo: None, own: None }
}

fn reader() -> Reader {
    Reader {
        address: "jo@bluebakery.test".to_owned(),
        zone: Some("Europe/Berlin".to_owned()),
        language: None,
        unsubscribe: None,
    }
}

#[test]
fn each_letter_reads_like_this() {
    for (name, letter) in letters() {
        let rendered = render(&letter, &look(), &reader()).expect(name);
        insta::assert_snapshot!(format!("{name}_text"), format!("{}\n\n{}", rendered.subject.as_str(), rendered.text));
        insta::assert_snapshot!(format!("{name}_html"), rendered.html);
        if let Ok(folder) = std::env::var("LIVERY_TEST_LETTERS_TO") {
            std::fs::write(format!("{folder}/{name}.html"), &rendered.html).expect("written");
        }
    }
}

#[test]
fn no_letter_names_the_product_or_lacks_a_part() {
    for (name, letter) in letters() {
        let rendered = render(&letter, &look(), &reader()).expect(name);
        let all = format!("{}{}{}", rendered.subject.as_str(), rendered.html, rendered.text).to_lowercase();
        for foreign in ["livery", "mjml", "mrml", "{{", "{%", "undefined"] {
            assert!(!all.contains(foreign), "{name} says {foreign}");
        }
        assert!(rendered.html.contains("color-scheme") && rendered.html.contains("Northlight"), "{name}");
        assert!(rendered.text.contains("help@northlight.test"), "{name}");
        if rendered.text.contains("https://") {
            assert!(rendered.html.contains("href=\"https://chat.northlight.test/"), "{name}");
        }
    }
}

#[test]
fn an_unknown_language_is_english_and_every_change_has_words() {
    let reader = Reader { language: Some("tlh".to_owned()), ..reader() };
    use SecurityChange::{Address, Password, RecoveryCodes, SecondFactorOff, SecondFactorOn};
    for change in [Password, Address, SecondFactorOn, SecondFactorOff, RecoveryCodes] {
        let letter = Letter::SecurityNotice { change, at: super::AT, browser: String::new() };
        let rendered = render(&letter, &look(), &reader).expect("words");
        assert!(rendered.text.contains("If it was you, all is well."), "{}", rendered.text);
        assert!(!rendered.text.contains(", from ,"), "{}", rendered.text);
    }
}

#[test]
fn names_are_neither_markup_nor_templates() {
    let payloads = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "{{ 7 * 7 }}",
        "{% for a in range(10000) %}{% endfor %}",
        "{{ link }}",
        "</p></div><style>*{display:none}</style>",
        "<mj-include path=\"/etc/passwd\" />",
        "&lt;b&gt;",
        "javascript:alert(1)",
        "' onmouseover='x",
    ];
    for payload in payloads {
        let name = || payload.to_owned();
        let mut look = look();
        look.brand.name = name();
        look.brand.support_email = Some(name());
        let letter = Letter::Invitation {
            inviter: Some(name()),
            place: name(),
            role: name(),
            link: name(),
            expires_at: super::AT,
        };
        let rendered = render(&letter, &look, &reader()).expect(payload);
        let plain = render(&letters()[0].1, &self::look(), &reader()).expect("a letter");
        assert!(rendered.html.contains(&escaped(payload)), "{payload}");
        for tag in ["<script", "<img", "<style>*", "<mj-", "onerror=alert(1)>", "' onmouseover='"] {
            assert_eq!(rendered.html.matches(tag).count(), plain.html.matches(tag).count(), "{payload}: {tag}");
        }
        assert!(!rendered.html.contains(">49<") && !rendered.text.contains("49"), "{payload}");
        assert!(rendered.text.contains("https://chat.northlight.test/\n"), "a link is a path: {}", rendered.text);
    }
}
