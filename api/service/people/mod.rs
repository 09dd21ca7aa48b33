//! People: who is invited, who belongs where, and what somebody does with their own account.
//!
//! Begin with [`invitation::accept`] for how somebody comes, and [`member::remove`] for everything that ends when they go.

pub mod account;
pub mod factor;
pub mod invitation;
pub mod member;
pub mod reset;

use serde_json::Value;

use super::{By, Services, agency_of, mail, user_of};
use crate::domain::access::{Actor, Place};
use crate::domain::id::{AiAgentId, MembershipId, OrganizationId, UserId};
use crate::domain::mail::{Letter, SecurityChange};
use crate::domain::permission::Permission;
use crate::domain::tenant::User;
use crate::error::{Error, Result};
use crate::policy::Scope;
use crate::store::{Reads, Write, agency, agent, identity, locate};

pub use invitation::invite_owner;

/// Lets somebody look after the team of an organization, or of the agency itself. Changing staff is a permission of its own.
async fn team_at(
    s: &Services,
    actor: &Actor,
    permission: Permission,
    organization: Option<OrganizationId>,
) -> Result<(Scope, Place)> {
    let place = match organization {
        Some(organization) => {
            let mut read = s.store.read().await?;
            let found = locate::organization(&mut read, organization).await?;
            found.ok_or_else(|| Error::not_found("organization"))?
        }
        None => Place::agency(agency_of(actor)?),
    };
    let noun = if organization.is_some() { "organization" } else { "agency" };
    Ok((allow(s, actor, permission, &place, noun)?, place))
}

fn allow(s: &Services, actor: &Actor, permission: Permission, place: &Place, noun: &'static str) -> Result<Scope> {
    let scope = s.policy.allow(actor, permission, place, noun)?;
    if place.organization.is_none() && permission != Permission::TeamView {
        s.policy.allow(actor, Permission::StaffManage, place, noun)?;
    }
    Ok(scope)
}

/// Lets somebody do something to a member.
async fn member_at(s: &Services, actor: &Actor, permission: Permission, id: MembershipId) -> Result<(Scope, Place)> {
    let mut read = s.store.read().await?;
    let place = locate::membership(&mut read, id).await?.ok_or_else(|| Error::not_found("membership"))?;
    Ok((allow(s, actor, permission, &place, "membership")?, place))
}

/// What a team's place is called.
async fn name_of(read: &mut impl Reads, scope: &Scope, organization: Option<OrganizationId>) -> Result<String> {
    match organization {
        Some(id) => {
            let found = agency::organizations_of(read, scope, &[id]).await?.pop();
            Ok(found.ok_or_else(|| Error::not_found("organization"))?.name)
        }
        None => {
            let found = agency::agency(read, scope.agency()).await?;
            Ok(found.ok_or_else(|| Error::not_found("agency"))?.brand.name)
        }
    }
}

/// Each of these AI agents is at the place, and within the reach of whoever names it.
async fn look_up_ai_agents(read: &mut impl Reads, scope: &Scope, place: &Place, ids: &[AiAgentId]) -> Result<()> {
    let found = agent::ai_agents_of(read, scope, ids).await?;
    let fits = |id: &AiAgentId| {
        found.iter().any(|agent| {
            agent.id == *id
                && (place.organization.is_none() || agent.organization == place.organization)
                && scope.covers(&agent.place())
        })
    };
    if ids.iter().all(fits) { Ok(()) } else { Err(Error::not_found("AI agent")) }
}

/// Each of these organizations is one of the agency's.
async fn look_up_organizations(read: &mut impl Reads, scope: &Scope, ids: &[OrganizationId]) -> Result<()> {
    let found = agency::organizations_of(read, scope, ids).await?;
    let fits = |id: &OrganizationId| found.iter().any(|organization| organization.id == *id);
    if ids.iter().all(fits) { Ok(()) } else { Err(Error::not_found("organization")) }
}

/// A line of the audit log by whoever is signed in.
#[expect(clippy::too_many_arguments, reason = "a line says all of this")]
async fn note(
    s: &Services,
    unit: &mut Write,
    scope: &Scope,
    actor: &Actor,
    organization: Option<OrganizationId>,
    action: &'static str,
    object: impl ToString,
    detail: Value,
) -> Result<()> {
    let user = user_of(actor)?.to_string();
    s.note(unit, scope, &By { actor: &user, organization }, action, object, detail).await
}

/// A user of the scope's agency.
async fn user(read: &mut impl Reads, scope: &Scope, id: UserId) -> Result<User> {
    identity::users_of(read, scope, &[id]).await?.pop().ok_or_else(|| Error::not_found("user"))
}

/// Tells somebody that how they sign in has changed.
async fn tell_of_change(
    s: &Services,
    unit: &mut Write,
    user: &User,
    change: SecurityChange,
    browser: &str,
) -> Result<()> {
    let letter = Letter::SecurityNotice { change, at: s.clock.now(), browser: browser.to_owned() };
    mail::post(s, unit, user.agency, None, &user.email, &letter).await?;
    Ok(())
}
