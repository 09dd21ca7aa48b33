//! Teams: members as they are looked after, and the invitations to become one.

use std::collections::HashMap;

use super::access::{Row, complete, raise_authority};
use super::{Reads, Write, fail, on, row};
use crate::domain::id::{AgencyId, AiAgentId, InvitationId, MembershipId, OrganizationId, UserId};
use crate::domain::page::{Page, Rows};
use crate::domain::people::{Invitation, InvitationState, Member, owner_key};
use crate::domain::tenant::User;
use crate::domain::text::searchable;
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::policy::Scope;

struct MemberRow {
    id: MembershipId,
    agency: AgencyId,
    organization: Option<OrganizationId>,
    user: UserId,
    role: String,
    all_organizations: bool,
    all_ai_agents: bool,
    suspended_at: Option<Time>,
    created_at: Time,
    name: String,
    email: String,
    search: String,
    must_change_password: bool,
    last_seen_at: Option<Time>,
    has_second_factor: bool,
    other_owners: i64,
}

row!(MemberRow {
    id: "id",
    agency: "agency_id",
    organization: "organization_id",
    user: "user_id",
    role: "role",
    all_organizations: "all_organizations",
    all_ai_agents: "all_ai_agents",
    suspended_at: "suspended_at",
    created_at: "created_at",
    name: "name",
    email: "email",
    search: "search",
    must_change_password: "must_change_password",
    last_seen_at: "last_seen_at",
    has_second_factor: "has_second_factor",
    other_owners: "other_owners",
});

/// What is read of a member, once. What costs a look-up of its own is read of the rows of one page alone.
macro_rules! member {
    ($which:literal) => {
        concat!(
            "select m.id, m.agency_id, m.organization_id, m.user_id, m.role, m.all_organizations, m.all_ai_agents, \
             m.suspended_at, m.created_at, u.name, u.email, u.search, u.must_change_password, \
             (select max(s.last_used_at) from sessions s where s.user_id = m.user_id) as last_seen_at, \
             exists (select 1 from second_factors f where f.user_id = m.user_id and f.confirmed_at is not null) as has_second_factor, \
             (select count(*) from memberships o where o.agency_id = m.agency_id and o.role = m.role \
              and (o.organization_id = m.organization_id or (o.organization_id is null and m.organization_id is null)) \
              and o.suspended_at is null and o.id <> m.id) as other_owners \
             from memberships m join users u on u.agency_id = m.agency_id and u.id = m.user_id \
             where m.agency_id = $1 and m.id in ",
            $which,
            " order by u.search, m.id"
        )
    };
}

async fn whole(db: &mut impl Reads, rows: Vec<MemberRow>) -> Result<Vec<Member>> {
    let bare: Vec<Row> = rows
        .iter()
        .map(|r| (r.id, r.agency, r.organization, r.user, r.role.clone(), r.all_organizations, r.all_ai_agents))
        .collect();
    let memberships = complete(db, bare).await?;
    Ok(rows
        .into_iter()
        .zip(memberships)
        .map(|(row, (_, membership))| Member {
            is_last_owner: row.role == owner_key(row.organization)
                && row.suspended_at.is_none()
                && row.other_owners == 0,
            user: User { id: row.user, agency: row.agency, name: row.name, email: row.email },
            membership,
            suspended_at: row.suspended_at,
            created_at: row.created_at,
            last_seen_at: row.last_seen_at,
            has_second_factor: row.has_second_factor,
            must_change_password: row.must_change_password,
            search: row.search,
        })
        .collect())
}

/// A text to look for, as `like` wants it.
fn pattern(search: Option<&str>) -> Option<String> {
    search.map(searchable).filter(|text| !text.is_empty()).map(|text| {
        let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        format!("%{escaped}%")
    })
}

/// Members of an organization, or of the agency itself, by name.
pub async fn members(
    db: &mut impl Reads,
    scope: &Scope,
    organization: Option<OrganizationId>,
    search: Option<&str>,
    page: &Page<(String, MembershipId)>,
) -> Result<Rows<Member>> {
    let pattern = pattern(search);
    let (after, after_id) = page.after.clone().unzip();
    let rows: Vec<MemberRow> = on!(db, c => sqlx::query_as(member!(
        "(select k.id from memberships k join users v on v.agency_id = k.agency_id and v.id = k.user_id \
          where k.agency_id = $1 and (k.organization_id = $2 or ($2 is null and k.organization_id is null)) \
          and ($3 is null or v.search like $3 escape '\\') \
          and ($4 is null or (v.search, k.id) > ($4, $5)) \
          order by v.search, k.id limit $6)"))
        .bind(scope.agency()).bind(organization).bind(&pattern).bind(&after).bind(after_id).bind(page.first as i64 + 1)
        .fetch_all(&mut *c).await)
    .map_err(fail)?;
    let found = Rows::cut(rows, page.first);
    Ok(Rows { rows: whole(db, found.rows).await?, more: found.more })
}

