//! How often AWS was called, for whom, and what it cost.

use axum::{Json, extract::State};
use nephoscope_model::usage::UsageReport;
use serde::Deserialize;
use utoipa::IntoParams;

use super::Params;
use crate::server::{
    access::Authenticated,
    problem::{ApiError, Problem},
    state::App,
};

/// Which days.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(in crate::server) struct UsageParams {
    /// The first day, in UTC; 29 days before the last when left out.
    #[param(example = "2026-11-01")]
    from: Option<String>,
    /// The last day; today when left out.
    #[param(example = "2026-11-20")]
    to: Option<String>,
}

/// Calls to AWS by day, user, account, service, operation and outcome, with the cost of those that are paid. For administrators.
#[utoipa::path(
    get, path = "/api/usage", tag = "audit", params(UsageParams),
    responses(
        (status = 200, description = "The calls", body = UsageReport),
        (status = 400, description = "Bad parameters", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Not an administrator", body = Problem),
    )
)]
pub(in crate::server) async fn read(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Params(params): Params<UsageParams>,
) -> Result<Json<UsageReport>, ApiError> {
    Ok(Json(app.ops().read_usage(&caller, params.from.as_deref(), params.to.as_deref()).await?))
}
