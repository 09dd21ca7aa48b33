//! The escalation ladder: who is told that a visitor waits, after how long, by which way, until somebody accepts.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::conversation::{Conversation, State, words};
use super::text;
use crate::error::{Error, Result};

words! {
    /// Whom a step tells.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
    Whom {
        /// Whoever may answer live chats there.
        Team "TEAM",
        /// Whoever supervises them.
        Supervisors "SUPERVISORS",
        /// The agency's staff who watch over all organizations.
        Agency "AGENCY",
        /// One address.
        Address "ADDRESS",
        /// Nobody any more: the visitor is offered the offline query.
        OfflineQuery "OFFLINE_QUERY",
    }
}

words! {
    /// By which way a step tells.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
    Channel {
        /// It rings in the dashboard.
        Ring "RING",
        /// By mail.
        Email "EMAIL",
    }
}

words! {
    /// What became of a step.
    StepOutcome {
        /// It rang.
        Rang "RANG",
        /// Mails were written.
        Mailed "MAILED",
        /// There is nobody whom it could tell.
        Nobody "NOBODY",
        /// Nobody came: the request is missed.
        Missed "MISSED",
        /// Not taken: somebody had accepted.
        Claimed "CLAIMED",
        /// Not taken: the request had been withdrawn, or had ended.
        Cancelled "CANCELLED",
        /// Not taken: a rehearsal tells nobody by mail.
        Rehearsal "REHEARSAL",
    }
}

/// One step of a ladder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rung {
    /// How long after the request, in seconds.
    pub after: i64,
    /// Whom it tells.
    pub whom: Whom,
    /// The address, when it is one.
    pub address: Option<String>,
    /// By which ways; none for the offline query.
    pub channels: Vec<Channel>,
}

/// All steps, the first one first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ladder {
    /// The steps.
    pub rungs: Vec<Rung>,
    /// After how many seconds the last step is taken again, and again; none when it is not, or is the offline query.
    pub repeat: Option<i64>,
}

/// Most steps of a ladder.
pub const RUNGS_AT_MOST: usize = 10;
/// Latest step, and longest pause between repetitions: a day.
const LATEST: i64 = 86_400;
/// Shortest pause between repetitions.
const SOONEST_AGAIN: i64 = 60;

impl Default for Ladder {
    /// What counts while nobody has said otherwise: the team at once, again after five minutes, missed after fifteen.
    fn default() -> Self {
        let told =
            |after| Rung { after, whom: Whom::Team, address: None, channels: vec![Channel::Ring, Channel::Email] };
        let missed = Rung { after: 900, whom: Whom::OfflineQuery, address: None, channels: Vec::new() };
        Self { rungs: vec![told(0), told(300), missed], repeat: None }
    }
}

fn bad(reason: &'static str, message: impl Into<String>) -> Error {
    Error::invalid("steps", reason, message)
}

impl Ladder {
    /// Whether any step tells somebody.
    pub fn tells_somebody(&self) -> bool {
        self.rungs.iter().any(|rung| rung.whom != Whom::OfflineQuery)
    }

    /// A ladder of these steps.
    ///
    /// # Errors
    /// INVALID with the reason: no step or too many, not in the order of time, an address missing or too much, no way to tell
    /// by, an offline query that is not the last step, a repetition of what ends.
    pub fn new(rungs: Vec<Rung>, repeat: Option<i64>) -> Result<Self> {
        if rungs.is_empty() {
            return Err(bad("EMPTY", "A ladder has at least one step."));
        }
        if rungs.len() > RUNGS_AT_MOST {
            return Err(bad("TOO_MANY", format!("At most {RUNGS_AT_MOST} steps are allowed.")));
        }
        let (mut checked, mut before) = (Vec::with_capacity(rungs.len()), 0);
        for (at, mut rung) in rungs.iter().cloned().enumerate() {
            let last = at + 1 == rungs.len();
            if rung.after < before || rung.after > LATEST {
                return Err(bad("NOT_IN_ORDER", "Each step comes after the one before it, and within a day."));
            }
            before = rung.after;
            rung.channels.sort_unstable();
            rung.channels.dedup();
            rung.address = match (rung.whom, rung.address) {
                (Whom::Address, Some(address)) => Some(text::email("steps", &address)?),
                (Whom::Address, None) => return Err(bad("ADDRESS_MISSING", "Say to which address.")),
                (_, Some(_)) => return Err(bad("NO_ADDRESS_HERE", "Only a step to an address names one.")),
                (_, None) => None,
            };
            match rung.whom {
                Whom::OfflineQuery if !last => {
                    return Err(bad("OFFLINE_QUERY_IS_LAST", "The offline query can only be the last step."));
                }
                Whom::OfflineQuery => rung.channels.clear(),
                Whom::Address if rung.channels != [Channel::Email] => {
                    return Err(bad("ADDRESS_BY_MAIL", "An address is told by mail alone."));
                }
                _ if rung.channels.is_empty() => return Err(bad("NO_CHANNEL", "Choose a way to tell them.")),
                _ => {}
            }
            checked.push(rung);
        }
        let ends = checked.last().is_some_and(|rung| rung.whom == Whom::OfflineQuery);
        match repeat {
            Some(_) if ends => Err(Error::invalid(
                "repeatSeconds",
                "NOTHING_TO_REPEAT",
                "After the offline query nothing is repeated.",
            )),
            Some(pause) if !(SOONEST_AGAIN..=LATEST).contains(&pause) => Err(Error::invalid(
                "repeatSeconds",
                "OUT_OF_RANGE",
                format!("Choose a pause from {SOONEST_AGAIN} to {LATEST} seconds."),
            )),
            _ => Ok(Self { rungs: checked, repeat }),
        }
    }

