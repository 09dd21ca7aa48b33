//! What may stand in the head of a mail, and what not.

use livery::domain::mail::{HeaderText, Mailbox, Message};
use livery::outbound::smtp::bytes_of;

use super::AT;
use crate::support::smtp::Read;

fn message(name: &str, subject: &str, to: &str, reply_to: Option<&str>) -> Message {
    Message {
        id: "mal_00000000000000000000000001@northlight.test".to_owned(),
        envelope: "post@northlight.test".to_owned(),
        from: Mailbox { name: HeaderText::tamed(name, 100), address: "post@northlight.test".to_owned() },
        reply_to: reply_to.map(str::to_owned),
        to: to.to_owned(),
        subject: HeaderText::tamed(subject, 160),
        html: "<p>Grüße, and a\r\n.\r\ndot</p>".to_owned(),
        text: "Grüße, and a\r\n.\r\ndot".to_owned(),
        at: AT,
        thread: None,
        unsubscribe: None,
    }
}

const EXPECTED: [&str; 8] =
    ["date", "from", "to", "subject", "message-id", "auto-submitted", "mime-version", "content-type"];

#[test]
fn a_mail_has_these_headers_and_no_other() {
    let message = message("Northlight", "It works", "jo@bluebakery.test", Some("help@northlight.test"));
    let mail = Read::of(std::str::from_utf8(&bytes_of(&message).expect("a mail")).expect("ASCII"));
    let mut names: Vec<&str> = mail.headers.iter().map(|(name, _)| name.as_str()).collect();
    let mut expected: Vec<&str> = EXPECTED.into_iter().chain(["reply-to"]).collect();
    names.sort_unstable();
    expected.sort_unstable();
    assert_eq!(names, expected);
    assert_eq!(mail.header("from"), "Northlight <post@northlight.test>");
    assert_eq!(mail.header("reply-to"), "help@northlight.test");
    assert_eq!(mail.header("message-id"), "<mal_00000000000000000000000001@northlight.test>");
    assert_eq!(mail.header("auto-submitted"), "auto-generated");
    assert!(mail.header("content-type").starts_with("multipart/alternative"));
    assert!(mail.html.contains("Grüße") && mail.text.contains("Grüße"));
}

#[test]
fn mails_about_the_same_are_filed_together_and_each_can_be_stopped_with_one_click() {
    let unsubscribe = format!("https://northlight.test/unsubscribe?token=agy_x.usr_y.org_z.{}", "A".repeat(300));
    let about = Message {
        thread: Some("cnv_1@northlight.test".to_owned()),
        unsubscribe: Some(unsubscribe.clone()),
        ..message("Northlight", "It works", "jo@bluebakery.test", None)
    };
    let bytes = String::from_utf8(bytes_of(&about).expect("a mail")).expect("ASCII");
    let mail = Read::of(&bytes);
    assert_eq!(mail.header("references"), "<cnv_1@northlight.test>");
    assert_eq!(mail.header("in-reply-to"), "<cnv_1@northlight.test>");
    assert_eq!(mail.header("list-unsubscribe"), format!("<{unsubscribe}>"));
    assert_eq!(mail.header("list-unsubscribe-post"), "List-Unsubscribe=One-Click");
    for bad in ["https://x.test/a\r\nBcc: x@evil.example", "https://x.test/a>, <b", "https://x.test/ü"] {
        assert!(bytes_of(&Message { unsubscribe: Some(bad.to_owned()), ..about.clone() }).is_err(), "{bad}");
    }
}

#[test]
fn addresses_that_are_none_are_refused_and_letters_become_ascii() {
    for to in
        ["jo@[127.0.0.1]", "jo@127.0.0.1", "jo", "@x.test", "jo@x.test\r\nRCPT TO:<a@b.c>", "j o@x.test", "jo@", ""]
    {
        assert!(bytes_of(&message("N", "s", to, None)).is_err(), "{to}");
        if !to.is_empty() {
            assert!(bytes_of(&message("N", "s", "jo@x.test", Some(to))).is_err(), "{to}");
        }
    }
    let mail = bytes_of(&message("N", "s", "jo@müller.test", None)).expect("a mail");
    assert!(String::from_utf8(mail).expect("ASCII").contains("jo@xn--mller-kva.test"));
}

/// A small source of chance with a seed, so that a failure can be looked at again.
struct Chance(u64);

impl Chance {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below
    }

    fn text(&mut self) -> String {
        const PIECES: [&str; 40] = [
            "\r\n",
            "\n",
            "\r",
            "\0",
            "\u{b}",
            "\u{c}",
            "\u{85}",
            "\u{2028}",
            "\u{2029}",
            "\u{202e}",
            "Bcc: x@evil.example",
            "\r\nBcc: x@evil.example\r\n",
            "\n\n<p>body</p>",
            "=?utf-8?q?=0D=0ABcc:_x@evil.example?=",
            "=?",
            "?=",
            "\"",
            "\\",
            "<",
            ">",
            "@",
            ",",
            ";",
            ":",
            "(",
            ")",
            "Grüße",
            "日本語",
            "🦊",
            "é\u{301}",
            " ",
            "\t",
            "a",
            "Blue Bakery",
            "\\r\\n",
            "%0d%0a",
            "{{ 7*7 }}",
            "\u{feff}",
            "\u{1b}[31m",
            "\u{7f}",
        ];
        let count = self.next(14);
        let mut text: String = (0..count).map(|_| PIECES[self.next(PIECES.len())]).collect();
        if self.next(20) == 0 {
            text = text.repeat(50);
        }
        if self.next(10) == 0 {
            text.extend((0..20).filter_map(|_| char::from_u32(self.next(0x11_0000) as u32)));
        }
        text
    }
}

#[test]
fn ten_thousand_names_and_subjects_add_no_header_and_do_no_harm() {
    let mut chance = Chance(7);
    for round in 0..10_000 {
        let (name, subject, reply_to) = (chance.text(), chance.text(), chance.text());
        let reply_to = (round % 3 == 0).then_some(reply_to.as_str());
        assert!(HeaderText::new(&name).is_ok_and(|_| !name.contains(['\r', '\n'])) || HeaderText::new(&name).is_err());
        let message = message(&name, &subject, "jo@bluebakery.test", reply_to);
        // An address that is none is refused; everything else is a mail.
        let Ok(bytes) = bytes_of(&message) else {
            assert!(reply_to.is_some(), "round {round}: {name:?} {subject:?}");
            continue;
        };
        let text = String::from_utf8(bytes).expect("ASCII");
        assert!(text.is_ascii(), "round {round}");
        let head = text.split("\r\n\r\n").next().expect("a head");
        assert!(!head.replace("\r\n", "").contains(['\r', '\n', '\0']), "round {round}: {head:?}");
        assert!(head.lines().all(|line| line.len() <= 998), "round {round}: {head:?}");
        let mail = Read::of(&text);
        for (name, _) in &mail.headers {
            let known = EXPECTED.contains(&name.as_str()) || (name == "reply-to" && reply_to.is_some());
            assert!(known, "round {round}: {name}");
        }
        let expected = EXPECTED.len() + usize::from(reply_to.is_some());
        assert_eq!(mail.headers.len(), expected, "round {round}: {head}");
        assert!(mail.header("from").ends_with("<post@northlight.test>"), "round {round}: {}", mail.header("from"));
    }
}
