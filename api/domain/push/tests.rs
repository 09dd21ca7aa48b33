//! Tables of what is pure about Web Push.

use super::*;

const KEY: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

#[test]
fn push_services_are_known_by_their_hosts() {
    fn check(more: &[&str], host: &str, port: u16, admitted: bool) {
        assert_eq!(Hosts::with(more).expect("hosts").admits(host, port), admitted, "{more:?} {host}:{port}");
    }
    for host in [
        "fcm.googleapis.com",
        "jmt17.google.com",
        "updates.push.services.mozilla.com",
        "updates-autopush.push.services.mozilla.com",
        "web.push.apple.com",
        "api.push.apple.com",
        "wns2-par02p.notify.windows.com",
        "db5p.notify.windows.com",
    ] {
        check(&[], host, 443, true);
        check(&[], host, 8443, false);
        check(&[], &format!("{host}.evil.example"), 443, false);
        check(&[], &format!("evil{host}"), 443, host.contains("push") || host.contains("notify"));
    }
    for host in [
        "push.services.mozilla.com",
        ".push.services.mozilla.com",
        "evilpush.services.mozilla.com",
        "notify.windows.com",
        "evil.fcm.googleapis.com",
        "googleapis.com",
        "storage.googleapis.com",
        "apple.com",
        "127.0.0.1",
        "localhost",
        "",
    ] {
        check(&[], host, 443, false);
    }
    check(&["push.example.com"], "push.example.com", 443, true);
    check(&["push.example.com"], "a.push.example.com", 443, false);
    check(&["*.Push.example.com"], "a.b.push.example.com", 443, true);
    check(&["push.example.com:8443"], "push.example.com", 8443, true);
    check(&["push.example.com:8443"], "push.example.com", 443, false);
    check(&["push.example.com"], "fcm.googleapis.com", 443, true);
}

#[test]
fn what_is_no_host_is_not_added() {
    fn check(text: &str) {
        let error = Hosts::with([text]).expect_err(text);
        assert_eq!((error.field, error.reason), (Some("pushHosts"), "NOT_A_HOST"), "{text}");
    }
    for text in ["", "*", "*.", "*.com", "a.*.com", "https://a.example", "a.example/x", "a.example:", "a.example:0"] {
        check(text);
    }
    for text in ["a.example:65536", "a.example:+1", "a@b.example", "a b.example", "[::1]", "münchen.example", "a..b"] {
        check(text);
    }
    assert_eq!(Hosts::default().0.len(), SERVICES.len(), "each known service is well written");
}

fn parsed(endpoint: &str) -> Result<Subscription> {
    Subscription::parse(endpoint, KEY, AUTH, &Hosts::with(["push.example.com:8443"]).expect("hosts"))
}

