//! Invitations: bound to an address, a place and a role; good for seven days, and once.

use std::time::Duration;

use serde_json::json;

use super::super::identity::{self as sessions, Origin, Proven, Shown, SignedIn};
use super::super::seal::{hash_of, secret};
use super::super::{By, Services, agency as hosts, mail, person_of, team};
use super::{look_up_ai_agents, look_up_organizations, name_of, note, team_at};
use crate::domain::access::{Actor, Membership, Place};
use crate::domain::change::Change;
use crate::domain::id::{AgencyId, AiAgentId, InvitationId, OrganizationId, RoleId};
use crate::domain::mail::Letter;
use crate::domain::page::{Page, Rows};
use crate::domain::people::{Invitation, InvitationState, RoleGiven, owner_key};
use crate::domain::permission::Permission;
use crate::domain::tenant::User;
use crate::domain::text;
use crate::domain::time::Time;
use crate::error::{Code, Error, Result};
use crate::policy::Scope;
use crate::store::{Creation, Reads, Write, access, create_once, identity, locate, people};

/// How long an invitation's link is good.
pub const INVITATION_LASTS: Duration = Duration::from_secs(7 * 24 * 3600);

/// How long ones that ran out are listed.
const LISTED_AFTER: Duration = Duration::from_secs(30 * 24 * 3600);

/// Who is wanted, as what, and for what.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The address.
    pub email: String,
    /// What they are called.
    pub name: Option<String>,
    /// The role.
    pub role: RoleId,
    /// Only these AI agents.
    pub ai_agents: Option<Vec<AiAgentId>>,
    /// Only these organizations; for staff.
    pub organizations: Option<Vec<OrganizationId>>,
}

/// Somebody wanted, looked at: in order, and within what whoever wants them may give.
pub(super) struct Checked {
    pub(super) email: String,
    pub(super) name: Option<String>,
    pub(super) role: RoleGiven,
    pub(super) ai_agents: Option<Vec<AiAgentId>>,
    pub(super) organizations: Option<Vec<OrganizationId>>,
}

/// Looks at who is wanted.
pub(super) async fn check(
    s: &Services,
    actor: &Actor,
    scope: &Scope,
    place: &Place,
    wanted: Wanted,
) -> Result<Checked> {
    let email = text::email("email", &wanted.email)?;
    let name = text::optional_line("name", wanted.name.as_deref(), 80)?;
    let mut read = s.store.read().await?;
    let role = team::role_of(s, &mut read, scope.agency(), wanted.role).await?;
    if let Some(ids) = &wanted.ai_agents {
        look_up_ai_agents(&mut read, scope, place, ids).await?;
    }
    let organizations = match (place.organization, wanted.organizations) {
        (Some(_), Some(_)) => {
            let message = "Only staff can be limited to organizations.";
            return Err(Error::invalid("organizationIds", "NOT_STAFF", message));
        }
        (None, Some(ids)) => {
            look_up_organizations(&mut read, scope, &ids).await?;
            Some(ids)
        }
        (_, None) => role.assigned_only.then(Vec::new),
    };
    team::may_give(s, actor, scope, place, &role, wanted.ai_agents.as_deref())?;
    Ok(Checked { email, name, role, ai_agents: wanted.ai_agents, organizations })
}

fn path(token: &str) -> String {
    format!("/invitation?token={token}")
}

fn spent() -> Error {
    let message = "This invitation was used, withdrawn or has run out. Ask for another one.";
    Error::new(Code::NotFound, "INVITATION_SPENT", message)
}

/// Writes the letter of an invitation.
async fn send(s: &Services, unit: &mut Write, scope: &Scope, invitation: &Invitation, token: &str) -> Result<()> {
    let role = team::role_by_key(s, unit, scope.agency(), &invitation.role_key).await?;
    let inviter = match invitation.invited_by {
        Some(user) => Some(super::user(unit, scope, user).await?.name),
        None => None,
    };
    let letter = Letter::Invitation {
        inviter,
        place: name_of(unit, scope, invitation.organization).await?,
        role: role.name,
        link: path(token),
        expires_at: invitation.expires_at,
    };
    mail::post(s, unit, scope.agency(), invitation.organization, &invitation.email, &letter).await?;
    Ok(())
}

