//! One upstream for many viewers, through outages, without losing or repeating anything.

mod common;

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use common::{PATIENCE, hub, place, tail};
use nephoscope_aws::replay::{Answer, Replay, ReplayRequest, wire};
use nephoscope_live::{InstancesUpdate, KnownInstances, LogUpdate};
use nephoscope_model::{
    Timestamp,
    ec2::{Instance, InstanceState},
    logs::LogRow,
};
use tokio::time::timeout;

/// A log group in memory that can be cut off.
#[derive(Clone, Default)]
struct Group {
    rows: Arc<Mutex<Vec<LogRow>>>,
    cut: Arc<AtomicBool>,
}

impl Group {
    fn write(&self, id: &str) {
        self.rows.lock().expect("no panic").push(LogRow {
            id: id.to_owned(),
            timestamp: Timestamp::now(),
            log_stream_name: "s".to_owned(),
            message: format!("line {id}"),
        });
    }

    fn replay(&self) -> Replay {
        let group = self.clone();
        Replay::new(move |request: &ReplayRequest| {
            if group.cut.load(Ordering::SeqCst) {
                return Answer::Dropped;
            }
            let body = request.json();
            let from = body["startTime"].as_i64().unwrap_or(i64::MIN);
            let to = body["endTime"].as_i64().unwrap_or(i64::MAX);
            let rows = group.rows.lock().expect("no panic");
            let rows: Vec<_> =
                rows.iter().filter(|row| (from..=to).contains(&row.timestamp.as_millis())).cloned().collect();
            wire::log_events(&rows, None).into()
        })
    }
}

/// Takes updates until there are `count` lines; returns their ids and what else happened.
async fn take_rows(
    watch: &mut nephoscope_live::LogSubscription,
    count: usize,
) -> (Vec<String>, Vec<&'static str>) {
    let (mut ids, mut others) = (Vec::new(), Vec::new());
    while ids.len() < count {
        match timeout(PATIENCE, watch.next()).await.expect("news in time").expect("not the end") {
            LogUpdate::Rows { rows, dropped } => {
                assert_eq!(dropped, 0);
                ids.extend(rows.iter().map(|row| row.id.clone()));
            }
            LogUpdate::Trouble(_) => others.push("trouble"),
            LogUpdate::Recovered => others.push("recovered"),
            LogUpdate::Ended(error) => panic!("ended: {error}"),
        }
    }
    (ids, others)
}

#[tokio::test]
async fn lines_written_during_an_outage_come_once_and_in_order() {
    let group = Group::default();
    let replay = group.replay();
    let hub = hub(&replay).await;
    group.write("1");
    let mut watch = hub.tail_logs(tail(), None);
    assert_eq!(take_rows(&mut watch, 1).await.0, ["1"]);

    group.cut.store(true, Ordering::SeqCst);
    loop {
        if let LogUpdate::Trouble(_) =
            timeout(PATIENCE, watch.next()).await.expect("news in time").expect("not the end")
        {
            break;
        }
    }
    group.write("2");
    group.write("3");
    group.cut.store(false, Ordering::SeqCst);
    let (ids, others) = take_rows(&mut watch, 2).await;
    assert_eq!((ids, others), (vec!["2".to_owned(), "3".to_owned()], vec!["recovered"]));

    group.write("4");
    assert_eq!(take_rows(&mut watch, 1).await.0, ["4"]);
}

#[tokio::test]
async fn a_hundred_viewers_make_as_many_calls_as_one() {
    let group = Group::default();
    let replay = group.replay();
    let hub = hub(&replay).await;
    group.write("1");
    let mut watches: Vec<_> = (0..100).map(|_| hub.tail_logs(tail(), None)).collect();
    for watch in &mut watches {
        assert_eq!(take_rows(watch, 1).await.0, ["1"]);
    }
    assert_eq!(hub.upstreams()[0], ("logs", 1));
    // Each read goes on from the one before, so that all hundred were served by one sequence of reads.
    let begins: Vec<i64> =
        replay.requests().iter().map(|request| request.json()["startTime"].as_i64().unwrap_or(0)).collect();
    let first_reads = begins.iter().filter(|begin| **begin < Timestamp::now().as_millis() - 60_000).count();
    assert!(first_reads <= 12, "the history was read {first_reads} times");
}

#[tokio::test]
async fn a_viewer_who_comes_back_goes_on_after_its_last_line() {
    let group = Group::default();
    let hub = hub(&group.replay()).await;
    for id in ["1", "2", "3"] {
        group.write(id);
    }
    let mut first = hub.tail_logs(tail(), None);
    assert_eq!(take_rows(&mut first, 3).await.0.len(), 3);
    let mut again = hub.tail_logs(tail(), Some("2".to_owned()));
    assert_eq!(take_rows(&mut again, 1).await.0, ["3"]);
}

