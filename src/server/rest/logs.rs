//! CloudWatch Logs.

use axum::{Json, extract::State};
use nephoscope_model::{
    Operation,
    logs::{LogGroup, LogStream},
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    Params, ScopeParams,
    paging::{ListingPage, PageParams, Paging},
};
use crate::server::{
    access::Authenticated,
    problem::{ApiError, Problem},
    state::App,
};

/// All log groups of the accounts and regions.
#[utoipa::path(
    get, path = "/api/log/groups", tag = "logs", params(ScopeParams, PageParams),
    responses(
        (status = 200, description = "The groups, and the fate of each account and region asked", body = ListingPage<LogGroup>),
        (status = 400, description = "Bad parameters", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 404, description = "No such account or region here", body = Problem),
    )
)]
pub(in crate::server) async fn groups(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Params(scope): Params<ScopeParams>,
    paging: Paging,
) -> Result<Json<ListingPage<LogGroup>>, ApiError> {
    Ok(Json(paging.of(app.ops().list_log_groups(&caller, &scope.scope()?).await?)))
}

/// Which group.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(in crate::server) struct GroupParams {
    /// The log group's name.
    #[serde(alias = "group")]
    #[param(example = "/aws/lambda/order-processor")]
    log_group_name: String,
}

/// The streams of a log group, the most recently written first; of very many the newest 500.
#[utoipa::path(
    get, path = "/api/log/streams", tag = "logs", params(GroupParams, ScopeParams),
    responses(
        (status = 200, description = "The streams", body = Vec<LogStream>),
        (status = 400, description = "Bad parameters, or groups of that name in several places", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 404, description = "No such group", body = Problem),
    )
)]
pub(in crate::server) async fn streams(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Params(group): Params<GroupParams>,
    Params(scope): Params<ScopeParams>,
) -> Result<Json<Vec<LogStream>>, ApiError> {
    let scope = scope.scope()?;
    let operation = Operation::ListLogStreams;
    let place = app.ops().locate_log_group(&caller, operation, &scope, &group.log_group_name).await?;
    Ok(Json(app.ops().list_log_streams(&caller, &place, &group.log_group_name).await?))
}
