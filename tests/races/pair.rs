//! Two who do different things at once: when each starts, and what a saboteur waits for.

use std::sync::Arc;
use std::time::{Duration, Instant};

use livery::service::Services;
use tokio::sync::{Barrier, oneshot};
use tokio::task::yield_now;

use crate::support::soon;

/// Who of two starts later, and by how much: whoever won starts later in the next race, until either wins in turn. So the two
/// meet where it is decided, however different the ways are that they have to go, and however slow the machine is.
pub struct Handicap {
    /// How much later the one starts than the other, in microseconds; less than nothing: how much earlier.
    later: i64,
    step: i64,
    last: Option<bool>,
}

impl Handicap {
    const LEAST: i64 = 10;
    const STEP: i64 = 4_000;
    const MOST: i64 = 100_000;

    /// Both start at once.
    pub fn none() -> Self {
        Self { later: 0, step: 200, last: None }
    }

    /// Says who won: the one, or the other.
    pub fn won(&mut self, one: bool) {
        self.step = if self.last == Some(one) { self.step * 2 } else { self.step / 2 };
        self.step = self.step.clamp(Self::LEAST, Self::STEP);
        self.last = Some(one);
        self.later += if one { self.step } else { -self.step };
        self.later = self.later.clamp(-Self::MOST, Self::MOST);
    }

    /// For how long the one, and for how long the other, stand still after the start.
    fn waits(&self) -> (Duration, Duration) {
        let by = Duration::from_micros(self.later.unsigned_abs());
        if self.later > 0 { (by, Duration::ZERO) } else { (Duration::ZERO, by) }
    }
}

/// What a saboteur waits for between looking and acting: that the other has ended. So it does what a look that is not a
/// condition lets happen on a bad day, in every race.
pub struct OtherEnds(oneshot::Receiver<()>);

impl OtherEnds {
    pub async fn wait(self) {
        // Gone without a word is an end too.
        let _ = self.0.await;
    }
}

/// Two do different things at once; what each came to.
pub async fn at_once<A, B, One>(
    handicap: &Handicap,
    one: impl FnOnce(OtherEnds) -> One,
    other: impl Future<Output = B> + Send + 'static,
) -> (A, B)
where
    A: Send + 'static,
    B: Send + 'static,
    One: Future<Output = A> + Send + 'static,
{
    let (ended, ends) = oneshot::channel();
    let (one_waits, other_waits) = handicap.waits();
    let start = Arc::new(Barrier::new(2));
    let also = start.clone();
    let one = one(OtherEnds(ends));
    let one = tokio::spawn(async move {
        start.wait().await;
        stand(one_waits).await;
        one.await
    });
    let other = tokio::spawn(async move {
        also.wait().await;
        stand(other_waits).await;
        let came_to = other.await;
        // The product does not listen.
        let _ = ended.send(());
        came_to
    });
    let (one, other) = soon(async { tokio::join!(one, other) }).await;
    (one.expect("the one ended"), other.expect("the other ended"))
}

/// Timers count in milliseconds; what decides a race is shorter.
async fn stand(until: Duration) {
    let until = Instant::now() + until;
    while Instant::now() < until {
        yield_now().await;
    }
}

/// What the saboteur was caught at, in one of so many races.
///
/// # Panics
///
/// When nobody minded: then the same test cannot be relied on for the product either.
pub fn caught(s: &Services, done: usize, violation: Option<String>) -> String {
    let violation = violation.unwrap_or_else(|| panic!("{done} races of the saboteur, and nobody minded"));
    println!("the saboteur on {}: {violation}", s.store.engine_name());
    violation
}
