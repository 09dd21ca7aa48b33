//! Traps of the drivers and engines, each with the test that pins it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use livery::store::Location;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, Executor, PgPool, SqliteConnection};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore};

use crate::support::database::Database;

/// Between a pool and PostgreSQL: hands everything on, but holds back the answer to the first "BEGIN", and says when it
/// has gone by. So a client can go away exactly between the server's hearing it and its own hearing the answer.
struct HoldsBegin {
    address: std::net::SocketAddr,
    begun: Arc<Notify>,
    answer: Arc<Semaphore>,
}

impl HoldsBegin {
    async fn before(options: &PgConnectOptions) -> Self {
        let server = format!("{}:{}", options.get_host(), options.get_port());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (begun, answer) = (Arc::new(Notify::new()), Arc::new(Semaphore::new(0)));
        let held = Arc::new(AtomicBool::new(false));
        let (says, waits) = (begun.clone(), answer.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&server).await.expect("PostgreSQL");
                let ((mut from_client, mut to_client), (mut from_server, mut to_server)) =
                    (client.into_split(), server.into_split());
                let (says, waits, held) = (says.clone(), waits.clone(), held.clone());
                let hold = held.clone();
                tokio::spawn(async move {
                    let mut buffer = vec![0; 4096];
                    while let Ok(n @ 1..) = from_client.read(&mut buffer).await {
                        let begins = buffer[..n].windows(5).any(|five| five == b"BEGIN");
                        if begins && !held.swap(true, Ordering::SeqCst) {
                            to_server.write_all(&buffer[..n]).await.ok();
                            says.notify_one();
                            continue;
                        }
                        to_server.write_all(&buffer[..n]).await.ok();
                    }
                });
                tokio::spawn(async move {
                    let mut buffer = vec![0; 4096];
                    while let Ok(n @ 1..) = from_server.read(&mut buffer).await {
                        if hold.load(Ordering::SeqCst) {
                            waits.acquire().await.expect("open").forget();
                            waits.add_permits(1);
                        }
                        to_client.write_all(&buffer[..n]).await.ok();
                    }
                });
            }
        });
        Self { address, begun, answer }
    }
}

/// Inserts ten rows through a pool of one connection after a client went away while its transaction began; gives how many
/// inserts said Ok.
async fn insert_after_a_cancelled_begin(pool: PgPoolOptions, options: &PgConnectOptions) -> i64 {
    let proxy = HoldsBegin::before(options).await;
    let through = options.clone().host("127.0.0.1").port(proxy.address.port());
    let pool: PgPool = pool.max_connections(1).connect_with(through).await.expect("a pool");
    pool.execute("create table if not exists kept (n int)").await.expect("a table");
    pool.execute("truncate kept").await.expect("empty");
    tokio::select! {
        _ = pool.begin() => panic!("the answer is held back"),
        () = proxy.begun.notified() => {}
    }
    proxy.answer.add_permits(1);
    let mut said_ok = 0;
    for n in 0..10i32 {
        let done = sqlx::query("insert into kept (n) values ($1)").bind(n).execute(&pool).await;
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
    let said_ok = insert_after_a_cancelled_begin(PgPoolOptions::new(), &options).await;
    assert_eq!((said_ok, count(&database).await), (10, 0), "the saboteur says Ok ten times and keeps nothing");
    let said_ok = insert_after_a_cancelled_begin(livery::store::guarded(PgPoolOptions::new()), &options).await;
    assert_eq!((said_ok, count(&database).await), (10, 10));
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
