//! Business hours and holiday calendars.

use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, Object, Result, SimpleObject};

use super::{asking, services};
use crate::domain::calendar::{self, When};
use crate::domain::hours::{self as domain, Exception, Interval, Kept, Status};
use crate::domain::id::HolidayCalendarId;
use crate::error::Error;
use crate::graphql::wire::{Time, id, mirror, optional_id, optional_ids, requires};
use crate::service::hours::{self as service, View, Wanted};

mirror! {
    /// Whose hours are the ones that count.
    HoursOrigin = crate::domain::hours::Origin {
        /// Nobody's: nobody has set any, and it is always open.
        Platform,
        /// The agency's.
        Agency,
        /// The organization's.
        Organization,
        /// The AI agent's own.
        AiAgent,
    }
}

mirror! {
    /// Why it is open or closed.
    HoursReason = crate::domain::hours::Because {
        /// Nobody has set hours.
        Always,
        /// The hours of that day of the week.
        Week,
        /// An exception for that date.
        Exception,
        /// A holiday of a calendar.
        Holiday,
    }
}

/// A day of the week.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weekday {
    /// Monday.
    Monday,
    /// Tuesday.
    Tuesday,
    /// Wednesday.
    Wednesday,
    /// Thursday.
    Thursday,
    /// Friday.
    Friday,
    /// Saturday.
    Saturday,
    /// Sunday.
    Sunday,
}

const WEEK: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];

/// From one time of a day up to, and without, another.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("handoff.read".to_owned()))]
pub struct HoursInterval {
    /// As in `09:00`.
    pub from: String,
    /// As in `17:00`, or `24:00`; on the next day when it is not after `from`.
    pub to: String,
}

impl HoursInterval {
    fn of(interval: Interval) -> Self {
        let (from, to) = interval.written();
        Self { from, to }
    }

    fn all(intervals: &[Interval]) -> Vec<Self> {
        intervals.iter().copied().map(Self::of).collect()
    }
}

/// The hours of a day of the week.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("handoff.read".to_owned()))]
pub struct HoursDay {
    /// The day.
    pub day: Weekday,
    /// When it is open; empty when it is closed.
    pub intervals: Vec<HoursInterval>,
}

/// A date on which other hours count.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("handoff.read".to_owned()))]
pub struct HoursException {
    /// As in `2026-12-24`.
    pub date: String,
    /// What it is called; may be empty.
    pub name: String,
    /// When it is open; empty when it is closed.
    pub intervals: Vec<HoursInterval>,
}

/// Hours as they were set.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("handoff.read".to_owned()))]
pub struct HoursSchedule {
    /// The IANA time zone in which they are meant.
    pub time_zone: String,
    /// The days of the week, Monday first.
    pub week: Vec<HoursDay>,
    /// Dates on which others count, in their order.
    pub exceptions: Vec<HoursException>,
    /// The holiday calendars that close them.
    pub calendars: Vec<HolidayCalendar>,
}

impl HoursSchedule {
    fn of(kept: &Kept, calendars: &[calendar::HolidayCalendar]) -> Self {
        let week = WEEK.into_iter().zip(&kept.hours.week);
        let exceptions = kept.hours.exceptions.iter();
        let chosen = calendars.iter().filter(|calendar| kept.calendars.contains(&calendar.id));
        Self {
            time_zone: kept.hours.time_zone.clone(),
            week: week.map(|(day, open)| HoursDay { day, intervals: HoursInterval::all(open) }).collect(),
            exceptions: exceptions
                .map(|exception| HoursException {
                    date: exception.date.to_string(),
                    name: exception.name.clone(),
                    intervals: HoursInterval::all(&exception.intervals),
                })
                .collect(),
            calendars: chosen.map(|calendar| HolidayCalendar::of(calendar.clone())).collect(),
        }
    }
}

/// Whether it is open at an instant, and why.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("handoff.read".to_owned()))]
pub struct HoursPreview {
    /// The instant.
    pub at: Time,
    /// Whether it is open then.
    pub open: bool,
    /// Why.
    pub reason: HoursReason,
    /// The name of the holiday or of the exception.
    pub name: Option<String>,
    /// The interval that is open.
    pub interval: Option<HoursInterval>,
    /// When it opens again; null while it is open.
    pub opens_at: Option<Time>,
    /// When it opens or closes next; null when it does not within three years.
    pub changes_at: Option<Time>,
}

