//! Retention: the oldest records go, the chain says so, and nothing else may be missing. And how audits from before the chain join it.

use std::sync::Arc;

use mongodb::bson::{Document, doc};
use nephoscope_model::{
    Operation, Timestamp,
    audit::{AuditHead, AuditQuery, AuditRecord, Outcome},
};
use nephoscope_store::{Broken, MongoStore, SqliteStore, Store, Verification, verify_audit};

use crate::{
    chain::{append, broken},
    fixtures::{new_id, record},
    home::{Home, visit},
};

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

async fn append_at(store: &dyn Store, times: impl IntoIterator<Item = i64>) -> AuditHead {
    for millis in times {
        store.append_audit(AuditRecord { at: at(millis), ..record() }).await.expect("a new record");
    }
    store.audit_head().await.expect("an answer").expect("a head")
}

/// The record that retention leaves before it removes anything.
async fn vouch(store: &dyn Store, removed: &AuditHead, outcome: Outcome) {
    let record = AuditRecord {
        at: at(0),
        operation: Operation::RetainAudit,
        resource: removed.to_string(),
        outcome,
        error: None,
        account: None,
        region: None,
        ..record()
    };
    store.append_audit(record).await.expect("a new record");
}

async fn remove_all(store: &dyn Store, through: i64) -> u64 {
    let mut removed = 0;
    loop {
        match store.remove_past_audit(through, 3).await.expect("an answer") {
            0 => return removed,
            batch => {
                assert!(batch <= 3, "a batch is not longer than asked for");
                removed += batch;
            }
        }
    }
}

async fn removed_through(store: &dyn Store) -> Option<i64> {
    match verify_audit(store, None).await.expect("an answer") {
        Verification::Intact { removed, .. } => removed.map(|removed| removed.seq),
        Verification::Broken(what) => panic!("{what}"),
    }
}

pub(crate) async fn the_past_ends_before_the_first_record_to_keep(home: Arc<Home>) {
    let store = home.open().await;
    assert_eq!(store.end_of_past_audit(at(1)).await.expect("an answer"), None);
    // The clocks of two servers differ: an old time stands after a younger one.
    append_at(&*store, [10, 20, 40, 30, 50]).await;
    let end = async |before| store.end_of_past_audit(at(before)).await.expect("an answer").map(|end| end.seq);
    assert_eq!(end(10).await, None);
    assert_eq!(end(11).await, Some(1));
    assert_eq!(end(35).await, Some(2), "what stands after a younger record stays");
    assert_eq!(end(45).await, Some(4));
    assert_eq!(end(100).await, Some(5));
}

pub(crate) async fn what_retention_removed_is_accepted(home: Arc<Home>) {
    let store = home.open().await;
    append_at(&*store, 1..=10).await;
    let through = store.end_of_past_audit(at(8)).await.expect("an answer").expect("a past");
    vouch(&*store, &through, Outcome::Started).await;
    assert_eq!(remove_all(&*store, through.seq).await, 7);
    vouch(&*store, &through, Outcome::Succeeded).await;
    let head = append(&*store, 2).await;
    let intact = Verification::Intact {
        records: 7,
        first: Some(8),
        head: Some(head.clone()),
        removed: Some(through.clone()),
    };
    for noted in [None, Some(&head), Some(&through)] {
        assert_eq!(verify_audit(&*store, noted).await.expect("an answer"), intact);
    }
    home.tamper(8, "actor", "eve".into()).await;
    let found = broken(&*store, None).await;
    assert!(
        matches!(found, Some(Broken::Changed { seq: 8, .. })),
        "the link to what is gone holds: {found:?}"
    );
}

pub(crate) async fn no_other_beginning_is_accepted(home: Arc<Home>) {
    let store = home.open().await;
    let noted = append(&*store, 4).await;
    let wrong = AuditHead { hash: "0".repeat(64), ..noted.clone() };
    append(&*store, 6).await;
    vouch(&*store, &noted, Outcome::Refused).await;
    vouch(&*store, &noted, Outcome::Failed).await;
    home.remove_records(1, 4).await;
    assert_eq!(
        broken(&*store, None).await,
        Some(Broken::Missing { from: 1, to: 4 }),
        "what was refused or failed vouches for nothing"
    );
    vouch(&*store, &wrong, Outcome::Succeeded).await;
    let found = broken(&*store, None).await;
    assert!(
        matches!(found, Some(Broken::Changed { seq: 5, .. })),
        "a wrong hash does not lead on: {found:?}"
    );
    vouch(&*store, &noted, Outcome::Succeeded).await;
    assert_eq!(broken(&*store, None).await, None);
    home.remove_records(5, 5).await;
    assert_eq!(
        broken(&*store, None).await,
        Some(Broken::Missing { from: 1, to: 5 }),
        "one more than was said"
    );
}

