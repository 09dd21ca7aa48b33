//! Logins and where they are signed in.

use std::collections::HashMap;

use super::{Reads, Write, fail, on, row};
use crate::domain::id::{AgencyId, SessionId, UserId};
use crate::domain::tenant::{Session, User};
use crate::domain::text::searchable;
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::policy::Scope;

row!(User { id: "id", agency: "agency_id", name: "name", email: "email" });

row!(Session {
    id: "id",
    user: "user_id",
    created_at: "created_at",
    last_used_at: "last_used_at",
    browser: "browser",
    address: "address",
});

/// What is needed to check a password.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Whose.
    pub user: UserId,
    /// Under which agency.
    pub agency: AgencyId,
    /// The hash, in PHC string format.
    pub password_hash: String,
    /// Whether somebody else made the password.
    pub must_change_password: bool,
}

row!(Credentials {
    user: "id",
    agency: "agency_id",
    password_hash: "password_hash",
    must_change_password: "must_change_password",
});

/// The state of a session that a token is checked against.
#[derive(Debug, Clone)]
pub struct SessionState {
    /// The session.
    pub session: SessionId,
    /// Whose.
    pub user: UserId,
    /// Under which agency.
    pub agency: AgencyId,
    /// Hash of the refresh token that is good now.
    pub refresh_hash: String,
    /// Hash of the one before it.
    pub previous_hash: Option<String>,
    /// When the one became the other.
    pub rotated_at: Time,
    /// When the session ends by itself.
    pub expires_at: Time,
    /// When it was ended.
    pub ended_at: Option<Time>,
}

row!(SessionState {
    session: "id",
    user: "user_id",
    agency: "agency_id",
    refresh_hash: "refresh_hash",
    previous_hash: "previous_hash",
    rotated_at: "rotated_at",
    expires_at: "expires_at",
    ended_at: "ended_at",
});

/// A new session.
pub struct NewSession<'a> {
    /// Its id.
    pub id: SessionId,
    /// Under which agency.
    pub agency: AgencyId,
    /// Whose.
    pub user: UserId,
    /// Hash of the first refresh token.
    pub refresh_hash: &'a str,
    /// The present instant.
    pub now: Time,
    /// When it ends by itself.
    pub expires_at: Time,
    /// What the browser says of itself.
    pub browser: &'a str,
    /// The network address.
    pub address: &'a str,
}