impl HoursPreview {
    fn of(at: crate::domain::time::Time, status: Status) -> Self {
        Self {
            at: at.into(),
            open: status.open,
            reason: status.because.into(),
            opens_at: status.opens_at().map(Into::into),
            name: status.name,
            interval: status.interval.map(HoursInterval::of),
            changes_at: status.changes_at.map(Into::into),
        }
    }
}

/// The business hours of an AI agent, of an organization or of the agency itself.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(complex, directive = requires::apply("handoff.read".to_owned()))]
pub struct BusinessHours {
    /// Whether hours are configured here. If not, what lies below counts: the organization's, the agency's, or always open.
    pub enabled: bool,
    /// Whose hours count.
    pub origin: HoursOrigin,
    /// What counts; null when it is always open.
    pub schedule: Option<HoursSchedule>,
    /// What was set here, whether or not it counts; null when nothing ever was.
    pub own: Option<HoursSchedule>,
    /// Whose hours would count if none were configured here.
    pub inherited_origin: HoursOrigin,
    /// Which those are; null when it would be always open.
    pub inherited: Option<HoursSchedule>,
    /// Raised by each change of what was set here; 0 when nothing ever was.
    pub rev: i64,
    /// The time zone to begin with.
    pub usual_time_zone: String,
    /// Whether the viewer may change them here.
    pub editable: bool,
    /// Whether hours count and nobody of the organization itself may respond to live chats there: unless staff of the agency
    /// do, requests reach nobody.
    pub nobody_responds: bool,
    #[graphql(skip)]
    of: View,
}

impl BusinessHours {
    fn of(of: View) -> Self {
        let schedule = |kept: &Option<Kept>| kept.as_ref().map(|kept| HoursSchedule::of(kept, &of.calendars));
        Self {
            enabled: of.own.as_ref().is_some_and(|own| own.enabled),
            origin: of.origin().into(),
            schedule: schedule(&of.counting),
            own: schedule(&of.own),
            inherited_origin: of.inherited_origin().into(),
            inherited: schedule(&of.inherited),
            rev: of.own.as_ref().map_or(0, |own| own.rev),
            usual_time_zone: of.usual_zone.clone(),
            editable: of.editable,
            nobody_responds: of.nobody_responds,
            of,
        }
    }
}

#[ComplexObject]
impl BusinessHours {
    /// Whether it is open at an instant, by what counts now; at this one when none is given.
    #[graphql(directive = requires::apply("handoff.read".to_owned()))]
    async fn preview(&self, ctx: &Context<'_>, at: Option<Time>) -> Result<HoursPreview> {
        debug_assert!(asking(ctx).is_ok());
        let at = at.map_or(self.of.now, |at| at.0);
        Ok(HoursPreview::of(at, self.of.at(at)))
    }
}

/// The longest list of coming holidays.
const COMING: usize = 100;

/// Holidays that an agency imported.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(complex, directive = requires::apply("handoff.read".to_owned()))]
pub struct HolidayCalendar {
    /// The id: `cal_...`.
    pub id: ID,
    /// Its name.
    pub name: String,
    /// How many holidays there are in it, each occurrence by itself.
    pub count: i64,
    /// When it was last imported or renamed.
    pub updated_at: Time,
    #[graphql(skip)]
    of: calendar::HolidayCalendar,
}

impl HolidayCalendar {
    fn of(of: calendar::HolidayCalendar) -> Self {
        Self {
            id: of.id.to_string().into(),
            name: of.name.clone(),
            count: i64::try_from(of.holidays.len()).unwrap_or(i64::MAX),
            updated_at: of.updated_at.into(),
            of,
        }
    }
}

#[ComplexObject]
impl HolidayCalendar {
    /// The next ones, at most a hundred: those that are not over.
    #[graphql(directive = requires::apply("handoff.read".to_owned()))]
    async fn holidays(&self, ctx: &Context<'_>) -> Result<Vec<Holiday>> {
        let now = services(ctx)?.clock.now();
        let today = now.to_string();
        let all = self.of.holidays.iter().map(Holiday::of);
        let mut coming: Vec<Holiday> = all.filter(|holiday| holiday.to.as_str() > today.as_str()).collect();
        coming.sort_by(|one, other| (&one.from, &one.to).cmp(&(&other.from, &other.to)));
        coming.truncate(COMING);
        Ok(coming)
    }
}

