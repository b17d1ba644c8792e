//! The audit, in MongoDB.

use futures::TryStreamExt;
use mongodb::bson::{DateTime, Document, doc};
use nephoscope_model::{
    AccountId, ErrorCode, Operation, Region,
    audit::{AuditPage, AuditQuery, AuditRecord, Outcome},
};
use serde::{Deserialize, Serialize};

use super::{
    Collections, date,
    error::{answer, insert},
    timestamp,
};
use crate::{Result, common::audit_page};

/// A record, with its time as a date and with whether it is of a change, for the index.
#[derive(Serialize, Deserialize)]
pub(super) struct AuditDocument {
    #[serde(rename = "_id")]
    id: String,
    operation_id: String,
    at: DateTime,
    actor: String,
    operation: Operation,
    change: bool,
    account: Option<AccountId>,
    region: Option<Region>,
    resource: String,
    outcome: Outcome,
    error: Option<ErrorCode>,
    detail: String,
    duration_ms: i64,
    request_id: String,
}

impl From<AuditRecord> for AuditDocument {
    fn from(record: AuditRecord) -> Self {
        Self {
            id: record.id,
            operation_id: record.operation_id,
            at: date(record.at),
            actor: record.actor,
            change: record.operation.is_change(),
            operation: record.operation,
            account: record.account,
            region: record.region,
            resource: record.resource,
            outcome: record.outcome,
            error: record.error,
            detail: record.detail,
            duration_ms: record.duration_ms,
            request_id: record.request_id,
        }
    }
}

impl From<AuditDocument> for AuditRecord {
    fn from(document: AuditDocument) -> Self {
        Self {
            id: document.id,
            operation_id: document.operation_id,
            at: timestamp(document.at),
            actor: document.actor,
            operation: document.operation,
            account: document.account,
            region: document.region,
            resource: document.resource,
            outcome: document.outcome,
            error: document.error,
            detail: document.detail,
            duration_ms: document.duration_ms,
            request_id: document.request_id,
        }
    }
}

pub(super) async fn append(collections: &Collections, record: AuditRecord) -> Result<()> {
    insert(&collections.audit, &record.into(), "audit record").await
}

pub(super) async fn query(collections: &Collections, query: &AuditQuery) -> Result<AuditPage> {
    let size = query.page_size();
    let records = answer(async {
        let newest_first =
            collections.audit.find(filter(query)).sort(doc! { "_id": -1 }).limit(i64::from(size) + 1).await?;
        newest_first.map_ok(AuditRecord::from).try_collect().await
    })
    .await?;
    Ok(audit_page(records, size))
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
    if let Some(before) = &query.before {
        filter.insert("_id", doc! { "$lt": before });
    }
    filter
}
