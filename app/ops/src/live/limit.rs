//! How fast one person may begin to follow things.

use std::num::NonZeroU32;

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use nephoscope_model::{Error, ErrorCode, Result};

use crate::Caller;

/// How fast one person may begin to follow things, over all of their connections. Each may be a new upstream, which asks AWS by itself
/// for a while even when it is let go at once, and each is a record in the audit.
#[derive(Debug, Clone, Copy)]
pub struct SubscriptionLimits {
    /// At once, after a pause.
    pub burst: NonZeroU32,
    /// A minute, in the long run.
    pub per_minute: NonZeroU32,
}

impl Default for SubscriptionLimits {
    fn default() -> Self {
        Self { burst: NonZeroU32::MIN.saturating_add(59), per_minute: NonZeroU32::MIN.saturating_add(119) }
    }
}

/// Counts subscriptions.
#[derive(Debug)]
pub(crate) struct SubscriptionGuard {
    users: DefaultKeyedRateLimiter<String>,
}

impl SubscriptionGuard {
    pub(crate) fn new(limits: SubscriptionLimits) -> Self {
        let quota = Quota::per_minute(limits.per_minute).allow_burst(limits.burst);
        Self { users: RateLimiter::keyed(quota) }
    }

    /// Counts one subscription. nephoscope itself is not counted.
    ///
    /// # Errors
    /// `rate_limited` when there were too many.
    pub(crate) fn count(&self, caller: &Caller) -> Result<()> {
        if caller.user_id.is_empty() || self.users.check_key(&caller.user_id).is_ok() {
            return Ok(());
        }
        Err(Error::new(ErrorCode::RateLimited, "You began to follow too many things in a short time.")
            .with_hint("Ask for it again in a few seconds. What else you follow goes on."))
    }

    /// Forgets those who have waited long enough, so that memory stays bounded.
    pub(crate) fn forget_old(&self) {
        self.users.retain_recent();
        self.users.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(id: &str) -> Caller {
        Caller { user_id: id.to_owned(), ..Caller::system() }
    }

    #[test]
    fn one_user_may_begin_so_much_at_once_and_takes_nothing_from_others() {
        let guard = SubscriptionGuard::new(SubscriptionLimits::default());
        let begun = (0..1_000).filter(|_| guard.count(&user("ada")).is_ok()).count();
        assert!((60..=62).contains(&begun), "{begun}");
        let refused = guard.count(&user("ada")).expect_err("too many");
        assert_eq!(refused.code, ErrorCode::RateLimited);
        assert!(refused.hint.is_some());
        assert!(guard.count(&user("grace")).is_ok());
    }

    #[test]
    fn the_server_itself_is_not_bounded() {
        let one = NonZeroU32::MIN;
        let guard = SubscriptionGuard::new(SubscriptionLimits { burst: one, per_minute: one });
        assert!((0..100).all(|_| guard.count(&Caller::system()).is_ok()));
    }

    #[test]
    fn who_has_waited_long_enough_is_forgotten() {
        let limits = SubscriptionLimits { burst: NonZeroU32::MIN, per_minute: NonZeroU32::MAX };
        let guard = SubscriptionGuard::new(limits);
        for n in 0..100 {
            assert!(guard.count(&user(&n.to_string())).is_ok());
        }
        while !guard.users.is_empty() {
            guard.forget_old();
        }
    }
}
