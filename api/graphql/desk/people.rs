//! Teams: members, and the invitations to become one.

use async_graphql::{ComplexObject, Context, Enum, ID, Object, Result, SimpleObject};

use super::agency::{Agency, Organization};
use super::agent::AiAgent;
use super::identity::{Role, SignIn, User};
use super::{asking, loaders, services};
use crate::domain::id::{AiAgentId, OrganizationId};
use crate::domain::page::Page;
use crate::domain::people;
use crate::domain::permission::Permission;
use crate::error::Error;
use crate::graphql::wire::{Time, connection, count, id, optional_id, optional_ids, page_by_id, public, requires};
use crate::service::identity::Shown;
use crate::service::people::invitation::{self, Wanted};
use crate::service::people::member::{self, MemberChange};
use crate::service::people::{account, factor, reset};
use crate::service::team;

/// One membership, as those see it who look after the team.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(complex, directive = requires::apply("team.view".to_owned()))]
pub struct Member {
    /// The id: `mem_...`.
    pub id: ID,
    /// Whose it is.
    pub user: User,
    /// Their address.
    pub email: String,
    /// Whether it reaches all AI agents of its place.
    pub all_ai_agents: bool,
    /// Whether it reaches all organizations; always so for members of one.
    pub all_organizations: bool,
    /// Whether it does not count at the moment.
    pub suspended: bool,
    /// When they were last there.
    pub last_seen_at: Option<Time>,
    /// Whether they sign in with a second factor.
    pub has_second_factor: bool,
    /// Whether they have yet to choose a password of their own.
    pub must_change_password: bool,
    /// When it began.
    pub created_at: Time,
    /// Whether it is the viewer's own.
    pub is_viewer: bool,
    /// Whether nobody else owns the place: then nobody can take it away.
    pub is_last_owner: bool,
    #[graphql(skip)]
    of: people::Member,
}

impl Member {
    /// Wraps one.
    pub fn of(ctx: &Context<'_>, of: people::Member) -> Result<Self> {
        let viewer = asking(ctx)?.actor.person().map(|person| person.user);
        Ok(Self {
            id: of.membership.id.to_string().into(),
            user: User { id: of.user.id.to_string().into(), name: of.user.name.clone(), email: None },
            email: of.user.email.clone(),
            all_ai_agents: of.membership.ai_agents.is_none(),
            all_organizations: of.membership.organizations.is_none(),
            suspended: of.suspended_at.is_some(),
            last_seen_at: of.last_seen_at.map(Into::into),
            has_second_factor: of.has_second_factor,
            must_change_password: of.must_change_password,
            created_at: of.created_at.into(),
            is_viewer: viewer == Some(of.user.id),
            is_last_owner: of.is_last_owner,
            of,
        })
    }
}

/// The organization of a place; none for the agency itself.
async fn organization(ctx: &Context<'_>, id: Option<OrganizationId>) -> Result<Option<Organization>> {
    match id {
        Some(id) => Ok(Some(Organization::of(loaders(ctx)?.one(id, "organization").await?))),
        None => Ok(None),
    }
}

/// The AI agents of a list that are within the viewer's reach.
async fn ai_agents(ctx: &Context<'_>, ids: Option<&[AiAgentId]>) -> Result<Vec<AiAgent>> {
    let mut found = Vec::new();
    for id in ids.into_iter().flatten() {
        let agent = loaders(ctx)?.one(*id, "AI agent").await?;
        if services(ctx)?.policy.may(&asking(ctx)?.actor, Permission::HomeView, &agent.place()) {
            found.push(AiAgent::of(agent));
        }
    }
    Ok(found)
}

async fn organizations(ctx: &Context<'_>, ids: Option<&[OrganizationId]>) -> Result<Vec<Organization>> {
    let mut found = Vec::new();
    for id in ids.into_iter().flatten() {
        found.push(Organization::of(loaders(ctx)?.one(*id, "organization").await?));
    }
    Ok(found)
}

