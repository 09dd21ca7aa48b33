//! Holiday calendars: iCalendar text (RFC 5545) made into holidays, each occurrence by itself. Pure, bounded in everything,
//! and written here because it has to be: the crates that repeat events bring a second database of time zones with them, and
//! those that only read leave lines, limits and repetition to whoever calls.
//!
//! Understood are VEVENTs of whole days and of some hours, with DTSTART, DTEND, DURATION, SUMMARY, STATUS, RRULE (YEARLY,
//! MONTHLY, WEEKLY and DAILY with INTERVAL, COUNT, UNTIL, WKST, BYMONTH, BYMONTHDAY and BYDAY), RDATE, EXDATE and
//! RECURRENCE-ID. A rule that says more is refused by name: a holiday in the wrong place is worse than none.

mod lines;
mod rule;

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::hours::{instant, zone};
use super::id::{AgencyId, HolidayCalendarId};
use super::time::Time;
use crate::error::{Error, Result};

use lines::{Line, lines};
use rule::Rule;

/// The longest text, in bytes.
pub const LONGEST: usize = 512 * 1024;
/// How many events it may have.
const EVENTS: usize = 2_000;
/// How many holidays may come of it.
const HOLIDAYS: usize = 5_000;
/// How long one may be, in days.
const DAYS: i32 = 366;
/// How many days may be looked at for all rules together.
const STEPS: u32 = 1_000_000;
/// From how many days before the import on, and how many after it, repeated events are made into holidays.
const WINDOW: (i64, i64) = (400, 20 * 366);

/// When a holiday is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum When {
    /// Whole days, wherever one is: from the first up to, and without, the second.
    #[serde(rename = "d")]
    Days(Date, Date),
    /// From one local time to another, wherever one is.
    #[serde(rename = "l")]
    Local(DateTime, DateTime),
    /// From one instant to another.
    #[serde(rename = "i")]
    Instants(Time, Time),
}

/// One occurrence of a holiday.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holiday {
    /// What it is called.
    #[serde(rename = "n")]
    pub name: String,
    /// When it is.
    #[serde(rename = "w")]
    pub when: When,
}

/// A calendar of an agency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HolidayCalendar {
    /// Its id.
    pub id: HolidayCalendarId,
    /// The agency.
    pub agency: AgencyId,
    /// Its name.
    pub name: String,
    /// Its holidays, in order.
    pub holidays: Vec<Holiday>,
    /// Raised by each change.
    pub rev: i64,
    /// When it was last changed.
    pub updated_at: Time,
}

/// Why a text is no calendar that can be used: in which line, why, and the same for a person.
type Trouble = (usize, &'static str, String);

/// The beginning or the end of an event, as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Moment {
    Day(Date),
    Local(DateTime),
    Instant(Timestamp),
}

/// An event while it is read.
#[derive(Default)]
struct Event {
    line: usize,
    uid: String,
    name: String,
    cancelled: bool,
    start: Option<(Moment, Option<TimeZone>)>,
    end: Option<(Moment, Option<TimeZone>)>,
    duration: Option<Length>,
    rule: Option<Rule>,
    more: Vec<Moment>,
    except: Vec<Moment>,
    instead_of: Option<Moment>,
}

/// How long an event is.
#[derive(Debug, Clone, Copy)]
struct Length {
    days: i32,
    seconds: i64,
}

/// The holidays of an iCalendar text, in order. What is over for more than a year is left out, and what repeats more than twenty
/// years ahead.
///
/// # Errors
/// INVALID at `text`: NOT_A_CALENDAR, TOO_LARGE, TOO_MANY, UNSUPPORTED_RULE, UNKNOWN_TIME_ZONE or NO_HOLIDAYS, with the line.
pub fn parse(text: &str, now: Time) -> Result<Vec<Holiday>> {
    read(text, now).map_err(|(line, reason, message)| {
        let message = if line > 0 { format!("Line {line}: {message}") } else { message };
        Error::invalid("text", reason, message)
    })
}

