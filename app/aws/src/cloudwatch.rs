//! CloudWatch: which metrics there are, and their statistics.
//! [API reference](https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/)

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::{primitives::DateTime, types as sdk};
use nephoscope_model::{
    Place, Result, Timestamp,
    metrics::{Dimension, Metric, Point, Series, Statistic, StatsQuery},
};

use crate::{
    Cloud,
    calls::{GET_METRIC_DATA, GET_METRIC_STATISTICS, LIST_METRICS},
    paging::Pages,
    site::Site,
};

mod figures;

pub use figures::{Fold, Stretch};

impl Cloud {
    /// The metrics of a namespace, of one dimension's value if given, sorted, each once. CloudWatch lists metrics that had data
    /// in the last two weeks, and new ones some minutes late.
    ///
    /// # Errors
    /// `not_found` for a place that is not configured, and the errors of any call.
    pub async fn list_metrics(
        &self,
        place: &Place,
        namespace: &str,
        dimension: Option<&Dimension>,
    ) -> Result<Vec<Metric>> {
        let site = self.site(place)?;
        let filter =
            dimension.map(|it| vec![sdk::DimensionFilter::builder().name(&it.name).value(&it.value).build()]);
        let mut metrics = Vec::new();
        let mut pages = Pages::default();
        loop {
            let request = site
                .cloudwatch()
                .list_metrics()
                .namespace(namespace)
                .set_dimensions(filter.clone())
                .set_next_token(pages.token());
            let page = site.call(LIST_METRICS, request.send()).await?;
            metrics.extend(page.metrics.unwrap_or_default().into_iter().map(read_metric));
            if !pages.turn(page.next_token) {
                break;
            }
        }
        metrics.sort();
        metrics.dedup();
        Ok(metrics)
    }

    /// The statistics of a metric over time, oldest first. The metric's own name counts; the query's is only a label.
    ///
    /// Up to 1,440 points come from `GetMetricStatistics`: it tells the unit, which `GetMetricData` never does, and its calls
    /// are within the free tier, where those of `GetMetricData` are billed from the first. More points than that, it refuses,
    /// and they come from `GetMetricData`, without a unit.
    ///
    /// # Errors
    /// `not_found` for a place that is not configured, and the errors of any call. A metric that does not exist has no points.
    pub async fn get_series(&self, place: &Place, metric: &Metric, query: &StatsQuery) -> Result<Series> {
        let site = self.site(place)?;
        let (unit, values) = if count_points(query) <= StatsQuery::MAX_POINTS {
            get_statistics(&site, metric, query).await?
        } else {
            (String::new(), get_data(&site, metric, query).await?)
        };
        Ok(Series {
            metric: metric.name.clone(),
            statistic: query.statistic,
            period: query.period,
            unit,
            points: values.into_iter().map(|(at, value)| Point { at, value }).collect(),
        })
    }
}

/// How many points CloudWatch counts in a query, a begun one included.
fn count_points(query: &StatsQuery) -> i64 {
    let millis = query.to.as_millis().saturating_sub(query.from.as_millis());
    millis.saturating_add(i64::from(query.period) * 1000 - 1) / (i64::from(query.period) * 1000).max(1)
}

/// Asks `GetMetricStatistics`, which answers in any order. A metric that was written in several units has a series in each; the
/// unit with the most points is taken, since numbers in different units make no chart.
async fn get_statistics(
    site: &Site,
    metric: &Metric,
    query: &StatsQuery,
) -> Result<(String, BTreeMap<Timestamp, f64>)> {
    let request = site
        .cloudwatch()
        .get_metric_statistics()
        .namespace(&metric.namespace)
        .metric_name(&metric.name)
        .set_dimensions(Some(write_dimensions(metric)))
        .statistics(sdk::Statistic::from(query.statistic.as_str()))
        .start_time(write_time(query.from))
        .end_time(write_time(query.to))
        .period(query.period);
    let answer = site.call(GET_METRIC_STATISTICS, request.send()).await?;
    let mut by_unit: BTreeMap<String, BTreeMap<Timestamp, f64>> = BTreeMap::new();
    for point in answer.datapoints() {
        let unit = point.unit().map(|unit| unit.as_str().to_owned()).unwrap_or_default();
        let at = point.timestamp().and_then(read_time);
        if let Some((at, value)) = at.zip(read_value(query.statistic, point)) {
            by_unit.entry(unit).or_default().insert(at, value);
        }
    }
    Ok(by_unit.into_iter().max_by_key(|(_, points)| points.len()).unwrap_or_default())
}

