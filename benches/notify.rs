//! How soon somebody is told that a visitor asks for a person: at the bell, by push, by mail; each against the bare exchange
//! of its protocol. Counted from the visitor's request, so that its way in and its commit are in the figure as well.

use std::collections::HashMap;
use std::io;

use livery::app::system_clock;
use livery::domain::push::Hosts;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::time::Instant;

use crate::bare::{self, Bare};
use crate::child::{Child, Folder, postgres_database};
use crate::message::{Session, sessions, sign_in};
use crate::row::{Row, median, quantile};
use crate::support::push::PushService;
use crate::support::smtp::{MailServer, Mode, Read};
use crate::support::until;
use crate::wire::{Http, Socket};

/// Requests in a round, one after the other.
const REQUESTS: usize = 100;
/// Alternations of value and reference, after one that does not count.
const ROUNDS: usize = 3;
/// By how much the slowest of a hundred may be above the bare exchange, in milliseconds.
const MAIL: f64 = 250.0;
const PUSH: f64 = 250.0;
const BELL: f64 = 20.0;

const PHONE: &str = "https://fcm.googleapis.com/fcm/send/phone";
const OPERATOR: &str = "operator1@bluebakery.test";

/// Who is told, and by what.
struct House {
    mails: MailServer,
    pushes: PushService,
    http: Http,
    bell: Socket,
}

/// What took how long, in milliseconds.
#[derive(Default)]
struct Took {
    bell: Vec<f64>,
    /// How long after the visitor's answer, which follows the commit, the bell rang.
    behind: Vec<f64>,
    push: Vec<f64>,
    mail: Vec<f64>,
}

/// The keys of a server that tells by these.
pub fn keys(mails: &MailServer, pushes: Option<&PushService>) -> Vec<String> {
    let mut keys = vec![
        format!("LIVERY_SMTP_URL={}?tls=none", mails.url()),
        "LIVERY_MAIL_FROM=post@neutral.test".to_owned(),
        "LIVERY_VISITORS_PER_NETWORK=1000000".to_owned(),
        "LIVERY_VISITORS_PER_WIDGET=1000000".to_owned(),
        "LIVERY_VISITORS_PER_ORGANIZATION=1000000".to_owned(),
    ];
    keys.extend(pushes.map(|pushes| format!("LIVERY_PUSH_RELAY={}", pushes.url())));
    keys
}

/// Has the whole team of the bakery told of each request at once, by mail as well.
pub async fn ladder(http: &mut Http) -> io::Result<()> {
    let owner = sign_in(http, "owner@bluebakery.test").await?;
    let own = http.ask("/graphql", Some(&owner), "{ organizations { nodes { id } } }", json!({})).await?;
    let steps = json!([{ "afterSeconds": 0, "whom": "TEAM", "channels": ["RING", "EMAIL"] }]);
    let change = "mutation($o: ID, $s: [EscalationStepInput!]) { updateEscalationLadder(organizationId: $o, steps: $s) { origin } }";
    let of = json!({ "o": own["organizations"]["nodes"][0]["id"], "s": steps });
    http.ask("/graphql", Some(&owner), change, of).await.map(drop)
}

/// Asks for a person.
pub async fn request(http: &mut Http, visitor: &Session) -> io::Result<()> {
    let document = "mutation { requestHandoff(clientId: \"human\") { state } }";
    http.ask("/widget/graphql", Some(&visitor.token), document, json!({})).await.map(drop)
}

impl House {
    async fn new(child: &Child, mails: MailServer, pushes: PushService) -> io::Result<Self> {
        let mut http = Http::connect(child.address).await?;
        ladder(&mut http).await?;
        let operator = sign_in(&mut http, OPERATOR).await?;
        let key = http.ask("/graphql", Some(&operator), "{ pushKey }", json!({})).await?;
        let device = pushes.subscribe(PHONE, &Hosts::default(), key["pushKey"].as_str());
        let register = "mutation($e: String!, $k: String!, $a: String!) { registerPushSubscription(endpoint: $e, p256dh: $k, auth: $a) { id } }";
        let of = json!({ "e": device.endpoint(), "k": device.p256dh(), "a": device.auth() });
        http.ask("/graphql", Some(&operator), register, of).await?;
        let mut bell = Socket::graphql(child.address, "/graphql", &operator).await?;
        let follow = "subscription { notificationEvents { __typename ... on NotificationArrived { notification { conversationId } } } }";
        bell.operation("bell", follow, json!({})).await?;
        bell.receive_with(b"NotificationsChanged").await?;
        Ok(Self { mails, pushes, http, bell })
    }

    /// Visitors ask one after the other, each when everybody has been told of the one before.
    async fn round(&mut self, visitors: &[Session]) -> io::Result<Took> {
        let mut took = Took::default();
        for visitor in visitors {
            let (mails, pushes) = (self.mails.taken().len(), self.pushes.received().len());
            let begun = Instant::now();
            let named = visitor.conversation.as_bytes();
            let rang = async {
                self.bell.receive_with(named).await?;
                io::Result::Ok(begun.elapsed().as_secs_f64() * 1e3)
            };
            let answered = async {
                request(&mut self.http, visitor).await?;
                io::Result::Ok(begun.elapsed().as_secs_f64() * 1e3)
            };
            let (answered, rang) = tokio::try_join!(answered, rang)?;
            took.bell.push(rang);
            took.behind.push((rang - answered).max(0.0));
            until(async || {
                let received = self.pushes.received();
                let mut told = received[pushes..].iter().filter_map(|one| one.payload.as_ref().ok());
                told.any(|told| String::from_utf8_lossy(told).contains(&visitor.conversation)).then_some(())
            })
            .await;
            took.push.push(begun.elapsed().as_secs_f64() * 1e3);
            let mailed = until(async || {
                let taken = self.mails.taken();
                let found = taken[mails..].iter().find(|mail| {
                    mail.to[0] == OPERATOR && Read::of(&mail.data).header("references").contains(&visitor.conversation)
                });
                found.map(|mail| mail.at)
            })
            .await;
            took.mail.push(mailed.saturating_duration_since(begun.into_std()).as_secs_f64() * 1e3);
        }
        Ok(took)
    }
}

