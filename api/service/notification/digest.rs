//! Digests are written: one mail for each person, of all organizations of which they want one then.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use super::new_job;
use crate::domain::access::Place;
use crate::domain::digest::{Figures, Period, Rhythm, due};
use crate::domain::id::{AgencyId, OrganizationId, UserId};
use crate::domain::mail::{DigestOf, Letter};
use crate::domain::notification::{Choices, Event, Kind, Person, Reason, Through, Verdict, plan};
use crate::domain::setting::Key;
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::policy::Scope;
use crate::service::job::Job;
use crate::service::notice::{self, Recipient};
use crate::service::{Services, mail, setting};
use crate::store::notification::{self as store, Decision};
use crate::store::{Reads, Write, digest, job, ladder};

/// The kind of job that writes an agency's digests: there is one as long as anybody wants one.
pub const DIGEST_JOB: &str = "notification.digest";

/// How often it is looked who wants one now: all zones differ from UTC by whole quarters of an hour.
const QUARTER: i64 = 15 * 60 * 1_000_000;

/// Has an agency's digests written from now on, in the unit in which somebody wants one.
pub(super) async fn watch(s: &Services, unit: &mut Write, agency: AgencyId) -> Result<()> {
    let now = s.clock.now();
    let job = new_job(s, agency, DIGEST_JOB, agency.to_string(), now.micros().to_string());
    let next = Time::from_micros((now.micros() / QUARTER + 1) * QUARTER);
    job::add_later(unit, &job, next, now).await
}

/// Somebody who wants a digest of an organization now.
struct Wanted {
    organization: OrganizationId,
    name: String,
    period: Period,
    recipient: Recipient,
    verdict: Verdict,
    weekly: bool,
}

/// Writes the digests that have come due since the job was added, and looks again later if anybody wants one yet.
pub async fn write(s: &Services, job: &Job) -> Result<()> {
    let scope = Scope::system(job.agency, "digests");
    let since = Time::from_micros(job.payload.parse().map_err(Error::internal)?);
    let now = s.clock.now();
    let mut read = s.store.read().await?;
    let (wanted, anybody) = wanted(s, &mut read, &scope, since, now).await?;
    let mut figures: HashMap<(OrganizationId, Period), Figures> = HashMap::new();
    for one in wanted.values().flatten() {
        let key = (one.organization, one.period);
        if let Entry::Vacant(unknown) = figures.entry(key) {
            unknown.insert(digest::figures(&mut read, &scope, one.organization, &one.period).await?);
        }
    }
    drop(read);
    let mut unit = s.store.write().await?;
    if !job::finish(&mut unit, job).await? {
        return Ok(());
    }
    let mut decisions = Vec::new();
    for (user, places) in wanted {
        let told: Vec<DigestOf> = places
            .iter()
            .filter(|one| one.verdict == Verdict::Now)
            .map(|one| DigestOf { place: one.name.clone(), figures: figures[&(one.organization, one.period)] })
            .filter(|one| !one.figures.is_nothing())
            .collect();
        let first = places.first().filter(|_| !told.is_empty());
        let mail = match first {
            Some(first) => {
                let weekly = places.iter().all(|one| one.weekly);
                let (from, until) = (first.period.from, first.period.until);
                let letter = Letter::Digest { weekly, from, until, places: told };
                Some(mail::post(s, &mut unit, job.agency, None, &first.recipient.address, &letter).await?)
            }
            None => None,
        };
        for one in places {
            let happened = !figures[&(one.organization, one.period)].is_nothing();
            let reason = match one.verdict {
                Verdict::Withheld(reason) => Some(reason),
                _ => (!happened).then_some(Reason::NothingHappened),
            };
            decisions.push(Decision {
                id: s.ids.next(now),
                event: format!("digest/{}/{}", one.organization, one.period.until.micros()),
                user,
                through: Through::Email,
                organization: Some(one.organization),
                conversation: None,
                kind: Kind::Digest,
                verdict: one.verdict.word().to_owned(),
                reason,
                due_at: now,
                mail: mail.filter(|_| reason.is_none()),
                entry: None,
                at: now,
            });
        }
    }
    store::decide(&mut unit, &scope, &decisions).await?;
    if anybody {
        watch(s, &mut unit, job.agency).await?;
    }
    unit.commit().await
}

