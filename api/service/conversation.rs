//! Conversations: what is said in them, and who may see it.

use std::sync::Arc;

use super::{By, Services, agency_of, calling, doer_of, file, person_of, routing, visitor_of};
use crate::domain::access::Actor;
use crate::domain::change::Change;
use crate::domain::conversation::{
    AuthorKind, Conversation, EntryKind, Intent, MESSAGE_LIMIT, Message, Owner, State, Via, preview_of,
};
use crate::domain::file::preview as preview_of_files;
use crate::domain::id::{ConversationId, FileId, JobId, MessageId, OrganizationId};
use crate::domain::page::{ConversationFilter, Page, Rows};
use crate::domain::permission::Permission;
use crate::domain::text;
use crate::domain::time::Time;
use crate::error::{Code, Error, Result};
use crate::live::{Looker, News, Topic};
use crate::policy::Scope;
use crate::store::job::Job;
use crate::store::{
    Write, conversation, handoff, job, locate, message, notification as notifications, organization as organizations,
};

/// The kind of job that makes the AI answer a message.
pub const ANSWER_JOB: &str = "answer";

/// A conversation as one person may see it.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The row.
    pub conversation: Arc<Conversation>,
    /// Whether what is said in it may be seen: not, when it is somebody else's (S094, S095).
    pub content: bool,
    /// Whether the visitor's address and number may be seen unmasked.
    pub contact: bool,
    /// The visitor is connected or was heard of just now.
    pub live: bool,
}

/// Whether the person may see what is said: the operator who has it, and supervisors; while nobody has it, all who may
/// read conversations.
pub fn content_visible(s: &Services, actor: &Actor, conversation: &Conversation) -> bool {
    let Some(person) = actor.judged() else { return false };
    let place = conversation.place();
    match (conversation.state, conversation.assignee) {
        (State::Human, Some(assignee)) if person.is_or_views(assignee) => {
            s.policy.may(actor, Permission::LiveChatRespond, &place)
        }
        (State::Human, _) => s.policy.may(actor, Permission::LiveChatSupervise, &place),
        _ => s.policy.may(actor, Permission::ConversationRead, &place),
    }
}

/// The conversation with what that person may see of it.
pub fn seen(s: &Services, actor: &Actor, conversation: Arc<Conversation>) -> Seen {
    let live = conversation.is_live(s.clock.now(), s.hub.visitor_connected(conversation.id));
    Seen {
        content: content_visible(s, actor, &conversation),
        contact: s.policy.may(actor, Permission::VisitorReadContact, &conversation.place()),
        live,
        conversation,
    }
}

/// The conversation of that id, as that person may see it.
///
/// # Errors
/// NOT_FOUND outside the person's reach; FORBIDDEN within it, without `conversation.read`.
pub async fn conversation(s: &Services, actor: &Actor, id: ConversationId) -> Result<Seen> {
    let (_, found) = load(s, actor, Permission::ConversationRead, id).await?;
    let seen = seen(s, actor, Arc::new(found));
    // A supervisor's look at somebody else's chat is on record.
    let own = |assignee| actor.person().is_some_and(|person| person.user == assignee);
    let look = seen.content && seen.conversation.state == State::Human && !seen.conversation.assignee.is_some_and(own);
    if look {
        let mut unit = s.store.write().await?;
        let user = doer_of(actor)?;
        // Through a client's eyes one reads the client's own chats, and that is on record too.
        let own =
            seen.conversation.assignee.is_some_and(|it| person_of(actor).is_ok_and(|person| person.is_or_views(it)));
        let permission = if own { Permission::LiveChatRespond } else { Permission::LiveChatSupervise };
        let scope = s.policy.allow(actor, permission, &seen.conversation.place(), "conversation")?;
        let by = By { actor: &user, organization: seen.conversation.organization };
        s.note(&mut unit, &scope, &by, "conversation.supervised", id, serde_json::json!({})).await?;
        unit.commit().await?;
    }
    Ok(seen)
}

/// Loads a conversation for somebody who holds `permission` where it stands.
pub(super) async fn load(
    s: &Services,
    actor: &Actor,
    permission: Permission,
    id: ConversationId,
) -> Result<(Scope, Conversation)> {
    let absent = || Error::not_found("conversation");
    s.policy.may_somewhere(actor, permission)?;
    let mut read = s.store.read().await?;
    let place = locate::conversation(&mut read, id).await?.ok_or_else(absent)?;
    let scope = s.policy.allow(actor, permission, &place, "conversation")?;
    let found = conversation::conversation(&mut read, &scope, id).await?.ok_or_else(absent)?;
    Ok((scope, found))
}

