//! A receiver of webhooks: keeps what it gets, and answers as it is told to. It stands for every host: `Host` says which is meant.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use http::HeaderMap;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// How it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// With that number, these lines of headers, and these words.
    Says(u16, String, String),
    /// Not at all: the line is cut.
    Resets,
    /// Not at all: it listens on.
    Hangs,
}

impl Answer {
    pub fn status(status: u16) -> Self {
        Self::Says(status, String::new(), String::new())
    }
}

/// A request that it got.
#[derive(Debug, Clone)]
pub struct Got {
    pub host: String,
    pub path: String,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl Got {
    /// The `webhook-id`.
    pub fn id(&self) -> &str {
        &self.headers["webhook-id"]
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    /// Whether the published verifier takes it with that secret.
    pub fn is_signed_with(&self, secret: &str) -> bool {
        let mut headers = HeaderMap::new();
        for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
            headers.insert(name, self.headers[name].parse().expect("a header"));
        }
        let verifier = standardwebhooks::Webhook::new(secret).expect("a secret");
        verifier.verify(self.body.as_bytes(), &headers).is_ok()
    }
}

struct State {
    answer: Mutex<Answer>,
    got: Mutex<Vec<Got>>,
}

/// One that listens, until it is dropped.
pub struct Receiver {
    at: SocketAddr,
    state: Arc<State>,
    listening: JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Receiver {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let at = listener.local_addr().expect("an address");
        let state = Arc::new(State { answer: Mutex::new(Answer::status(204)), got: Mutex::default() });
        let shared = Arc::clone(&state);
        let listening = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&shared);
                connections.spawn(async move { converse(stream, &state).await.ok() });
                while connections.try_join_next().is_some() {}
            }
        });
        Self { at, state, listening }
    }

    /// The origin at which it is reached: the relay of [`livery::outbound::Webhooks::by_way_of`].
    pub fn url(&self) -> String {
        format!("http://{}", self.at)
    }

    /// How it answers from now on.
    pub fn set(&self, answer: Answer) {
        *self.state.answer.lock().expect("lock") = answer;
    }

    /// All requests so far.
    pub fn got(&self) -> Vec<Got> {
        self.state.got.lock().expect("lock").clone()
    }
}

/// One request after the other on one connection.
async fn converse(stream: TcpStream, state: &State) -> io::Result<()> {
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
        let mut body = vec![0; headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0)];
        stream.read_exact(&mut body).await?;
        let host = headers.get("host").cloned().unwrap_or_default();
        let body = String::from_utf8_lossy(&body).into_owned();
        let answer = state.answer.lock().expect("lock").clone();
        state.got.lock().expect("lock").push(Got { host, path, headers, body });
        match answer {
            Answer::Says(status, more, words) => {
                let length = words.len();
                let reply = format!("HTTP/1.1 {status} X\r\n{more}content-length: {length}\r\n\r\n{words}");
                let reply = if status == 204 { format!("HTTP/1.1 204 X\r\n{more}\r\n") } else { reply };
                stream.write_all(reply.as_bytes()).await?;
                stream.flush().await?;
            }
            Answer::Hangs => std::future::pending::<()>().await,
            Answer::Resets => {
                // What is closed without lingering is reset.
                stream.get_ref().set_zero_linger()?;
                return Ok(());
            }
        }
    }
}
