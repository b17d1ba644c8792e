//! The pulse of nephoscope: what is watched by anybody is fetched once, for everybody.
//!
//! Each thing that can be watched (the lines of some log streams, the instances of an account in a region, a metric over a range) has
//! one upstream, however many viewers there are: CloudWatch's limits hold per account and region, so many viewers must not mean many
//! calls. An upstream begins with its first viewer and ends a while after its last.
//!
//! Back-pressure never reaches the upstream. Instances and metrics are states: a slow viewer skips straight to the newest.
//! Log lines are a sequence: they stay in a bounded buffer, and a viewer who is too slow is told how many it lost.

mod hub;
mod instances;
mod logs;
mod metric;
mod pacing;
mod upstream;

pub use hub::{Hub, OnInstances};
pub use instances::{InstancesSubscription, InstancesUpdate, KnownInstances};
pub use logs::{LogSubscription, LogUpdate};
pub use metric::{MetricSubscription, MetricTopic, SeriesUpdate};
pub use pacing::Pacing;
