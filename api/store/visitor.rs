//! Visitors.

use super::{Reads, Write, fail, on, row};
use crate::domain::agent::Visitor;
use crate::domain::id::{VisitorId, WidgetId};
use crate::error::Result;
use crate::policy::Scope;

row!(Visitor {
    id: "id",
    name: "name",
    email: "email",
    phone: "phone",
    page_url: "page_url",
    browser: "browser",
    first_seen_at: "first_seen_at",
    external_id: "external_id",
    attributes: "attributes",
    language: "language",
    time_zone: "time_zone",
    referrer: "referrer",
    blocked_at: "blocked_at",
});

/// Visitors of the scope's agency, of the given ids.
pub async fn visitors_of(db: &mut impl Reads, scope: &Scope, ids: &[VisitorId]) -> Result<Vec<Visitor>> {
    on!(db, c => sqlx::query_as(
        "select id, name, email, phone, page_url, browser, first_seen_at, external_id, attributes, language, time_zone, \
         referrer, blocked_at from visitors \
         where agency_id = $1 and id in (select value from json_each($2))")
        .bind(scope.agency()).bind(super::types::list(ids)).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// Keeps a new visitor.
pub async fn insert(db: &mut Write, scope: &Scope, widget: WidgetId, visitor: &Visitor) -> Result<()> {
    on!(db, c => sqlx::query(
        "insert into visitors (id, agency_id, widget_id, name, email, phone, page_url, browser, search, first_seen_at, \
         external_id, attributes, language, time_zone, referrer) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)")
        .bind(visitor.id).bind(scope.agency()).bind(widget).bind(&visitor.name).bind(&visitor.email).bind(&visitor.phone)
        .bind(&visitor.page_url).bind(&visitor.browser).bind(search_text(visitor)).bind(visitor.first_seen_at)
        .bind(&visitor.external_id).bind(&visitor.attributes).bind(&visitor.language).bind(&visitor.time_zone)
        .bind(&visitor.referrer)
        .execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Keeps the visitor as it is now.
pub async fn update(db: &mut Write, scope: &Scope, visitor: &Visitor) -> Result<()> {
    on!(db, c => sqlx::query(
        "update visitors set name = $3, email = $4, phone = $5, page_url = $6, browser = $7, search = $8, \
         external_id = $9, attributes = $10, language = $11, time_zone = $12, referrer = $13, blocked_at = $14 \
         where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(visitor.id).bind(&visitor.name).bind(&visitor.email).bind(&visitor.phone)
        .bind(&visitor.page_url).bind(&visitor.browser).bind(search_text(visitor))
        .bind(&visitor.external_id).bind(&visitor.attributes).bind(&visitor.language).bind(&visitor.time_zone)
        .bind(&visitor.referrer).bind(visitor.blocked_at)
        .execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

fn search_text(visitor: &Visitor) -> String {
    let parts = [visitor.name.as_deref(), visitor.email.as_deref()];
    crate::domain::text::searchable(&parts.into_iter().flatten().collect::<Vec<_>>().join(" "))
}
