//! The words that agencies have chosen for their mails.

use super::{Reads, Write, fail, on, row};
use crate::domain::mail_text::MailText;
use crate::domain::time::Time;
use crate::error::Result;
use crate::policy::Scope;

row!(MailText {
    agency: "agency_id",
    kind: "kind",
    language: "language",
    subject: "subject",
    heading: "heading",
    body: "body",
    button: "button",
    after: "after",
    version: "version",
    updated_at: "updated_at",
    trouble: "trouble",
    trouble_at: "trouble_at",
});

/// All that the agency has chosen.
pub async fn all(db: &mut impl Reads, scope: &Scope, language: &str) -> Result<Vec<MailText>> {
    on!(db, c => sqlx::query_as(
        "select agency_id, kind, language, subject, heading, body, button, after, version, updated_at, trouble, \
         trouble_at from mail_texts where agency_id = $1 and language = $2 order by kind")
        .bind(scope.agency()).bind(language).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// What the agency has chosen for one kind of letter.
pub async fn one(db: &mut impl Reads, scope: &Scope, kind: &str, language: &str) -> Result<Option<MailText>> {
    on!(db, c => sqlx::query_as(
        "select agency_id, kind, language, subject, heading, body, button, after, version, updated_at, trouble, \
         trouble_at from mail_texts where agency_id = $1 and kind = $2 and language = $3")
        .bind(scope.agency()).bind(kind).bind(language).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// Keeps words where there were none. Says whether there were none.
pub async fn insert(db: &mut Write, scope: &Scope, text: &MailText) -> Result<bool> {
    on!(db, c => sqlx::query(
        "insert into mail_texts (agency_id, kind, language, subject, heading, body, button, after, version, updated_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (agency_id, kind, language) do nothing")
        .bind(scope.agency()).bind(&text.kind).bind(&text.language).bind(&text.subject).bind(&text.heading)
        .bind(&text.body).bind(&text.button).bind(&text.after).bind(text.version).bind(text.updated_at)
        .execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Replaces words whose version was `before`, and forgets their trouble. Says whether it still was.
pub async fn update(db: &mut Write, scope: &Scope, text: &MailText, before: i64) -> Result<bool> {
    on!(db, c => sqlx::query(
        "update mail_texts set subject = $4, heading = $5, body = $6, button = $7, after = $8, version = $9, \
         updated_at = $10, trouble = null, trouble_at = null \
         where agency_id = $1 and kind = $2 and language = $3 and version = $11")
        .bind(scope.agency()).bind(&text.kind).bind(&text.language).bind(&text.subject).bind(&text.heading)
        .bind(&text.body).bind(&text.button).bind(&text.after).bind(text.version).bind(text.updated_at)
        .bind(before)
        .execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Forgets the agency's words of that version: the original ones are used. Says whether there were any.
pub async fn delete(db: &mut Write, scope: &Scope, kind: &str, language: &str, version: i64) -> Result<bool> {
    on!(db, c => sqlx::query(
        "delete from mail_texts where agency_id = $1 and kind = $2 and language = $3 and version = $4")
        .bind(scope.agency()).bind(kind).bind(language).bind(version)
        .execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Says that words could not be used, unless they were changed meanwhile.
pub async fn set_trouble(db: &mut Write, scope: &Scope, text: &MailText, trouble: &str, now: Time) -> Result<()> {
    on!(db, c => sqlx::query(
        "update mail_texts set trouble = $5, trouble_at = $6 where agency_id = $1 and kind = $2 and language = $3 and version = $4")
        .bind(scope.agency()).bind(&text.kind).bind(&text.language).bind(text.version).bind(trouble).bind(now)
        .execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}
