//! Faults under the worker: whoever has to be told of a request is told, by mail, push and webhook, however often what tells
//! them dies, or sleeps for longer than a job is its own.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use livery::app::system_clock;
use livery::domain::push::Hosts;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::process::{Server, Wire, body_at};
use super::{Plan, request};
use crate::support::app::{Client, client_id, config_with};
use crate::support::database::Database;
use crate::support::push::PushService;
use crate::support::smtp::{MailServer, Mode, Read};
use crate::support::webhook::Receiver;
use crate::support::{App, both, soon, until};

/// How many visitors ask for a person before each fault, all at once.
const BURST: usize = 4;
/// For how long a job is one worker's here, in seconds; and how much longer a sleep is.
const LEASE: u64 = 2;
const OVERSLEPT: Duration = Duration::from_millis(500);
/// By when everybody has been told, after the last fault: leases and pauses of several rounds.
const AT_LAST: Duration = Duration::from_secs(90);
/// Who is told of requests in the bakery by mail.
const TEAM: [&str; 3] = ["operator1@bluebakery.test", "operator2@bluebakery.test", "owner@bluebakery.test"];
const PHONE: &str = "https://fcm.googleapis.com/fcm/send/phone-1";

/// What happens to the worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// It dies, and another is started.
    Kill,
    /// It sleeps longer than its leases, and goes on as if nothing had been. On PostgreSQL another works meanwhile.
    Sleep,
}

/// Something that arrived: by which way and to whom, about which conversation, under which id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Arrived {
    to: String,
    conversation: String,
    id: String,
    /// How many faults had begun by then.
    era: usize,
}

/// What must never be.
#[derive(Debug, PartialEq, Eq)]
enum Violation {
    /// Somebody was not told.
    Lost { to: String, conversation: String },
    /// Somebody was told of the same twice, as if it were two things.
    UnderTwoIds { to: String, conversation: String },
    /// Something came more often than the faults can have made it.
    Doubled { to: String, conversation: String },
    /// There were more copies than faults, over all.
    TooManyCopies { copies: usize, faults: usize },
}

/// Compares who had to be told of what with what arrived. What was under way when a fault came may come once more, under the
/// id that it had: whoever takes it cannot be asked whether they did. Before the first fault nothing comes twice; between one
/// fault and the next, who died sends once again, and who slept goes on with what others have sent meanwhile. Gives the number
/// of copies besides, of which there is one for each fault at most: things leave one after another.
fn violations(told: &[String], asked: &[String], arrived: &[Arrived], fault: Fault) -> (Vec<Violation>, usize) {
    let mut ids: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for one in arrived {
        ids.entry((&one.to, &one.conversation)).or_default().insert(&one.id);
    }
    let mut found = Vec::new();
    for conversation in asked {
        for to in told {
            let count = ids.get(&(to.as_str(), conversation.as_str())).map_or(0, BTreeSet::len);
            let (to, conversation) = (to.clone(), conversation.clone());
            match count {
                0 => found.push(Violation::Lost { to, conversation }),
                1 => {}
                _ => found.push(Violation::UnderTwoIds { to, conversation }),
            }
        }
    }
    let mut often: BTreeMap<&Arrived, usize> = BTreeMap::new();
    for one in arrived {
        *often.entry(one).or_default() += 1;
    }
    let most = |era| if era > 0 && fault == Fault::Sleep { 2 } else { 1 };
    for (one, _) in often.iter().filter(|(one, times)| **times > most(one.era)) {
        found.push(Violation::Doubled { to: one.to.clone(), conversation: one.conversation.clone() });
    }
    let deliveries: BTreeSet<_> = arrived.iter().map(|one| (&one.to, &one.id)).collect();
    (found, arrived.len() - deliveries.len())
}

/// A visitor who has not asked for a person yet.
struct Visitor {
    token: String,
    conversation: String,
}

/// The strangers who are told.
struct Outside {
    mails: MailServer,
    pushes: PushService,
    hooks: Receiver,
}

impl Outside {
    async fn new() -> Self {
        Self {
            mails: MailServer::start(Mode::Good).await,
            pushes: PushService::start(system_clock()).await,
            hooks: Receiver::start().await,
        }
    }

