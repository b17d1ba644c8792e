//! The audit, in MongoDB.
//!
//! Several servers may add to one chain, without transactions. A record gets the number after the newest one, and a unique index lets
//! only one of two that chose the same number be stored; the other reads the newest again and tries once more. A server remembers the
//! newest record and lets its own appends take turns, so that one which is alone needs one insert for each record.

use std::time::Duration;

use futures::TryStreamExt;
use mongodb::{
    Collection,
    bson::{self, DateTime, Document, doc},
    options::{Hint, ReadConcern},
};
use nephoscope_model::{
    AccountId, Operation, Timestamp,
    audit::{AuditHead, AuditPage, AuditQuery, AuditRecord, Facts, Outcome},
};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use super::{
    Collections, date,
    error::{answer, insert},
};
use crate::{
    Result, StoreError,
    chain::{Entry, Fields, Link},
    common::{audit_page, unreadable},
};

/// How often to try for a place in the chain when other servers are faster. The pauses between add up to about ten seconds.
const ATTEMPTS: u32 = 100;
/// The longest pause before trying again.
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

/// A record, with its time as a date.
#[derive(Serialize, Deserialize)]
pub(super) struct AuditDocument {
    #[serde(rename = "_id")]
    id: String,
    /// 0 for a record from before the chain; such ones are chained when a server starts.
    #[serde(default)]
    seq: i64,
    #[serde(default)]
    hash: String,
    operation_id: String,
    at: DateTime,
    actor: String,
    operation: String,
    change: bool,
    account: Option<String>,
    region: Option<String>,
    resource: String,
    outcome: String,
    error: Option<String>,
    detail: String,
    #[serde(default)]
    before: Facts,
    #[serde(default)]
    after: Facts,
    duration_ms: i64,
    request_id: String,
    #[serde(default)]
    aws_request_id: String,
}

impl From<Entry> for AuditDocument {
    fn from(entry: Entry) -> Self {
        let Entry { seq, hash, fields } = entry;
        Self {
            id: fields.id,
            seq,
            hash,
            operation_id: fields.operation_id,
            at: DateTime::from_millis(fields.at),
            actor: fields.actor,
            operation: fields.operation,
            change: fields.change,
            account: fields.account,
            region: fields.region,
            resource: fields.resource,
            outcome: fields.outcome,
            error: fields.error,
            detail: fields.detail,
            before: fields.before,
            after: fields.after,
            duration_ms: fields.duration_ms,
            request_id: fields.request_id,
            aws_request_id: fields.aws_request_id,
        }
    }
}

impl From<AuditDocument> for Entry {
    fn from(document: AuditDocument) -> Self {
        Self {
            seq: document.seq,
            hash: document.hash,
            fields: Fields {
                id: document.id,
                operation_id: document.operation_id,
                at: document.at.timestamp_millis(),
                actor: document.actor,
                operation: document.operation,
                change: document.change,
                account: document.account,
                region: document.region,
                resource: document.resource,
                outcome: document.outcome,
                error: document.error,
                detail: document.detail,
                before: document.before,
                after: document.after,
                duration_ms: document.duration_ms,
                request_id: document.request_id,
                aws_request_id: document.aws_request_id,
            },
        }
    }
}

/// The newest record as far as this server knows; nothing when it has to look.
#[derive(Debug, Default)]
pub(super) struct KnownHead(Mutex<Option<AuditHead>>);

pub(super) async fn append(collections: &Collections, known: &KnownHead, record: AuditRecord) -> Result<()> {
    let fields = Fields::from(record);
    // Whoever has the turn may wait for a MongoDB that says nothing; those behind must not wait for each of them.
    let mut known = answer(async { Ok(known.0.lock().await) }).await?;
    for attempt in 0..ATTEMPTS {
        // Taken, so that nothing is known when this is cut short while it waits.
        let head = match known.take() {
            Some(head) => Some(head),
            None => head(collections).await?,
        };
        let entry = fields.clone().chained(head.as_ref());
        let next = entry.head();
        match insert(&collections.audit, &entry.into(), "audit record").await {
            Ok(()) => {
                *known = Some(next);
                return Ok(());
            }
            Err(StoreError::Conflict(what)) => {
                if answer(collections.audit.find_one(doc! { "_id": &fields.id })).await?.is_some() {
                    return Err(StoreError::Conflict(what));
                }
            }
            Err(error) => return Err(error),
        }
        pause(attempt).await;
    }
    Err(too_busy())
}

