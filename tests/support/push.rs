//! A push service of our own (RFC 8030), with the browsers that subscribe to it. It checks tokens (RFC 8292) and opens messages
//! (RFC 8291) by other code, and on another library, than what writes them; and misbehaves in the ways that push services do.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::signature::{self, ECDSA_P256_SHA256_FIXED};
use aws_lc_rs::{hmac, rand};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use livery::domain::push::{Hosts, Subscription};
use livery::domain::time::Clock;
use serde_json::Value;

use super::listener::{Asked, Listener, Reply};

/// A browser that has subscribed: its keys, and where it is written to.
pub struct Browser {
    pub endpoint: String,
    private: PrivateKey,
    public: Vec<u8>,
    auth: [u8; 16],
    /// The `applicationServerKey` that it subscribed to, if it named one.
    sender: Option<String>,
    gone: bool,
}

impl Browser {
    /// One with keys of its own.
    pub fn new(endpoint: &str) -> Self {
        let private = PrivateKey::generate(&ECDH_P256).expect("a key");
        let mut auth = [0; 16];
        rand::fill(&mut auth).expect("randomness");
        Self::with(endpoint, private, auth)
    }

    /// One with these keys: the number of the private one, and the secret.
    pub fn known(endpoint: &str, private: &[u8], auth: [u8; 16]) -> Self {
        Self::with(endpoint, PrivateKey::from_private_key(&ECDH_P256, private).expect("a key"), auth)
    }

    fn with(endpoint: &str, private: PrivateKey, auth: [u8; 16]) -> Self {
        let public = private.compute_public_key().expect("a key").as_ref().to_vec();
        Self { endpoint: endpoint.to_owned(), private, public, auth, sender: None, gone: false }
    }

    /// `keys.p256dh` of `PushSubscription.toJSON()`.
    pub fn p256dh(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.public)
    }

    /// `keys.auth` of the same.
    pub fn auth(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.auth)
    }

    /// The subscription as the house knows it.
    pub fn subscription(&self, hosts: &Hosts) -> Subscription {
        Subscription::parse(&self.endpoint, &self.p256dh(), &self.auth(), hosts).expect("a subscription")
    }

    /// Opens a message, as a browser does: one record, sealed for this browser, well padded (RFC 8291, section 4).
    pub fn open(&self, body: &[u8]) -> Result<Vec<u8>, String> {
        if body.len() < 21 + 65 {
            return Err(format!("{} bytes are no message", body.len()));
        }
        let (salt, rest) = body.split_at(16);
        let size = u32::from_be_bytes(rest[..4].try_into().expect("four bytes"));
        let (length, sender, record) = (rest[4], &rest[5..70], &rest[70..]);
        if length != 65 || sender[0] != 4 {
            return Err("the sender's key is no point".to_owned());
        }
        if size < 18 || (record.len() as u64) > u64::from(size) {
            return Err(format!("a record of {} bytes, said to be {size}", record.len()));
        }
        let input =
            agree(&self.private, UnparsedPublicKey::new(&ECDH_P256, sender), "no point of the curve", |shared| {
                let info = [b"WebPush: info\0".as_slice(), &self.public, sender].concat();
                Ok(derived(&self.auth, shared, &info))
            })?;
        let key = &derived(salt, &input, b"Content-Encoding: aes128gcm\0")[..16];
        let nonce = &derived(salt, &input, b"Content-Encoding: nonce\0")[..12];
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, key).map_err(|_| "no key")?);
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| "no nonce")?;
        let mut record = record.to_vec();
        let text = key.open_in_place(nonce, Aad::empty(), &mut record).map_err(|_| "not sealed for this browser")?;
        let end = text.iter().rposition(|b| *b != 0).ok_or("nothing but padding")?;
        if text[end] != 2 {
            return Err("not the last record".to_owned());
        }
        Ok(text[..end].to_vec())
    }
}

