//! How an upstream ends before its viewers do, and that they are told.

mod common;

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

use common::{PATIENCE, estate, hub, pacing, place, tail};
use nephoscope_aws::replay::{Answer, Replay, ReplayRequest, wire};
use nephoscope_live::{Hub, InstancesUpdate, LogUpdate, MetricSubscription, MetricTopic, SeriesUpdate};
use nephoscope_model::{
    ErrorCode,
    metrics::{Dimension, Metric, Statistic, TimeRange},
};
use tokio::time::timeout;

fn topic() -> MetricTopic {
    MetricTopic {
        place: place(),
        metric: Metric {
            namespace: "AWS/EC2".to_owned(),
            name: "CPUUtilization".to_owned(),
            dimensions: vec![Dimension { name: "InstanceId".to_owned(), value: "i-00000001".to_owned() }],
        },
        statistic: Statistic::Average,
        range: TimeRange::default(),
    }
}

async fn next_of(watch: &mut MetricSubscription) -> Option<SeriesUpdate> {
    timeout(PATIENCE, watch.next()).await.expect("news in time")
}

/// A cloud whose first answer is a bug of ours.
fn stumbling(answer: impl Fn() -> Answer + Send + Sync + 'static) -> Replay {
    let stumbled = AtomicBool::new(false);
    Replay::new(move |_: &ReplayRequest| {
        assert!(stumbled.swap(true, Ordering::SeqCst), "a bug, made by a test");
        answer()
    })
}

#[tokio::test]
async fn a_group_that_does_not_exist_ends_the_watch_with_the_reason() {
    let replay = Replay::new(|_: &ReplayRequest| {
        wire::logs_error(400, "ResourceNotFoundException", "The specified log group does not exist.")
    });
    let mut watch = hub(&replay).await.tail_logs(tail(), None);
    let update = timeout(PATIENCE, watch.next()).await.expect("news in time");
    let Some(LogUpdate::Ended(error)) = update else { panic!("not the end: {update:?}") };
    assert_eq!(error.code, ErrorCode::NotFound);
    assert_eq!(watch.next().await, None);
}

#[tokio::test]
async fn a_metric_that_aws_rejects_ends_for_all_and_is_not_asked_for_again() {
    let replay = Replay::new(|_: &ReplayRequest| {
        wire::cloudwatch_error(400, "InvalidParameterValue", "The parameter Period must be a multiple of 60.")
    });
    let hub = hub(&replay).await;
    let mut watches = [hub.watch_metric(topic()), hub.watch_metric(topic())];
    for watch in &mut watches {
        let update = next_of(watch).await;
        let Some(SeriesUpdate::Ended(error)) = update else { panic!("not the end: {update:?}") };
        assert_eq!(error.code, ErrorCode::AwsRejected);
        assert_eq!(next_of(watch).await, None);
    }
    assert_eq!(hub.upstreams()[2], ("metrics", 0));
    assert_eq!(replay.requests().len(), 1, "for both viewers, once");
}

#[tokio::test]
async fn a_metric_that_is_denied_goes_on_when_the_permission_is_granted() {
    let asked = AtomicU32::new(0);
    let replay = Replay::new(move |_: &ReplayRequest| {
        if asked.fetch_add(1, Ordering::SeqCst) < 3 {
            return wire::cloudwatch_error(403, "AccessDenied", "You may not.");
        }
        wire::statistics(Statistic::Average, "Percent", &[])
    });
    let mut watch = hub(&replay).await.watch_metric(topic());
    let Some(SeriesUpdate::Trouble(error)) = next_of(&mut watch).await else { panic!("no trouble") };
    assert_eq!(error.code, ErrorCode::AwsDenied);
    assert_eq!(next_of(&mut watch).await, Some(SeriesUpdate::Recovered));
    let Some(SeriesUpdate::Points(series)) = next_of(&mut watch).await else { panic!("no points") };
    assert_eq!(series.unit, "");
}

#[tokio::test]
async fn a_log_whose_reader_panics_ends_with_an_internal_error_and_can_be_followed_anew() {
    let hub = hub(&stumbling(|| wire::log_events(&[], None).into())).await;
    let mut watch = hub.tail_logs(tail(), None);
    let update = timeout(PATIENCE, watch.next()).await.expect("news in time");
    let Some(LogUpdate::Ended(error)) = update else { panic!("not the end: {update:?}") };
    assert_eq!(error.code, ErrorCode::Internal);
    assert_eq!(hub.upstreams()[0], ("logs", 0));

    let mut again = hub.tail_logs(tail(), None);
    let update = timeout(PATIENCE, again.next()).await.expect("news in time");
    assert_eq!(update, Some(LogUpdate::Rows { rows: vec![], dropped: 0 }));
}

#[tokio::test]
async fn a_metric_whose_reader_panics_ends_with_an_internal_error_and_can_be_followed_anew() {
    let hub = hub(&stumbling(|| wire::statistics(Statistic::Average, "Percent", &[]).into())).await;
    let mut watch = hub.watch_metric(topic());
    let update = next_of(&mut watch).await;
    let Some(SeriesUpdate::Ended(error)) = update else { panic!("not the end: {update:?}") };
    assert_eq!(error.code, ErrorCode::Internal);

    let update = next_of(&mut hub.watch_metric(topic())).await;
    assert!(matches!(update, Some(SeriesUpdate::Points(_))), "{update:?}");
}

#[tokio::test]
async fn instances_whose_reader_panics_end_with_an_internal_error_and_can_be_watched_anew() {
    let replay = Replay::new(|_: &ReplayRequest| wire::instances(&[], None));
    let stumbled = AtomicBool::new(false);
    let on_instances = Arc::new(move |_: &_, _| {
        assert!(stumbled.swap(true, Ordering::SeqCst), "a bug, made by a test");
    });
    let hub = Hub::new(replay.cloud(estate()).await, pacing(), on_instances);
    let mut watch = hub.watch_instances(place(), None, None);
    let update = timeout(PATIENCE, watch.next()).await.expect("news in time");
    let Some(InstancesUpdate::Ended(error)) = update else { panic!("not the end: {update:?}") };
    assert_eq!(error.code, ErrorCode::Internal);
    assert_eq!(timeout(PATIENCE, watch.next()).await.expect("an end"), None);

    let mut again = hub.watch_instances(place(), None, None);
    let update = timeout(PATIENCE, again.next()).await.expect("news in time");
    assert!(matches!(update, Some(InstancesUpdate::Changed { complete: true, .. })), "{update:?}");
}
