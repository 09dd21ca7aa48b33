//! Faults under load: what was acknowledged is there afterwards, once and in order, however the server died.

mod ledger;
mod process;
mod telling;

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use livery::app;
use livery::service::visitor::Opening;
use livery::service::{handoff, setup, visitor};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;

use self::ledger::{Acked, Entry, Ledger, Violation, violations};
use self::process::{Hasty, Server, Wire, body_at};
use crate::support::database::Database;
use crate::support::socket::{Socket, VISITOR_EVENTS};
use crate::support::{app as harness, both, soon, until};

/// How many conversations are written in, by how many senders each: two, as somebody with two tabs.
const CONVERSATIONS: usize = 32;
const SENDERS: usize = 2;

/// How many of the conversations are followed over a socket.
const FOLLOWED: usize = 4;

/// A kill counts only with so many sends on their way.
const IN_FLIGHT: usize = 50;

/// How often the server is killed, and from which seed the moments are drawn.
struct Plan {
    seed: u64,
    kills: usize,
}

impl Plan {
    /// Short in `make test`; `make chaos` says how many, and from which seed.
    fn new(short: usize) -> Self {
        let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
        let seed = number("LIVERY_CHAOS_SEED").unwrap_or_else(|| {
            let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
            u64::from(since.subsec_nanos())
        });
        let kills = number("LIVERY_CHAOS_KILLS").map_or(short, |kills| usize::try_from(kills).expect("a count"));
        Self { seed, kills }
    }

    /// The pause before each kill, 0.05 to 1 s: splitmix64 from the seed.
    fn pauses(&self) -> impl Iterator<Item = Duration> + use<> {
        let mut state = self.seed;
        (0..self.kills).map(move |_| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            Duration::from_millis(50 + (mixed ^ (mixed >> 31)) % 950)
        })
    }
}

/// Who acknowledges a send.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Acknowledged {
    /// The server, as it is.
    ByTheServer,
    /// The saboteur, before the server has kept anything.
    BeforeTheCommit,
}

/// A visitor who waits for a human, so that the AI is silent and every entry is somebody's send.
#[derive(Clone)]
struct Waiting {
    token: String,
    conversation: String,
}

/// Fills the database with visitors, through the services, before there is a server.
async fn visitors(database: &Database) -> Vec<Waiting> {
    let config = harness::config(database);
    let s = app::services(&config, app::system_clock(), app::system_ids()).await.expect("services");
    setup::seed_demo(&s).await.expect("demo data");
    let widget = setup::demo_widget(&s).await.expect("a look").expect("the bakery's widget");
    let mut all = Vec::new();
    for number in 0..CONVERSATIONS {
        let opening = Opening { page_url: None, browser: None, address: IpAddr::V4(Ipv4Addr::LOCALHOST) };
        let opened = visitor::open(&s, widget, None, opening).await.expect("a session");
        handoff::request(&s, &opened.actor, &format!("ask-{number}"), None).await.expect("a request");
        all.push(Waiting { token: opened.token, conversation: opened.conversation.id.to_string() });
    }
    s.store.close().await;
    all
}

/// What all senders share.
#[derive(Clone)]
struct Load {
    target: SocketAddr,
    up: watch::Receiver<bool>,
    stop: Arc<AtomicBool>,
    in_flight: Arc<AtomicUsize>,
    ledger: Arc<Ledger>,
}

/// A send that has been written and is not answered.
struct InFlight(Arc<AtomicUsize>);

