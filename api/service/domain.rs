//! Domains: claimed by an agency, proven in the DNS, served while the proof stands, and kept from others for a while after.
//!
//! Whoever proves a host first holds it. A claim alone serves nothing, blocks nobody and gets no certificate. A host that
//! was proven and has lost its records is served for three more days, fails for thirty, and counts as released then; for
//! thirty days after a release nobody but the agency that had it can take it.

use std::time::Duration;

use serde_json::json;

use super::{By, Services, agency_of, doer_of};
use crate::domain::access::{Actor, Place};
use crate::domain::change::Change;
use crate::domain::domain_name::{
    DomainState, Found, QUARANTINE, Standing, Wanted, host_name, proof_name, readable, related,
};
use crate::domain::id::{AgencyId, DomainId, JobId};
use crate::domain::permission::Permission;
use crate::domain::text;
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::policy::Scope;
use crate::store::job::{self, Job};
use crate::store::{Creation, Reads, Write, create_once, domain, locate};

pub use crate::store::domain::Domain;

/// The kind of job that asks the name servers about a claim.
pub const CHECK_JOB: &str = "domain.check";

/// How many claims an agency may have.
const MOST: i64 = 50;

/// How many claims are looked at in one go.
const AT_ONCE: i64 = 100;

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// One record that a claim wants, and what stands there.
#[derive(Debug, Clone)]
pub struct Record {
    /// `TXT`, `CNAME` or `A`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// The value that is wanted.
    pub value: String,
    /// The values that the last look showed.
    pub found: Vec<String>,
    /// Whether that is right.
    pub ok: bool,
}

/// The name of a host with its own letters.
pub fn name_of(domain: &Domain) -> String {
    readable(&domain.host)
}

fn wanted<'a>(s: &'a Services, domain: &'a Domain) -> Wanted<'a> {
    Wanted { host: &domain.host, proof: &domain.proof, platform: &s.addresses.host }
}

/// The records that a claim wants; none when the platform gave the host.
pub fn records(s: &Services, domain: &Domain) -> Vec<Record> {
    if domain.granted {
        return Vec::new();
    }
    let wanted = wanted(s, domain);
    let platform = s.addresses.host.trim_matches(['[', ']']);
    let found = domain.found.as_ref();
    let leads = match found {
        Some(found) => found.target.clone().map_or_else(|| found.addresses.clone(), |target| vec![target]),
        None => Vec::new(),
    };
    let kind = match platform.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V4(_)) => "A",
        Ok(std::net::IpAddr::V6(_)) => "AAAA",
        Err(_) => "CNAME",
    };
    vec![
        Record {
            kind: "TXT",
            name: proof_name(&domain.host),
            value: domain.proof.clone(),
            found: found.map(|found| found.texts.clone()).unwrap_or_default(),
            ok: found.is_some_and(|found| wanted.is_proven(found)),
        },
        Record {
            kind,
            name: domain.host.clone(),
            value: platform.to_owned(),
            found: leads,
            ok: found.is_some_and(|found| wanted.leads_here(found)),
        },
    ]
}

/// The agency's claims, by host.
pub async fn domains(s: &Services, actor: &Actor) -> Result<Vec<Domain>> {
    let scope = own_scope(s, actor)?;
    domain::domains(&mut s.store.read().await?, &scope, s.clock.now().minus(QUARANTINE)).await
}

fn own_scope(s: &Services, actor: &Actor) -> Result<Scope> {
    s.policy.may_somewhere(actor, Permission::DomainManage)?;
    s.policy.allow(actor, Permission::DomainManage, &Place::agency(agency_of(actor)?), "agency")
}

async fn load(s: &Services, db: &mut impl Reads, actor: &Actor, id: DomainId) -> Result<(Scope, Domain)> {
    let absent = || Error::not_found("domain");
    s.policy.may_somewhere(actor, Permission::DomainManage)?;
    let agency = locate::domain(db, id).await?.ok_or_else(absent)?;
    let scope = s.policy.allow(actor, Permission::DomainManage, &Place::agency(agency), "domain")?;
    let found = domain::domain(db, &scope, id).await?.ok_or_else(absent)?;
    Ok((scope, found))
}

fn taken() -> Error {
    Error::conflict("HOST_TAKEN", "This name, or one above or below it, belongs to somebody else here.")
}

fn quarantined() -> Error {
    Error::conflict("QUARANTINED", "This name was given back a short while ago. It can be taken 30 days after that.")
}

/// The reason of [`changed_meanwhile`].
const CHANGED_MEANWHILE: &str = "CHANGED_MEANWHILE";

/// How often a change is tried when others change the domain under its hands.
const TRIES: usize = 8;

