//! No address that a tenant names leads inside (SEC11). Each refusal is watched by a canary that listens on every
//! address of this machine, at a port that the rules allow, so that nothing but the address can be the reason.

use http::HeaderMap;
use livery::outbound::{Call, Egress, Forbidden, Origin, Resolver, Rules, Trouble, Way};
use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// Counts whoever connects, and hangs up.
pub(super) struct Canary {
    pub(super) port: u16,
    seen: Arc<AtomicUsize>,
    listening: JoinHandle<()>,
}

impl Canary {
    /// On all addresses of this machine.
    pub(super) async fn everywhere() -> Self {
        match TcpListener::bind("[::]:0").await {
            Ok(listener) => Self::on(listener),
            // A machine without IPv6.
            Err(_) => Self::on(TcpListener::bind("0.0.0.0:0").await.expect("a free port")),
        }
    }

    fn on(listener: TcpListener) -> Self {
        let port = listener.local_addr().expect("an address").port();
        let seen = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&seen);
        let listening = tokio::spawn(async move {
            while listener.accept().await.is_ok() {
                counter.fetch_add(1, Ordering::SeqCst);
            }
        });
        Self { port, seen, listening }
    }

    pub(super) fn seen(&self) -> usize {
        self.seen.load(Ordering::SeqCst)
    }
}

impl Drop for Canary {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// A resolver with a list of answers for each name, the last of them for ever; counts the questions.
#[derive(Clone, Default)]
pub(super) struct FakeResolver {
    answers: Arc<Mutex<HashMap<String, Vec<Vec<IpAddr>>>>>,
    pub(super) asked: Arc<AtomicUsize>,
}

impl FakeResolver {
    fn with(self, name: &str, answers: &[&[&str]]) -> Self {
        let parse = |answer: &&[&str]| answer.iter().map(|a| a.parse().expect("an address")).collect();
        self.answers.lock().expect("no panic").insert(name.to_owned(), answers.iter().map(parse).collect());
        self
    }
}

impl Resolver for FakeResolver {
    fn resolve(&self, host: String) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let mut answers = self.answers.lock().expect("no panic");
        let answer = answers.get_mut(&host).map(|left| if left.len() > 1 { left.remove(0) } else { left[0].clone() });
        Box::pin(async move { answer.ok_or_else(|| io::ErrorKind::NotFound.into()) })
    }
}

/// Spellings of addresses of this very machine.
pub(super) const HERE: &[&str] = &[
    "127.0.0.1",
    "127.0.0.2",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "2130706433",
    "0x7f000001",
    "0x7F.0x0.0x0.0x1",
    "0x7f.1",
    "0177.0.0.1",
    "0177.1",
    "017700000001",
    "00000177.0.0.1",
    "127.0.0.0x1",
    "127.0.0.01",
    "0.0.0.0",
    "0",
    "0x0",
    "00",
    "127.0.0.1.",
    "2130706433.",
    "１２７.0.0.1",
    "①②⑦.0.0.1",
    "127。0。0。1",
    "127%2e0%2e0%2e1",
    "%31%32%37.0.0.1",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:127.0.0.1]",
    "[::FFFF:127.0.0.1]",
    "[::ffff:0.0.0.0]",
    "0x7f.0.0.0x0001",
    "0x7f.0x1",
];

