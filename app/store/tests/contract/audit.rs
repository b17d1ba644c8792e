//! The audit.

use std::{collections::HashSet, sync::Arc};

use futures::future::join_all;
use nephoscope_model::{
    ErrorCode, Operation, Timestamp,
    audit::{AuditQuery, AuditRecord, Facts, Outcome},
};
use nephoscope_store::{Store, StoreError};

use crate::fixtures::{bare, new_id, read_all, record};

pub(crate) async fn a_record_comes_back_as_it_was(store: Arc<dyn Store>) {
    let full = record();
    let sparse = AuditRecord {
        account: None,
        region: None,
        resource: String::new(),
        outcome: Outcome::Succeeded,
        error: None,
        detail: String::new(),
        before: Facts::new(),
        after: Facts::new(),
        duration_ms: 0,
        request_id: String::new(),
        aws_request_id: String::new(),
        at: Timestamp::from_millis(i64::MIN),
        ..record()
    };
    let extreme = AuditRecord { duration_ms: i64::MAX, at: Timestamp::from_millis(i64::MAX), ..record() };
    for record in [&full, &sparse, &extreme] {
        store.append_audit(record.clone()).await.expect("a new record");
    }
    assert_eq!(read_all(&*store, &AuditQuery::default()).await, [extreme, sparse, full]);
}

pub(crate) async fn every_word_can_be_recorded(store: Arc<dyn Store>) {
    use ErrorCode as Code;
    let codes = [
        Code::Unauthenticated,
        Code::TokenExpired,
        Code::TokenInvalid,
        Code::Forbidden,
        Code::NotFound,
        Code::MethodNotAllowed,
        Code::Conflict,
        Code::InvalidInput,
        Code::ConfirmationRequired,
        Code::PayloadTooLarge,
        Code::RateLimited,
        Code::AwsDenied,
        Code::AwsThrottled,
        Code::AwsCredentials,
        Code::AwsUnavailable,
        Code::AwsRejected,
        Code::Unavailable,
        Code::Timeout,
        Code::Internal,
    ];
    let outcomes = [Outcome::Started, Outcome::Succeeded, Outcome::Failed, Outcome::Refused];
    let mut records: Vec<_> = Operation::ALL
        .iter()
        .map(|operation| AuditRecord { operation: *operation, ..record() })
        .chain(outcomes.into_iter().map(|outcome| AuditRecord { outcome, ..record() }))
        .chain(codes.into_iter().map(|code| AuditRecord { error: Some(code), ..record() }))
        .collect();
    for record in &records {
        store.append_audit(record.clone()).await.expect("a new record");
    }
    records.reverse();
    assert_eq!(read_all(&*store, &AuditQuery::default()).await, records);
}

pub(crate) async fn an_id_is_recorded_once(store: Arc<dyn Store>) {
    let first = record();
    store.append_audit(first.clone()).await.expect("a new record");
    let second = AuditRecord { id: first.id.clone(), actor: "eve".to_owned(), ..record() };
    assert!(matches!(store.append_audit(second).await, Err(StoreError::Conflict("audit record"))));
    assert_eq!(read_all(&*store, &AuditQuery::default()).await, [first]);
}

pub(crate) async fn pages_follow_one_another_without_gap_or_overlap(store: Arc<dyn Store>) {
    let records = append_variety(&*store).await;
    for limit in [1, 2, 7, 47, 48, 49, 500] {
        let query = AuditQuery { limit: Some(limit), ..AuditQuery::default() };
        assert_eq!(read_all(&*store, &query).await, records, "pages of {limit}");
    }
    let exactly = AuditQuery { limit: Some(48), ..AuditQuery::default() };
    let only = store.query_audit(&exactly).await.expect("a page");
    assert_eq!((only.records.len(), only.next), (48, None), "the last page knows that it is the last");
    let beyond = AuditQuery { before: Some(records[47].id.clone()), ..AuditQuery::default() };
    assert!(store.query_audit(&beyond).await.expect("a page").records.is_empty());
}

pub(crate) async fn a_page_holds_at_least_one_and_at_most_500_records(store: Arc<dyn Store>) {
    for appended in join_all((0..501).map(|_| store.append_audit(record()))).await {
        appended.expect("a new record");
    }
    for (limit, held) in [(Some(0), 1), (None, 100), (Some(u32::MAX), 500)] {
        let page = store.query_audit(&AuditQuery { limit, ..AuditQuery::default() }).await.expect("a page");
        assert_eq!(page.records.len(), held, "{limit:?}");
        assert_eq!(page.next.as_ref(), page.records.last().map(|record| &record.id));
    }
}

