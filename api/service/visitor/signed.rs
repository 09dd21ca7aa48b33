//! What a client's site says of its visitors, signed with the key of the widget: a JSON Web Token (RFC 7519) of HS256.
//!
//! Made by strangers in any language, so more is understood than in our own tokens, and nothing more is allowed: one
//! algorithm, `aud`, `sub` and `exp` required, at most an hour. The clock is the one that is given.

use std::collections::BTreeMap;
use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde::Deserialize;
use serde_json::Value;

use crate::domain::id::WidgetId;
use crate::domain::text;
use crate::domain::time::Time;
use crate::error::{Code, Error, Result};

/// How long a signature may count at most.
pub const LONGEST: Duration = Duration::from_secs(60 * 60);
/// How far the clocks of the two servers may be apart, in seconds.
const LEEWAY: i64 = 30;
/// Whatever is longer is not looked at.
const BYTES: usize = 8 * 1024;

/// Who the site says that this is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The site's own name for them.
    pub external_id: String,
    /// Name, if it says one.
    pub name: Option<String>,
    /// Address, if it says one.
    pub email: Option<String>,
    /// Number, if it says one.
    pub phone: Option<String>,
    /// What else it says of them.
    pub attributes: BTreeMap<String, String>,
    /// The one origin on whose pages this counts, if it says one.
    pub origin: Option<String>,
}

/// The claims as they travel. Others may be there, and mean nothing.
#[derive(Deserialize)]
struct Claims {
    aud: String,
    sub: String,
    exp: i64,
    iat: Option<i64>,
    nbf: Option<i64>,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    #[serde(default)]
    attributes: BTreeMap<String, Value>,
    origin: Option<String>,
}

fn refused(reason: &'static str, message: &str) -> Error {
    Error::new(Code::Forbidden, reason, message)
}

/// Why a signature does not count, where more need not be said.
pub fn invalid() -> Error {
    refused("IDENTITY_INVALID", "This page could not say who you are.")
}

/// Reads what was signed for that widget with one of its keys.
///
/// # Errors
/// FORBIDDEN with IDENTITY_INVALID, IDENTITY_EXPIRED, IDENTITY_TOO_LONG or IDENTITY_OTHER_WIDGET; INVALID for a name or an
/// address that is none.
pub fn read(token: &str, widget: WidgetId, keys: &[String], now: Time) -> Result<Signed> {
    if token.len() > BYTES {
        return Err(invalid());
    }
    let mut rules = Validation::new(Algorithm::HS256);
    // The library would ask the machine's clock; all of it is looked at below.
    rules.validate_exp = false;
    rules.validate_nbf = false;
    rules.validate_aud = false;
    rules.set_required_spec_claims::<&str>(&[]);
    let found = keys.iter().find_map(|key| {
        #[expect(
            clippy::disallowed_methods,
            reason = "a wrapper: claims are required, audience and time checked below"
        )]
        decode::<Claims>(token, &DecodingKey::from_secret(key.as_bytes()), &rules).ok()
    });
    let found = found.ok_or_else(invalid)?;
    // No address of a key, no other type of token that the same key may have signed for something else.
    let header = &found.header;
    let plain = header.jku.is_none() && header.jwk.is_none() && header.x5u.is_none() && header.x5c.is_none();
    if !plain || header.typ.as_deref().is_some_and(|typ| !typ.eq_ignore_ascii_case("jwt")) {
        return Err(invalid());
    }
    let claims = found.claims;
    if claims.aud != widget.to_string() {
        return Err(refused("IDENTITY_OTHER_WIDGET", "This signature is for another widget."));
    }
    let (now, hour) = (now.micros().div_euclid(1_000_000), LONGEST.as_secs().cast_signed());
    if now >= claims.exp.saturating_add(LEEWAY) {
        return Err(refused("IDENTITY_EXPIRED", "What this page says of you has run out."));
    }
    let begun = [claims.iat, claims.nbf];
    if begun.iter().flatten().any(|at| *at > now.saturating_add(LEEWAY)) {
        return Err(invalid());
    }
    let since = claims.iat.unwrap_or(now).min(now.saturating_add(LEEWAY));
    if claims.exp.saturating_sub(now) > hour + LEEWAY || claims.exp.saturating_sub(since) > hour + LEEWAY {
        return Err(refused("IDENTITY_TOO_LONG", "A signature may count for an hour at most."));
    }
    let email = text::optional_line("email", claims.email.as_deref(), 254)?;
    Ok(Signed {
        external_id: text::line("sub", &claims.sub, 255)?,
        name: text::optional_line("name", claims.name.as_deref(), 120)?,
        email: email.map(|email| text::email("email", &email)).transpose()?,
        phone: text::optional_line("phone", claims.phone.as_deref(), 40)?,
        attributes: attributes(claims.attributes.into_iter().filter_map(|(key, value)| Some((key, said(value)?))))?,
        origin: claims.origin.map(|origin| text::origin("origin", &origin)).transpose()?,
    })
}

