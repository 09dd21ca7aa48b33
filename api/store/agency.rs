//! Agencies and their organizations.

use super::{Reads, Write, fail, on, row};
use crate::domain::brand::Brand;
use crate::domain::id::{AgencyId, OrganizationId};
use crate::domain::page::{Page, Rows};
use crate::domain::tenant::{Agency, Organization};
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::policy::Scope;

row!(Agency {
    id: "id",
    name: "name",
    brand: "brand" => |text: String| serde_json::from_str::<Brand>(&text).unwrap_or_default(),
});

row!(Organization { id: "id", agency: "agency_id", name: "name", created_at: "created_at" });

/// The agency of that id; what it shows to everybody.
pub async fn agency(db: &mut impl Reads, id: AgencyId) -> Result<Option<Agency>> {
    on!(db, c => sqlx::query_as("select id, name, brand from agencies where id = $1").bind(id).fetch_optional(&mut *c).await)
        .map_err(fail)
}

/// The agency that was created first: the one that the platform's own address shows.
pub async fn first_agency(db: &mut impl Reads) -> Result<Option<Agency>> {
    on!(db, c => sqlx::query_as("select id, name, brand from agencies order by created_at, id limit 1").fetch_optional(&mut *c).await)
        .map_err(fail)
}

/// Keeps a new agency.
pub async fn insert_agency(db: &mut Write, agency: &Agency, now: Time) -> Result<()> {
    let brand = serde_json::to_string(&agency.brand).map_err(Error::internal)?;
    on!(db, c => sqlx::query("insert into agencies (id, name, brand, created_at) values ($1, $2, $3, $4)")
        .bind(agency.id).bind(&agency.name).bind(&brand).bind(now).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Gives a host name to an agency. Says whether it was free.
pub async fn insert_domain(db: &mut Write, host: &str, agency: AgencyId) -> Result<bool> {
    on!(db, c => sqlx::query("insert into domains (host, agency_id) values ($1, $2) on conflict (host) do nothing")
        .bind(host).bind(agency).execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Keeps a new organization.
pub async fn insert_organization(db: &mut Write, organization: &Organization) -> Result<()> {
    on!(db, c => sqlx::query("insert into organizations (id, agency_id, name, created_at) values ($1, $2, $3, $4)")
        .bind(organization.id).bind(organization.agency).bind(&organization.name).bind(organization.created_at)
        .execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Organizations within the scope, of the given ids.
pub async fn organizations_of(db: &mut impl Reads, scope: &Scope, ids: &[OrganizationId]) -> Result<Vec<Organization>> {
    let ids = super::types::list(ids);
    on!(db, c => sqlx::query_as(
        "select id, agency_id, name, created_at from organizations \
         where agency_id = $1 and id in (select value from json_each($2))")
        .bind(scope.agency()).bind(&ids).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// Organizations within the scope, oldest first.
pub async fn organizations(
    db: &mut impl Reads,
    scope: &Scope,
    page: &Page<OrganizationId>,
) -> Result<Rows<Organization>> {
    let reach = scope.organizations().map(super::types::list);
    let rows = on!(db, c => sqlx::query_as(
        "select id, agency_id, name, created_at from organizations \
         where agency_id = $1 and ($2 is null or id in (select value from json_each($2))) and ($3 is null or id > $3) \
         order by id limit $4")
        .bind(scope.agency()).bind(&reach).bind(page.after).bind(page.first as i64 + 1).fetch_all(&mut *c).await)
    .map_err(fail)?;
    Ok(Rows::cut(rows, page.first))
}
