//! The references of the message path: the same rows in the same tables, through sqlx and nothing else of ours.

use std::cell::Cell;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Executor, PgConnection, SqliteConnection};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

/// Connections to PostgreSQL at once.
const CONNECTIONS: usize = 32;
/// When everything is said.
const AT: i64 = 1_700_000_000_000_000;

/// A text as long as a visitor's, which tells when it was sent.
pub fn text(micros: u128) -> String {
    format!("bench {micros} - hello, my order has not arrived yet, could somebody look into it for me please?")
}

/// An id that nobody else uses.
fn unique() -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("bare_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// The bare writer of either database.
pub enum Bare {
    /// Of a file.
    Sqlite(Sqlite),
    /// Of a server.
    Postgres(Postgres),
}

impl Bare {
    /// How long one row takes.
    pub async fn one(&mut self, conversation: &str) -> Duration {
        match self {
            Self::Sqlite(bare) => bare.one(conversation).await,
            Self::Postgres(bare) => bare.one(conversation).await,
        }
    }

    /// Rows a second, with one waiting in each conversation.
    pub async fn rate(&mut self, conversations: &[String], time: Duration) -> f64 {
        match self {
            Self::Sqlite(bare) => bare.rate(conversations, time).await,
            Self::Postgres(bare) => bare.rate(conversations, time).await,
        }
    }
}

/// A row, and who waits for it.
type Waiting = (Value, oneshot::Sender<()>);

/// One writing connection to the server's file.
pub struct Sqlite(SqliteConnection);

impl Sqlite {
    /// Opens the file as the server does.
    pub async fn open(path: &str) -> Self {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10))
            .pragma("wal_autocheckpoint", "2000");
        Self(options.connect().await.expect("the server's file"))
    }

    /// Keeps rows with one commit: four calls, however many they are.
    async fn keep(&mut self, rows: &Value) {
        let rows = rows.to_string();
        let kept = async {
            self.0.execute("begin immediate").await?;
            sqlx::query(
                // An update joined to the list would read the list once for each conversation there is.
                "update conversations set last_seq = last_seq + 1, rev = rev + 1, last_activity_at = $2, \
                 last_visitor_message_at = $2, preview = $3, search = $3, visitor_messages = visitor_messages + 1, \
                 visitor_read_seq = last_seq + 1 where id in (select value ->> 0 from json_each($1))",
            )
            .bind(&rows)
            .bind(AT)
            .bind(text(0))
            .execute(&mut self.0)
            .await?;
            sqlx::query(
                "insert into messages (conversation_id, seq, id, agency_id, kind, author_kind, author_id, text, offers_human, \
                 sources, client_id, created_at) \
                 select c.id, c.last_seq, j.value ->> 1, c.agency_id, 'TEXT', 'VISITOR', c.visitor_id, j.value ->> 2, false, '', \
                 j.value ->> 1, j.value ->> 3 from json_each($1) j cross join conversations c where c.id = j.value ->> 0",
            )
            .bind(&rows)
            .execute(&mut self.0)
            .await?;
            self.0.execute("commit").await
        };
        kept.await.expect("a bare commit");
    }

    fn row(conversation: &str) -> Value {
        json!([conversation, unique(), text(0), AT])
    }

    /// How long one row takes.
    pub async fn one(&mut self, conversation: &str) -> Duration {
        let begun = Instant::now();
        self.keep(&json!([Self::row(conversation)])).await;
        begun.elapsed()
    }

    /// Rows a second, with one waiting in each conversation, all that wait in one commit.
    pub async fn rate(&mut self, conversations: &[String], time: Duration) -> f64 {
        let begun = Instant::now();
        let (sender, mut receiver) = mpsc::channel::<Waiting>(conversations.len());
        let kept = Cell::new(0u32);
        let askers = conversations.iter().map(|conversation| {
            let (sender, kept) = (sender.clone(), &kept);
            async move {
                while begun.elapsed() < time {
                    let (done, wait) = oneshot::channel();
                    let row = Self::row(conversation);
                    if sender.send((row, done)).await.is_err() || wait.await.is_err() {
                        return;
                    }
                    kept.set(kept.get() + 1);
                }
            }
        });
        let askers = join_all(askers.collect::<Vec<_>>());
        drop(sender);
        let writer = async {
            let mut group = Vec::new();
            while receiver.recv_many(&mut group, conversations.len()).await > 0 {
                let (rows, waiting): (Vec<_>, Vec<_>) = group.drain(..).unzip();
                self.keep(&Value::Array(rows)).await;
                for done in waiting {
                    // It waits until the end.
                    done.send(()).ok();
                }
                // All of them ask again before the next commit.
                tokio::task::yield_now().await;
            }
        };
        tokio::join!(askers, writer);
        f64::from(kept.get()) / begun.elapsed().as_secs_f64()
    }
}