/// HKDF with SHA-256 (RFC 5869), as far as its first 32 bytes.
fn derived(salt: &[u8], input: &[u8], info: &[u8]) -> Vec<u8> {
    let extracted = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, salt), input);
    let expanding = hmac::Key::new(hmac::HMAC_SHA256, extracted.as_ref());
    hmac::sign(&expanding, &[info, &[1]].concat()).as_ref().to_vec()
}

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    pub aud: String,
    pub exp: i64,
    pub sub: String,
    /// The public key that it was signed with, in base64url.
    pub key: String,
}

/// Checks `Authorization: vapid t=…, k=…` at the push service of that origin, at that second.
pub fn vapid(authorization: &str, origin: &str, now: i64) -> Result<Claims, String> {
    let parameters = authorization.strip_prefix("vapid ").ok_or("no vapid token")?;
    let parameters: HashMap<&str, &str> = parameters.split(',').filter_map(|p| p.trim().split_once('=')).collect();
    let (token, key) = (parameters.get("t").ok_or("no t")?, parameters.get("k").ok_or("no k")?);
    let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| "not base64url".to_owned());
    let [header, claims, signed] = token.split('.').collect::<Vec<_>>()[..] else {
        return Err("not three parts".to_owned());
    };
    let point = decoded(key)?;
    if point.len() != 65 || point[0] != 4 {
        return Err("k is no point".to_owned());
    }
    signature::UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &point)
        .verify(format!("{header}.{claims}").as_bytes(), &decoded(signed)?)
        .map_err(|_| "not signed by k")?;
    let json = |text: &str| serde_json::from_slice::<Value>(&decoded(text)?).map_err(|error| error.to_string());
    if json(header)? != serde_json::json!({ "typ": "JWT", "alg": "ES256" }) {
        return Err("another kind of token".to_owned());
    }
    let claims = json(claims)?;
    let text = |name: &str| claims[name].as_str().map(str::to_owned).ok_or(format!("no {name}"));
    let claims = Claims {
        aud: text("aud")?,
        exp: claims["exp"].as_i64().ok_or("no exp")?,
        sub: text("sub")?,
        key: (*key).to_owned(),
    };
    if claims.aud != origin {
        return Err(format!("for {}, not {origin}", claims.aud));
    }
    if claims.exp <= now || claims.exp > now + 86_400 {
        return Err("over, or valid for more than a day".to_owned());
    }
    if !claims.sub.starts_with("mailto:") && !claims.sub.starts_with("https://") {
        return Err("nobody to write to".to_owned());
    }
    Ok(claims)
}

/// How it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// As a real one: looks at everything, and takes what is right.
    Judges,
    /// That status, with these lines in the head (`retry-after: 5`) and this text.
    Says(u16, &'static str, &'static str),
    /// Reads the request and says nothing more.
    Hangs,
    /// Reads the request and resets the connection.
    Resets,
    /// That status, and then an explanation that never comes.
    Mumbles(u16),
    /// A redirect to there.
    Redirects(String),
}

/// A request that it got.
#[derive(Debug, Clone)]
pub struct Received {
    /// Where to: what the endpoint was.
    pub endpoint: String,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    /// What the token says, or what is wrong with it.
    pub token: Result<Claims, String>,
    /// The message as it came.
    pub body: Vec<u8>,
    /// What the browser makes of it; nothing said is nothing.
    pub payload: Result<Vec<u8>, String>,
    /// What it was answered, if anything.
    pub status: Option<u16>,
}

struct State {
    clock: Clock,
    browsers: Mutex<HashMap<String, Browser>>,
    answer: Mutex<Answer>,
    received: Mutex<Vec<Received>>,
}

/// One that listens, until it is dropped. It stands for every push service: `Host` says which one is meant.
pub struct PushService {
    listener: Listener,
    state: Arc<State>,
}

impl PushService {
    /// Judges tokens by that clock.
    pub async fn start(clock: Clock) -> Self {
        let state = Arc::new(State {
            clock,
            browsers: Mutex::default(),
            answer: Mutex::new(Answer::Judges),
            received: Mutex::default(),
        });
        let shared = Arc::clone(&state);
        Self { listener: Listener::start(move |asked| shared.answers(asked)).await, state }
    }

