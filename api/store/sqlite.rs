//! SQLite with one writer that commits in groups.
//!
//! Units take turns on the one writing connection. Each is a savepoint; when a unit is done and another is waiting, the
//! transaction stays open for it, with its savepoint set already, and whoever finds nobody waiting commits for all. Units are answered after that commit
//! alone, so that one `fsync` serves as many as were waiting. A unit that is dropped is rolled back to its savepoint.
//!
//! People come before jobs: of the jobs' units one at a time stands in the line for the writer, so that somebody who waits
//! for an answer waits for one of them at most, and a commit that such a one waits for is not put off for a job's unit.
//! Jobs still move on under load: the one in the line has its turn like any other.
//!
//! The log is folded into the file beside the writer, by a connection of its own: a commit that had to do that first would be
//! some ten times as slow as its neighbours. SQLite's passive checkpoint waits for nobody and makes nobody wait.
//! (<https://www.sqlite.org/pragma.html#pragma_wal_checkpoint>)

use std::mem;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Executor, SqliteConnection, SqlitePool};
use tokio::sync::{Mutex, OwnedMutexGuard, mpsc, oneshot};
use tokio::task::JoinHandle;

use super::engine::Announce;
use super::types::fail;
use crate::domain::change::Change;
use crate::error::{Error, Result};

/// How many units may share one commit. More would delay the first of them for no gain.
const GROUP: usize = 64;

/// How many connections read at once.
const READERS: u32 = 8;

/// After so many commits the log is folded into the file, beside the next ones.
const FOLD_AFTER: u32 = 64;

/// When the log has grown to so many pages all the same (4 KiB each), the commit that finds it so folds what is left.
const CHECKPOINT_PAGES: &str = "8000";

/// The database file: one writer, some readers.
pub(super) struct Sqlite {
    readers: SqlitePool,
    writer: Arc<Mutex<Writer>>,
    line: Arc<Line>,
}

/// Who waits for a turn.
#[derive(Default)]
struct Line {
    people: AtomicUsize,
    jobs: AtomicUsize,
    /// Held by the one job's unit that stands in the line, until it is done.
    job: Arc<Mutex<()>>,
}

impl Line {
    fn of(&self, whose: Whose) -> &AtomicUsize {
        match whose {
            Whose::People => &self.people,
            Whose::Job => &self.jobs,
        }
    }

    /// Whether the open transaction is to be committed now: nobody comes, or only jobs while somebody waits for the commit.
    fn is_over(&self, writer: &Writer) -> bool {
        self.people.load(Ordering::SeqCst) == 0 && (writer.awaited || self.jobs.load(Ordering::SeqCst) == 0)
    }
}

/// For whom a unit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// For somebody who waits for the answer.
    People,
    /// For what is done in the background.
    Job,
}

/// The writing connection, and who waits for its next commit.
pub(super) struct Writer {
    connection: Option<SqliteConnection>,
    in_transaction: bool,
    /// The savepoint of the next unit is set.
    in_unit: bool,
    group: Vec<Member>,
    /// The group has a unit that is not a job's, or whose job wants it kept at once.
    awaited: bool,
    /// How many commits there were since the log was to be folded.
    commits: u32,
    /// Who folds the log, until this is closed.
    folder: Option<Folder>,
}

/// Whoever folds the log: woken by a word, and gone when nobody can say it any more.
struct Folder {
    wake: mpsc::Sender<()>,
    task: JoinHandle<()>,
}

/// A unit that is done and waits for the group's commit.
struct Member {
    changes: Vec<Change>,
    committed: oneshot::Sender<Result<(), Arc<Error>>>,
}

/// The turn of one unit on the writing connection.
pub(super) struct Turn {
    writer: Option<OwnedMutexGuard<Writer>>,
    line: Arc<Line>,
    /// Of a job's unit: its place in the line.
    job: Option<OwnedMutexGuard<()>>,
    announce: Announce,
}

/// One who waits for a turn; counted, even when it gives up.
struct Waiting(Arc<Line>, Whose);

impl Waiting {
    fn new(line: &Arc<Line>, whose: Whose) -> Self {
        line.of(whose).fetch_add(1, Ordering::SeqCst);
        Self(line.clone(), whose)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.of(self.1).fetch_sub(1, Ordering::SeqCst);
    }
}