async fn role(ctx: &Context<'_>, agency: crate::domain::id::AgencyId, key: &str) -> Result<Role> {
    let services = services(ctx)?;
    Ok(Role::of(team::role_named(services, agency, key).await?))
}

#[ComplexObject]
impl Member {
    /// The role.
    #[graphql(directive = requires::apply("team.view".to_owned()))]
    async fn role(&self, ctx: &Context<'_>) -> Result<Role> {
        role(ctx, self.of.membership.agency, &self.of.membership.role_key).await
    }

    /// The organization; none for staff.
    #[graphql(directive = requires::apply("team.view".to_owned()))]
    async fn organization(&self, ctx: &Context<'_>) -> Result<Option<Organization>> {
        organization(ctx, self.of.membership.organization).await
    }

    /// The AI agents that it is limited to; empty when it is not.
    #[graphql(directive = requires::apply("team.view".to_owned()))]
    async fn ai_agents(&self, ctx: &Context<'_>) -> Result<Vec<AiAgent>> {
        ai_agents(ctx, self.of.membership.ai_agents.as_deref()).await
    }

    /// The organizations that it is limited to; empty when it is not.
    #[graphql(directive = requires::apply("team.view".to_owned()))]
    async fn organizations(&self, ctx: &Context<'_>) -> Result<Vec<Organization>> {
        organizations(ctx, self.of.membership.organizations.as_deref()).await
    }
}

connection!(MemberConnection, MemberEdge, Member, "members", requires::apply("team.view".to_owned()));

/// What has become of an invitation.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvitationState {
    /// Its link can be used.
    Open,
    /// Somebody used it.
    Accepted,
    /// It was withdrawn.
    Revoked,
    /// Nobody used it in time.
    Expired,
}

impl From<people::InvitationState> for InvitationState {
    fn from(state: people::InvitationState) -> Self {
        match state {
            people::InvitationState::Open => Self::Open,
            people::InvitationState::Accepted => Self::Accepted,
            people::InvitationState::Revoked => Self::Revoked,
            people::InvitationState::Expired => Self::Expired,
        }
    }
}

/// Somebody is asked to join a place.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(complex, directive = requires::apply("team.view".to_owned()))]
pub struct Invitation {
    /// The id: `inv_...`.
    pub id: ID,
    /// The only address that it is for.
    pub email: String,
    /// What whoever invites calls them.
    pub name: Option<String>,
    /// What has become of it.
    pub state: InvitationState,
    /// When they were first invited.
    pub created_at: Time,
    /// Until when the present link is good.
    pub expires_at: Time,
    /// When the present link was sent.
    pub sent_at: Time,
    #[graphql(skip)]
    of: people::Invitation,
}

impl Invitation {
    /// Wraps one, as it is now.
    pub fn of(ctx: &Context<'_>, of: people::Invitation) -> Result<Self> {
        Ok(Self {
            id: of.id.to_string().into(),
            email: of.email.clone(),
            name: of.name.clone(),
            state: of.state_at(services(ctx)?.clock.now()).into(),
            created_at: of.created_at.into(),
            expires_at: of.expires_at.into(),
            sent_at: of.sent_at.into(),
            of,
        })
    }
}

#[ComplexObject]
impl Invitation {
    /// The role that it gives.
    #[graphql(directive = requires::apply("team.view".to_owned()))]
    async fn role(&self, ctx: &Context<'_>) -> Result<Role> {
        role(ctx, self.of.agency, &self.of.role_key).await
    }

    /// The organization; none for staff.
    #[graphql(directive = requires::apply("team.view".to_owned()))]
    async fn organization(&self, ctx: &Context<'_>) -> Result<Option<Organization>> {
        organization(ctx, self.of.organization).await
    }

    /// Who invites; none for the platform.
    #[graphql(directive = requires::apply("team.view".to_owned()))]
    async fn invited_by(&self, ctx: &Context<'_>) -> Result<Option<User>> {
        match self.of.invited_by {
            Some(user) => Ok(Some(User::of(loaders(ctx)?.one(user, "user").await?))),
            None => Ok(None),
        }
    }

