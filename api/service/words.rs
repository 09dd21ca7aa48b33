//! What is said about what is said: changing and taking back messages, tags, the language, and the signals of
//! conversations that the AI has alone.

use std::sync::Arc;

use serde_json::json;

use super::conversation::{Seen, content_visible, load, seen};
use super::{By, Services, agency_of, person_of, user_of};
use crate::domain::access::Actor;
use crate::domain::answer::Language;
use crate::domain::canned;
use crate::domain::change::Change;
use crate::domain::conversation::{AuthorKind, Conversation, EntryKind, MESSAGE_LIMIT, Message};
use crate::domain::id::{ConversationId, MessageId, OrganizationId};
use crate::domain::note::EarlierText;
use crate::domain::permission::Permission;
use crate::domain::signal::{self, Heard, Signal};
use crate::domain::text;
use crate::error::{Code, Error, Result};
use crate::policy::Scope;
use crate::store::{Write, conversation, locate, message, tag, visitor};

/// How many messages of a visitor are looked at for their language.
pub(super) const LANGUAGE_LOOKS: i64 = 5;

/// How many tags a conversation has at most.
const TAGS: usize = 20;

/// How many tags are suggested at most.
const TAGS_SUGGESTED: i64 = 200;

/// How many earlier conversations of a visitor are shown at most.
const PREVIOUS: usize = 20;

/// What a colleague's chat answers to whoever may not read it.
pub(super) fn claimed() -> Error {
    Error::new(Code::Forbidden, "CLAIMED_BY_OTHER", "A colleague is handling this chat.")
}

/// Loads a conversation whose content that person may see, and do something to.
pub(super) async fn open(
    s: &Services,
    actor: &Actor,
    permission: Permission,
    id: ConversationId,
) -> Result<(Scope, Conversation)> {
    let (scope, row) = load(s, actor, permission, id).await?;
    if content_visible(s, actor, &row) { Ok((scope, row)) } else { Err(claimed()) }
}

/// The same once more within a unit, with the row locked and its revision raised.
pub(super) async fn reopen(
    s: &Services,
    actor: &Actor,
    unit: &mut Write,
    scope: &Scope,
    id: ConversationId,
    notes: bool,
) -> Result<Conversation> {
    let row = conversation::touched(unit, scope, id, notes).await?.ok_or_else(|| Error::not_found("conversation"))?;
    // Somebody may have taken it between our look and our lock.
    if content_visible(s, actor, &row) { Ok(row) } else { Err(claimed()) }
}

async fn conversation_of(s: &Services, actor: &Actor, permission: Permission, id: MessageId) -> Result<ConversationId> {
    s.policy.may_somewhere(actor, permission)?;
    let mut read = s.store.read().await?;
    locate::message(&mut read, id).await?.ok_or_else(|| Error::not_found("message"))
}

/// An operator changes what they said. The visitor sees that it was changed; supervisors see what it said before.
///
/// # Errors
/// FORBIDDEN with NOT_YOUR_MESSAGE for everybody else's; CONFLICT with MESSAGE_GONE when it was taken back.
pub async fn edit_message(s: &Services, actor: &Actor, id: MessageId, text: &str) -> Result<Message> {
    let said = text::block("text", text, MESSAGE_LIMIT)?;
    rewrite(s, actor, id, Some(said)).await
}

/// An operator takes back what they said; whoever supervises may take back any operator's message.
///
/// # Errors
/// FORBIDDEN with NOT_YOUR_MESSAGE.
pub async fn delete_message(s: &Services, actor: &Actor, id: MessageId) -> Result<Message> {
    rewrite(s, actor, id, None).await
}

