//! Subscriptions of the desk.

use async_graphql::{Context, ID, Result, SimpleObject, Subscription, Union};
use futures_util::{Stream, StreamExt};

use super::conversation::{Conversation, Message};
use super::notification::NotificationEvent;
use super::routing::Looker;
use super::{asking, services};
use crate::graphql::wire::{AuthorKind, Time, id, optional_id, owner_only, requires};
use crate::service::notification::bell;
use crate::service::stream::{self, ConversationEvent as Event, InboxEvent as Inbox};

/// A new entry.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("conversation.read".to_owned()))]
pub struct MessageAdded {
    /// Where the subscriber is after it: go on from here after a break.
    pub cursor: String,
    /// The entry.
    pub message: Message,
}

/// An entry that was told before says something else now, or nothing any more. Told again after every break: whoever has it
/// so already changes nothing.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("conversation.read".to_owned()))]
pub struct MessageChanged {
    /// As it is now.
    pub message: Message,
}

/// The conversation changed, or this is how it is now.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("conversation.read".to_owned()))]
pub struct ConversationChanged {
    /// As it is now.
    pub conversation: Conversation,
}

/// Somebody types, or has stopped. Not kept; to be forgotten after six seconds.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("conversation.read".to_owned()))]
pub struct TypingChanged {
    /// Visitor or operator.
    pub author: AuthorKind,
    /// An operator's name.
    pub name: Option<String>,
    /// Whether they do.
    pub typing: bool,
}

/// Others look at the conversation too, or do no longer. Not kept.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("conversation.read".to_owned()))]
pub struct LookersChanged {
    /// All who do now, without the viewer.
    pub lookers: Vec<Looker>,
}

/// How far the AI is with an answer. Not kept.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("conversation.read".to_owned()))]
pub struct AnswerProgress {
    /// The id that its message will have.
    pub answer_id: ID,
    /// All of the text so far.
    pub text: String,
}

/// The cursor cannot be gone on from: read the conversation anew, and go on from this one.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("conversation.read".to_owned()))]
pub struct Resync {
    /// Where the history is now.
    pub cursor: String,
    /// EPOCH: the database was restored. FUTURE: it never got that far. TOO_OLD: more than 500 entries behind. ERASED:
    /// what was said was removed.
    pub reason: String,
}

/// Something that happened in one conversation.
#[derive(Union, Debug, Clone)]
pub enum ConversationEvent {
    /// A new entry.
    MessageAdded(MessageAdded),
    /// An entry was changed or taken back.
    MessageChanged(MessageChanged),
    /// The conversation changed.
    ConversationChanged(ConversationChanged),
    /// Somebody types.
    TypingChanged(TypingChanged),
    /// Others look at it.
    LookersChanged(LookersChanged),
    /// The AI writes.
    AnswerProgress(AnswerProgress),
    /// Read the conversation anew.
    Resync(Resync),
}

/// A conversation of the inbox changed; a stub where somebody else has it.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("live_chat.view_queue".to_owned()))]
pub struct InboxChanged {
    /// As it is now. Newer than a copy with a smaller `rev`.
    pub conversation: Conversation,
}

/// Everything that is open has been told; what follows is live.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("live_chat.view_queue".to_owned()))]
pub struct InboxSynced {
    /// When.
    pub at: Time,
}

/// What was told before counts no longer: what the viewer may see has changed, or something was missed. Forget all of it;
/// what is open is told anew, and then InboxSynced.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("live_chat.view_queue".to_owned()))]
pub struct InboxRestarted {
    /// When.
    pub at: Time,
}

/// Something that happened in an inbox.
#[derive(Union, Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "nearly all of them are the large one, and none is kept")]
pub enum InboxEvent {
    /// A conversation changed.
    InboxChanged(InboxChanged),
    /// All that is open has been told.
    InboxSynced(InboxSynced),
    /// Forget what was told: it is told anew.
    InboxRestarted(InboxRestarted),
}

/// What the desk can follow.
pub struct Subscription;

/// What the desk can follow.
#[Subscription]
impl Subscription {
    /// Follows a conversation from a cursor on, or from now on: everything that was kept after the cursor, then the
    /// conversation as it is, then what happens. Never a gap; a cursor that cannot be gone on from gives Resync.
    #[graphql(directive = requires::apply("conversation.read".to_owned()))]
    async fn conversation_events(
        &self,
        ctx: &Context<'_>,
        conversation_id: ID,
        after: Option<String>,
    ) -> Result<impl Stream<Item = Result<ConversationEvent>>> {
        let id = id("conversationId", &conversation_id)?;
        let (services, actor) = (services(ctx)?.clone(), asking(ctx)?.actor.clone());
        let events = Box::pin(stream::conversation_events(&services, &actor, id, after.as_deref())).await?;
        Ok(events.map(move |event| {
            Ok(match event? {
                Event::Message { cursor, message } => ConversationEvent::MessageAdded(MessageAdded {
                    cursor: cursor.to_string(),
                    message: Message::of(&message),
                }),
                Event::Edited(message) => {
                    ConversationEvent::MessageChanged(MessageChanged { message: Message::of(&message) })
                }
                Event::Changed(seen) => {
                    ConversationEvent::ConversationChanged(ConversationChanged { conversation: Conversation::of(seen) })
                }
                Event::Typing { author, name, typing } => ConversationEvent::TypingChanged(TypingChanged {
                    author: author.into(),
                    name: name.map(|name| name.to_string()),
                    typing,
                }),
                Event::Lookers(lookers) => ConversationEvent::LookersChanged(LookersChanged {
                    lookers: lookers.into_iter().map(Looker::of).collect(),
                }),
                Event::Answer { id, text } => ConversationEvent::AnswerProgress(AnswerProgress {
                    answer_id: id.to_string().into(),
                    text: text.to_string(),
                }),
                Event::Resync { cursor, reason } => {
                    ConversationEvent::Resync(Resync { cursor: cursor.to_string(), reason: reason.to_owned() })
                }
            })
        }))
    }

    /// Follows the inbox of an organization, or of everything within the viewer's reach: first each conversation with an
    /// open handoff, then InboxSynced, then every change. When the reach changes, InboxRestarted, and all of it again.
    #[graphql(directive = requires::apply("live_chat.view_queue".to_owned()))]
    async fn inbox_events(
        &self,
        ctx: &Context<'_>,
        organization_id: Option<ID>,
    ) -> Result<impl Stream<Item = Result<InboxEvent>>> {
        let organization = optional_id("organizationId", organization_id.as_ref())?;
        let (services, actor) = (services(ctx)?.clone(), asking(ctx)?.actor.clone());
        let events = Box::pin(stream::inbox_events(&services, &actor, organization)).await?;
        Ok(events.map(move |event| {
            Ok(match event? {
                Inbox::Changed(seen) => InboxEvent::InboxChanged(InboxChanged { conversation: Conversation::of(seen) }),
                Inbox::Synced => InboxEvent::InboxSynced(InboxSynced { at: services.clock.now().into() }),
                Inbox::Restarted => InboxEvent::InboxRestarted(InboxRestarted { at: services.clock.now().into() }),
            })
        }))
    }

    /// Follows the viewer's bell: first how many entries are unread, then what arrives and what is read, here or elsewhere. What
    /// was missed stands in `notifications`.
    #[graphql(directive = owner_only::apply())]
    async fn notification_events(&self, ctx: &Context<'_>) -> Result<impl Stream<Item = Result<NotificationEvent>>> {
        let events = bell::events(services(ctx)?, &asking(ctx)?.actor).await?;
        Ok(events.map(|event| Ok(NotificationEvent::of(event?))))
    }
}