fn changed_meanwhile() -> Error {
    Error::conflict(CHANGED_MEANWHILE, "This domain has changed meanwhile. Look at it again.")
}

/// Does what somebody wants, again when a look at the records came between: they need not know of it.
async fn insistently<F: Future<Output = Result<Domain>>>(change: impl Fn() -> F) -> Result<Domain> {
    for _ in 1..TRIES {
        match change().await {
            Err(error) if error.reason == CHANGED_MEANWHILE => {}
            done => return done,
        }
    }
    change().await
}

/// Gives a host to an agency without a proof: what the platform admin does, who owns the machine.
pub async fn grant(s: &Services, unit: &mut Write, agency: AgencyId, host: &str, now: Time) -> Result<()> {
    let host = host.trim().trim_end_matches('.').to_ascii_lowercase();
    let has_one = domain::primary_host(unit, agency).await?.is_some();
    let new = Domain {
        state: DomainState::Active,
        served: true,
        granted: true,
        primary: !has_one,
        // The platform's word is the proof: there is nothing to look up.
        checking: false,
        active_since: Some(now),
        ..claim(s, agency, host, now)
    };
    if domain::insert(unit, &new).await? { Ok(()) } else { Err(taken()) }
}

fn claim(s: &Services, agency: AgencyId, host: String, now: Time) -> Domain {
    Domain {
        id: s.ids.next(now),
        agency,
        host,
        state: DomainState::Pending,
        served: false,
        granted: false,
        primary: false,
        proof: format!("{:032x}", s.ids.bits()),
        found: None,
        problem: None,
        checking: true,
        version: 1,
        created_at: now,
        last_checked_at: None,
        next_check_at: None,
        active_since: None,
        failing_since: None,
        released_at: None,
    }
}

/// Claims a host, and starts the first look at its records. A host that the agency has claimed already is given as it is.
///
/// # Errors
/// INVALID with HOST_NOT_ALLOWED; CONFLICT with HOST_TAKEN, QUARANTINED or TOO_MANY.
pub async fn add(s: &Services, actor: &Actor, client_id: &str, given: &str) -> Result<Domain> {
    let client_id = text::client_id(client_id)?;
    let scope = own_scope(s, actor)?;
    let host = host_name("host", given)?;
    if related(&host, &s.addresses.host) {
        return Err(Error::invalid("host", "HOST_NOT_ALLOWED", "This name belongs to the platform itself."));
    }
    let user = doer_of(actor)?;
    let now = s.clock.now();
    let mut unit = s.store.write().await?;
    if let Some(own) = domain::claim_of(&mut unit, &scope, &host).await? {
        unit.undo().await?;
        return Ok(own);
    }
    let new = claim(s, scope.agency(), host.clone(), now);
    let creation = Creation {
        actor: &user,
        client_id: &client_id,
        agency: scope.agency(),
        fingerprint: &format!("addDomain {host}"),
        result: &new.id.to_string(),
        now,
    };
    if let Some(first) = create_once(&mut unit, &creation).await? {
        let first = first.parse().map_err(Error::internal)?;
        let first = domain::domain(&mut unit, &scope, first).await?.ok_or_else(|| Error::not_found("domain"))?;
        unit.undo().await?;
        return Ok(first);
    }
    free_for(&mut unit, &scope, &host, now).await?;
    if domain::count(&mut unit, &scope).await? >= MOST {
        return Err(Error::conflict("TOO_MANY", format!("An agency can have up to {MOST} domains.")));
    }
    if !domain::insert(&mut unit, &new).await? {
        return Err(changed_meanwhile());
    }
    ask_later(s, &mut unit, scope.agency(), new.id).await?;
    let by = By { actor: &user, organization: None };
    s.note(&mut unit, &scope, &by, "domain.add", new.id, json!({ "host": new.host })).await?;
    unit.commit().await?;
    Ok(new)
}

/// Whether the agency may have the host, as far as others are concerned.
async fn free_for(db: &mut impl Reads, scope: &Scope, host: &str, now: Time) -> Result<()> {
    if domain::held_by_another(db, scope, host).await? {
        return Err(taken());
    }
    if domain::released_by_another(db, scope, host, now.minus(QUARANTINE)).await? {
        return Err(quarantined());
    }
    Ok(())
}

async fn ask_later(s: &Services, unit: &mut Write, agency: AgencyId, id: DomainId) -> Result<()> {
    let now = s.clock.now();
    let new: JobId = s.ids.next(now);
    let job = Job::new(new, agency, CHECK_JOB, id);
    job::add(unit, &job, now).await?;
    unit.note(Change::Job);
    Ok(())
}

