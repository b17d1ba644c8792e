//! How many attempts to log in are heard.

use std::{net::IpAddr, num::NonZeroU32};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use nephoscope_model::{Error, ErrorCode, Result};

/// How many attempts to log in are heard, a minute.
#[derive(Debug, Clone, Copy)]
pub struct LoginLimits {
    /// From one address, whatever the names.
    pub per_address: NonZeroU32,
    /// For one name from one address. The address is part of the key, so that nobody can lock out somebody else.
    pub per_name: NonZeroU32,
}

impl Default for LoginLimits {
    fn default() -> Self {
        Self { per_address: NonZeroU32::MIN.saturating_add(29), per_name: NonZeroU32::MIN.saturating_add(9) }
    }
}

/// Counts attempts.
#[derive(Debug)]
pub(crate) struct LoginGuard {
    addresses: DefaultKeyedRateLimiter<IpAddr>,
    names: DefaultKeyedRateLimiter<(IpAddr, String)>,
}

impl LoginGuard {
    pub(crate) fn new(limits: LoginLimits) -> Self {
        Self {
            addresses: RateLimiter::dashmap(Quota::per_minute(limits.per_address)),
            names: RateLimiter::dashmap(Quota::per_minute(limits.per_name)),
        }
    }

    /// Counts one attempt.
    ///
    /// # Errors
    /// `rate_limited` when there were too many.
    pub(crate) fn count(&self, address: IpAddr, name: &str) -> Result<()> {
        let key = (network(address), name.to_owned());
        if self.addresses.check_key(&key.0).is_ok() && self.names.check_key(&key).is_ok() {
            return Ok(());
        }
        Err(Error::new(ErrorCode::RateLimited, "Too many attempts to log in.")
            .with_hint("Wait a minute, then try again."))
    }

    /// Forgets those who have waited long enough, so that memory stays bounded.
    pub(crate) fn forget_old(&self) {
        self.addresses.retain_recent();
        self.names.retain_recent();
    }
}

/// An IPv6 host owns its whole /64.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            std::net::Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_from_one_address_does_not_lock_the_owner_out() {
        let guard = LoginGuard::new(LoginLimits::default());
        let attacker: IpAddr = "192.0.2.1".parse().expect("an address");
        let heard = (0..1_000).filter(|_| guard.count(attacker, "ada").is_ok()).count();
        assert!(heard <= 11, "{heard}");
        assert!(guard.count("192.0.2.2".parse().expect("an address"), "ada").is_ok());
    }

    #[test]
    fn one_ipv6_network_is_one_address() {
        let ip = |text: &str| network(text.parse().expect("an address"));
        assert_eq!(ip("2001:db8::1"), ip("2001:db8::ffff"));
        assert_ne!(ip("2001:db8::1"), ip("2001:db8:0:1::1"));
        assert_eq!(ip("::ffff:192.0.2.1"), ip("192.0.2.1"));
    }
}
