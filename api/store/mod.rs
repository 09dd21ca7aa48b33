//! What is kept: SQLite in one file, or PostgreSQL, behind one text of SQL.
//!
//! This room may know the domain and hold a [`Scope`](crate::policy::Scope); sqlx lives here and nowhere else.
//! Its invariant: tenant data is read and written under a `Scope` alone, a unit that is not committed leaves nothing
//! behind, and nobody hears of a change before its commit.
//! Begin with [`Store`], then [`unit`](self::unit) for the two verbs, then any noun.

mod creation;
mod dialect;
mod engine;
mod sqlite;
mod types;
mod unit;

pub mod access;
pub mod agent;
pub mod agency;
pub mod audit;
pub mod conversation;
pub mod handoff;
pub mod identity;
pub mod job;
pub mod knowledge;
pub mod locate;
pub mod message;
pub mod visitor;

pub use creation::{Creation, create_once};
pub use engine::{Announce, Location, Store};
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

/// A page of a list: at most `first` rows after `after`, which is the place of the last row seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<C> {
    /// How many rows at most.
    pub first: usize,
    /// Where the last page ended.
    pub after: Option<C>,
}

/// Rows of a page, and whether there are more.
#[derive(Debug, Clone)]
pub struct Rows<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Whether another page follows.
    pub more: bool,
}

impl<T> Rows<T> {
    /// Makes a page of rows fetched with one more than was asked for.
    pub(crate) fn cut(mut rows: Vec<T>, first: usize) -> Self {
        let more = rows.len() > first;
        rows.truncate(first);
        Self { rows, more }
    }
}
