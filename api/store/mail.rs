//! Mails: what was written to whom, and what has become of it.

use super::{Reads, Write, fail, on, row};
use crate::domain::id::{AgencyId, MailId, OrganizationId};
use crate::domain::mail::MailState;
use crate::domain::time::Time;
use crate::error::Result;
use crate::policy::Scope;

/// One mail.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Its id.
    pub id: MailId,
    /// The agency under whose brand it goes out.
    pub agency: AgencyId,
    /// The organization it is about, if it is about one.
    pub organization: Option<OrganizationId>,
    /// The address.
    pub recipient: String,
    /// The word for the kind of letter.
    pub kind: String,
    /// The letter, sealed.
    pub letter: String,
    /// What has become of it.
    pub state: MailState,
    /// How often it was tried.
    pub attempts: i64,
    /// What was wrong when it was last tried.
    pub trouble: Option<String>,
    /// When it was written.
    pub created_at: Time,
    /// When it was sent, or given up.
    pub settled_at: Option<Time>,
}

row!(Mail {
    id: "id",
    agency: "agency_id",
    organization: "organization_id",
    recipient: "recipient",
    kind: "kind",
    letter: "letter",
    state: "state",
    attempts: "attempts",
    trouble: "trouble",
    created_at: "created_at",
    settled_at: "settled_at",
});

/// Keeps a new mail.
pub async fn insert(db: &mut Write, mail: &Mail) -> Result<()> {
    on!(db, c => sqlx::query(
        "insert into mails (id, agency_id, organization_id, recipient, kind, letter, state, attempts, created_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
        .bind(mail.id).bind(mail.agency).bind(mail.organization).bind(&mail.recipient).bind(&mail.kind)
        .bind(&mail.letter).bind(mail.state).bind(mail.attempts).bind(mail.created_at)
        .execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// The mail of that id.
pub async fn mail(db: &mut impl Reads, scope: &Scope, id: MailId) -> Result<Option<Mail>> {
    on!(db, c => sqlx::query_as(
        "select id, agency_id, organization_id, recipient, kind, letter, state, attempts, trouble, created_at, settled_at \
         from mails where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(id).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// Says what has become of a mail.
pub async fn settle(
    db: &mut Write,
    scope: &Scope,
    id: MailId,
    state: MailState,
    attempts: i64,
    trouble: Option<&str>,
    now: Time,
) -> Result<()> {
    let settled_at = (state != MailState::Queued).then_some(now);
    on!(db, c => sqlx::query(
        "update mails set state = $3, attempts = $4, trouble = $5, settled_at = $6 where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(id).bind(state).bind(attempts).bind(trouble).bind(settled_at)
        .execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// The newest mails of all agencies: for the mailbox of demo mode, which stands in for everybody's.
pub async fn newest(db: &mut impl Reads, most: usize) -> Result<Vec<Mail>> {
    on!(db, c => sqlx::query_as(
        "select id, agency_id, organization_id, recipient, kind, letter, state, attempts, trouble, created_at, settled_at \
         from mails order by created_at desc, id desc limit $1")
        .bind(most as i64).fetch_all(&mut *c).await)
    .map_err(fail)
}