/// One holiday.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("handoff.read".to_owned()))]
pub struct Holiday {
    /// What it is called.
    pub name: String,
    /// A date for whole days; else a local time, or an instant with its Z.
    pub from: String,
    /// The same of its end, which is no part of it.
    pub to: String,
    /// Whether it is of whole days.
    pub all_day: bool,
}

impl Holiday {
    fn of(holiday: &calendar::Holiday) -> Self {
        let (from, to, all_day) = match holiday.when {
            When::Days(from, to) => (from.to_string(), to.to_string(), true),
            When::Local(from, to) => (from.to_string(), to.to_string(), false),
            When::Instants(from, to) => (from.to_string(), to.to_string(), false),
        };
        Self { name: holiday.name.clone(), from, to, all_day }
    }
}

/// From one time of a day up to, and without, another.
#[derive(InputObject, Debug, Clone)]
pub struct HoursIntervalInput {
    /// As in `09:00`.
    pub from: String,
    /// As in `17:00`, or `24:00`; on the next day when it is not after `from`.
    pub to: String,
}

/// The hours of a day of the week.
#[derive(InputObject, Debug, Clone)]
pub struct HoursDayInput {
    /// The day.
    pub day: Weekday,
    /// When it is open; empty when it is closed.
    pub intervals: Vec<HoursIntervalInput>,
}

/// A date on which other hours count.
#[derive(InputObject, Debug, Clone)]
pub struct HoursExceptionInput {
    /// As in `2026-12-24`.
    pub date: String,
    /// What it is called.
    pub name: Option<String>,
    /// When it is open; empty when it is closed.
    pub intervals: Vec<HoursIntervalInput>,
}

fn intervals(field: &'static str, given: &[HoursIntervalInput]) -> crate::error::Result<Vec<Interval>> {
    let one = |interval: &HoursIntervalInput| {
        Interval::parse(&interval.from, &interval.to)
            .ok_or_else(|| Error::invalid(field, "NOT_A_TIME", "A time is written like 09:00; a day ends at 24:00."))
    };
    given.iter().map(one).collect()
}

fn week(given: &[HoursDayInput]) -> crate::error::Result<[Vec<Interval>; 7]> {
    let mut week: [Vec<Interval>; 7] = Default::default();
    for day in given {
        let at = WEEK.iter().position(|one| *one == day.day).unwrap_or_default();
        week[at].extend(intervals("week", &day.intervals)?);
    }
    Ok(week)
}

fn exceptions(given: &[HoursExceptionInput]) -> crate::error::Result<Vec<Exception>> {
    let one = |exception: &HoursExceptionInput| {
        let wrong = || Error::invalid("exceptions", "NOT_A_DATE", "A date is written like 2026-12-24.");
        Ok(Exception {
            date: domain::date(&exception.date).ok_or_else(wrong)?,
            name: exception.name.clone().unwrap_or_default(),
            intervals: intervals("exceptions", &exception.intervals)?,
        })
    };
    given.iter().map(one).collect()
}

/// Queries of business hours.
#[derive(Default)]
pub struct HoursQuery;

#[Object]
impl HoursQuery {
    /// The business hours of the AI agent that is named, else of the organization that is, else of the agency itself: what
    /// was set there, what counts, and who said so. NOT_FOUND for what is out of reach.
    #[graphql(directive = requires::apply("handoff.read".to_owned()))]
    async fn business_hours(
        &self,
        ctx: &Context<'_>,
        organization_id: Option<ID>,
        ai_agent_id: Option<ID>,
    ) -> Result<BusinessHours> {
        let organization = optional_id("organizationId", organization_id.as_ref())?;
        let ai_agent = optional_id("aiAgentId", ai_agent_id.as_ref())?;
        let view = service::hours(services(ctx)?, &asking(ctx)?.actor, organization, ai_agent).await?;
        Ok(BusinessHours::of(view))
    }