async fn rewrite(s: &Services, actor: &Actor, id: MessageId, said: Option<String>) -> Result<Message> {
    let person = person_of(actor)?;
    let inside = conversation_of(s, actor, Permission::LiveChatRespond, id).await?;
    // Whoever does not reach the conversation learns nothing of the message.
    let opened = open(s, actor, Permission::LiveChatRespond, inside).await;
    let (scope, row) = opened.map_err(|error| match error.code {
        Code::NotFound => Error::not_found("message"),
        _ => error,
    })?;
    let now = s.clock.now();
    let mut unit = s.store.write().await?;
    let row = reopen(s, actor, &mut unit, &scope, row.id, false).await?;
    let before = message::one(&mut unit, &scope, row.id, id).await?.ok_or_else(|| Error::not_found("message"))?;
    let own = before.author_id.as_deref() == Some(person.user.to_string().as_str());
    let supervises = s.policy.may(actor, Permission::LiveChatSupervise, &row.place());
    let operators = before.kind == EntryKind::Text && before.author_kind == AuthorKind::Operator;
    if !operators || !(own || (said.is_none() && supervises)) {
        return Err(Error::new(
            Code::Forbidden,
            "NOT_YOUR_MESSAGE",
            "Only an operator's own message can be changed; a supervisor can take one back.",
        ));
    }
    if before.deleted_at.is_some() {
        if said.is_none() {
            unit.undo().await?;
            return Ok(before);
        }
        return Err(Error::conflict("MESSAGE_GONE", "This message was taken back and cannot be changed any more."));
    }
    if said.as_deref() == Some(before.text.as_str()) {
        unit.undo().await?;
        return Ok(before);
    }
    let after = match said {
        Some(text) => Message { text, edited_at: Some(now), ..before.clone() },
        None => Message { text: String::new(), attachments: Vec::new(), deleted_at: Some(now), ..before.clone() },
    };
    message::keep_earlier(&mut unit, &scope, &before, person.user, &person.name, now).await?;
    message::change_text(&mut unit, &scope, &after).await?;
    let user = person.user.to_string();
    let by = By { actor: &user, organization: row.organization };
    let action = if after.deleted_at.is_some() { "message.delete" } else { "message.edit" };
    s.note(&mut unit, &scope, &by, action, id, json!({ "conversation": row.id.to_string() })).await?;
    unit.note(Change::Message { conversation: Arc::new(row), message: Arc::new(after.clone()) });
    unit.commit().await?;
    Ok(after)
}

/// What a message said before, for whoever supervises.
pub async fn earlier_texts(s: &Services, actor: &Actor, id: MessageId) -> Result<Vec<EarlierText>> {
    let inside = conversation_of(s, actor, Permission::LiveChatSupervise, id).await?;
    let loaded = load(s, actor, Permission::LiveChatSupervise, inside).await;
    let (scope, _) = loaded.map_err(|error| match error.code {
        Code::NotFound => Error::not_found("message"),
        _ => error,
    })?;
    message::earlier_texts(&mut s.store.read().await?, &scope, id).await
}

/// Files a conversation under more tags, and no longer under others. Each alone, so that two people at once lose nothing.
pub async fn tag(s: &Services, actor: &Actor, id: ConversationId, add: &[String], remove: &[String]) -> Result<Seen> {
    let (add, remove) = (canned::tags("add", add, TAGS)?, canned::tags("remove", remove, TAGS)?);
    let (scope, _) = open(s, actor, Permission::ConversationNote, id).await?;
    let mut unit = s.store.write().await?;
    let mut row = reopen(s, actor, &mut unit, &scope, id, false).await?;
    let mut tags: Vec<String> =
        row.tags.lines().filter(|tag| !remove.iter().any(|gone| gone == tag)).map(str::to_owned).collect();
    tags.extend(add);
    let tags = canned::tags("add", &tags, TAGS)?;
    row.tags = tags.join("\n");
    conversation::keep_words(&mut unit, &scope, &row).await?;
    tag::file(&mut unit, &scope, id, &tags).await?;
    keep(s, actor, unit, row).await
}

async fn keep(s: &Services, actor: &Actor, mut unit: Write, row: Conversation) -> Result<Seen> {
    let row = Arc::new(row);
    unit.note(Change::Conversation { conversation: row.clone(), message: None });
    unit.commit().await?;
    Ok(seen(s, actor, row))
}

/// The tags in use within the person's reach, with of how many conversations: the most used first.
pub async fn tags(s: &Services, actor: &Actor, organization: Option<OrganizationId>) -> Result<Vec<(String, i64)>> {
    let scope = super::reach(s, actor, Permission::ConversationRead, organization).await?;
    tag::tags(&mut s.store.read().await?, &scope, organization, TAGS_SUGGESTED).await
}

/// Says in which language a conversation is held; without one it is found out anew from what the visitor writes next.
pub async fn set_language(s: &Services, actor: &Actor, id: ConversationId, language: Option<&str>) -> Result<Seen> {
    let language = language.map(language_code).transpose()?;
    let (scope, _) = open(s, actor, Permission::ConversationNote, id).await?;
    let mut unit = s.store.write().await?;
    let mut row = reopen(s, actor, &mut unit, &scope, id, false).await?;
    row.language = language;
    conversation::keep_words(&mut unit, &scope, &row).await?;
    keep(s, actor, unit, row).await
}

