//! The last lines of a log, from an AWS that reads newest first and from one that does not.

use nephoscope_aws::replay::{Replay, ReplayRequest, ReplayResponse, wire};
use nephoscope_model::{Timestamp, logs::LogRow};

use crate::{at, estate, ids, row, tail};

const NOW: i64 = 1_795_174_448_250; // 2026-11-20
const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// `FilterLogEvents` over these rows, sorted by time, in pages of at most `page`.
fn play(rows: Vec<LogRow>, page: usize, newest_first: bool) -> impl Fn(&ReplayRequest) -> ReplayResponse {
    move |request| {
        let question = request.json();
        let time = |name: &str| question[name].as_i64().map(Timestamp::from_millis);
        let from = time("startTime").unwrap();
        let to = time("endTime").unwrap_or(at(i64::MAX));
        let mut found: Vec<_> =
            rows.iter().filter(|row| row.timestamp >= from && row.timestamp <= to).cloned().collect();
        if question["startFromHead"] == false {
            assert!(from >= at(1_704_067_200_000), "AWS refuses this before 2024");
            if newest_first {
                found.reverse();
            }
        }
        let begin = question["nextToken"].as_str().map_or(0, |token| token.parse().unwrap());
        let limit = usize::try_from(question["limit"].as_u64().unwrap()).unwrap().min(page);
        let end = (begin + limit).min(found.len());
        let token = (end < found.len()).then(|| end.to_string());
        wire::log_events(&found[begin..end], token.as_deref())
    }
}

/// Lines of these ages, oldest first, with their age as id.
fn aged(ages: impl IntoIterator<Item = i64>) -> Vec<LogRow> {
    let mut rows: Vec<_> = ages.into_iter().map(|age| row(age, NOW - age)).collect();
    rows.sort_by_key(|row| row.timestamp);
    rows
}

async fn last(replay: &Replay, count: usize) -> Vec<LogRow> {
    replay.cloud(estate()).await.last_log_rows(&tail(), count, at(NOW)).await.unwrap()
}

#[tokio::test]
async fn the_last_lines_are_found_whatever_their_age_and_whichever_way_aws_reads() {
    let ages = [-MINUTE, 0, 5 * MINUTE, 3 * DAY, 3 * DAY + 1, 100 * DAY, 900 * DAY, 1_200 * DAY];
    for newest_first in [true, false] {
        for page in [1, 3, 10_000] {
            for count in 0..=ages.len() + 1 {
                let rows = aged(ages);
                let expected = rows[rows.len().saturating_sub(count)..].to_vec();
                let replay = Replay::new(play(rows, page, newest_first));
                let found = last(&replay, count).await;
                assert_eq!(ids(&found), ids(&expected), "{newest_first} {page} {count}");
            }
        }
    }
}

#[tokio::test]
async fn a_busy_log_costs_one_call() {
    let replay = Replay::new(play(aged((0..50_000).map(|n| n * 10)), 10_000, true));
    let found = last(&replay, 200).await;
    assert_eq!((found.len(), found[199].timestamp), (200, at(NOW)));
    assert_eq!(replay.requests().len(), 1);
    assert_eq!(replay.requests()[0].json()["limit"], 200, "and no more is fetched than needed");
}

#[tokio::test]
async fn a_busy_log_of_an_emulator_costs_a_few() {
    let replay = Replay::new(play(aged((0..50_000).map(|n| n * 10)), 10_000, false));
    let found = last(&replay, 200).await;
    assert_eq!((found.len(), found[199].timestamp), (200, at(NOW)));
    assert_eq!(replay.requests().len(), 6, "once the wrong way, then five pages");
}

#[tokio::test]
async fn looking_back_widens_and_never_reads_a_stretch_twice() {
    let replay = Replay::new(play(vec![], 10_000, true));
    assert!(last(&replay, 100).await.is_empty());
    let requests: Vec<_> = replay.requests().iter().map(ReplayRequest::json).collect();
    assert_eq!(requests.len(), 9);
    assert_eq!(requests[0]["startTime"], NOW - 10 * MINUTE);
    assert!(requests[0]["endTime"].is_null(), "lines of the future count too");
    for pair in requests.windows(2) {
        assert_eq!(pair[1]["endTime"].as_i64(), pair[0]["startTime"].as_i64().map(|at| at - 1));
    }
    assert_eq!(requests[8]["startTime"], 0);
}

#[tokio::test]
async fn looking_back_gives_up_after_sixty_calls() {
    let turn = std::sync::atomic::AtomicUsize::new(0);
    let replay = Replay::new(move |_| {
        let turn = turn.fetch_add(1, std::sync::atomic::Ordering::SeqCst).to_string();
        wire::log_events(&[], Some(&turn))
    });
    assert!(last(&replay, 100).await.is_empty());
    assert_eq!(replay.requests().len(), 60);
}
