//! The queue of terminations.

use std::sync::Arc;

use futures::future::join_all;
use nephoscope_model::{Place, Timestamp, ec2::InstanceId};
use nephoscope_store::{QueuedTermination, Store, StoreError};

fn place(account: &str, region: &str) -> Place {
    Place { account: account.parse().expect("an id"), region: region.parse().expect("a region") }
}

fn here() -> Place {
    place("111111111111", "us-east-1")
}

fn id(number: u32) -> InstanceId {
    format!("i-{number:017x}").parse().expect("an id")
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn queued(number: u32, due_at: i64) -> QueuedTermination {
    QueuedTermination {
        place: here(),
        instance: id(number),
        confirmation: "web '; DROP TABLE terminations; -- $where \u{202e}".to_owned(),
        user_id: "0198".to_owned(),
        user_name: "ada".to_owned(),
        operation_id: format!("op-{number}"),
        request_id: "r".to_owned(),
        asked_at: at(1_795_174_448_250),
        due_at: at(due_at),
    }
}

async fn queue(store: &dyn Store, number: u32, due_at: i64) -> QueuedTermination {
    let queued = queued(number, due_at);
    store.queue_termination(queued.clone()).await.expect("queued");
    queued
}

pub(crate) async fn an_instance_is_queued_once_and_listed_by_time(store: Arc<dyn Store>) {
    assert_eq!(store.list_terminations().await.expect("a list"), []);
    let later = queue(&*store, 1, 2_000).await;
    let sooner = queue(&*store, 2, 1_000).await;
    let again = store.queue_termination(queued(1, 1)).await;
    assert!(matches!(again, Err(StoreError::Conflict(StoreError::TERMINATION))), "{again:?}");
    let elsewhere = QueuedTermination { place: place("111111111111", "eu-west-1"), ..queued(1, 3_000) };
    store.queue_termination(elsewhere.clone()).await.expect("it is another place");
    assert_eq!(store.list_terminations().await.expect("a list"), [sooner, later, elsewhere]);
}

pub(crate) async fn what_is_due_is_taken_once_and_in_order(store: Arc<dyn Store>) {
    let second = queue(&*store, 1, 2_000).await;
    let first = queue(&*store, 2, 1_000).await;
    let take = |now| {
        let store = Arc::clone(&store);
        async move { store.take_due_termination(at(now)).await.expect("an answer") }
    };
    assert_eq!(take(999).await, None, "it is not due yet");
    assert_eq!(take(1_000).await, Some(first));
    assert_eq!(take(1_999).await, None);
    assert_eq!(take(9_000).await, Some(second));
    assert_eq!(take(9_000).await, None);
    queue(&*store, 2, 9_000).await;
}

pub(crate) async fn what_is_undone_is_not_due_any_more(store: Arc<dyn Store>) {
    let one = queue(&*store, 1, 1_000).await;
    let elsewhere = place("111111111111", "eu-west-1");
    assert_eq!(store.remove_termination(&elsewhere, &id(1)).await.expect("an answer"), None);
    assert_eq!(store.remove_termination(&here(), &id(1)).await.expect("an answer"), Some(one));
    assert_eq!(store.remove_termination(&here(), &id(1)).await.expect("an answer"), None);
    assert_eq!(store.take_due_termination(at(9_000)).await.expect("an answer"), None);
}

pub(crate) async fn of_many_who_take_or_undo_at_once_one_gets_it(store: Arc<dyn Store>) {
    for round in 0..5 {
        queue(&*store, round, 1_000).await;
        let here = here();
        let which = id(round);
        let takers = (0..20).map(|number| {
            let (store, here, which) = (Arc::clone(&store), here.clone(), which.clone());
            async move {
                match number % 2 {
                    0 => store.take_due_termination(at(1_000)).await,
                    _ => store.remove_termination(&here, &which).await,
                }
            }
        });
        let got = join_all(takers).await.into_iter().filter_map(|taken| taken.expect("an answer")).count();
        assert_eq!(got, 1);
    }
}
