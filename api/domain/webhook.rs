//! Webhooks: what integrators are told of, in which words, how it is signed, and when it is tried again. Pure: the instant and
//! chance are arguments. Signed as [Standard Webhooks](https://www.standardwebhooks.com) says, so that published verifiers do.

use std::fmt;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::conversation::{AuthorKind, EntryKind, Message, State, words};
use super::https::{Fault, HttpsAddress};
use super::id::{AgencyId, OrganizationId, WebhookDeliveryId, WebhookId};
use super::text;
use super::time::Time;
use crate::error::{Error, Result};

pub use super::push::wait;

words! {
    /// What somebody can be told of by a webhook.
    Event {
        /// A visitor asked for a person.
        HandoffRequested "HANDOFF_REQUESTED",
        /// They still wait: a later step of the escalation ladder.
        HandoffWaiting "HANDOFF_WAITING",
        /// Nobody came to them.
        HandoffMissed "HANDOFF_MISSED",
        /// The request was withdrawn.
        HandoffCancelled "HANDOFF_CANCELLED",
        /// An operator took the request, or took over from the AI unasked.
        HandoffAccepted "HANDOFF_ACCEPTED",
        /// A chat went to a colleague, or to a team.
        HandoffTransferred "HANDOFF_TRANSFERRED",
        /// A chat that somebody had went back to the queue.
        HandoffReleased "HANDOFF_RELEASED",
        /// The AI has the chat again.
        HandoffReturned "HANDOFF_RETURNED",
        /// A chat was marked as complete.
        HandoffCompleted "HANDOFF_COMPLETED",
        /// A visitor wrote, in the chat or by mail.
        VisitorMessage "VISITOR_MESSAGE",
        /// An operator wrote, in the chat or by mail.
        OperatorMessage "OPERATOR_MESSAGE",
        /// A visitor left an offline query.
        OfflineQuery "OFFLINE_QUERY",
        /// A visitor rated a chat.
        Rated "RATED",
        /// Nothing: somebody tries whether it arrives.
        Test "TEST",
    }
}

words! {
    /// In which words it is told.
    Format {
        /// JSON with `type`, `timestamp` and `data`.
        Standard "STANDARD",
        /// JSON with `text`, as Slack and what is like it takes it.
        Slack "SLACK",
    }
}

words! {
    /// What has become of one delivery.
    DeliveryState {
        /// It waits to be sent, maybe again.
        Queued "QUEUED",
        /// It was answered with a number from 200 to 299.
        Delivered "DELIVERED",
        /// It was tried for as long as the schedule goes.
        Failed "FAILED",
        /// It was not sent any more: the webhook was switched off, or what it told of is gone.
        Dropped "DROPPED",
    }
}

words! {
    /// Why a webhook is switched off.
    Disabled {
        /// Somebody did it.
        ByHand "BY_HAND",
        /// It answered that it is gone for good (410).
        Gone "GONE",
        /// Nothing arrived for five days.
        Failing "FAILING",
    }
}

