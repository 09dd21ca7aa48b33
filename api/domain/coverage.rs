//! Coverage agreements (W10): who of the agency answers a client's live chats, and when.

use super::access::Place;
use super::hours::{Hours, Interval, Schedule};
use super::id::{AgencyId, CoverageId, OrganizationId};
use super::time::Time;

/// An agreement as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Coverage {
    /// Its id.
    pub id: CoverageId,
    /// The agency whose people cover.
    pub agency: AgencyId,
    /// The organization that is covered.
    pub organization: OrganizationId,
    /// What people call it.
    pub name: String,
    /// The role that those who cover have meanwhile, by its key.
    pub role: String,
    /// The hours, as [`written`] keeps them.
    pub schedule: String,
    /// From when on it counts.
    pub starts_at: Time,
    /// Until when; none means until it is ended.
    pub ends_at: Option<Time>,
    /// Whether it was last told that it counts.
    pub active: bool,
    /// When it was agreed.
    pub created_at: Time,
    /// When it was ended.
    pub ended_at: Option<Time>,
}

/// Hours as they are kept: their zone and their week. Exceptions have no place in an agreement.
///
/// # Errors
/// Never, for hours that were checked.
pub fn written(hours: &Hours) -> serde_json::Result<String> {
    serde_json::to_string(&(&hours.time_zone, &hours.week))
}

impl Coverage {
    /// Where it stands, for the policy.
    pub fn place(&self) -> Place {
        Place::organization(self.agency, self.organization)
    }

    /// Its hours. Ones that cannot be read count at no time.
    pub fn hours(&self) -> Option<Hours> {
        let (time_zone, week): (String, [Vec<Interval>; 7]) = serde_json::from_str(&self.schedule).ok()?;
        Some(Hours { time_zone, week, exceptions: Vec::new() })
    }

    fn schedule(&self) -> Option<Schedule> {
        self.hours().map(|hours| Schedule::new(&hours, []))
    }

    /// Whether it gives anything at that instant.
    pub fn counts(&self, at: Time) -> bool {
        self.ended_at.is_none()
            && self.starts_at <= at
            && self.ends_at.is_none_or(|ends| at < ends)
            && self.schedule().is_some_and(|hours| hours.is_open(at))
    }

    /// When that is next another answer, after `at`; none when never.
    pub fn next_change(&self, at: Time) -> Option<Time> {
        if self.ended_at.is_some() {
            return None;
        }
        let hours = self.schedule()?;
        let over = |at: Time| self.ends_at.is_some_and(|ends| ends <= at);
        if over(at) {
            return None;
        }
        if self.counts(at) {
            let closes = hours.next_change(at);
            return match (closes, self.ends_at) {
                (Some(closes), Some(ends)) => Some(closes.min(ends)),
                (one, other) => one.or(other),
            };
        }
        let from = at.max(self.starts_at);
        let opens = if hours.is_open(from) && from > at { Some(from) } else { hours.next_change(from) }?;
        (!over(opens)).then_some(opens)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Time {
        let at: jiff::Timestamp = text.parse().expect("an instant");
        Time::from_micros(at.as_microsecond())
    }

    /// Nights, from eight in the evening to six in the morning, in Berlin.
    fn nights(starts: &str, ends: Option<&str>) -> Coverage {
        let night = Interval::parse("20:00", "06:00").expect("an interval");
        let week = std::array::from_fn(|_| vec![night]);
        let hours = Hours { time_zone: "Europe/Berlin".to_owned(), week, exceptions: Vec::new() };
        Coverage {
            id: CoverageId::from_number(1),
            agency: AgencyId::from_number(1),
            organization: OrganizationId::from_number(1),
            name: "Nights".to_owned(),
            role: "organization.operator".to_owned(),
            schedule: written(&hours).expect("text"),
            starts_at: at(starts),
            ends_at: ends.map(at),
            active: false,
            created_at: at(starts),
            ended_at: None,
        }
    }

    #[track_caller]
    fn check(coverage: &Coverage, now: &str, counts: bool, next: Option<&str>) {
        assert_eq!((coverage.counts(at(now)), coverage.next_change(at(now))), (counts, next.map(at)), "{now}");
    }

    #[test]
    fn an_agreement_counts_in_its_hours_and_within_its_time() {
        let nights = nights("2026-01-01T12:00:00Z", Some("2026-01-03T02:00:00Z"));
        check(&nights, "2025-12-31T22:00:00Z", false, Some("2026-01-01T19:00:00Z"));
        check(&nights, "2026-01-01T18:59:59Z", false, Some("2026-01-01T19:00:00Z"));
        check(&nights, "2026-01-01T19:00:00Z", true, Some("2026-01-02T05:00:00Z"));
        check(&nights, "2026-01-02T05:00:00Z", false, Some("2026-01-02T19:00:00Z"));
        // Its time is over before the night is.
        check(&nights, "2026-01-02T23:00:00Z", true, Some("2026-01-03T02:00:00Z"));
        check(&nights, "2026-01-03T02:00:00Z", false, None);
    }

    #[test]
    fn one_that_begins_in_its_hours_counts_from_its_beginning() {
        let nights = nights("2026-01-01T22:00:00Z", None);
        check(&nights, "2026-01-01T21:00:00Z", false, Some("2026-01-01T22:00:00Z"));
        check(&nights, "2026-01-01T22:00:00Z", true, Some("2026-01-02T05:00:00Z"));
    }

    #[test]
    fn one_that_was_ended_or_cannot_be_read_counts_never() {
        let ended = Coverage { ended_at: Some(at("2026-01-01T20:00:00Z")), ..nights("2026-01-01T12:00:00Z", None) };
        check(&ended, "2026-01-01T23:00:00Z", false, None);
        let broken = Coverage { schedule: "?".to_owned(), ..nights("2026-01-01T12:00:00Z", None) };
        check(&broken, "2026-01-01T23:00:00Z", false, None);
    }
}
