//! Notifications on their way to browsers: one request to the browser's push service for each (RFC 8030), encrypted for the
//! browser alone (RFC 8291), with a token that says who we are (RFC 8292).
//!
//! A subscription's endpoint is a stranger's word. Its host must be a push service that is known here, and it is reached as
//! every address that somebody named: at a public address, checked after the look-up, and never by a redirect.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{
    AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER,
};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde::Serialize;
use web_push_native::p256::elliptic_curve::sec1::ToEncodedPoint;
use web_push_native::p256::pkcs8::EncodePrivateKey;
use web_push_native::p256::{PublicKey, SecretKey};
use web_push_native::{Auth, encrypt};

use super::egress::{Call, Failure, Reply, Trouble};
use super::way::{Way, beginning};
use crate::domain::id::IdSource;
use crate::domain::push::{Contact, Hosts, Note, Outcome, Subscription, outcome_of};
use crate::domain::time::{Clock, Time};

/// How long an attempt may take, from the look-up of the name to the service's answer.
pub const ATTEMPT: Duration = Duration::from_secs(20);
/// How long a token is valid. The standard allows a day; half of this is left whenever one is used.
const TOKEN: Duration = Duration::from_secs(12 * 3_600 - 60);
/// Tokens that are kept for their next use; beyond that all are made anew.
const TOKENS: usize = 1_000;
/// How long a service's explanation is waited for after its status is known.
const EXPLAINING: Duration = Duration::from_secs(2);
/// Bytes of an explanation that are read.
const EXPLANATION: usize = 8 * 1024;

/// Why a text is no key: it is not 32 bytes in base64url, or no number that the curve has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a private key for push: 32 bytes in base64url")]
pub struct BadKey;

/// The key pair by which push services know who sends (VAPID, RFC 8292). Browsers subscribe to its public half, and take
/// messages from nobody else: with a new pair all subscriptions are void.
#[derive(Clone)]
pub struct Vapid {
    secret: SecretKey,
    signing: EncodingKey,
    public: String,
}

impl Vapid {
    /// A new pair.
    pub fn generate(ids: &IdSource) -> Self {
        loop {
            let mut bytes = [0u8; 32];
            bytes[..16].copy_from_slice(&ids.bits().to_ne_bytes());
            bytes[16..].copy_from_slice(&ids.bits().to_ne_bytes());
            // One number in four thousand millions is none of the curve's.
            if let Ok(pair) = Self::of(&bytes) {
                return pair;
            }
        }
    }

    /// The pair that was [`Vapid::stored`].
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(stored: &str) -> Result<Self, BadKey> {
        Self::of(&URL_SAFE_NO_PAD.decode(stored.trim().trim_end_matches('=')).map_err(|_| BadKey)?)
    }

    fn of(bytes: &[u8]) -> Result<Self, BadKey> {
        // The library pads what is short.
        let secret = SecretKey::from_slice(bytes).ok().filter(|_| bytes.len() == 32).ok_or(BadKey)?;
        let signing = EncodingKey::from_ec_der(secret.to_pkcs8_der().map_err(|_| BadKey)?.as_bytes());
        let public = URL_SAFE_NO_PAD.encode(secret.public_key().to_encoded_point(false).as_bytes());
        Ok(Self { secret, signing, public })
    }

    /// The private key, 32 bytes in base64url, as the tools for Web Push write it. To be kept sealed: whoever has it can send
    /// in our name.
    pub fn stored(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.secret.to_bytes())
    }

    /// The public key, 65 bytes in base64url: what browsers want as `applicationServerKey`.
    pub fn public_key(&self) -> &str {
        &self.public
    }
}

impl fmt::Debug for Vapid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vapid({}, …)", self.public)
    }
}

/// What a token says (RFC 8292, section 2).
#[derive(Serialize)]
struct Claims<'a> {
    aud: &'a str,
    exp: i64,
    sub: &'a str,
}

/// For whose key, which push service and which contact a token was made.
type TokenOf = (String, String, Contact);

