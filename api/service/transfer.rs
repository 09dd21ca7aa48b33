//! From hand to hand: a chat goes to a colleague or a team, a supervisor gives it to somebody or puts it back.

use std::sync::Arc;

use serde_json::json;

use super::conversation::{Seen, load, seen};
use super::handoff::{Announcement, BACK_IN_QUEUE, change, look_once_more, refusal};
use super::{By, Services, notification, person_of, presence, routing, team};
use crate::domain::access::{Actor, Person, Place};
use crate::domain::conversation::{Conversation, EntryKind, HandoffState, Move, State, after};
use crate::domain::id::{ConversationId, TeamId, UserId};
use crate::domain::notification::Kind;
use crate::domain::permission::Permission;
use crate::domain::routing::{NOTE, Presence, Route, Transfer};
use crate::domain::tenant::User;
use crate::domain::text;
use crate::error::{Code, Error, Result};
use crate::policy::Scope;
use crate::store::{Reads, Write, conversation, handoff, identity, routing as ways};

/// To whom a chat goes.
#[derive(Debug, Clone, Copy)]
pub enum To {
    /// To this colleague.
    Operator(UserId),
    /// To whoever of this team takes it.
    Team(TeamId),
}

/// What whoever gives a chat away says.
#[derive(Debug, Clone, Default)]
pub struct Said {
    /// For the team alone.
    pub note: String,
    /// Also to somebody who is not there, or to a team of whom nobody is.
    pub anyway: bool,
}

/// Somebody who may answer at a place, as it is in this unit.
///
/// # Errors
/// NOT_FOUND for whoever does not belong there; CONFLICT with CANNOT_ANSWER for whoever does and may not answer.
pub(super) async fn can_answer(s: &Services, db: &mut impl Reads, place: &Place, user: UserId) -> Result<User> {
    let scope = Scope::system(place.agency, "whether somebody can take a chat");
    let found = identity::users_of(db, &scope, &[user]).await?.pop().ok_or_else(|| Error::not_found("user"))?;
    let memberships = team::counting(s, db, place.agency, user).await?;
    let actor = team::as_actor(place.agency, user, memberships);
    match s.policy.allow(&actor, Permission::LiveChatRespond, place, "user") {
        Ok(_) => Ok(found),
        Err(error) if error.code == Code::Forbidden => {
            let message = format!("{} may not answer live chats here.", found.name);
            Err(Error::conflict("CANNOT_ANSWER", message).held_by(found.name))
        }
        Err(error) => Err(error),
    }
}

/// Refuses somebody who is away or off, unless it is wanted all the same.
async fn is_there(s: &Services, db: &mut impl Reads, scope: &Scope, user: &User, anyway: bool) -> Result<()> {
    let presence = presence::presence_of(s, db, scope, user.id).await?;
    if anyway || presence == Presence::Online {
        return Ok(());
    }
    let state = if presence == Presence::Away { "away" } else { "not there" };
    let message = format!("{} is {state} at the moment.", user.name);
    Err(Error::conflict("NOT_THERE", message).held_by(user.name.clone()))
}

/// The operator who has a chat gives it to a colleague or a team.
///
/// # Errors
/// CONFLICT: NOT_YOURS, WRONG_STATE, CANNOT_ANSWER, AT_CAPACITY, and NOT_THERE or NOBODY_THERE unless it is wanted anyway.
pub async fn transfer(s: &Services, actor: &Actor, id: ConversationId, to: To, said: Said) -> Result<Seen> {
    let person = person_of(actor)?;
    let note = text::optional_block("note", &said.note, NOTE)?;
    let said = Said { note, ..said };
    let (scope, row) = load(s, actor, Permission::LiveChatTransfer, id).await?;
    match to {
        To::Operator(user) if user == person.user => {
            Err(Error::invalid("userId", "TO_ONESELF", "This chat is yours already."))
        }
        To::Operator(user) => {
            let wish = Move::Transfer(person.user, user);
            give_to(s, actor, person, &scope, &row, user, wish, &said).await
        }
        To::Team(team) => give_to_team(s, actor, person, &scope, &row, team, &said).await,
    }
}

/// A supervisor gives a chat, or a request that waits, to somebody.
///
/// # Errors
/// As for a transfer.
pub async fn reassign(s: &Services, actor: &Actor, id: ConversationId, user: UserId, said: Said) -> Result<Seen> {
    let person = person_of(actor)?;
    let note = text::optional_block("note", &said.note, NOTE)?;
    let said = Said { note, ..said };
    let (scope, row) = load(s, actor, Permission::LiveChatReassign, id).await?;
    give_to(s, actor, person, &scope, &row, user, Move::Reassign(user), &said).await
}

