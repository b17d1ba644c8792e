//! The audit.

use axum::{Json, extract::State};
use nephoscope_model::{
    Error, Timestamp,
    audit::{AuditPage, AuditQuery},
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::Params;
use crate::server::{
    access::Authenticated,
    problem::{ApiError, Problem},
    state::App,
};

/// Which records.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(in crate::server) struct AuditParams {
    /// Only this person's; administrators only, others see their own.
    actor: Option<String>,
    /// Only this operation, such as `ec2.stop`.
    operation: Option<String>,
    /// Only operations on this resource.
    resource: Option<String>,
    /// Only in this account.
    account: Option<String>,
    /// Only with this outcome: started, succeeded, failed or refused.
    outcome: Option<String>,
    /// Only operations that change something.
    changes_only: bool,
    /// Not before this time, RFC 3339.
    from: Option<String>,
    /// Only before this time, RFC 3339.
    to: Option<String>,
    /// The `next` of the page before.
    before: Option<String>,
    /// Records in a page, 1 to 500; 100 when left out.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    /// Only records with a greater number (`seq`) than this: what is new since.
    after: Option<i64>,
}

impl TryFrom<AuditParams> for AuditQuery {
    type Error = Error;

    fn try_from(params: AuditParams) -> Result<Self, Error> {
        Ok(Self {
            actor: params.actor,
            operation: params.operation.as_deref().map(str::parse).transpose()?,
            resource: params.resource,
            account: params.account.as_deref().map(str::parse).transpose()?,
            outcome: params.outcome.as_deref().map(str::parse).transpose()?,
            changes_only: params.changes_only,
            from: params.from.as_deref().map(Timestamp::parse).transpose()?,
            to: params.to.as_deref().map(Timestamp::parse).transpose()?,
            after: params.after,
            before: params.before,
            limit: params.limit.map(check_limit).transpose()?,
        })
    }
}

fn check_limit(limit: u32) -> Result<u32, Error> {
    if (1..=500).contains(&limit) { Ok(limit) } else { Err(Error::invalid("A page has 1 to 500 records.")) }
}

/// What was done, newest first. Administrators see everybody's records, others their own.
#[utoipa::path(
    get, path = "/api/audit", tag = "audit", params(AuditParams),
    responses(
        (status = 200, description = "A page of records", body = AuditPage),
        (status = 400, description = "Bad parameters", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
    )
)]
pub(in crate::server) async fn query(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Params(params): Params<AuditParams>,
) -> Result<Json<AuditPage>, ApiError> {
    Ok(Json(app.ops().query_audit(&caller, params.try_into()?).await?))
}