    /// The origin at which it is reached.
    pub fn url(&self) -> String {
        self.listener.url()
    }

    /// A browser subscribes, to the holder of that public key alone if one is given.
    pub fn subscribe(&self, endpoint: &str, hosts: &Hosts, sender: Option<&str>) -> Subscription {
        let browser = Browser { sender: sender.map(str::to_owned), ..Browser::new(endpoint) };
        let subscription = browser.subscription(hosts);
        self.state.browsers.lock().expect("lock").insert(endpoint.to_owned(), browser);
        subscription
    }

    /// A browser wants nothing more.
    pub fn unsubscribe(&self, endpoint: &str) {
        if let Some(browser) = self.state.browsers.lock().expect("lock").get_mut(endpoint) {
            browser.gone = true;
        }
    }

    /// How it answers from now on.
    pub fn set(&self, answer: Answer) {
        *self.state.answer.lock().expect("lock") = answer;
    }

    /// All requests so far.
    pub fn received(&self) -> Vec<Received> {
        self.state.received.lock().expect("lock").clone()
    }

    /// The newest request.
    pub fn last(&self) -> Received {
        self.received().pop().expect("a request")
    }
}

impl State {
    /// What the request is, and what a real push service would say to it.
    fn judge(&self, path: &str, headers: BTreeMap<String, String>, body: Vec<u8>) -> (Received, u16) {
        let header = |name: &str| headers.get(name).map_or("", String::as_str);
        let origin = format!("https://{}", header("host"));
        let endpoint = format!("{origin}{path}");
        let token = vapid(header("authorization"), &origin, self.clock.now().micros() / 1_000_000);
        let browsers = self.browsers.lock().expect("lock");
        let browser = browsers.get(&endpoint);
        let payload = match browser {
            _ if body.is_empty() => Ok(Vec::new()),
            Some(browser) => browser.open(&body),
            None => Err("nobody there".to_owned()),
        };
        let base64url = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        let well_formed = header("ttl").parse::<u64>().is_ok()
            && matches!(header("urgency"), "" | "very-low" | "low" | "normal" | "high")
            && header("topic").len() <= 32
            && base64url(header("topic"))
            && (body.is_empty() || header("content-encoding") == "aes128gcm");
        let status = match (browser, &token) {
            (None, _) => 404,
            (Some(browser), _) if browser.gone => 410,
            (_, Err(_)) => 401,
            (Some(Browser { sender: Some(sender), .. }), Ok(claims)) if *sender != claims.key => 403,
            _ if !well_formed => 400,
            _ if body.len() > 4_096 => 413,
            _ => 201,
        };
        (Received { endpoint, headers, token, body, payload, status: None }, status)
    }

    fn answers(&self, asked: Asked) -> Reply {
        let path = asked.path.clone();
        let (mut received, judged) = self.judge(&path, asked.headers, asked.body);
        let answer = self.answer.lock().expect("lock").clone();
        let (status, more, text) = match &answer {
            Answer::Judges if judged == 201 => {
                (Some(201), format!("location: {path}/m\r\nttl: {}\r\n", received.headers["ttl"]), "")
            }
            Answer::Judges => (Some(judged), String::new(), r#"{"reason":"Judged"}"#),
            Answer::Says(status, "", text) => (Some(*status), String::new(), *text),
            Answer::Says(status, more, text) => (Some(*status), format!("{more}\r\n"), *text),
            Answer::Mumbles(status) => (Some(*status), String::new(), "{"),
            Answer::Redirects(to) => (Some(307), format!("location: {to}\r\n"), ""),
            Answer::Hangs | Answer::Resets => (None, String::new(), ""),
        };
        received.status = status;
        self.received.lock().expect("lock").push(received);
        let Some(status) = status else {
            return if answer == Answer::Hangs { Reply::Hangs } else { Reply::Resets };
        };
        let length = if matches!(answer, Answer::Mumbles(_)) { 1_000 } else { text.len() };
        Reply::Says(format!("HTTP/1.1 {status} X\r\n{more}content-length: {length}\r\n\r\n{text}"))
    }
}