/// One member.
pub async fn member(db: &mut impl Reads, scope: &Scope, id: MembershipId) -> Result<Member> {
    let rows: Vec<MemberRow> = on!(db, c => sqlx::query_as(member!("($2)"))
        .bind(scope.agency()).bind(id).fetch_all(&mut *c).await)
    .map_err(fail)?;
    whole(db, rows).await?.pop().ok_or_else(|| Error::not_found("membership"))
}

/// The membership that a user has in a place, suspended or not.
pub async fn membership_in(
    db: &mut impl Reads,
    scope: &Scope,
    organization: Option<OrganizationId>,
    user: UserId,
) -> Result<Option<MembershipId>> {
    let found: Option<(MembershipId,)> = on!(db, c => sqlx::query_as(
        "select id from memberships where agency_id = $1 and user_id = $3 \
         and (organization_id = $2 or ($2 is null and organization_id is null)) order by id limit 1")
        .bind(scope.agency()).bind(organization).bind(user).fetch_optional(&mut *c).await)
    .map_err(fail)?;
    Ok(found.map(|(id,)| id))
}

/// Makes all changes of one team wait for each other until the unit ends: that the last owner stays is a rule over several
/// rows, and no condition on one of them can keep it.
pub async fn lock_team(db: &mut Write, scope: &Scope, organization: Option<OrganizationId>) -> Result<()> {
    match organization {
        Some(organization) => {
            on!(db, c => sqlx::query("update organizations set name = name where agency_id = $1 and id = $2")
            .bind(scope.agency()).bind(organization).execute(&mut *c).await.map(|_| ()))
        }
        None => on!(db, c => sqlx::query("update agencies set name = name where id = $1")
            .bind(scope.agency()).execute(&mut *c).await.map(|_| ())),
    }
    .map_err(fail)
}

