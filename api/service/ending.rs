//! The end of a chat: what is said of it, when a quiet one ends by itself, how the visitor found it, and where a visitor who
//! comes back goes on.

use std::sync::Arc;
use std::time::Duration;

use super::handoff::{Announcement, Closing, change};
use super::{Services, agency_of, setting, visitor_of, widget};
use crate::domain::access::{Actor, VisitorActor};
use crate::domain::change::Change;
use crate::domain::conversation::{
    AuthorKind, Conversation, EntryKind, Handoff, HandoffState, Message, Move, State, Via,
};
use crate::domain::ending::{CHANGED_WITHIN, Ending, Quiet, Rating, TEXT_LIMIT, may_be_rated, quiet, stars};
use crate::domain::id::{AgencyId, HandoffId, OrganizationId, UserId};
use crate::domain::notification::Kind;
use crate::domain::setting::Key;
use crate::domain::text;
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::policy::Scope;
use crate::store::{Reads, Write, conversation, ending as store, handoff, message};

/// Whether a chat may be completed without a word on how it was resolved.
///
/// # Errors
/// INVALID with MISSING where the organization wants one.
pub(super) async fn may_be_silent(s: &Services, read: &mut impl Reads, row: &Conversation) -> Result<()> {
    if setting::effective(s, read, row.agency, row.organization, Key::EndingAskResolution).await? != "true" {
        return Ok(());
    }
    Err(Error::invalid("resolution", "MISSING", "Please say how this chat was resolved."))
}

/// Keeps how a handoff was completed, in the unit that completes it.
pub(super) async fn keep(
    unit: &mut Write,
    scope: &Scope,
    row: &Conversation,
    handoff: HandoffId,
    closing: &Closing,
    by: Option<UserId>,
    now: Time,
) -> Result<()> {
    let Some(organization) = row.organization else { return Ok(()) };
    let ending = Ending {
        handoff,
        agency: row.agency,
        organization,
        conversation: row.id,
        resolution: closing.resolution,
        note: closing.note.clone(),
        completed_by: by,
        completed_at: now,
    };
    store::insert(unit, scope, &ending).await
}

/// A note as whoever completes writes it.
pub fn note(note: Option<&str>) -> Result<Option<String>> {
    let note = text::optional_block("note", note.unwrap_or_default(), TEXT_LIMIT)?;
    Ok(Some(note).filter(|note| !note.is_empty()))
}

/// Whether whoever completes that conversation has to say how it was resolved. The person has been allowed to see it.
pub async fn asks_resolution(s: &Services, row: &Conversation) -> Result<bool> {
    let mut read = s.store.read().await?;
    Ok(setting::effective(s, &mut read, row.agency, row.organization, Key::EndingAskResolution).await? == "true")
}

/// How handoffs were completed, of handoffs that the person has been allowed to see.
pub async fn endings_of(s: &Services, actor: &Actor, ids: &[HandoffId]) -> Result<Vec<Ending>> {
    let scope = Scope::system(agency_of(actor)?, "the end of a handoff that may be seen");
    store::endings_of(&mut s.store.read().await?, &scope, ids).await
}

/// How visitors found handoffs; whoever asks makes sure that the person may know.
pub async fn ratings_of(s: &Services, actor: &Actor, ids: &[HandoffId]) -> Result<Vec<Rating>> {
    let scope = Scope::system(agency_of(actor)?, "the rating of a handoff that may be seen");
    store::ratings_of(&mut s.store.read().await?, &scope, ids).await
}

/// Nothing counts as idle sooner than this.
const SOONEST: Duration = Duration::from_secs(60);

/// Flags chats that a person has and in which nothing is said any more, and completes those that have been flagged for long
/// enough (A09). Every node does this: whoever is first does it, by conditional writes, and a word that is said meanwhile wins.
/// Gives how many were flagged and how many were completed.
pub async fn sweep(s: &Services) -> Result<(usize, usize)> {
    let now = s.clock.now();
    let found = conversation::quiet_organizations(&mut s.store.read().await?, now.minus(SOONEST)).await?;
    let (mut flagged, mut completed) = (0, 0);
    for (agency, organization) in found {
        let (more_flagged, more_completed) = sweep_one(s, agency, organization, now).await?;
        flagged += more_flagged;
        completed += more_completed;
    }
    Ok((flagged, completed))
}

