//! Business hours: whose count, whether it is open now, and what becomes of requests at closing time.
//!
//! The server's clock decides, inside the unit that keeps what depends on it: a request that arrives at closing time is either
//! kept before it or refused. Chats that run go on.

use std::sync::Arc;

use serde_json::json;

use super::handoff::{Announcement, change};
use super::{By, Services, agency_of, doer_of, setting, team};
use crate::domain::access::{Actor, Place};
use crate::domain::calendar::{self, Holiday, HolidayCalendar};
use crate::domain::change::Change;
use crate::domain::conversation::{Conversation, EntryKind, Handoff, HandoffState, Move, State};
use crate::domain::hours::{
    CALENDARS, ClosingRule, Exception, Hours, HoursPlace, Interval, Kept, Origin, Schedule, Status,
};
use crate::domain::id::{AgencyId, AiAgentId, HandoffId, HolidayCalendarId, OrganizationId};
use crate::domain::permission::Permission;
use crate::domain::setting::Key;
use crate::domain::text;
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::policy::Scope;
use crate::store::job::{self, Job};
use crate::store::{
    Creation, Reads, Write, access, conversation, create_once, handoff, hours as store, locate, role as roles,
};

/// Looks, at closing time, at a request that waits.
pub const CLOSE_JOB: &str = "hours.close";

/// How many calendars an agency may have.
const MOST_CALENDARS: i64 = 50;

fn house(agency: AgencyId) -> Scope {
    Scope::system(agency, "which hours count")
}

/// Where hours may be set that count for an AI agent or an organization, the nearest first.
fn chain(agency: AgencyId, organization: Option<OrganizationId>, ai_agent: Option<AiAgentId>) -> Vec<HoursPlace> {
    let own = ai_agent.map(|ai_agent| HoursPlace { agency, organization: None, ai_agent: Some(ai_agent) });
    let organization = organization.map(|there| HoursPlace { agency, organization: Some(there), ai_agent: None });
    let agency = HoursPlace { agency, organization: None, ai_agent: None };
    own.into_iter().chain(organization).chain([agency]).collect()
}

/// Hours with the calendars that apply to them, ready to be asked.
async fn ready(read: &mut impl Reads, agency: AgencyId, kept: &Kept) -> Result<Schedule> {
    let mut holidays: Vec<Holiday> = Vec::new();
    if !kept.calendars.is_empty() {
        let calendars = store::calendars(read, &house(agency), Some(&kept.calendars)).await?;
        holidays.extend(calendars.into_iter().flat_map(|calendar| calendar.holidays));
    }
    Ok(Schedule::new(&kept.hours, &holidays))
}

/// The schedule that counts for an AI agent; none when nobody has set any, and it is always open.
pub(crate) async fn schedule(
    read: &mut impl Reads,
    agency: AgencyId,
    organization: Option<OrganizationId>,
    ai_agent: AiAgentId,
) -> Result<Option<Schedule>> {
    let found = store::hours_at(read, &house(agency), &chain(agency, organization, Some(ai_agent))).await?;
    match found.iter().find(|kept| kept.enabled) {
        Some(kept) => Ok(Some(ready(read, agency, kept).await?)),
        None => Ok(None),
    }
}

/// Whether a person can be asked for at an AI agent then, as far as its hours go.
pub(crate) async fn status(
    read: &mut impl Reads,
    agency: AgencyId,
    organization: Option<OrganizationId>,
    ai_agent: AiAgentId,
    at: Time,
) -> Result<Status> {
    let schedule = schedule(read, agency, organization, ai_agent).await?;
    Ok(schedule.map_or(Status::ALWAYS, |schedule| schedule.at(at)))
}

/// Whether an organization as a whole is open then; none when nobody has set any hours for it.
pub(super) async fn open_at(
    read: &mut impl Reads,
    agency: AgencyId,
    organization: OrganizationId,
    at: Time,
) -> Result<Option<bool>> {
    let found = store::hours_at(read, &house(agency), &chain(agency, Some(organization), None)).await?;
    match found.iter().find(|kept| kept.enabled) {
        Some(kept) => Ok(Some(ready(read, agency, kept).await?.at(at).open)),
        None => Ok(None),
    }
}

