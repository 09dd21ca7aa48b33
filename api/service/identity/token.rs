//! Tokens that vouch for a session for a short while: JSON Web Tokens (RFC 7519) with nothing left to choose.
//!
//! One algorithm, one key for each purpose, an explicit type (RFC 8725, 3.11), every claim required and no other
//! understood. Tokens say who and which session, never what they may do (T5): that is read anew for each request.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::domain::id::{AgencyId, ConversationId, Id, Kind, SessionId, UserId, VisitorId, WidgetId};
use crate::domain::time::Time;
use crate::error::{Error, Result};

/// How long a person's token lasts; then the session is asked for another.
pub const ACCESS_LASTS: Duration = Duration::from_secs(10 * 60);
/// How long a visitor's token lasts.
pub const VISITOR_LASTS: Duration = Duration::from_secs(60 * 60);
/// How long a visitor may come back to the same conversation.
pub const RESUME_LASTS: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// How long the token of a look through a client's eyes lasts: as long as the look.
pub const VIEWING_LASTS: Duration = Duration::from_secs(30 * 60);

/// How far the clocks of two nodes may be apart, in seconds.
const LEEWAY: i64 = 5;
/// Ours have about 400 bytes. Whatever is longer is not looked at.
const LONGEST: usize = 1024;

/// Who holds an access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccessClaims {
    /// The user.
    pub user: UserId,
    /// Their session, which may have been ended since.
    pub session: SessionId,
    /// The agency under which they signed in.
    pub agency: AgencyId,
}

/// Who holds a visitor's token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VisitorClaims {
    /// The visitor.
    pub visitor: VisitorId,
    /// The widget they came through.
    pub widget: WidgetId,
    /// Their conversation.
    pub conversation: ConversationId,
    /// The agency of the widget.
    pub agency: AgencyId,
    /// Whether the client's site has just signed for them. Never so in what renews a session.
    pub identified: bool,
}

/// A token as it is handed out. Not to be logged, hence no `Debug`.
pub struct Issued {
    /// The text.
    pub token: String,
    /// From when on it is refused.
    pub expires: Time,
}

/// What a token proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proven<C> {
    /// Who holds it.
    pub claims: C,
    /// From when on it proves nothing: a socket opened with it is to be asked again by then.
    pub expires: Time,
}

/// Makes and checks the tokens of each purpose.
pub struct Tokens {
    access: Purpose,
    viewing: Purpose,
    visitor: Purpose,
    resume: Purpose,
}

impl Tokens {
    /// Under keys derived from the secret of the installation. Another secret knows none of the tokens of this one.
    pub fn new(secret: &[u8; 32]) -> Result<Self> {
        Ok(Self {
            access: Purpose::new(secret, "desk", ACCESS_LASTS)?,
            viewing: Purpose::new(secret, "viewing", VIEWING_LASTS)?,
            visitor: Purpose::new(secret, "widget", VISITOR_LASTS)?,
            resume: Purpose::new(secret, "resume", RESUME_LASTS)?,
        })
    }

    /// A person's token, good for [`ACCESS_LASTS`].
    pub fn issue_access(&self, claims: &AccessClaims, now: Time) -> Result<Issued> {
        self.access.issue(claims.user, claims.session, claims.agency, (None, false), now)
    }

    /// The token of a look through a client's eyes, good for [`VIEWING_LASTS`].
    pub fn issue_viewing(&self, claims: &AccessClaims, now: Time) -> Result<Issued> {
        self.viewing.issue(claims.user, claims.session, claims.agency, (None, false), now)
    }

    /// Whom a person's token vouches for. UNAUTHENTICATED with TOKEN_EXPIRED when it was good once, else with
    /// TOKEN_INVALID.
    pub fn verify_access(&self, token: &str, now: Time) -> Result<Proven<AccessClaims>> {
        let (claims, expires) = match self.access.verify(token, now) {
            Err(error) if error.reason == "TOKEN_INVALID" => self.viewing.verify(token, now)?,
            other => other?,
        };
        if claims.wid.is_some() || claims.idn {
            return Err(invalid());
        }
        let claims = AccessClaims { user: id(&claims.sub)?, session: id(&claims.sid)?, agency: id(&claims.agy)? };
        Ok(Proven { claims, expires })
    }

