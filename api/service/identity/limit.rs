//! How often somebody may try to sign in: by account and by address (SEC07).
//!
//! The limits are sliding windows: no stretch of a quarter of an hour, wherever it is laid, sees more tries than allowed.
//! A try is counted before the password is looked at, so that parallel ones cannot slip through, and given back when it
//! was right: whoever knows the password may sign in as often as they like.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::domain::id::{AgencyId, UserId};
use crate::domain::time::{Clock, Time};
use crate::error::{Code, Error, Result};

/// So many tries in any stretch of time of that length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// How many.
    pub tries: u8,
    /// In how long. Also the longest that anybody stays locked out, whatever others do to their account.
    pub window: Duration,
}

/// A quarter of an hour.
const WINDOW: Duration = Duration::from_secs(15 * 60);
/// For one account, from wherever.
pub const PER_ACCOUNT: Allowance = Allowance { tries: 5, window: WINDOW };
/// For one address, into whichever account.
pub const PER_ADDRESS: Allowance = Allowance { tries: 20, window: WINDOW };

/// Letters that anybody can cause to one address: resets, invitations.
const LETTERS_TO: Allowance = Allowance { tries: 5, window: WINDOW };
/// Letters that anybody can cause from one network address.
const LETTERS_FROM: Allowance = Allowance { tries: 60, window: WINDOW };
/// Invitations by one person: a large client is invited in one go, a spammer is not.
const INVITATIONS_BY: Allowance = Allowance { tries: 250, window: Duration::from_secs(3600) };
/// Test notifications of one person.
const TESTS_BY: Allowance = Allowance { tries: 10, window: WINDOW };
/// Links that open nothing, from one network address.
const LINKS_FROM: Allowance = Allowance { tries: 20, window: WINDOW };

/// API keys that nobody has, from one network address.
const KEYS_FROM: Allowance = Allowance { tries: 20, window: WINDOW };

/// Counts the tries to sign in, and whatever else is tried without being signed in, of this node.
pub struct SignInLimit {
    accounts: Windows,
    addresses: Windows,
    letters_to: Windows,
    letters_from: Windows,
    invitations_by: Windows,
    tests_by: Windows,
    links_from: Windows,
    keys_from: Windows,
}

impl SignInLimit {
    /// The usual limits, by that clock. A clock that is set back prolongs refusals by as much.
    pub fn new(clock: Clock) -> Self {
        Self::with(clock, PER_ACCOUNT, PER_ADDRESS)
    }

    /// Other limits.
    pub fn with(clock: Clock, per_account: Allowance, per_address: Allowance) -> Self {
        Self {
            accounts: Windows::new(clock.clone(), per_account),
            addresses: Windows::new(clock.clone(), per_address),
            letters_to: Windows::new(clock.clone(), LETTERS_TO),
            letters_from: Windows::new(clock.clone(), LETTERS_FROM),
            invitations_by: Windows::new(clock.clone(), INVITATIONS_BY),
            tests_by: Windows::new(clock.clone(), TESTS_BY),
            links_from: Windows::new(clock.clone(), LINKS_FROM),
            keys_from: Windows::new(clock, KEYS_FROM),
        }
    }

    /// Counts a try to sign in to the account of `email`, normalised, whether it exists or not, from `address`.
    ///
    /// RATE_LIMITED with the whole seconds until the next try may pass. A try that the address has no right to does not
    /// count against the account, so that one address cannot lock others out of more accounts than it has tries.
    pub fn try_sign_in(&self, agency: AgencyId, email: &str, address: IpAddr) -> Result<()> {
        self.addresses.take(address_key(address), "TOO_MANY_TRIES_FROM_ADDRESS")?;
        self.accounts.take(account_key(agency, email), "TOO_MANY_TRIES_FOR_ACCOUNT")
    }

    /// Gives the try back: the password was right.
    pub fn succeeded(&self, agency: AgencyId, email: &str, address: IpAddr) {
        self.addresses.give_back(address_key(address));
        self.accounts.give_back(account_key(agency, email));
    }

