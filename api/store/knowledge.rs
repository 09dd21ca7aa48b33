//! What AI agents know, and the search over it.

use super::dialect;
use super::{Reads, Write, fail, on, row};
use crate::domain::agent::KnowledgeEntry;
use crate::domain::answer::search_terms;
use crate::domain::id::{AiAgentId, KnowledgeEntryId};
use crate::domain::page::{Page, Rows};
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::policy::Scope;

row!(KnowledgeEntry { id: "id", ai_agent: "ai_agent_id", title: "title", body: "body", updated_at: "updated_at" });

/// Entries of an AI agent, oldest first.
pub async fn entries(
    db: &mut impl Reads,
    scope: &Scope,
    ai_agent: AiAgentId,
    page: &Page<KnowledgeEntryId>,
) -> Result<Rows<KnowledgeEntry>> {
    let rows = on!(db, c => sqlx::query_as(
        "select id, ai_agent_id, title, body, updated_at from knowledge_entries \
         where agency_id = $1 and ai_agent_id = $2 and ($3 is null or id > $3) order by id limit $4")
        .bind(scope.agency()).bind(ai_agent).bind(page.after).bind(page.first as i64 + 1).fetch_all(&mut *c).await)
    .map_err(fail)?;
    Ok(Rows::cut(rows, page.first))
}

/// The entry, if it is in the scope's agency; whoever asks has been allowed its place.
pub async fn entry(db: &mut impl Reads, scope: &Scope, id: KnowledgeEntryId) -> Result<KnowledgeEntry> {
    let found: Option<KnowledgeEntry> = on!(db, c => sqlx::query_as(
        "select id, ai_agent_id, title, body, updated_at from knowledge_entries where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(id).fetch_optional(&mut *c).await)
    .map_err(fail)?;
    found.ok_or_else(|| Error::not_found("knowledge entry"))
}

/// The entries that fit the words best, best first, with how well (higher is better; not comparable between engines).
pub async fn search(
    db: &mut impl Reads,
    scope: &Scope,
    ai_agent: AiAgentId,
    text: &str,
    most: usize,
) -> Result<Vec<(KnowledgeEntry, f64)>> {
    let words = search_terms(text);
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let ranked = dialect::rank_knowledge(db, scope, ai_agent, &words, most).await?;
    let ids: Vec<KnowledgeEntryId> = ranked.iter().map(|(id, _)| *id).collect();
    let found: Vec<KnowledgeEntry> = on!(db, c => sqlx::query_as(
        "select id, ai_agent_id, title, body, updated_at from knowledge_entries \
         where agency_id = $1 and id in (select value from json_each($2))")
        .bind(scope.agency()).bind(super::types::list(&ids)).fetch_all(&mut *c).await)
    .map_err(fail)?;
    Ok(ranked
        .into_iter()
        .filter_map(|(id, rank)| found.iter().find(|entry| entry.id == id).map(|entry| (entry.clone(), rank)))
        .collect())
}

/// Keeps a new entry, and makes it findable.
pub async fn insert(db: &mut Write, scope: &Scope, entry: &KnowledgeEntry, now: Time) -> Result<()> {
    on!(db, c => sqlx::query(
        "insert into knowledge_entries (id, agency_id, ai_agent_id, title, body, created_at, updated_at) \
         values ($1, $2, $3, $4, $5, $6, $6)")
        .bind(entry.id).bind(scope.agency()).bind(entry.ai_agent).bind(&entry.title).bind(&entry.body).bind(now)
        .execute(&mut *c).await.map(|_| ()))
    .map_err(fail)?;
    index(db, scope, entry).await
}

/// Keeps the entry as it is now.
pub async fn update(db: &mut Write, scope: &Scope, entry: &KnowledgeEntry) -> Result<()> {
    on!(db, c => sqlx::query(
        "update knowledge_entries set title = $3, body = $4, updated_at = $5 where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(entry.id).bind(&entry.title).bind(&entry.body).bind(entry.updated_at)
        .execute(&mut *c).await.map(|_| ()))
    .map_err(fail)?;
    forget(db, scope, entry.id).await?;
    index(db, scope, entry).await
}

/// Removes the entry. Says whether there was one.
pub async fn delete(db: &mut Write, scope: &Scope, id: KnowledgeEntryId) -> Result<bool> {
    forget(db, scope, id).await?;
    on!(db, c => sqlx::query("delete from knowledge_entries where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(id).execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

async fn index(db: &mut Write, scope: &Scope, entry: &KnowledgeEntry) -> Result<()> {
    let words = crate::domain::answer::normalise(&format!("{}\n{}", entry.title, entry.body));
    on!(db, c => sqlx::query("insert into knowledge_search (entry_id, agency_id, ai_agent_id, words) values ($1, $2, $3, $4)")
        .bind(entry.id).bind(scope.agency()).bind(entry.ai_agent).bind(&words).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

async fn forget(db: &mut Write, scope: &Scope, id: KnowledgeEntryId) -> Result<()> {
    on!(db, c => sqlx::query("delete from knowledge_search where agency_id = $1 and entry_id = $2")
        .bind(scope.agency()).bind(id).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}
