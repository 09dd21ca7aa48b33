//! Passwords, kept as argon2id in PHC strings: 19 MiB, two passes, one lane (RFC 9106, as OWASP advises).
//!
//! A hash is 20 ms of one core and 19 MiB of memory traffic, so whoever may ask for hashes may stop a server.
//! At most one runs per core; a few wait; everybody else is told to come back (T31). Never hash while a write unit is open.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{self, PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use unicode_normalization::UnicodeNormalization;

use crate::error::{Code, Error, Result};

/// Memory of one hash, in KiB.
const MEMORY: u32 = 19 * 1024;
/// Passes over that memory.
const PASSES: u32 = 2;
/// Lanes; more would only help an attacker's graphics card.
const LANES: u32 = 1;

/// How many may wait for each core: at 20 ms each, nobody waits longer than a sixth of a second.
const WAITING_PER_CORE: usize = 8;

/// The shortest password, in characters (ASVS 5.0, 6.2.1).
pub const SHORTEST: usize = 8;
/// The longest, in bytes, so that nobody sends a novel to be hashed.
pub const LONGEST: usize = 1024;

/// Compared against when there is no such user, so that both answers take the same time (T30). Its output is no hash of
/// anything: finding a password for it is as hard as inverting the function.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGxpdmVzIGhlcmU$bm8gcGFzc3dvcmQgaW4gdGhlIHdvcmxkIGhhc2hlcyA";

/// Hashes and compares, a few at a time.
#[derive(Clone)]
pub struct Passwords {
    /// One for each hash that runs.
    running: Arc<Semaphore>,
    /// One for each that runs or waits.
    inside: Arc<Semaphore>,
}

/// What comparing came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is the password.
    Right,
    /// It is, and its hash is weaker than what is made today: hash it again while it is at hand.
    RightButOutdated,
    /// It is not, or there is none to compare with.
    Wrong,
}

impl Verdict {
    /// Whether to let them in.
    pub fn is_right(self) -> bool {
        self != Self::Wrong
    }
}

impl Passwords {
    /// For a machine with so many cores.
    pub fn new(cores: usize) -> Self {
        let cores = cores.clamp(1, 1024);
        Self {
            running: Arc::new(Semaphore::new(cores)),
            inside: Arc::new(Semaphore::new(cores * (1 + WAITING_PER_CORE))),
        }
    }

    /// The PHC string to keep for a new password, under a fresh salt. INVALID when it is too short or too long,
    /// RATE_LIMITED when too many wait already.
    pub async fn hash(&self, password: &str) -> Result<String> {
        if password.chars().count() < SHORTEST {
            let message = format!("A password has at least {SHORTEST} characters.");
            return Err(Error::invalid("password", "PASSWORD_TOO_SHORT", message));
        }
        if password.len() > LONGEST {
            let message = format!("A password has at most {LONGEST} bytes.");
            return Err(Error::invalid("password", "PASSWORD_TOO_LONG", message));
        }
        let password = normal(password);
        self.run(move || {
            let hash = function()?.hash_password(password.as_bytes())?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Compares with the PHC string that is kept; `None` for an unknown user, which takes as long and is never right.
    /// RATE_LIMITED when too many wait already, INTERNAL when what is kept is no PHC string of argon2.
    pub async fn verify(&self, kept: Option<&str>, password: &str) -> Result<Verdict> {
        let known = kept.is_some();
        let kept = kept.unwrap_or(NOBODY).to_owned();
        // Nobody could set one that long; the empty one takes as long to refuse as any.
        let password = if password.len() > LONGEST { String::new() } else { normal(password) };
        self.run(move || {
            let kept = PasswordHash::new(&kept).map_err(password_hash::Error::from)?;
            // Argon2 takes the cost from the string, not from the present settings.
            match function()?.verify_password(password.as_bytes(), &kept) {
                Ok(()) if !known => Ok(Verdict::Wrong),
                Ok(()) if is_outdated(&kept) => Ok(Verdict::RightButOutdated),
                Ok(()) => Ok(Verdict::Right),
                Err(password_hash::Error::PasswordInvalid) => Ok(Verdict::Wrong),
                Err(broken) => Err(broken),
            }
        })
        .await
    }

    /// Runs it off the event loop once it is its turn. Gives the turn back when it is done, not when the asker is gone:
    /// whoever hangs up and asks again does not get a second core.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> password_hash::Result<T> + Send + 'static,
    ) -> Result<T> {
        let inside = Arc::clone(&self.inside).try_acquire_owned().map_err(|_| {
            Error::new(Code::RateLimited, "SIGN_IN_BUSY", "Too many people are signing in; try again in 1 second.")
        })?;
        let running = Arc::clone(&self.running).acquire_owned().await.map_err(Error::internal)?;
        let turn: [OwnedSemaphorePermit; 2] = [running, inside];
        let done = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(turn);
            result
        });
        done.await.map_err(Error::internal)?.map_err(Error::internal)
    }
}

/// One form for one password: the same keys make different characters on different machines (RFC 8265, NFC).
fn normal(password: &str) -> String {
    password.nfc().collect()
}

fn function() -> password_hash::Result<Argon2<'static>> {
    let params = Params::new(MEMORY, PASSES, LANES, None).map_err(|_| password_hash::Error::ParamsInvalid)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Whether it was made with another function or at another cost than today's.
