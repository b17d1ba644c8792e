//! CloudWatch Logs.

use leptos::prelude::*;
use nephoscope_model::{
    Listing, Place, Scope,
    logs::{LogGroup, LogRow, LogStreamPage},
};

use super::{ApiResult, Json};

/// All log groups of a scope.
///
/// # Errors
/// As the operation; accounts that fail are named in the listing instead.
#[server(endpoint = "logs/groups", input = Json, output = Json)]
pub async fn list_log_groups(scope: Scope) -> ApiResult<Listing<LogGroup>> {
    let (ops, caller) = super::door()?;
    ops.list_log_groups(&caller, &scope).await.map_err(super::fail)
}

/// The streams of a group, the most recently written first; of very many the newest 500.
///
/// # Errors
/// `not_found` when there is no such group.
#[server(endpoint = "logs/streams", input = Json, output = Json)]
pub async fn list_log_streams(place: Place, group: String) -> ApiResult<LogStreamPage> {
    let (ops, caller) = super::door()?;
    ops.list_log_streams(&caller, &place, &group, None, Some(500)).await.map_err(super::fail)
}

/// The last lines, oldest first: what the page shows before it is live. Empty `streams` means all.
///
/// # Errors
/// `not_found` when there is no such group.
#[server(endpoint = "logs/last", input = Json, output = Json)]
pub async fn last_log_rows(place: Place, group: String, streams: Vec<String>) -> ApiResult<Vec<LogRow>> {
    let (ops, caller) = super::door()?;
    ops.last_log_rows(&caller, place, &group, streams).await.map_err(super::fail)
}
