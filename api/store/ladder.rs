//! Escalation ladders, what their steps came to, and up to where operators were written about what they had not seen.

use super::{ROWS, Reads, Write, fail, on, row, rows};
use crate::domain::id::{ConversationId, HandoffId, OrganizationId, UserId};
use crate::domain::ladder::{Ladder, StepOutcome, Whom};
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::policy::Scope;

/// What a step came to, by one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Of which handoff.
    pub handoff: HandoffId,
    /// The version of the conversation with which the waiting began.
    pub round: i64,
    /// Its number, from nought.
    pub step: i64,
    /// By which way; empty where there is none.
    pub channel: String,
    /// When.
    pub at: Time,
    /// Whom it was to tell.
    pub whom: Whom,
    /// The address, when it was one.
    pub address: Option<String>,
    /// What came of it.
    pub outcome: StepOutcome,
    /// How many people were told.
    pub people: i64,
}

row!(Taken {
    handoff: "handoff_id",
    round: "round",
    step: "step",
    channel: "channel",
    at: "at",
    whom: "whom",
    address: "address",
    outcome: "outcome",
    people: "people",
});

fn understood(text: &str) -> Result<Ladder> {
    serde_json::from_str(text).map_err(Error::internal)
}

/// What the agency says for all of its organizations.
pub async fn of_agency(db: &mut impl Reads, scope: &Scope) -> Result<Option<Ladder>> {
    let found: Option<String> =
        on!(db, c => sqlx::query_scalar("select ladder from agency_ladders where agency_id = $1")
        .bind(scope.agency()).fetch_optional(&mut *c).await)
        .map_err(fail)?;
    found.as_deref().map(understood).transpose()
}

/// What an organization says for itself.
pub async fn of_organization(
    db: &mut impl Reads,
    scope: &Scope,
    organization: OrganizationId,
) -> Result<Option<Ladder>> {
    let found: Option<String> = on!(db, c => sqlx::query_scalar(
        "select ladder from organization_ladders where agency_id = $1 and organization_id = $2")
        .bind(scope.agency()).bind(organization).fetch_optional(&mut *c).await)
    .map_err(fail)?;
    found.as_deref().map(understood).transpose()
}

