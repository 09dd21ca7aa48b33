//! An agency's own sender: set up, proved, tested.

use std::time::Duration;

use serde_json::{Value, json};

use super::{By, Services, agency_of, doer_of, mail, person_of, seal};
use crate::domain::access::{Actor, Place};
use crate::domain::change::Change;
use crate::domain::id::{AgencyId, JobId};
use crate::domain::mail::{Letter, MailState};
use crate::domain::permission::Permission;
use crate::domain::proof::{Found, Question, judge, proves};
use crate::domain::sender::{self as rules, Fallback, ProofKind, Security, Sender, SenderState, is_under};
use crate::domain::text;
use crate::error::{Code, Error, Result};
use crate::policy::Scope;
use crate::store::job::{self, Job};
use crate::store::{Reads, Write, agency, identity, sender};

/// The kind of job that looks at the records of a sender's domain.
pub const CHECK_JOB: &str = "sender.check";

/// Over which time mails are counted that were sent and that came back.
const LATELY: Duration = Duration::from_secs(30 * 24 * 3600);
/// How often the records are looked at again.
const RECHECK: Duration = Duration::from_secs(24 * 3600);
/// How many senders are looked at again at once.
const RECHECK_AT_ONCE: usize = 50;
/// How often somebody may send themselves a test, in [`TEST_WINDOW`].
const TESTS: i64 = 5;
/// See [`TESTS`].
const TEST_WINDOW: Duration = Duration::from_secs(15 * 60);
/// Longest user name or password of a mail server, in characters.
const CREDENTIAL: usize = 500;

/// A sender with what stands around it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// As it is kept; none when there is none.
    pub sender: Option<Sender>,
    /// The agency's name, which mails carry when the sender has none of its own.
    pub brand_name: String,
    /// The platform's neutral address.
    pub neutral_address: String,
    /// Whether its records are being looked at.
    pub checking: bool,
    /// The last test.
    pub last_test: Option<mail::Mail>,
    /// How many mails of the last thirty days a mail server has taken.
    pub sent_lately: i64,
    /// How many came back.
    pub bounced_lately: i64,
}

/// What a change of a sender says; what is none stays as it is, and empty text clears.
#[derive(Debug, Clone, Default)]
pub struct SenderChange {
    /// The name in front of the address.
    pub from_name: Option<String>,
    /// The address.
    pub from_address: Option<String>,
    /// Where answers go.
    pub reply_to: Option<String>,
    /// The mail server.
    pub host: Option<String>,
    /// Its port.
    pub port: Option<i64>,
    /// How the connection is made safe.
    pub security: Option<Security>,
    /// Who signs in.
    pub username: Option<String>,
    /// With what.
    pub password: Option<String>,
    /// What happens while it is not proved.
    pub fallback: Option<Fallback>,
}

/// For what the password of an agency's sender is sealed.
pub(super) fn purpose(agency: AgencyId) -> String {
    format!("senders.password {agency}")
}

/// The scope of whoever may manage the sender of their agency.
pub(super) fn allowed(s: &Services, actor: &Actor) -> Result<Scope> {
    let place = Place::agency(agency_of(actor)?);
    s.policy.allow(actor, Permission::SenderManage, &place, "agency")
}

/// The sender of the person's agency.
pub async fn sender(s: &Services, actor: &Actor) -> Result<Shown> {
    let scope = allowed(s, actor)?;
    shown(s, &mut s.store.read().await?, &scope).await
}

async fn shown(s: &Services, read: &mut impl Reads, scope: &Scope) -> Result<Shown> {
    // Asked first: a check that ends in between is then seen as still going on, and never as one that found nothing.
    let checking = job::is_open(read, CHECK_JOB, &scope.agency().to_string()).await?;
    let agency = agency::agency(read, scope.agency()).await?.ok_or_else(|| Error::not_found("agency"))?;
    let states = crate::store::mail::states_since(read, scope, s.clock.now().minus(LATELY)).await?;
    let lately = |wanted| states.iter().find(|(state, _)| *state == wanted).map_or(0, |(_, count)| *count);
    Ok(Shown {
        sender: sender::sender(read, scope).await?,
        brand_name: agency.brand.name,
        neutral_address: s.addresses.mail_from.clone(),
        checking,
        last_test: crate::store::mail::newest_of(read, scope, "sender_test").await?,
        sent_lately: lately(MailState::Sent),
        bounced_lately: lately(MailState::Bounced),
    })
}

