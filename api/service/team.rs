//! What teams stand on: which roles can be given, who may give and change what, and what ends when somebody goes.

use std::sync::Arc;

use super::{Services, coverage, handoff, identity as sessions, role};
use crate::domain::access::{Actor, Membership, Person, Place};
use crate::domain::change::Change;
use crate::domain::id::{AgencyId, AiAgentId, OrganizationId, RoleId, SessionId, UserId};
use crate::domain::people::RoleGiven;
use crate::domain::permission::{Level, Permission};
use crate::error::{Code, Error, Result};
use crate::policy::Scope;
use crate::store::token::Purpose;
use crate::store::{Reads, Write, access, identity, token};

/// The role of that id, as an agency can give it. The one place that turns an id into a role.
///
/// # Errors
/// NOT_FOUND for any other.
pub async fn role_of(s: &Services, read: &mut impl Reads, agency: AgencyId, id: RoleId) -> Result<RoleGiven> {
    role::find(s, read, agency, id).await
}

/// The role of that key.
///
/// # Errors
/// NOT_FOUND when there is none any more.
pub async fn role_by_key(s: &Services, read: &mut impl Reads, agency: AgencyId, key: &str) -> Result<RoleGiven> {
    role::find_by_key(s, read, agency, key).await
}

/// The role of that key, for showing what somebody has.
pub async fn role_named(s: &Services, agency: AgencyId, key: &str) -> Result<RoleGiven> {
    role_by_key(s, &mut s.store.read().await?, agency, key).await
}

/// The memberships of a user that count now. None of them does as long as the agency demands a second factor that the user
/// has not set up.
pub(super) async fn counting(
    s: &Services,
    read: &mut impl Reads,
    agency: AgencyId,
    user: UserId,
) -> Result<Vec<Membership>> {
    if identity::lacks_demanded_factor(read, agency, user).await? {
        return Ok(Vec::new());
    }
    memberships(s, read, agency, user).await
}

/// The memberships of a user, those by a coverage agreement whose hours these are included, each with a role that the policy
/// knows as it is now.
pub(super) async fn memberships(
    s: &Services,
    read: &mut impl Reads,
    agency: AgencyId,
    user: UserId,
) -> Result<Vec<Membership>> {
    let mut memberships = access::memberships_of(read, user).await?;
    memberships.extend(coverage::memberships(s, read, agency, user).await?);
    role::learn(s, read, agency, &memberships).await?;
    Ok(memberships)
}

/// A user as the policy sees them, who may not be signed in.
pub(super) fn as_actor(agency: AgencyId, user: UserId, memberships: Vec<Membership>) -> Actor {
    let session = SessionId::from_number(0);
    Actor::Person(Arc::new(Person { user, agency, session, name: String::new(), memberships, viewing_as: None }))
}

/// Where a team is.
pub(super) fn place_of(agency: AgencyId, organization: Option<OrganizationId>) -> Place {
    organization.map_or(Place::agency(agency), |organization| Place::organization(agency, organization))
}

/// Whether the scope reaches all AI agents of the team's place.
pub(super) fn is_whole(scope: &Scope, organization: Option<OrganizationId>) -> bool {
    match scope.rows() {
        None => true,
        Some(rows) => organization.is_some_and(|organization| rows.organizations.contains(&organization)),
    }
}

/// Nobody gives what they do not hold: not a permission, and no reach beyond their own.
///
/// # Errors
/// INVALID with ROLE_NOT_FOR_THIS for a role of the other level; FORBIDDEN with CANNOT_GRANT.
pub(super) fn may_give(
    s: &Services,
    actor: &Actor,
    scope: &Scope,
    place: &Place,
    role: &RoleGiven,
    ai_agents: Option<&[AiAgentId]>,
) -> Result<()> {
    let level = if place.organization.is_some() { Level::Organization } else { Level::Agency };
    if role.level != level {
        return Err(Error::invalid("roleId", "ROLE_NOT_FOR_THIS", "This role cannot be given here."));
    }
    let within = match ai_agents {
        None => is_whole(scope, place.organization),
        // Whether each is within reach was asked when it was looked up.
        Some(_) => true,
    };
    if within && s.policy.permissions_at(actor, place).contains_all(role.permissions) {
        return Ok(());
    }
    Err(Error::new(Code::Forbidden, "CANNOT_GRANT", "Nobody can give more than they may do themselves."))
}

/// Nobody changes somebody who holds more than they do.
///
/// # Errors
/// FORBIDDEN with CANNOT_CHANGE.
pub(super) async fn may_change(
    s: &Services,
    unit: &mut Write,
    actor: &Actor,
    place: &Place,
    user: UserId,
    role_key: &str,
) -> Result<()> {
    let memberships = memberships(s, unit, place.agency, user).await?;
    let theirs = s.policy.permissions_at(&as_actor(place.agency, user, memberships), place);
    // What a suspended membership would give counts as well.
    let theirs = match role_by_key(s, unit, place.agency, role_key).await {
        Ok(role) => theirs.union(role.permissions),
        Err(_) => theirs,
    };
    if s.policy.permissions_at(actor, place).contains_all(theirs) {
        return Ok(());
    }
    Err(Error::new(
        Code::Forbidden,
        "CANNOT_CHANGE",
        "This person may do more here than you: ask somebody who may as much.",
    ))
}

/// Everything that ends when what somebody may do has become less: claims go back to the queue, and whoever belongs nowhere
/// any more is signed out everywhere. In the unit of the change.
pub(super) async fn settle(s: &Services, unit: &mut Write, agency: AgencyId, user: UserId) -> Result<()> {
    let scope = Scope::system(agency, "what ends with somebody's rights");
    identity::lock_user(unit, &scope, user).await?;
    // Told before anything else of this unit: streams ask again before they hear what becomes of the chats.
    access::raise_authority(unit).await?;
    unit.note(Change::Authority { user: Some(user) });
    if access::memberships_of(unit, user).await?.is_empty() {
        sessions::end_others(s, unit, &scope, user, None).await?;
        token::kill(unit, &scope, user, Purpose::Reset).await?;
        token::kill(unit, &scope, user, Purpose::Address).await?;
    }
    release_claims(s, unit, &scope, user).await
}

/// Gives back the chats of somebody that they may not answer any more, as their memberships are in this unit.
pub(super) async fn release_claims(s: &Services, unit: &mut Write, scope: &Scope, user: UserId) -> Result<()> {
    let memberships = counting(s, unit, scope.agency(), user).await?;
    let actor = as_actor(scope.agency(), user, memberships);
    let still = |place: &Place| s.policy.may(&actor, Permission::LiveChatRespond, place);
    handoff::release_claims(s, unit, scope, user, still).await
}
