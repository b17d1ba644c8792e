//! Closing, opening again, and opening twice.

use std::sync::Arc;

use nephoscope_model::audit::AuditQuery;
use nephoscope_store::{Rotation, StoreError};

use crate::{
    fixtures::{add_user, begin_session, name, now, present, read_all, record},
    home::Home,
};

pub(crate) async fn everything_is_there_after_closing_and_opening(home: Arc<Home>) {
    let store = home.open().await;
    let ada = add_user(&*store, "ada").await;
    let token = begin_session(&*store, &ada).await;
    let kept = record();
    store.append_audit(kept.clone()).await.expect("a new record");
    store.close().await;
    drop(store);

    let store = home.open().await;
    assert_eq!(store.list_users().await.expect("an answer"), [ada]);
    assert_eq!(read_all(&*store, &AuditQuery::default()).await, [kept]);
    assert!(matches!(present(&*store, &token.hash, now()).await, Rotation::Rotated(_)));
}

/// As `nephoscope user add` beside a running server, or two servers beside one MongoDB.
pub(crate) async fn two_stores_share_one_memory(home: Arc<Home>) {
    let (one, other) = (home.open().await, home.open().await);
    for index in 0..10 {
        let (writing, reading) = if index % 2 == 0 { (&one, &other) } else { (&other, &one) };
        let user = add_user(&**writing, &format!("user{index}")).await;
        let found = reading.find_user(&name(&format!("user{index}"))).await.expect("an answer");
        assert_eq!(found.map(|found| found.user), Some(user), "seen as soon as it was acknowledged");
    }
    let appends = (0..40).map(|index| {
        let store = Arc::clone(if index % 2 == 0 { &one } else { &other });
        tokio::spawn(async move { store.append_audit(record()).await })
    });
    for append in futures::future::join_all(appends).await {
        append.expect("no panic").expect("a new record");
    }
    assert_eq!(read_all(&*one, &AuditQuery::default()).await.len(), 40);
    one.close().await;
    other.ping().await.expect("closing one leaves the other open");
}

pub(crate) async fn a_closed_store_is_unavailable(home: Arc<Home>) {
    let store = home.open().await;
    store.close().await;
    store.close().await;
    let answers = [
        store.ping().await,
        store.append_audit(record()).await,
        store.query_audit(&AuditQuery::default()).await.map(|_| ()),
    ];
    for answer in answers {
        assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
    }
}

pub(crate) async fn a_store_answers_a_ping_and_says_what_it_is(home: Arc<Home>) {
    let store = home.open().await;
    store.ping().await.expect("an answer");
    let kind = match &*home {
        Home::Sqlite { .. } => "SQLite",
        Home::Mongo { .. } => "MongoDB",
    };
    assert_eq!(store.kind(), kind);
}