    /// A visitor's token, good for [`VISITOR_LASTS`].
    pub fn issue_visitor(&self, claims: &VisitorClaims, now: Time) -> Result<Issued> {
        issue_to_visitor(&self.visitor, claims, now)
    }

    /// Whom a visitor's token vouches for; refuses as [`Self::verify_access`] does.
    pub fn verify_visitor(&self, token: &str, now: Time) -> Result<Proven<VisitorClaims>> {
        verify_of_visitor(&self.visitor, token, now)
    }

    /// A token with which a visitor gets visitor's tokens again for [`RESUME_LASTS`], and nothing else.
    pub fn issue_resume(&self, claims: &VisitorClaims, now: Time) -> Result<Issued> {
        issue_to_visitor(&self.resume, &VisitorClaims { identified: false, ..*claims }, now)
    }

    /// Which visitor comes back; refuses as [`Self::verify_access`] does.
    pub fn verify_resume(&self, token: &str, now: Time) -> Result<Proven<VisitorClaims>> {
        verify_of_visitor(&self.resume, token, now)
    }
}

fn issue_to_visitor(purpose: &Purpose, claims: &VisitorClaims, now: Time) -> Result<Issued> {
    purpose.issue(claims.visitor, claims.conversation, claims.agency, (Some(claims.widget), claims.identified), now)
}

fn verify_of_visitor(purpose: &Purpose, token: &str, now: Time) -> Result<Proven<VisitorClaims>> {
    let (claims, expires) = purpose.verify(token, now)?;
    let widget = claims.wid.as_deref().ok_or_else(invalid)?;
    let claims = VisitorClaims {
        visitor: id(&claims.sub)?,
        widget: id(widget)?,
        conversation: id(&claims.sid)?,
        agency: id(&claims.agy)?,
        identified: claims.idn,
    };
    Ok(Proven { claims, expires })
}

/// The claims as they travel. A claim added here is refused by older nodes: give the purpose a new type then.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    /// Who: a user or a visitor.
    sub: String,
    /// Through what: a session or a conversation.
    sid: String,
    /// The purpose.
    aud: String,
    /// Made at, in seconds after the epoch.
    iat: i64,
    /// Refused from then on, in seconds after the epoch.
    exp: i64,
    /// The agency.
    agy: String,
    /// The widget, of visitors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wid: Option<String>,
    /// Whether the client's site has just signed for the visitor.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    idn: bool,
}

/// One purpose: its key, its audience, its type and its length of time.
struct Purpose {
    audience: &'static str,
    lasts: Duration,
    header: Header,
    sign: EncodingKey,
    check: DecodingKey,
    rules: Validation,
}

impl Purpose {
    fn new(secret: &[u8; 32], audience: &'static str, lasts: Duration) -> Result<Self> {
        // HKDF-Expand for one block (RFC 5869, 2.3); the secret is uniformly random and serves as the extracted key.
        let mut block = Hmac::<Sha256>::new_from_slice(secret).map_err(Error::internal)?;
        block.update(b"livery token ");
        block.update(audience.as_bytes());
        block.update(&[1]);
        let key = block.finalize().into_bytes();

        let mut rules = Validation::new(Algorithm::HS256);
        rules.set_audience(&[audience]);
        rules.set_required_spec_claims(&["exp", "aud", "sub"]);
        // The library would ask the machine's clock, with a minute of leeway; `verify` asks the one that it is given.
        rules.validate_exp = false;
        rules.leeway = 0;
        let header = Header { typ: Some(format!("{audience}+jwt")), ..Header::new(Algorithm::HS256) };
        let (sign, check) = (EncodingKey::from_secret(&key), DecodingKey::from_secret(&key));
        Ok(Self { audience, lasts, header, sign, check, rules })
    }