impl InFlight {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count.clone())
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Load {
    /// Sends until it is told to stop, each message again under the same client id until it is acknowledged.
    async fn send_on(mut self, sender: String, waiting: Waiting) -> usize {
        let mut wire = None;
        let mut sent = 0;
        while !self.stop.load(Ordering::SeqCst) {
            sent += 1;
            let (client_id, text) = (format!("{sender}-{sent}"), format!("{sender} says {sent}"));
            let request = self.request(&waiting.token, &client_id, &text);
            let seq = loop {
                if let Ok(seq) = self.try_send(&mut wire, &request).await {
                    break seq;
                }
                wire = None;
                self.up.wait_for(|up| *up).await.expect("the test goes on");
            };
            let conversation = waiting.conversation.clone();
            self.ledger.note(&Acked { sender: sender.clone(), client_id, conversation, seq, text });
        }
        sent
    }

    fn request(&self, token: &str, client_id: &str, text: &str) -> Vec<u8> {
        let query = "mutation($id: String!, $text: String!) { sendMessage(clientId: $id, text: $text) { seq } }";
        request(self.target, token, query, &json!({ "id": client_id, "text": text }))
    }

    /// The number that the message was acknowledged with.
    async fn try_send(&self, wire: &mut Option<Wire>, request: &[u8]) -> std::io::Result<i64> {
        let wire = match wire {
            Some(wire) => wire,
            None => wire.insert(Wire::connect(self.target).await?),
        };
        wire.write(request).await?;
        let in_flight = InFlight::new(&self.in_flight);
        let reply = wire.read().await?;
        drop(in_flight);
        let body = &reply[body_at(&reply).expect("a whole reply")..];
        let reply: Value = serde_json::from_slice(body).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(body)));
        match reply["data"]["sendMessage"]["seq"].as_i64() {
            Some(seq) => Ok(seq),
            // Not now; that a retry is safe is what this test is about.
            None if reply["errors"][0]["extensions"]["code"] == "UNAVAILABLE" => Err(std::io::ErrorKind::Other.into()),
            None => panic!("a send was refused: {reply}"),
        }
    }
}

