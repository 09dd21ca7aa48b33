//! Files that visitors and operators send: announced, brought, checked, sent, served, and taken away again.
//!
//! What somebody brings is never trusted and never shown by us: its bytes say what it is, a picture is drawn anew, and
//! everything leaves as a download that no browser runs.

mod address;
mod arrive;
mod clear;

use super::{Services, conversation as chats, person_of, setting, visitor_of, widget};
use crate::domain::access::Actor;
use crate::domain::conversation::{Owner, State};
use crate::domain::file::{self, Attachment, File, FileState, MEGABYTE, RESERVED_FOR, UNSENT_AT_MOST};
use crate::domain::id::{AgencyId, ConversationId, FileId, MessageId, OrganizationId};
use crate::domain::permission::Permission;
use crate::domain::setting::Key;
use crate::domain::tenant::Organization;
use crate::domain::text;
use crate::error::{Code, Error, Result};
use crate::policy::Scope;
use crate::store::file as store;
use crate::store::{Creation, Reads, Write, conversation, create_once, locate};

pub use address::{Address, Served, Upload, address, open};
pub use arrive::{Brought, receive};
pub use clear::{expire, sweep};

use address::upload;
use arrive::brought;

/// Whether files can be sent in a conversation, and how large.
#[derive(Debug, Clone, Copy)]
pub struct Offer {
    /// Whether they can.
    pub enabled: bool,
    /// How large one may be, in bytes.
    pub largest: i64,
}

/// How much room an organization has for files.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    /// What its files take, in bytes.
    pub used: i64,
    /// What they may take, in bytes.
    pub quota: i64,
}

/// Who wants to bring a file, and where to.
struct Bringer {
    scope: Scope,
    agency: AgencyId,
    organization: OrganizationId,
    conversation: ConversationId,
    author: String,
}

fn absent() -> Error {
    Error::not_found("file")
}

async fn number(read: &mut impl Reads, agency: AgencyId, organization: OrganizationId, key: Key) -> Result<i64> {
    let value = setting::effective_in(read, agency, &[organization], key).await?.remove(&organization);
    let value = value.unwrap_or_else(|| key.definition().default.to_owned());
    value.parse().map_err(|_| Error::internal(format!("a setting that is no number: {value}")))
}

/// Whether files can be sent in an organization's conversations, and how large.
pub async fn offer(s: &Services, agency: AgencyId, organization: Option<OrganizationId>) -> Result<Offer> {
    let Some(organization) = organization else { return Ok(Offer { enabled: false, largest: 0 }) };
    let mut read = s.store.read().await?;
    offer_in(s, &mut read, agency, organization).await
}

async fn offer_in(
    s: &Services,
    read: &mut impl Reads,
    agency: AgencyId,
    organization: OrganizationId,
) -> Result<Offer> {
    let enabled = setting::effective(s, read, agency, Some(organization), Key::FilesEnabled).await? == "true";
    let largest = number(read, agency, organization, Key::FilesLargestMegabytes).await? * MEGABYTE;
    Ok(Offer { enabled, largest })
}

/// How much room an organization has and how much of it is used; for whoever may see its settings.
pub async fn room(s: &Services, actor: &Actor, organization: &Organization) -> Result<Room> {
    let scope = s.policy.allow(actor, Permission::HandoffRead, &organization.place(), "organization")?;
    let mut read = s.store.read().await?;
    let quota = number(&mut read, organization.agency, organization.id, Key::FilesQuotaMegabytes).await? * MEGABYTE;
    Ok(Room { used: store::used(&mut read, &scope, organization.id).await?, quota })
}

/// Who asks, as somebody who may bring a file to that conversation now.
async fn bringer(s: &Services, actor: &Actor, id: Option<ConversationId>) -> Result<Bringer> {
    let nowhere = || Error::conflict("NO_ORGANIZATION", "Files cannot be sent here.");
    if let Some(id) = id {
        let person = person_of(actor)?;
        let (scope, row) = chats::load(s, actor, Permission::LiveChatRespond, id).await?;
        if row.owner() != (Owner { state: State::Human, assignee: Some(person.user) }) {
            return Err(super::handoff::not_yours(s, &scope, row.owner()).await);
        }
        let organization = row.organization.ok_or_else(nowhere)?;
        return Ok(Bringer {
            scope,
            agency: row.agency,
            organization,
            conversation: id,
            author: person.user.to_string(),
        });
    }
    let visitor = visitor_of(actor)?;
    s.visitor_limits.message(visitor.visitor)?;
    let shown = widget::reachable(s, visitor.widget).await?;
    let scope = Scope::of_visitor(visitor);
    let row = conversation::conversation(&mut s.store.read().await?, &scope, visitor.conversation).await?;
    let row = row.ok_or_else(|| Error::not_found("conversation"))?;
    let organization = shown.agent.organization.ok_or_else(nowhere)?;
    chats::still_there(&row, organization)?;
    Ok(Bringer { scope, agency: row.agency, organization, conversation: row.id, author: visitor.visitor.to_string() })
}