/// What carries notifications to browsers.
pub struct Push {
    way: Way,
    hosts: Hosts,
    clock: Clock,
    within: Duration,
    tokens: Mutex<HashMap<TokenOf, (Time, String)>>,
}

impl Push {
    /// By that way, to the push services of `hosts` and no others. Messages are as unreadable to a relay as to any push service.
    pub fn new(way: impl Into<Way>, hosts: Hosts, clock: Clock) -> Self {
        Self { way: way.into(), hosts, clock, within: ATTEMPT, tokens: Mutex::default() }
    }

    /// The same with another time for an attempt than [`ATTEMPT`].
    pub fn within(self, within: Duration) -> Self {
        Self { within, ..self }
    }

    /// Whose servers count as push services here.
    pub fn hosts(&self) -> &Hosts {
        &self.hosts
    }

    /// Tries to hand a message over, once, in [`ATTEMPT`] at most. `vapid` is the pair whose public key the browser subscribed
    /// to, `contact` whom the push service can write to.
    ///
    /// Nothing is retried here: the [`Outcome`] says whether and when it is worth trying again.
    pub async fn send(&self, subscription: &Subscription, note: &Note, vapid: &Vapid, contact: &Contact) -> Outcome {
        // What was kept may be older than the list of those that are allowed.
        if !self.hosts.admits(subscription.host(), subscription.port()) {
            return Outcome::Refused("This is not a push service that is known here.".to_owned());
        }
        let call = match self.call(subscription, note, vapid, contact) {
            Ok(call) => call,
            Err(problem) => return Outcome::Refused(problem.to_owned()),
        };
        match self.way.attempt(call).await {
            Ok(reply) => self.judged(reply).await,
            Err(failure) => failed(failure),
        }
    }

    fn call(
        &self,
        subscription: &Subscription,
        note: &Note,
        vapid: &Vapid,
        contact: &Contact,
    ) -> Result<Call, &'static str> {
        const NO_HEADER: &str = "The push service's headers cannot be written.";
        let header = |text: String| HeaderValue::try_from(text).map_err(|_| NO_HEADER);
        let token = self.token(subscription, vapid, contact).ok_or("The key for push signs nothing.")?;
        let mut authorization = header(format!("vapid t={token}, k={}", vapid.public_key()))?;
        authorization.set_sensitive(true);
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, authorization);
        headers.insert("ttl", note.ttl().as_secs().into());
        headers.insert("urgency", HeaderValue::from_static(note.urgency().as_str()));
        if let Some(topic) = note.topic() {
            headers.insert("topic", header(topic.as_str().to_owned())?);
        }
        let body = if note.payload().is_empty() {
            // A message without content is a message (RFC 8030, section 5); the library's record for it would be shorter
            // than the 18 bytes that RFC 8188 demands, and browsers would drop it.
            // Its length is said, for some servers insist on one.
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
            Vec::new()
        } else {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("aes128gcm"));
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
            sealed(subscription, note)?
        };
        Ok(Call { within: self.within, ..Call::post(subscription.endpoint(), headers, body) })
    }

    /// A token for that push service. One token serves many messages, which spares the service the checking (RFC 8292,
    /// section 4.1), until half of its time is over.
    fn token(&self, subscription: &Subscription, vapid: &Vapid, contact: &Contact) -> Option<String> {
        let now = self.clock.now();
        let aud = subscription.origin();
        let of = (vapid.public.clone(), aud.clone(), contact.clone());
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((since, token)) = tokens.get(&of)
            && *since <= now
            && now.since(*since) < TOKEN / 2
        {
            return Some(token.clone());
        }
        let exp = now.plus(TOKEN).micros() / 1_000_000;
        let claims = Claims { aud: &aud, exp, sub: contact.as_str() };
        let token = encode(&Header::new(Algorithm::ES256), &claims, &vapid.signing).ok()?;
        if tokens.len() >= TOKENS {
            tokens.clear();
        }
        tokens.insert(of, (now, token.clone()));
        Some(token)
    }

    async fn judged(&self, mut reply: Reply) -> Outcome {
        let status = reply.status.as_u16();
        let retry_after = reply.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let said = if reply.status.is_client_error() {
            beginning(&mut reply, EXPLANATION, EXPLAINING).await
        } else {
            String::new()
        };
        outcome_of(status, retry_after.as_deref(), &said, self.clock.now())
    }
}