fn bad(line: usize, message: impl Into<String>) -> Trouble {
    (line, "NOT_A_CALENDAR", message.into())
}

fn read(text: &str, now: Time) -> Result<Vec<Holiday>, Trouble> {
    if text.len() > LONGEST {
        return Err((0, "TOO_LARGE", format!("The calendar is larger than {} kB.", LONGEST / 1024)));
    }
    let events = events(&lines(text)?)?;
    let today = Timestamp::from_microsecond(now.micros()).map(|at| TimeZone::UTC.to_datetime(at).date());
    let today = today.map_err(|_| bad(0, "There is no such time."))?;
    let from = today.saturating_sub(WINDOW.0.days());
    let to = today.saturating_add(WINDOW.1.days());
    // What stands in the place of one occurrence takes it out of the rule of its event.
    let mut replaced: HashMap<&str, HashSet<Moment>> = HashMap::new();
    for event in &events {
        if let Some(moment) = event.instead_of {
            replaced.entry(&event.uid).or_default().insert(moment);
        }
    }
    let (mut steps, mut found) = (STEPS, BTreeMap::new());
    for event in &events {
        let none = HashSet::new();
        let gone = if event.instead_of.is_none() { replaced.get(event.uid.as_str()).unwrap_or(&none) } else { &none };
        let name = if event.name.is_empty() { "Holiday" } else { &event.name };
        for when in occurrences(event, gone, (from, to), &mut steps)? {
            found.entry((when, name.to_owned())).or_insert(());
            if found.len() > HOLIDAYS {
                return Err((event.line, "TOO_MANY", format!("More than {HOLIDAYS} holidays come of this calendar.")));
            }
        }
    }
    if found.is_empty() {
        return Err((0, "NO_HOLIDAYS", "There are no holidays in this calendar.".to_owned()));
    }
    Ok(found.into_keys().map(|(when, name)| Holiday { name, when }).collect())
}

/// The events of the calendars in a text. What stands inside of an event, such as an alarm, is skipped.
fn events(lines: &[Line]) -> Result<Vec<Event>, Trouble> {
    let mut found = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let mut event: Option<Event> = None;
    let mut calendars = 0;
    for line in lines {
        match line.name.as_str() {
            "BEGIN" => {
                let what = line.value.trim().to_ascii_uppercase();
                if open.is_empty() && what != "VCALENDAR" {
                    return Err(bad(line.number, "A calendar begins with BEGIN:VCALENDAR."));
                }
                if open.len() >= 8 {
                    return Err(bad(line.number, "Its parts are nested too deeply."));
                }
                calendars += usize::from(open.is_empty());
                if what == "VEVENT" && open.len() == 1 {
                    if found.len() >= EVENTS {
                        return Err((line.number, "TOO_MANY", format!("More than {EVENTS} events.")));
                    }
                    event = Some(Event { line: line.number, ..Event::default() });
                }
                open.push(what);
            }
            "END" => {
                let what = line.value.trim().to_ascii_uppercase();
                if open.pop().as_deref() != Some(what.as_str()) {
                    return Err(bad(line.number, "END does not fit what was begun."));
                }
                if open.len() == 1
                    && let Some(event) = event.take()
                {
                    found.push(event);
                }
            }
            _ if open.is_empty() => return Err(bad(line.number, "A calendar begins with BEGIN:VCALENDAR.")),
            _ => {
                if let (Some(event), 2) = (&mut event, open.len()) {
                    property(event, line)?;
                }
            }
        }
    }
    if calendars == 0 {
        return Err(bad(0, "This is no calendar: it does not begin with BEGIN:VCALENDAR."));
    }
    if !open.is_empty() {
        return Err(bad(0, "The calendar is cut off: its end is missing."));
    }
    found.retain(|event| !event.cancelled);
    Ok(found)
}

