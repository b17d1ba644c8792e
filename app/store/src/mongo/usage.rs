//! Counted calls to AWS, in MongoDB.

use futures::TryStreamExt;
use mongodb::bson::doc;
use nephoscope_model::{AccountId, ErrorCode, usage::UsageRow};
use serde::{Deserialize, Serialize};

use super::{Collections, error::answer};
use crate::{Result, common::word_of};

/// What is counted apart. As `_id` it is unique and sorts by day; the order of its fields is part of it.
#[derive(Serialize, Deserialize)]
struct Kind {
    day: String,
    user: String,
    account: AccountId,
    service: String,
    operation: String,
    error: Option<ErrorCode>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct UsageDocument {
    #[serde(rename = "_id")]
    kind: Kind,
    calls: i64,
    cost_micros: i64,
}

/// Adds to what was counted already, row by row: counts are no evidence, and need no transaction.
pub(super) async fn add(collections: &Collections, rows: &[UsageRow]) -> Result<()> {
    for row in rows {
        let kind = doc! {
            "day": &row.day,
            "user": &row.user,
            "account": row.account.as_str(),
            "service": &row.service,
            "operation": &row.operation,
            "error": row.error.map(word_of),
        };
        let adding = doc! { "$inc": { "calls": row.calls, "cost_micros": row.cost_micros } };
        answer(collections.usage.update_one(doc! { "_id": kind }, adding).upsert(true)).await?;
    }
    Ok(())
}

/// Forgets what was counted before a day.
pub(super) async fn remove_before(collections: &Collections, day: &str) -> Result<u64> {
    let before = doc! { "_id.day": { "$lt": day } };
    Ok(answer(collections.usage.delete_many(before)).await?.deleted_count)
}

/// What was counted from one day to another, newest day first.
pub(super) async fn query(
    collections: &Collections,
    from: &str,
    to: &str,
    limit: u32,
) -> Result<Vec<UsageRow>> {
    let order = doc! {
        "_id.day": -1, "_id.user": 1, "_id.account": 1, "_id.service": 1, "_id.operation": 1, "_id.error": 1,
    };
    let found: Vec<UsageDocument> = answer(async {
        let days = doc! { "_id.day": { "$gte": from, "$lte": to } };
        collections.usage.find(days).sort(order).limit(limit.into()).await?.try_collect().await
    })
    .await?;
    Ok(found
        .into_iter()
        .map(|UsageDocument { kind, calls, cost_micros }| UsageRow {
            day: kind.day,
            user: kind.user,
            account: kind.account,
            service: kind.service,
            operation: kind.operation,
            error: kind.error,
            calls,
            cost_micros,
        })
        .collect())
}
