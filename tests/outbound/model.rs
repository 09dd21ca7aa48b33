//! Whatever a model's endpoint does, a call ends in time with an answer or a known trouble (SEC20).

use crate::support::model::{FakeModel, Mode};
use livery::domain::answer::{Answer, Author, Question, Source, Turn};
use livery::outbound::{BadEndpoint, Egress, ModelClient, ModelTrouble, Origin, Rules};
use std::time::Duration;
use tokio::time::Instant;

const KEY: &str = "sk-canary-5d1f";

fn client(url: &str) -> ModelClient {
    let trusted = vec![Origin::of(url).expect("an origin")];
    let egress = Egress::new(Rules { trusted, ..Rules::default() }).expect("a client");
    ModelClient::new(egress, url, KEY, "small").expect("an endpoint")
}

fn question() -> Question {
    Question {
        instructions: "You work for Blue Bakery.".into(),
        history: vec![
            Turn { author: Author::Visitor, text: "Hi".into() },
            Turn { author: Author::Ai, text: "Hello!".into() },
        ],
        nobody_there: false,
        text: "Do you deliver on Sundays?".into(),
        sources: vec![Source {
            title: "Delivery".into(),
            body: "We deliver every day except Sunday.".into(),
            rank: 1.0,
        }],
    }
}

