//! CloudWatch Logs.

use axum::{Json, extract::State};
use nephoscope_model::{
    Operation,
    logs::{LogGroup, LogStreamPage},
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

/// Which streams of it.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(in crate::server) struct StreamsParams {
    /// How many, 1 to 10,000; as many when left out.
    #[param(minimum = 1, maximum = 10_000)]
    limit: Option<u16>,
    /// `next` of the page before, as it is.
    after: Option<String>,
}

/// The streams of a log group, the most recently written first, as far as they are 10,000; fewer where AWS throttles or it takes long. As long
/// as there is `next`, there are more.
#[utoipa::path(
    get, path = "/api/log/streams", tag = "logs", params(GroupParams, ScopeParams, StreamsParams),
    responses(
        (status = 200, description = "The streams", body = LogStreamPage),
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
    Params(StreamsParams { limit, after }): Params<StreamsParams>,
) -> Result<Json<LogStreamPage>, ApiError> {
    let scope = scope.scope()?;
    let operation = Operation::ListLogStreams;
    let place = app.ops().locate_log_group(&caller, operation, &scope, &group.log_group_name).await?;
    let (name, limit) = (&group.log_group_name, limit.map(usize::from));
    Ok(Json(app.ops().list_log_streams(&caller, &place, name, after.as_deref(), limit).await?))
}
