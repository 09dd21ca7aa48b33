//! How much each API key may ask for, and what is left of it: what programs are told with every answer, so that they can slow
//! down before they are refused.
//!
//! A bucket that fills again at an even pace, counted by the node: a key that asks several nodes has as much at each.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock;
use governor::middleware::{NoOpMiddleware, StateInformationMiddleware};
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

use crate::domain::id::ApiKeyId;
use crate::domain::time::{Clock, Time};
use crate::error::{Code, Error};

/// In how long an empty bucket is full again.
pub const WINDOW: Duration = Duration::from_secs(60);

/// Our clock, as the limiter reads it.
struct Hands {
    clock: Clock,
    began: Time,
}

impl clock::Clock for Hands {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.clock.now().since(self.began)
    }
}

/// What is left of a quota after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// Most requests at once, and in each [`WINDOW`].
    pub most: u32,
    /// How many more may come at once.
    pub requests: u32,
    /// In how many whole seconds one more may come, if there is none left; otherwise, in how many all of them are back.
    pub seconds: u64,
}

/// Counts what API keys ask for on this node.
pub struct Quotas {
    most: NonZeroU32,
    hands: Hands,
    keys: RateLimiter<ApiKeyId, DefaultKeyedStateStore<ApiKeyId>, Hands, StateInformationMiddleware>,
}

impl Quotas {
    /// So many requests a minute for each key.
    pub fn new(most: u32, clock: Clock) -> Self {
        let most = NonZeroU32::new(most).unwrap_or(NonZeroU32::MIN);
        let hands = || Hands { clock: clock.clone(), began: clock.now() };
        let keys: RateLimiter<_, _, _, NoOpMiddleware<Duration>> =
            RateLimiter::new(Quota::per_minute(most), DefaultKeyedStateStore::default(), hands());
        Self { most, hands: hands(), keys: keys.with_middleware() }
    }

    /// Counts a request of a key, and says what is left.
    ///
    /// # Errors
    /// RATE_LIMITED with TOO_MANY_REQUESTS and the seconds until there may be one more. What is refused is not counted.
    pub fn take(&self, key: ApiKeyId) -> Result<Left, (Error, Left)> {
        let most = self.most.get();
        match self.keys.check_key(&key) {
            Ok(state) => {
                let requests = state.remaining_burst_capacity();
                let one = WINDOW / most;
                let back = one * most.saturating_sub(requests);
                Ok(Left { most, requests, seconds: if requests == 0 { whole(one) } else { whole(back) } })
            }
            Err(refused) => {
                let seconds = whole(refused.wait_time_from(clock::Clock::now(&self.hands)));
                let message = format!("This API key may ask {most} times a minute; try again in {seconds} seconds.");
                let error = Error::new(Code::RateLimited, "TOO_MANY_REQUESTS", message);
                Err((Error { retry_after: Some(seconds), ..error }, Left { most, requests: 0, seconds }))
            }
        }
    }

    /// Forgets the keys whose bucket is full again; called now and then.
    pub fn tidy(&self) {
        self.keys.retain_recent();
        self.keys.shrink_to_fit();
    }
}

/// In seconds, and never none: whoever comes back then is not too early.
fn whole(wait: Duration) -> u64 {
    wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)).max(1)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    #[test]
    fn a_key_has_its_quota_again_bit_by_bit_and_no_other_key_has_less_for_it() {
        let passed = Arc::new(AtomicI64::new(0));
        let reading = passed.clone();
        let clock = Clock::new(move || Time::from_micros(1_795_182_453_000_000 + reading.load(Ordering::SeqCst)));
        let wait = |seconds: i64| passed.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
        let quotas = Quotas::new(6, clock);
        let (key, other) = (ApiKeyId::from_number(1), ApiKeyId::from_number(2));
        let left = |requests, seconds| Left { most: 6, requests, seconds };
        // One comes back every ten seconds.
        assert_eq!(quotas.take(key).unwrap(), left(5, 10));
        assert_eq!(quotas.take(key).unwrap(), left(4, 20));
        for _ in 0..3 {
            quotas.take(key).unwrap();
        }
        assert_eq!(quotas.take(key).unwrap(), left(0, 10));
        wait(3);
        let (error, said) = quotas.take(key).unwrap_err();
        assert_eq!((error.code, error.reason, error.retry_after), (Code::RateLimited, "TOO_MANY_REQUESTS", Some(7)));
        assert_eq!(said, left(0, 7));
        assert_eq!(quotas.take(other).unwrap(), left(5, 10));
        wait(7);
        quotas.take(key).unwrap();
        assert!(quotas.take(key).is_err());
        // What is full again is forgotten, and nothing that is not.
        wait(30);
        quotas.tidy();
        assert_eq!(quotas.take(key).unwrap(), left(2, 40));
    }
}
