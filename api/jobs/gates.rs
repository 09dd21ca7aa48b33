//! Who may go where now: a few at once to each place outside, and for a while none to a place that does not answer.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::domain::time::Time;

/// How many are on their way at once, to all places: the rest of the worker is for answers.
const AT_ONCE: usize = 24;
/// After so many failures in a row a place is left alone.
const PATIENCE: u32 = 3;
/// For how long, at first and at most.
const REST: (Duration, Duration) = (Duration::from_secs(15), Duration::from_secs(240));

/// Who may go where now. One for each kind of thing that leaves the house.
#[derive(Default)]
pub(super) struct Gates(Mutex<State>);

#[derive(Default)]
struct State {
    busy: usize,
    places: HashMap<String, Place>,
}

#[derive(Default)]
struct Place {
    busy: usize,
    /// How many were turned away since one came back.
    turned_away: u32,
    failures: u32,
    closed_until: Option<Time>,
}

/// Leave to go somewhere, until it is dropped.
pub(super) struct Pass<'a> {
    gates: &'a Gates,
    place: String,
}

impl Gates {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets one through, or says for how long to stay away.
    pub fn enter(&self, place: &str, at_once: usize, now: Time) -> Result<Pass<'_>, Duration> {
        let mut state = self.state();
        let all_busy = state.busy >= AT_ONCE;
        let found = state.places.entry(place.to_owned()).or_default();
        if let Some(until) = found.closed_until.filter(|until| *until > now) {
            return Err(until.since(now));
        }
        // Whoever comes first after a rest goes alone, to see.
        let at_once = if found.failures >= PATIENCE { 1 } else { at_once };
        if all_busy || found.busy >= at_once {
            found.turned_away += 1;
            return Err(Duration::from_millis(u64::from(1000 + 100 * found.turned_away.min(290))));
        }
        found.busy += 1;
        state.busy += 1;
        Ok(Pass { gates: self, place: place.to_owned() })
    }

    /// Remembers how a place did.
    pub fn report(&self, place: &str, answered: bool, now: Time) {
        let mut state = self.state();
        let Some(found) = state.places.get_mut(place) else { return };
        if answered {
            found.failures = 0;
            found.closed_until = None;
            return;
        }
        found.failures = found.failures.saturating_add(1);
        if let Some(more) = found.failures.checked_sub(PATIENCE) {
            found.closed_until = Some(now.plus((REST.0 * (1 << more.min(8))).min(REST.1)));
        }
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        let mut state = self.gates.state();
        state.busy -= 1;
        if let Some(found) = state.places.get_mut(&self.place) {
            found.busy -= 1;
            found.turned_away = 0;
            if found.busy == 0 && found.failures == 0 {
                state.places.remove(&self.place);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Time {
        Time::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn a_few_at_once_to_each_place() {
        let gates = Gates::default();
        let (a, b) = (gates.enter("a", 2, at(0)).ok(), gates.enter("a", 2, at(0)).ok());
        assert!(a.is_some() && b.is_some());
        assert!(gates.enter("a", 2, at(0)).is_err());
        assert!(gates.enter("b", 2, at(0)).is_ok());
        drop(a);
        assert!(gates.enter("a", 2, at(0)).is_ok());
        drop(b);
        assert!(gates.state().places.is_empty() && gates.state().busy == 0);
    }

    #[test]
    fn a_place_that_does_not_answer_rests_and_is_tried_by_one() {
        let gates = Gates::default();
        for _ in 0..PATIENCE {
            let Ok(pass) = gates.enter("a", 2, at(0)) else { panic!("open") };
            gates.report("a", false, at(0));
            drop(pass);
        }
        assert_eq!(gates.enter("a", 2, at(1)).err(), Some(Duration::from_secs(14)));
        assert!(gates.enter("b", 2, at(1)).is_ok());
        let Ok(probe) = gates.enter("a", 2, at(16)) else { panic!("one goes to see") };
        assert!(gates.enter("a", 2, at(16)).is_err());
        gates.report("a", false, at(16));
        drop(probe);
        assert_eq!(gates.enter("a", 2, at(17)).err(), Some(Duration::from_secs(29)));
        let Ok(probe) = gates.enter("a", 2, at(50)) else { panic!("one goes to see") };
        gates.report("a", true, at(50));
        assert!(gates.enter("a", 2, at(50)).is_ok());
        drop(probe);
    }
}