/// Lets the others go first for a moment, longer each time, and never as long as they do.
async fn pause(attempt: u32) {
    let longest = Duration::from_millis(1 << attempt.min(16)).min(LONGEST_PAUSE);
    tokio::time::sleep(longest.mul_f64(rand::random())).await;
}

fn too_busy() -> StoreError {
    StoreError::Unavailable(format!("other servers were faster {ATTEMPTS} times in adding to the audit"))
}

/// The newest record, also one that the majority does not have yet: what goes on after it is acknowledged only when the majority has
/// both.
pub(super) async fn head(collections: &Collections) -> Result<Option<AuditHead>> {
    head_where(collections, doc! { "seq": { "$gt": 0 } }).await
}

async fn head_where(collections: &Collections, filter: Document) -> Result<Option<AuditHead>> {
    #[derive(Deserialize)]
    struct Head {
        seq: i64,
        hash: String,
    }
    let found = answer(async {
        let heads: Collection<Head> = collections.audit.clone_with_type();
        heads
            .find_one(filter)
            .sort(doc! { "seq": -1 })
            .projection(doc! { "seq": 1, "hash": 1 })
            .read_concern(ReadConcern::local())
            .await
    })
    .await?;
    Ok(found.map(|Head { seq, hash }| AuditHead { seq, hash }))
}

