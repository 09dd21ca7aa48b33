//! Who is there: what people chose to be, and when they were last heard of.

use std::collections::HashMap;

use super::{Reads, Write, fail, on, row};
use crate::domain::id::{OrganizationId, UserId};
use crate::domain::routing::{Presence, Sign};
use crate::domain::time::Time;
use crate::error::Result;
use crate::policy::Scope;

row!(Sign { user: "user_id", choice: "choice", since: "since", seen_at: "seen_at", lost: "lost" });

/// What is known of some users of the scope's agency.
pub async fn signs_of(db: &mut impl Reads, scope: &Scope, users: &[UserId]) -> Result<Vec<Sign>> {
    on!(db, c => sqlx::query_as(
        "select user_id, choice, since, seen_at, lost from presences \
         where agency_id = $1 and user_id in (select value from json_each($2))")
        .bind(scope.agency()).bind(super::types::list(users)).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// Notes that somebody was heard of. Whoever had been silent since before `silent_since` is back since now.
pub async fn heard_of(db: &mut Write, scope: &Scope, user: UserId, silent_since: Time, now: Time) -> Result<()> {
    on!(db, c => sqlx::query(
        "insert into presences (agency_id, user_id, choice, since, seen_at, lost) values ($1, $2, 'ONLINE', $3, $3, 0) \
         on conflict (agency_id, user_id) do update set seen_at = excluded.seen_at, \
         since = case when presences.seen_at < $4 then excluded.since else presences.since end \
         where presences.seen_at < excluded.seen_at")
        .bind(scope.agency()).bind(user).bind(now).bind(silent_since).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Notes what somebody chose to be; choosing is a sign of life.
pub async fn choose(db: &mut Write, scope: &Scope, user: UserId, choice: Presence, now: Time) -> Result<()> {
    on!(db, c => sqlx::query(
        "insert into presences (agency_id, user_id, choice, since, seen_at, lost) values ($1, $2, $3, $4, $4, 0) \
         on conflict (agency_id, user_id) do update set seen_at = excluded.seen_at, choice = excluded.choice, \
         since = case when presences.choice = excluded.choice then presences.since else excluded.since end")
        .bind(scope.agency()).bind(user).bind(choice).bind(now).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Counts a chat that somebody lost while they were gone.
pub async fn lost_one(db: &mut Write, scope: &Scope, user: UserId) -> Result<()> {
    on!(db, c => sqlx::query(
        "insert into presences (agency_id, user_id, choice, since, seen_at, lost) values ($1, $2, 'ONLINE', 0, 0, 1) \
         on conflict (agency_id, user_id) do update set lost = presences.lost + 1")
        .bind(scope.agency()).bind(user).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Notes that somebody was told of what they lost.
pub async fn told(db: &mut Write, scope: &Scope, user: UserId) -> Result<()> {
    on!(db, c => sqlx::query("update presences set lost = 0 where agency_id = $1 and user_id = $2")
        .bind(scope.agency()).bind(user).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Who chose to be there and was heard of since an instant, in the scope's agency.
pub async fn there(db: &mut impl Reads, scope: &Scope, since: Time) -> Result<Vec<UserId>> {
    let found: Vec<(UserId,)> = on!(db, c => sqlx::query_as(
        "select user_id from presences where agency_id = $1 and choice = 'ONLINE' and seen_at >= $2 order by user_id")
        .bind(scope.agency()).bind(since).fetch_all(&mut *c).await)
    .map_err(fail)?;
    Ok(found.into_iter().map(|(user,)| user).collect())
}

/// Whoever belongs to an organization or to the agency itself by a membership, whether or not it counts.
pub async fn around(
    db: &mut impl Reads,
    scope: &Scope,
    organization: OrganizationId,
    most: i64,
) -> Result<Vec<UserId>> {
    let found: Vec<(UserId,)> = on!(db, c => sqlx::query_as(
        "select distinct user_id from memberships where agency_id = $1 \
         and (organization_id = $2 or organization_id is null) and suspended_at is null order by user_id limit $3")
        .bind(scope.agency()).bind(organization).bind(most).fetch_all(&mut *c).await)
    .map_err(fail)?;
    Ok(found.into_iter().map(|(user,)| user).collect())
}

/// How many of some users have ever signed in.
pub async fn signed_in_of(db: &mut impl Reads, scope: &Scope, users: &[UserId]) -> Result<i64> {
    on!(db, c => sqlx::query_scalar(
        "select count(distinct user_id) from sessions where agency_id = $1 and user_id in (select value from json_each($2))")
        .bind(scope.agency()).bind(super::types::list(users)).fetch_one(&mut *c).await)
    .map_err(fail)
}

/// How many chats each of some users has, wherever in the scope's agency. Whoever has none is left out.
pub async fn chats_of(db: &mut impl Reads, scope: &Scope, users: &[UserId]) -> Result<HashMap<UserId, i64>> {
    let found: Vec<(UserId, i64)> = on!(db, c => sqlx::query_as(
        "select assignee_id, count(*) from conversations where agency_id = $1 and state = 'HUMAN' \
         and assignee_id in (select value from json_each($2)) group by assignee_id")
        .bind(scope.agency()).bind(super::types::list(users)).fetch_all(&mut *c).await)
    .map_err(fail)?;
    Ok(found.into_iter().collect())
}
