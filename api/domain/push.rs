//! Web Push, as far as it needs no network: what a browser's subscription is, whose servers are push services, what is sent,
//! and what their answers mean (RFC 8030, RFC 8291, RFC 8292).

use std::fmt;
use std::time::Duration;

use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};

use super::conversation::words;
use super::https::{Fault, HttpsAddress, is_host, port_of};
use super::text;
use super::time::Time;
use crate::error::{Error, Result};

/// Bytes of the longest endpoint that is taken.
pub const LONGEST_ENDPOINT: usize = 2_048;
/// Bytes of the longest payload: with 86 of header and 17 of padding and seal it is 4,096, which every push service takes
/// (RFC 8030, section 7.2; RFC 8291, section 4).
pub const LONGEST_PAYLOAD: usize = 3_993;
/// The longest time that a push service is asked to keep a message: what the least patient of the known ones allow.
pub const LONGEST_TTL: Duration = Duration::from_secs(28 * 86_400);
/// The longest wait that a push service can ask for.
pub const LONGEST_WAIT: Duration = Duration::from_secs(86_400);

/// Characters of the longest piece of a push service's words that is kept.
const WORDS: usize = 200;
/// Characters of what may be a secret in such words: endpoints are, and services like to repeat them.
const SECRET_FROM: usize = 32;

/// The push services of the browsers in use. `*.` stands for one or more names in front.
pub const SERVICES: &[&str] = &[
    // Chrome, and what is built on it: Edge on Android, Brave, Opera, Vivaldi, Samsung Internet.
    "fcm.googleapis.com",
    // The same for Chrome's early channels: `kPushMessagingStagingGcmEndpoint` in Chromium.
    "jmt17.google.com",
    // Firefox: updates.push.services.mozilla.com.
    "*.push.services.mozilla.com",
    // Safari, on computers and on telephones: web.push.apple.com.
    "*.push.apple.com",
    // Edge on Windows: wns2-par02p.notify.windows.com.
    "*.notify.windows.com",
];

words! {
    /// What has become of something that goes to a device.
    PushState {
        /// It waits to be sent, maybe again.
        Queued "QUEUED",
        /// A push service has taken it.
        Sent "SENT",
        /// The device is gone: its browser has given the subscription up.
        Gone "GONE",
        /// It could not be sent, and nobody tries any more.
        Failed "FAILED",
        /// It was not sent, because nobody needed it any more.
        Dropped "DROPPED",
    }
}

/// One entry of a list of push services.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Pattern {
    name: String,
    below: bool,
    port: u16,
}

impl Pattern {
    fn parse(text: &str) -> Option<Self> {
        let (name, port) = match text.rsplit_once(':') {
            Some((name, port)) => (name, port_of(port)?),
            None => (text, 443),
        };
        let (name, below) = name.strip_prefix("*.").map_or((name, false), |name| (name, true));
        let name = name.to_ascii_lowercase();
        // `*.com` would be everybody.
        (is_host(&name) && (!below || name.contains('.'))).then_some(Self { name, below, port })
    }

    fn admits(&self, host: &str, port: u16) -> bool {
        let fits = match host.strip_suffix(self.name.as_str()) {
            Some("") => !self.below,
            Some(front) => self.below && front.len() > 1 && front.ends_with('.'),
            None => false,
        };
        fits && port == self.port
    }
}

/// Whose servers count as push services: [`SERVICES`], and those that an installation names besides.
///
/// It says where a subscription may point to, not that it is safe to connect: where a name leads is looked at when it is
/// connected to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hosts(Vec<Pattern>);

impl Default for Hosts {
    fn default() -> Self {
        Self(SERVICES.iter().filter_map(|service| Pattern::parse(service)).collect())
    }
}

