//! Members: looked at, created, changed, suspended and removed. Whatever becomes less ends at once.

use serde_json::{Value, json};

use super::super::notification::{self, About, Happened, Whom};
use super::super::{Services, identity as sessions, mail, person_of, team};
use super::invitation::{Wanted, already_member, check, insert_account};
use super::{look_up_ai_agents, look_up_organizations, member_at, name_of, note, team_at};
use crate::domain::access::{Actor, BuiltInRole, Membership, Place};
use crate::domain::change::Change;
use crate::domain::id::{AiAgentId, MembershipId, OrganizationId, RoleId};
use crate::domain::mail::{Letter, SecurityChange};
use crate::domain::notification::Kind;
use crate::domain::page::{Page, Rows};
use crate::domain::people::{Member, readable_password};
use crate::domain::permission::Permission;
use crate::domain::text;
use crate::error::{Error, Result};
use crate::policy::Scope;
use crate::store::{Creation, Write, access, create_once, identity, people, token};

/// Members of an organization, or the staff, by name.
pub async fn members(
    s: &Services,
    actor: &Actor,
    organization: Option<OrganizationId>,
    search: Option<&str>,
    page: &Page<(String, MembershipId)>,
) -> Result<Rows<Member>> {
    let search = text::optional_line("search", search, 200)?;
    let (scope, _) = team_at(s, actor, Permission::TeamView, organization).await?;
    people::members(&mut s.store.read().await?, &scope, organization, search.as_deref(), page).await
}

/// A member that was created, and the password to hand over.
pub struct Created {
    /// The member.
    pub member: Member,
    /// The password; none for somebody who had an account.
    pub password: Option<String>,
}

fn purpose(id: MembershipId) -> String {
    format!("creations.result {id}")
}

/// Makes somebody a member without asking them: with a new account, whose password is handed over by other means and has
/// to be changed at the first sign-in, or with the one that the agency knows.
///
/// # Errors
/// As for an invitation.
pub async fn create(
    s: &Services,
    actor: &Actor,
    client_id: &str,
    organization: Option<OrganizationId>,
    wanted: Wanted,
) -> Result<Created> {
    let person = person_of(actor)?;
    let client_id = text::client_id(client_id)?;
    let fingerprint = format!("createMember {organization:?} {wanted:?}");
    let (scope, place) = team_at(s, actor, Permission::TeamInvite, organization).await?;
    let wanted = check(s, actor, &scope, &place, wanted).await?;
    let name = wanted.name.clone().ok_or_else(|| Error::invalid("name", "EMPTY", "This cannot be empty."))?;
    s.limits.try_invitation(scope.agency(), person.user, &wanted.email)?;
    let password = readable_password(s.ids.bits());
    let hash = s.passwords.hash(&password).await?;
    let now = s.clock.now();
    let membership = Membership {
        id: s.ids.next(now),
        agency: scope.agency(),
        organization,
        role: access::role_id(&wanted.role.key),
        role_key: wanted.role.key,
        organizations: wanted.organizations,
        ai_agents: wanted.ai_agents,
    };
    // A retry gets the same password, as long as it opens anything at all; it is sealed until then.
    let result = format!("{} {}", membership.id, s.seal.close(&purpose(membership.id), &password)?);
    let user = person.user.to_string();
    let creation = Creation {
        actor: &user,
        client_id: &client_id,
        agency: scope.agency(),
        fingerprint: &fingerprint,
        result: &result,
        now,
    };
    let mut unit = s.store.write().await?;
    if let Some(first) = create_once(&mut unit, &creation).await? {
        let (id, sealed) = first.split_once(' ').ok_or_else(|| Error::internal("a creation without its result"))?;
        let id = id.parse().map_err(Error::internal)?;
        let member = people::member(&mut unit, &scope, id).await?;
        unit.undo().await?;
        let password = member.must_change_password.then(|| s.seal.open(&purpose(id), sealed)).transpose()?;
        return Ok(Created { member, password });
    }
    people::lock_team(&mut unit, &scope, organization).await?;
    let known = identity::user_with(&mut unit, &scope, &wanted.email).await?;
    let by = person.name.clone();
    let place_name = name_of(&mut unit, &scope, organization).await?;
    let link = "/".to_owned();
    let (user, password, letter) = match known {
        Some(known) => {
            if people::membership_in(&mut unit, &scope, organization, known.id).await?.is_some() {
                return Err(already_member());
            }
            (known, None, Letter::MemberAdded { by, place: place_name, role: wanted.role.name, link })
        }
        None => {
            let user = insert_account(s, &mut unit, &scope, &wanted.email, &name, &hash, now).await?;
            identity::set_password(&mut unit, &scope, user.id, &hash, &hash, true).await?;
            (user, Some(password), Letter::AccountCreated { by, place: place_name, link })
        }
    };
    access::insert_membership(&mut unit, user.id, &membership, now).await?;
    unit.note(Change::Authority { user: Some(user.id) });
    mail::post(s, &mut unit, scope.agency(), organization, &user.email, &letter).await?;
    let detail = json!({ "email": user.email, "role": membership.role_key });
    note(s, &mut unit, &scope, actor, organization, "team.create_member", membership.id, detail).await?;
    let member = people::member(&mut unit, &scope, membership.id).await?;
    unit.commit().await?;
    Ok(Created { member, password })
}

