//! Canned replies.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

use super::{asking, services};
use crate::domain::canned as domain;
use crate::graphql::wire::{Time, id, optional_id, requires};
use crate::service::canned;

/// A reply that is kept ready. In its text `{visitor.name}`, `{topic}`, `{operator.name}` and `{ai_agent.name}` stand for what
/// is known in a chat; `{visitor.name|there}` says what stands there when it is not. The topic is the reason of the request.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("live_chat.respond".to_owned()))]
pub struct CannedReply {
    /// The id: `crp_...`.
    pub id: ID,
    /// Whether the agency has it for all of its organizations.
    pub of_agency: bool,
    /// What one types after the slash.
    pub shortcut: String,
    /// What it is for.
    pub title: String,
    /// The reply, with its variables.
    pub text: String,
    /// What it is filed under.
    pub tags: Vec<String>,
    /// Where it stands among the others: the smallest first.
    pub position: i64,
    /// When it was last changed.
    pub updated_at: Time,
}

impl CannedReply {
    fn of(reply: domain::CannedReply) -> Self {
        Self {
            id: reply.id.to_string().into(),
            of_agency: reply.organization.is_none(),
            shortcut: reply.shortcut,
            title: reply.title,
            text: reply.body,
            tags: reply.tags.lines().map(str::to_owned).collect(),
            position: reply.position,
            updated_at: reply.updated_at.into(),
        }
    }
}

/// A canned reply as somebody writes it.
#[derive(InputObject, Debug, Clone)]
pub struct CannedReplyInput {
    /// What one types after the slash: letters, digits, hyphens, underscores and dots.
    pub shortcut: String,
    /// What it is for.
    pub title: String,
    /// The reply, with its variables. INVALID with UNKNOWN_VARIABLE for one that does not exist.
    pub text: String,
    /// What it is filed under.
    pub tags: Option<Vec<String>>,
}

impl CannedReplyInput {
    fn draft(self) -> domain::Draft {
        domain::Draft {
            shortcut: self.shortcut,
            title: self.title,
            body: self.text,
            tags: self.tags.unwrap_or_default(),
        }
    }
}

/// Queries of canned replies.
#[derive(Default)]
pub struct CannedReplyQuery;

#[Object]
impl CannedReplyQuery {
    /// The canned replies of an organization and those that its agency has for all, in their order; without an organization
    /// the agency's alone.
    #[graphql(directive = requires::apply("live_chat.respond".to_owned()))]
    async fn canned_replies(&self, ctx: &Context<'_>, organization_id: Option<ID>) -> Result<Vec<CannedReply>> {
        let organization = optional_id("organizationId", organization_id.as_ref())?;
        let found = canned::replies(services(ctx)?, &asking(ctx)?.actor, organization).await?;
        Ok(found.into_iter().map(CannedReply::of).collect())
    }
}

/// Changes of canned replies.
#[derive(Default)]
pub struct CannedReplyMutation;

#[Object]
impl CannedReplyMutation {
    /// Adds a canned reply to an organization; without one to the agency, for all of its organizations. CONFLICT with
    /// SHORTCUT_TAKEN.
    #[graphql(directive = requires::apply("canned_reply.edit".to_owned()))]
    async fn create_canned_reply(
        &self,
        ctx: &Context<'_>,
        client_id: String,
        organization_id: Option<ID>,
        input: CannedReplyInput,
    ) -> Result<CannedReply> {
        let organization = optional_id("organizationId", organization_id.as_ref())?;
        let (services, actor) = (services(ctx)?, &asking(ctx)?.actor);
        Ok(CannedReply::of(canned::create(services, actor, &client_id, organization, &input.draft()).await?))
    }

    /// Changes a canned reply; `position` moves it among the others.
    #[graphql(directive = requires::apply("canned_reply.edit".to_owned()))]
    async fn update_canned_reply(
        &self,
        ctx: &Context<'_>,
        canned_reply_id: ID,
        input: CannedReplyInput,
        position: Option<i64>,
    ) -> Result<CannedReply> {
        let id = id("cannedReplyId", &canned_reply_id)?;
        let (services, actor) = (services(ctx)?, &asking(ctx)?.actor);
        Ok(CannedReply::of(canned::update(services, actor, id, &input.draft(), position).await?))
    }

    /// Removes a canned reply.
    #[graphql(directive = requires::apply("canned_reply.edit".to_owned()))]
    async fn delete_canned_reply(&self, ctx: &Context<'_>, canned_reply_id: ID) -> Result<bool> {
        let id = id("cannedReplyId", &canned_reply_id)?;
        canned::delete(services(ctx)?, &asking(ctx)?.actor, id).await?;
        Ok(true)
    }

    /// Adds the starter pack to an organization, or to the agency: greeting, "I am looking into it", confirm, solve, check,
    /// thank. What is there under the same shortcuts stays as it is.
    #[graphql(directive = requires::apply("canned_reply.edit".to_owned()))]
    async fn add_starter_replies(&self, ctx: &Context<'_>, organization_id: Option<ID>) -> Result<bool> {
        let organization = optional_id("organizationId", organization_id.as_ref())?;
        canned::add_starters(services(ctx)?, &asking(ctx)?.actor, organization).await?;
        Ok(true)
    }
}
