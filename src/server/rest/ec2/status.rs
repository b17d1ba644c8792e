//! The status checks of instances.

use axum::{
    Json,
    extract::{Path, State},
};
use nephoscope_model::{Operation, ec2::StatusChecks};

use super::{Answer, Freshness, locate};
use crate::server::{
    access::Authenticated,
    problem::Problem,
    rest::{
        Params, ScopeParams,
        paging::{ListingPage, PageParams, Paging},
    },
    state::App,
};

/// The status checks of all instances of the accounts and regions, those that do not run included.
#[utoipa::path(
    get, path = "/api/ec2/status", tag = "ec2", params(ScopeParams, Freshness, PageParams),
    responses(
        (status = 200, description = "The checks, and the fate of each account and region asked", body = ListingPage<StatusChecks>),
        (status = 400, description = "Bad parameters", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 404, description = "No such account or region here", body = Problem),
    )
)]
pub(in crate::server) async fn list(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Params(scope): Params<ScopeParams>,
    Params(Freshness { fresh }): Params<Freshness>,
    paging: Paging,
) -> Answer<ListingPage<StatusChecks>> {
    Ok(Json(paging.of(app.ops().list_status_checks(&caller, &scope.scope()?, fresh).await?)))
}

/// The status checks of one instance, as AWS sees them now, and what AWS is going to do to it.
#[utoipa::path(
    get, path = "/api/ec2/{instanceId}/status", tag = "ec2",
    params(("instanceId" = String, Path, example = "i-0123456789abcdef0"), ScopeParams),
    responses(
        (status = 200, description = "The checks", body = StatusChecks),
        (status = 400, description = "Not an instance id", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 404, description = "No such instance", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
    )
)]
pub(in crate::server) async fn get(
    State(app): State<App>,
    caller: Authenticated,
    Path(id): Path<String>,
    Params(scope): Params<ScopeParams>,
) -> Answer<StatusChecks> {
    let (place, id) = locate(&app, &caller, Operation::GetStatusChecks, &id, &scope).await?;
    Ok(Json(app.ops().get_status_checks(&caller.0, &place, &id).await?))
}
