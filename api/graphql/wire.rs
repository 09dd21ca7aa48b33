//! What both schemas share: directives, scalars, words, pages.

use std::str::FromStr;

use async_graphql::{
    Enum, ID, InputValueError, InputValueResult, Scalar, ScalarType, SimpleObject, TypeDirective, Value,
};

use crate::domain::brand::BrandImageKind;
use crate::domain::id::{Id, Kind};
use crate::domain::page::Page;
use crate::error::{Error, Result};
use crate::service::widget::{Offer, Shown};

/// Who may have a field: whoever holds the permission where the thing stands.
#[TypeDirective(location = "FieldDefinition", location = "Object")]
pub fn requires(permission: String) {}

/// Who may have a field: everybody.
#[TypeDirective(location = "FieldDefinition", location = "Object")]
pub fn public() {}

/// Who may have a field: whoever it belongs to.
#[TypeDirective(location = "FieldDefinition", location = "Object", name = "ownerOnly")]
pub fn owner_only() {}

/// An instant: RFC 3339 in UTC with microseconds, as in "2026-11-20T13:47:33.123456Z".
#[derive(Debug, Clone, Copy)]
pub struct Time(pub crate::domain::time::Time);

/// An instant: RFC 3339 in UTC with microseconds, as in "2026-11-20T13:47:33.123456Z".
#[Scalar(name = "Time")]
impl ScalarType for Time {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else { return Err(InputValueError::expected_type(value)) };
        match text.parse::<jiff::Timestamp>() {
            Ok(at) => Ok(Self(crate::domain::time::Time::from_micros(at.as_microsecond()))),
            Err(_) => Err(InputValueError::custom("an instant is written like 2026-11-20T13:47:33Z")),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

impl From<crate::domain::time::Time> for Time {
    fn from(at: crate::domain::time::Time) -> Self {
        Self(at)
    }
}

/// Parses an id of a kind.
///
/// # Errors
/// INVALID with NOT_AN_ID for a text that names nothing of that kind.
pub fn id<K: Kind>(field: &'static str, text: &ID) -> Result<Id<K>> {
    Id::from_str(text).map_err(|_| {
        Error::invalid(field, "NOT_AN_ID", format!("This is not the id of {} {}.", article(K::NOUN), K::NOUN))
    })
}

fn article(noun: &str) -> &'static str {
    if noun.starts_with(['a', 'e', 'i', 'o', 'u', 'A']) && noun != "user" { "an" } else { "a" }
}

/// Parses an id that may be left out.
pub fn optional_id<K: Kind>(field: &'static str, text: Option<&ID>) -> Result<Option<Id<K>>> {
    text.map(|text| id(field, text)).transpose()
}

/// How many ids a list may name.
const IDS_AT_MOST: usize = 100;

/// Parses a list of ids that may be left out.
///
/// # Errors
/// INVALID with NOT_AN_ID, or with TOO_MANY.
pub fn optional_ids<K: Kind>(field: &'static str, texts: Option<&[ID]>) -> Result<Option<Vec<Id<K>>>> {
    let Some(texts) = texts else { return Ok(None) };
    if texts.len() > IDS_AT_MOST {
        return Err(Error::invalid(field, "TOO_MANY", format!("At most {IDS_AT_MOST} at once.")));
    }
    let mut ids = texts.iter().map(|text| id(field, text)).collect::<Result<Vec<_>>>()?;
    ids.sort_unstable();
    ids.dedup();
    Ok(Some(ids))
}

/// Parses a list of ids whose order counts, and that may be left out. How many it may be says whoever takes it.
///
/// # Errors
/// INVALID with NOT_AN_ID, or with TOO_MANY.
pub fn ids_in_order<K: Kind>(field: &'static str, texts: Option<&[ID]>) -> Result<Vec<Id<K>>> {
    let texts = texts.unwrap_or_default();
    if texts.len() > IDS_AT_MOST {
        return Err(Error::invalid(field, "TOO_MANY", format!("At most {IDS_AT_MOST} at once.")));
    }
    texts.iter().map(|text| id(field, text)).collect()
}

/// Rows on a page when nothing is said.
const FIRST: usize = 50;
/// Rows on a page at most.
const FIRST_AT_MOST: usize = 100;

/// How many rows: 1 to 100, 50 when nothing is said.
pub fn count(field: &'static str, asked: Option<i32>) -> Result<usize> {
    match asked.map(usize::try_from) {
        None => Ok(FIRST),
        Some(Ok(count @ 1..=FIRST_AT_MOST)) => Ok(count),
        Some(_) => Err(Error::invalid(field, "OUT_OF_RANGE", format!("Choose a number from 1 to {FIRST_AT_MOST}."))),
    }
}

fn not_a_cursor() -> Error {
    Error::invalid("after", "NOT_A_CURSOR", "This is not a cursor that we gave.")
}

/// A page of things that are ordered by id.
pub fn page_by_id<K: Kind>(first: Option<i32>, after: Option<&str>) -> Result<Page<Id<K>>> {
    let after = after.map(|after| after.parse().map_err(|_| not_a_cursor())).transpose()?;
    Ok(Page { first: count("first", first)?, after })
}

/// A page of things that are ordered by an instant and their id.
pub fn page_by_time<K: Kind>(
    first: Option<i32>,
    after: Option<&str>,
) -> Result<Page<(crate::domain::time::Time, Id<K>)>> {
    let parse = |after: &str| {
        let (at, id) = after.split_once('/')?;
        Some((crate::domain::time::Time::from_micros(at.parse().ok()?), id.parse().ok()?))
    };
    let after = after.map(|after| parse(after).ok_or_else(not_a_cursor)).transpose()?;
    Ok(Page { first: count("first", first)?, after })
}

/// A page of conversations: ordered by an instant and an id, or by a weight before both.
pub fn page_by_weight<K: Kind>(
    first: Option<i32>,
    after: Option<&str>,
) -> Result<Page<(i64, crate::domain::time::Time, Id<K>)>> {
    let parse = |after: &str| {
        let (weight, rest) = match after.split_once('~') {
            Some((weight, rest)) => (weight.parse().ok()?, rest),
            None => (0, after),
        };
        let (at, id) = rest.split_once('/')?;
        Some((weight, crate::domain::time::Time::from_micros(at.parse().ok()?), id.parse().ok()?))
    };
    let after = after.map(|after| parse(after).ok_or_else(not_a_cursor)).transpose()?;
    Ok(Page { first: count("first", first)?, after })
}

/// The cursor of a thing that is ordered by an instant and its id.
pub fn time_cursor<K: Kind>(at: crate::domain::time::Time, id: Id<K>) -> String {
    format!("{}/{id}", at.micros())
}

/// Where a page lies in its list.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = public::apply())]
pub struct PageInfo {
    /// Whether there is more after it.
    pub has_next_page: bool,
    /// Whether there is more before it, as far as that was looked at.
    pub has_previous_page: bool,
    /// The cursor of its first row.
    pub start_cursor: Option<String>,
    /// The cursor of its last row.
    pub end_cursor: Option<String>,
}

/// Defines a connection over a node, after the Relay Cursor Connections specification.
macro_rules! connection {
    ($connection:ident, $edge:ident, $node:ty, $noun:literal, $rule:expr) => {
        #[doc = concat!("A page of ", $noun, ".")]
        #[derive(SimpleObject, Debug, Clone)]
        #[graphql(directive = $rule)]
        pub struct $connection {
            /// The rows of the page.
            pub nodes: Vec<$node>,
            /// The rows of the page, each with its cursor.
            pub edges: Vec<$edge>,
            /// Where the page lies in the list.
            pub page_info: crate::graphql::wire::PageInfo,
        }

        #[doc = concat!("One of a page of ", $noun, ", with its cursor.")]
        #[derive(SimpleObject, Debug, Clone)]
        #[graphql(directive = $rule)]
        pub struct $edge {
            /// Where it stands in the list.
            pub cursor: String,
            /// The row itself.
            pub node: $node,
        }

        impl $connection {
            /// A page of rows with their cursors; whether there are more after and before them.
            pub fn page(rows: Vec<(String, $node)>, next: bool, previous: bool) -> Self {
                let page_info = crate::graphql::wire::PageInfo {
                    has_next_page: next,
                    has_previous_page: previous,
                    start_cursor: rows.first().map(|(cursor, _)| cursor.clone()),
                    end_cursor: rows.last().map(|(cursor, _)| cursor.clone()),
                };
                let nodes = rows.iter().map(|(_, node)| node.clone()).collect();
                let edges = rows.into_iter().map(|(cursor, node)| $edge { cursor, node }).collect();
                Self { nodes, edges, page_info }
            }
        }
    };
}
pub(crate) use connection;

/// A closed set of words of the domain, with the descriptions that the SDL shows.
macro_rules! mirror {
    ($(#[$doc:meta])* $name:ident = $of:path { $($(#[$vdoc:meta])* $variant:ident,)* }) => {
        $(#[$doc])*
        #[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl From<$of> for $name {
            fn from(word: $of) -> Self {
                use $of as Word;
                match word { $(Word::$variant => Self::$variant,)* }
            }
        }

        impl From<$name> for $of {
            fn from(word: $name) -> Self {
                use $of as Word;
                match word { $($name::$variant => Word::$variant,)* }
            }
        }
    };
}
pub(crate) use mirror;

mirror! {
    /// Who owns a conversation now.
    ConversationState = crate::domain::conversation::State {
        /// The AI agent answers.
        Ai,
        /// The visitor is asked for details before a human is called.
        Collecting,
        /// A human is wanted; nobody has accepted yet.
        Requested,
        /// An operator has it; the AI is silent.
        Human,
        /// Nobody came.
        Missed,
        /// Completed; the next word of the visitor begins a new stretch.
        Ended,
    }
}

mirror! {
    /// What became of one request for a human, or of one take-over.
    HandoffState = crate::domain::conversation::HandoffState {
        /// Waiting.
        Requested,
        /// Taken by an operator.
        Accepted,
        /// Marked as complete.
        Completed,
        /// Passed back to the AI.
        Returned,
        /// Nobody came in time.
        Missed,
        /// Withdrawn.
        Cancelled,
    }
}

mirror! {
    /// Who wrote an entry.
    AuthorKind = crate::domain::conversation::AuthorKind {
        /// The visitor.
        Visitor,
        /// The AI agent.
        Ai,
        /// An operator.
        Operator,
        /// Announcements.
        System,
    }
}

mirror! {
    /// What an entry of a conversation is. The text of all but TEXT is an announcement.
    MessageKind = crate::domain::conversation::EntryKind {
        /// Something said.
        Text,
        /// A human was asked for.
        HandoffRequested,
        /// The request was withdrawn.
        HandoffCancelled,
        /// An operator accepted.
        HandoffAccepted,
        /// An operator took over unasked.
        Intervened,
        /// The operator gave it back to the queue.
        Released,
        /// The AI has it again.
        ReturnedToAi,
        /// Marked as complete.
        Completed,
        /// Nobody came.
        Missed,
        /// The chat went to a colleague, or to a team.
        Transferred,
        /// The visitor left a query, because nobody answers now.
        OfflineQuery,
        /// The visitor said how it was.
        Rated,
    }
}

mirror! {
    /// By which way something was said.
    Via = crate::domain::conversation::Via {
        /// In the chat itself.
        Chat,
        /// By mail.
        Email,
    }
}

mirror! {
    /// How a chat with a person was resolved.
    Resolution = crate::domain::ending::Resolution {
        /// The visitor has what they came for.
        Resolved,
        /// And has said so.
        VisitorConfirmed,
        /// The visitor could not be helped.
        NotResolved,
        /// The visitor did not answer any more.
        NoAnswer,
        /// There was nobody to help.
        Spam,
    }
}

mirror! {
    /// What made a handoff.
    Intent = crate::domain::conversation::Intent {
        /// The visitor pressed the button.
        Button,
        /// The visitor's own words asked for a person.
        Words,
        /// The AI decided that it needs one.
        AiDecision,
        /// The AI's answer was not worth much.
        LowConfidence,
        /// The AI failed several times.
        RepeatedFailure,
        /// An operator took over unasked.
        Intervention,
        /// The visitor answered from a resume link.
        Resumed,
    }
}

mirror! {
    /// What speaks for an intervention in a conversation that the AI has alone.
    Signal = crate::domain::signal::Signal {
        /// The visitor asked for a person in words, and got none.
        AskedForPerson,
        /// The visitor's words are unhappy ones.
        Unhappy,
        /// The AI's last answer did not help.
        NotHelped,
        /// The visitor asked the same again.
        Repeated,
        /// An answer took longer than a minute, or is still to come.
        LongWait,
        /// The visitor has written eight messages or more.
        ManyMessages,
    }
}

mirror! {
    /// What a model is asked to write.
    SuggestionKind = crate::domain::suggestion::SuggestionKind {
        /// The next reply.
        Draft,
        /// What it was about so far.
        Summary,
    }
}

mirror! {
    /// How far a suggestion is.
    SuggestionState = crate::domain::suggestion::SuggestionState {
        /// On its way.
        Pending,
        /// There.
        Done,
        /// The model gave none.
        Failed,
        /// There is no model here that could write one.
        NoModel,
    }
}

mirror! {
    /// The corner of the page that the launcher stands in.
    WidgetPosition = crate::domain::agent::Position {
        /// Bottom right.
        BottomRight,
        /// Bottom left.
        BottomLeft,
    }
}

mirror! {
    /// Whether an organization is at work.
    OrganizationState = crate::domain::tenant::OrganizationState {
        /// At work.
        Active,
        /// Its widgets are not available, and its users have nothing there.
        Suspended,
        /// In the bin for thirty days.
        Deleted,
    }
}

mirror! {
    /// By what a list of organizations is ordered.
    OrganizationSort = crate::domain::tenant::OrganizationSort {
        /// By name, from A to Z.
        Name,
        /// The newest first.
        Created,
        /// The one in which something happened last comes first.
        Activity,
    }
}

mirror! {
    /// Why a widget is not available.
    WidgetUnavailable = crate::domain::tenant::Unavailable {
        /// Its AI agent is assigned to no organization.
        AiAgentUnassigned,
        /// Its organization is suspended, or gone.
        OrganizationSuspended,
        /// Nothing of the whole agency is available.
        AgencySuspended,
    }
}

mirror! {
    /// Why the house itself ended a request for a human, or a chat with one.
    HandoffClosure = crate::domain::tenant::Closure {
        /// The organization was suspended.
        OrganizationSuspended,
        /// The organization was deleted.
        OrganizationDeleted,
        /// The AI agent was taken from the organization.
        AiAgentUnassigned,
        /// The AI agent was deleted.
        AiAgentDeleted,
        /// The visitor wanted to be forgotten.
        VisitorForgotten,
    }
}

/// The public configuration of a widget as ready JSON: what each view of a page with it costs.
///
/// What it says of hours is so until the instant that comes with it, and never after.
pub fn widget_config_json(
    shown: &Shown,
    now: crate::domain::time::Time,
) -> (String, Option<crate::domain::time::Time>) {
    let offer = shown.offer(now);
    let json = widget_config(shown, &offer);
    (json, offer.changes_at)
}

fn widget_config(shown: &Shown, offer: &Offer) -> String {
    let way = shown.agent.offer();
    serde_json::json!({
        "widgetId": shown.widget.id.to_string(),
        "title": shown.widget.title,
        "greeting": shown.widget.greeting,
        "accent": shown.accent(),
        "accentText": shown.accent_text(),
        "position": shown.widget.position.as_str(),
        "radius": shown.agency.brand.radius,
        "brand": shown.agency.brand.name,
        "logo": shown.agency.brand.path(BrandImageKind::Round).or_else(|| shown.agency.brand.path(BrandImageKind::Logo)),
        "poweredBy": shown.agency.brand.powered_by().map(|(text, _)| text),
        "poweredByUrl": shown.agency.brand.powered_by().and_then(|(_, url)| url),
        "available": shown.available(),
        "unavailableReason": shown.unavailable.map(crate::domain::tenant::Unavailable::as_str),
        "handoff": {
            "available": offer.available,
            "askContact": shown.agent.ask_contact,
            "buttonAfterMessages": shown.agent.button_after_messages,
            "open": offer.open,
            "opensAt": offer.opens_at.map(|at| at.to_string()),
            "changesAt": offer.changes_at.map(|at| at.to_string()),
            "offlineText": shown.offline_text,
            "offlineForm": shown.offline_form,
            "popup": way.popup,
            "fixedPopup": way.fixed_popup,
            "buttonText": way.button_text,
            "popupText": way.popup_text,
            "waitingText": way.waiting_text,
            "blockInput": way.block_input,
        },
    })
    .to_string()
}
