//! Files that visitors and operators send: announced, brought, checked, sent, served, and taken away again.
//!
//! What somebody brings is never trusted and never shown by us: its bytes say what it is, a picture is drawn anew, and
//! everything leaves as a download that no browser runs.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use sha2::{Digest, Sha256};

use super::{Services, conversation as chats, image, person_of, setting, visitor_of, widget};
use crate::domain::access::Actor;
use crate::domain::conversation::{Owner, State};
use crate::domain::file::{
    self, ADDRESS_LIFE, Attachment, File, FileState, MEGABYTE, PICTURE_SIDE, RESERVED_FOR, UNSENT_AT_MOST, UNSENT_FOR,
};
use crate::domain::id::{AgencyId, ConversationId, FileId, MessageId, OrganizationId};
use crate::domain::permission::Permission;
use crate::domain::setting::Key;
use crate::domain::tenant::Organization;
use crate::domain::text;
use crate::domain::time::Time;
use crate::error::{Code, Error, Result};
use crate::policy::Scope;
use crate::store::blob::{Reading, Staged};
use crate::store::file as store;
use crate::store::{Creation, Reads, Write, conversation, create_once, locate};

/// Between two pieces of an upload somebody waits so long at most.
const PIECE_WITHIN: Duration = Duration::from_secs(20);

/// An upload takes so long at most, and this much more for each [`SLOWEST`] bytes.
const WITHIN: Duration = Duration::from_secs(30);

/// Bytes a second: whoever is slower is not waited for.
const SLOWEST: u64 = 128 * 1024;

/// How much of a file is looked at to say what it is.
const HEAD: usize = 4096;

/// How many files expire in one look.
const BATCH: i64 = 200;

/// Bytes that no row names are swept away when they are so old.
const ORPHANED_AFTER: Duration = Duration::from_secs(2 * 3600);

/// Where somebody may bring what they announced.
#[derive(Debug, Clone)]
pub struct Upload {
    /// The file.
    pub file: FileId,
    /// Where its bytes are put; a path on the host that was asked.
    pub url: String,
    /// Until when they may begin to come.
    pub expires_at: Time,
}

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

/// What a signature of an address covers: whose file, which, until when.
fn signed(agency: AgencyId, id: FileId, until: i64) -> String {
    format!("{agency} {id} {until}")
}

fn upload(s: &Services, agency: AgencyId, id: FileId, now: Time) -> Upload {
    let until = now.plus(ADDRESS_LIFE).micros() / 1_000_000;
    let key = s.seal.sign(PUT, &signed(agency, id, until));
    Upload {
        file: id,
        url: format!("/files/{id}?until={until}&key={key}"),
        expires_at: Time::from_micros(until * 1_000_000),
    }
}

const GET: &str = "get a file";
const PUT: &str = "put a file";

/// Where a file can be fetched, for at most five minutes. Whoever asks for it has been allowed to see the message.
pub fn address(s: &Services, agency: AgencyId, id: FileId) -> String {
    let until = file::address_ends(s.clock.now());
    let key = s.seal.sign(GET, &signed(agency, id, until));
    format!("/files/{id}?until={until}&key={key}")
}

/// A signed address, as it came in.
#[derive(Debug, Clone)]
pub struct Address {
    /// Which file.
    pub id: FileId,
    /// Until when it is good, in seconds.
    pub until: i64,
    /// What shows that it is ours.
    pub key: String,
    /// The agency of the host that was asked.
    pub host_agency: AgencyId,
    /// Whether that is the platform's own host, where people of all agencies are.
    pub own_host: bool,
}

/// The file of an address, if the address is ours, still good, for this purpose, and asked for at its agency's host. What it
/// is not is never said.
async fn of_address(s: &Services, purpose: &str, address: &Address) -> Result<(Scope, File)> {
    let mut read = s.store.read().await?;
    let agency = locate::file(&mut read, address.id).await?.ok_or_else(absent)?.agency;
    let now = s.clock.now().micros();
    let good = (agency == address.host_agency || address.own_host)
        && address.until.saturating_mul(1_000_000) > now
        && s.seal.is_signed(purpose, &signed(agency, address.id, address.until), &address.key);
    if !good {
        return Err(absent());
    }
    let scope = Scope::system(agency, "a signed address of a file");
    let found = store::files(&mut read, &scope, &[address.id]).await?.pop().ok_or_else(absent)?;
    Ok((scope, found))
}