fn changed_meanwhile() -> Error {
    Error::conflict("CHANGED_MEANWHILE", "Somebody else has changed the sender meanwhile. Look at it again.")
}

fn empty(field: &'static str) -> Error {
    Error::invalid(field, "EMPTY", "This cannot be empty.")
}

/// Nothing of a user name or password may end a line of the conversation with the server.
fn credential(field: &'static str, given: &str) -> Result<String> {
    if given.chars().count() > CREDENTIAL || given.chars().any(char::is_control) {
        return Err(Error::invalid(field, "NOT_A_CREDENTIAL", "This cannot be used to sign in at a mail server."));
    }
    Ok(given.to_owned())
}

/// What the sender is after a change. `before` is none for a new one.
fn changed(s: &Services, scope: &Scope, before: Option<&Sender>, change: &SenderChange) -> Result<Sender> {
    let agency = scope.agency();
    let mut after = before.cloned().unwrap_or_else(|| Sender {
        agency,
        version: 0,
        from_name: String::new(),
        from_address: String::new(),
        reply_to: None,
        host: String::new(),
        port: 587,
        security: Security::StartTls,
        username: String::new(),
        password: None,
        fallback: Fallback::Neutral,
        state: SenderState::Unproved,
        proof: seal::secret(&s.ids),
        proofs: Vec::new(),
        trouble: None,
        checked_at: None,
    });
    if let Some(name) = &change.from_name {
        after.from_name = text::optional_line("fromName", Some(name), 100)?.unwrap_or_default();
    }
    if let Some(address) = &change.from_address {
        after.from_address = text::email("fromAddress", address)?;
    }
    if let Some(address) = &change.reply_to {
        let given = !address.trim().is_empty();
        after.reply_to = given.then(|| text::email("replyTo", address)).transpose()?;
    }
    if let Some(host) = &change.host {
        after.host = rules::host("host", host)?;
    }
    if let Some(port) = change.port {
        after.port = i64::from(rules::port("port", port)?);
    }
    after.security = change.security.unwrap_or(after.security);
    after.fallback = change.fallback.unwrap_or(after.fallback);
    if let Some(username) = &change.username {
        after.username = credential("username", username.trim())?;
    }
    if let Some(password) = &change.password {
        let password = credential("password", password)?;
        after.password = (!password.is_empty()).then(|| s.seal.close(&purpose(agency), &password)).transpose()?;
    }
    if after.from_address.is_empty() {
        return Err(empty("fromAddress"));
    }
    if after.host.is_empty() {
        return Err(empty("host"));
    }
    let (host, port) = (before.map(|before| before.host.as_str()), before.map(|before| before.port));
    let elsewhere = host != Some(after.host.as_str()) || port != Some(after.port);
    if elsewhere && change.password.is_none() && after.password.is_some() {
        // Whoever may name another server is not thereby shown the password of this one.
        return Err(Error::invalid("password", "PASSWORD_NEEDED", "The server has changed: type the password again."));
    }
    let other_domain = before.is_none_or(|before| before.from_domain() != after.from_domain());
    let other_address = before.is_none_or(|before| before.from_address != after.from_address);
    if other_domain {
        after.proof = seal::secret(&s.ids);
    }
    if other_address || elsewhere {
        after.state = SenderState::Unproved;
        after.proofs = Vec::new();
        after.checked_at = None;
    }
    if other_address || elsewhere || change.username.is_some() || change.password.is_some() {
        after.trouble = None;
    }
    after.version += 1;
    Ok(after)
}

/// What the audit log keeps of a sender: all but the password.
fn audited(sender: &Sender) -> Value {
    json!({
        "fromName": sender.from_name, "fromAddress": sender.from_address, "replyTo": sender.reply_to,
        "host": sender.host, "port": sender.port, "security": sender.security.as_str(),
        "username": sender.username, "hasPassword": sender.password.is_some(), "fallback": sender.fallback.as_str(),
    })
}

