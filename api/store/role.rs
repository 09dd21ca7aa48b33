//! Roles that agencies make. A row never goes, so that its version can be relied on.

use std::collections::HashMap;

use super::{Reads, Write, fail, on};
use crate::domain::id::{AgencyId, OrganizationId, RoleId, UserId};
use crate::domain::permission::{AgencyRole, Level, Permission, PermissionSet};
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::policy::Scope;

type Row = (RoleId, AgencyId, String, String, String, i64, Time, Time, Option<Time>);

/// The versions of roles of the scope's agency, of the given ids.
pub async fn versions_of(db: &mut impl Reads, scope: &Scope, ids: &[RoleId]) -> Result<Vec<(RoleId, i64)>> {
    on!(db, c => sqlx::query_as(
        "select id, version from agency_roles where agency_id = $1 and id in (select value from json_each($2))")
        .bind(scope.agency()).bind(super::types::list(ids)).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// Roles of the scope's agency, of the given ids, also those that are gone.
pub async fn roles_of(db: &mut impl Reads, scope: &Scope, ids: &[RoleId]) -> Result<Vec<AgencyRole>> {
    let rows: Vec<Row> = on!(db, c => sqlx::query_as(
        "select id, agency_id, level, name, description, version, created_at, updated_at, deleted_at from agency_roles \
         where agency_id = $1 and id in (select value from json_each($2))")
        .bind(scope.agency()).bind(super::types::list(ids)).fetch_all(&mut *c).await)
    .map_err(fail)?;
    complete(db, scope, rows).await
}

/// All roles that the scope's agency made and still has, oldest first. At most 1,000.
pub async fn roles(db: &mut impl Reads, scope: &Scope) -> Result<Vec<AgencyRole>> {
    let rows: Vec<Row> = on!(db, c => sqlx::query_as(
        "select id, agency_id, level, name, description, version, created_at, updated_at, deleted_at from agency_roles \
         where agency_id = $1 and deleted_at is null order by id limit 1000")
        .bind(scope.agency()).fetch_all(&mut *c).await)
    .map_err(fail)?;
    complete(db, scope, rows).await
}

async fn complete(db: &mut impl Reads, scope: &Scope, rows: Vec<Row>) -> Result<Vec<AgencyRole>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<RoleId> = rows.iter().map(|row| row.0).collect();
    let named: Vec<(RoleId, String)> = on!(db, c => sqlx::query_as(
        "select role_id, permission from agency_role_permissions \
         where agency_id = $1 and role_id in (select value from json_each($2))")
        .bind(scope.agency()).bind(super::types::list(&ids)).fetch_all(&mut *c).await)
    .map_err(fail)?;
    let mut held: HashMap<RoleId, PermissionSet> = HashMap::new();
    for (role, permission) in named {
        // A name that this version does not know any more allows nothing.
        if let Ok(permission) = permission.parse::<Permission>() {
            let set = held.entry(role).or_default();
            *set = set.insert(permission);
        }
    }
    rows.into_iter()
        .map(|(id, agency, level, name, description, version, created_at, updated_at, deleted_at)| {
            Ok(AgencyRole {
                id,
                agency,
                level: Level::parse(&level).ok_or_else(|| Error::internal(format!("no level: {level:?}")))?,
                name,
                description,
                version,
                permissions: held.remove(&id).unwrap_or_default(),
                created_at,
                updated_at,
                deleted: deleted_at.is_some(),
            })
        })
        .collect()
}

/// Keeps a new role.
pub async fn insert(db: &mut Write, role: &AgencyRole) -> Result<()> {
    on!(db, c => sqlx::query(
        "insert into agency_roles (id, agency_id, level, name, description, version, created_at, updated_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8)")
        .bind(role.id).bind(role.agency).bind(role.level.as_str()).bind(&role.name).bind(&role.description)
        .bind(role.version).bind(role.created_at).bind(role.updated_at).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)?;
    insert_permissions(db, role).await
}

async fn insert_permissions(db: &mut Write, role: &AgencyRole) -> Result<()> {
    let names: Vec<&str> = role.permissions.iter().map(Permission::as_str).collect();
    let names = serde_json::to_string(&names).map_err(Error::internal)?;
    on!(db, c => sqlx::query(
        "insert into agency_role_permissions (agency_id, role_id, permission) \
         select $1, $2, value from json_each($3)")
        .bind(role.agency).bind(role.id).bind(&names).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Keeps the role as it is now, with one version more, if it still has the version that it says. Says whether it had.
pub async fn update(db: &mut Write, scope: &Scope, role: &AgencyRole) -> Result<bool> {
    let deleted_at = role.deleted.then_some(role.updated_at);
    let won = on!(db, c => sqlx::query(
        "update agency_roles set name = $4, description = $5, version = version + 1, updated_at = $6, deleted_at = $7 \
         where agency_id = $1 and id = $2 and version = $3 and deleted_at is null")
        .bind(scope.agency()).bind(role.id).bind(role.version).bind(&role.name).bind(&role.description)
        .bind(role.updated_at).bind(deleted_at).execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)?;
    if !won {
        return Ok(false);
    }
    on!(db, c => sqlx::query("delete from agency_role_permissions where agency_id = $1 and role_id = $2")
        .bind(scope.agency()).bind(role.id).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)?;
    if !role.deleted {
        insert_permissions(db, role).await?;
    }
    Ok(true)
}

/// How many people have each role, and in how many organizations.
pub async fn uses(db: &mut impl Reads, scope: &Scope, keys: &[String]) -> Result<HashMap<String, (i64, i64)>> {
    let keys = serde_json::to_string(keys).map_err(Error::internal)?;
    let rows: Vec<(String, i64, i64)> = on!(db, c => sqlx::query_as(
        "select role, count(distinct user_id), count(distinct organization_id) from memberships \
         where agency_id = $1 and role in (select value from json_each($2)) group by role")
        .bind(scope.agency()).bind(&keys).fetch_all(&mut *c).await)
    .map_err(fail)?;
    Ok(rows.into_iter().map(|(role, people, organizations)| (role, (people, organizations))).collect())
}

/// People who have a role anywhere in the scope's agency, by id; `after` the last one that was seen.
pub async fn people_with(
    db: &mut impl Reads,
    scope: &Scope,
    key: &str,
    after: Option<UserId>,
    most: i64,
) -> Result<Vec<UserId>> {
    let rows: Vec<(UserId,)> = on!(db, c => sqlx::query_as(
        "select distinct user_id from memberships where agency_id = $1 and role = $2 and ($3 is null or user_id > $3) \
         order by user_id limit $4")
        .bind(scope.agency()).bind(key).bind(after).bind(most).fetch_all(&mut *c).await)
    .map_err(fail)?;
    Ok(rows.into_iter().map(|(user,)| user).collect())
}

/// People who have a role anywhere in the scope's agency, and a chat.
pub async fn busy_with(db: &mut impl Reads, scope: &Scope, key: &str) -> Result<Vec<UserId>> {
    let rows: Vec<(UserId,)> = on!(db, c => sqlx::query_as(
        "select distinct assignee_id from conversations where agency_id = $1 and state = 'HUMAN' and assignee_id in \
         (select user_id from memberships where agency_id = $1 and role = $2)")
        .bind(scope.agency()).bind(key).fetch_all(&mut *c).await)
    .map_err(fail)?;
    Ok(rows.into_iter().map(|(user,)| user).collect())
}

/// People with a membership in the organization or in the agency itself, whatever their role; or, with `keys`, one of these.
pub async fn people_at(
    db: &mut impl Reads,
    scope: &Scope,
    organization: Option<OrganizationId>,
    keys: Option<&[String]>,
    most: i64,
) -> Result<Vec<UserId>> {
    let keys = keys.map(serde_json::to_string).transpose().map_err(Error::internal)?;
    // Those of the organization before those of the agency: they are nearer.
    let rows: Vec<(UserId, i64)> = on!(db, c => sqlx::query_as(
        "select user_id, cast(min(case when organization_id is null then 1 else 0 end) as bigint) as staff from memberships \
         where agency_id = $1 and (organization_id is null or organization_id = $2) \
         and ($3 is null or role in (select value from json_each($3))) group by user_id order by staff, user_id limit $4")
        .bind(scope.agency()).bind(organization).bind(&keys).bind(most).fetch_all(&mut *c).await)
    .map_err(fail)?;
    Ok(rows.into_iter().map(|(user, _)| user).collect())
}

/// Gives everybody who has a role another one. Says how many memberships changed.
pub async fn replace(db: &mut Write, scope: &Scope, key: &str, by: &str) -> Result<u64> {
    on!(db, c => sqlx::query("update memberships set role = $3 where agency_id = $1 and role = $2")
        .bind(scope.agency()).bind(key).bind(by).execute(&mut *c).await.map(|done| done.rows_affected()))
    .map_err(fail)
}
