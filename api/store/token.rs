//! What is used once: links by mail, codes of second factors. Of a link and a recovery code only a hash is kept.

use super::{Reads, Write, fail, on, row};
use crate::domain::id::{AgencyId, UserId};
use crate::domain::time::Time;
use crate::error::Result;
use crate::policy::Scope;

/// What a link is for. A link of one purpose opens nothing of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A new password.
    Reset,
    /// A change of address: at the one that is left, or at the one that will be used.
    Address,
}

impl Purpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Reset => "RESET",
            Self::Address => "ADDRESS",
        }
    }
}

/// A link that may be used once.
#[derive(Debug, Clone)]
pub struct Token {
    /// The hash of its secret.
    pub hash: String,
    /// The agency.
    pub agency: AgencyId,
    /// Whose account it opens.
    pub user: UserId,
    /// What the tokens that belong together have in common.
    pub pair: String,
    /// The address that it is about: where it was sent for a reset, the new one for a change.
    pub email: String,
    /// When it was made.
    pub created_at: Time,
    /// From when on it is refused.
    pub expires_at: Time,
}

row!(Token {
    hash: "hash",
    agency: "agency_id",
    user: "user_id",
    pair: "pair",
    email: "email",
    created_at: "created_at",
    expires_at: "expires_at",
});

