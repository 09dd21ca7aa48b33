//! Who did what, to what, from where. Only ever added to: there is no function here that changes or removes, and the
//! databases refuse both.

use super::{Reads, Write, fail, on, row};
use crate::domain::audit::{AuditEntry, AuditFilter};
use crate::domain::id::{AgencyId, AuditEntryId};
use crate::domain::page::{Page, Rows};
use crate::domain::text::searchable;
use crate::error::{Error, Result};
use crate::policy::Scope;

row!(AuditEntry {
    id: "id",
    agency: "agency_id",
    organization: "organization_id",
    actor: "actor",
    as_actor: "as_actor",
    action: "action",
    object: "object",
    detail: "detail",
    address: "address",
    created_at: "created_at",
    seq: "seq",
    hash: "hash",
});

/// Adds what a unit has noted to the chains of its agencies. [`Write::commit`] calls it, and nobody else: the head of a
/// chain stays locked until the unit ends, so it is taken last, when nothing but the commit is left to wait for, and
/// after all other locks, so that no two units wait for each other.
pub(super) async fn append(db: &mut Write, mut entries: Vec<AuditEntry>) -> Result<()> {
    entries.sort_by_key(|entry| entry.agency);
    for own in entries.chunk_by(|one, other| one.agency == other.agency) {
        let Some(agency) = own.first().map(|entry| entry.agency) else { continue };
        let (length, mut hash) = take_head(db, agency, own.len()).await?;
        for (entry, seq) in own.iter().zip(length + 1..) {
            hash = entry.hash_after(&hash, seq);
            insert(db, entry, seq, &hash).await?;
        }
        set_head(db, agency, &hash).await?;
    }
    Ok(())
}

