//! What AI agents know: look, search, add, change, remove.

use serde_json::json;

use super::{By, Services, doer_of};
use crate::domain::access::{Actor, Place};
use crate::domain::agent::{AiAgent, KnowledgeEntry};
use crate::domain::id::{AiAgentId, KnowledgeEntryId};
use crate::domain::page::{Page, Rows};
use crate::domain::permission::Permission;
use crate::domain::text;
use crate::error::{Error, Result};
use crate::policy::Scope;
use crate::store::{Creation, create_once, knowledge, locate};

/// Longest title, in characters.
const TITLE: usize = 200;
/// Longest body, in characters.
const BODY: usize = 10_000;
/// How many entries an AI agent may have.
const MOST: usize = 5_000;

/// Entries of an AI agent: those that fit `search`, best first, or all, oldest first.
pub async fn entries(
    s: &Services,
    actor: &Actor,
    agent: &AiAgent,
    search: Option<&str>,
    page: &Page<KnowledgeEntryId>,
) -> Result<Rows<KnowledgeEntry>> {
    let scope = s.policy.allow(actor, Permission::KnowledgeRead, &agent.place(), "AI agent")?;
    let mut read = s.store.read().await?;
    match search.map(str::trim).filter(|search| !search.is_empty()) {
        Some(search) => {
            let found = knowledge::search(&mut read, &scope, agent.id, search, page.first).await?;
            Ok(Rows { rows: found.into_iter().map(|(entry, _)| entry).collect(), more: false })
        }
        None => knowledge::entries(&mut read, &scope, agent.id, page).await,
    }
}

async fn allow(s: &Services, actor: &Actor, id: KnowledgeEntryId) -> Result<(Scope, Place)> {
    s.policy.may_somewhere(actor, Permission::KnowledgeEdit)?;
    let mut read = s.store.read().await?;
    let place = locate::knowledge_entry(&mut read, id).await?.ok_or_else(|| Error::not_found("knowledge entry"))?;
    Ok((s.policy.allow(actor, Permission::KnowledgeEdit, &place, "knowledge entry")?, place))
}

/// Adds an entry.
pub async fn create(
    s: &Services,
    actor: &Actor,
    client_id: &str,
    agent: AiAgentId,
    title: &str,
    body: &str,
) -> Result<KnowledgeEntry> {
    let user = doer_of(actor)?;
    let client_id = text::client_id(client_id)?;
    s.policy.may_somewhere(actor, Permission::KnowledgeEdit)?;
    let mut read = s.store.read().await?;
    let place = locate::ai_agent(&mut read, agent).await?.ok_or_else(|| Error::not_found("AI agent"))?;
    let scope = s.policy.allow(actor, Permission::KnowledgeEdit, &place, "AI agent")?;
    let page = Page { first: MOST, after: None };
    if knowledge::entries(&mut read, &scope, agent, &page).await?.rows.len() >= MOST {
        return Err(Error::conflict("TOO_MANY", "This AI agent knows as much as it can hold. Remove something first."));
    }
    drop(read);
    let now = s.clock.now();
    let entry = KnowledgeEntry {
        id: s.ids.next(now),
        ai_agent: agent,
        title: text::line("title", title, TITLE)?,
        body: text::block("body", body, BODY)?,
        updated_at: now,
    };
    let mut unit = s.store.write().await?;
    let creation = Creation {
        actor: &user,
        client_id: &client_id,
        agency: scope.agency(),
        fingerprint: &format!("createKnowledgeEntry {agent} {:?} {:?}", entry.title, entry.body),
        result: &entry.id.to_string(),
        now,
    };
    if let Some(first) = create_once(&mut unit, &creation).await? {
        let first = first.parse().map_err(Error::internal)?;
        let first = knowledge::entry(&mut unit, &scope, first).await?;
        unit.undo().await?;
        return Ok(first);
    }
    knowledge::insert(&mut unit, &scope, &entry, now).await?;
    let by = By { actor: &user, organization: place.organization };
    s.note(&mut unit, &scope, &by, "knowledge.create", entry.id, json!({ "title": entry.title })).await?;
    unit.commit().await?;
    Ok(entry)
}

/// Replaces title and body of an entry.
pub async fn update(
    s: &Services,
    actor: &Actor,
    id: KnowledgeEntryId,
    title: &str,
    body: &str,
) -> Result<KnowledgeEntry> {
    let user = doer_of(actor)?;
    let (title, body) = (text::line("title", title, TITLE)?, text::block("body", body, BODY)?);
    let (scope, place) = allow(s, actor, id).await?;
    let mut unit = s.store.write().await?;
    let before = knowledge::entry(&mut unit, &scope, id).await?;
    let after = KnowledgeEntry { title, body, updated_at: s.clock.now(), ..before.clone() };
    knowledge::update(&mut unit, &scope, &after).await?;
    let by = By { actor: &user, organization: place.organization };
    let detail = json!({ "before": { "title": before.title, "body": before.body }, "after": { "title": after.title, "body": after.body } });
    s.note(&mut unit, &scope, &by, "knowledge.edit", id, detail).await?;
    unit.commit().await?;
    Ok(after)
}

/// Removes an entry. What it said stays in the audit log.
pub async fn delete(s: &Services, actor: &Actor, id: KnowledgeEntryId) -> Result<()> {
    let user = doer_of(actor)?;
    let (scope, place) = allow(s, actor, id).await?;
    let mut unit = s.store.write().await?;
    let before = knowledge::entry(&mut unit, &scope, id).await?;
    knowledge::delete(&mut unit, &scope, id).await?;
    let by = By { actor: &user, organization: place.organization };
    s.note(&mut unit, &scope, &by, "knowledge.delete", id, json!({ "title": before.title, "body": before.body }))
        .await?;
    unit.commit().await
}