impl Event {
    /// As it stands in `type`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HandoffRequested => "handoff.requested",
            Self::HandoffWaiting => "handoff.waiting",
            Self::HandoffMissed => "handoff.missed",
            Self::HandoffCancelled => "handoff.cancelled",
            Self::HandoffAccepted => "handoff.accepted",
            Self::HandoffTransferred => "handoff.transferred",
            Self::HandoffReleased => "handoff.released",
            Self::HandoffReturned => "handoff.returned",
            Self::HandoffCompleted => "handoff.completed",
            Self::VisitorMessage => "visitor_message.created",
            Self::OperatorMessage => "operator_message.created",
            Self::OfflineQuery => "offline_query.received",
            Self::Rated => "chat.rated",
            Self::Test => "webhook.test",
        }
    }

    /// What an entry of a conversation tells of. What the AI says is no event: there would be one for each word of a visitor.
    pub fn of(entry: &Message) -> Option<Self> {
        Some(match (entry.kind, entry.author_kind) {
            (EntryKind::Text, AuthorKind::Visitor) => Self::VisitorMessage,
            (EntryKind::Text, AuthorKind::Operator) => Self::OperatorMessage,
            (EntryKind::Text, AuthorKind::Ai | AuthorKind::System) => return None,
            (EntryKind::HandoffRequested, _) => Self::HandoffRequested,
            (EntryKind::HandoffCancelled, _) => Self::HandoffCancelled,
            (EntryKind::HandoffAccepted | EntryKind::Intervened, _) => Self::HandoffAccepted,
            (EntryKind::Released, _) => Self::HandoffReleased,
            (EntryKind::ReturnedToAi, _) => Self::HandoffReturned,
            (EntryKind::Completed, _) => Self::HandoffCompleted,
            (EntryKind::Missed, _) => Self::HandoffMissed,
            (EntryKind::Transferred, _) => Self::HandoffTransferred,
            (EntryKind::OfflineQuery, _) => Self::OfflineQuery,
            (EntryKind::Rated, _) => Self::Rated,
        })
    }
}

/// A webhook.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Whose it is.
    pub agency: AgencyId,
    /// Of which organization it tells; none means all of the agency.
    pub organization: Option<OrganizationId>,
    /// What people call it.
    pub name: String,
    /// Where to, sealed: addresses such as Slack's are secrets.
    pub url: String,
    /// The host of that.
    pub host: String,
    /// In which words.
    pub format: Format,
    /// Of what.
    pub events: Vec<Event>,
    /// When it was made.
    pub created_at: Time,
    /// Since when it is switched off.
    pub disabled_at: Option<Time>,
    /// Why.
    pub disabled_because: Option<Disabled>,
    /// Since when nothing arrived.
    pub failing_since: Option<Time>,
    /// When something last arrived.
    pub delivered_at: Option<Time>,
    /// What was wrong when something was last tried.
    pub trouble: Option<String>,
}

/// Events as one text, each between spaces, so that one of them can be looked for.
pub fn to_text(events: &[Event]) -> String {
    let words: Vec<&str> = events.iter().map(|event| event.as_str()).collect();
    format!(" {} ", words.join(" "))
}

/// The events of such a text. A word that is known no more is left out.
pub fn of_text(text: String) -> Vec<Event> {
    text.split_whitespace().filter_map(Event::parse).collect()
}

/// The events that somebody chose, in the order in which they are declared.
///
/// # Errors
/// INVALID with NONE when there is none.
pub fn chosen(events: &[Event]) -> Result<Vec<Event>> {
    let known = Event::ALL.iter().copied().filter(|event| *event != Event::Test && events.contains(event));
    let chosen: Vec<Event> = known.collect();
    if chosen.is_empty() {
        return Err(Error::invalid("events", "NONE", "Choose at least one event."));
    }
    Ok(chosen)
}

/// One thing that is told to one webhook.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Its id: the `webhook-id` of every attempt.
    pub id: WebhookDeliveryId,
    /// To which webhook.
    pub webhook: WebhookId,
    /// Where it happened.
    pub organization: Option<OrganizationId>,
    /// In which conversation.
    pub conversation: Option<super::id::ConversationId>,
    /// What.
    pub event: Event,
    /// What names it: the same for all webhooks that are told of it.
    pub subject: String,
    /// What is said; nothing once the visitor wanted to be forgotten.
    pub body: String,
    /// What has become of it.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: i64,
    /// How often since it was last put into the queue.
    pub tries: i64,
    /// What the last attempt was answered: the number.
    pub status: Option<i64>,
    /// And the first 2 KiB of the words.
    pub answer: Option<String>,
    /// What was wrong with it.
    pub trouble: Option<String>,
    /// When it was written.
    pub created_at: Time,
    /// When it was last tried.
    pub attempted_at: Option<Time>,
    /// When it is tried next.
    pub next_at: Option<Time>,
    /// When nothing more was to be done.
    pub settled_at: Option<Time>,
}