/// What can be changed of a member.
#[derive(Debug, Clone, Copy)]
pub enum MemberChange {
    /// The role.
    Role(RoleId),
    /// Whether it counts.
    Suspended(bool),
    /// Whether it reaches only the AI agents on its list (S191).
    LimitedToAiAgents(bool),
    /// Whether an AI agent is on the list.
    AiAgent(AiAgentId, bool),
    /// Whether it reaches only the organizations on its list.
    LimitedToOrganizations(bool),
    /// Whether an organization is on the list.
    Organization(OrganizationId, bool),
    /// No second factor any more: somebody has lost phone and codes.
    NoSecondFactor,
}

impl MemberChange {
    fn permission(self) -> Permission {
        match self {
            Self::Role(_) | Self::LimitedToAiAgents(_) | Self::AiAgent(..) => Permission::TeamSetRoles,
            Self::Suspended(_) => Permission::TeamRemove,
            Self::LimitedToOrganizations(_) | Self::Organization(..) | Self::NoSecondFactor => Permission::StaffManage,
        }
    }

    fn action(self) -> &'static str {
        match self {
            Self::Role(_) => "team.set_role",
            Self::Suspended(true) => "team.suspend",
            Self::Suspended(false) => "team.resume",
            Self::LimitedToAiAgents(_) | Self::AiAgent(..) => "team.limit_ai_agents",
            Self::LimitedToOrganizations(_) | Self::Organization(..) => "team.limit_organizations",
            Self::NoSecondFactor => "team.reset_second_factor",
        }
    }
}

fn last_owner() -> Error {
    Error::conflict("LAST_OWNER", "There must always be an owner. Make somebody else one first.")
}

/// Changes a member.
///
/// # Errors
/// FORBIDDEN with CANNOT_GRANT or CANNOT_CHANGE; CONFLICT with LAST_OWNER; CONFLICT with NOT_STAFF; INVALID with ROLE_NOT_FOR_THIS.
pub async fn change(s: &Services, actor: &Actor, id: MembershipId, change: MemberChange) -> Result<Member> {
    let (scope, place) = member_at(s, actor, change.permission(), id).await?;
    let mut unit = s.store.write().await?;
    people::lock_team(&mut unit, &scope, place.organization).await?;
    let before = people::member(&mut unit, &scope, id).await?;
    team::may_change(s, &mut unit, actor, &place, before.user.id, &before.membership.role_key).await?;
    let detail = write(s, &mut unit, actor, &scope, &place, &before, change).await?;
    team::settle(s, &mut unit, scope.agency(), before.user.id).await?;
    note(s, &mut unit, &scope, actor, place.organization, change.action(), id, detail).await?;
    let after = people::member(&mut unit, &scope, id).await?;
    if let MemberChange::Role(_) = change
        && after.membership.role_key != before.membership.role_key
    {
        tell(s, &mut unit, actor, &scope, &after, true).await?;
    }
    unit.commit().await?;
    Ok(after)
}

