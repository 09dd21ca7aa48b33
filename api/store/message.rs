//! The numbered entries of conversations.

use super::{Reads, Write, fail, on, row};
use crate::domain::conversation::{AuthorKind, Message};
use crate::domain::file::{self, Attachment};
use crate::domain::id::{ConversationId, MessageId, UserId};
use crate::domain::note::EarlierText;
use crate::domain::page::Rows;
use crate::domain::time::Time;
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
/// What a visitor sent stays sent when they go on in another thread since.
///
/// # Errors
/// CONFLICT when it was something else, or by somebody of the desk in another conversation.
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
    let first = match &found {
        // It may have been changed since: a retry says what was said first.
        Some(message) if message.edited_at.is_some() || message.deleted_at.is_some() => {
            earlier_texts(db, scope, message.id).await?.into_iter().next().map(|earlier| earlier.body)
        }
        _ => None,
    };
    match found {
        Some(message)
            if first.as_deref().unwrap_or(&message.text) == text
                && (message.conversation == conversation || message.author_kind == AuthorKind::Visitor)
                && (message.deleted_at.is_some()
                    || message.attachments.iter().map(|one| one.id).eq(attachments.iter().map(|one| one.id))) =>
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

/// The entry of that id in that conversation.
pub async fn one(
    db: &mut impl Reads,
    scope: &Scope,
    conversation: ConversationId,
    id: MessageId,
) -> Result<Option<Message>> {
    on!(db, c => sqlx::query_as(
        columns!("select", "from messages where agency_id = $1 and conversation_id = $2 and id = $3"))
        .bind(scope.agency()).bind(conversation).bind(id).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// Entries with a number up to `upto` whose text was changed or taken back: the newest `most` of them, in order.
pub async fn changed_up_to(
    db: &mut impl Reads,
    scope: &Scope,
    conversation: ConversationId,
    upto: i64,
    most: i64,
) -> Result<Vec<Message>> {
    let mut rows: Vec<Message> = on!(db, c => sqlx::query_as(
        columns!("select", "from messages where agency_id = $1 and conversation_id = $2 and seq <= $3 \
         and (edited_at is not null or deleted_at is not null) order by seq desc limit $4"))
        .bind(scope.agency()).bind(conversation).bind(upto).bind(most).fetch_all(&mut *c).await)
    .map_err(fail)?;
    rows.reverse();
    Ok(rows)
}

/// Keeps what an entry says now. The conversation's row is locked.
pub async fn change_text(db: &mut Write, scope: &Scope, after: &Message) -> Result<()> {
    on!(db, c => sqlx::query(
        "update messages set text = $4, edited_at = $5, deleted_at = $6, attachments = $7 \
         where agency_id = $1 and conversation_id = $2 and id = $3")
        .bind(scope.agency()).bind(after.conversation).bind(after.id).bind(&after.text).bind(after.edited_at)
        .bind(after.deleted_at).bind(file::to_text(&after.attachments)).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Keeps what an entry said until now, and who changed that.
pub async fn keep_earlier(
    db: &mut Write,
    scope: &Scope,
    before: &Message,
    by: UserId,
    by_name: &str,
    now: Time,
) -> Result<()> {
    on!(db, c => sqlx::query(
        "insert into message_texts (agency_id, conversation_id, message_id, version, body, changed_by, changed_by_name, changed_at) \
         values ($1, $2, $3, (select coalesce(max(version), 0) + 1 from message_texts where message_id = $3), $4, $5, $6, $7)")
        .bind(scope.agency()).bind(before.conversation).bind(before.id).bind(&before.text).bind(by).bind(by_name).bind(now)
        .execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

row!(EarlierText { body: "body", changed_by: "changed_by_name", changed_at: "changed_at" });

/// What an entry said before, the first first.
pub async fn earlier_texts(db: &mut impl Reads, scope: &Scope, id: MessageId) -> Result<Vec<EarlierText>> {
    on!(db, c => sqlx::query_as(
        "select body, changed_by_name, changed_at from message_texts where agency_id = $1 and message_id = $2 order by version")
        .bind(scope.agency()).bind(id).fetch_all(&mut *c).await)
    .map_err(fail)
}