fn instance(id: &str, state: InstanceState) -> Instance {
    Instance {
        id: id.parse().expect("an id"),
        account: place().account,
        region: place().region,
        name: id.to_owned(),
        state,
        state_reason: None,
        instance_type: "t3.micro".to_owned(),
        zone: "us-east-1a".to_owned(),
        private_ip: None,
        public_ip: None,
        launched_at: None,
        architecture: None,
        platform: None,
        image_id: None,
        vpc_id: None,
        subnet_id: None,
        key_name: None,
        iam_profile: None,
        security_groups: vec![],
        hibernation: false,
        tenancy: None,
        on_demand: true,
        tags: vec![],
    }
}

#[tokio::test]
async fn viewers_are_told_what_changed_and_what_is_gone() {
    let (one, two) = ("i-00000001", "i-00000002");
    let instances = Arc::new(Mutex::new(vec![
        instance(one, InstanceState::Running),
        instance(two, InstanceState::Running),
    ]));
    let played = Arc::clone(&instances);
    let replay =
        Replay::new(move |_: &ReplayRequest| wire::instances(&played.lock().expect("no panic"), None));
    let hub = hub(&replay).await;

    let mut watch = hub.watch_instances(place(), None, None);
    let update = timeout(PATIENCE, watch.next()).await.expect("news in time");
    let Some(InstancesUpdate::Changed { at, changed, complete, .. }) = update else { panic!("{update:?}") };
    assert_eq!((changed.len(), complete), (2, true), "a viewer who knows nothing is sent everything");

    *instances.lock().expect("no panic") = vec![instance(one, InstanceState::Stopping)];
    let mut knows = hub.watch_instances(place(), Some(at), None);
    for watch in [&mut watch, &mut knows] {
        let (mut stopping, mut gone) = (false, false);
        while !(stopping && gone) {
            let update = timeout(PATIENCE, watch.next()).await.expect("news in time");
            let Some(InstancesUpdate::Changed { changed, gone: ids, complete, .. }) = update else {
                panic!("{update:?}")
            };
            assert!(!complete, "what is not named here is still there");
            assert!(changed.iter().all(|it| it.id.as_str() == one), "only what changed is sent");
            stopping |= changed.iter().any(|it| it.state == InstanceState::Stopping);
            gone |= ids.iter().any(|id| id.as_str() == two);
        }
    }
}

fn known(instances: Vec<Instance>, at: Timestamp) -> Option<KnownInstances> {
    Some(KnownInstances { instances: Arc::new(instances), at })
}

#[tokio::test]
async fn a_viewer_whose_knowledge_is_too_old_is_sent_all_there_is() {
    let (one, two) = ("i-00000001", "i-00000002");
    let left = vec![instance(one, InstanceState::Running)];
    let replay = Replay::new(move |_: &ReplayRequest| wire::instances(&left, None));
    let hub = hub(&replay).await;
    let long_ago = Timestamp::now().plus_millis(-3_600_000);
    for since in [None, Some(long_ago), Some(Timestamp::now().plus_millis(3_600_000))] {
        let mut watch = hub.watch_instances(place(), since, None);
        let update = timeout(PATIENCE, watch.next()).await.expect("news in time");
        let Some(InstancesUpdate::Changed { changed, complete, .. }) = update else { panic!("{update:?}") };
        assert!(complete, "nobody remembers whether {two} was there at {since:?}");
        assert_eq!(changed.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), [one]);
    }
}

#[tokio::test]
async fn a_viewer_who_knows_more_than_the_upstream_is_not_sent_an_older_list() {
    let (old, new) = ("i-00000001", "i-00000002");
    let played = vec![instance(old, InstanceState::Stopped), instance(new, InstanceState::Running)];
    let replay = Replay::new(move |_: &ReplayRequest| wire::instances(&played, None));
    let hub = hub(&replay).await;
    let now = Timestamp::now();
    let before = known(vec![instance(old, InstanceState::Running)], now.plus_millis(-5_000));

    // Its page was made from a list of a second ago, which had both; what a cache holds is from before.
    let mut watch = hub.watch_instances(place(), Some(now.plus_millis(-1_000)), before);
    let update = timeout(PATIENCE, watch.next()).await.expect("news in time");
    let Some(InstancesUpdate::Changed { at, changed, gone, complete }) = update else { panic!("{update:?}") };
    assert!(at >= now, "the first word is a list that is newer than the page's");
    assert!(!complete && gone.is_empty());
    assert!(changed.iter().any(|it| it.id.as_str() == old && it.state == InstanceState::Stopped));
}