impl Hosts {
    /// The known services and `more`: `push.example.com`, `*.push.example.com`, or with a port other than 443 behind it,
    /// `push.example.com:8443`.
    ///
    /// # Errors
    /// INVALID `pushHosts` `NOT_A_HOST` for an entry that is none of these.
    pub fn with<T: AsRef<str>>(more: impl IntoIterator<Item = T>) -> Result<Self> {
        let mut hosts = Self::default();
        for text in more {
            let text = text.as_ref().trim();
            hosts.0.push(Pattern::parse(text).ok_or_else(|| {
                let message = format!("“{text}” is not a host like push.example.com or *.push.example.com.");
                Error::invalid("pushHosts", "NOT_A_HOST", message)
            })?);
        }
        Ok(hosts)
    }

    /// Whether a host, in lower case, is that of a push service at that port.
    pub fn admits(&self, host: &str, port: u16) -> bool {
        self.0.iter().any(|pattern| pattern.admits(host, port))
    }
}

/// Where one browser gets its messages, and with what they are encrypted for it. The endpoint is a secret: whoever knows it
/// can try to write there, so it shows itself in no log.
#[derive(Clone, PartialEq, Eq)]
pub struct Subscription {
    address: HttpsAddress,
    endpoint: String,
    p256dh: [u8; 65],
    auth: [u8; 16],
}

impl Subscription {
    /// What `PushSubscription.toJSON()` gives in a browser, or what was kept of it.
    ///
    /// The endpoint is an https address at a push service of `hosts`, at port 443 unless the entry there says another. The
    /// key `p256dh` is an uncompressed point of P-256, 65 bytes; whether it lies on the curve is seen when something is
    /// encrypted. The secret `auth` has 16 bytes. Both are base64url, with or without padding.
    ///
    /// # Errors
    /// INVALID, with the field and a reason: `endpoint` `TOO_LONG`, `NOT_AN_ADDRESS`, `NOT_HTTPS`, `USERINFO`, `PORT` or
    /// `UNKNOWN_PUSH_SERVICE`; `p256dh` `NOT_A_KEY`; `auth` `NOT_A_SECRET`.
    pub fn parse(endpoint: &str, p256dh: &str, auth: &str, hosts: &Hosts) -> Result<Self> {
        let address = address(endpoint, hosts)?;
        let p256dh = bytes(p256dh).filter(|key: &[u8; 65]| key[0] == 4).ok_or_else(|| {
            Error::invalid("p256dh", "NOT_A_KEY", "This is not a browser's public key: 65 bytes in base64url.")
        })?;
        let auth = bytes(auth).ok_or_else(|| {
            Error::invalid("auth", "NOT_A_SECRET", "This is not a browser's secret: 16 bytes in base64url.")
        })?;
        Ok(Self { endpoint: address.url(), address, p256dh, auth })
    }

    /// The address that is posted to; scheme and host in lower case.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The endpoint's host, in lower case.
    pub fn host(&self) -> &str {
        &self.address.host
    }

    /// The endpoint's port.
    pub fn port(&self) -> u16 {
        self.address.port
    }

    /// The endpoint's origin, which a token for the push service names (RFC 8292, section 2).
    pub fn origin(&self) -> String {
        format!("https://{}", self.address.authority())
    }

    /// The browser's public key: an uncompressed point of P-256.
    pub fn key(&self) -> &[u8; 65] {
        &self.p256dh
    }

    /// The secret that the browser shares with us.
    pub fn secret(&self) -> &[u8; 16] {
        &self.auth
    }

    /// The key as it is kept: base64url without padding.
    pub fn p256dh(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.p256dh)
    }

    /// The secret as it is kept: base64url without padding.
    pub fn auth(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.auth)
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Subscription({}/…)", self.origin())
    }
}