/// Spellings of other addresses that are none of a tenant's business.
const INSIDE: &[&str] = &[
    "10.0.0.1",
    "10.255.255.255",
    "0xa000001",
    "167772161",
    "012.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "0xac.0x10.0.1",
    "192.168.0.1",
    "192.168.1.1",
    "0xc0a80101",
    "3232235777",
    "0300.0250.1.1",
    "192.168.257",
    "169.254.169.254",
    "169.254.170.2",
    "0xa9fea9fe",
    "2852039166",
    "0251.0376.0251.0376",
    "169.254.43518",
    "0xA9.0xFE.0xA9.0xFE",
    "100.64.0.1",
    "100.100.100.200",
    "100.127.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "0xffffffff",
    "4294967295",
    "168.63.129.16",
    "0.1.2.3",
    "[fe80::1]",
    "[fe80::a00:1]",
    "[fec0::1]",
    "[fc00::1]",
    "[fd00::1]",
    "[fd00:ec2::254]",
    "[ff02::1]",
    "[ff0e::1]",
    "[::ffff:10.0.0.1]",
    "[::ffff:a9fe:a9fe]",
    "[::ffff:192.168.0.1]",
    "[::10.0.0.1]",
    "[::127.0.0.1]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::a9fe:a9fe]",
    "[64:ff9b:1::10.0.0.1]",
    "[2002:7f00:1::]",
    "[2002:a9fe:a9fe::1]",
    "[2002:c0a8:101::1]",
    "[2001::1]",
    "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[3ffe::1]",
    "[5f00::1]",
    "[100::1]",
    "[2001:10::1]",
    "[2a00::5efe:127.0.0.1]",
    "[2a00::200:5efe:a00:1]",
    "[4000::1]",
];

/// Addresses that only names can lead to in one step.
const BEHIND_NAMES: &[&str] = &[
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.0.0.1",
    "172.20.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.100.100.200",
    "192.0.0.192",
    "192.0.2.1",
    "198.18.0.1",
    "203.0.113.9",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "168.63.129.16",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "2001::1",
    "2001:db8::1",
    "3fff::1",
    "fe80::1",
    "fec0::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "100::1",
    "2a00::5efe:7f00:1",
];

fn named(at: usize) -> String {
    format!("h{at}.evil.example")
}

pub(super) fn resolver() -> FakeResolver {
    let names = BEHIND_NAMES
        .iter()
        .enumerate()
        .fold(FakeResolver::default(), |r, (at, address)| r.with(&named(at), &[&[address]]));
    names.with("localhost", &[&["127.0.0.1", "::1"]]).with("metadata.google.internal", &[&["169.254.169.254"]])
}

/// At least two hundred addresses, each with an allowed port unless the port is its point.
pub(super) fn hostile(port: u16) -> Vec<String> {
    let mut urls: Vec<String> = HERE.iter().chain(INSIDE).map(|host| format!("https://{host}:{port}/hook")).collect();
    urls.extend((0..BEHIND_NAMES.len()).map(|at| format!("https://{}:{port}/hook", named(at))));
    for form in [
        "https://localhost:P/",
        "https://LOCALHOST:P/",
        "https://localhost.:P/",
        "https://metadata.google.internal:P/",
        "https://example.com@127.0.0.1:P/",
        "https://example.com:443@127.0.0.1:P/",
        "https://example.com%40127.0.0.1:P/",
        "https://user:pass@localhost:P/",
        "https://:@127.0.0.1:P/",
        "https://example.com\\@127.0.0.1:P/",
        "https://127.0.0.1:P\\@example.com/",
        "https:127.0.0.1:P/",
        "https:/127.0.0.1:P/",
        "https:\\\\127.0.0.1:P/",
        "https:////127.0.0.1:P/",
        "\thttps://127.0.0.1:P/",
        "https://127.0.0.1\t:P/",
        "ht\ntps://127.0.0.1:P/",
        "https://127.0.0.1:P#@example.com/",
        "https://127.0.0.1:P?@example.com/",
        "https://[::1%25lo]:P/",
        "https://[::1]:P:443/",
        "https://127.0.0.1:P:443/",
        "https://127.0.0.1 :P/",
        "https://127.0.0.1,8.8.8.8:P/",
        "https://[127.0.0.1]:P/",
        "https://127.0.0.1:0P/",
        "https://0x7f.0x0.0x0.0x1.:P/",
        "https://127.0.0.1:P/../../x",
        "https://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:P/",
        "http://127.0.0.1:P/",
        "http://localhost:P/",
        "http://[::1]:P/",
        "http://0:P/",
        "HTTP://2130706433:P/",
        "ws://127.0.0.1:P/",
        "wss://127.0.0.1:P/",
        "ftp://127.0.0.1:P/",
        "gopher://127.0.0.1:P/_x",
        "file:///etc/passwd",
        "file://127.0.0.1:P/x",
        "unix:///var/run/docker.sock",
        "data:text/plain,x",
        "javascript:alert(1)",
        "dict://127.0.0.1:P/",
        "ldap://127.0.0.1:P/",
        "tftp://127.0.0.1:P/",
        "jar:https://127.0.0.1:P!/",
        "//127.0.0.1:P/",
        "127.0.0.1:P",
        "/hook",
        "",
        "https://",
        "https://:P/",
        "https://127.0.0.1:22/",
        "https://127.0.0.1:6379/",
        "https://127.0.0.1:99999/",
        "https://127.0.0.1:-1/",
        "https://nowhere.example:P/",
    ] {
        urls.push(form.replace('P', &port.to_string()));
    }
    urls
}

