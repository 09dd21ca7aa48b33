//! What a model writes for operators, and never sends.

use async_graphql::{Context, ID, Object, Result, SimpleObject};

use super::{asking, services};
use crate::domain::suggestion as domain;
use crate::graphql::wire::{SuggestionKind, SuggestionState, Time, id, requires};
use crate::service::suggestion;

/// A draft or a summary that a model was asked for. Its text is nobody's word until a person sends it as theirs; it is to be
/// shown as plain text.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("live_chat.respond".to_owned()))]
pub struct Suggestion {
    /// The id: `sug_...`.
    pub id: ID,
    /// What was wanted.
    pub kind: SuggestionKind,
    /// How far it is.
    pub state: SuggestionState,
    /// The text; empty until it is there.
    pub text: String,
    /// When it was asked for.
    pub created_at: Time,
}

impl Suggestion {
    fn of(suggestion: domain::Suggestion) -> Self {
        Self {
            id: suggestion.id.to_string().into(),
            kind: suggestion.kind.into(),
            state: suggestion.state.into(),
            text: suggestion.body,
            created_at: suggestion.created_at.into(),
        }
    }
}

/// Queries of suggestions.
#[derive(Default)]
pub struct SuggestionQuery;

#[Object]
impl SuggestionQuery {
    /// Whether there is a model here that can write drafts and summaries.
    #[graphql(directive = requires::apply("live_chat.respond".to_owned()))]
    async fn suggestions_available(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(suggestion::available(services(ctx)?))
    }

    /// What the viewer asked for in a conversation within a day, the newest first; nobody sees anybody else's.
    #[graphql(directive = requires::apply("live_chat.respond".to_owned()))]
    async fn suggestions(&self, ctx: &Context<'_>, conversation_id: ID) -> Result<Vec<Suggestion>> {
        let id = id("conversationId", &conversation_id)?;
        let found = suggestion::suggestions(services(ctx)?, &asking(ctx)?.actor, id).await?;
        Ok(found.into_iter().map(Suggestion::of).collect())
    }
}

/// Asking a model.
#[derive(Default)]
pub struct SuggestionMutation;

#[Object]
impl SuggestionMutation {
    /// Asks the model for the next reply. It is on its way then; ask `suggestions` until it is not PENDING.
    #[graphql(directive = requires::apply("live_chat.respond".to_owned()))]
    async fn draft_reply(&self, ctx: &Context<'_>, conversation_id: ID) -> Result<Suggestion> {
        ask(ctx, &conversation_id, domain::SuggestionKind::Draft).await
    }

    /// Asks the model for a summary of the conversation. As `draftReply`.
    #[graphql(directive = requires::apply("live_chat.respond".to_owned()))]
    async fn summarize_conversation(&self, ctx: &Context<'_>, conversation_id: ID) -> Result<Suggestion> {
        ask(ctx, &conversation_id, domain::SuggestionKind::Summary).await
    }
}

async fn ask(ctx: &Context<'_>, conversation_id: &ID, kind: domain::SuggestionKind) -> Result<Suggestion> {
    let id = id("conversationId", conversation_id)?;
    Ok(Suggestion::of(suggestion::ask(services(ctx)?, &asking(ctx)?.actor, id, kind).await?))
}
