//! What AI agents know.

use async_graphql::{Context, ID, Object, Result, SimpleObject};

use super::{asking, services};
use crate::domain::agent;
use crate::graphql::wire::{Time, connection, id, page_by_id, requires};
use crate::service::knowledge;

/// One thing that an AI agent knows.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("knowledge.read".to_owned()))]
pub struct KnowledgeEntry {
    /// The id: `kbe_...`.
    pub id: ID,
    /// What it is about; often the question.
    pub title: String,
    /// What there is to say.
    pub body: String,
    /// When it was last changed.
    pub updated_at: Time,
}

impl KnowledgeEntry {
    fn of(entry: agent::KnowledgeEntry) -> Self {
        Self {
            id: entry.id.to_string().into(),
            title: entry.title,
            body: entry.body,
            updated_at: entry.updated_at.into(),
        }
    }
}

connection!(
    KnowledgeEntryConnection,
    KnowledgeEntryEdge,
    KnowledgeEntry,
    "knowledge entries",
    requires::apply("knowledge.read".to_owned())
);

pub(super) async fn page(
    ctx: &Context<'_>,
    of: &agent::AiAgent,
    search: Option<&str>,
    first: Option<i32>,
    after: Option<String>,
) -> Result<KnowledgeEntryConnection> {
    let page = page_by_id(first, after.as_deref())?;
    let found = knowledge::entries(services(ctx)?, &asking(ctx)?.actor, of, search, &page).await?;
    let rows = found.rows.into_iter().map(|row| (row.id.to_string(), KnowledgeEntry::of(row))).collect();
    Ok(KnowledgeEntryConnection::page(rows, found.more, page.after.is_some()))
}

/// Changes of what AI agents know.
#[derive(Default)]
pub struct KnowledgeMutation;

#[Object]
impl KnowledgeMutation {
    /// Adds an entry.
    #[graphql(directive = requires::apply("knowledge.edit".to_owned()))]
    async fn create_knowledge_entry(
        &self,
        ctx: &Context<'_>,
        client_id: String,
        ai_agent_id: ID,
        title: String,
        body: String,
    ) -> Result<KnowledgeEntry> {
        let agent = id("aiAgentId", &ai_agent_id)?;
        let (services, actor) = (services(ctx)?, &asking(ctx)?.actor);
        Ok(KnowledgeEntry::of(knowledge::create(services, actor, &client_id, agent, &title, &body).await?))
    }

    /// Replaces title and body of an entry.
    #[graphql(directive = requires::apply("knowledge.edit".to_owned()))]
    async fn update_knowledge_entry(
        &self,
        ctx: &Context<'_>,
        knowledge_entry_id: ID,
        title: String,
        body: String,
    ) -> Result<KnowledgeEntry> {
        let id = id("knowledgeEntryId", &knowledge_entry_id)?;
        Ok(KnowledgeEntry::of(knowledge::update(services(ctx)?, &asking(ctx)?.actor, id, &title, &body).await?))
    }

    /// Removes an entry.
    #[graphql(directive = requires::apply("knowledge.edit".to_owned()))]
    async fn delete_knowledge_entry(&self, ctx: &Context<'_>, knowledge_entry_id: ID) -> Result<bool> {
        let id = id("knowledgeEntryId", &knowledge_entry_id)?;
        knowledge::delete(services(ctx)?, &asking(ctx)?.actor, id).await?;
        Ok(true)
    }
}
