//! The two migration folders make the same tables. Both are applied to an empty database, and the engines themselves are
//! asked what came of it: tables, columns, kinds of value, what may be null, keys and references.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};

use super::{complains, files, none, read, relative, root};

/// What a migrated database is, as far as the two engines can agree: a line per fact, by table.
#[derive(Default, Debug, PartialEq)]
struct Shape {
    tables: BTreeMap<String, BTreeSet<String>>,
}

impl Shape {
    fn add(&mut self, table: &str, fact: String) {
        self.tables.entry(table.to_owned()).or_default().insert(fact);
    }
}

#[test]
fn both_folders_have_the_same_files() {
    let names = |folder: &str| -> Vec<String> {
        let found = files(folder, |path| path.ends_with(".sql"));
        found.iter().map(|path| relative(path).replace(folder, "")).collect()
    };
    assert_eq!(names("migrations/sqlite"), names("migrations/postgres"));
    assert!(!names("migrations/sqlite").is_empty());
}

#[tokio::test]
async fn both_folders_make_the_same_tables() {
    let migrations = |folder: &str| -> Vec<String> {
        files(folder, |path| path.ends_with(".sql")).iter().map(|path| read(path)).collect()
    };
    let sqlite = sqlite_shape(&migrations("migrations/sqlite")).await.expect("SQLite takes its migrations");
    let postgres =
        postgres_shape("own", &migrations("migrations/postgres")).await.expect("PostgreSQL takes its migrations");
    none(&complaints(&sqlite, &postgres));
}

fn complaints(sqlite: &Shape, postgres: &Shape) -> Vec<String> {
    let nothing = BTreeSet::new();
    let tables: BTreeSet<&String> = sqlite.tables.keys().chain(postgres.tables.keys()).collect();
    let mut complaints = Vec::new();
    for table in tables {
        let here = sqlite.tables.get(table).unwrap_or(&nothing);
        let there = postgres.tables.get(table).unwrap_or(&nothing);
        // The word index is each engine's own: what it is called and what it holds is the same, not how it is kept.
        let index = here.iter().any(|fact| fact == WORD_INDEX);
        let counts = |fact: &&String| !index || (fact.starts_with("column ") && fact.split(' ').count() == 2);
        complaints.extend(here.difference(there).filter(counts).map(|fact| format!("{table}: only on SQLite: {fact}")));
        complaints
            .extend(there.difference(here).filter(counts).map(|fact| format!("{table}: only on PostgreSQL: {fact}")));
    }
    complaints
}

const WORD_INDEX: &str = "word index";

