//! Memberships: who is what where. Roles and their permissions are Casbin's.

use std::collections::HashMap;

use super::{Reads, Write, fail, on};
use crate::domain::access::{BUILT_IN_ROLES, Membership};
use crate::domain::id::{AgencyId, AiAgentId, MembershipId, OrganizationId, RoleId, UserId};
use crate::domain::time::Time;
use crate::error::Result;
use crate::policy::Scope;

pub(super) type Row = (MembershipId, AgencyId, Option<OrganizationId>, UserId, String, bool, bool);

/// What makes a membership count.
macro_rules! counts {
    () => {
        "(suspended_at is null and not exists (select 1 from organizations o \
          where o.id = memberships.organization_id and o.state <> 'ACTIVE'))"
    };
}

/// The memberships of a user that count now, which those that are suspended, and those in organizations that are suspended
/// or in the bin, do not: what everything that they may do rests on. There is no scope before they are known.
pub async fn memberships_of(db: &mut impl Reads, user: UserId) -> Result<Vec<Membership>> {
    let rows: Vec<Row> = on!(db, c => sqlx::query_as(concat!(
        "select id, agency_id, organization_id, user_id, role, all_organizations, all_ai_agents from memberships \
         where user_id = $1 and ", counts!(), " order by id"))
        .bind(user).fetch_all(&mut *c).await)
    .map_err(fail)?;
    Ok(complete(db, rows).await?.into_iter().map(|(_, membership)| membership).collect())
}

/// The memberships of some users of the scope's agency that count now, each with whose it is.
pub async fn memberships_of_users(
    db: &mut impl Reads,
    scope: &Scope,
    users: &[UserId],
) -> Result<Vec<(UserId, Membership)>> {
    let rows: Vec<Row> = on!(db, c => sqlx::query_as(concat!(
        "select id, agency_id, organization_id, user_id, role, all_organizations, all_ai_agents from memberships \
         where agency_id = $1 and user_id in (select value from json_each($2)) and ", counts!(), " order by id"))
        .bind(scope.agency()).bind(super::types::list(users)).fetch_all(&mut *c).await)
    .map_err(fail)?;
    complete(db, rows).await
}

/// Their memberships that do not count for the time being. They allow nothing, and are for being shown.
pub async fn resting_memberships_of_users(
    db: &mut impl Reads,
    scope: &Scope,
    users: &[UserId],
) -> Result<Vec<(UserId, Membership)>> {
    let rows: Vec<Row> = on!(db, c => sqlx::query_as(concat!(
        "select id, agency_id, organization_id, user_id, role, all_organizations, all_ai_agents from memberships \
         where agency_id = $1 and user_id in (select value from json_each($2)) and not ", counts!(), " order by id"))
        .bind(scope.agency()).bind(super::types::list(users)).fetch_all(&mut *c).await)
    .map_err(fail)?;
    complete(db, rows).await
}

pub(super) async fn complete(db: &mut impl Reads, rows: Vec<Row>) -> Result<Vec<(UserId, Membership)>> {
    let limited =
        |all: fn(&Row) -> bool| -> Vec<MembershipId> { rows.iter().filter(|row| !all(row)).map(|row| row.0).collect() };
    let mut organizations: HashMap<MembershipId, Vec<OrganizationId>> = HashMap::new();
    let mut ai_agents: HashMap<MembershipId, Vec<AiAgentId>> = HashMap::new();
    let ids = limited(|row| row.5);
    if !ids.is_empty() {
        let found: Vec<(MembershipId, OrganizationId)> = on!(db, c => sqlx::query_as(
            "select membership_id, organization_id from membership_organizations \
             where membership_id in (select value from json_each($1))")
            .bind(super::types::list(&ids)).fetch_all(&mut *c).await)
        .map_err(fail)?;
        for (membership, organization) in found {
            organizations.entry(membership).or_default().push(organization);
        }
    }
    let ids = limited(|row| row.6);
    if !ids.is_empty() {
        let found: Vec<(MembershipId, AiAgentId)> = on!(db, c => sqlx::query_as(
            "select membership_id, ai_agent_id from membership_ai_agents \
             where membership_id in (select value from json_each($1))")
            .bind(super::types::list(&ids)).fetch_all(&mut *c).await)
        .map_err(fail)?;
        for (membership, ai_agent) in found {
            ai_agents.entry(membership).or_default().push(ai_agent);
        }
    }
    Ok(rows
        .into_iter()
        .map(|(id, agency, organization, user, role, all_organizations, all_ai_agents)| {
            let membership = Membership {
                id,
                agency,
                organization,
                role: role_id(&role),
                role_key: role,
                organizations: (!all_organizations).then(|| organizations.remove(&id).unwrap_or_default()),
                ai_agents: (!all_ai_agents).then(|| ai_agents.remove(&id).unwrap_or_default()),
            };
            (user, membership)
        })
        .collect())
}