    fn keys(&self) -> Vec<(&'static str, String)> {
        vec![
            ("LIVERY_SMTP_URL", format!("{}?tls=none", self.mails.url())),
            ("LIVERY_MAIL_FROM", "post@neutral.test".to_owned()),
            ("LIVERY_PUSH_RELAY", self.pushes.url()),
            ("LIVERY_WEBHOOK_RELAY", self.hooks.url()),
            ("LIVERY_JOB_LEASE_SECONDS", LEASE.to_string()),
            ("LIVERY_VISITORS_PER_NETWORK", "1000000".to_owned()),
            ("LIVERY_VISITORS_PER_WIDGET", "1000000".to_owned()),
            ("LIVERY_VISITORS_PER_ORGANIZATION", "1000000".to_owned()),
        ]
    }

    /// Everybody who has to be told of each request.
    fn told() -> Vec<String> {
        TEAM.iter().map(|to| format!("mail {to}")).chain(["push".to_owned(), "webhook".to_owned()]).collect()
    }

    /// How much has arrived by each way.
    fn counts(&self) -> [usize; 3] {
        [self.mails.taken().len(), self.pushes.received().len(), self.hooks.got().len()]
    }

    /// How much has arrived when nothing more comes from who is dead: what was on the line has been read.
    async fn settled(&self) -> [usize; 3] {
        let mut before = self.counts();
        loop {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let now = self.counts();
            if now == before {
                return now;
            }
            before = now;
        }
    }

    /// All that arrived but what came between two counts, and was forgotten.
    fn kept(&self, eras: &[[usize; 3]], forgotten: &[([usize; 3], [usize; 3])]) -> Vec<Arrived> {
        let counts = self.counts();
        let ways = counts.iter().enumerate().flat_map(|(way, count)| (0..*count).map(move |at| (way, at)));
        let lost = |way: usize, at: usize| forgotten.iter().any(|(from, until)| (from[way]..until[way]).contains(&at));
        let all = self.arrived(eras).into_iter().zip(ways);
        all.filter(|(_, (way, at))| !lost(*way, *at)).map(|(one, _)| one).collect()
    }

    /// All that arrived. `eras` are the counts whenever a fault began.
    fn arrived(&self, eras: &[[usize; 3]]) -> Vec<Arrived> {
        let era = |way: usize, at: usize| eras.iter().filter(|counts| counts[way] <= at).count();
        let mails = self.mails.taken().into_iter().enumerate().map(|(at, mail)| {
            let read = Read::of(&mail.data);
            let thread = read.header("references");
            let conversation = thread.trim_start_matches('<').split('@').next().expect("a thread").to_owned();
            let (to, id) = (format!("mail {}", mail.to[0]), read.header("message-id"));
            Arrived { to, conversation, id, era: era(0, at) }
        });
        let pushes = self.pushes.received().into_iter().enumerate().map(|(at, push)| {
            let told: Value = serde_json::from_slice(push.payload.as_ref().expect("opened")).expect("JSON");
            let text = |value: &Value| value.as_str().expect("a text").to_owned();
            let conversation = text(&told["link"]).trim_start_matches("/live-chats/").to_owned();
            Arrived { to: "push".to_owned(), conversation, id: text(&told["id"]), era: era(1, at) }
        });
        let hooks = self.hooks.got().into_iter().enumerate().map(|(at, hook)| {
            let conversation = hook.json()["data"]["conversation"]["id"].as_str().expect("an id").to_owned();
            Arrived { to: "webhook".to_owned(), conversation, id: hook.id().to_owned(), era: era(2, at) }
        });
        mails.chain(pushes).chain(hooks).collect()
    }
}

