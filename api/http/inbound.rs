//! The door for mails: a small receiver that speaks SMTP, and a webhook for whoever has a mail server already.
//!
//! It takes mails for addresses that we signed and for no others, relays nothing, and never sends one: what it refuses, the
//! other server tells its own people. Everything is bounded: lines, mails, recipients, mistakes, time, connections.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http::{HeaderMap, StatusCode};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::House;
use crate::error::{Code, Result};
use crate::service::Services;
use crate::service::inbound::{self, LARGEST, Taken};

/// Longest command.
const COMMAND: usize = 2_048;
/// Most recipients of one mail.
const RECIPIENTS: usize = 5;
/// After so many mistakes it is no mail server.
const MISTAKES: u32 = 10;
/// Most mails in one conversation.
const MAILS: u32 = 50;
/// How long a line may take.
const LINE_WITHIN: Duration = Duration::from_secs(60);
/// How long a whole conversation may take.
const WITHIN: Duration = Duration::from_secs(300);
/// Most conversations at once, and of one address.
const AT_ONCE: (usize, usize) = (200, 20);

/// Listens for mails.
pub struct Receiver {
    listener: TcpListener,
}

/// How many conversations there are, by address.
#[derive(Default)]
struct Callers(Mutex<HashMap<IpAddr, usize>>);

struct Call {
    callers: Arc<Callers>,
    address: IpAddr,
}

impl Callers {
    fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Call> {
        let mut callers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = callers.entry(address).or_default();
        if *count >= AT_ONCE.1 {
            return None;
        }
        *count += 1;
        Some(Call { callers: self.clone(), address })
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let mut callers = self.callers.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = callers.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                callers.remove(&self.address);
            }
        }
    }
}

impl Receiver {
    /// Listens at that address.
    pub async fn bind(at: SocketAddr) -> io::Result<Self> {
        Ok(Self { listener: TcpListener::bind(at).await? })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Takes mails until `stop` says so, then finishes those that are under way.
    pub async fn serve(self, services: Services, mut stop: watch::Receiver<bool>) {
        let (room, callers) = (Arc::new(Semaphore::new(AT_ONCE.0)), Arc::new(Callers::default()));
        let mut running = JoinSet::new();
        loop {
            while running.try_join_next().is_some() {}
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                _ = stop.wait_for(|stop| *stop) => break,
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection for mails was not accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            // Whoever finds no room tries again by itself: that is how mail works.
            let (Ok(permit), Some(call)) = (room.clone().try_acquire_owned(), callers.enter(peer.ip().to_canonical()))
            else {
                continue;
            };
            let services = services.clone();
            running.spawn(async move {
                let ended = tokio::time::timeout(WITHIN, talk(stream, &services)).await;
                tracing::debug!(peer = %peer.ip(), in_time = ended.is_ok(), "a conversation about mails ended");
                drop((permit, call));
            });
        }
        while running.join_next().await.is_some() {}
    }
}

async fn talk(stream: TcpStream, services: &Services) -> io::Result<()> {
    let (read, write) = stream.into_split();
    Conversation::new(services, BufReader::new(read), write).run().await
}

/// What a line came to.
enum Line {
    Whole(Vec<u8>),
    TooLong,
    End,
}

/// Reads to the end of a line, or as far as is allowed.
async fn read_line(from: &mut (impl AsyncBufRead + Unpin), most: usize) -> io::Result<Line> {
    let mut line = Vec::new();
    loop {
        let buffer = from.fill_buf().await?;
        if buffer.is_empty() {
            return Ok(Line::End);
        }
        let (take, ends) = match buffer.iter().position(|byte| *byte == b'\n') {
            Some(at) => (at + 1, true),
            None => (buffer.len(), false),
        };
        if line.len() + take > most {
            return Ok(Line::TooLong);
        }
        line.extend_from_slice(&buffer[..take]);
        from.consume(take);
        if ends {
            return Ok(Line::Whole(line));
        }
    }
}

/// What stands between the angles of `FROM:<...>`, and what follows.
fn path(rest: &str) -> Option<(&str, &str)> {
    let (before, after) = rest.trim_start().split_once('<')?;
    let (inner, parameters) = after.split_once('>')?;
    // A route in front of an address is from a time before domains.
    (before.is_empty() && !inner.chars().any(|c| c.is_whitespace() || c.is_control()) && !inner.starts_with('@'))
        .then_some((inner, parameters))
}

struct Conversation<'a, R, W> {
    services: &'a Services,
    read: R,
    write: W,
    from: Option<String>,
    to: Vec<String>,
    mistakes: u32,
    mails: u32,
}

impl<'a, R: AsyncBufRead + Unpin, W: AsyncWrite + Unpin> Conversation<'a, R, W> {
    fn new(services: &'a Services, read: R, write: W) -> Self {
        Self { services, read, write, from: None, to: Vec::new(), mistakes: 0, mails: 0 }
    }

