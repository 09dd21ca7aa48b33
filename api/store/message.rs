//! The numbered entries of conversations.

use super::{Reads, Write, fail, on, row};
use crate::domain::conversation::Message;
use crate::domain::file::{self, Attachment};
use crate::domain::id::ConversationId;
use crate::domain::page::Rows;
use crate::error::{Error, Result};
use crate::policy::Scope;

row!(Message {
    id: "id",
    conversation: "conversation_id",
    seq: "seq",
    kind: "kind",
    author_kind: "author_kind",
    author_id: "author_id",
    author_name: "author_name",
    text: "text",
    offers_human: "offers_human",
    sources: "sources",
    client_id: "client_id",
    created_at: "created_at",
    via: "via",
    edited_at: "edited_at",
    deleted_at: "deleted_at",
    attachments: "attachments" => file::of_text,
});

/// The columns of an entry, once.
macro_rules! columns {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            " id, conversation_id, seq, kind, author_kind, author_id, author_name, text, offers_human, sources, client_id, \
             created_at, via, edited_at, deleted_at, attachments ",
            $after
        )
    };
}

/// Keeps an entry under the number that was taken for it. Says whether it is new: an author who sends the same client id
/// again, or an answer that is written twice, adds nothing.
pub async fn insert(db: &mut Write, scope: &Scope, message: &Message) -> Result<bool> {
    on!(db, c => sqlx::query(
        "insert into messages (conversation_id, seq, id, agency_id, kind, author_kind, author_id, author_name, text, offers_human, \
         sources, client_id, created_at, via, attachments) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) on conflict do nothing")
        .bind(message.conversation).bind(message.seq).bind(message.id).bind(scope.agency()).bind(message.kind)
        .bind(message.author_kind).bind(&message.author_id).bind(&message.author_name).bind(&message.text)
        .bind(message.offers_human).bind(&message.sources).bind(&message.client_id).bind(message.created_at).bind(message.via)
        .bind(file::to_text(&message.attachments))
        .execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// What an author sent under that client id before.
///
/// # Errors
/// CONFLICT when it was something else, or in another conversation.
pub async fn sent_before(
    db: &mut impl Reads,
    scope: &Scope,
    conversation: ConversationId,
    author: &str,
    client_id: &str,
    text: &str,
    attachments: &[Attachment],
) -> Result<Message> {
    let found: Option<Message> = on!(db, c => sqlx::query_as(
        columns!("select",
         "from messages where agency_id = $1 and author_id = $2 and client_id = $3"))
        .bind(scope.agency()).bind(author).bind(client_id).fetch_optional(&mut *c).await)
    .map_err(fail)?;
    match found {
        Some(message)
            if message.text == text
                && message.conversation == conversation
                && message.attachments.iter().map(|one| one.id).eq(attachments.iter().map(|one| one.id)) =>
        {
            Ok(message)
        }
        Some(_) => Err(super::creation::client_id_taken()),
        None => Err(Error::unavailable("TRY_AGAIN", "This could not be kept. Please try again.")),
    }
}

/// Entries with a number greater than `after`, in order; at most `most`.
pub async fn after(
    db: &mut impl Reads,
    scope: &Scope,
    conversation: ConversationId,
    after: i64,
    most: usize,
) -> Result<Vec<Message>> {
    on!(db, c => sqlx::query_as(
        columns!("select",
         "from messages where agency_id = $1 and conversation_id = $2 and seq > $3 order by seq limit $4"))
        .bind(scope.agency()).bind(conversation).bind(after).bind(most as i64).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// The last entries before number `before` (or the very last), in order; whether there are older ones.
pub async fn last(
    db: &mut impl Reads,
    scope: &Scope,
    conversation: ConversationId,
    before: Option<i64>,
    last: usize,
) -> Result<Rows<Message>> {
    let rows: Vec<Message> = on!(db, c => sqlx::query_as(
        columns!("select",
         "from messages where agency_id = $1 and conversation_id = $2 and ($3 is null or seq < $3) order by seq desc limit $4"))
        .bind(scope.agency()).bind(conversation).bind(before).bind(last as i64 + 1).fetch_all(&mut *c).await)
    .map_err(fail)?;
    let mut page = Rows::cut(rows, last);
    page.rows.reverse();
    Ok(page)
}
