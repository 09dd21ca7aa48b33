//! Files of conversations, and how much room each organization has used. The bytes are in [`blob`](super::blob).

use super::{Reads, Write, fail, on, row};
use crate::domain::file::{File, FileState};
use crate::domain::id::{AgencyId, ConversationId, FileId, MessageId, OrganizationId};
use crate::domain::time::Time;
use crate::error::Result;
use crate::policy::Scope;

row!(File {
    id: "id",
    agency: "agency_id",
    organization: "organization_id",
    conversation: "conversation_id",
    uploader: "uploader",
    name: "name",
    promised: "promised",
    size: "size",
    state: "state",
    media_type: "media_type",
    width: "width",
    height: "height",
    blob: "blob",
    hash: "hash",
    source_hash: "source_hash",
    created_at: "created_at",
    expires_at: "expires_at",
});

/// The columns of a file, once.
macro_rules! columns {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            " id, agency_id, organization_id, conversation_id, uploader, name, promised, size, state, media_type, width, \
             height, blob, hash, source_hash, created_at, expires_at ",
            $after
        )
    };
}

/// Takes room in an organization, if there is that much left: one conditional write on one row, so that any number of
/// people who want room at once get together what there is, and not a byte more. Says whether there was.
pub async fn take_room(
    db: &mut Write,
    scope: &Scope,
    organization: OrganizationId,
    bytes: i64,
    quota: i64,
) -> Result<bool> {
    on!(db, c => sqlx::query(
        "insert into file_rooms (organization_id, agency_id, used) values ($1, $2, 0) on conflict (organization_id) do nothing")
        .bind(organization).bind(scope.agency()).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)?;
    on!(db, c => sqlx::query(
        "update file_rooms set used = used + $3 where agency_id = $1 and organization_id = $2 and used + $3 <= $4")
        .bind(scope.agency()).bind(organization).bind(bytes).bind(quota).execute(&mut *c).await
        .map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Gives room back.
pub async fn give_room_back(db: &mut Write, scope: &Scope, organization: OrganizationId, bytes: i64) -> Result<()> {
    on!(db, c => sqlx::query("update file_rooms set used = used - $3 where agency_id = $1 and organization_id = $2")
        .bind(scope.agency()).bind(organization).bind(bytes).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// How much room an organization has used, in bytes.
pub async fn used(db: &mut impl Reads, scope: &Scope, organization: OrganizationId) -> Result<i64> {
    let found: Option<i64> = on!(db, c => sqlx::query_scalar(
        "select used from file_rooms where agency_id = $1 and organization_id = $2")
        .bind(scope.agency()).bind(organization).fetch_optional(&mut *c).await)
    .map_err(fail)?;
    Ok(found.unwrap_or_default())
}

/// How many files somebody has brought to a conversation, or announced, that no message carries.
pub async fn unsent_of(db: &mut impl Reads, scope: &Scope, conversation: ConversationId, who: &str) -> Result<i64> {
    on!(db, c => sqlx::query_scalar(
        "select count(*) from files where agency_id = $1 and conversation_id = $2 and uploader = $3 and state <> 'SENT'")
        .bind(scope.agency()).bind(conversation).bind(who).fetch_one(&mut *c).await)
    .map_err(fail)
}

/// Keeps a file that was announced.
pub async fn insert(db: &mut Write, scope: &Scope, new: &File) -> Result<()> {
    on!(db, c => sqlx::query(
        "insert into files (id, agency_id, organization_id, conversation_id, uploader, name, promised, size, state, media_type, \
         created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)")
        .bind(new.id).bind(scope.agency()).bind(new.organization).bind(new.conversation).bind(&new.uploader).bind(&new.name)
        .bind(new.promised).bind(new.size).bind(new.state).bind(&new.media_type).bind(new.created_at).bind(new.expires_at)
        .execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Files of the scope's agency, of the given ids, in no order.
pub async fn files(db: &mut impl Reads, scope: &Scope, ids: &[FileId]) -> Result<Vec<File>> {
    on!(db, c => sqlx::query_as(
        columns!("select", "from files where agency_id = $1 and id in (select value from json_each($2))"))
        .bind(scope.agency()).bind(super::types::list(ids)).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// The bytes of a file have come: what they are, and where. Once: says whether they were still waited for.
pub async fn arrived(db: &mut Write, scope: &Scope, file: &File) -> Result<bool> {
    on!(db, c => sqlx::query(
        "update files set state = $3, name = $4, size = $5, media_type = $6, width = $7, height = $8, blob = $9, hash = $10, \
         source_hash = $11, expires_at = $12 where agency_id = $1 and id = $2 and state = 'RESERVED'")
        .bind(scope.agency()).bind(file.id).bind(FileState::Ready).bind(&file.name).bind(file.size).bind(&file.media_type)
        .bind(file.width).bind(file.height).bind(&file.blob).bind(&file.hash).bind(&file.source_hash).bind(file.expires_at)
        .execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// A message carries these from now on. Gives how many were there to be sent: another number means that another message
/// has one of them, or that one is gone.
pub async fn send(db: &mut Write, scope: &Scope, ids: &[FileId], message: MessageId) -> Result<usize> {
    on!(db, c => sqlx::query(
        "update files set state = 'SENT', message_id = $3, expires_at = null \
         where agency_id = $1 and id in (select value from json_each($2)) and state = 'READY'")
        .bind(scope.agency()).bind(super::types::list(ids)).bind(message).execute(&mut *c).await
        .map(|done| done.rows_affected() as usize))
    .map_err(fail)
}

/// Takes away a file that no message carries. Gives it as it was, if it was there.
pub async fn discard(db: &mut Write, scope: &Scope, id: FileId) -> Result<Option<File>> {
    on!(db, c => sqlx::query_as(
        columns!("delete from files where agency_id = $1 and id = $2 and state <> 'SENT' returning", ""))
        .bind(scope.agency()).bind(id).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// Takes away the files of a message that was taken back, by the ids that it carried. Gives them as they were; what is left
/// of their bytes is swept away.
pub async fn discard_sent(db: &mut Write, scope: &Scope, ids: &[FileId]) -> Result<Vec<File>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let gone: Vec<File> = on!(db, c => sqlx::query_as(
        columns!("delete from files where agency_id = $1 and id in (select value from json_each($2)) returning", ""))
        .bind(scope.agency()).bind(super::types::list(ids)).fetch_all(&mut *c).await)
    .map_err(fail)?;
    room_of_all(db, scope, gone).await
}

/// Takes away all files of a conversation, before it goes itself. Gives them as they were; what is left of their bytes is
/// swept away.
pub async fn discard_of_conversation(db: &mut Write, scope: &Scope, conversation: ConversationId) -> Result<Vec<File>> {
    let gone: Vec<File> = on!(db, c => sqlx::query_as(
        columns!("delete from files where agency_id = $1 and conversation_id = $2 returning", ""))
        .bind(scope.agency()).bind(conversation).fetch_all(&mut *c).await)
    .map_err(fail)?;
    room_of_all(db, scope, gone).await
}

async fn room_of_all(db: &mut Write, scope: &Scope, gone: Vec<File>) -> Result<Vec<File>> {
    for file in &gone {
        give_room_back(db, scope, file.organization, file.size).await?;
    }
    Ok(gone)
}

/// Files of any agency whose time is over: whose they are, nothing more.
pub async fn expired(db: &mut impl Reads, now: Time, most: i64) -> Result<Vec<(AgencyId, FileId)>> {
    on!(db, c => sqlx::query_as(
        "select agency_id, id from files where expires_at <= $1 order by expires_at, id limit $2")
        .bind(now).bind(most).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// Takes away a file whose time is over, if it still is. Gives it as it was.
pub async fn expire(db: &mut Write, scope: &Scope, id: FileId, now: Time) -> Result<Option<File>> {
    on!(db, c => sqlx::query_as(
        columns!("delete from files where agency_id = $1 and id = $2 and state <> 'SENT' and expires_at <= $3 returning", ""))
        .bind(scope.agency()).bind(id).bind(now).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// The names of the bytes of files of the scope's agency, of the given ids.
pub async fn blobs_of(db: &mut impl Reads, scope: &Scope, ids: &[FileId]) -> Result<Vec<String>> {
    let found: Vec<(String,)> = on!(db, c => sqlx::query_as(
        "select blob from files where agency_id = $1 and id in (select value from json_each($2)) and blob is not null")
        .bind(scope.agency()).bind(super::types::list(ids)).fetch_all(&mut *c).await)
    .map_err(fail)?;
    Ok(found.into_iter().map(|(blob,)| blob).collect())
}