/// Bytes of an answer that are kept.
pub const LONGEST_ANSWER: usize = 2 * 1024;
/// Bytes of the longest address.
const LONGEST_URL: usize = 2_048;
/// Ports that are called.
const PORTS: [u16; 2] = [443, 8443];

/// Where a webhook leads to: an https address at a host with a name. It shows its path in no log.
///
/// It says what may be written down, not that it is safe to connect: where the name leads is looked at when it is connected to.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    url: String,
    host: String,
}

impl Target {
    /// Reads an address as somebody writes it.
    ///
    /// # Errors
    /// INVALID `url` with TOO_LONG, NOT_AN_ADDRESS, NOT_HTTPS, USERINFO, PORT, or NOT_A_NAME for a host that is a number or has
    /// no dot in it.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = |reason, message: &str| Error::invalid("url", reason, message);
        let found = HttpsAddress::parse(text.trim(), LONGEST_URL).map_err(|fault| match fault {
            Fault::TooLong => wrong("TOO_LONG", &format!("At most {LONGEST_URL} bytes are allowed here.")),
            Fault::NotAnAddress => {
                wrong("NOT_AN_ADDRESS", "This is not a web address, as in https://example.com/hook.")
            }
            Fault::NotHttps => wrong("NOT_HTTPS", "A webhook is called over https."),
            Fault::Userinfo => wrong("USERINFO", "The address must not carry a user or password."),
        })?;
        // A name's last part is no number, in whatever system: such hosts are read as addresses (WHATWG URL).
        let last = found.host.rsplit('.').next().unwrap_or_default();
        if !found.host.contains('.') || last.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(wrong("NOT_A_NAME", "The host must have a name, as in example.com."));
        }
        if !PORTS.contains(&found.port) {
            return Err(wrong("PORT", "A webhook is called at port 443 or 8443."));
        }
        Ok(Self { url: found.url(), host: found.authority() })
    }

    /// The address that is posted to.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its host, with the port unless it is the usual one.
    pub fn host(&self) -> &str {
        &self.host
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({}/…)", self.host)
    }
}

/// What it is signed with. Shows itself in no log.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

/// How a secret begins when it is written.
const SECRET: &str = "whsec_";

impl Secret {
    /// One of 256 random bits.
    pub fn of(bits: [u128; 2]) -> Self {
        Self(bits.iter().flat_map(|bits| bits.to_be_bytes()).collect())
    }

    /// Reads one as it is written: `whsec_` and 24 to 64 bytes in base64.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.strip_prefix(SECRET)?).ok()?;
        (24..=64).contains(&bytes.len()).then_some(Self(bytes))
    }

    /// As it is written, for whoever is to verify with it.
    pub fn reveal(&self) -> String {
        format!("{SECRET}{}", STANDARD.encode(&self.0))
    }

    fn sign(&self, text: &[&str]) -> Option<String> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        text.iter().for_each(|part| mac.update(part.as_bytes()));
        Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The `webhook-signature` of an attempt: one signature for each secret that counts, the newest first.
pub fn signatures(secrets: &[Secret], id: &str, timestamp: i64, body: &str) -> String {
    let timestamp = timestamp.to_string();
    let parts = [id, ".", &timestamp, ".", body];
    secrets.iter().filter_map(|secret| secret.sign(&parts)).collect::<Vec<_>>().join(" ")
}

/// How long a secret that was replaced still signs beside the new one.
pub const OVERLAP: Duration = Duration::from_secs(24 * 3_600);
/// After how long a time with nothing but failures a webhook is switched off.
pub const PATIENCE: Duration = Duration::from_secs(5 * 24 * 3_600);

/// How long after each attempt that failed the next one comes.
const SCHEDULE: [u64; 9] = [5, 5 * 60, 30 * 60, 2 * 3_600, 5 * 3_600, 10 * 3_600, 14 * 3_600, 20 * 3_600, 24 * 3_600];