pub(crate) async fn retention_that_was_interrupted_is_accepted(home: Arc<Home>) {
    let store = home.open().await;
    append_at(&*store, 1..=10).await;
    let through = store.end_of_past_audit(at(8)).await.expect("an answer").expect("a past");
    vouch(&*store, &through, Outcome::Started).await;
    assert_eq!(removed_through(&*store).await, None, "nothing is gone yet, and all of it is looked at");
    assert_eq!(store.remove_past_audit(through.seq, 3).await.expect("an answer"), 3);
    assert_eq!(removed_through(&*store).await, Some(7));
    assert_eq!(remove_all(&*store, through.seq).await, 4);
    assert_eq!(removed_through(&*store).await, Some(7));
}

pub(crate) async fn retention_may_go_on_again_and_again(home: Arc<Home>) {
    let store = home.open().await;
    let mut last = 0;
    for round in 1..=5 {
        append_at(&*store, (0..10).map(|index| round * 100 + index)).await;
        let through = store.end_of_past_audit(at(round * 100 + 5)).await.expect("an answer").expect("a past");
        vouch(&*store, &through, Outcome::Started).await;
        assert!(remove_all(&*store, through.seq).await > 0);
        vouch(&*store, &through, Outcome::Succeeded).await;
        assert_eq!(removed_through(&*store).await, Some(through.seq));
        assert!(through.seq > last);
        last = through.seq;
    }
}

pub(crate) async fn a_noted_head_may_be_too_old(home: Arc<Home>) {
    let store = home.open().await;
    let noted = append(&*store, 3).await;
    let through = append(&*store, 3).await;
    append(&*store, 1).await;
    vouch(&*store, &through, Outcome::Started).await;
    remove_all(&*store, through.seq).await;
    let found = broken(&*store, Some(&noted)).await;
    assert_eq!(found, Some(Broken::Removed { expected: noted, through }));
}

/// A database as the version before the chain left it.
#[tokio::test]
async fn sqlite_chains_the_records_from_before() {
    let home = Home::on_sqlite();
    std::fs::create_dir(home.path().parent().expect("a directory")).expect("a directory");
    let raw = rusqlite::Connection::open(home.path()).expect("SQLite opens");
    raw.execute_batch(include_str!("../../src/sqlite/migrations/0001_initial.sql")).expect("the old schema");
    raw.pragma_update(None, "user_version", 1).expect("the old version");
    let ids: Vec<String> = (0..700).map(|_| new_id()).collect();
    for id in ids.iter().rev() {
        raw.execute(
            "INSERT INTO audit VALUES (?1, ?1, 7, 'ada', 'ec2.stop', TRUE, '123456789012', NULL, 'i-1', 'succeeded',
                                       NULL, 'running → stopped', 12, '')",
            [id],
        )
        .expect("an old record");
    }
    drop(raw);
    let store = SqliteStore::open(home.path()).expect("SQLite opens");
    assert_chained(&store, &ids).await;
    store.close().await;
    assert_chained(&SqliteStore::open(home.path()).expect("SQLite opens"), &ids).await;
}

/// Two servers start at once on a database from before the chain.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mongodb_chains_the_records_from_before() {
    visit(Home::on_mongodb(), |home| async move {
        let ids: Vec<String> = (0..60).map(|_| new_id()).collect();
        let old: Vec<Document> = ids
            .iter()
            .rev()
            .map(|id| {
                doc! {
                    "_id": id, "operation_id": id, "at": mongodb::bson::DateTime::from_millis(7), "actor": "ada",
                    "operation": "ec2.stop", "change": true, "account": "123456789012", "region": null,
                    "resource": "i-1", "outcome": "succeeded", "error": null, "detail": "running → stopped",
                    "duration_ms": 12_i64, "request_id": "",
                }
            })
            .collect();
        home.documents("audit").await.insert_many(old).await.expect("old records");
        let Home::Mongo { uri, database } = &*home else { unreachable!() };
        let secret = uri.as_str().into();
        let connect = || MongoStore::connect(&secret, database);
        let (one, two, three) = tokio::join!(connect(), connect(), connect());
        for store in [one, two, three] {
            assert_chained(&store.expect("MongoDB connects"), &ids).await;
        }
    })
    .await;
}

async fn assert_chained(store: &dyn Store, ids: &[String]) {
    match verify_audit(store, None).await.expect("an answer") {
        Verification::Intact { records, first, .. } => {
            assert_eq!((records, first), (ids.len() as u64, Some(1)));
        }
        Verification::Broken(what) => panic!("{what}"),
    }
    let oldest = AuditQuery { limit: Some(500), ..AuditQuery::default() };
    let page = store.query_audit(&oldest).await.expect("a page");
    for record in page.records {
        let position = usize::try_from(record.seq - 1).expect("from 1");
        assert_eq!(record.id, ids[position], "in the order in which they were made");
    }
}
