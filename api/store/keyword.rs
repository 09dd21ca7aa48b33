//! Keyword alerts, and where they found something.

use std::str::FromStr;

use serde_json::json;

use super::hearing::Wanted;
use super::{Reads, Write, fail, on, row};
use crate::domain::conversation::{Conversation, Message};
use crate::domain::id::{AiAgentId, ConversationId, JobId, KeywordAlertId, KeywordHitId, OrganizationId, VisitorId};
use crate::domain::keyword::{KeywordAlert, KeywordHit, Speaker, listed, terms_of_text, terms_to_text};
use crate::domain::notification::Through;
use crate::domain::page::{Page, Rows};
use crate::domain::time::Time;
use crate::error::Result;
use crate::policy::Scope;

/// The kind of job that looks what alerts find in a message.
pub const MATCH_JOB: &str = "keyword.match";

/// The ids of such a text as [`listed`] makes. What is none is left out.
fn ids<T: FromStr>(text: String) -> Vec<T> {
    text.split_whitespace().filter_map(|word| word.parse().ok()).collect()
}

fn speakers(text: String) -> Vec<Speaker> {
    text.split_whitespace().filter_map(Speaker::parse).collect()
}

fn ways(text: String) -> Vec<Through> {
    text.split_whitespace().filter_map(Through::parse).collect()
}

fn lines(text: String) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

row!(KeywordAlert {
    id: "id",
    agency: "agency_id",
    organization: "organization_id",
    name: "name",
    terms: "terms" => terms_of_text,
    ai_agents: "ai_agents" => ids,
    speakers: "speakers" => speakers,
    users: "users" => ids,
    through: "through" => ways,
    cooldown: "cooldown",
    enabled: "enabled",
    created_at: "created_at",
});

/// The columns of an alert, once.
macro_rules! alert {
    ($after:literal) => {
        concat!(
            "select id, agency_id, organization_id, name, terms, ai_agents, speakers, users, through, cooldown, enabled, created_at \
             from keyword_alerts ",
            $after
        )
    };
}

row!(KeywordHit {
    id: "id",
    alert: "alert_id",
    conversation: "conversation_id",
    seq: "seq",
    speaker: "speaker",
    terms: "terms" => lines,
    at: "at",
    told: "told",
});

/// The job in which alerts look at what is said in a new entry. A rehearsal is nobody's words.
pub(super) fn wanted_of(row: &Conversation, entry: &Message) -> Option<Wanted> {
    let (Some(speaker), Some(_), false) = (Speaker::of(entry), row.organization, row.rehearsal) else { return None };
    let payload = json!({ "conversation": row.id.to_string(), "seq": entry.seq }).to_string();
    // The entry's own number is that of the job of webhooks.
    let id = JobId::from_number(entry.id.number() ^ (1 << 40));
    Some(Wanted { id, payload, listened: part(speaker.as_str()) })
}

/// What finds a word in a list.
pub(super) fn part(word: impl std::fmt::Display) -> String {
    format!("% {word} %")
}

/// The alerts that listen to somebody's words in conversations with an AI agent, in the order of their ids.
pub async fn listening(
    db: &mut impl Reads,
    scope: &Scope,
    organization: OrganizationId,
    ai_agent: AiAgentId,
    speaker: Speaker,
) -> Result<Vec<KeywordAlert>> {
    on!(db, c => sqlx::query_as(alert!(
        "where agency_id = $1 and organization_id = $2 and enabled and speakers like $3 \
         and (ai_agents = '' or ai_agents like $4) order by id"))
        .bind(scope.agency()).bind(organization).bind(part(speaker.as_str())).bind(part(ai_agent))
        .fetch_all(&mut *c).await)
    .map_err(fail)
}

