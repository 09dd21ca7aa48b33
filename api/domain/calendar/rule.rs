//! RRULE: on which dates an event comes again.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use super::lines::{Line, shown};
use super::{HOLIDAYS, Moment, Trouble, bad, moment};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Every {
    Day,
    Week,
    Month,
    Year,
}

/// A rule as far as it is understood.
#[derive(Debug)]
pub(super) struct Rule {
    every: Every,
    interval: i64,
    count: Option<usize>,
    /// The last moment at which it may come.
    pub(super) until: Option<Moment>,
    week_start: Weekday,
    months: Vec<i8>,
    month_days: Vec<i8>,
    /// Days of the week, each with which of its kind: nought means every.
    days: Vec<(i16, Weekday)>,
}

fn weekday(text: &str) -> Option<Weekday> {
    Some(match text {
        "MO" => Weekday::Monday,
        "TU" => Weekday::Tuesday,
        "WE" => Weekday::Wednesday,
        "TH" => Weekday::Thursday,
        "FR" => Weekday::Friday,
        "SA" => Weekday::Saturday,
        "SU" => Weekday::Sunday,
        _ => return None,
    })
}

impl Rule {
    /// The rule of a line.
    pub(super) fn parse(line: &Line) -> Result<Self, Trouble> {
        let mut rule = Self {
            every: Every::Year,
            interval: 1,
            count: None,
            until: None,
            week_start: Weekday::Monday,
            months: Vec::new(),
            month_days: Vec::new(),
            days: Vec::new(),
        };
        let unsupported =
            |part: &str| (line.number, "UNSUPPORTED_RULE", format!("The rule {} is not understood.", shown(part)));
        let mut every = None;
        for part in line.value.trim().trim_end_matches(';').split(';') {
            let wrong = || bad(line.number, format!("{} is no part of a rule.", shown(part)));
            let (name, value) = part.split_once('=').ok_or_else(wrong)?;
            let (name, value) = (name.trim().to_ascii_uppercase(), value.trim().to_ascii_uppercase());
            match name.as_str() {
                "FREQ" => {
                    every = Some(match value.as_str() {
                        "YEARLY" => Every::Year,
                        "MONTHLY" => Every::Month,
                        "WEEKLY" => Every::Week,
                        "DAILY" => Every::Day,
                        _ => return Err(unsupported(part)),
                    });
                }
                "INTERVAL" => rule.interval = number(&value, 1, 1000).ok_or_else(wrong)?,
                "COUNT" => {
                    let count = number(&value, 1, 100_000).ok_or_else(wrong)?;
                    rule.count = usize::try_from(count).ok();
                }
                "UNTIL" => rule.until = Some(moment(line, &value)?.0),
                "WKST" => rule.week_start = weekday(&value).ok_or_else(wrong)?,
                "BYMONTH" => rule.months = list(&value, 1, 12).ok_or_else(wrong)?,
                "BYMONTHDAY" => {
                    rule.month_days = list(&value, -31, 31).ok_or_else(wrong)?;
                    if rule.month_days.contains(&0) {
                        return Err(wrong());
                    }
                }
                "BYDAY" => {
                    for day in value.split(',') {
                        let at = day.len().checked_sub(2).filter(|at| day.is_char_boundary(*at)).ok_or_else(wrong)?;
                        let (which, name) = day.split_at(at);
                        let which = if which.is_empty() { Some(0) } else { number(which, -53, 53) };
                        let which = which.and_then(|which| i16::try_from(which).ok()).ok_or_else(wrong)?;
                        rule.days.push((which, weekday(name).ok_or_else(wrong)?));
                        if rule.days.len() > 60 {
                            return Err(wrong());
                        }
                    }
                }
                _ => return Err(unsupported(part)),
            }
        }
        rule.every = every.ok_or_else(|| bad(line.number, "The rule does not say how often."))?;
        let ordinal = rule.days.iter().any(|(which, _)| *which != 0);
        if ordinal && !matches!(rule.every, Every::Year | Every::Month) || rule.count.is_some() && rule.until.is_some()
        {
            return Err(unsupported(&line.value));
        }
        Ok(rule)
    }