async fn refusal(
    s: &Services,
    read: &mut impl Reads,
    agency: AgencyId,
    organization: OrganizationId,
    status: &Status,
) -> Result<Error> {
    let text = setting::effective(s, read, agency, Some(organization), Key::HoursOfflineText).await?;
    Ok(Error::conflict("OUTSIDE_BUSINESS_HOURS", text).until(status.opens_at()))
}

/// Lets a request be made, in the unit that makes it.
///
/// # Errors
/// CONFLICT with OUTSIDE_BUSINESS_HOURS, and when it opens.
pub(super) async fn let_in(
    s: &Services,
    unit: &mut Write,
    agency: AgencyId,
    organization: OrganizationId,
    ai_agent: AiAgentId,
) -> Result<()> {
    let status = status(unit, agency, Some(organization), ai_agent, s.clock.now()).await?;
    if status.open { Ok(()) } else { Err(refusal(s, unit, agency, organization, &status).await?) }
}

/// What closing time does to a request that waits.
enum Closing {
    /// Nothing: it is always open, or requests go on waiting.
    Nothing,
    /// It is still open, until then.
    Later(Time),
    /// It ends.
    Ends(Status),
}

async fn closing(
    s: &Services,
    read: &mut impl Reads,
    agency: AgencyId,
    organization: OrganizationId,
    ai_agent: AiAgentId,
    at: Time,
) -> Result<Closing> {
    let Some(schedule) = schedule(read, agency, Some(organization), ai_agent).await? else {
        return Ok(Closing::Nothing);
    };
    let rule = setting::effective(s, read, agency, Some(organization), Key::HoursClosingRule).await?;
    if ClosingRule::parse(&rule) != Some(ClosingRule::OfferOfflineQuery) {
        return Ok(Closing::Nothing);
    }
    let status = schedule.at(at);
    Ok(match (status.open, status.changes_at) {
        (true, Some(at)) => Closing::Later(at),
        (true, None) => Closing::Nothing,
        (false, _) => Closing::Ends(status),
    })
}

/// Sees to it that somebody looks at a request that waits when its hours close. In the unit that makes it wait.
pub(super) async fn watch(s: &Services, unit: &mut Write, row: &Conversation) -> Result<()> {
    let (State::Requested, Some(handoff), Some(organization)) = (row.state, row.handoff, row.organization) else {
        return Ok(());
    };
    let now = s.clock.now();
    match closing(s, unit, row.agency, organization, row.ai_agent, now).await? {
        Closing::Nothing => Ok(()),
        Closing::Later(at) => look_at(s, unit, row.agency, handoff, at).await,
        Closing::Ends(_) => look_at(s, unit, row.agency, handoff, now).await,
    }
}

async fn look_at(s: &Services, unit: &mut Write, agency: AgencyId, handoff: HandoffId, at: Time) -> Result<()> {
    let now = s.clock.now();
    let job = Job::new(s.ids.next(now), agency, CLOSE_JOB, handoff);
    job::add_at(unit, &job, at, now).await?;
    unit.note(Change::Job);
    Ok(())
}

/// Has all requests that wait somewhere looked at, because what decides on them has changed.
pub(super) async fn look_again(
    s: &Services,
    unit: &mut Write,
    agency: AgencyId,
    organization: Option<OrganizationId>,
    ai_agent: Option<AiAgentId>,
) -> Result<()> {
    let now = s.clock.now();
    let scope = Scope::system(agency, "requests that wait when hours change");
    for waiting in handoff::open_of(unit, &scope, organization, ai_agent).await? {
        if waiting.state == HandoffState::Requested {
            look_at(s, unit, agency, waiting.id, now).await?;
        }
    }
    Ok(())
}

/// Ends a request as missed, in the unit.
async fn miss(s: &Services, unit: &mut Write, scope: &Scope, row: &Conversation, handoff: &Handoff) -> Result<()> {
    let now = s.clock.now();
    let text = setting::effective(s, unit, scope.agency(), Some(handoff.organization), Key::HoursOfflineText).await?;
    change(s, unit, scope, row, Move::Miss, None, Announcement::of(EntryKind::Missed, text), now).await?;
    handoff::settle(unit, scope, handoff.id, HandoffState::Missed, None, now).await
}

