//! Waiting, and nobody answers: the ladder, its mails, what visitors leave, and how they go on.

pub mod inbound;
mod ladder;
mod offline;
mod race;

use std::net::SocketAddr;
use std::time::Duration;

use livery::domain::mail::Message;
use livery::http::inbound::Receiver;
use livery::service::mail::shown_mailbox;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::support::app::{Client, client_id};
use crate::support::{App, soon, until};

pub const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// The state of a conversation and of its handoff, and what the steps came to, as `WHOM CHANNEL OUTCOME PEOPLE`.
pub async fn steps(desk: &Client<'_>, conversation: &str) -> (String, Vec<String>) {
    let document = "query($id: ID!) { conversation(id: $id) { state handoff { state steps { whom channel outcome people address at } } } }";
    let data = desk.ask(document, json!({ "id": conversation })).await;
    let handoff = &data["conversation"]["handoff"];
    let word = |step: &Value, name: &str| step[name].as_str().unwrap_or("-").to_owned();
    let steps = handoff["steps"].as_array().expect("steps").iter().map(|step| {
        format!("{} {} {} {}", word(step, "whom"), word(step, "channel"), word(step, "outcome"), step["people"])
    });
    (format!("{} {}", word(&data["conversation"], "state"), word(handoff, "state")), steps.collect())
}

/// Waits until so many steps were noted.
pub async fn until_steps(desk: &Client<'_>, conversation: &str, count: usize) -> (String, Vec<String>) {
    until(async || Some(steps(desk, conversation).await).filter(|(_, steps)| steps.len() >= count)).await
}

/// Waits until the conversation and its handoff are in that state, and so many steps were noted.
pub async fn until_state(desk: &Client<'_>, conversation: &str, state: &str, count: usize) -> Vec<String> {
    until(async || {
        let (found, steps) = steps(desk, conversation).await;
        (found == state && steps.len() >= count).then_some(steps)
    })
    .await
}

/// What the mailbox holds of a kind, the newest first.
pub async fn mails(app: &App, kind: &str) -> Vec<Message> {
    let all = shown_mailbox(&app.services, 1_000, None).await.expect("mails");
    all.into_iter().filter(|(mail, _)| mail.kind == kind).map(|(_, message)| message).collect()
}

/// To whom there are mails of a kind, sorted.
pub async fn written_to(app: &App, kind: &str) -> Vec<String> {
    let mut to: Vec<String> = mails(app, kind).await.into_iter().map(|message| message.to).collect();
    to.sort();
    to
}

pub const LEAVE: &str = "mutation($c: String!, $e: String!, $m: String!, $n: String) {
    submitOfflineQuery(clientId: $c, email: $e, message: $m, name: $n) { id email name message seq createdAt } }";

/// As a visitor: leaves a query, and gives its id.
pub async fn leaves(visitor: &Client<'_>, email: &str, message: &str) -> String {
    let variables = json!({ "c": client_id(), "e": email, "m": message, "n": "Vera" });
    let data = visitor.ask(LEAVE, variables).await;
    data["submitOfflineQuery"]["id"].as_str().expect("an id").to_owned()
}

pub const QUERY: &str = "query($id: ID!) { offlineQuery(id: $id) {
    id state rev email name message answerable history { action by }
    conversation { id messages { nodes { seq kind text author { kind name } } } } } }";

pub async fn query(desk: &Client<'_>, id: &str) -> Value {
    desk.ask(QUERY, json!({ "id": id })).await["offlineQuery"].clone()
}

pub const ANSWER: &str = "mutation($c: String!, $id: ID!, $t: String!) {
    answerOfflineQuery(clientId: $c, offlineQueryId: $id, text: $t) { state rev } }";

pub async fn answers(desk: &Client<'_>, id: &str, text: &str) {
    desk.ask(ANSWER, json!({ "c": client_id(), "id": id, "t": text })).await;
}

pub const CLOSE: &str = "mutation($id: ID!) { closeOfflineQuery(offlineQueryId: $id) { state rev } }";
pub const REOPEN: &str = "mutation($id: ID!) { reopenOfflineQuery(offlineQueryId: $id) { state rev } }";

/// A receiver of mails over the app's services, until it is dropped.
pub struct Inbox {
    pub at: SocketAddr,
    _stop: watch::Sender<bool>,
}

impl Inbox {
    pub async fn open(app: &App) -> Self {
        let receiver = Receiver::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("a port");
        let at = receiver.local_addr().expect("an address");
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(receiver.serve(app.services.clone(), stopped));
        Self { at, _stop: stop }
    }
}

/// Somebody else's mail server, on the line with ours.
pub struct Line {
    read: BufReader<tokio::net::tcp::OwnedReadHalf>,
    write: tokio::net::tcp::OwnedWriteHalf,
}

impl Line {
    pub async fn open(at: SocketAddr) -> Self {
        let (read, write) = TcpStream::connect(at).await.expect("a connection").into_split();
        let mut line = Self { read: BufReader::new(read), write };
        assert!(line.hear().await.starts_with("220 "));
        line
    }

    /// The last line of an answer; empty once the other side has hung up.
    pub async fn hear(&mut self) -> String {
        loop {
            let mut said = String::new();
            let heard = soon(self.read.read_line(&mut said)).await;
            if heard.unwrap_or_default() == 0 {
                return String::new();
            }
            if said.as_bytes().get(3) != Some(&b'-') {
                return said.trim_end().to_owned();
            }
        }
    }

    pub async fn send(&mut self, bytes: &[u8]) {
        // The other side may have hung up already: what it said is looked at, not this.
        self.write.write_all(bytes).await.ok();
    }

    pub async fn say(&mut self, line: &str) -> String {
        self.send(format!("{line}\r\n").as_bytes()).await;
        self.hear().await
    }

    /// Hands a mail over, as it stands; gives the last answer.
    pub async fn mail(&mut self, from: &str, to: &str, data: &[u8]) -> String {
        assert!(self.say("EHLO other.test").await.starts_with("250 "));
        assert!(self.say(&format!("MAIL FROM:<{from}>")).await.starts_with("250 "));
        let answer = self.say(&format!("RCPT TO:<{to}>")).await;
        if !answer.starts_with("250 ") {
            return answer;
        }
        assert!(self.say("DATA").await.starts_with("354 "));
        self.send(data).await;
        self.say("\r\n.").await
    }
}