fn property(event: &mut Event, line: &Line) -> Result<(), Trouble> {
    let once = |taken: bool| if taken { Err(bad(line.number, format!("{} stands twice.", line.name))) } else { Ok(()) };
    match line.name.as_str() {
        "UID" => event.uid = line.value.chars().take(300).collect(),
        "SUMMARY" => event.name = line.text(),
        "STATUS" => event.cancelled = line.value.trim().eq_ignore_ascii_case("CANCELLED"),
        "DTSTART" => {
            once(event.start.is_some())?;
            event.start = Some(moment(line, &line.value)?);
        }
        "DTEND" => {
            once(event.end.is_some())?;
            event.end = Some(moment(line, &line.value)?);
        }
        "DURATION" => {
            once(event.duration.is_some())?;
            event.duration = Some(duration(line)?);
        }
        "RRULE" => {
            once(event.rule.is_some())?;
            event.rule = Some(Rule::parse(line)?);
        }
        "RECURRENCE-ID" => event.instead_of = Some(moment(line, &line.value)?.0),
        "EXDATE" | "RDATE" => {
            let list = if line.name == "EXDATE" { &mut event.except } else { &mut event.more };
            for value in line.value.split(',') {
                if list.len() >= HOLIDAYS {
                    return Err((line.number, "TOO_MANY", "Too many dates.".to_owned()));
                }
                list.push(moment(line, value)?.0);
            }
        }
        "EXRULE" => return Err((line.number, "UNSUPPORTED_RULE", "EXRULE is not understood.".to_owned())),
        _ => {}
    }
    Ok(())
}

/// A date, or a time with or without a zone, as DTSTART and its kin have it.
fn moment(line: &Line, value: &str) -> Result<(Moment, Option<TimeZone>), Trouble> {
    let value = value.trim();
    let wrong = || bad(line.number, format!("{} is not a date or time.", lines::shown(value)));
    let digits = |range: std::ops::Range<usize>| -> Result<i16, Trouble> {
        let part = value.get(range).filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
        part.and_then(|part| part.parse().ok()).ok_or_else(wrong)
    };
    let small = |range| digits(range).and_then(|number| i8::try_from(number).map_err(|_| wrong()));
    let date = Date::new(digits(0..4)?, small(4..6)?, small(6..8)?).map_err(|_| wrong())?;
    if !(1600..=2200).contains(&date.year()) {
        return Err(bad(line.number, format!("{date} is too far away.")));
    }
    if value.len() == 8 {
        return Ok((Moment::Day(date), None));
    }
    let utc = value.ends_with('Z');
    if value.get(8..9) != Some("T") || value.len() != 15 + usize::from(utc) {
        return Err(wrong());
    }
    // A leap second counts as the one before it.
    let second = small(13..15)?.min(if value.get(13..15) == Some("60") { 59 } else { 60 });
    let time = jiff::civil::Time::new(small(9..11)?, small(11..13)?, second, 0).map_err(|_| wrong())?;
    let at = date.to_datetime(time);
    if utc {
        let at = TimeZone::UTC.to_timestamp(at).map_err(|_| wrong())?;
        return Ok((Moment::Instant(at), Some(TimeZone::UTC)));
    }
    let Some(name) = line.parameter("TZID") else { return Ok((Moment::Local(at), None)) };
    let unknown = || {
        let message = format!("The time zone {} is not known. Only names as in Europe/Berlin are.", lines::shown(name));
        (line.number, "UNKNOWN_TIME_ZONE", message)
    };
    let zone = zone(name.trim_start_matches('/')).ok_or_else(unknown)?;
    let at = instant(&zone, at).and_then(|at| Timestamp::from_microsecond(at.micros()).ok()).ok_or_else(wrong)?;
    Ok((Moment::Instant(at), Some(zone)))
}

