//! Who may watch what, and how much at once. The watching itself is `nephoscope-live`'s.

mod limit;

use std::collections::HashSet;

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

pub(crate) use limit::SubscriptionGuard;
pub use limit::SubscriptionLimits;

/// The lines of a log.
pub type LogWatch = LogSubscription;
/// The points of a metric.
pub type MetricWatch = MetricSubscription;

/// The instances of a scope: those of its places, merged.
pub struct InstancesWatch {
    updates: SelectAll<futures::stream::BoxStream<'static, (Place, InstancesUpdate)>>,
    in_trouble: HashSet<Place>,
}

impl InstancesWatch {
    fn new(subscriptions: Vec<(Place, InstancesSubscription)>) -> Self {
        let updates = subscriptions
            .into_iter()
            .map(|(place, subscription)| {
                futures::stream::unfold((place, subscription), |(place, mut subscription)| async move {
                    let update = subscription.next().await?;
                    Some(((place.clone(), update), (place, subscription)))
                })
                .boxed()
            })
            .collect();
        Self { updates, in_trouble: HashSet::new() }
    }

    /// Waits for a change anywhere in the scope. It is one thing to its viewer: it has recovered when all of its places have, and it ends
    /// with the first of them.
    pub async fn next(&mut self) -> Option<(Place, InstancesUpdate)> {
        loop {
            let (place, update) = self.updates.next().await?;
            match update {
                InstancesUpdate::Trouble(_) => {
                    self.in_trouble.insert(place.clone());
                }
                InstancesUpdate::Recovered => {
                    self.in_trouble.remove(&place);
                    if !self.in_trouble.is_empty() {
                        continue;
                    }
                }
                InstancesUpdate::Ended(_) => self.updates.clear(),
                InstancesUpdate::Changed { .. } => {}
            }
            return Some((place, update));
        }
    }
}

impl Ops {
    /// Follows log lines.
    ///
    /// # Errors
    /// `invalid_input` or `not_found` for what cannot be followed, `rate_limited` for too much in a short time.
    pub async fn tail_logs(&self, caller: &Caller, request: LogRequest) -> Result<LogWatch> {
        self.subscription_guard().count(caller)?;
        let scope = Scope {
            accounts: request.account.into_iter().collect(),
            regions: request.region.into_iter().collect(),
        };
        let place =
            self.locate_log_group(caller, Operation::TailLogs, &scope, &request.log_group_name).await?;
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
    /// `invalid_input` or `not_found` for what cannot be followed, `rate_limited` for too much in a short time.
    pub async fn watch_metric(&self, caller: &Caller, request: MetricRequest) -> Result<MetricWatch> {
        self.subscription_guard().count(caller)?;
        let scope = Scope {
            accounts: request.account.into_iter().collect(),
            regions: request.region.into_iter().collect(),
        };
        let place = match self.resolve_place(&scope) {
            Ok(place) => place,
            Err(_) => {
                self.locate_instance(caller, Operation::WatchMetric, &scope, &request.instance_id).await?
            }
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
    /// `not_found` for a scope that is not configured, `rate_limited` for too much in a short time.
    pub async fn watch_instances(
        &self,
        caller: &Caller,
        request: InstancesRequest,
    ) -> Result<InstancesWatch> {
        self.subscription_guard().count(caller)?;
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

#[cfg(test)]
mod tests {
    use std::{
        sync::{Arc, Mutex},
        time::Duration,
    };

    use nephoscope_aws::replay::{Answer, Replay, ReplayRequest, wire};
    use nephoscope_live::{Hub, OnInstances, Pacing};
    use nephoscope_model::{Account, ErrorCode, scope::AccountColor};
    use tokio::time::timeout;

    use super::*;

    const REGIONS: [&str; 2] = ["eu-west-1", "us-east-1"];

    /// A watch over one account in two regions, without patience.
    async fn watch(replay: &Replay, on_instances: OnInstances) -> InstancesWatch {
        let account = Account {
            id: "111111111111".parse().expect("an id"),
            name: "test".to_owned(),
            color: AccountColor::Blue,
            regions: REGIONS.map(|region| region.parse().expect("a region")).to_vec(),
        };
        let places = Scope::default().places(std::slice::from_ref(&account)).expect("places");
        let quick = Duration::from_millis(5);
        let pacing = Pacing {
            instances: quick,
            transitions: quick,
            backoff: quick,
            max_backoff: quick,
            ..Pacing::default()
        };
        let hub = Hub::new(replay.cloud(vec![account]).await, pacing, on_instances);
        let join = |place: Place| (place.clone(), hub.watch_instances(place, None, None));
        InstancesWatch::new(places.into_iter().map(join).collect())
    }

    async fn next_of(watch: &mut InstancesWatch) -> Option<(Place, InstancesUpdate)> {
        timeout(Duration::from_secs(30), watch.next()).await.expect("news in time")
    }

    #[tokio::test]
    async fn it_has_recovered_when_no_place_is_in_trouble_any_more() {
        let cut = Arc::new(Mutex::new(HashSet::from(REGIONS)));
        let played = Arc::clone(&cut);
        let replay = Replay::new(move |request: &ReplayRequest| {
            if played.lock().expect("no panic").contains(request.region()) {
                return Answer::Dropped;
            }
            wire::instances(&[], None).into()
        });
        let mut watch = watch(&replay, Arc::new(|_, _| {})).await;
        for _ in REGIONS {
            let update = next_of(&mut watch).await;
            assert!(matches!(update, Some((_, InstancesUpdate::Trouble(_)))), "{update:?}");
        }

        cut.lock().expect("no panic").remove(REGIONS[0]);
        let Some((place, InstancesUpdate::Changed { .. })) = next_of(&mut watch).await else {
            panic!("the list of one place is no end of the other's trouble")
        };
        assert_eq!(place.region.as_str(), REGIONS[0]);

        cut.lock().expect("no panic").remove(REGIONS[1]);
        let update = next_of(&mut watch).await;
        assert!(matches!(update, Some((_, InstancesUpdate::Recovered))), "{update:?}");
    }

    #[tokio::test]
    async fn it_ends_with_the_first_of_its_places() {
        let replay = Replay::new(|_: &ReplayRequest| wire::instances(&[], None));
        let on_instances: OnInstances = Arc::new(|place: &Place, _| {
            assert_ne!(place.region.as_str(), REGIONS[1], "a bug, made by a test");
        });
        let mut watch = watch(&replay, on_instances).await;
        loop {
            match next_of(&mut watch).await.expect("it says that it ends") {
                (_, InstancesUpdate::Changed { .. }) => {}
                (place, InstancesUpdate::Ended(error)) => {
                    assert_eq!((place.region.as_str(), error.code), (REGIONS[1], ErrorCode::Internal));
                    break;
                }
                other => panic!("{other:?}"),
            }
        }
        assert!(next_of(&mut watch).await.is_none());
    }
}
