//! The audit.

use leptos::prelude::*;
use nephoscope_model::audit::{AuditPage, AuditQuery};

use super::{ApiResult, Json};

/// A page of the audit, newest first. Administrators see everybody's records, others their own.
///
/// # Errors
/// `unavailable` when the store does not answer.
#[server(endpoint = "audit/query", input = Json, output = Json)]
pub async fn query_audit(query: AuditQuery) -> ApiResult<AuditPage> {
    let (ops, caller) = super::door()?;
    ops.query_audit(&caller, query).await.map_err(super::fail)
}

/// What is new since `query.after`. That somebody follows is recorded now and then, not every time.
///
/// # Errors
/// `unavailable` when the store does not answer.
#[server(endpoint = "audit/follow", input = Json, output = Json)]
pub async fn follow_audit(query: AuditQuery) -> ApiResult<AuditPage> {
    let (ops, caller) = super::door()?;
    ops.follow_audit(&caller, query).await.map_err(super::fail)
}