/// Keeps a new token.
pub async fn insert(db: &mut Write, purpose: Purpose, new: &Token) -> Result<()> {
    on!(db, c => sqlx::query(
        "insert into tokens (hash, agency_id, user_id, purpose, pair, email, created_at, expires_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8)")
        .bind(&new.hash).bind(new.agency).bind(new.user).bind(purpose.as_str()).bind(&new.pair).bind(&new.email)
        .bind(new.created_at).bind(new.expires_at).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Whose token it is, while it is good. Whether it still is when it is spent, is asked again by [`spend`].
pub async fn look(db: &mut impl Reads, purpose: Purpose, hash: &str, now: Time) -> Result<Option<Token>> {
    on!(db, c => sqlx::query_as(
        "select hash, agency_id, user_id, pair, email, created_at, expires_at from tokens \
         where hash = $1 and purpose = $2 and spent_at is null and expires_at > $3")
        .bind(hash).bind(purpose.as_str()).bind(now).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// Uses a token up: of any number at once, one is told that it could.
pub async fn spend(db: &mut Write, purpose: Purpose, hash: &str, now: Time) -> Result<bool> {
    on!(db, c => sqlx::query(
        "update tokens set spent_at = $3 where hash = $1 and purpose = $2 and spent_at is null and expires_at > $3")
        .bind(hash).bind(purpose.as_str()).bind(now).execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// How many tokens of a pair have not been used yet.
pub async fn left_of_pair(db: &mut Write, scope: &Scope, pair: &str) -> Result<i64> {
    on!(db, c => sqlx::query_scalar("select count(*) from tokens where agency_id = $1 and pair = $2 and spent_at is null")
        .bind(scope.agency()).bind(pair).fetch_one(&mut *c).await)
    .map_err(fail)
}

/// Kills the tokens of a user for that purpose.
pub async fn kill(db: &mut Write, scope: &Scope, user: UserId, purpose: Purpose) -> Result<()> {
    on!(db, c => sqlx::query("delete from tokens where agency_id = $1 and user_id = $2 and purpose = $3")
        .bind(scope.agency()).bind(user).bind(purpose.as_str()).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// A second factor.
#[derive(Debug, Clone)]
pub struct Factor {
    /// The secret, sealed.
    pub secret: String,
    /// The last step whose code was used.
    pub last_step: i64,
    /// Since when it is asked for; none as long as its owner has not shown that it works.
    pub confirmed_at: Option<Time>,
}

row!(Factor { secret: "secret", last_step: "last_step", confirmed_at: "confirmed_at" });

/// The second factor of a user, confirmed or not.
pub async fn factor(db: &mut impl Reads, scope: &Scope, user: UserId) -> Result<Option<Factor>> {
    on!(db, c => sqlx::query_as(
        "select secret, last_step, confirmed_at from second_factors where agency_id = $1 and user_id = $2")
        .bind(scope.agency()).bind(user).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// Keeps a factor that is yet to be confirmed, in place of another such one. Says whether it could be: not over one that
/// was confirmed.
pub async fn put_factor(db: &mut Write, scope: &Scope, user: UserId, secret: &str, now: Time) -> Result<bool> {
    on!(db, c => sqlx::query(
        "insert into second_factors (user_id, agency_id, secret, last_step, created_at) values ($1, $2, $3, 0, $4) \
         on conflict (user_id) do update set secret = excluded.secret, last_step = 0, created_at = excluded.created_at \
         where second_factors.confirmed_at is null")
        .bind(user).bind(scope.agency()).bind(secret).bind(now)
        .execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Confirms a factor by a code of that step. Says whether there was that very one to confirm.
pub async fn confirm_factor(
    db: &mut Write,
    scope: &Scope,
    user: UserId,
    secret: &str,
    step: i64,
    now: Time,
) -> Result<bool> {
    on!(db, c => sqlx::query(
        "update second_factors set confirmed_at = $5, last_step = $4 \
         where agency_id = $1 and user_id = $2 and secret = $3 and confirmed_at is null")
        .bind(scope.agency()).bind(user).bind(secret).bind(step).bind(now)
        .execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Uses the code of a step up. Says whether it could be: a code works once, and none before it works any more.
pub async fn use_step(db: &mut Write, scope: &Scope, user: UserId, step: i64) -> Result<bool> {
    on!(db, c => sqlx::query(
        "update second_factors set last_step = $3 \
         where agency_id = $1 and user_id = $2 and last_step < $3 and confirmed_at is not null")
        .bind(scope.agency()).bind(user).bind(step).execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Takes the factor away, with its recovery codes. Says whether there was one.
pub async fn remove_factor(db: &mut Write, scope: &Scope, user: UserId) -> Result<bool> {
    set_codes(db, scope, user, &[]).await?;
    on!(db, c => sqlx::query("delete from second_factors where agency_id = $1 and user_id = $2")
        .bind(scope.agency()).bind(user).execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Keeps these recovery codes in place of all others.
pub async fn set_codes(db: &mut Write, scope: &Scope, user: UserId, hashes: &[String]) -> Result<()> {
    on!(db, c => sqlx::query("delete from recovery_codes where agency_id = $1 and user_id = $2")
        .bind(scope.agency()).bind(user).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)?;
    for hash in hashes {
        on!(db, c => sqlx::query("insert into recovery_codes (user_id, hash, agency_id) values ($1, $2, $3)")
            .bind(user).bind(hash).bind(scope.agency()).execute(&mut *c).await.map(|_| ()))
        .map_err(fail)?;
    }
    Ok(())
}

/// Whether that recovery code is good.
pub async fn knows_code(db: &mut impl Reads, scope: &Scope, user: UserId, hash: &str) -> Result<bool> {
    let found: Option<(String,)> = on!(db, c => sqlx::query_as(
        "select hash from recovery_codes where agency_id = $1 and user_id = $2 and hash = $3 and spent_at is null")
        .bind(scope.agency()).bind(user).bind(hash).fetch_optional(&mut *c).await)
    .map_err(fail)?;
    Ok(found.is_some())
}

/// Uses a recovery code up: of any number at once, one is told that it could.
pub async fn spend_code(db: &mut Write, scope: &Scope, user: UserId, hash: &str, now: Time) -> Result<bool> {
    on!(db, c => sqlx::query(
        "update recovery_codes set spent_at = $4 where agency_id = $1 and user_id = $2 and hash = $3 and spent_at is null")
        .bind(scope.agency()).bind(user).bind(hash).bind(now).execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}
