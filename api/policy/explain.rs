//! The one decision, and the two ways to tell it: as a refusal to whoever asked, as an explanation to whoever wonders.

use super::Policy;
use super::casbin::rule;
use crate::domain::access::{BuiltInRole, Membership, Person, Place};
use crate::domain::id::{MembershipId, OrganizationId};
use crate::domain::permission::{Permission, PermissionSet};
use crate::error::{Code, Error};

/// Why somebody may or may not. The closed list of reason codes, from good news to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// A role of theirs carries the permission.
    GrantedByRole,
    /// They are there, without the permission.
    MissingPermission,
    /// They hold it, and this touches the whole agency, but their membership only some organizations.
    LimitedToOrganizations,
    /// They are in the organization, limited to other AI agents.
    AiAgentNotAssigned,
    /// They are staff, and this organization is not among theirs.
    OrganizationNotAssigned,
    /// Nothing connects them with the place.
    NoMembership,
    /// It belongs to an agency other than theirs.
    OtherAgency,
}

impl Reason {
    /// As it stands on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GrantedByRole => "GRANTED_BY_ROLE",
            Self::MissingPermission => "MISSING_PERMISSION",
            Self::LimitedToOrganizations => "LIMITED_TO_ORGANIZATIONS",
            Self::AiAgentNotAssigned => "AI_AGENT_NOT_ASSIGNED",
            Self::OrganizationNotAssigned => "ORGANIZATION_NOT_ASSIGNED",
            Self::NoMembership => "NO_MEMBERSHIP",
            Self::OtherAgency => "OTHER_AGENCY",
        }
    }
}

/// What limited staff keeps at the agency itself: opening it. Whatever else stands there, say its staff or its brand,
/// reaches into organizations outside of the limit.
pub(super) const KEPT_UNDER_A_LIMIT: PermissionSet =
    PermissionSet::of(&[Permission::HomeView, Permission::AgencyInboxView]);

/// How a membership stands to a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Within,
    /// At the agency itself, by a membership that is limited to some organizations.
    WithinLimits,
    OutsideAiAgents,
    OutsideOrganizations,
    Elsewhere,
}

fn stand(membership: &Membership, place: &Place) -> Standing {
    if membership.agency != place.agency {
        return Standing::Elsewhere;
    }
    match (membership.organization, place.organization) {
        (Some(own), Some(there)) if own == there => within_ai_agents(membership, place),
        (Some(_), _) => Standing::Elsewhere,
        (None, there) => match (assigned(membership), there) {
            (None, _) => within_ai_agents(membership, place),
            (Some(assigned), Some(there)) if among(assigned, &there) => within_ai_agents(membership, place),
            (Some(_), None) if place.ai_agent.is_none() => Standing::WithinLimits,
            (Some(_), _) => Standing::OutsideOrganizations,
        },
    }
}

fn within_ai_agents(membership: &Membership, place: &Place) -> Standing {
    match (&membership.ai_agents, place.ai_agent) {
        (Some(limit), Some(there)) if !among(limit, &there) => Standing::OutsideAiAgents,
        _ => Standing::Within,
    }
}

/// The organizations to which a staff membership is limited; none means all.
pub(super) fn assigned(membership: &Membership) -> Option<&[OrganizationId]> {
    match &membership.organizations {
        Some(organizations) => Some(organizations),
        None if BuiltInRole::find(&membership.role_key).is_some_and(|role| role.assigned_only) => Some(&[]),
        None => None,
    }
}

/// The store gives such lists sorted, and then a hit costs the logarithm; any other order is only slower.
fn among<T: Ord>(list: &[T], wanted: &T) -> bool {
    list.binary_search(wanted).is_ok() || list.contains(wanted)
}

/// What a membership has to say about a permission at a place.
pub(super) fn judge(policy: &Policy, membership: &Membership, permission: Permission, place: &Place) -> Reason {
    match stand(membership, place) {
        Standing::Elsewhere => Reason::NoMembership,
        Standing::OutsideOrganizations => Reason::OrganizationNotAssigned,
        Standing::OutsideAiAgents => Reason::AiAgentNotAssigned,
        Standing::Within | Standing::WithinLimits if !policy.held(membership).contains(permission) => {
            Reason::MissingPermission
        }
        Standing::WithinLimits if !KEPT_UNDER_A_LIMIT.contains(permission) => Reason::LimitedToOrganizations,
        Standing::Within | Standing::WithinLimits => Reason::GrantedByRole,
    }
}

/// All that a membership grants at a place: where [`judge`] says so.
pub(super) fn held_at(policy: &Policy, membership: &Membership, place: &Place) -> PermissionSet {
    match stand(membership, place) {
        Standing::Within => policy.held(membership),
        Standing::WithinLimits => policy.held(membership).intersection(KEPT_UNDER_A_LIMIT),
        Standing::OutsideAiAgents | Standing::OutsideOrganizations | Standing::Elsewhere => PermissionSet::EMPTY,
    }
}

