//! A fake of an OpenAI-compatible endpoint that can misbehave in every way known.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// What the endpoint does with the next request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// Streams the text word by word, with role, finish reason, usage and `[DONE]`.
    Good(String),
    /// The same, but neither a finish reason nor `[DONE]`, and CRLF, comments and split bytes.
    Sloppy(String),
    /// Says the last token and then keeps the connection open in silence.
    NeverCloses(String),
    /// A JSON reply in one piece.
    Whole(String),
    /// This status, with a JSON error.
    Refuse(u16),
    /// A redirect to this address.
    Redirect(String),
    /// Reads the request and says nothing.
    HangBeforeHeaders,
    /// One token, then silence.
    HangAfterFirstToken,
    /// Headers, then a comment every 20 ms, never a token.
    KeepAliveOnly,
    /// Tokens as fast as they are taken, without end.
    Endless,
    /// A token every 20 ms, without end.
    EndlessSlowly,
    /// One gibibyte without a line end, as fast as it is taken.
    Garbage,
    /// One gibibyte of line ends.
    EmptyLines,
    /// Events that are not JSON.
    InvalidJson,
    /// A web page.
    WrongContentType,
    /// A stream without any text.
    Empty,
    /// One token, then the connection breaks.
    Drop,
    /// One token, then an error object within the stream.
    ErrorInStream,
}

/// One request as it came in.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// Request line and headers.
    pub head: String,
    /// The JSON body.
    pub body: String,
}

struct State {
    mode: Mutex<Mode>,
    requests: Mutex<Vec<Recorded>>,
    sent: AtomicUsize,
}

/// The endpoint, listening on a free port of the loopback until it is dropped.
pub struct FakeModel {
    url: String,
    state: Arc<State>,
    listening: JoinHandle<()>,
}

impl FakeModel {
    /// Starts listening, in the given mode.
    pub async fn start(mode: Mode) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/v1", listener.local_addr().expect("an address"));
        let state =
            Arc::new(State { mode: Mutex::new(mode), requests: Mutex::new(Vec::new()), sent: AtomicUsize::new(0) });
        let shared = Arc::clone(&state);
        let listening = tokio::spawn(async move {
            // Dropped with this task, and all connections with it.
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, Arc::clone(&shared)));
                while connections.try_join_next().is_some() {}
            }
        });
        Self { url, state, listening }
    }

    /// What `LIVERY_MODEL_URL` would say: without `/chat/completions`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Behaves differently from the next request on.
    pub fn set(&self, mode: Mode) {
        *self.state.mode.lock().expect("no panic") = mode;
    }

    /// All requests so far.
    pub fn requests(&self) -> Vec<Recorded> {
        self.state.requests.lock().expect("no panic").clone()
    }

    /// Bytes of reply bodies that the other side let us send.
    pub fn sent(&self) -> usize {
        self.state.sent.load(Ordering::Relaxed)
    }
}

