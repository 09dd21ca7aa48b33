//! Clients that cost as little as possible, so that what is measured is the server: HTTP over one connection, and
//! WebSocket with just what our protocol needs of it.

use std::io;
use std::net::SocketAddr;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The host under which everything is asked for.
const HOST: &str = "127.0.0.1:8080";

/// Where the first `needle` begins.
pub fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).position(|window| window == needle)
}

/// A connection and what has been read of it.
struct Pipe {
    stream: TcpStream,
    read: Vec<u8>,
    /// Where the unused part of `read` begins.
    at: usize,
}

impl Pipe {
    async fn connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, read: Vec::new(), at: 0 })
    }

    fn unused(&self) -> &[u8] {
        &self.read[self.at..]
    }

    async fn more(&mut self) -> io::Result<()> {
        if self.at == self.read.len() {
            self.read.clear();
            self.at = 0;
        } else if self.at > 64 * 1024 {
            self.read.drain(..self.at);
            self.at = 0;
        }
        self.read.reserve(512);
        if self.stream.read_buf(&mut self.read).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }

    /// The head of an answer.
    async fn head(&mut self) -> io::Result<String> {
        loop {
            if let Some(end) = find(self.unused(), b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&self.unused()[..end]).into_owned();
                self.at += end + 4;
                return Ok(head);
            }
            self.more().await?;
        }
    }

    async fn take(&mut self, count: usize) -> io::Result<Vec<u8>> {
        while self.unused().len() < count {
            self.more().await?;
        }
        let taken = self.unused()[..count].to_vec();
        self.at += count;
        Ok(taken)
    }
}

/// A header's value in a head.
pub fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let lines = head.lines().filter_map(|line| line.split_once(':'));
    lines.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).next()
}

/// The text of a GET.
pub fn get(path: &str, more: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: {HOST}\r\n{more}\r\n")
}

/// A connection that is kept.
pub struct Http(Pipe);

impl Http {
    /// Connects.
    pub async fn connect(address: SocketAddr) -> io::Result<Self> {
        Pipe::connect(address).await.map(Self)
    }

    /// Sends a request and gives head and body of the answer.
    pub async fn send(&mut self, request: &str) -> io::Result<(String, Vec<u8>)> {
        self.0.stream.write_all(request.as_bytes()).await?;
        let head = self.0.head().await?;
        let length = header(&head, "content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let body = self.0.take(length).await?;
        Ok((head, body))
    }

    /// Sends a request whose answer is known to have so many bytes.
    pub async fn repeat(&mut self, request: &[u8], answer: usize) -> io::Result<()> {
        self.0.stream.write_all(request).await?;
        while self.0.unused().len() < answer {
            self.0.more().await?;
        }
        self.0.at += answer;
        Ok(())
    }

    /// The data that a document gives, which must succeed.
    pub async fn ask(&mut self, path: &str, token: Option<&str>, query: &str, variables: Value) -> io::Result<Value> {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let token = token.map_or(String::new(), |token| format!("authorization: Bearer {token}\r\n"));
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {HOST}\r\ncontent-type: application/json\r\n{token}content-length: {}\r\n\r\n{body}",
            body.len()
        );
        let (head, body) = self.send(&request).await?;
        let mut answer: Value = serde_json::from_slice(&body)?;
        if !answer["errors"].is_null() || answer["data"].is_null() {
            return Err(io::Error::other(format!("{query}: {head} {answer}")));
        }
        Ok(answer["data"].take())
    }
}

/// A WebSocket.
pub struct Socket(Pipe);

impl Socket {
    /// Connects and upgrades.
    pub async fn connect(address: SocketAddr, path: &str, protocol: Option<&str>) -> io::Result<Self> {
        let mut pipe = Pipe::connect(address).await?;
        let protocol = protocol.map_or(String::new(), |name| format!("sec-websocket-protocol: {name}\r\n"));
        let more = format!(
            "connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
             sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n{protocol}"
        );
        pipe.stream.write_all(get(path, &more).as_bytes()).await?;
        let head = pipe.head().await?;
        if !head.starts_with("HTTP/1.1 101") {
            return Err(io::Error::other(head));
        }
        Ok(Self(pipe))
    }

    /// Connects to a GraphQL endpoint and initialises.
    pub async fn graphql(address: SocketAddr, path: &str, token: &str) -> io::Result<Self> {
        let mut socket = Self::connect(address, path, Some("graphql-transport-ws")).await?;
        let init = json!({ "type": "connection_init", "payload": { "token": token } });
        socket.send(&init.to_string()).await?;
        let answer = socket.receive().await?;
        if find(answer, b"connection_ack").is_none() {
            return Err(io::Error::other(String::from_utf8_lossy(answer).into_owned()));
        }
        Ok(socket)
    }

    /// Begins an operation.
    pub async fn operation(&mut self, id: &str, query: &str, variables: Value) -> io::Result<()> {
        let payload = json!({ "query": query, "variables": variables });
        self.send(&json!({ "type": "subscribe", "id": id, "payload": payload }).to_string()).await
    }

    /// Sends a text.
    pub async fn send(&mut self, text: &str) -> io::Result<()> {
        self.frame(0x81, text.as_bytes()).await
    }

    async fn frame(&mut self, first: u8, payload: &[u8]) -> io::Result<()> {
        let mut frame = Vec::with_capacity(payload.len() + 8);
        frame.push(first);
        match u16::try_from(payload.len()).map_err(io::Error::other)? {
            short @ 0..=125 => frame.push(0x80 | short as u8),
            long => {
                frame.push(0x80 | 126);
                frame.extend_from_slice(&long.to_be_bytes());
            }
        }
        // A mask of zeros is a mask, and leaves the text as it is.
        frame.extend_from_slice(&[0; 4]);
        frame.extend_from_slice(payload);
        self.0.stream.write_all(&frame).await
    }

    /// The next text; pings are answered.
    pub async fn receive(&mut self) -> io::Result<&[u8]> {
        loop {
            let unused = self.0.unused();
            let (head, length) = match unused {
                [_, 126, high, low, ..] => (4, usize::from(u16::from_be_bytes([*high, *low]))),
                [_, 127, eight @ ..] if eight.len() >= 8 => {
                    (10, eight[..8].iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)))
                }
                [_, short @ 0..=125, ..] => (2, usize::from(*short)),
                _ => {
                    self.0.more().await?;
                    continue;
                }
            };
            if unused.len() < head + length {
                self.0.more().await?;
                continue;
            }
            let kind = unused[0] & 0x0f;
            let start = self.0.at + head;
            self.0.at = start + length;
            match kind {
                1 => return Ok(&self.0.read[start..start + length]),
                9 => self.frame(0x8a, &[]).await?,
                8 => {
                    let reason = String::from_utf8_lossy(&self.0.read[start..start + length]).into_owned();
                    return Err(io::Error::other(format!("closed: {reason}")));
                }
                _ => {}
            }
        }
    }

    /// Reads on to a text that contains `needle`.
    pub async fn receive_with(&mut self, needle: &[u8]) -> io::Result<()> {
        loop {
            let text = self.receive().await?;
            if find(text, b"\"errors\"").is_some() {
                return Err(io::Error::other(String::from_utf8_lossy(text).into_owned()));
            }
            if find(text, needle).is_some() {
                return Ok(());
            }
        }
    }
}