/// Conversations that the person may list, newest activity first.
pub async fn conversations(
    s: &Services,
    actor: &Actor,
    filter: &ConversationFilter,
    page: &Page<(i64, Time, ConversationId)>,
) -> Result<Rows<Seen>> {
    let scope = super::reach(s, actor, Permission::ConversationRead, filter.organization).await?;
    let mut read = s.store.read().await?;
    let rated = match &filter.ratings {
        Some(stars) => {
            Some((stars.as_slice(), super::reach(s, actor, Permission::RatingView, filter.organization).await?))
        }
        None => None,
    };
    let rated = rated.as_ref().map(|(stars, scope)| (*stars, scope));
    let found = conversation::conversations(&mut read, &scope, filter, rated, page).await?;
    Ok(Rows { rows: found.rows.into_iter().map(|row| seen(s, actor, Arc::new(row))).collect(), more: found.more })
}

/// Organizations may be named where the person belongs to several.
pub type InOrganization = Option<OrganizationId>;

/// The last entries before number `before`, in order.
///
/// # Errors
/// FORBIDDEN with CLAIMED_BY_OTHER when somebody else has the chat.
pub async fn messages(
    s: &Services,
    actor: &Actor,
    seen: &Seen,
    before: Option<i64>,
    last: usize,
) -> Result<Rows<Message>> {
    if !seen.content {
        return Err(Error::new(Code::Forbidden, "CLAIMED_BY_OTHER", "A colleague is handling this chat."));
    }
    let scope = s.policy.allow(actor, Permission::ConversationRead, &seen.conversation.place(), "conversation")?;
    let mut read = s.store.read().await?;
    message::last(&mut read, &scope, seen.conversation.id, before, last).await
}

/// What somebody says; with files it may be nothing.
fn words(text: &str, files: &[FileId]) -> Result<String> {
    if files.is_empty() {
        return text::block("text", text, MESSAGE_LIMIT);
    }
    text::optional_block("text", text, MESSAGE_LIMIT)
}

/// A visitor says something; the AI will answer if the conversation is its.
///
/// # Errors
/// INVALID for empty or over-long text; CONFLICT when the client id was used for something else, or with INPUT_BLOCKED while the
/// visitor waits where nobody may write then; UNAUTHENTICATED with SESSION_MOVED when it belongs in a new conversation;
/// RATE_LIMITED.
pub async fn visitor_sends(
    s: &Services,
    actor: &Actor,
    client_id: &str,
    text: &str,
    files: &[FileId],
) -> Result<Message> {
    let visitor = visitor_of(actor)?;
    let client_id = text::client_id(client_id)?;
    let said = words(text, files)?;
    s.visitor_limits.message(visitor.visitor)?;
    let shown = super::widget::reachable(s, visitor.widget).await?;
    let scope = Scope::of_visitor(visitor);
    let author = visitor.visitor.to_string();
    let now = s.clock.now();
    let mut unit = s.store.write().await?;
    // Whoever calls a person holds the organization before the conversation.
    let calls = shown.offer(now).available && calling::by_words(&shown.agent, &said);
    let called = match shown.agent.organization.filter(|_| calls) {
        Some(organization) if organizations::hold_open(&mut unit, &scope, organization, visitor.ai_agent).await? => {
            Some(organization)
        }
        _ => None,
    };
    let attachments = match files {
        [] => Vec::new(),
        files => file::chosen(&mut unit, &scope, visitor.conversation, &author, files).await?,
    };
    let preview = if said.is_empty() { preview_of(&preview_of_files(&attachments)) } else { preview_of(&said) };
    let mut row = conversation::visitor_wrote(&mut unit, &scope, visitor.conversation, &preview, now)
        .await?
        .ok_or_else(super::visitor::gone)?;
    if let Some(organization) = shown.agent.organization {
        still_there(&row, organization)?;
    }
    let over = row.is_over();
    if over && !shown.ending.anew {
        // A new stretch: the AI has it again, and counts the visitor's messages from one.
        row = conversation::resume(&mut unit, &scope, row.id, row.version).await?.unwrap_or(row);
    }
    let entry = Message {
        id: s.ids.next(now),
        conversation: row.id,
        seq: row.last_seq,
        kind: EntryKind::Text,
        author_kind: AuthorKind::Visitor,
        author_id: Some(author.clone()),
        author_name: None,
        text: said,
        offers_human: false,
        sources: String::new(),
        client_id: Some(client_id.clone()),
        created_at: now,
        via: Via::Chat,
        edited_at: None,
        deleted_at: None,
        attachments,
    };
    if !message::insert(&mut unit, &scope, &entry).await? {
        let first =
            message::sent_before(&mut unit, &scope, row.id, &author, &client_id, &entry.text, &entry.attachments)
                .await?;
        unit.undo().await?;
        return Ok(first);
    }
    if over && shown.ending.anew {
        drop(unit);
        return Err(super::ending::begin_anew(s, visitor).await?);
    }
    if row.state == State::Requested && shown.agent.offer().block_input {
        return Err(Error::conflict("INPUT_BLOCKED", "You can write again as soon as somebody has joined."));
    }
    file::send(&mut unit, &scope, files, entry.id).await?;
    if row.language.is_none() && row.visitor_messages <= super::words::LANGUAGE_LOOKS {
        super::words::learn_language(&mut unit, &scope, &mut row, &entry.text).await?;
    }
    let said = Change::Conversation { conversation: Arc::new(row.clone()), message: Some(Arc::new(entry.clone())) };
    unit.note(said);
    let called = match called.filter(|_| row.state == State::Ai) {
        Some(organization) => {
            calling::call(s, &mut unit, &scope, &shown.agent, organization, &row, Intent::Words, now).await?
        }
        None => None,
    };
    // Whoever has been called for is not answered by the AI as well.
    if called.is_none() && row.ai_speaks() {
        add_answer_job(s, &mut unit, &row, &entry, now).await?;
    }
    super::notification::visitor_wrote(s, &mut unit, &row).await?;
    unit.commit().await?;
    if let Some(called) = &called {
        routing::lead_quietly(s, called).await;
    }
    Ok(entry)
}

