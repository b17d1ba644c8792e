//! Emptying a bucket: begun here, looked at and stopped.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use nephoscope_model::{Operation, s3::Emptying};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Answer, Confirmation, locate};
use crate::server::{
    access::Authenticated,
    problem::{ApiError, Problem},
    rest::{Body, Params, ScopeParams},
    state::App,
};

/// What to empty.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::server) struct EmptyRequest {
    /// Only what is below this prefix; left out, all of the bucket.
    prefix: String,
    /// Whether the bucket goes, too, when it is empty.
    #[serde(alias = "delete_bucket")]
    delete_bucket: bool,
}

/// Begin to delete everything in a bucket, with all versions, marks of deletions and unfinished uploads, for ever. It goes on by itself on the
/// server that was asked; its state is looked at by its id, until an hour after its end.
#[utoipa::path(
    post, path = "/api/s3/{name}/empty", tag = "s3", request_body = EmptyRequest,
    params(("name" = String, Path, example = "my-logs"), ScopeParams, Confirmation),
    responses(
        (status = 202, description = "It has begun", body = Emptying),
        (status = 400, description = "Bad parameters", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 404, description = "No such bucket", body = Problem),
        (status = 409, description = "It is being emptied already", body = Problem),
        (status = 413, description = "The body is too large", body = Problem),
        (status = 428, description = "The confirmation is missing or wrong", body = Problem),
    )
)]
pub(in crate::server) async fn empty(
    State(app): State<App>,
    caller: Authenticated,
    Path(name): Path<String>,
    Params(scope): Params<ScopeParams>,
    Params(Confirmation { confirm }): Params<Confirmation>,
    Body(EmptyRequest { prefix, delete_bucket }): Body<EmptyRequest>,
) -> Result<(StatusCode, Json<Emptying>), ApiError> {
    let bucket = locate(&app, &caller, Operation::EmptyBucket, &scope, &name).await?;
    let begun =
        app.ops().empty_bucket(&caller.0, &bucket, &prefix, delete_bucket, confirm.as_deref()).await?;
    Ok((StatusCode::ACCEPTED, Json(begun)))
}

/// How far the emptying of a bucket is.
#[utoipa::path(
    get, path = "/api/s3/{name}/empty/{id}", tag = "s3",
    params(("name" = String, Path, example = "my-logs"), ("id" = String, Path)),
    responses(
        (status = 200, description = "Its state, and what was deleted so far", body = Emptying),
        (status = 400, description = "Bad parameters", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 404, description = "Nothing is known of it", body = Problem),
    )
)]
pub(in crate::server) async fn emptying(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Path((name, id)): Path<(String, String)>,
) -> Answer<Emptying> {
    Ok(Json(app.ops().get_emptying(&caller, &name.parse()?, &id).await?))
}

/// Stop the emptying of a bucket before its next call to AWS. What was deleted is gone.
#[utoipa::path(
    delete, path = "/api/s3/{name}/empty/{id}", tag = "s3",
    params(("name" = String, Path, example = "my-logs"), ("id" = String, Path)),
    responses(
        (status = 202, description = "It is being stopped"),
        (status = 400, description = "Bad parameters", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 404, description = "Nothing is known of it", body = Problem),
        (status = 409, description = "It is over already", body = Problem),
    )
)]
pub(in crate::server) async fn cancel_emptying(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Path((name, id)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    app.ops().cancel_emptying(&caller, &name.parse()?, &id).await?;
    Ok(StatusCode::ACCEPTED)
}
