//! The servers that are measured, each in a process of its own: this very binary, started again.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::extract::Path as InPath;
use axum::extract::ws::WebSocketUpgrade;
use axum::routing::get;
use livery::app::{self, Background};
use livery::config::Config;
use livery::http::accept::{self, Drain, Server};
use livery::service::setup;

/// The first argument of a child.
pub const MARK: &str = "__serve";

/// Every connection comes from loopback.
const DOOR: accept::Config = accept::Config { per_loopback: 60_000, total: 60_000, ..accept::Config::DEFAULT };

/// Bytes that a plain route serves.
static BYTES: [u8; 4096] = [b'x'; 4096];

/// A folder that is removed when it is dropped.
pub struct Folder(PathBuf);

impl Folder {
    /// A new one.
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("livery-bench-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).expect("a folder for the benchmark");
        Self(path)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

/// The address of a new database on the PostgreSQL of this run.
pub fn postgres_database() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("bench_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/postgres");
    let made = Command::new(script).args(["database", &name]).output().expect("scripts/postgres runs");
    assert!(made.status.success(), "no database: {}", String::from_utf8_lossy(&made.stderr));
    String::from_utf8_lossy(&made.stdout).trim().to_owned()
}

/// A server in another process, which ends with this value.
pub struct Child {
    process: std::process::Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// The id of the demo widget; empty for the plain server.
    pub widget: String,
}

impl Child {
    /// The server over a database, with demo data.
    pub fn livery(url: &str, folder: &Folder) -> Self {
        Self::livery_with(url, folder, &[])
    }

    /// The same, with some keys of the configuration set besides: `LIVERY_SMTP_URL=smtp://...`.
    pub fn livery_with(url: &str, folder: &Folder, keys: &[String]) -> Self {
        let folder = folder.path().display().to_string();
        let arguments = ["livery", url, &folder].into_iter().chain(keys.iter().map(String::as_str));
        Self::start(&arguments.collect::<Vec<_>>())
    }

    /// A plain server over the same libraries: it echoes on `/echo` and gives n bytes at `/bytes/n`.
    pub fn plain() -> Self {
        Self::start(&["plain"])
    }

    fn start(arguments: &[&str]) -> Self {
        let own = std::env::current_exe().expect("this program has a file");
        let mut command = Command::new(own);
        command.arg(MARK).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("a child starts");
        let mut line = String::new();
        let out = process.stdout.take().expect("the child's output");
        BufReader::new(out).read_line(&mut line).expect("the child says where it listens");
        let (address, widget) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        let address = address.parse().unwrap_or_else(|error| panic!("the child said {line:?}: {error}"));
        Self { process, address, widget: widget.to_owned() }
    }

    /// Its resident memory in KiB, where the system tells.
    pub fn resident(&self) -> Option<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
        line.split_whitespace().nth(1)?.parse().ok()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// The child's side: serves until its standard input ends, which it does with the parent at the latest.
pub fn main(arguments: &[String]) -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::new("info,sqlx=warn");
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).json().init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let _background = runtime.block_on(async {
        match arguments {
            [kind, url, folder, keys @ ..] if kind == "livery" => Some(livery(url, folder, keys).await),
            _ => {
                listen(plain(), Drain::new(), "").await;
                None
            }
        }
    });
    std::io::stdin().read_to_end(&mut Vec::new()).ok();
    ExitCode::SUCCESS
}

async fn livery(url: &str, folder: &str, keys: &[String]) -> Background {
    let set = [
        ("LIVERY_PUBLIC_URL", "http://127.0.0.1:8080".to_owned()),
        ("LIVERY_DATABASE_URL", url.to_owned()),
        ("LIVERY_SECRET_KEY_FILE", format!("{folder}/secret.key")),
        ("LIVERY_FILES_URL", format!("file://{folder}/files")),
        ("LIVERY_VISITOR_MESSAGES_PER_MINUTE", "10000000".to_owned()),
        ("LIVERY_VISITOR_SESSIONS_PER_MINUTE", "10000000".to_owned()),
        ("LIVERY_VISITOR_REQUESTS_PER_MINUTE", "10000000".to_owned()),
    ];
    let also = keys.iter().filter_map(|pair| pair.split_once('=').map(|(key, value)| (key, value.to_owned())));
    let set = set.into_iter().chain(also).map(|(key, value)| (key.to_owned(), value));
    let config = Config::load(None, set).expect("the configuration");
    let services = app::services(&config, app::system_clock(), app::system_ids()).await.expect("services");
    setup::seed_demo(&services).await.expect("demo data");
    let widget = setup::demo_widget(&services).await.expect("a look").expect("the demo widget");
    let drain = Drain::new();
    let router = app::router(&services, &config, true, drain.clone()).expect("a router");
    let background = Background::start(&services, app::outside(&config).expect("what is outside"));
    listen(router, drain, &widget.to_string()).await;
    background
}

async fn listen(router: Router, drain: Drain, widget: &str) {
    let server = Server::bind("127.0.0.1:0", DOOR).await.expect("a port");
    let address = server.local_addr().expect("an address");
    tokio::spawn(server.serve(router, drain));
    println!("{address} {widget}");
}

fn plain() -> Router {
    let echo = |upgrade: WebSocketUpgrade| async {
        // The buffers of our own sockets.
        upgrade.read_buffer_size(1024).write_buffer_size(4 * 1024).on_upgrade(|mut socket| async move {
            while let Some(Ok(message)) = socket.recv().await {
                if socket.send(message).await.is_err() {
                    break;
                }
            }
        })
    };
    let bytes =
        |InPath(count): InPath<usize>| async move { bytes::Bytes::from_static(&BYTES).slice(..count.min(4096)) };
    Router::new().route("/echo", get(echo)).route("/bytes/{count}", get(bytes))
}