/// Announces a file: room is taken for it, and whoever announced it learns where to put its bytes. A retry gives the same
/// file with a fresh address. Operators name a conversation, visitors have theirs.
///
/// # Errors
/// CONFLICT with FILES_OFF, NO_ROOM or UPLOAD_EXPIRED; INVALID with EMPTY_FILE or TOO_LARGE; RATE_LIMITED with TOO_MANY_UNSENT.
pub async fn prepare(
    s: &Services,
    actor: &Actor,
    conversation: Option<ConversationId>,
    client_id: &str,
    name: &str,
    size: i64,
) -> Result<Upload> {
    let client_id = text::client_id(client_id)?;
    let name = file::clean_name(name);
    let by = bringer(s, actor, conversation).await?;
    let (offer, quota) = {
        let mut read = s.store.read().await?;
        let quota = number(&mut read, by.agency, by.organization, Key::FilesQuotaMegabytes).await? * MEGABYTE;
        (offer_in(s, &mut read, by.agency, by.organization).await?, quota)
    };
    if !offer.enabled {
        return Err(Error::conflict("FILES_OFF", "Files cannot be sent here."));
    }
    let promised = file::size(size, offer.largest)?;
    let now = s.clock.now();
    let id: FileId = s.ids.next(now);
    let mut unit = s.store.write().await?;
    let creation = Creation {
        actor: &by.author,
        client_id: &client_id,
        agency: by.agency,
        fingerprint: &format!("file {} {promised} {name}", by.conversation),
        result: &id.to_string(),
        now,
    };
    if let Some(first) = create_once(&mut unit, &creation).await? {
        unit.undo().await?;
        let first: FileId = first.parse().map_err(|_| Error::internal("a creation that is no file"))?;
        let known = store::files(&mut s.store.read().await?, &by.scope, &[first]).await?.pop();
        let known = known.ok_or_else(|| {
            Error::conflict("UPLOAD_EXPIRED", "This upload took too long. Please attach the file again.")
        })?;
        return Ok(upload(s, by.agency, known.id, now));
    }
    if store::unsent_of(&mut unit, &by.scope, by.conversation, &by.author).await? >= UNSENT_AT_MOST {
        return Err(Error::new(Code::RateLimited, "TOO_MANY_UNSENT", "Send what you have attached first."));
    }
    if !store::take_room(&mut unit, &by.scope, by.organization, promised, quota).await? {
        return Err(no_room());
    }
    let new = File {
        id,
        agency: by.agency,
        organization: by.organization,
        conversation: by.conversation,
        uploader: by.author.clone(),
        name,
        promised,
        size: promised,
        state: FileState::Reserved,
        media_type: "application/octet-stream".to_owned(),
        width: None,
        height: None,
        blob: None,
        hash: None,
        source_hash: None,
        created_at: now,
        expires_at: Some(now.plus(RESERVED_FOR)),
    };
    store::insert(&mut unit, &by.scope, &new).await?;
    unit.commit().await?;
    Ok(upload(s, by.agency, id, now))
}

fn no_room() -> Error {
    Error::conflict("NO_ROOM", "There is no room left for files here.")
}

/// The files that somebody wants to send, in their order: their own uploads to this conversation, and nobody else's.
///
/// # Errors
/// INVALID with TOO_MANY or TWICE; NOT_FOUND for everything that is not theirs or not of this conversation; CONFLICT with
/// NOT_UPLOADED.
pub(crate) async fn chosen(
    db: &mut impl Reads,
    scope: &Scope,
    conversation: ConversationId,
    author: &str,
    ids: &[FileId],
) -> Result<Vec<Attachment>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    file::chosen(ids)?;
    let found = store::files(db, scope, ids).await?;
    let mut attachments = Vec::with_capacity(ids.len());
    for id in ids {
        let own = |file: &&File| file.id == *id && file.conversation == conversation && file.uploader == author;
        let file = found.iter().find(own).ok_or_else(absent)?;
        if file.state == FileState::Reserved {
            return Err(Error::conflict("NOT_UPLOADED", "A file is still being uploaded."));
        }
        attachments.push(file.attachment());
    }
    Ok(attachments)
}

/// A message carries these files from now on, in the unit that keeps it: each can be sent once.
///
/// # Errors
/// CONFLICT with ALREADY_SENT.
pub(crate) async fn send(unit: &mut Write, scope: &Scope, ids: &[FileId], message: MessageId) -> Result<()> {
    if ids.is_empty() || store::send(unit, scope, ids, message).await? == ids.len() {
        return Ok(());
    }
    Err(Error::conflict("ALREADY_SENT", "One of these files was sent before."))
}

/// One attachment, with a fresh address, for whoever may see the message that carries it.
///
/// # Errors
/// NOT_FOUND for what is not there or not theirs to know of; FORBIDDEN with CLAIMED_BY_OTHER for a stub.
pub async fn one(s: &Services, actor: &Actor, id: FileId) -> Result<Brought> {
    let (scope, conversation) = match actor {
        Actor::Visitor(visitor) => (Scope::of_visitor(visitor), visitor.conversation),
        _ => {
            s.policy.may_somewhere(actor, Permission::ConversationRead)?;
            let mut read = s.store.read().await?;
            let place = locate::file(&mut read, id).await?.ok_or_else(absent)?;
            let scope = s.policy.allow(actor, Permission::ConversationRead, &place, "file")?;
            let file = store::files(&mut read, &scope, &[id]).await?.pop().ok_or_else(absent)?;
            let row = conversation::conversation(&mut read, &scope, file.conversation).await?.ok_or_else(absent)?;
            if !chats::content_visible(s, actor, &row) {
                return Err(Error::new(Code::Forbidden, "CLAIMED_BY_OTHER", "A colleague is handling this chat."));
            }
            (scope, row.id)
        }
    };
    let found = store::files(&mut s.store.read().await?, &scope, &[id]).await?.pop().ok_or_else(absent)?;
    // What is not sent yet is its bringer's alone.
    let own = match actor {
        Actor::Visitor(visitor) => found.uploader == visitor.visitor.to_string(),
        _ => actor.person().is_some_and(|person| found.uploader == person.user.to_string()),
    };
    if found.conversation != conversation || found.blob.is_none() || (found.state != FileState::Sent && !own) {
        return Err(absent());
    }
    Ok(brought(s, &found))
}
