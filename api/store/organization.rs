//! Organizations: their lists, their states, and how one is taken away for good.

use super::{Reads, Write, fail, on, row};
use crate::domain::id::{AgencyId, ConversationId, OrganizationId, VisitorId};
use crate::domain::page::{Page, Rows};
use crate::domain::tenant::{Organization, OrganizationSort, OrganizationState};
use crate::domain::text::searchable;
use crate::domain::time::Time;
use crate::error::Result;
use crate::policy::Scope;

row!(Organization {
    id: "id",
    agency: "agency_id",
    name: "name",
    state: "state",
    language: "language",
    time_zone: "time_zone",
    suspended_at: "suspended_at",
    suspension_reason: "suspension_reason",
    deleted_at: "deleted_at",
    purge_at: "purge_at",
    created_at: "created_at",
    last_activity_at: "last_activity_at",
});

/// The columns of an organization, once. When something last happened is one look into an index for each row shown.
macro_rules! columns {
    ($($after:literal)*) => {
        concat!(
            "select id, agency_id, name, state, language, time_zone, suspended_at, suspension_reason, deleted_at, purge_at, \
             created_at, (select max(c.last_activity_at) from conversations c where c.agency_id = organizations.agency_id \
             and c.organization_id = organizations.id) as last_activity_at from organizations ",
            $($after,)*
        )
    };
}

/// Where a page of organizations goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// After this searched name and id.
    Name(String, OrganizationId),
    /// After this id.
    Created(OrganizationId),
    /// After this last activity (nought for none) and id.
    Activity(Time, OrganizationId),
}

/// What a list of organizations is narrowed to.
#[derive(Debug, Clone)]
pub struct Filter {
    /// With these words in the name.
    pub search: Option<String>,
    /// By what it is ordered.
    pub sort: OrganizationSort,
    /// In one of these states.
    pub states: Vec<OrganizationState>,
}

/// How full an organization is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Memberships.
    pub members: i64,
    /// AI agents assigned to it.
    pub ai_agents: i64,
    /// Requests that wait.
    pub waiting: i64,
}

/// One of the counts.
type Field = fn(&mut Counts) -> &mut i64;

