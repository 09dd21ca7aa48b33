//! What has just been kept, for whoever is listening.

use std::sync::Arc;

use super::conversation::{Conversation, Message};
use super::id::UserId;

/// Something that was committed. Noted in the writing unit, announced after its commit.
#[derive(Debug, Clone)]
pub enum Change {
    /// A conversation has a new entry, or its row changed; both as they are after the change.
    Conversation {
        /// The row.
        conversation: Arc<Conversation>,
        /// The new entry, if there is one.
        message: Option<Arc<Message>>,
    },
    /// An entry that was told before says something else now, or nothing any more; both as they are after the change.
    Message {
        /// The row.
        conversation: Arc<Conversation>,
        /// The entry.
        message: Arc<Message>,
    },
    /// What somebody may do has changed, or a session has ended: whoever relies on it asks again.
    Authority {
        /// The user concerned, as far as it is one.
        user: Option<UserId>,
    },
    /// The visitor of a conversation goes on elsewhere, or has become another.
    Left(super::id::ConversationId),
    /// What was said in a conversation is not what it was: whoever shows it reads it anew.
    Erased(super::id::ConversationId),
    /// Somebody's bell has a new entry, or one that happened again; or entries of it were read.
    Notification {
        /// Whose.
        user: UserId,
        /// The entry, if it is one.
        entry: Option<super::id::NotificationId>,
    },
    /// There is work for the jobs.
    Job,
    /// What a widget shows has changed.
    Widget(super::id::WidgetId),
}
