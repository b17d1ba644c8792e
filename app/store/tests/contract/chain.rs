//! The chain of the audit: it has neither gap nor fork, and meddling with it shows.

use std::{collections::HashSet, sync::Arc};

use futures::future::join_all;
use mongodb::bson::{Bson, DateTime, doc};
use nephoscope_model::audit::{AuditHead, AuditQuery, AuditRecord};
use nephoscope_store::{Broken, Store, StoreError, Verification, verify_audit};

use crate::{
    fixtures::{new_id, record},
    home::Home,
};

/// Appends so many records, and gives the head after the last.
pub(crate) async fn append(store: &dyn Store, count: usize) -> AuditHead {
    for _ in 0..count {
        store.append_audit(record()).await.expect("a new record");
    }
    store.audit_head().await.expect("an answer").expect("a head")
}

/// What is wrong, or nothing.
pub(crate) async fn broken(store: &dyn Store, expect: Option<&AuditHead>) -> Option<Broken> {
    match verify_audit(store, expect).await.expect("an answer") {
        Verification::Broken(what) => Some(what),
        Verification::Intact { .. } => None,
    }
}

async fn record_at(store: &dyn Store, seq: i64) -> AuditRecord {
    let all = AuditQuery { limit: Some(500), ..AuditQuery::default() };
    let page = store.query_audit(&all).await.expect("a page");
    page.records.into_iter().find(|record| record.seq == seq).expect("a record")
}

pub(crate) async fn an_untouched_audit_is_intact(home: Arc<Home>) {
    let store = home.open().await;
    let empty = Verification::Intact { records: 0, first: None, head: None, removed: None };
    assert_eq!(verify_audit(&*store, None).await.expect("an answer"), empty);
    let early = append(&*store, 3).await;
    let head = append(&*store, 4).await;
    assert_eq!((early.seq, head.seq), (3, 7));
    let whole = Verification::Intact { records: 7, first: Some(1), head: Some(head.clone()), removed: None };
    for noted in [None, Some(&early), Some(&head)] {
        assert_eq!(verify_audit(&*store, noted).await.expect("an answer"), whole);
    }
    let newest = record_at(&*store, 7).await;
    assert_eq!((newest.seq, &newest.hash), (head.seq, &head.hash));
}

/// As several servers do with one MongoDB, or the command line beside a server with one file.
pub(crate) async fn many_who_append_make_one_chain(home: Arc<Home>) {
    let handles = [home.open().await, home.open().await, home.open().await];
    let tasks = (0..12).map(|task| {
        let store = Arc::clone(&handles[task % 3]);
        tokio::spawn(async move {
            for _ in 0..15 {
                store.append_audit(record()).await.expect("a new record");
            }
        })
    });
    for task in join_all(tasks).await {
        task.expect("no panic");
    }
    for store in &handles {
        match verify_audit(&**store, None).await.expect("an answer") {
            Verification::Intact { records, first, head, removed } => {
                let last = head.expect("a head").seq;
                assert_eq!((records, first, last, removed), (180, Some(1), 180, None));
            }
            Verification::Broken(what) => panic!("{what}"),
        }
    }
}

pub(crate) async fn a_record_that_is_refused_leaves_no_gap(home: Arc<Home>) {
    let store = home.open().await;
    let first = record();
    store.append_audit(first.clone()).await.expect("a new record");
    assert!(matches!(store.append_audit(first).await, Err(StoreError::Conflict("audit record"))));
    assert_eq!(append(&*store, 1).await.seq, 2);
    assert_eq!(broken(&*store, None).await, None);
}

pub(crate) async fn every_changed_field_is_found(home: Arc<Home>) {
    let store = home.open().await;
    append(&*store, 5).await;
    let was = record_at(&*store, 3).await;
    let text = |text: &str| Bson::String(text.to_owned());
    let changes = [
        ("_id", text(&new_id()), text(&was.id)),
        ("hash", text(&"0".repeat(64)), text(&was.hash)),
        ("operation_id", text("another"), text(&was.operation_id)),
        (
            "at",
            Bson::DateTime(DateTime::from_millis(1)),
            Bson::DateTime(DateTime::from_millis(was.at.as_millis())),
        ),
        ("actor", text("eve"), text(&was.actor)),
        ("operation", text("ec2.list"), text(was.operation.as_str())),
        ("operation", text("ec2.teleport"), text(was.operation.as_str())),
        ("change", Bson::Boolean(false), Bson::Boolean(true)),
        ("account", text("210987654321"), text("123456789012")),
        ("account", Bson::Null, text("123456789012")),
        ("region", text("eu-west-1"), text("eu-central-1")),
        ("resource", text(""), text(&was.resource)),
        ("outcome", text("succeeded"), text(was.outcome.as_str())),
        ("error", Bson::Null, text("aws_denied")),
        ("detail", text(" "), text(&was.detail)),
        ("before", Bson::Document(doc! { "state": "stopped" }), Bson::Document(doc! { "state": "running" })),
        ("after", Bson::Document(doc! {}), Bson::Document(doc! { "state": "stopping", "by": "" })),
        ("duration_ms", Bson::Int64(0), Bson::Int64(was.duration_ms)),
        ("request_id", text(""), text(&was.request_id)),
        ("aws_request_id", text(""), text(&was.aws_request_id)),
    ];
    for (field, changed, original) in changes {
        home.tamper(3, field, changed.clone()).await;
        let found = broken(&*store, None).await;
        assert!(matches!(found, Some(Broken::Changed { seq: 3, .. })), "{field} = {changed}: {found:?}");
        home.tamper(3, field, original).await;
        assert_eq!(broken(&*store, None).await, None, "{field} is as it was");
    }
}

