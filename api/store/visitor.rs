//! Visitors.

use super::{Reads, Write, fail, on, row};
use crate::domain::agent::Visitor;
use crate::domain::id::{ConversationId, VisitorId, WidgetId};
use crate::domain::time::Time;
use crate::error::Result;
use crate::policy::Scope;

/// How a visitor stands who holds a token for a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// They have become another, or want to be forgotten: the token opens nothing.
    pub gone: bool,
    /// The conversation is theirs, and the one in which they go on.
    pub current: bool,
    /// Nothing is taken of them, or of where they come from.
    pub blocked: bool,
    /// They are not new: they have written, or solved a challenge.
    pub cleared: bool,
}

row!(Standing { gone: "gone", current: "current_one", blocked: "blocked", cleared: "cleared" });

/// How a visitor stands; none when there is no such visitor or no such conversation.
pub async fn standing(
    db: &mut impl Reads,
    scope: &Scope,
    visitor: VisitorId,
    conversation: ConversationId,
    address: Option<&str>,
) -> Result<Option<Standing>> {
    on!(db, c => sqlx::query_as(
        "select (v.forgotten_at is not null or m.visitor_id is not null) as gone, \
         (c.visitor_id = v.id and c.left_at is null) as current_one, \
         (v.blocked_at is not null or exists (select 1 from blocks b where b.agency_id = v.agency_id and b.address = $4 \
             and b.organization_id = c.organization_id)) as blocked, \
         (v.challenge_passed_at is not null or c.started_at is not null) as cleared \
         from visitors v join conversations c on c.agency_id = v.agency_id and c.id = $3 \
         left join visitor_merges m on m.agency_id = v.agency_id and m.visitor_id = v.id \
         where v.agency_id = $1 and v.id = $2")
        .bind(scope.agency()).bind(visitor).bind(conversation).bind(address).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// Notes from which network address a visitor comes, as a block.
pub async fn comes_from(db: &mut Write, scope: &Scope, visitor: VisitorId, address: &str) -> Result<()> {
    on!(db, c => sqlx::query("update visitors set address = $3 where agency_id = $1 and id = $2 and (address is null or address <> $3)")
        .bind(scope.agency()).bind(visitor).bind(address).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// The network address that a visitor last came from.
pub async fn address_of(db: &mut impl Reads, scope: &Scope, visitor: VisitorId) -> Result<Option<String>> {
    let found: Option<(Option<String>,)> = on!(db, c => sqlx::query_as(
        "select address from visitors where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(visitor).fetch_optional(&mut *c).await)
    .map_err(fail)?;
    Ok(found.and_then(|(address,)| address))
}

/// Notes that a new visitor did the work that was asked of them.
pub async fn passed_challenge(db: &mut Write, scope: &Scope, visitor: VisitorId, now: Time) -> Result<()> {
    on!(db, c => sqlx::query(
        "update visitors set challenge_passed_at = coalesce(challenge_passed_at, $3) where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(visitor).bind(now).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// What the page says of a visitor; what the site has signed for stays.
pub async fn signed_attributes(db: &mut impl Reads, scope: &Scope, visitor: VisitorId) -> Result<String> {
    let found: Option<(String,)> = on!(db, c => sqlx::query_as(
        "select signed_attributes from visitors where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(visitor).fetch_optional(&mut *c).await)
    .map_err(fail)?;
    Ok(found.map_or_else(|| "{}".to_owned(), |(signed,)| signed))
}

/// Keeps what is known of a visitor by the site's word.
pub async fn vouch(db: &mut Write, scope: &Scope, visitor: &Visitor, signed_attributes: &str) -> Result<()> {
    update(db, scope, visitor).await?;
    on!(db, c => sqlx::query(
        "update visitors set external_id = $3, verified = $4, signed_attributes = $5 where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(visitor.id).bind(&visitor.external_id).bind(&visitor.verified).bind(signed_attributes)
        .execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Who a site's name stands for, held until the unit ends: whoever identifies as the same waits.
pub async fn known_as(
    db: &mut Write,
    scope: &Scope,
    widget: WidgetId,
    place: &str,
    external_id: &str,
    now: Time,
) -> Result<Option<VisitorId>> {
    let found: Option<(VisitorId,)> = on!(db, c => sqlx::query_as(
        "update visitor_identities set seen_at = $5 where agency_id = $1 and widget_id = $2 and place = $3 and external_id = $4 \
         returning visitor_id")
        .bind(scope.agency()).bind(widget).bind(place).bind(external_id).bind(now).fetch_optional(&mut *c).await)
    .map_err(fail)?;
    Ok(found.map(|(visitor,)| visitor))
}

/// Says who a site's name stands for. Not, when somebody said so first.
pub async fn name_as(
    db: &mut Write,
    scope: &Scope,
    widget: WidgetId,
    place: &str,
    external_id: &str,
    visitor: VisitorId,
    now: Time,
) -> Result<bool> {
    on!(db, c => sqlx::query(
        "insert into visitor_identities (agency_id, widget_id, place, external_id, visitor_id, seen_at) \
         values ($1, $2, $3, $4, $5, $6) on conflict do nothing")
        .bind(scope.agency()).bind(widget).bind(place).bind(external_id).bind(visitor).bind(now)
        .execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Whether a site's name stands for that visitor.
pub async fn is_named(db: &mut impl Reads, scope: &Scope, visitor: VisitorId) -> Result<bool> {
    let found: Option<(i64,)> = on!(db, c => sqlx::query_as(
        "select cast(1 as bigint) from visitor_identities where agency_id = $1 and visitor_id = $2 limit 1")
        .bind(scope.agency()).bind(visitor).fetch_optional(&mut *c).await)
    .map_err(fail)?;
    Ok(found.is_some())
}

/// Makes an anonymous visitor another one, whose words, conversations and client ids theirs become. Gives nothing when
/// they have become another before.
pub async fn merge(db: &mut Write, scope: &Scope, from: VisitorId, into: VisitorId, now: Time) -> Result<bool> {
    let first = on!(db, c => sqlx::query(
        "insert into visitor_merges (agency_id, visitor_id, into_id, merged_at) values ($1, $2, $3, $4) on conflict do nothing")
        .bind(scope.agency()).bind(from).bind(into).bind(now)
        .execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)?;
    if !first {
        return Ok(false);
    }
    // The conversations first: whoever writes in one of them waits here, and finds that it is another's.
    on!(db, c => sqlx::query(
        "update conversations set visitor_id = $3, rev = rev + 1 where agency_id = $1 and visitor_id = $2")
        .bind(scope.agency()).bind(from).bind(into).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)?;
    let (from, into) = (from.to_string(), into.to_string());
    on!(db, c => sqlx::query(
        "update messages set author_id = $3 where agency_id = $1 and author_id = $2 and not exists \
         (select 1 from messages o where o.author_id = $3 and o.client_id = messages.client_id)")
        .bind(scope.agency()).bind(&from).bind(&into).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)?;
    on!(db, c => sqlx::query("update offline_queries set visitor_id = $3 where agency_id = $1 and visitor_id = $2")
        .bind(scope.agency()).bind(&from).bind(&into).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)?;
    on!(db, c => sqlx::query("update files set uploader = $3 where agency_id = $1 and uploader = $2")
        .bind(scope.agency()).bind(&from).bind(&into).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)?;
    on!(db, c => sqlx::query(
        "update creations set actor = $3 where agency_id = $1 and actor = $2 and not exists \
         (select 1 from creations o where o.actor = $3 and o.client_id = creations.client_id)")
        .bind(scope.agency()).bind(&from).bind(&into).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)?;
    Ok(true)
}

/// Erases what is known of a visitor, and what they are known by.
pub async fn erase(db: &mut Write, scope: &Scope, visitor: VisitorId, now: Time) -> Result<bool> {
    // Who they are by the site's word first, as whoever identifies does.
    on!(db, c => sqlx::query("delete from visitor_identities where agency_id = $1 and visitor_id = $2")
        .bind(scope.agency()).bind(visitor).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)?;
    on!(db, c => sqlx::query(
        "update visitors set name = null, email = null, phone = null, page_url = null, browser = null, search = '', \
         external_id = null, attributes = '{}', signed_attributes = '{}', language = null, time_zone = null, referrer = null, \
         verified = '', address = null, forgotten_at = $3 \
         where agency_id = $1 and forgotten_at is null and (id = $2 or id in \
             (select m.visitor_id from visitor_merges m where m.agency_id = $1 and m.into_id = $2))")
        .bind(scope.agency()).bind(visitor).bind(now).execute(&mut *c).await.map(|done| done.rows_affected() > 0))
    .map_err(fail)
}

/// Erases what was said in a conversation, and what of it is repeated elsewhere. The entries keep their numbers.
pub async fn erase_words(db: &mut Write, scope: &Scope, conversation: ConversationId, instead: &str) -> Result<()> {
    on!(db, c => sqlx::query(
        "update messages set text = $3, sources = '', attachments = '', author_name = case when author_kind = 'VISITOR' then null else author_name end \
         where agency_id = $1 and conversation_id = $2 and kind = 'TEXT' and author_kind <> 'SYSTEM'")
        .bind(scope.agency()).bind(conversation).bind(instead).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)?;
    on!(db, c => sqlx::query(
        "update conversations set preview = null, search = '', tags = '', signals = '', signal_weight = 0, rev = rev + 1 \
         where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(conversation).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)?;
    on!(db, c => sqlx::query("update handoffs set reason = null where agency_id = $1 and conversation_id = $2")
        .bind(scope.agency()).bind(conversation).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)?;
    // What others wrote about it: notes, suggestions, earlier texts, tags.
    for about in ABOUT {
        on!(db, c => sqlx::query(*about).bind(scope.agency()).bind(conversation).execute(&mut *c).await.map(|_| ()))
            .map_err(fail)?;
    }
    Ok(())
}

/// What repeats, or tells of, what was said in a conversation.
const ABOUT: &[&str] = &[
    "update conversations set calling = null where agency_id = $1 and id = $2",
    "update offline_queries set email = '', name = null, message = 'Removed at the visitor''s wish.' \
     where agency_id = $1 and conversation_id = $2",
    "delete from resume_links where agency_id = $1 and offline_query_id in \
     (select q.id from offline_queries q where q.agency_id = $1 and q.conversation_id = $2)",
    "update handoff_endings set note = null where agency_id = $1 and conversation_id = $2",
    "update handoff_ratings set text = null where agency_id = $1 and conversation_id = $2",
    "delete from note_mentions where agency_id = $1 and note_id in \
     (select n.id from notes n where n.agency_id = $1 and n.conversation_id = $2)",
    "delete from notes where agency_id = $1 and conversation_id = $2",
    "delete from suggestions where agency_id = $1 and conversation_id = $2",
    "delete from notifications where agency_id = $1 and conversation_id = $2",
    "delete from keyword_hits where agency_id = $1 and conversation_id = $2",
    "delete from message_texts where agency_id = $1 and conversation_id = $2",
    "delete from conversation_tags where agency_id = $1 and conversation_id = $2",
];

/// Forgets what a visitor's retries are recognised by: it repeats what they said.
pub async fn erase_creations(db: &mut Write, scope: &Scope, visitor: VisitorId) -> Result<()> {
    on!(db, c => sqlx::query("delete from creations where agency_id = $1 and actor = $2")
        .bind(scope.agency()).bind(visitor.to_string()).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Says whether something is taken of a visitor.
pub async fn set_blocked(db: &mut Write, scope: &Scope, visitor: VisitorId, since: Option<Time>) -> Result<()> {
    on!(db, c => sqlx::query("update visitors set blocked_at = $3 where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(visitor).bind(since).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

row!(Visitor {
    id: "id",
    name: "name",
    email: "email",
    phone: "phone",
    page_url: "page_url",
    browser: "browser",
    first_seen_at: "first_seen_at",
    external_id: "external_id",
    attributes: "attributes",
    language: "language",
    time_zone: "time_zone",
    referrer: "referrer",
    blocked_at: "blocked_at",
    verified: "verified",
});

/// Visitors of the scope's agency, of the given ids.
pub async fn visitors_of(db: &mut impl Reads, scope: &Scope, ids: &[VisitorId]) -> Result<Vec<Visitor>> {
    on!(db, c => sqlx::query_as(
        "select id, name, email, phone, page_url, browser, first_seen_at, external_id, attributes, language, time_zone, \
         referrer, blocked_at, verified from visitors \
         where agency_id = $1 and id in (select value from json_each($2))")
        .bind(scope.agency()).bind(super::types::list(ids)).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// Keeps a new visitor.
pub async fn insert(db: &mut Write, scope: &Scope, widget: WidgetId, visitor: &Visitor) -> Result<()> {
    on!(db, c => sqlx::query(
        "insert into visitors (id, agency_id, widget_id, name, email, phone, page_url, browser, search, first_seen_at, \
         external_id, attributes, language, time_zone, referrer, verified) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)")
        .bind(visitor.id).bind(scope.agency()).bind(widget).bind(&visitor.name).bind(&visitor.email).bind(&visitor.phone)
        .bind(&visitor.page_url).bind(&visitor.browser).bind(search_text(visitor)).bind(visitor.first_seen_at)
        .bind(&visitor.external_id).bind(&visitor.attributes).bind(&visitor.language).bind(&visitor.time_zone)
        .bind(&visitor.referrer).bind(&visitor.verified)
        .execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Keeps the visitor as it is now. Whether they are blocked, and who they are by the site's word, is kept by others.
pub async fn update(db: &mut Write, scope: &Scope, visitor: &Visitor) -> Result<()> {
    on!(db, c => sqlx::query(
        "update visitors set name = $3, email = $4, phone = $5, page_url = $6, browser = $7, search = $8, \
         attributes = $9, language = $10, time_zone = $11, referrer = $12 where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(visitor.id).bind(&visitor.name).bind(&visitor.email).bind(&visitor.phone)
        .bind(&visitor.page_url).bind(&visitor.browser).bind(search_text(visitor))
        .bind(&visitor.attributes).bind(&visitor.language).bind(&visitor.time_zone).bind(&visitor.referrer)
        .execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

fn search_text(visitor: &Visitor) -> String {
    let parts = [visitor.name.as_deref(), visitor.email.as_deref()];
    crate::domain::text::searchable(&parts.into_iter().flatten().collect::<Vec<_>>().join(" "))
}
