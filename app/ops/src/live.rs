//! Who may watch what. The watching itself is `nephoscope-live`'s.

use futures::{StreamExt, stream::SelectAll};
use nephoscope_live::{
    InstancesSubscription, InstancesUpdate, KnownInstances, LogSubscription, MetricSubscription, MetricTopic,
};
use nephoscope_model::{
    Operation, Place, Result, Scope, Timestamp,
    live::{InstancesRequest, LogRequest, MetricRequest},
    logs::LogTail,
    metrics::StatsQuery,
};

use crate::{Caller, Grant, Ops, Read, metrics::instance_metric, record::Task};

/// The lines of a log.
pub type LogWatch = LogSubscription;
/// The points of a metric.
pub type MetricWatch = MetricSubscription;

/// The instances of a scope: those of its places, merged.
pub struct InstancesWatch(SelectAll<futures::stream::BoxStream<'static, (Place, InstancesUpdate)>>);

impl InstancesWatch {
    fn new(subscriptions: Vec<(Place, InstancesSubscription)>) -> Self {
        Self(
            subscriptions
                .into_iter()
                .map(|(place, subscription)| {
                    futures::stream::unfold((place, subscription), |(place, mut subscription)| async move {
                        let update = subscription.next().await?;
                        Some(((place.clone(), update), (place, subscription)))
                    })
                    .boxed()
                })
                .collect(),
        )
    }

    /// Waits for a change anywhere in the scope.
    pub async fn next(&mut self) -> Option<(Place, InstancesUpdate)> {
        self.0.next().await
    }
}

impl Ops {
    /// Follows log lines.
    ///
    /// # Errors
    /// `invalid_input` or `not_found` for what cannot be followed.
    pub async fn tail_logs(&self, caller: &Caller, request: LogRequest) -> Result<LogWatch> {
        let scope = Scope {
            accounts: request.account.into_iter().collect(),
            regions: request.region.into_iter().collect(),
        };
        let place = self.locate_log_group(caller, &scope, &request.log_group_name).await?;
        let here = place.clone();
        let task = Task::new(Operation::TailLogs).at(&here).on(&request.log_group_name);
        self.perform(caller, task, async |_: Grant<Read>| {
            let tail = LogTail::new(place, &request.log_group_name, request.log_stream_names)?;
            Ok(self.hub().tail_logs(tail, request.after))
        })
        .await
    }

    /// Follows a metric of an instance.
    ///
    /// # Errors
    /// `invalid_input` or `not_found` for what cannot be followed.
    pub async fn watch_metric(&self, caller: &Caller, request: MetricRequest) -> Result<MetricWatch> {
        let scope = Scope {
            accounts: request.account.into_iter().collect(),
            regions: request.region.into_iter().collect(),
        };
        let place = match self.resolve_place(&scope) {
            Ok(place) => place,
            Err(_) => self.locate_instance(caller, &scope, &request.instance_id).await?,
        };
        let here = place.clone();
        let task = Task::new(Operation::WatchMetric).at(&here).on(request.instance_id.as_str());
        self.perform(caller, task, async |_: Grant<Read>| {
            StatsQuery::for_range(&request.metric, request.statistic, request.range, Timestamp::now())
                .check()?;
            let metric = instance_metric(&request.instance_id, &request.metric);
            let topic = MetricTopic { place, metric, statistic: request.statistic, range: request.range };
            Ok(self.hub().watch_metric(topic))
        })
        .await
    }

    /// Follows the instances of a scope.
    ///
    /// # Errors
    /// `not_found` for a scope that is not configured.
    pub async fn watch_instances(
        &self,
        caller: &Caller,
        request: InstancesRequest,
    ) -> Result<InstancesWatch> {
        self.perform(caller, Task::new(Operation::WatchInstances), async |_: Grant<Read>| {
            let mut subscriptions = Vec::new();
            for place in self.places(&request.scope)? {
                let known = self.caches().instances.peek(&place).await;
                let known = known.map(|known| KnownInstances { instances: known.value, at: known.at });
                let since = request.since.iter().find(|since| since.place == place).map(|since| since.at);
                subscriptions.push((place.clone(), self.hub().watch_instances(place, since, known)));
            }
            Ok(InstancesWatch::new(subscriptions))
        })
        .await
    }
}