/// Keeps what the agency says, or forgets it.
pub async fn put_of_agency(db: &mut Write, scope: &Scope, ladder: Option<&Ladder>, now: Time) -> Result<()> {
    let Some(ladder) = ladder else {
        return on!(db, c => sqlx::query("delete from agency_ladders where agency_id = $1")
            .bind(scope.agency()).execute(&mut *c).await.map(|_| ()))
        .map_err(fail);
    };
    let text = serde_json::to_string(ladder).map_err(Error::internal)?;
    on!(db, c => sqlx::query(
        "insert into agency_ladders (agency_id, ladder, updated_at) values ($1, $2, $3) \
         on conflict (agency_id) do update set ladder = excluded.ladder, updated_at = excluded.updated_at")
        .bind(scope.agency()).bind(&text).bind(now).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Keeps what an organization says, or forgets it.
pub async fn put_of_organization(
    db: &mut Write,
    scope: &Scope,
    organization: OrganizationId,
    ladder: Option<&Ladder>,
    now: Time,
) -> Result<()> {
    let Some(ladder) = ladder else {
        return on!(db, c => sqlx::query("delete from organization_ladders where agency_id = $1 and organization_id = $2")
            .bind(scope.agency()).bind(organization).execute(&mut *c).await.map(|_| ()))
        .map_err(fail);
    };
    let text = serde_json::to_string(ladder).map_err(Error::internal)?;
    on!(db, c => sqlx::query(
        "insert into organization_ladders (agency_id, organization_id, ladder, updated_at) values ($1, $2, $3, $4) \
         on conflict (agency_id, organization_id) do update set ladder = excluded.ladder, updated_at = excluded.updated_at")
        .bind(scope.agency()).bind(organization).bind(&text).bind(now).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Notes what came of each channel of a step; once.
pub async fn note(db: &mut Write, scope: &Scope, taken: &[Taken]) -> Result<()> {
    for chunk in taken.chunks(ROWS) {
        on!(db, c => rows!(
            "insert into handoff_steps (agency_id, handoff_id, round, step, channel, at, whom, address, outcome, people) ",
            chunk, |values, one| values
                .push_bind(scope.agency()).push_bind(one.handoff).push_bind(one.round).push_bind(one.step)
                .push_bind(&one.channel).push_bind(one.at).push_bind(one.whom).push_bind(&one.address)
                .push_bind(one.outcome).push_bind(one.people),
            " on conflict do nothing").build().execute(&mut *c).await.map(|_| ()))
        .map_err(fail)?;
    }
    Ok(())
}

/// What the steps of some handoffs came to, in their order.
pub async fn steps_of(db: &mut impl Reads, scope: &Scope, handoffs: &[HandoffId]) -> Result<Vec<Taken>> {
    on!(db, c => sqlx::query_as(
        "select handoff_id, round, step, channel, at, whom, address, outcome, people from handoff_steps \
         where agency_id = $1 and handoff_id in (select value from json_each($2)) order by handoff_id, round, step, channel desc")
        .bind(scope.agency()).bind(super::types::list(handoffs)).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// Up to which entry somebody was written about what they had not seen; nought when never.
pub async fn noticed(db: &mut impl Reads, scope: &Scope, conversation: ConversationId, user: UserId) -> Result<i64> {
    let found: Option<i64> = on!(db, c => sqlx::query_scalar(
        "select seq from unseen_notices where agency_id = $1 and conversation_id = $2 and user_id = $3")
        .bind(scope.agency()).bind(conversation).bind(user).fetch_optional(&mut *c).await)
    .map_err(fail)?;
    Ok(found.unwrap_or_default())
}

/// Notes that somebody was written about everything up to an entry.
pub async fn notice(
    db: &mut Write,
    scope: &Scope,
    conversation: ConversationId,
    user: UserId,
    seq: i64,
    now: Time,
) -> Result<()> {
    on!(db, c => sqlx::query(
        "insert into unseen_notices (agency_id, conversation_id, user_id, seq, at) values ($1, $2, $3, $4, $5) \
         on conflict (agency_id, conversation_id, user_id) do update set seq = excluded.seq, at = excluded.at")
        .bind(scope.agency()).bind(conversation).bind(user).bind(seq).bind(now).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// What the visitor said that nobody of the organization has read: when the first of it was, and the number of the last.
pub async fn unseen(
    db: &mut impl Reads,
    scope: &Scope,
    conversation: ConversationId,
    read_up_to: i64,
) -> Result<Option<(Time, i64)>> {
    let found: (Option<Time>, Option<i64>) = on!(db, c => sqlx::query_as(
        "select min(created_at), max(seq) from messages where agency_id = $1 and conversation_id = $2 and seq > $3 \
         and author_kind = 'VISITOR' and kind = 'TEXT'")
        .bind(scope.agency()).bind(conversation).bind(read_up_to).fetch_one(&mut *c).await)
    .map_err(fail)?;
    Ok(found.0.zip(found.1))
}

/// The users who have a membership in an organization, or in the agency itself: who could be told of something there.
pub async fn people_around(db: &mut impl Reads, scope: &Scope, organization: OrganizationId) -> Result<Vec<UserId>> {
    let found: Vec<(UserId,)> = on!(db, c => sqlx::query_as(
        "select distinct user_id from memberships where agency_id = $1 and (organization_id = $2 or organization_id is null) \
         and suspended_at is null order by user_id")
        .bind(scope.agency()).bind(organization).fetch_all(&mut *c).await)
    .map_err(fail)?;
    Ok(found.into_iter().map(|(user,)| user).collect())
}