impl Drop for FakeModel {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn serve(mut stream: TcpStream, state: Arc<State>) {
    // The other side may go away at any moment; that is what many tests are about.
    let _ = converse(&mut stream, &state).await;
}

async fn converse(stream: &mut TcpStream, state: &State) -> io::Result<()> {
    let recorded = read_request(stream).await?;
    state.requests.lock().expect("no panic").push(recorded);
    let mode = state.mode.lock().expect("no panic").clone();
    let mut reply = Chunks { stream, sent: &state.sent };
    const EVENTS: &str = "text/event-stream; charset=utf-8";
    match mode {
        Mode::Good(text) => {
            reply.head(200, EVENTS, "").await?;
            reply.event(r#"{"id":"x","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}"#).await?;
            for word in text.split_inclusive(' ') {
                reply.token(word).await?;
            }
            reply.event(r#"{"id":"x","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#).await?;
            reply.event(r#"{"id":"x","choices":[],"usage":{"total_tokens":7}}"#).await?;
            reply.event("[DONE]").await?;
            reply.end().await
        }
        Mode::Sloppy(text) => {
            reply.head(200, EVENTS, "").await?;
            reply.chunk(b": processing\r\n\r\n").await?;
            for word in text.split_inclusive(' ') {
                for piece in format!("event: x\r\ndata:{}\r\n\r\n", token(word)).as_bytes().chunks(7) {
                    reply.chunk(piece).await?;
                }
            }
            reply.end().await
        }
        Mode::NeverCloses(text) => {
            reply.head(200, EVENTS, "").await?;
            reply.token(&text).await?;
            reply.event(r#"{"choices":[{"delta":{},"finish_reason":"length"}]}"#).await?;
            forever().await
        }
        Mode::Whole(text) => {
            reply.head(200, "application/json", "").await?;
            let message = serde_json::json!({ "choices": [{ "message": { "role": "assistant", "content": text } }] });
            reply.chunk(message.to_string().as_bytes()).await?;
            reply.end().await
        }
        Mode::Refuse(status) => {
            reply.head(status, "application/json", "").await?;
            reply.chunk(br#"{"error":{"message":"no","type":"x"}}"#).await?;
            reply.end().await
        }
        Mode::Redirect(to) => {
            reply.head(302, "text/plain", &format!("location: {to}\r\n")).await?;
            reply.end().await
        }
        Mode::HangBeforeHeaders => forever().await,
        Mode::HangAfterFirstToken => {
            reply.head(200, EVENTS, "").await?;
            reply.token("One ").await?;
            forever().await
        }
        Mode::KeepAliveOnly => {
            reply.head(200, EVENTS, "").await?;
            loop {
                reply.chunk(b": still here\n\n").await?;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        Mode::Endless => {
            reply.head(200, EVENTS, "").await?;
            loop {
                reply.token("more ").await?;
            }
        }
        Mode::EndlessSlowly => {
            reply.head(200, EVENTS, "").await?;
            loop {
                reply.token("more ").await?;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        Mode::Garbage => reply.gibibyte(EVENTS, b'\xa5').await,
        Mode::EmptyLines => reply.gibibyte(EVENTS, b'\n').await,
        Mode::InvalidJson => {
            reply.head(200, EVENTS, "").await?;
            reply.event(r#"{"choices":[{"delta":{"content":"On"#).await?;
            reply.end().await
        }
        Mode::WrongContentType => {
            reply.head(200, "text/html", "").await?;
            reply.chunk(b"<!doctype html><title>Welcome</title>").await?;
            reply.end().await
        }
        Mode::Empty => {
            reply.head(200, EVENTS, "").await?;
            reply.event("[DONE]").await?;
            reply.end().await
        }
        Mode::Drop => {
            reply.head(200, EVENTS, "").await?;
            reply.token("One ").await
        }
        Mode::ErrorInStream => {
            reply.head(200, EVENTS, "").await?;
            reply.token("One ").await?;
            reply.event(r#"{"error":{"message":"overloaded","code":503}}"#).await?;
            reply.end().await
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> io::Result<Recorded> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    };
    let head = String::from_utf8_lossy(&bytes[..head_end]).into_owned();
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse().ok())
        .unwrap_or(0);
    while bytes.len() < head_end + length {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    let body = String::from_utf8_lossy(&bytes[head_end..]).into_owned();
    Ok(Recorded { head, body })
}

fn token(text: &str) -> String {
    serde_json::json!({ "choices": [{ "index": 0, "delta": { "content": text }, "finish_reason": null }] }).to_string()
}

async fn forever() -> io::Result<()> {
    std::future::pending().await
}

/// Writes a reply in HTTP/1.1 chunks by hand, so that it can be broken anywhere.
struct Chunks<'a> {
    stream: &'a mut TcpStream,
    sent: &'a AtomicUsize,
}

impl Chunks<'_> {
    async fn head(&mut self, status: u16, content_type: &str, more: &str) -> io::Result<()> {
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: {content_type}\r\n{more}connection: close\r\ntransfer-encoding: chunked\r\n\r\n"
        );
        self.stream.write_all(head.as_bytes()).await
    }

    async fn chunk(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
        chunk.extend_from_slice(bytes);
        chunk.extend_from_slice(b"\r\n");
        self.stream.write_all(&chunk).await?;
        self.sent.fetch_add(bytes.len(), Ordering::Relaxed);
        Ok(())
    }

    async fn event(&mut self, data: &str) -> io::Result<()> {
        self.chunk(format!("data: {data}\n\n").as_bytes()).await
    }

    async fn token(&mut self, text: &str) -> io::Result<()> {
        self.event(&token(text)).await
    }

    async fn gibibyte(&mut self, content_type: &str, byte: u8) -> io::Result<()> {
        self.head(200, content_type, "").await?;
        let block = vec![byte; 1 << 20];
        for _ in 0..1 << 10 {
            self.chunk(&block).await?;
        }
        self.end().await
    }

    async fn end(&mut self) -> io::Result<()> {
        self.stream.write_all(b"0\r\n\r\n").await?;
        self.stream.shutdown().await
    }
}
