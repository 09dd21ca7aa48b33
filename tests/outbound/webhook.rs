//! Deliveries leave signed as the standard says, lead nowhere inside (SEC11), follow no redirect, and every answer is understood.

use std::time::Duration;

use livery::app::system_clock;
use livery::domain::webhook::{LONGEST_ANSWER, Outcome, Secret, Target};
use livery::outbound::{Egress, Forbidden, Rules, Way, Webhooks};
use tokio::time::Instant;

use super::egress::{Canary, HERE, hostile, relayed, resolver, rules};
use crate::support::webhook::{Answer, Receiver};

fn webhooks_by(relay: &str) -> Webhooks {
    Webhooks::new(relayed(relay), system_clock())
}

fn secret() -> Secret {
    Secret::of([7, 8])
}

async fn deliver(webhooks: &Webhooks) -> Outcome {
    let target = Target::parse("https://hooks.example.com:8443/in?x=1").expect("an address");
    webhooks.deliver(&target, "whd_1", "{\"type\":\"x\"}", &[secret()]).await
}

fn status(outcome: &Outcome) -> Option<u16> {
    match outcome {
        Outcome::Answered { status, .. } => Some(*status),
        Outcome::Silent(_) => None,
    }
}

#[tokio::test]
async fn a_delivery_is_one_signed_post() {
    let receiver = Receiver::start().await;
    let outcome = deliver(&webhooks_by(&receiver.url())).await;
    assert_eq!(status(&outcome), Some(204));
    let got = receiver.got().pop().expect("a request");
    assert_eq!((got.host.as_str(), got.path.as_str(), got.id()), ("hooks.example.com:8443", "/in?x=1", "whd_1"));
    assert_eq!((got.body.as_str(), got.headers["content-type"].as_str()), ("{\"type\":\"x\"}", "application/json"));
    assert!(got.is_signed_with(&secret().reveal()));
    assert!(!got.is_signed_with(&Secret::of([1, 2]).reveal()));
    let torn = crate::support::webhook::Got { body: "{\"type\":\"y\"}".to_owned(), ..got };
    assert!(!torn.is_signed_with(&secret().reveal()), "what was changed on the way is seen");
}

#[tokio::test]
async fn every_answer_is_kept_as_far_as_it_is_of_use() {
    let canary = Canary::everywhere().await;
    let receiver = Receiver::start().await;
    let webhooks = webhooks_by(&receiver.url()).within(Duration::from_millis(700));
    let answers = async |answer: Answer| {
        receiver.set(answer);
        deliver(&webhooks).await
    };
    let location = format!("location: http://127.0.0.1:{}/\r\n", canary.port);
    for redirect in [301, 302, 303, 307, 308] {
        let outcome = answers(Answer::Says(redirect, location.clone(), String::new())).await;
        assert_eq!(status(&outcome), Some(redirect));
        assert!(outcome.trouble().expect("trouble").contains("elsewhere"));
    }
    assert_eq!(canary.seen(), 0, "no redirect is followed");
    for (asked, seconds) in [("7", Some(7)), ("99999999", Some(86_400)), ("soon", None)] {
        let outcome = answers(Answer::Says(503, format!("retry-after: {asked}\r\n"), String::new())).await;
        let Outcome::Answered { retry_after, .. } = outcome else { panic!("{outcome:?}") };
        assert_eq!(retry_after, seconds.map(Duration::from_secs), "{asked}");
    }
    let long = answers(Answer::Says(500, String::new(), "é\0".repeat(1_000_000))).await;
    let Outcome::Answered { words, .. } = &long else { panic!("{long:?}") };
    assert!(words.chars().count() <= LONGEST_ANSWER && words.starts_with("é\u{fffd}é"), "{}", words.len());
    assert_eq!(status(&answers(Answer::Resets).await), None);
    let began = Instant::now();
    assert_eq!(answers(Answer::Hangs).await, Outcome::Silent("It took too long.".to_owned()));
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn no_hostile_webhook_leads_inside() {
    let canary = Canary::everywhere().await;
    let urls = hostile(canary.port);
    assert!(urls.len() >= 200, "only {}", urls.len());
    let egress = Egress::with_resolver(rules(canary.port, &[]), resolver()).expect("a client");
    let webhooks = Webhooks::new(egress, system_clock()).within(Duration::from_secs(2));
    for url in &urls {
        let outcome = webhooks.post(url, "whd_1", "{}", &[secret()]).await;
        assert!(matches!(outcome, Outcome::Silent(_)), "{url:?}: {outcome:?}");
        assert_eq!(canary.seen(), 0, "{url:?}");
    }
    // What is read as an address of a webhook at all is a name, and what that leads to was looked at above.
    let read: Vec<_> =
        urls.iter().filter_map(|url| Target::parse(&url.replace(&format!(":{}", canary.port), "")).ok()).collect();
    assert!(!read.is_empty());
    for target in read {
        assert!(
            target.host().ends_with(".example")
                || target.host().ends_with(".internal")
                || target.host().ends_with(".com"),
            "{target:?}"
        );
    }
}

/// The same with the defence off: were the canary deaf, the test above would say nothing.
#[tokio::test]
async fn without_the_filter_webhooks_lead_inside() {
    let canary = Canary::everywhere().await;
    let egress = Egress::with_resolver(rules(canary.port, &["0.0.0.0/0", "::/0"]), resolver()).expect("a client");
    let webhooks = Webhooks::new(egress, system_clock()).within(Duration::from_secs(2));
    for host in HERE.iter().copied().chain(["localhost", "h0.evil.example"]) {
        webhooks.post(&format!("https://{host}:{}/", canary.port), "whd_1", "{}", &[secret()]).await;
    }
    assert!(canary.seen() * 10 >= HERE.len() * 7, "only {}", canary.seen());
}

#[tokio::test]
async fn a_relay_is_trusted_or_none_and_takes_nothing_that_leads_inside_by_its_spelling() {
    let receiver = Receiver::start().await;
    let egress = Egress::new(Rules::default()).expect("a client");
    assert_eq!(Way::relayed(egress, &receiver.url()).err(), Some(Forbidden::Origin));
    let webhooks = webhooks_by(&receiver.url());
    for url in HERE.iter().map(|host| format!("https://{host}/")) {
        webhooks.post(&url, "whd_1", "{}", &[secret()]).await;
    }
    assert!(receiver.got().is_empty());
}
