//! Reading and writing are different verbs, and a unit that is not committed leaves nothing behind.

use sqlx::pool::PoolConnection;
use sqlx::{Executor, Postgres};

use super::engine::{Announce, Db};
use super::sqlite::Turn;
use super::types::fail;
use crate::domain::audit::AuditEntry;
use crate::domain::change::Change;
use crate::error::{Error, Result};

/// Whatever can be read through: a [`Read`], or a [`Write`], which sees what it wrote.
pub trait Reads: Send {
    /// The connection for the next statement.
    #[doc(hidden)]
    fn db(&mut self) -> impl Future<Output = Result<Db<'_>>> + Send;
}

/// A connection to read through.
pub struct Read(ReadInner);

enum ReadInner {
    Sqlite(PoolConnection<sqlx::Sqlite>),
    Postgres(PoolConnection<Postgres>),
}

impl Read {
    pub(super) fn sqlite(connection: PoolConnection<sqlx::Sqlite>) -> Self {
        Self(ReadInner::Sqlite(connection))
    }

    pub(super) fn postgres(connection: PoolConnection<Postgres>) -> Self {
        Self(ReadInner::Postgres(connection))
    }
}

impl Reads for Read {
    async fn db(&mut self) -> Result<Db<'_>> {
        Ok(match &mut self.0 {
            ReadInner::Sqlite(connection) => Db::Sqlite(connection),
            ReadInner::Postgres(connection) => Db::Postgres(connection),
        })
    }
}

/// A unit of writing. Dropped without [`commit`](Write::commit), it never happened.
#[must_use = "a unit that is not committed is rolled back"]
pub struct Write {
    inner: WriteInner,
    changes: Vec<Change>,
    log: Vec<AuditEntry>,
}

enum WriteInner {
    Sqlite(Turn),
    Postgres(OpenTransaction),
}

/// A transaction on a pooled connection, rolled back at once when it is dropped: its locks must not wait for the pool.
struct OpenTransaction {
    connection: Option<PoolConnection<Postgres>>,
    announce: Announce,
}

impl Drop for OpenTransaction {
    fn drop(&mut self) {
        if let Some(mut connection) = self.connection.take() {
            tokio::spawn(async move {
                if let Err(error) = connection.execute("rollback").await {
                    tracing::debug!(%error, "a connection was lost with its transaction");
                }
            });
        }
    }
}

impl Write {
    pub(super) fn sqlite(turn: Turn) -> Result<Self> {
        Ok(Self { inner: WriteInner::Sqlite(turn), changes: Vec::new(), log: Vec::new() })
    }

    pub(super) fn postgres(connection: PoolConnection<Postgres>, announce: Announce) -> Result<Self> {
        let inner = WriteInner::Postgres(OpenTransaction { connection: Some(connection), announce });
        Ok(Self { inner, changes: Vec::new(), log: Vec::new() })
    }

    /// Notes what will have changed; listeners hear of it after the commit, and only then.
    pub fn note(&mut self, change: Change) {
        self.changes.push(change);
    }

    /// Notes a line of the audit log. It is kept with the unit: [`commit`](Write::commit) adds it as the last thing, so that
    /// the one row which all writers of an agency share is held no longer than the commit itself takes.
    pub fn log(&mut self, entry: AuditEntry) {
        self.log.push(entry);
    }

    /// Takes back what the unit wrote, and waits until everything that it saw is kept.
    ///
    /// For a retry that finds what it was about to do done: on SQLite that may be by a unit whose commit is still to come,
    /// and nothing may be acknowledged before it.
    ///
    /// # Errors
    /// UNAVAILABLE when what it saw could not be kept.
    pub async fn undo(self) -> Result<()> {
        match self.inner {
            WriteInner::Sqlite(turn) => turn.undo().await,
            WriteInner::Postgres(_) => Ok(()),
        }
    }

    /// Keeps the unit, waits until the disk has it, and announces what was noted.
    ///
    /// # Errors
    /// UNAVAILABLE when it could not be kept; nothing of it was then.
    pub async fn commit(self) -> Result<()> {
        self.keep(false).await
    }

    /// Keeps the unit as [`commit`](Self::commit) does, and waits for no unit of another job that could share the commit: for
    /// what has left the house already, and would leave it once more if this were lost.
    ///
    /// # Errors
    /// As of [`commit`](Self::commit).
    pub async fn commit_at_once(self) -> Result<()> {
        self.keep(true).await
    }

    async fn keep(mut self, at_once: bool) -> Result<()> {
        let changes = std::mem::take(&mut self.changes);
        if super::hearing::hear(&mut self, &changes).await? {
            self.note(Change::Job);
        }
        self.changes.splice(0..0, changes);
        let log = std::mem::take(&mut self.log);
        if !log.is_empty() {
            super::audit::append(&mut self, log).await?;
        }
        match self.inner {
            WriteInner::Sqlite(turn) => turn.commit(self.changes, at_once).await,
            WriteInner::Postgres(mut open) => {
                let mut connection =
                    open.connection.take().ok_or_else(|| Error::internal("a finished unit was used"))?;
                let (announce, changes) = (open.announce.clone(), self.changes);
                // In a task of its own: once the server has heard "commit", the announcement must follow, even when the
                // client has gone away meanwhile.
                let committing = tokio::spawn(async move {
                    connection.execute("commit").await.map_err(fail)?;
                    announce(changes);
                    Ok(())
                });
                committing.await.map_err(Error::internal)?
            }
        }
    }
}

impl Reads for Write {
    async fn db(&mut self) -> Result<Db<'_>> {
        Ok(match &mut self.inner {
            WriteInner::Sqlite(turn) => Db::Sqlite(turn.connection()?),
            WriteInner::Postgres(open) => match &mut open.connection {
                Some(connection) => Db::Postgres(connection),
                None => return Err(Error::internal("a finished unit was used")),
            },
        })
    }
}