/// Invites somebody to an organization, or to the staff. What comes back is the same whether or not the agency knows the
/// address.
///
/// # Errors
/// CONFLICT with ALREADY_MEMBER or ALREADY_INVITED; FORBIDDEN with CANNOT_GRANT; INVALID with ROLE_NOT_FOR_THIS;
/// RATE_LIMITED.
pub async fn invite(
    s: &Services,
    actor: &Actor,
    client_id: &str,
    organization: Option<OrganizationId>,
    wanted: Wanted,
) -> Result<Invitation> {
    let person = person_of(actor)?;
    let client_id = text::client_id(client_id)?;
    let fingerprint = format!("inviteMember {organization:?} {wanted:?}");
    let (scope, place) = team_at(s, actor, Permission::TeamInvite, organization).await?;
    let wanted = check(s, actor, &scope, &place, wanted).await?;
    s.limits.try_invitation(scope.agency(), person.user, &wanted.email)?;
    let now = s.clock.now();
    let new = Invitation {
        id: s.ids.next(now),
        agency: scope.agency(),
        organization,
        email: wanted.email,
        name: wanted.name,
        role_key: wanted.role.key,
        organizations: wanted.organizations,
        ai_agents: wanted.ai_agents,
        invited_by: Some(person.user),
        state: InvitationState::Open,
        created_at: now,
        sent_at: now,
        expires_at: now.plus(INVITATION_LASTS),
    };
    let (user, id) = (person.user.to_string(), new.id.to_string());
    let creation = Creation {
        actor: &user,
        client_id: &client_id,
        agency: scope.agency(),
        fingerprint: &fingerprint,
        result: &id,
        now,
    };
    let mut unit = s.store.write().await?;
    if let Some(first) = create_once(&mut unit, &creation).await? {
        let first = people::invitation(&mut unit, &scope, first.parse().map_err(Error::internal)?).await?;
        unit.undo().await?;
        return Ok(first);
    }
    people::lock_team(&mut unit, &scope, organization).await?;
    let known = identity::user_with(&mut unit, &scope, &new.email).await?;
    if let Some(known) = known
        && people::membership_in(&mut unit, &scope, organization, known.id).await?.is_some()
    {
        return Err(already_member());
    }
    let token = secret(&s.ids);
    if !people::insert_invitation(&mut unit, &new, &hash_of(&token)).await? {
        return Err(Error::conflict("ALREADY_INVITED", "This address is invited already. Send the invitation again."));
    }
    send(s, &mut unit, &scope, &new, &token).await?;
    let detail = json!({ "email": new.email, "role": new.role_key });
    note(s, &mut unit, &scope, actor, organization, "team.invite", new.id, detail).await?;
    unit.commit().await?;
    Ok(new)
}

pub(super) fn already_member() -> Error {
    Error::conflict("ALREADY_MEMBER", "Somebody with this address belongs here already.")
}

/// Invites somebody to own an agency, in the name of the platform, and gives the link: it is handed over by whoever runs the
/// platform, and no mail is written.
///
/// # Errors
/// CONFLICT with ALREADY_MEMBER or ALREADY_INVITED.
pub async fn invite_owner(s: &Services, unit: &mut Write, agency: AgencyId, email: &str, name: &str) -> Result<String> {
    let scope = Scope::system(agency, "an owner for an agency");
    let now = s.clock.now();
    let new = Invitation {
        id: s.ids.next(now),
        agency,
        organization: None,
        email: text::email("email", email)?,
        name: text::optional_line("name", Some(name), 80)?,
        role_key: owner_key(None).to_owned(),
        organizations: None,
        ai_agents: None,
        invited_by: None,
        state: InvitationState::Open,
        created_at: now,
        sent_at: now,
        expires_at: now.plus(INVITATION_LASTS),
    };
    let token = secret(&s.ids);
    if let Some(known) = identity::user_with(unit, &scope, &new.email).await?
        && people::membership_in(unit, &scope, None, known.id).await?.is_some()
    {
        return Err(already_member());
    }
    if !people::insert_invitation(unit, &new, &hash_of(&token)).await? {
        return Err(Error::conflict("ALREADY_INVITED", "This address is invited already."));
    }
    let link = format!("{}{}", hosts::address(s, unit, agency).await?, path(&token));
    let by = By { actor: "platform", organization: None };
    s.note(unit, &scope, &by, "team.invite", new.id, json!({ "email": new.email, "role": new.role_key })).await?;
    Ok(link)
}