#[test]
fn endpoints_are_https_addresses_of_push_services() {
    fn check(endpoint: &str, expected: Result<(&str, &str), &str>) {
        let found = parsed(endpoint);
        if let Err(error) = &found {
            assert_eq!((error.code.as_str(), error.field), ("INVALID", Some("endpoint")), "{endpoint}");
        }
        let found = found.map(|it| (it.endpoint().to_owned(), it.origin())).map_err(|error| error.reason);
        let expected = expected.map(|(endpoint, origin)| (endpoint.to_owned(), origin.to_owned()));
        assert_eq!(found, expected, "{endpoint}");
    }
    for (endpoint, origin) in [
        ("https://fcm.googleapis.com/fcm/send/dHIo-7H_g:APA91bH1Zj", "https://fcm.googleapis.com"),
        ("https://fcm.googleapis.com/wp/dHIo-7H_g:APA91bH1Zj", "https://fcm.googleapis.com"),
        ("https://updates.push.services.mozilla.com/wpush/v2/gAA-_", "https://updates.push.services.mozilla.com"),
        ("https://web.push.apple.com/QGvnMKwx", "https://web.push.apple.com"),
        ("https://db5p.notify.windows.com/w/?token=BQ%2bX%3d", "https://db5p.notify.windows.com"),
        ("https://push.example.com:8443/x", "https://push.example.com:8443"),
    ] {
        check(endpoint, Ok((endpoint, origin)));
    }
    let x = "https://web.push.apple.com/x";
    check("https://web.push.apple.com:443/x", Ok((x, "https://web.push.apple.com")));
    check("HTTPS://Web.Push.Apple.COM/x", Ok((x, "https://web.push.apple.com")));
    check("https://web.push.apple.com", Ok(("https://web.push.apple.com/", "https://web.push.apple.com")));
    check("https://web.push.apple.com?x", Ok(("https://web.push.apple.com/?x", "https://web.push.apple.com")));
    check("http://web.push.apple.com/x", Err("NOT_HTTPS"));
    check("ftp://web.push.apple.com/x", Err("NOT_HTTPS"));
    check("https://user@web.push.apple.com/x", Err("USERINFO"));
    check("https://user:pass@web.push.apple.com/x", Err("USERINFO"));
    check("https://web.push.apple.com@127.0.0.1/x", Err("USERINFO"));
    check("https://web.push.apple.com:8443/x", Err("PORT"));
    check("https://web.push.apple.com:80/x", Err("PORT"));
    check("https://push.example.com/x", Err("UNKNOWN_PUSH_SERVICE"));
    check("https://example.com/x", Err("UNKNOWN_PUSH_SERVICE"));
    check("https://example.com/x?web.push.apple.com/", Err("UNKNOWN_PUSH_SERVICE"));
    check("https://web.push.apple.com.evil.example/x", Err("UNKNOWN_PUSH_SERVICE"));
    for host in ["127.0.0.1", "169.254.169.254", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost"] {
        check(&format!("https://{host}/x"), Err("UNKNOWN_PUSH_SERVICE"));
    }
    for endpoint in [
        "",
        "/x",
        "https://",
        "https:///x",
        "https:/web.push.apple.com/x",
        "https:web.push.apple.com/x",
        "//web.push.apple.com/x",
        "web.push.apple.com",
        "https://web.push.apple.com/x#y",
        "https://web.push.apple.com./x",
        "https://web.push.apple.com:/x",
        "https://web.push.apple.com:0443/x",
        "https://web.push.apple.com:99999/x",
        "https://web.push.apple.com:443:443/x",
        "https://web.push.apple.com\\@127.0.0.1/x",
        "https://127.0.0.1\\@web.push.apple.com/x",
        "https://127.0.0.1#@web.push.apple.com/x",
        "https://127.0.0.1?@web.push.apple.com/x y",
        "https://web.push.apple.com%2f/x",
        "https://web.push.apple.com/x y",
        "https://web.push.apple.com/x\r\nHost: a",
        "https://web。push.apple.com/x",
        "https://[::1]/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://ⓦeb.push.apple.com/x",
    ] {
        check(endpoint, Err("NOT_AN_ADDRESS"));
    }
    let most = format!("{x}{}", "x".repeat(LONGEST_ENDPOINT - x.len()));
    check(&most, Ok((&most, "https://web.push.apple.com")));
    check(&format!("{most}x"), Err("TOO_LONG"));
}

#[test]
fn keys_have_their_lengths() {
    fn check(p256dh: &str, auth: &str, expected: Result<(), (&str, &str)>) {
        let found = Subscription::parse("https://web.push.apple.com/x", p256dh, auth, &Hosts::default());
        let found = found.map(|it| assert_eq!((it.p256dh().as_str(), it.auth().as_str()), (KEY, AUTH)));
        let found = found.map_err(|error| (error.field.unwrap_or_default(), error.reason));
        assert_eq!(found, expected, "{p256dh} {auth}");
    }
    check(KEY, AUTH, Ok(()));
    check(&format!("{KEY}="), &format!("{AUTH}=="), Ok(()));
    check(&format!(" {KEY}\n"), AUTH, Ok(()));
    let no_key = Err(("p256dh", "NOT_A_KEY"));
    check("", AUTH, no_key);
    check(&KEY[..86], AUTH, no_key);
    check(&format!("{KEY}AAAA"), AUTH, no_key);
    check(&KEY.replace('_', "/"), AUTH, no_key);
    check(&format!("C{}", &KEY[1..]), AUTH, no_key);
    check(AUTH, AUTH, no_key);
    let no_secret = Err(("auth", "NOT_A_SECRET"));
    check(KEY, "", no_secret);
    check(KEY, &AUTH[1..], no_secret);
    check(KEY, KEY, no_secret);
    check(KEY, "not base64!", no_secret);
}

#[test]
fn secrets_do_not_show_themselves() {
    let subscription = parsed("https://fcm.googleapis.com/wp/canary").expect("a subscription");
    assert_eq!(format!("{subscription:?}"), "Subscription(https://fcm.googleapis.com/…)");
    let topic = Some(Topic::of("cnv_1"));
    let note = Note::new("canary", Duration::from_secs(60), Urgency::High, topic).expect("a note");
    assert!(!format!("{note:?}").contains("canary"));
}

#[test]
fn notes_are_bounded() {
    fn check(bytes: usize, ttl: u64, expected: Option<u64>) {
        let note = Note::new(vec![0; bytes], Duration::from_secs(ttl), Urgency::Normal, None);
        assert_eq!(note.ok().map(|note| note.ttl().as_secs()), expected, "{bytes} bytes for {ttl} s");
    }
    check(0, 0, Some(0));
    check(LONGEST_PAYLOAD, 3_600, Some(3_600));
    check(LONGEST_PAYLOAD + 1, 3_600, None);
    check(1, u64::MAX, Some(2_419_200));
}

