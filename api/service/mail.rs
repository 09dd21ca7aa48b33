//! Mails: written in the unit of what they tell of, sent by a job.

use super::Services;
use crate::domain::change::Change;
use crate::domain::id::{AgencyId, JobId, MailId, OrganizationId};
use crate::domain::mail::{Letter, MailState};
use crate::error::{Error, Result};
use crate::policy::Scope;
use crate::store::job::{self, Job};
use crate::store::mail::Mail;
use crate::store::{Write, mail};

/// The kind of job that sends a mail.
pub const MAIL_JOB: &str = "mail.send";

/// Writes a mail: it goes out under the agency's brand once the unit is committed, and not at all otherwise.
pub async fn post(
    s: &Services,
    unit: &mut Write,
    agency: AgencyId,
    organization: Option<OrganizationId>,
    recipient: &str,
    letter: &Letter,
) -> Result<MailId> {
    let now = s.clock.now();
    let id: MailId = s.ids.next(now);
    let text = serde_json::to_string(letter).map_err(Error::internal)?;
    let new = Mail {
        id,
        agency,
        organization,
        recipient: recipient.to_owned(),
        kind: letter.kind().to_owned(),
        letter: s.seal.close(&purpose(id), &text)?,
        state: MailState::Queued,
        attempts: 0,
        trouble: None,
        created_at: now,
        settled_at: None,
    };
    mail::insert(unit, &new).await?;
    let job_id: JobId = s.ids.next(now);
    let job = Job {
        id: job_id,
        agency,
        kind: MAIL_JOB.to_owned(),
        subject: id.to_string(),
        payload: String::new(),
        attempts: 0,
        fence: 0,
    };
    job::add(unit, &job, now).await?;
    unit.note(Change::Job);
    Ok(id)
}

fn purpose(id: MailId) -> String {
    format!("mails.letter {id}")
}

/// What a mail says.
fn opened(s: &Services, mail: &Mail) -> Result<Letter> {
    let text = s.seal.open(&purpose(mail.id), &mail.letter)?;
    serde_json::from_str(&text).map_err(Error::internal)
}

/// The mail of a job, and what it says; none when it is gone.
pub async fn of_job(s: &Services, job: &Job) -> Result<Option<(Mail, Letter)>> {
    let id: MailId = job.subject.parse().map_err(Error::internal)?;
    let scope = Scope::system(job.agency, "sending a mail");
    let found = mail::mail(&mut s.store.read().await?, &scope, id).await?;
    found.map(|mail| opened(s, &mail).map(|letter| (mail, letter))).transpose()
}

/// Says that a mail was sent, and finishes its job.
pub async fn sent(s: &Services, job: &Job, mail: &Mail) -> Result<()> {
    let scope = Scope::system(job.agency, "sending a mail");
    let mut unit = s.store.write().await?;
    if !job::finish(&mut unit, job).await? {
        return Ok(());
    }
    mail::settle(&mut unit, &scope, mail.id, MailState::Sent, job.attempts, None, s.clock.now()).await?;
    unit.commit().await
}

/// The newest mails and what they say: the mailbox of demo mode, and of tests.
pub async fn mailbox(s: &Services, most: usize) -> Result<Vec<(Mail, Letter)>> {
    let mails = mail::newest(&mut s.store.read().await?, most).await?;
    mails.into_iter().map(|mail| opened(s, &mail).map(|letter| (mail, letter))).collect()
}