async fn sweep_one(s: &Services, agency: AgencyId, organization: OrganizationId, now: Time) -> Result<(usize, usize)> {
    let scope = Scope::system(agency, "chats in which nothing is said any more");
    let mut read = s.store.read().await?;
    let mut minutes = [0; 2];
    for (minutes, key) in minutes.iter_mut().zip([Key::EndingIdleMinutes, Key::EndingCompleteMinutes]) {
        *minutes = setting::effective(s, &mut read, agency, Some(organization), key).await?.parse().unwrap_or_default();
    }
    let words = setting::effective(s, &mut read, agency, Some(organization), Key::AnnounceCompleted).await?;
    let rows = conversation::quiet_of(&mut read, &scope, organization, now.minus(SOONEST)).await?;
    drop(read);
    let (mut flagged, mut completed) = (0, 0);
    for row in rows {
        match quiet(row.last_activity_at, row.idle_at, minutes[0], minutes[1], now) {
            Quiet::Wait => {}
            Quiet::Flag => flagged += usize::from(flag(s, &scope, &row, now).await?),
            Quiet::Complete => completed += usize::from(lapse(s, &scope, &row, &words, now).await?),
        }
    }
    Ok((flagged, completed))
}

async fn flag(s: &Services, scope: &Scope, row: &Conversation, now: Time) -> Result<bool> {
    let mut unit = s.store.write().await?;
    let Some(flagged) = conversation::set_idle(&mut unit, scope, row, Some(now)).await? else { return Ok(false) };
    unit.note(Change::Conversation { conversation: Arc::new(flagged), message: None });
    unit.commit().await?;
    Ok(true)
}

async fn lapse(s: &Services, scope: &Scope, row: &Conversation, words: &str, now: Time) -> Result<bool> {
    let mut unit = s.store.write().await?;
    // The row is ours from here on, or somebody has said something: then it is not quiet any more.
    let Some(row) = conversation::set_idle(&mut unit, scope, row, None).await? else { return Ok(false) };
    let words = Announcement::of(EntryKind::Completed, words);
    change(s, &mut unit, scope, &row, Move::Lapse, None, words, now).await?;
    if let Some(id) = row.handoff {
        handoff::settle(&mut unit, scope, id, HandoffState::Completed, None, now).await?;
        keep(&mut unit, scope, &row, id, &Closing::default(), None, now).await?;
    }
    unit.commit().await?;
    Ok(true)
}

/// The handoff of which the visitor may say how it was, if there is one.
async fn rateable(read: &mut impl Reads, scope: &Scope, row: &Conversation, now: Time) -> Result<Option<Handoff>> {
    let Some(id) = row.handoff else { return Ok(None) };
    let Some(found) = handoff::handoffs_of(read, scope, &[id]).await?.pop() else { return Ok(None) };
    if !may_be_rated(&found, row.state, now) {
        return Ok(None);
    }
    let since = found.accepted_at.unwrap_or(found.requested_at);
    Ok(store::has_written(read, scope, row.id, since).await?.then_some(found))
}

/// Whether the visitor is to be asked how it was: once for each handoff in which a person wrote.
pub async fn asks_rating(s: &Services, actor: &Actor, row: &Conversation) -> Result<bool> {
    let visitor = visitor_of(actor)?;
    if row.handoff.is_none() || !widget::shown(s, visitor.widget).await?.ending.rating {
        return Ok(false);
    }
    let scope = Scope::of_visitor(visitor);
    let mut read = s.store.read().await?;
    let Some(found) = rateable(&mut read, &scope, row, s.clock.now()).await? else { return Ok(false) };
    Ok(store::ratings_of(&mut read, &scope, &[found.id]).await?.is_empty())
}

