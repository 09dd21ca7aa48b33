//! A receiver of webhooks: keeps what it gets, and answers as it is told to.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use http::HeaderMap;

use super::listener::{Asked, Listener, Reply};

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
    listener: Listener,
    state: Arc<State>,
}

impl Receiver {
    pub async fn start() -> Self {
        let state = Arc::new(State { answer: Mutex::new(Answer::status(204)), got: Mutex::default() });
        let shared = Arc::clone(&state);
        Self { listener: Listener::start(move |asked| shared.answers(asked)).await, state }
    }

    /// The origin at which it is reached.
    pub fn url(&self) -> String {
        self.listener.url()
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

impl State {
    fn answers(&self, asked: Asked) -> Reply {
        let host = asked.header("host").to_owned();
        let body = String::from_utf8_lossy(&asked.body).into_owned();
        let answer = self.answer.lock().expect("lock").clone();
        self.got.lock().expect("lock").push(Got { host, path: asked.path, headers: asked.headers, body });
        match answer {
            Answer::Says(204, more, _) => Reply::Says(format!("HTTP/1.1 204 X\r\n{more}\r\n")),
            Answer::Says(status, more, words) => {
                let length = words.len();
                Reply::Says(format!("HTTP/1.1 {status} X\r\n{more}content-length: {length}\r\n\r\n{words}"))
            }
            Answer::Resets => Reply::Resets,
            Answer::Hangs => Reply::Hangs,
        }
    }
}
