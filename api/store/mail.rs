//! Mails: what was written to whom, and what has become of it.

use super::{ROWS, Reads, Write, fail, on, row, rows};
use crate::domain::id::{AgencyId, MailId, OrganizationId};
use crate::domain::mail::MailState;
use crate::domain::page::{Page, Rows};
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
    /// What it is about, in the words of its subject; empty in mails of the first release.
    pub subject: String,
    /// The letter, sealed; empty once a mail server has taken it.
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

impl Mail {
    /// Whether it can be sent again: it did not arrive, and what it says is kept.
    pub fn can_resend(&self) -> bool {
        self.state.is_given_up() && !self.letter.is_empty()
    }
}

row!(Mail {
    id: "id",
    agency: "agency_id",
    organization: "organization_id",
    recipient: "recipient",
    kind: "kind",
    subject: "subject",
    letter: "letter",
    state: "state",
    attempts: "attempts",
    trouble: "trouble",
    created_at: "created_at",
    settled_at: "settled_at",
});

/// Keeps new mails.
pub async fn insert(db: &mut Write, mails: &[Mail]) -> Result<()> {
    for chunk in mails.chunks(ROWS) {
        on!(db, c => rows!(
            "insert into mails (id, agency_id, organization_id, recipient, kind, subject, letter, state, attempts, created_at) ",
            chunk, |values, mail| values
                .push_bind(mail.id).push_bind(mail.agency).push_bind(mail.organization).push_bind(&mail.recipient)
                .push_bind(&mail.kind).push_bind(&mail.subject).push_bind(&mail.letter).push_bind(mail.state)
                .push_bind(mail.attempts).push_bind(mail.created_at),
            "").build().execute(&mut *c).await.map(|_| ()))
        .map_err(fail)?;
    }
    Ok(())
}

/// The mail of that id.
pub async fn mail(db: &mut impl Reads, scope: &Scope, id: MailId) -> Result<Option<Mail>> {
    on!(db, c => sqlx::query_as(
        "select id, agency_id, organization_id, recipient, kind, subject, letter, state, attempts, trouble, created_at, settled_at \
         from mails where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(id).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// Says what has become of a mail that waits. What is settled stays so, whoever comes late.
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
        "update mails set state = $3, attempts = $4, trouble = $5, settled_at = $6 \
         where agency_id = $1 and id = $2 and state = $7")
        .bind(scope.agency()).bind(id).bind(state).bind(attempts).bind(trouble).bind(settled_at).bind(MailState::Queued)
        .execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Notes that a mail came back which a mail server had taken. Says whether it was such a mail: the first report counts.
pub async fn came_back(db: &mut Write, scope: &Scope, id: MailId, trouble: &str, now: Time) -> Result<bool> {
    on!(db, c => sqlx::query(
        "update mails set state = $3, trouble = $4, settled_at = $5 where agency_id = $1 and id = $2 and state = $6")
        .bind(scope.agency()).bind(id).bind(MailState::Bounced).bind(trouble).bind(now).bind(MailState::Sent)
        .execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Forgets what a mail said: whoever it was for has it.
pub async fn forget_letter(db: &mut Write, scope: &Scope, id: MailId) -> Result<()> {
    on!(db, c => sqlx::query("update mails set letter = '' where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(id).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Puts a mail that nobody tries any more back into the queue. Says whether it was such a mail.
pub async fn requeue(db: &mut Write, scope: &Scope, id: MailId) -> Result<bool> {
    on!(db, c => sqlx::query(
        "update mails set state = $3, attempts = 0, trouble = null, settled_at = null \
         where agency_id = $1 and id = $2 and state in ($4, $5, $6) and letter <> ''")
        .bind(scope.agency()).bind(id).bind(MailState::Queued).bind(MailState::Failed).bind(MailState::Refused)
        .bind(MailState::Bounced).execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Mails of the agency, newest first; those in one state, or all.
pub async fn mails(
    db: &mut impl Reads,
    scope: &Scope,
    state: Option<MailState>,
    page: &Page<MailId>,
) -> Result<Rows<Mail>> {
    let rows = on!(db, c => sqlx::query_as(
        "select id, agency_id, organization_id, recipient, kind, subject, letter, state, attempts, trouble, created_at, \
         settled_at from mails where agency_id = $1 and ($2 is null or state = $2) and ($3 is null or id < $3) \
         order by id desc limit $4")
        .bind(scope.agency()).bind(state).bind(page.after).bind(page.first as i64 + 1).fetch_all(&mut *c).await)
    .map_err(fail)?;
    Ok(Rows::cut(rows, page.first))
}

/// The agency's newest mail of a kind.
pub async fn newest_of(db: &mut impl Reads, scope: &Scope, kind: &str) -> Result<Option<Mail>> {
    on!(db, c => sqlx::query_as(
        "select id, agency_id, organization_id, recipient, kind, subject, letter, state, attempts, trouble, created_at, \
         settled_at from mails where agency_id = $1 and kind = $2 order by id desc limit 1")
        .bind(scope.agency()).bind(kind).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// How many mails of a kind somebody was written since then.
pub async fn count_since(db: &mut impl Reads, scope: &Scope, kind: &str, recipient: &str, since: Time) -> Result<i64> {
    on!(db, c => sqlx::query_scalar(
        "select count(*) from mails where agency_id = $1 and kind = $2 and recipient = $3 and created_at > $4")
        .bind(scope.agency()).bind(kind).bind(recipient).bind(since).fetch_one(&mut *c).await)
    .map_err(fail)
}

/// How many of the agency's mails that were written since then are in each state.
pub async fn states_since(db: &mut impl Reads, scope: &Scope, since: Time) -> Result<Vec<(MailState, i64)>> {
    on!(db, c => sqlx::query_as(
        "select state, count(*) from mails where agency_id = $1 and id >= $2 group by state")
        .bind(scope.agency()).bind(MailId::first_at(since)).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// The newest mails of all agencies: for the mailbox of demo mode, which stands in for everybody's.
pub async fn newest(db: &mut impl Reads, most: usize) -> Result<Vec<Mail>> {
    on!(db, c => sqlx::query_as(
        "select id, agency_id, organization_id, recipient, kind, subject, letter, state, attempts, trouble, created_at, settled_at \
         from mails order by created_at desc, id desc limit $1")
        .bind(most as i64).fetch_all(&mut *c).await)
    .map_err(fail)
}