    /// The step of that number, from nought: how long after the request it comes, and what it does. None when there is
    /// nothing more to do: the ladder is at its end, or a day has passed.
    pub fn step(&self, number: usize) -> Option<(Duration, &Rung)> {
        if let Some(rung) = self.rungs.get(number) {
            return Some((seconds(rung.after), rung));
        }
        let last = self.rungs.last().filter(|rung| rung.whom != Whom::OfflineQuery)?;
        let again = i64::try_from(number - self.rungs.len()).ok()?.checked_add(1)?;
        let after = last.after.checked_add(self.repeat?.checked_mul(again)?)?;
        (after <= LATEST).then(|| (seconds(after), last))
    }
}

fn seconds(count: i64) -> Duration {
    Duration::from_secs(count.max(0).unsigned_abs())
}

/// Why a step is not taken any more; none when it is. `round` is the version of the conversation with which this waiting
/// began: after a release there is another, with a ladder of its own.
pub fn why_not(conversation: &Conversation, round: i64) -> Option<StepOutcome> {
    match conversation.state {
        State::Requested if conversation.version == round => None,
        State::Human => Some(StepOutcome::Claimed),
        // Somebody had it in between, and gave it back: another round has begun.
        State::Requested => Some(StepOutcome::Claimed),
        _ => Some(StepOutcome::Cancelled),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rung(after: i64, whom: Whom, channels: &[Channel]) -> Rung {
        let address = (whom == Whom::Address).then(|| "Desk@Bakery.test".to_owned());
        Rung { after, whom, address, channels: channels.to_vec() }
    }

    #[test]
    fn what_is_no_ladder_is_refused_with_its_reason() {
        use Channel::{Email, Ring};
        use Whom::{Address, Agency, OfflineQuery, Supervisors, Team};
        fn check(rungs: &[Rung], repeat: Option<i64>, expected: Option<&str>) {
            let found = Ladder::new(rungs.to_vec(), repeat);
            assert_eq!(found.as_ref().err().map(|error| error.reason), expected, "{rungs:?} {repeat:?}");
        }
        let team = |after| rung(after, Team, &[Ring]);
        let end = |after| rung(after, OfflineQuery, &[]);
        check(&[team(0), team(60), end(120)], None, None);
        check(&[team(0), rung(0, Agency, &[Email, Ring, Email])], Some(60), None);
        check(&[rung(5, Address, &[Email]), rung(6, Supervisors, &[Email])], Some(86_400), None);
        check(&[end(0)], None, None);
        check(&[], None, Some("EMPTY"));
        check(&vec![team(0); RUNGS_AT_MOST + 1], None, Some("TOO_MANY"));
        check(&[team(60), team(0)], None, Some("NOT_IN_ORDER"));
        check(&[team(-1)], None, Some("NOT_IN_ORDER"));
        check(&[team(86_401)], None, Some("NOT_IN_ORDER"));
        check(&[rung(0, Team, &[])], None, Some("NO_CHANNEL"));
        check(&[end(0), team(1)], None, Some("OFFLINE_QUERY_IS_LAST"));
        check(&[rung(0, Address, &[Ring])], None, Some("ADDRESS_BY_MAIL"));
        check(&[Rung { address: None, ..rung(0, Address, &[Email]) }], None, Some("ADDRESS_MISSING"));
        check(&[Rung { address: Some("a@b.test".into()), ..team(0) }], None, Some("NO_ADDRESS_HERE"));
        check(&[Rung { address: Some("a@b".into()), ..rung(0, Address, &[Email]) }], None, Some("NOT_AN_ADDRESS"));
        check(&[team(0), end(1)], Some(60), Some("NOTHING_TO_REPEAT"));
        check(&[team(0)], Some(59), Some("OUT_OF_RANGE"));
        check(&[team(0)], Some(86_401), Some("OUT_OF_RANGE"));
    }

    #[test]
    fn the_steps_come_one_after_the_other_until_the_end_or_again_and_again() {
        fn check(ladder: &Ladder, expected: &[(usize, Option<u64>)]) {
            for (number, after) in expected {
                assert_eq!(ladder.step(*number).map(|(after, _)| after.as_secs()), *after, "{number} of {ladder:?}");
            }
        }
        let standard = Ladder::default();
        check(&standard, &[(0, Some(0)), (1, Some(300)), (2, Some(900)), (3, None), (usize::MAX, None)]);
        let again = Ladder::new(
            vec![rung(0, Whom::Team, &[Channel::Ring]), rung(60, Whom::Agency, &[Channel::Email])],
            Some(600),
        );
        let again = again.expect("a ladder");
        check(
            &again,
            &[(0, Some(0)), (1, Some(60)), (2, Some(660)), (3, Some(1_260)), (144, Some(85_860)), (145, None)],
        );
        assert_eq!(again.step(7).map(|(_, rung)| rung.whom), Some(Whom::Agency));
        let once = Ladder { repeat: None, ..again };
        check(&once, &[(1, Some(60)), (2, None)]);
        assert_eq!(Ladder::new(standard.rungs.clone(), standard.repeat).ok(), Some(standard));
    }
}