    /// Counts a letter that somebody who is not signed in wants sent, whether or not there is anybody to get it.
    pub fn try_letter(&self, agency: AgencyId, email: &str, address: IpAddr) -> Result<()> {
        self.letters_from.take(address_key(address), "TOO_MANY_LETTERS_FROM_ADDRESS")?;
        self.letters_to.take(account_key(agency, email), "TOO_MANY_LETTERS_TO_ADDRESS")
    }

    /// Counts an invitation by somebody, or its being sent again.
    pub fn try_invitation(&self, agency: AgencyId, by: UserId, email: &str) -> Result<()> {
        self.invitations_by.take(user_key(by), "TOO_MANY_INVITATIONS")?;
        self.letters_to.take(account_key(agency, email), "TOO_MANY_LETTERS_TO_ADDRESS")
    }

    /// Counts a test notification that somebody sends to themselves.
    pub fn test_notification(&self, by: UserId) -> Result<()> {
        self.tests_by.take(user_key(by), "TOO_MANY_TESTS")
    }

    /// Counts a link that somebody follows; [`Self::link_opened`] gives the try back.
    pub fn try_link(&self, address: IpAddr) -> Result<()> {
        self.links_from.take(address_key(address), "TOO_MANY_TRIES_FROM_ADDRESS")
    }

    /// Gives the try back: the link was good.
    pub fn link_opened(&self, address: IpAddr) {
        self.links_from.give_back(address_key(address));
    }

    /// Counts an API key that nobody has. One that somebody has is never held up by what its neighbours try: 256 bits need no
    /// lock besides.
    pub fn wrong_key(&self, address: IpAddr) -> Result<()> {
        self.keys_from.take(address_key(address), "TOO_MANY_KEYS_FROM_ADDRESS")
    }

    /// Forgets whoever has been quiet for a window. To be called every few minutes: until then a try costs some 100 bytes.
    pub fn forget_quiet_ones(&self) {
        self.all().for_each(Windows::tidy);
    }

    fn all(&self) -> impl Iterator<Item = &Windows> {
        [
            &self.accounts,
            &self.addresses,
            &self.letters_to,
            &self.letters_from,
            &self.invitations_by,
            &self.tests_by,
            &self.links_from,
            &self.keys_from,
        ]
        .into_iter()
    }

    /// How many keys are remembered, for the metrics.
    pub fn remembered(&self) -> usize {
        self.all().map(Windows::len).sum()
    }
}

/// A key, hashed so that it is short however long the text was, and says nothing in a memory dump.
type Key = [u8; 16];

struct Windows {
    clock: Clock,
    allowance: Allowance,
    taken: Mutex<HashMap<Key, VecDeque<Time>>>,
}

impl Windows {
    fn new(clock: Clock, allowance: Allowance) -> Self {
        Self { clock, allowance, taken: Mutex::default() }
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<Key, VecDeque<Time>>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, key: Key, reason: &'static str) -> Result<()> {
        let now = self.clock.now();
        let mut taken = self.taken();
        let tries = taken.entry(key).or_default();
        let opens = now.minus(self.allowance.window);
        while tries.front().is_some_and(|first| *first <= opens) {
            tries.pop_front();
        }
        if tries.len() < usize::from(self.allowance.tries) {
            tries.push_back(now);
            return Ok(());
        }
        let wait = tries.front().map_or(self.allowance.window, |first| first.plus(self.allowance.window).since(now));
        let seconds = wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)).max(1);
        let what = match reason {
            "TOO_MANY_TRIES_FROM_ADDRESS" | "TOO_MANY_TRIES_FOR_ACCOUNT" => "tries to sign in",
            "TOO_MANY_KEYS_FROM_ADDRESS" => "wrong API keys",
            _ => "letters",
        };
        let message = format!("Too many {what}; try again in {seconds} seconds.");
        Err(Error { retry_after: Some(seconds), ..Error::new(Code::RateLimited, reason, message) })
    }

    fn give_back(&self, key: Key) {
        if let Some(tries) = self.taken().get_mut(&key) {
            tries.pop_back();
        }
    }

    fn tidy(&self) {
        let opens = self.clock.now().minus(self.allowance.window);
        let mut taken = self.taken();
        taken.retain(|_, tries| tries.back().is_some_and(|last| *last > opens));
        taken.shrink_to_fit();
    }

    fn len(&self) -> usize {
        self.taken().len()
    }
}

