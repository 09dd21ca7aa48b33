//! Requests for a human, and take-overs.

use super::{Reads, Write, fail, on, row};
use crate::domain::conversation::{Handoff, HandoffState};
use crate::domain::id::{AiAgentId, HandoffId, OrganizationId, UserId};
use crate::domain::page::{HandoffFilter, Page, Rows};
use crate::domain::tenant::Closure;
use crate::domain::time::Time;
use crate::error::Result;
use crate::policy::Scope;

row!(Handoff {
    id: "id",
    agency: "agency_id",
    organization: "organization_id",
    ai_agent: "ai_agent_id",
    conversation: "conversation_id",
    state: "state",
    reason: "reason",
    requested_at: "requested_at",
    accepted_at: "accepted_at",
    accepted_by: "accepted_by",
    ended_at: "ended_at",
    closed_because: "closed_because",
    intent: "intent",
    first_response_at: "first_response_at",
});

/// The columns of a handoff, once.
macro_rules! columns {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            " id, agency_id, organization_id, ai_agent_id, conversation_id, state, reason, requested_at, accepted_at, \
             accepted_by, ended_at, closed_because, intent, first_response_at ",
            $after
        )
    };
}

/// Keeps a new handoff.
pub async fn insert(db: &mut Write, scope: &Scope, new: &Handoff) -> Result<()> {
    on!(db, c => sqlx::query(
        "insert into handoffs (id, agency_id, organization_id, ai_agent_id, conversation_id, state, reason, requested_at, accepted_at, accepted_by, intent) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)")
        .bind(new.id).bind(scope.agency()).bind(new.organization).bind(new.ai_agent).bind(new.conversation).bind(new.state)
        .bind(&new.reason).bind(new.requested_at).bind(new.accepted_at).bind(new.accepted_by)
        .bind(new.intent).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Notes what became of a handoff. The conversation's version has been won before this.
pub async fn settle(
    db: &mut Write,
    scope: &Scope,
    id: HandoffId,
    state: HandoffState,
    by: Option<UserId>,
    now: Time,
) -> Result<()> {
    let (accepted, ended) = match state {
        HandoffState::Requested => (None, None),
        HandoffState::Accepted => (Some(now), None),
        _ => (None, Some(now)),
    };
    on!(db, c => sqlx::query(
        "update handoffs set state = $3, \
         accepted_at = case when $3 = 'REQUESTED' then null else coalesce($4, accepted_at) end, \
         accepted_by = case when $3 = 'REQUESTED' then null else coalesce($5, accepted_by) end, \
         ended_at = $6 where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(id).bind(state).bind(accepted).bind(by).bind(ended).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Handoffs of the scope's agency, of the given ids.
pub async fn handoffs_of(db: &mut impl Reads, scope: &Scope, ids: &[HandoffId]) -> Result<Vec<Handoff>> {
    on!(db, c => sqlx::query_as(
        columns!("select",
         "from handoffs where agency_id = $1 and id in (select value from json_each($2))"))
        .bind(scope.agency()).bind(super::types::list(ids)).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// Handoffs within the scope, oldest first.
pub async fn handoffs(
    db: &mut impl Reads,
    scope: &Scope,
    filter: &HandoffFilter,
    page: &Page<(Time, HandoffId)>,
) -> Result<Rows<Handoff>> {
    let reach = super::types::reach(scope);
    let states = filter.states.as_ref().map(|states| {
        let quoted: Vec<String> = states.iter().map(|state| format!("\"{}\"", state.as_str())).collect();
        format!("[{}]", quoted.join(","))
    });
    let (after_at, after_id) = page.after.unzip();
    let rows = on!(db, c => sqlx::query_as(
        columns!("select",
         "from handoffs where agency_id = $1 \
         and organization_id not in (select id from organizations where agency_id = $1 and state = 'DELETED') \
         and ($2 is null or organization_id in (select value from json_each($2)) or ai_agent_id in (select value from json_each($2)) \
             or organization_id || '/' || ai_agent_id in (select value from json_each($2))) \
         and ($3 is null or organization_id = $3) \
         and ($4 is null or state in (select value from json_each($4))) \
         and ($5 is null or accepted_by = $5) \
         and ($6 is null or (requested_at, id) > ($6, $7)) \
         order by requested_at, id limit $8"))
        .bind(scope.agency()).bind(&reach).bind(filter.organization).bind(&states).bind(filter.accepted_by)
        .bind(after_at).bind(after_id).bind(page.first as i64 + 1).fetch_all(&mut *c).await)
    .map_err(fail)?;
    Ok(Rows::cut(rows, page.first))
}

/// How many requests of the organization wait, and have waited longer than this one.
pub async fn ahead_of(db: &mut impl Reads, scope: &Scope, handoff: &Handoff) -> Result<i64> {
    on!(db, c => sqlx::query_scalar(
        "select count(*) from handoffs where agency_id = $1 and organization_id = $2 and state = 'REQUESTED' \
         and (requested_at, id) < ($3, $4)")
        .bind(scope.agency()).bind(handoff.organization).bind(handoff.requested_at).bind(handoff.id)
        .fetch_one(&mut *c).await)
    .map_err(fail)
}

/// Requests that wait and chats that somebody has, of an organization, of an AI agent, or of an AI agent in one
/// organization; the oldest first.
pub async fn open_of(
    db: &mut impl Reads,
    scope: &Scope,
    organization: Option<OrganizationId>,
    ai_agent: Option<AiAgentId>,
) -> Result<Vec<Handoff>> {
    on!(db, c => sqlx::query_as(
        columns!("select",
         "from handoffs where agency_id = $1 and ($2 is null or organization_id = $2) and ($3 is null or ai_agent_id = $3) \
         and state in ('REQUESTED', 'ACCEPTED') order by requested_at, id"))
        .bind(scope.agency()).bind(organization).bind(ai_agent).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// Ends a handoff because there is nobody behind it any more. Says whether it was open.
pub async fn close(db: &mut Write, scope: &Scope, id: HandoffId, because: Closure, now: Time) -> Result<bool> {
    on!(db, c => sqlx::query(
        "update handoffs set state = 'CANCELLED', ended_at = $3, closed_because = $4 \
         where agency_id = $1 and id = $2 and state in ('REQUESTED', 'ACCEPTED')")
        .bind(scope.agency()).bind(id).bind(now).bind(because).execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Notes that a person has answered for the first time. Says whether it was the first.
pub async fn answered(db: &mut Write, scope: &Scope, id: HandoffId, now: Time) -> Result<bool> {
    on!(db, c => sqlx::query(
        "update handoffs set first_response_at = $3 where agency_id = $1 and id = $2 and first_response_at is null")
        .bind(scope.agency()).bind(id).bind(now).execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Notes that a chat went to somebody else. Since when a person has it stays.
pub async fn hand_over(db: &mut Write, scope: &Scope, id: HandoffId, to: UserId, now: Time) -> Result<()> {
    on!(db, c => sqlx::query(
        "update handoffs set state = 'ACCEPTED', accepted_by = $3, accepted_at = coalesce(accepted_at, $4), ended_at = null \
         where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(id).bind(to).bind(now).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}
