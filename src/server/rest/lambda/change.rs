//! Deleting a function or many, and how much of it may run at once.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use nephoscope_model::{Operation, lambda::FunctionMeasures};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Answer, locate};
use crate::server::{
    access::Authenticated,
    problem::{ApiError, Problem},
    rest::{
        Body, Params, ScopeParams,
        deletions::{DeleteNamesRequest, DeletionsAnswer, ManyConfirmation},
        paging::{ListingPage, PageParams, Paging},
    },
    state::App,
};

/// What functions did in about the last 24 hours: invocations, errors, and the 95th percentile of the duration. It is read at most every
/// five minutes, since CloudWatch charges for it.
#[utoipa::path(
    get, path = "/api/lambda/metrics", tag = "lambda", params(ScopeParams, PageParams),
    responses(
        (status = 200, description = "A line for each function, and the fate of each account and region asked", body = ListingPage<FunctionMeasures>),
        (status = 400, description = "Bad parameters", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 404, description = "No such account or region here", body = Problem),
    )
)]
pub(in crate::server) async fn metrics(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Params(scope): Params<ScopeParams>,
    paging: Paging,
) -> Answer<ListingPage<FunctionMeasures>> {
    Ok(Json(paging.of(app.ops().function_metrics(&caller, &scope.scope()?).await?)))
}

/// The confirmation of what deletes something.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(in crate::server) struct Confirmation {
    /// The name of what is deleted.
    #[param(example = "order-processor")]
    pub(super) confirm: Option<String>,
}

/// Delete a function for ever, with all its versions, its aliases and its test events.
#[utoipa::path(
    delete, path = "/api/lambda/{name}", tag = "lambda",
    params(("name" = String, Path, example = "order-processor"), Confirmation, ScopeParams),
    responses(
        (status = 204, description = "It is gone"),
        (status = 400, description = "Bad parameters, or several accounts or regions have a function of that name", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 404, description = "No such function", body = Problem),
        (status = 409, description = "It is being changed", body = Problem),
        (status = 428, description = "The confirmation is missing or wrong", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
        (status = 503, description = "AWS is throttling or cannot be reached", body = Problem),
    )
)]
pub(in crate::server) async fn delete(
    State(app): State<App>,
    caller: Authenticated,
    Path(name): Path<String>,
    Params(scope): Params<ScopeParams>,
    Params(Confirmation { confirm }): Params<Confirmation>,
) -> Result<StatusCode, ApiError> {
    let (place, name) = locate(&app, &caller, Operation::DeleteFunction, &name, &scope).await?;
    app.ops().delete_function(&caller.0, &place, &name, confirm.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Delete a function; the same as `DELETE /api/lambda/{name}`, and good for functions that are called like something else here.
#[utoipa::path(
    delete, path = "/api/lambda/functions/{name}", tag = "lambda",
    params(("name" = String, Path, example = "order-processor"), Confirmation, ScopeParams),
    responses(
        (status = 204, description = "It is gone"),
        (status = 400, description = "Bad parameters, or several accounts or regions have a function of that name", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 404, description = "No such function", body = Problem),
        (status = 409, description = "It is being changed", body = Problem),
        (status = 428, description = "The confirmation is missing or wrong", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
        (status = 503, description = "AWS is throttling or cannot be reached", body = Problem),
    )
)]
pub(in crate::server) async fn delete_function(
    state: State<App>,
    caller: Authenticated,
    name: Path<String>,
    scope: Params<ScopeParams>,
    confirmation: Params<Confirmation>,
) -> Result<StatusCode, ApiError> {
    delete(state, caller, name, scope, confirmation).await
}

/// Delete up to 100 functions for ever, each as `DELETE /api/lambda/{name}` does. What fails for one keeps no other from being deleted:
/// look at each result. A name that several accounts or regions have is deleted in none of them; say which with `account` and `region`.
#[utoipa::path(
    post, path = "/api/lambda/delete", tag = "lambda", params(ManyConfirmation, ScopeParams), request_body = DeleteNamesRequest,
    responses(
        (status = 200, description = "What became of each", body = DeletionsAnswer),
        (status = 400, description = "None or too many are named, or not by names, and nothing was deleted", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it anywhere", body = Problem),
        (status = 404, description = "No such account or region here", body = Problem),
        (status = 413, description = "The body is too large", body = Problem),
        (status = 428, description = "The confirmation is missing or wrong", body = Problem),
    )
)]
pub(in crate::server) async fn delete_many(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Params(scope): Params<ScopeParams>,
    Params(ManyConfirmation { confirm }): Params<ManyConfirmation>,
    Body(request): Body<DeleteNamesRequest>,
) -> Answer<DeletionsAnswer> {
    let (scope, names) = (scope.scope()?, request.parse()?);
    Ok(Json(app.ops().find_and_delete_functions(&caller, &scope, names, confirm.as_deref()).await?.into()))
}

/// How much of a function may run at once.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct Concurrency {
    /// Invocations at once that are set aside for it, which are also the most it gets; 0 stops it. With `null` it shares what the account
    /// has.
    #[schema(example = 5, minimum = 0)]
    // What is left out must not count as `null`.
    #[serde(deserialize_with = "Option::deserialize")]
    reserved: Option<i32>,
}

/// Reserve invocations at once for a function, or share them again.
#[utoipa::path(
    put, path = "/api/lambda/{name}/concurrency", tag = "lambda",
    params(("name" = String, Path, example = "order-processor"), ScopeParams),
    request_body = Concurrency,
    responses(
        (status = 200, description = "What is reserved now", body = Concurrency),
        (status = 400, description = "Bad parameters, or several accounts or regions have a function of that name", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 404, description = "No such function", body = Problem),
        (status = 409, description = "It is being changed", body = Problem),
        (status = 413, description = "The body is too large", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
        (status = 503, description = "AWS is throttling or cannot be reached", body = Problem),
    )
)]
pub(in crate::server) async fn set_concurrency(
    State(app): State<App>,
    caller: Authenticated,
    Path(name): Path<String>,
    Params(scope): Params<ScopeParams>,
    Body(Concurrency { reserved }): Body<Concurrency>,
) -> Answer<Concurrency> {
    let (place, name) = locate(&app, &caller, Operation::SetConcurrency, &name, &scope).await?;
    let reserved = app.ops().set_concurrency(&caller.0, &place, &name, reserved).await?;
    Ok(Json(Concurrency { reserved }))
}