/// Whether the conversation still belongs to the organization that its AI agent works for. What was said stays with the
/// organization it was said to: when the AI agent has moved on, the visitor begins a new conversation.
///
/// # Errors
/// UNAUTHENTICATED with SESSION_MOVED: the widget then opens a session anew.
pub(super) fn still_there(row: &Conversation, organization: OrganizationId) -> Result<()> {
    if row.organization == Some(organization) {
        return Ok(());
    }
    Err(Error::unauthenticated("SESSION_MOVED", "This conversation has ended. Please begin a new one."))
}

async fn add_answer_job(s: &Services, unit: &mut Write, row: &Conversation, entry: &Message, now: Time) -> Result<()> {
    let answer: MessageId = s.ids.next(now);
    let id: JobId = s.ids.next(now);
    let payload = serde_json::json!({
        "conversation": row.id.to_string(),
        "version": row.version,
        "seq": entry.seq,
        "answer": answer.to_string(),
    });
    let job = Job::new(id, row.agency, ANSWER_JOB, entry.id).with(payload.to_string());
    job::add(unit, &job, now).await?;
    unit.note(Change::Job);
    Ok(())
}

/// An operator says something in a chat that is theirs.
///
/// # Errors
/// CONFLICT with NOT_YOURS when somebody else has it, with WRONG_STATE when nobody does.
pub async fn operator_sends(
    s: &Services,
    actor: &Actor,
    id: ConversationId,
    client_id: &str,
    text: &str,
    files: &[FileId],
) -> Result<Message> {
    let person = person_of(actor)?;
    let client_id = text::client_id(client_id)?;
    let said = words(text, files)?;
    let (scope, _) = load(s, actor, Permission::LiveChatRespond, id).await?;
    let author = person.user.to_string();
    let now = s.clock.now();
    let mut unit = s.store.write().await?;
    let attachments = match files {
        [] => Vec::new(),
        files => file::chosen(&mut unit, &scope, id, &author, files).await?,
    };
    let row = conversation::operator_wrote(&mut unit, &scope, id, now)
        .await?
        .ok_or_else(|| Error::not_found("conversation"))?;
    let entry = Message {
        id: s.ids.next(now),
        conversation: id,
        seq: row.last_seq,
        kind: EntryKind::Text,
        author_kind: AuthorKind::Operator,
        author_id: Some(author.clone()),
        author_name: Some(person.name.clone()),
        text: said,
        offers_human: false,
        sources: String::new(),
        client_id: Some(client_id.clone()),
        created_at: now,
        via: Via::Chat,
        edited_at: None,
        deleted_at: None,
        attachments,
    };
    if !message::insert(&mut unit, &scope, &entry).await? {
        let first =
            message::sent_before(&mut unit, &scope, id, &author, &client_id, &entry.text, &entry.attachments).await?;
        unit.undo().await?;
        return Ok(first);
    }
    if row.owner() != (Owner { state: State::Human, assignee: Some(person.user) }) {
        drop(unit);
        return Err(super::handoff::not_yours(s, &scope, row.owner()).await);
    }
    file::send(&mut unit, &scope, files, entry.id).await?;
    if let Some(handoff) = row.handoff {
        // The visitor has a person's first answer (A01).
        handoff::answered(&mut unit, &scope, handoff, now).await?;
    }
    unit.note(Change::Conversation { conversation: Arc::new(row), message: Some(Arc::new(entry.clone())) });
    unit.commit().await?;
    super::presence::sign_quietly(s, actor).await;
    Ok(entry)
}