impl Sqlite {
    /// Opens or makes the file and migrates it.
    pub(super) async fn open(path: &Path) -> Result<Self> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            tokio::fs::create_dir_all(folder).await.map_err(Error::internal)?;
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // NORMAL would lose acknowledged writes on a power cut, and no killed process would ever show it.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10))
            .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
            .statement_cache_capacity(256);
        let mut connection = options.clone().connect().await.map_err(fail)?;
        let mut migrations = sqlx::migrate!("migrations/sqlite");
        migrations.set_ignore_missing(true);
        migrations.run(&mut connection).await.map_err(Error::internal)?;
        let durable: i64 = sqlx::query_scalar("pragma synchronous").fetch_one(&mut connection).await.map_err(fail)?;
        if durable < 2 {
            return Err(Error::internal("SQLite does not wait for the disk: what it acknowledges may be lost"));
        }
        let (wake, woken) = mpsc::channel(1);
        let task = tokio::spawn(fold(options.clone().connect().await.map_err(fail)?, woken));
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(Duration::from_secs(5))
            .test_before_acquire(false)
            .connect_with(options.create_if_missing(false).pragma("query_only", "on"))
            .await
            .map_err(fail)?;
        Ok(Self {
            readers,
            writer: Arc::new(Mutex::new(Writer {
                connection: Some(connection),
                in_transaction: false,
                in_unit: false,
                group: Vec::new(),
                awaited: false,
                commits: 0,
                folder: Some(Folder { wake, task }),
            })),
            line: Arc::default(),
        })
    }

    pub(super) async fn reader(&self) -> Result<PoolConnection<sqlx::Sqlite>> {
        self.readers.acquire().await.map_err(fail)
    }

    /// Waits for a turn and sets its savepoint.
    ///
    /// In a task of its own: whoever gives up waiting leaves a turn that comes, is rolled back, and commits for the others
    /// if nobody else will. A statement of ours is never left half sent.
    pub(super) async fn begin(&self, whose: Whose, announce: Announce) -> Result<Turn> {
        let waiting = Waiting::new(&self.line, whose);
        let writer = self.writer.clone();
        let begun = tokio::spawn(async move {
            let line = waiting.0.clone();
            let job = match whose {
                Whose::People => None,
                Whose::Job => Some(line.job.clone().lock_owned().await),
            };
            let writer = writer.lock_owned().await;
            let mut turn = Turn { writer: Some(writer), line, job, announce };
            drop(waiting);
            let state = turn.state()?;
            if !state.in_transaction {
                let begun = state.connection()?.execute("begin immediate; savepoint unit").await;
                if let Err(error) = begun {
                    // Half of it may be done: an open transaction would be in everybody's way.
                    state.connection()?.execute("rollback").await.ok();
                    return Err(fail(error));
                }
                (state.in_transaction, state.in_unit) = (true, true);
            }
            if !state.in_unit {
                state.connection()?.execute("savepoint unit").await.map_err(fail)?;
                state.in_unit = true;
            }
            Ok(turn)
        });
        begun.await.map_err(Error::internal)?
    }

    pub(super) async fn close(&self) {
        self.readers.close().await;
        let mut writer = self.writer.lock().await;
        if let Some(Folder { wake, task }) = writer.folder.take() {
            drop(wake);
            task.await.ok();
        }
        if let Some(connection) = writer.connection.take()
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "the database file was not closed cleanly");
        }
    }
}

impl Writer {
    fn connection(&mut self) -> Result<&mut SqliteConnection> {
        self.connection
            .as_mut()
            .ok_or_else(|| Error::unavailable("RESTARTING", "The server is restarting. Please try again."))
    }

    /// Commits the open transaction and answers everybody whose unit is in it, in order.
    async fn commit(&mut self, announce: &Announce) {
        if !self.in_transaction {
            return;
        }
        let committed = match self.connection() {
            Ok(connection) => connection.execute("commit").await.map(|_| ()).map_err(fail),
            Err(error) => Err(error),
        };
        self.in_transaction = false;
        self.in_unit = false;
        self.awaited = false;
        let group = mem::take(&mut self.group);
        match committed {
            Ok(()) => {
                self.commits += 1;
                if self.commits >= FOLD_AFTER
                    && let Some(folder) = &self.folder
                {
                    self.commits = 0;
                    // Where the word stands there already, it does not have to be said again.
                    folder.wake.try_send(()).ok();
                }
                for member in group {
                    announce(member.changes);
                    // Nobody may be waiting any more; the unit is kept all the same.
                    member.committed.send(Ok(())).ok();
                }
            }
            Err(error) => {
                refuse(group, error);
                if let Ok(connection) = self.connection()
                    && let Err(error) = connection.execute("rollback").await
                {
                    // A failed commit may have ended the transaction by itself; then there is nothing to roll back.
                    tracing::debug!(%error, "rollback after a failed commit");
                }
            }
        }
    }
}