/// A house with a webhook, a device, a ladder of one step, and so many visitors.
async fn furnish(database: &Database, outside: &Outside, count: usize) -> Vec<Visitor> {
    let keys = outside.keys();
    let keys: Vec<(&'static str, &str)> = keys.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let app = App::with(database.clone(), config_with(database, &keys)).await;
    let owner = app.owner().await;
    let hook = "mutation($c: String!) { createWebhook(clientId: $c, input: { url: \"https://hooks.example.com/in\",
        events: [HANDOFF_REQUESTED] }) { secret } }";
    owner.ask(hook, json!({ "c": client_id() })).await;
    let bakery = app.sign_in("owner@bluebakery.test").await;
    let ladder = "mutation($o: ID, $s: [EscalationStepInput!]) { updateEscalationLadder(organizationId: $o, steps: $s) { origin } }";
    let steps = json!([{ "afterSeconds": 0, "whom": "TEAM", "channels": ["RING", "EMAIL"] }]);
    bakery.ask(ladder, json!({ "o": organization(&bakery).await, "s": steps })).await;
    let operator = app.operator().await;
    let key = operator.ask("{ pushKey }", json!({})).await["pushKey"].as_str().expect("a key").to_owned();
    let device = outside.pushes.subscribe(PHONE, &Hosts::default(), Some(&key));
    let register = "mutation($e: String!, $k: String!, $a: String!) { registerPushSubscription(endpoint: $e, p256dh: $k, auth: $a) { id } }";
    operator.ask(register, json!({ "e": device.endpoint(), "k": device.p256dh(), "a": device.auth() })).await;
    let mut visitors = Vec::new();
    for _ in 0..count {
        let (client, conversation) = app.visitor().await;
        visitors.push(Visitor { token: client.token.expect("a token"), conversation });
    }
    app.close().await;
    visitors
}

async fn organization(client: &Client<'_>) -> String {
    let data = client.ask("{ organizations { nodes { id } } }", json!({})).await;
    data["organizations"]["nodes"][0]["id"].as_str().expect("an organization").to_owned()
}