/// Keeps a new membership with its limits, and raises the authority's generation.
pub async fn insert_membership(db: &mut Write, user: UserId, membership: &Membership, now: Time) -> Result<()> {
    on!(db, c => sqlx::query(
        "insert into memberships (id, agency_id, organization_id, user_id, role, all_organizations, all_ai_agents, created_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8)")
        .bind(membership.id).bind(membership.agency).bind(membership.organization).bind(user).bind(&membership.role_key)
        .bind(membership.organizations.is_none()).bind(membership.ai_agents.is_none()).bind(now)
        .execute(&mut *c).await.map(|_| ()))
    .map_err(fail)?;
    for organization in membership.organizations.iter().flatten() {
        on!(db, c => sqlx::query("insert into membership_organizations (agency_id, membership_id, organization_id) values ($1, $2, $3)")
            .bind(membership.agency).bind(membership.id).bind(organization).execute(&mut *c).await.map(|_| ()))
        .map_err(fail)?;
    }
    for ai_agent in membership.ai_agents.iter().flatten() {
        on!(db, c => sqlx::query("insert into membership_ai_agents (agency_id, membership_id, ai_agent_id) values ($1, $2, $3)")
            .bind(membership.agency).bind(membership.id).bind(ai_agent).execute(&mut *c).await.map(|_| ()))
        .map_err(fail)?;
    }
    raise_authority(db).await
}

/// Ends a membership, and raises the authority's generation. Says whether there was one.
pub async fn delete_membership(db: &mut Write, scope: &Scope, id: MembershipId) -> Result<bool> {
    for statement in [
        "delete from membership_organizations where agency_id = $1 and membership_id = $2",
        "delete from membership_ai_agents where agency_id = $1 and membership_id = $2",
    ] {
        on!(db, c => sqlx::query(statement).bind(scope.agency()).bind(id).execute(&mut *c).await.map(|_| ()))
            .map_err(fail)?;
    }
    let gone = on!(db, c => sqlx::query("delete from memberships where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(id).execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)?;
    raise_authority(db).await?;
    Ok(gone)
}

/// Raises the generation of what people may do: every stream and cache that relies on it asks again.
pub async fn raise_authority(db: &mut Write) -> Result<()> {
    on!(db, c => sqlx::query("update meta set value = value + 1 where name = 'authority'").execute(&mut *c).await.map(|_| ()))
        .map_err(fail)
}

/// The generation of what people may do.
pub async fn authority(db: &mut impl Reads) -> Result<i64> {
    meta(db, "authority").await
}

/// The epoch of the database: another one after a restore, so that cursors of a lost future are known as such.
pub async fn epoch(db: &mut impl Reads) -> Result<i64> {
    meta(db, "epoch").await
}

async fn meta(db: &mut impl Reads, name: &str) -> Result<i64> {
    on!(db, c => sqlx::query_scalar("select value from meta where name = $1").bind(name).fetch_one(&mut *c).await)
        .map_err(fail)
}

/// The id of a role by its key: fixed numbers for the built-in ones, its own for an agency's.
pub fn role_id(key: &str) -> RoleId {
    match BUILT_IN_ROLES.iter().position(|role| role.key == key) {
        Some(at) => RoleId::from_number(at as u128 + 1),
        None => key.parse().unwrap_or(RoleId::from_number(0)),
    }
}