/// Whether a request can still be accepted; if its time is over, it ends here, and the unit is kept.
///
/// # Errors
/// CONFLICT with OUTSIDE_BUSINESS_HOURS, and when it opens.
pub(super) async fn still_open(s: &Services, mut unit: Write, scope: &Scope, row: &Conversation) -> Result<Write> {
    let (Some(organization), Some(id)) = (row.organization, row.handoff) else { return Ok(unit) };
    let closing = closing(s, &mut unit, row.agency, organization, row.ai_agent, s.clock.now()).await?;
    let Closing::Ends(status) = closing else { return Ok(unit) };
    let refused = refusal(s, &mut unit, row.agency, organization, &status).await?;
    if let Some(handoff) = handoff::handoffs_of(&mut unit, scope, &[id]).await?.pop() {
        miss(s, &mut unit, scope, row, &handoff).await?;
        unit.commit().await?;
    }
    Err(refused)
}

/// Looks at a request: at closing time it ends, if the organization wants that; before it, the look is put off.
pub async fn close(s: &Services, job: &Job) -> Result<()> {
    let id: HandoffId = job.subject.parse().map_err(Error::internal)?;
    let scope = Scope::system(job.agency, "closing time");
    let mut unit = s.store.write().await?;
    let now = s.clock.now();
    let waiting = handoff::handoffs_of(&mut unit, &scope, &[id]).await?.pop();
    let row = match &waiting {
        Some(waiting) => conversation::conversation(&mut unit, &scope, waiting.conversation).await?,
        None => None,
    };
    if let (Some(waiting), Some(row)) = (waiting, row)
        && row.state == State::Requested
        && row.handoff == Some(id)
    {
        match closing(s, &mut unit, job.agency, waiting.organization, waiting.ai_agent, now).await? {
            Closing::Nothing => {}
            Closing::Later(at) => {
                job::put_off(&mut unit, job, Some(at), "it is still open", now).await?;
                return unit.commit().await;
            }
            Closing::Ends(_) => miss(s, &mut unit, &scope, &row, &waiting).await?,
        }
    }
    // Somebody has had it looked at again meanwhile: what was found here is old.
    if !job::finish(&mut unit, job).await? {
        return unit.undo().await;
    }
    unit.commit().await
}

/// Hours as they are at a place: what was set there, what counts, and what would without it.
#[derive(Debug, Clone)]
pub struct View {
    /// Where.
    pub place: HoursPlace,
    /// What was set there, whether or not it counts.
    pub own: Option<Kept>,
    /// What counts; none when it is always open.
    pub counting: Option<Kept>,
    /// What counts when nothing is set there.
    pub inherited: Option<Kept>,
    /// The calendars of the agency.
    pub calendars: Arc<Vec<HolidayCalendar>>,
    /// What counts, ready to be asked.
    pub schedule: Option<Arc<Schedule>>,
    /// The zone that somebody begins with.
    pub usual_zone: String,
    /// Whether whoever asks may change it.
    pub editable: bool,
    /// Whether hours count and nobody of the organization may respond to live chats there (A08).
    pub nobody_responds: bool,
    /// Now.
    pub now: Time,
}

impl View {
    /// Whose hours count.
    pub fn origin(&self) -> Origin {
        self.counting.as_ref().map_or(Origin::Platform, |kept| kept.place.origin())
    }

    /// Whose would.
    pub fn inherited_origin(&self) -> Origin {
        self.inherited.as_ref().map_or(Origin::Platform, |kept| kept.place.origin())
    }

    /// Whether it is open at an instant.
    pub fn at(&self, at: Time) -> Status {
        self.schedule.as_ref().map_or(Status::ALWAYS, |schedule| schedule.at(at))
    }
}

async fn place_of(
    read: &mut impl Reads,
    actor: &Actor,
    organization: Option<OrganizationId>,
    ai_agent: Option<AiAgentId>,
) -> Result<(Place, &'static str)> {
    let (found, noun) = match (organization, ai_agent) {
        (_, Some(ai_agent)) => (locate::ai_agent(read, ai_agent).await?, "AI agent"),
        (Some(organization), None) => (locate::organization(read, organization).await?, "organization"),
        (None, None) => (Some(Place::agency(agency_of(actor)?)), "agency"),
    };
    Ok((found.ok_or_else(|| Error::not_found(noun))?, noun))
}

