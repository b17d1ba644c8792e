//! Requests with idempotency keys.

use std::sync::Arc;

use futures::future::join_all;
use nephoscope_model::Timestamp;
use nephoscope_store::{KeptAnswer, Keyed, KeyedRequest, Store};

const DAY: i64 = 86_400_000;
/// After how long without an answer a request counts as abandoned.
const PATIENCE: i64 = 900_000;

fn request(user_id: &str, key: &str, fingerprint: &str) -> KeyedRequest {
    KeyedRequest { user_id: user_id.to_owned(), key: key.to_owned(), fingerprint: fingerprint.to_owned() }
}

fn kept(body: &[u8]) -> KeptAnswer {
    KeptAnswer { status: 201, content_type: "application/json".to_owned(), body: body.to_vec() }
}

/// Milliseconds after a moment that is long to come: what is over by the clock of MongoDB, it removes by itself once a minute.
fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(4_102_444_800_000 + millis)
}

async fn begin(store: &dyn Store, request: &KeyedRequest, millis: i64) -> Keyed {
    let begun = store.begin_keyed(request, at(millis), at(millis - PATIENCE), at(millis + DAY)).await;
    begun.expect("an answer")
}

pub(crate) async fn a_request_is_done_once_and_its_answer_kept(store: Arc<dyn Store>) {
    let bucket = request("ada", "k-1", "f00d");
    assert_eq!(begin(&*store, &bucket, 0).await, Keyed::New);
    assert_eq!(begin(&*store, &bucket, 1).await, Keyed::UnderWay);
    let answer = kept(b"{\"name\":\"b\"}\x00\xff");
    store.end_keyed(&bucket, Some(answer.clone())).await.expect("kept");
    assert_eq!(begin(&*store, &bucket, PATIENCE + 2).await, Keyed::Answered(answer.clone()));
    // What is answered stays so.
    store.end_keyed(&bucket, Some(kept(b"another"))).await.expect("nothing");
    store.end_keyed(&bucket, None).await.expect("nothing");
    assert_eq!(begin(&*store, &bucket, DAY - 1).await, Keyed::Answered(answer));
    assert_eq!(begin(&*store, &bucket, DAY).await, Keyed::New, "a day is over");
}

pub(crate) async fn a_key_is_for_one_request_of_one_person(store: Arc<dyn Store>) {
    let first = request("ada", "k-1", "f00d");
    assert_eq!(begin(&*store, &first, 0).await, Keyed::New);
    assert_eq!(begin(&*store, &request("ada", "k-1", "beef"), 1).await, Keyed::Another);
    store.end_keyed(&first, Some(kept(b"done"))).await.expect("kept");
    assert_eq!(begin(&*store, &request("ada", "k-1", "beef"), 2).await, Keyed::Another);
    assert_eq!(begin(&*store, &request("ada", "k-1", "beef"), PATIENCE * 2).await, Keyed::Another);
    assert_eq!(begin(&*store, &request("bob", "k-1", "f00d"), 3).await, Keyed::New);
    assert_eq!(begin(&*store, &request("ada", "k-2", "f00d"), 4).await, Keyed::New);
    for hostile in ["$where", "a.b", "'; DROP TABLE users; --", "\u{1f4a5}"] {
        assert_eq!(begin(&*store, &request("ada", hostile, "f00d"), 5).await, Keyed::New, "{hostile}");
    }
}

pub(crate) async fn what_failed_or_was_abandoned_is_begun_anew(store: Arc<dyn Store>) {
    let bucket = request("ada", "k-1", "f00d");
    assert_eq!(begin(&*store, &bucket, 0).await, Keyed::New);
    store.end_keyed(&bucket, None).await.expect("forgotten");
    assert_eq!(begin(&*store, &bucket, 1).await, Keyed::New, "it failed");
    assert_eq!(begin(&*store, &bucket, PATIENCE + 1).await, Keyed::UnderWay);
    assert_eq!(begin(&*store, &bucket, PATIENCE + 2).await, Keyed::New, "whoever did it is gone");
    assert_eq!(begin(&*store, &bucket, PATIENCE + 3).await, Keyed::UnderWay);
    store.end_keyed(&request("ada", "never begun", "f00d"), None).await.expect("nothing");
    let past = at(PATIENCE + 2 + DAY + 1);
    store.purge_tokens(past).await.expect("purged");
    assert_eq!(begin(&*store, &bucket, PATIENCE + 4 + DAY).await, Keyed::New);
}

pub(crate) async fn of_many_that_come_at_once_one_is_done(store: Arc<dyn Store>) {
    let bucket = request("ada", "k-1", "f00d");
    for now in [0, PATIENCE * 2] {
        let begun = join_all((0..20).map(|_| begin(&*store, &bucket, now))).await;
        let new = begun.iter().filter(|begun| **begun == Keyed::New).count();
        assert_eq!(new, 1, "{begun:?}");
        assert_eq!(begun.iter().filter(|begun| **begun == Keyed::UnderWay).count(), 19);
    }
}
