//! Terminating, the queue in which it waits, and undoing it.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use nephoscope_model::{
    Operation,
    ec2::{InstanceId, StateChange, Terminating, Termination},
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Answer, locate};
use crate::server::{
    access::Authenticated,
    problem::{ApiError, Problem},
    rest::{Params, ScopeParams},
    state::App,
};

/// The confirmation of a destructive action.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(in crate::server) struct Confirmation {
    /// The instance's name, or its id when it has none.
    confirm: Option<String>,
}

/// Terminate an instance for ever. It waits for the grace that the server is configured with, in which it can be undone; without one it is
/// done at once.
#[utoipa::path(
    delete, path = "/api/ec2/terminate/{id}", tag = "ec2",
    params(("id" = String, Path, example = "i-0123456789abcdef0"), ScopeParams, Confirmation),
    responses(
        (status = 200, description = "It was done at once: the states before and now", body = StateChange),
        (status = 202, description = "It is terminated when its time has come, unless it is undone before", body = Termination),
        (status = 400, description = "Not an instance id", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 404, description = "No such instance", body = Problem),
        (status = 409, description = "Its state does not allow it, termination protection is on, or it waits already", body = Problem),
        (status = 428, description = "The confirmation is missing or wrong", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
    )
)]
pub(in crate::server) async fn terminate(
    State(app): State<App>,
    caller: Authenticated,
    Path(id): Path<String>,
    Params(scope): Params<ScopeParams>,
    Params(Confirmation { confirm }): Params<Confirmation>,
) -> Result<Response, ApiError> {
    let operation = Operation::TerminateInstance;
    // Who may not is told so before anything is looked up.
    app.ops().check_may(&caller.0, operation, &id).await?;
    let (place, id) = locate(&app, &caller, operation, &id, &scope).await?;
    Ok(match app.ops().terminate_instance(&caller.0, &place, &id, confirm).await? {
        Terminating::Now(change) => Json(change).into_response(),
        Terminating::Queued(queued) => (StatusCode::ACCEPTED, Json(queued)).into_response(),
    })
}

/// Undo a termination that waits for its time.
#[utoipa::path(
    post, path = "/api/ec2/terminate/{id}/undo", tag = "ec2",
    params(("id" = String, Path, example = "i-0123456789abcdef0"), ScopeParams),
    responses(
        (status = 200, description = "What would have been done", body = Termination),
        (status = 400, description = "Not an instance id", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 404, description = "The instance does not wait for it, or not any more", body = Problem),
    )
)]
pub(in crate::server) async fn undo(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    Params(scope): Params<ScopeParams>,
) -> Answer<Termination> {
    app.ops().check_may(&caller, Operation::UndoTermination, &id).await?;
    let id: InstanceId = id.parse()?;
    let place = app.ops().locate_termination(&caller, &scope.scope()?, &id).await?;
    Ok(Json(app.ops().undo_termination(&caller, &place, &id).await?))
}

/// The instances that are terminated when their time has come, what is due first before the rest.
#[utoipa::path(
    get, path = "/api/ec2/terminations", tag = "ec2", params(ScopeParams),
    responses(
        (status = 200, description = "What waits", body = Vec<Termination>),
        (status = 400, description = "Bad parameters", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 404, description = "No such account or region here", body = Problem),
    )
)]
pub(in crate::server) async fn list(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Params(scope): Params<ScopeParams>,
) -> Answer<Vec<Termination>> {
    Ok(Json(app.ops().list_terminations(&caller, &scope.scope()?).await?))
}