/// Invitations to an organization, or to the staff, newest first.
pub async fn invitations(
    s: &Services,
    actor: &Actor,
    organization: Option<OrganizationId>,
    page: &Page<InvitationId>,
) -> Result<Rows<Invitation>> {
    let (scope, _) = team_at(s, actor, Permission::TeamView, organization).await?;
    let since = s.clock.now().minus(LISTED_AFTER);
    people::invitations(&mut s.store.read().await?, &scope, organization, since, page).await
}

async fn load(s: &Services, actor: &Actor, id: InvitationId) -> Result<(Scope, Place, Invitation)> {
    let mut read = s.store.read().await?;
    let place = locate::invitation(&mut read, id).await?.ok_or_else(|| Error::not_found("invitation"))?;
    let scope = super::allow(s, actor, Permission::TeamInvite, &place, "invitation")?;
    let found = people::invitation(&mut read, &scope, id).await?;
    Ok((scope, place, found))
}

fn settled() -> Error {
    Error::conflict("INVITATION_SPENT", "This invitation was used or withdrawn already.")
}

/// Sends an invitation again: with a new link, for another seven days, in the name of whoever sends it. The old link is
/// dead.
///
/// # Errors
/// CONFLICT with INVITATION_SPENT when it was used or withdrawn; FORBIDDEN with CANNOT_GRANT; RATE_LIMITED.
pub async fn resend(s: &Services, actor: &Actor, id: InvitationId) -> Result<Invitation> {
    let (scope, place, found) = load(s, actor, id).await?;
    let mut read = s.store.read().await?;
    let role = team::role_by_key(s, &mut read, scope.agency(), &found.role_key).await?;
    drop(read);
    team::may_give(s, actor, &scope, &place, &role, found.ai_agents.as_deref())?;
    s.limits.try_invitation(scope.agency(), person_of(actor)?.user, &found.email)?;
    let now = s.clock.now();
    let token = secret(&s.ids);
    let mut unit = s.store.write().await?;
    if !people::renew_invitation(&mut unit, &scope, id, &hash_of(&token), now, now.plus(INVITATION_LASTS)).await? {
        return Err(settled());
    }
    let renewed = people::invitation(&mut unit, &scope, id).await?;
    send(s, &mut unit, &scope, &renewed, &token).await?;
    note(s, &mut unit, &scope, actor, place.organization, "team.invite_again", id, json!({ "email": renewed.email }))
        .await?;
    unit.commit().await?;
    Ok(renewed)
}

/// Withdraws an invitation: its link is dead.
///
/// # Errors
/// CONFLICT with INVITATION_SPENT when it was used already.
pub async fn revoke(s: &Services, actor: &Actor, id: InvitationId) -> Result<Invitation> {
    let (scope, place, found) = load(s, actor, id).await?;
    let mut unit = s.store.write().await?;
    if !people::revoke_invitation(&mut unit, &scope, id, s.clock.now()).await? {
        let now = people::invitation(&mut unit, &scope, id).await?;
        return if now.state == InvitationState::Revoked { Ok(now) } else { Err(settled()) };
    }
    note(
        s,
        &mut unit,
        &scope,
        actor,
        place.organization,
        "team.revoke_invitation",
        id,
        json!({ "email": found.email }),
    )
    .await?;
    let revoked = people::invitation(&mut unit, &scope, id).await?;
    unit.commit().await?;
    Ok(revoked)
}

/// What a link offers.
pub struct Offer {
    /// The invitation.
    pub invitation: Invitation,
    /// What the place is called.
    pub place: String,
    /// What the role is called.
    pub role: String,
    /// Who invites.
    pub inviter: Option<String>,
    /// Whether there is an account with that address.
    pub has_account: bool,
}