/// Starts a look at the records of a claim.
///
/// # Errors
/// CONFLICT with RELEASED when the claim stands no more.
pub async fn check(s: &Services, actor: &Actor, id: DomainId) -> Result<Domain> {
    insistently(|| try_check(s, actor, id)).await
}

async fn try_check(s: &Services, actor: &Actor, id: DomainId) -> Result<Domain> {
    let mut unit = s.store.write().await?;
    let (scope, mut found) = load(s, &mut unit, actor, id).await?;
    if found.state == DomainState::Released {
        return Err(released());
    }
    if found.granted {
        unit.undo().await?;
        return Ok(found);
    }
    found.checking = true;
    if !domain::update(&mut unit, &scope, &found).await? {
        return Err(changed_meanwhile());
    }
    ask_later(s, &mut unit, scope.agency(), id).await?;
    unit.commit().await?;
    found.version += 1;
    Ok(found)
}

fn released() -> Error {
    Error::conflict("RELEASED", "This domain was given back. Add it again to use it.")
}

/// Lets the links in mails use a domain.
///
/// # Errors
/// CONFLICT with NOT_ACTIVE when it is not proven.
pub async fn make_primary(s: &Services, actor: &Actor, id: DomainId) -> Result<Domain> {
    insistently(|| try_make_primary(s, actor, id)).await
}

async fn try_make_primary(s: &Services, actor: &Actor, id: DomainId) -> Result<Domain> {
    let user = doer_of(actor)?;
    let mut unit = s.store.write().await?;
    let (scope, mut found) = load(s, &mut unit, actor, id).await?;
    if found.state != DomainState::Active {
        return Err(Error::conflict("NOT_ACTIVE", "Only a domain that is active can be the primary one."));
    }
    if found.primary {
        unit.undo().await?;
        return Ok(found);
    }
    super::agent::shown_changed(&mut unit).await?;
    domain::clear_primary(&mut unit, &scope, id).await?;
    found.primary = true;
    if !domain::update(&mut unit, &scope, &found).await? {
        return Err(changed_meanwhile());
    }
    let by = By { actor: &user, organization: None };
    s.note(&mut unit, &scope, &by, "domain.make_primary", id, json!({ "host": found.host })).await?;
    unit.commit().await?;
    found.version += 1;
    Ok(found)
}

/// Gives a host back: nothing is served under it from now on.
pub async fn release(s: &Services, actor: &Actor, id: DomainId) -> Result<Domain> {
    insistently(|| try_release(s, actor, id)).await
}

async fn try_release(s: &Services, actor: &Actor, id: DomainId) -> Result<Domain> {
    let user = doer_of(actor)?;
    let now = s.clock.now();
    let mut unit = s.store.write().await?;
    let (scope, mut found) = load(s, &mut unit, actor, id).await?;
    if found.state == DomainState::Released {
        unit.undo().await?;
        return Ok(found);
    }
    super::agent::shown_changed(&mut unit).await?;
    let before = found.state;
    found = Domain {
        state: DomainState::Released,
        served: false,
        primary: false,
        checking: false,
        problem: None,
        next_check_at: None,
        released_at: Some(now),
        ..found
    };
    if !domain::update(&mut unit, &scope, &found).await? {
        return Err(changed_meanwhile());
    }
    let by = By { actor: &user, organization: None };
    let detail = json!({ "host": found.host, "before": before.as_str(), "after": found.state.as_str() });
    s.note(&mut unit, &scope, &by, "domain.release", id, detail).await?;
    unit.commit().await?;
    found.version += 1;
    Ok(found)
}

/// The host that links in mails of an agency lead to; none when it has no domain that is served.
pub async fn primary_host(db: &mut impl Reads, agency: AgencyId) -> Result<Option<String>> {
    domain::primary_host(db, agency).await
}

/// Whether a certificate may be asked for: for hosts that are served, and for the platform's own.
pub async fn is_served(s: &Services, host: &str) -> Result<bool> {
    if host == s.addresses.host {
        return Ok(true);
    }
    Ok(locate::host(&mut s.store.read().await?, host).await?.is_some())
}

/// What a job has to ask the name servers.
#[derive(Debug, Clone)]
pub struct Question {
    /// Where the proof stands.
    pub proof_name: String,
    /// The host.
    pub host: String,
    /// The platform's own host.
    pub platform: String,
}

/// What a job has to ask; none when the claim is gone.
pub async fn question(s: &Services, job: &Job) -> Result<Option<Question>> {
    let scope = Scope::system(job.agency, "asking the name servers about a claim");
    let id: DomainId = job.subject.parse().map_err(Error::internal)?;
    let found = domain::domain(&mut s.store.read().await?, &scope, id).await?;
    Ok(found.filter(|found| found.state != DomainState::Released && !found.granted).map(|found| Question {
        proof_name: proof_name(&found.host),
        host: found.host,
        platform: s.addresses.host.clone(),
    }))
}