/// Sets up or changes the sender. What matters for its proof begins the proof anew.
pub async fn update(s: &Services, actor: &Actor, version: i64, change: &SenderChange) -> Result<Shown> {
    let user = doer_of(actor)?;
    let scope = allowed(s, actor)?;
    let mut unit = s.store.write().await?;
    let before = sender::sender(&mut unit, &scope).await?;
    if before.as_ref().map_or(0, |before| before.version) != version {
        return Err(changed_meanwhile());
    }
    let after = changed(s, &scope, before.as_ref(), change)?;
    let kept = match &before {
        None => sender::insert(&mut unit, &after).await?,
        Some(before) => sender::update(&mut unit, &after, before.version).await?,
    };
    if !kept {
        return Err(changed_meanwhile());
    }
    if after.state == SenderState::Unproved {
        start_check(s, &mut unit, scope.agency()).await?;
    }
    let detail = json!({
        "before": before.as_ref().map(audited), "after": audited(&after), "newPassword": change.password.is_some(),
    });
    let by = By { actor: &user, organization: None };
    s.note(&mut unit, &scope, &by, "sender.edit", scope.agency(), detail).await?;
    let shown = shown(s, &mut unit, &scope).await?;
    unit.commit().await?;
    Ok(shown)
}

/// Removes the sender: mails go out through the platform's neutral one.
pub async fn remove(s: &Services, actor: &Actor) -> Result<Shown> {
    let user = doer_of(actor)?;
    let scope = allowed(s, actor)?;
    let mut unit = s.store.write().await?;
    if let Some(before) = sender::sender(&mut unit, &scope).await? {
        sender::delete(&mut unit, &scope).await?;
        let by = By { actor: &user, organization: None };
        let detail = json!({ "before": audited(&before) });
        s.note(&mut unit, &scope, &by, "sender.remove", scope.agency(), detail).await?;
    }
    let shown = shown(s, &mut unit, &scope).await?;
    unit.commit().await?;
    Ok(shown)
}

async fn start_check(s: &Services, unit: &mut Write, agency: AgencyId) -> Result<()> {
    let now = s.clock.now();
    let id: JobId = s.ids.next(now);
    let job = Job::new(id, agency, CHECK_JOB, agency);
    job::add(unit, &job, now).await?;
    unit.note(Change::Job);
    Ok(())
}

/// Has the records looked at now.
pub async fn check(s: &Services, actor: &Actor) -> Result<Shown> {
    let user = doer_of(actor)?;
    let scope = allowed(s, actor)?;
    let mut unit = s.store.write().await?;
    let Some(found) = sender::sender(&mut unit, &scope).await? else {
        return Err(Error::conflict("NO_SENDER", "There is no sender to be checked yet."));
    };
    // Whoever presses this has mended it, or hopes so: its own server is asked again.
    sender::set_trouble(&mut unit, &scope, found.version, None).await?;
    start_check(s, &mut unit, scope.agency()).await?;
    let by = By { actor: &user, organization: None };
    s.note(&mut unit, &scope, &by, "sender.check", scope.agency(), json!({})).await?;
    let shown = shown(s, &mut unit, &scope).await?;
    unit.commit().await?;
    Ok(shown)
}

/// Sends whoever asks a test: through the agency's own server if one is set up, proved or not, and to nobody else.
pub async fn send_test(s: &Services, actor: &Actor) -> Result<Shown> {
    let person = person_of(actor)?.clone();
    let scope = allowed(s, actor)?;
    let mut unit = s.store.write().await?;
    let user = identity::users_of(&mut unit, &scope, &[person.user]).await?.pop();
    let user = user.ok_or_else(|| Error::not_found("user"))?;
    let since = s.clock.now().minus(TEST_WINDOW);
    if crate::store::mail::count_since(&mut unit, &scope, "sender_test", &user.email, since).await? >= TESTS {
        return Err(Error::new(
            Code::RateLimited,
            "TOO_MANY_TESTS",
            "That were many tests in a short time. Wait a quarter of an hour, please.",
        ));
    }
    let letter = Letter::SenderTest { by: person.name.clone() };
    let id = mail::post(s, &mut unit, scope.agency(), None, &user.email, &letter).await?;
    let by = By { actor: &person.user.to_string(), organization: None };
    s.note(&mut unit, &scope, &by, "sender.test", id, json!({})).await?;
    let shown = shown(s, &mut unit, &scope).await?;
    unit.commit().await?;
    Ok(shown)
}