async fn insert(db: &mut Write, entry: &AuditEntry, seq: i64, hash: &str) -> Result<()> {
    let search = searchable(&format!("{} {} {}", entry.action, entry.object, entry.detail));
    on!(db, c => sqlx::query(
        "insert into audit_entries (id, agency_id, organization_id, actor, as_actor, action, object, detail, address, created_at, \
         seq, hash, search) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)")
        .bind(entry.id).bind(entry.agency).bind(entry.organization).bind(&entry.actor).bind(&entry.as_actor).bind(&entry.action)
        .bind(&entry.object).bind(&entry.detail).bind(&entry.address).bind(entry.created_at).bind(seq).bind(hash).bind(&search)
        .execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Makes the chain of an agency longer by so many entries. Gives how long it was, and its last hash.
async fn take_head(db: &mut Write, agency: AgencyId, more: usize) -> Result<(i64, String)> {
    let more = more as i64;
    for _ in 0..2 {
        let found: Option<(i64, String)> = on!(db, c => sqlx::query_as(
            "update audit_heads set entries = entries + $2 where agency_id = $1 returning entries, hash")
            .bind(agency).bind(more).fetch_optional(&mut *c).await)
        .map_err(fail)?;
        if let Some((entries, hash)) = found {
            return Ok((entries - more, hash));
        }
        on!(db, c => sqlx::query(
            "insert into audit_heads (agency_id, entries, hash) values ($1, 0, '') on conflict do nothing")
            .bind(agency).execute(&mut *c).await.map(|_| ()))
        .map_err(fail)?;
    }
    Err(Error::internal("the head of an audit log cannot be found"))
}

async fn set_head(db: &mut Write, agency: AgencyId, hash: &str) -> Result<()> {
    on!(db, c => sqlx::query("update audit_heads set hash = $2 where agency_id = $1")
        .bind(agency).bind(hash).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// How long the chain is, and its last hash.
pub async fn head(db: &mut impl Reads, scope: &Scope) -> Result<(i64, String)> {
    let found: Option<(i64, String)> =
        on!(db, c => sqlx::query_as("select entries, hash from audit_heads where agency_id = $1")
        .bind(scope.agency()).fetch_optional(&mut *c).await)
        .map_err(fail)?;
    Ok(found.unwrap_or_default())
}

/// Gives the entries of an agency that were kept before there was a chain their place in it, the oldest first. Only while
/// it has no chain: an entry without a place is a forgery afterwards.
pub async fn adopt(db: &mut Write, scope: &Scope) -> Result<()> {
    let (agency, begun) = (scope.agency(), head(db, scope).await?.0);
    if begun > 0 {
        return Ok(());
    }
    let old: Vec<AuditEntry> = on!(db, c => sqlx::query_as(
        "select id, agency_id, organization_id, actor, as_actor, action, object, detail, address, created_at, seq, hash \
         from audit_entries where agency_id = $1 and hash is null order by id")
        .bind(agency).fetch_all(&mut *c).await)
    .map_err(fail)?;
    let (_, mut hash) = take_head(db, agency, old.len()).await?;
    for (entry, seq) in old.iter().zip(1..) {
        hash = entry.hash_after(&hash, seq);
        let search = searchable(&format!("{} {} {}", entry.action, entry.object, entry.detail));
        on!(db, c => sqlx::query("update audit_entries set seq = $3, hash = $4, search = $5 where agency_id = $1 and id = $2")
            .bind(agency).bind(entry.id).bind(seq).bind(&hash).bind(&search).execute(&mut *c).await.map(|_| ()))
        .map_err(fail)?;
    }
    set_head(db, agency, &hash).await
}

/// The agencies that have no chain yet.
pub async fn without_chain(db: &mut impl Reads) -> Result<Vec<AgencyId>> {
    let found: Vec<(AgencyId,)> = on!(db, c => sqlx::query_as(
        "select id from agencies where not exists (select 1 from audit_heads h where h.agency_id = agencies.id) order by id")
        .fetch_all(&mut *c).await)
    .map_err(fail)?;
    Ok(found.into_iter().map(|(agency,)| agency).collect())
}

/// Entries of the chain after number `after`, in order.
pub async fn in_order(db: &mut impl Reads, scope: &Scope, after: i64, most: usize) -> Result<Vec<AuditEntry>> {
    on!(db, c => sqlx::query_as(
        "select id, agency_id, organization_id, actor, as_actor, action, object, detail, address, created_at, seq, hash \
         from audit_entries where agency_id = $1 and seq > $2 order by seq, id limit $3")
        .bind(scope.agency()).bind(after).bind(most as i64).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// One entry of an agency that stands outside of its chain, if there is any; judged in one statement, so that whoever
/// writes meanwhile is not taken for a forger.
pub async fn strays(db: &mut impl Reads, scope: &Scope) -> Result<Vec<AuditEntryId>> {
    let found: Vec<(AuditEntryId,)> = on!(db, c => sqlx::query_as(
        "select id from audit_entries where agency_id = $1 and (seq is null or seq < 1 \
         or seq > coalesce((select h.entries from audit_heads h where h.agency_id = $1), 0)) order by id limit 1")
        .bind(scope.agency()).fetch_all(&mut *c).await)
    .map_err(fail)?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}

/// What things of the scope's agency are called now, by their ids, of whatever kind they are.
pub async fn names(db: &mut impl Reads, scope: &Scope, ids: &[String]) -> Result<Vec<(String, String)>> {
    let list = serde_json::to_string(ids).map_err(Error::internal)?;
    on!(db, c => sqlx::query_as(
        "with wanted as (select value as id from json_each($2)) \
         select id, name from users where agency_id = $1 and id in (select id from wanted) \
         union all select id, name from organizations where agency_id = $1 and id in (select id from wanted) \
         union all select id, name from ai_agents where agency_id = $1 and id in (select id from wanted) \
         union all select id, title from widgets where agency_id = $1 and id in (select id from wanted) \
         union all select id, title from knowledge_entries where agency_id = $1 and id in (select id from wanted) \
         union all select id, name from visitors where agency_id = $1 and name is not null and id in (select id from wanted) \
         union all select m.id, u.name from memberships m join users u on u.id = m.user_id \
             where m.agency_id = $1 and m.id in (select id from wanted) \
         union all select id, name from api_keys where agency_id = $1 and id in (select id from wanted) \
         union all select id, name from agencies where id = $1 and id in (select id from wanted)")
        .bind(scope.agency()).bind(&list).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// Entries within the scope, the newest first: of its organizations alone, unless it holds the whole agency.
pub async fn entries(
    db: &mut impl Reads,
    scope: &Scope,
    filter: &AuditFilter,
    page: &Page<AuditEntryId>,
) -> Result<Rows<AuditEntry>> {
    let reach = scope.organizations().map(super::types::list);
    let search = filter.search.as_deref().map(searchable).filter(|text| !text.is_empty()).map(|text| {
        let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        format!("%{escaped}%")
    });
    let rows = on!(db, c => sqlx::query_as(
        "select id, agency_id, organization_id, actor, as_actor, action, object, detail, address, created_at, seq, hash \
         from audit_entries where agency_id = $1 \
         and ($2 is null or organization_id in (select value from json_each($2))) \
         and ($3 is null or actor = $3 or as_actor = $3) and ($4 is null or action = $4) and ($5 is null or object = $5) \
         and ($6 is null or created_at >= $6) and ($7 is null or created_at < $7) \
         and ($8 is null or search like $8 escape '\\') and ($9 is null or id < $9) \
         order by id desc limit $10")
        .bind(scope.agency()).bind(&reach).bind(&filter.actor).bind(&filter.action).bind(&filter.object)
        .bind(filter.from).bind(filter.to).bind(&search).bind(page.after).bind(page.first as i64 + 1)
        .fetch_all(&mut *c).await)
    .map_err(fail)?;
    Ok(Rows::cut(rows, page.first))
}