/// Folds the log into the file whenever it is woken, until the writer is gone.
async fn fold(mut connection: SqliteConnection, mut woken: mpsc::Receiver<()>) {
    while woken.recv().await.is_some() {
        if let Err(error) = connection.execute("pragma wal_checkpoint(passive)").await {
            tracing::warn!(%error, "the log was not folded into the database file");
        }
    }
    if let Err(error) = connection.close().await {
        tracing::warn!(%error, "the connection that folds the log was not closed cleanly");
    }
}

/// Tells units whose transaction is gone that nothing of them was kept.
fn refuse(group: Vec<Member>, error: Error) {
    let error = Arc::new(error);
    for member in group {
        member.committed.send(Err(error.clone())).ok();
    }
}

impl Turn {
    fn state(&mut self) -> Result<&mut Writer> {
        self.writer.as_deref_mut().ok_or_else(|| Error::internal("a finished unit was used"))
    }

    pub(super) fn connection(&mut self) -> Result<&mut SqliteConnection> {
        self.state()?.connection()
    }

    /// Ends the unit: kept with the group's commit, and answered after it. That commit is put off for no job where somebody
    /// waits for it, or where it is wanted at once.
    pub(super) async fn commit(self, changes: Vec<Change>, at_once: bool) -> Result<()> {
        self.end("release unit; savepoint unit", None, changes, at_once).await
    }

    /// Takes back what the unit wrote, and answers when everything that it saw is kept.
    pub(super) async fn undo(self) -> Result<()> {
        self.end("rollback to unit", Some("rollback to unit"), Vec::new(), false).await
    }

    /// Does `next` when somebody is waiting, so that they find the savepoint of their unit set, and `last` before a commit,
    /// which ends every savepoint by itself: one call less for each unit.
    async fn end(
        mut self,
        next: &'static str,
        last: Option<&'static str>,
        changes: Vec<Change>,
        at_once: bool,
    ) -> Result<()> {
        let (committed, answer) = oneshot::channel();
        // In a task of its own: a client that goes away must not stop a commit that others wait for.
        let ending = tokio::spawn(async move {
            let (line, awaited) = (self.line.clone(), self.job.is_none() || at_once);
            let state = self.state()?;
            state.awaited |= awaited;
            let ends = state.group.len() + 1 >= GROUP || line.is_over(state);
            if let Some(statement) = if ends { last } else { Some(next) } {
                state.connection()?.execute(statement).await.map_err(fail)?;
            }
            state.group.push(Member { changes, committed });
            let mut writer = self.writer.take().ok_or_else(|| Error::internal("a finished unit was used"))?;
            if ends {
                writer.commit(&self.announce).await;
            }
            // Whatever job's unit is next stands behind the people who wait already.
            drop(self.job.take());
            Ok(())
        });
        ending.await.map_err(Error::internal)??;
        match answer.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Error::unavailable(error.reason, error.message.clone())),
            Err(_) => Err(Error::unavailable("RESTARTING", "The server is restarting. Please try again.")),
        }
    }
}

impl Drop for Turn {
    /// Rolls the unit back to its savepoint; commits for the others when nobody else will.
    fn drop(&mut self) {
        let Some(mut writer) = self.writer.take() else { return };
        let (line, job, announce) = (self.line.clone(), self.job.take(), self.announce.clone());
        tokio::spawn(async move {
            if let Ok(connection) = writer.connection()
                && let Err(error) = connection.execute("rollback to unit").await
            {
                // The whole transaction is gone, and with it everybody's unit: a full disk does that.
                tracing::warn!(%error, "a unit could not be rolled back");
                (writer.in_transaction, writer.in_unit, writer.awaited) = (false, false, false);
                refuse(mem::take(&mut writer.group), fail(error));
                return;
            }
            if line.is_over(&writer) {
                writer.commit(&announce).await;
            }
            drop(job);
        });
    }
}
