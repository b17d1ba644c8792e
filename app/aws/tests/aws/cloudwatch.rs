//! Metrics and their statistics.

use nephoscope_aws::replay::{Replay, cbor::Cbor, wire};
use nephoscope_model::metrics::{Dimension, Metric, Point, Series, Statistic, StatsQuery};

use crate::{at, estate, place};

fn metric(name: &str) -> Metric {
    let dimensions =
        vec![Dimension { name: "InstanceId".to_owned(), value: "i-0123456789abcdef0".to_owned() }];
    Metric { namespace: "AWS/EC2".to_owned(), name: name.to_owned(), dimensions }
}

fn point(seconds: i64, value: f64) -> Point {
    Point { at: at(seconds * 1000), value }
}

fn query(minutes: i64) -> StatsQuery {
    StatsQuery {
        metric: "CPUUtilization".to_owned(),
        statistic: Statistic::Maximum,
        from: at(0),
        to: at(minutes * 60_000),
        period: 60,
    }
}

/// Whether the text stands in a CBOR body, where text is UTF-8 as it is.
fn contains(body: &[u8], text: &str) -> bool {
    body.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn every_page_of_the_metrics_is_read_and_each_is_there_once() {
    let replay = Replay::new(|request| {
        if contains(&request.body, "page two") {
            wire::metrics(&[metric("CPUUtilization"), metric("NetworkOut")], Some("page two"))
        } else {
            wire::metrics(&[metric("NetworkIn"), metric("CPUUtilization")], Some("page two"))
        }
    });
    let cloud = replay.cloud(estate()).await;
    let dimension = metric("").dimensions.remove(0);
    let list = cloud.list_metrics(&place(), "AWS/EC2", Some(&dimension)).await.unwrap();
    assert_eq!(list, ["CPUUtilization", "NetworkIn", "NetworkOut"].map(metric));
    assert_eq!(replay.operations(), ["ListMetrics"; 2], "a repeated token ends the list");
    for text in ["AWS/EC2", "InstanceId", "i-0123456789abcdef0"] {
        assert!(contains(&replay.requests()[0].body, text), "{text}");
    }
    assert_eq!(replay.requests()[0].service(), "monitoring");
}

#[tokio::test]
async fn a_chart_gets_its_points_in_order_and_their_unit() {
    let replay = Replay::new(|_| {
        let points = [point(120, 3.0), point(0, 1.5), point(60, f64::NAN), point(180, -2.0)];
        wire::statistics(Statistic::Maximum, "Percent", &points)
    });
    let series =
        replay.cloud(estate()).await.get_series(&place(), &metric("CPUUtilization"), &query(1_440)).await;
    assert_eq!(
        series,
        Ok(Series {
            metric: "CPUUtilization".to_owned(),
            statistic: Statistic::Maximum,
            period: 60,
            unit: "Percent".to_owned(),
            points: vec![point(0, 1.5), point(120, 3.0), point(180, -2.0)],
        })
    );
    assert_eq!(replay.operations(), ["GetMetricStatistics"]);
}

#[tokio::test]
async fn of_a_metric_in_two_units_the_one_with_more_points_is_taken() {
    let replay = Replay::new(|_| {
        let points = [(0, "Bytes", 1.0), (0, "Count", 9.0), (60, "Bytes", 2.0)];
        let points = Cbor::list(&points, |(seconds, unit, value)| {
            Cbor::Map(vec![
                ("Timestamp", Cbor::Time(seconds * 1000)),
                ("Unit", Cbor::text(*unit)),
                ("Maximum", Cbor::Number(*value)),
            ])
        });
        wire::cbor(200, &Cbor::Map(vec![("Datapoints", points)]))
    });
    let cloud = replay.cloud(estate()).await;
    let series = cloud.get_series(&place(), &metric("Size"), &query(60)).await.unwrap();
    assert_eq!((series.unit.as_str(), series.points), ("Bytes", vec![point(0, 1.0), point(60, 2.0)]));
}

#[tokio::test]
async fn a_metric_without_data_is_an_empty_chart() {
    for answer in [
        wire::statistics(Statistic::Maximum, "Percent", &[]),
        wire::statistics(Statistic::Minimum, "Percent", &[point(0, 1.0)]),
        wire::cbor(200, &Cbor::Map(vec![("Label", Cbor::text("CPUUtilization"))])),
    ] {
        let replay = Replay::new(move |_| answer.clone());
        let cloud = replay.cloud(estate()).await;
        let series = cloud.get_series(&place(), &metric("CPUUtilization"), &query(60)).await.unwrap();
        assert_eq!((series.points.len(), series.unit.as_str()), (0, ""));
    }
}

#[tokio::test]
async fn more_points_than_one_call_gives_come_from_get_metric_data_in_pages() {
    let replay = Replay::new(|request| {
        if contains(&request.body, "page two") {
            wire::metric_data(&[point(0, 1.0), point(60, 2.0)], None)
        } else {
            // Newest first, as AWS gives them when it is not asked otherwise.
            wire::metric_data(&[point(180, 4.0), point(120, 3.0), point(60, 2.0)], Some("page two"))
        }
    });
    let cloud = replay.cloud(estate()).await;
    let series = cloud.get_series(&place(), &metric("CPUUtilization"), &query(1_441)).await.unwrap();
    assert_eq!(series.points, [point(0, 1.0), point(60, 2.0), point(120, 3.0), point(180, 4.0)]);
    assert_eq!(series.unit, "");
    assert_eq!(replay.operations(), ["GetMetricData"; 2]);
    assert!(contains(&replay.requests()[0].body, "TimestampAscending"));
}
