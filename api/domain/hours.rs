//! Business hours: when a person can be asked for, and when that changes next. Pure: the instant is an argument, and the time
//! zones are those that are compiled in, so that what is open does not depend on the machine.
//!
//! A day's intervals are those of an exception for its date, else none when it is a holiday, else those of its weekday. An
//! interval belongs to the day on which it begins and may run into the next one. It is open from its first instant up to,
//! and without, its last. A local time that the clocks skip is the instant at which they are changed; of one that comes
//! twice, the first counts.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::civil::{Date, DateTime, Time as ClockTime};
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::calendar::{Holiday, When};
use super::conversation::words;
use super::id::{AgencyId, AiAgentId, HolidayCalendarId, OrganizationId};
use super::text;
use super::time::Time;
use crate::error::{Error, Result};

words! {
    /// Whose hours are the ones that count.
    Origin {
        /// Nobody's: nobody has said when, so it is always open.
        Platform "PLATFORM",
        /// The agency's.
        Agency "AGENCY",
        /// The organization's.
        Organization "ORGANIZATION",
        /// The AI agent's own.
        AiAgent "AI_AGENT",
    }
}

words! {
    /// What becomes of requests that wait at closing time.
    ClosingRule {
        /// They go on waiting, and can be accepted.
        Keep "KEEP",
        /// They end as missed, and the visitor can leave a query.
        OfferOfflineQuery "OFFER_OFFLINE_QUERY",
    }
}

words! {
    /// Why it is open or closed.
    Because {
        /// Nobody has set hours: it is always open.
        Always "ALWAYS",
        /// The hours of that day of the week.
        Week "WEEK",
        /// An exception for that date.
        Exception "EXCEPTION",
        /// A holiday of a calendar.
        Holiday "HOLIDAY",
    }
}

/// Minutes of a day.
const DAY: u16 = 24 * 60;
/// How many intervals a day may have.
const INTERVALS: usize = 8;
/// How many exceptions there may be.
const EXCEPTIONS: usize = 200;
/// How many calendars may apply at once.
pub const CALENDARS: usize = 20;
/// How far ahead a change is looked for, in days; what does not change within is said never to change.
const HORIZON: i32 = 1100;

/// From one time of a day to another, in minutes; when the second is not after the first, it is on the next day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "(u16, u16)", into = "(u16, u16)")]
pub struct Interval {
    from: u16,
    to: u16,
}

impl TryFrom<(u16, u16)> for Interval {
    type Error = &'static str;

    fn try_from((from, to): (u16, u16)) -> std::result::Result<Self, Self::Error> {
        if from < DAY && to <= DAY { Ok(Self { from, to }) } else { Err("a time beyond its day") }
    }
}

impl From<Interval> for (u16, u16) {
    fn from(interval: Interval) -> Self {
        (interval.from, interval.to)
    }
}

impl Interval {
    /// From `HH:MM` to `HH:MM`; the second may be 24:00.
    pub fn parse(from: &str, to: &str) -> Option<Self> {
        Self::try_from((minutes(from)?, minutes(to)?)).ok()
    }

    /// Both times as they are written.
    pub fn written(self) -> (String, String) {
        let write = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        (write(self.from), write(self.to))
    }

    /// Minutes from the beginning of its day to its end: beyond a day when it runs into the next one.
    fn end(self) -> u16 {
        if self.to <= self.from { self.to + DAY } else { self.to }
    }
}

fn minutes(text: &str) -> Option<u16> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let number = |part: &str, least: usize| {
        let digits = (least..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| part.parse::<u16>().ok()).flatten()
    };
    let (hours, minutes) = (number(hours, 1)?, number(minutes, 2)?);
    (minutes < 60 && hours * 60 + minutes <= DAY).then_some(hours * 60 + minutes)
}

/// A date on which other hours count than on its day of the week; without intervals it is closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// The date.
    pub date: Date,
    /// What it is called.
    pub name: String,
    /// When it is open.
    pub intervals: Vec<Interval>,
}

/// Hours as somebody set them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hours {
    /// The IANA zone in which they are meant.
    pub time_zone: String,
    /// The intervals of each day, Monday first.
    pub week: [Vec<Interval>; 7],
    /// Dates on which others count, in their order.
    pub exceptions: Vec<Exception>,
}

impl Hours {
    /// What somebody begins with who has set none: Monday to Friday from nine to five.
    pub fn usual(time_zone: &str) -> Self {
        let mut week: [Vec<Interval>; 7] = Default::default();
        for day in week.iter_mut().take(5) {
            day.push(Interval { from: 9 * 60, to: 17 * 60 });
        }
        Self { time_zone: time_zone.to_owned(), week, exceptions: Vec::new() }
    }