/// What a visitor posts, by hand.
fn request(target: SocketAddr, token: &str, query: &str, variables: &Value) -> Vec<u8> {
    let body = json!({ "query": query, "variables": variables }).to_string();
    let head = format!(
        "POST /widget/graphql HTTP/1.1\r\nhost: {target}\r\ncontent-type: application/json\r\nauthorization: Bearer {token}\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    format!("{head}{body}").into_bytes()
}

/// The number of the last entry of each conversation, told when nobody writes any more.
type Ends = Arc<HashMap<String, i64>>;

/// Follows a conversation from its beginning to the number that `ends` will tell, going on from the cursor after each cut.
async fn follow(
    server: SocketAddr,
    mut up: watch::Receiver<bool>,
    mut ends: watch::Receiver<Option<Ends>>,
    waiting: Waiting,
) -> (String, Vec<Entry>) {
    let mut seen = Vec::new();
    let (mut cursor, mut known) = ("1.0".to_owned(), 0);
    loop {
        up.wait_for(|up| *up).await.expect("the test goes on");
        let Ok(mut socket) = Socket::try_open(server, "/widget/graphql", Some(&waiting.token)).await else { continue };
        socket.subscribe(VISITOR_EVENTS, json!({ "after": cursor })).await;
        loop {
            if ends.borrow_and_update().as_ref().is_some_and(|ends| ends.get(&waiting.conversation) == Some(&known)) {
                return (waiting.conversation, seen);
            }
            let message = tokio::select! {
                message = socket.receive() => message,
                told = ends.changed() => {
                    told.expect("the test goes on");
                    continue;
                }
            };
            let Some(message) = message.filter(|message| message["type"] == "next") else { break };
            let event = &message["payload"]["data"]["events"];
            assert_ne!(event["__typename"], "Resync", "{message}");
            if event["__typename"] == "MessageAdded" {
                let entry = &event["message"];
                known = entry["seq"].as_i64().expect("a number");
                cursor = event["cursor"].as_str().expect("a cursor").to_owned();
                seen.push(Entry {
                    conversation: waiting.conversation.clone(),
                    seq: known,
                    client_id: entry["clientId"].as_str().map(str::to_owned),
                    text: entry["text"].as_str().expect("text").to_owned(),
                });
            }
        }
    }
}

/// Load, kills, and in the end the comparison.
async fn run(database: Database, plan: Plan, by: Acknowledged) -> Vec<Violation> {
    let (engine, began) = (if database.is_postgres() { "postgres" } else { "sqlite" }, Instant::now());
    println!("chaos on {engine}: SEED={} KILLS={}", plan.seed, plan.kills);
    let waiting = visitors(&database).await;
    let mut server = Server::start(&database).await;
    let hasty = match by {
        Acknowledged::ByTheServer => None,
        Acknowledged::BeforeTheCommit => Some(Hasty::before(server.address).await),
    };
    let (up, is_up) = watch::channel(true);
    let (tell, told) = watch::channel(None);
    let ledger = Arc::new(Ledger::new(&database));
    let load = Load {
        target: hasty.as_ref().map_or(server.address, |hasty| hasty.address),
        up: is_up.clone(),
        stop: Arc::default(),
        in_flight: Arc::default(),
        ledger: ledger.clone(),
    };
    let mut senders = JoinSet::new();
    for (number, waiting) in waiting.iter().enumerate() {
        for tab in 0..SENDERS {
            senders.spawn(load.clone().send_on(format!("{number}.{tab}"), waiting.clone()));
        }
    }
    let mut followers = JoinSet::new();
    for waiting in waiting.iter().take(FOLLOWED) {
        // What a hasty server acknowledges never comes; nobody waits for it.
        if by == Acknowledged::ByTheServer {
            followers.spawn(follow(server.address, is_up.clone(), told.clone(), waiting.clone()));
        }
    }
    let (mut fewest, mut kills) = (usize::MAX, 0);
    for pause in plan.pauses() {
        tokio::time::sleep(pause).await;
        let in_flight = until(async || {
            let now = load.in_flight.load(Ordering::SeqCst);
            (now >= IN_FLIGHT).then_some(now)
        })
        .await;
        up.send_replace(false);
        server.kill();
        fewest = fewest.min(in_flight);
        kills += 1;
        server = server.restart().await;
        up.send_replace(true);
    }
    assert!(kills == plan.kills && fewest >= IN_FLIGHT, "{kills} kills, the emptiest with {fewest} sends in flight");
    load.stop.store(true, Ordering::SeqCst);
    let sent: usize = soon(senders.join_all()).await.into_iter().sum();
    if let Some(hasty) = &hasty {
        // Only what died with the server counts as lost, not what is still on its way.
        hasty.idle().await;
    }
    let (kept, ends) = ledger::kept(&database).await;
    let ends = Arc::new(ends);
    tell.send_replace(Some(ends.clone()));
    let seen = soon(followers.join_all()).await;
    let acked = ledger.read();
    assert_eq!(acked.len(), sent, "every sender went on until it was told");
    let took = began.elapsed().as_secs_f64();
    println!("{kills} kills on {engine}, at least {fewest} sends in flight, {} acknowledged, {took:.1} s", acked.len());
    violations(&acked, &kept, &ends, &seen)
}

both! {
    async fn no_acknowledged_message_is_lost_doubled_or_out_of_order(database) {
        let plan = Plan::new(20);
        let seed = plan.seed;
        let found = run(database, plan, Acknowledged::ByTheServer).await;
        assert!(found.is_empty(), "SEED={seed}: {} violations, first {:?}", found.len(), &found[..found.len().min(5)]);
    }
}

both! {
    async fn acknowledging_before_the_commit_fails_the_same_test(database) {
        let plan = Plan { kills: 3, ..Plan::new(3) };
        let found = run(database, plan, Acknowledged::BeforeTheCommit).await;
        let lost = found.iter().filter(|violation| matches!(violation, Violation::Lost(_))).count();
        println!("the saboteur lost {lost}");
        assert!(lost > 0, "the saboteur lost nothing: {} violations", found.len());
    }
}