/// Asks with a short deadline; gives the outcome, what was handed over meanwhile, and after how long.
async fn ask(model: &ModelClient, deadline: Duration) -> (Result<Answer, ModelTrouble>, Vec<String>, Duration) {
    let mut pieces = Vec::new();
    let began = Instant::now();
    let outcome = model.answer(&question(), deadline, &mut |piece| pieces.push(piece.to_owned())).await;
    (outcome, pieces, began.elapsed())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_misbehaviour_ends_in_time_with_its_name() {
    let fake = FakeModel::start(Mode::Empty).await;
    let model = client(fake.url());
    // Connections, buffers and certificates are warm from here on.
    let _ = ask(&model, Duration::from_secs(5)).await;
    // Short only where it is waited for.
    let (short, long) = (Duration::from_millis(600), Duration::from_secs(9));
    for (mode, trouble, deadline, within) in [
        (Mode::HangBeforeHeaders, ModelTrouble::Slow, short, short),
        (Mode::KeepAliveOnly, ModelTrouble::Slow, short, short),
        (Mode::HangAfterFirstToken, ModelTrouble::Slow, short, short * 2),
        (Mode::EndlessSlowly, ModelTrouble::Slow, short, short * 2),
        (Mode::Refuse(429), ModelTrouble::Refused(429), long, long / 3),
        (Mode::Refuse(500), ModelTrouble::Refused(500), long, long / 3),
        (Mode::Refuse(401), ModelTrouble::Refused(401), long, long / 3),
        (Mode::Endless, ModelTrouble::Endless, long, long / 3),
        (Mode::Garbage, ModelTrouble::Nonsense, long, long / 3),
        (Mode::EmptyLines, ModelTrouble::Endless, long, long / 3),
        (Mode::InvalidJson, ModelTrouble::Nonsense, long, long / 3),
        (Mode::WrongContentType, ModelTrouble::Nonsense, long, long / 3),
        (Mode::Empty, ModelTrouble::Nonsense, long, long / 3),
        (Mode::Whole(String::new()), ModelTrouble::Nonsense, long, long / 3),
        (Mode::Drop, ModelTrouble::Unreachable, long, long / 3),
        (Mode::ErrorInStream, ModelTrouble::Refused(503), long, long / 3),
    ] {
        fake.set(mode.clone());
        let before = fake.sent();
        let (outcome, pieces, took) = ask(&model, deadline).await;
        assert_eq!(outcome, Err(trouble), "{mode:?}");
        assert!(took < within, "{mode:?} took {took:?}");
        assert!(pieces.concat().chars().count() <= 8_000, "{mode:?}");
        assert!(fake.sent() - before < 64 << 20, "{mode:?} made us read {} bytes", fake.sent() - before);
    }
}

#[tokio::test]
async fn a_good_answer_streams() {
    let fake = FakeModel::start(Mode::Good("We deliver every day except Sunday.".into())).await;
    let (outcome, pieces, _) = ask(&client(fake.url()), Duration::from_secs(5)).await;
    let answer = outcome.expect("an answer");
    assert_eq!(answer.text, "We deliver every day except Sunday.");
    assert_eq!(answer.sources, ["Delivery"]);
    assert!(answer.helped && !answer.wants_human);
    assert_eq!(pieces, ["We ", "deliver ", "every ", "day ", "except ", "Sunday."]);
}

#[tokio::test]
async fn other_dialects_are_understood() {
    let text = "Sonntags – nie. 🍞";
    let fake = FakeModel::start(Mode::Sloppy(text.into())).await;
    let model = client(fake.url());
    for mode in [Mode::Sloppy(text.into()), Mode::Whole(text.into()), Mode::NeverCloses(text.into())] {
        fake.set(mode.clone());
        let (outcome, pieces, took) = ask(&model, Duration::from_secs(5)).await;
        assert_eq!(outcome.map(|answer| answer.text), Ok(text.to_owned()), "{mode:?}");
        assert_eq!(pieces.concat(), text);
        assert!(took < Duration::from_secs(2), "{mode:?} took {took:?}");
    }
}

#[tokio::test]
async fn the_marker_hands_off_and_is_never_shown() {
    let fake = FakeModel::start(Mode::Good("[handoff] I could not find that.".into())).await;
    let model = client(fake.url());
    let (outcome, pieces, _) = ask(&model, Duration::from_secs(5)).await;
    let answer = outcome.expect("an answer");
    assert_eq!((answer.text.as_str(), answer.helped), ("I could not find that.", false));
    assert!(answer.sources.is_empty());
    assert_eq!(pieces.concat(), "I could not find that.");

    fake.set(Mode::Good("[handoff]".into()));
    let (outcome, pieces, _) = ask(&model, Duration::from_secs(5)).await;
    assert!(outcome.is_ok_and(|answer| !answer.helped && !answer.text.is_empty()));
    assert!(pieces.is_empty());
}

#[tokio::test]
async fn the_request_carries_the_question_and_nothing_else() {
    let fake = FakeModel::start(Mode::Good("Yes.".into())).await;
    ask(&client(fake.url()), Duration::from_secs(5)).await.0.expect("an answer");
    let requests = fake.requests();
    let [request] = requests.as_slice() else { panic!("{requests:?}") };
    assert!(request.head.starts_with("POST /v1/chat/completions HTTP/1.1\r\n"), "{}", request.head);
    assert!(request.head.to_lowercase().contains(&format!("authorization: bearer {KEY}\r\n")));
    assert!(!request.head.to_lowercase().contains("user-agent"));
    let body: serde_json::Value = serde_json::from_str(&request.body).expect("JSON");
    assert_eq!((&body["model"], &body["stream"]), (&"small".into(), &true.into()));
    let roles: Vec<_> = body["messages"].as_array().expect("messages").iter().map(|m| m["role"].as_str()).collect();
    assert_eq!(roles, [Some("system"), Some("user"), Some("assistant"), Some("user")]);
    assert!(!request.body.contains(KEY));
}

#[tokio::test]
async fn redirects_and_dead_ports_lead_nowhere() {
    let other = FakeModel::start(Mode::Good("Gotcha.".into())).await;
    let fake = FakeModel::start(Mode::Redirect(format!("{}/chat/completions", other.url()))).await;
    let (outcome, ..) = ask(&client(fake.url()), Duration::from_secs(5)).await;
    assert_eq!(outcome, Err(ModelTrouble::Refused(302)));
    assert!(other.requests().is_empty());

    let dead = client(fake.url());
    drop(fake);
    tokio::task::yield_now().await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(ask(&dead, Duration::from_secs(2)).await.0, Err(ModelTrouble::Unreachable));
}

#[test]
fn an_endpoint_that_can_never_work_is_told_at_start() {
    let check = |trusted: &str, url: &str, key: &str| {
        let rules = Rules { trusted: vec![Origin::of(trusted).expect("an origin")], ..Rules::default() };
        ModelClient::new(Egress::new(rules).expect("a client"), url, key, "m").err()
    };
    assert_eq!(check("https://api.example/v1", "https://api.example/v1/", ""), None);
    assert_eq!(check("https://api.example/v1", "https://api.example/v1/chat/completions", "k"), None);
    assert_eq!(check("https://api.example/v1", "https://api.example:444/v1", ""), Some(BadEndpoint::Address));
    assert_eq!(check("https://api.example/v1", "http://api.example/v1", ""), Some(BadEndpoint::Address));
    assert_eq!(check("https://api.example/v1", "nonsense", ""), Some(BadEndpoint::Address));
    assert_eq!(check("https://api.example/v1", "https://api.example/v1", "a\nb"), Some(BadEndpoint::Key));
}