/// What the policy decided, and the membership on which it hung.
#[derive(Debug, Clone, Copy)]
pub(super) struct Decision<'a> {
    pub(super) reason: Reason,
    pub(super) membership: Option<&'a Membership>,
}

/// The one decision. The best news that any membership brings.
pub(super) fn decide<'a>(policy: &Policy, person: &'a Person, permission: Permission, place: &Place) -> Decision<'a> {
    if person.agency != place.agency {
        return Decision { reason: Reason::OtherAgency, membership: None };
    }
    let mut best = Decision { reason: Reason::NoMembership, membership: None };
    for membership in &person.memberships {
        let reason = match judge(policy, membership, permission, place) {
            // Through a client's eyes nobody does what they may not do as themselves.
            Reason::GrantedByRole if !person.may_at_most(permission) => Reason::MissingPermission,
            reason => reason,
        };
        if reason < best.reason {
            best = Decision { reason, membership: Some(membership) };
        }
        if reason == Reason::GrantedByRole {
            break;
        }
    }
    best
}

/// Where a place is, in a sentence.
fn whereabouts(place: &Place) -> &'static str {
    if place.organization.is_some() { "organization" } else { "agency" }
}

/// The error for whoever asked. What they cannot reach does not exist for them, whyever that is.
pub(super) fn refuse(reason: Reason, permission: Permission, place: &Place, noun: &'static str) -> Error {
    let switch = permission.switch();
    let message = match reason {
        Reason::AiAgentNotAssigned | Reason::OrganizationNotAssigned | Reason::NoMembership | Reason::OtherAgency => {
            return Error::not_found(noun);
        }
        Reason::LimitedToOrganizations => {
            format!("You need “{switch}” in the whole agency; you have it in some of its organizations.")
        }
        Reason::MissingPermission | Reason::GrantedByRole => {
            format!("You need “{switch}” in this {}.", whereabouts(place))
        }
    };
    Error { permission: Some(permission.as_str()), ..Error::new(Code::Forbidden, reason.as_str(), message) }
}

/// Why a person may or may not do something somewhere (W01).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The answer.
    pub allowed: bool,
    /// Why, for programs: one of [`Reason`].
    pub reason: &'static str,
    /// Why, for people: what decided, or what is missing and who can give it.
    pub message: String,
    /// What was asked for: `live_chat.respond`.
    pub permission: &'static str,
    /// The switch that carries it: `Respond to Live Chats`.
    pub switch: &'static str,
    /// The role that decided, by key; none when no membership came near.
    pub role: Option<String>,
    /// The membership that decided.
    pub membership: Option<MembershipId>,
    /// The line of the policy that decided; none when nothing allowed it.
    pub rule: Option<String>,
}

/// Puts a decision into words. `holders`: names of people who can change it, as far as the asker may know them.
pub(super) fn tell(
    policy: &Policy,
    decision: Decision<'_>,
    person: &Person,
    permission: Permission,
    place: &Place,
    holders: &[String],
) -> Explanation {
    let (name, switch, here) = (&person.name, permission.switch(), whereabouts(place));
    let role = decision.membership.map(|membership| membership.role_key.as_str());
    let called = role
        .and_then(|role_key| policy.name_of(role_key))
        .map_or_else(|| "their role".to_owned(), |name| format!("the role {name}"));
    let mut message = match decision.reason {
        Reason::GrantedByRole => format!("{name} has “{switch}” in this {here} through {called}."),
        Reason::MissingPermission => format!("{name} is in this {here}, but {called} lacks “{switch}”."),
        Reason::LimitedToOrganizations => {
            format!("{name} has “{switch}” in some organizations, and this concerns the whole agency.")
        }
        Reason::AiAgentNotAssigned => format!("{name} is in this {here}, limited to other AI agents."),
        Reason::OrganizationNotAssigned => format!("This {here} is not assigned to {name}."),
        Reason::NoMembership => format!("{name} has no membership in this {here}."),
        Reason::OtherAgency => "This belongs to another agency.".to_owned(),
    };
    let allowed = decision.reason == Reason::GrantedByRole;
    if !allowed && !holders.is_empty() {
        message.push_str(&format!(" Who can change that: {}.", holders.join(", ")));
    }
    Explanation {
        allowed,
        reason: decision.reason.as_str(),
        message,
        permission: permission.as_str(),
        switch,
        role: role.map(str::to_owned),
        membership: decision.membership.map(|membership| membership.id),
        rule: role.filter(|_| allowed).map(|role_key| rule(role_key, permission)),
    }
}