/// Connections to PostgreSQL, each with one commit a message.
pub struct Postgres(Vec<PgConnection>);

impl Postgres {
    /// Connects.
    pub async fn open(url: &str) -> Self {
        let connecting = (0..CONNECTIONS).map(|_| PgConnection::connect(url));
        let connections = join_all(connecting).await;
        Self(connections.into_iter().map(|connection| connection.expect("a connection")).collect())
    }

    async fn keep(connection: &mut PgConnection, conversation: &str) -> Result<(), sqlx::Error> {
        connection.execute("begin").await?;
        let (seq, agency, visitor): (i64, String, String) = sqlx::query_as(
            "update conversations set last_seq = last_seq + 1, rev = rev + 1, last_activity_at = $2, \
             last_visitor_message_at = $2, preview = $3, search = $3, visitor_messages = visitor_messages + 1, \
             visitor_read_seq = last_seq + 1 where id = $1 returning last_seq, agency_id, visitor_id",
        )
        .bind(conversation)
        .bind(AT)
        .bind(text(0))
        .fetch_one(&mut *connection)
        .await?;
        sqlx::query(
            "insert into messages (conversation_id, seq, id, agency_id, kind, author_kind, author_id, text, offers_human, \
             sources, client_id, created_at) values ($1, $2, $3, $4, 'TEXT', 'VISITOR', $5, $6, false, '', $3, $7)",
        )
        .bind(conversation)
        .bind(seq)
        .bind(unique())
        .bind(agency)
        .bind(visitor)
        .bind(text(0))
        .bind(AT)
        .execute(&mut *connection)
        .await?;
        connection.execute("commit").await.map(|_| ())
    }

    /// How long one row takes.
    pub async fn one(&mut self, conversation: &str) -> Duration {
        let begun = Instant::now();
        let connection = self.0.first_mut().expect("a connection");
        Self::keep(connection, conversation).await.expect("a bare commit");
        begun.elapsed()
    }

    /// Rows a second over all connections.
    pub async fn rate(&mut self, conversations: &[String], time: Duration) -> f64 {
        let begun = Instant::now();
        let share = conversations.len() / CONNECTIONS;
        let tasks: Vec<_> = std::mem::take(&mut self.0)
            .into_iter()
            .zip(conversations.chunks(share))
            .map(|(mut connection, own)| {
                let own = own.to_vec();
                tokio::spawn(async move {
                    let mut kept = 0u32;
                    for conversation in own.iter().cycle() {
                        if begun.elapsed() >= time {
                            break;
                        }
                        Self::keep(&mut connection, conversation).await.expect("a bare commit");
                        kept += 1;
                    }
                    (connection, kept)
                })
            })
            .collect();
        let mut total = 0;
        for task in tasks {
            let (connection, kept) = task.await.expect("a connection's task");
            self.0.push(connection);
            total += kept;
        }
        f64::from(total) / begun.elapsed().as_secs_f64()
    }
}
