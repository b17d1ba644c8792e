//! Test events that are kept for functions.

use std::sync::Arc;

use nephoscope_model::{
    Place, Timestamp,
    lambda::{FunctionName, MAX_TEST_EVENT, MOST_TEST_EVENTS, TestEvent},
};
use nephoscope_store::{Store, StoreError};

fn place(account: &str, region: &str) -> Place {
    Place { account: account.parse().expect("an id"), region: region.parse().expect("a region") }
}

fn here() -> Place {
    place("111111111111", "us-east-1")
}

fn function(name: &str) -> FunctionName {
    name.parse().expect("a name")
}

fn event(name: &str, payload: &str) -> TestEvent {
    TestEvent {
        name: name.parse().expect("a name"),
        payload: payload.to_owned(),
        updated_by: "ada".to_owned(),
        updated_at: Timestamp::from_millis(1_795_174_448_250),
    }
}

pub(crate) async fn events_come_back_as_they_were_by_name(store: Arc<dyn Store>) {
    let web = function("web");
    assert_eq!(store.list_test_events(&here(), &web).await.expect("a list"), []);
    let hostile = event("b", "{\"x\": \"\u{202e}'; DROP TABLE lambda_test_events; -- $set\"}");
    let large = event("a", &format!("\"{}\"", "x".repeat(MAX_TEST_EVENT - 2)));
    for each in [&hostile, &large] {
        store.save_test_event(&here(), &web, each.clone()).await.expect("saved");
    }
    assert_eq!(store.list_test_events(&here(), &web).await.expect("a list"), [large.clone(), hostile]);
    let other = TestEvent { updated_by: "bob".to_owned(), ..event("b", " {}\n") };
    store.save_test_event(&here(), &web, other.clone()).await.expect("saved in its place");
    assert_eq!(store.list_test_events(&here(), &web).await.expect("a list"), [large, other]);
}

pub(crate) async fn events_are_of_one_function_in_one_place(store: Arc<dyn Store>) {
    let whose = [
        (here(), function("web")),
        (here(), function("web-2")),
        (place("111111111111", "eu-west-1"), function("web")),
        (place("222222222222", "us-east-1"), function("web")),
    ];
    for (index, (place, name)) in whose.iter().enumerate() {
        store.save_test_event(place, name, event("same", &index.to_string())).await.expect("saved");
    }
    for (index, (place, name)) in whose.iter().enumerate() {
        let kept = store.list_test_events(place, name).await.expect("a list");
        assert_eq!(kept, [event("same", &index.to_string())], "{place} {name}");
    }
    let (first, name) = &whose[0];
    assert_eq!(store.remove_test_events(first, name).await.expect("removed"), 1);
    assert_eq!(store.remove_test_events(first, name).await.expect("none is left"), 0);
    assert!(store.list_test_events(first, name).await.expect("a list").is_empty());
    for (place, name) in &whose[1..] {
        assert_eq!(store.list_test_events(place, name).await.expect("a list").len(), 1, "{place} {name}");
    }
}

pub(crate) async fn an_event_is_removed_once(store: Arc<dyn Store>) {
    let (web, one) = (function("web"), event("one", "1"));
    store.save_test_event(&here(), &web, one.clone()).await.expect("saved");
    store.remove_test_event(&here(), &web, &one.name).await.expect("removed");
    let again = store.remove_test_event(&here(), &web, &one.name).await;
    assert!(matches!(again, Err(StoreError::NotFound("test event"))), "{again:?}");
    assert!(store.list_test_events(&here(), &web).await.expect("a list").is_empty());
}

pub(crate) async fn no_function_has_heaps_of_events(store: Arc<dyn Store>) {
    let web = function("web");
    for number in 0..MOST_TEST_EVENTS {
        store.save_test_event(&here(), &web, event(&format!("e{number}"), "1")).await.expect("saved");
    }
    let more = store.save_test_event(&here(), &web, event("more", "1")).await;
    assert!(matches!(more, Err(StoreError::Conflict(StoreError::TEST_EVENTS))), "{more:?}");
    store.save_test_event(&here(), &web, event("e7", "2")).await.expect("one in place of another");
    store.save_test_event(&here(), &function("db"), event("more", "1")).await.expect("another's");
}