/// The invitation that a link opens on that host, as long as it does.
async fn open_by(s: &Services, origin: &Origin, token: &str) -> Result<(Scope, Invitation)> {
    s.limits.try_link(origin.address)?;
    let mut read = s.store.read().await?;
    let found = locate::invitation_link(&mut read, &hash_of(token)).await?;
    let (agency, id) = found.ok_or_else(spent)?;
    let scope = Scope::system(agency, "following an invitation");
    let invitation = people::invitation(&mut read, &scope, id).await?;
    drop(read);
    let good = invitation.state_at(s.clock.now()) == InvitationState::Open
        && sessions::belongs_to_host(s, agency, &origin.host).await?;
    if !good {
        return Err(spent());
    }
    s.limits.link_opened(origin.address);
    Ok((scope, invitation))
}

/// What an invitation's link opens, for whoever has the link.
///
/// # Errors
/// NOT_FOUND with INVITATION_SPENT when it was used, withdrawn, has run out or never was.
pub async fn offer(s: &Services, origin: &Origin, token: &str) -> Result<Offer> {
    let (scope, invitation) = open_by(s, origin, token).await?;
    let mut read = s.store.read().await?;
    let inviter = match invitation.invited_by {
        Some(user) => identity::users_of(&mut read, &scope, &[user]).await?.pop().map(|user| user.name),
        None => None,
    };
    let role = team::role_by_key(s, &mut read, scope.agency(), &invitation.role_key).await.map_err(|_| spent())?;
    Ok(Offer {
        place: name_of(&mut read, &scope, invitation.organization).await?,
        role: role.name,
        inviter,
        has_account: identity::user_with(&mut read, &scope, &invitation.email).await?.is_some(),
        invitation,
    })
}

/// Whether whoever invited may still invite that way: asked when the invitation is used, not when it was written.
async fn ask_inviter(s: &Services, read: &mut impl Reads, invitation: &Invitation) -> Result<()> {
    let Some(user) = invitation.invited_by else { return Ok(()) };
    let lacks = || {
        let message = "Whoever invited you may not do so any more. Ask for another invitation.";
        Error::new(Code::Forbidden, "INVITER_LACKS", message)
    };
    let memberships = team::counting(s, read, invitation.agency, user).await?;
    let inviter = team::as_actor(invitation.agency, user, memberships);
    let place = team::place_of(invitation.agency, invitation.organization);
    let scope = super::allow(s, &inviter, Permission::TeamInvite, &place, "organization").map_err(|_| lacks())?;
    let role = team::role_by_key(s, read, invitation.agency, &invitation.role_key).await.map_err(|_| lacks())?;
    if let Some(ids) = &invitation.ai_agents {
        look_up_ai_agents(read, &scope, &place, ids).await.map_err(|_| lacks())?;
    }
    team::may_give(s, &inviter, &scope, &place, &role, invitation.ai_agents.as_deref()).map_err(|_| lacks())
}

/// An invitation that somebody may accept, with everything done that takes long.
pub struct Ready {
    scope: Scope,
    invitation: Invitation,
    token_hash: String,
    who: Who,
}

enum Who {
    Known(Proven),
    New { name: String, password_hash: String },
}

/// Accepts an invitation, with a new account or with the one that the agency knows, and signs in.
///
/// # Errors
/// NOT_FOUND with INVITATION_SPENT; FORBIDDEN with INVITER_LACKS; INVALID with PASSWORD_TOO_WEAK for a new account;
/// UNAUTHENTICATED as at sign-in for an existing one; RATE_LIMITED.
pub async fn accept(
    s: &Services,
    origin: &Origin,
    token: &str,
    name: Option<&str>,
    shown: Shown<'_>,
) -> Result<SignedIn> {
    let ready = prepare(s, origin, token, name, shown).await?;
    redeem(s, origin, &ready).await
}

