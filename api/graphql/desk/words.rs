//! Changing and taking back what was said, tags, the language.

use async_graphql::{Context, ID, Object, Result, SimpleObject};

use super::conversation::{Conversation, Message};
use super::{asking, services};
use crate::graphql::wire::{Time, id, optional_id, requires};
use crate::service::words;

/// What a message said before it was changed or taken back.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("live_chat.supervise".to_owned()))]
pub struct EarlierText {
    /// The text.
    pub text: String,
    /// The name of whoever changed it.
    pub changed_by: String,
    /// When.
    pub changed_at: Time,
}

/// A tag that conversations have.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("conversation.read".to_owned()))]
pub struct ConversationTag {
    /// The tag.
    pub tag: String,
    /// How many conversations have it.
    pub conversations: i64,
}

/// Queries around what was said.
#[derive(Default)]
pub struct WordsQuery;

#[Object]
impl WordsQuery {
    /// What a message said before, the first first.
    #[graphql(directive = requires::apply("live_chat.supervise".to_owned()))]
    async fn earlier_texts(&self, ctx: &Context<'_>, message_id: ID) -> Result<Vec<EarlierText>> {
        let id = id("messageId", &message_id)?;
        let found = words::earlier_texts(services(ctx)?, &asking(ctx)?.actor, id).await?;
        let text = |earlier: crate::domain::note::EarlierText| EarlierText {
            text: earlier.body,
            changed_by: earlier.changed_by,
            changed_at: earlier.changed_at.into(),
        };
        Ok(found.into_iter().map(text).collect())
    }

    /// The tags in use within the viewer's reach, the most used first; at most 200.
    #[graphql(directive = requires::apply("conversation.read".to_owned()))]
    async fn conversation_tags(&self, ctx: &Context<'_>, organization_id: Option<ID>) -> Result<Vec<ConversationTag>> {
        let organization = optional_id("organizationId", organization_id.as_ref())?;
        let found = words::tags(services(ctx)?, &asking(ctx)?.actor, organization).await?;
        Ok(found.into_iter().map(|(tag, conversations)| ConversationTag { tag, conversations }).collect())
    }
}

/// Changes of what was said, and of what it is filed under.
#[derive(Default)]
pub struct WordsMutation;

#[Object]
impl WordsMutation {
    /// Changes a message that the viewer said as an operator; the visitor sees that it was changed. FORBIDDEN with
    /// NOT_YOUR_MESSAGE for anybody else's, CONFLICT with MESSAGE_GONE when it was taken back. Visitors change nothing.
    #[graphql(directive = requires::apply("live_chat.respond".to_owned()))]
    async fn edit_message(&self, ctx: &Context<'_>, message_id: ID, text: String) -> Result<Message> {
        let id = id("messageId", &message_id)?;
        Ok(Message::of(&words::edit_message(services(ctx)?, &asking(ctx)?.actor, id, &text).await?))
    }

    /// Takes back a message that the viewer said as an operator; with `live_chat.supervise` any operator's. The visitor sees
    /// that there was one.
    #[graphql(directive = requires::apply("live_chat.respond".to_owned()))]
    async fn delete_message(&self, ctx: &Context<'_>, message_id: ID) -> Result<Message> {
        let id = id("messageId", &message_id)?;
        Ok(Message::of(&words::delete_message(services(ctx)?, &asking(ctx)?.actor, id).await?))
    }

    /// Files a conversation under more tags, and no longer under others. Tags are in lower case; at most twenty.
    #[graphql(directive = requires::apply("conversation.note".to_owned()))]
    async fn tag_conversation(
        &self,
        ctx: &Context<'_>,
        conversation_id: ID,
        add: Option<Vec<String>>,
        remove: Option<Vec<String>>,
    ) -> Result<Conversation> {
        let id = id("conversationId", &conversation_id)?;
        let (add, remove) = (add.unwrap_or_default(), remove.unwrap_or_default());
        Ok(Conversation::of(words::tag(services(ctx)?, &asking(ctx)?.actor, id, &add, &remove).await?))
    }

    /// Says in which language a conversation is held: two or three letters. Without one it is found out anew.
    #[graphql(directive = requires::apply("conversation.note".to_owned()))]
    async fn set_conversation_language(
        &self,
        ctx: &Context<'_>,
        conversation_id: ID,
        language: Option<String>,
    ) -> Result<Conversation> {
        let id = id("conversationId", &conversation_id)?;
        let (services, actor) = (services(ctx)?, &asking(ctx)?.actor);
        Ok(Conversation::of(words::set_language(services, actor, id, language.as_deref()).await?))
    }
}
