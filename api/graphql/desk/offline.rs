//! Offline queries: what visitors left when nobody answered.

use async_graphql::{ComplexObject, Context, Enum, ID, Object, Result, SimpleObject};

use super::agency::Organization;
use super::agent::AiAgent;
use super::conversation::Conversation;
use super::{asking, loaders, services};
use crate::domain::id::{AiAgentId, ConversationId, OfflineQueryId, OrganizationId};
use crate::domain::page::OfflineQueryFilter;
use crate::graphql::wire::{Time, connection, id, mirror, optional_id, page_by_time, requires, time_cursor};
use crate::service::conversation;
use crate::service::offline::{self, Seen};

mirror! {
    /// What has become of an offline query.
    OfflineQueryState = crate::domain::offline::OfflineQueryState {
        /// Somebody should answer it.
        Open,
        /// Somebody has.
        Answered,
        /// Nothing more is to be done.
        Closed,
    }
}

mirror! {
    /// What was done with an offline query.
    OfflineQueryAction = crate::domain::offline::OfflineQueryStep {
        /// The visitor left it.
        Received,
        /// An operator answered by mail.
        Answered,
        /// The visitor wrote back by mail.
        Replied,
        /// Somebody closed it.
        Closed,
        /// Somebody opened it again.
        Reopened,
    }
}

/// One thing that was done with an offline query.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("live_chat.view_queue".to_owned()))]
pub struct OfflineQueryEvent {
    /// What.
    pub action: OfflineQueryAction,
    /// By whom; an operator's name, or the visitor's, as far as it is known.
    pub by: Option<String>,
    /// When.
    pub at: Time,
}

/// What a visitor left when nobody answered.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(complex, directive = requires::apply("live_chat.view_queue".to_owned()))]
pub struct OfflineQuery {
    /// The id: `ofq_...`.
    pub id: ID,
    /// What has become of it.
    pub state: OfflineQueryState,
    /// Raised by each change: of two copies the one with the greater `rev` is the newer.
    pub rev: i64,
    /// Where the visitor is answered; masked without `visitor.read_contact`.
    pub email: String,
    /// What they call themselves.
    pub name: Option<String>,
    /// What they want.
    pub message: String,
    /// Its number in the thread.
    pub seq: i64,
    /// When it came.
    pub created_at: Time,
    /// When anything was last done with it.
    pub changed_at: Time,
    /// Whether the viewer may answer and close it.
    pub answerable: bool,
    #[graphql(skip)]
    of: (OfflineQueryId, ConversationId, OrganizationId, AiAgentId),
}

impl OfflineQuery {
    fn of(seen: Seen) -> Self {
        let query = seen.query;
        Self {
            id: query.id.to_string().into(),
            state: query.state.into(),
            rev: query.rev,
            email: query.email,
            name: query.name,
            message: query.message,
            seq: query.seq,
            created_at: query.created_at.into(),
            changed_at: query.changed_at.into(),
            answerable: seen.answerable,
            of: (query.id, query.conversation, query.organization, query.ai_agent),
        }
    }
}

#[ComplexObject]
impl OfflineQuery {
    /// The thread it stands in.
    #[graphql(directive = requires::apply("live_chat.view_queue".to_owned()))]
    async fn conversation(&self, ctx: &Context<'_>) -> Result<Conversation> {
        let row = loaders(ctx)?.one(self.of.1, "conversation").await?;
        Ok(Conversation::of(conversation::seen(services(ctx)?, &asking(ctx)?.actor, row)))
    }

    /// The organization it is for.
    #[graphql(directive = requires::apply("live_chat.view_queue".to_owned()))]
    async fn organization(&self, ctx: &Context<'_>) -> Result<Organization> {
        Ok(Organization::of(loaders(ctx)?.one(self.of.2, "organization").await?))
    }

    /// The AI agent through whose widget it came.
    #[graphql(directive = requires::apply("live_chat.view_queue".to_owned()))]
    async fn ai_agent(&self, ctx: &Context<'_>) -> Result<AiAgent> {
        Ok(AiAgent::of(loaders(ctx)?.one(self.of.3, "AI agent").await?))
    }