/// `P1D`, `P2W`, `PT8H30M`.
fn duration(line: &Line) -> Result<Length, Trouble> {
    let wrong = || bad(line.number, format!("{} is not a duration.", lines::shown(&line.value)));
    let text = line.value.trim().trim_start_matches('+').to_ascii_uppercase();
    let mut rest = text.strip_prefix('P').ok_or_else(wrong)?;
    let (mut length, mut in_day, mut any) = (Length { days: 0, seconds: 0 }, false, false);
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('T') {
            if in_day {
                return Err(wrong());
            }
            (in_day, rest) = (true, after);
            continue;
        }
        let end = rest.find(|c: char| !c.is_ascii_digit()).filter(|end| (1..=6).contains(end)).ok_or_else(wrong)?;
        let number: i32 = rest[..end].parse().map_err(|_| wrong())?;
        match (rest.as_bytes()[end], in_day) {
            (b'W', false) => length.days += number.saturating_mul(7),
            (b'D', false) => length.days += number,
            (b'H', true) => length.seconds += i64::from(number) * 3600,
            (b'M', true) => length.seconds += i64::from(number) * 60,
            (b'S', true) => length.seconds += i64::from(number),
            _ => return Err(wrong()),
        }
        any = true;
        rest = &rest[end + 1..];
        if length.days > DAYS || length.seconds > i64::from(DAYS) * 86_400 {
            return Err(bad(line.number, "No holiday is longer than a year."));
        }
    }
    if any { Ok(length) } else { Err(wrong()) }
}

/// The length of an event: what it says, else a whole day, or nothing for a time.
fn length(event: &Event, start: Moment, zone: Option<&TimeZone>) -> Result<Length, Trouble> {
    let mixed = || bad(event.line, "DTSTART and DTEND are not of one kind.");
    let length = match (start, event.end.as_ref().map(|(end, _)| *end), event.duration) {
        (_, Some(_), Some(_)) => return Err(bad(event.line, "The event has DTEND and DURATION.")),
        (Moment::Day(from), Some(Moment::Day(to)), None) => {
            // Some programs write the last day itself, and so an end that is the beginning.
            Length { days: (to - from).get_days().max(1), seconds: 0 }
        }
        (Moment::Day(_), None, Some(length)) if length.seconds == 0 => Length { days: length.days.max(1), ..length },
        (Moment::Day(_), None, Some(_)) => return Err(bad(event.line, "A whole day lasts days, not hours.")),
        (Moment::Day(_), None, None) => Length { days: 1, seconds: 0 },
        (_, None, Some(length)) => length,
        (_, None, None) => Length { days: 0, seconds: 0 },
        (Moment::Local(from), Some(Moment::Local(to)), None) => {
            Length { days: 0, seconds: from.duration_until(to).as_secs() }
        }
        (Moment::Instant(from), Some(Moment::Instant(to)), None) => {
            // What repeats lasts as long by the clock on the wall, not in seconds that have passed.
            let zone = zone.cloned().unwrap_or(TimeZone::UTC);
            let wall = zone.to_datetime(from).duration_until(zone.to_datetime(to)).as_secs();
            Length { days: 0, seconds: wall }
        }
        _ => return Err(mixed()),
    };
    let backwards = length.seconds < 0 || event.end.as_ref().is_some_and(|(end, _)| earlier(*end, start));
    if backwards {
        return Err(bad(event.line, "The event ends before it begins."));
    }
    if length.days > DAYS || length.seconds > i64::from(DAYS) * 86_400 {
        return Err(bad(event.line, "No holiday is longer than a year."));
    }
    Ok(length)
}

fn earlier(end: Moment, start: Moment) -> bool {
    match (end, start) {
        (Moment::Day(end), Moment::Day(start)) => end < start,
        (Moment::Local(end), Moment::Local(start)) => end < start,
        (Moment::Instant(end), Moment::Instant(start)) => end < start,
        _ => false,
    }
}

/// The moment of a repeated event on another date.
fn on(start: Moment, zone: Option<&TimeZone>, date: Date) -> Option<Moment> {
    match (start, zone) {
        (Moment::Day(_), _) => Some(Moment::Day(date)),
        (Moment::Local(at), _) => Some(Moment::Local(date.to_datetime(at.time()))),
        (Moment::Instant(at), zone) => {
            let zone = zone.cloned().unwrap_or(TimeZone::UTC);
            let at = instant(&zone, date.to_datetime(zone.to_datetime(at).time()))?;
            Timestamp::from_microsecond(at.micros()).ok().map(Moment::Instant)
        }
    }
}

