//! What the AI needs to know to answer, and how its answer is kept.

use std::sync::Arc;

use super::job::Job;
use super::{Services, calling, words};
use crate::domain::agent::AiAgent;
use crate::domain::answer::{Answer, Author, Question, Source, Turn};
use crate::domain::change::Change;
use crate::domain::conversation::{AuthorKind, EntryKind, Intent, Message, Via};
use crate::domain::id::{ConversationId, MessageId};
use crate::domain::signal::Heard;
use crate::domain::tenant::Unavailable;
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::live::{News, Topic};
use crate::policy::Scope;
use crate::store::{agent, conversation, job, knowledge, locate, message, organization as organizations};

/// How many earlier entries a question takes along.
const HISTORY: usize = 30;

/// How many knowledge entries a question takes along.
const SOURCES: usize = 6;

/// One answer to be given.
#[derive(Debug)]
pub struct Task {
    /// What is asked, with everything that may help.
    pub question: Question,
    conversation: ConversationId,
    version: i64,
    answer: MessageId,
    agent: AiAgent,
    /// When the message came that is answered, and what the visitor said in this stretch before it.
    asked_at: Time,
    said: Vec<String>,
}

/// Gathers what a job of the kind [`super::conversation::ANSWER_JOB`] asks for. Nothing when the AI is not to speak any
/// more: somebody has taken over meanwhile.
pub async fn task(s: &Services, job: &Job) -> Result<Option<Task>> {
    let payload: serde_json::Value = serde_json::from_str(&job.payload).map_err(Error::internal)?;
    let text = |name: &str| payload[name].as_str().unwrap_or_default();
    let id: ConversationId = text("conversation").parse().map_err(Error::internal)?;
    let answer: MessageId = text("answer").parse().map_err(Error::internal)?;
    let (version, seq) = (payload["version"].as_i64().unwrap_or_default(), payload["seq"].as_i64().unwrap_or_default());
    let scope = Scope::system(job.agency, "answering a visitor");
    let mut read = s.store.read().await?;
    let Some(row) = conversation::conversation(&mut read, &scope, id).await? else { return Ok(None) };
    if row.version != version || !row.ai_speaks() {
        return Ok(None);
    }
    // An AI agent that was deleted, or whose organization sleeps, has nothing more to say.
    let Some(agent) = agent::ai_agents_of(&mut read, &scope, &[row.ai_agent]).await?.pop() else { return Ok(None) };
    let gone = locate::ai_agent(&mut read, agent.id).await?.is_none();
    let moved = row.organization != agent.organization;
    if gone
        || moved
        || matches!(agent::unavailable(&mut read, &agent).await?, Some(why) if why != Unavailable::AiAgentUnassigned)
    {
        return Ok(None);
    }
    let agent = super::setting::governing(&mut read, agent.agency, agent.organization).await?.work(agent);
    let mut history = message::last(&mut read, &scope, id, Some(seq + 1), HISTORY).await?.rows;
    let Some(asked) = history.pop().filter(|asked| asked.seq == seq) else { return Ok(None) };
    let found = knowledge::search(&mut read, &scope, agent.id, &asked.text, SOURCES).await?;
    let said = words::of_this_stretch(&history);
    let turns = history
        .into_iter()
        .filter(|entry| entry.kind == EntryKind::Text && entry.deleted_at.is_none())
        .filter_map(|entry| {
            let author = match entry.author_kind {
                AuthorKind::Visitor => Author::Visitor,
                AuthorKind::Ai => Author::Ai,
                AuthorKind::Operator => Author::Operator,
                AuthorKind::System => return None,
            };
            Some(Turn { author, text: entry.text })
        });
    // Out of hours nobody is offered who could not be asked for.
    let hands_off = agent.hands_off()
        && super::hours::status(&mut read, agent.agency, agent.organization, agent.id, s.clock.now()).await?.open;
    let question = Question {
        instructions: agent.instructions.clone(),
        history: turns.collect(),
        text: asked.text,
        sources: found.into_iter().map(|(entry, rank)| Source { title: entry.title, body: entry.body, rank }).collect(),
        nobody_there: !hands_off,
    };
    let asked_at = asked.created_at;
    // Whoever cannot be asked for now cannot be called either.
    let agent = AiAgent { handoff_enabled: hands_off, ..agent };
    Ok(Some(Task { question, conversation: id, version, answer, agent, asked_at, said }))
}

/// Shows how far the answer is, to whoever is watching. Nothing of it is kept.
pub fn show_progress(s: &Services, task: &Task, text: &str) {
    let news = News::Answer { id: task.answer, text: text.into() };
    s.hub.tell(Topic::Conversation(task.conversation), &news);
}

/// Keeps the answer and finishes the job, in one unit: only if nobody has changed the owner since the question was read,
/// only once, and only while the lease is ours. What it says of a human is decided by [`calling::after_answer`].
pub async fn post(s: &Services, job: &Job, task: &Task, answer: &Answer) -> Result<()> {
    let scope = Scope::system(job.agency, "answering a visitor");
    let now = s.clock.now();
    let next = calling::after_answer(&task.agent, &task.question.text, answer);
    let mut unit = s.store.write().await?;
    // Whoever calls a person holds the organization before the conversation.
    let open = match task.agent.organization.filter(|_| next.may_call) {
        Some(organization) if organizations::hold_open(&mut unit, &scope, organization, task.agent.id).await? => {
            Some(organization)
        }
        _ => None,
    };
    if !job::finish(&mut unit, job).await? {
        return Ok(());
    }
    let written =
        conversation::ai_wrote(&mut unit, &scope, task.conversation, task.version, next.count, next.offers, now)
            .await?;
    let Some(mut row) = written else {
        // Taken over, or ended, while it was being written: the AI stays silent, and the job is done.
        return unit.commit().await;
    };
    let entry = Message {
        id: task.answer,
        conversation: row.id,
        seq: row.last_seq,
        kind: EntryKind::Text,
        author_kind: AuthorKind::Ai,
        author_id: None,
        author_name: Some(task.agent.name.clone()),
        text: answer.text.clone(),
        offers_human: next.offers.is_some(),
        sources: answer.sources.join("\n"),
        client_id: None,
        created_at: now,
        via: Via::Chat,
        edited_at: None,
        deleted_at: None,
        attachments: Vec::new(),
    };
    if !message::insert(&mut unit, &scope, &entry).await? {
        drop(unit);
        return super::job::finish(s, job).await;
    }
    let visitor = task.said.iter().map(String::as_str).chain([task.question.text.as_str()]).collect();
    let heard = Heard { visitor, helped: answer.helped, waited_seconds: now.since(task.asked_at).as_secs() };
    words::keep_signals(&mut unit, &scope, &mut row, &heard).await?;
    unit.note(Change::Conversation { conversation: Arc::new(row.clone()), message: Some(Arc::new(entry)) });
    let called = match open.filter(|_| calling::enough(&task.agent, &row)) {
        Some(organization) => {
            let intent = Intent::RepeatedFailure;
            calling::call(s, &mut unit, &scope, &task.agent, organization, &row, intent, now).await?
        }
        None => None,
    };
    unit.commit().await?;
    if let Some(called) = &called {
        super::routing::lead_quietly(s, called).await;
    }
    Ok(())
}
