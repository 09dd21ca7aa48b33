//! Claims of hosts, and who holds which.

use super::{Reads, Write, fail, on, row};
use crate::domain::domain_name::{DomainState, Found, above};
use crate::domain::id::{AgencyId, DomainId};
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::policy::Scope;

/// One agency's claim of a host.
#[derive(Debug, Clone)]
pub struct Domain {
    /// Its id.
    pub id: DomainId,
    /// Whose claim it is.
    pub agency: AgencyId,
    /// The host, in its one way of writing.
    pub host: String,
    /// What has become of the claim.
    pub state: DomainState,
    /// Whether pages are served under it.
    pub served: bool,
    /// Whether the platform gave it: then nothing has to be proven.
    pub granted: bool,
    /// Whether links in mails use it.
    pub primary: bool,
    /// The text that proves it, of this claim alone.
    pub proof: String,
    /// What the last look showed.
    pub found: Option<Found>,
    /// What was missing at the last look, in a sentence.
    pub problem: Option<String>,
    /// Whether a look is under way.
    pub checking: bool,
    /// Rises with each change.
    pub version: i64,
    /// When it was added.
    pub created_at: Time,
    /// When the name servers were last asked.
    pub last_checked_at: Option<Time>,
    /// When they will be asked again.
    pub next_check_at: Option<Time>,
    /// Since when it has been proven.
    pub active_since: Option<Time>,
    /// Since when its records have been gone.
    pub failing_since: Option<Time>,
    /// When it was given back or lost.
    pub released_at: Option<Time>,
}

row!(Domain {
    id: "id",
    agency: "agency_id",
    host: "host",
    state: "state",
    served: "served",
    granted: "granted",
    primary: "is_primary",
    proof: "proof",
    found: "found" => |text: Option<String>| text.and_then(|text| serde_json::from_str::<Found>(&text).ok()),
    problem: "problem",
    checking: "checking",
    version: "version",
    created_at: "created_at",
    last_checked_at: "last_checked_at",
    next_check_at: "next_check_at",
    active_since: "active_since",
    failing_since: "failing_since",
    released_at: "released_at",
});

