//! Termination protection of an instance, its type, and the types that there are.

use axum::{
    Json,
    extract::{Path, State},
};
use nephoscope_model::{
    Operation,
    ec2::{InstanceType, InstanceTypeName, Protection},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Answer, locate};
use crate::server::{
    access::Authenticated,
    problem::Problem,
    rest::{Body, Params, ScopeParams},
    state::App,
};

/// What an instance is protected against.
#[utoipa::path(
    get, path = "/api/ec2/{instanceId}/protection", tag = "ec2",
    params(("instanceId" = String, Path, example = "i-0123456789abcdef0"), ScopeParams),
    responses(
        (status = 200, description = "Whether AWS refuses to terminate it", body = Protection),
        (status = 400, description = "Not an instance id", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 404, description = "No such instance", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
    )
)]
pub(in crate::server) async fn protection(
    State(app): State<App>,
    caller: Authenticated,
    Path(id): Path<String>,
    Params(scope): Params<ScopeParams>,
) -> Answer<Protection> {
    let (place, id) = locate(&app, &caller, Operation::ReadProtection, &id, &scope).await?;
    Ok(Json(app.ops().get_protection(&caller.0, &place, &id).await?))
}

/// Put an instance under termination protection, or lift it.
#[utoipa::path(
    put, path = "/api/ec2/{instanceId}/protection", tag = "ec2",
    params(("instanceId" = String, Path, example = "i-0123456789abcdef0"), ScopeParams), request_body = Protection,
    responses(
        (status = 200, description = "What it is protected against now", body = Protection),
        (status = 400, description = "Not an instance id, or a body that is not understood", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 404, description = "No such instance", body = Problem),
        (status = 409, description = "Its state does not allow it", body = Problem),
        (status = 413, description = "The body is too large", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
    )
)]
pub(in crate::server) async fn set_protection(
    State(app): State<App>,
    caller: Authenticated,
    Path(id): Path<String>,
    Params(scope): Params<ScopeParams>,
    Body(wanted): Body<Protection>,
) -> Answer<Protection> {
    let (place, id) = locate(&app, &caller, Operation::SetProtection, &id, &scope).await?;
    Ok(Json(app.ops().set_protection(&caller.0, &place, &id, wanted).await?))
}

/// The type that an instance is to have.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::server) struct TypeChange {
    /// One of `/api/ec2/types` that fits the instance's architecture.
    #[schema(example = "t3.medium")]
    instance_type: String,
}

/// Make a stopped instance one of another type.
#[utoipa::path(
    put, path = "/api/ec2/{instanceId}/type", tag = "ec2",
    params(("instanceId" = String, Path, example = "i-0123456789abcdef0"), ScopeParams), request_body = TypeChange,
    responses(
        (status = 200, description = "The type that it has now", body = TypeChange),
        (status = 400, description = "Not an instance id, or a type that there is not or that does not fit", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 404, description = "No such instance", body = Problem),
        (status = 409, description = "It is not stopped", body = Problem),
        (status = 413, description = "The body is too large", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
    )
)]
pub(in crate::server) async fn set_type(
    State(app): State<App>,
    caller: Authenticated,
    Path(id): Path<String>,
    Params(scope): Params<ScopeParams>,
    Body(TypeChange { instance_type }): Body<TypeChange>,
) -> Answer<TypeChange> {
    let wanted: InstanceTypeName = instance_type.parse()?;
    let (place, id) = locate(&app, &caller, Operation::SetInstanceType, &id, &scope).await?;
    app.ops().set_instance_type(&caller.0, &place, &id, &wanted).await?;
    Ok(Json(TypeChange { instance_type }))
}

/// Which types are wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(in crate::server) struct TypeParams {
    /// Only those that run this architecture, such as `x86_64` or `arm64`.
    #[param(example = "x86_64")]
    architecture: Option<String>,
}

/// The instance types of one account and region.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::server) struct Types {
    /// By name.
    types: Vec<InstanceType>,
}

/// The instance types of one account and region, as they were known within the last day. Say which place is meant where there are several.
#[utoipa::path(
    get, path = "/api/ec2/types", tag = "ec2", params(ScopeParams, TypeParams),
    responses(
        (status = 200, description = "Every type with its processors and memory", body = Types),
        (status = 400, description = "Bad parameters, or more than one account or region is meant", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 404, description = "No such account or region here", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
    )
)]
pub(in crate::server) async fn types(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Params(scope): Params<ScopeParams>,
    Params(TypeParams { architecture }): Params<TypeParams>,
) -> Answer<Types> {
    let place = app.ops().resolve_place(&scope.scope()?)?;
    let types = app.ops().list_instance_types(&caller, &place, architecture.as_deref()).await?;
    Ok(Json(Types { types }))
}
