//! How many attempts to log in are heard, and how long those who guess must wait.
//!
//! Three things work together. A network is heard so many times a minute. A name from one network waits longer after each failure. And
//! a name that is guessed at from many networks is braked: answers come slower, and each network is heard once before it must
//! wait. Whoever owns the name is therefore slowed by a flood and never locked out: a network that has not failed lately is always
//! heard.

use std::{
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    num::NonZeroU32,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use moka::sync::Cache;
use nephoscope_model::{Error, ErrorCode, Result};

use crate::limiter::{KeyedLimiter, Level, network_of, wait_seconds};

/// The most names and pairs of network and name that are remembered at the same time.
const MAX_KEYS: u64 = 50_000;
/// Failures of a name from a network count for so long after the last one.
const FORGET_AFTER: Duration = Duration::from_secs(3_600);
/// The first wait after too many failures; it doubles with each further one.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// The same while the name is braked.
const FIRST_WAIT_BRAKED: Duration = Duration::from_secs(30);
/// How fast a brake lets go: one attempt is forgotten in so much time.
const BRAKE_DRAIN: Duration = Duration::from_secs(20);
/// The longest that an answer is held back while a name is braked.
const LONGEST_DELAY: Duration = Duration::from_secs(5);

/// How many attempts to log in are heard.
#[derive(Debug, Clone, Copy)]
pub struct LoginLimits {
    /// A minute from one network, whatever the names.
    pub per_address: NonZeroU32,
    /// A minute for one name from one network. The network is part of the key, so that nobody can lock out somebody else.
    pub per_name: NonZeroU32,
    /// Failures of one name from one network that are taken for mistakes: waiting begins after them.
    pub free_failures: u32,
    /// The longest wait that repeated failures lead to.
    pub longest_wait: Duration,
    /// Failures of one name from all networks together, within minutes, that put the brake on.
    pub brake_after: NonZeroU32,
}

impl Default for LoginLimits {
    fn default() -> Self {
        Self {
            per_address: NonZeroU32::MIN.saturating_add(29),
            per_name: NonZeroU32::MIN.saturating_add(9),
            free_failures: 5,
            longest_wait: Duration::from_secs(900),
            brake_after: NonZeroU32::MIN.saturating_add(29),
        }
    }
}

/// A name as it was typed, told apart by a keyed hash: it may be a password in the wrong field, which is not kept.
type NameKey = u64;

#[derive(Debug, Default)]
struct Failures {
    count: u32,
    last: Option<Instant>,
    wait_until: Option<Instant>,
}

/// Counts attempts.
#[derive(Debug)]
pub(crate) struct LoginGuard {
    limits: LoginLimits,
    addresses: KeyedLimiter<IpAddr>,
    names: KeyedLimiter<(IpAddr, NameKey)>,
    failures: Cache<(IpAddr, NameKey), Arc<Mutex<Failures>>>,
    brakes: Cache<NameKey, Arc<Mutex<Level>>>,
    hasher: RandomState,
}

/// One attempt that is heard. It counts as failed until [`Self::forgive`] says otherwise, so that many at once count too.
#[derive(Debug)]
#[must_use = "an attempt counts as failed until it is forgiven"]
pub(crate) struct Attempt<'a> {
    guard: &'a LoginGuard,
    key: (IpAddr, NameKey),
    delay: Duration,
}

impl Attempt<'_> {
    /// How long to hold the answer back.
    pub(crate) fn delay(&self) -> Duration {
        self.delay
    }

    /// It did not fail, or failed for a reason that is not the person's.
    pub(crate) fn forgive(self) {
        self.forgive_at(Instant::now());
    }

    fn forgive_at(self, now: Instant) {
        self.guard.failures.invalidate(&self.key);
        self.guard.press_brake(self.key.1, -1.0, now);
    }
}

impl LoginGuard {
    pub(crate) fn new(limits: LoginLimits) -> Self {
        Self {
            limits,
            addresses: KeyedLimiter::per_minute(limits.per_address),
            names: KeyedLimiter::per_minute(limits.per_name),
            failures: Cache::builder().max_capacity(MAX_KEYS).time_to_idle(FORGET_AFTER).build(),
            brakes: Cache::builder().max_capacity(MAX_KEYS).time_to_idle(FORGET_AFTER).build(),
            hasher: RandomState::new(),
        }
    }