/// What somebody gets who fetches a file.
#[derive(Debug)]
pub struct Served {
    /// What it is called.
    pub name: String,
    /// How it is labelled: a picture that we drew as itself, everything else as bytes.
    pub media_type: String,
    /// How many bytes.
    pub size: i64,
    /// The bytes.
    pub bytes: Reading,
}

/// Opens a file for whoever has an address of it.
///
/// # Errors
/// NOT_FOUND for everything that is not a good address of a file that is there.
pub async fn open(s: &Services, address: &Address) -> Result<Served> {
    let (_, found) = of_address(s, GET, address).await?;
    let blob = found.blob.as_deref().ok_or_else(absent)?;
    let bytes = s.blobs.open(found.agency, found.organization, blob).await?.ok_or_else(absent)?;
    let drawn = found.width.is_some();
    let media_type = if drawn { found.media_type } else { "application/octet-stream".to_owned() };
    Ok(Served { name: found.name, media_type, size: found.size, bytes })
}

/// What came of an upload.
#[derive(Debug)]
pub struct Brought {
    /// The file.
    pub attachment: Attachment,
    /// Where to see it.
    pub url: String,
}

/// Takes the bytes of a file that was announced: exactly as many as were promised, and in time. They are checked, and only
/// then final. Coming twice with the same bytes is as good as once.
///
/// # Errors
/// NOT_FOUND for a bad address; INVALID with TOO_MUCH, INCOMPLETE, TYPE_REFUSED, NOT_WHAT_IT_SAYS or NOT_AN_IMAGE; CONFLICT
/// with ALREADY_UPLOADED when something else came before, or NO_ROOM.
pub async fn receive<E>(
    s: &Services,
    address: &Address,
    announced: Option<u64>,
    body: impl Stream<Item = Result<Bytes, E>> + Unpin,
) -> Result<Brought> {
    let (scope, found) = of_address(s, PUT, address).await?;
    if announced.is_some_and(|length| length != found.promised as u64) {
        return Err(not_as_promised(announced.unwrap_or_default() > found.promised as u64));
    }
    let name = format!("{}.{:026x}", found.id, s.ids.bits() >> 24);
    let mut staged = s.blobs.stage(&name).await?;
    let within = WITHIN + Duration::from_secs(found.promised as u64 / SLOWEST);
    let taken = tokio::time::timeout(within, take(&mut staged, found.promised as u64, body));
    let (source_hash, head) = taken.await.unwrap_or_else(|_| Err(too_late()))?;
    if found.state != FileState::Reserved {
        return again(s, found, &source_hash);
    }
    let checked = match check(s, staged, &found, &name, &head, &source_hash).await {
        Ok(checked) => checked,
        Err(error) => {
            // What is refused for what it is takes no room any longer; what could not be looked at may come again.
            if error.code == Code::Invalid {
                forget(s, &scope, found.id).await?;
            }
            return Err(error);
        }
    };
    let (staged, file) = checked;
    s.blobs.keep(staged, file.agency, file.organization, &name).await?;
    match keep(s, &scope, &found, &file).await {
        Ok(true) => Ok(brought(s, &file)),
        other => {
            s.blobs.remove(file.agency, file.organization, &name).await?;
            if let Err(error) = other {
                return Err(error);
            }
            // Somebody else brought it at the same time.
            let now = store::files(&mut s.store.read().await?, &scope, &[found.id]).await?.pop().ok_or_else(absent)?;
            again(s, now, &source_hash)
        }
    }
}

fn brought(s: &Services, file: &File) -> Brought {
    Brought { attachment: file.attachment(), url: address(s, file.agency, file.id) }
}

/// The same bytes again are no second upload.
fn again(s: &Services, known: File, source_hash: &str) -> Result<Brought> {
    if known.source_hash.as_deref() == Some(source_hash) {
        return Ok(brought(s, &known));
    }
    Err(Error::conflict("ALREADY_UPLOADED", "Something else was uploaded here before."))
}

fn not_as_promised(more: bool) -> Error {
    if more {
        return Error::invalid("file", "TOO_MUCH", "More came than was announced.");
    }
    Error::invalid("file", "INCOMPLETE", "The upload was interrupted.")
}

fn too_late() -> Error {
    Error::invalid("file", "INCOMPLETE", "The upload took too long.")
}

