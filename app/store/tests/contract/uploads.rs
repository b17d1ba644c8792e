//! Uploads in parts that were neither completed nor given up.

use std::sync::Arc;

use futures::future::join_all;
use nephoscope_model::{Place, Timestamp, s3::BucketName};
use nephoscope_store::{OpenUpload, Store};

fn place(region: &str) -> Place {
    Place { account: "111111111111".parse().expect("an id"), region: region.parse().expect("a region") }
}

fn bucket(name: &str) -> BucketName {
    name.parse().expect("a bucket")
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn upload(id: &str, touched_at: i64) -> OpenUpload {
    OpenUpload {
        place: place("us-east-1"),
        bucket: bucket("files"),
        key: "a/../'; DROP TABLE open_uploads; -- $where \u{202e}".to_owned(),
        id: id.to_owned(),
        user_name: "ada".to_owned(),
        touched_at: at(touched_at),
    }
}

async fn save(store: &dyn Store, upload: OpenUpload) -> OpenUpload {
    store.save_upload(upload.clone()).await.expect("saved");
    upload
}

async fn claim(store: &dyn Store, since: i64, now: i64) -> Option<OpenUpload> {
    store.claim_idle_upload(at(since), at(now)).await.expect("an answer")
}

pub(crate) async fn an_idle_upload_is_claimed_once_the_longest_idle_first(store: Arc<dyn Store>) {
    let store = &*store;
    let later = save(store, upload("x".repeat(1_500).as_str(), 2_000)).await;
    let sooner = save(store, upload("b", 1_000)).await;
    assert_eq!(claim(store, 999, 9_000).await, None, "somebody did something for each since then");
    assert_eq!(claim(store, 1_000, 9_000).await, Some(sooner.clone()), "as it was before");
    assert_eq!(claim(store, 1_999, 9_000).await, None);
    assert_eq!(claim(store, 2_000, 9_000).await, Some(later));
    assert_eq!(claim(store, 8_999, 9_999).await, None);
    let again = OpenUpload { touched_at: at(9_000), ..sooner };
    assert_eq!(claim(store, 9_000, 99_000).await, Some(again), "of what was not forgotten it is told again");
}

pub(crate) async fn what_is_saved_again_is_the_same_upload(store: Arc<dyn Store>) {
    let store = &*store;
    save(store, upload("a", 1_000)).await;
    let newer = OpenUpload { user_name: "bob".to_owned(), ..upload("a", 5_000) };
    save(store, newer.clone()).await;
    assert_eq!(claim(store, 4_999, 9_000).await, None);
    assert_eq!(claim(store, 5_000, 9_000).await, Some(newer));
    let older = save(store, upload("a", 3_000)).await;
    assert_eq!(claim(store, 3_000, 9_000).await, Some(older), "the last word counts, whatever its time");
}

pub(crate) async fn only_the_upload_that_is_meant_is_forgotten(store: Arc<dyn Store>) {
    let store = &*store;
    save(store, upload("a", 1_000)).await;
    for (region, name, id) in
        [("eu-west-1", "files", "a"), ("us-east-1", "others", "a"), ("us-east-1", "files", "A")]
    {
        store.forget_upload(&place(region), &bucket(name), id).await.expect("nothing to forget is fine");
        let other = OpenUpload { place: place(region), bucket: bucket(name), ..upload(id, 500) };
        save(store, other.clone()).await;
        assert_eq!(claim(store, 500, 9_000).await, Some(other), "it is one of its own");
    }
    store.forget_upload(&place("us-east-1"), &bucket("files"), "a").await.expect("forgotten");
    assert_eq!(claim(store, 8_999, 9_000).await, None);
}

pub(crate) async fn of_many_servers_that_look_at_once_one_gets_it(store: Arc<dyn Store>) {
    for round in 0..5 {
        save(&*store, upload(&format!("u{round}"), 1_000)).await;
        let servers = (0..20).map(|_| store.claim_idle_upload(at(1_000), at(9_000)));
        let got = join_all(servers).await.into_iter().filter_map(|claimed| claimed.expect("an answer"));
        assert_eq!(got.count(), 1);
    }
}