fn call(url: &str) -> Call {
    Call { within: Duration::from_secs(2), ..Call::post(url, HeaderMap::new(), "{}") }
}

/// By way of that relay.
pub fn relayed(relay: &str) -> Way {
    let trusted = vec![Origin::of(relay).expect("an origin")];
    Way::relayed(Egress::new(Rules { trusted, ..Rules::default() }).expect("a client"), relay).expect("a relay")
}

pub(super) fn rules(port: u16, allow: &[&str]) -> Rules {
    let allow = allow.iter().map(|range| range.parse().expect("a range")).collect();
    Rules { ports: vec![443, 8443, port], allow, trusted: Vec::new() }
}

#[tokio::test]
async fn no_hostile_address_leads_inside() {
    let canary = Canary::everywhere().await;
    let urls = hostile(canary.port);
    assert!(urls.len() >= 200, "only {}", urls.len());
    let egress = Egress::with_resolver(rules(canary.port, &[]), resolver()).expect("a client");
    for url in &urls {
        match egress.send(call(url)).await {
            Err(Trouble::Forbidden(_)) => {}
            // Looked up like any other name, and there is no such name; a backslash is a slash.
            Err(Trouble::Unreachable)
                if ["nowhere", "localhost.", "example.com\\@"].iter().any(|odd| url.contains(odd)) => {}
            Err(other) => panic!("{url:?} was tried: {other:?}"),
            Ok(_) => panic!("{url:?} was reached"),
        }
        assert_eq!(canary.seen(), 0, "{url:?}");
    }
}

/// The same with the defence off: were the canary deaf, the test above would say nothing.
#[tokio::test]
async fn without_the_filter_the_canary_sings() {
    let canary = Canary::everywhere().await;
    let egress = Egress::with_resolver(rules(canary.port, &["0.0.0.0/0", "::/0"]), resolver()).expect("a client");
    let mut reached = 0;
    for host in HERE.iter().copied().chain(["localhost", "h0.evil.example"]) {
        let before = canary.seen();
        // It hangs up during the handshake.
        assert!(egress.send(call(&format!("https://{host}:{}/", canary.port))).await.is_err());
        reached += usize::from(canary.seen() > before);
    }
    assert!(reached * 10 >= HERE.len() * 7, "only {reached} of {} ways lead here", HERE.len());
}

#[tokio::test]
async fn a_name_that_changes_its_mind_is_followed_nowhere() {
    let allowed = Canary::on(TcpListener::bind("127.0.0.2:0").await.expect("a free port"));
    let inside = Canary::on(TcpListener::bind(("127.0.0.1", allowed.port)).await.expect("the same port"));
    let resolver = FakeResolver::default()
        .with("flip.example", &[&["127.0.0.2"], &["127.0.0.1"], &["127.0.0.2"], &["127.0.0.1"]])
        .with("both.example", &[&["127.0.0.1", "127.0.0.2", "::1"]]);
    let egress = Egress::with_resolver(rules(allowed.port, &["127.0.0.2/32"]), resolver.clone()).expect("a client");
    let url = format!("https://flip.example:{}/", allowed.port);
    let mut forbidden = 0;
    for turn in 1..=20 {
        forbidden += usize::from(matches!(egress.send(call(&url)).await, Err(Trouble::Forbidden(Forbidden::Address))));
        // One question for each connection: what was checked is what is connected to.
        assert_eq!(resolver.asked.load(Ordering::SeqCst), turn);
    }
    assert_eq!((allowed.seen(), forbidden, inside.seen()), (2, 18, 0));

    let _ = egress.send(call(&format!("https://both.example:{}/", allowed.port))).await;
    assert_eq!((allowed.seen(), inside.seen()), (3, 0));
}