    fn host(&self) -> String {
        self.services.replies.host().unwrap_or("localhost").to_owned()
    }

    async fn say(&mut self, line: &str) -> io::Result<()> {
        self.write.write_all(format!("{line}\r\n").as_bytes()).await?;
        self.write.flush().await
    }

    async fn run(mut self) -> io::Result<()> {
        let host = self.host();
        self.say(&format!("220 {host} ESMTP")).await?;
        loop {
            let line = match tokio::time::timeout(LINE_WITHIN, read_line(&mut self.read, COMMAND)).await {
                Err(_) => return self.say("421 4.4.2 Too slow").await,
                Ok(line) => line?,
            };
            let line = match line {
                Line::Whole(line) => String::from_utf8_lossy(&line).trim_end().to_owned(),
                Line::TooLong => return self.say("500 5.5.2 Line too long").await,
                Line::End => return Ok(()),
            };
            let answer = match self.command(&line).await? {
                Some(answer) => answer,
                None => return self.say("221 2.0.0 Bye").await,
            };
            self.mistakes += u32::from(answer.starts_with('5'));
            self.say(&answer).await?;
            if self.mistakes > MISTAKES || self.mails > MAILS {
                return self.say("421 4.7.0 Enough").await;
            }
        }
    }

    async fn command(&mut self, line: &str) -> io::Result<Option<String>> {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        let said = |answer: &str| Ok(Some(answer.to_owned()));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => {
                self.forget();
                let host = self.host();
                Ok(Some(format!("250-{host}\r\n250-SIZE {LARGEST}\r\n250-8BITMIME\r\n250 SMTPUTF8")))
            }
            "HELO" => {
                self.forget();
                Ok(Some(format!("250 {}", self.host())))
            }
            "MAIL" => Ok(Some(self.mail(rest))),
            "RCPT" => Ok(Some(self.recipient(rest).await)),
            "DATA" if self.to.is_empty() => said("503 5.5.1 Say to whom first"),
            "DATA" => self.data().await.map(Some),
            "RSET" => {
                self.forget();
                said("250 2.0.0 Forgotten")
            }
            "NOOP" => said("250 2.0.0 Fine"),
            "VRFY" => said("252 2.5.0 Send it and see"),
            "QUIT" => Ok(None),
            _ => said("502 5.5.1 Not here"),
        }
    }

    fn forget(&mut self) {
        self.from = None;
        self.to.clear();
    }

    fn mail(&mut self, rest: &str) -> String {
        let named = rest.get(..5).filter(|word| word.eq_ignore_ascii_case("FROM:")).and_then(|_| path(&rest[5..]));
        let Some((from, parameters)) = named else { return "501 5.5.4 MAIL FROM:<address>".to_owned() };
        let size = parameters
            .split_whitespace()
            .find_map(|word| word.to_ascii_uppercase().strip_prefix("SIZE=")?.parse().ok());
        if size.is_some_and(|size: usize| size > LARGEST) {
            return "552 5.3.4 Too large".to_owned();
        }
        self.to.clear();
        self.from = Some(from.to_owned());
        "250 2.1.0 Fine".to_owned()
    }

    async fn recipient(&mut self, rest: &str) -> String {
        if self.from.is_none() {
            return "503 5.5.1 Say from whom first".to_owned();
        }
        let named = rest.get(..3).filter(|word| word.eq_ignore_ascii_case("TO:")).and_then(|_| path(&rest[3..]));
        let Some((to, _)) = named else { return "501 5.5.4 RCPT TO:<address>".to_owned() };
        if self.to.len() >= RECIPIENTS {
            return "452 4.5.3 Too many recipients".to_owned();
        }
        match inbound::is_ours(self.services, to).await {
            Ok(true) => {
                self.to.push(to.to_owned());
                "250 2.1.5 Fine".to_owned()
            }
            Ok(false) => "550 5.1.1 There is no such address here".to_owned(),
            Err(_) => "451 4.3.0 Try again later".to_owned(),
        }
    }

    /// Reads a mail to its end. Only a line that ends as lines of mails do can end it: what else looks like an end is part of
    /// the mail, and no second mail hides behind it.
    async fn data(&mut self) -> io::Result<String> {
        self.say("354 Go on").await?;
        let mut mail: Vec<u8> = Vec::new();
        let (mut at_start, mut too_large) = (true, 0usize);
        loop {
            let piece = tokio::time::timeout(LINE_WITHIN, read_piece(&mut self.read)).await;
            let piece = piece.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
            if piece.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if at_start && piece == b".\r\n" {
                break;
            }
            let unstuffed = if at_start && piece.starts_with(b".") { &piece[1..] } else { &piece[..] };
            at_start = piece.ends_with(b"\r\n");
            if too_large == 0 && mail.len() + unstuffed.len() <= LARGEST {
                mail.extend_from_slice(unstuffed);
                continue;
            }
            too_large += unstuffed.len();
            mail = Vec::new();
            if too_large > 2 * LARGEST {
                return Err(io::ErrorKind::InvalidData.into());
            }
        }
        self.mails += 1;
        let (from, to) = (self.from.take(), std::mem::take(&mut self.to));
        if too_large > 0 {
            return Ok("552 5.3.4 Too large".to_owned());
        }
        let mut answer = None;
        for to in to {
            let this = answer_to(&inbound::take(self.services, from.as_deref(), &to, &mail).await);
            let worse = |before: &str| this.starts_with('4') || before.starts_with('5') && this.starts_with('2');
            if answer.is_none_or(worse) {
                answer = Some(this);
            }
        }
        Ok(answer.unwrap_or("503 5.5.1 Say to whom first").to_owned())
    }
}

