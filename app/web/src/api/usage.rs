//! Calls to AWS, counted.

use leptos::prelude::*;
use nephoscope_model::usage::UsageReport;

use super::{ApiResult, Json};

/// How often AWS was called in the last `days` days, for whom, and what it cost. For administrators.
///
/// # Errors
/// `forbidden` for others, `unavailable` when the store does not answer.
#[server(endpoint = "usage/read", input = Json, output = Json)]
pub async fn read_usage(days: u16) -> ApiResult<UsageReport> {
    const DAY_MILLIS: i64 = 86_400_000;
    let (ops, caller) = super::door()?;
    let first =
        nephoscope_model::Timestamp::now().plus_millis(-DAY_MILLIS * (i64::from(days) - 1)).to_string();
    ops.read_usage(&caller, first.get(..10), None).await.map_err(super::fail)
}