/// Writes what comes, as long as it is not too much. Gives its hash and its first bytes.
async fn take<E>(
    staged: &mut Staged,
    promised: u64,
    mut body: impl Stream<Item = Result<Bytes, E>> + Unpin,
) -> Result<(String, Vec<u8>)> {
    let (mut came, mut head, mut hash) = (0u64, Vec::new(), Sha256::new());
    while let Some(piece) = tokio::time::timeout(PIECE_WITHIN, body.next()).await.map_err(|_| too_late())? {
        let piece = piece.map_err(|_| not_as_promised(false))?;
        came += piece.len() as u64;
        if came > promised {
            return Err(not_as_promised(true));
        }
        head.extend_from_slice(&piece[..piece.len().min(HEAD.saturating_sub(head.len()))]);
        hash.update(&piece);
        staged.write(&piece).await?;
    }
    if came < promised {
        return Err(not_as_promised(false));
    }
    Ok((hex(&hash.finalize()), head))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a file is.
#[derive(Debug, PartialEq, Eq)]
enum Nature {
    /// A picture that is drawn anew.
    Picture,
    /// Bytes, of a kind that people like to know.
    Bytes(&'static str),
    /// A program, or one thing with the name of another.
    Refused(&'static str, &'static str),
}

/// What a file is, by its bytes. Its name is only asked whether it lies about what people open without thinking.
fn nature(head: &[u8], name: &str) -> Nature {
    if image::is_picture(head) {
        return Nature::Picture;
    }
    let kind = infer::get(head);
    if kind.is_some_and(|kind| kind.matcher_type() == infer::MatcherType::App) || head.starts_with(b"MZ") {
        return Nature::Refused("TYPE_REFUSED", "Programs cannot be sent.");
    }
    let media_type = kind.map_or("application/octet-stream", |kind| kind.mime_type());
    let wanted: &[&str] = match file::ending(name).as_deref() {
        Some("png" | "jpg" | "jpeg" | "gif" | "webp") => &["image/"],
        Some("pdf") => &["application/pdf"],
        _ => &[""],
    };
    if !wanted.iter().any(|wanted| media_type.starts_with(wanted)) {
        return Nature::Refused("NOT_WHAT_IT_SAYS", "This file is not what its name says.");
    }
    let plain = kind.is_none() && !head.contains(&0) && looks_like_text(head);
    Nature::Bytes(if plain { "text/plain" } else { media_type })
}

fn looks_like_text(head: &[u8]) -> bool {
    match std::str::from_utf8(head) {
        Ok(_) => true,
        // Cut in the middle of a character.
        Err(error) => error.error_len().is_none() && error.valid_up_to() > 0,
    }
}

/// Looks at what came, draws it anew when it is a picture, and gives what is to be kept.
async fn check(
    s: &Services,
    mut staged: Staged,
    found: &File,
    name: &str,
    head: &[u8],
    source_hash: &str,
) -> Result<(Staged, File)> {
    let now = s.clock.now();
    let mut file = File {
        state: FileState::Ready,
        blob: Some(name.to_owned()),
        source_hash: Some(source_hash.to_owned()),
        hash: Some(source_hash.to_owned()),
        expires_at: Some(now.plus(UNSENT_FOR)),
        ..found.clone()
    };
    match nature(head, &found.name) {
        Nature::Refused(reason, words) => Err(Error::invalid("file", reason, words)),
        Nature::Bytes(media_type) => {
            media_type.clone_into(&mut file.media_type);
            Ok((staged, file))
        }
        Nature::Picture => {
            let drawn = image::redrawn(staged.whole().await?, PICTURE_SIDE).await?;
            drop(staged);
            let mut staged = s.blobs.stage(name).await?;
            staged.write(&drawn.bytes).await?;
            file.size = drawn.bytes.len() as i64;
            file.hash = Some(hex(&Sha256::digest(&drawn.bytes)));
            drawn.media_type.clone_into(&mut file.media_type);
            file.name = file::with_ending(&found.name, drawn.ending);
            (file.width, file.height) = (Some(i64::from(drawn.width)), Some(i64::from(drawn.height)));
            Ok((staged, file))
        }
    }
}

/// The bytes are final: the row says so, and takes as much room as they do. Says whether they were still waited for.
async fn keep(s: &Services, scope: &Scope, before: &File, file: &File) -> Result<bool> {
    let quota = {
        let mut read = s.store.read().await?;
        number(&mut read, file.agency, file.organization, Key::FilesQuotaMegabytes).await? * MEGABYTE
    };
    let mut unit = s.store.write().await?;
    if !store::arrived(&mut unit, scope, file).await? {
        return Ok(false);
    }
    let more = file.size - before.size;
    // A picture that was drawn anew may be larger than what came.
    if more > 0 && !store::take_room(&mut unit, scope, file.organization, more, quota).await? {
        return Err(no_room());
    }
    if more < 0 {
        store::give_room_back(&mut unit, scope, file.organization, -more).await?;
    }
    unit.commit().await?;
    Ok(true)
}

/// Takes away what was announced and will not be kept.
async fn forget(s: &Services, scope: &Scope, id: FileId) -> Result<()> {
    let mut unit = s.store.write().await?;
    if let Some(gone) = store::discard(&mut unit, scope, id).await? {
        store::give_room_back(&mut unit, scope, gone.organization, gone.size).await?;
        unit.commit().await?;
    }
    Ok(())
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

/// Gives back the room of what was announced and did not come, and of what came and was not sent. Gives how many went.
pub async fn expire(s: &Services) -> Result<usize> {
    let mut gone = 0;
    loop {
        let now = s.clock.now();
        let due = store::expired(&mut s.store.read().await?, now, BATCH).await?;
        let all = due.len() as i64;
        for (agency, id) in due {
            let scope = Scope::system(agency, "files that nobody sent");
            let mut unit = s.store.write().await?;
            let Some(file) = store::expire(&mut unit, &scope, id, now).await? else { continue };
            store::give_room_back(&mut unit, &scope, file.organization, file.size).await?;
            unit.commit().await?;
            if let Some(blob) = &file.blob {
                s.blobs.remove(file.agency, file.organization, blob).await?;
            }
            gone += 1;
        }
        if all < BATCH {
            return Ok(gone);
        }
    }
}

/// Removes bytes that no row names: what a crash or a purge left. Young ones are left alone, for they may be about to be
/// named. Gives how many went.
pub async fn sweep(s: &Services) -> Result<usize> {
    let old = s.clock.now().minus(ORPHANED_AFTER).micros() / 1000;
    let is_old = |id: FileId| ((id.number() >> 80) as i64) < old;
    let mut gone = 0;
    for folder in s.blobs.folders().await? {
        let mut names = folder.names().await?;
        names.retain(|(id, _)| is_old(*id));
        for some in names.chunks(500) {
            let known = match folder.agency {
                Some(agency) => {
                    let scope = Scope::system(agency, "which bytes belong to a file");
                    let ids: Vec<FileId> = some.iter().map(|(id, _)| *id).collect();
                    store::blobs_of(&mut s.store.read().await?, &scope, &ids).await?
                }
                None => Vec::new(),
            };
            for (_, name) in some.iter().filter(|(_, name)| !known.contains(name)) {
                folder.remove(name).await?;
                gone += 1;
            }
        }
    }
    Ok(gone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_say_what_a_file_is_and_its_name_only_whether_it_lies() {
        fn check(head: &[u8], name: &str, expected: Nature) {
            assert_eq!(nature(head, name), expected, "{name}");
        }
        let refused = |reason| match reason {
            "TYPE_REFUSED" => Nature::Refused(reason, "Programs cannot be sent."),
            _ => Nature::Refused(reason, "This file is not what its name says."),
        };
        check(b"\x89PNG\r\n\x1a\nrest", "a.html", Nature::Picture);
        check(b"\xff\xd8\xff\xe0", "a.exe", Nature::Picture);
        check(b"%PDF-1.7 /JavaScript", "a.pdf", Nature::Bytes("application/pdf"));
        check(b"<!doctype html><script>", "a.html", Nature::Bytes("text/html"));
        check(b"<svg xmlns='http://www.w3.org/2000/svg'>", "a.svg", Nature::Bytes("text/plain"));
        check(b"<!doctype html><script>", "a.png", refused("NOT_WHAT_IT_SAYS"));
        check(b"<svg/>", "a.jpeg", refused("NOT_WHAT_IT_SAYS"));
        check(b"PK\x03\x04", "a.pdf", refused("NOT_WHAT_IT_SAYS"));
        check(b"MZ\x90\x00", "a.txt", refused("TYPE_REFUSED"));
        check(b"\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", "a", refused("TYPE_REFUSED"));
        check(b"PK\x03\x04rest", "bomb.zip", Nature::Bytes("application/zip"));
        check(b"just words", "a.txt", Nature::Bytes("text/plain"));
        check(b"\x00\x01\x02", "a.bin", Nature::Bytes("application/octet-stream"));
    }
}
