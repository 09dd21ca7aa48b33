//! The keys with which clients' sites sign for their visitors.

use super::{Reads, Write, fail, on, row};
use crate::domain::id::WidgetId;
use crate::domain::time::Time;
use crate::error::Result;
use crate::policy::Scope;

/// One key, sealed.
#[derive(Debug, Clone)]
pub struct Secret {
    /// Which of the widget's: each has the next number.
    pub number: i64,
    /// The key, sealed.
    pub sealed: String,
    /// Its last characters, by which people tell it from others.
    pub hint: String,
    /// When it was made.
    pub created_at: Time,
    /// From when on it signs for nobody.
    pub retires_at: Option<Time>,
}

row!(Secret { number: "number", sealed: "sealed", hint: "hint", created_at: "created_at", retires_at: "retires_at" });

/// The keys of a widget that sign at that instant, the newest first.
pub async fn secrets(db: &mut impl Reads, scope: &Scope, widget: WidgetId, now: Time) -> Result<Vec<Secret>> {
    on!(db, c => sqlx::query_as(
        "select number, sealed, hint, created_at, retires_at from widget_secrets \
         where agency_id = $1 and widget_id = $2 and (retires_at is null or retires_at > $3) order by number desc")
        .bind(scope.agency()).bind(widget).bind(now).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// The number that the next key of a widget has.
pub async fn next_number(db: &mut impl Reads, scope: &Scope, widget: WidgetId) -> Result<i64> {
    on!(db, c => sqlx::query_scalar(
        "select coalesce(max(number), 0) + 1 from widget_secrets where agency_id = $1 and widget_id = $2")
        .bind(scope.agency()).bind(widget).fetch_one(&mut *c).await)
    .map_err(fail)
}

/// Keeps a key. Not, when somebody made one of that number first.
pub async fn insert(db: &mut Write, scope: &Scope, widget: WidgetId, secret: &Secret) -> Result<bool> {
    on!(db, c => sqlx::query(
        "insert into widget_secrets (agency_id, widget_id, number, sealed, hint, created_at, retires_at) \
         values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing")
        .bind(scope.agency()).bind(widget).bind(secret.number).bind(&secret.sealed).bind(&secret.hint)
        .bind(secret.created_at).bind(secret.retires_at).execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Lets the keys before a number end at an instant, unless they end earlier.
pub async fn retire(db: &mut Write, scope: &Scope, widget: WidgetId, before: i64, at: Time) -> Result<()> {
    on!(db, c => sqlx::query(
        "update widget_secrets set retires_at = $4 where agency_id = $1 and widget_id = $2 and number < $3 \
         and (retires_at is null or retires_at > $4)")
        .bind(scope.agency()).bind(widget).bind(before).bind(at).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}