    /// Hours as they are kept: in order, within limits, in a zone that there is.
    ///
    /// # Errors
    /// INVALID: `timeZone` NOT_A_TIME_ZONE, `week` or `exceptions` TOO_MANY, OVERLAP or TWICE.
    pub fn checked(mut self) -> Result<Self> {
        self.time_zone = super::setting::time_zone(&self.time_zone).ok_or_else(|| {
            Error::invalid("timeZone", "NOT_A_TIME_ZONE", "There is no such time zone. Write one as in Europe/Berlin.")
        })?;
        for day in &mut self.week {
            in_order("week", day)?;
        }
        if self.exceptions.len() > EXCEPTIONS {
            return Err(Error::invalid("exceptions", "TOO_MANY", format!("At most {EXCEPTIONS} exceptions.")));
        }
        self.exceptions.sort_by_key(|exception| exception.date);
        if let Some(twice) = self.exceptions.windows(2).find(|pair| pair[0].date == pair[1].date) {
            let message = format!("There are two exceptions for {}.", twice[0].date);
            return Err(Error::invalid("exceptions", "TWICE", message));
        }
        for exception in &mut self.exceptions {
            let name = Some(exception.name.as_str()).filter(|name| !name.trim().is_empty());
            exception.name = text::optional_line("exceptions", name, 120)?.unwrap_or_default();
            in_order("exceptions", &mut exception.intervals)?;
        }
        Ok(self)
    }
}

fn in_order(field: &'static str, intervals: &mut [Interval]) -> Result<()> {
    if intervals.len() > INTERVALS {
        return Err(Error::invalid(field, "TOO_MANY", format!("At most {INTERVALS} intervals a day.")));
    }
    intervals.sort_unstable();
    if let Some(pair) = intervals.windows(2).find(|pair| pair[0].end() > pair[1].from) {
        let ((from, to), (then, _)) = (pair[0].written(), pair[1].written());
        let message = format!("{from} to {to} and what begins at {then} overlap.");
        return Err(Error::invalid(field, "OVERLAP", message));
    }
    Ok(())
}

/// A date as it is written: `2026-12-24`.
pub fn date(text: &str) -> Option<Date> {
    let text = text.trim();
    let date: Date = (text.len() == 10).then(|| text.parse().ok()).flatten()?;
    (1900..=2200).contains(&date.year()).then_some(date)
}

/// Where hours are set: at an AI agent, at an organization, or at the agency itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoursPlace {
    /// The agency.
    pub agency: AgencyId,
    /// The organization, when they are its own.
    pub organization: Option<OrganizationId>,
    /// The AI agent, when they are its own.
    pub ai_agent: Option<AiAgentId>,
}

impl HoursPlace {
    /// Whose they are.
    pub fn origin(&self) -> Origin {
        match (self.ai_agent, self.organization) {
            (Some(_), _) => Origin::AiAgent,
            (None, Some(_)) => Origin::Organization,
            (None, None) => Origin::Agency,
        }
    }

    /// The id of whatever it is.
    pub fn id(&self) -> String {
        match (self.ai_agent, self.organization) {
            (Some(ai_agent), _) => ai_agent.to_string(),
            (None, Some(organization)) => organization.to_string(),
            (None, None) => self.agency.to_string(),
        }
    }
}

/// Hours that were set somewhere, whether or not they count there.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// Where.
    pub place: HoursPlace,
    /// Whether they count there; otherwise what lies below does.
    pub enabled: bool,
    /// The hours.
    pub hours: Hours,
    /// Which calendars close them.
    pub calendars: Vec<HolidayCalendarId>,
    /// Raised by each change.
    pub rev: i64,
}

/// Hours ready to be asked: in their zone, with the holidays that close them.
#[derive(Debug, Clone)]
pub struct Schedule {
    zone: TimeZone,
    week: [Vec<Interval>; 7],
    exceptions: BTreeMap<Date, Exception>,
    holidays: BTreeMap<Date, String>,
    /// Holidays of some hours, by their beginning.
    closures: Vec<(Time, Time, String)>,
    /// When every week is open throughout, or never: what only exceptions can change.
    uniform: Option<bool>,
}

/// An interval of a day as instants.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    from: Time,
    to: Time,
    interval: Interval,
    because: Because,
}

/// Whether it is open, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Whether a person can be asked for.
    pub open: bool,
    /// What says so.
    pub because: Because,
    /// The name of the holiday or of the exception.
    pub name: Option<String>,
    /// The interval that is open.
    pub interval: Option<Interval>,
    /// When that changes; none when it does not within three years.
    pub changes_at: Option<Time>,
}