/// The claims of an agency that stand, by host; released ones as long as they are in quarantine.
pub async fn domains(db: &mut impl Reads, scope: &Scope, released_after: Time) -> Result<Vec<Domain>> {
    on!(db, c => sqlx::query_as(
        "select * from agency_domains where agency_id = $1 \
         and (state <> 'RELEASED' or (active_since is not null and released_at > $2)) order by host, id")
        .bind(scope.agency()).bind(released_after).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// One claim.
pub async fn domain(db: &mut impl Reads, scope: &Scope, id: DomainId) -> Result<Option<Domain>> {
    on!(db, c => sqlx::query_as("select * from agency_domains where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(id).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// The agency's own claim of a host that stands.
pub async fn claim_of(db: &mut impl Reads, scope: &Scope, host: &str) -> Result<Option<Domain>> {
    on!(db, c => sqlx::query_as("select * from agency_domains where agency_id = $1 and host = $2 and state <> 'RELEASED'")
        .bind(scope.agency()).bind(host).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// Whether another agency holds the host, one above it or one below it.
pub async fn held_by_another(db: &mut impl Reads, scope: &Scope, host: &str) -> Result<bool> {
    let mut names = above(host);
    names.push(host.to_owned());
    let names = serde_json::to_string(&names).map_err(Error::internal)?;
    let below = format!(".{host}");
    on!(db, c => sqlx::query_scalar::<_, i64>(
        "select count(*) from agency_domains where agency_id <> $1 and state in ('ACTIVE', 'FAILING') \
         and (host in (select value from json_each($2)) or substr(host, cast(length(host) - $3 + 1 as integer)) = $4)")
        .bind(scope.agency()).bind(&names).bind(below.len() as i64).bind(&below).fetch_one(&mut *c).await)
    .map_err(fail)
    .map(|count| count > 0)
}

/// Whether another agency held the host and gave it back after that instant.
pub async fn released_by_another(db: &mut impl Reads, scope: &Scope, host: &str, after: Time) -> Result<bool> {
    on!(db, c => sqlx::query_scalar::<_, i64>(
        "select count(*) from agency_domains where agency_id <> $1 and host = $2 and state = 'RELEASED' \
         and active_since is not null and released_at > $3")
        .bind(scope.agency()).bind(host).bind(after).fetch_one(&mut *c).await)
    .map_err(fail)
    .map(|count| count > 0)
}

/// Keeps a new claim. Says whether there was none of that agency, and, for one that holds, of no other.
pub async fn insert(db: &mut Write, domain: &Domain) -> Result<bool> {
    on!(db, c => sqlx::query(
        "insert into agency_domains (id, agency_id, host, state, served, granted, is_primary, proof, checking, \
         version, created_at, next_check_at, active_since) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) on conflict do nothing")
        .bind(domain.id).bind(domain.agency).bind(&domain.host).bind(domain.state)
        .bind(domain.served).bind(domain.granted).bind(domain.primary).bind(&domain.proof).bind(domain.checking)
        .bind(domain.version).bind(domain.created_at).bind(domain.next_check_at).bind(domain.active_since)
        .execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Keeps a claim as it is now, if it is still the version that was read. Says whether it was.
pub async fn update(db: &mut Write, scope: &Scope, domain: &Domain) -> Result<bool> {
    let found = domain.found.as_ref().map(serde_json::to_string).transpose().map_err(Error::internal)?;
    on!(db, c => sqlx::query(
        "update agency_domains set state = $1, served = $2, is_primary = $3, found = $4, problem = $5, checking = $6, \
         last_checked_at = $7, next_check_at = $8, active_since = $9, failing_since = $10, released_at = $11, \
         version = version + 1 where agency_id = $12 and id = $13 and version = $14")
        .bind(domain.state).bind(domain.served).bind(domain.primary).bind(&found).bind(&domain.problem)
        .bind(domain.checking).bind(domain.last_checked_at).bind(domain.next_check_at).bind(domain.active_since)
        .bind(domain.failing_since).bind(domain.released_at).bind(scope.agency()).bind(domain.id).bind(domain.version)
        .execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Takes the mark of the primary domain from all others of the agency.
pub async fn clear_primary(db: &mut Write, scope: &Scope, except: DomainId) -> Result<()> {
    on!(db, c => sqlx::query(
        "update agency_domains set is_primary = false, version = version + 1 \
         where agency_id = $1 and id <> $2 and is_primary")
        .bind(scope.agency()).bind(except).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// The host that links lead to: the primary one, or else the one that has been served longest.
pub async fn primary_host(db: &mut impl Reads, agency: AgencyId) -> Result<Option<String>> {
    on!(db, c => sqlx::query_scalar(
        "select host from agency_domains where agency_id = $1 and served \
         order by is_primary desc, active_since, host limit 1").bind(agency).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// Takes the place from which hosts become somebody's: one at a time, so that two agencies cannot both find one free.
pub async fn stand_in_line(db: &mut Write) -> Result<()> {
    on!(db, c => sqlx::query("update meta set value = value where name = 'epoch'").execute(&mut *c).await.map(|_| ()))
        .map_err(fail)
}

/// Claims that are due to be looked at, with their agencies.
pub async fn due(db: &mut impl Reads, now: Time, most: i64) -> Result<Vec<(AgencyId, DomainId)>> {
    on!(db, c => sqlx::query_as(
        "select agency_id, id from agency_domains where next_check_at <= $1 and not granted \
         order by next_check_at, id limit $2").bind(now).bind(most).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// How many claims of an agency stand.
pub async fn count(db: &mut impl Reads, scope: &Scope) -> Result<i64> {
    on!(db, c => sqlx::query_scalar(
        "select count(*) from agency_domains where agency_id = $1 and state <> 'RELEASED'")
        .bind(scope.agency()).fetch_one(&mut *c).await)
    .map_err(fail)
}