/// Gives a membership another role.
pub async fn set_role(db: &mut Write, scope: &Scope, id: MembershipId, role: &str) -> Result<()> {
    on!(db, c => sqlx::query("update memberships set role = $3 where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(id).bind(role).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)?;
    raise_authority(db).await
}

/// Suspends a membership, or lets it count again.
pub async fn set_suspended(db: &mut Write, scope: &Scope, id: MembershipId, since: Option<Time>) -> Result<()> {
    on!(db, c => sqlx::query("update memberships set suspended_at = $3 where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(id).bind(since).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)?;
    raise_authority(db).await
}

/// Says whether a membership reaches all AI agents and all organizations, or those on its lists.
pub async fn set_limits(
    db: &mut Write,
    scope: &Scope,
    id: MembershipId,
    all_organizations: bool,
    all_ai_agents: bool,
) -> Result<()> {
    on!(db, c => sqlx::query("update memberships set all_organizations = $3, all_ai_agents = $4 where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(id).bind(all_organizations).bind(all_ai_agents).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)?;
    raise_authority(db).await
}

/// Puts an AI agent on the list of a membership, or takes it off.
pub async fn list_ai_agent(
    db: &mut Write,
    scope: &Scope,
    id: MembershipId,
    ai_agent: AiAgentId,
    listed: bool,
) -> Result<()> {
    let statement = if listed {
        "insert into membership_ai_agents (agency_id, membership_id, ai_agent_id) values ($1, $2, $3) \
         on conflict (membership_id, ai_agent_id) do nothing"
    } else {
        "delete from membership_ai_agents where agency_id = $1 and membership_id = $2 and ai_agent_id = $3"
    };
    on!(db, c => sqlx::query(statement).bind(scope.agency()).bind(id).bind(ai_agent).execute(&mut *c).await.map(|_| ()))
        .map_err(fail)?;
    raise_authority(db).await
}

/// Puts an organization on the list of a membership, or takes it off.
pub async fn list_organization(
    db: &mut Write,
    scope: &Scope,
    id: MembershipId,
    organization: OrganizationId,
    listed: bool,
) -> Result<()> {
    let statement = if listed {
        "insert into membership_organizations (agency_id, membership_id, organization_id) values ($1, $2, $3) \
         on conflict (membership_id, organization_id) do nothing"
    } else {
        "delete from membership_organizations where agency_id = $1 and membership_id = $2 and organization_id = $3"
    };
    on!(db, c => sqlx::query(statement).bind(scope.agency()).bind(id).bind(organization).execute(&mut *c).await.map(|_| ()))
        .map_err(fail)?;
    raise_authority(db).await
}

row!(Invitation {
    id: "id",
    agency: "agency_id",
    organization: "organization_id",
    email: "email",
    name: "name",
    role_key: "role",
    organizations: "all_organizations" => |all: bool| (!all).then(Vec::new),
    ai_agents: "all_ai_agents" => |all: bool| (!all).then(Vec::new),
    invited_by: "invited_by",
    state: "state",
    created_at: "created_at",
    sent_at: "sent_at",
    expires_at: "expires_at",
});

/// The columns of an invitation, once.
macro_rules! invitation {
    ($rest:literal) => {
        concat!(
            "select id, agency_id, organization_id, email, name, role, all_organizations, all_ai_agents, invited_by, state, \
             created_at, sent_at, expires_at from invitations ",
            $rest
        )
    };
}

async fn with_lists(db: &mut impl Reads, mut rows: Vec<Invitation>) -> Result<Vec<Invitation>> {
    let limited = |has: fn(&Invitation) -> bool| -> Vec<InvitationId> {
        rows.iter().filter(|row| has(row)).map(|row| row.id).collect()
    };
    let ids = limited(|row| row.organizations.is_some());
    let mut organizations: HashMap<InvitationId, Vec<OrganizationId>> = HashMap::new();
    if !ids.is_empty() {
        let found: Vec<(InvitationId, OrganizationId)> = on!(db, c => sqlx::query_as(
            "select invitation_id, organization_id from invitation_organizations \
             where invitation_id in (select value from json_each($1)) order by organization_id")
            .bind(super::types::list(&ids)).fetch_all(&mut *c).await)
        .map_err(fail)?;
        found.into_iter().for_each(|(id, organization)| organizations.entry(id).or_default().push(organization));
    }
    let ids = limited(|row| row.ai_agents.is_some());
    let mut ai_agents: HashMap<InvitationId, Vec<AiAgentId>> = HashMap::new();
    if !ids.is_empty() {
        let found: Vec<(InvitationId, AiAgentId)> = on!(db, c => sqlx::query_as(
            "select invitation_id, ai_agent_id from invitation_ai_agents \
             where invitation_id in (select value from json_each($1)) order by ai_agent_id")
            .bind(super::types::list(&ids)).fetch_all(&mut *c).await)
        .map_err(fail)?;
        found.into_iter().for_each(|(id, ai_agent)| ai_agents.entry(id).or_default().push(ai_agent));
    }
    for row in &mut rows {
        row.organizations = row.organizations.take().map(|_| organizations.remove(&row.id).unwrap_or_default());
        row.ai_agents = row.ai_agents.take().map(|_| ai_agents.remove(&row.id).unwrap_or_default());
    }
    Ok(rows)
}

/// Invitations to an organization, or to the agency itself, newest first: open ones, and those that ran out after `since`.
pub async fn invitations(
    db: &mut impl Reads,
    scope: &Scope,
    organization: Option<OrganizationId>,
    since: Time,
    page: &Page<InvitationId>,
) -> Result<Rows<Invitation>> {
    let rows = on!(db, c => sqlx::query_as(invitation!(
        "where agency_id = $1 and (organization_id = $2 or ($2 is null and organization_id is null)) \
         and state in ('OPEN', 'EXPIRED') and expires_at > $3 and ($4 is null or id < $4) order by id desc limit $5"))
        .bind(scope.agency()).bind(organization).bind(since).bind(page.after).bind(page.first as i64 + 1)
        .fetch_all(&mut *c).await)
    .map_err(fail)?;
    let found = Rows::cut(rows, page.first);
    Ok(Rows { rows: with_lists(db, found.rows).await?, more: found.more })
}

/// One invitation.
pub async fn invitation(db: &mut impl Reads, scope: &Scope, id: InvitationId) -> Result<Invitation> {
    let found: Option<Invitation> = on!(db, c => sqlx::query_as(invitation!("where agency_id = $1 and id = $2"))
        .bind(scope.agency()).bind(id).fetch_optional(&mut *c).await)
    .map_err(fail)?;
    let found = with_lists(db, found.into_iter().collect()).await?.pop();
    found.ok_or_else(|| Error::not_found("invitation"))
}

/// The text of the place that an invitation is for: an address is invited there once at a time.
fn place(agency: AgencyId, organization: Option<OrganizationId>) -> String {
    organization.map_or_else(|| agency.to_string(), |organization| organization.to_string())
}

/// Keeps a new invitation with the hash of its link. Says whether the address was free: not, while another one is open.
pub async fn insert_invitation(db: &mut Write, new: &Invitation, token_hash: &str) -> Result<bool> {
    let place = place(new.agency, new.organization);
    on!(db, c => sqlx::query(
        "update invitations set state = 'EXPIRED', settled_at = $4 \
         where agency_id = $1 and place = $2 and email = $3 and state = 'OPEN' and expires_at <= $4")
        .bind(new.agency).bind(&place).bind(&new.email).bind(new.created_at).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)?;
    let kept = on!(db, c => sqlx::query(
        "insert into invitations (id, agency_id, organization_id, place, email, name, role, all_organizations, all_ai_agents, \
         invited_by, token_hash, state, created_at, sent_at, expires_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) on conflict do nothing")
        .bind(new.id).bind(new.agency).bind(new.organization).bind(&place).bind(&new.email).bind(&new.name)
        .bind(&new.role_key).bind(new.organizations.is_none()).bind(new.ai_agents.is_none()).bind(new.invited_by)
        .bind(token_hash).bind(new.state).bind(new.created_at).bind(new.sent_at).bind(new.expires_at)
        .execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)?;
    if !kept {
        return Ok(false);
    }
    for organization in new.organizations.iter().flatten() {
        on!(db, c => sqlx::query("insert into invitation_organizations (agency_id, invitation_id, organization_id) values ($1, $2, $3)")
            .bind(new.agency).bind(new.id).bind(organization).execute(&mut *c).await.map(|_| ()))
        .map_err(fail)?;
    }
    for ai_agent in new.ai_agents.iter().flatten() {
        on!(db, c => sqlx::query("insert into invitation_ai_agents (agency_id, invitation_id, ai_agent_id) values ($1, $2, $3)")
            .bind(new.agency).bind(new.id).bind(ai_agent).execute(&mut *c).await.map(|_| ()))
        .map_err(fail)?;
    }
    Ok(true)
}

/// Gives an invitation that is not settled another link: the one before is dead. Says whether it could be.
pub async fn renew_invitation(
    db: &mut Write,
    scope: &Scope,
    id: InvitationId,
    token_hash: &str,
    now: Time,
    expires_at: Time,
) -> Result<bool> {
    on!(db, c => sqlx::query(
        "update invitations set token_hash = $3, sent_at = $4, expires_at = $5 where agency_id = $1 and id = $2 and state = 'OPEN'")
        .bind(scope.agency()).bind(id).bind(token_hash).bind(now).bind(expires_at)
        .execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Withdraws an invitation that is open. Says whether it was.
pub async fn revoke_invitation(db: &mut Write, scope: &Scope, id: InvitationId, now: Time) -> Result<bool> {
    on!(db, c => sqlx::query(
        "update invitations set state = $3, settled_at = $4 where agency_id = $1 and id = $2 and state = 'OPEN'")
        .bind(scope.agency()).bind(id).bind(InvitationState::Revoked).bind(now)
        .execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Uses an invitation up by its link: of any number at once, one is told that it could.
pub async fn redeem_invitation(
    db: &mut Write,
    scope: &Scope,
    id: InvitationId,
    token_hash: &str,
    now: Time,
) -> Result<bool> {
    on!(db, c => sqlx::query(
        "update invitations set state = $4, settled_at = $5 \
         where agency_id = $1 and id = $2 and token_hash = $3 and state = 'OPEN' and expires_at > $5")
        .bind(scope.agency()).bind(id).bind(token_hash).bind(InvitationState::Accepted).bind(now)
        .execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Whether the agency demands a second factor of everybody.
pub async fn demands_second_factor(db: &mut impl Reads, agency: AgencyId) -> Result<bool> {
    let found: Option<(bool,)> =
        on!(db, c => sqlx::query_as("select demands_second_factor from agencies where id = $1")
        .bind(agency).fetch_optional(&mut *c).await)
        .map_err(fail)?;
    Ok(found.is_some_and(|(demanded,)| demanded))
}

/// Says whether the agency demands a second factor of everybody.
pub async fn demand_second_factor(db: &mut Write, scope: &Scope, demanded: bool) -> Result<()> {
    on!(db, c => sqlx::query("update agencies set demands_second_factor = $2 where id = $1")
        .bind(scope.agency()).bind(demanded).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)?;
    raise_authority(db).await
}