/// A mail of the usual size, handed over by a conversation and nothing else: until the server has the whole of it.
async fn bare_mail(mails: &MailServer, body: &str) -> io::Result<f64> {
    let (before, begun) = (mails.taken().len(), Instant::now());
    let mut stream = BufReader::new(TcpStream::connect(mails.at).await?);
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    for said in ["EHLO bench", "MAIL FROM:<post@neutral.test>", "RCPT TO:<jo@bluebakery.test>", "DATA"] {
        stream.write_all(format!("{said}\r\n").as_bytes()).await?;
        loop {
            line.clear();
            stream.read_line(&mut line).await?;
            if line.as_bytes().get(3) != Some(&b'-') {
                break;
            }
        }
    }
    stream.write_all(format!("subject: bench\r\n\r\n{body}\r\n.\r\n").as_bytes()).await?;
    line.clear();
    stream.read_line(&mut line).await?;
    let at = mails.taken()[before].at;
    Ok(at.saturating_duration_since(begun.into_std()).as_secs_f64() * 1e3)
}

/// A message of the usual size, posted and nothing else: until the service has looked at it and answered.
async fn bare_push(pushes: &PushService, body: &[u8]) -> io::Result<f64> {
    let begun = Instant::now();
    let at = pushes.url().trim_start_matches("http://").to_owned();
    let mut stream = BufReader::new(TcpStream::connect(at).await?);
    let head = format!("POST /bare HTTP/1.1\r\nhost: push.test\r\nttl: 60\r\ncontent-length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body).await?;
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    Ok(begun.elapsed().as_secs_f64() * 1e3)
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

/// On SQLite.
pub fn sqlite() {
    let folder = Folder::new();
    let file = folder.path().join("bench.db").display().to_string();
    let open = async || Bare::Sqlite(bare::Sqlite::open(&file).await);
    measure(
        &folder,
        &format!("sqlite://{file}"),
        open,
        ["notify_bell_sqlite", "notify_push_sqlite", "notify_mail_sqlite"],
    );
}

/// On PostgreSQL.
pub fn postgres() {
    let (folder, url) = (Folder::new(), postgres_database());
    let open = async || Bare::Postgres(bare::Postgres::open(&url).await);
    measure(&folder, &url, open, ["notify_bell_postgres", "notify_push_postgres", "notify_mail_postgres"]);
}

fn measure(folder: &Folder, url: &str, open: impl AsyncFnOnce() -> Bare, names: [&'static str; 3]) {
    let runtime = runtime();
    let (mut values, mut limits) = (HashMap::<&str, Vec<f64>>::new(), HashMap::<&str, Vec<f64>>::new());
    let mut behind = Vec::new();
    runtime.block_on(async {
        let (mails, pushes) = (MailServer::start(Mode::Good).await, PushService::start(system_clock()).await);
        let child = Child::livery_with(url, folder, &keys(&mails, Some(&pushes)));
        let plain = Child::plain();
        let mut house = House::new(&child, mails, pushes).await.expect("a house");
        let visitors = sessions(&child, REQUESTS * (ROUNDS + 1) + 1).await.expect("visitors");
        let (spare, visitors) = visitors.split_first().expect("one more");
        let mut bare = open().await;
        let mut echo = Socket::connect(plain.address, "/echo", None).await.expect("a socket");
        for (round, visitors) in visitors.chunks(REQUESTS).enumerate() {
            let mut took = house.round(visitors).await.expect("a round");
            // As much as ours just were.
            let mail = house.mails.taken().last().map_or(String::new(), |mail| mail.data.clone());
            let push = house.pushes.received().last().map_or(Vec::new(), |push| push.body.clone());
            let (mut bell, mut posted, mut mailed) = (Vec::new(), Vec::new(), Vec::new());
            for _ in 0..REQUESTS {
                let committed = bare.one(&spare.conversation).await.as_secs_f64() * 1e3;
                let begun = Instant::now();
                echo.send(&Value::from("somebody asks for a person").to_string()).await.expect("an open socket");
                echo.receive().await.expect("an echo");
                bell.push(committed + begun.elapsed().as_secs_f64() * 1e3);
                posted.push(bare_push(&house.pushes, &push).await.expect("posted"));
                mailed.push(bare_mail(&house.mails, "x\r\n".repeat(mail.len() / 3).as_str()).await.expect("mailed"));
            }
            // The first does not count.
            if round > 0 {
                behind.push(quantile(&mut took.behind, 0.99));
                let each = [(&mut took.bell, &mut bell), (&mut took.push, &mut posted), (&mut took.mail, &mut mailed)];
                for (name, (value, limit)) in names.into_iter().zip(each) {
                    values.entry(name).or_default().push(quantile(value, 0.99));
                    limits.entry(name).or_default().push(quantile(limit, 0.99));
                }
            }
        }
    });
    for (name, above) in names.into_iter().zip([BELL, PUSH, MAIL]) {
        let bare = median(&limits[name]);
        let row = Row::lower(name, median(&values[name]), "ms", bare + above, 1.0).with("bare", bare);
        if name == names[0] { row.with("after_answer", median(&behind)) } else { row }.print();
    }
}
