//! What a function writes to its log.

use axum::{
    Json,
    extract::{Path, State},
};
use nephoscope_model::{
    Operation,
    lambda::{InvocationLog, RequestId},
    logs::LogRow,
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Answer, locate};
use crate::server::{
    access::Authenticated,
    problem::Problem,
    rest::{Params, ScopeParams},
    state::App,
};

/// How far back is looked.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(in crate::server) struct Hours {
    /// Hours before now: 1 (when left out) to 168.
    #[param(minimum = 1, maximum = 168)]
    hours: u32,
}

impl Default for Hours {
    fn default() -> Self {
        Self { hours: 1 }
    }
}

/// The newest lines of a function's log that tell of an error, oldest first: at most 100.
#[utoipa::path(
    get, path = "/api/lambda/{name}/errors", tag = "lambda",
    params(("name" = String, Path, example = "order-processor"), Hours, ScopeParams),
    responses(
        (status = 200, description = "The lines", body = Vec<LogRow>),
        (status = 400, description = "Bad parameters, or several accounts or regions have a function of that name", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 404, description = "No such function", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
        (status = 503, description = "AWS is throttling or cannot be reached", body = Problem),
    )
)]
pub(in crate::server) async fn errors(
    State(app): State<App>,
    caller: Authenticated,
    Path(name): Path<String>,
    Params(scope): Params<ScopeParams>,
    Params(Hours { hours }): Params<Hours>,
) -> Answer<Vec<LogRow>> {
    let (place, name) = locate(&app, &caller, Operation::ReadFunctionErrors, &name, &scope).await?;
    Ok(Json(app.ops().function_errors(&caller.0, &place, &name, hours).await?))
}

/// What one invocation wrote to the log, as far as CloudWatch has it: it takes some seconds to get there.
#[utoipa::path(
    get, path = "/api/lambda/{name}/invocations/{requestId}/log", tag = "lambda",
    params(("name" = String, Path, example = "order-processor"), ("requestId" = String, Path, example = "8f5c1c1e-9d0f-4f0a-a7d1-2f6f0e0f5f11"), Hours, ScopeParams),
    responses(
        (status = 200, description = "The lines; none while CloudWatch knows of none", body = InvocationLog),
        (status = 400, description = "Bad parameters, or several accounts or regions have a function of that name", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 404, description = "No such function", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
        (status = 503, description = "AWS is throttling or cannot be reached", body = Problem),
    )
)]
pub(in crate::server) async fn invocation(
    State(app): State<App>,
    caller: Authenticated,
    Path((name, request)): Path<(String, String)>,
    Params(scope): Params<ScopeParams>,
    Params(Hours { hours }): Params<Hours>,
) -> Answer<InvocationLog> {
    let request: RequestId = request.parse()?;
    let (place, name) = locate(&app, &caller, Operation::ReadInvocationLog, &name, &scope).await?;
    Ok(Json(app.ops().invocation_log(&caller.0, &place, &name, &request, hours).await?))
}
