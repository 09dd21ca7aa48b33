//! Notes: what people of the desk say to each other in a conversation. Whoever may not see what is said there sees no
//! note either, and nothing of one ever leaves by the visitors' door: no function of it reads from the table they stand in.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::json;

use super::conversation::{Seen, load};
use super::words::{claimed, open, reopen};
use super::{By, Services, person_of, role, user_of};
use crate::domain::access::{Actor, Place};
use crate::domain::change::Change;
use crate::domain::conversation::Conversation;
use crate::domain::id::{ConversationId, NoteId, UserId};
use crate::domain::note::{MENTIONS_LIMIT, NOTE_LIMIT, Note};
use crate::domain::notification::Kind;
use crate::domain::permission::Permission;
use crate::domain::tenant::User;
use crate::domain::text;
use crate::error::{Code, Error, Result};
use crate::policy::Scope;
use crate::store::{Creation, Reads, Write, create_once, identity, locate, note};

/// A note, and whom it mentions.
#[derive(Debug, Clone)]
pub struct Mentioning {
    /// The note.
    pub note: Note,
    /// Whom it mentions.
    pub mentions: Vec<User>,
}

/// How many people are looked at for mentions.
const LOOKED_AT: i64 = 500;
/// How many are offered at once.
const OFFERED: usize = 20;

/// The notes of a conversation, oldest first; none of a chat that is somebody else's.
pub async fn notes(s: &Services, actor: &Actor, of: &Seen) -> Result<Vec<Mentioning>> {
    let row = &of.conversation;
    let scope = s.policy.allow(actor, Permission::ConversationNote, &row.place(), "conversation")?;
    if !of.content {
        return Err(claimed());
    }
    let mut read = s.store.read().await?;
    let found = note::notes(&mut read, &scope, row.id).await?;
    with_mentions(&mut read, &scope, found).await
}

async fn with_mentions(read: &mut impl Reads, scope: &Scope, notes: Vec<Note>) -> Result<Vec<Mentioning>> {
    let ids: Vec<NoteId> = notes.iter().map(|note| note.id).collect();
    let mentions = note::mentions(read, scope, &ids).await?;
    let mut users: Vec<UserId> = mentions.iter().map(|(_, user)| *user).collect();
    users.sort_unstable();
    users.dedup();
    let users: HashMap<UserId, User> =
        identity::users_of(read, scope, &users).await?.into_iter().map(|user| (user.id, user)).collect();
    let of = |id: NoteId| {
        let mentioned = mentions.iter().filter(move |(note, _)| *note == id);
        mentioned.filter_map(|(_, user)| users.get(user).cloned()).collect()
    };
    Ok(notes.into_iter().map(|note| Mentioning { mentions: of(note.id), note }).collect())
}

/// Who can be mentioned in a conversation: people who may read conversations and notes there. By name, at most twenty.
pub async fn mentionable(s: &Services, actor: &Actor, id: ConversationId, search: Option<&str>) -> Result<Vec<User>> {
    let (scope, row) = open(s, actor, Permission::ConversationNote, id).await?;
    let mut read = s.store.read().await?;
    let mut people = who_sees(s, &mut read, &scope, &row.place()).await?;
    let wanted = text::searchable(search.unwrap_or_default());
    people.retain(|user| text::searchable(&user.name).contains(&wanted));
    people.sort_by(|one, other| one.name.cmp(&other.name).then(one.id.cmp(&other.id)));
    people.truncate(OFFERED);
    Ok(people)
}

async fn who_sees(s: &Services, read: &mut impl Reads, scope: &Scope, place: &Place) -> Result<Vec<User>> {
    let near = crate::store::role::people_at(read, scope, place.organization, None, LOOKED_AT).await?;
    let people = role::people(s, read, scope, &near).await?;
    let may: Vec<UserId> = people
        .into_iter()
        .filter(|person| {
            let actor = Actor::Person(Arc::new(person.clone()));
            let holds = |permission| s.policy.may(&actor, permission, place);
            holds(Permission::ConversationRead) && holds(Permission::ConversationNote)
        })
        .map(|person| person.user)
        .collect();
    identity::users_of(read, scope, &may).await
}

/// Those of the ids who can be mentioned: all of them, or it is refused.
async fn check_mentions(
    s: &Services,
    read: &mut impl Reads,
    scope: &Scope,
    place: &Place,
    mentions: &[UserId],
) -> Result<Vec<UserId>> {
    let mut mentions = mentions.to_vec();
    mentions.sort_unstable();
    mentions.dedup();
    if mentions.len() > MENTIONS_LIMIT {
        return Err(Error::invalid("mentionIds", "TOO_MANY", format!("At most {MENTIONS_LIMIT} people at once.")));
    }
    if mentions.is_empty() {
        return Ok(mentions);
    }
    // Whoever is not of this place does not exist here, whether or not they do elsewhere.
    let near = crate::store::role::people_at(read, scope, place.organization, None, LOOKED_AT).await?;
    if mentions.iter().any(|id| !near.contains(id)) {
        return Err(Error::not_found("user"));
    }
    let people = who_sees(s, read, scope, place).await?;
    if mentions.iter().all(|id| people.iter().any(|user| user.id == *id)) {
        return Ok(mentions);
    }
    Err(Error::invalid(
        "mentionIds",
        "NOT_MENTIONABLE",
        "Only people who may read this conversation can be mentioned in it.",
    ))
}