fn address(text: &str, hosts: &Hosts) -> Result<HttpsAddress> {
    let wrong = |reason, message: &str| Error::invalid("endpoint", reason, message);
    let found = HttpsAddress::parse(text, LONGEST_ENDPOINT).map_err(|fault| match fault {
        Fault::TooLong => wrong("TOO_LONG", &format!("At most {LONGEST_ENDPOINT} bytes are allowed here.")),
        Fault::NotAnAddress => wrong("NOT_AN_ADDRESS", "This is not the address of a push service."),
        Fault::NotHttps => wrong("NOT_HTTPS", "A push service is reached over https."),
        Fault::Userinfo => wrong("USERINFO", "The address must not carry a user or password."),
    })?;
    if hosts.admits(&found.host, found.port) {
        return Ok(found);
    }
    Err(match found.port {
        443 => wrong("UNKNOWN_PUSH_SERVICE", "This is not a push service that is known here."),
        _ => wrong("PORT", "A push service is reached at port 443."),
    })
}

/// So many bytes in base64url, with or without padding.
fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    const EITHER: GeneralPurpose = GeneralPurpose::new(
        &URL_SAFE,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    EITHER.decode(text.trim()).ok()?.try_into().ok()
}

/// Whom a push service can write to about us: the `sub` of a token (RFC 8292, section 2.1).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Contact(String);

impl Contact {
    /// `mailto:` with an address, or an https address of a site.
    ///
    /// # Errors
    /// INVALID `contact` `NOT_A_CONTACT` for anything else.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = || {
            Error::invalid("contact", "NOT_A_CONTACT", format!("“{text}” is neither a mailto: nor an https: address."))
        };
        if let Some(address) = text.strip_prefix("mailto:") {
            let address = text::email("contact", address).map_err(|_| wrong())?;
            return Ok(Self(format!("mailto:{address}")));
        }
        let site = text.strip_prefix("https://").ok_or_else(wrong)?;
        let host = site.split(['/', '?', ':']).next().unwrap_or_default();
        let fits = is_host(&host.to_ascii_lowercase()) && host.contains('.');
        let fits = fits && site.len() <= 254 && site.bytes().all(|b| b.is_ascii_graphic());
        if fits { Ok(Self(text.to_owned())) } else { Err(wrong()) }
    }

    /// As it stands in tokens.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

words! {
    /// How much a message matters to whoever saves their battery (RFC 8030, section 5.3).
    Urgency {
        /// Only on power and wireless.
        VeryLow "very-low",
        /// On either.
        Low "low",
        /// On neither; what chats are.
        Normal "normal",
        /// On a low battery too: calls, and what cannot wait.
        High "high",
    }
}

/// What a message is about. Of those that wait for a browser to come back, a new one takes the place of the old one of the
/// same topic (RFC 8030, section 5.4).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Topic(String);

impl Topic {
    /// The topic of that id: always the same 32 characters of base64url, from which the id cannot be told.
    pub fn of(id: impl fmt::Display) -> Self {
        let digest = Sha256::digest(format!("push topic {id}"));
        Self(URL_SAFE_NO_PAD.encode(&digest[..24]))
    }

    /// As it stands in the header.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One message to one browser. What it says shows itself in no log.
#[derive(Clone, PartialEq, Eq)]
pub struct Note {
    payload: Vec<u8>,
    ttl: Duration,
    urgency: Urgency,
    topic: Option<Topic>,
}

impl Note {
    /// A message that says `payload` (nothing at all, if that is empty: the browser's `event.data` is null then), which the
    /// push service keeps for `ttl`, in seconds and at most [`LONGEST_TTL`], while the browser is away.
    ///
    /// # Errors
    /// INVALID `payload` `TOO_LONG` beyond [`LONGEST_PAYLOAD`] bytes.
    pub fn new(payload: impl Into<Vec<u8>>, ttl: Duration, urgency: Urgency, topic: Option<Topic>) -> Result<Self> {
        let payload = payload.into();
        if payload.len() > LONGEST_PAYLOAD {
            let message = format!("At most {LONGEST_PAYLOAD} bytes are allowed here.");
            return Err(Error::invalid("payload", "TOO_LONG", message));
        }
        Ok(Self { payload, ttl: ttl.min(LONGEST_TTL), urgency, topic })
    }