fn is_outdated(kept: &PasswordHash) -> bool {
    let today = (MEMORY, PASSES, LANES);
    kept.algorithm != Algorithm::Argon2id.ident()
        || kept.version != Some(Version::V0x13.into())
        || Params::try_from(kept).ok().map(|params| (params.m_cost(), params.t_cost(), params.p_cost())) != Some(today)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::Instant;

    #[tokio::test]
    async fn the_password_and_nothing_else_is_right() {
        let passwords = Passwords::new(2);
        let kept = passwords.hash("demo-demo-demo").await.unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert_ne!(kept, passwords.hash("demo-demo-demo").await.unwrap());
        for (password, verdict) in [
            ("demo-demo-demo", Verdict::Right),
            ("demo-demo-Demo", Verdict::Wrong),
            ("demo-demo-demo ", Verdict::Wrong),
            ("", Verdict::Wrong),
        ] {
            assert_eq!(passwords.verify(Some(&kept), password).await.unwrap(), verdict, "{password:?}");
        }
        let endless = "x".repeat(LONGEST + 1);
        assert_eq!(passwords.verify(Some(&kept), &endless).await.unwrap(), Verdict::Wrong);
    }

    #[tokio::test]
    async fn one_password_may_be_typed_in_two_ways() {
        let passwords = Passwords::new(1);
        let kept = passwords.hash("Schl\u{fc}ssel").await.unwrap();
        assert_eq!(passwords.verify(Some(&kept), "Schlu\u{308}ssel").await.unwrap(), Verdict::Right);
    }

    #[tokio::test]
    async fn new_passwords_have_a_length() {
        let passwords = Passwords::new(1);
        assert_eq!(passwords.hash("1234567").await.unwrap_err().reason, "PASSWORD_TOO_SHORT");
        assert_eq!(passwords.hash(&"ü".repeat(600)).await.unwrap_err().reason, "PASSWORD_TOO_LONG");
    }

    #[tokio::test]
    async fn nobody_is_never_right_and_takes_as_long() {
        let passwords = Passwords::new(1);
        let kept = passwords.hash("demo-demo-demo").await.unwrap();
        let mut times = [Vec::new(), Vec::new()];
        for _ in 0..5 {
            for (kept, times) in [None, Some(kept.as_str())].into_iter().zip(&mut times) {
                let start = Instant::now();
                assert_eq!(passwords.verify(kept, "no password in the world hashes ").await.unwrap(), Verdict::Wrong);
                times.push(start.elapsed());
            }
        }
        let [nobody, somebody] = times.map(|mut times| {
            times.sort();
            times[2]
        });
        assert!(nobody > somebody / 2, "no such user after {nobody:?}, wrong password after {somebody:?}");
        assert!(!is_outdated(&PasswordHash::new(NOBODY).unwrap()), "the one for nobody costs what others cost");
    }

    #[tokio::test]
    async fn weaker_hashes_ask_to_be_replaced() {
        let passwords = Passwords::new(1);
        for (algorithm, memory, passes) in
            [(Algorithm::Argon2id, 8192, 2), (Algorithm::Argon2id, MEMORY, 1), (Algorithm::Argon2i, MEMORY, PASSES)]
        {
            let params = Params::new(memory, passes, 1, None).unwrap();
            let weak = Argon2::new(algorithm, Version::V0x13, params);
            let kept = weak.hash_password(b"demo-demo-demo").unwrap().to_string();
            assert_eq!(passwords.verify(Some(&kept), "demo-demo-demo").await.unwrap(), Verdict::RightButOutdated);
            assert_eq!(passwords.verify(Some(&kept), "something else").await.unwrap(), Verdict::Wrong);
        }
    }

    #[tokio::test]
    async fn what_is_no_hash_is_our_fault() {
        let passwords = Passwords::new(1);
        for broken in
            ["", "plain", "$2b$12$abcdefghijklmnopqrstuv", "$argon2id$v=19$m=1,t=0,p=0$c2FsdHNhbHQ$aGFzaGhhc2g"]
        {
            assert_eq!(
                passwords.verify(Some(broken), "demo-demo-demo").await.unwrap_err().code,
                Code::Internal,
                "{broken}"
            );
        }
    }

    /// Takes a turn and keeps it until the sender is dropped.
    fn keep_busy(passwords: &Passwords) -> (impl Future<Output = Result<()>> + use<>, std::sync::mpsc::Sender<()>) {
        let (done, wait) = std::sync::mpsc::channel::<()>();
        let passwords = passwords.clone();
        let work = async move {
            passwords
                .run(move || {
                    while wait.recv().is_ok() {}
                    Ok(())
                })
                .await
        };
        (work, done)
    }

    #[tokio::test]
    async fn a_crowd_is_told_to_come_back() {
        let passwords = Passwords::new(1);
        let mut served = Vec::new();
        for _ in 0..=WAITING_PER_CORE {
            let (work, done) = keep_busy(&passwords);
            served.push((tokio::spawn(work), done));
            tokio::task::yield_now().await;
        }
        let refused = passwords.verify(None, "demo-demo-demo").await.unwrap_err();
        assert_eq!((refused.code, refused.reason), (Code::RateLimited, "SIGN_IN_BUSY"));
        for (work, done) in served {
            drop(done);
            work.await.unwrap().unwrap();
        }
        // And then it is quiet again.
        assert_eq!(passwords.verify(None, "demo-demo-demo").await.unwrap(), Verdict::Wrong);
    }

    #[tokio::test]
    async fn whoever_hangs_up_leaves_the_core_busy() {
        let passwords = Passwords::new(1);
        let (work, done) = keep_busy(&passwords);
        let work = tokio::spawn(work);
        tokio::task::yield_now().await;
        work.abort();
        assert!(work.await.unwrap_err().is_cancelled());
        assert_eq!(passwords.running.available_permits(), 0);
        drop(done);
        assert_eq!(passwords.verify(None, "demo-demo-demo").await.unwrap(), Verdict::Wrong);
    }
}