#[expect(clippy::too_many_arguments, reason = "transferring and reassigning are one thing but for these")]
async fn give_to(
    s: &Services,
    actor: &Actor,
    person: &Person,
    scope: &Scope,
    row: &Conversation,
    user: UserId,
    wish: Move,
    said: &Said,
) -> Result<Seen> {
    let house = Scope::system(scope.agency(), "a chat goes to somebody");
    let now = s.clock.now();
    let mut unit = s.store.write().await?;
    // Getting a chat and losing the right to it wait for each other, as do two chats that somebody gets at once.
    identity::lock_user(&mut unit, &house, user).await?;
    let place = row.place();
    let row = current(&mut unit, scope, row.id).await?;
    let getter = can_answer(s, &mut unit, &place, user).await?;
    if row.state == State::Human && row.assignee == Some(user) {
        // A retry of what has been done.
        unit.undo().await?;
        return Ok(seen(s, actor, Arc::new(row)));
    }
    if after(row.owner(), wish).is_err() {
        drop(unit);
        return Err(refusal(s, scope, row.owner(), wish).await);
    }
    is_there(s, &mut unit, &house, &getter, said.anyway || user == person.user).await?;
    routing::has_room(s, &mut unit, &place, user, user == person.user).await?;
    let (kind, words) = match row.state {
        State::Requested => (EntryKind::HandoffAccepted, format!("{} has joined the chat.", getter.name)),
        _ => (EntryKind::Transferred, format!("{} takes over from here.", getter.name)),
    };
    let changed =
        match change(s, &mut unit, scope, &row, wish, None, Announcement::of(kind, words).by(person), now).await {
            Ok(changed) => changed,
            Err(error) if error.code == Code::Conflict => {
                drop(unit);
                return Err(lost_to(s, scope, &row, wish).await);
            }
            Err(error) => return Err(error),
        };
    if let Some(handoff) = row.handoff {
        handoff::hand_over(&mut unit, scope, handoff, user, now).await?;
    }
    routing::taken(&mut unit, &changed, user, s).await?;
    let kept = Transfer {
        conversation: row.id,
        seq: changed.last_seq,
        from: person.user,
        to_user: Some(user),
        to_team: None,
        team_name: None,
        note: said.note.clone(),
        at: now,
    };
    ways::insert_transfer(&mut unit, scope, &kept).await?;
    let (event, by) = (format!("{}/{}", row.id, changed.version), Some((person.user, person.name.as_str())));
    notification::announce_in_chat(s, &mut unit, Kind::Transferred, &changed, &event, by, vec![user]).await?;
    let action = if matches!(wish, Move::Reassign(_)) { "conversation.reassigned" } else { "conversation.transferred" };
    let from = name_of(&mut unit, &house, row.assignee).await?;
    let detail = json!({ "from": from, "to": getter.name, "user": user.to_string() });
    note(s, &mut unit, scope, person, &row, action, detail).await?;
    unit.commit().await?;
    look_once_more(s, scope.agency(), user, &changed.place()).await?;
    Ok(seen(s, actor, Arc::new(changed)))
}

async fn give_to_team(
    s: &Services,
    actor: &Actor,
    person: &Person,
    scope: &Scope,
    row: &Conversation,
    team: TeamId,
    said: &Said,
) -> Result<Seen> {
    let house = Scope::system(scope.agency(), "a chat goes to a team");
    let now = s.clock.now();
    let wish = Move::Release(person.user);
    let mut unit = s.store.write().await?;
    let row = current(&mut unit, scope, row.id).await?;
    let found = ways::teams_of(&mut unit, &house, &[team]).await?.pop();
    let found = found.filter(|team| Some(team.organization) == row.organization);
    let found = found.ok_or_else(|| Error::not_found("team"))?;
    if row.state == State::Requested && ways_to(&mut unit, &house, &row).await?.team == Some(team) {
        unit.undo().await?;
        return Ok(seen(s, actor, Arc::new(row)));
    }
    if after(row.owner(), wish).is_err() {
        drop(unit);
        return Err(refusal(s, scope, row.owner(), wish).await);
    }
    if !said.anyway && !routing::somebody_there(s, &mut unit, &row.place(), team).await? {
        let message = format!("Nobody of the team “{}” is there with room for another chat.", found.name);
        return Err(Error::conflict("NOBODY_THERE", message).held_by(found.name));
    }
    let words = format!("Our team “{}” will take care of this. Somebody will join soon.", found.name);
    let words = Announcement::of(EntryKind::Transferred, words).by(person);
    let changed = match change(s, &mut unit, scope, &row, wish, None, words, now).await {
        Ok(changed) => changed,
        Err(error) if error.code == Code::Conflict => {
            drop(unit);
            return Err(lost_to(s, scope, &row, wish).await);
        }
        Err(error) => return Err(error),
    };
    if let Some(handoff) = row.handoff {
        handoff::settle(&mut unit, scope, handoff, HandoffState::Requested, None, now).await?;
        let route = Route { team: Some(team), tried: vec![person.user], requeued: true, ..Route::new(handoff) };
        ways::put_route(&mut unit, &house, &route).await?;
    }
    let called = found.name;
    let kept = Transfer {
        conversation: row.id,
        seq: changed.last_seq,
        from: person.user,
        to_user: None,
        to_team: Some(team),
        team_name: Some(called.clone()),
        note: said.note.clone(),
        at: now,
    };
    ways::insert_transfer(&mut unit, scope, &kept).await?;
    let detail = json!({ "from": person.name, "to": called, "team": team.to_string() });
    note(s, &mut unit, scope, person, &row, "conversation.transferred", detail).await?;
    unit.commit().await?;
    routing::lead_quietly(s, &changed).await;
    Ok(seen(s, actor, Arc::new(changed)))
}