/// Writes the change of a member, and says what it was before and after.
async fn write(
    s: &Services,
    unit: &mut Write,
    actor: &Actor,
    scope: &Scope,
    place: &Place,
    before: &Member,
    change: MemberChange,
) -> Result<Value> {
    let membership = &before.membership;
    let id = membership.id;
    let ai_agents = membership.ai_agents.as_deref();
    let all_organizations = membership.organizations.is_none();
    let staff_alone = || Error::conflict("NOT_STAFF", "Only staff can be limited to organizations.");
    Ok(match change {
        MemberChange::Role(role) => {
            let role = team::role_of(s, unit, scope.agency(), role).await?;
            team::may_give(s, actor, scope, place, &role, ai_agents)?;
            if before.is_last_owner && role.key != membership.role_key {
                return Err(last_owner());
            }
            people::set_role(unit, scope, id, &role.key).await?;
            if role.assigned_only {
                people::set_limits(unit, scope, id, false, ai_agents.is_none()).await?;
            }
            json!({ "before": membership.role_key, "after": role.key })
        }
        MemberChange::Suspended(true) => {
            if before.is_last_owner {
                return Err(last_owner());
            }
            people::set_suspended(unit, scope, id, before.suspended_at.or(Some(s.clock.now()))).await?;
            json!({ "email": before.user.email })
        }
        MemberChange::Suspended(false) => {
            let role = team::role_by_key(s, unit, scope.agency(), &membership.role_key).await?;
            team::may_give(s, actor, scope, place, &role, ai_agents)?;
            people::set_suspended(unit, scope, id, None).await?;
            json!({ "email": before.user.email })
        }
        MemberChange::LimitedToAiAgents(limited) => {
            if !limited && !team::is_whole(scope, place.organization) {
                return Err(beyond());
            }
            people::set_limits(unit, scope, id, all_organizations, !limited).await?;
            json!({ "before": ai_agents.is_some(), "after": limited })
        }
        MemberChange::AiAgent(ai_agent, listed) => {
            look_up_ai_agents(unit, scope, place, &[ai_agent]).await?;
            people::list_ai_agent(unit, scope, id, ai_agent, listed).await?;
            json!({ "aiAgent": ai_agent.to_string(), "listed": listed })
        }
        MemberChange::LimitedToOrganizations(limited) => {
            if place.organization.is_some() {
                return Err(staff_alone());
            }
            if !limited && BuiltInRole::find(&membership.role_key).is_some_and(|role| role.assigned_only) {
                let message = "This role reaches only the organizations on its list. Choose another role first.";
                return Err(Error::conflict("ROLE_IS_LIMITED", message));
            }
            people::set_limits(unit, scope, id, !limited, ai_agents.is_none()).await?;
            json!({ "before": !all_organizations, "after": limited })
        }
        MemberChange::Organization(organization, listed) => {
            // Its own errors first: what is not there is not found, whoever's membership it is.
            look_up_organizations(unit, scope, &[organization]).await?;
            if place.organization.is_some() {
                return Err(staff_alone());
            }
            people::list_organization(unit, scope, id, organization, listed).await?;
            json!({ "organization": organization.to_string(), "listed": listed })
        }
        MemberChange::NoSecondFactor => {
            if token::remove_factor(unit, scope, before.user.id).await? {
                sessions::end_others(s, unit, scope, before.user.id, None).await?;
                super::tell_of_change(s, unit, &before.user, SecurityChange::SecondFactorOff, "").await?;
            }
            json!({ "email": before.user.email })
        }
    })
}

fn beyond() -> Error {
    Error::new(crate::error::Code::Forbidden, "CANNOT_GRANT", "Nobody can give more than they may do themselves.")
}

/// Tells somebody which role they have now, or that they have none.
async fn tell(
    s: &Services,
    unit: &mut Write,
    actor: &Actor,
    scope: &Scope,
    member: &Member,
    stays: bool,
) -> Result<()> {
    let person = person_of(actor)?;
    if person.user == member.user.id {
        return Ok(());
    }
    let organization = member.membership.organization;
    let role = match team::role_by_key(s, unit, scope.agency(), &member.membership.role_key).await {
        Ok(role) if stays => Some(role.name),
        _ => None,
    };
    let place = name_of(unit, scope, organization).await?;
    let by = &person.name;
    let event = s.ids.next::<crate::domain::id::NotificationKind>(s.clock.now()).to_string();
    let there = team::place_of(scope.agency(), organization);
    let own = Happened {
        organization,
        author: Some(person.user),
        // They are written a letter of their own.
        asked: Some(Vec::new()),
        ..Happened::of_house(
            format!("{event}/own"),
            Kind::AccessChanged,
            format!("{by} changed what you may do at {place}"),
        )
    };
    notification::announce(s, unit, scope.agency(), Whom::These(vec![member.user.id]), own).await?;
    let about = About {
        author: Some(person.user),
        title: format!("{by} changed what {} may do at {place}", member.user.name),
        preview: None,
        link: "/team",
        subject: &member.user.id.to_string(),
    };
    notification::announce_of_place(s, unit, &there, Kind::AccessChanged, event, about).await?;
    let letter = Letter::AccessChanged { by: by.clone(), place, role };
    mail::post(s, unit, scope.agency(), organization, &member.user.email, &letter).await?;
    Ok(())
}

/// Takes somebody out of a team: streams close, claims go back to the queue, and whoever belongs nowhere any more is signed
/// out everywhere (W03). Oneself: leaving.
///
/// # Errors
/// FORBIDDEN with CANNOT_CHANGE; CONFLICT with LAST_OWNER.
pub async fn remove(s: &Services, actor: &Actor, id: MembershipId) -> Result<()> {
    let (scope, place) = member_at(s, actor, Permission::TeamRemove, id).await?;
    let mut unit = s.store.write().await?;
    people::lock_team(&mut unit, &scope, place.organization).await?;
    let before = people::member(&mut unit, &scope, id).await?;
    team::may_change(s, &mut unit, actor, &place, before.user.id, &before.membership.role_key).await?;
    if before.is_last_owner {
        return Err(last_owner());
    }
    access::delete_membership(&mut unit, &scope, id).await?;
    team::settle(s, &mut unit, scope.agency(), before.user.id).await?;
    let detail = json!({ "email": before.user.email, "role": before.membership.role_key });
    note(s, &mut unit, &scope, actor, place.organization, "team.remove", id, detail).await?;
    tell(s, &mut unit, actor, &scope, &before, false).await?;
    unit.commit().await
}
