//! Notes of the desk, and whom they mention.

use super::{Reads, Write, fail, on, row};
use crate::domain::id::{ConversationId, NoteId, UserId};
use crate::domain::note::Note;
use crate::error::Result;
use crate::policy::Scope;

row!(Note {
    id: "id",
    conversation: "conversation_id",
    after_seq: "after_seq",
    author: "author_id",
    author_name: "author_name",
    body: "body",
    created_at: "created_at",
    edited_at: "edited_at",
});

/// The columns of a note, once.
macro_rules! columns {
    ($after:literal) => {
        concat!(
            "select id, conversation_id, after_seq, author_id, author_name, body, created_at, edited_at from notes ",
            $after
        )
    };
}

/// How many notes of a conversation are read at most: the newest.
const MOST: i64 = 500;

/// The notes of a conversation, oldest first.
pub async fn notes(db: &mut impl Reads, scope: &Scope, conversation: ConversationId) -> Result<Vec<Note>> {
    let mut found: Vec<Note> = on!(db, c => sqlx::query_as(columns!(
        "where agency_id = $1 and conversation_id = $2 order by id desc limit $3"))
        .bind(scope.agency()).bind(conversation).bind(MOST).fetch_all(&mut *c).await)
    .map_err(fail)?;
    found.reverse();
    Ok(found)
}

/// The note of that id in the scope's agency; whoever asks has been allowed its conversation.
pub async fn note(db: &mut impl Reads, scope: &Scope, id: NoteId) -> Result<Option<Note>> {
    on!(db, c => sqlx::query_as(columns!("where agency_id = $1 and id = $2"))
        .bind(scope.agency()).bind(id).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// Whom some notes mention.
pub async fn mentions(db: &mut impl Reads, scope: &Scope, notes: &[NoteId]) -> Result<Vec<(NoteId, UserId)>> {
    on!(db, c => sqlx::query_as(
        "select note_id, user_id from note_mentions where agency_id = $1 and note_id in (select value from json_each($2)) \
         order by note_id, user_id")
        .bind(scope.agency()).bind(super::types::list(notes)).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// Keeps a new note.
pub async fn insert(db: &mut Write, scope: &Scope, new: &Note) -> Result<()> {
    on!(db, c => sqlx::query(
        "insert into notes (id, agency_id, conversation_id, after_seq, author_id, author_name, body, created_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8)")
        .bind(new.id).bind(scope.agency()).bind(new.conversation).bind(new.after_seq).bind(new.author)
        .bind(&new.author_name).bind(&new.body).bind(new.created_at).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Keeps what a note says now.
pub async fn update(db: &mut Write, scope: &Scope, note: &Note) -> Result<()> {
    on!(db, c => sqlx::query("update notes set body = $3, edited_at = $4 where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(note.id).bind(&note.body).bind(note.edited_at).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Keeps whom a note mentions now.
pub async fn mention(db: &mut Write, scope: &Scope, note: NoteId, users: &[UserId]) -> Result<()> {
    on!(db, c => sqlx::query("delete from note_mentions where agency_id = $1 and note_id = $2")
        .bind(scope.agency()).bind(note).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)?;
    for user in users {
        on!(db, c => sqlx::query("insert into note_mentions (agency_id, note_id, user_id) values ($1, $2, $3)")
            .bind(scope.agency()).bind(note).bind(user).execute(&mut *c).await.map(|_| ()))
        .map_err(fail)?;
    }
    Ok(())
}

/// Removes a note with its mentions.
pub async fn delete(db: &mut Write, scope: &Scope, id: NoteId) -> Result<()> {
    mention(db, scope, id, &[]).await?;
    on!(db, c => sqlx::query("delete from notes where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(id).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}
