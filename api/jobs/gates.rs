//! Who may go where now: a few at once to each place outside, and for a while none to a place that does not answer.
//!
//! What was handed over and is not kept as such when the process dies is handed over once more. So that this is one thing and
//! not all that was under way, things leave one after another, from before the hand-over until it is kept; but nobody waits
//! for one that takes long, or for a place that is known to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, oneshot};
use tokio::time::{Instant, timeout};

use crate::domain::time::Time;

/// How many are on their way at once, to all places: the rest of the worker is for answers.
const AT_ONCE: usize = 24;
/// After so many failures in a row a place is left alone.
const PATIENCE: u32 = 3;
/// For how long, at first and at most.
const REST: (Duration, Duration) = (Duration::from_secs(15), Duration::from_secs(240));
/// For how long others wait for what is just being handed over.
const COURTESY: Duration = Duration::from_millis(100);
/// A place that takes longer for an exchange needs several at once to take many, and nobody waits for it.
const SLOW: Duration = Duration::from_millis(50);

/// The one door through which all kinds of things leave, one after another.
#[derive(Clone)]
pub(super) struct Door {
    free: Arc<Semaphore>,
    courtesy: Duration,
    slow: Duration,
}

/// A turn at the door, until it is dropped; others wait no longer than [`COURTESY`] for it.
pub(super) struct Turn(
    #[expect(dead_code, reason = "dropping it is what says that the turn is over")] oneshot::Sender<()>,
);

impl Default for Door {
    fn default() -> Self {
        Self { free: Arc::new(Semaphore::new(1)), courtesy: COURTESY, slow: SLOW }
    }
}

impl Door {
    async fn turn(&self) -> Option<Turn> {
        // Nobody closes it.
        let permit = self.free.clone().acquire_owned().await.ok()?;
        let (turn, over) = oneshot::channel();
        let courtesy = self.courtesy;
        tokio::spawn(async move {
            timeout(courtesy, over).await.ok();
            drop(permit);
        });
        Some(Turn(turn))
    }
}

/// Who may go where now. One for each kind of thing that leaves the house.
pub(super) struct Gates {
    state: Mutex<State>,
    door: Door,
}

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
    /// The last exchange took longer than [`SLOW`].
    slow: bool,
}

/// Leave to go somewhere, until it is dropped.
pub(super) struct Pass<'a> {
    gates: &'a Gates,
    place: String,
    since: Instant,
}

impl Gates {
    /// Gates before a door.
    pub fn new(door: &Door) -> Self {
        Self { state: Mutex::default(), door: door.clone() }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
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
        Ok(Pass { gates: self, place: place.to_owned(), since: Instant::now() })
    }
}

impl Pass<'_> {
    /// Waits for a turn at the door, to be held until what was handed over is kept as such. None where it would only hold
    /// others up.
    pub async fn turn(&mut self) -> Option<Turn> {
        let slow = self.gates.state().places.get(&self.place).is_some_and(|place| place.slow);
        let turn = if slow { None } else { self.gates.door.turn().await };
        self.since = Instant::now();
        turn
    }

    /// Remembers how the place did.
    pub fn report(self, answered: bool, now: Time) {
        let mut state = self.gates.state();
        let Some(found) = state.places.get_mut(&self.place) else { return };
        found.slow = self.since.elapsed() > self.gates.door.slow;
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
            if found.busy == 0 && found.failures == 0 && !found.slow {
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
        let gates = Gates::new(&Door::default());
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
        let gates = Gates::new(&Door::default());
        for _ in 0..PATIENCE {
            let Ok(pass) = gates.enter("a", 2, at(0)) else { panic!("open") };
            pass.report(false, at(0));
        }
        assert_eq!(gates.enter("a", 2, at(1)).err(), Some(Duration::from_secs(14)));
        assert!(gates.enter("b", 2, at(1)).is_ok());
        let Ok(probe) = gates.enter("a", 2, at(16)) else { panic!("one goes to see") };
        assert!(gates.enter("a", 2, at(16)).is_err());
        probe.report(false, at(16));
        assert_eq!(gates.enter("a", 2, at(17)).err(), Some(Duration::from_secs(29)));
        let Ok(probe) = gates.enter("a", 2, at(50)) else { panic!("one goes to see") };
        probe.report(true, at(50));
        assert!(gates.enter("a", 2, at(50)).is_ok());
    }

    /// A door at which others wait for so long, and longer for no place.
    fn door(courtesy: Duration) -> Door {
        Door { courtesy, slow: courtesy, ..Door::default() }
    }

    #[tokio::test]
    async fn things_of_all_kinds_leave_one_after_another() {
        let door = door(Duration::from_secs(3600));
        let (mails, pushes) = (Gates::new(&door), Gates::new(&door));
        let (Ok(mut first), Ok(mut second)) = (mails.enter("a", 2, at(0)), pushes.enter("b", 2, at(0))) else {
            panic!("open")
        };
        let turn = first.turn().await;
        assert!(turn.is_some());
        let mut waits = Box::pin(second.turn());
        for _ in 0..100 {
            assert!(futures_util::poll!(&mut waits).is_pending());
            tokio::task::yield_now().await;
        }
        drop(turn);
        assert!(waits.await.is_some());
    }

    #[tokio::test]
    async fn nobody_waits_for_what_takes_long_or_is_known_to() {
        let door = door(Duration::ZERO);
        let gates = Gates::new(&door);
        let enter = |place| gates.enter(place, 2, at(0)).unwrap_or_else(|_| panic!("open"));
        let (mut long, mut other) = (enter("a"), enter("b"));
        let held = long.turn().await;
        assert!(other.turn().await.is_some());
        long.report(true, at(0));
        drop(held);
        assert!(enter("a").turn().await.is_none());
    }
}