async fn sqlite_shape(migrations: &[String]) -> sqlx::Result<Shape> {
    let mut database = SqliteConnection::connect("sqlite::memory:").await?;
    for migration in migrations {
        sqlx::raw_sql(AssertSqlSafe(migration.clone())).execute(&mut database).await?;
    }
    let mut shape = Shape::default();
    let tables: Vec<(String, String)> = sqlx::query_as(
        "select name, type from pragma_table_list where schema = 'main' and type in ('table', 'virtual') and name not like 'sqlite_%'",
    )
    .fetch_all(&mut database)
    .await?;
    for (table, kind) in tables {
        shape.add(&table, "table".into());
        if kind == "virtual" {
            shape.add(&table, WORD_INDEX.into());
        }
        let columns: Vec<(String, String, bool, i64)> = sqlx::query_as(
            "select name, type, \"notnull\", pk from pragma_table_xinfo($1) where hidden = 0 order by cid",
        )
        .bind(&table)
        .fetch_all(&mut database)
        .await?;
        let mut key: Vec<(i64, String)> = Vec::new();
        for (column, declared, not_null, place) in columns {
            shape.add(&table, format!("column {column}"));
            if kind == "table" {
                shape.add(&table, format!("column {column} {}", kind_of_value(&declared)));
                shape.add(&table, format!("column {column} {}", if not_null { "not null" } else { "null" }));
            }
            if place > 0 {
                key.push((place, column));
            }
        }
        key.sort();
        if !key.is_empty() {
            shape.add(&table, format!("unique ({})", listed(key.iter().map(|(_, column)| column))));
        }
        let indexes: Vec<(String, bool)> =
            sqlx::query_as("select name, partial from pragma_index_list($1) where \"unique\" = 1 and origin <> 'pk'")
                .bind(&table)
                .fetch_all(&mut database)
                .await?;
        for (index, partial) in indexes {
            let columns: Vec<(String,)> =
                sqlx::query_as("select coalesce(name, '(expression)') from pragma_index_info($1) order by seqno")
                    .bind(&index)
                    .fetch_all(&mut database)
                    .await?;
            shape.add(&table, unique(columns.iter().map(|(column,)| column), partial));
        }
        let references: Vec<(i64, String, String, Option<String>, String)> = sqlx::query_as(
            "select id, \"table\", \"from\", \"to\", on_delete from pragma_foreign_key_list($1) order by id, seq",
        )
        .bind(&table)
        .fetch_all(&mut database)
        .await?;
        for reference in references.chunk_by(|one, other| one.0 == other.0) {
            let from = listed(reference.iter().map(|part| &part.2));
            let to = listed(reference.iter().filter_map(|part| part.3.as_ref()));
            shape.add(
                &table,
                format!("reference ({from}) -> {} ({to}) {}", reference[0].1, reference[0].4.to_lowercase()),
            );
        }
    }
    Ok(shape)
}

async fn postgres_shape(purpose: &str, migrations: &[String]) -> sqlx::Result<Shape> {
    let cluster = cluster();
    let mut server = PgConnection::connect(&cluster).await?;
    let name = format!("shape_{purpose}_{}", std::process::id());
    sqlx::raw_sql(AssertSqlSafe(format!("create database {name}"))).execute(&mut server).await?;
    let (address, _) = cluster.rsplit_once('/').expect("an address and a name");
    let mut database = PgConnection::connect(&format!("{address}/{name}")).await?;
    let shape = postgres_facts(&mut database, migrations).await;
    database.close().await?;
    sqlx::raw_sql(AssertSqlSafe(format!("drop database {name}"))).execute(&mut server).await?;
    shape
}

async fn postgres_facts(database: &mut PgConnection, migrations: &[String]) -> sqlx::Result<Shape> {
    for migration in migrations {
        sqlx::raw_sql(AssertSqlSafe(migration.clone())).execute(&mut *database).await?;
    }
    let mut shape = Shape::default();
    let columns: Vec<(String, String, String, bool)> = sqlx::query_as(
        "select c.relname::text, a.attname::text, format_type(a.atttypid, null), a.attnotnull
         from pg_attribute a join pg_class c on c.oid = a.attrelid
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped",
    )
    .fetch_all(&mut *database)
    .await?;
    for (table, column, declared, not_null) in columns {
        shape.add(&table, "table".into());
        if declared != "tsvector" {
            shape.add(&table, format!("column {column}"));
            shape.add(&table, format!("column {column} {}", kind_of_value(&declared)));
            shape.add(&table, format!("column {column} {}", if not_null { "not null" } else { "null" }));
        }
    }
    let indexes: Vec<(String, Vec<String>, bool)> = sqlx::query_as(
        "select t.relname::text,
            array(select coalesce(a.attname::text, '(expression)')
                  from unnest(i.indkey::int2[]) with ordinality k (num, place)
                  left join pg_attribute a on a.attrelid = t.oid and a.attnum = k.num and k.num > 0
                  order by k.place),
            i.indpred is not null
         from pg_index i join pg_class t on t.oid = i.indrelid
         where i.indisunique and t.relnamespace = 'public'::regnamespace",
    )
    .fetch_all(&mut *database)
    .await?;
    for (table, columns, partial) in indexes {
        shape.add(&table, unique(columns.iter(), partial));
    }
    let references: Vec<Reference> = sqlx::query_as(
        "select t.relname::text,
            array(select a.attname::text from unnest(c.conkey) with ordinality k (num, place)
                  join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.num order by k.place),
            r.relname::text,
            array(select a.attname::text from unnest(c.confkey) with ordinality k (num, place)
                  join pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.num order by k.place),
            case c.confdeltype when 'a' then 'no action' when 'r' then 'restrict' when 'c' then 'cascade'
                when 'n' then 'set null' else 'set default' end
         from pg_constraint c join pg_class t on t.oid = c.conrelid join pg_class r on r.oid = c.confrelid
         where c.contype = 'f' and t.relnamespace = 'public'::regnamespace",
    )
    .fetch_all(&mut *database)
    .await?;
    for (table, from, referenced, to, on_delete) in references {
        let (from, to) = (listed(from.iter()), listed(to.iter()));
        shape.add(&table, format!("reference ({from}) -> {referenced} ({to}) {on_delete}"));
    }
    Ok(shape)
}