    /// The holiday calendars of the agency, by name: those that hours can be closed by.
    #[graphql(directive = requires::apply("handoff.read".to_owned()))]
    async fn holiday_calendars(&self, ctx: &Context<'_>) -> Result<Vec<HolidayCalendar>> {
        let found = service::calendars(services(ctx)?, &asking(ctx)?.actor).await?;
        Ok(found.into_iter().map(HolidayCalendar::of).collect())
    }
}

/// Changes of business hours.
#[derive(Default)]
pub struct HoursMutation;

#[Object]
impl HoursMutation {
    /// Sets the business hours of the AI agent that is named, else of the organization that is, else of the agency itself;
    /// `enabled: false` lets what lies below count again, and keeps what was set. For the agency itself it takes package.edit. What is left out stays; a day that is not
    /// in `week` is closed. INVALID at `timeZone` (NOT_A_TIME_ZONE), `week` and `exceptions` (NOT_A_TIME, NOT_A_DATE,
    /// OVERLAP, TWICE, TOO_MANY) or `calendarIds`; CONFLICT with CHANGED_MEANWHILE when `rev` is not the one it is now.
    #[expect(clippy::too_many_arguments, reason = "the arguments of the field")]
    #[graphql(directive = requires::apply("business_hours.edit".to_owned()))]
    async fn update_business_hours(
        &self,
        ctx: &Context<'_>,
        organization_id: Option<ID>,
        ai_agent_id: Option<ID>,
        enabled: bool,
        time_zone: Option<String>,
        #[graphql(name = "week")] days: Option<Vec<HoursDayInput>>,
        #[graphql(name = "exceptions")] dates: Option<Vec<HoursExceptionInput>>,
        calendar_ids: Option<Vec<ID>>,
        rev: Option<i64>,
    ) -> Result<BusinessHours> {
        let organization = optional_id("organizationId", organization_id.as_ref())?;
        let ai_agent = optional_id("aiAgentId", ai_agent_id.as_ref())?;
        let wanted = Wanted {
            enabled,
            time_zone,
            week: days.as_deref().map(week).transpose()?,
            exceptions: dates.as_deref().map(exceptions).transpose()?,
            calendars: optional_ids("calendarIds", calendar_ids.as_deref())?,
            rev,
        };
        let (services, actor) = (services(ctx)?, &asking(ctx)?.actor);
        Ok(BusinessHours::of(service::update(services, actor, organization, ai_agent, wanted).await?))
    }

    /// Imports a holiday calendar from iCalendar text (RFC 5545). INVALID at `text` with NOT_A_CALENDAR, TOO_LARGE, TOO_MANY,
    /// UNSUPPORTED_RULE, UNKNOWN_TIME_ZONE or NO_HOLIDAYS, and the line in the message; CONFLICT with TOO_MANY.
    #[graphql(directive = requires::apply("package.edit".to_owned()))]
    async fn import_holiday_calendar(
        &self,
        ctx: &Context<'_>,
        client_id: String,
        name: String,
        text: String,
    ) -> Result<HolidayCalendar> {
        let (services, actor) = (services(ctx)?, &asking(ctx)?.actor);
        Ok(HolidayCalendar::of(service::import(services, actor, &client_id, &name, &text).await?))
    }

    /// Gives a holiday calendar another name, or imports it anew from another text; what is left out stays.
    #[graphql(directive = requires::apply("package.edit".to_owned()))]
    async fn update_holiday_calendar(
        &self,
        ctx: &Context<'_>,
        holiday_calendar_id: ID,
        name: Option<String>,
        text: Option<String>,
    ) -> Result<HolidayCalendar> {
        let id: HolidayCalendarId = id("holidayCalendarId", &holiday_calendar_id)?;
        let (services, actor) = (services(ctx)?, &asking(ctx)?.actor);
        let changed = service::update_calendar(services, actor, id, name.as_deref(), text.as_deref()).await?;
        Ok(HolidayCalendar::of(changed))
    }

    /// Removes a holiday calendar, also from the hours that it closes.
    #[graphql(directive = requires::apply("package.edit".to_owned()))]
    async fn delete_holiday_calendar(&self, ctx: &Context<'_>, holiday_calendar_id: ID) -> Result<bool> {
        let id: HolidayCalendarId = id("holidayCalendarId", &holiday_calendar_id)?;
        service::delete_calendar(services(ctx)?, &asking(ctx)?.actor, id).await?;
        Ok(true)
    }
}