fn account_key(agency: AgencyId, email: &str) -> Key {
    cut(Sha256::new().chain_update(b"account").chain_update(agency.number().to_be_bytes()).chain_update(email))
}

fn user_key(user: UserId) -> Key {
    cut(Sha256::new().chain_update(b"user").chain_update(user.number().to_be_bytes()))
}

/// One key for an IPv4 address, one for the 64 bits of an IPv6 address that one subscriber has all to themselves.
fn address_key(address: IpAddr) -> Key {
    let network = match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_ipv6_mapped(),
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64),
    };
    cut(Sha256::new().chain_update(b"address").chain_update(network.octets()))
}

fn cut(hash: Sha256) -> Key {
    let mut key = Key::default();
    for (to, from) in key.iter_mut().zip(hash.finalize()) {
        *to = from;
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    const NORTHLIGHT: AgencyId = AgencyId::from_number(1);
    const SOUTHPAW: AgencyId = AgencyId::from_number(2);

    #[derive(Clone, Default)]
    struct Hands(Arc<AtomicI64>);

    impl Hands {
        fn clock(&self) -> Clock {
            let hands = self.clone();
            Clock::new(move || Time::from_micros(1_795_182_453_000_000 + hands.0.load(Ordering::SeqCst)))
        }

        fn advance(&self, by: Duration) {
            self.0.fetch_add(i64::try_from(by.as_micros()).unwrap(), Ordering::SeqCst);
        }
    }

    fn from(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    /// Another address for each number.
    fn somewhere(number: u32) -> IpAddr {
        IpAddr::V4(std::net::Ipv4Addr::from_bits(0x0a00_0000 + number))
    }

    #[test]
    fn an_account_has_five_tries_in_any_quarter_of_an_hour() {
        let hands = Hands::default();
        let limit = SignInLimit::new(hands.clock());
        let mut origin = 0;
        let mut attempt = |email| {
            origin += 1;
            limit.try_sign_in(NORTHLIGHT, email, somewhere(origin))
        };
        for _ in 0..5 {
            attempt("ada@northlight.test").unwrap();
            hands.advance(Duration::from_secs(60));
        }
        let refused = attempt("ada@northlight.test").unwrap_err();
        assert_eq!((refused.code, refused.reason), (Code::RateLimited, "TOO_MANY_TRIES_FOR_ACCOUNT"));
        assert_eq!(refused.message, "Too many tries to sign in; try again in 600 seconds.");
        attempt("grace@northlight.test").unwrap();
        limit.try_sign_in(SOUTHPAW, "ada@northlight.test", somewhere(0)).unwrap();

        hands.advance(Duration::from_secs(600) - Duration::from_micros(1));
        assert!(attempt("ada@northlight.test").unwrap_err().message.contains("in 1 seconds"));
        hands.advance(Duration::from_micros(1));
        attempt("ada@northlight.test").unwrap();
        // The first try has left the window, the second has not.
        assert!(attempt("ada@northlight.test").unwrap_err().message.contains("in 60 seconds"));
    }

    #[test]
    fn no_window_sees_more_however_the_tries_are_spread() {
        let hands = Hands::default();
        let limit = SignInLimit::new(hands.clock());
        let mut passed: Vec<Duration> = Vec::new();
        let mut now = Duration::ZERO;
        for n in 0..4_000u32 {
            // Anything from 0 to 59 s, the same on every run.
            let pause = Duration::from_secs(u64::from(n.wrapping_mul(2_654_435_761) >> 24) % 60);
            now += pause;
            hands.advance(pause);
            if limit.try_sign_in(NORTHLIGHT, "ada@northlight.test", somewhere(n)).is_ok() {
                passed.push(now);
            }
        }
        assert!(passed.windows(6).all(|six| six[5] - six[0] >= WINDOW));
        // Nor does it take more than it should: somebody gets in five times in nearly every window.
        let windows = (now.as_secs() / WINDOW.as_secs()) as usize;
        assert!(passed.len() > windows * 9 / 2, "{} passed in {windows} windows", passed.len());
    }

    #[test]
    fn an_address_has_twenty_tries_whatever_the_account() {
        fn check(first: &str, second: &str, same: bool) {
            let limit = SignInLimit::new(Hands::default().clock());
            for n in 0..20 {
                limit.try_sign_in(NORTHLIGHT, &format!("{n}@northlight.test"), from(first)).unwrap();
            }
            let next = limit.try_sign_in(NORTHLIGHT, "ada@northlight.test", from(second));
            assert_eq!(
                next.is_err_and(|error| error.reason == "TOO_MANY_TRIES_FROM_ADDRESS"),
                same,
                "{first} {second}"
            );
        }
        check("192.0.2.1", "192.0.2.1", true);
        check("192.0.2.1", "192.0.2.2", false);
        check("192.0.2.1", "::ffff:192.0.2.1", true);
        check("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true);
        check("2001:db8:1:2::1", "2001:db8:1:3::1", false);
    }

    #[test]
    fn an_address_without_tries_takes_none_from_accounts() {
        let limit = SignInLimit::new(Hands::default().clock());
        for n in 0..20 {
            limit.try_sign_in(NORTHLIGHT, &format!("{n}@northlight.test"), from("192.0.2.1")).unwrap();
        }
        for _ in 0..100 {
            limit.try_sign_in(NORTHLIGHT, "ada@northlight.test", from("192.0.2.1")).unwrap_err();
        }
        for n in 0..5 {
            limit.try_sign_in(NORTHLIGHT, "ada@northlight.test", somewhere(n)).unwrap();
        }
    }

    #[test]
    fn many_at_once_get_no_more_than_one_after_another() {
        let limit = SignInLimit::new(Hands::default().clock());
        let passed: usize = std::thread::scope(|threads| {
            let racing: Vec<_> = (0..8u32)
                .map(|thread| {
                    let limit = &limit;
                    let tries = move || (0..200).map(move |n| somewhere(thread * 1_000 + n));
                    threads.spawn(move || {
                        tries().filter(|at| limit.try_sign_in(NORTHLIGHT, "ada@northlight.test", *at).is_ok()).count()
                    })
                })
                .collect();
            racing.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(passed, 5);
    }

    #[test]
    fn whoever_is_right_is_not_counted() {
        let limit = SignInLimit::new(Hands::default().clock());
        for _ in 0..100 {
            limit.try_sign_in(NORTHLIGHT, "ada@northlight.test", from("192.0.2.1")).unwrap();
            limit.succeeded(NORTHLIGHT, "ada@northlight.test", from("192.0.2.1"));
        }
        for _ in 0..5 {
            limit.try_sign_in(NORTHLIGHT, "ada@northlight.test", from("192.0.2.1")).unwrap();
        }
        limit.try_sign_in(NORTHLIGHT, "ada@northlight.test", from("192.0.2.1")).unwrap_err();
    }

    #[test]
    fn the_quiet_ones_are_forgotten_and_the_others_not() {
        let hands = Hands::default();
        let limit = SignInLimit::new(hands.clock());
        for n in 0..1_000 {
            limit.try_sign_in(NORTHLIGHT, &format!("{n}@northlight.test"), somewhere(n)).unwrap();
        }
        hands.advance(WINDOW);
        for n in 0..5 {
            limit.try_sign_in(NORTHLIGHT, "ada@northlight.test", somewhere(n)).unwrap();
        }
        limit.forget_quiet_ones();
        assert_eq!(limit.remembered(), 6);
        hands.advance(WINDOW);
        limit.forget_quiet_ones();
        assert_eq!(limit.remembered(), 0);
    }
}
