//! Canned replies.

use super::{Reads, Write, fail, on, row};
use crate::domain::canned::CannedReply;
use crate::domain::id::{CannedReplyId, OrganizationId};
use crate::error::{Error, Result};
use crate::policy::Scope;

row!(CannedReply {
    id: "id",
    agency: "agency_id",
    organization: "organization_id",
    shortcut: "shortcut",
    title: "title",
    body: "body",
    tags: "tags",
    position: "position",
    updated_at: "updated_at",
});

/// The columns of a canned reply, once.
macro_rules! columns {
    ($after:literal) => {
        concat!("select id, agency_id, organization_id, shortcut, title, body, tags, position, updated_at from canned_replies ", $after)
    };
}

/// What an organization has, and what the agency has for all of its organizations; without one, the latter alone. In the
/// order in which people put them, the organization's own first.
pub async fn replies(
    db: &mut impl Reads,
    scope: &Scope,
    organization: Option<OrganizationId>,
) -> Result<Vec<CannedReply>> {
    on!(db, c => sqlx::query_as(columns!(
        "where agency_id = $1 and (organization_id is null or organization_id = $2) \
         order by case when organization_id is null then 1 else 0 end, position, id"))
        .bind(scope.agency()).bind(organization).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// The reply of that id in the scope's agency; whoever asks has been allowed its place.
pub async fn reply(db: &mut impl Reads, scope: &Scope, id: CannedReplyId) -> Result<CannedReply> {
    let found: Option<CannedReply> = on!(db, c => sqlx::query_as(columns!("where agency_id = $1 and id = $2"))
        .bind(scope.agency()).bind(id).fetch_optional(&mut *c).await)
    .map_err(fail)?;
    found.ok_or_else(|| Error::not_found("canned reply"))
}

/// Keeps a new reply. Says whether its shortcut was free there.
pub async fn insert(db: &mut Write, scope: &Scope, new: &CannedReply) -> Result<bool> {
    on!(db, c => sqlx::query(
        "insert into canned_replies (id, agency_id, organization_id, place, shortcut, title, body, tags, position, updated_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (agency_id, place, shortcut) do nothing")
        .bind(new.id).bind(scope.agency()).bind(new.organization).bind(new.key()).bind(&new.shortcut).bind(&new.title)
        .bind(&new.body).bind(&new.tags).bind(new.position).bind(new.updated_at)
        .execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Keeps a reply as it is now. Says whether its shortcut was free there.
pub async fn update(db: &mut Write, scope: &Scope, reply: &CannedReply) -> Result<bool> {
    on!(db, c => sqlx::query(
        "update canned_replies set shortcut = $3, title = $4, body = $5, tags = $6, position = $7, updated_at = $8 \
         where agency_id = $1 and id = $2 and not exists (select 1 from canned_replies o where o.agency_id = $1 \
         and o.place = canned_replies.place and o.shortcut = $3 and o.id <> $2)")
        .bind(scope.agency()).bind(reply.id).bind(&reply.shortcut).bind(&reply.title).bind(&reply.body).bind(&reply.tags)
        .bind(reply.position).bind(reply.updated_at).execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Removes a reply. Says whether there was one.
pub async fn delete(db: &mut Write, scope: &Scope, id: CannedReplyId) -> Result<bool> {
    on!(db, c => sqlx::query("delete from canned_replies where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(id).execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}