/// A line, or a piece of one that is very long.
async fn read_piece(from: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Vec<u8>> {
    const PIECE: usize = 64 * 1024;
    let mut piece = Vec::new();
    loop {
        let buffer = from.fill_buf().await?;
        if buffer.is_empty() {
            return Ok(Vec::new());
        }
        let (take, ends) = match buffer.iter().position(|byte| *byte == b'\n') {
            Some(at) => (at + 1, true),
            None => (buffer.len(), false),
        };
        piece.extend_from_slice(&buffer[..take]);
        from.consume(take);
        if ends || piece.len() > PIECE {
            return Ok(piece);
        }
    }
}

fn answer_to(taken: &Result<Taken>) -> &'static str {
    match taken {
        Ok(Taken::Kept | Taken::Again | Taken::Automatic) => "250 2.0.0 Taken",
        Ok(Taken::Unknown) => "550 5.1.1 There is no such address here",
        Ok(Taken::Unreadable) => "554 5.6.0 This cannot be read as a mail",
        Ok(Taken::TooLarge) => "552 5.3.4 Too large",
        Err(_) => "451 4.3.0 Try again later",
    }
}

pub(super) fn router() -> Router<House> {
    Router::new().route("/inbound/mail", post(webhook)).layer(DefaultBodyLimit::max(LARGEST + 1))
}

/// Takes a mail as whoever has a mail server posts it: its bytes as the body, `X-Recipient`, maybe `X-Sender`, and
/// `X-Signature`.
async fn webhook(State(house): State<House>, headers: HeaderMap, body: Bytes) -> Response {
    let services = &house.services;
    if !services.replies.has_webhook() {
        return StatusCode::NOT_FOUND.into_response();
    }
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let (recipient, signature) = (header("x-recipient").unwrap_or_default(), header("x-signature").unwrap_or_default());
    if !services.replies.is_signed(recipient, &body, signature) {
        return (StatusCode::UNAUTHORIZED, "The signature does not fit.\n").into_response();
    }
    let sender = header("x-sender").map(|sender| sender.trim_matches(['<', '>']));
    match inbound::take(services, sender, recipient, &body).await {
        Ok(Taken::Kept | Taken::Again | Taken::Automatic) => StatusCode::NO_CONTENT.into_response(),
        Ok(Taken::Unknown) => (StatusCode::NOT_FOUND, "There is no such address here.\n").into_response(),
        Ok(Taken::Unreadable) => (StatusCode::UNPROCESSABLE_ENTITY, "This cannot be read as a mail.\n").into_response(),
        Ok(Taken::TooLarge) => (StatusCode::PAYLOAD_TOO_LARGE, "Too large.\n").into_response(),
        Err(error) if error.code == Code::RateLimited => StatusCode::TOO_MANY_REQUESTS.into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "Please try again.\n").into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_stands_between_angles() {
        fn check(rest: &str, expected: Option<&str>) {
            assert_eq!(path(rest).map(|(inner, _)| inner), expected, "{rest}");
        }
        check("<jo@x.test>", Some("jo@x.test"));
        check(" <jo@x.test> SIZE=1", Some("jo@x.test"));
        check("<>", Some(""));
        check("jo@x.test", None);
        check("<jo@x.test", None);
        check("a <jo@x.test>", None);
        check("<@relay.test:jo@x.test>", None);
        check("<jo@x.test\r\nRCPT TO:<a@b.test>", None);
    }

    #[tokio::test]
    async fn lines_are_bounded() {
        async fn check(bytes: &[u8], expected: Option<&[u8]>) {
            let mut from = BufReader::with_capacity(4, bytes);
            let line = read_line(&mut from, 10).await.expect("a look");
            let found = match &line {
                Line::Whole(line) => Some(line.as_slice()),
                Line::TooLong | Line::End => None,
            };
            assert_eq!(found, expected);
        }
        check(b"NOOP\r\nQUIT\r\n", Some(b"NOOP\r\n")).await;
        check(b"0123456789\n", None).await;
        check(b"no end", None).await;
        check(b"", None).await;
    }
}
