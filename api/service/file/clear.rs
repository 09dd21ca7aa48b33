//! What goes again: files that nobody sent, and bytes that no row names.

use std::time::Duration;

use super::super::Services;
use crate::domain::id::FileId;
use crate::error::Result;
use crate::policy::Scope;
use crate::store::file as store;

/// How many files expire in one look.
const BATCH: i64 = 200;

/// Bytes that no row names are swept away when they are so old.
const ORPHANED_AFTER: Duration = Duration::from_secs(2 * 3600);

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