/// Chains records from before the chain, oldest first: once for each database, when a server first connects to it. Two that do it at once
/// take turns as two that append do.
pub(super) async fn chain_old_records(collections: &Collections) -> Result<()> {
    const DONE: &str = "audit-chain";
    if answer(collections.meta.find_one(doc! { "_id": DONE })).await?.is_some() {
        return Ok(());
    }
    let old = doc! { "seq": { "$exists": false } };
    let mut attempt = 0;
    while let Some(oldest) =
        answer(async { collections.audit.find_one(old.clone()).sort(doc! { "_id": 1 }).await }).await?
    {
        let entry = Entry::from(oldest).fields.chained(head(collections).await?.as_ref());
        let unchained = doc! { "_id": &entry.fields.id, "seq": { "$exists": false } };
        let chaining = doc! { "$set": {
            "seq": entry.seq, "hash": &entry.hash, "before": {}, "after": {}, "aws_request_id": "",
        } };
        let updated = super::error::unless_taken(collections.audit.update_one(unchained, chaining)).await?;
        if updated.is_some_and(|updated| updated.modified_count == 1) {
            attempt = 0;
            continue;
        }
        attempt += 1;
        if attempt == ATTEMPTS {
            return Err(too_busy());
        }
        pause(attempt).await;
    }
    match insert(&collections.meta, &doc! { "_id": DONE }, "mark").await {
        Ok(()) | Err(StoreError::Conflict(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

pub(super) async fn query(collections: &Collections, query: &AuditQuery) -> Result<AuditPage> {
    let size = query.page_size();
    let found: Vec<AuditDocument> = answer(async {
        let newest_first =
            collections.audit.find(filter(query)).sort(doc! { "_id": -1 }).limit(i64::from(size) + 1);
        // What is new since a number is few records, found by their numbers.
        match query.after {
            Some(_) => newest_first.hint(Hint::Keys(doc! { "seq": 1 })).await?.try_collect().await,
            None => newest_first.await?.try_collect().await,
        }
    })
    .await?;
    let records: Result<Vec<AuditRecord>> =
        found.into_iter().map(|document| Entry::from(document).try_into()).collect();
    Ok(audit_page(records?, size))
}

/// The records after a number, in the order of the chain.
pub(super) async fn read_chain(collections: &Collections, after: i64, limit: u32) -> Result<Vec<Link>> {
    links(collections, doc! { "seq": { "$gt": after.max(0) } }, doc! { "seq": 1 }, limit).await
}

/// The newest records of an operation, newest first.
pub(super) async fn read_chain_of(
    collections: &Collections,
    operation: Operation,
    limit: u32,
) -> Result<Vec<Link>> {
    let chained = doc! { "operation": operation.as_str(), "seq": { "$gt": 0 } };
    links(collections, chained, doc! { "_id": -1 }, limit).await
}

/// Reads documents as they are, since somebody may have made of them what no record looks like.
async fn links(collections: &Collections, filter: Document, sort: Document, limit: u32) -> Result<Vec<Link>> {
    let found: Vec<Document> = answer(async {
        let documents: Collection<Document> = collections.audit.clone_with_type();
        documents.find(filter).sort(sort).limit(limit.into()).await?.try_collect().await
    })
    .await?;
    found
        .into_iter()
        .map(|document| {
            let number = document.get("seq").and_then(|seq| seq.as_i64().or(seq.as_i32().map(i64::from)));
            let seq = number.ok_or_else(|| unreadable("the number of an audit record", &document))?;
            let entry = bson::deserialize_from_document::<AuditDocument>(document)
                .map(Entry::from)
                .map_err(|error| unreadable("an audit record", error));
            Ok(Link { seq, entry })
        })
        .collect()
}

/// A record without a place in the chain.
pub(super) async fn find_unchained(collections: &Collections) -> Result<Option<String>> {
    let found = answer(async {
        let documents: Collection<Document> = collections.audit.clone_with_type();
        let unchained = doc! { "$nor": [{ "seq": { "$gt": 0 } }] };
        documents.find_one(unchained).projection(doc! { "_id": 1 }).await
    })
    .await?;
    Ok(found.map(|document| match document.get("_id") {
        Some(bson::Bson::String(id)) => id.clone(),
        other => format!("{other:?}"),
    }))
}

/// The last of the oldest records that are all from before `before`.
pub(super) async fn end_of_past(collections: &Collections, before: Timestamp) -> Result<Option<AuditHead>> {
    let first_to_keep = answer(async {
        let kept = doc! { "seq": { "$gt": 0 }, "at": { "$gte": date(before) } };
        collections.audit.find_one(kept).sort(doc! { "seq": 1 }).await
    })
    .await?;
    let past = first_to_keep.map_or(i64::MAX, |first| first.seq);
    head_where(collections, doc! { "seq": { "$gt": 0, "$lt": past } }).await
}

/// Removes the oldest records, none after `through`.
pub(super) async fn remove_past(collections: &Collections, through: i64, limit: u32) -> Result<u64> {
    let past =
        links(collections, doc! { "seq": { "$gt": 0, "$lte": through } }, doc! { "seq": 1 }, limit).await?;
    let Some(last) = past.last() else { return Ok(0) };
    let removed =
        answer(collections.audit.delete_many(doc! { "seq": { "$gt": 0, "$lte": last.seq } })).await?;
    Ok(removed.deleted_count)
}

/// The filter. What came from outside is only ever a string or a date in it, never an operator.
fn filter(query: &AuditQuery) -> Document {
    let mut filter = Document::new();
    let equalities = [
        ("actor", query.actor.as_deref()),
        ("operation", query.operation.map(Operation::as_str)),
        ("resource", query.resource.as_deref()),
        ("account", query.account.as_ref().map(AccountId::as_str)),
        ("outcome", query.outcome.map(Outcome::as_str)),
    ];
    for (field, value) in equalities {
        if let Some(value) = value {
            filter.insert(field, value);
        }
    }
    if query.changes_only {
        filter.insert("change", true);
    }
    let mut period = Document::new();
    if let Some(from) = query.from {
        period.insert("$gte", date(from));
    }
    if let Some(to) = query.to {
        period.insert("$lt", date(to));
    }
    if !period.is_empty() {
        filter.insert("at", period);
    }
    if let Some(after) = query.after {
        filter.insert("seq", doc! { "$gt": after.max(0) });
    }
    if let Some(before) = &query.before {
        filter.insert("_id", doc! { "$lt": before });
    }
    filter
}
