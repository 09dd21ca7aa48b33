//! What a model was asked to write for operators.

use super::{Reads, Write, fail, on, row};
use crate::domain::id::{ConversationId, SuggestionId, UserId};
use crate::domain::suggestion::{Suggestion, SuggestionState};
use crate::domain::time::Time;
use crate::error::Result;
use crate::policy::Scope;

row!(Suggestion {
    id: "id",
    conversation: "conversation_id",
    user: "user_id",
    kind: "kind",
    state: "state",
    body: "body",
    created_at: "created_at",
});

/// How many are shown at most.
const SHOWN: i64 = 10;

/// What a user asked for in a conversation, the newest first.
pub async fn of_user(
    db: &mut impl Reads,
    scope: &Scope,
    conversation: ConversationId,
    user: UserId,
) -> Result<Vec<Suggestion>> {
    on!(db, c => sqlx::query_as(
        "select id, conversation_id, user_id, kind, state, body, created_at from suggestions \
         where agency_id = $1 and conversation_id = $2 and user_id = $3 order by id desc limit $4")
        .bind(scope.agency()).bind(conversation).bind(user).bind(SHOWN).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// The suggestion of that id.
pub async fn suggestion(db: &mut impl Reads, scope: &Scope, id: SuggestionId) -> Result<Option<Suggestion>> {
    on!(db, c => sqlx::query_as(
        "select id, conversation_id, user_id, kind, state, body, created_at from suggestions \
         where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(id).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// How many a user has asked for since.
pub async fn asked_since(db: &mut impl Reads, scope: &Scope, user: UserId, since: Time) -> Result<i64> {
    on!(db, c => sqlx::query_scalar(
        "select count(*) from suggestions where agency_id = $1 and user_id = $2 and created_at > $3")
        .bind(scope.agency()).bind(user).bind(since).fetch_one(&mut *c).await)
    .map_err(fail)
}

/// Keeps a new one, and forgets what the user asked for before `old`.
pub async fn insert(db: &mut Write, scope: &Scope, new: &Suggestion, old: Time) -> Result<()> {
    on!(db, c => sqlx::query("delete from suggestions where agency_id = $1 and user_id = $2 and created_at < $3")
        .bind(scope.agency()).bind(new.user).bind(old).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)?;
    on!(db, c => sqlx::query(
        "insert into suggestions (id, agency_id, conversation_id, user_id, kind, state, body, created_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8)")
        .bind(new.id).bind(scope.agency()).bind(new.conversation).bind(new.user).bind(new.kind).bind(new.state)
        .bind(&new.body).bind(new.created_at).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Keeps what became of it.
pub async fn settle(
    db: &mut Write,
    scope: &Scope,
    id: SuggestionId,
    state: SuggestionState,
    body: &str,
    now: Time,
) -> Result<()> {
    on!(db, c => sqlx::query(
        "update suggestions set state = $3, body = $4, settled_at = $5 where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(id).bind(state).bind(body).bind(now).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}