/// Holds the stores to [`selects`], and so to each other.
pub(crate) async fn every_filter_selects_what_it_says(store: Arc<dyn Store>) {
    let records = append_variety(&*store).await;
    let example = &records[20];
    let everything = AuditQuery { limit: Some(5), ..AuditQuery::default() };
    let filters: [fn(&mut AuditQuery, &AuditRecord); 8] = [
        |query, record| query.actor = Some(record.actor.clone()),
        |query, record| query.operation = Some(record.operation),
        |query, record| query.resource = Some(record.resource.clone()),
        |query, record| query.account = record.account.clone(),
        |query, record| query.outcome = Some(record.outcome),
        |query, _| query.changes_only = true,
        |query, record| query.from = Some(record.at),
        |query, record| query.to = Some(record.at.plus_millis(7)),
    ];
    for chosen in 0..1_u32 << filters.len() {
        let mut query = everything.clone();
        for (bit, filter) in filters.iter().enumerate() {
            if chosen & 1 << bit != 0 {
                filter(&mut query, example);
            }
        }
        let expected: Vec<_> = records.iter().filter(|record| selects(&query, record)).cloned().collect();
        assert!(expected.contains(example), "the example is found by what it is");
        assert_eq!(read_all(&*store, &query).await, expected, "{query:?}");
    }
    for nothing in [
        AuditQuery { actor: Some("ad".to_owned()), ..everything.clone() },
        AuditQuery { actor: Some("ADA".to_owned()), ..everything.clone() },
        AuditQuery { resource: Some("i-%".to_owned()), ..everything.clone() },
        AuditQuery { from: Some(example.at), to: Some(example.at), ..everything.clone() },
        AuditQuery { before: Some(String::new()), ..everything },
    ] {
        assert_eq!(read_all(&*store, &nothing).await, [], "{nothing:?}");
    }
}

pub(crate) async fn what_is_new_since_a_number_is_found(store: Arc<dyn Store>) {
    for index in 0..6 {
        let actor = ["ada", "bob"][index % 2].to_owned();
        store.append_audit(AuditRecord { actor, ..record() }).await.expect("a new record");
    }
    let of_ada = AuditQuery { actor: Some("ada".to_owned()), ..AuditQuery::default() };
    let numbers = async |after| {
        let page =
            store.query_audit(&AuditQuery { after: Some(after), ..of_ada.clone() }).await.expect("a page");
        page.records.iter().map(|record| record.seq).collect::<Vec<_>>()
    };
    assert_eq!(numbers(0).await, [5, 3, 1]);
    assert_eq!(numbers(1).await, [5, 3]);
    assert_eq!(numbers(5).await, [0; 0]);
}

pub(crate) async fn appends_from_many_tasks_are_all_there(store: Arc<dyn Store>) {
    let tasks = (0..20).map(|task| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let mut ids = Vec::new();
            for _ in 0..10 {
                let record = AuditRecord { actor: format!("task-{task}"), ..record() };
                ids.push(record.id.clone());
                store.append_audit(record).await.expect("a new record");
            }
            ids
        })
    });
    let mut appended: Vec<_> =
        join_all(tasks).await.into_iter().flat_map(|ids| ids.expect("no panic")).collect();
    appended.sort_unstable_by(|a, b| b.cmp(a));
    let found: Vec<_> =
        read_all(&*store, &AuditQuery::default()).await.into_iter().map(|record| record.id).collect();
    assert_eq!(found, appended, "all of them, newest first");
}

/// Keyset paging: who leafs through the past does not notice that the present goes on.
pub(crate) async fn a_reader_is_not_disturbed_by_writers(store: Arc<dyn Store>) {
    let mut query = AuditQuery { limit: Some(5), ..AuditQuery::default() };
    let past = append_variety(&*store).await;
    let mut read = Vec::new();
    loop {
        let page = store.query_audit(&query).await.expect("a page");
        read.extend(bare(page.records));
        store.append_audit(record()).await.expect("a new record");
        let Some(next) = page.next else { break };
        query.before = Some(next);
    }
    assert_eq!(read, past);
    let ids: HashSet<_> = read_all(&*store, &AuditQuery::default()).await.into_iter().map(|r| r.id).collect();
    assert_eq!(ids.len(), past.len() + past.len().div_ceil(5));
}

/// Appends 48 records that differ in everything one can filter by, and gives them newest first.
async fn append_variety(store: &dyn Store) -> Vec<AuditRecord> {
    let operations =
        [Operation::ListInstances, Operation::StopInstance, Operation::AddUser, Operation::LogIn];
    let outcomes = [Outcome::Started, Outcome::Succeeded, Outcome::Failed, Outcome::Refused];
    let accounts = [None, Some("123456789012"), Some("210987654321")];
    let mut records = Vec::new();
    for index in 0..48_usize {
        let record = AuditRecord {
            operation_id: new_id(),
            // Not in the order of the ids: clocks of several servers differ.
            at: Timestamp::from_millis(1_795_000_000_000 + (index as i64 * 29) % 48),
            actor: ["ada", "bob"][index % 2].to_owned(),
            operation: operations[index / 2 % 4],
            account: accounts[index % 3].map(|account| account.parse().expect("an account")),
            resource: ["i-0a", "i-0b", ""][index / 3 % 3].to_owned(),
            outcome: outcomes[index / 4 % 4],
            ..record()
        };
        store.append_audit(record.clone()).await.expect("a new record");
        records.push(record);
    }
    records.reverse();
    records
}

/// What the words of [`AuditQuery`] mean, apart from paging.
fn selects(query: &AuditQuery, record: &AuditRecord) -> bool {
    query.actor.as_ref().is_none_or(|actor| *actor == record.actor)
        && query.operation.is_none_or(|operation| operation == record.operation)
        && query.resource.as_ref().is_none_or(|resource| *resource == record.resource)
        && query.account.as_ref().is_none_or(|account| Some(account) == record.account.as_ref())
        && query.outcome.is_none_or(|outcome| outcome == record.outcome)
        && (!query.changes_only || record.operation.is_change())
        && query.from.is_none_or(|from| record.at >= from)
        && query.to.is_none_or(|to| record.at < to)
}
