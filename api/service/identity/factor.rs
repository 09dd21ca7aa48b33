//! The second factor: codes of an authenticator app (RFC 6238), and recovery codes for when that is lost.
//!
//! A code works once: the step of the last one is kept, and only later steps count. Recovery codes have 80 random bits, so
//! that a hash of them is as good as a secret's.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use qrcodegen::{QrCode, QrCodeEcc};
use totp_rs::{Builder, Totp};

use super::super::Services;
use super::super::seal::hash_of;
use crate::domain::id::UserId;
use crate::domain::people::{base32, percent};
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::policy::Scope;
use crate::store::token::Factor;
use crate::store::{Write, token};

/// How many recovery codes there are.
const CODES: usize = 10;
/// How long a secret is, in bytes: as long as the hash's output (RFC 4226, 4).
const SECRET: usize = 20;

/// What a code was, and will have been used up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::service) enum Used {
    /// There is no second factor.
    Nothing,
    /// The code of a step.
    Step(i64),
    /// The recovery code of that hash.
    Code(String),
}

fn purpose(user: UserId) -> String {
    format!("second_factors.secret {user}")
}

fn totp(secret: [u8; SECRET]) -> Result<Totp> {
    // SHA-1, six digits, 30 seconds, one step of leeway each way: the only settings that all apps understand.
    Builder::new().with_secret(secret).with_skew(1).build().map_err(|error| Error::internal(format!("{error:?}")))
}

fn opened(s: &Services, user: UserId, sealed: &str) -> Result<Totp> {
    let bytes = URL_SAFE_NO_PAD.decode(s.seal.open(&purpose(user), sealed)?).map_err(Error::internal)?;
    totp(bytes.try_into().map_err(|_| Error::internal("a secret of another length"))?)
}

/// What a code would use up; none when it is wrong or was used before.
pub(in crate::service) async fn look(
    s: &Services,
    scope: &Scope,
    user: UserId,
    factor: &Factor,
    code: &str,
) -> Result<Option<Used>> {
    let plain: String = code.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    if plain.len() > 64 {
        return Ok(None);
    }
    if plain.len() == 6 && plain.bytes().all(|b| b.is_ascii_digit()) {
        let now = u64::try_from(s.clock.now().micros() / 1_000_000).map_err(Error::internal)?;
        let step = opened(s, user, &factor.secret)?.check(&plain, now);
        let step = step.map(i64::try_from).transpose().map_err(Error::internal)?;
        return Ok(step.filter(|step| *step > factor.last_step).map(Used::Step));
    }
    let hash = hash_of(&plain.to_uppercase());
    let known = token::knows_code(&mut s.store.read().await?, scope, user, &hash).await?;
    Ok(known.then_some(Used::Code(hash)))
}

/// Uses up what a code was. Says whether it still could be: of two at once, one.
pub(in crate::service) async fn use_up(
    unit: &mut Write,
    scope: &Scope,
    user: UserId,
    used: &Used,
    now: Time,
) -> Result<bool> {
    match used {
        Used::Nothing => Ok(true),
        Used::Step(step) => token::use_step(unit, scope, user, *step).await,
        Used::Code(hash) => token::spend_code(unit, scope, user, hash, now).await,
    }
}

/// A new secret: as apps want it typed, and sealed.
pub(in crate::service) fn new_secret(s: &Services, user: UserId) -> Result<(String, String)> {
    let mut bytes = [0u8; SECRET];
    bytes[..16].copy_from_slice(&s.ids.bits().to_be_bytes());
    bytes[16..].copy_from_slice(&s.ids.bits().to_be_bytes()[..SECRET - 16]);
    let sealed = s.seal.close(&purpose(user), &URL_SAFE_NO_PAD.encode(bytes))?;
    Ok((base32(&bytes), sealed))
}

/// What an app reads from the picture, under the agency's name.
pub(in crate::service) fn uri(issuer: &str, account: &str, secret: &str) -> String {
    let (issuer, account) = (percent(issuer), percent(account));
    format!("otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits=6&period=30")
}

/// The picture of a text, as rows of 0 and 1, without the quiet zone around it.
pub(in crate::service) fn picture(text: &str) -> Result<Vec<String>> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).map_err(|error| Error::internal(format!("{error:?}")))?;
    let row = |y| (0..code.size()).map(|x| if code.get_module(x, y) { '1' } else { '0' }).collect();
    Ok((0..code.size()).map(row).collect())
}

/// New recovery codes, and what is kept of them.
pub(in crate::service) fn new_codes(s: &Services) -> (Vec<String>, Vec<String>) {
    let codes: Vec<String> = (0..CODES).map(|_| base32(&s.ids.bits().to_be_bytes()[..10])).collect();
    let hashes = codes.iter().map(|code| hash_of(code)).collect();
    let groups = |code: &String| {
        let groups: Vec<String> =
            code.as_bytes().chunks(4).map(|four| String::from_utf8_lossy(four).into_owned()).collect();
        groups.join("-")
    };
    (codes.iter().map(groups).collect(), hashes)
}
