//! The real binary as a process of its own, to be killed; and HTTP by hand, so that it is known what is on its way.

use std::fs::File;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::support::database::Database;
use crate::support::until;

/// A server that can be killed and comes back on the same port and the same database.
pub struct Server {
    pub address: SocketAddr,
    database: Database,
    also: Vec<(&'static str, String)>,
    child: Child,
}

impl Server {
    /// Starts one on a port that was free just now, and waits until it is ready.
    pub async fn start(database: &Database) -> Self {
        Self::start_with(database, Vec::new()).await
    }

    /// The same, with some keys of the configuration set otherwise.
    pub async fn start_with(database: &Database, also: Vec<(&'static str, String)>) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = free.local_addr().expect("an address");
        drop(free);
        let child = spawn(database, address, &also);
        let server = Self { address, database: database.clone(), also, child };
        server.ready().await
    }

    /// As `kill -9` does it: no handler runs, nothing is flushed.
    pub fn kill(&mut self) {
        self.child.kill().expect("it was running until now");
        self.child.wait().expect("it ends at once");
    }

    /// Starts it again after [`Server::kill`], and waits until it is ready.
    pub async fn restart(mut self) -> Self {
        self.child = spawn(&self.database, self.address, &self.also);
        self.ready().await
    }

    /// Puts it to sleep where it stands, as a machine does that is suspended: nothing of it runs until [`Server::wake`].
    pub fn sleep(&self) {
        self.signal("-STOP");
    }

    /// Lets it go on. It knows of no time in between.
    pub fn wake(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status().expect("kill runs");
        assert!(sent.success(), "the process is there");
    }

    async fn ready(mut self) -> Self {
        until(async || {
            if let Some(status) = self.child.try_wait().expect("a look at the process") {
                let log = std::fs::read_to_string(log_of(&self.database)).unwrap_or_default();
                panic!("the server ended by itself with {status}: {log}");
            }
            let look = format!("GET /readyz HTTP/1.1\r\nhost: {}\r\n\r\n", self.address);
            let mut wire = Wire::connect(self.address).await.ok()?;
            let reply = wire.ask(look.as_bytes()).await.ok()?;
            reply.starts_with(b"HTTP/1.1 200").then_some(())
        })
        .await;
        self
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn log_of(database: &Database) -> PathBuf {
    database.folder.path().join("server.log")
}

fn spawn(database: &Database, address: SocketAddr, also: &[(&'static str, String)]) -> Child {
    let log = File::options().create(true).append(true).open(log_of(database)).expect("a log file");
    let binary = std::env::var_os("LIVERY_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_livery").into());
    Command::new(binary)
        .args(["serve", "--demo"])
        .env_clear()
        .env("LIVERY_LOG", "warn")
        .env("LIVERY_LISTEN", address.to_string())
        .env("LIVERY_PUBLIC_URL", format!("http://{address}"))
        .env("LIVERY_DATABASE_URL", &database.url)
        .env("LIVERY_SECRET_KEY_FILE", database.folder.path().join("secret.key"))
        .env("LIVERY_FILES_URL", format!("file://{}/files", database.folder.path().display()))
        .env("LIVERY_VISITOR_MESSAGES_PER_MINUTE", "1000000")
        .env("LIVERY_VISITOR_SESSIONS_PER_MINUTE", "1000000")
        .envs(also.iter().map(|(key, value)| (*key, value)))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .expect("the binary runs")
}

/// A connection that carries one HTTP message after the other.
pub struct Wire {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Wire {
    pub async fn connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, read: Vec::new() })
    }

    pub async fn write(&mut self, message: &[u8]) -> io::Result<()> {
        self.stream.write_all(message).await
    }

    /// The next whole message: head and body, with a content-length as everything here has.
    pub async fn read(&mut self) -> io::Result<Vec<u8>> {
        loop {
            if let Some(length) = length_of(&self.read)
                && self.read.len() >= length
            {
                return Ok(self.read.drain(..length).collect());
            }
            let mut block = [0u8; 4096];
            match tokio::time::timeout(Duration::from_secs(20), self.stream.read(&mut block)).await {
                Ok(Ok(0)) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(Ok(count)) => self.read.extend_from_slice(&block[..count]),
                Ok(Err(error)) => return Err(error),
                Err(_) => return Err(io::ErrorKind::TimedOut.into()),
            }
        }
    }

    pub async fn ask(&mut self, message: &[u8]) -> io::Result<Vec<u8>> {
        self.write(message).await?;
        self.read().await
    }
}

/// Where the body of a message begins, once its head is whole.
pub fn body_at(message: &[u8]) -> Option<usize> {
    message.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4)
}

fn length_of(message: &[u8]) -> Option<usize> {
    let body = body_at(message)?;
    let head = String::from_utf8_lossy(&message[..body]);
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(0, |(_, value)| value.trim().parse().expect("a length"));
    Some(body + length)
}

/// The saboteur: stands in front of the server and acknowledges what it is sent before the server has kept it. What it
/// holds when the server dies dies with it, as it would within a server that answers before its commit.
pub struct Hasty {
    pub address: SocketAddr,
    owed: Arc<AtomicUsize>,
    _serving: JoinSet<()>,
}

impl Hasty {
    pub async fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let owed: Arc<AtomicUsize> = Arc::default();
        let count = owed.clone();
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let owed = count.clone();
                connections.spawn(async move {
                    // Any error ends the connection, and with it what was acknowledged and not yet kept.
                    hasten(Wire { stream, read: Vec::new() }, server, &owed).await.ok();
                });
            }
        });
        Self { address, owed, _serving: serving }
    }

    /// Waits until the server has heard everything that it can still hear.
    pub async fn idle(&self) {
        until(async || (self.owed.load(Ordering::SeqCst) == 0).then_some(())).await;
    }
}

async fn hasten(mut client: Wire, server: SocketAddr, owed: &AtomicUsize) -> io::Result<()> {
    let mut behind = Wire::connect(server).await?;
    loop {
        let send = client.read().await?;
        // The number is not known yet: nothing has been kept.
        let body = r#"{"data":{"sendMessage":{"seq":0}}}"#;
        let head =
            format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
        owed.fetch_add(1, Ordering::SeqCst);
        let kept = match client.write(format!("{head}{body}").as_bytes()).await {
            Ok(()) => behind.ask(&send).await,
            Err(error) => Err(error),
        };
        owed.fetch_sub(1, Ordering::SeqCst);
        kept?;
    }
}
