//! What digests are made of: who wants one, and what happened.

use std::collections::HashSet;

use super::notification::understood;
use super::{Reads, fail, on, row};
use crate::domain::digest::{Figures, Period};
use crate::domain::id::{OrganizationId, UserId};
use crate::domain::notification::Choices;
use crate::error::Result;
use crate::policy::Scope;

row!(Figures {
    chats: "chats",
    requests: "requests",
    answered: "answered",
    missed: "missed",
    queries: "queries",
    open_queries: "open_queries",
});

/// What all people of the agency have chosen, each with its place: an organization, or the agency.
pub async fn choices(db: &mut impl Reads, scope: &Scope) -> Result<Vec<(UserId, String, Choices)>> {
    let found: Vec<(UserId, String, String)> = on!(db, c => sqlx::query_as(
        "select user_id, place, choices from notification_preferences where agency_id = $1 order by user_id, place")
        .bind(scope.agency()).fetch_all(&mut *c).await)
    .map_err(fail)?;
    found.into_iter().map(|(user, place, text)| understood(&text).map(|choices| (user, place, choices))).collect()
}

/// The organizations that are at work, what they are called, and what each has chosen for its people.
pub async fn organizations(
    db: &mut impl Reads,
    scope: &Scope,
) -> Result<Vec<(OrganizationId, String, Option<Choices>)>> {
    let found: Vec<(OrganizationId, String, Option<String>)> = on!(db, c => sqlx::query_as(
        "select o.id, o.name, d.choices from organizations o \
         left join notification_defaults d on d.agency_id = o.agency_id and d.organization_id = o.id \
         where o.agency_id = $1 and o.state = 'ACTIVE' order by o.name, o.id")
        .bind(scope.agency()).fetch_all(&mut *c).await)
    .map_err(fail)?;
    let read = |text: Option<String>| text.as_deref().map(understood).transpose();
    found.into_iter().map(|(id, name, text)| Ok((id, name, read(text)?))).collect()
}

/// An organization's own people.
pub async fn people_of(db: &mut impl Reads, scope: &Scope, organization: OrganizationId) -> Result<HashSet<UserId>> {
    let found: Vec<(UserId,)> = on!(db, c => sqlx::query_as(
        "select user_id from memberships where agency_id = $1 and organization_id = $2")
        .bind(scope.agency()).bind(organization).fetch_all(&mut *c).await)
    .map_err(fail)?;
    Ok(found.into_iter().map(|(user,)| user).collect())
}

/// What happened in an organization in a time.
pub async fn figures(
    db: &mut impl Reads,
    scope: &Scope,
    organization: OrganizationId,
    period: &Period,
) -> Result<Figures> {
    on!(db, c => sqlx::query_as(
        "select \
         (select count(*) from conversations where agency_id = $1 and organization_id = $2 and rehearsal = false \
          and started_at >= $3 and started_at < $4) as chats, \
         count(*) as requests, \
         count(h.accepted_at) as answered, \
         coalesce(sum(case when h.state = 'MISSED' then 1 else 0 end), 0) as missed, \
         (select count(*) from offline_queries where agency_id = $1 and organization_id = $2 \
          and created_at >= $3 and created_at < $4) as queries, \
         (select count(*) from offline_queries where agency_id = $1 and organization_id = $2 and state = 'OPEN' \
          and created_at < $4) as open_queries \
         from handoffs h join conversations c on c.agency_id = h.agency_id and c.id = h.conversation_id \
         where h.agency_id = $1 and h.organization_id = $2 and c.rehearsal = false and h.requested_at >= $3 and h.requested_at < $4")
        .bind(scope.agency()).bind(organization).bind(period.from).bind(period.until).fetch_one(&mut *c).await)
    .map_err(fail)
}
