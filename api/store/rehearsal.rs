//! Rehearsals: a synthetic visitor runs the whole path.

use super::{Reads, Write, fail, on, row};
use crate::domain::id::{AgencyId, AiAgentId, ConversationId, RehearsalId};
use crate::domain::readiness::Rehearsal;
use crate::domain::time::Time;
use crate::error::Result;
use crate::policy::Scope;

row!(Rehearsal {
    id: "id",
    agency: "agency_id",
    organization: "organization_id",
    ai_agent: "ai_agent_id",
    conversation: "conversation_id",
    started_by: "started_by",
    started_at: "started_at",
    ends_at: "ends_at",
    ended_at: "ended_at",
});

/// The columns of a rehearsal, once.
macro_rules! columns {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            " id, agency_id, organization_id, ai_agent_id, conversation_id, started_by, started_at, ends_at, ended_at ",
            $after
        )
    };
}

/// Keeps a new one, and marks its conversation.
pub async fn insert(db: &mut Write, scope: &Scope, new: &Rehearsal) -> Result<()> {
    on!(db, c => sqlx::query(
        "insert into rehearsals (id, agency_id, organization_id, ai_agent_id, conversation_id, started_by, started_at, ends_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8)")
        .bind(new.id).bind(scope.agency()).bind(new.organization).bind(new.ai_agent).bind(new.conversation)
        .bind(new.started_by).bind(new.started_at).bind(new.ends_at).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)?;
    on!(db, c => sqlx::query("update conversations set rehearsal = $3, rev = rev + 1 where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(new.conversation).bind(true).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// One rehearsal, if it is in the scope.
pub async fn rehearsal(db: &mut impl Reads, scope: &Scope, id: RehearsalId) -> Result<Option<Rehearsal>> {
    let found: Option<Rehearsal> = on!(db, c => sqlx::query_as(
        columns!("select", "from rehearsals where agency_id = $1 and id = $2"))
        .bind(scope.agency()).bind(id).fetch_optional(&mut *c).await)
    .map_err(fail)?;
    Ok(found.filter(|one| scope.covers(&one.place())))
}

/// The rehearsals of an AI agent, the newest first.
pub async fn of_ai_agent(
    db: &mut impl Reads,
    scope: &Scope,
    ai_agent: AiAgentId,
    most: usize,
) -> Result<Vec<Rehearsal>> {
    let found: Vec<Rehearsal> = on!(db, c => sqlx::query_as(
        columns!("select", "from rehearsals where agency_id = $1 and ai_agent_id = $2 order by id desc limit $3"))
        .bind(scope.agency()).bind(ai_agent).bind(most as i64).fetch_all(&mut *c).await)
    .map_err(fail)?;
    Ok(found.into_iter().filter(|one| scope.covers(&one.place())).collect())
}

/// Ends a rehearsal. Says whether it was running.
pub async fn end(db: &mut Write, scope: &Scope, id: RehearsalId, now: Time) -> Result<bool> {
    on!(db, c => sqlx::query("update rehearsals set ended_at = $3 where agency_id = $1 and id = $2 and ended_at is null")
        .bind(scope.agency()).bind(id).bind(now).execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Rehearsals of any agency that run and whose time is over, each with whose it is.
pub async fn overdue(db: &mut impl Reads, now: Time, most: usize) -> Result<Vec<(AgencyId, RehearsalId)>> {
    on!(db, c => sqlx::query_as(
        "select agency_id, id from rehearsals where ended_at is null and ends_at <= $1 order by ends_at, id limit $2")
        .bind(now).bind(most as i64).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// The rehearsal that runs at an AI agent, and its conversation.
pub async fn running(
    db: &mut impl Reads,
    scope: &Scope,
    ai_agent: AiAgentId,
) -> Result<Option<(RehearsalId, ConversationId)>> {
    on!(db, c => sqlx::query_as(
        "select id, conversation_id from rehearsals where agency_id = $1 and ai_agent_id = $2 and ended_at is null \
         order by id desc limit 1")
        .bind(scope.agency()).bind(ai_agent).fetch_optional(&mut *c).await)
    .map_err(fail)
}