    fn issue<S: Kind, V: Kind>(
        &self,
        who: Id<S>,
        through: Id<V>,
        agency: AgencyId,
        (widget, identified): (Option<WidgetId>, bool),
        now: Time,
    ) -> Result<Issued> {
        let iat = seconds(now);
        let exp = iat.saturating_add(self.lasts_seconds());
        let claims = Claims {
            sub: who.to_string(),
            sid: through.to_string(),
            aud: self.audience.to_owned(),
            iat,
            exp,
            agy: agency.to_string(),
            wid: widget.map(|widget| widget.to_string()),
            idn: identified,
        };
        let token = encode(&self.header, &claims, &self.sign).map_err(Error::internal)?;
        Ok(Issued { token, expires: instant(exp) })
    }

    /// The claims, and from when on they count for nothing.
    fn verify(&self, token: &str, now: Time) -> Result<(Claims, Time)> {
        if token.len() > LONGEST {
            return Err(invalid());
        }
        #[expect(clippy::disallowed_methods, reason = "this is the one wrapper: claims required, time checked below")]
        let found = decode::<Claims>(token, &self.check, &self.rules).map_err(|_| invalid())?;
        // Exactly the header that we write: no key id, no address of a key, no critical extension, no other type.
        if found.header != self.header {
            return Err(invalid());
        }
        let (claims, now) = (found.claims, seconds(now));
        // From the future, or for longer than we give: not ours, or a clock that lies. Fails closed.
        let lasts = claims.exp.checked_sub(claims.iat);
        if claims.iat > now.saturating_add(LEEWAY)
            || !lasts.is_some_and(|lasts| (1..=self.lasts_seconds()).contains(&lasts))
        {
            return Err(invalid());
        }
        if now >= claims.exp.saturating_add(LEEWAY) {
            return Err(Error::unauthenticated("TOKEN_EXPIRED", "Your session needs to be renewed."));
        }
        let expires = instant(claims.exp);
        Ok((claims, expires))
    }

    fn lasts_seconds(&self) -> i64 {
        i64::try_from(self.lasts.as_secs()).unwrap_or(i64::MAX)
    }
}

/// Whole seconds after the epoch, as RFC 7519 counts.
fn seconds(time: Time) -> i64 {
    time.micros().div_euclid(1_000_000)
}

fn instant(seconds: i64) -> Time {
    Time::from_micros(seconds.saturating_mul(1_000_000))
}

fn id<K: Kind>(text: &str) -> Result<Id<K>> {
    text.parse().map_err(|_| invalid())
}

