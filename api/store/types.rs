//! How ids, instants and words of ours stand in a row, and how errors of the database leave this room.

use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgTypeInfo, PgValueRef};
use sqlx::sqlite::{SqliteArgumentsBuffer, SqliteTypeInfo, SqliteValueRef};
use sqlx::{Decode, Encode, Postgres, Sqlite, Type};

use crate::domain::agent::Position;
use crate::domain::conversation::{AuthorKind, EntryKind, HandoffState, Intent, State, Via};
use crate::domain::domain_name::DomainState;
use crate::domain::ending::Resolution;
use crate::domain::file::FileState;
use crate::domain::id::{Id, Kind};
use crate::domain::keyword::Speaker;
use crate::domain::ladder::{StepOutcome, Whom};
use crate::domain::mail::MailState;
use crate::domain::notification::{Kind as NotificationKind, Reason, Through};
use crate::domain::offline::{OfflineQueryState, OfflineQueryStep};
use crate::domain::people::InvitationState;
use crate::domain::push::PushState;
use crate::domain::routing::Presence;
use crate::domain::sender::{Fallback, Security, SenderState};
use crate::domain::suggestion::{SuggestionKind, SuggestionState};
use crate::domain::tenant::{Closure, OrganizationState};
use crate::domain::time::Time;
use crate::domain::webhook::{DeliveryState, Disabled, Event, Format};
use crate::error::Error;
use crate::policy::Scope;

macro_rules! as_text {
    ([$($generics:tt)*] $name:ty, $to:expr, $from:expr) => {
        impl<$($generics)*> Type<Sqlite> for $name {
            fn type_info() -> SqliteTypeInfo { <String as Type<Sqlite>>::type_info() }
            fn compatible(ty: &SqliteTypeInfo) -> bool { <String as Type<Sqlite>>::compatible(ty) }
        }
        impl<$($generics)*> Type<Postgres> for $name {
            fn type_info() -> PgTypeInfo { <String as Type<Postgres>>::type_info() }
            fn compatible(ty: &PgTypeInfo) -> bool { <String as Type<Postgres>>::compatible(ty) }
        }
        impl<'q, $($generics)*> Encode<'q, Sqlite> for $name {
            fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
                let to: fn(&$name) -> String = $to;
                <String as Encode<'q, Sqlite>>::encode(to(self), buffer)
            }
        }
        impl<'q, $($generics)*> Encode<'q, Postgres> for $name {
            fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
                let to: fn(&$name) -> String = $to;
                <String as Encode<'q, Postgres>>::encode(to(self), buffer)
            }
        }
        impl<'r, $($generics)*> Decode<'r, Sqlite> for $name {
            fn decode(value: SqliteValueRef<'r>) -> Result<Self, BoxDynError> {
                let from: fn(&str) -> Result<$name, BoxDynError> = $from;
                from(<&str as Decode<'r, Sqlite>>::decode(value)?)
            }
        }
        impl<'r, $($generics)*> Decode<'r, Postgres> for $name {
            fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
                let from: fn(&str) -> Result<$name, BoxDynError> = $from;
                from(<&str as Decode<'r, Postgres>>::decode(value)?)
            }
        }
    };
}

as_text!([K: Kind] Id<K>, |id| id.to_string(), |text| Ok(text.parse()?));

macro_rules! words_as_text {
    ($($name:ty)*) => {$(
        as_text!([] $name, |word| word.as_str().to_owned(), |text| {
            <$name>::parse(text).ok_or_else(|| format!("unknown word {text:?}").into())
        });
    )*};
}
words_as_text!(FileState Resolution State HandoffState AuthorKind EntryKind Via Intent Position MailState Security SenderState Fallback DomainState InvitationState OrganizationState Closure SuggestionKind SuggestionState Presence);
words_as_text!(Whom StepOutcome OfflineQueryState OfflineQueryStep);
words_as_text!(NotificationKind Through Reason PushState);
words_as_text!(Event Format DeliveryState Disabled);
words_as_text!(Speaker);