    /// The AI agents that it is limited to; empty when it is not.
    #[graphql(directive = requires::apply("team.view".to_owned()))]
    async fn ai_agents(&self, ctx: &Context<'_>) -> Result<Vec<AiAgent>> {
        ai_agents(ctx, self.of.ai_agents.as_deref()).await
    }

    /// The organizations that it is limited to; empty when it is not.
    #[graphql(directive = requires::apply("team.view".to_owned()))]
    async fn organizations(&self, ctx: &Context<'_>) -> Result<Vec<Organization>> {
        organizations(ctx, self.of.organizations.as_deref()).await
    }
}

connection!(InvitationConnection, InvitationEdge, Invitation, "invitations", requires::apply("team.view".to_owned()));

/// What an invitation's link opens, for whoever has the link.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = public::apply())]
pub struct InvitationOffer {
    /// The address that it is for.
    pub email: String,
    /// What whoever invites calls them.
    pub name: Option<String>,
    /// What the organization or agency is called.
    pub place: String,
    /// What the role is called.
    pub role: String,
    /// Who invites; none when the platform does.
    pub inviter: Option<String>,
    /// Until when it can be accepted.
    pub expires_at: Time,
    /// Whether there is an account with this address: then its password is asked for, and no new one.
    pub has_account: bool,
}

/// A member that was created.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("team.invite".to_owned()))]
pub struct CreatedMember {
    /// The member.
    pub member: Member,
    /// The password to hand over, to be changed at the first sign-in. Shown once; none for somebody who had an account.
    pub password: Option<String>,
}

/// How far a change of address is.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressChangeState {
    /// The other address has not been confirmed yet.
    WaitingForOther,
    /// Both were: the new one counts.
    Done,
}

/// Queries of teams.
#[derive(Default)]
pub struct PeopleQuery;

