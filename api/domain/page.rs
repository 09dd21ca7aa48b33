//! Pages of lists, and what lists are narrowed to.

use super::conversation::{HandoffState, State};
use super::id::{OrganizationId, UserId};
use super::time::Time;

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
    pub fn cut(mut rows: Vec<T>, first: usize) -> Self {
        let more = rows.len() > first;
        rows.truncate(first);
        Self { rows, more }
    }
}

/// What a list of conversations is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct ConversationFilter {
    /// Of one organization.
    pub organization: Option<OrganizationId>,
    /// In one of these states.
    pub states: Option<Vec<State>>,
    /// The visitor wrote after this, and it has not ended.
    pub live_since: Option<Time>,
    /// With these words in the visitor's name, address or last message.
    pub search: Option<String>,
    /// Filed under this tag.
    pub tag: Option<String>,
    /// Only those that the AI has alone and that something speaks for intervening in; the weightiest first.
    pub signals: bool,
    /// Rated with one of these numbers of stars by the visitor.
    pub ratings: Option<Vec<i64>>,
}

/// What a list of handoffs is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct HandoffFilter {
    /// Of one organization.
    pub organization: Option<OrganizationId>,
    /// In one of these states.
    pub states: Option<Vec<HandoffState>>,
    /// Accepted by this user.
    pub accepted_by: Option<UserId>,
}

/// What a list of offline queries is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct OfflineQueryFilter {
    /// Of one organization.
    pub organization: Option<OrganizationId>,
    /// In one of these states.
    pub states: Option<Vec<super::offline::OfflineQueryState>>,
}
