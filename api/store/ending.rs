//! How handoffs were completed, and how visitors found them.

use super::{Reads, Write, fail, on, row};
use crate::domain::ending::{Ending, Rating};
use crate::domain::id::{ConversationId, HandoffId};
use crate::domain::time::Time;
use crate::error::Result;
use crate::policy::Scope;

row!(Ending {
    handoff: "handoff_id",
    agency: "agency_id",
    organization: "organization_id",
    conversation: "conversation_id",
    resolution: "resolution",
    note: "note",
    completed_by: "completed_by",
    completed_at: "completed_at",
});

row!(Rating {
    handoff: "handoff_id",
    agency: "agency_id",
    organization: "organization_id",
    ai_agent: "ai_agent_id",
    conversation: "conversation_id",
    operator: "operator_id",
    rating: "rating",
    text: "text",
    rated_at: "rated_at",
    changed_at: "changed_at",
});

/// Keeps how a handoff was completed. The conversation's version has been won before this.
pub async fn insert(db: &mut Write, scope: &Scope, new: &Ending) -> Result<()> {
    on!(db, c => sqlx::query(
        "insert into handoff_endings (handoff_id, agency_id, organization_id, conversation_id, resolution, note, completed_by, \
         completed_at) values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing")
        .bind(new.handoff).bind(scope.agency()).bind(new.organization).bind(new.conversation).bind(new.resolution)
        .bind(&new.note).bind(new.completed_by).bind(new.completed_at).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// How handoffs of the scope's agency were completed, of the given ids; those that were not are left out.
pub async fn endings_of(db: &mut impl Reads, scope: &Scope, ids: &[HandoffId]) -> Result<Vec<Ending>> {
    on!(db, c => sqlx::query_as(
        "select handoff_id, agency_id, organization_id, conversation_id, resolution, note, completed_by, completed_at \
         from handoff_endings where agency_id = $1 and handoff_id in (select value from json_each($2))")
        .bind(scope.agency()).bind(super::types::list(ids)).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// Keeps a rating: the first one of its handoff, or in place of one that was first given after `since`. Says whether it is kept.
pub async fn rate(db: &mut Write, scope: &Scope, new: &Rating, since: Time) -> Result<bool> {
    on!(db, c => sqlx::query(
        "insert into handoff_ratings (handoff_id, agency_id, organization_id, ai_agent_id, conversation_id, operator_id, rating, \
         text, rated_at, changed_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) \
         on conflict (handoff_id) do update set rating = excluded.rating, text = excluded.text, changed_at = excluded.changed_at \
         where handoff_ratings.agency_id = excluded.agency_id and handoff_ratings.rated_at > $10")
        .bind(new.handoff).bind(scope.agency()).bind(new.organization).bind(new.ai_agent).bind(new.conversation)
        .bind(new.operator).bind(new.rating).bind(&new.text).bind(new.rated_at).bind(since)
        .execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// How visitors found handoffs of the scope's agency, of the given ids; those that were not rated are left out.
pub async fn ratings_of(db: &mut impl Reads, scope: &Scope, ids: &[HandoffId]) -> Result<Vec<Rating>> {
    on!(db, c => sqlx::query_as(
        "select handoff_id, agency_id, organization_id, ai_agent_id, conversation_id, operator_id, rating, text, rated_at, changed_at \
         from handoff_ratings where agency_id = $1 and handoff_id in (select value from json_each($2))")
        .bind(scope.agency()).bind(super::types::list(ids)).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// Whether an operator has said something in a conversation since then.
pub async fn has_written(
    db: &mut impl Reads,
    scope: &Scope,
    conversation: ConversationId,
    since: Time,
) -> Result<bool> {
    let found: i64 = on!(db, c => sqlx::query_scalar(
        "select count(*) from messages where agency_id = $1 and conversation_id = $2 and author_kind = 'OPERATOR' \
         and kind = 'TEXT' and created_at >= $3")
        .bind(scope.agency()).bind(conversation).bind(since).fetch_one(&mut *c).await)
    .map_err(fail)?;
    Ok(found > 0)
}