/// Adds a note after what was last said. A retry with the same client id adds none.
///
/// # Errors
/// FORBIDDEN with CLAIMED_BY_OTHER in a chat that is somebody else's; INVALID with NOT_MENTIONABLE.
pub async fn add(
    s: &Services,
    actor: &Actor,
    client_id: &str,
    id: ConversationId,
    text: &str,
    mentions: &[UserId],
) -> Result<Mentioning> {
    let person = person_of(actor)?;
    let client_id = text::client_id(client_id)?;
    let body = text::block("text", text, NOTE_LIMIT)?;
    let (scope, row) = open(s, actor, Permission::ConversationNote, id).await?;
    let mut read = s.store.read().await?;
    let mentions = check_mentions(s, &mut read, &scope, &row.place(), mentions).await?;
    drop(read);
    let now = s.clock.now();
    let mut unit = s.store.write().await?;
    let row = reopen(s, actor, &mut unit, &scope, id, true).await?;
    let new = Note {
        id: s.ids.next(now),
        conversation: id,
        after_seq: row.last_seq,
        author: person.user,
        author_name: person.name.clone(),
        body,
        created_at: now,
        edited_at: None,
    };
    let user = person.user.to_string();
    let creation = Creation {
        actor: &user,
        client_id: &client_id,
        agency: scope.agency(),
        fingerprint: &format!("addNote {id} {:?} {mentions:?}", new.body),
        result: &new.id.to_string(),
        now,
    };
    if let Some(first) = create_once(&mut unit, &creation).await? {
        let first = note::note(&mut unit, &scope, first.parse().map_err(Error::internal)?).await?;
        let first = first.ok_or_else(|| Error::not_found("note"))?;
        let mut found = with_mentions(&mut unit, &scope, vec![first]).await?;
        unit.undo().await?;
        return found.pop().ok_or_else(|| Error::not_found("note"));
    }
    note::insert(&mut unit, &scope, &new).await?;
    keep(s, unit, &scope, row, new, &mentions).await
}

async fn keep(
    s: &Services,
    mut unit: Write,
    scope: &Scope,
    row: Conversation,
    kept: Note,
    mentions: &[UserId],
) -> Result<Mentioning> {
    // Whoever was mentioned before it was changed has been told.
    let known = note::mentions(&mut unit, scope, &[kept.id]).await?;
    let told = mentions.iter().filter(|user| !known.iter().any(|(_, known)| known == *user)).copied().collect();
    note::mention(&mut unit, scope, kept.id, mentions).await?;
    let by = Some((kept.author, kept.author_name.as_str()));
    let event = format!("{}/{}", kept.id, kept.edited_at.map_or(0, |at| at.micros()));
    super::notification::announce_in_chat(s, &mut unit, Kind::Mentioned, &row, event, by, told).await?;
    let mut found = with_mentions(&mut unit, scope, vec![kept]).await?;
    unit.note(Change::Conversation { conversation: Arc::new(row), message: None });
    unit.commit().await?;
    found.pop().ok_or_else(|| Error::not_found("note"))
}

/// The note of that id and its conversation, for somebody who wrote it.
async fn own(s: &Services, actor: &Actor, id: NoteId) -> Result<(Scope, Conversation)> {
    let absent = || Error::not_found("note");
    s.policy.may_somewhere(actor, Permission::ConversationNote)?;
    let mut read = s.store.read().await?;
    let inside = locate::note(&mut read, id).await?.ok_or_else(absent)?;
    drop(read);
    let (scope, row) =
        load(s, actor, Permission::ConversationNote, inside).await.map_err(|error| match error.code {
            Code::NotFound => absent(),
            _ => error,
        })?;
    let mut read = s.store.read().await?;
    let found = note::note(&mut read, &scope, id).await?.ok_or_else(absent)?;
    if !super::conversation::content_visible(s, actor, &row) {
        return Err(claimed());
    }
    if !super::words::is_own(actor, found.author) {
        return Err(Error::new(Code::Forbidden, "NOT_YOUR_NOTE", "Only who wrote a note can change or remove it."));
    }
    Ok((scope, row))
}

/// Changes one's own note.
///
/// # Errors
/// FORBIDDEN with NOT_YOUR_NOTE.
pub async fn edit(s: &Services, actor: &Actor, id: NoteId, text: &str, mentions: &[UserId]) -> Result<Mentioning> {
    let body = text::block("text", text, NOTE_LIMIT)?;
    let (scope, row) = own(s, actor, id).await?;
    let mut read = s.store.read().await?;
    let mentions = check_mentions(s, &mut read, &scope, &row.place(), mentions).await?;
    drop(read);
    let mut unit = s.store.write().await?;
    let row = reopen(s, actor, &mut unit, &scope, row.id, true).await?;
    let before = note::note(&mut unit, &scope, id).await?.ok_or_else(|| Error::not_found("note"))?;
    let after = Note { body, edited_at: Some(s.clock.now()), ..before };
    note::update(&mut unit, &scope, &after).await?;
    keep(s, unit, &scope, row, after, &mentions).await
}

/// Removes one's own note. That there was one stays in the audit log.
///
/// # Errors
/// FORBIDDEN with NOT_YOUR_NOTE.
pub async fn delete(s: &Services, actor: &Actor, id: NoteId) -> Result<()> {
    let user = user_of(actor)?.to_string();
    let (scope, row) = own(s, actor, id).await?;
    let mut unit = s.store.write().await?;
    let row = reopen(s, actor, &mut unit, &scope, row.id, true).await?;
    note::delete(&mut unit, &scope, id).await?;
    let by = By { actor: &user, organization: row.organization };
    s.note(&mut unit, &scope, &by, "note.delete", id, json!({ "conversation": row.id.to_string() })).await?;
    unit.note(Change::Conversation { conversation: Arc::new(row), message: None });
    unit.commit().await
}
