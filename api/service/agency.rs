//! Agencies: which one a host shows, and what the platform admin does to them.

use serde_json::json;

use super::{By, Services, agency_of, person_of};
use crate::domain::access::{Actor, Place};
use crate::domain::id::{AgencyId, OrganizationId, UserId};
use crate::domain::tenant::{Agency, Organization};
use crate::domain::text;
use crate::error::{Code, Error, Result};
use crate::policy::Scope;
use crate::store::{Reads, Write, agency, locate};

pub use super::organization::organization;
pub use crate::store::agency::Listed;

/// The agency whose brand a host carries: the one that has the domain, or, on the platform's own address, the one that
/// was there first.
///
/// # Errors
/// NOT_FOUND with UNKNOWN_HOST for any other host: the door answers it 421.
pub async fn of_host(s: &Services, read: &mut impl Reads, host: &str) -> Result<Agency> {
    let found = match locate::host(read, host).await? {
        Some(id) if agency::is_suspended(read, id).await? => {
            return Err(Error::unavailable("AGENCY_SUSPENDED", "This service is not available at the moment."));
        }
        Some(id) => agency::agency(read, id).await?,
        None if host == s.addresses.host => agency::first_agency(read).await?,
        None => None,
    };
    found.ok_or_else(|| Error::new(Code::NotFound, "UNKNOWN_HOST", "Nothing is served under this address."))
}

/// The agency to show: that of whoever is signed in, or that of the host.
pub async fn shown(s: &Services, actor: &Actor, host: &str) -> Result<Agency> {
    let mut read = s.store.read().await?;
    match actor {
        Actor::Person(person) => {
            agency::agency(&mut read, person.agency).await?.ok_or_else(|| Error::not_found("agency"))
        }
        _ => of_host(s, &mut read, host).await,
    }
}

/// The person's own agency.
pub async fn own(s: &Services, actor: &Actor) -> Result<Agency> {
    let person = person_of(actor)?;
    let mut read = s.store.read().await?;
    agency::agency(&mut read, person.agency).await?.ok_or_else(|| Error::not_found("agency"))
}

/// Organizations by id, for things that the person has been allowed to see there.
pub async fn organizations_of(s: &Services, actor: &Actor, ids: &[OrganizationId]) -> Result<Vec<Organization>> {
    let scope = Scope::system(agency_of(actor)?, "the organization of a thing that may be seen");
    let mut read = s.store.read().await?;
    agency::organizations_of(&mut read, &scope, ids).await
}

/// Where an organization stands.
pub fn place(organization: &Organization) -> Place {
    organization.place()
}

/// All agencies of the platform, the oldest first. For the platform admin alone.
pub async fn all(s: &Services) -> Result<Vec<Listed>> {
    agency::agencies(&mut s.store.read().await?).await
}

/// Suspends an agency, or resumes it when there is no reason: nobody signs in to it, its widgets are not available, and its
/// hosts answer with a page that names nobody. For the platform admin alone.
///
/// # Errors
/// NOT_FOUND when there is no such agency; CONFLICT with NOTHING_TO_DO when it is so already.
pub async fn suspend(s: &Services, id: AgencyId, reason: Option<&str>) -> Result<()> {
    let reason = reason.map(|reason| text::line("reason", reason, 500)).transpose()?;
    let scope = Scope::system(id, "the platform suspends or resumes an agency");
    let mut unit = s.store.write().await?;
    let found = agency::agency(&mut unit, id).await?.ok_or_else(|| Error::not_found("agency"))?;
    if !agency::set_suspended(&mut unit, &scope, reason.as_deref(), s.clock.now()).await? {
        return Err(Error::conflict("NOTHING_TO_DO", format!("{} is in that state already.", found.name)));
    }
    super::agent::shown_changed(&mut unit).await?;
    let by = By { actor: "platform", organization: None };
    match &reason {
        Some(reason) => s.note(&mut unit, &scope, &by, "agency.suspend", id, json!({ "reason": reason })).await?,
        None => s.note(&mut unit, &scope, &by, "agency.resume", id, json!({})).await?,
    }
    unit.commit().await
}

/// Notes, in the unit that invites them, who is to own an agency. The owners of today stay until that person has come: see
/// [`owner_came`]. For the platform admin alone.
pub async fn await_owner(s: &Services, unit: &mut Write, id: AgencyId, email: &str) -> Result<()> {
    let scope = Scope::system(id, "the platform hands an agency over");
    agency::await_owner(unit, &scope, email, s.clock.now()).await?;
    let by = By { actor: "platform", organization: None };
    s.note(unit, &scope, &by, "agency.hand_over", id, json!({ "email": email })).await
}

/// To be called, in the same unit, whenever somebody became owner of an agency through an invitation: if the agency was
/// waiting for exactly that address, all other owners become admins.
pub async fn owner_came(s: &Services, unit: &mut Write, id: AgencyId, user: UserId, email: &str) -> Result<()> {
    let scope = Scope::system(id, "the new owner of an agency has come");
    if !agency::owner_came(unit, &scope, email).await? {
        return Ok(());
    }
    let demoted = agency::demote_other_owners(unit, &scope, user).await?;
    super::agent::shown_changed(unit).await?;
    let user = user.to_string();
    let by = By { actor: &user, organization: None };
    s.note(unit, &scope, &by, "agency.handed_over", id, json!({ "admins_now": demoted })).await
}

/// The address under which an agency's people reach it, without a slash at the end: its own host, as it is kept and never
/// as a request names it, with scheme and port of the platform's address; that itself while it has no host of its own.
pub async fn address(s: &Services, db: &mut impl Reads, agency: AgencyId) -> Result<String> {
    let public = &s.addresses.public_url;
    let Some(host) = super::domain::primary_host(db, agency).await? else { return Ok(public.clone()) };
    let (scheme, at) = public.split_once("://").unwrap_or(("https", ""));
    let port = at.rsplit_once(':').map(|(_, port)| port).filter(|port| port.bytes().all(|byte| byte.is_ascii_digit()));
    Ok(port.map_or_else(|| format!("{scheme}://{host}"), |port| format!("{scheme}://{host}:{port}")))
}
