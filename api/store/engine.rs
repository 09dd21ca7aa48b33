//! The two engines, how they are opened, and the guards that are set on them.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Executor, PgConnection, PgPool, SqliteConnection};

use super::sqlite::{Sqlite, Whose};
use super::types::fail;
use super::unit::{Read, Write};
use crate::domain::change::Change;
use crate::error::{Error, Result};

/// Told of every change, after its commit and in the order of commits of one conversation.
pub type Announce = Arc<dyn Fn(Vec<Change>) + Send + Sync>;

/// Where a database is: the parsed `LIVERY_DATABASE_URL`.
#[derive(Debug, Clone)]
pub enum Location {
    /// A file.
    Sqlite(PathBuf),
    /// A server.
    Postgres(Box<PgConnectOptions>),
}

impl Location {
    /// Parses `sqlite://path` or `postgres://...`; says in one sentence what else it is.
    pub fn parse(url: &str) -> Result<Self, String> {
        if let Some(path) = url.strip_prefix("sqlite://") {
            if path.is_empty() {
                return Err("sqlite:// needs a path, as in sqlite://data/livery.db".to_owned());
            }
            Ok(Self::Sqlite(PathBuf::from(path)))
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            url.parse().map(|options| Self::Postgres(Box::new(options))).map_err(|error| error.to_string())
        } else {
            Err("it begins with neither sqlite:// nor postgres://".to_owned())
        }
    }
}

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    engine: Engine,
    announce: Announce,
    whose: Whose,
}

#[derive(Clone)]
enum Engine {
    Sqlite(Arc<Sqlite>),
    Postgres(PgPool),
}

/// A connection of either engine, borrowed for one statement. See [`on!`](super::on).
#[doc(hidden)]
pub enum Db<'c> {
    /// SQLite.
    Sqlite(&'c mut SqliteConnection),
    /// PostgreSQL.
    Postgres(&'c mut PgConnection),
}

/// How many connections to PostgreSQL are held at most.
const POSTGRES_CONNECTIONS: u32 = 32;

/// How long a unit waits for a connection before it is told to come back later.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// Rolls back whatever an earlier holder of a connection left open, before the connection is handed out.
///
/// With sqlx 0.9.0 a `begin` that is cancelled in flight leaves its transaction open on the pooled connection; later
/// inserts through it say Ok and are never committed. A test shows both sides.
pub fn guarded(pool: PgPoolOptions) -> PgPoolOptions {
    pool.test_before_acquire(false).before_acquire(|connection, _| {
        Box::pin(async move {
            // Outside a transaction this begins one and ends it; inside one that was left open it ends that. It is the
            // liveness check as well: one round trip, as the driver's own would be.
            Ok(connection.execute("begin; rollback").await.is_ok())
        })
    })
}

impl Store {
    /// Opens the database, brings its schema up to date, and checks that what it says is kept is kept.
    pub async fn open(location: &Location, announce: Announce) -> Result<Self> {
        let engine = match location {
            Location::Sqlite(path) => Engine::Sqlite(Arc::new(Sqlite::open(path).await?)),
            Location::Postgres(options) => Engine::Postgres(Self::open_postgres(options).await?),
        };
        Ok(Self { engine, announce, whose: Whose::People })
    }

    /// The same database for what is done in the background: its units let those go first for whose answer somebody waits.
    pub fn in_background(&self) -> Self {
        Self { whose: Whose::Job, ..self.clone() }
    }

    async fn open_postgres(options: &PgConnectOptions) -> Result<PgPool> {
        let options = options.clone().options([
            ("synchronous_commit", "on"),
            ("client_min_messages", "warning"),
            ("timezone", "UTC"),
        ]);
        let pool = guarded(PgPoolOptions::new().max_connections(POSTGRES_CONNECTIONS).acquire_timeout(ACQUIRE_TIMEOUT));
        let pool = pool.connect_with(options).await.map_err(fail)?;
        let mut migrations = sqlx::migrate!("migrations/postgres");
        migrations.set_ignore_missing(true);
        migrations.run(&pool).await.map_err(Error::internal)?;
        let durable: String = sqlx::query_scalar("show fsync").fetch_one(&pool).await.map_err(fail)?;
        if durable != "on" {
            return Err(Error::internal("PostgreSQL runs with fsync off: what it acknowledges may be lost"));
        }
        Ok(pool)
    }

    /// Begins to read. What is read through it may be from different instants, but never uncommitted.
    pub async fn read(&self) -> Result<Read> {
        Ok(match &self.engine {
            Engine::Sqlite(sqlite) => Read::sqlite(sqlite.reader().await?),
            Engine::Postgres(pool) => Read::postgres(pool.acquire().await.map_err(fail)?),
        })
    }

    /// Begins a unit of writing: all of it is kept, or nothing. Nothing slow may happen while one is open.
    pub async fn write(&self) -> Result<Write> {
        match &self.engine {
            Engine::Sqlite(sqlite) => Write::sqlite(sqlite.begin(self.whose, self.announce.clone()).await?),
            Engine::Postgres(pool) => {
                let mut connection = pool.acquire().await.map_err(fail)?;
                connection.execute("begin").await.map_err(fail)?;
                Write::postgres(connection, self.announce.clone())
            }
        }
    }

    /// Closes all connections; on SQLite the log is folded into the file.
    pub async fn close(&self) {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.close().await,
            Engine::Postgres(pool) => pool.close().await,
        }
    }

    /// `sqlite` or `postgres`, for logs and benchmarks.
    pub fn engine_name(&self) -> &'static str {
        match &self.engine {
            Engine::Sqlite(_) => "sqlite",
            Engine::Postgres(_) => "postgres",
        }
    }
}
