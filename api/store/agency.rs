//! Agencies, and the hosts that carry their brand.

use super::{Reads, Write, fail, on, row};
use crate::domain::brand::Brand;
use crate::domain::id::{AgencyId, UserId};
use crate::domain::tenant::Agency;
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::policy::Scope;

pub use super::organization::{insert as insert_organization, of as organizations_of};

row!(Agency {
    id: "id",
    name: "name",
    brand: "brand" => |text: String| serde_json::from_str::<Brand>(&text).unwrap_or_default(),
});

/// The agency of that id; what it shows to everybody.
pub async fn agency(db: &mut impl Reads, id: AgencyId) -> Result<Option<Agency>> {
    on!(db, c => sqlx::query_as("select id, name, brand from agencies where id = $1").bind(id).fetch_optional(&mut *c).await)
        .map_err(fail)
}

/// The agency that was created first, of those that are not suspended: the one that the platform's own address shows.
pub async fn first_agency(db: &mut impl Reads) -> Result<Option<Agency>> {
    on!(db, c => sqlx::query_as("select id, name, brand from agencies where suspended_at is null order by created_at, id limit 1").fetch_optional(&mut *c).await)
        .map_err(fail)
}

/// Keeps a new agency.
pub async fn insert_agency(db: &mut Write, agency: &Agency, now: Time) -> Result<()> {
    let brand = serde_json::to_string(&agency.brand).map_err(Error::internal)?;
    on!(db, c => sqlx::query("insert into agencies (id, name, brand, created_at) values ($1, $2, $3, $4)")
        .bind(agency.id).bind(&agency.name).bind(&brand).bind(now).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Whether an agency is suspended.
pub async fn is_suspended(db: &mut impl Reads, id: AgencyId) -> Result<bool> {
    let found: Option<(Option<Time>,)> = on!(db, c => sqlx::query_as("select suspended_at from agencies where id = $1")
        .bind(id).fetch_optional(&mut *c).await)
    .map_err(fail)?;
    Ok(found.is_some_and(|(suspended,)| suspended.is_some()))
}

/// Suspends an agency, or resumes it when there is no reason. Says whether that changed anything.
pub async fn set_suspended(db: &mut Write, scope: &Scope, reason: Option<&str>, now: Time) -> Result<bool> {
    let since = reason.map(|_| now);
    on!(db, c => sqlx::query(
        "update agencies set suspended_at = $2, suspension_reason = $3 \
         where id = $1 and ((suspended_at is null and $2 is not null) or (suspended_at is not null and $2 is null))")
        .bind(scope.agency()).bind(since).bind(reason).execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// One line of the platform's list of agencies.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The agency.
    pub id: AgencyId,
    /// Its name.
    pub name: String,
    /// When it was created.
    pub created_at: Time,
    /// Since when it is suspended.
    pub suspended_at: Option<Time>,
    /// How many organizations it has.
    pub organizations: i64,
}

row!(Listed {
    id: "id",
    name: "name",
    created_at: "created_at",
    suspended_at: "suspended_at",
    organizations: "organizations",
});

/// All agencies of the platform, the oldest first: for the platform admin, who stands above all of them.
pub async fn agencies(db: &mut impl Reads) -> Result<Vec<Listed>> {
    on!(db, c => sqlx::query_as(
        "select id, name, created_at, suspended_at, \
         (select count(*) from organizations o where o.agency_id = agencies.id) as organizations \
         from agencies order by created_at, id")
        .fetch_all(&mut *c).await)
    .map_err(fail)
}

/// Notes who is to own an agency, in place of whoever was noted before.
pub async fn await_owner(db: &mut Write, scope: &Scope, email: &str, now: Time) -> Result<()> {
    on!(db, c => sqlx::query(
        "insert into hand_overs (agency_id, email, created_at) values ($1, $2, $3) \
         on conflict (agency_id) do update set email = $2, created_at = $3")
        .bind(scope.agency()).bind(email).bind(now).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Takes the note back if it names that address. Says whether it did.
pub async fn owner_came(db: &mut Write, scope: &Scope, email: &str) -> Result<bool> {
    on!(db, c => sqlx::query("delete from hand_overs where agency_id = $1 and email = $2")
        .bind(scope.agency()).bind(email).execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Makes every owner of the agency but one an admin.
pub async fn demote_other_owners(db: &mut Write, scope: &Scope, owner: UserId) -> Result<i64> {
    on!(db, c => sqlx::query(
        "update memberships set role = 'agency.admin' \
         where agency_id = $1 and organization_id is null and role = 'agency.owner' and user_id <> $2")
        .bind(scope.agency()).bind(owner).execute(&mut *c).await.map(|done| done.rows_affected() as i64))
    .map_err(fail)
}
