//! The message path: a visitor sends over a socket, the message is kept, the visitor has the answer, and whoever follows
//! the conversation at the desk has the message.

use std::cell::Cell;
use std::io;
use std::time::Duration;

use futures_util::future::{join_all, try_join_all};
use serde_json::json;
use tokio::runtime::{Builder, Runtime};
use tokio::time::{Instant, timeout};

use crate::bare::{self, Bare};
use crate::child::{Child, Folder, postgres_database};
use crate::row::{Row, median, quantile};
use crate::wire::{Http, Socket, find};

/// Visitors who send at once.
const VISITORS: usize = 64;
/// Alternations of value and reference.
const ROUNDS: usize = 3;
/// How long each takes.
const ROUND: Duration = Duration::from_millis(1_500);
/// One round that does not count.
const WARM: Duration = Duration::from_millis(700);
/// By when a round must have ended, however slow the machine.
const PATIENCE: Duration = Duration::from_secs(60);

const SEND: &str = "mutation($id: String!, $text: String!) { sendMessage(clientId: $id, text: $text) { id seq } }";
const FOLLOW: &str = "subscription($id: ID!, $after: String) { conversationEvents(conversationId: $id, after: $after) {
    __typename
    ... on MessageAdded { cursor message { id seq kind text clientId author { kind name } offersHuman sources } }
    ... on ConversationChanged { conversation { id state version rev contentVisible preview lastSeq } } } }";

/// A runtime of one thread: the clients' and the bare writer's.
fn one_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// A visitor's session.
pub struct Session {
    /// The visitor's token.
    pub token: String,
    /// The id of the conversation.
    pub conversation: String,
}

/// New visitors of the demo widget.
pub async fn sessions(child: &Child, count: usize) -> io::Result<Vec<Session>> {
    let connections = 32.min(count);
    let begun = (0..connections).map(async |connection| {
        let mut http = Http::connect(child.address).await?;
        let mut own = Vec::new();
        for _ in (connection..count).step_by(connections) {
            let document = "mutation($widget: ID!) { session(widgetId: $widget) { token conversation { id } } }";
            let data = http.ask("/widget/graphql", None, document, json!({ "widget": child.widget })).await?;
            let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
            own.push(Session {
                token: text(&data["session"]["token"]),
                conversation: text(&data["session"]["conversation"]["id"]),
            });
        }
        io::Result::Ok(own)
    });
    Ok(try_join_all(begun).await?.into_iter().flatten().collect())
}

/// The token of somebody of the demo data.
pub async fn sign_in(http: &mut Http, email: &str) -> io::Result<String> {
    let document =
        "mutation($email: String!, $password: String!) { signIn(email: $email, password: $password) { accessToken } }";
    let who = json!({ "email": email, "password": livery::app::DEMO_PASSWORD });
    let signed_in = http.ask("/graphql", None, document, who).await?;
    Ok(signed_in["signIn"]["accessToken"].as_str().unwrap_or_default().to_owned())
}

/// Visitors who send, and those at the desk who listen.
pub struct Talk {
    /// Each with its next number.
    senders: Vec<(Socket, u64)>,
    listeners: Vec<Socket>,
    zero: Instant,
}

/// What a round found.
pub struct Heard {
    rate: f64,
    /// From the send to the visitor's answer, in milliseconds.
    pub answered: Vec<f64>,
    /// From the send to the listener, in milliseconds.
    delivered: Vec<f64>,
}

impl Talk {
    /// So many visitors, each waiting for a human, so that no AI speaks; and one listener for each.
    pub async fn begin(child: &Child, count: usize) -> io::Result<Self> {
        let mut http = Http::connect(child.address).await?;
        // The owner reaches every organization of the demo, whichever of them its widget belongs to.
        let owner = &sign_in(&mut http, "owner@northlight.test").await?;
        let mut talk = Self { senders: Vec::new(), listeners: Vec::new(), zero: Instant::now() };
        for session in sessions(child, count).await? {
            let document = "mutation { requestHandoff(clientId: \"human\") { state } }";
            let data = http.ask("/widget/graphql", Some(&session.token), document, json!({})).await?;
            if data["requestHandoff"]["state"] != "REQUESTED" {
                return Err(io::Error::other(format!("the AI would speak: {data}")));
            }
            talk.senders.push((Socket::graphql(child.address, "/widget/graphql", &session.token).await?, 0));
            let mut listener = Socket::graphql(child.address, "/graphql", owner).await?;
            listener.operation("l", FOLLOW, json!({ "id": session.conversation, "after": "1.0" })).await?;
            listener.receive_with(b"ConversationChanged").await?;
            talk.listeners.push(listener);
        }
        Ok(talk)
    }

    /// Everybody sends, waits for the answer and sends again, until the time is over and everything has been heard.
    pub async fn round(&mut self, time: Duration) -> io::Result<Heard> {
        let (zero, begun) = (self.zero, Instant::now());
        let counts: Vec<(Cell<u32>, Cell<bool>)> = (0..self.senders.len()).map(|_| Default::default()).collect();
        let sending = self.senders.iter_mut().zip(&counts).map(async |((socket, next), (sent, last))| {
            let mut took = Vec::new();
            while !last.get() {
                // Said before the send: the listener must know of the last message before it comes.
                last.set(begun.elapsed() >= time);
                sent.set(sent.get() + 1);
                *next += 1;
                let at = zero.elapsed();
                let id = next.to_string();
                socket.operation(&id, SEND, json!({ "id": id, "text": bare::text(at.as_micros()) })).await?;
                socket.receive_with(b"\"type\":\"complete\"").await?;
                took.push((zero.elapsed() - at).as_secs_f64() * 1e3);
            }
            io::Result::Ok(took)
        });
        let hearing = self.listeners.iter_mut().zip(&counts).map(async |(socket, (sent, last))| {
            let mut took = Vec::new();
            while !last.get() || took.len() < sent.get() as usize {
                let event = socket.receive().await?;
                if find(event, b"\"MessageAdded\"").is_some() {
                    took.push(zero.elapsed().as_secs_f64() * 1e3 - sent_at(event));
                }
            }
            io::Result::Ok(took)
        });
        let both = async { tokio::try_join!(try_join_all(sending), try_join_all(hearing)) };
        let (answered, delivered) = timeout(PATIENCE, both).await.map_err(io::Error::other)??;
        let answered = answered.concat();
        let rate = answered.len() as f64 / begun.elapsed().as_secs_f64();
        Ok(Heard { rate, answered, delivered: delivered.concat() })
    }
}