/// Who wants a digest of what now, and whether anybody wants one at all.
async fn wanted(
    s: &Services,
    read: &mut impl Reads,
    scope: &Scope,
    since: Time,
    now: Time,
) -> Result<(BTreeMap<UserId, Vec<Wanted>>, bool)> {
    let mut own: HashMap<(UserId, String), Choices> = HashMap::new();
    for (user, place, choices) in digest::choices(read, scope).await? {
        own.insert((user, place), choices);
    }
    let everywhere = scope.agency().to_string();
    let mut found: BTreeMap<UserId, Vec<Wanted>> = BTreeMap::new();
    let mut anybody = false;
    for (organization, name, defaults) in digest::organizations(read, scope).await? {
        let here = organization.to_string();
        let asked = |choices: &Choices| choices.digest != Rhythm::Never;
        let places = [here.as_str(), everywhere.as_str()];
        if !defaults.as_ref().is_some_and(asked)
            && !own.iter().any(|((_, place), choices)| places.contains(&place.as_str()) && asked(choices))
        {
            continue;
        }
        // What an organization has for its people is not for staff of the agency, who would get one of every organization.
        let of_it = digest::people_of(read, scope, organization).await?;
        let counts = |user: UserId| {
            let chosen = |place: &String| own.get(&(user, place.clone()));
            let defaults = || defaults.as_ref().filter(|_| of_it.contains(&user));
            chosen(&here).or_else(|| chosen(&everywhere)).or_else(defaults).filter(|choices| asked(choices))
        };
        let around = ladder::people_around(read, scope, organization).await?;
        let users: Vec<UserId> = around.into_iter().filter(|user| counts(*user).is_some()).collect();
        anybody |= !users.is_empty();
        let usual = setting::effective(s, read, scope.agency(), Some(organization), Key::OrganizationTimeZone).await?;
        let mut periods: HashMap<UserId, (Choices, String, Period)> = HashMap::new();
        for (user, zone) in store::zones_of(read, scope, &users).await? {
            let Some(choices) = counts(user) else { continue };
            let zone = zone.unwrap_or_else(|| usual.clone());
            if let Some(period) = due(choices.digest, &zone, choices.quiet, since, now) {
                periods.insert(user, (choices.clone(), zone, period));
            }
        }
        let users: Vec<UserId> = periods.keys().copied().collect();
        let place = Place { agency: scope.agency(), organization: Some(organization), ai_agent: None };
        for recipient in notice::recipients(s, read, &place, Kind::Digest, &users).await? {
            let Some((user, (choices, zone, period))) = recipient.user.and_then(|user| periods.remove_entry(&user))
            else {
                continue;
            };
            let verdict = verdict(user, &recipient, &choices, &zone, now);
            let weekly = choices.digest == Rhythm::Weekly;
            let one = Wanted { organization, name: name.clone(), period, recipient, verdict, weekly };
            found.entry(user).or_default().push(one);
        }
    }
    Ok((found, anybody))
}

fn verdict(user: UserId, recipient: &Recipient, choices: &Choices, zone: &str, now: Time) -> Verdict {
    let person = Person {
        user,
        author: false,
        suspended: false,
        permitted: recipient.concerned,
        admin: recipient.admin,
        seen: false,
        looking: false,
        device: false,
        told: Vec::new(),
        // It comes when it is not quiet for them any more; a look that was late is no reason to hold it back for a day.
        wishes: Choices { quiet: None, ..choices.clone() }.wishes(None, zone),
    };
    let event = Event { kind: Kind::Digest, rehearsal: false, asked: None, cooling: false };
    let decided = plan(&event, &[person], now);
    decided
        .iter()
        .find(|one| one.through == Through::Email)
        .map_or(Verdict::Withheld(Reason::NotThisWay), |one| one.verdict)
}
