//! How often upstreams ask AWS.

use std::time::Duration;

/// How often upstreams ask AWS. Tests make it quick; production keeps the defaults.
#[derive(Debug, Clone, Copy)]
pub struct Pacing {
    /// Between two reads of a log, while few are followed.
    pub logs: Duration,
    /// From one list of instances that are at rest to the next: what changes is to be seen within 5 s, and the list itself takes a while.
    pub instances: Duration,
    /// Between two lists of instances while one of them is in transition.
    pub transitions: Duration,
    /// Between two reads of a metric.
    pub metrics: Duration,
    /// The first pause after a failure; it doubles up to [`Self::max_backoff`].
    pub backoff: Duration,
    /// The longest pause after a failure.
    pub max_backoff: Duration,
    /// How long an upstream outlives its last viewer, so that a reconnecting one finds it as it was.
    pub linger: Duration,
}

impl Default for Pacing {
    fn default() -> Self {
        Self {
            logs: Duration::from_secs(1),
            instances: Duration::from_secs(4),
            transitions: Duration::from_millis(1_500),
            metrics: Duration::from_secs(20),
            backoff: Duration::from_secs(1),
            max_backoff: Duration::from_secs(15),
            linger: Duration::from_secs(20),
        }
    }
}

impl Pacing {
    /// The pause between two reads of one log when `upstreams` logs are followed in the same account and region.
    /// `FilterLogEvents` has a quota of 5 requests a second in the smaller regions
    /// (CloudWatch Logs quotas); four of them are ours, the fifth is left for page views and for others.
    #[must_use]
    pub fn logs_among(&self, upstreams: usize) -> Duration {
        let share = u32::try_from(upstreams.div_ceil(4)).unwrap_or(u32::MAX);
        self.logs.saturating_mul(share.max(1))
    }

    /// The pause between two lists of instances, of which the last one took so long: it counts, but AWS is never asked without a pause.
    #[must_use]
    pub fn instances_after(&self, took: Duration) -> Duration {
        self.instances.saturating_sub(took).max(self.instances / 4)
    }

    /// The pause after the `failures`th failure in a row.
    #[must_use]
    pub fn backoff_after(&self, failures: u32) -> Duration {
        self.backoff.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1))).min(self.max_backoff)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_logs_together_ask_no_more_often_than_few() {
        let pacing = Pacing::default();
        assert_eq!(pacing.logs_among(1), Duration::from_secs(1));
        for upstreams in [1_u32, 4, 5, 100] {
            let pause = pacing.logs_among(upstreams as usize);
            assert!(f64::from(upstreams) / pause.as_secs_f64() <= 4.0, "{upstreams}");
        }
    }

    #[test]
    fn a_list_that_takes_long_is_asked_for_sooner_but_never_at_once() {
        let pacing = Pacing::default();
        assert_eq!(pacing.instances_after(Duration::ZERO), Duration::from_secs(4));
        assert_eq!(pacing.instances_after(Duration::from_millis(1_500)), Duration::from_millis(2_500));
        assert_eq!(pacing.instances_after(Duration::from_secs(60)), Duration::from_secs(1));
    }

    #[test]
    fn pauses_after_failures_grow_and_end() {
        let pacing = Pacing::default();
        assert_eq!(pacing.backoff_after(1), Duration::from_secs(1));
        assert_eq!(pacing.backoff_after(3), Duration::from_secs(4));
        assert_eq!(pacing.backoff_after(u32::MAX), pacing.max_backoff);
    }
}