    /// What the browser's service worker gets.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// How long the push service keeps it; nought is now or never.
    pub fn ttl(&self) -> Duration {
        self.ttl
    }

    /// How much it matters.
    pub fn urgency(&self) -> Urgency {
        self.urgency
    }

    /// What it is about.
    pub fn topic(&self) -> Option<&Topic> {
        self.topic.as_ref()
    }
}

impl fmt::Debug for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { payload, ttl, urgency, topic } = self;
        write!(f, "Note({} bytes, {ttl:?}, {urgency:?}, {topic:?})", payload.len())
    }
}

/// What became of one attempt to send a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The push service has it. Whether the browser will ever come for it, nobody says.
    Taken,
    /// There is no such subscription any more: forget it.
    Gone,
    /// Too much for this service: say it in fewer words.
    TooLarge,
    /// Not now.
    Later {
        /// In how long, where the service says so; at most [`LONGEST_WAIT`].
        after: Option<Duration>,
    },
    /// Our key or our token is not accepted: somebody has to look at it, and no retry will help.
    Denied(String),
    /// This message cannot be sent; a retry will not help.
    Refused(String),
    /// It did not arrive, for nobody was reached; a retry may help.
    Unreachable(String),
    /// It may have arrived: the line broke, or the time was up, after it was sent. With a topic a retry does no harm.
    Unknown(String),
}

/// What a push service's answer means: its HTTP status, its `Retry-After` header if there is one, and the beginning of what
/// it said. `now` is for a `Retry-After` that is a date.
pub fn outcome_of(status: u16, retry_after: Option<&str>, said: &str, now: Time) -> Outcome {
    match status {
        200..=299 => Outcome::Taken,
        300..=399 => Outcome::Refused(format!("The push service sends us elsewhere ({status}), where we do not go.")),
        404 | 410 => Outcome::Gone,
        413 => Outcome::TooLarge,
        429 | 500..=599 => Outcome::Later { after: retry_after.and_then(|text| wait(text, now)) },
        401 | 403 => Outcome::Denied(format!("The push service does not accept our key: {}", quoted(status, said))),
        _ => Outcome::Refused(format!("The push service refused it: {}", quoted(status, said))),
    }
}

/// What `Retry-After` asks for: seconds, or a date in one of the three forms of RFC 9110, section 5.6.7. Nought if that is over.
pub fn wait(text: &str, now: Time) -> Option<Duration> {
    const DATES: [&str; 3] = ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];
    let text = text.trim();
    let asked = if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        text.parse().map_or(LONGEST_WAIT, Duration::from_secs)
    } else {
        let date = DATES.iter().find_map(|form| DateTime::strptime(form, text).ok())?;
        let at = date.to_zoned(TimeZone::UTC).ok()?.timestamp();
        Time::from_micros(at.as_microsecond()).since(now)
    };
    Some(asked.min(LONGEST_WAIT))
}

/// A service's words with its number: one short line, in which nothing is left that could be a secret.
fn quoted(status: u16, said: &str) -> String {
    let part_of_secret = |c: char| c.is_ascii_alphanumeric() || "-_.:%=+~".contains(c);
    let (mut plain, mut run) = (String::new(), String::new());
    for c in said.chars().take(2 * LONGEST_ENDPOINT).chain([' ']) {
        if part_of_secret(c) {
            run.push(c);
            continue;
        }
        plain.push_str(if run.len() < SECRET_FROM { &run } else { "…" });
        run.clear();
        plain.push(c);
    }
    let short: String = format!("{status} {plain}").chars().take(WORDS).collect();
    text::line("said", &short, WORDS).map(|said| format!("“{said}”")).unwrap_or_default()
}

#[cfg(test)]
mod tests;