/// Asks for a person, until that is acknowledged.
async fn asks(at: std::net::SocketAddr, visitor: Visitor) -> String {
    let document = "mutation { requestHandoff(clientId: \"ask\") { state } }";
    let asking = request(at, &visitor.token, document, &json!({}));
    loop {
        let asked = async { Wire::connect(at).await?.ask(&asking).await };
        if let Ok(reply) = asked.await {
            let reply: Value = serde_json::from_slice(&reply[body_at(&reply).expect("a whole reply")..]).expect("JSON");
            if reply["data"]["requestHandoff"]["state"] == "REQUESTED" {
                return visitor.conversation;
            }
            assert_eq!(reply["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{reply}");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// What strangers forget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Memory {
    /// Nothing: what they took, they have.
    Good,
    /// What they took in the burst before a fault, as if the worker had said "done" before it was.
    LosesWhatWasUnderWay,
}

/// Bursts of requests, faults, and in the end the comparison.
async fn run(database: Database, plan: Plan, fault: Fault, memory: Memory) -> Vec<Violation> {
    let (engine, began) = (if database.is_postgres() { "postgres" } else { "sqlite" }, Instant::now());
    println!("{fault:?} under the worker on {engine}: SEED={} KILLS={}", plan.seed, plan.kills);
    let outside = Outside::new().await;
    let mut visitors = furnish(&database, &outside, BURST * plan.kills).await.into_iter();
    // Those that can sleep: on PostgreSQL there are two nodes, of which one stays awake.
    let nodes = if fault == Fault::Sleep && database.is_postgres() { 2 } else { 1 };
    let mut servers = Vec::new();
    for _ in 0..nodes {
        servers.push(Server::start_with(&database, outside.keys()).await);
    }
    let (mut asked, mut forgotten, mut eras, mut under_way) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for pause in plan.pauses() {
        let before = outside.counts();
        let at = servers[0].address;
        let asking: JoinSet<String> = visitors.by_ref().take(BURST).map(|visitor| asks(at, visitor)).collect();
        asked.extend(soon(asking.join_all()).await);
        // In the midst of the telling: when so much of it has arrived as was drawn.
        let all = BURST * Outside::told().len();
        let drawn = pause.as_millis() as usize % all;
        let since = || outside.counts().iter().zip(before).map(|(now, before)| now - before).sum::<usize>();
        until(async || (since() >= drawn).then_some(())).await;
        if memory == Memory::LosesWhatWasUnderWay {
            // What the saboteur said that it had done has to be done with, or it is only done late.
            until(async || (since() > 0).then_some(())).await;
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        under_way += usize::from(since() < all);
        match fault {
            Fault::Kill => {
                let mut server = servers.remove(0);
                server.kill();
                eras.push(outside.settled().await);
                servers.push(server.restart().await);
            }
            Fault::Sleep => {
                servers[0].sleep();
                eras.push(outside.counts());
                tokio::time::sleep(Duration::from_secs(LEASE) + OVERSLEPT).await;
                servers[0].wake();
                servers.rotate_left(1);
            }
        }
        if memory == Memory::LosesWhatWasUnderWay {
            forgotten.push((before, *eras.last().expect("a fault")));
        }
    }
    let told = Outside::told();
    // Copies come as late as what is lost would: only a whole lease without anything new is the end.
    let (waited, mut seen, mut since) = (Instant::now(), outside.counts(), Instant::now());
    loop {
        if outside.counts() != seen {
            (seen, since) = (outside.counts(), Instant::now());
        }
        let quiet = since.elapsed() > Duration::from_secs(LEASE + 2);
        let lost = |found: &Violation| matches!(found, Violation::Lost { .. });
        let all_told = quiet && !violations(&told, &asked, &outside.arrived(&eras), fault).0.iter().any(lost);
        if all_told || waited.elapsed() > AT_LAST {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let kept = outside.kept(&eras, &forgotten);
    let (mut found, copies) = violations(&told, &asked, &kept, fault);
    // Where the machine stands still for a moment, things wait for each other no longer: that is a burst, of which few faults
    // are not the measure.
    if plan.kills >= BURST * told.len() && copies > plan.kills {
        found.push(Violation::TooManyCopies { copies, faults: plan.kills });
    }
    println!(
        "{} faults on {engine}, {under_way} of them before all had arrived; {} requests, {} arrivals, {copies} copies, {:.1} s",
        plan.kills,
        asked.len(),
        kept.len(),
        began.elapsed().as_secs_f64()
    );
    assert!(under_way > 0 || memory != Memory::Good, "no fault met anything that was under way");
    found
}

async fn nobody_is_forgotten(database: Database, fault: Fault) {
    let plan = Plan::new(3);
    let seed = plan.seed;
    let found = run(database, plan, fault, Memory::Good).await;
    assert!(found.is_empty(), "SEED={seed}: {} violations, first {:?}", found.len(), &found[..found.len().min(5)]);
}

both! {
    async fn whoever_has_to_be_told_is_told_however_the_worker_dies(database) {
        nobody_is_forgotten(database, Fault::Kill).await;
    }
}

both! {
    async fn whoever_has_to_be_told_is_told_however_long_the_worker_sleeps(database) {
        nobody_is_forgotten(database, Fault::Sleep).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_is_done_too_early_fails_the_same_test() {
    let plan = Plan { kills: 2, ..Plan::new(2) };
    let found = run(Database::sqlite(), plan, Fault::Kill, Memory::LosesWhatWasUnderWay).await;
    assert!(found.iter().any(|one| matches!(one, Violation::Lost { .. })), "the saboteur lost nothing: {found:?}");
}

#[test]
fn the_checker_finds_each_kind_of_failure() {
    let arrived =
        |to: &str, id: &str, era| Arrived { to: to.to_owned(), conversation: "c".to_owned(), id: id.to_owned(), era };
    let (told, asked) = (["a".to_owned(), "b".to_owned()], ["c".to_owned()]);
    let b = || ("b".to_owned(), "c".to_owned());
    let good = [arrived("a", "1", 0), arrived("b", "2", 0)];
    assert_eq!(violations(&told, &asked, &good, Fault::Kill), (vec![], 0));
    let (to, conversation) = b();
    assert_eq!(violations(&told, &asked, &good[..1], Fault::Kill).0, [Violation::Lost { to, conversation }]);
    let two = [arrived("a", "1", 0), arrived("b", "2", 0), arrived("b", "3", 1)];
    let (to, conversation) = b();
    assert_eq!(violations(&told, &asked, &two, Fault::Kill).0, [Violation::UnderTwoIds { to, conversation }]);
    let again = [arrived("a", "1", 0), arrived("b", "2", 0), arrived("b", "2", 1)];
    assert_eq!(violations(&told, &asked, &again, Fault::Kill), (vec![], 1));
    let (to, conversation) = b();
    let needless = [arrived("a", "1", 0), arrived("b", "2", 1), arrived("b", "2", 1)];
    assert_eq!(violations(&told, &asked, &needless, Fault::Kill).0, [Violation::Doubled { to, conversation }]);
    // Who slept goes on with what somebody else has sent meanwhile.
    assert_eq!(violations(&told, &asked, &needless, Fault::Sleep), (vec![], 1));
    let early = [arrived("a", "1", 0), arrived("a", "1", 0), arrived("b", "2", 0)];
    assert_eq!(violations(&told, &asked, &early, Fault::Sleep).0.len(), 1);
}
