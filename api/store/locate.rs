//! Whose a thing is, and nothing more: the only look-ups without a scope. What they give is asked of `policy`.

use super::{Reads, fail, on};
use crate::domain::access::Place;
use crate::domain::id::{
    AgencyId, AiAgentId, ApiKeyId, BlockId, CannedReplyId, ConversationId, CoverageId, DomainId, FileId, HandoffId,
    HolidayCalendarId, ImageId, InvitationId, KeywordAlertId, KeywordHitId, KnowledgeEntryId, MailId, MembershipId,
    MessageId, NoteId, NotificationDecisionId, OfflineQueryId, OrganizationId, RehearsalId, RoleId, TeamId, UserId,
    VisitorId, WebhookDeliveryId, WebhookId, WidgetId,
};
use crate::domain::time::Time;
use crate::error::Result;

type Whereabouts = (AgencyId, Option<OrganizationId>, Option<AiAgentId>);

fn place((agency, organization, ai_agent): Whereabouts) -> Place {
    Place { agency, organization, ai_agent }
}

macro_rules! locate {
    ($($(#[$doc:meta])* $name:ident($id:ty) $sql:literal;)*) => {$(
        $(#[$doc])*
        pub async fn $name(db: &mut impl Reads, id: $id) -> Result<Option<Place>> {
            let found: Option<Whereabouts> =
                on!(db, c => sqlx::query_as($sql).bind(id).fetch_optional(&mut *c).await).map_err(fail)?;
            Ok(found.map(place))
        }
    )*};
}

locate! {
    /// Where an organization stands. One in the bin is nowhere, and with it all that is its.
    organization(OrganizationId)
        "select agency_id, id, cast(null as text) from organizations where id = $1 and state <> 'DELETED'";
    /// Where an organization stands, in the bin or not.
    organization_even_in_bin(OrganizationId)
        "select agency_id, id, cast(null as text) from organizations where id = $1";
    /// Where a membership stands.
    membership(MembershipId)
        "select agency_id, organization_id, cast(null as text) from memberships m where id = $1 \
         and not exists (select 1 from organizations o where o.id = m.organization_id and o.state = 'DELETED')";
    /// Where an AI agent stands.
    ai_agent(AiAgentId)
        "select agency_id, organization_id, id from ai_agents a where id = $1 and deleted_at is null \
         and not exists (select 1 from organizations o where o.id = a.organization_id and o.state = 'DELETED')";
    /// Where a widget stands: with its AI agent.
    widget(WidgetId)
        "select a.agency_id, a.organization_id, a.id from widgets w join ai_agents a on a.id = w.ai_agent_id where w.id = $1 \
         and a.deleted_at is null \
         and not exists (select 1 from organizations o where o.id = a.organization_id and o.state = 'DELETED')";
    /// Where a knowledge entry stands: with its AI agent.
    knowledge_entry(KnowledgeEntryId)
        "select a.agency_id, a.organization_id, a.id from knowledge_entries k join ai_agents a on a.id = k.ai_agent_id where k.id = $1 \
         and a.deleted_at is null \
         and not exists (select 1 from organizations o where o.id = a.organization_id and o.state = 'DELETED')";
    /// Where a mail stands: with the organization that it is about, or with the agency itself.
    mail(MailId)
        "select agency_id, organization_id, cast(null as text) from mails where id = $1";
    /// Where a decision whether somebody is told stands: where that happened.
    notification_decision(NotificationDecisionId)
        "select agency_id, organization_id, cast(null as text) from notification_decisions where id = $1";
    /// Where an offline query stands: with its conversation.
    offline_query(OfflineQueryId)
        "select agency_id, organization_id, ai_agent_id from offline_queries q where id = $1 \
         and not exists (select 1 from organizations o where o.id = q.organization_id and o.state = 'DELETED')";
    /// Where an invitation leads.
    invitation(InvitationId)
        "select agency_id, organization_id, cast(null as text) from invitations i where id = $1 \
         and not exists (select 1 from organizations o where o.id = i.organization_id and o.state = 'DELETED')";
    /// Where a file stands: with its conversation.
    file(FileId)
        "select c.agency_id, c.organization_id, c.ai_agent_id from files f join conversations c on c.id = f.conversation_id \
         where f.id = $1 and not exists (select 1 from organizations o where o.id = c.organization_id and o.state = 'DELETED')";
    /// Where a canned reply stands: in an organization, or in the agency itself.
    canned_reply(CannedReplyId)
        "select agency_id, organization_id, cast(null as text) from canned_replies r where id = $1 \
         and not exists (select 1 from organizations o where o.id = r.organization_id and o.state = 'DELETED')";
    /// Where a webhook stands: in an organization, or in the agency itself.
    webhook(WebhookId)
        "select agency_id, organization_id, cast(null as text) from webhooks w where id = $1 and deleted_at is null \
         and not exists (select 1 from organizations o where o.id = w.organization_id and o.state = 'DELETED')";
    /// Where a delivery to a webhook stands: with the webhook.
    webhook_delivery(WebhookDeliveryId)
        "select w.agency_id, w.organization_id, cast(null as text) from webhook_deliveries d join webhooks w on w.id = d.webhook_id \
         where d.id = $1 and w.deleted_at is null \
         and not exists (select 1 from organizations o where o.id = w.organization_id and o.state = 'DELETED')";
    /// Where a keyword alert stands: with its organization.
    keyword_alert(KeywordAlertId)
        "select agency_id, organization_id, cast(null as text) from keyword_alerts k where id = $1 \
         and not exists (select 1 from organizations o where o.id = k.organization_id and o.state = 'DELETED')";
    /// Where a hit of one stands: with the alert.
    keyword_hit(KeywordHitId)
        "select k.agency_id, k.organization_id, cast(null as text) from keyword_hits h join keyword_alerts k on k.id = h.alert_id \
         where h.id = $1 and not exists (select 1 from organizations o where o.id = k.organization_id and o.state = 'DELETED')";
    /// Where an API key stands: in an organization, or in the agency itself.
    api_key(ApiKeyId)
        "select agency_id, organization_id, cast(null as text) from api_keys k where id = $1 \
         and not exists (select 1 from organizations o where o.id = k.organization_id and o.state = 'DELETED')";
    /// Where a coverage agreement stands: with the organization that is covered.
    coverage(CoverageId)
        "select agency_id, organization_id, cast(null as text) from coverages k where id = $1 \
         and not exists (select 1 from organizations o where o.id = k.organization_id and o.state = 'DELETED')";
    /// Where a rehearsal stands: with the AI agent that was tried, in the organization that it worked for then.
    rehearsal(RehearsalId)
        "select agency_id, organization_id, ai_agent_id from rehearsals r where id = $1 \
         and not exists (select 1 from organizations o where o.id = r.organization_id and o.state = 'DELETED')";
    /// Where a team stands.
    team(TeamId)
        "select agency_id, organization_id, cast(null as text) from teams t where id = $1 \
         and not exists (select 1 from organizations o where o.id = t.organization_id and o.state = 'DELETED')";
    /// Where a visitor stands: where their newest conversation does.
    visitor(VisitorId)
        "select agency_id, organization_id, ai_agent_id from conversations c where visitor_id = $1 \
         and not exists (select 1 from organizations o where o.id = c.organization_id and o.state = 'DELETED') \
         order by id desc limit 1";
    /// Where a block counts.
    block(BlockId)
        "select agency_id, organization_id, cast(null as text) from blocks b where id = $1 \
         and not exists (select 1 from organizations o where o.id = b.organization_id and o.state = 'DELETED')";
    /// Where a conversation stands.
    conversation(ConversationId)
        "select agency_id, organization_id, ai_agent_id from conversations c where id = $1 \
         and not exists (select 1 from organizations o where o.id = c.organization_id and o.state = 'DELETED')";
}

/// Where a role stands that an agency made: in the agency itself. Built-in roles stand nowhere.
pub async fn role(db: &mut impl Reads, id: RoleId) -> Result<Option<Place>> {
    let found: Option<(AgencyId,)> = on!(db, c => sqlx::query_as("select agency_id from agency_roles where id = $1")
        .bind(id).fetch_optional(&mut *c).await)
    .map_err(fail)?;
    Ok(found.map(|(agency,)| Place::agency(agency)))
}

/// Where a holiday calendar stands: in the agency itself.
pub async fn holiday_calendar(db: &mut impl Reads, id: HolidayCalendarId) -> Result<Option<Place>> {
    let found: Option<(AgencyId,)> =
        on!(db, c => sqlx::query_as("select agency_id from holiday_calendars where id = $1")
        .bind(id).fetch_optional(&mut *c).await)
        .map_err(fail)?;
    Ok(found.map(|(agency,)| Place::agency(agency)))
}

/// Where a handoff stands, and which conversation it is of.
pub async fn handoff(db: &mut impl Reads, id: HandoffId) -> Result<Option<(Place, ConversationId)>> {
    let found: Option<(AgencyId, Option<OrganizationId>, Option<AiAgentId>, ConversationId)> =
        on!(db, c => sqlx::query_as(
        "select agency_id, organization_id, ai_agent_id, conversation_id from handoffs h where id = $1 \
         and not exists (select 1 from organizations o where o.id = h.organization_id and o.state = 'DELETED')")
        .bind(id).fetch_optional(&mut *c).await)
        .map_err(fail)?;
    Ok(found
        .map(|(agency, organization, ai_agent, conversation)| (place((agency, organization, ai_agent)), conversation)))
}

/// The agency that is served under a host, by its name without port, in lower case.
pub async fn host(db: &mut impl Reads, host: &str) -> Result<Option<AgencyId>> {
    on!(db, c => sqlx::query_scalar("select agency_id from agency_domains where host = $1 and served")
        .bind(host).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// The agency whose claim of a host that is.
pub async fn domain(db: &mut impl Reads, id: DomainId) -> Result<Option<AgencyId>> {
    on!(db, c => sqlx::query_scalar("select agency_id from agency_domains where id = $1")
        .bind(id).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// The agency whose picture that is.
pub async fn image(db: &mut impl Reads, id: ImageId) -> Result<Option<AgencyId>> {
    on!(db, c => sqlx::query_scalar("select agency_id from images where id = $1").bind(id).fetch_optional(&mut *c).await)
        .map_err(fail)
}

/// Which invitation a link opens, and whose it is, by the hash of its secret.
pub async fn invitation_link(db: &mut impl Reads, hash: &str) -> Result<Option<(AgencyId, InvitationId)>> {
    on!(db, c => sqlx::query_as("select agency_id, id from invitations where token_hash = $1")
        .bind(hash).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// Which API key that is, and whose, by the hash of its secret; with whether the place it is of counts now.
pub async fn api_key_secret(db: &mut impl Reads, hash: &str) -> Result<Option<(AgencyId, ApiKeyId, bool)>> {
    on!(db, c => sqlx::query_as(
        "select agency_id, id, not exists (select 1 from organizations o where o.id = k.organization_id and o.state <> 'ACTIVE') \
         from api_keys k where secret_hash = $1")
        .bind(hash).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// Which conversation a note stands in.
pub async fn note(db: &mut impl Reads, id: NoteId) -> Result<Option<ConversationId>> {
    on!(db, c => sqlx::query_scalar("select conversation_id from notes where id = $1")
        .bind(id).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// Which conversation a message stands in.
pub async fn message(db: &mut impl Reads, id: MessageId) -> Result<Option<ConversationId>> {
    on!(db, c => sqlx::query_scalar("select conversation_id from messages where id = $1")
        .bind(id).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// Requests that wait, the longest first: where each stands, and its conversation.
pub async fn waiting(db: &mut impl Reads, most: i64) -> Result<Vec<(AgencyId, OrganizationId, HandoffId)>> {
    on!(db, c => sqlx::query_as(
        "select agency_id, organization_id, id from handoffs where state = 'REQUESTED' order by requested_at, id limit $1")
        .bind(most).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// Chats whose operator was last heard of before an instant, or never: where each stands, and who has it.
pub async fn held_in_silence(
    db: &mut impl Reads,
    before: Time,
    most: i64,
) -> Result<Vec<(AgencyId, Option<OrganizationId>, ConversationId, UserId)>> {
    on!(db, c => sqlx::query_as(
        "select c.agency_id, c.organization_id, c.id, c.assignee_id from conversations c \
         left join presences p on p.agency_id = c.agency_id and p.user_id = c.assignee_id \
         where c.state = 'HUMAN' and c.assignee_id is not null and (p.seen_at is null or p.seen_at <= $1) \
         order by c.assignee_id, c.id limit $2")
        .bind(before).bind(most).fetch_all(&mut *c).await)
    .map_err(fail)
}