/// The message for that browser and nobody else, in one record (RFC 8291, section 4).
fn sealed(subscription: &Subscription, note: &Note) -> Result<Vec<u8>, &'static str> {
    let key =
        PublicKey::from_sec1_bytes(subscription.key()).map_err(|_| "The browser's key is none of the curve's.")?;
    encrypt(note.payload().to_vec(), &key, &Auth::from(*subscription.secret()))
        .map_err(|_| "It cannot be encrypted for this browser.")
}

fn failed(Failure { trouble, connected }: Failure) -> Outcome {
    match trouble {
        Trouble::Forbidden(forbidden) => Outcome::Refused(format!("The push service is not called: {forbidden}.")),
        Trouble::Slow if connected => Outcome::Unknown("The push service took too long.".to_owned()),
        Trouble::TooLarge => Outcome::Unknown("The push service did not come to an end.".to_owned()),
        Trouble::Unreachable if connected => Outcome::Unknown("The connection to the push service broke.".to_owned()),
        Trouble::Slow | Trouble::Unreachable => {
            Outcome::Unreachable("The push service could not be reached.".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbound::Forbidden;

    /// The application server's pair of RFC 8291, section 5.
    const PRIVATE: &str = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";
    const PUBLIC: &str = "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8";

    #[test]
    fn a_pair_is_kept_as_text() {
        fn check(stored: &str, public: Option<&str>) {
            let pair = Vapid::parse(stored).ok();
            assert_eq!(pair.as_ref().map(Vapid::public_key), public, "{stored}");
            if let Some(pair) = pair {
                assert_eq!(pair.stored(), stored.trim().trim_end_matches('='));
                assert!(!format!("{pair:?}").contains(&pair.stored()));
            }
        }
        check(PRIVATE, Some(PUBLIC));
        check(&format!("{PRIVATE}=\n"), Some(PUBLIC));
        check("", None);
        check(&PRIVATE[..42], None);
        check(&format!("{PRIVATE}AAAA"), None);
        check("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", None);
        check("__________________________________________8", None);
        check(PUBLIC, None);
    }

    #[test]
    fn pairs_come_from_the_randomness_that_is_given() {
        // The first two numbers make a key beyond the curve's, which is passed over.
        let supply = |numbers: [u128; 4]| {
            let left = Mutex::new(numbers.to_vec());
            IdSource::new(move || left.lock().expect("no panic").remove(0))
        };
        let pair = Vapid::generate(&supply([u128::MAX, u128::MAX, 1, 2]));
        assert_eq!(pair.stored(), Vapid::generate(&supply([1, 2, 3, 4])).stored());
        assert_ne!(pair.stored(), Vapid::generate(&supply([1, 3, 3, 4])).stored());
    }

    #[test]
    fn failures_say_whether_it_may_have_arrived() {
        fn check(trouble: Trouble, connected: bool, expected: fn(String) -> Outcome) {
            let found = failed(Failure { trouble, connected });
            assert_eq!(
                std::mem::discriminant(&found),
                std::mem::discriminant(&expected(String::new())),
                "{trouble:?} {connected}"
            );
        }
        check(Trouble::Forbidden(Forbidden::Address), false, Outcome::Refused);
        check(Trouble::Unreachable, false, Outcome::Unreachable);
        check(Trouble::Unreachable, true, Outcome::Unknown);
        check(Trouble::Slow, false, Outcome::Unreachable);
        check(Trouble::Slow, true, Outcome::Unknown);
        check(Trouble::TooLarge, true, Outcome::Unknown);
    }
}
