//! Traps of the drivers and engines, each with the test that pins it.

use std::sync::Arc;
use std::time::Duration;

use livery::store::Location;
use sqlx::postgres::PgPoolOptions;
use sqlx::{Connection, Executor, PgPool, SqliteConnection};

use crate::support::database::Database;

/// Inserts rows, each after a client has gone away while its transaction began; gives how many inserts said Ok.
async fn insert_after_cancelled_begins(pool: &PgPool) -> i64 {
    pool.execute("create table if not exists kept (n int)").await.expect("a table");
    pool.execute("truncate kept").await.expect("empty");
    let mut said_ok = 0;
    for n in 0..300i32 {
        // Some of these moments lie between the server's hearing "begin" and our hearing its answer.
        let gone = tokio::time::Instant::now() + Duration::from_micros(2 * n.unsigned_abs() as u64);
        {
            let mut begin = std::pin::pin!(pool.begin());
            while futures_util::poll!(begin.as_mut()).is_pending() && tokio::time::Instant::now() < gone {
                tokio::task::yield_now().await;
            }
        }
        let done = sqlx::query("insert into kept (n) values ($1)").bind(n).execute(pool).await;
        said_ok += i64::from(done.is_ok());
    }
    pool.close().await;
    said_ok
}

async fn count(database: &Database) -> i64 {
    let pool = PgPoolOptions::new().connect(&database.url).await.expect("a pool");
    sqlx::query_scalar("select count(*) from kept").fetch_one(&pool).await.expect("a count")
}

/// With sqlx 0.9.0 a `begin` that is cancelled in flight hands its connection back with the transaction open: what others
/// insert through it says Ok and is gone. The guarded pool rolls back before it hands a connection out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_begin_loses_rows_without_the_guard_and_none_with_it() {
    let database = Database::postgres();
    let options = match database.location() {
        Location::Postgres(options) => *options,
        Location::Sqlite(_) => unreachable!("a PostgreSQL"),
    };
    let unguarded = PgPoolOptions::new().max_connections(1).connect_with(options.clone()).await.expect("a pool");
    let said_ok = insert_after_cancelled_begins(&unguarded).await;
    let kept = count(&database).await;
    assert!(kept < said_ok, "the saboteur loses rows: {kept} of {said_ok} are there");

    let guarded =
        livery::store::guarded(PgPoolOptions::new().max_connections(1)).connect_with(options).await.expect("a pool");
    let said_ok = insert_after_cancelled_begins(&guarded).await;
    assert_eq!((said_ok, count(&database).await), (300, 300));
}

/// A deferred transaction that reads and then writes fails at once while another one writes, whatever the busy timeout.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deferred_read_then_write_fails_on_sqlite_and_immediate_does_not() {
    let database = Database::sqlite();
    let path = database.folder.path().join("trap.db");
    let url = format!("sqlite://{}?mode=rwc", path.display());
    let mut setup = SqliteConnection::connect(&url).await.expect("a file");
    setup
        .execute("pragma journal_mode = wal; create table t (n int); insert into t values (0)")
        .await
        .expect("a table");
    let failures = async |begin: &'static str| {
        let failed = Arc::new(std::sync::atomic::AtomicU32::new(0));
        let mut tasks = Vec::new();
        for _ in 0..4 {
            let (url, failed) = (url.clone(), failed.clone());
            tasks.push(tokio::spawn(async move {
                let mut connection = SqliteConnection::connect(&url).await.expect("open");
                for _ in 0..20 {
                    let unit = async {
                        connection.execute(begin).await?;
                        let n: i64 = sqlx::query_scalar("select n from t").fetch_one(&mut connection).await?;
                        tokio::time::sleep(Duration::from_millis(1)).await;
                        sqlx::query("update t set n = $1").bind(n + 1).execute(&mut connection).await?;
                        connection.execute("commit").await
                    };
                    if unit.await.is_err() {
                        failed.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                        connection.execute("rollback").await.ok();
                    }
                }
            }));
        }
        for task in tasks {
            task.await.expect("task");
        }
        failed.load(std::sync::atomic::Ordering::Relaxed)
    };
    assert!(failures("begin").await > 0, "the saboteur fails");
    assert_eq!(failures("begin immediate").await, 0);
}
