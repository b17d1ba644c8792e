//! Launching instances.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use nephoscope_model::ec2::{Instance, LaunchCheck, LaunchChoices, LaunchRequest};

use super::Answer;
use crate::server::{
    access::Authenticated,
    idempotency,
    problem::{ApiError, Problem},
    rest::{Body, Params, ScopeParams},
    state::App,
};

/// What an account has in a region to launch with: launch templates, its own images, key pairs, subnets and security groups.
#[utoipa::path(
    get, path = "/api/ec2/launch", tag = "ec2", params(ScopeParams),
    responses(
        (status = 200, description = "The choices, and what of them could not be read", body = LaunchChoices),
        (status = 400, description = "Not clear in which account or region", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 404, description = "No such account or region here", body = Problem),
    )
)]
pub(in crate::server) async fn choices(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Params(scope): Params<ScopeParams>,
) -> Answer<LaunchChoices> {
    let place = app.ops().resolve_place(&scope.scope()?)?;
    Ok(Json(app.ops().list_launch_choices(&caller, &place).await?))
}

/// Ask AWS whether it would launch this, and what it costs by the price list. Nothing is launched.
#[utoipa::path(
    post, path = "/api/ec2/launch/check", tag = "ec2", params(ScopeParams), request_body = LaunchRequest,
    responses(
        (status = 200, description = "AWS would launch it", body = LaunchCheck),
        (status = 400, description = "It cannot be right, or not clear where", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 404, description = "No such account or region here, or nothing of an id that is named", body = Problem),
        (status = 409, description = "AWS says that it does not fit together", body = Problem),
    )
)]
pub(in crate::server) async fn check(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Params(scope): Params<ScopeParams>,
    Body(request): Body<LaunchRequest>,
) -> Answer<LaunchCheck> {
    let place = app.ops().resolve_place(&scope.scope()?)?;
    Ok(Json(app.ops().check_launch(&caller, &place, &request).await?))
}

/// Launch instances, as many as asked for or none.
#[utoipa::path(
    post, path = "/api/ec2/launch", tag = "ec2", params(ScopeParams), request_body = LaunchRequest,
    responses(
        (status = 201, description = "The instances, on their way to running", body = Vec<Instance>),
        (status = 400, description = "It cannot be right, or not clear where", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 404, description = "No such account or region here, or nothing of an id that is named", body = Problem),
        (status = 409, description = "AWS says that it does not fit together", body = Problem),
    )
)]
pub(in crate::server) async fn launch(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Params(scope): Params<ScopeParams>,
    headers: HeaderMap,
    Body(request): Body<LaunchRequest>,
) -> Result<(StatusCode, Json<Vec<Instance>>), ApiError> {
    let place = app.ops().resolve_place(&scope.scope()?)?;
    // AWS knows such keys, too: it launches once even when this server ends between its answer and ours. It takes 64 characters.
    let key = headers.get(&idempotency::KEY).and_then(|key| key.to_str().ok());
    let token = key.filter(|key| key.len() <= 64).map(str::to_owned);
    let launched = app.ops().launch_instances(&caller, &place, request, token).await?;
    Ok((StatusCode::CREATED, Json(launched)))
}
