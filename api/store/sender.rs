//! Senders of agencies, and what stands around them.

use super::{Reads, Write, fail, on, row};
use crate::domain::id::AgencyId;
use crate::domain::sender::{Proof, Sender, SenderState};
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::policy::Scope;

row!(Sender {
    agency: "agency_id",
    version: "version",
    from_name: "from_name",
    from_address: "from_address",
    reply_to: "reply_to",
    host: "host",
    port: "port",
    security: "security",
    username: "username",
    password: "password",
    fallback: "fallback",
    state: "state",
    proof: "proof",
    proofs: "proofs" => |text: String| serde_json::from_str::<Vec<Proof>>(&text).unwrap_or_default(),
    trouble: "trouble",
    checked_at: "checked_at",
});

/// The agency's sender, if it has one.
pub async fn sender(db: &mut impl Reads, scope: &Scope) -> Result<Option<Sender>> {
    on!(db, c => sqlx::query_as(
        "select agency_id, version, from_name, from_address, reply_to, host, port, security, username, password, fallback, \
         state, proof, proofs, trouble, checked_at from senders where agency_id = $1")
        .bind(scope.agency()).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// Keeps a new sender. Says whether there was none.
pub async fn insert(db: &mut Write, sender: &Sender) -> Result<bool> {
    let proofs = serde_json::to_string(&sender.proofs).map_err(Error::internal)?;
    on!(db, c => sqlx::query(
        "insert into senders (agency_id, version, from_name, from_address, reply_to, host, port, security, username, \
         password, fallback, state, proof, proofs, trouble, checked_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) on conflict (agency_id) do nothing")
        .bind(sender.agency).bind(sender.version).bind(&sender.from_name).bind(&sender.from_address)
        .bind(&sender.reply_to).bind(&sender.host).bind(sender.port).bind(sender.security).bind(&sender.username)
        .bind(&sender.password).bind(sender.fallback).bind(sender.state).bind(&sender.proof).bind(&proofs)
        .bind(&sender.trouble).bind(sender.checked_at)
        .execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Replaces a sender whose version was `before`. Says whether it still was.
pub async fn update(db: &mut Write, sender: &Sender, before: i64) -> Result<bool> {
    let proofs = serde_json::to_string(&sender.proofs).map_err(Error::internal)?;
    on!(db, c => sqlx::query(
        "update senders set version = $2, from_name = $3, from_address = $4, reply_to = $5, host = $6, port = $7, \
         security = $8, username = $9, password = $10, fallback = $11, state = $12, proof = $13, proofs = $14, \
         trouble = $15, checked_at = $16 where agency_id = $1 and version = $17")
        .bind(sender.agency).bind(sender.version).bind(&sender.from_name).bind(&sender.from_address)
        .bind(&sender.reply_to).bind(&sender.host).bind(sender.port).bind(sender.security).bind(&sender.username)
        .bind(&sender.password).bind(sender.fallback).bind(sender.state).bind(&sender.proof).bind(&proofs)
        .bind(&sender.trouble).bind(sender.checked_at).bind(before)
        .execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Says what the records proved, unless the sender was changed meanwhile.
pub async fn set_proofs(
    db: &mut Write,
    scope: &Scope,
    version: i64,
    state: SenderState,
    proofs: &[Proof],
    now: Time,
) -> Result<bool> {
    let proofs = serde_json::to_string(proofs).map_err(Error::internal)?;
    on!(db, c => sqlx::query(
        "update senders set state = $3, proofs = $4, checked_at = $5 where agency_id = $1 and version = $2")
        .bind(scope.agency()).bind(version).bind(state).bind(&proofs).bind(now)
        .execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Says that the records were asked for and nobody answered, unless the sender was changed meanwhile.
pub async fn set_checked(db: &mut Write, scope: &Scope, version: i64, now: Time) -> Result<()> {
    on!(db, c => sqlx::query("update senders set checked_at = $3 where agency_id = $1 and version = $2")
        .bind(scope.agency()).bind(version).bind(now).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Says that the agency's own server denies it, or no longer does; unless the sender was changed meanwhile.
pub async fn set_trouble(db: &mut Write, scope: &Scope, version: i64, trouble: Option<&str>) -> Result<()> {
    on!(db, c => sqlx::query("update senders set trouble = $3 where agency_id = $1 and version = $2")
        .bind(scope.agency()).bind(version).bind(trouble).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Removes the agency's sender. Says whether there was one.
pub async fn delete(db: &mut Write, scope: &Scope) -> Result<bool> {
    on!(db, c => sqlx::query("delete from senders where agency_id = $1")
        .bind(scope.agency()).execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Agencies whose sender was last looked at before `before`, at most `most`.
pub async fn stale(db: &mut impl Reads, before: Time, most: usize) -> Result<Vec<AgencyId>> {
    let found: Vec<(AgencyId,)> = on!(db, c => sqlx::query_as(
        "select agency_id from senders where checked_at is null or checked_at < $1 order by agency_id limit $2")
        .bind(before).bind(most as i64).fetch_all(&mut *c).await)
    .map_err(fail)?;
    Ok(found.into_iter().map(|(agency,)| agency).collect())
}

/// The hosts that the agency has proven to be its own.
pub async fn hosts(db: &mut impl Reads, scope: &Scope) -> Result<Vec<String>> {
    let found: Vec<(String,)> =
        on!(db, c => sqlx::query_as("select host from agency_domains where agency_id = $1 and state = 'ACTIVE' order by host")
        .bind(scope.agency()).fetch_all(&mut *c).await)
        .map_err(fail)?;
    Ok(found.into_iter().map(|(host,)| host).collect())
}
