//! Who is written about what. One small decision, so that what people choose for themselves can be put in front of it.

use super::conversation::words;

words! {
    /// What somebody may be written about.
    Occasion {
        /// A visitor asked for a person.
        Requested "REQUESTED",
        /// They still wait.
        Waiting "WAITING",
        /// They wrote to the operator who has the chat, and nobody has seen it.
        Unseen "UNSEEN",
        /// Nobody came to them.
        Missed "MISSED",
        /// They left an offline query.
        OfflineQuery "OFFLINE_QUERY",
        /// They answered by mail.
        Replied "REPLIED",
    }
}

/// How long a visitor's words may lie unseen before the operator is written about them, in seconds.
pub const UNSEEN_AFTER: u64 = 180;

/// What is known of somebody who could be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// Whether they hold the permission that the occasion is for, where it happened.
    pub concerned: bool,
    /// Whether they were told of the same before.
    pub told: bool,
    /// Whether it only is a rehearsal.
    pub rehearsal: bool,
}

/// Why somebody is not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withheld {
    /// It is no business of theirs.
    NotConcerned,
    /// They know it.
    Told,
    /// It is not real.
    Rehearsal,
}

/// Whether somebody is written about an occasion, and why not. Until people choose for themselves every occasion is told.
///
/// # Errors
/// The reason.
pub fn by_mail(_occasion: Occasion, facts: &Facts) -> Result<(), Withheld> {
    match facts {
        Facts { rehearsal: true, .. } => Err(Withheld::Rehearsal),
        Facts { concerned: false, .. } => Err(Withheld::NotConcerned),
        Facts { told: true, .. } => Err(Withheld::Told),
        Facts { .. } => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_concerned_is_told_once_of_what_is_real() {
        fn check(concerned: bool, told: bool, rehearsal: bool, expected: Result<(), Withheld>) {
            for occasion in Occasion::ALL {
                let facts = Facts { concerned, told, rehearsal };
                assert_eq!(by_mail(*occasion, &facts), expected, "{occasion:?} {facts:?}");
            }
        }
        check(true, false, false, Ok(()));
        check(true, true, false, Err(Withheld::Told));
        check(false, false, false, Err(Withheld::NotConcerned));
        check(true, false, true, Err(Withheld::Rehearsal));
    }
}
