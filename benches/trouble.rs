//! Whether chats notice that a mail server is in trouble (REL13): messages of visitors while mails of many requests wait, against
//! the same beside a server that takes everything.

use std::io;
use std::time::Duration;

use tokio::runtime::Builder;

use crate::child::{Child, Folder};
use crate::message::{Session, Talk, sessions};
use crate::notify::{keys, ladder, request};
use crate::row::{Row, median, quantile};
use crate::support::smtp::{MailServer, Mode};
use crate::wire::Http;

/// Visitors who chat meanwhile.
const VISITORS: usize = 4;
/// Who ask for a person before each round: three of the team are written each time.
const REQUESTS: usize = 20;
/// Alternations of trouble and none, after one that does not count: so many that one slow moment of the disk decides nothing.
const ROUNDS: usize = 7;
/// How long each takes.
const ROUND: Duration = Duration::from_millis(1_000);
/// By how much chats may be slower, in milliseconds.
const SLOWER: f64 = 5.0;

const MODES: &[(&str, Mode)] = &[
    ("refuses connections", Mode::Closed),
    ("tarpit", Mode::Tarpit),
    ("421", Mode::Greets("421 4.3.2 come back later")),
    ("450", Mode::Recipient("450 4.2.1 greylisted")),
    ("452", Mode::Content("452 4.3.1 no room")),
    ("550", Mode::Recipient("550 5.1.1 nobody here")),
    ("554", Mode::Content("554 5.7.1 not wanted")),
    ("hangs up after the mail", Mode::DropsAfterData),
    ("a byte a second", Mode::Slow),
    ("broken TLS", Mode::BrokenTls),
];

/// A server of ours beside one mail server.
struct Side {
    child: Child,
    http: Http,
    talk: Talk,
    waiting: Vec<Session>,
    _folder: Folder,
    _mails: MailServer,
}

impl Side {
    async fn begin(mode: &Mode) -> io::Result<Self> {
        let folder = Folder::new();
        let mails = MailServer::start(Mode::Good).await;
        let url = format!("sqlite://{}", folder.path().join("bench.db").display());
        let keys = match mode {
            // Where TLS is broken, the server must want it.
            Mode::BrokenTls => keys(&mails, None).into_iter().map(|key| key.replace("?tls=none", "")).collect(),
            _ => keys(&mails, None),
        };
        let child = Child::livery_with(&url, &folder, &keys);
        let mut http = Http::connect(child.address).await?;
        ladder(&mut http).await?;
        let talk = Talk::begin(&child, VISITORS).await?;
        let waiting = sessions(&child, REQUESTS * (ROUNDS + 1)).await?;
        mails.set(mode.clone());
        Ok(Self { child, http, talk, waiting, _folder: folder, _mails: mails })
    }

    /// From the send of a message to its answer, in milliseconds: the slowest of a hundred, while mails are tried.
    async fn round(&mut self) -> io::Result<f64> {
        for visitor in self.waiting.drain(..REQUESTS) {
            request(&mut self.http, &visitor).await?;
        }
        let mut heard = self.talk.round(ROUND).await?;
        Ok(quantile(&mut heard.answered, 0.99))
    }
}

/// Each kind of trouble beside none, in turns.
pub fn run() {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    for (name, mode) in MODES {
        let (mut values, mut limits) = (Vec::new(), Vec::new());
        runtime.block_on(async {
            let mut good = Side::begin(&Mode::Good).await.expect("a server");
            let mut bad = Side::begin(mode).await.expect("a server");
            for round in 0..=ROUNDS {
                // Now this one goes first, now that one.
                let (value, limit) = if round % 2 == 0 {
                    (bad.round().await.expect("a round"), good.round().await.expect("a round"))
                } else {
                    let limit = good.round().await.expect("a round");
                    (bad.round().await.expect("a round"), limit)
                };
                // The first does not count.
                if round > 0 {
                    values.push(value);
                    limits.push(limit);
                }
            }
            drop((good.child, bad.child));
        });
        let limit = median(&limits);
        Row::lower("smtp_trouble_chat_p99", median(&values), "ms", limit + SLOWER, 1.0)
            .with("mail_server", *name)
            .with("without_trouble", limit)
            .print();
    }
}
