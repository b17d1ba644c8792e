//! One number for each of many metrics.

use std::collections::HashMap;

use aws_sdk_cloudwatch::types as sdk;
use futures::future::try_join_all;
use nephoscope_model::{Place, Result, Timestamp, metrics::Metric};

use super::{write_dimensions, write_time};
use crate::{Cloud, calls::GET_METRIC_DATA, paging::Pages, site::Site};

/// The most metrics that one call of `GetMetricData` takes.
const METRICS: usize = 500;
const MINUTE: i64 = 60_000;
const DAY: i64 = 86_400_000;

/// How all samples of a stretch of time become one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fold {
    /// Their sum.
    Sum,
    /// What 95 of 100 do not exceed.
    P95,
}

impl Fold {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Sum => "Sum",
            Self::P95 => "p95",
        }
    }

    /// One number of two.
    fn with(self, a: f64, b: f64) -> f64 {
        match self {
            Self::Sum => a + b,
            Self::P95 => a.max(b),
        }
    }
}

/// A stretch of time that is one period of CloudWatch. `GetMetricData` lays its periods on the clock, counted from 1970, so a percentile of
/// a whole stretch can only be had of a stretch that begins where one of them does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    from: Timestamp,
    to: Timestamp,
    /// In seconds.
    period: i32,
}

impl Stretch {
    /// About the last day: of all periods of 23 to 25 hours, the one that ends soonest after now.
    #[must_use]
    pub fn last_day(now: Timestamp) -> Self {
        let now = now.as_millis();
        let end = |period: i64| (now / period + 1) * period;
        let periods = (-60..=60).map(|minutes| DAY + minutes * MINUTE);
        let period = periods.min_by_key(|period| (end(*period), *period)).unwrap_or(DAY);
        let to = end(period);
        Self {
            from: Timestamp::from_millis(to - period),
            to: Timestamp::from_millis(to),
            period: i32::try_from(period / 1000).unwrap_or(i32::MAX),
        }
    }
}

impl Cloud {
    /// One number for each of these metrics over a stretch of time, in their order; nothing where CloudWatch has no samples. Up to 500 are
    /// asked for in a call, and each of them costs.
    ///
    /// # Errors
    /// `not_found` for a place that is not configured, and the errors of any call.
    pub async fn get_figures(
        &self,
        place: &Place,
        metrics: &[(Metric, Fold)],
        stretch: Stretch,
    ) -> Result<Vec<Option<f64>>> {
        let site = self.site(place)?;
        let batches = metrics.chunks(METRICS).map(|batch| Box::pin(read(&site, batch, stretch)));
        Ok(try_join_all(batches).await?.concat())
    }
}

async fn read(site: &Site, metrics: &[(Metric, Fold)], stretch: Stretch) -> Result<Vec<Option<f64>>> {
    let ids: HashMap<String, usize> = (0..metrics.len()).map(|index| (id_of(index), index)).collect();
    let questions: Vec<sdk::MetricDataQuery> = metrics
        .iter()
        .enumerate()
        .map(|(index, (metric, fold))| {
            let identity = sdk::Metric::builder()
                .namespace(&metric.namespace)
                .metric_name(&metric.name)
                .set_dimensions(Some(write_dimensions(metric)))
                .build();
            let statistic = sdk::MetricStat::builder()
                .metric(identity)
                .period(stretch.period)
                .stat(fold.as_str())
                .build();
            sdk::MetricDataQuery::builder().id(id_of(index)).metric_stat(statistic).build()
        })
        .collect();
    let mut figures = vec![None; metrics.len()];
    let mut pages = Pages::default();
    let call = GET_METRIC_DATA.requesting(u32::try_from(metrics.len()).unwrap_or(u32::MAX));
    loop {
        let request = site
            .cloudwatch()
            .get_metric_data()
            .set_metric_data_queries(Some(questions.clone()))
            .start_time(write_time(stretch.from))
            .end_time(write_time(stretch.to))
            .set_next_token(pages.token());
        let page = site.call(call, request.send()).await?;
        for result in page.metric_data_results() {
            let Some(index) = result.id().and_then(|id| ids.get(id)).copied() else { continue };
            let fold = metrics[index].1;
            // One, unless the other side cuts time otherwise.
            for value in result.values().iter().copied().filter(|value| value.is_finite()) {
                figures[index] = Some(figures[index].map_or(value, |before| fold.with(before, value)));
            }
        }
        if !pages.turn(page.next_token) {
            return Ok(figures);
        }
    }
}

/// An id begins with a lower-case letter.
fn id_of(index: usize) -> String {
    format!("m{index}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_day_is_one_period_that_ends_about_now() {
        for step in 0..500 {
            let now = Timestamp::from_millis(1_795_174_448_250 + step * 17 * MINUTE + step);
            let day = Stretch::last_day(now);
            let period = i64::from(day.period) * 1000;
            assert_eq!(day.from.as_millis() % period, 0, "it begins where a period does");
            assert_eq!(day.to.as_millis() - day.from.as_millis(), period);
            assert_eq!(period % MINUTE, 0);
            assert!((DAY - 60 * MINUTE..=DAY + 60 * MINUTE).contains(&period));
            let ahead = day.to.as_millis() - now.as_millis();
            assert!((1..=2 * 60 * MINUTE).contains(&ahead), "{ahead}");
        }
    }
}