/// Table, columns, table referred to, its columns, what a deletion does.
type Reference = (String, Vec<String>, String, Vec<String>, String);

/// The kinds that survive both engines.
fn kind_of_value(declared: &str) -> &'static str {
    match declared.to_lowercase().as_str() {
        "text" | "json" | "jsonb" | "uuid" | "character varying" => "text",
        "bigint" | "integer" | "int" => "number",
        "boolean" => "boolean",
        "blob" | "bytea" => "bytes",
        "real" | "double precision" => "real",
        _ => "unknown kind of value",
    }
}

fn unique<'a>(columns: impl Iterator<Item = &'a String>, partial: bool) -> String {
    format!("unique ({}){}", listed(columns), if partial { " where" } else { "" })
}

fn listed<'a>(words: impl Iterator<Item = &'a String>) -> String {
    words.map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// The tests' own PostgreSQL; `scripts/postgres` starts it unless the whole run has one.
fn cluster() -> String {
    let started = Command::new(root().join("scripts/postgres")).arg("start").output().expect("scripts/postgres runs");
    assert!(started.status.success(), "{}", String::from_utf8_lossy(&started.stderr));
    String::from_utf8_lossy(&started.stdout).trim().to_owned()
}

#[tokio::test]
async fn a_column_a_key_and_a_reference_that_differ_are_found() {
    let sqlite = "create table a (id text not null primary key, n bigint, x text not null, unique (n));
        create table b (id text not null primary key, a text references a (id) on delete cascade);
        create virtual table words using fts5 (a_id unindexed, word);";
    let postgres = "create table a (id text not null primary key, n text, x text, unique (n, x));
        create table b (id text not null primary key, a text references a (id), more text);
        create table words (a_id text not null primary key, word text not null, t tsvector);
        create table c (id text)";
    let sqlite = sqlite_shape(&[sqlite.to_owned()]).await.expect("SQLite takes it");
    let postgres = postgres_shape("self_check", &[postgres.to_owned()]).await.expect("PostgreSQL takes it");
    complains(&complaints(&sqlite, &sqlite), &[]);
    complains(
        &complaints(&sqlite, &postgres),
        &[
            "a: only on SQLite: column n number",
            "a: only on SQLite: column x not null",
            "a: only on SQLite: unique (n)",
            "a: only on PostgreSQL: column n text",
            "a: only on PostgreSQL: column x null",
            "a: only on PostgreSQL: unique (n, x)",
            "b: only on SQLite: reference (a) -> a (id) cascade",
            "b: only on PostgreSQL: column more",
            "b: only on PostgreSQL: column more null",
            "b: only on PostgreSQL: column more text",
            "b: only on PostgreSQL: reference (a) -> a (id) no action",
            "c: only on PostgreSQL: column id",
            "c: only on PostgreSQL: column id null",
            "c: only on PostgreSQL: column id text",
            "c: only on PostgreSQL: table",
        ],
    );
}
