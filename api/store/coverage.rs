//! Coverage agreements: who of the agency covers whose chats when.

use super::{Reads, Write, fail, on, row};
use crate::domain::coverage::Coverage;
use crate::domain::id::{AgencyId, CoverageId, OrganizationId, UserId};
use crate::domain::time::Time;
use crate::error::Result;
use crate::policy::Scope;

row!(Coverage {
    id: "id",
    agency: "agency_id",
    organization: "organization_id",
    name: "name",
    role: "role",
    schedule: "schedule",
    starts_at: "starts_at",
    ends_at: "ends_at",
    active: "active",
    created_at: "created_at",
    ended_at: "ended_at",
});

/// The columns of an agreement, once.
macro_rules! columns {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            " id, agency_id, organization_id, name, role, schedule, starts_at, ends_at, active, created_at, ended_at ",
            $after
        )
    };
}

/// Keeps a new agreement with the people who cover.
pub async fn insert(
    db: &mut Write,
    scope: &Scope,
    new: &Coverage,
    next_at: Option<Time>,
    by: UserId,
    users: &[UserId],
) -> Result<()> {
    on!(db, c => sqlx::query(
        "insert into coverages (id, agency_id, organization_id, name, role, schedule, starts_at, ends_at, active, next_at, \
         created_by, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)")
        .bind(new.id).bind(scope.agency()).bind(new.organization).bind(&new.name).bind(&new.role).bind(&new.schedule)
        .bind(new.starts_at).bind(new.ends_at).bind(new.active).bind(next_at).bind(by).bind(new.created_at)
        .execute(&mut *c).await.map(|_| ()))
    .map_err(fail)?;
    for user in users {
        on!(db, c => sqlx::query("insert into coverage_users (agency_id, coverage_id, user_id) values ($1, $2, $3)")
            .bind(scope.agency()).bind(new.id).bind(user).execute(&mut *c).await.map(|_| ()))
        .map_err(fail)?;
    }
    Ok(())
}

/// Agreements of the scope's agency, of one organization or of all that are in the scope, the newest first; those that have
/// ended last.
pub async fn coverages(
    db: &mut impl Reads,
    scope: &Scope,
    organization: Option<OrganizationId>,
) -> Result<Vec<Coverage>> {
    let found: Vec<Coverage> = on!(db, c => sqlx::query_as(columns!("select",
        "from coverages where agency_id = $1 and ($2 is null or organization_id = $2) \
         and organization_id not in (select id from organizations where agency_id = $1 and state = 'DELETED') \
         order by case when ended_at is null then 0 else 1 end, id desc limit 500"))
        .bind(scope.agency()).bind(organization).fetch_all(&mut *c).await)
    .map_err(fail)?;
    Ok(found.into_iter().filter(|one| scope.covers(&one.place())).collect())
}

/// One agreement, if it is in the scope.
pub async fn coverage(db: &mut impl Reads, scope: &Scope, id: CoverageId) -> Result<Option<Coverage>> {
    let found: Option<Coverage> = on!(db, c => sqlx::query_as(
        columns!("select", "from coverages where agency_id = $1 and id = $2"))
        .bind(scope.agency()).bind(id).fetch_optional(&mut *c).await)
    .map_err(fail)?;
    Ok(found.filter(|one| scope.covers(&one.place())))
}

/// The people who cover, by agreement.
pub async fn people_of(db: &mut impl Reads, scope: &Scope, ids: &[CoverageId]) -> Result<Vec<(CoverageId, UserId)>> {
    on!(db, c => sqlx::query_as(
        "select coverage_id, user_id from coverage_users where agency_id = $1 \
         and coverage_id in (select value from json_each($2)) order by coverage_id, user_id")
        .bind(scope.agency()).bind(super::types::list(ids)).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// The agreements that name a user, have not ended and lie in an organization at work: none for somebody who is not staff
/// any more.
pub async fn of_user(db: &mut impl Reads, scope: &Scope, user: UserId) -> Result<Vec<Coverage>> {
    on!(db, c => sqlx::query_as(columns!("select",
        "from coverages where agency_id = $1 and ended_at is null \
         and id in (select coverage_id from coverage_users where agency_id = $1 and user_id = $2) \
         and organization_id in (select id from organizations where agency_id = $1 and state = 'ACTIVE') \
         and exists (select 1 from memberships m where m.agency_id = $1 and m.user_id = $2 and m.organization_id is null \
             and m.suspended_at is null) order by id"))
        .bind(scope.agency()).bind(user).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// The agreements with an organization that have not ended, each with who covers: staff whose membership counts.
pub async fn in_organization(
    db: &mut impl Reads,
    scope: &Scope,
    organization: OrganizationId,
) -> Result<Vec<(Coverage, UserId)>> {
    let agreed: Vec<Coverage> = on!(db, c => sqlx::query_as(columns!("select",
        "from coverages where agency_id = $1 and organization_id = $2 and ended_at is null and active \
         and organization_id in (select id from organizations where agency_id = $1 and state = 'ACTIVE') order by id"))
        .bind(scope.agency()).bind(organization).fetch_all(&mut *c).await)
    .map_err(fail)?;
    if agreed.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<CoverageId> = agreed.iter().map(|one| one.id).collect();
    let people: Vec<(CoverageId, UserId)> = on!(db, c => sqlx::query_as(
        "select coverage_id, user_id from coverage_users k where agency_id = $1 \
         and coverage_id in (select value from json_each($2)) \
         and exists (select 1 from memberships m where m.agency_id = $1 and m.user_id = k.user_id and m.organization_id is null \
             and m.suspended_at is null) order by coverage_id, user_id")
        .bind(scope.agency()).bind(super::types::list(&ids)).fetch_all(&mut *c).await)
    .map_err(fail)?;
    let of = |id: CoverageId| agreed.iter().find(|one| one.id == id).cloned();
    Ok(people.into_iter().filter_map(|(id, user)| Some((of(id)?, user))).collect())
}

/// Ends an agreement. Says whether it was still running.
pub async fn end(db: &mut Write, scope: &Scope, id: CoverageId, now: Time) -> Result<bool> {
    on!(db, c => sqlx::query(
        "update coverages set ended_at = $3, active = $4, next_at = null where agency_id = $1 and id = $2 and ended_at is null")
        .bind(scope.agency()).bind(id).bind(now).bind(false).execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Agreements of any agency at which something begins or ends now, each with whose it is. Whoever works on one makes a scope
/// of its agency.
pub async fn due(db: &mut impl Reads, now: Time, most: usize) -> Result<Vec<(AgencyId, CoverageId)>> {
    on!(db, c => sqlx::query_as(
        "select agency_id, id from coverages where next_at <= $1 order by next_at, id limit $2")
        .bind(now).bind(most as i64).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// Notes what has been told: whether it covers now, and when that changes. Only from `before` on, so that one process tells.
pub async fn turn(
    db: &mut Write,
    scope: &Scope,
    id: CoverageId,
    active: bool,
    next_at: Option<Time>,
    now: Time,
) -> Result<bool> {
    on!(db, c => sqlx::query(
        "update coverages set active = $3, next_at = $4 where agency_id = $1 and id = $2 and next_at <= $5 and ended_at is null")
        .bind(scope.agency()).bind(id).bind(active).bind(next_at).bind(now)
        .execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}
