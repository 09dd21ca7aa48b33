//! Notifications reach browsers whole and unread by others, go nowhere else (SEC11), and every answer of a push service is
//! understood (REL14).

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use livery::domain::id::IdSource;
use livery::domain::push::{Contact, Hosts, LONGEST_PAYLOAD, Note, Outcome, Subscription, Topic, Urgency};
use livery::domain::time::{Clock, Time};
use livery::outbound::{Egress, Forbidden, Push, Rules, Vapid, Way};
use tokio::time::Instant;

use super::egress::{Canary, FakeResolver, HERE, hostile, relayed, resolver, rules};
use crate::support::push::{Answer, Browser, PushService, vapid};

const ENDPOINT: &str = "https://updates.push.services.mozilla.com/wpush/v2/gAAAAA-b_c";
const OTHER: &str = "https://db5p.notify.windows.com/w/?token=BQ%2bYAAA%3d";

/// 2026-11-28T12:00:00Z
const NOW: i64 = 1_795_867_200;

/// A clock that stands still until it is moved, in seconds.
#[derive(Clone)]
struct Hands(Arc<AtomicI64>);

impl Hands {
    fn at(second: i64) -> Self {
        Self(Arc::new(AtomicI64::new(second)))
    }

    fn clock(&self) -> Clock {
        let hands = self.clone();
        Clock::new(move || Time::from_micros(hands.0.load(Ordering::SeqCst) * 1_000_000))
    }

    fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

fn ids() -> IdSource {
    IdSource::new(|| {
        let mut bits = [0; 16];
        aws_lc_rs::rand::fill(&mut bits).expect("randomness");
        u128::from_ne_bytes(bits)
    })
}

fn contact() -> Contact {
    Contact::parse("mailto:help@northlight.example").expect("a contact")
}

fn note(payload: impl Into<Vec<u8>>) -> Note {
    Note::new(payload, Duration::from_secs(600), Urgency::High, Some(Topic::of("cnv_1"))).expect("a note")
}

/// A sender by way of that relay, with a clock of its own.
fn push_by(relay: &str, clock: Clock) -> Push {
    Push::new(relayed(relay), Hosts::default(), clock)
}

/// A push service, a sender, its keys, and the clock of both.
async fn world() -> (PushService, Push, Vapid, Hands) {
    let hands = Hands::at(NOW);
    let service = PushService::start(hands.clock()).await;
    let push = push_by(&service.url(), hands.clock());
    (service, push, Vapid::generate(&ids()), hands)
}

#[test]
fn the_receiver_reads_the_example_of_the_standard() {
    // RFC 8291, section 5.
    let private = URL_SAFE_NO_PAD.decode("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94").expect("base64");
    let auth = URL_SAFE_NO_PAD.decode("BTBZMqHH6r4Tts7J_aSIgg").expect("base64").try_into().expect("16 bytes");
    let browser = Browser::known(ENDPOINT, &private, auth);
    let body = URL_SAFE_NO_PAD
        .decode(concat!(
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_",
            "yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
        ))
        .expect("base64");
    assert_eq!(browser.open(&body).as_deref(), Ok(b"When I grow up, I want to be a watermelon".as_slice()));
    for at in [0, 15, 20, 21, 22, 85, 86, body.len() - 1] {
        let mut torn = body.clone();
        torn[at] ^= 1;
        assert!(browser.open(&torn).is_err(), "byte {at}");
    }
    // A record longer than it is said to be, or said to be shorter than any is (RFC 8188, section 2).
    for size in [0u32, 17, 18, 57] {
        let mut torn = body.clone();
        torn[16..20].copy_from_slice(&size.to_be_bytes());
        assert!(browser.open(&torn).is_err(), "a record of {size}");
    }
    assert!(Browser::new(ENDPOINT).open(&body).is_err(), "another browser");
}

#[tokio::test]
async fn a_message_comes_out_as_it_went_in() {
    let (service, push, keys, _) = world().await;
    let subscription = service.subscribe(ENDPOINT, push.hosts(), Some(keys.public_key()));
    let long = vec![b'x'; LONGEST_PAYLOAD];
    for payload in [b"".as_slice(), b"x", b"\0", b"\x02\0\0", "Grüße 👋 \u{202e}".as_bytes(), &long] {
        let outcome = push.send(&subscription, &note(payload), &keys, &contact()).await;
        assert_eq!(outcome, Outcome::Taken, "{} bytes", payload.len());
        let received = service.last();
        assert_eq!(received.payload.as_deref(), Ok(payload));
        let header = |name: &str| received.headers.get(name).map(String::as_str);
        assert_eq!(
            (received.endpoint.as_str(), header("ttl"), header("urgency")),
            (ENDPOINT, Some("600"), Some("high"))
        );
        assert_eq!(header("topic"), Some(Topic::of("cnv_1").as_str()));
        if payload.is_empty() {
            assert_eq!((header("content-encoding"), header("content-length")), (None, Some("0")));
        } else {
            assert_eq!(received.body.len(), 86 + payload.len() + 17);
            assert_eq!(header("content-encoding"), Some("aes128gcm"));
            assert!(payload.len() < 8 || !received.body.windows(8).any(|eight| payload.starts_with(eight)));
        }
    }
    assert_eq!(service.last().body.len(), 4_096);
    assert!(Note::new(vec![0; LONGEST_PAYLOAD + 1], Duration::ZERO, Urgency::Low, None).is_err());

    let plain = Note::new("now or never", Duration::ZERO, Urgency::VeryLow, None).expect("a note");
    assert_eq!(push.send(&subscription, &plain, &keys, &contact()).await, Outcome::Taken);
    let received = service.last();
    assert_eq!((&*received.headers["ttl"], &*received.headers["urgency"]), ("0", "very-low"));
    assert!(!received.headers.contains_key("topic"));
}

#[tokio::test]
async fn no_two_messages_look_alike_and_none_is_for_two() {
    let (service, push, keys, _) = world().await;
    let one = service.subscribe(ENDPOINT, push.hosts(), None);
    let other = service.subscribe(OTHER, push.hosts(), None);
    for subscription in [&one, &one, &other] {
        assert_eq!(push.send(subscription, &note("the same"), &keys, &contact()).await, Outcome::Taken);
    }
    let received = service.received();
    assert_eq!(received[2].endpoint, OTHER);
    for (a, b) in [(0, 1), (1, 2)] {
        // Salt and sender's key are new each time.
        assert_ne!(received[a].body[..16], received[b].body[..16]);
        assert_ne!(received[a].body[21..86], received[b].body[21..86]);
    }
    assert!(Browser::new(ENDPOINT).open(&received[0].body).is_err());
}

#[tokio::test]
async fn tokens_say_who_sends_to_whom_and_until_when() {
    let (service, push, keys, hands) = world().await;
    let one = service.subscribe(ENDPOINT, push.hosts(), Some(keys.public_key()));
    let other = service.subscribe(OTHER, push.hosts(), Some(keys.public_key()));
    let token = async |to: &Subscription| {
        assert_eq!(push.send(to, &note("x"), &keys, &contact()).await, Outcome::Taken);
        let received = service.last();
        (received.token.expect("a token"), received.headers["authorization"].clone())
    };
    let (claims, first) = token(&one).await;
    assert_eq!((claims.aud.as_str(), claims.sub.as_str()), (one.origin().as_str(), contact().as_str()));
    assert_eq!(claims.key, keys.public_key());
    assert!((NOW + 6 * 3_600..=NOW + 12 * 3_600).contains(&claims.exp), "{}", claims.exp);
    assert_eq!(token(&other).await.0.aud, other.origin());
    // One token serves many messages, and is never used in the last half of its time.
    hands.forward(3_600);
    assert_eq!(token(&one).await.1, first);
    hands.forward(5 * 3_600);
    let (claims, second) = token(&one).await;
    assert_ne!(second, first);
    assert!(claims.exp > NOW + 12 * 3_600);

    // The service's own check is not deaf.
    let now = NOW + 6 * 3_600;
    assert!(vapid(&second, &one.origin(), now).is_ok());
    assert!(vapid(&second, &other.origin(), now).is_err());
    assert!(vapid(&second, &one.origin(), now + 86_400).is_err());
    assert!(vapid(&second, &one.origin(), now - 86_400).is_err());
    let (head, tail) = second.split_at(second.find('.').expect("a dot") + 5);
    assert!(vapid(&format!("{head}A{}", &tail[1..]), &one.origin(), now).is_err() || tail.starts_with('A'));
    let foreign = second.replace(keys.public_key(), Vapid::generate(&ids()).public_key());
    assert!(vapid(&foreign, &one.origin(), now).is_err());
}

#[tokio::test]
async fn a_service_that_does_not_accept_us_says_so_once() {
    let (service, push, keys, _) = world().await;
    let subscription = service.subscribe(ENDPOINT, push.hosts(), Some(keys.public_key()));
    let denied = Outcome::Denied("The push service does not accept our key: “403 {\"reason\":\"Judged\"}”".to_owned());
    // Subscribed to another key than that of the sender.
    let stranger = Vapid::generate(&ids());
    assert_eq!(push.send(&subscription, &note("x"), &stranger, &contact()).await, denied);
    // A clock that is wrong by a day.
    for wrong in [-86_400, 86_400] {
        let push = push_by(&service.url(), Hands::at(NOW + wrong).clock());
        let outcome = push.send(&subscription, &note("x"), &keys, &contact()).await;
        assert!(matches!(outcome, Outcome::Denied(_)), "{outcome:?}");
    }
    // Kept and read again, the pair is the same.
    let kept = Vapid::parse(&keys.stored()).expect("a pair");
    assert_eq!(push.send(&subscription, &note("x"), &kept, &contact()).await, Outcome::Taken);
    assert_eq!(service.received().len(), 4, "nothing is retried");
}

#[tokio::test]
async fn every_answer_has_its_outcome() {
    let (service, push, keys, _) = world().await;
    let subscription = service.subscribe(ENDPOINT, push.hosts(), Some(keys.public_key()));
    let later = |seconds: Option<u64>| Outcome::Later { after: seconds.map(Duration::from_secs) };
    let denied = |said: &str| Outcome::Denied(format!("The push service does not accept our key: “{said}”"));
    let refused = |said: &str| Outcome::Refused(format!("The push service refused it: “{said}”"));
    let says = |status, headers, text| Answer::Says(status, headers, text);
    for (answer, expected) in [
        (says(200, "", ""), Outcome::Taken),
        (says(201, "location: /m/1", ""), Outcome::Taken),
        (says(202, "", "queued"), Outcome::Taken),
        (says(404, "", "no such subscription"), Outcome::Gone),
        (says(410, "", "{\"errno\":106}"), Outcome::Gone),
        (says(413, "", "too long"), Outcome::TooLarge),
        (says(429, "", ""), later(None)),
        (says(429, "retry-after: 17", ""), later(Some(17))),
        (says(429, "retry-after: Sat, 28 Nov 2026 12:01:30 GMT", ""), later(Some(90))),
        (says(429, "Retry-After: 999999", ""), later(Some(86_400))),
        (says(500, "", "oh"), later(None)),
        (says(503, "retry-after: 120", ""), later(Some(120))),
        (says(401, "", "UnauthorizedRegistration"), denied("401 UnauthorizedRegistration")),
        (says(403, "", "{\"reason\":\"BadJwtToken\"}"), denied("403 {\"reason\":\"BadJwtToken\"}")),
        (says(400, "", "bad\r\n request"), refused("400 bad request")),
        (Answer::Mumbles(403), denied("403 {")),
        (Answer::Judges, Outcome::Taken),
    ] {
        service.set(answer.clone());
        let before = service.received().len();
        let outcome = push.send(&subscription, &note("x"), &keys, &contact()).await;
        assert_eq!(outcome, expected, "{answer:?}");
        assert_eq!(service.received().len(), before + 1, "{answer:?} was asked once");
        assert_eq!(service.last().payload.as_deref(), Ok(b"x".as_slice()));
    }
    service.unsubscribe(ENDPOINT);
    assert_eq!(push.send(&subscription, &note("x"), &keys, &contact()).await, Outcome::Gone);
}

#[tokio::test]
async fn whoever_keeps_silent_is_left_in_time() {
    let (service, push, keys, _) = world().await;
    let subscription = service.subscribe(ENDPOINT, push.hosts(), None);
    let contact = contact();
    service.set(Answer::Resets);
    let outcome = push.send(&subscription, &note("x"), &keys, &contact).await;
    assert_eq!(outcome, Outcome::Unknown("The connection to the push service broke.".to_owned()));
    let push = push.within(Duration::from_millis(400));
    service.set(Answer::Hangs);
    let began = Instant::now();
    let outcome = push.send(&subscription, &note("x"), &keys, &contact).await;
    assert_eq!(outcome, Outcome::Unknown("The push service took too long.".to_owned()));
    assert!(began.elapsed() < Duration::from_secs(5));
    let relay = service.url();
    drop(service);
    // Nobody listens there any more.
    let push = push_by(&relay, Hands::at(NOW).clock());
    let unreachable = Outcome::Unreachable("The push service could not be reached.".to_owned());
    crate::support::until(async || {
        (push.send(&subscription, &note("x"), &keys, &contact).await == unreachable).then_some(())
    })
    .await;
}

#[test]
fn what_is_no_push_service_is_no_subscription() {
    let browser = Browser::new(ENDPOINT);
    let parse = |url: &str| Subscription::parse(url, &browser.p256dh(), &browser.auth(), &Hosts::default());
    let urls = hostile(443);
    assert!(urls.len() >= 200, "only {}", urls.len());
    for url in
        urls.iter().chain(&["http://fcm.googleapis.com/x".to_owned(), "https://a@fcm.googleapis.com/x".to_owned()])
    {
        assert!(parse(url).is_err(), "{url:?}");
    }
    let egress = Egress::new(Rules::default()).expect("a client");
    for url in [
        ENDPOINT,
        OTHER,
        "https://fcm.googleapis.com/fcm/send/dHIo-7H_g:APA91bH1Zj",
        "https://fcm.googleapis.com/wp/dHIo-7H_g:APA91bH1Zj",
        "https://jmt17.google.com/fcm/send/dHIo-7H_g:APA91bH1Zj",
        "https://web.push.apple.com/QGvnMKwx",
        "https://wns2-par02p.notify.windows.com/w/?token=BQYAAAD",
    ] {
        let subscription = parse(url).expect(url);
        assert_eq!((subscription.endpoint(), egress.check(subscription.endpoint())), (url, Ok(())));
    }
}

/// A list of hosts that is far too generous, so that nothing but where they lead can be the reason.
fn generous(port: u16) -> (Hosts, Vec<String>) {
    let spelt = HERE.iter().copied().filter(|host| host.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.'));
    let inside = ["169.254.169.254", "10.0.0.1", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "192.168.0.1"];
    let named = ["localhost", "metadata.google.internal", "h0.evil.example", "h9.evil.example", "h18.evil.example"];
    let hosts: Vec<&str> = spelt.filter(|host| !host.ends_with('.')).chain(inside).chain(named).collect();
    assert!(hosts.len() >= 30, "only {}", hosts.len());
    let urls = hosts.iter().map(|host| format!("https://{host}:{port}/x")).collect();
    (Hosts::with(hosts.iter().map(|host| format!("{host}:{port}"))).expect("hosts"), urls)
}

#[tokio::test]
async fn no_subscription_leads_inside_whatever_its_host_is_taken_for() {
    let canary = Canary::everywhere().await;
    let (hosts, urls) = generous(canary.port);
    let keys = Vapid::generate(&ids());
    let push = |allow: &[&str]| {
        let egress = Egress::with_resolver(rules(canary.port, allow), resolver()).expect("a client");
        Push::new(egress, hosts.clone(), Hands::at(NOW).clock()).within(Duration::from_secs(2))
    };
    let guarded = push(&[]);
    for url in &urls {
        let subscription = Browser::new(url).subscription(&hosts);
        let outcome = guarded.send(&subscription, &note("x"), &keys, &contact()).await;
        let reason = Forbidden::Address;
        assert_eq!(outcome, Outcome::Refused(format!("The push service is not called: {reason}.")), "{url}");
        assert_eq!(canary.seen(), 0, "{url}");
    }
    // With the defence off the canary sings; it hangs up during the handshake.
    let careless = push(&["127.0.0.0/8"]);
    let here = Browser::new(&format!("https://2130706433:{}/x", canary.port)).subscription(&hosts);
    let outcome = careless.send(&here, &note("x"), &keys, &contact()).await;
    assert!(matches!(outcome, Outcome::Unreachable(_)), "{outcome:?}");
    assert!(canary.seen() > 0);
}

#[tokio::test]
async fn redirects_and_hosts_that_were_dropped_from_the_list_lead_nowhere() {
    let canary = Canary::everywhere().await;
    let (service, push, keys, _) = world().await;
    let subscription = service.subscribe(ENDPOINT, push.hosts(), None);
    for host in ["127.0.0.1", "localhost", "[::1]"] {
        service.set(Answer::Redirects(format!("http://{host}:{}/x", canary.port)));
        let outcome = push.send(&subscription, &note("x"), &keys, &contact()).await;
        assert!(matches!(outcome, Outcome::Refused(_)), "{outcome:?}");
    }
    assert_eq!((service.received().len(), canary.seen()), (3, 0));

    let hosts = Hosts::with(["push.example.com"]).expect("hosts");
    let subscription = Browser::new("https://push.example.com/x").subscription(&hosts);
    let asked = FakeResolver::default();
    let egress = Egress::with_resolver(Rules::default(), asked.clone()).expect("a client");
    let push = Push::new(egress.clone(), Hosts::default(), Hands::at(NOW).clock());
    let outcome = push.send(&subscription, &note("x"), &keys, &contact()).await;
    assert_eq!(outcome, Outcome::Refused("This is not a push service that is known here.".to_owned()));
    assert_eq!(asked.asked.load(Ordering::SeqCst), 0);
    // A relay is the operator's to name, not anybody's.
    assert_eq!(Way::relayed(egress.clone(), "http://127.0.0.1:1").err(), Some(Forbidden::Origin));
    // A key that is no point of the curve is found out before anything is sent.
    let off = URL_SAFE_NO_PAD.encode([[4].as_slice(), &[1; 64]].concat());
    let subscription =
        Subscription::parse(ENDPOINT, &off, &Browser::new(ENDPOINT).auth(), &hosts).expect("as far as seen");
    let push = Push::new(egress, hosts, Hands::at(NOW).clock());
    assert!(matches!(push.send(&subscription, &note("x"), &keys, &contact()).await, Outcome::Refused(_)));
    assert_eq!(asked.asked.load(Ordering::SeqCst), 0);
}