impl Type<Sqlite> for Time {
    fn type_info() -> SqliteTypeInfo {
        <i64 as Type<Sqlite>>::type_info()
    }
    fn compatible(ty: &SqliteTypeInfo) -> bool {
        <i64 as Type<Sqlite>>::compatible(ty)
    }
}
impl Type<Postgres> for Time {
    fn type_info() -> PgTypeInfo {
        <i64 as Type<Postgres>>::type_info()
    }
}
impl<'q> Encode<'q, Sqlite> for Time {
    fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        <i64 as Encode<'q, Sqlite>>::encode(self.micros(), buffer)
    }
}
impl<'q> Encode<'q, Postgres> for Time {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        <i64 as Encode<'q, Postgres>>::encode(self.micros(), buffer)
    }
}
impl<'r> Decode<'r, Sqlite> for Time {
    fn decode(value: SqliteValueRef<'r>) -> Result<Self, BoxDynError> {
        <i64 as Decode<'r, Sqlite>>::decode(value).map(Time::from_micros)
    }
}
impl<'r> Decode<'r, Postgres> for Time {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        <i64 as Decode<'r, Postgres>>::decode(value).map(Time::from_micros)
    }
}

/// Says which column of a row each field of a domain type is read from, on both engines; `=> f` turns the column's value
/// into the field's.
macro_rules! row {
    ($type:ty { $($field:ident: $column:literal $(=> $convert:expr)?),* $(,)? }) => {
        row!(@engine sqlx::sqlite::SqliteRow, $type { $($field: $column $(=> $convert)?,)* });
        row!(@engine sqlx::postgres::PgRow, $type { $($field: $column $(=> $convert)?,)* });
    };
    (@engine $row:ty, $type:ty { $($field:ident: $column:literal $(=> $convert:expr)?,)* }) => {
        impl<'r> sqlx::FromRow<'r, $row> for $type {
            fn from_row(row: &'r $row) -> Result<Self, sqlx::Error> {
                use sqlx::Row;
                Ok(Self { $($field: row!(@value row.try_get($column)? $(, $convert)?),)* })
            }
        }
    };
    (@value $value:expr) => { $value };
    (@value $value:expr, $convert:expr) => { $convert($value) };
}
pub(crate) use row;

/// Turns an error of the database into one of ours: retriable where a retry may succeed.
pub(crate) fn fail(error: sqlx::Error) -> Error {
    const LATER: &str = "The database cannot be reached at the moment. Please try again.";
    match &error {
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed => {
            Error { cause: Some(error.into()), ..Error::unavailable("DATABASE_UNREACHABLE", LATER) }
        }
        sqlx::Error::Database(database) => match database.code().as_deref() {
            // SQLITE_FULL; PostgreSQL disk_full.
            Some("13" | "53100") => Error {
                cause: Some(error.into()),
                ..Error::unavailable("STORAGE_FULL", "The storage is full; nothing was kept.")
            },
            // PostgreSQL classes 08 (connection), 57P (shutdown), 40 (serialisation, deadlock), 53 (resources).
            Some(code) if code.len() == 5 && ["08", "57", "40", "53"].contains(&&code[..2]) => {
                Error { cause: Some(error.into()), ..Error::unavailable("DATABASE_UNREACHABLE", LATER) }
            }
            _ => Error::internal(error),
        },
        _ => Error::internal(error),
    }
}

/// Ids as one JSON text, for `in (select value from json_each($n))`.
pub(crate) fn list<K: Kind>(ids: &[Id<K>]) -> String {
    let quoted: Vec<String> = ids.iter().map(|id| format!("\"{id}\"")).collect();
    format!("[{}]", quoted.join(","))
}

/// Which rows of AI agents are in the scope, as one JSON text of organizations, AI agents, and `organization/AI agent`
/// pairs; none means all of the agency.
pub(crate) fn reach(scope: &Scope) -> Option<String> {
    let rows = scope.rows()?;
    let mut texts: Vec<String> = Vec::new();
    texts.extend(rows.organizations.iter().map(|id| format!("\"{id}\"")));
    texts.extend(rows.ai_agents.iter().map(|id| format!("\"{id}\"")));
    texts.extend(rows.pairs.iter().map(|(organization, ai_agent)| format!("\"{organization}/{ai_agent}\"")));
    Some(format!("[{}]", texts.join(",")))
}