/// The login with that address under that agency. Before anybody is signed in there is no scope.
pub async fn credentials(db: &mut impl Reads, agency: AgencyId, email: &str) -> Result<Option<Credentials>> {
    on!(db, c => sqlx::query_as("select id, agency_id, password_hash, must_change_password from users where agency_id = $1 and email = $2")
        .bind(agency).bind(email).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// The only login with that address on the platform; none if several agencies know it.
pub async fn only_credentials(db: &mut impl Reads, email: &str) -> Result<Option<Credentials>> {
    let mut found: Vec<Credentials> = on!(db, c => sqlx::query_as(
        "select id, agency_id, password_hash, must_change_password from users where email = $1 order by id limit 2")
        .bind(email).fetch_all(&mut *c).await)
    .map_err(fail)?;
    Ok(if found.len() == 1 { found.pop() } else { None })
}

/// By what a user is ordered and found: name and address, normalised.
fn search(user: &User) -> String {
    searchable(&format!("{} {}", user.name, user.email))
}

/// Keeps a new login.
pub async fn insert_user(db: &mut Write, user: &User, password_hash: &str, now: Time) -> Result<()> {
    on!(db, c => sqlx::query(
        "insert into users (id, agency_id, email, name, password_hash, created_at, search) values ($1, $2, $3, $4, $5, $6, $7)")
        .bind(user.id).bind(user.agency).bind(&user.email).bind(&user.name).bind(password_hash).bind(now).bind(search(user))
        .execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Users of the scope's agency, of the given ids.
pub async fn users_of(db: &mut impl Reads, scope: &Scope, ids: &[UserId]) -> Result<Vec<User>> {
    let ids = super::types::list(ids);
    on!(db, c => sqlx::query_as(
        "select id, agency_id, name, email from users where agency_id = $1 and id in (select value from json_each($2))")
        .bind(scope.agency()).bind(&ids).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// Keeps a new session.
pub async fn insert_session(db: &mut Write, session: &NewSession<'_>) -> Result<()> {
    on!(db, c => sqlx::query(
        "insert into sessions (id, agency_id, user_id, refresh_hash, rotated_at, created_at, last_used_at, expires_at, browser, address) \
         values ($1, $2, $3, $4, $5, $5, $5, $6, $7, $8)")
        .bind(session.id).bind(session.agency).bind(session.user).bind(session.refresh_hash).bind(session.now)
        .bind(session.expires_at).bind(session.browser).bind(session.address).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// The state of a session, by the id that its token carries.
pub async fn session_state(db: &mut impl Reads, id: SessionId) -> Result<Option<SessionState>> {
    on!(db, c => sqlx::query_as(
        "select id, user_id, agency_id, refresh_hash, previous_hash, rotated_at, expires_at, ended_at from sessions where id = $1")
        .bind(id).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// Replaces the refresh token, if the session still has the one that was shown. Says whether it had.
pub async fn rotate_session(
    db: &mut Write,
    state: &SessionState,
    refresh_hash: &str,
    address: &str,
    now: Time,
) -> Result<bool> {
    on!(db, c => sqlx::query(
        "update sessions set previous_hash = refresh_hash, refresh_hash = $1, rotated_at = $2, last_used_at = $2, address = $3 \
         where id = $4 and refresh_hash = $5 and ended_at is null")
        .bind(refresh_hash).bind(now).bind(address).bind(state.session).bind(&state.refresh_hash)
        .execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Sessions of a user that have not ended, last used first.
pub async fn sessions(db: &mut impl Reads, scope: &Scope, user: UserId, now: Time) -> Result<Vec<Session>> {
    on!(db, c => sqlx::query_as(
        "select id, user_id, created_at, last_used_at, browser, address from sessions \
         where agency_id = $1 and user_id = $2 and ended_at is null and expires_at > $3 \
         order by last_used_at desc, id limit 100")
        .bind(scope.agency()).bind(user).bind(now).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// Ends a session of that user. Says whether there was one to end.
pub async fn end_session(db: &mut Write, user: UserId, session: SessionId, now: Time) -> Result<bool> {
    on!(db, c => sqlx::query("update sessions set ended_at = $1 where id = $2 and user_id = $3 and ended_at is null")
        .bind(now).bind(session).bind(user).execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Ends the sessions of a user, but for the one to keep. Says how many.
pub async fn end_sessions(
    db: &mut Write,
    scope: &Scope,
    user: UserId,
    keep: Option<SessionId>,
    now: Time,
) -> Result<u64> {
    on!(db, c => sqlx::query(
        "update sessions set ended_at = $3 where agency_id = $1 and user_id = $2 and ended_at is null and ($4 is null or id <> $4)")
        .bind(scope.agency()).bind(user).bind(now).bind(keep).execute(&mut *c).await.map(|done| done.rows_affected()))
    .map_err(fail)
}

/// Makes changes of one user's account and claims wait for each other until the unit ends.
pub async fn lock_user(db: &mut Write, scope: &Scope, user: UserId) -> Result<()> {
    on!(db, c => sqlx::query("update users set name = name where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(user).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// What is needed to check the password of somebody who is signed in.
pub async fn credentials_of(db: &mut impl Reads, scope: &Scope, user: UserId) -> Result<Option<Credentials>> {
    on!(db, c => sqlx::query_as("select id, agency_id, password_hash, must_change_password from users where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(user).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// Keeps another password, if the one before is still `before`; `by_other` says that its owner does not know it alone.
pub async fn set_password(
    db: &mut Write,
    scope: &Scope,
    user: UserId,
    before: &str,
    hash: &str,
    by_other: bool,
) -> Result<bool> {
    on!(db, c => sqlx::query(
        "update users set password_hash = $4, must_change_password = $5 where agency_id = $1 and id = $2 and password_hash = $3")
        .bind(scope.agency()).bind(user).bind(before).bind(hash).bind(by_other)
        .execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// The login with that address in the scope's agency.
pub async fn user_with(db: &mut impl Reads, scope: &Scope, email: &str) -> Result<Option<User>> {
    on!(db, c => sqlx::query_as("select id, agency_id, name, email from users where agency_id = $1 and email = $2")
        .bind(scope.agency()).bind(email).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// Keeps name and address of a user as they are now. Says whether the address was free.
pub async fn update_user(db: &mut Write, scope: &Scope, user: &User) -> Result<bool> {
    on!(db, c => sqlx::query(
        "update users set name = $3, email = $4, search = $5 where agency_id = $1 and id = $2 \
         and not exists (select 1 from users o where o.agency_id = $1 and o.email = $4 and o.id <> $2)")
        .bind(scope.agency()).bind(user.id).bind(&user.name).bind(&user.email).bind(search(user))
        .execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// The language and the time zone that a user chose.
pub async fn preferences(db: &mut impl Reads, scope: &Scope, user: UserId) -> Result<(Option<String>, Option<String>)> {
    on!(db, c => sqlx::query_as("select language, time_zone from users where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(user).fetch_one(&mut *c).await)
    .map_err(fail)
}

/// The language and the time zone of those who have one of these addresses in the scope's agency, by address.
pub async fn preferences_at(
    db: &mut impl Reads,
    scope: &Scope,
    emails: &[&str],
) -> Result<HashMap<String, (Option<String>, Option<String>)>> {
    let emails = serde_json::to_string(emails).map_err(Error::internal)?;
    let found: Vec<(String, Option<String>, Option<String>)> = on!(db, c => sqlx::query_as(
        "select email, language, time_zone from users where agency_id = $1 and email in (select value from json_each($2))")
        .bind(scope.agency()).bind(emails).fetch_all(&mut *c).await)
    .map_err(fail)?;
    Ok(found.into_iter().map(|(email, language, zone)| (email, (language, zone))).collect())
}

/// Keeps the language and the time zone that a user chose.
pub async fn set_preferences(
    db: &mut Write,
    scope: &Scope,
    user: UserId,
    language: Option<&str>,
    time_zone: Option<&str>,
) -> Result<()> {
    on!(db, c => sqlx::query("update users set language = $3, time_zone = $4 where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(user).bind(language).bind(time_zone).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Whether the agency demands a second factor that this user has not set up.
pub async fn lacks_demanded_factor(db: &mut impl Reads, agency: AgencyId, user: UserId) -> Result<bool> {
    let found: Option<(String,)> = on!(db, c => sqlx::query_as(
        "select id from agencies where id = $1 and demands_second_factor \
         and not exists (select 1 from second_factors where user_id = $2 and confirmed_at is not null)")
        .bind(agency).bind(user).fetch_optional(&mut *c).await)
    .map_err(fail)?;
    Ok(found.is_some())
}
