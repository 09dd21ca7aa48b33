//! What is asked of new visitors before their first word, so that programs stay away: a little work for their browser.
//!
//! Nothing is kept of a challenge that was given: it is sealed, names the visitor it is for, and ends soon. Solving it is
//! kept with the visitor, so that one challenge admits one visitor, once. Another kind of challenge, as an outside service
//! gives them, has its place in [`Kind`].

use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::domain::access::Actor;
use crate::domain::id::VisitorId;
use crate::error::{Code, Error, Result};
use crate::policy::Scope;
use crate::service::{Services, visitor_of};
use crate::store::visitor;

/// How long there is to solve one.
const LASTS: Duration = Duration::from_secs(10 * 60);
/// How many bits of the hash have to be nought: 65,536 hashes on average, a fraction of a second in a browser.
pub const BITS: u32 = 16;
/// What a challenge is sealed for.
const PURPOSE: &str = "challenge of a new visitor";

/// The kinds of challenges. What an outside service gives would be one more, with its verdict asked for in [`solve`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Find a text which, hashed after the challenge, begins with enough noughts.
    ProofOfWork,
}

/// A challenge as it is given.
pub struct Challenge {
    /// Of which kind.
    pub kind: Kind,
    /// What to solve; opaque.
    pub token: String,
    /// How many bits have to be nought.
    pub bits: u32,
}

/// A challenge for the visitor who asks.
pub fn give(s: &Services, actor: &Actor) -> Result<Challenge> {
    let visitor = visitor_of(actor)?.visitor;
    let until = s.clock.now().plus(LASTS).micros();
    let token = s.seal.close(PURPOSE, &format!("{visitor} {BITS} {until}"))?;
    Ok(Challenge { kind: Kind::ProofOfWork, token, bits: BITS })
}

/// Takes the answer to one, and lets the visitor write. A retry of what was solved is no error.
///
/// # Errors
/// FORBIDDEN with CHALLENGE_FAILED for another's challenge, for a wrong answer, and for one that has ended.
pub async fn solve(s: &Services, actor: &Actor, token: &str, answer: &str) -> Result<()> {
    let who = visitor_of(actor)?;
    if !solves(s, who.visitor, token, answer) {
        return Err(Error::new(Code::Forbidden, "CHALLENGE_FAILED", "That did not work. Please try again."));
    }
    let mut unit = s.store.write().await?;
    visitor::passed_challenge(&mut unit, &Scope::of_visitor(who), who.visitor, s.clock.now()).await?;
    unit.commit().await
}

fn solves(s: &Services, visitor: VisitorId, token: &str, answer: &str) -> bool {
    if token.len() > 512 || answer.len() > 64 {
        return false;
    }
    let Ok(sealed) = s.seal.open(PURPOSE, token) else { return false };
    let mut words = sealed.split(' ');
    let mut word = || words.next().unwrap_or_default();
    let (whose, bits, until) = (word(), word().parse::<u32>(), word().parse::<i64>());
    let (Ok(bits), Ok(until)) = (bits, until) else { return false };
    whose == visitor.to_string() && s.clock.now().micros() < until && noughts(token, answer) >= bits
}

/// How many bits at the front of the hash are nought.
fn noughts(token: &str, answer: &str) -> u32 {
    let hash = Sha256::digest(format!("{token}:{answer}").as_bytes());
    let mut count = 0;
    for byte in hash {
        count += byte.leading_zeros();
        if byte != 0 {
            break;
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noughts_are_counted_in_bits() {
        // Found by trying: the hashes of these begin with 000a and 0001.
        let found = (0u32..).find(|answer| noughts("t", &answer.to_string()) >= 12).expect("one of them");
        let hash = Sha256::digest(format!("t:{found}").as_bytes());
        assert_eq!((hash[0], hash[1] >> 4), (0, 0));
    }
}