/// Keeps a new organization.
pub async fn insert(db: &mut Write, new: &Organization) -> Result<()> {
    on!(db, c => sqlx::query(
        "insert into organizations (id, agency_id, name, search, state, language, time_zone, created_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8)")
        .bind(new.id).bind(new.agency).bind(&new.name).bind(searchable(&new.name)).bind(new.state)
        .bind(&new.language).bind(&new.time_zone).bind(new.created_at).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Organizations of the scope's agency, of the given ids, those in the bin too.
pub async fn of(db: &mut impl Reads, scope: &Scope, ids: &[OrganizationId]) -> Result<Vec<Organization>> {
    on!(db, c => sqlx::query_as(columns!("where agency_id = $1 and id in (select value from json_each($2))"))
        .bind(scope.agency()).bind(super::types::list(ids)).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// Organizations within the scope. Those in the bin are shown within `bin` alone.
pub async fn organizations(
    db: &mut impl Reads,
    scope: &Scope,
    bin: Option<&Scope>,
    filter: &Filter,
    page: &Page<Place>,
) -> Result<Rows<Organization>> {
    let reach = scope.organizations().map(super::types::list);
    let in_bin = match bin {
        Some(bin) => bin.organizations().map(super::types::list),
        None => Some("[]".to_owned()),
    };
    let states: Vec<String> = filter.states.iter().map(|state| format!("\"{}\"", state.as_str())).collect();
    let states = format!("[{}]", states.join(","));
    let search = filter.search.as_deref().map(searchable).filter(|text| !text.is_empty()).map(|text| {
        let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        format!("%{escaped}%")
    });
    // The cursor is of this order, or it is none.
    let (name, at, id) = match &page.after {
        Some(Place::Name(name, id)) => (Some(name.as_str()), None, Some(*id)),
        Some(Place::Created(id)) => (None, None, Some(*id)),
        Some(Place::Activity(at, id)) => (None, Some(*at), Some(*id)),
        None => (None, None, None),
    };
    macro_rules! narrowed {
        ($($order:literal)*) => {
            columns!(
                "where agency_id = $1 and ($2 is null or id in (select value from json_each($2))) \
                 and state in (select value from json_each($3)) \
                 and (state <> 'DELETED' or $4 is null or id in (select value from json_each($4))) \
                 and ($5 is null or search like $5 escape '\\') "
                $($order)*
            )
        };
    }
    let most = page.first as i64 + 1;
    let rows = on!(db, c => {
        let text = match filter.sort {
            OrganizationSort::Name => narrowed!(
                "and ($7 is null or (search, id) > ($6, $7)) and $8 is null order by search, id limit $9"),
            OrganizationSort::Created => narrowed!(
                "and ($7 is null or id < $7) and $6 is null and $8 is null order by id desc limit $9"),
            OrganizationSort::Activity => ACTIVITY,
        };
        sqlx::query_as(text).bind(scope.agency()).bind(&reach).bind(&states).bind(&in_bin).bind(&search)
            .bind(name).bind(id).bind(at).bind(most).fetch_all(&mut *c).await
    })
    .map_err(fail)?;
    Ok(Rows::cut(rows, page.first))
}

/// Ordered by what is computed for each row, so that all that are in reach are looked at; one look into an index each.
const ACTIVITY: &str = "with all_of_it as (select id, agency_id, name, state, language, time_zone, suspended_at, suspension_reason, \
     deleted_at, purge_at, created_at, search, (select max(c.last_activity_at) from conversations c \
     where c.agency_id = organizations.agency_id and c.organization_id = organizations.id) as last_activity_at \
     from organizations where agency_id = $1) \
     select * from all_of_it where ($2 is null or id in (select value from json_each($2))) \
     and state in (select value from json_each($3)) \
     and (state <> 'DELETED' or $4 is null or id in (select value from json_each($4))) \
     and ($5 is null or search like $5 escape '\\') \
     and $6 is null and ($7 is null or (coalesce(last_activity_at, 0), id) < ($8, $7)) \
     order by coalesce(last_activity_at, 0) desc, id desc limit $9";

/// How full organizations are: three statements, however many there are.
pub async fn counts(
    db: &mut impl Reads,
    scope: &Scope,
    ids: &[OrganizationId],
) -> Result<Vec<(OrganizationId, Counts)>> {
    let list = super::types::list(ids);
    let mut counts: Vec<(OrganizationId, Counts)> = ids.iter().map(|id| (*id, Counts::default())).collect();
    let statements: [(&str, Field); 3] = [
        (
            "select organization_id, count(*) from memberships where agency_id = $1 \
             and organization_id in (select value from json_each($2)) group by organization_id",
            |counts| &mut counts.members,
        ),
        (
            "select organization_id, count(*) from ai_agents where agency_id = $1 and deleted_at is null \
             and organization_id in (select value from json_each($2)) group by organization_id",
            |counts| &mut counts.ai_agents,
        ),
        (
            "select organization_id, count(*) from handoffs where agency_id = $1 and state = 'REQUESTED' \
             and organization_id in (select value from json_each($2)) group by organization_id",
            |counts| &mut counts.waiting,
        ),
    ];
    for (statement, field) in statements {
        let found: Vec<(OrganizationId, i64)> =
            on!(db, c => sqlx::query_as(statement).bind(scope.agency()).bind(&list).fetch_all(&mut *c).await)
                .map_err(fail)?;
        for (organization, count) in found {
            if let Some((_, counts)) = counts.iter_mut().find(|(id, _)| *id == organization) {
                *field(counts) = count;
            }
        }
    }
    Ok(counts)
}

/// Changes the name.
pub async fn rename(db: &mut Write, scope: &Scope, id: OrganizationId, name: &str) -> Result<()> {
    on!(db, c => sqlx::query("update organizations set name = $3, search = $4 where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(id).bind(name).bind(searchable(name)).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Suspends an organization that is at work. Says whether it was. Its row stays locked until the unit ends: whoever is
/// about to ask for a human there waits, and finds it suspended.
pub async fn suspend(db: &mut Write, scope: &Scope, id: OrganizationId, reason: &str, now: Time) -> Result<bool> {
    on!(db, c => sqlx::query(
        "update organizations set state = 'SUSPENDED', suspended_at = $3, suspension_reason = $4 \
         where agency_id = $1 and id = $2 and state = 'ACTIVE'")
        .bind(scope.agency()).bind(id).bind(now).bind(reason).execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Puts a suspended organization back to work. Says whether it was suspended.
pub async fn resume(db: &mut Write, scope: &Scope, id: OrganizationId) -> Result<bool> {
    on!(db, c => sqlx::query(
        "update organizations set state = 'ACTIVE', suspended_at = null, suspension_reason = null \
         where agency_id = $1 and id = $2 and state = 'SUSPENDED'")
        .bind(scope.agency()).bind(id).execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Puts an organization into the bin. Says whether it was not there yet.
pub async fn delete(db: &mut Write, scope: &Scope, id: OrganizationId, now: Time, purge_at: Time) -> Result<bool> {
    on!(db, c => sqlx::query(
        "update organizations set state = 'DELETED', deleted_at = $3, purge_at = $4 \
         where agency_id = $1 and id = $2 and state <> 'DELETED'")
        .bind(scope.agency()).bind(id).bind(now).bind(purge_at).execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Takes an organization out of the bin, as suspended as it was. Says whether it was there and could be.
pub async fn restore(db: &mut Write, scope: &Scope, id: OrganizationId, now: Time) -> Result<bool> {
    on!(db, c => sqlx::query(
        "update organizations set state = case when suspended_at is null then 'ACTIVE' else 'SUSPENDED' end, \
         deleted_at = null, purge_at = null where agency_id = $1 and id = $2 and state = 'DELETED' and purge_at > $3")
        .bind(scope.agency()).bind(id).bind(now).execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Whether requests and chats may begin there now: the organization is at work, and the AI agent is assigned to it. Both
/// stay so until the unit ends.
pub async fn hold_open(
    db: &mut Write,
    scope: &Scope,
    organization: OrganizationId,
    ai_agent: crate::domain::id::AiAgentId,
) -> Result<bool> {
    super::dialect::hold_open(db, scope, organization, ai_agent).await
}

/// An organization of any agency whose time in the bin is over: whose it is, nothing more.
pub async fn to_purge(db: &mut impl Reads, now: Time) -> Result<Option<(AgencyId, OrganizationId)>> {
    on!(db, c => sqlx::query_as(
        "select agency_id, id from organizations where state = 'DELETED' and purge_at <= $1 order by purge_at, id limit 1")
        .bind(now).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// Notes that the purge has begun: from here on nothing is restored.
pub async fn begin_purge(db: &mut Write, scope: &Scope, id: OrganizationId, now: Time) -> Result<bool> {
    on!(db, c => sqlx::query(
        "update organizations set purge_at = 0 where agency_id = $1 and id = $2 and state = 'DELETED' and purge_at <= $3")
        .bind(scope.agency()).bind(id).bind(now).execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// What goes with an organization, table by table, in an order that the foreign keys allow: each statement takes at most
/// `$3` rows. A new table that belongs to organizations, memberships or conversations needs a line; a test says so.
/// Conversations have [`purge_conversations`]; AI agents stay and become unassigned; the audit log stays.
pub const PURGED: &[(&str, &str)] = &[
    (
        "keyword_hits",
        "delete from keyword_hits where agency_id = $1 and id in (select h.id from keyword_hits h join keyword_alerts k \
         on k.agency_id = h.agency_id and k.id = h.alert_id where h.agency_id = $1 and k.organization_id = $2 limit $3)",
    ),
    (
        "keyword_alerts",
        "delete from keyword_alerts where agency_id = $1 and id in (select id from keyword_alerts \
         where agency_id = $1 and organization_id = $2 limit $3)",
    ),
    (
        "webhook_deliveries",
        "delete from webhook_deliveries where agency_id = $1 and id in (select id from webhook_deliveries \
         where agency_id = $1 and organization_id = $2 limit $3)",
    ),
    (
        "webhook_secrets",
        "delete from webhook_secrets where agency_id = $1 and (webhook_id, number) in (select k.webhook_id, k.number \
         from webhook_secrets k join webhooks w on w.agency_id = k.agency_id and w.id = k.webhook_id \
         where k.agency_id = $1 and w.organization_id = $2 limit $3)",
    ),
    (
        "webhooks",
        "delete from webhooks where agency_id = $1 and id in (select id from webhooks where agency_id = $1 and organization_id = $2 limit $3)",
    ),
    (
        "api_keys",
        "delete from api_keys where agency_id = $1 and id in (select id from api_keys where agency_id = $1 and organization_id = $2 limit $3)",
    ),
    (
        "notifications",
        "delete from notifications where agency_id = $1 and id in (select id from notifications where agency_id = $1 and organization_id = $2 limit $3)",
    ),
    (
        "push_messages",
        "delete from push_messages where agency_id = $1 and id in (select p.id from push_messages p join notification_decisions d \
         on d.agency_id = p.agency_id and d.id = p.decision_id where p.agency_id = $1 and d.organization_id = $2 limit $3)",
    ),
    (
        "notification_decisions",
        "delete from notification_decisions where agency_id = $1 and id in (select id from notification_decisions \
         where agency_id = $1 and organization_id = $2 limit $3)",
    ),
    (
        "notification_defaults",
        "delete from notification_defaults where agency_id = $1 and organization_id in (select organization_id from notification_defaults \
         where agency_id = $1 and organization_id = $2 limit $3)",
    ),
    (
        "rehearsals",
        "delete from rehearsals where agency_id = $1 and id in (select id from rehearsals where agency_id = $1 and organization_id = $2 limit $3)",
    ),
    (
        "coverage_users",
        "delete from coverage_users where agency_id = $1 and (coverage_id, user_id) in (select u.coverage_id, u.user_id \
         from coverage_users u join coverages k on k.agency_id = u.agency_id and k.id = u.coverage_id \
         where u.agency_id = $1 and k.organization_id = $2 limit $3)",
    ),
    (
        "coverages",
        "delete from coverages where agency_id = $1 and id in (select id from coverages where agency_id = $1 and organization_id = $2 limit $3)",
    ),
    (
        "images",
        "delete from images where agency_id = $1 and id in (select id from images where agency_id = $1 and organization_id = $2 limit $3)",
    ),
    (
        "invitation_ai_agents",
        "delete from invitation_ai_agents where agency_id = $1 and (invitation_id, ai_agent_id) in (select l.invitation_id, \
         l.ai_agent_id from invitation_ai_agents l join invitations i on i.id = l.invitation_id \
         where i.agency_id = $1 and i.organization_id = $2 limit $3)",
    ),
    (
        "invitation_organizations",
        "delete from invitation_organizations where agency_id = $1 and (invitation_id, organization_id) in (select invitation_id, \
         organization_id from invitation_organizations where agency_id = $1 and organization_id = $2 limit $3)",
    ),
    (
        "invitations",
        "delete from invitations where agency_id = $1 and id in (select id from invitations \
         where agency_id = $1 and organization_id = $2 limit $3)",
    ),
    (
        "business_hours_calendars",
        "delete from business_hours_calendars where agency_id = $1 and (place_id, calendar_id) in (select l.place_id, \
         l.calendar_id from business_hours_calendars l join business_hours h on h.place_id = l.place_id \
         where h.agency_id = $1 and h.organization_id = $2 and h.ai_agent_id is null limit $3)",
    ),
    (
        "business_hours",
        "delete from business_hours where agency_id = $1 and place_id in (select place_id from business_hours \
         where agency_id = $1 and organization_id = $2 and ai_agent_id is null limit $3)",
    ),
    (
        "organization_settings",
        "delete from organization_settings where agency_id = $1 and (organization_id, key) in (select organization_id, key \
         from organization_settings where agency_id = $1 and organization_id = $2 limit $3)",
    ),
    (
        "membership_ai_agents",
        "delete from membership_ai_agents where agency_id = $1 and (membership_id, ai_agent_id) in (select l.membership_id, \
         l.ai_agent_id from membership_ai_agents l join memberships m on m.id = l.membership_id \
         where m.agency_id = $1 and m.organization_id = $2 limit $3)",
    ),
    (
        "membership_organizations",
        "delete from membership_organizations where agency_id = $1 and (membership_id, organization_id) in (select membership_id, \
         organization_id from membership_organizations where agency_id = $1 and organization_id = $2 limit $3)",
    ),
    (
        "memberships",
        "delete from memberships where agency_id = $1 and id in (select id from memberships \
         where agency_id = $1 and organization_id = $2 limit $3)",
    ),
    (
        "mails",
        "delete from mails where agency_id = $1 and id in (select id from mails where agency_id = $1 and organization_id = $2 limit $3)",
    ),
    (
        "files",
        "delete from files where agency_id = $1 and id in (select id from files where agency_id = $1 and organization_id = $2 limit $3)",
    ),
    (
        "file_rooms",
        "delete from file_rooms where agency_id = $1 and organization_id in (select organization_id from file_rooms \
         where agency_id = $1 and organization_id = $2 limit $3)",
    ),
    (
        "blocks",
        "delete from blocks where agency_id = $1 and id in (select id from blocks where agency_id = $1 and organization_id = $2 limit $3)",
    ),
    (
        "visitor_identities",
        "delete from visitor_identities where agency_id = $1 and (widget_id, place, external_id) in (select widget_id, place, \
         external_id from visitor_identities where agency_id = $1 and place = $2 limit $3)",
    ),
    (
        "note_mentions",
        "delete from note_mentions where agency_id = $1 and (note_id, user_id) in (select l.note_id, l.user_id from note_mentions l \
         join notes n on n.id = l.note_id join conversations c on c.id = n.conversation_id \
         where c.agency_id = $1 and c.organization_id = $2 limit $3)",
    ),
    (
        "notes",
        "delete from notes where agency_id = $1 and id in (select n.id from notes n join conversations c \
         on c.id = n.conversation_id where c.agency_id = $1 and c.organization_id = $2 limit $3)",
    ),
    (
        "message_texts",
        "delete from message_texts where agency_id = $1 and (message_id, version) in (select t.message_id, t.version \
         from message_texts t join conversations c on c.id = t.conversation_id \
         where c.agency_id = $1 and c.organization_id = $2 limit $3)",
    ),
    (
        "conversation_tags",
        "delete from conversation_tags where agency_id = $1 and (conversation_id, tag) in (select t.conversation_id, t.tag \
         from conversation_tags t join conversations c on c.id = t.conversation_id \
         where c.agency_id = $1 and c.organization_id = $2 limit $3)",
    ),
    (
        "suggestions",
        "delete from suggestions where agency_id = $1 and id in (select x.id from suggestions x join conversations c \
         on c.id = x.conversation_id where c.agency_id = $1 and c.organization_id = $2 limit $3)",
    ),
    (
        "canned_replies",
        "delete from canned_replies where agency_id = $1 and id in (select id from canned_replies \
         where agency_id = $1 and organization_id = $2 limit $3)",
    ),
    (
        "organization_ladders",
        "delete from organization_ladders where agency_id = $1 and organization_id in (select organization_id from organization_ladders \
         where agency_id = $1 and organization_id = $2 limit $3)",
    ),
    (
        "resume_links",
        "delete from resume_links where agency_id = $1 and token_hash in (select l.token_hash from resume_links l \
         join offline_queries q on q.id = l.offline_query_id where q.agency_id = $1 and q.organization_id = $2 limit $3)",
    ),
    (
        "offline_query_steps",
        "delete from offline_query_steps where agency_id = $1 and (offline_query_id, rev) in (select l.offline_query_id, l.rev \
         from offline_query_steps l join offline_queries q on q.id = l.offline_query_id \
         where q.agency_id = $1 and q.organization_id = $2 limit $3)",
    ),
    (
        "offline_queries",
        "delete from offline_queries where agency_id = $1 and id in (select id from offline_queries \
         where agency_id = $1 and organization_id = $2 limit $3)",
    ),
    (
        "inbound_mails",
        "delete from inbound_mails where agency_id = $1 and (conversation_id, message_hash) in (select l.conversation_id, \
         l.message_hash from inbound_mails l join conversations c on c.id = l.conversation_id \
         where c.agency_id = $1 and c.organization_id = $2 limit $3)",
    ),
    (
        "unseen_notices",
        "delete from unseen_notices where agency_id = $1 and (conversation_id, user_id) in (select l.conversation_id, \
         l.user_id from unseen_notices l join conversations c on c.id = l.conversation_id \
         where c.agency_id = $1 and c.organization_id = $2 limit $3)",
    ),
    (
        "handoff_steps",
        "delete from handoff_steps where agency_id = $1 and (handoff_id, round, step, channel) in (select l.handoff_id, l.round, \
         l.step, l.channel from handoff_steps l join handoffs h on h.id = l.handoff_id \
         where h.agency_id = $1 and h.organization_id = $2 limit $3)",
    ),
    (
        "messages",
        "delete from messages where agency_id = $1 and id in (select m.id from messages m join conversations c \
         on c.id = m.conversation_id where c.agency_id = $1 and c.organization_id = $2 limit $3)",
    ),
    (
        "transfers",
        "delete from transfers where agency_id = $1 and (conversation_id, seq) in (select t.conversation_id, t.seq from transfers t \
         join conversations c on c.id = t.conversation_id where c.agency_id = $1 and c.organization_id = $2 limit $3)",
    ),
    (
        "handoff_routes",
        "delete from handoff_routes where agency_id = $1 and handoff_id in (select r.handoff_id from handoff_routes r \
         join handoffs h on h.id = r.handoff_id where h.agency_id = $1 and h.organization_id = $2 limit $3)",
    ),
    (
        "team_members",
        "delete from team_members where agency_id = $1 and (team_id, user_id) in (select m.team_id, m.user_id from team_members m \
         join teams t on t.id = m.team_id where t.agency_id = $1 and t.organization_id = $2 limit $3)",
    ),
    (
        "teams",
        "delete from teams where agency_id = $1 and id in (select id from teams where agency_id = $1 and organization_id = $2 limit $3)",
    ),
    (
        "rotations",
        "delete from rotations where agency_id = $1 and (organization_id, user_id) in (select organization_id, user_id \
         from rotations where agency_id = $1 and organization_id = $2 limit $3)",
    ),
    (
        "handoff_endings",
        "delete from handoff_endings where agency_id = $1 and handoff_id in (select handoff_id from handoff_endings \
         where agency_id = $1 and organization_id = $2 limit $3)",
    ),
    (
        "handoff_ratings",
        "delete from handoff_ratings where agency_id = $1 and handoff_id in (select handoff_id from handoff_ratings \
         where agency_id = $1 and organization_id = $2 limit $3)",
    ),
    (
        "handoffs",
        "delete from handoffs where agency_id = $1 and id in (select id from handoffs \
         where agency_id = $1 and organization_id = $2 limit $3)",
    ),
];

/// Takes away at most `most` rows by one statement of [`PURGED`]. Gives how many went.
pub async fn purge_some(
    db: &mut Write,
    scope: &Scope,
    id: OrganizationId,
    statement: &'static str,
    most: i64,
) -> Result<i64> {
    on!(db, c => sqlx::query(statement).bind(scope.agency()).bind(id).bind(most).execute(&mut *c).await
        .map(|done| done.rows_affected() as i64))
    .map_err(fail)
}

/// Takes away at most `most` conversations, whose entries are gone already, and the visitors who had no other. Gives how
/// many went.
pub async fn purge_conversations(db: &mut Write, scope: &Scope, id: OrganizationId, most: i64) -> Result<i64> {
    let gone: Vec<(ConversationId, VisitorId)> = on!(db, c => sqlx::query_as(
        "delete from conversations where agency_id = $1 and id in (select id from conversations \
         where agency_id = $1 and organization_id = $2 limit $3) returning id, visitor_id")
        .bind(scope.agency()).bind(id).bind(most).fetch_all(&mut *c).await)
    .map_err(fail)?;
    let mut visitors: Vec<VisitorId> = gone.iter().map(|(_, visitor)| *visitor).collect();
    // With those who turned out to be one of them.
    let merged: Vec<(VisitorId,)> = on!(db, c => sqlx::query_as(
        "delete from visitor_merges where agency_id = $1 and into_id in (select value from json_each($2)) \
         and not exists (select 1 from conversations c where c.visitor_id = visitor_merges.into_id) returning visitor_id")
        .bind(scope.agency()).bind(super::types::list(&visitors)).fetch_all(&mut *c).await)
    .map_err(fail)?;
    visitors.extend(merged.into_iter().map(|(visitor,)| visitor));
    on!(db, c => sqlx::query(
        "delete from visitors where agency_id = $1 and id in (select value from json_each($2)) \
         and not exists (select 1 from conversations c where c.visitor_id = visitors.id)")
        .bind(scope.agency()).bind(super::types::list(&visitors)).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)?;
    Ok(gone.len() as i64)
}

/// Unassigns the AI agents of an organization from which everything else is gone, and takes it away.
pub async fn purge_itself(db: &mut Write, scope: &Scope, id: OrganizationId) -> Result<bool> {
    on!(db, c => sqlx::query(
        "update ai_agents set organization_id = null, handoff_enabled = false where agency_id = $1 and organization_id = $2")
        .bind(scope.agency()).bind(id).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)?;
    on!(db, c => sqlx::query("delete from organizations where agency_id = $1 and id = $2 and state = 'DELETED' and purge_at = 0")
        .bind(scope.agency()).bind(id).execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Fills in how names are searched, for organizations from before that was kept. Gives whether there may be more.
pub async fn fill_search(db: &mut Write, scope: &Scope, most: i64) -> Result<bool> {
    let bare: Vec<(OrganizationId, String)> = on!(db, c => sqlx::query_as(
        "select id, name from organizations where agency_id = $1 and search = '' order by id limit $2")
        .bind(scope.agency()).bind(most).fetch_all(&mut *c).await)
    .map_err(fail)?;
    let mut filled = 0;
    for (id, name) in &bare {
        if !searchable(name).is_empty() {
            rename(db, scope, *id, name).await?;
            filled += 1;
        }
    }
    Ok(filled == most)
}
