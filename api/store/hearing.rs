//! Who listens to what is said: webhooks and keyword alerts hear of each new entry of a conversation by a job of theirs.

use super::{Write, fail, keyword, on, webhook};
use crate::domain::change::Change;
use crate::domain::conversation::Conversation;
use crate::domain::id::JobId;
use crate::domain::time::Time;
use crate::error::Result;

/// A job that is added where somebody listens.
pub(super) struct Wanted {
    /// The job's id.
    pub id: JobId,
    /// What it says.
    pub payload: String,
    /// What stands in the list of those who listen to it, as a pattern of `like`.
    pub listened: String,
}

/// Sees to it that whoever listens hears what a unit has done. [`Write::commit`] calls it for each new entry of a conversation,
/// so that nothing that is announced is ever forgotten here. Says whether a job was added: where nobody listens, nothing is
/// written.
pub(super) async fn hear(db: &mut Write, changes: &[Change]) -> Result<bool> {
    let mut any = false;
    for change in changes {
        let Change::Conversation { conversation: row, message: Some(entry) } = change else { continue };
        let (told, matched) = (webhook::wanted_of(row, entry), keyword::wanted_of(row, entry));
        any |= add(db, row, &entry.id.to_string(), told, matched, entry.created_at).await?;
    }
    Ok(any)
}

/// Adds the job of webhooks and that of keyword alerts, each where one of them listens to it: in one statement, because every
/// message waits for it. Says whether it added any.
pub(super) async fn add(
    db: &mut Write,
    row: &Conversation,
    subject: &str,
    told: Option<Wanted>,
    matched: Option<Wanted>,
    now: Time,
) -> Result<bool> {
    if told.is_none() && matched.is_none() {
        return Ok(false);
    }
    let parts = |wanted: Option<Wanted>| match wanted {
        Some(Wanted { id, payload, listened }) => (Some(id), Some(payload), Some(listened)),
        None => (None, None, None),
    };
    let (told, tale, event) = parts(told);
    let (matched, words, speaker) = parts(matched);
    on!(db, c => sqlx::query(
        "insert into jobs (id, agency_id, kind, subject, payload, run_at, attempts, fence, created_at) \
         select $1, $2, $3, $4, $5, $6, 0, 0, $6 where exists (select 1 from webhooks where agency_id = $2 \
             and (organization_id is null or organization_id = $7) and disabled_at is null and deleted_at is null \
             and events like $8) \
         union all \
         select $9, $2, $10, $4, $11, $6, 0, 0, $6 where exists (select 1 from keyword_alerts where agency_id = $2 \
             and organization_id = $7 and enabled and speakers like $12 and (ai_agents = '' or ai_agents like $13)) \
         on conflict (kind, subject) do nothing")
        .bind(told).bind(row.agency).bind(webhook::TELL_JOB).bind(subject).bind(tale).bind(now)
        .bind(row.organization).bind(event)
        .bind(matched).bind(keyword::MATCH_JOB).bind(words).bind(speaker).bind(keyword::part(row.ai_agent))
        .execute(&mut *c).await.map(|done| done.rows_affected() > 0))
    .map_err(fail)
}
