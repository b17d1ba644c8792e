//! Counting events by key, within bounded memory.

use std::{
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::Arc,
    time::{Duration, Instant},
};

use governor::{
    DefaultDirectRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};
use moka::sync::Cache;

/// The most keys that are remembered at the same time. A flood of keys that come once does not push out those that come often: the
/// cache admits by frequency.
const MAX_KEYS: u64 = 50_000;
/// After a minute without events a key has its whole quota again, so that nothing is lost by forgetting it.
const FORGET_AFTER: Duration = Duration::from_secs(90);

/// Lets so many events a minute through for each key. A quota that was not used may be used at once.
pub struct KeyedLimiter<K> {
    quota: Quota,
    clock: DefaultClock,
    keys: Cache<K, Arc<DefaultDirectRateLimiter>>,
}

impl<K> std::fmt::Debug for KeyedLimiter<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyedLimiter").field("quota", &self.quota).finish_non_exhaustive()
    }
}

impl<K: Hash + Eq + Send + Sync + 'static> KeyedLimiter<K> {
    /// So many events a minute for each key.
    #[must_use]
    pub fn per_minute(events: NonZeroU32) -> Self {
        Self {
            quota: Quota::per_minute(events),
            clock: DefaultClock::default(),
            keys: Cache::builder().max_capacity(MAX_KEYS).time_to_idle(FORGET_AFTER).build(),
        }
    }

    /// Counts one event, unless it is one too many.
    ///
    /// # Errors
    /// How long until the next event is let through.
    pub fn check(&self, key: K) -> Result<(), Duration> {
        let limiter = self.keys.get_with(key, || Arc::new(RateLimiter::direct(self.quota)));
        limiter.check().map_err(|refusal| refusal.wait_time_from(self.clock.now()))
    }
}

/// Whole seconds to wait, rounded up: who waits so long is not refused for the same reason again.
#[must_use]
pub fn wait_seconds(wait: Duration) -> u32 {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    u32::try_from(seconds.max(1)).unwrap_or(u32::MAX)
}

/// What counts as one client: an IPv4 address, or the /64 of an IPv6 address, all of which one host owns.
#[must_use]
pub fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// A count that sinks by one every `DRAIN` and never rises above a ceiling: how much has happened lately.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Level {
    value: f64,
    at: Instant,
}

impl Level {
    pub(crate) fn empty(now: Instant) -> Self {
        Self { value: 0.0, at: now }
    }

    /// The level now.
    pub(crate) fn now(&self, now: Instant, drain: Duration) -> f64 {
        let sunk = now.saturating_duration_since(self.at).as_secs_f64() / drain.as_secs_f64();
        (self.value - sunk).max(0.0)
    }

    /// Adds to it, or takes away.
    pub(crate) fn add(&mut self, amount: f64, ceiling: f64, now: Instant, drain: Duration) {
        self.value = (self.now(now, drain) + amount).clamp(0.0, ceiling);
        self.at = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_has_a_quota_of_its_own_and_is_told_how_long_to_wait() {
        let limiter = KeyedLimiter::per_minute(NonZeroU32::MIN.saturating_add(5));
        for _ in 0..6 {
            assert_eq!(limiter.check("ada"), Ok(()));
        }
        let wait = limiter.check("ada").expect_err("one too many");
        assert!(wait <= Duration::from_secs(10) && wait > Duration::from_secs(5), "{wait:?}");
        assert_eq!(limiter.check("bob"), Ok(()));
    }

    #[test]
    fn a_flood_of_keys_stays_within_its_memory() {
        let limiter = KeyedLimiter::per_minute(NonZeroU32::MIN);
        for key in 0..MAX_KEYS + 20_000 {
            let _ = limiter.check(key);
        }
        limiter.keys.run_pending_tasks();
        assert!(limiter.keys.entry_count() <= MAX_KEYS, "{}", limiter.keys.entry_count());
    }

    #[test]
    fn waits_are_rounded_up() {
        assert_eq!(wait_seconds(Duration::ZERO), 1);
        assert_eq!(wait_seconds(Duration::from_millis(1_001)), 2);
        assert_eq!(wait_seconds(Duration::from_secs(7)), 7);
    }

    #[test]
    fn one_ipv6_network_is_one_address() {
        let net = |text: &str| network_of(text.parse().expect("an address"));
        assert_eq!(net("2001:db8::1"), net("2001:db8::ffff"));
        assert_ne!(net("2001:db8::1"), net("2001:db8:0:1::1"));
        assert_eq!(net("::ffff:192.0.2.1"), net("192.0.2.1"));
    }

    #[test]
    fn a_level_sinks_with_time_and_has_a_ceiling() {
        let (start, drain) = (Instant::now(), Duration::from_secs(10));
        let mut level = Level::empty(start);
        for _ in 0..100 {
            level.add(1.0, 40.0, start, drain);
        }
        assert!((level.now(start, drain) - 40.0).abs() < 0.001);
        assert!((level.now(start + Duration::from_secs(100), drain) - 30.0).abs() < 0.001);
        assert!(level.now(start + Duration::from_secs(4_000), drain) < 0.001);
    }
}