/// Who may set hours at a place: in the agency itself whoever says what holds for all of its organizations.
fn edits(place: &Place) -> Permission {
    let own = place.organization.is_some() || place.ai_agent.is_some();
    if own { Permission::BusinessHoursEdit } else { Permission::PackageEdit }
}

/// Whether nobody of the organization itself may respond to live chats at a place. Staff of the agency mostly may; that they
/// answer for everybody is not taken for granted.
async fn nobody_responds(s: &Services, read: &mut impl Reads, place: &Place) -> Result<bool> {
    const MOST: i64 = 5_000;
    let scope = Scope::system(place.agency, "whether anybody answers");
    let users = roles::people_at(read, &scope, place.organization, None, MOST).await?;
    let held = access::memberships_of_users(read, &scope, &users).await?;
    super::role::learn(s, read, place.agency, held.iter().map(|(_, membership)| membership)).await?;
    let own = held.into_iter().filter(|(_, membership)| membership.organization.is_some());
    Ok(!own.into_iter().any(|(user, membership)| {
        let alone = team::as_actor(place.agency, user, vec![membership]);
        s.policy.may(&alone, Permission::LiveChatRespond, place)
    }))
}

async fn view(s: &Services, read: &mut impl Reads, actor: &Actor, place: &Place) -> Result<View> {
    let scope = house(place.agency);
    let places = chain(place.agency, place.organization, place.ai_agent);
    let found = store::hours_at(read, &scope, &places).await?;
    let own = found.iter().find(|kept| kept.place == places[0]).cloned();
    let inherited = found.iter().find(|kept| kept.enabled && kept.place != places[0]).cloned();
    let counting = own.clone().filter(|own| own.enabled).or_else(|| inherited.clone());
    let calendars = store::calendars(read, &scope, None).await?;
    let schedule = counting.as_ref().map(|kept| {
        let chosen = calendars.iter().filter(|calendar| kept.calendars.contains(&calendar.id));
        Arc::new(Schedule::new(&kept.hours, chosen.flat_map(|calendar| &calendar.holidays)))
    });
    let usual_zone = setting::effective(s, read, place.agency, place.organization, Key::OrganizationTimeZone).await?;
    let counts_for_people = counting.is_some() && place.organization.is_some();
    let nobody_responds = counts_for_people && nobody_responds(s, read, place).await?;
    let editable = s.policy.may(actor, edits(place), place);
    Ok(View {
        place: places[0],
        own,
        counting,
        inherited,
        calendars: Arc::new(calendars),
        schedule,
        usual_zone,
        editable,
        nobody_responds,
        now: s.clock.now(),
    })
}

/// The hours of an AI agent, of an organization, or of the agency itself.
///
/// # Errors
/// NOT_FOUND for what is out of reach.
pub async fn hours(
    s: &Services,
    actor: &Actor,
    organization: Option<OrganizationId>,
    ai_agent: Option<AiAgentId>,
) -> Result<View> {
    s.policy.may_somewhere(actor, Permission::HandoffRead)?;
    let mut read = s.store.read().await?;
    let (place, noun) = place_of(&mut read, actor, organization, ai_agent).await?;
    s.policy.allow(actor, Permission::HandoffRead, &place, noun)?;
    view(s, &mut read, actor, &place).await
}

/// What is changed; what is left out stays.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Whether they count here.
    pub enabled: bool,
    /// The zone.
    pub time_zone: Option<String>,
    /// The intervals of each day, Monday first.
    pub week: Option<[Vec<Interval>; 7]>,
    /// The exceptions.
    pub exceptions: Option<Vec<Exception>>,
    /// Which calendars apply.
    pub calendars: Option<Vec<HolidayCalendarId>>,
    /// The revision that was changed; another one in between is a conflict.
    pub rev: Option<i64>,
}

