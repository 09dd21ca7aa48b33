//! The database past the store: what somebody with SQL at hand can do and see.

use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};

use crate::support::database::Database;

/// Runs a statement, which may fail.
pub async fn run(database: &Database, statement: &str) -> Result<u64, sqlx::Error> {
    let statement = AssertSqlSafe(statement.to_owned());
    if database.is_postgres() {
        let mut connection = PgConnection::connect(&database.url).await.expect("a connection");
        return sqlx::raw_sql(statement).execute(&mut connection).await.map(|done| done.rows_affected());
    }
    let mut connection = SqliteConnection::connect(&database.url).await.expect("a connection");
    sqlx::raw_sql(statement).execute(&mut connection).await.map(|done| done.rows_affected())
}

/// The texts of the first column.
pub async fn texts(database: &Database, statement: &str) -> Vec<String> {
    let statement = AssertSqlSafe(statement.to_owned());
    if database.is_postgres() {
        let mut connection = PgConnection::connect(&database.url).await.expect("a connection");
        return sqlx::query_scalar(statement).fetch_all(&mut connection).await.expect("rows");
    }
    let mut connection = SqliteConnection::connect(&database.url).await.expect("a connection");
    sqlx::query_scalar(statement).fetch_all(&mut connection).await.expect("rows")
}

/// What a count gives.
pub async fn count(database: &Database, statement: &str) -> i64 {
    let statement = AssertSqlSafe(statement.to_owned());
    if database.is_postgres() {
        let mut connection = PgConnection::connect(&database.url).await.expect("a connection");
        return sqlx::query_scalar(statement).fetch_one(&mut connection).await.expect("a count");
    }
    let mut connection = SqliteConnection::connect(&database.url).await.expect("a connection");
    sqlx::query_scalar(statement).fetch_one(&mut connection).await.expect("a count")
}

/// A connection that stays open, for whoever looks a thousand times.
pub enum Eye {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Eye {
    pub async fn open(database: &Database) -> Self {
        if database.is_postgres() {
            return Self::Postgres(PgConnection::connect(&database.url).await.expect("a connection"));
        }
        Self::Sqlite(SqliteConnection::connect(&database.url).await.expect("a connection"))
    }

    /// What a count gives.
    pub async fn count(&mut self, statement: &str) -> i64 {
        let statement = AssertSqlSafe(statement.to_owned());
        match self {
            Self::Postgres(connection) => sqlx::query_scalar(statement).fetch_one(connection).await.expect("a count"),
            Self::Sqlite(connection) => sqlx::query_scalar(statement).fetch_one(connection).await.expect("a count"),
        }
    }
}

/// How a statement is run, in the words of the engine.
pub async fn plan(database: &Database, statement: &str) -> String {
    if database.is_postgres() {
        // The planner prefers a scan of a table that fits into a page or two; what matters is that there is a way.
        let mut connection = PgConnection::connect(&database.url).await.expect("a connection");
        sqlx::raw_sql("analyze organizations; set enable_seqscan = off").execute(&mut connection).await.expect("set");
        let lines: Vec<String> = sqlx::query_scalar(AssertSqlSafe(format!("explain {statement}")))
            .fetch_all(&mut connection)
            .await
            .expect("a plan");
        return lines.join("\n");
    }
    let mut connection = SqliteConnection::connect(&database.url).await.expect("a connection");
    let rows: Vec<(i64, i64, i64, String)> = sqlx::query_as(AssertSqlSafe(format!("explain query plan {statement}")))
        .fetch_all(&mut connection)
        .await
        .expect("a plan");
    rows.into_iter().map(|row| row.3).collect::<Vec<_>>().join("\n")
}
