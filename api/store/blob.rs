//! Bytes of files, in a folder: what is written is complete and on the disk before it has its name, so that a crash leaves
//! nothing behind that counts. Which of them count say the rows of [`file`](super::file).

use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use tokio::fs;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::domain::id::{AgencyId, FileId, OrganizationId};
use crate::error::{Error, Result};

/// Where the bytes are: `LIVERY_FILES_URL`.
#[derive(Debug, Clone)]
pub struct Blobs {
    root: PathBuf,
}

/// Bytes that are being written, under a name that nobody asks for. They go with this value unless they are kept.
#[derive(Debug)]
pub struct Staged {
    path: PathBuf,
    file: fs::File,
    kept: bool,
}

/// How much is read at once.
const PIECE: usize = 64 * 1024;

/// What is being written stands here, beside the agencies.
const UNDER_WAY: &str = "under-way";

fn trouble(error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Error {
            cause: Some(error.into()),
            ..Error::unavailable("STORAGE_FULL", "The storage is full; nothing was kept.")
        },
        _ => Error::internal(error),
    }
}

impl Blobs {
    /// Parses `file://path`; says in one sentence what else it is.
    ///
    /// # Errors
    /// For `s3://`, which this release cannot keep files in, and for everything that is no address.
    pub fn parse(url: &str) -> Result<Self, String> {
        match url.split_once("://") {
            Some(("file", "")) => Err("file:// needs a path, as in file://data/files".to_owned()),
            Some(("file", path)) => Ok(Self { root: PathBuf::from(path) }),
            Some(("s3", _)) => {
                Err("this release keeps files in a folder alone, as in file://data/files; s3:// is not \
                                    there yet"
                    .to_owned())
            }
            _ => Err("it begins with neither file:// nor s3://".to_owned()),
        }
    }

    /// Whether files can be kept: writes one and takes it away again.
    pub async fn check(&self, name: &str) -> Result<()> {
        let mut staged = self.stage(name).await?;
        staged.write(b"?").await?;
        staged.file.sync_all().await.map_err(trouble)
    }

    fn folder(&self, agency: AgencyId, organization: OrganizationId) -> PathBuf {
        self.root.join(agency.to_string()).join(organization.to_string())
    }

    /// Begins to write. The folder is made on its first use.
    pub async fn stage(&self, name: &str) -> Result<Staged> {
        let folder = self.root.join(UNDER_WAY);
        fs::create_dir_all(&folder).await.map_err(trouble)?;
        let path = folder.join(name);
        let file = fs::OpenOptions::new().write(true).create_new(true).open(&path).await.map_err(trouble)?;
        Ok(Staged { path, file, kept: false })
    }

    /// Makes what was written final under its name: on the disk first, then named, then the name on the disk as well.
    pub async fn keep(
        &self,
        mut staged: Staged,
        agency: AgencyId,
        organization: OrganizationId,
        name: &str,
    ) -> Result<()> {
        staged.file.flush().await.map_err(trouble)?;
        staged.file.sync_all().await.map_err(trouble)?;
        let folder = self.folder(agency, organization);
        fs::create_dir_all(&folder).await.map_err(trouble)?;
        fs::rename(&staged.path, folder.join(name)).await.map_err(trouble)?;
        staged.kept = true;
        for made in [Some(folder.as_path()), folder.parent(), Some(self.root.as_path())].into_iter().flatten() {
            fs::File::open(made).await.map_err(trouble)?.sync_all().await.map_err(trouble)?;
        }
        Ok(())
    }

    /// Opens what is kept under a name; none when nothing is.
    pub async fn open(&self, agency: AgencyId, organization: OrganizationId, name: &str) -> Result<Option<Reading>> {
        match fs::File::open(self.folder(agency, organization).join(name)).await {
            Ok(file) => Ok(Some(Reading(file))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(trouble(error)),
        }
    }

    /// Removes what is kept under a name, if anything is.
    pub async fn remove(&self, agency: AgencyId, organization: OrganizationId, name: &str) -> Result<()> {
        gone(fs::remove_file(self.folder(agency, organization).join(name)).await)
    }

    /// Removes everything of an organization.
    pub async fn remove_organization(&self, agency: AgencyId, organization: OrganizationId) -> Result<()> {
        gone(fs::remove_dir_all(self.folder(agency, organization)).await)
    }

    /// Everything that is there, by folder: one for each organization, and one for what is under way.
    pub async fn folders(&self) -> Result<Vec<Folder>> {
        let mut found = Vec::new();
        for agency in entries(&self.root).await? {
            let name = agency.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
            if name == UNDER_WAY {
                found.push(Folder { path: agency, agency: None });
            } else if let Ok(id) = name.parse::<AgencyId>() {
                let folders = entries(&agency).await?.into_iter();
                found.extend(folders.map(|path| Folder { path, agency: Some(id) }));
            }
        }
        Ok(found)
    }
}

/// One folder with bytes in it.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// Whose it is; nobody's is what is only being written.
    pub agency: Option<AgencyId>,
}

impl Folder {
    /// The names in it, and the files that they were written for. What is not named by us is passed over.
    pub async fn names(&self) -> Result<Vec<(FileId, String)>> {
        let names = entries(&self.path).await?.into_iter().filter_map(|path| {
            let name = path.file_name()?.to_str()?.to_owned();
            let id = name.split('.').next()?.parse().ok()?;
            Some((id, name))
        });
        Ok(names.collect())
    }

    /// Removes one of them.
    pub async fn remove(&self, name: &str) -> Result<()> {
        gone(fs::remove_file(self.path.join(name)).await)
    }
}

async fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut reading = match fs::read_dir(folder).await {
        Ok(reading) => reading,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        Err(error) => return Err(trouble(error)),
    };
    let mut found = Vec::new();
    while let Some(entry) = reading.next_entry().await.map_err(trouble)? {
        found.push(entry.path());
    }
    Ok(found)
}

fn gone(removed: io::Result<()>) -> Result<()> {
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(trouble(error)),
        _ => Ok(()),
    }
}

impl Staged {
    /// Writes on.
    pub async fn write(&mut self, piece: &[u8]) -> Result<()> {
        self.file.write_all(piece).await.map_err(trouble)
    }

    /// What reads everything that was written, for whoever has to look at all of it at once: off the async threads, and no
    /// sooner than there is room for it in memory.
    pub async fn written(&mut self) -> Result<impl FnOnce() -> Result<Vec<u8>> + Send + use<>> {
        self.file.flush().await.map_err(trouble)?;
        let path = self.path.clone();
        Ok(move || std::fs::read(path).map_err(trouble))
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.kept
            && let Err(error) = std::fs::remove_file(&self.path)
        {
            tracing::warn!(%error, "what was left of an upload could not be removed; it is swept away later");
        }
    }
}

/// Bytes on their way out.
#[derive(Debug)]
pub struct Reading(fs::File);

impl Reading {
    /// The next of them; none at the end.
    pub async fn next(&mut self) -> Result<Option<Bytes>> {
        let mut piece = vec![0; PIECE];
        let read = self.0.read(&mut piece).await.map_err(trouble)?;
        piece.truncate(read);
        Ok((read > 0).then(|| piece.into()))
    }
}