/// The visitor says how the last handoff was. Said again within ten minutes it takes the place of what was said before.
///
/// # Errors
/// INVALID for anything but 1 to 5; CONFLICT with NOTHING_TO_RATE, or with RATING_CLOSED after those minutes.
pub async fn rate(s: &Services, actor: &Actor, rating: i64, words: Option<&str>) -> Result<Conversation> {
    let visitor = visitor_of(actor)?;
    let rating = stars(rating)?;
    let words = text::optional_block("text", words.unwrap_or_default(), TEXT_LIMIT)?;
    let words = Some(words).filter(|words| !words.is_empty());
    s.visitor_limits.message(visitor.visitor)?;
    let nothing = || Error::conflict("NOTHING_TO_RATE", "There is nothing to rate here.");
    if !widget::shown(s, visitor.widget).await?.ending.rating {
        return Err(nothing());
    }
    let scope = Scope::of_visitor(visitor);
    let now = s.clock.now();
    let mut unit = s.store.write().await?;
    // Its row first: two ratings at once come one after the other.
    let row = conversation::noted(&mut unit, &scope, visitor.conversation, now)
        .await?
        .ok_or_else(|| Error::not_found("conversation"))?;
    let found = rateable(&mut unit, &scope, &row, now).await?.ok_or_else(nothing)?;
    let before = store::ratings_of(&mut unit, &scope, &[found.id]).await?.pop();
    if before.as_ref().is_some_and(|before| before.rating == rating && before.text == words) {
        unit.undo().await?;
        return super::visitor::conversation(s, actor).await;
    }
    let completed_by = store::endings_of(&mut unit, &scope, &[found.id]).await?.pop().and_then(|it| it.completed_by);
    let new = Rating {
        handoff: found.id,
        agency: found.agency,
        organization: found.organization,
        ai_agent: found.ai_agent,
        conversation: row.id,
        operator: completed_by.or(found.accepted_by),
        rating,
        text: words,
        rated_at: now,
        changed_at: now,
    };
    if !store::rate(&mut unit, &scope, &new, now.minus(CHANGED_WITHIN)).await? {
        return Err(Error::conflict("RATING_CLOSED", "Your rating has been taken and cannot be changed any more."));
    }
    // What was said stands with the handoff, for those who may know; the thread says that something was.
    let entry = Message {
        id: s.ids.next(now),
        conversation: row.id,
        seq: row.last_seq,
        kind: EntryKind::Rated,
        author_kind: AuthorKind::System,
        author_id: None,
        author_name: None,
        text: if before.is_none() { "This chat was rated." } else { "The rating was changed." }.to_owned(),
        offers_human: false,
        sources: String::new(),
        client_id: None,
        created_at: now,
        via: Via::Chat,
        edited_at: None,
        deleted_at: None,
        attachments: Vec::new(),
    };
    message::insert(&mut unit, &scope, &entry).await?;
    let event = format!("{}/{}", found.id, entry.seq);
    let who = new.operator.into_iter().collect();
    super::notification::announce_in_chat(s, &mut unit, Kind::Rated, &row, event, None, who).await?;
    unit.note(Change::Conversation { conversation: Arc::new(row.clone()), message: Some(Arc::new(entry)) });
    unit.commit().await?;
    Ok(row)
}

/// Begins a new conversation for a visitor who comes back after the end, where the organization wants one; exactly one, however
/// many of the visitor's tabs write at once. Gives what the tab is told: to open its session anew, which leads there.
pub(super) async fn begin_anew(s: &Services, visitor: &VisitorActor) -> Result<Error> {
    let scope = Scope::of_visitor(visitor);
    let now = s.clock.now();
    let mut unit = s.store.write().await?;
    let old = conversation::conversation(&mut unit, &scope, visitor.conversation)
        .await?
        .ok_or_else(|| Error::not_found("conversation"))?;
    let newest = conversation::of_visitor(&mut unit, &scope, visitor.visitor).await?;
    let goes_on = newest.is_some_and(|newest| goes_on_in(&old, &newest));
    if !goes_on && old.is_over() && conversation::leave_behind(&mut unit, &scope, &old).await? {
        let id = s.ids.next(now);
        let new = Conversation::new(id, &old.place(), old.ai_agent, old.widget, old.visitor, now);
        conversation::insert(&mut unit, &scope, &new).await?;
        unit.commit().await?;
    }
    Ok(Error::unauthenticated("SESSION_MOVED", "This conversation has ended. Please begin a new one."))
}

/// Whether a visitor whose session knows the one conversation goes on in the other.
pub(super) fn goes_on_in(old: &Conversation, newest: &Conversation) -> bool {
    newest.id != old.id
        && newest.opened_at >= old.opened_at
        && newest.widget == old.widget
        && newest.organization == old.organization
        && matches!(old.state, State::Ended | State::Missed)
}