/// The visitor types, or has stopped.
pub fn visitor_types(s: &Services, actor: &Actor, typing: bool) -> Result<()> {
    let visitor = visitor_of(actor)?;
    let news = News::Typing { author: AuthorKind::Visitor, name: None, typing };
    s.hub.tell(Topic::Conversation(visitor.conversation), &news);
    Ok(())
}

/// The operator who has the chat types, or has stopped.
pub async fn operator_types(s: &Services, actor: &Actor, id: ConversationId, typing: bool) -> Result<()> {
    let person = person_of(actor)?;
    let (scope, row) = load(s, actor, Permission::LiveChatRespond, id).await?;
    if row.assignee != Some(person.user) {
        return Err(super::handoff::not_yours(s, &scope, row.owner()).await);
    }
    let news = News::Typing { author: AuthorKind::Operator, name: Some(person.name.as_str().into()), typing };
    s.hub.tell(Topic::Conversation(id), &news);
    Ok(())
}

/// The visitor has read up to a number.
pub async fn visitor_reads(s: &Services, actor: &Actor, seq: i64) -> Result<()> {
    let visitor = visitor_of(actor)?;
    let scope = Scope::of_visitor(visitor);
    let mut unit = s.store.write().await?;
    if let Some(row) = conversation::read_up_to(&mut unit, &scope, visitor.conversation, seq, true).await? {
        unit.note(Change::Conversation { conversation: Arc::new(row), message: None });
        unit.commit().await?;
    }
    Ok(())
}

/// Somebody of the organization has read up to a number. Only the operator who has the chat, or anybody while nobody has.
pub async fn operator_reads(s: &Services, actor: &Actor, id: ConversationId, seq: i64) -> Result<Seen> {
    let (scope, row) = load(s, actor, Permission::ConversationRead, id).await?;
    let before = seen(s, actor, Arc::new(row));
    let user = super::user_of(actor)?;
    if !before.content || before.conversation.assignee.is_some_and(|assignee| assignee != user) {
        return Ok(before);
    }
    let mut unit = s.store.write().await?;
    let further = conversation::read_up_to(&mut unit, &scope, id, seq, false).await?;
    // Whoever has a conversation before them has read what they were told of it.
    let known = notifications::read_about(&mut unit, &scope, user, id, s.clock.now()).await?;
    if known > 0 {
        unit.note(Change::Notification { user, entry: None });
    }
    let Some(row) = further else {
        if known > 0 {
            unit.commit().await?;
        }
        return Ok(before);
    };
    let row = Arc::new(row);
    unit.note(Change::Conversation { conversation: row.clone(), message: None });
    unit.commit().await?;
    Ok(seen(s, actor, row))
}

/// Conversations by id, of handoffs that the person has been allowed to see.
pub async fn conversations_of(s: &Services, actor: &Actor, ids: &[ConversationId]) -> Result<Vec<Arc<Conversation>>> {
    let scope = Scope::system(agency_of(actor)?, "the conversation of a handoff that may be seen");
    let mut read = s.store.read().await?;
    Ok(conversation::conversations_of(&mut read, &scope, ids).await?.into_iter().map(Arc::new).collect())
}

/// Who else of the desk looks at a conversation, for whoever may see what is said in it.
pub fn lookers(s: &Services, actor: &Actor, seen: &Seen) -> Vec<Looker> {
    let mut lookers = if seen.content { s.hub.lookers(seen.conversation.id) } else { Vec::new() };
    lookers.retain(|looker| actor.person().is_none_or(|person| person.user != looker.user));
    lookers
}
