//! A mail server of our own: it keeps what it takes, and misbehaves in all the ways that mail servers do.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// How it behaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// Takes everything.
    Good,
    /// Hangs up at once.
    Closed,
    /// Accepts the connection and never says a word.
    Tarpit,
    /// Greets with that line.
    Greets(&'static str),
    /// Answers the recipient with that line.
    Recipient(&'static str),
    /// Answers the whole mail with that line.
    Content(&'static str),
    /// Takes the mail, keeps it, and hangs up before it says so.
    DropsAfterData,
    /// Sends a byte a second.
    Slow,
    /// Offers STARTTLS, and then speaks something else.
    BrokenTls,
    /// Wants this password.
    Password(&'static str),
}

/// A mail that it was handed.
#[derive(Debug, Clone)]
pub struct Taken {
    /// How whoever handed it over called themselves.
    pub hello: String,
    pub from: String,
    pub to: Vec<String>,
    pub data: String,
    pub user: Option<String>,
    /// When the whole of it was here.
    pub at: Instant,
}

struct State {
    mode: Mutex<Mode>,
    taken: Mutex<Vec<Taken>>,
    recipients: Mutex<usize>,
    connections: Mutex<Vec<Instant>>,
}

/// One that listens, until it is dropped.
pub struct MailServer {
    pub at: SocketAddr,
    state: Arc<State>,
    listening: JoinHandle<()>,
}

impl MailServer {
    pub async fn start(mode: Mode) -> Self {
        Self::start_at("127.0.0.1:0", mode).await
    }

    pub async fn start_at(at: &str, mode: Mode) -> Self {
        let listener = TcpListener::bind(at).await.expect("a free port");
        let at = listener.local_addr().expect("an address");
        let state = Arc::new(State {
            mode: Mutex::new(mode),
            taken: Mutex::default(),
            recipients: Mutex::default(),
            connections: Mutex::default(),
        });
        let shared = state.clone();
        let listening = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                shared.connections.lock().expect("lock").push(Instant::now());
                let state = shared.clone();
                connections.spawn(async move { converse(stream, &state).await.ok() });
                while connections.try_join_next().is_some() {}
            }
        });
        Self { at, state, listening }
    }

    /// What `LIVERY_SMTP_URL` would say.
    pub fn url(&self) -> String {
        format!("smtp://{}", self.at)
    }

    pub fn set(&self, mode: Mode) {
        *self.state.mode.lock().expect("lock") = mode;
    }

    /// Everything that it was handed, also what it did not confirm.
    pub fn taken(&self) -> Vec<Taken> {
        self.state.taken.lock().expect("lock").clone()
    }

    /// How often it was asked to take a recipient.
    pub fn recipients(&self) -> usize {
        *self.state.recipients.lock().expect("lock")
    }

    /// How many connections there were.
    pub fn connections(&self) -> usize {
        self.state.connections.lock().expect("lock").len()
    }

    /// The next mail that nobody has seen yet, by its place.
    pub async fn mail(&self, at: usize) -> Taken {
        super::until(async || self.taken().get(at).cloned()).await
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn converse(stream: TcpStream, state: &State) -> io::Result<()> {
    let mode = || state.mode.lock().expect("lock").clone();
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read);
    match mode() {
        Mode::Closed => return Ok(()),
        Mode::Tarpit => std::future::pending().await,
        Mode::Slow => {
            for byte in b"220 mail.test ready, at leisure\r\n".iter().cycle() {
                write.write_all(&[*byte]).await?;
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
        Mode::Greets(line) => {
            write.write_all(format!("{line}\r\n").as_bytes()).await?;
            return Ok(());
        }
        _ => write.write_all(b"220 mail.test ready\r\n").await?,
    }
    let (mut hello, mut from, mut to, mut user) = (String::new(), String::new(), Vec::new(), None);
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let line = line.trim_end();
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        if verb == "EHLO" {
            line.clone_into(&mut hello);
        }
        let answer: String = match verb.as_str() {
            "EHLO" if mode() == Mode::BrokenTls => "250-mail.test\r\n250 STARTTLS".to_owned(),
            "EHLO" => "250-mail.test\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 AUTH PLAIN LOGIN".to_owned(),
            "STARTTLS" => {
                write.write_all(b"220 go ahead\r\nthis is not TLS at all, sorry\r\n").await?;
                let mut rest = [0u8; 64];
                let _heard = lines.read(&mut rest).await?;
                return Ok(());
            }
            "AUTH" => {
                let mut words = line.split(' ').skip(1);
                let (mechanism, first) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
                let decoded =
                    |text: &str| String::from_utf8(STANDARD.decode(text).unwrap_or_default()).unwrap_or_default();
                let (name, password) = if mechanism == "PLAIN" {
                    let all = decoded(first);
                    let mut parts = all.split('\0').skip(1).map(str::to_owned);
                    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
                } else {
                    let mut ask = async |what: &str| -> io::Result<String> {
                        write.write_all(format!("334 {}\r\n", STANDARD.encode(what)).as_bytes()).await?;
                        let mut line = String::new();
                        lines.read_line(&mut line).await?;
                        Ok(decoded(line.trim_end()))
                    };
                    (ask("Username:").await?, ask("Password:").await?)
                };
                user = Some(name);
                match mode() {
                    Mode::Password(wanted) if wanted != password => "535 5.7.8 wrong password".to_owned(),
                    _ => "235 welcome".to_owned(),
                }
            }
            "MAIL" => {
                from = between(line);
                "250 fine".to_owned()
            }
            "RCPT" => {
                *state.recipients.lock().expect("lock") += 1;
                to.push(between(line));
                match mode() {
                    Mode::Recipient(line) => line.to_owned(),
                    _ => "250 fine".to_owned(),
                }
            }
            "DATA" => {
                write.write_all(b"354 go on\r\n").await?;
                let mut data = String::new();
                loop {
                    let mut line = String::new();
                    if lines.read_line(&mut line).await? == 0 {
                        return Ok(());
                    }
                    if line == ".\r\n" {
                        break;
                    }
                    data.push_str(line.strip_prefix('.').unwrap_or(&line));
                }
                if let Mode::Content(line) = mode() {
                    line.to_owned()
                } else {
                    let (hello, from, to, user) = (hello.clone(), from.clone(), to.clone(), user.clone());
                    let mail = Taken { hello, from, to, data, user, at: Instant::now() };
                    state.taken.lock().expect("lock").push(mail);
                    if mode() == Mode::DropsAfterData {
                        return Ok(());
                    }
                    "250 taken".to_owned()
                }
            }
            "RSET" => {
                to.clear();
                "250 fine".to_owned()
            }
            "QUIT" => {
                write.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => "502 what?".to_owned(),
        };
        write.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
}

fn between(line: &str) -> String {
    let inner = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inner.map(|(inner, _)| inner.to_owned()).unwrap_or_default()
}

/// A mail, read.
#[derive(Debug, Clone)]
pub struct Read {
    /// Every header in its order, unfolded, names in lower case.
    pub headers: Vec<(String, String)>,
    pub text: String,
    pub html: String,
}

impl Read {
    pub fn of(data: &str) -> Self {
        let (headers, body) = split(data);
        let boundary =
            value(&headers, "content-type").split("boundary=").nth(1).expect("parts").trim_matches('"').to_owned();
        let mut parts = BTreeMap::new();
        for part in body.split(&format!("--{boundary}")).skip(1).filter(|part| !part.starts_with("--")) {
            let (headers, body) = split(part.trim_start_matches("\r\n"));
            let kind = value(&headers, "content-type").split(';').next().expect("a type").to_owned();
            let body = body.strip_suffix("\r\n").unwrap_or(&body);
            let decoded = match value(&headers, "content-transfer-encoding").as_str() {
                "base64" => STANDARD.decode(body.replace("\r\n", "")).expect("base64"),
                "quoted-printable" => quoted_printable(body),
                _ => body.as_bytes().to_vec(),
            };
            parts.insert(kind, String::from_utf8(decoded).expect("UTF-8").replace("\r\n", "\n"));
        }
        let mut part = |kind: &str| parts.remove(kind).unwrap_or_else(|| panic!("no {kind} in {data}"));
        Self { text: part("text/plain"), html: part("text/html"), headers }
    }

    pub fn header(&self, name: &str) -> String {
        value(&self.headers, name)
    }

    /// A header as people read it.
    pub fn words(&self, name: &str) -> String {
        words(&self.header(name))
    }
}

fn value(headers: &[(String, String)], name: &str) -> String {
    headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default()
}

/// Headers, unfolded, and the rest.
fn split(data: &str) -> (Vec<(String, String)>, String) {
    let (head, body) = data.split_once("\r\n\r\n").unwrap_or((data, ""));
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let headers = unfolded.split("\r\n").filter(|line| !line.is_empty()).map(|line| {
        let (name, value) = line.split_once(':').unwrap_or_else(|| panic!("no header: {line:?}"));
        (name.to_ascii_lowercase(), value.trim().to_owned())
    });
    (headers.collect(), body.to_owned())
}

fn quoted_printable(text: &str) -> Vec<u8> {
    let joined = text.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.as_bytes();
    while let Some((first, more)) = rest.split_first() {
        if *first == b'=' && more.len() >= 2 {
            let hex = std::str::from_utf8(&more[..2]).expect("ASCII");
            bytes.push(u8::from_str_radix(hex, 16).expect("two digits"));
            rest = &more[2..];
        } else {
            bytes.push(*first);
            rest = more;
        }
    }
    bytes
}

/// Undoes `=?utf-8?b?...?=`.
pub fn words(value: &str) -> String {
    let joined = value.replace("?= =?", "?==?");
    let mut out = String::new();
    let mut rest = joined.as_str();
    while let Some((before, after)) = rest.split_once("=?utf-8?b?") {
        let (encoded, more) = after.split_once("?=").expect("an end");
        out.push_str(before);
        out.push_str(&String::from_utf8(STANDARD.decode(encoded).expect("base64")).expect("UTF-8"));
        rest = more;
    }
    out.push_str(rest);
    out
}