/// How long after so many attempts the next one comes, a tenth more or less, so that not all come back at once; none when it
/// was tried often enough.
pub fn pause_after(tries: i64, chance: u128) -> Option<Duration> {
    let pause = SCHEDULE.get(usize::try_from(tries.checked_sub(1)?).ok()?)?;
    Some(Duration::from_secs(*pause).mul_f64(0.9 + (chance % 1_000) as f64 / 5_000.0))
}

/// How an attempt went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// There was an answer, whatever it was.
    Answered {
        /// Its number.
        status: u16,
        /// In how long the other side wants to be asked again, where it says so.
        retry_after: Option<Duration>,
        /// The beginning of what it said.
        words: String,
    },
    /// There was none, and why.
    Silent(String),
}

/// What follows from an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It has arrived.
    Done,
    /// The other side wants nothing more, ever.
    Gone,
    /// It is tried again in so long.
    Again(Duration),
    /// It was tried often enough.
    GivenUp,
}

impl Outcome {
    /// What follows from it, after so many tries.
    pub fn judged(&self, tries: i64, chance: u128) -> Verdict {
        let asked = match self {
            Self::Answered { status: 200..=299, .. } => return Verdict::Done,
            Self::Answered { status: 410, .. } => return Verdict::Gone,
            Self::Answered { status: 429 | 503, retry_after, .. } => retry_after.unwrap_or_default(),
            Self::Answered { .. } | Self::Silent(_) => Duration::ZERO,
        };
        pause_after(tries, chance).map_or(Verdict::GivenUp, |pause| Verdict::Again(pause.max(asked)))
    }

    /// What was wrong, for people; none when nothing was.
    pub fn trouble(&self) -> Option<String> {
        match self {
            Self::Answered { status: 200..=299, .. } => None,
            Self::Answered { status: 300..=399, .. } => {
                Some("It sends us elsewhere, where we do not go: write that address here instead.".to_owned())
            }
            Self::Answered { status: 410, .. } => Some("It says that it is gone for good.".to_owned()),
            Self::Answered { status, .. } => Some(format!("It answered with {status}.")),
            Self::Silent(why) => Some(why.clone()),
        }
    }
}

/// What is known of something that is told, each with its id and its name.
#[derive(Debug, Clone)]
pub struct Facts {
    /// What has happened.
    pub event: Event,
    /// When.
    pub at: Time,
    /// Where.
    pub organization: Option<(String, String)>,
    /// With which AI agent.
    pub ai_agent: Option<(String, String)>,
    /// The visitor, with name and address as far as they are known.
    pub visitor: Option<(String, Option<String>, Option<String>)>,
    /// Who has the chat.
    pub operator: Option<(String, String)>,
    /// The conversation.
    pub conversation: Option<String>,
    /// Who owned it then.
    pub state: Option<State>,
    /// The request for a person.
    pub handoff: Option<String>,
    /// The entry that tells of it.
    pub entry: Option<Message>,
    /// How many stars, and what was said with them.
    pub rating: Option<(i64, Option<String>)>,
    /// Where it is in the dashboard.
    pub link: String,
}

/// Characters of the visitor's words in a line for people.
const QUOTED: usize = 2_000;

impl Facts {
    /// What is sent.
    pub fn body(&self, format: Format) -> String {
        match format {
            Format::Standard => self.standard().to_string(),
            Format::Slack => json!({ "text": self.slack() }).to_string(),
        }
    }