/// The alerts of an organization, the newest first.
pub async fn alerts(db: &mut impl Reads, scope: &Scope, organization: OrganizationId) -> Result<Vec<KeywordAlert>> {
    on!(db, c => sqlx::query_as(alert!("where agency_id = $1 and organization_id = $2 order by id desc"))
        .bind(scope.agency()).bind(organization).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// The alert of that id.
pub async fn alert(db: &mut impl Reads, scope: &Scope, id: KeywordAlertId) -> Result<Option<KeywordAlert>> {
    on!(db, c => sqlx::query_as(alert!("where agency_id = $1 and id = $2"))
        .bind(scope.agency()).bind(id).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// Keeps a new alert.
pub async fn insert(db: &mut Write, scope: &Scope, new: &KeywordAlert) -> Result<()> {
    on!(db, c => sqlx::query(
        "insert into keyword_alerts (id, agency_id, organization_id, name, terms, ai_agents, speakers, users, through, cooldown, \
         enabled, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)")
        .bind(new.id).bind(scope.agency()).bind(new.organization).bind(&new.name).bind(terms_to_text(&new.terms))
        .bind(listed(&new.ai_agents)).bind(listed(new.speakers.iter().map(|speaker| speaker.as_str())))
        .bind(listed(&new.users)).bind(listed(new.through.iter().map(|way| way.as_str()))).bind(new.cooldown)
        .bind(new.enabled).bind(new.created_at).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Keeps what people want of an alert.
pub async fn update(db: &mut Write, scope: &Scope, after: &KeywordAlert) -> Result<()> {
    on!(db, c => sqlx::query(
        "update keyword_alerts set name = $3, terms = $4, ai_agents = $5, speakers = $6, users = $7, through = $8, cooldown = $9 \
         where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(after.id).bind(&after.name).bind(terms_to_text(&after.terms))
        .bind(listed(&after.ai_agents)).bind(listed(after.speakers.iter().map(|speaker| speaker.as_str())))
        .bind(listed(&after.users)).bind(listed(after.through.iter().map(|way| way.as_str()))).bind(after.cooldown)
        .execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Switches an alert on or off. Says whether it was the other.
pub async fn set_enabled(db: &mut Write, scope: &Scope, id: KeywordAlertId, enabled: bool) -> Result<bool> {
    on!(db, c => sqlx::query("update keyword_alerts set enabled = $3 where agency_id = $1 and id = $2 and enabled <> $3")
        .bind(scope.agency()).bind(id).bind(enabled).execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Takes an alert away, with its hits: off first, so that nobody notes another one meanwhile.
pub async fn delete(db: &mut Write, scope: &Scope, id: KeywordAlertId) -> Result<()> {
    for statement in [
        "update keyword_alerts set enabled = false where agency_id = $1 and id = $2",
        "delete from keyword_hits where agency_id = $1 and alert_id = $2",
        "delete from keyword_alerts where agency_id = $1 and id = $2",
    ] {
        on!(db, c => sqlx::query(statement).bind(scope.agency()).bind(id).execute(&mut *c).await.map(|_| ()))
            .map_err(fail)?;
    }
    Ok(())
}

/// Locks an alert until the unit ends, so that what it found last is seen. Says whether it is on still.
pub async fn hold(db: &mut Write, scope: &Scope, id: KeywordAlertId) -> Result<bool> {
    on!(db, c => sqlx::query("update keyword_alerts set enabled = enabled where agency_id = $1 and id = $2 and enabled")
        .bind(scope.agency()).bind(id).execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Whether people were told of what an alert found in a conversation, after an instant.
pub async fn told_since(
    db: &mut impl Reads,
    scope: &Scope,
    id: KeywordAlertId,
    conversation: ConversationId,
    since: Time,
) -> Result<bool> {
    let found: Option<(i64,)> = on!(db, c => sqlx::query_as(
        "select seq from keyword_hits where agency_id = $1 and alert_id = $2 and conversation_id = $3 and told and at > $4 limit 1")
        .bind(scope.agency()).bind(id).bind(conversation).bind(since).fetch_optional(&mut *c).await)
    .map_err(fail)?;
    Ok(found.is_some())
}

/// Keeps what an alert found. Says whether it is new: in one message it finds something once.
pub async fn insert_hit(db: &mut Write, scope: &Scope, new: &KeywordHit) -> Result<bool> {
    on!(db, c => sqlx::query(
        "insert into keyword_hits (id, agency_id, alert_id, conversation_id, seq, speaker, terms, at, told) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (agency_id, alert_id, conversation_id, seq) do nothing")
        .bind(new.id).bind(scope.agency()).bind(new.alert).bind(new.conversation).bind(new.seq).bind(new.speaker)
        .bind(new.terms.join("\n")).bind(new.at).bind(new.told)
        .execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// What an alert found since an instant, the newest first: with whom that was.
pub async fn hits(
    db: &mut impl Reads,
    scope: &Scope,
    id: KeywordAlertId,
    since: Time,
    page: &Page<KeywordHitId>,
) -> Result<Rows<KeywordHit>> {
    let rows = on!(db, c => sqlx::query_as(
        "select id, alert_id, conversation_id, seq, speaker, terms, at, told from keyword_hits \
         where agency_id = $1 and alert_id = $2 and at > $3 and ($4 is null or id < $4) order by id desc limit $5")
        .bind(scope.agency()).bind(id).bind(since).bind(page.after).bind(page.first as i64 + 1).fetch_all(&mut *c).await)
    .map_err(fail)?;
    Ok(Rows::cut(rows, page.first))
}

/// With which AI agent and which visitor some conversations are.
pub async fn parties(
    db: &mut impl Reads,
    scope: &Scope,
    conversations: &[ConversationId],
) -> Result<Vec<(ConversationId, AiAgentId, VisitorId)>> {
    on!(db, c => sqlx::query_as(
        "select id, ai_agent_id, visitor_id from conversations where agency_id = $1 and id in (select value from json_each($2))")
        .bind(scope.agency()).bind(super::types::list(conversations)).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// How often each alert of an organization found something since an instant, and when it last did.
pub async fn counts(
    db: &mut impl Reads,
    scope: &Scope,
    organization: OrganizationId,
    since: Time,
) -> Result<Vec<(KeywordAlertId, i64, Time)>> {
    on!(db, c => sqlx::query_as(
        "select h.alert_id, count(*), max(h.at) from keyword_hits h join keyword_alerts k on k.agency_id = h.agency_id \
         and k.id = h.alert_id where h.agency_id = $1 and k.organization_id = $2 and h.at > $3 group by h.alert_id")
        .bind(scope.agency()).bind(organization).bind(since).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// Takes away at most `most` hits from before an instant. Of the whole installation: it reads nothing. Gives how many went.
pub async fn sweep(db: &mut Write, before: Time, most: i64) -> Result<u64> {
    on!(db, c => sqlx::query("delete from keyword_hits where id in (select id from keyword_hits where at < $1 limit $2)")
        .bind(before).bind(most).execute(&mut *c).await.map(|done| done.rows_affected()))
    .map_err(fail)
}