    /// What was done with it, and by whom; the last hundred, the oldest first.
    #[graphql(directive = requires::apply("live_chat.view_queue".to_owned()))]
    async fn history(&self, ctx: &Context<'_>) -> Result<Vec<OfflineQueryEvent>> {
        let found = offline::history(services(ctx)?, &asking(ctx)?.actor, self.of.0).await?;
        let events = found.into_iter();
        Ok(events
            .map(|event| OfflineQueryEvent { action: event.what.into(), by: event.actor_name, at: event.at.into() })
            .collect())
    }
}

connection!(
    OfflineQueryConnection,
    OfflineQueryEdge,
    OfflineQuery,
    "offline queries",
    requires::apply("live_chat.view_queue".to_owned())
);

/// Queries of offline queries.
#[derive(Default)]
pub struct OfflineRootQuery;

#[Object]
impl OfflineRootQuery {
    /// Offline queries within the viewer's reach, the newest first: those in one of the `states`, or all.
    #[graphql(directive = requires::apply("live_chat.view_queue".to_owned()))]
    async fn offline_queries(
        &self,
        ctx: &Context<'_>,
        organization_id: Option<ID>,
        states: Option<Vec<OfflineQueryState>>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<OfflineQueryConnection> {
        let filter = OfflineQueryFilter {
            organization: optional_id("organizationId", organization_id.as_ref())?,
            states: states.map(|states| states.into_iter().map(Into::into).collect()),
        };
        let page = page_by_time(first, after.as_deref())?;
        let found = offline::queries(services(ctx)?, &asking(ctx)?.actor, &filter, &page).await?;
        let rows = found
            .rows
            .into_iter()
            .map(|seen| (time_cursor(seen.query.created_at, seen.query.id), OfflineQuery::of(seen)));
        Ok(OfflineQueryConnection::page(rows.collect(), found.more, page.after.is_some()))
    }

    /// How many offline queries within the viewer's reach are open.
    #[graphql(directive = requires::apply("live_chat.view_queue".to_owned()))]
    async fn open_offline_queries(&self, ctx: &Context<'_>, organization_id: Option<ID>) -> Result<i64> {
        let organization = optional_id("organizationId", organization_id.as_ref())?;
        Ok(offline::open(services(ctx)?, &asking(ctx)?.actor, organization).await?)
    }

    /// An offline query within the viewer's reach. NOT_FOUND for any other, whether or not it exists.
    #[graphql(directive = requires::apply("live_chat.view_queue".to_owned()))]
    async fn offline_query(&self, ctx: &Context<'_>, #[graphql(name = "id")] query_id: ID) -> Result<OfflineQuery> {
        let id = id("id", &query_id)?;
        Ok(OfflineQuery::of(offline::query(services(ctx)?, &asking(ctx)?.actor, id).await?))
    }
}

/// What is done with offline queries.
#[derive(Default)]
pub struct OfflineMutation;

#[Object]
impl OfflineMutation {
    /// Answers by mail, in the agency's name; the answer stands in the thread, and what the visitor answers to it comes back
    /// there. A retry with the same `clientId` sends nothing twice. CONFLICT with CLOSED, or with NOT_YOURS while somebody
    /// else has the chat.
    #[graphql(directive = requires::apply("live_chat.respond".to_owned()))]
    async fn answer_offline_query(
        &self,
        ctx: &Context<'_>,
        client_id: String,
        offline_query_id: ID,
        text: String,
    ) -> Result<OfflineQuery> {
        let id = id("offlineQueryId", &offline_query_id)?;
        let (services, actor) = (services(ctx)?, &asking(ctx)?.actor);
        Ok(OfflineQuery::of(offline::answer(services, actor, &client_id, id, &text).await?))
    }

    /// Closes a query; the links in its answers lead nowhere any more.
    #[graphql(directive = requires::apply("live_chat.respond".to_owned()))]
    async fn close_offline_query(&self, ctx: &Context<'_>, offline_query_id: ID) -> Result<OfflineQuery> {
        let id = id("offlineQueryId", &offline_query_id)?;
        Ok(OfflineQuery::of(offline::close(services(ctx)?, &asking(ctx)?.actor, id).await?))
    }

    /// Opens a closed query again.
    #[graphql(directive = requires::apply("live_chat.respond".to_owned()))]
    async fn reopen_offline_query(&self, ctx: &Context<'_>, offline_query_id: ID) -> Result<OfflineQuery> {
        let id = id("offlineQueryId", &offline_query_id)?;
        Ok(OfflineQuery::of(offline::reopen(services(ctx)?, &asking(ctx)?.actor, id).await?))
    }
}
