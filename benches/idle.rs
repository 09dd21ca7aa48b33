//! What an idle subscription costs in memory.

use std::time::Duration;

use serde_json::json;
use tokio::runtime::Builder;
use tokio::time::{Instant, sleep};

use crate::child::{Child, Folder};
use crate::message::{Session, many, sessions};
use crate::row::{Row, median};
use crate::wire::Socket;

/// Sockets in all, if the system allows so many files.
const SOCKETS: usize = 10_000;
/// Opened before the first look, so that what is needed once is there.
const FIRST: usize = 500;
/// Opened at once.
const STEP: usize = 100;
/// Visitors to whom they belong.
const VISITORS: usize = 1_000;
/// Alternations of value and reference.
const ROUNDS: usize = 3;
/// How long opening may take: before the server sends its first pings.
const OPENING: Duration = Duration::from_secs(15);

const FOLLOW: &str = "subscription($after: String) { events(after: $after) {
    __typename
    ... on MessageAdded { cursor message { id seq kind text clientId author { kind name } offersHuman sources } }
    ... on ConversationChanged { conversation { id state rev queuePosition operatorName lastSeq } }
    ... on TypingChanged { author typing }
    ... on AnswerProgress { answerId text }
    ... on Resync { cursor reason } } }";

/// How many files this process may open, where the system tells.
fn files() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find(|line| line.starts_with("Max open files")).unwrap_or_default();
    line.split_whitespace().nth(3).and_then(|soft| soft.parse().ok()).unwrap_or(1024)
}

/// KiB for each socket, and how many there were.
async fn each(child: &Child, most: usize, visitors: &[Session]) -> Option<(f64, usize)> {
    let begun = Instant::now();
    let address = child.address;
    let open = async |number: usize| {
        let Some(visitor) = visitors.get(number % visitors.len().max(1)) else {
            return Socket::connect(address, "/echo", None).await;
        };
        let mut socket = Socket::graphql(address, "/widget/graphql", &visitor.token).await?;
        socket.operation("1", FOLLOW, json!({ "after": "1.0" })).await?;
        socket.receive_with(b"ConversationChanged").await?;
        Ok(socket)
    };
    let (mut sockets, mut before) = (Vec::with_capacity(most), None);
    while sockets.len() < most && begun.elapsed() < OPENING {
        let start = sockets.len();
        sockets.extend(many((start..start + STEP).map(open)).await.expect("sockets"));
        if sockets.len() == FIRST {
            sleep(Duration::from_millis(500)).await;
            before = child.resident();
        }
    }
    sleep(Duration::from_millis(1_000)).await;
    let after = child.resident()?;
    let count = sockets.len();
    Some(((after - before?) / (count - FIRST) as f64, count))
}

/// Prints the row.
pub fn run() {
    let most = (files().saturating_sub(200) / STEP * STEP).min(SOCKETS);
    let (mut values, mut limits, mut counts) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let folder = Folder::new();
            let child = Child::livery(&format!("sqlite://{}/bench.db", folder.path().display()), &folder);
            let visitors = sessions(&child, VISITORS).await.expect("visitors");
            let value = each(&child, most, &visitors).await;
            let limit = each(&Child::plain(), most, &[]).await;
            if let (Some((value, count)), Some((limit, _))) = (value, limit) {
                values.push(value);
                limits.push(limit);
                counts.push(count);
            }
        });
    }
    let Some(least) = counts.iter().min() else {
        eprintln!("idle_socket: this system does not tell how much memory a process has");
        return;
    };
    Row::lower("idle_socket", median(&values), "KiB", median(&limits), 2.0).with("sockets", *least).print();
}