/// The first half of [`accept`]: looks at the link first and at passwords afterwards, without using anything up.
pub async fn prepare(
    s: &Services,
    origin: &Origin,
    token: &str,
    name: Option<&str>,
    shown: Shown<'_>,
) -> Result<Ready> {
    let (scope, invitation) = open_by(s, origin, token).await?;
    let mut read = s.store.read().await?;
    ask_inviter(s, &mut read, &invitation).await?;
    let known = identity::credentials(&mut read, scope.agency(), &invitation.email).await?;
    drop(read);
    let email = invitation.email.clone();
    let who = match known {
        Some(known) => {
            s.limits.try_sign_in(scope.agency(), &email, origin.address)?;
            let proven = sessions::prove(s, Some(known), shown, &[&email]).await;
            if !matches!(&proven, Err(error) if matches!(error.reason, "WRONG_CREDENTIALS" | "SECOND_FACTOR_WRONG")) {
                s.limits.succeeded(scope.agency(), &email, origin.address);
            }
            Who::Known(proven?)
        }
        None => {
            let name = text::optional_line("name", name, 80)?.or_else(|| invitation.name.clone());
            let name = name.ok_or_else(|| Error::invalid("name", "EMPTY", "Please say what you are called."))?;
            let password_hash = sessions::hash_new(s, "password", shown.password, &[&email, &name]).await?;
            Who::New { name, password_hash }
        }
    };
    Ok(Ready { scope, invitation, token_hash: hash_of(token), who })
}

/// The second half of [`accept`]: uses the link up in the unit that makes the membership. Of any number at once one can.
pub async fn redeem(s: &Services, origin: &Origin, ready: &Ready) -> Result<SignedIn> {
    let Ready { scope, invitation, token_hash, who } = ready;
    let now = s.clock.now();
    let mut unit = s.store.write().await?;
    if !people::redeem_invitation(&mut unit, scope, invitation.id, token_hash, now).await? {
        return Err(spent());
    }
    people::lock_team(&mut unit, scope, invitation.organization).await?;
    ask_inviter(s, &mut unit, invitation).await?;
    let (user, begun) = match who {
        Who::Known(proven) => (proven.user(), sessions::begin(s, &mut unit, origin, proven).await?),
        Who::New { name, password_hash } => {
            let user = insert_account(s, &mut unit, scope, &invitation.email, name, password_hash, now).await?;
            (user.id, sessions::begin_for(s, &mut unit, origin, scope.agency(), user.id).await?)
        }
    };
    if people::membership_in(&mut unit, scope, invitation.organization, user).await?.is_none() {
        let membership = Membership {
            id: s.ids.next(now),
            agency: scope.agency(),
            organization: invitation.organization,
            role: access::role_id(&invitation.role_key),
            role_key: invitation.role_key.clone(),
            organizations: invitation.organizations.clone(),
            ai_agents: invitation.ai_agents.clone(),
        };
        access::insert_membership(&mut unit, user, &membership, now).await?;
        unit.note(Change::Authority { user: Some(user) });
    }
    if invitation.role_key == owner_key(None) {
        hosts::owner_came(s, &mut unit, scope.agency(), user, &invitation.email).await?;
    }
    let actor = user.to_string();
    let by = By { actor: &actor, organization: invitation.organization };
    let detail = json!({ "email": invitation.email, "role": invitation.role_key });
    s.note(&mut unit, scope, &by, "team.accept", invitation.id, detail).await?;
    unit.commit().await?;
    sessions::finish(s, begun).await
}

/// Keeps a new account, unless somebody made one with that address meanwhile.
pub(super) async fn insert_account(
    s: &Services,
    unit: &mut Write,
    scope: &Scope,
    email: &str,
    name: &str,
    password_hash: &str,
    now: Time,
) -> Result<User> {
    // One address, one account: accounts of an agency are made one after the other.
    people::lock_team(unit, scope, None).await?;
    if identity::user_with(unit, scope, email).await?.is_some() {
        return Err(Error::conflict(
            "CHANGED_MEANWHILE",
            "There is an account with this address by now. Please try again.",
        ));
    }
    let user = User { id: s.ids.next(now), agency: scope.agency(), name: name.to_owned(), email: email.to_owned() };
    identity::insert_user(unit, &user, password_hash, now).await?;
    Ok(user)
}