/// A value as text; lists and objects are none.
fn said(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(yes.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// How many attributes a visitor has at most.
pub const ATTRIBUTES: usize = 20;

/// Attributes as they are kept: at most so many, each with a short name and a text of bounded length.
///
/// # Errors
/// INVALID with TOO_MANY, TOO_LONG or EMPTY.
pub fn attributes(given: impl IntoIterator<Item = (String, String)>) -> Result<BTreeMap<String, String>> {
    let mut kept = BTreeMap::new();
    for (key, value) in given {
        let key = text::line("attributes", &key, 64)?;
        if let Some(value) = text::optional_line("attributes", Some(&value), 500)? {
            kept.insert(key, value);
        }
        if kept.len() > ATTRIBUTES {
            return Err(Error::invalid("attributes", "TOO_MANY", format!("At most {ATTRIBUTES} attributes.")));
        }
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
    use hmac::{Hmac, KeyInit, Mac};
    use serde_json::json;
    use sha2::Sha256;

    const NOW: Time = Time::from_micros(1_795_182_453_000_000);
    const AT: i64 = 1_795_182_453;

    fn widget() -> WidgetId {
        WidgetId::from_number(7)
    }

    fn sign(header: &Value, claims: &Value, key: &str) -> String {
        let signed = format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(claims.to_string()));
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("a key");
        mac.update(signed.as_bytes());
        format!("{signed}.{}", BASE64.encode(mac.finalize().into_bytes()))
    }

    fn claims() -> Value {
        json!({ "aud": widget().to_string(), "sub": "42", "exp": AT + 600, "name": "Ada", "email": "Ada@Example.com",
                "attributes": { "plan": "gold", "seats": 3 } })
    }

    fn with(field: &str, value: Value) -> Value {
        let mut claims = claims();
        match value {
            Value::Null => claims.as_object_mut().expect("an object").remove(field),
            value => claims.as_object_mut().expect("an object").insert(field.to_owned(), value),
        };
        claims
    }

    #[test]
    fn who_was_signed_for_is_known() {
        let token = sign(&json!({ "alg": "HS256", "typ": "JWT" }), &claims(), "key");
        let signed = read(&token, widget(), &["other".to_owned(), "key".to_owned()], NOW).expect("signed");
        assert_eq!(signed.external_id, "42");
        assert_eq!(signed.email.as_deref(), Some("ada@example.com"));
        assert_eq!(signed.attributes["seats"], "3");
    }

    #[test]
    fn what_was_not_is_refused() {
        let usual = json!({ "alg": "HS256", "typ": "JWT" });
        let good = sign(&usual, &claims(), "key");
        let check = |token: &str, expected: &str| {
            let reason = read(token, widget(), &["key".to_owned()], NOW).err().map_or("none", |error| error.reason);
            assert_eq!(reason, expected, "{token}");
        };
        check(&good, "none");
        let mut parts: Vec<&str> = good.split('.').collect();
        let other = BASE64.encode(with("sub", json!("43")).to_string());
        parts[1] = &other;
        check(&parts.join("."), "IDENTITY_INVALID");
        check(&format!("{}.{}.", parts[0], parts[1]), "IDENTITY_INVALID");
        for alg in ["none", "None", "HS384", "HS512", "RS256", "ES256"] {
            check(&sign(&json!({ "alg": alg, "typ": "JWT" }), &claims(), "key"), "IDENTITY_INVALID");
        }
        let none = BASE64.encode(json!({ "alg": "none" }).to_string());
        check(&format!("{none}.{}.", BASE64.encode(claims().to_string())), "IDENTITY_INVALID");
        check(&sign(&json!({ "alg": "HS256", "typ": "widget+jwt" }), &claims(), "key"), "IDENTITY_INVALID");
        check(&sign(&json!({ "alg": "HS256", "jku": "https://evil.test/k" }), &claims(), "key"), "IDENTITY_INVALID");
        check(&sign(&usual, &claims(), "another"), "IDENTITY_INVALID");
        for field in ["aud", "sub", "exp"] {
            check(&sign(&usual, &with(field, Value::Null), "key"), "IDENTITY_INVALID");
        }
        check(&sign(&usual, &with("aud", json!(WidgetId::from_number(8).to_string())), "key"), "IDENTITY_OTHER_WIDGET");
        check(&sign(&usual, &with("aud", json!([widget().to_string()])), "key"), "IDENTITY_INVALID");
        check(&sign(&usual, &with("exp", json!(AT - LEEWAY)), "key"), "IDENTITY_EXPIRED");
        check(&sign(&usual, &with("exp", json!(AT + 3_600 + LEEWAY + 1)), "key"), "IDENTITY_TOO_LONG");
        check(&sign(&usual, &with("exp", json!(i64::MAX)), "key"), "IDENTITY_TOO_LONG");
        check(&sign(&usual, &with("iat", json!(AT - 7_200)), "key"), "IDENTITY_TOO_LONG");
        check(&sign(&usual, &with("iat", json!(AT + LEEWAY + 1)), "key"), "IDENTITY_INVALID");
        check(&sign(&usual, &with("nbf", json!(AT + LEEWAY + 1)), "key"), "IDENTITY_INVALID");
        check(&sign(&usual, &with("sub", json!(" ")), "key"), "EMPTY");
        check(&sign(&usual, &with("email", json!("ada")), "key"), "NOT_AN_ADDRESS");
        check("", "IDENTITY_INVALID");
        check(&"a".repeat(BYTES + 1), "IDENTITY_INVALID");
    }

    #[test]
    fn attributes_are_few_and_short() {
        let many = |count: usize| (0..count).map(|at| (format!("k{at}"), "v".to_owned()));
        assert_eq!(attributes(many(ATTRIBUTES)).expect("kept").len(), ATTRIBUTES);
        let reason = |given: Vec<(String, String)>| attributes(given).err().map(|error| error.reason);
        assert_eq!(reason(many(ATTRIBUTES + 1).collect()), Some("TOO_MANY"));
        assert_eq!(reason(vec![("k".repeat(65), "v".to_owned())]), Some("TOO_LONG"));
        assert_eq!(reason(vec![("k".to_owned(), "v".repeat(501))]), Some("TOO_LONG"));
        assert_eq!(reason(vec![(" ".to_owned(), "v".to_owned())]), Some("EMPTY"));
    }
}
