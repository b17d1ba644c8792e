//! Metrics: one series for each metric and range, and for each viewer the points it does not have yet.

use std::{collections::BTreeMap, sync::Arc};

use nephoscope_aws::Cloud;
use nephoscope_model::{
    Error, Place, Timestamp,
    metrics::{Metric, Point, Series, Statistic, StatsQuery, TimeRange},
};
use tokio::sync::watch;

use crate::{
    Pacing,
    upstream::{Idle, Registry, Upstream, is_hopeless},
};

/// Periods that are read again each time: CloudWatch goes on folding samples into the last ones.
const SETTLING_PERIODS: i64 = 3;

/// What is watched: a metric, folded in one way, over a range that ends now.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MetricTopic {
    /// Where.
    pub place: Place,
    /// Which metric.
    pub metric: Metric,
    /// How samples are folded.
    pub statistic: Statistic,
    /// How far back.
    pub range: TimeRange,
}

/// The points of one topic.
#[derive(Default)]
pub(crate) struct MetricState {
    points: BTreeMap<Timestamp, f64>,
    unit: String,
    ready: bool,
    trouble: Option<Error>,
}

/// What happened to a metric since a viewer last looked.
#[derive(Debug, Clone, PartialEq)]
pub enum SeriesUpdate {
    /// Points that are new or different: at first the whole range, even when it is empty.
    Points(Series),
    /// AWS does not answer.
    Trouble(Error),
    /// AWS answers again.
    Recovered,
    /// AWS refuses to answer this at all, or nobody asks it any more.
    Ended(Error),
}

/// One viewer of a metric.
pub struct MetricSubscription {
    topic: MetricTopic,
    upstream: Arc<Upstream<MetricState>>,
    bell: watch::Receiver<u64>,
    sent: Option<BTreeMap<Timestamp, f64>>,
    in_trouble: bool,
    ended: bool,
}

impl MetricSubscription {
    /// Waits for news. Returns `None` after the end. Safe to cancel.
    pub async fn next(&mut self) -> Option<SeriesUpdate> {
        while !self.ended {
            self.bell.changed().await.ok()?;
            if let Some(update) = self.look() {
                self.bell.mark_changed();
                return Some(update);
            }
        }
        None
    }

    fn look(&mut self) -> Option<SeriesUpdate> {
        if let Some(reason) = self.upstream.ended() {
            self.ended = true;
            return Some(SeriesUpdate::Ended(reason.clone()));
        }
        let state = self.upstream.state();
        match &state.trouble {
            Some(error) if !self.in_trouble => {
                self.in_trouble = true;
                return Some(SeriesUpdate::Trouble(error.clone()));
            }
            None if self.in_trouble => {
                self.in_trouble = false;
                return Some(SeriesUpdate::Recovered);
            }
            _ => {}
        }
        if !state.ready {
            return None;
        }
        let points = news(&state.points, self.sent.as_ref());
        if points.is_empty() && self.sent.is_some() {
            return None;
        }
        self.sent = Some(state.points.clone());
        Some(SeriesUpdate::Points(Series {
            metric: self.topic.metric.name.clone(),
            statistic: self.topic.statistic,
            period: self.topic.range.period(),
            unit: state.unit.clone(),
            points,
        }))
    }
}

/// The points that are new or different.
fn news(current: &BTreeMap<Timestamp, f64>, sent: Option<&BTreeMap<Timestamp, f64>>) -> Vec<Point> {
    current
        .iter()
        .filter(|(at, value)| sent.and_then(|sent| sent.get(at)) != Some(value))
        .map(|(at, value)| Point { at: *at, value: *value })
        .collect()
}

/// Joins the upstream of a topic.
pub(crate) fn subscribe(
    registry: &Arc<Registry<MetricTopic, MetricState>>,
    cloud: &Cloud,
    pacing: Pacing,
    topic: MetricTopic,
) -> MetricSubscription {
    let (upstream, bell) = registry.join(&topic, MetricState::default, |upstream| {
        follow(Arc::clone(registry), cloud.clone(), pacing, topic.clone(), upstream)
    });
    MetricSubscription { topic, upstream, bell, sent: None, in_trouble: false, ended: false }
}

async fn follow(
    registry: Arc<Registry<MetricTopic, MetricState>>,
    cloud: Cloud,
    pacing: Pacing,
    topic: MetricTopic,
    upstream: Arc<Upstream<MetricState>>,
) -> Result<(), Error> {
    let mut failures = 0;
    let mut idle = Idle::default();
    loop {
        let query = next_query(&topic, upstream.state().points.keys().next_back().copied());
        let pause = match cloud.get_series(&topic.place, &topic.metric, &query).await {
            Ok(series) => {
                failures = 0;
                let horizon = query.to.plus_millis(-topic.range.seconds() * 1000);
                let mut state = upstream.state();
                state.points.extend(series.points.iter().map(|point| (point.at, point.value)));
                state.points.retain(|at, _| *at >= horizon);
                if !series.unit.is_empty() {
                    state.unit = series.unit;
                }
                state.ready = true;
                state.trouble = None;
                pacing.metrics
            }
            // The question stays the same but for its time, and so would the answer.
            Err(error) if is_hopeless(&error) => return Err(error),
            Err(error) => {
                failures += 1;
                upstream.state().trouble = Some(error);
                pacing.backoff_after(failures)
            }
        };
        upstream.ring();
        if registry.retire(&topic, &mut idle, pacing.linger) {
            return Ok(());
        }
        upstream.rest(pause).await;
    }
}

/// The whole range at first, later only what may still change.
fn next_query(topic: &MetricTopic, newest: Option<Timestamp>) -> StatsQuery {
    let mut query = StatsQuery::for_range(&topic.metric.name, topic.statistic, topic.range, Timestamp::now());
    if let Some(newest) = newest {
        let settling = newest.plus_millis(-SETTLING_PERIODS * i64::from(query.period) * 1000);
        query.from = query.from.max(settling);
    }
    query
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_viewer_is_sent_only_points_that_are_new_or_different() {
        let at = Timestamp::from_millis;
        let sent = BTreeMap::from([(at(1), 1.0), (at(2), 2.0)]);
        let current = BTreeMap::from([(at(1), 1.0), (at(2), 2.5), (at(3), 3.0)]);
        assert_eq!(news(&current, None).len(), 3);
        let points = news(&current, Some(&sent));
        assert_eq!(points, [Point { at: at(2), value: 2.5 }, Point { at: at(3), value: 3.0 }]);
    }
}
