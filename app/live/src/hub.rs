//! The place where viewers meet upstreams.

use std::{fmt, sync::Arc};

use nephoscope_aws::Cloud;
use nephoscope_model::{Place, Timestamp, logs::LogTail};

use crate::{
    InstancesSubscription, KnownInstances, LogSubscription, MetricSubscription, MetricTopic, Pacing,
    instances::{self, InstancesState},
    logs::{self, LogState},
    metric::{self, MetricState},
    upstream::Registry,
};

/// Called with every list of instances that an upstream fetched, so that caches need not fetch it again.
pub type OnInstances = Arc<dyn Fn(&Place, KnownInstances) + Send + Sync>;

/// All upstreams. Cheap to clone. Who may watch what is decided before, in `ops`.
#[derive(Clone)]
pub struct Hub {
    cloud: Cloud,
    pacing: Pacing,
    on_instances: OnInstances,
    logs: Arc<Registry<LogTail, LogState>>,
    instances: Arc<Registry<Place, InstancesState>>,
    metrics: Arc<Registry<MetricTopic, MetricState>>,
}

impl fmt::Debug for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hub").field("pacing", &self.pacing).finish_non_exhaustive()
    }
}

impl Hub {
    /// A hub without upstreams; they come with viewers.
    #[must_use]
    pub fn new(cloud: Cloud, pacing: Pacing, on_instances: OnInstances) -> Self {
        Self {
            cloud,
            pacing,
            on_instances,
            logs: Arc::default(),
            instances: Arc::default(),
            metrics: Arc::default(),
        }
    }

    /// Follows log lines, beginning with the last ones, or after the line whose id is `after` if that is still known.
    #[must_use]
    pub fn tail_logs(&self, tail: LogTail, after: Option<String>) -> LogSubscription {
        logs::subscribe(&self.logs, &self.cloud, self.pacing, tail, after)
    }

    /// Follows the instances of a place: what changed after `since`, or all of them first when that is not known.
    #[must_use]
    pub fn watch_instances(
        &self,
        place: Place,
        since: Option<Timestamp>,
        known: Option<KnownInstances>,
    ) -> InstancesSubscription {
        let on_instances = Arc::clone(&self.on_instances);
        instances::subscribe(&self.instances, &self.cloud, self.pacing, place, since, known, on_instances)
    }

    /// Follows a metric, beginning with the range's history.
    #[must_use]
    pub fn watch_metric(&self, topic: MetricTopic) -> MetricSubscription {
        metric::subscribe(&self.metrics, &self.cloud, self.pacing, topic)
    }

    /// Something was just changed in this place: look now instead of at the next tick.
    pub fn expect_change(&self, place: &Place) {
        if let Some(upstream) = self.instances.get(place) {
            upstream.poke();
        }
    }

    /// How many upstreams of each kind there are: logs, instances, metrics.
    #[must_use]
    pub fn upstreams(&self) -> [(&'static str, usize); 3] {
        [
            ("logs", self.logs.count(|_| true)),
            ("instances", self.instances.count(|_| true)),
            ("metrics", self.metrics.count(|_| true)),
        ]
    }
}
