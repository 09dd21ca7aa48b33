//! Notes: what people of the desk say to each other in a conversation, and the visitor never sees. They are no messages:
//! they have no number in the thread, only a place in it.

use super::id::{ConversationId, NoteId, UserId};
use super::time::Time;

/// One note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Its id.
    pub id: NoteId,
    /// The conversation it stands in.
    pub conversation: ConversationId,
    /// After which entry it is shown.
    pub after_seq: i64,
    /// Who wrote it.
    pub author: UserId,
    /// Their name at that time.
    pub author_name: String,
    /// What it says.
    pub body: String,
    /// When it was written.
    pub created_at: Time,
    /// When its text was last changed.
    pub edited_at: Option<Time>,
}

/// Longest note, in characters.
pub const NOTE_LIMIT: usize = 4_000;

/// How many people one note mentions at most.
pub const MENTIONS_LIMIT: usize = 20;

/// What a message said before it was changed or taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierText {
    /// The text.
    pub body: String,
    /// Who changed it: the name at that time.
    pub changed_by: String,
    /// When.
    pub changed_at: Time,
}
