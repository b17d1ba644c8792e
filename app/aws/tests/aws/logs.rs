//! Log groups, streams, and reading lines forward.

use nephoscope_aws::replay::{Replay, wire};
use nephoscope_model::logs::{LogGroup, LogStream, LogTail};
use serde_json::json;

use crate::{at, estate, ids, place, row, tail};

fn group(name: &str) -> LogGroup {
    let place = place();
    LogGroup {
        name: name.to_owned(),
        account: place.account,
        region: place.region,
        stored_bytes: 7,
        retention_days: None,
    }
}

fn stream(name: &str, last: Option<i64>) -> LogStream {
    LogStream { name: name.to_owned(), last_event_at: last.map(at) }
}

#[tokio::test]
async fn every_page_of_the_groups_is_read_and_sorted() {
    let replay = Replay::new(|request| match request.json()["nextToken"].as_str() {
        None => wire::log_groups(&[group("/b")], Some("two")),
        Some(_) => {
            wire::log_groups(&[LogGroup { retention_days: Some(14), ..group("/a") }, group("/b")], None)
        }
    });
    let cloud = replay.cloud(estate()).await;
    let groups = cloud.list_log_groups(&place(), Some("/")).await.unwrap();
    assert_eq!(groups, [LogGroup { retention_days: Some(14), ..group("/a") }, group("/b")]);
    assert_eq!(replay.requests()[0].json(), json!({ "logGroupNamePrefix": "/", "limit": 50 }));
    assert_eq!(replay.requests()[1].json()["logGroupNamePrefix"], "/", "on every page");

    cloud.list_log_groups(&place(), Some("")).await.unwrap();
    assert_eq!(replay.requests()[2].json(), json!({ "limit": 50 }), "AWS takes no empty prefix");
}

#[tokio::test]
async fn groups_and_streams_of_which_aws_tells_little_are_shown() {
    let replay = Replay::new(|request| match request.operation() {
        "DescribeLogGroups" => wire::json(200, &json!({ "logGroups": [{ "logGroupName": "/a" }, {}] })),
        _ => wire::json(200, &json!({ "logStreams": [{ "logStreamName": "empty" }, {}] })),
    });
    let cloud = replay.cloud(estate()).await;
    let groups = cloud.list_log_groups(&place(), None).await.unwrap();
    assert_eq!(groups, [LogGroup { stored_bytes: 0, ..group("/a") }]);
    let streams = cloud.list_log_streams(&place(), "/a", None, 10).await.unwrap();
    assert_eq!((streams.items.as_slice(), streams.next), ([stream("empty", None)].as_slice(), None));
}

#[tokio::test]
async fn streams_come_newest_first_and_a_page_at_a_time() {
    let replay = Replay::new(|request| match request.json()["nextToken"].as_str() {
        None => wire::log_streams(&[stream("b", Some(8)), stream("a", Some(9))], Some("two")),
        Some("two") => wire::log_streams(&[stream("c", Some(7)), stream("a", Some(9))], Some("3")),
        Some("3") => wire::log_streams(&[stream("d", None)], None),
        other => panic!("there is no page {other:?}"),
    });
    let cloud = replay.cloud(estate()).await;
    let page = cloud.list_log_streams(&place(), "/app/web", None, 3).await.unwrap();
    assert_eq!(page.items, [stream("a", Some(9)), stream("b", Some(8)), stream("c", Some(7))]);
    assert_eq!(page.next.as_deref(), Some("3"));
    let asked = |limit: i32| json!({ "logGroupName": "/app/web", "orderBy": "LastEventTime", "descending": true, "limit": limit });
    assert_eq!(replay.requests()[0].json(), asked(3));
    assert_eq!(replay.requests()[1].json()["limit"], 1, "only what is missing, so that nothing is lost");

    let rest = cloud.list_log_streams(&place(), "/app/web", page.next.as_deref(), 500).await.unwrap();
    assert_eq!((rest.items.as_slice(), rest.next), ([stream("d", None)].as_slice(), None));
    assert_eq!(replay.requests()[2].json()["nextToken"], "3");
    assert_eq!(replay.requests()[2].json()["limit"], 50, "AWS gives no more at once");
}