impl Status {
    /// Of hours that nobody has set.
    pub const ALWAYS: Self =
        Self { open: true, because: Because::Always, name: None, interval: None, changes_at: None };

    /// When it opens again; none while it is open.
    pub fn opens_at(&self) -> Option<Time> {
        self.changes_at.filter(|_| !self.open)
    }
}

/// The zone of that name, compiled in.
pub fn zone(name: &str) -> Option<TimeZone> {
    static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);
    ZONES.get(name).ok()
}

/// The first instant at which a clock of that zone shows this time, or has gone past it.
pub fn instant(zone: &TimeZone, at: DateTime) -> Option<Time> {
    let ambiguous = zone.to_ambiguous_timestamp(at);
    let found = match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(at),
        AmbiguousOffset::Fold { before, .. } => before.to_timestamp(at),
        // Skipped: the change of the clocks lies between what either offset makes of it.
        AmbiguousOffset::Gap { before, after } => match after.to_timestamp(at) {
            Ok(earlier) => match zone.following(earlier).find(|change| change.offset() == after) {
                Some(change) => Ok(change.timestamp()),
                None => before.to_timestamp(at),
            },
            Err(error) => Err(error),
        },
    };
    found.ok().map(|found| Time::from_micros(found.as_microsecond()))
}

impl Schedule {
    /// Hours with the holidays of the calendars that apply. A zone that is not known counts as UTC; what is kept was checked.
    pub fn new<'a>(hours: &Hours, holidays: impl IntoIterator<Item = &'a Holiday>) -> Self {
        Self::in_zone(hours, zone(&hours.time_zone).unwrap_or(TimeZone::UTC), holidays)
    }

    /// The same in any zone.
    pub fn in_zone<'a>(hours: &Hours, zone: TimeZone, holidays: impl IntoIterator<Item = &'a Holiday>) -> Self {
        let mut days = BTreeMap::new();
        let mut closures = Vec::new();
        for holiday in holidays {
            let span = match holiday.when {
                When::Days(from, to) => {
                    let mut day = from;
                    while day < to {
                        days.entry(day).or_insert_with(|| holiday.name.clone());
                        let Ok(next) = day.tomorrow() else { break };
                        day = next;
                    }
                    continue;
                }
                When::Local(from, to) => instant(&zone, from).zip(instant(&zone, to)),
                When::Instants(from, to) => Some((from, to)),
            };
            if let Some((from, to)) = span.filter(|(from, to)| from < to) {
                closures.push((from, to, holiday.name.clone()));
            }
        }
        closures.sort();
        let exceptions = hours.exceptions.iter().map(|exception| (exception.date, exception.clone())).collect();
        let uniform = if hours.week.iter().all(Vec::is_empty) {
            Some(false)
        } else {
            hours.week.iter().all(|day| whole(day)).then_some(true)
        };
        Self { zone, week: hours.week.clone(), exceptions, holidays: days, closures, uniform }
    }

    /// The intervals of a day as instants.
    fn day(&self, date: Date, found: &mut Vec<Stretch>) {
        let (intervals, because) = match self.exceptions.get(&date) {
            Some(exception) => (&exception.intervals, Because::Exception),
            None if self.holidays.contains_key(&date) => return,
            None => (&self.week[usize::from(date.weekday().to_monday_zero_offset().unsigned_abs())], Because::Week),
        };
        for interval in intervals {
            let (Some(from), Some(to)) = (self.local(date, interval.from), self.local(date, interval.end())) else {
                continue;
            };
            let whole = Stretch { from, to, interval: *interval, because };
            // An exception is somebody's own word; a calendar closes what the week says.
            let closures = if because == Because::Week { self.closures.as_slice() } else { &[] };
            cut(whole, closures, found);
        }
    }

    fn local(&self, date: Date, minutes: u16) -> Option<Time> {
        let (days, minutes) = (minutes / DAY, minutes % DAY);
        let date = if days > 0 { date.checked_add(i64::from(days).days()).ok()? } else { date };
        let time = ClockTime::new(i8::try_from(minutes / 60).ok()?, i8::try_from(minutes % 60).ok()?, 0, 0).ok()?;
        instant(&self.zone, date.to_datetime(time))
    }

    /// What is open on the days from one date on, in order.
    fn days(&self, from: Date, count: i32) -> Vec<Stretch> {
        let mut found = Vec::new();
        let mut date = from;
        for _ in 0..count {
            self.day(date, &mut found);
            let Ok(next) = date.tomorrow() else { break };
            date = next;
        }
        found.sort_by_key(|stretch| (stretch.from, stretch.to));
        found
    }

    fn today(&self, at: Time) -> Option<Date> {
        Some(self.zone.to_datetime(Timestamp::from_microsecond(at.micros()).ok()?).date())
    }

    /// Whether it is open at an instant.
    pub fn is_open(&self, at: Time) -> bool {
        self.stretch(at).is_some()
    }

    /// What is open then. An interval lasts a day at most, and clocks are set by less than one.
    fn stretch(&self, at: Time) -> Option<Stretch> {
        let first = self.today(at)?.checked_sub(2.days()).ok()?;
        self.days(first, 4).into_iter().find(|stretch| stretch.from <= at && at < stretch.to)
    }

    /// When it opens or closes next; none when that does not happen within three years.
    pub fn next_change(&self, at: Time) -> Option<Time> {
        let first = self.today(at)?.checked_sub(2.days()).ok()?;
        if self.uniform.is_some() && !self.changed_by_others(first, at) {
            return None;
        }
        for days in [5, 12, 45, 400, HORIZON] {
            // What begins before this is all there: a day later could still begin earlier by a change of clocks.
            let last = first.checked_add(i64::from(days - 2).days()).ok()?;
            let known = instant(&self.zone, last.to_datetime(ClockTime::midnight()))?;
            let found = self.days(first, days);
            let change = if found.iter().any(|stretch| stretch.from <= at && at < stretch.to) {
                let mut end = at;
                for stretch in &found {
                    if stretch.from <= end && stretch.to > end {
                        end = stretch.to;
                    }
                }
                Some(end)
            } else {
                found.iter().map(|stretch| stretch.from).find(|from| *from > at)
            };
            if let Some(change) = change.filter(|change| *change < known) {
                return Some(change);
            }
        }
        None
    }

    /// Whether anything but the week says something from that day on.
    fn changed_by_others(&self, first: Date, at: Time) -> bool {
        self.exceptions.range(first..).next().is_some()
            || self.holidays.range(first..).next().is_some()
            || self.closures.iter().any(|(_, to, _)| *to > at)
    }

    /// The IANA name of their zone.
    pub fn zone_name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// Whether it is open at an instant, why, and when that changes.
    pub fn at(&self, at: Time) -> Status {
        let changes_at = self.next_change(at);
        if let Some(stretch) = self.stretch(at) {
            let name = self.exception_of(stretch, at).filter(|name| !name.is_empty());
            return Status { open: true, because: stretch.because, name, interval: Some(stretch.interval), changes_at };
        }
        let today = self.today(at);
        let closure = self.closures.iter().find(|(from, to, _)| *from <= at && at < *to);
        let (because, name) = match today.and_then(|today| self.exceptions.get(&today)) {
            Some(exception) => (Because::Exception, Some(exception.name.clone())),
            None => match (today.and_then(|today| self.holidays.get(&today)), closure) {
                (Some(holiday), _) | (None, Some((_, _, holiday))) => (Because::Holiday, Some(holiday.clone())),
                (None, None) => (Because::Week, None),
            },
        };
        let name = name.filter(|name| !name.is_empty());
        Status { open: false, because, name, interval: None, changes_at }
    }

    fn exception_of(&self, stretch: Stretch, at: Time) -> Option<String> {
        if stretch.because != Because::Exception {
            return None;
        }
        let today = self.today(at)?;
        let begun = |date: Date| self.local(date, stretch.interval.from) == Some(stretch.from);
        let dates = [Some(today), today.yesterday().ok()];
        let date = dates.into_iter().flatten().find(|date| begun(*date))?;
        self.exceptions.get(&date).map(|exception| exception.name.clone())
    }
}

/// Whether a day is open from one end to the other.
fn whole(day: &[Interval]) -> bool {
    let mut reached = 0;
    for interval in day {
        if interval.from > reached {
            return false;
        }
        reached = reached.max(interval.end());
    }
    reached >= DAY
}

/// A stretch without what closes it.
fn cut(whole: Stretch, closures: &[(Time, Time, String)], found: &mut Vec<Stretch>) {
    let mut from = whole.from;
    for (closed, opened, _) in closures {
        if *closed >= whole.to {
            break;
        }
        if *opened <= from {
            continue;
        }
        if *closed > from {
            found.push(Stretch { from, to: *closed, ..whole });
        }
        from = *opened;
    }
    if from < whole.to {
        found.push(Stretch { from, ..whole });
    }
}

#[cfg(test)]
mod tests;
