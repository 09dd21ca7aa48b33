//! Of whom nothing is taken: visitors, and network addresses.

use super::{Reads, Write, fail, on, row};
use crate::domain::block::Block;
use crate::domain::id::{BlockId, OrganizationId, VisitorId};
use crate::domain::page::{Page, Rows};
use crate::error::Result;
use crate::policy::Scope;

row!(Block {
    id: "id",
    organization: "organization_id",
    visitor: "visitor_id",
    address: "address",
    reason: "reason",
    created_by: "created_by",
    created_at: "created_at",
});

/// Keeps a new block.
pub async fn insert(db: &mut Write, scope: &Scope, block: &Block) -> Result<()> {
    on!(db, c => sqlx::query(
        "insert into blocks (id, agency_id, organization_id, visitor_id, address, reason, created_by, created_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8)")
        .bind(block.id).bind(scope.agency()).bind(block.organization).bind(block.visitor).bind(&block.address)
        .bind(&block.reason).bind(block.created_by).bind(block.created_at).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Blocks of an organization, or of all within reach; the newest first.
pub async fn blocks(
    db: &mut impl Reads,
    scope: &Scope,
    organization: Option<OrganizationId>,
    page: &Page<BlockId>,
) -> Result<Rows<Block>> {
    let reach = scope.organizations().map(super::types::list);
    let rows = on!(db, c => sqlx::query_as(
        "select id, organization_id, visitor_id, address, reason, created_by, created_at from blocks \
         where agency_id = $1 and ($2 is null or organization_id in (select value from json_each($2))) \
         and ($3 is null or organization_id = $3) and ($4 is null or id < $4) order by id desc limit $5")
        .bind(scope.agency()).bind(&reach).bind(organization).bind(page.after).bind(page.first as i64 + 1)
        .fetch_all(&mut *c).await)
    .map_err(fail)?;
    Ok(Rows::cut(rows, page.first))
}

/// The block of that id.
pub async fn block(db: &mut impl Reads, scope: &Scope, id: BlockId) -> Result<Option<Block>> {
    on!(db, c => sqlx::query_as(
        "select id, organization_id, visitor_id, address, reason, created_by, created_at from blocks where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(id).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// Takes a block back. Says whether there was one.
pub async fn remove(db: &mut Write, scope: &Scope, id: BlockId) -> Result<bool> {
    on!(db, c => sqlx::query("delete from blocks where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(id).execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Takes every block of a visitor back. Says how many there were.
pub async fn remove_of_visitor(db: &mut Write, scope: &Scope, visitor: VisitorId) -> Result<u64> {
    on!(db, c => sqlx::query("delete from blocks where agency_id = $1 and visitor_id = $2")
        .bind(scope.agency()).bind(visitor).execute(&mut *c).await.map(|done| done.rows_affected()))
    .map_err(fail)
}
