//! Tables of what is pure about webhooks.

use super::*;
use crate::domain::conversation::Via;
use crate::domain::id::{ConversationId, MessageId};

#[test]
fn a_signature_is_that_of_the_standard() {
    // The example in the specification's own libraries.
    let secret = Secret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("a secret");
    let sign = |secrets: &[Secret]| {
        signatures(secrets, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, "{\"test\": 2432232314}")
    };
    let one = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    assert_eq!(sign(std::slice::from_ref(&secret)), one);
    let both = sign(&[Secret::of([1, 2]), secret]);
    assert!(both.ends_with(&format!(" {one}")) && both.split(' ').count() == 2, "{both}");
}

#[test]
fn secrets_have_24_to_64_bytes_and_show_themselves_to_nobody() {
    fn check(bytes: usize, good: bool) {
        let text = format!("whsec_{}", STANDARD.encode(vec![7; bytes]));
        let found = Secret::parse(&text);
        assert_eq!(found.is_some(), good, "{bytes}");
        if let Some(secret) = found {
            assert_eq!(secret.reveal(), text);
            assert!(!format!("{secret:?}").contains(&text[6..]));
        }
    }
    for (bytes, good) in [(0, false), (23, false), (24, true), (32, true), (64, true), (65, false)] {
        check(bytes, good);
    }
    assert_eq!(Secret::parse("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), None);
    assert_eq!(Secret::of([1, 2]).reveal().len(), 6 + 44);
}

#[test]
fn the_schedule_is_what_is_promised_a_tenth_more_or_less() {
    let promised = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
    for (tries, seconds) in (1..).zip(promised) {
        for chance in [0, 1, 499, 500, 998, 999, u128::MAX] {
            let pause = pause_after(tries, chance).expect("tried again").as_secs_f64();
            let (least, most) = (f64::from(seconds) * 0.9, f64::from(seconds) * 1.1);
            assert!((least..=most).contains(&pause), "{tries}: {pause}");
        }
    }
    for tries in [i64::MIN, -1, 0, 10, 11, i64::MAX] {
        assert_eq!(pause_after(tries, 0), None, "{tries}");
    }
}

#[test]
fn what_follows_from_an_answer() {
    fn check(status: u16, retry_after: Option<u64>, tries: i64, expected: Verdict) {
        let retry_after = retry_after.map(Duration::from_secs);
        let outcome = Outcome::Answered { status, retry_after, words: String::new() };
        assert_eq!(outcome.judged(tries, 500), expected, "{status} {retry_after:?} {tries}");
        assert_eq!(outcome.trouble().is_none(), expected == Verdict::Done, "{status}");
    }
    let again = |seconds| Verdict::Again(Duration::from_secs(seconds));
    for status in [200, 201, 202, 204, 299] {
        check(status, None, 1, Verdict::Done);
    }
    for status in [100, 300, 301, 302, 307, 308, 400, 401, 403, 404, 409, 413, 422, 500, 502, 504] {
        check(status, None, 1, again(5));
        check(status, Some(50), 1, again(5));
        check(status, None, 9, again(86_400));
        check(status, None, 10, Verdict::GivenUp);
    }
    for status in [429, 503] {
        check(status, None, 1, again(5));
        check(status, Some(50), 1, again(50));
        check(status, Some(50), 2, again(300));
        check(status, Some(50), 10, Verdict::GivenUp);
    }
    check(410, Some(50), 1, Verdict::Gone);
    let silent = Outcome::Silent("It took too long.".to_owned());
    assert_eq!((silent.judged(3, 500), silent.judged(10, 500)), (again(1_800), Verdict::GivenUp));
    assert_eq!(silent.trouble().as_deref(), Some("It took too long."));
}

#[test]
fn webhooks_lead_to_hosts_with_names() {
    fn check(text: &str, expected: Result<(&str, &str), &str>) {
        let found = Target::parse(text);
        if let Err(error) = &found {
            assert_eq!((error.code.as_str(), error.field), ("INVALID", Some("url")), "{text}");
        }
        let found = found.map(|it| (it.url, it.host)).map_err(|error| error.reason);
        assert_eq!(found, expected.map(|(url, host)| (url.to_owned(), host.to_owned())), "{text}");
    }
    check("https://example.com/hook?x=1", Ok(("https://example.com/hook?x=1", "example.com")));
    check(" HTTPS://Example.COM ", Ok(("https://example.com/", "example.com")));
    check("https://example.com?x", Ok(("https://example.com/?x", "example.com")));
    check("https://example.com:443/x", Ok(("https://example.com/x", "example.com")));
    check("https://example.com:8443/x", Ok(("https://example.com:8443/x", "example.com:8443")));
    check("https://xn--mnchen-3ya.example/", Ok(("https://xn--mnchen-3ya.example/", "xn--mnchen-3ya.example")));
    for text in ["http://example.com/", "ftp://example.com/", "javascript://example.com/"] {
        check(text, Err("NOT_HTTPS"));
    }
    for text in ["https://u@example.com/", "https://u:p@example.com/", "https://example.com@127.0.0.1/"] {
        check(text, Err("USERINFO"));
    }
    for text in ["https://127.0.0.1/", "https://127.1/", "https://0x7f.1/", "https://2130706433/", "https://a.0x7f/"] {
        check(text, Err("NOT_A_NAME"));
    }
    check("https://localhost/", Err("NOT_A_NAME"));
    check("https://example.com:22/", Err("PORT"));
    for text in ["", "x", "//example.com/", "https://", "https:///x", "https://[::1]/", "https://a b.example/"] {
        check(text, Err("NOT_AN_ADDRESS"));
    }
    for text in [
        "https://example.com\\@127.0.0.1/",
        "https://example.com/#x",
        "https://example.com./",
        "https://münchen.example/",
    ] {
        check(text, Err("NOT_AN_ADDRESS"));
    }
    check(&format!("https://example.com/{}", "x".repeat(2_048)), Err("TOO_LONG"));
    assert!(!format!("{:?}", Target::parse("https://example.com/T0/secret")).contains("secret"));
}

#[test]
fn events_are_kept_between_spaces_in_their_order() {
    let chosen = chosen(&[Event::Rated, Event::HandoffMissed, Event::Rated, Event::Test]).expect("events");
    assert_eq!(to_text(&chosen), " HANDOFF_MISSED RATED ");
    assert_eq!(of_text(" HANDOFF_MISSED NO_SUCH RATED ".to_owned()), chosen);
    assert_eq!(super::chosen(&[Event::Test]).map_err(|error| error.reason), Err("NONE"));
    let names: std::collections::BTreeSet<&str> = Event::ALL.iter().map(|event| event.name()).collect();
    assert_eq!(names.len(), Event::ALL.len());
}

fn entry(kind: EntryKind, author_kind: AuthorKind, text: &str) -> Message {
    Message {
        id: MessageId::from_number(2),
        conversation: ConversationId::from_number(3),
        seq: 4,
        kind,
        author_kind,
        author_id: None,
        author_name: (author_kind == AuthorKind::Operator).then(|| "Noor".to_owned()),
        text: text.to_owned(),
        offers_human: false,
        sources: String::new(),
        client_id: None,
        created_at: Time::from_micros(0),
        via: Via::Chat,
        edited_at: None,
        deleted_at: None,
        attachments: Vec::new(),
    }
}

#[test]
fn every_entry_but_what_the_ai_says_is_an_event() {
    for kind in EntryKind::ALL {
        for author in AuthorKind::ALL {
            let silent = *kind == EntryKind::Text && matches!(author, AuthorKind::Ai | AuthorKind::System);
            assert_eq!(Event::of(&entry(*kind, *author, "")).is_none(), silent, "{kind:?} {author:?}");
        }
    }
}

fn facts(event: Event, text: &str) -> Facts {
    Facts {
        event,
        at: Time::from_micros(1_000_000),
        organization: Some(("org_1".to_owned(), "Cakes & <Pies>".to_owned())),
        ai_agent: Some(("agt_1".to_owned(), "Crumb".to_owned())),
        visitor: Some(("vis_1".to_owned(), Some("<!channel>".to_owned()), None)),
        operator: None,
        conversation: Some("cnv_1".to_owned()),
        state: Some(State::Ai),
        handoff: None,
        entry: Some(entry(EntryKind::Text, AuthorKind::Visitor, text)),
        rating: None,
        link: "https://chat.example/live-chats/cnv_1".to_owned(),
    }
}

#[test]
fn nothing_that_a_visitor_writes_is_a_mention_or_a_link() {
    let body = facts(Event::VisitorMessage, "<https://evil.example|Click> & <@U1>\nmore").body(Format::Slack);
    let said: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(
        said["text"],
        "*&lt;!channel&gt; wrote* (Cakes &amp; &lt;Pies&gt;)\n> &lt;https://evil.example|Click&gt; &amp; &lt;@U1&gt;\n> more\n<https://chat.example/live-chats/cnv_1|Open>"
    );
    assert_eq!(said.as_object().map(serde_json::Map::len), Some(1));
}

#[test]
fn the_standard_body_says_type_timestamp_and_data() {
    let said: Value = serde_json::from_str(&facts(Event::VisitorMessage, "Hi").body(Format::Standard)).expect("JSON");
    assert_eq!(said["type"], "visitor_message.created");
    assert_eq!(said["timestamp"], "1970-01-01T00:00:01.000000Z");
    assert_eq!(said["data"]["message"]["text"], "Hi");
    assert_eq!(said["data"]["conversation"]["visitor"]["name"], "<!channel>");
    assert_eq!(said["data"]["handoff"], Value::Null);
}
