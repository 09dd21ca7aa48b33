//! What a model writes for operators: asked for here, written by a job, and looked at by whoever asked. Nothing of it is
//! ever sent by itself: it becomes a message when a person sends it as theirs.

use std::time::Duration;

use super::words::open;
use super::{Services, job, user_of};
use crate::domain::access::Actor;
use crate::domain::answer::{ChatMessage, Source};
use crate::domain::change::Change;
use crate::domain::conversation::{AuthorKind, EntryKind};
use crate::domain::id::{ConversationId, SuggestionId};
use crate::domain::permission::Permission;
use crate::domain::suggestion::{self, SUGGESTION_LIMIT, Suggestion, SuggestionKind, SuggestionState, TOLD};
use crate::domain::text;
use crate::error::{Code, Error, Result};
use crate::policy::Scope;
use crate::store::job::Job;
use crate::store::{agent, conversation, identity, job as jobs, knowledge, message, suggestion as store};

/// The kind of job that asks the model.
pub const SUGGESTION_JOB: &str = "suggestion";

/// How many one person asks for in a minute.
const A_MINUTE: i64 = 12;

/// How long one is kept.
const KEPT: Duration = Duration::from_secs(24 * 3600);

/// How many knowledge entries a draft takes along.
const SOURCES: usize = 4;

/// Whether there is a model.
pub fn available(s: &Services) -> bool {
    s.model
}

/// Asks the model for the next reply, or for a summary, of a conversation whose content the person may see. It is on its
/// way then: [`suggestions`] says how far it is. Where there is no model, it says so.
///
/// # Errors
/// RATE_LIMITED; FORBIDDEN with CLAIMED_BY_OTHER.
pub async fn ask(s: &Services, actor: &Actor, id: ConversationId, kind: SuggestionKind) -> Result<Suggestion> {
    let user = user_of(actor)?;
    let (scope, row) = open(s, actor, Permission::LiveChatRespond, id).await?;
    let now = s.clock.now();
    let mut unit = s.store.write().await?;
    if s.model && store::asked_since(&mut unit, &scope, user, now.minus(Duration::from_secs(60))).await? >= A_MINUTE {
        return Err(Error::new(Code::RateLimited, "TOO_MANY", "Please wait a moment before you ask again."));
    }
    let new = Suggestion {
        id: s.ids.next(now),
        conversation: id,
        user,
        kind,
        state: if s.model { SuggestionState::Pending } else { SuggestionState::NoModel },
        body: String::new(),
        created_at: now,
    };
    store::insert(&mut unit, &scope, &new, now.minus(KEPT)).await?;
    if !s.model {
        unit.commit().await?;
        return Ok(new);
    }
    let job = Job::new(s.ids.next(now), row.agency, SUGGESTION_JOB, new.id).with("{}".to_owned());
    jobs::add(&mut unit, &job, now).await?;
    unit.note(Change::Job);
    unit.commit().await?;
    Ok(new)
}

/// What the person asked for in a conversation lately, the newest first, as long as they may see what is said there.
pub async fn suggestions(s: &Services, actor: &Actor, id: ConversationId) -> Result<Vec<Suggestion>> {
    let user = user_of(actor)?;
    let (scope, _) = open(s, actor, Permission::LiveChatRespond, id).await?;
    store::of_user(&mut s.store.read().await?, &scope, id, user).await
}

/// What the model is told for one job; nothing when it is no longer wanted.
pub async fn task(s: &Services, job: &Job) -> Result<Option<Vec<ChatMessage>>> {
    let id: SuggestionId = job.subject.parse().map_err(Error::internal)?;
    let scope = Scope::system(job.agency, "writing for an operator");
    let mut read = s.store.read().await?;
    let Some(wanted) = store::suggestion(&mut read, &scope, id).await? else { return Ok(None) };
    if wanted.state != SuggestionState::Pending {
        return Ok(None);
    }
    let Some(row) = conversation::conversation(&mut read, &scope, wanted.conversation).await? else { return Ok(None) };
    let Some(agent) = agent::ai_agents_of(&mut read, &scope, &[row.ai_agent]).await?.pop() else { return Ok(None) };
    let operator = identity::users_of(&mut read, &scope, &[wanted.user]).await?.pop();
    let entries = message::last(&mut read, &scope, row.id, None, TOLD).await?.rows;
    let asked = entries.iter().rev().find(|entry| entry.author_kind == AuthorKind::Visitor);
    let sources = match asked.filter(|_| wanted.kind == SuggestionKind::Draft) {
        Some(asked) => knowledge::search(&mut read, &scope, agent.id, &asked.text, SOURCES).await?,
        None => Vec::new(),
    };
    let sources: Vec<Source> =
        sources.into_iter().map(|(entry, rank)| Source { title: entry.title, body: entry.body, rank }).collect();
    // Notes are not among them: what people of the desk say to each other is nobody's material.
    let said: Vec<(&'static str, String)> = entries
        .into_iter()
        .filter(|entry| entry.kind == EntryKind::Text && entry.deleted_at.is_none())
        .filter_map(|entry| {
            let who = match entry.author_kind {
                AuthorKind::Visitor => "visitor",
                AuthorKind::Ai => "assistant",
                AuthorKind::Operator => "operator",
                AuthorKind::System => return None,
            };
            Some((who, entry.text))
        })
        .collect();
    let operator = operator.map(|user| user.name).unwrap_or_default();
    Ok(Some(suggestion::prompt(wanted.kind, &operator, &agent.instructions, &sources, &said)))
}

/// Keeps what the model wrote, or that it wrote nothing, and finishes the job.
pub async fn settle(s: &Services, job: &Job, written: Option<&str>) -> Result<()> {
    let id: SuggestionId = job.subject.parse().map_err(Error::internal)?;
    let scope = Scope::system(job.agency, "writing for an operator");
    // Untrusted, like everything from outside: bounded, and free of what could pretend to be something else.
    let cut: String = written.unwrap_or_default().chars().take(SUGGESTION_LIMIT).collect();
    let body = text::optional_block("text", &cut, SUGGESTION_LIMIT).unwrap_or_default();
    let state = if body.is_empty() { SuggestionState::Failed } else { SuggestionState::Done };
    let mut unit = s.store.write().await?;
    if jobs::finish(&mut unit, job).await? {
        store::settle(&mut unit, &scope, id, state, &body, s.clock.now()).await?;
    }
    unit.commit().await
}

/// Finishes a job that nobody waits for any more.
pub async fn drop_it(s: &Services, job: &Job) -> Result<()> {
    job::finish(s, job).await
}
