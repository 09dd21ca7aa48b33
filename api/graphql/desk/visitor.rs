//! Visitors: who signs for them, who is kept out, who is forgotten.

use async_graphql::{ComplexObject, Context, ID, Object, Result, SimpleObject};

use super::identity::User;
use super::{asking, loaders, services};
use crate::domain::block;
use crate::graphql::wire::{Time, connection, id, optional_id, page_by_id, requires};
use crate::service::visitor::identify::KeyState;
use crate::service::visitor::{self as service};

/// The key with which a client's site signs for its visitors.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("widget.edit_origins".to_owned()))]
pub struct IdentitySecret {
    /// The last characters of the newest one; null while there is none.
    pub hint: Option<String>,
    /// When that was made.
    pub created_at: Option<Time>,
    /// Until when the one before it still counts.
    pub previous_until: Option<Time>,
    /// The key itself: in the answer that made it, and never again.
    pub secret: Option<String>,
}

impl From<KeyState> for IdentitySecret {
    fn from(state: KeyState) -> Self {
        Self {
            hint: state.hint,
            created_at: state.created_at.map(Into::into),
            previous_until: state.previous_until.map(Into::into),
            secret: state.secret,
        }
    }
}

/// Of whom nothing is taken: a visitor, or everybody who comes from a network.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(complex, directive = requires::apply("live_chat.supervise".to_owned()))]
pub struct Block {
    /// The id: `blk_...`.
    pub id: ID,
    /// The visitor, when it is one.
    pub visitor_id: Option<ID>,
    /// The network, when it is one: `203.0.113.7/32`, `2001:db8:1:2::/64`.
    pub network: Option<String>,
    /// Why, in the words of whoever did it.
    pub reason: String,
    /// When.
    pub created_at: Time,
    #[graphql(skip)]
    of: block::Block,
}

impl Block {
    /// Wraps one.
    pub fn of(of: block::Block) -> Self {
        Self {
            id: of.id.to_string().into(),
            visitor_id: of.visitor.map(|id| id.to_string().into()),
            network: of.address.clone(),
            reason: of.reason.clone(),
            created_at: of.created_at.into(),
            of,
        }
    }
}

#[ComplexObject]
impl Block {
    /// Who did it.
    #[graphql(directive = requires::apply("live_chat.supervise".to_owned()))]
    async fn created_by(&self, ctx: &Context<'_>) -> Result<User> {
        Ok(User::of(loaders(ctx)?.one(self.of.created_by, "user").await?))
    }

    /// What the visitor calls themselves, when they said it.
    #[graphql(directive = requires::apply("live_chat.supervise".to_owned()))]
    async fn visitor_name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        match self.of.visitor {
            Some(visitor) => Ok(loaders(ctx)?.one(visitor, "visitor").await?.name),
            None => Ok(None),
        }
    }
}

connection!(BlockConnection, BlockEdge, Block, "blocks", requires::apply("live_chat.supervise".to_owned()));

/// Queries of visitors.
#[derive(Default)]
pub struct VisitorQuery;

#[Object]
impl VisitorQuery {
    /// What is known of the key with which a client's site signs for the visitors of a widget.
    #[graphql(directive = requires::apply("widget.edit_origins".to_owned()))]
    async fn identity_secret(&self, ctx: &Context<'_>, widget_id: ID) -> Result<IdentitySecret> {
        let id = id("widgetId", &widget_id)?;
        Ok(service::identify::key_state(services(ctx)?, &asking(ctx)?.actor, id).await?.into())
    }

    /// Blocks within the viewer's reach, the newest first; of one organization, if one is named.
    #[graphql(directive = requires::apply("live_chat.supervise".to_owned()))]
    async fn blocks(
        &self,
        ctx: &Context<'_>,
        organization_id: Option<ID>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<BlockConnection> {
        let organization = optional_id("organizationId", organization_id.as_ref())?;
        let page = page_by_id(first, after.as_deref())?;
        let found = service::block::blocks(services(ctx)?, &asking(ctx)?.actor, organization, &page).await?;
        let rows = found.rows.into_iter().map(|row| (row.id.to_string(), Block::of(row))).collect();
        Ok(BlockConnection::page(rows, found.more, page.after.is_some()))
    }
}

/// What the desk does about visitors.
#[derive(Default)]
pub struct VisitorMutation;

#[Object]
impl VisitorMutation {
    /// Makes a new key with which the client's site signs for its visitors, and gives it this once. The one before counts
    /// for `keepHours` more, 24 when nothing is said and 168 at most; nought ends it at once.
    #[graphql(directive = requires::apply("widget.edit_origins".to_owned()))]
    async fn rotate_identity_secret(
        &self,
        ctx: &Context<'_>,
        widget_id: ID,
        keep_hours: Option<i64>,
    ) -> Result<IdentitySecret> {
        let id = id("widgetId", &widget_id)?;
        Ok(service::identify::rotate_key(services(ctx)?, &asking(ctx)?.actor, id, keep_hours).await?.into())
    }

    /// Takes nothing of a visitor any more, and with `network` of nobody who comes from where they last came from. They are
    /// not told why. CONFLICT with NO_ADDRESS when it is not known where they come from.
    #[graphql(directive = requires::apply("live_chat.supervise".to_owned()))]
    async fn block_visitor(
        &self,
        ctx: &Context<'_>,
        visitor_id: ID,
        reason: String,
        network: Option<bool>,
    ) -> Result<Vec<Block>> {
        let id = id("visitorId", &visitor_id)?;
        let (services, actor) = (services(ctx)?, &asking(ctx)?.actor);
        let made = service::block::block_visitor(services, actor, id, &reason, network.unwrap_or(false)).await?;
        Ok(made.into_iter().map(Block::of).collect())
    }

    /// Takes what a visitor writes again. A block of their network stays.
    #[graphql(directive = requires::apply("live_chat.supervise".to_owned()))]
    async fn unblock_visitor(&self, ctx: &Context<'_>, visitor_id: ID) -> Result<bool> {
        let id = id("visitorId", &visitor_id)?;
        service::block::unblock_visitor(services(ctx)?, &asking(ctx)?.actor, id).await?;
        Ok(true)
    }

    /// Lifts one block, of a visitor or of a network.
    #[graphql(directive = requires::apply("live_chat.supervise".to_owned()))]
    async fn lift_block(&self, ctx: &Context<'_>, block_id: ID) -> Result<bool> {
        let id = id("blockId", &block_id)?;
        service::block::lift_block(services(ctx)?, &asking(ctx)?.actor, id).await?;
        Ok(true)
    }

    /// Erases what is known of a visitor and what was said with them, as they asked for; a chat that runs ends.
    #[graphql(directive = requires::apply("conversation.delete".to_owned()))]
    async fn forget_visitor(&self, ctx: &Context<'_>, visitor_id: ID) -> Result<bool> {
        let id = id("visitorId", &visitor_id)?;
        service::forget::forget_visitor(services(ctx)?, &asking(ctx)?.actor, id).await?;
        Ok(true)
    }
}