pub(crate) async fn a_record_that_is_no_record_any_more_is_found(home: Arc<Home>) {
    let store = home.open().await;
    append(&*store, 3).await;
    let nonsense = match &*home {
        Home::Sqlite { .. } => Bson::String("no JSON".to_owned()),
        Home::Mongo { .. } => Bson::Int64(7),
    };
    home.tamper(2, "before", nonsense).await;
    assert_eq!(broken(&*store, None).await, Some(Broken::Changed { seq: 2, id: None }));
}

pub(crate) async fn removed_records_are_found(home: Arc<Home>) {
    let store = home.open().await;
    append(&*store, 10).await;
    home.remove_records(7, 7).await;
    assert_eq!(broken(&*store, None).await, Some(Broken::Missing { from: 7, to: 7 }));
    home.remove_records(3, 5).await;
    assert_eq!(broken(&*store, None).await, Some(Broken::Missing { from: 3, to: 5 }));
    home.remove_records(1, 2).await;
    assert_eq!(broken(&*store, None).await, Some(Broken::Missing { from: 1, to: 5 }));
}

pub(crate) async fn swapped_records_are_found(home: Arc<Home>) {
    let store = home.open().await;
    append(&*store, 8).await;
    for (from, to) in [(3, 99), (6, 3), (99, 6)] {
        home.tamper(from, "seq", Bson::Int64(to)).await;
    }
    assert_eq!(broken(&*store, None).await, Some(Broken::Reordered { seq: 3, found_at: 6 }));
}

pub(crate) async fn what_was_put_in_past_the_chain_is_found(home: Arc<Home>) {
    let store = home.open().await;
    append(&*store, 4).await;
    let stray = record_at(&*store, 4).await.id;
    home.tamper(4, "seq", Bson::Int64(0)).await;
    assert_eq!(broken(&*store, None).await, Some(Broken::Unnumbered { id: stray.clone() }));
    // Not even opening the store again lets it slip in.
    assert_eq!(broken(&*home.open().await, None).await, Some(Broken::Unnumbered { id: stray }));
}

pub(crate) async fn a_cut_off_end_is_found_by_a_noted_head(home: Arc<Home>) {
    let store = home.open().await;
    let early = append(&*store, 5).await;
    let noted = append(&*store, 5).await;
    home.remove_records(8, 10).await;
    assert_eq!(broken(&*store, None).await, None, "the chain alone cannot tell");
    assert_eq!(broken(&*store, Some(&early)).await, None, "up to there it is whole");
    match broken(&*store, Some(&noted)).await {
        Some(Broken::CutOff { expected, head: Some(head) }) => assert_eq!((expected, head.seq), (noted, 7)),
        other => panic!("{other:?}"),
    }
    home.remove_records(1, 10).await;
    let nothing_left = broken(&*store, Some(&early)).await;
    assert_eq!(nothing_left, Some(Broken::CutOff { expected: early, head: None }));
}

pub(crate) async fn an_end_written_anew_is_found_by_a_noted_head(home: Arc<Home>) {
    let store = home.open().await;
    let early = append(&*store, 5).await;
    let noted = append(&*store, 5).await;
    home.remove_records(8, 10).await;
    // Another handle knows nothing of the old head.
    let head = append(&*home.open().await, 9).await;
    assert_eq!(head.seq, 16);
    assert_eq!(broken(&*store, None).await, None, "the chain alone cannot tell");
    assert_eq!(broken(&*store, Some(&early)).await, None);
    assert_eq!(broken(&*store, Some(&noted)).await, Some(Broken::Rewritten { expected: noted }));
}

pub(crate) async fn a_long_chain_is_read_in_pages(home: Arc<Home>) {
    let store = home.open().await;
    let appends = (0..1_203).map(|_| store.append_audit(record()));
    for appended in join_all(appends).await {
        appended.expect("a new record");
    }
    let ids: HashSet<_> = [500, 501, 1_000, 1_203].into_iter().collect();
    for seq in ids {
        home.tamper(seq, "actor", Bson::String("eve".to_owned())).await;
        let found = broken(&*store, None).await;
        assert!(
            matches!(found, Some(Broken::Changed { seq: found, .. }) if found == seq),
            "{seq}: {found:?}"
        );
        home.tamper(seq, "actor", Bson::String("ada".to_owned())).await;
    }
    match verify_audit(&*store, None).await.expect("an answer") {
        Verification::Intact { records, .. } => assert_eq!(records, 1_203),
        Verification::Broken(what) => panic!("{what}"),
    }
}
