//! Identifiers that carry their type, in memory and on the wire: `cnv_01hf...`.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;
use std::sync::Arc;

use super::time::Time;

/// What an identifier names; its prefix is part of the public contract.
pub trait Kind: 'static {
    /// Three letters, shown before the underscore.
    const PREFIX: &'static str;
    /// The word for it in messages.
    const NOUN: &'static str;
}

/// 128 bits: 48 of milliseconds, so that ids of one kind sort by age, and 80 random ones.
///
/// Written as the prefix, `_`, and 26 characters of Crockford's base 32 in lower case.
pub struct Id<K>(u128, PhantomData<fn() -> K>);

/// What an id keeps of a time after 1970.
const fn millis_of(micros: i64) -> u128 {
    (micros as u128 / 1000) & ((1 << 48) - 1)
}

impl<K> Id<K> {
    /// The bare number, for hashing and for tests that need a neighbour.
    pub const fn number(self) -> u128 {
        self.0
    }

    /// What sorts before all ids that are made from that time on.
    pub const fn first_at(time: Time) -> Self {
        let micros = time.micros();
        Self(if micros > 0 { millis_of(micros) << 80 } else { 0 }, PhantomData)
    }

    /// An id with a chosen number.
    pub const fn from_number(number: u128) -> Self {
        Self(number, PhantomData)
    }
}

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0u8; 26];
        let mut rest = self.0;
        for slot in text.iter_mut().rev() {
            *slot = ALPHABET[(rest & 31) as usize];
            rest >>= 5;
        }
        f.write_str(K::PREFIX)?;
        f.write_str("_")?;
        f.write_str(str::from_utf8(&text).unwrap_or_default())
    }
}

impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a text is not an id of the kind asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id of the form {prefix}_...")]
pub struct NotAnId {
    /// The prefix that was expected.
    pub prefix: &'static str,
}

impl<K: Kind> FromStr for Id<K> {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let refused = NotAnId { prefix: K::PREFIX };
        let digits = text
            .strip_prefix(K::PREFIX)
            .and_then(|rest| rest.strip_prefix('_'))
            .filter(|rest| rest.len() == 26)
            .ok_or(refused)?;
        let mut number: u128 = 0;
        for (at, byte) in digits.bytes().enumerate() {
            let value = ALPHABET.iter().position(|c| *c == byte).ok_or(refused)? as u128;
            // 26 digits are 130 bits: the first may only carry three.
            if at == 0 && value > 7 {
                return Err(refused);
            }
            number = number << 5 | value;
        }
        Ok(Self(number, PhantomData))
    }
}

impl<K: Kind> serde::Serialize for Id<K> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, K: Kind> serde::Deserialize<'de> for Id<K> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <String as serde::Deserialize>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}
impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

macro_rules! kinds {
    ($($name:ident $alias:ident $prefix:literal $noun:literal;)*) => {$(
        #[doc = concat!("Marks ids of a ", $noun, ": `", $prefix, "_`.")]
        pub enum $name {}
        impl Kind for $name {
            const PREFIX: &'static str = $prefix;
            const NOUN: &'static str = $noun;
        }
        #[doc = concat!("Id of a ", $noun, ": `", $prefix, "_...`.")]
        pub type $alias = Id<$name>;
    )*};
}

kinds! {
    AgencyKind AgencyId "agy" "agency";
    OrganizationKind OrganizationId "org" "organization";
    UserKind UserId "usr" "user";
    MembershipKind MembershipId "mem" "membership";
    RoleKind RoleId "rol" "role";
    SessionKind SessionId "ses" "session";
    AiAgentKind AiAgentId "agt" "AI agent";
    WidgetKind WidgetId "wid" "widget";
    KnowledgeEntryKind KnowledgeEntryId "kbe" "knowledge entry";
    VisitorKind VisitorId "vis" "visitor";
    ConversationKind ConversationId "cnv" "conversation";
    MessageKind MessageId "msg" "message";
    HandoffKind HandoffId "hnd" "handoff";
    JobKind JobId "job" "job";
    AuditEntryKind AuditEntryId "aud" "audit entry";
    InvitationKind InvitationId "inv" "invitation";
    DomainKind DomainId "dom" "domain";
    ImageKind ImageId "img" "image";
    MailKind MailId "mal" "mail";
    TeamKind TeamId "tem" "team";
    NoteKind NoteId "nte" "note";
    CannedReplyKind CannedReplyId "crp" "canned reply";
    FileKind FileId "fil" "file";
    OfflineQueryKind OfflineQueryId "ofq" "offline query";
    HolidayCalendarKind HolidayCalendarId "cal" "holiday calendar";
    CoverageKind CoverageId "cov" "coverage agreement";
    BlockKind BlockId "blk" "block";
    RehearsalKind RehearsalId "rhl" "rehearsal";
    SuggestionKind SuggestionId "sug" "suggestion";
    NotificationKind NotificationId "ntf" "notification";
    NotificationDecisionKind NotificationDecisionId "ndc" "notification decision";
    PushSubscriptionKind PushSubscriptionId "psh" "device";
    PushMessageKind PushMessageId "psm" "push message";
    WebhookKind WebhookId "whk" "webhook";
    WebhookDeliveryKind WebhookDeliveryId "whd" "webhook delivery";
    KeywordAlertKind KeywordAlertId "kwa" "keyword alert";
    KeywordHitKind KeywordHitId "kwh" "keyword hit";
    ApiKeyKind ApiKeyId "key" "API key";
}

type Randomness = dyn Fn() -> u128 + Send + Sync;

/// Where new ids come from. Given to whoever makes things, so that tests can know them in advance.
#[derive(Clone)]
pub struct IdSource(Arc<Randomness>);

impl IdSource {
    /// A source over the given supply of random bits; the lower 80 of each number are used.
    pub fn new(random: impl Fn() -> u128 + Send + Sync + 'static) -> Self {
        Self(Arc::new(random))
    }

    /// The next id, sorted after all ids of earlier milliseconds.
    pub fn next<K>(&self, now: Time) -> Id<K> {
        Id::from_number(Id::<K>::first_at(now).number() | ((self.0)() & ((1 << 80) - 1)))
    }

    /// 128 random bits, for secrets that are no ids.
    pub fn bits(&self) -> u128 {
        (self.0)()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn text_and_id_are_the_same_thing(number: u128) {
            let id = ConversationId::from_number(number);
            prop_assert_eq!(id.to_string().parse::<ConversationId>(), Ok(id));
        }

        #[test]
        fn order_of_text_is_order_of_ids(a: u128, b: u128) {
            let (a, b) = (MessageId::from_number(a), MessageId::from_number(b));
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
        }

        #[test]
        fn nothing_else_parses(text in "\\PC{0,40}") {
            if let Ok(id) = text.parse::<AgencyId>() {
                prop_assert_eq!(id.to_string(), text);
            }
        }
    }

    #[test]
    fn a_wrong_prefix_is_refused() {
        let id = ConversationId::from_number(1).to_string();
        assert_eq!(id.parse::<MessageId>(), Err(NotAnId { prefix: "msg" }));
    }
}
