//! What is kept: SQLite in one file, or PostgreSQL, behind one text of SQL.
//!
//! This room may know the domain and hold a [`Scope`](crate::policy::Scope); sqlx lives here and nowhere else. The bytes of
//! files lie beside the database, in [`blob`].
//! Its invariant: tenant data is read and written under a `Scope` alone, a unit that is not committed leaves nothing
//! behind, and nobody hears of a change before its commit.
//! Begin with [`Store`], then [`unit`](self::unit) for the two verbs, then any noun.

mod creation;
mod dialect;
mod engine;
mod hearing;
mod sqlite;
mod types;
mod unit;

pub mod access;
pub mod agency;
pub mod agent;
pub mod audit;
pub mod blob;
pub mod block;
pub mod brand;
pub mod canned;
pub mod conversation;
pub mod coverage;
pub mod digest;
pub mod domain;
pub mod ending;
pub mod file;
pub mod handoff;
pub mod hours;
pub mod identity;
pub mod image;
pub mod job;
pub mod key;
pub mod keyword;
pub mod knowledge;
pub mod ladder;
pub mod locate;
pub mod mail;
pub mod mail_text;
pub mod message;
pub mod note;
pub mod notification;
pub mod offline;
pub mod organization;
pub mod people;
pub mod presence;
pub mod push;
pub mod rehearsal;
pub mod role;
pub mod routing;
pub mod secret;
pub mod sender;
pub mod setting;
pub mod suggestion;
pub mod tag;
pub mod token;
pub mod viewing;
pub mod visitor;
pub mod webhook;

pub use creation::{Creation, create_once};
pub use engine::{Announce, Location, Store, guarded};
pub use unit::{Read, Reads, Write};

#[doc(hidden)]
pub use engine::Db;
pub(crate) use types::{fail, row};

/// Runs an expression over whichever connection it is: once per driver, with the same text of SQL.
macro_rules! on {
    ($unit:expr, $connection:ident => $body:expr) => {
        match $crate::store::Reads::db($unit).await? {
            $crate::store::Db::Sqlite($connection) => $body,
            $crate::store::Db::Postgres($connection) => $body,
        }
    };
}
pub(crate) use on;

/// How many rows one statement inserts at most: SQLite binds 32,766 values, PostgreSQL 65,535.
const ROWS: usize = 500;

/// A statement that inserts several rows at once, for [`on!`]: its beginning, at most [`ROWS`] rows, what each binds, and its
/// end. One statement for twenty rows costs hardly more than for one: what costs is the way to the database.
macro_rules! rows {
    ($beginning:literal, $rows:expr, |$values:ident, $row:ident| $bind:expr, $end:literal) => {{
        let mut text = sqlx::QueryBuilder::new($beginning);
        text.push_values($rows, |mut $values, $row| {
            $bind;
        });
        text.push($end);
        text
    }};
}
pub(crate) use rows;
