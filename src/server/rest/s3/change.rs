//! Changing objects: deleting one or many, copying, renaming, and lending out by a link.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use nephoscope_model::{
    Operation,
    s3::{CopyRequest, DeleteResult, ObjectLink, ObjectTarget, Uploaded},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Answer, Confirmation, locate};
use crate::server::{
    access::Authenticated,
    problem::{ApiError, Problem},
    rest::{Body, Params, ScopeParams},
    state::App,
};

/// Which object goes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::server) struct DeletedKey {
    /// The key of the object.
    #[param(example = "2026/11/21/app.log")]
    key: String,
}

/// Delete an object. In a bucket that keeps versions they stay, below a mark that hides them.
#[utoipa::path(
    delete, path = "/api/s3/{name}/object", tag = "s3",
    params(("name" = String, Path, example = "my-logs"), ScopeParams, DeletedKey, Confirmation),
    responses(
        (status = 204, description = "It is gone"),
        (status = 400, description = "Bad parameters", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 404, description = "No such object", body = Problem),
        (status = 428, description = "The confirmation is missing or wrong", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
    )
)]
pub(in crate::server) async fn delete_object(
    State(app): State<App>,
    caller: Authenticated,
    Path(name): Path<String>,
    Params(scope): Params<ScopeParams>,
    Params(DeletedKey { key }): Params<DeletedKey>,
    Params(Confirmation { confirm }): Params<Confirmation>,
) -> Result<StatusCode, ApiError> {
    let bucket = locate(&app, &caller, Operation::DeleteObject, &scope, &name).await?;
    app.ops().delete_object(&caller.0, &bucket, &key, confirm.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What to delete.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::server) struct DeleteManyRequest {
    /// Objects, and versions of objects.
    #[serde(default)]
    keys: Vec<ObjectTarget>,
    /// Everything whose key begins with one of these goes, too; in a bucket that keeps versions they stay. Look first how many there are:
    /// `GET /api/s3/{name}/count`.
    #[serde(default)]
    #[schema(example = json!(["2026/11/"]))]
    prefixes: Vec<String>,
}

/// What became of each.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::server) struct DeleteManyAnswer {
    /// How many are gone.
    deleted: usize,
    /// How many are not.
    failed: usize,
    /// In the order in which they were named; those below prefixes by key.
    results: Vec<DeleteResult>,
}

/// Delete up to 10,000 objects or versions. Each is deleted for itself, and what fails for one keeps no other from being deleted: look at
/// each result. What is not there counts as deleted.
#[utoipa::path(
    post, path = "/api/s3/{name}/objects/delete", tag = "s3", request_body = DeleteManyRequest,
    params(("name" = String, Path, example = "my-logs"), ScopeParams, Confirmation),
    responses(
        (status = 200, description = "What became of each", body = DeleteManyAnswer),
        (status = 400, description = "None or too many are named, and nothing was deleted", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 404, description = "No such bucket", body = Problem),
        (status = 413, description = "The body is too large", body = Problem),
        (status = 428, description = "The confirmation is missing or wrong", body = Problem),
        (status = 502, description = "AWS denied reading what is below a prefix", body = Problem),
    )
)]
pub(in crate::server) async fn delete_objects(
    State(app): State<App>,
    caller: Authenticated,
    Path(name): Path<String>,
    Params(scope): Params<ScopeParams>,
    Params(Confirmation { confirm }): Params<Confirmation>,
    Body(DeleteManyRequest { keys, prefixes }): Body<DeleteManyRequest>,
) -> Answer<DeleteManyAnswer> {
    let bucket = locate(&app, &caller, Operation::DeleteObjects, &scope, &name).await?;
    let results = app.ops().delete_objects(&caller.0, &bucket, keys, prefixes, confirm.as_deref()).await?;
    let failed = results.iter().filter(|result| result.error.is_some()).count();
    Ok(Json(DeleteManyAnswer { deleted: results.len() - failed, failed, results }))
}

/// Copy an object within its bucket, with its metadata and tags, or rename it. S3 does it by itself, whatever the size; above 5 GiB in parts.
#[utoipa::path(
    post, path = "/api/s3/{name}/copy", tag = "s3", request_body = CopyRequest,
    params(("name" = String, Path, example = "my-logs"), ScopeParams),
    responses(
        (status = 200, description = "The copy", body = Uploaded),
        (status = 400, description = "Bad keys, or both the same", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 404, description = "No such object", body = Problem),
        (status = 409, description = "There is an object of the new key, and `overwrite` is not said", body = Problem),
        (status = 413, description = "The body is too large", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
    )
)]
pub(in crate::server) async fn copy_object(
    State(app): State<App>,
    caller: Authenticated,
    Path(name): Path<String>,
    Params(scope): Params<ScopeParams>,
    Body(request): Body<CopyRequest>,
) -> Answer<Uploaded> {
    let operation = if request.rename { Operation::RenameObject } else { Operation::CopyObject };
    let bucket = locate(&app, &caller, operation, &scope, &name).await?;
    Ok(Json(app.ops().copy_object(&caller.0, &bucket, &request).await?))
}

/// An object to lend out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::server) struct LinkRequest {
    /// Its key.
    #[schema(example = "2026/11/21/app.log")]
    key: String,
    /// Which version of it; the latest when left out.
    #[serde(default, alias = "version_id")]
    version_id: Option<String>,
    /// How long the link lives: from a minute to 7 days; an hour when left out.
    #[serde(default = "an_hour", alias = "expires_in")]
    #[schema(minimum = 60, maximum = 604_800, example = 3600)]
    expires_in: u32,
}

fn an_hour() -> u32 {
    3_600
}

/// Make a link with which anybody can read an object, without any account. It is recorded who made it and until when it lives, not the link.
///
/// AWS takes a link no longer than the credentials that signed it: those of a role end after an hour or less, and the link with them, however
/// long it was to live. `expiresAt` says when that is.
#[utoipa::path(
    post, path = "/api/s3/{name}/presign", tag = "s3", request_body = LinkRequest,
    params(("name" = String, Path, example = "my-logs"), ScopeParams),
    responses(
        (status = 200, description = "The link, and when it ends", body = ObjectLink),
        (status = 400, description = "A lifetime that AWS does not take", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 404, description = "No such object", body = Problem),
        (status = 409, description = "It is archived and must be restored first", body = Problem),
        (status = 413, description = "The body is too large", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
    )
)]
pub(in crate::server) async fn presign(
    State(app): State<App>,
    caller: Authenticated,
    Path(name): Path<String>,
    Params(scope): Params<ScopeParams>,
    Body(LinkRequest { key, version_id, expires_in }): Body<LinkRequest>,
) -> Answer<ObjectLink> {
    let bucket = locate(&app, &caller, Operation::PresignObject, &scope, &name).await?;
    let link = app.ops().presign_object(&caller.0, &bucket, &key, version_id.as_deref(), expires_in).await?;
    Ok(Json(link))
}