/// Asks `GetMetricData`. Oldest first is asked for, and made sure of by the map: its default is newest first, emulators differ, and
/// a page may repeat the edge of the one before.
async fn get_data(site: &Site, metric: &Metric, query: &StatsQuery) -> Result<BTreeMap<Timestamp, f64>> {
    let identity = sdk::Metric::builder()
        .namespace(&metric.namespace)
        .metric_name(&metric.name)
        .set_dimensions(Some(write_dimensions(metric)))
        .build();
    let statistic = sdk::MetricStat::builder()
        .metric(identity)
        .period(query.period)
        .stat(query.statistic.as_str())
        .build();
    let question = sdk::MetricDataQuery::builder().id("m").metric_stat(statistic).build();
    let mut values = BTreeMap::new();
    let mut pages = Pages::default();
    loop {
        let request = site
            .cloudwatch()
            .get_metric_data()
            .metric_data_queries(question.clone())
            .start_time(write_time(query.from))
            .end_time(write_time(query.to))
            .scan_by(sdk::ScanBy::TimestampAscending)
            .set_next_token(pages.token());
        let page = site.call(GET_METRIC_DATA.requesting(1), request.send()).await?;
        for result in page.metric_data_results() {
            let points = result.timestamps().iter().zip(result.values());
            values.extend(
                points.filter(|(_, v)| v.is_finite()).filter_map(|(at, v)| Some((read_time(at)?, *v))),
            );
        }
        if !pages.turn(page.next_token) {
            return Ok(values);
        }
    }
}

fn read_metric(metric: sdk::Metric) -> Metric {
    let dimension = |it: sdk::Dimension| Dimension {
        name: it.name.unwrap_or_default(),
        value: it.value.unwrap_or_default(),
    };
    Metric {
        namespace: metric.namespace.unwrap_or_default(),
        name: metric.metric_name.unwrap_or_default(),
        dimensions: metric.dimensions.unwrap_or_default().into_iter().map(dimension).collect(),
    }
}

fn read_value(statistic: Statistic, point: &sdk::Datapoint) -> Option<f64> {
    let value = match statistic {
        Statistic::Average => point.average(),
        Statistic::Minimum => point.minimum(),
        Statistic::Maximum => point.maximum(),
        Statistic::Sum => point.sum(),
        Statistic::SampleCount => point.sample_count(),
    };
    value.filter(|value| value.is_finite())
}

fn read_time(at: &DateTime) -> Option<Timestamp> {
    at.to_millis().ok().map(Timestamp::from_millis)
}

fn write_time(at: Timestamp) -> DateTime {
    DateTime::from_millis(at.as_millis())
}

fn write_dimensions(metric: &Metric) -> Vec<sdk::Dimension> {
    let dimension = |it: &Dimension| sdk::Dimension::builder().name(&it.name).value(&it.value).build();
    metric.dimensions.iter().map(dimension).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_begun_point_counts() {
        let query = |millis, period| StatsQuery {
            metric: "m".to_owned(),
            statistic: Statistic::Average,
            from: Timestamp::from_millis(0),
            to: Timestamp::from_millis(millis),
            period,
        };
        assert_eq!(count_points(&query(86_400_000, 60)), 1_440);
        assert_eq!(count_points(&query(86_400_001, 60)), 1_441);
        assert_eq!(count_points(&query(0, 60)), 0);
        assert_eq!(count_points(&query(1, 0)), 0, "nonsense is AWS's to refuse");
    }
}
