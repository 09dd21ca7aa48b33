//! API keys: what is kept of them is who they are and the hash of their secret.

use super::{Reads, Write, fail, on, row};
use crate::domain::id::{ApiKeyId, OrganizationId, UserId};
use crate::domain::key::ApiKey;
use crate::domain::page::{Page, Rows};
use crate::domain::time::Time;
use crate::error::Result;
use crate::policy::Scope;

row!(ApiKey {
    id: "id",
    agency: "agency_id",
    organization: "organization_id",
    name: "name",
    role_key: "role",
    hint: "hint",
    created_by: "created_by",
    created_at: "created_at",
    expires_at: "expires_at",
    last_used_at: "last_used_at",
    revoked_by: "revoked_by",
    revoked_at: "revoked_at",
});

/// The columns of a key, once.
macro_rules! key {
    ($after:literal) => {
        concat!(
            "select id, agency_id, organization_id, name, role, hint, created_by, created_at, expires_at, last_used_at, \
             revoked_by, revoked_at from api_keys ",
            $after
        )
    };
}

/// The keys of an organization, or those of the agency itself, that are not over, or were not before `over_since`; the newest
/// first.
pub async fn keys(
    db: &mut impl Reads,
    scope: &Scope,
    organization: Option<OrganizationId>,
    over_since: Time,
    page: &Page<ApiKeyId>,
) -> Result<Rows<ApiKey>> {
    let rows = on!(db, c => sqlx::query_as(key!(
        "where agency_id = $1 and (organization_id = $2 or ($2 is null and organization_id is null)) \
         and (revoked_at is null or revoked_at > $3) and (expires_at is null or expires_at > $3) \
         and ($4 is null or id < $4) order by id desc limit $5"))
        .bind(scope.agency()).bind(organization).bind(over_since).bind(page.after).bind(page.first as i64 + 1)
        .fetch_all(&mut *c).await)
    .map_err(fail)?;
    Ok(Rows::cut(rows, page.first))
}

/// The key of that id, whether or not it is over.
pub async fn key(db: &mut impl Reads, scope: &Scope, id: ApiKeyId) -> Result<Option<ApiKey>> {
    on!(db, c => sqlx::query_as(key!("where agency_id = $1 and id = $2"))
        .bind(scope.agency()).bind(id).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// The names of the keys of a place that count now.
pub async fn living_names(
    db: &mut impl Reads,
    scope: &Scope,
    organization: Option<OrganizationId>,
    now: Time,
) -> Result<Vec<String>> {
    on!(db, c => sqlx::query_scalar(
        "select name from api_keys where agency_id = $1 and (organization_id = $2 or ($2 is null and organization_id is null)) \
         and revoked_at is null and (expires_at is null or expires_at > $3)")
        .bind(scope.agency()).bind(organization).bind(now).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// Keeps a new key with the hash of its secret.
pub async fn insert(db: &mut Write, scope: &Scope, new: &ApiKey, secret_hash: &str) -> Result<()> {
    on!(db, c => sqlx::query(
        "insert into api_keys (id, agency_id, organization_id, name, role, secret_hash, hint, created_by, created_at, expires_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
        .bind(new.id).bind(scope.agency()).bind(new.organization).bind(&new.name).bind(&new.role_key).bind(secret_hash)
        .bind(&new.hint).bind(new.created_by).bind(new.created_at).bind(new.expires_at)
        .execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Ends a key. Says whether it was not ended before.
pub async fn revoke(db: &mut Write, scope: &Scope, id: ApiKeyId, by: UserId, now: Time) -> Result<bool> {
    on!(db, c => sqlx::query(
        "update api_keys set revoked_at = $3, revoked_by = $4 where agency_id = $1 and id = $2 and revoked_at is null")
        .bind(scope.agency()).bind(id).bind(now).bind(by).execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Notes that a key is in use.
pub async fn used(db: &mut Write, scope: &Scope, id: ApiKeyId, now: Time) -> Result<()> {
    on!(db, c => sqlx::query(
        "update api_keys set last_used_at = $3 where agency_id = $1 and id = $2 and (last_used_at is null or last_used_at < $3)")
        .bind(scope.agency()).bind(id).bind(now).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Gives the keys that have a role another one. Says how many changed.
pub async fn replace_role(db: &mut Write, scope: &Scope, key: &str, by: &str) -> Result<u64> {
    on!(db, c => sqlx::query("update api_keys set role = $3 where agency_id = $1 and role = $2")
        .bind(scope.agency()).bind(key).bind(by).execute(&mut *c).await.map(|done| done.rows_affected()))
    .map_err(fail)
}

/// Whether a key that counts has that role.
pub async fn has_role(db: &mut impl Reads, scope: &Scope, key: &str, now: Time) -> Result<bool> {
    let found: Option<(i64,)> = on!(db, c => sqlx::query_as(
        "select cast(1 as bigint) from api_keys where agency_id = $1 and role = $2 and revoked_at is null \
         and (expires_at is null or expires_at > $3) limit 1")
        .bind(scope.agency()).bind(key).bind(now).fetch_optional(&mut *c).await)
    .map_err(fail)?;
    Ok(found.is_some())
}