    /// The dates on which it comes again within a window, without the first one. None when that takes too many steps.
    pub(super) fn dates(
        &self,
        first: Date,
        (from, to): (Date, Date),
        steps: &mut u32,
        goes_on: impl Fn(Date) -> bool,
    ) -> Option<Vec<Date>> {
        // What is counted is counted from its beginning; everything else can be entered anywhere.
        let mut date = if self.count.is_some() { first } else { first.max(from) };
        let mut left = self.count.map(|count| count - 1);
        let mut found = Vec::new();
        while date <= to && left != Some(0) {
            *steps = steps.checked_sub(1)?;
            if let Some(later) = self.skip(first, date) {
                date = later;
                continue;
            }
            if date > first && self.fits(first, date) {
                if !goes_on(date) {
                    break;
                }
                left = left.map(|left| left - 1);
                if date >= from {
                    found.push(date);
                    if found.len() > HOLIDAYS {
                        return None;
                    }
                }
            }
            date = date.tomorrow().ok()?;
        }
        Some(found)
    }

    /// The next date that is worth a look, when this one's month is not.
    fn skip(&self, first: Date, date: Date) -> Option<Date> {
        let years = i64::from(date.year() - first.year());
        let months = years * 12 + i64::from(date.month() - first.month());
        let idle = match self.every {
            Every::Year => years % self.interval != 0,
            Every::Month => months % self.interval != 0,
            Every::Week | Every::Day => false,
        };
        let months = if self.months.is_empty() { self.own_month(first) } else { self.months.clone() };
        let idle = idle || (!months.is_empty() && !months.contains(&date.month()));
        if idle { date.first_of_month().checked_add(1.month()).ok() } else { None }
    }

    /// The month of its first date, when the rule leaves it to that.
    fn own_month(&self, first: Date) -> Vec<i8> {
        let bare = self.every == Every::Year && self.days.is_empty() && self.month_days.is_empty();
        if bare { vec![first.month()] } else { Vec::new() }
    }

    fn fits(&self, first: Date, date: Date) -> bool {
        let on_interval = match self.every {
            // Years and months have been skipped that do not count.
            Every::Year | Every::Month => true,
            Every::Week => {
                let week =
                    |date: Date| days_between(Date::constant(1600, 1, 3), date) - i64::from(self.days_into_week(date));
                ((week(date) - week(first)) / 7) % self.interval == 0
            }
            Every::Day => days_between(first, date) % self.interval == 0,
        };
        let month_day =
            |wanted: &i8| *wanted == date.day() || (*wanted < 0 && date.days_in_month() + 1 + *wanted == date.day());
        let by_month_day = self.month_days.is_empty() || self.month_days.iter().any(month_day);
        let by_day = self.days.is_empty() || self.days.iter().any(|(which, day)| self.is_nth(*which, *day, date));
        let own = match self.every {
            _ if !self.days.is_empty() || !self.month_days.is_empty() => true,
            Every::Day => true,
            Every::Week => date.weekday() == first.weekday(),
            Every::Month | Every::Year => date.day() == first.day(),
        };
        on_interval && by_month_day && by_day && own
    }

    fn days_into_week(&self, date: Date) -> i8 {
        self.week_start.until(date.weekday())
    }

    /// Whether a date is the nth of its day in its month, or in its year when the rule names no month; counted from the end
    /// when n is negative.
    fn is_nth(&self, which: i16, day: Weekday, date: Date) -> bool {
        if date.weekday() != day {
            return false;
        }
        let in_year = self.every == Every::Year && self.months.is_empty();
        let (at, length) = if in_year {
            (date.day_of_year(), date.days_in_year())
        } else {
            (i16::from(date.day()), i16::from(date.days_in_month()))
        };
        match which {
            0 => true,
            1.. => (at - 1) / 7 + 1 == which,
            _ => (length - at) / 7 + 1 == -which,
        }
    }
}

fn days_between(from: Date, to: Date) -> i64 {
    from.duration_until(to).as_hours() / 24
}

fn number(text: &str, least: i64, most: i64) -> Option<i64> {
    let digits = text.trim_start_matches(['+', '-']);
    if digits.is_empty() || digits.len() > 6 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().filter(|number| (least..=most).contains(number))
}

fn list(text: &str, least: i64, most: i64) -> Option<Vec<i8>> {
    let numbers = text.split(',').take(70).map(|part| number(part, least, most).and_then(|n| i8::try_from(n).ok()));
    numbers.collect()
}
