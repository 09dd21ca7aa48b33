//! Signed addresses: where a file is brought to, and where it is fetched.

use super::super::Services;
use super::absent;
use crate::domain::file::{self, ADDRESS_LIFE, File};
use crate::domain::id::{AgencyId, FileId};
use crate::domain::time::Time;
use crate::error::Result;
use crate::policy::Scope;
use crate::store::blob::Reading;
use crate::store::file as store;
use crate::store::locate;

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
/// What a signature of an address covers: whose file, which, until when.
fn signed(agency: AgencyId, id: FileId, until: i64) -> String {
    format!("{agency} {id} {until}")
}

/// Where an announced file is brought to.
pub(super) fn upload(s: &Services, agency: AgencyId, id: FileId, now: Time) -> Upload {
    let until = now.plus(ADDRESS_LIFE).micros() / 1_000_000;
    let key = s.seal.sign(PUT, &signed(agency, id, until));
    Upload {
        file: id,
        url: format!("/files/{id}?until={until}&key={key}"),
        expires_at: Time::from_micros(until * 1_000_000),
    }
}

const GET: &str = "get a file";
pub(super) const PUT: &str = "put a file";

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
pub(super) async fn of_address(s: &Services, purpose: &str, address: &Address) -> Result<(Scope, File)> {
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