    fn standard(&self) -> Value {
        let named = |of: &Option<(String, String)>| {
            of.as_ref().map_or(Value::Null, |(id, name)| json!({ "id": id, "name": name }))
        };
        let mut data = json!({ "organization": named(&self.organization), "link": self.link });
        if let Some(conversation) = &self.conversation {
            data["aiAgent"] = named(&self.ai_agent);
            data["conversation"] = json!({
                "id": conversation,
                "state": self.state.map(State::as_str),
                "operator": named(&self.operator),
                "visitor": self.visitor.as_ref().map(|(id, name, email)| json!({ "id": id, "name": name, "email": email })),
            });
            data["handoff"] = self.handoff.as_ref().map_or(Value::Null, |id| json!({ "id": id }));
        }
        if let Some(entry) = &self.entry {
            let files: Vec<Value> =
                entry.attachments.iter().map(|file| json!({ "id": file.id.to_string(), "name": file.name })).collect();
            data["message"] = json!({
                "id": entry.id.to_string(),
                "seq": entry.seq,
                "kind": entry.kind.as_str(),
                "author": { "kind": entry.author_kind.as_str(), "name": entry.author_name },
                "text": entry.text,
                "via": entry.via.as_str(),
                "files": files,
            });
        }
        if let Some((stars, text)) = &self.rating {
            data["rating"] = json!({ "rating": stars, "text": text });
        }
        json!({ "type": self.event.name(), "timestamp": self.at.to_string(), "data": data })
    }

    fn slack(&self) -> String {
        let visitor = self.visitor.as_ref().and_then(|(_, name, _)| name.as_deref()).unwrap_or("A visitor");
        let by = self.entry.as_ref().filter(|entry| entry.author_kind != AuthorKind::Visitor);
        let by = by.and_then(|entry| entry.author_name.as_deref());
        let by = by.or(self.operator.as_ref().map(|(_, name)| name.as_str())).unwrap_or("Somebody");
        let title = match self.event {
            Event::HandoffRequested => format!("{visitor} asks for a person"),
            Event::HandoffWaiting => format!("{visitor} still waits for a person"),
            Event::HandoffMissed => format!("Nobody came to {visitor}"),
            Event::HandoffCancelled => format!("{visitor} needs nobody any more"),
            Event::HandoffAccepted => format!("{by} has the chat with {visitor}"),
            Event::HandoffTransferred => format!("The chat with {visitor} was handed on"),
            Event::HandoffReleased => format!("The chat with {visitor} is back in the queue"),
            Event::HandoffReturned => format!("{by} passed the chat with {visitor} to the AI"),
            Event::HandoffCompleted => format!("The chat with {visitor} is complete"),
            Event::VisitorMessage => format!("{visitor} wrote"),
            Event::OperatorMessage => format!("{by} wrote to {visitor}"),
            Event::OfflineQuery => format!("{visitor} left an offline query"),
            Event::Rated => match &self.rating {
                Some((stars, _)) => format!("{visitor} rated a chat: {stars} of 5"),
                None => format!("{visitor} rated a chat"),
            },
            Event::Test => "This is a test: what is told here will look like this".to_owned(),
        };
        let place = self.organization.as_ref().map(|(_, name)| format!(" ({name})")).unwrap_or_default();
        let said = match self.event {
            Event::VisitorMessage | Event::OperatorMessage | Event::OfflineQuery => {
                self.entry.as_ref().map(|entry| entry.text.as_str())
            }
            Event::Rated => self.rating.as_ref().and_then(|(_, text)| text.as_deref()),
            _ => None,
        };
        let mut lines = vec![format!("*{}*{}", escaped(&title), escaped(&place))];
        let said: String = said.unwrap_or_default().chars().take(QUOTED).collect();
        lines.extend(said.lines().map(|line| format!("> {}", escaped(line))));
        lines.push(format!("<{}|Open>", self.link));
        lines.join("\n")
    }
}

/// A text in which nothing is a link or a mention: the three characters that Slack wants escaped.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// What people call a webhook: what they wrote, or its host.
///
/// # Errors
/// INVALID `name` for one that is too long.
pub fn name(text: &str, target: &Target) -> Result<String> {
    Ok(text::optional_line("name", Some(text), 80)?.unwrap_or_else(|| target.host.clone()))
}

#[cfg(test)]
mod tests;
