//! The end of a chat: how it was resolved, how the visitor found it, and when a quiet one ends by itself.

use std::time::Duration;

use super::conversation::{Handoff, HandoffState, State, words};
use super::id::{AgencyId, AiAgentId, ConversationId, HandoffId, OrganizationId, UserId};
use super::time::Time;
use crate::error::{Error, Result};

words! {
    /// How a chat with a person was resolved, as whoever completed it says.
    Resolution {
        /// The visitor has what they came for.
        Resolved "RESOLVED",
        /// And has said so.
        VisitorConfirmed "VISITOR_CONFIRMED",
        /// The visitor could not be helped.
        NotResolved "NOT_RESOLVED",
        /// The visitor did not answer any more.
        NoAnswer "NO_ANSWER",
        /// There was nobody to help.
        Spam "SPAM",
    }
}

/// How one handoff was completed.
#[derive(Debug, Clone, PartialEq)]
pub struct Ending {
    /// Which.
    pub handoff: HandoffId,
    /// The agency it belongs to.
    pub agency: AgencyId,
    /// The organization it belongs to.
    pub organization: OrganizationId,
    /// The conversation.
    pub conversation: ConversationId,
    /// How it was resolved, if anybody said.
    pub resolution: Option<Resolution>,
    /// What there is to say of it, for colleagues.
    pub note: Option<String>,
    /// Who completed it; none when the house did, because nothing happened any more.
    pub completed_by: Option<UserId>,
    /// When.
    pub completed_at: Time,
}

/// How a visitor found one handoff.
#[derive(Debug, Clone, PartialEq)]
pub struct Rating {
    /// Which.
    pub handoff: HandoffId,
    /// The agency it belongs to.
    pub agency: AgencyId,
    /// The organization it belongs to.
    pub organization: OrganizationId,
    /// The AI agent whose conversation it was.
    pub ai_agent: AiAgentId,
    /// The conversation.
    pub conversation: ConversationId,
    /// Whose work it was: who completed the chat, or had it last.
    pub operator: Option<UserId>,
    /// From 1 to 5.
    pub rating: i64,
    /// What the visitor said with it.
    pub text: Option<String>,
    /// When it was first given.
    pub rated_at: Time,
    /// When it was last changed.
    pub changed_at: Time,
}

/// For how long after its end a visitor is asked how a handoff was.
pub const ASKED_FOR: Duration = Duration::from_secs(24 * 3600);

/// For how long a visitor may change their mind about a rating.
pub const CHANGED_WITHIN: Duration = Duration::from_secs(600);

/// Longest note of whoever completes, and longest text of a rating, in characters.
pub const TEXT_LIMIT: usize = 2_000;

/// A rating as visitors give it.
///
/// # Errors
/// INVALID with OUT_OF_RANGE.
pub fn stars(rating: i64) -> Result<i64> {
    if (1..=5).contains(&rating) {
        return Ok(rating);
    }
    Err(Error::invalid("rating", "OUT_OF_RANGE", "Choose a rating from 1 to 5."))
}

/// Whether that is a handoff of which the visitor may be asked how it was: it has ended with the work of a person done, not
/// too long ago, and nobody else has the chat meanwhile.
pub fn may_be_rated(handoff: &Handoff, now_owned: State, now: Time) -> bool {
    let done = matches!(handoff.state, HandoffState::Completed | HandoffState::Returned);
    let between = !matches!(now_owned, State::Requested | State::Human);
    done && between && handoff.ended_at.is_some_and(|at| now.since(at) <= ASKED_FOR)
}

/// What is to be done about a chat that a person has and in which nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quiet {
    /// Nothing yet.
    Wait,
    /// It counts as idle.
    Flag,
    /// It is completed.
    Complete,
}

/// What is to be done about a chat that has been quiet since `silent_since` and idle since `idle_at`. Nought minutes mean never.
/// Nothing is completed that was not flagged before, so that whoever has it has seen it coming.
pub fn quiet(silent_since: Time, idle_at: Option<Time>, idle: i64, complete: i64, now: Time) -> Quiet {
    let over = |minutes: i64| {
        let minutes = u64::try_from(minutes).unwrap_or_default();
        minutes > 0 && now.since(silent_since) >= Duration::from_secs(minutes * 60)
    };
    match idle_at {
        Some(_) if over(complete) => Quiet::Complete,
        None if over(idle) => Quiet::Flag,
        _ => Quiet::Wait,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quiet_chat_is_flagged_first_and_then_completed() {
        #[track_caller]
        fn check(silent: i64, flagged: bool, idle: i64, complete: i64, expected: Quiet) {
            let at = |minutes: i64| Time::from_micros(minutes * 60_000_000);
            let idle_at = flagged.then(|| at(1_000 - silent));
            assert_eq!(quiet(at(1_000 - silent), idle_at, idle, complete, at(1_000)), expected);
        }
        check(9, false, 10, 60, Quiet::Wait);
        check(10, false, 10, 60, Quiet::Flag);
        check(10, true, 10, 60, Quiet::Wait);
        check(60, true, 10, 60, Quiet::Complete);
        check(600, false, 10, 60, Quiet::Flag);
        check(600, false, 0, 60, Quiet::Wait);
        check(600, true, 10, 0, Quiet::Wait);
        check(5, true, 10, 5, Quiet::Complete);
    }

    #[test]
    fn one_to_five() {
        for rating in -1..8 {
            assert_eq!(stars(rating).is_ok(), (1..=5).contains(&rating), "{rating}");
        }
    }
}