#[test]
fn topics_are_stable_and_fit_the_header() {
    for id in ["", "cnv_01", "cnv_02", "ü", &"long ".repeat(1_000)] {
        let topic = Topic::of(id);
        assert_eq!(topic, Topic::of(id));
        assert_eq!(topic.as_str().len(), 32);
        assert!(topic.as_str().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
    }
    assert_ne!(Topic::of("cnv_01"), Topic::of("cnv_02"));
    // Messages that wait at a push service outlive us: this must never change.
    assert_eq!(Topic::of("cnv_01").as_str(), "L9EcrlQmFc0QnrxkTHinCdvAmdUFQS7X");
}

#[test]
fn contacts_are_mail_addresses_or_sites() {
    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(Contact::parse(text).ok().as_ref().map(Contact::as_str), expected, "{text}");
    }
    check("mailto:help@northlight.example", Some("mailto:help@northlight.example"));
    check("https://northlight.example/contact", Some("https://northlight.example/contact"));
    check("https://northlight.example", Some("https://northlight.example"));
    for text in ["", "help@northlight.example", "mailto:", "mailto:help", "mailto:a@b.example\nx", "http://a.example"] {
        check(text, None);
    }
    for text in ["https://", "https://localhost", "https://a.example/ x", "https://[::1]/", "tel:123"] {
        check(text, None);
    }
}

#[test]
fn answers_mean_what_the_standard_says() {
    // 2026-11-28T12:00:00Z
    let now = Time::from_micros(1_795_867_200_000_000);
    let check = |status: u16, retry_after: Option<&str>, expected: Outcome| {
        assert_eq!(outcome_of(status, retry_after, "", now), expected, "{status} {retry_after:?}");
    };
    let later = |seconds: Option<u64>| Outcome::Later { after: seconds.map(Duration::from_secs) };
    for status in [200, 201, 202, 204] {
        check(status, Some("5"), Outcome::Taken);
    }
    check(404, None, Outcome::Gone);
    check(410, Some("5"), Outcome::Gone);
    check(413, None, Outcome::TooLarge);
    for status in [429, 500, 502, 503, 504, 599] {
        check(status, None, later(None));
        check(status, Some("17"), later(Some(17)));
    }
    for (text, seconds) in [
        ("0", Some(0)),
        (" 90 ", Some(90)),
        ("86400", Some(86_400)),
        ("86401", Some(86_400)),
        ("99999999999999999999999", Some(86_400)),
        ("Sat, 28 Nov 2026 12:00:42 GMT", Some(42)),
        ("Saturday, 28-Nov-26 12:00:42 GMT", Some(42)),
        ("Sat Nov 28 12:00:42 2026", Some(42)),
        ("Tue Dec  1 11:59:59 2026", Some(86_400)),
        ("Sun Nov 29 11:59:59 2026", Some(86_399)),
        ("Sat, 28 Nov 2026 11:59:59 GMT", Some(0)),
        ("Sun, 06 Nov 1994 08:49:37 GMT", Some(0)),
        ("Fri, 01 Jan 2100 00:00:00 GMT", Some(86_400)),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("Sat, 28 Nov 2026 12:00:42 +0100", None),
        ("Sat, 31 Feb 2026 12:00:42 GMT", None),
    ] {
        check(429, Some(text), later(seconds));
    }
    for status in [401, 403] {
        check(status, Some("5"), Outcome::Denied(format!("The push service does not accept our key: “{status}”")));
    }
    for status in [400, 405, 408, 422, 499, 600, 100] {
        check(status, Some("5"), Outcome::Refused(format!("The push service refused it: “{status}”")));
    }
    for status in [301, 302, 307, 308] {
        assert!(matches!(outcome_of(status, None, "", now), Outcome::Refused(_)), "{status}");
    }
}

#[test]
fn words_of_a_service_are_short_and_hold_no_secret() {
    fn check(said: &str, expected: &str) {
        assert_eq!(quoted(403, said), format!("“{expected}”"));
    }
    check("", "403");
    check(r#"{"reason":"BadJwtToken"}"#, r#"403 {"reason":"BadJwtToken"}"#);
    check("a\r\n\tb\u{7}\u{202e}c", "403 a bc");
    let token = "dHIoDxE7Hdg:APA91bH1Zj0kNaXnMZ9xHJVX";
    check(&format!("no https://fcm.googleapis.com/wp/{token} here"), "403 no https://fcm.googleapis.com/wp/… here");
    check(token, "403 …");
    check(&"x y ".repeat(1_000), &format!("403 {}", "x y ".repeat(49).trim()));
}