/// The date of a moment, on the clocks that it is meant for.
fn date_of(moment: Moment, zone: Option<&TimeZone>) -> Date {
    match moment {
        Moment::Day(date) => date,
        Moment::Local(at) => at.date(),
        Moment::Instant(at) => zone.unwrap_or(&TimeZone::UTC).to_datetime(at).date(),
    }
}

fn occurrences(
    event: &Event,
    gone: &HashSet<Moment>,
    (from, to): (Date, Date),
    steps: &mut u32,
) -> Result<Vec<When>, Trouble> {
    let Some((start, zone)) = &event.start else { return Err(bad(event.line, "The event has no DTSTART.")) };
    let (start, zone) = (*start, zone.as_ref());
    let length = length(event, start, zone)?;
    if start_kind(start) != event.more.first().map_or(start_kind(start), |more| start_kind(*more)) {
        return Err(bad(event.line, "DTSTART and RDATE are not of one kind."));
    }
    let first = date_of(start, zone);
    let mut moments = vec![start];
    if let Some(rule) = &event.rule {
        let window = (from.saturating_sub(i64::from(DAYS).days()), to);
        let dates = rule.dates(first, window, steps, |date| match rule.until {
            // Up to the instant, where there is one; a date includes its whole day.
            Some(until) => on(start, zone, date).is_some_and(|at| !past(at, until, zone)),
            None => true,
        });
        let dates =
            dates.ok_or((event.line, "TOO_MANY", "There is too much to repeat in this calendar.".to_owned()))?;
        moments.extend(dates.into_iter().filter_map(|date| on(start, zone, date)));
    }
    moments.extend(&event.more);
    let mut found = Vec::new();
    for moment in moments {
        let same_day = |other: &Moment| matches!(other, Moment::Day(date) if *date == date_of(moment, zone));
        if gone.contains(&moment) || event.except.iter().any(|except| *except == moment || same_day(except)) {
            continue;
        }
        found.extend(span(moment, length, zone).filter(|when| !is_before(when, from)));
    }
    Ok(found)
}

fn start_kind(moment: Moment) -> u8 {
    match moment {
        Moment::Day(_) => 0,
        Moment::Local(_) => 1,
        Moment::Instant(_) => 2,
    }
}

/// Whether a moment lies after the end of its rule.
fn past(at: Moment, until: Moment, zone: Option<&TimeZone>) -> bool {
    match (at, until) {
        (Moment::Instant(at), Moment::Instant(until)) => at > until,
        (Moment::Local(at), Moment::Local(until)) => at > until,
        (at, until) => date_of(at, zone) > date_of(until, zone),
    }
}

fn span(from: Moment, length: Length, zone: Option<&TimeZone>) -> Option<When> {
    let days = i64::from(length.days).days();
    match from {
        Moment::Day(from) => Some(When::Days(from, from.checked_add(days).ok()?)),
        _ if length.days == 0 && length.seconds == 0 => None,
        Moment::Local(from) => {
            Some(When::Local(from, from.checked_add(days).ok()?.checked_add(length.seconds.seconds()).ok()?))
        }
        Moment::Instant(from) => {
            let zone = zone.cloned().unwrap_or(TimeZone::UTC);
            let end = zone.to_datetime(from).checked_add(days).ok()?.checked_add(length.seconds.seconds()).ok()?;
            let (from, to) = (Time::from_micros(from.as_microsecond()), instant(&zone, end)?);
            (from < to).then_some(When::Instants(from, to))
        }
    }
}

/// Whether a holiday was over before a date.
fn is_before(when: &When, date: Date) -> bool {
    match when {
        When::Days(_, to) => *to <= date,
        When::Local(_, to) => to.date() < date,
        When::Instants(_, to) => Timestamp::from_microsecond(to.micros())
            .map(|to| TimeZone::UTC.to_datetime(to).date() < date)
            .unwrap_or(true),
    }
}

#[cfg(test)]
mod tests;