/// What a check asks the DNS, and of which version of the sender.
pub struct Check {
    /// What is to be proved.
    pub question: Question,
    sender: Sender,
}

/// What the check of a job asks; none when there is no sender any more.
pub async fn of_job(s: &Services, job: &Job) -> Result<Option<Check>> {
    let scope = Scope::system(job.agency, "checking a sender");
    let mut read = s.store.read().await?;
    let Some(sender) = sender::sender(&mut read, &scope).await? else { return Ok(None) };
    let domain = sender.from_domain();
    let own = owned(&mut read, &scope, &domain).await?;
    let question = Question { domain, value: sender.proof.clone(), host: sender.host.clone(), own };
    Ok(Some(Check { question, sender }))
}

/// The agency's own domain that a domain is, or lies under. The one place that says which domains count.
async fn owned(read: &mut impl Reads, scope: &Scope, domain: &str) -> Result<Option<String>> {
    Ok(sender::hosts(read, scope).await?.into_iter().find(|host| is_under(domain, host)))
}

/// Finishes the job of a check that nobody answered: nothing is known, and all stays as it was.
pub async fn unanswered(s: &Services, job: &Job, check: &Check) -> Result<()> {
    let scope = Scope::system(job.agency, "checking a sender");
    let mut unit = s.store.write().await?;
    if job::finish(&mut unit, job).await? {
        sender::set_checked(&mut unit, &scope, check.sender.version, s.clock.now()).await?;
    }
    unit.commit().await
}

/// Keeps what a check found, and finishes its job.
pub async fn checked(s: &Services, job: &Job, check: &Check, found: &Found) -> Result<()> {
    let scope = Scope::system(job.agency, "checking a sender");
    let sender = &check.sender;
    let proofs = judge(&check.question, found);
    let state = match (proves(&proofs), sender.state) {
        (true, _) => SenderState::Proved,
        (false, SenderState::Unproved | SenderState::None) => SenderState::Unproved,
        (false, SenderState::Proved | SenderState::Failing) => SenderState::Failing,
    };
    let now = s.clock.now();
    let mut unit = s.store.write().await?;
    if !job::finish(&mut unit, job).await? {
        return Ok(());
    }
    let kept = sender::set_proofs(&mut unit, &scope, sender.version, state, &proofs, now).await?;
    if kept && state != sender.state {
        let agency = job.agency.to_string();
        let by = By { actor: &agency, organization: None };
        let detail = json!({ "before": sender.state.as_str(), "after": state.as_str() });
        s.note(&mut unit, &scope, &by, "sender.proof", job.agency, detail).await?;
    }
    if !kept {
        // It was changed while the name servers were asked: what they said was about another one.
        start_check(s, &mut unit, job.agency).await?;
    }
    unit.commit().await
}

/// Has senders looked at again whose last check is a day old.
pub async fn recheck(s: &Services) -> Result<()> {
    let before = s.clock.now().minus(RECHECK);
    let stale = sender::stale(&mut s.store.read().await?, before, RECHECK_AT_ONCE).await?;
    if stale.is_empty() {
        return Ok(());
    }
    let mut unit = s.store.write().await?;
    for agency in stale {
        start_check(s, &mut unit, agency).await?;
    }
    unit.commit().await
}

/// Why the sender does not work, in a sentence, if it does not.
pub fn problem(sender: &Sender) -> Option<String> {
    match sender.state() {
        SenderState::Failing if sender.trouble.is_some() => sender.trouble.clone(),
        SenderState::Failing | SenderState::Unproved => sender
            .proofs
            .iter()
            .filter(|proof| matches!(proof.kind, ProofKind::Ownership | ProofKind::Spf))
            .find(|proof| match proof.kind {
                ProofKind::Ownership => proof.state != rules::ProofState::Ok,
                _ => proof.state == rules::ProofState::Wrong,
            })
            .map(|proof| proof.explanation.clone()),
        SenderState::None | SenderState::Proved => None,
    }
}