fn language_code(text: &str) -> Result<String> {
    let code = text.trim().to_lowercase();
    let fits = matches!(code.len(), 2 | 3) && code.bytes().all(|b| b.is_ascii_lowercase());
    if fits {
        Ok(code)
    } else {
        Err(Error::invalid(
            "language",
            "NOT_A_LANGUAGE",
            "A language is written as two or three letters, such as en or de.",
        ))
    }
}

/// Finds out the language of a conversation: from the visitor's words, or else from what their browser says.
pub(super) async fn learn_language(unit: &mut Write, scope: &Scope, row: &mut Conversation, text: &str) -> Result<()> {
    let found = match Language::recognised(text) {
        Some(language) => Some(language.code().to_owned()),
        None => {
            let known = visitor::visitors_of(unit, scope, &[row.visitor]).await?.pop();
            let browser = known.and_then(|known| known.language);
            browser.and_then(|tag| language_code(tag.split(['-', '_']).next().unwrap_or_default()).ok())
        }
    };
    if found.is_some() {
        conversation::keep_signals(unit, scope, row.id, &row.signals, found.as_deref()).await?;
        row.language = found;
    }
    Ok(())
}

/// What the visitor said since a person was last concerned with the conversation, in order.
pub(super) fn of_this_stretch(history: &[Message]) -> Vec<String> {
    let begins = history.iter().rposition(|entry| entry.kind != EntryKind::Text).map_or(0, |at| at + 1);
    let visitors = history.iter().skip(begins).filter(|entry| entry.author_kind == AuthorKind::Visitor);
    visitors.map(|entry| entry.text.clone()).collect()
}

/// Keeps what speaks for an intervention now, in the unit that keeps the AI's answer.
pub(super) async fn keep_signals(
    unit: &mut Write,
    scope: &Scope,
    row: &mut Conversation,
    heard: &Heard<'_>,
) -> Result<()> {
    let found = signal::written(&signal::signals(heard));
    if found != row.signals {
        conversation::keep_signals(unit, scope, row.id, &found, None).await?;
        row.signals = found;
    }
    Ok(())
}

/// What speaks for an intervention: only while the AI has the conversation alone. An answer that is still to come after a
/// minute is one of them, though nothing was kept since.
pub fn signals(s: &Services, row: &Conversation) -> Vec<Signal> {
    if !row.ai_speaks() {
        return Vec::new();
    }
    let mut found = signal::read(&row.signals);
    let unanswered = row.last_visitor_message_at == Some(row.last_activity_at);
    let long = s.clock.now().since(row.last_activity_at).as_secs() >= signal::LONG_SECONDS;
    if unanswered && long && !found.contains(&Signal::LongWait) {
        found.push(Signal::LongWait);
        found.sort_unstable();
    }
    found
}

/// The earlier and later conversations of the same visitor that the person may see, the newest first.
pub async fn previous(s: &Services, actor: &Actor, of: &Seen) -> Result<Vec<Seen>> {
    if !of.content {
        return Ok(Vec::new());
    }
    let scope = s.policy.reach(actor, Permission::ConversationRead, None)?;
    let mut read = s.store.read().await?;
    let row = &of.conversation;
    let found = conversation::others_of_visitor(&mut read, &scope, row.visitor, row.id, PREVIOUS).await?;
    Ok(found.into_iter().map(|row| seen(s, actor, Arc::new(row))).collect())
}

/// Within how many seconds people of some organizations should first answer (A01).
pub async fn first_response_seconds(
    s: &Services,
    actor: &Actor,
    organizations: &[OrganizationId],
) -> Result<Vec<(OrganizationId, u64)>> {
    let agency = agency_of(actor)?;
    let mut read = s.store.read().await?;
    let key = crate::domain::setting::Key::ChatFirstResponseSeconds;
    let found = super::setting::effective_in(&mut read, agency, organizations, key).await?;
    Ok(found.into_iter().map(|(organization, value)| (organization, value.parse().unwrap_or(30))).collect())
}

/// Whether somebody is the user of that conversation's desk who asks; for what only its author may do.
pub(super) fn is_own(actor: &Actor, author: crate::domain::id::UserId) -> bool {
    user_of(actor).is_ok_and(|user| user == author)
}