/// Keeps what a look showed, or that nobody answered, and finishes its job.
pub async fn keep(s: &Services, job: &Job, answer: Option<Found>) -> Result<()> {
    let scope = Scope::system(job.agency, "what the name servers said of a claim");
    let id: DomainId = job.subject.parse().map_err(Error::internal)?;
    let now = s.clock.now();
    let mut unit = s.store.write().await?;
    // Before anything is read: whoever else makes a host active waits here, so that two agencies cannot both find it free.
    domain::stand_in_line(&mut unit).await?;
    if !job::finish(&mut unit, job).await? {
        return unit.undo().await;
    }
    let before = domain::domain(&mut unit, &scope, id).await?.filter(|found| found.state != DomainState::Released);
    let Some(before) = before else { return unit.commit().await };
    let mut after = Domain { checking: false, last_checked_at: Some(now), ..before.clone() };
    match answer {
        None => after.problem = Some("The name servers did not answer. We will ask again.".to_owned()),
        Some(found) => {
            judge(s, &mut unit, &scope, &mut after, &found, now).await?;
            after.found = Some(found);
        }
    }
    after.next_check_at = next_look(&after, now);
    if !domain::update(&mut unit, &scope, &after).await? {
        // Somebody was faster; the job is still there and will be done again.
        unit.undo().await?;
        return Err(changed_meanwhile());
    }
    if before.state != after.state || before.served != after.served {
        super::agent::shown_changed(&mut unit).await?;
        let by = By { actor: "house", organization: None };
        let detail = json!({ "host": after.host, "before": before.state.as_str(), "after": after.state.as_str(),
            "served": after.served, "problem": after.problem });
        s.note(&mut unit, &scope, &by, "domain.check", id, detail).await?;
    }
    unit.commit().await
}

async fn judge(
    s: &Services,
    unit: &mut Write,
    scope: &Scope,
    claim: &mut Domain,
    found: &Found,
    now: Time,
) -> Result<()> {
    claim.problem = wanted(s, claim).missing(found);
    let mut all_there = claim.problem.is_none();
    // Between the claim and its proof somebody else may have proven theirs.
    if all_there
        && claim.state == DomainState::Pending
        && let Err(error) = free_for(unit, scope, &claim.host, now).await
    {
        if error.reason != "HOST_TAKEN" && error.reason != "QUARANTINED" {
            return Err(error);
        }
        claim.problem = Some(error.message);
        all_there = false;
    }
    let standing = Standing { state: claim.state, served: claim.served, failing_since: claim.failing_since };
    let after = standing.after(all_there, now);
    if after.state == DomainState::Active && claim.active_since.is_none() {
        claim.active_since = Some(now);
        claim.primary = domain::primary_host(unit, scope.agency()).await?.is_none();
    }
    if after.state == DomainState::Released {
        claim.released_at = Some(now);
        claim.primary = false;
    }
    (claim.state, claim.served, claim.failing_since) = (after.state, after.served, after.failing_since);
    Ok(())
}

/// When the name servers are asked next: soon while somebody waits for it, daily once it stands.
fn next_look(claim: &Domain, now: Time) -> Option<Time> {
    let age = now.since(claim.created_at);
    match claim.state {
        DomainState::Pending if age < DAY => Some(now.plus(HOUR / 12)),
        DomainState::Pending if age < 7 * DAY => Some(now.plus(HOUR)),
        DomainState::Pending | DomainState::Released => None,
        DomainState::Active if claim.problem.is_none() => Some(now.plus(DAY)),
        DomainState::Active | DomainState::Failing => Some(now.plus(HOUR)),
    }
}

/// Adds a job for each claim that is due to be looked at.
pub async fn look_at_what_is_due(s: &Services) -> Result<()> {
    let now = s.clock.now();
    let due = domain::due(&mut s.store.read().await?, now, AT_ONCE).await?;
    for (agency, id) in due {
        let scope = Scope::system(agency, "the daily look at a claim");
        let mut unit = s.store.write().await?;
        let Some(mut claim) = domain::domain(&mut unit, &scope, id).await? else { continue };
        // Should the look never end, there is another one in an hour.
        claim.next_check_at = Some(now.plus(HOUR));
        claim.checking = true;
        if domain::update(&mut unit, &scope, &claim).await? {
            ask_later(s, &mut unit, agency, id).await?;
            unit.commit().await?;
        }
    }
    Ok(())
}