#[tokio::test]
async fn a_trusted_origin_is_trusted_on_its_own_path_alone() {
    let canary = Canary::everywhere().await;
    let origin = format!("http://127.0.0.1:{}/v1", canary.port);
    let secure = format!("https://127.0.0.1:{}/v1", canary.port);
    let trusted = vec![Origin::of(&origin).expect("an origin"), Origin::of(&secure).expect("an origin")];
    let egress = Egress::new(Rules { trusted, ..rules(canary.port, &[]) }).expect("a client");
    // A tenant that names the operator's endpoint gets nowhere.
    for url in [&origin, &secure] {
        assert!(matches!(egress.send(call(url)).await, Err(Trouble::Forbidden(_))));
    }
    for other in [
        "http://localhost:P/v1",
        "http://127.0.0.2:P/v1",
        "http://127.0.0.1/v1",
        "http://x@127.0.0.1:P/v1",
        "ftp://127.0.0.1:P/",
    ] {
        let url = other.replace('P', &canary.port.to_string());
        assert!(matches!(egress.send_trusted(call(&url)).await, Err(Trouble::Forbidden(_))), "{url}");
    }
    assert_eq!(canary.seen(), 0);
    assert_eq!(egress.send_trusted(call(&origin)).await.err(), Some(Trouble::Unreachable));
    assert!(canary.seen() > 0);
}

/// Answers each connection with the given bytes, then repeats `more` for ever.
async fn answering(head: &'static str, more: &'static str) -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    let task = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(head.as_bytes()).await;
            while !more.is_empty() && stream.write_all(more.as_bytes()).await.is_ok() {}
            if head.is_empty() {
                std::future::pending::<()>().await;
            }
        }
    });
    (url, task)
}

#[tokio::test(flavor = "multi_thread")]
async fn replies_are_bounded_and_redirects_are_replies() {
    async fn check(head: &'static str, more: &'static str, expected: Result<u16, Trouble>) {
        let (url, task) = answering(head, more).await;
        let egress = Egress::new(Rules { trusted: vec![Origin::of(&url).expect("an origin")], ..Rules::default() })
            .expect("a client");
        let began = Instant::now();
        // Short only where it is waited for.
        let within = Duration::from_millis(if expected == Err(Trouble::Slow) { 300 } else { 10_000 });
        let call = Call { within, at_most: 100_000, ..call(&url) };
        let outcome = match egress.send_trusted(call).await {
            Ok(reply) => {
                let status = reply.status.as_u16();
                reply.bytes().await.map(|_| status)
            }
            Err(trouble) => Err(trouble),
        };
        assert_eq!(outcome, expected, "{head:?}");
        assert!(began.elapsed() < Duration::from_secs(5), "{head:?}");
        task.abort();
    }
    let canary = Canary::everywhere().await;
    let block: &'static str = "x".repeat(0x1000).leak();
    let chunk: &'static str = format!("1000\r\n{block}\r\n").leak();
    check("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", "", Ok(200)).await;
    check("HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n", "", Ok(503)).await;
    check("HTTP/1.1 200 OK\r\ncontent-length: 100001\r\n\r\n", "", Err(Trouble::TooLarge)).await;
    check("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", chunk, Err(Trouble::TooLarge)).await;
    check("HTTP/1.1 200 OK\r\n\r\n", block, Err(Trouble::TooLarge)).await;
    check("HTTP/1.1 200 OK\r\nx: ", block, Err(Trouble::Unreachable)).await;
    check("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nshort", "", Err(Trouble::Unreachable)).await;
    check("nonsense\r\n\r\n", "", Err(Trouble::Unreachable)).await;
    check("", "", Err(Trouble::Slow)).await;
    let to_canary: &'static str =
        format!("HTTP/1.1 307 Go\r\nlocation: http://127.0.0.1:{}/\r\ncontent-length: 0\r\n\r\n", canary.port).leak();
    check(to_canary, "", Ok(307)).await;
    assert_eq!(canary.seen(), 0);
}
