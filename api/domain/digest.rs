//! The digest: what happened in an organization in a day or a week, for whoever asked for it. Pure: the instant is an argument.

use jiff::civil::{Date, time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::conversation::words;
use super::hours;
use super::time::Time;

words! {
    /// How often somebody wants to read what happened.
    #[derive(Default, Serialize, Deserialize)]
    #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
    Rhythm {
        /// Not at all.
        #[default]
        Never "NEVER",
        /// Every morning, of the day before.
        Daily "DAILY",
        /// Every Monday morning, of the week before.
        Weekly "WEEKLY",
    }
}

/// At which minute of the day, in the zone of whoever reads it, a digest comes; where it is quiet for them then, when that is over.
const MORNING: u16 = 8 * 60;

/// Of which time a digest tells, which is due at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Period {
    /// From when.
    pub from: Time,
    /// Until when.
    pub until: Time,
}

/// The digest that has come due after `since`, up to `now`: the latest one, when several have. `quiet` are the reader's quiet
/// hours, in minutes of the day. A zone that nobody knows is UTC.
pub fn due(rhythm: Rhythm, zone: &str, quiet: Option<(u16, u16)>, since: Time, now: Time) -> Option<Period> {
    let days = match rhythm {
        Rhythm::Never => return None,
        Rhythm::Daily => 1,
        Rhythm::Weekly => 7,
    };
    let zone = hours::zone(zone).unwrap_or(TimeZone::UTC);
    let today = Timestamp::from_microsecond(now.micros()).ok()?.to_zoned(zone.clone()).date();
    let minute = morning(quiet);
    let back = match rhythm {
        Rhythm::Weekly => i64::from(today.weekday().to_monday_zero_offset()),
        _ => 0,
    };
    let this = today.checked_sub(back.days()).ok()?;
    let at = |date: Date| {
        let clock = time(i8::try_from(minute / 60).ok()?, i8::try_from(minute % 60).ok()?, 0, 0);
        hours::instant(&zone, date.to_datetime(clock))
    };
    let last = |date: Date| date.checked_sub(days.days()).ok();
    let date = if at(this)? <= now { this } else { last(this)? };
    let period = Period { from: at(last(date)?)?, until: at(date)? };
    (period.until > since).then_some(period)
}

fn morning(quiet: Option<(u16, u16)>) -> u16 {
    match quiet {
        Some((from, until)) if from < until && (from..until).contains(&MORNING) => until,
        Some((from, until)) if from > until && (MORNING >= from || MORNING < until) => until,
        _ => MORNING,
    }
}

/// What happened in an organization in a time, rehearsals left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// Chats that began.
    pub chats: i64,
    /// Requests for a person.
    pub requests: i64,
    /// Of those, how many somebody took.
    pub answered: i64,
    /// Of those, how many nobody came to.
    pub missed: i64,
    /// Offline queries that visitors left.
    pub queries: i64,
    /// Offline queries that are open at the end of it, whenever they were left.
    pub open_queries: i64,
}

impl Figures {
    /// Whether there is nothing to tell.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(instant: &str) -> Time {
        Time::from_micros(instant.parse::<Timestamp>().expect("an instant").as_microsecond())
    }

    #[test]
    fn it_comes_in_the_morning_of_its_reader_once() {
        // Rhythm, zone, quiet hours, looked at before, looked at now | from, until; 2026-11-23 is a Monday.
        let cases = "
            DAILY  UTC           -          2026-11-27T07:45Z 2026-11-27T08:00Z | 2026-11-26T08:00Z 2026-11-27T08:00Z
            DAILY  UTC           -          2026-11-27T07:30Z 2026-11-27T07:45Z | -
            DAILY  UTC           -          2026-11-27T08:00Z 2026-11-27T08:15Z | -
            DAILY  UTC           -          2026-11-20T08:00Z 2026-11-27T12:00Z | 2026-11-26T08:00Z 2026-11-27T08:00Z
            DAILY  Asia/Tokyo    -          2026-11-26T22:45Z 2026-11-26T23:00Z | 2026-11-25T23:00Z 2026-11-26T23:00Z
            DAILY  Asia/Kolkata  -          2026-11-27T02:15Z 2026-11-27T02:30Z | 2026-11-26T02:30Z 2026-11-27T02:30Z
            DAILY  Moon/Base     -          2026-11-27T07:45Z 2026-11-27T08:00Z | 2026-11-26T08:00Z 2026-11-27T08:00Z
            DAILY  Europe/Berlin -          2026-03-29T05:45Z 2026-03-29T06:00Z | 2026-03-28T07:00Z 2026-03-29T06:00Z
            DAILY  Europe/Berlin -          2026-10-25T06:45Z 2026-10-25T07:00Z | 2026-10-24T06:00Z 2026-10-25T07:00Z
            DAILY  UTC           22:00-9:30 2026-11-27T08:00Z 2026-11-27T08:15Z | -
            DAILY  UTC           22:00-9:30 2026-11-27T09:15Z 2026-11-27T09:30Z | 2026-11-26T09:30Z 2026-11-27T09:30Z
            DAILY  UTC           7:00-12:00 2026-11-27T11:45Z 2026-11-27T12:00Z | 2026-11-26T12:00Z 2026-11-27T12:00Z
            DAILY  UTC           22:00-7:00 2026-11-27T07:45Z 2026-11-27T08:00Z | 2026-11-26T08:00Z 2026-11-27T08:00Z
            DAILY  UTC           8:00-8:00  2026-11-27T07:45Z 2026-11-27T08:00Z | 2026-11-26T08:00Z 2026-11-27T08:00Z
            WEEKLY UTC           -          2026-11-23T07:45Z 2026-11-23T08:00Z | 2026-11-16T08:00Z 2026-11-23T08:00Z
            WEEKLY UTC           -          2026-11-23T07:30Z 2026-11-23T07:45Z | -
            WEEKLY UTC           -          2026-11-27T07:45Z 2026-11-27T08:00Z | -
            WEEKLY UTC           -          2026-11-20T00:00Z 2026-11-29T23:59Z | 2026-11-16T08:00Z 2026-11-23T08:00Z
            WEEKLY Pacific/Auckland -       2026-11-22T18:45Z 2026-11-22T19:00Z | 2026-11-15T19:00Z 2026-11-22T19:00Z
            NEVER  UTC           -          2026-11-01T00:00Z 2026-11-27T08:00Z | -";
        let mut seen = 0;
        for line in cases.lines().filter(|line| !line.trim().is_empty()) {
            let (given, expected) = line.split_once('|').expect("two sides");
            let [rhythm, zone, quiet, since, now] = given.split_whitespace().collect::<Vec<_>>()[..] else {
                panic!("{line}")
            };
            let minute = |clock: &str| {
                let (hour, minute) = clock.split_once(':').expect("a clock");
                hour.parse::<u16>().expect("hours") * 60 + minute.parse::<u16>().expect("minutes")
            };
            let quiet = quiet.split_once('-').filter(|(from, _)| !from.is_empty());
            let quiet = quiet.map(|(from, until)| (minute(from), minute(until)));
            let instant = |text: &str| at(&text.replace('Z', ":00Z"));
            let found = due(Rhythm::parse(rhythm).expect("a rhythm"), zone, quiet, instant(since), instant(now));
            let expected: Vec<&str> = expected.split_whitespace().collect();
            let expected = match expected[..] {
                ["-"] => None,
                [from, until] => Some(Period { from: instant(from), until: instant(until) }),
                _ => panic!("{line}"),
            };
            assert_eq!(found, expected, "{line}");
            seen += 1;
        }
        assert_eq!(seen, 20);
    }
}