fn invalid() -> Error {
    Error::unauthenticated("TOKEN_INVALID", "You are not signed in.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
    use serde_json::{Value, json};

    const SECRET: [u8; 32] = [7; 32];
    const NOW: Time = Time::from_micros(1_795_182_453_123_456);

    fn ada() -> AccessClaims {
        AccessClaims {
            user: UserId::from_number(1),
            session: SessionId::from_number(2),
            agency: AgencyId::from_number(3),
        }
    }

    fn visitor() -> VisitorClaims {
        VisitorClaims {
            visitor: VisitorId::from_number(1),
            widget: WidgetId::from_number(2),
            conversation: ConversationId::from_number(3),
            agency: AgencyId::from_number(4),
            identified: false,
        }
    }

    fn tokens() -> Tokens {
        Tokens::new(&SECRET).unwrap()
    }

    /// The key of a purpose, derived a second time by the letter of RFC 5869.
    fn key(secret: &[u8; 32], audience: &str) -> Vec<u8> {
        let mut block = Hmac::<Sha256>::new_from_slice(secret).unwrap();
        block.update(format!("livery token {audience}\u{1}").as_bytes());
        block.finalize().into_bytes().to_vec()
    }

    fn sign(header: &str, claims: &str, key: &[u8]) -> String {
        let signed = format!("{}.{}", BASE64.encode(header), BASE64.encode(claims));
        let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
        mac.update(signed.as_bytes());
        format!("{signed}.{}", BASE64.encode(mac.finalize().into_bytes()))
    }

    fn header() -> Value {
        json!({"typ": "desk+jwt", "alg": "HS256"})
    }

    fn claims() -> Value {
        let iat = seconds(NOW);
        let AccessClaims { user, session, agency } = ada();
        json!({
            "sub": user.to_string(), "sid": session.to_string(), "aud": "desk",
            "iat": iat, "exp": iat + 600, "agy": agency.to_string()
        })
    }

    /// The object with one field set, or taken away.
    fn with(mut object: Value, field: &str, value: Option<Value>) -> String {
        let fields = object.as_object_mut().unwrap();
        match value {
            Some(value) => fields.insert(field.to_owned(), value),
            None => fields.remove(field),
        };
        object.to_string()
    }

    #[track_caller]
    fn check(token: &str, expected: &str) {
        let found = match tokens().verify_access(token, NOW) {
            Ok(proven) => {
                assert_eq!(proven.claims, ada());
                "ok"
            }
            Err(error) => {
                assert_eq!(error.code.as_str(), "UNAUTHENTICATED");
                error.reason
            }
        };
        assert_eq!(found, expected, "{token}");
    }

    #[test]
    fn what_is_issued_is_proven() {
        let tokens = tokens();
        let access = tokens.issue_access(&ada(), NOW).unwrap();
        let expires = Time::from_micros(1_795_183_053_000_000);
        assert_eq!(access.expires, expires);
        assert_eq!(tokens.verify_access(&access.token, NOW).unwrap(), Proven { claims: ada(), expires });
        let token = tokens.issue_visitor(&visitor(), NOW).unwrap().token;
        assert_eq!(tokens.verify_visitor(&token, NOW).unwrap().claims, visitor());
        let token = tokens.issue_resume(&visitor(), NOW).unwrap().token;
        assert!(token.len() < LONGEST / 2, "{}", token.len());
        assert_eq!(tokens.verify_resume(&token, NOW.plus(RESUME_LASTS)).unwrap().claims, visitor());
    }

    #[test]
    fn no_token_serves_another_purpose() {
        let tokens = tokens();
        let issued = [
            tokens.issue_access(&ada(), NOW).unwrap().token,
            tokens.issue_visitor(&visitor(), NOW).unwrap().token,
            tokens.issue_resume(&visitor(), NOW).unwrap().token,
        ];
        for (made, token) in issued.iter().enumerate() {
            let accepted = [
                tokens.verify_access(token, NOW).is_ok(),
                tokens.verify_visitor(token, NOW).is_ok(),
                tokens.verify_resume(token, NOW).is_ok(),
            ];
            let expected: [bool; 3] = std::array::from_fn(|purpose| purpose == made);
            assert_eq!(accepted, expected);
        }
    }

    #[test]
    fn time_is_the_one_given() {
        let tokens = tokens();
        let token = tokens.issue_access(&ada(), NOW).unwrap().token;
        let at = |seconds: i64| Time::from_micros(NOW.micros() + seconds * 1_000_000);
        let reason = |now| tokens.verify_access(&token, now).err().map(|error| error.reason);
        assert_eq!(reason(at(604)), None);
        assert_eq!(reason(at(605)), Some("TOKEN_EXPIRED"));
        assert_eq!(reason(at(-5)), None);
        assert_eq!(reason(at(-6)), Some("TOKEN_INVALID"));
        assert_eq!(reason(at(400 * 86_400)), Some("TOKEN_EXPIRED"));
        assert_eq!(reason(at(-400 * 86_400)), Some("TOKEN_INVALID"));
    }

    #[test]
    fn forged_headers_are_refused() {
        let key = key(&SECRET, "desk");
        let claims = claims().to_string();
        // The key is the right one, or the cases below would prove nothing.
        check(&sign(&header().to_string(), &claims, &key), "ok");
        let unsigned = |header: Value| format!("{}.{}.", BASE64.encode(header.to_string()), BASE64.encode(&claims));
        for alg in ["none", "None", "NONE", "nOnE", ""] {
            check(&unsigned(json!({"typ": "desk+jwt", "alg": alg})), "TOKEN_INVALID");
            check(&sign(&json!({"typ": "desk+jwt", "alg": alg}).to_string(), &claims, &key), "TOKEN_INVALID");
        }
        check(&unsigned(header()), "TOKEN_INVALID");
        for alg in ["RS256", "HS384", "HS512", "ES256", "PS256", "EdDSA", "hs256"] {
            check(&sign(&with(header(), "alg", Some(json!(alg))), &claims, &key), "TOKEN_INVALID");
        }
        for (field, value) in [
            ("kid", json!("../../../../dev/null")),
            ("kid", json!("1' union select 'key")),
            ("kid", json!("")),
            ("jku", json!("https://evil.example/keys.json")),
            ("x5u", json!("https://evil.example/cert.pem")),
            ("x5c", json!(["MIIB"])),
            ("jwk", json!({"kty": "oct", "k": "AAAA"})),
            ("crit", json!(["exp"])),
            ("b64", json!(false)),
            ("zip", json!("DEF")),
            ("cty", json!("JWT")),
            ("anything", json!(1)),
            ("typ", json!("JWT")),
            ("typ", json!("desk+JWT")),
            ("typ", json!("widget+jwt")),
        ] {
            check(&sign(&with(header(), field, Some(value)), &claims, &key), "TOKEN_INVALID");
        }
        check(&sign(&with(header(), "typ", None), &claims, &key), "TOKEN_INVALID");
        check(&sign(&with(header(), "alg", None), &claims, &key), "TOKEN_INVALID");
    }

    #[test]
    fn forged_claims_are_refused() {
        let key = key(&SECRET, "desk");
        let iat = seconds(NOW);
        for field in ["sub", "sid", "aud", "iat", "exp", "agy"] {
            check(&sign(&header().to_string(), &with(claims(), field, None), &key), "TOKEN_INVALID");
            check(&sign(&header().to_string(), &with(claims(), field, Some(Value::Null)), &key), "TOKEN_INVALID");
        }
        for (field, value) in [
            ("exp", json!((iat + 600).to_string())),
            ("exp", json!(iat as f64 + 600.0)),
            ("exp", json!(iat + 601)),
            ("exp", json!(i64::MAX)),
            ("exp", json!(u64::MAX)),
            ("exp", json!(-1)),
            ("iat", json!(iat.to_string())),
            ("iat", json!(i64::MIN)),
            ("iat", json!(iat - 1)),
            ("aud", json!("widget")),
            ("aud", json!(["desk"])),
            ("aud", json!(["desk", "widget"])),
            ("aud", json!("")),
            ("sub", json!(VisitorId::from_number(1).to_string())),
            ("sub", json!(1)),
            ("sid", json!("")),
            ("agy", json!("agy_")),
            ("wid", json!(WidgetId::from_number(1).to_string())),
            ("role", json!("agency.owner")),
            ("nbf", json!(0)),
        ] {
            check(&sign(&header().to_string(), &with(claims(), field, Some(value)), &key), "TOKEN_INVALID");
        }
        let twice = claims().to_string().replacen('{', &format!("{{\"sub\":\"{}\",", UserId::from_number(9)), 1);
        check(&sign(&header().to_string(), &twice, &key), "TOKEN_INVALID");
        check(&sign(&header().to_string(), "[]", &key), "TOKEN_INVALID");
    }

    #[test]
    fn other_keys_are_refused() {
        let (header, claims) = (header().to_string(), claims().to_string());
        for key in
            [key(&[8; 32], "desk"), key(&SECRET, "widget"), key(&SECRET, ""), SECRET.to_vec(), vec![0; 32], vec![0]]
        {
            check(&sign(&header, &claims, &key), "TOKEN_INVALID");
        }
        let old = Tokens::new(&[8; 32]).unwrap().issue_access(&ada(), NOW).unwrap().token;
        check(&old, "TOKEN_INVALID");
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let token = tokens().issue_access(&ada(), NOW).unwrap().token;
        for at in 0..token.len() {
            for other in [b'A', b'B', b'_', b'.', b'=', b' '] {
                let mut bytes = token.clone().into_bytes();
                if bytes[at] != other {
                    bytes[at] = other;
                    check(&String::from_utf8(bytes).unwrap(), "TOKEN_INVALID");
                }
            }
        }
        for broken in [
            "",
            ".",
            "..",
            "...",
            "a.b.c",
            &token[1..],
            &token[..token.len() - 1],
            &format!("{token}="),
            &format!("{token}."),
        ] {
            check(broken, "TOKEN_INVALID");
        }
        check(&"A".repeat(1 << 20), "TOKEN_INVALID");
        check(&format!("Bearer {token}"), "TOKEN_INVALID");
        check(&token, "ok");
    }
}
