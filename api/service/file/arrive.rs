//! Bytes that come: counted, looked at, drawn anew where they are a picture, and only then final.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use sha2::{Digest, Sha256};

use super::super::{Services, image};
use super::address::{Address, PUT, address, of_address};
use super::{absent, no_room, number};
use crate::domain::file::{self, Attachment, File, FileState, MEGABYTE, PICTURE_SIDE, UNSENT_FOR};
use crate::domain::id::FileId;
use crate::domain::setting::Key;
use crate::error::{Code, Error, Result};
use crate::policy::Scope;
use crate::store::blob::Staged;
use crate::store::file as store;

/// Between two pieces of an upload somebody waits so long at most.
const PIECE_WITHIN: Duration = Duration::from_secs(20);

/// An upload takes so long at most, and this much more for each [`SLOWEST`] bytes.
const WITHIN: Duration = Duration::from_secs(30);

/// Bytes a second: whoever is slower is not waited for.
const SLOWEST: u64 = 32 * 1024;

/// How much of a file is looked at to say what it is.
const HEAD: usize = 4096;

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
            other?;
            // Somebody else brought it at the same time.
            let now = store::files(&mut s.store.read().await?, &scope, &[found.id]).await?.pop().ok_or_else(absent)?;
            again(s, now, &source_hash)
        }
    }
}

pub(super) fn brought(s: &Services, file: &File) -> Brought {
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
            let drawn = image::redrawn(staged.written().await?, PICTURE_SIDE).await?;
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
        check(&[b"\x7fELF".as_slice(), &[0; 60]].concat(), "a", refused("TYPE_REFUSED"));
        check(b"PK\x03\x04rest", "bomb.zip", Nature::Bytes("application/zip"));
        check(b"just words", "a.txt", Nature::Bytes("text/plain"));
        check(b"\x00\x01\x02", "a.bin", Nature::Bytes("application/octet-stream"));
    }
}
