//! A server of HTTP for tests: it reads requests, and a closure says what is answered. It stands for every host: `Host` says which
//! is meant.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// A request as it came.
pub struct Asked {
    pub path: String,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Asked {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// What becomes of a request.
pub enum Reply {
    /// It is answered with these bytes.
    Says(String),
    /// It is not: the line is cut.
    Resets,
    /// It is not: the other side listens on.
    Hangs,
}

/// One that listens, until it is dropped.
pub struct Listener {
    at: SocketAddr,
    listening: JoinHandle<()>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Listener {
    pub async fn start(answer: impl Fn(Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let at = listener.local_addr().expect("an address");
        let answer = Arc::new(answer);
        let listening = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let answer = Arc::clone(&answer);
                connections.spawn(async move { converse(stream, &*answer).await.ok() });
                while connections.try_join_next().is_some() {}
            }
        });
        Self { at, listening }
    }

    /// The origin at which it is reached: a relay for [`livery::outbound::Way`].
    pub fn url(&self) -> String {
        format!("http://{}", self.at)
    }
}

/// One request after the other on one connection.
async fn converse(stream: TcpStream, answer: &(impl Fn(Asked) -> Reply + Sync)) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
        let mut headers = BTreeMap::new();
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).await?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await?;
        match answer(Asked { path, headers, body }) {
            Reply::Says(text) => {
                stream.write_all(text.as_bytes()).await?;
                stream.flush().await?;
            }
            Reply::Hangs => std::future::pending::<()>().await,
            Reply::Resets => {
                // What is closed without lingering is reset.
                stream.get_ref().set_zero_linger()?;
                return Ok(());
            }
        }
    }
}
