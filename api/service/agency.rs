//! Agencies and organizations, as far as they are looked at.

use super::{Services, person_of};
use crate::domain::access::{Actor, Place};
use crate::domain::id::OrganizationId;
use crate::domain::page::{Page, Rows};
use crate::domain::permission::Permission;
use crate::domain::tenant::{Agency, Organization};
use crate::error::{Code, Error, Result};
use crate::policy::Scope;
use crate::store::{Reads, agency, locate};

/// The agency whose brand a host carries: the one that has the domain, or, on the platform's own address, the one that
/// was there first.
///
/// # Errors
/// NOT_FOUND with UNKNOWN_HOST for any other host: the door answers it 421.
pub async fn of_host(s: &Services, read: &mut impl Reads, host: &str) -> Result<Agency> {
    let found = match locate::host(read, host).await? {
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

/// An organization within the person's reach.
pub async fn organization(s: &Services, actor: &Actor, id: OrganizationId) -> Result<Organization> {
    let absent = || Error::not_found("organization");
    s.policy.may_somewhere(actor, Permission::HomeView)?;
    let mut read = s.store.read().await?;
    let place = locate::organization(&mut read, id).await?.ok_or_else(absent)?;
    let scope = s.policy.allow(actor, Permission::HomeView, &place, "organization")?;
    agency::organizations_of(&mut read, &scope, &[id]).await?.pop().ok_or_else(absent)
}

/// Organizations within the person's reach, oldest first.
pub async fn organizations(s: &Services, actor: &Actor, page: &Page<OrganizationId>) -> Result<Rows<Organization>> {
    let scope = super::reach(s, actor, Permission::HomeView, None).await?;
    let mut read = s.store.read().await?;
    agency::organizations(&mut read, &scope, page).await
}

/// Organizations by id, for things that the person has been allowed to see there.
pub async fn organizations_of(s: &Services, actor: &Actor, ids: &[OrganizationId]) -> Result<Vec<Organization>> {
    let scope = Scope::system(person_of(actor)?.agency, "the organization of a thing that may be seen");
    let mut read = s.store.read().await?;
    agency::organizations_of(&mut read, &scope, ids).await
}

/// Where an organization stands.
pub fn place(organization: &Organization) -> Place {
    Place::organization(organization.agency, organization.id)
}