/// A supervisor puts a colleague's chat back into the queue.
///
/// # Errors
/// CONFLICT with WRONG_STATE when nobody has it.
pub async fn requeue(s: &Services, actor: &Actor, id: ConversationId) -> Result<Seen> {
    let person = person_of(actor)?;
    let (scope, _) = load(s, actor, Permission::LiveChatRelease, id).await?;
    let now = s.clock.now();
    let mut unit = s.store.write().await?;
    let row = current(&mut unit, &scope, id).await?;
    if row.state == State::Requested {
        unit.undo().await?;
        return Ok(seen(s, actor, Arc::new(row)));
    }
    if after(row.owner(), Move::Requeue).is_err() {
        drop(unit);
        return Err(refusal(s, &scope, row.owner(), Move::Requeue).await);
    }
    let words = Announcement::of(EntryKind::Released, BACK_IN_QUEUE).by(person);
    let changed = change(s, &mut unit, &scope, &row, Move::Requeue, None, words, now).await?;
    if let Some(handoff) = row.handoff {
        handoff::settle(&mut unit, &scope, handoff, HandoffState::Requested, None, now).await?;
        super::handoff::back_in_queue(&mut unit, &scope, handoff, row.assignee).await?;
    }
    let (event, by) = (format!("{}/{}", row.id, changed.version), Some((person.user, person.name.as_str())));
    let had = row.assignee.into_iter().collect();
    notification::announce_in_chat(s, &mut unit, Kind::Released, &changed, &event, by, had).await?;
    let from = name_of(&mut unit, &scope, row.assignee).await?;
    let detail = json!({ "from": from, "because": "SUPERVISOR" });
    note(s, &mut unit, &scope, person, &row, "conversation.requeued", detail).await?;
    unit.commit().await?;
    routing::lead_quietly(s, &changed).await;
    Ok(seen(s, actor, Arc::new(changed)))
}

async fn current(unit: &mut Write, scope: &Scope, id: ConversationId) -> Result<Conversation> {
    conversation::conversation(unit, scope, id).await?.ok_or_else(|| Error::not_found("conversation"))
}

/// What people call somebody, for the audit log.
pub(super) async fn name_of(unit: &mut Write, scope: &Scope, user: Option<UserId>) -> Result<Option<String>> {
    let ids: Vec<UserId> = user.into_iter().collect();
    Ok(identity::users_of(unit, scope, &ids).await?.pop().map(|user| user.name))
}

async fn ways_to(unit: &mut Write, scope: &Scope, row: &Conversation) -> Result<Route> {
    let handoff = row.handoff.ok_or_else(|| Error::internal("a request without its handoff"))?;
    ways::route(unit, scope, handoff).await
}

/// Somebody else was first, between our look and our write. They are named.
async fn lost_to(s: &Services, scope: &Scope, row: &Conversation, wish: Move) -> Error {
    let now_owned = async {
        let mut read = s.store.read().await?;
        conversation::conversation(&mut read, scope, row.id).await
    };
    match now_owned.await {
        Ok(found) => refusal(s, scope, found.map_or(row.owner(), |row| row.owner()), wish).await,
        Err(error) => error,
    }
}

async fn note(
    s: &Services,
    unit: &mut Write,
    scope: &Scope,
    person: &Person,
    row: &Conversation,
    action: &'static str,
    detail: serde_json::Value,
) -> Result<()> {
    let user = person.user.to_string();
    let by = By { actor: &user, organization: row.organization };
    s.note(unit, scope, &by, action, row.id, detail).await
}