    /// Counts one attempt.
    ///
    /// # Errors
    /// `rate_limited` when there were too many, with the seconds until the next one is heard.
    pub(crate) fn admit(&self, address: IpAddr, name: &str) -> Result<Attempt<'_>> {
        self.admit_at(address, name, Instant::now())
    }

    fn admit_at(&self, address: IpAddr, name: &str, now: Instant) -> Result<Attempt<'_>> {
        let key = (network_of(address), self.hasher.hash_one(name));
        let failures = self.failures.get_with(key, Arc::default);
        let mut failures = failures.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(wait) = failures.wait_until.and_then(|until| until.checked_duration_since(now))
            && !wait.is_zero()
        {
            return Err(too_many(wait));
        }
        self.names.check(key).map_err(too_many)?;
        self.addresses.check(key.0).map_err(too_many)?;

        let level = self.press_brake(key.1, 1.0, now);
        let strength = level - f64::from(self.limits.brake_after.get());
        if failures.last.is_some_and(|last| now.saturating_duration_since(last) >= FORGET_AFTER) {
            failures.count = 0;
        }
        failures.count = failures.count.saturating_add(1);
        failures.last = Some(now);
        failures.wait_until = self.wait_after(failures.count, strength > 0.0).map(|wait| now + wait);
        let delay = if strength > 0.0 {
            // A second at first, and longer the more there are.
            LONGEST_DELAY.min(Duration::from_secs(1).mul_f64(1.0 + strength / 10.0))
        } else {
            Duration::ZERO
        };
        Ok(Attempt { guard: self, key, delay })
    }

    /// How long a name from a network waits after so many failures.
    fn wait_after(&self, failures: u32, braked: bool) -> Option<Duration> {
        let (first, free) =
            if braked { (FIRST_WAIT_BRAKED, 0) } else { (FIRST_WAIT, self.limits.free_failures) };
        let doublings = failures.checked_sub(free + 1)?;
        Some(first.saturating_mul(2_u32.saturating_pow(doublings)).min(self.limits.longest_wait))
    }

    /// Adds to how much a name is guessed at, and says how much that is.
    fn press_brake(&self, name: NameKey, amount: f64, now: Instant) -> f64 {
        let level = self.brakes.get_with(name, || Arc::new(Mutex::new(Level::empty(now))));
        let mut level = level.lock().unwrap_or_else(PoisonError::into_inner);
        // The ceiling is how long the brake stays on after a flood: twenty minutes with the usual limits.
        level.add(amount, f64::from(self.limits.brake_after.get()) * 3.0, now, BRAKE_DRAIN);
        level.now(now, BRAKE_DRAIN)
    }
}

fn too_many(wait: Duration) -> Error {
    let seconds = wait_seconds(wait);
    let words = match seconds {
        1 => "a second".to_owned(),
        2..120 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    };
    Error::new(ErrorCode::RateLimited, "Too many attempts to log in.")
        .with_hint(format!("Try again in {words}."))
        .with_retry_after(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn unlimited() -> LoginLimits {
        LoginLimits { per_address: NonZeroU32::MAX, per_name: NonZeroU32::MAX, ..LoginLimits::default() }
    }

    #[test]
    fn a_thousand_attempts_in_a_minute_from_one_address_do_not_lock_the_owner_out() {
        for limits in [LoginLimits::default(), unlimited()] {
            let guard = LoginGuard::new(limits);
            let start = Instant::now();
            let at = |attempt: u64| start + Duration::from_millis(60 * attempt);
            let heard = (0..1_000).filter(|n| guard.admit_at(ip("192.0.2.1"), "ada", at(*n)).is_ok()).count();
            assert!((6..=12).contains(&heard), "{heard}");
            let owner = guard.admit_at(ip("198.51.100.7"), "ada", at(1_000)).expect("the owner is heard");
            assert_eq!(owner.delay(), Duration::ZERO);
            owner.forgive_at(at(1_000));
        }
    }

    #[test]
    fn waits_double_up_to_the_longest_and_end() {
        let guard = LoginGuard::new(unlimited());
        let address = ip("192.0.2.1");
        let mut now = Instant::now();
        let mut waits = Vec::new();
        while waits.len() < 15 {
            if let Err(error) = guard.admit_at(address, "ada", now) {
                let seconds = error.retry_after.expect("a wait");
                waits.push(seconds);
                now += Duration::from_secs(seconds.into());
            }
        }
        assert_eq!(&waits[..6], [1, 2, 4, 8, 16, 32]);
        assert_eq!(waits.last(), Some(&900));
        // An hour of quiet, and the failures are forgotten.
        now += FORGET_AFTER + Duration::from_secs(900);
        for _ in 0..5 {
            assert!(guard.admit_at(address, "ada", now).is_ok());
        }
    }

    #[test]
    fn success_forgets_the_failures_of_that_name_only() {
        let guard = LoginGuard::new(unlimited());
        let (address, now) = (ip("192.0.2.1"), Instant::now());
        for _ in 0..3 {
            let _failed = guard.admit_at(address, "ada", now).expect("heard");
            let _failed = guard.admit_at(address, "bob", now).expect("heard");
        }
        guard.admit_at(address, "ada", now).expect("heard").forgive_at(now);
        let heard = |name: &str| (0..20).filter(|_| guard.admit_at(address, name, now).is_ok()).count();
        assert_eq!((heard("ada"), heard("bob")), (6, 3));
    }

    #[test]
    fn one_name_from_many_networks_is_slowed_and_a_new_network_is_heard_all_the_same() {
        let guard = LoginGuard::new(LoginLimits::default());
        let now = Instant::now();
        let networks = (0..2_000_u32).map(|n| IpAddr::from((0x0a00_0000 + n).to_be_bytes()));
        let heard = networks
            .map(|address| (0..10).filter(|_| guard.admit_at(address, "ada", now).is_ok()).count())
            .sum::<usize>();
        // Each network is heard once when the brake is on.
        assert!(heard < 2_050, "{heard}");
        let owner = guard.admit_at(ip("198.51.100.7"), "ada", now).expect("the owner is heard");
        assert!(owner.delay() > Duration::ZERO && owner.delay() <= LONGEST_DELAY, "{:?}", owner.delay());
        owner.forgive_at(now);
        // Having logged in, the owner is heard again at once, and others were never slowed.
        assert!(guard.admit_at(ip("198.51.100.7"), "ada", now).is_ok());
        let other = guard.admit_at(ip("198.51.100.7"), "bob", now).expect("heard");
        assert_eq!(other.delay(), Duration::ZERO);
        // Twenty minutes after the flood it is over.
        let later = now + BRAKE_DRAIN * 61;
        let after = guard.admit_at(ip("203.0.113.1"), "ada", later).expect("heard");
        assert_eq!(after.delay(), Duration::ZERO);
    }
}
