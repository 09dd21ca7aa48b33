//! A new password for whoever forgot theirs. Who asks learns nothing: whether there is anybody to write to is looked at
//! later, by a job, so that answer, work and time are the same for every address.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::super::identity::{self as sessions, Origin};
use super::super::seal::{hash_of, secret};
use super::super::{By, Services, agency as hosts, mail};
use crate::domain::change::Change;
use crate::domain::id::JobId;
use crate::domain::mail::{Letter, SecurityChange};
use crate::domain::text;
use crate::error::{Code, Error, Result};
use crate::policy::Scope;
use crate::store::job::{self, Job};
use crate::store::token::{Purpose, Token};
use crate::store::{access, identity, token};

/// The kind of job that writes to whoever wants a new password.
pub const RESET_JOB: &str = "password.reset";

/// How long the link is good.
pub const RESET_LASTS: Duration = Duration::from_secs(30 * 60);

#[derive(Serialize, Deserialize)]
struct Wish {
    email: String,
    /// Asked on the platform's own address, where no agency is certain.
    anywhere: bool,
    browser: String,
}

fn purpose(id: JobId) -> String {
    format!("jobs.payload {id}")
}

/// Somebody wants a new password for an address.
///
/// # Errors
/// RATE_LIMITED, whether or not there is such an account. Nothing else.
pub async fn request(s: &Services, origin: &Origin, email: &str) -> Result<()> {
    let agency = hosts::of_host(s, &mut s.store.read().await?, &origin.host).await?.id;
    let email = text::email("email", email).unwrap_or_default();
    s.limits.try_letter(agency, &email, origin.address)?;
    let now = s.clock.now();
    let id: JobId = s.ids.next(now);
    let wish = Wish { email, anywhere: origin.host == s.addresses.host, browser: origin.browser.clone() };
    let wish = serde_json::to_string(&wish).map_err(Error::internal)?;
    let payload = s.seal.close(&purpose(id), &wish)?;
    let mut unit = s.store.write().await?;
    job::add(&mut unit, &Job::new(id, agency, RESET_JOB, id).with(payload), now).await?;
    unit.note(Change::Job);
    unit.commit().await
}

/// Does the job: writes to the account, if there is one that belongs anywhere.
pub async fn write(s: &Services, job: &Job) -> Result<()> {
    let wish: Wish = serde_json::from_str(&s.seal.open(&purpose(job.id), &job.payload)?).map_err(Error::internal)?;
    let mut read = s.store.read().await?;
    let known = match identity::credentials(&mut read, job.agency, &wish.email).await? {
        None if wish.anywhere => identity::only_credentials(&mut read, &wish.email).await?,
        known => known,
    };
    let known = match known {
        Some(known) if !access::memberships_of(&mut read, known.user).await?.is_empty() => known,
        _ => return super::super::job::finish(s, job).await,
    };
    drop(read);
    let now = s.clock.now();
    let (link_secret, expires_at) = (secret(&s.ids), now.plus(RESET_LASTS));
    let hash = hash_of(&link_secret);
    let new = Token {
        pair: hash.clone(),
        hash,
        agency: known.agency,
        user: known.user,
        email: wish.email.clone(),
        created_at: now,
        expires_at,
    };
    let mut unit = s.store.write().await?;
    if !job::finish(&mut unit, job).await? {
        return Ok(());
    }
    token::insert(&mut unit, Purpose::Reset, &new).await?;
    let link = format!("/reset-password?token={link_secret}");
    let letter = Letter::PasswordReset { link, expires_at, browser: wish.browser };
    mail::post(s, &mut unit, known.agency, None, &wish.email, &letter).await?;
    let scope = Scope::system(known.agency, "somebody wants a new password");
    let user = known.user.to_string();
    let by = By { actor: &user, organization: None };
    s.note(&mut unit, &scope, &by, "password.request_reset", known.user, json!({})).await?;
    unit.commit().await
}

fn spent() -> Error {
    let message = "This link was used or has run out. Ask for another one.";
    Error::new(Code::NotFound, "RESET_SPENT", message)
}

/// A link that is good, with everything done that takes long.
pub struct Ready {
    token: Token,
    password_hash: String,
}

/// Sets a new password by the link of a letter. All sessions end.
///
/// # Errors
/// NOT_FOUND with RESET_SPENT; INVALID with PASSWORD_TOO_WEAK, which leaves the link good; RATE_LIMITED.
pub async fn reset(s: &Services, origin: &Origin, link: &str, password: &str) -> Result<()> {
    let ready = prepare(s, origin, link, password).await?;
    redeem(s, origin, &ready).await
}

/// The first half of [`reset`]: looks at the link first and hashes afterwards, without using anything up.
pub async fn prepare(s: &Services, origin: &Origin, link: &str, password: &str) -> Result<Ready> {
    s.limits.try_link(origin.address)?;
    let mut read = s.store.read().await?;
    let token = token::look(&mut read, Purpose::Reset, &hash_of(link), s.clock.now()).await?.ok_or_else(spent)?;
    let scope = Scope::system(token.agency, "setting a new password");
    let user = super::user(&mut read, &scope, token.user).await?;
    drop(read);
    if !sessions::belongs_to_host(s, token.agency, &origin.host).await? {
        return Err(spent());
    }
    s.limits.link_opened(origin.address);
    let password_hash = sessions::hash_new(s, "password", password, &[&user.email, &user.name]).await?;
    Ok(Ready { token, password_hash })
}

/// The second half of [`reset`]: uses the link up in the unit that keeps the password. Of any number at once one can.
pub async fn redeem(s: &Services, origin: &Origin, ready: &Ready) -> Result<()> {
    let Ready { token: found, password_hash } = ready;
    let scope = Scope::system(found.agency, "setting a new password");
    let mut unit = s.store.write().await?;
    if !token::spend(&mut unit, Purpose::Reset, &found.hash, s.clock.now()).await? {
        return Err(spent());
    }
    identity::lock_user(&mut unit, &scope, found.user).await?;
    let known = identity::credentials_of(&mut unit, &scope, found.user).await?.ok_or_else(spent)?;
    identity::set_password(&mut unit, &scope, found.user, &known.password_hash, password_hash, false).await?;
    token::kill(&mut unit, &scope, found.user, Purpose::Reset).await?;
    sessions::end_others(s, &mut unit, &scope, found.user, None).await?;
    let user = super::user(&mut unit, &scope, found.user).await?;
    super::tell_of_change(s, &mut unit, &user, SecurityChange::Password, &origin.browser).await?;
    let actor = found.user.to_string();
    let by = By { actor: &actor, organization: None };
    s.note(&mut unit, &scope, &by, "password.reset", found.user, json!({})).await?;
    unit.commit().await
}