/// When a message was sent, in milliseconds since the beginning, by its own words.
fn sent_at(event: &[u8]) -> f64 {
    let mark = b"\"text\":\"bench ";
    let digits = find(event, mark).map(|at| &event[at + mark.len()..]).unwrap_or_default();
    let digits = digits.iter().take_while(|byte| byte.is_ascii_digit());
    digits.fold(0.0, |number, digit| number * 10.0 + f64::from(digit - b'0')) / 1e3
}

struct Names {
    rate: &'static str,
    p99: &'static str,
    goal: f64,
}

/// On SQLite.
pub fn path_sqlite() {
    let folder = Folder::new();
    let file = folder.path().join("bench.db").display().to_string();
    let child = Child::livery(&format!("sqlite://{file}"), &folder);
    let runtime = one_thread();
    let bare = Bare::Sqlite(runtime.block_on(bare::Sqlite::open(&file)));
    let names = Names { rate: "message_path_sqlite", p99: "message_path_sqlite_p99", goal: 0.35 };
    path(&child, &runtime, bare, &names);
}

/// On PostgreSQL.
pub fn path_postgres() {
    let folder = Folder::new();
    let url = postgres_database();
    let child = Child::livery(&url, &folder);
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let bare = Bare::Postgres(runtime.block_on(bare::Postgres::open(&url)));
    let names = Names { rate: "message_path_postgres", p99: "message_path_postgres_p99", goal: 0.6 };
    path(&child, &runtime, bare, &names);
}

fn path(child: &Child, runtime: &Runtime, mut bare: Bare, names: &Names) {
    let clients = one_thread();
    let mut talk = clients.block_on(Talk::begin(child, VISITORS)).expect("conversations");
    let spare = clients.block_on(sessions(child, VISITORS)).expect("conversations");
    let spare: Vec<String> = spare.into_iter().map(|session| session.conversation).collect();
    let mut reference = |time| runtime.block_on(bare.rate(&spare, time));
    clients.block_on(talk.round(WARM)).expect("a round");
    reference(WARM);
    let (mut rates, mut limits, mut answered, mut delivered) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let mut heard = clients.block_on(talk.round(ROUND)).expect("a round");
        rates.push(heard.rate);
        answered.push(quantile(&mut heard.answered, 0.99));
        delivered.push(quantile(&mut heard.delivered, 0.99));
        limits.push(reference(ROUND));
    }
    Row::higher(names.rate, median(&rates), "messages/s", median(&limits), names.goal).print();
    Row::lower(names.p99, median(&delivered), "ms", 25.0, 1.0).with("answered", median(&answered)).print();
}

/// One send at a time, against one bare commit and one bare echo.
pub fn latency() {
    /// Sends in a block.
    const BLOCK: usize = 200;
    let folder = Folder::new();
    let file = folder.path().join("bench.db").display().to_string();
    let child = Child::livery(&format!("sqlite://{file}"), &folder);
    let plain = Child::plain();
    let (mut p50, mut p99) = ((Vec::new(), Vec::new()), (Vec::new(), Vec::new()));
    one_thread().block_on(async {
        let mut talk = Talk::begin(&child, 1).await.expect("a conversation");
        let spare = sessions(&child, 1).await.expect("a conversation").remove(0).conversation;
        let mut bare = bare::Sqlite::open(&file).await;
        let mut echo = Socket::connect(plain.address, "/echo", None).await.expect("a socket");
        let question = bare::text(1_000_000);
        for block in 0..=ROUNDS {
            let (mut sends, mut commits, mut echoes) = (Vec::new(), Vec::new(), Vec::new());
            for _ in 0..BLOCK {
                // A round without time is one message.
                sends.extend(talk.round(Duration::ZERO).await.expect("a send").delivered);
            }
            for _ in 0..BLOCK {
                commits.push(bare.one(&spare).await.as_secs_f64() * 1e3);
            }
            for _ in 0..BLOCK {
                let begun = Instant::now();
                echo.send(&question).await.expect("an open socket");
                echo.receive().await.expect("an echo");
                echoes.push(begun.elapsed().as_secs_f64() * 1e3);
            }
            // The first does not count.
            if block > 0 {
                for (share, (values, limits)) in [(0.5, &mut p50), (0.99, &mut p99)] {
                    values.push(quantile(&mut sends, share));
                    limits.push(quantile(&mut commits, share) + quantile(&mut echoes, share));
                }
            }
        }
    });
    Row::lower("message_latency_p50", median(&p50.0), "ms", median(&p50.1), 3.0).print();
    Row::lower("message_latency_p99", median(&p99.0), "ms", median(&p99.1), 6.0).print();
}

/// Sockets, several at a time.
pub async fn many<F: Future<Output = io::Result<Socket>>>(opening: impl Iterator<Item = F>) -> io::Result<Vec<Socket>> {
    join_all(opening.collect::<Vec<_>>()).await.into_iter().collect()
}
