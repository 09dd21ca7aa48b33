//! Offline queries, the links in their answers, and the mails that came back.

use super::{Reads, Write, fail, on, row};
use crate::domain::id::{ConversationId, OfflineQueryId, OrganizationId};
use crate::domain::offline::{OfflineQuery, OfflineQueryEvent, OfflineQueryState};
use crate::domain::page::{OfflineQueryFilter, Page, Rows};
use crate::domain::time::Time;
use crate::error::Result;
use crate::policy::Scope;

row!(OfflineQuery {
    id: "id",
    agency: "agency_id",
    organization: "organization_id",
    ai_agent: "ai_agent_id",
    conversation: "conversation_id",
    visitor: "visitor_id",
    email: "email",
    name: "name",
    message: "message",
    seq: "seq",
    state: "state",
    rev: "rev",
    created_at: "created_at",
    changed_at: "changed_at",
});

row!(OfflineQueryEvent { rev: "rev", what: "what", actor: "actor_id", actor_name: "actor_name", at: "at" });

/// The columns of an offline query, once.
macro_rules! columns {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            " id, agency_id, organization_id, ai_agent_id, conversation_id, visitor_id, email, name, message, seq, state, rev, \
             created_at, changed_at ",
            $after
        )
    };
}

/// Keeps a new query.
pub async fn insert(db: &mut Write, scope: &Scope, new: &OfflineQuery) -> Result<()> {
    on!(db, c => sqlx::query(
        "insert into offline_queries (id, agency_id, organization_id, ai_agent_id, conversation_id, visitor_id, email, name, \
         message, seq, state, rev, created_at, changed_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)")
        .bind(new.id).bind(scope.agency()).bind(new.organization).bind(new.ai_agent).bind(new.conversation).bind(new.visitor)
        .bind(&new.email).bind(&new.name).bind(&new.message).bind(new.seq).bind(new.state).bind(new.rev)
        .bind(new.created_at).bind(new.changed_at).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// The query of that id.
pub async fn query(db: &mut impl Reads, scope: &Scope, id: OfflineQueryId) -> Result<Option<OfflineQuery>> {
    on!(db, c => sqlx::query_as(columns!("select", "from offline_queries where agency_id = $1 and id = $2"))
        .bind(scope.agency()).bind(id).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// The newest query of a conversation.
pub async fn newest_of(
    db: &mut impl Reads,
    scope: &Scope,
    conversation: ConversationId,
) -> Result<Option<OfflineQuery>> {
    on!(db, c => sqlx::query_as(
        columns!("select", "from offline_queries where agency_id = $1 and conversation_id = $2 order by id desc limit 1"))
        .bind(scope.agency()).bind(conversation).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// Queries within the scope, the newest first.
pub async fn queries(
    db: &mut impl Reads,
    scope: &Scope,
    filter: &OfflineQueryFilter,
    page: &Page<(Time, OfflineQueryId)>,
) -> Result<Rows<OfflineQuery>> {
    let reach = super::types::reach(scope);
    let states = words(filter.states.as_deref());
    let (after_at, after_id) = page.after.unzip();
    let rows = on!(db, c => sqlx::query_as(columns!("select",
         "from offline_queries where agency_id = $1 \
         and organization_id not in (select id from organizations where agency_id = $1 and state = 'DELETED') \
         and ($2 is null or organization_id in (select value from json_each($2)) or ai_agent_id in (select value from json_each($2)) \
             or organization_id || '/' || ai_agent_id in (select value from json_each($2))) \
         and ($3 is null or organization_id = $3) \
         and ($4 is null or state in (select value from json_each($4))) \
         and ($5 is null or (created_at, id) < ($5, $6)) \
         order by created_at desc, id desc limit $7"))
        .bind(scope.agency()).bind(&reach).bind(filter.organization).bind(&states)
        .bind(after_at).bind(after_id).bind(page.first as i64 + 1).fetch_all(&mut *c).await)
    .map_err(fail)?;
    Ok(Rows::cut(rows, page.first))
}

fn words(states: Option<&[OfflineQueryState]>) -> Option<String> {
    let quoted: Vec<String> = states?.iter().map(|state| format!("\"{}\"", state.as_str())).collect();
    Some(format!("[{}]", quoted.join(",")))
}

/// How many queries within the scope are open.
pub async fn open(db: &mut impl Reads, scope: &Scope, organization: Option<OrganizationId>) -> Result<i64> {
    let reach = super::types::reach(scope);
    on!(db, c => sqlx::query_scalar(
        "select count(*) from offline_queries where agency_id = $1 and state = 'OPEN' \
         and organization_id not in (select id from organizations where agency_id = $1 and state = 'DELETED') \
         and ($2 is null or organization_id in (select value from json_each($2)) or ai_agent_id in (select value from json_each($2)) \
             or organization_id || '/' || ai_agent_id in (select value from json_each($2))) \
         and ($3 is null or organization_id = $3)")
        .bind(scope.agency()).bind(&reach).bind(organization).fetch_one(&mut *c).await)
    .map_err(fail)
}

/// Changes the state, but only on the version that was read. Says whether it did.
pub async fn change(
    db: &mut Write,
    scope: &Scope,
    before: &OfflineQuery,
    state: OfflineQueryState,
    now: Time,
) -> Result<bool> {
    on!(db, c => sqlx::query(
        "update offline_queries set state = $4, rev = rev + 1, changed_at = $5 where agency_id = $1 and id = $2 and rev = $3")
        .bind(scope.agency()).bind(before.id).bind(before.rev).bind(state).bind(now)
        .execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Notes what was done with a query.
pub async fn note(db: &mut Write, scope: &Scope, id: OfflineQueryId, event: &OfflineQueryEvent) -> Result<()> {
    on!(db, c => sqlx::query(
        "insert into offline_query_steps (agency_id, offline_query_id, rev, what, actor_id, actor_name, at) \
         values ($1, $2, $3, $4, $5, $6, $7)")
        .bind(scope.agency()).bind(id).bind(event.rev).bind(event.what).bind(&event.actor).bind(&event.actor_name)
        .bind(event.at).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Everything that was done with a query, in order; the last hundred.
pub async fn history(db: &mut impl Reads, scope: &Scope, id: OfflineQueryId) -> Result<Vec<OfflineQueryEvent>> {
    let mut found: Vec<OfflineQueryEvent> = on!(db, c => sqlx::query_as(
        "select rev, what, actor_id, actor_name, at from offline_query_steps where agency_id = $1 and offline_query_id = $2 \
         order by rev desc limit 100")
        .bind(scope.agency()).bind(id).fetch_all(&mut *c).await)
    .map_err(fail)?;
    found.reverse();
    Ok(found)
}

/// Keeps the hash of a link.
pub async fn insert_link(
    db: &mut Write,
    scope: &Scope,
    hash: &str,
    query: OfflineQueryId,
    now: Time,
    expires_at: Time,
) -> Result<()> {
    on!(db, c => sqlx::query(
        "insert into resume_links (token_hash, agency_id, offline_query_id, created_at, expires_at) values ($1, $2, $3, $4, $5)")
        .bind(hash).bind(scope.agency()).bind(query).bind(now).bind(expires_at).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// The query that a link of the agency leads to, while it is good.
pub async fn of_link(db: &mut impl Reads, scope: &Scope, hash: &str, now: Time) -> Result<Option<OfflineQueryId>> {
    on!(db, c => sqlx::query_scalar(
        "select offline_query_id from resume_links where token_hash = $1 and agency_id = $2 and expires_at > $3 and revoked_at is null")
        .bind(hash).bind(scope.agency()).bind(now).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// Notes that a link was used.
pub async fn use_link(db: &mut Write, scope: &Scope, hash: &str, now: Time) -> Result<()> {
    on!(db, c => sqlx::query("update resume_links set used_at = $3 where token_hash = $1 and agency_id = $2")
        .bind(hash).bind(scope.agency()).bind(now).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Makes all links to a query useless.
pub async fn revoke_links(db: &mut Write, scope: &Scope, query: OfflineQueryId, now: Time) -> Result<()> {
    on!(db, c => sqlx::query(
        "update resume_links set revoked_at = $3 where agency_id = $1 and offline_query_id = $2 and revoked_at is null")
        .bind(scope.agency()).bind(query).bind(now).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Claims a mail that came in. Says whether it is new.
pub async fn claim_mail(
    db: &mut Write,
    scope: &Scope,
    conversation: ConversationId,
    hash: &str,
    now: Time,
) -> Result<bool> {
    on!(db, c => sqlx::query(
        "insert into inbound_mails (agency_id, conversation_id, message_hash, at) values ($1, $2, $3, $4) on conflict do nothing")
        .bind(scope.agency()).bind(conversation).bind(hash).bind(now)
        .execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}