#[tokio::test]
async fn lines_are_read_to_the_end_over_empty_pages_and_put_in_order() {
    let replay = Replay::new(|request| match request.json()["nextToken"].as_str() {
        None => wire::log_events(&[row("b", 2_000), row("a", 1_000)], Some("two")),
        Some("two") => wire::log_events(&[], Some("three")),
        Some(_) => {
            let event = |id: &str, taken_in: i64| {
                json!({
                    "eventId": id, "timestamp": 2_000, "ingestionTime": taken_in, "logStreamName": "web-1",
                    "message": "GET /",
                })
            };
            wire::json(200, &json!({ "events": [event("d", 9_000), event("c", 8_000), event("b", 3_000)] }))
        }
    });
    let tail = LogTail::new(place(), "/app/web", vec!["web-1".to_owned(), "web-2".to_owned()]).unwrap();
    let page = replay.cloud(estate()).await.filter_log_events(&tail, at(1_000), 100).await.unwrap();
    assert_eq!(ids(&page.rows), ["a", "b", "c", "d"], "by time, then as AWS took them in, each once");
    assert_eq!(page.rows[0], row("a", 1_000));
    assert!(page.complete);
    assert_eq!(
        replay.requests()[0].json(),
        json!({
            "logGroupName": "/app/web", "logStreamNames": ["web-1", "web-2"], "startTime": 1_000, "limit": 100,
        })
    );
}

#[tokio::test]
async fn reading_stops_when_there_are_enough_lines_and_says_that_there_are_more() {
    let page = |first: i64| (first..first + 40).map(|n| row(n, n)).collect::<Vec<_>>();
    let replay = Replay::new(move |request| match request.json()["nextToken"].as_str() {
        None => wire::log_events(&page(0), Some("two")),
        Some("two") => wire::log_events(&page(40), Some("three")),
        Some(_) => wire::log_events(&page(80), None),
    });
    let cloud = replay.cloud(estate()).await;
    let some = cloud.filter_log_events(&tail(), at(0), 50).await.unwrap();
    assert_eq!((some.rows.len(), some.complete, replay.requests().len()), (50, false, 2));
    assert_eq!(some.rows.last(), Some(&row(49, 49)), "the first ones are given");
    let all = cloud.filter_log_events(&tail(), at(0), 120).await.unwrap();
    assert_eq!((all.rows.len(), all.complete), (120, true));
    let but_one = cloud.filter_log_events(&tail(), at(0), 119).await.unwrap();
    assert_eq!((but_one.rows.len(), but_one.complete), (119, false));
}

#[tokio::test]
async fn a_token_that_repeats_itself_is_the_end() {
    let replay = Replay::new(|_| wire::log_events(&[row("a", 1)], Some("same")));
    let page = replay.cloud(estate()).await.filter_log_events(&tail(), at(0), 100).await.unwrap();
    assert_eq!((ids(&page.rows), page.complete, replay.requests().len()), (vec!["a"], true, 2));
}

#[tokio::test]
async fn lines_may_be_anything() {
    let message = "\u{1b}[31m<script>\0\u{202e} \"quoted\" \\ \u{fffd} 日本語\n";
    let replay = Replay::new(move |_| {
        wire::json(
            200,
            &json!({ "events": [
                { "timestamp": i64::MAX, "message": message }, { "timestamp": -5, "logStreamName": "s" }, {}, {},
            ]}),
        )
    });
    let page = replay.cloud(estate()).await.filter_log_events(&tail(), at(-5), 100).await.unwrap();
    assert_eq!(page.rows.len(), 3, "of two lines that are the same in everything, one");
    assert_eq!(page.rows.last().unwrap().message, message);
    assert_eq!(replay.requests()[0].json()["startTime"], 0, "AWS takes no time before 1970");
}