/// Sets the hours of an AI agent, of an organization, or of the agency itself, or lets what lies below count again.
///
/// # Errors
/// INVALID at `timeZone`, `week`, `exceptions` or `calendarIds`; NOT_FOUND for calendars of others; CONFLICT with CHANGED_MEANWHILE for an old `rev`.
pub async fn update(
    s: &Services,
    actor: &Actor,
    organization: Option<OrganizationId>,
    ai_agent: Option<AiAgentId>,
    wanted: Wanted,
) -> Result<View> {
    let user = doer_of(actor)?;
    s.policy.may_somewhere(actor, Permission::BusinessHoursEdit)?;
    let mut read = s.store.read().await?;
    let (place, noun) = place_of(&mut read, actor, organization, ai_agent).await?;
    let scope = s.policy.allow(actor, edits(&place), &place, noun)?;
    let usual_zone =
        setting::effective(s, &mut read, place.agency, place.organization, Key::OrganizationTimeZone).await?;
    drop(read);
    let places = chain(place.agency, place.organization, place.ai_agent);
    let mut unit = s.store.write().await?;
    let found = store::hours_at(&mut unit, &scope, &places).await?;
    let before = found.iter().find(|kept| kept.place == places[0]).cloned();
    if wanted.rev.is_some_and(|rev| rev != before.as_ref().map_or(0, |before| before.rev)) {
        return Err(Error::conflict("CHANGED_MEANWHILE", "Somebody else has changed these hours. Please look again."));
    }
    let mut after = before.clone().unwrap_or_else(|| Kept {
        place: places[0],
        enabled: false,
        hours: Hours::usual(&usual_zone),
        calendars: Vec::new(),
        rev: 0,
    });
    after.enabled = wanted.enabled;
    after.rev += 1;
    after.hours.time_zone = wanted.time_zone.unwrap_or(after.hours.time_zone);
    after.hours.week = wanted.week.unwrap_or(after.hours.week);
    after.hours.exceptions = wanted.exceptions.unwrap_or(after.hours.exceptions);
    after.hours = after.hours.checked()?;
    if let Some(mut calendars) = wanted.calendars {
        calendars.sort_unstable();
        calendars.dedup();
        let known = store::calendars(&mut unit, &scope, Some(&calendars)).await?;
        if calendars.len() > CALENDARS || known.len() != calendars.len() {
            let too_many = || Error::invalid("calendarIds", "TOO_MANY", format!("At most {CALENDARS} calendars."));
            let absent = || Error { field: Some("calendarIds"), ..Error::not_found("holiday calendar") };
            return Err(if calendars.len() > CALENDARS { too_many() } else { absent() });
        }
        after.calendars = calendars;
    }
    store::put(&mut unit, &scope, &after, s.clock.now()).await?;
    super::agent::shown_changed(&mut unit).await?;
    look_again(s, &mut unit, place.agency, place.organization, place.ai_agent).await?;
    let by = By { actor: &user, organization: place.organization };
    let detail = json!({ "before": before.as_ref().map(told), "after": told(&after) });
    s.note(&mut unit, &scope, &by, "business_hours.edit", places[0].id(), detail).await?;
    unit.commit().await?;
    view(s, &mut s.store.read().await?, actor, &place).await
}

fn told(kept: &Kept) -> serde_json::Value {
    json!({ "enabled": kept.enabled, "timeZone": kept.hours.time_zone, "week": kept.hours.week,
            "exceptions": kept.hours.exceptions.len(), "calendars": kept.calendars.len() })
}

/// The holiday calendars of the agency, for whoever sees how handoff is set up somewhere in it.
pub async fn calendars(s: &Services, actor: &Actor) -> Result<Vec<HolidayCalendar>> {
    s.policy.may_somewhere(actor, Permission::HandoffRead)?;
    let scope = Scope::system(agency_of(actor)?, "calendars that can be chosen");
    store::calendars(&mut s.store.read().await?, &scope, None).await
}

fn may_keep(s: &Services, actor: &Actor) -> Result<Scope> {
    s.policy.may_somewhere(actor, Permission::PackageEdit)?;
    s.policy.allow(actor, Permission::PackageEdit, &Place::agency(agency_of(actor)?), "agency")
}