#[Object]
impl PeopleQuery {
    /// People of an organization; of the agency itself (staff) when it is left out. By name; `search` looks in names and
    /// addresses.
    #[graphql(directive = requires::apply("team.view".to_owned()))]
    async fn members(
        &self,
        ctx: &Context<'_>,
        organization_id: Option<ID>,
        search: Option<String>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<MemberConnection> {
        let organization = optional_id("organizationId", organization_id.as_ref())?;
        let after = match after.as_deref().map(|after| after.split_once('/')) {
            None => None,
            Some(Some((id, name))) if let Ok(id) = id.parse() => Some((name.to_owned(), id)),
            Some(_) => return Err(Error::invalid("after", "NOT_A_CURSOR", "This is not a cursor that we gave.").into()),
        };
        let page = Page { first: count("first", first)?, after };
        let found =
            member::members(services(ctx)?, &asking(ctx)?.actor, organization, search.as_deref(), &page).await?;
        let rows: Result<Vec<_>> = found
            .rows
            .into_iter()
            .map(|row| Ok((format!("{}/{}", row.membership.id, row.search), Member::of(ctx, row)?)))
            .collect();
        Ok(MemberConnection::page(rows?, found.more, page.after.is_some()))
    }

    /// Invitations that are open, or have run out within 30 days, newest first; to the agency itself when the
    /// organization is left out.
    #[graphql(directive = requires::apply("team.view".to_owned()))]
    async fn invitations(
        &self,
        ctx: &Context<'_>,
        organization_id: Option<ID>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<InvitationConnection> {
        let organization = optional_id("organizationId", organization_id.as_ref())?;
        let page = page_by_id(first, after.as_deref())?;
        let found = invitation::invitations(services(ctx)?, &asking(ctx)?.actor, organization, &page).await?;
        let rows: Result<Vec<_>> =
            found.rows.into_iter().map(|row| Ok((row.id.to_string(), Invitation::of(ctx, row)?))).collect();
        Ok(InvitationConnection::page(rows?, found.more, page.after.is_some()))
    }

    /// What an invitation's link opens. NOT_FOUND with INVITATION_SPENT when it was used, withdrawn, has run out or never
    /// was.
    #[graphql(directive = public::apply())]
    async fn invitation(&self, ctx: &Context<'_>, token: String) -> Result<InvitationOffer> {
        let offer = invitation::offer(services(ctx)?, &asking(ctx)?.origin, &token).await?;
        Ok(InvitationOffer {
            email: offer.invitation.email,
            name: offer.invitation.name,
            place: offer.place,
            role: offer.role,
            inviter: offer.inviter,
            expires_at: offer.invitation.expires_at.into(),
            has_account: offer.has_account,
        })
    }
}

/// Changes of teams.
#[derive(Default)]
pub struct PeopleMutation;

async fn change(ctx: &Context<'_>, membership_id: &ID, change: MemberChange) -> Result<Member> {
    let membership = id("membershipId", membership_id)?;
    Member::of(ctx, member::change(services(ctx)?, &asking(ctx)?.actor, membership, change).await?)
}

#[Object]
impl PeopleMutation {
    /// Invites somebody to an organization, or to the staff when it is left out, which needs `staff.manage`. The same
    /// answer whether or not the agency knows the address. CONFLICT with ALREADY_MEMBER or ALREADY_INVITED; FORBIDDEN with
    /// CANNOT_GRANT: nobody gives more than they may do themselves; INVALID with ROLE_NOT_FOR_THIS.
    #[graphql(directive = requires::apply("team.invite".to_owned()))]
    #[expect(clippy::too_many_arguments, reason = "these are the arguments on the wire")]
    async fn invite_member(
        &self,
        ctx: &Context<'_>,
        client_id: String,
        organization_id: Option<ID>,
        email: String,
        name: Option<String>,
        role_id: ID,
        ai_agent_ids: Option<Vec<ID>>,
        organization_ids: Option<Vec<ID>>,
    ) -> Result<Invitation> {
        let organization = optional_id("organizationId", organization_id.as_ref())?;
        let wanted = Wanted {
            email,
            name,
            role: id("roleId", &role_id)?,
            ai_agents: optional_ids("aiAgentIds", ai_agent_ids.as_deref())?,
            organizations: optional_ids("organizationIds", organization_ids.as_deref())?,
        };
        let (services, actor) = (services(ctx)?, &asking(ctx)?.actor);
        Invitation::of(ctx, invitation::invite(services, actor, &client_id, organization, wanted).await?)
    }

    /// Sends an invitation again, with a new link for another seven days. The old link is dead.
    #[graphql(directive = requires::apply("team.invite".to_owned()))]
    async fn resend_invitation(&self, ctx: &Context<'_>, invitation_id: ID) -> Result<Invitation> {
        let id = id("invitationId", &invitation_id)?;
        Invitation::of(ctx, invitation::resend(services(ctx)?, &asking(ctx)?.actor, id).await?)
    }

    /// Withdraws an invitation: its link is dead.
    #[graphql(directive = requires::apply("team.invite".to_owned()))]
    async fn revoke_invitation(&self, ctx: &Context<'_>, invitation_id: ID) -> Result<Invitation> {
        let id = id("invitationId", &invitation_id)?;
        Invitation::of(ctx, invitation::revoke(services(ctx)?, &asking(ctx)?.actor, id).await?)
    }

    /// Accepts an invitation and signs in: with name and password for a new account, with the password, and a code, of the
    /// one that the agency knows. NOT_FOUND with INVITATION_SPENT; INVALID with PASSWORD_TOO_WEAK; UNAUTHENTICATED with
    /// WRONG_CREDENTIALS or SECOND_FACTOR_REQUIRED; FORBIDDEN with INVITER_LACKS.
    #[graphql(directive = public::apply())]
    async fn accept_invitation(
        &self,
        ctx: &Context<'_>,
        token: String,
        name: Option<String>,
        password: String,
        code: Option<String>,
    ) -> Result<SignIn> {
        let asking = asking(ctx)?;
        asking.must_set_cookies()?;
        let shown = Shown { password: &password, code: code.as_deref(), new_password: None };
        let signed_in = invitation::accept(services(ctx)?, &asking.origin, &token, name.as_deref(), shown).await?;
        SignIn::of(ctx, signed_in)
    }

    /// Makes somebody a member at once: with a new account, whose password is shown here and handed over by other means,
    /// or with the one that the agency knows. Refused as `inviteMember` is.
    #[graphql(directive = requires::apply("team.invite".to_owned()))]
    #[expect(clippy::too_many_arguments, reason = "these are the arguments on the wire")]
    async fn create_member(
        &self,
        ctx: &Context<'_>,
        client_id: String,
        organization_id: Option<ID>,
        email: String,
        name: String,
        role_id: ID,
        ai_agent_ids: Option<Vec<ID>>,
        organization_ids: Option<Vec<ID>>,
    ) -> Result<CreatedMember> {
        let organization = optional_id("organizationId", organization_id.as_ref())?;
        let wanted = Wanted {
            email,
            name: Some(name),
            role: id("roleId", &role_id)?,
            ai_agents: optional_ids("aiAgentIds", ai_agent_ids.as_deref())?,
            organizations: optional_ids("organizationIds", organization_ids.as_deref())?,
        };
        let (services, actor) = (services(ctx)?, &asking(ctx)?.actor);
        let created = member::create(services, actor, &client_id, organization, wanted).await?;
        Ok(CreatedMember { member: Member::of(ctx, created.member)?, password: created.password })
    }

    /// Gives a member another role. CONFLICT with LAST_OWNER; FORBIDDEN with CANNOT_GRANT, or with CANNOT_CHANGE for
    /// somebody who may do more than the viewer.
    #[graphql(directive = requires::apply("team.set_roles".to_owned()))]
    async fn set_member_role(&self, ctx: &Context<'_>, membership_id: ID, role_id: ID) -> Result<Member> {
        change(ctx, &membership_id, MemberChange::Role(id("roleId", &role_id)?)).await
    }

    /// Says whether a member reaches only the AI agents on a list, which begins empty.
    #[graphql(directive = requires::apply("team.set_roles".to_owned()))]
    async fn limit_member_to_ai_agents(&self, ctx: &Context<'_>, membership_id: ID, limited: bool) -> Result<Member> {
        change(ctx, &membership_id, MemberChange::LimitedToAiAgents(limited)).await
    }

    /// Puts an AI agent on a member's list.
    #[graphql(directive = requires::apply("team.set_roles".to_owned()))]
    async fn add_member_ai_agent(&self, ctx: &Context<'_>, membership_id: ID, ai_agent_id: ID) -> Result<Member> {
        change(ctx, &membership_id, MemberChange::AiAgent(id("aiAgentId", &ai_agent_id)?, true)).await
    }

    /// Takes an AI agent off a member's list.
    #[graphql(directive = requires::apply("team.set_roles".to_owned()))]
    async fn remove_member_ai_agent(&self, ctx: &Context<'_>, membership_id: ID, ai_agent_id: ID) -> Result<Member> {
        change(ctx, &membership_id, MemberChange::AiAgent(id("aiAgentId", &ai_agent_id)?, false)).await
    }

    /// Says whether a member of the staff reaches only the organizations on a list. CONFLICT with NOT_STAFF for others.
    #[graphql(directive = requires::apply("staff.manage".to_owned()))]
    async fn limit_member_to_organizations(
        &self,
        ctx: &Context<'_>,
        membership_id: ID,
        limited: bool,
    ) -> Result<Member> {
        change(ctx, &membership_id, MemberChange::LimitedToOrganizations(limited)).await
    }

    /// Puts an organization on the list of a member of the staff.
    #[graphql(directive = requires::apply("staff.manage".to_owned()))]
    async fn add_member_organization(
        &self,
        ctx: &Context<'_>,
        membership_id: ID,
        organization_id: ID,
    ) -> Result<Member> {
        change(ctx, &membership_id, MemberChange::Organization(id("organizationId", &organization_id)?, true)).await
    }

    /// Takes an organization off the list of a member of the staff.
    #[graphql(directive = requires::apply("staff.manage".to_owned()))]
    async fn remove_member_organization(
        &self,
        ctx: &Context<'_>,
        membership_id: ID,
        organization_id: ID,
    ) -> Result<Member> {
        change(ctx, &membership_id, MemberChange::Organization(id("organizationId", &organization_id)?, false)).await
    }

    /// Suspends a member: streams close and claims go back to the queue at once. CONFLICT with LAST_OWNER; FORBIDDEN with
    /// CANNOT_CHANGE.
    #[graphql(directive = requires::apply("team.remove".to_owned()))]
    async fn suspend_member(&self, ctx: &Context<'_>, membership_id: ID) -> Result<Member> {
        change(ctx, &membership_id, MemberChange::Suspended(true)).await
    }

    /// Lets a suspended member count again.
    #[graphql(directive = requires::apply("team.remove".to_owned()))]
    async fn resume_member(&self, ctx: &Context<'_>, membership_id: ID) -> Result<Member> {
        change(ctx, &membership_id, MemberChange::Suspended(false)).await
    }

    /// Removes a member: streams close and claims go back to the queue at once, and whoever belongs nowhere any more is
    /// signed out everywhere. One's own membership: leaving. CONFLICT with LAST_OWNER; FORBIDDEN with CANNOT_CHANGE.
    #[graphql(directive = requires::apply("team.remove".to_owned()))]
    async fn remove_member(&self, ctx: &Context<'_>, membership_id: ID) -> Result<bool> {
        let id = id("membershipId", &membership_id)?;
        member::remove(services(ctx)?, &asking(ctx)?.actor, id).await?;
        Ok(true)
    }

    /// Takes the second factor of somebody who has lost phone and recovery codes. All their sessions end.
    #[graphql(directive = requires::apply("staff.manage".to_owned()))]
    async fn reset_member_second_factor(&self, ctx: &Context<'_>, membership_id: ID) -> Result<Member> {
        change(ctx, &membership_id, MemberChange::NoSecondFactor).await
    }

    /// Says whether the agency demands a second factor of everybody. Whoever has none has no memberships until it is set
    /// up.
    #[graphql(directive = requires::apply("staff.manage".to_owned()))]
    async fn set_second_factor_demanded(&self, ctx: &Context<'_>, demanded: bool) -> Result<Agency> {
        Ok(Agency::of(factor::demand(services(ctx)?, &asking(ctx)?.actor, demanded).await?))
    }

    /// Asks for a letter with a link to choose a new password. Always true: whether there is such an account is not told.
    #[graphql(directive = public::apply())]
    async fn request_password_reset(&self, ctx: &Context<'_>, email: String) -> Result<bool> {
        reset::request(services(ctx)?, &asking(ctx)?.origin, &email).await?;
        Ok(true)
    }

    /// Sets a new password by the link of a letter. All sessions end. NOT_FOUND with RESET_SPENT; INVALID with
    /// PASSWORD_TOO_WEAK.
    #[graphql(directive = public::apply())]
    async fn reset_password(&self, ctx: &Context<'_>, token: String, password: String) -> Result<bool> {
        reset::reset(services(ctx)?, &asking(ctx)?.origin, &token, &password).await?;
        Ok(true)
    }

    /// Confirms a change of address at one of its two ends. NOT_FOUND with ADDRESS_CHANGE_SPENT; CONFLICT with
    /// ADDRESS_TAKEN.
    #[graphql(directive = public::apply())]
    async fn confirm_address_change(&self, ctx: &Context<'_>, token: String) -> Result<AddressChangeState> {
        let state = account::confirm_address_change(services(ctx)?, &asking(ctx)?.origin, &token).await?;
        Ok(match state {
            people::AddressChange::WaitingForOther => AddressChangeState::WaitingForOther,
            people::AddressChange::Done => AddressChangeState::Done,
        })
    }
}
