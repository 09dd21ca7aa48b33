//! Transcripts: what was said in a chat, as the visitor saw it, sent to an address.

use serde_json::json;

use super::conversation::{content_visible, load};
use super::{By, Services, doer_of, mail, visitor_of, widget};
use crate::domain::access::Actor;
use crate::domain::conversation::{AuthorKind, Conversation, EntryKind, Message};
use crate::domain::id::ConversationId;
use crate::domain::mail::{Letter, TranscriptLine};
use crate::domain::permission::Permission;
use crate::domain::setting::Key;
use crate::domain::text;
use crate::error::{Code, Error, Result};
use crate::policy::Scope;
use crate::store::{Reads, agent, conversation, message, visitor};

/// How many entries a mail has at most, the newest.
const ENTRIES: usize = 500;

/// How many characters they have together at most.
const CHARACTERS: usize = 200_000;

/// Whether the visitor can have one.
pub async fn offered(s: &Services, actor: &Actor) -> Result<bool> {
    Ok(widget::shown(s, visitor_of(actor)?.widget).await?.ending.transcript)
}

/// The visitor has the transcript of their chat sent to an address.
///
/// # Errors
/// INVALID for a bad address; CONFLICT with TRANSCRIPT_NOT_AVAILABLE where the organization does not want it, with NOTHING_SAID
/// before anything was; RATE_LIMITED.
pub async fn of_visitor(s: &Services, actor: &Actor, email: &str) -> Result<()> {
    let visitor = visitor_of(actor)?;
    let email = text::email("email", email)?;
    if !widget::shown(s, visitor.widget).await?.ending.transcript {
        return Err(Error::conflict("TRANSCRIPT_NOT_AVAILABLE", "Transcripts are not sent from here."));
    }
    s.visitor_limits.transcript(&visitor.visitor.to_string(), &email)?;
    let scope = Scope::of_visitor(visitor);
    let mut read = s.store.read().await?;
    let row = conversation::conversation(&mut read, &scope, visitor.conversation)
        .await?
        .ok_or_else(|| Error::not_found("conversation"))?;
    let letter = letter(s, &mut read, &scope, &row).await?;
    drop(read);
    let mut unit = s.store.write().await?;
    mail::post(s, &mut unit, row.agency, row.organization, &email, &letter).await?;
    unit.commit().await
}

/// Somebody of the desk has a transcript sent to an address; that is on record.
///
/// # Errors
/// The same; and FORBIDDEN with MISSING_PERMISSION, or with CLAIMED_BY_OTHER when somebody else has the chat.
pub async fn of_desk(s: &Services, actor: &Actor, id: ConversationId, email: &str) -> Result<()> {
    let user = doer_of(actor)?;
    let (scope, row) = load(s, actor, Permission::ConversationExport, id).await?;
    let email = text::email("email", email)?;
    if !content_visible(s, actor, &row) {
        return Err(Error::new(Code::Forbidden, "CLAIMED_BY_OTHER", "A colleague is handling this chat."));
    }
    s.visitor_limits.transcript(&user, &email)?;
    let mut read = s.store.read().await?;
    let letter = letter(s, &mut read, &scope, &row).await?;
    drop(read);
    let mut unit = s.store.write().await?;
    mail::post(s, &mut unit, row.agency, row.organization, &email, &letter).await?;
    let by = By { actor: &user, organization: row.organization };
    s.note(&mut unit, &scope, &by, "conversation.email_transcript", id, json!({ "recipient": email })).await?;
    unit.commit().await
}

/// What the visitor saw, and nothing else: notes of colleagues stand elsewhere, what was taken back is gone, and that a chat was
/// rated is not part of it.
fn shown(entry: &Message) -> bool {
    entry.deleted_at.is_none() && entry.kind != EntryKind::Rated
}

async fn letter(s: &Services, read: &mut impl Reads, scope: &Scope, row: &Conversation) -> Result<Letter> {
    let Some(started_at) = row.started_at else {
        return Err(Error::conflict("NOTHING_SAID", "Nothing has been said in this chat yet."));
    };
    let known = visitor::visitors_of(read, scope, &[row.visitor]).await?.pop();
    let (name, zone) = known.map(|known| (known.name, known.time_zone)).unwrap_or_default();
    let zone = match zone {
        Some(zone) => zone,
        None => super::setting::effective(s, read, row.agency, row.organization, Key::OrganizationTimeZone).await?,
    };
    let place = match agent::widget(read, scope, row.widget).await {
        Ok(widget) => widget.title,
        Err(_) => String::new(),
    };
    let found = message::last(read, scope, row.id, None, ENTRIES).await?;
    let you = name.unwrap_or_else(|| "Visitor".to_owned());
    let (mut lines, mut left, mut cut) = (Vec::new(), CHARACTERS, found.more);
    for entry in found.rows.iter().rev().filter(|entry| shown(entry)) {
        let length = entry.text.chars().count();
        if length > left {
            cut = true;
            break;
        }
        left -= length;
        let who = match (entry.kind, entry.author_kind) {
            (EntryKind::Text, AuthorKind::Visitor) => Some(you.clone()),
            (EntryKind::Text, AuthorKind::Ai | AuthorKind::Operator) => {
                Some(entry.author_name.clone().unwrap_or_else(|| place.clone()))
            }
            _ => None,
        };
        let names = entry.attachments.iter().map(|file| format!("[{}]", file.name));
        let parts: Vec<String> =
            Some(entry.text.clone()).filter(|text| !text.is_empty()).into_iter().chain(names).collect();
        lines.push(TranscriptLine { who, at: entry.created_at, text: parts.join("\n") });
    }
    lines.reverse();
    Ok(Letter::Transcript { place, started_at, lines, cut, zone: Some(zone), language: row.language.clone() })
}