/// Imports a calendar from iCalendar text.
///
/// # Errors
/// INVALID at `text`, with the line; CONFLICT with TOO_MANY.
pub async fn import(s: &Services, actor: &Actor, client_id: &str, name: &str, text: &str) -> Result<HolidayCalendar> {
    let scope = may_keep(s, actor)?;
    let user = doer_of(actor)?;
    let client_id = text::client_id(client_id)?;
    let name = text::line("name", name, 80)?;
    let now = s.clock.now();
    let holidays = calendar::parse(text, now)?;
    let new = HolidayCalendar { id: s.ids.next(now), agency: scope.agency(), name, holidays, rev: 1, updated_at: now };
    let mut unit = s.store.write().await?;
    let creation = Creation {
        actor: &user,
        client_id: &client_id,
        agency: scope.agency(),
        fingerprint: &format!("importHolidayCalendar {:?} {} {}", new.name, text.len(), new.holidays.len()),
        result: &new.id.to_string(),
        now,
    };
    if let Some(first) = create_once(&mut unit, &creation).await? {
        let first = first.parse().map_err(Error::internal)?;
        let first = store::calendars(&mut unit, &scope, Some(&[first])).await?.pop();
        unit.undo().await?;
        return first.ok_or_else(|| Error::not_found("holiday calendar"));
    }
    if store::count_calendars(&mut unit, &scope).await? >= MOST_CALENDARS {
        return Err(Error::conflict("TOO_MANY", format!("An agency has at most {MOST_CALENDARS} calendars.")));
    }
    store::insert_calendar(&mut unit, &scope, &new).await?;
    let by = By { actor: &user, organization: None };
    let detail = json!({ "name": new.name, "holidays": new.holidays.len() });
    s.note(&mut unit, &scope, &by, "holiday_calendar.import", new.id, detail).await?;
    unit.commit().await?;
    Ok(new)
}

/// Gives a calendar another name, or the holidays of another text; what is left out stays.
///
/// # Errors
/// As [`import`].
pub async fn update_calendar(
    s: &Services,
    actor: &Actor,
    id: HolidayCalendarId,
    name: Option<&str>,
    text: Option<&str>,
) -> Result<HolidayCalendar> {
    let scope = keeps(s, actor, id).await?;
    let user = doer_of(actor)?;
    let now = s.clock.now();
    let name = name.map(|name| text::line("name", name, 80)).transpose()?;
    let holidays = text.map(|text| calendar::parse(text, now)).transpose()?;
    let mut unit = s.store.write().await?;
    let absent = || Error::not_found("holiday calendar");
    let before = store::calendars(&mut unit, &scope, Some(&[id])).await?.pop().ok_or_else(absent)?;
    let mut after = before.clone();
    after.name = name.unwrap_or(after.name);
    after.holidays = holidays.unwrap_or(after.holidays);
    (after.rev, after.updated_at) = (before.rev + 1, now);
    if !store::update_calendar(&mut unit, &scope, &after).await? {
        return Err(absent());
    }
    changed(s, &mut unit, scope.agency()).await?;
    let by = By { actor: &user, organization: None };
    let detail = json!({ "before": { "name": before.name, "holidays": before.holidays.len() },
                         "after": { "name": after.name, "holidays": after.holidays.len() } });
    s.note(&mut unit, &scope, &by, "holiday_calendar.edit", id, detail).await?;
    unit.commit().await?;
    Ok(after)
}

/// Removes a calendar. Hours that it closed are open then.
pub async fn delete_calendar(s: &Services, actor: &Actor, id: HolidayCalendarId) -> Result<()> {
    let scope = keeps(s, actor, id).await?;
    let user = doer_of(actor)?;
    let mut unit = s.store.write().await?;
    let found = store::calendars(&mut unit, &scope, Some(&[id])).await?.pop();
    let found = found.ok_or_else(|| Error::not_found("holiday calendar"))?;
    store::delete_calendar(&mut unit, &scope, id).await?;
    changed(s, &mut unit, scope.agency()).await?;
    let by = By { actor: &user, organization: None };
    s.note(&mut unit, &scope, &by, "holiday_calendar.delete", id, json!({ "name": found.name })).await?;
    unit.commit().await
}

/// Whoever asks keeps the calendars of the agency whose it is.
async fn keeps(s: &Services, actor: &Actor, id: HolidayCalendarId) -> Result<Scope> {
    s.policy.may_somewhere(actor, Permission::PackageEdit)?;
    let mut read = s.store.read().await?;
    let place = locate::holiday_calendar(&mut read, id).await?;
    let place = place.ok_or_else(|| Error::not_found("holiday calendar"))?;
    s.policy.allow(actor, Permission::PackageEdit, &place, "holiday calendar")
}

async fn changed(s: &Services, unit: &mut Write, agency: AgencyId) -> Result<()> {
    super::agent::shown_changed(unit).await?;
    look_again(s, unit, agency, None, None).await
}
