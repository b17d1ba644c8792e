//! What is known of an object, and its versions.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use nephoscope_model::{
    Operation,
    s3::{ObjectDetails, ObjectVersion, VersionPage},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Answer, locate,
    objects::{ObjectsParams, page_limit},
    read::KeyParams,
};
use crate::server::{
    access::Authenticated,
    problem::{ApiError, Problem},
    rest::{Body, Params, ScopeParams},
    state::App,
};

/// An object, and the versions that there are of it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::server) struct ObjectAnswer {
    /// What is known of it.
    object: ObjectDetails,
    /// Its versions and the marks of deletions, the newest first.
    versions: Vec<ObjectVersion>,
    /// Whether it has older ones, which `GET /api/s3/{name}/versions` tells.
    more_versions: bool,
}

/// All that is known of an object or of one of its versions (metadata, tags, checksum, encryption), and its versions.
#[utoipa::path(
    get, path = "/api/s3/{name}/object/details", tag = "s3",
    params(("name" = String, Path, example = "my-logs"), ScopeParams, KeyParams),
    responses(
        (status = 200, description = "The object", body = ObjectAnswer),
        (status = 400, description = "Bad parameters", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 404, description = "No such object", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
    )
)]
pub(in crate::server) async fn object_details(
    State(app): State<App>,
    caller: Authenticated,
    Path(name): Path<String>,
    Params(scope): Params<ScopeParams>,
    Params(KeyParams { key, version_id }): Params<KeyParams>,
) -> Answer<ObjectAnswer> {
    let bucket = locate(&app, &caller, Operation::GetObject, &scope, &name).await?;
    let object = app.ops().get_object(&caller.0, &bucket, &key, version_id.as_deref()).await?;
    let known = app.ops().list_object_versions(&caller.0, &bucket, &key).await?;
    Ok(Json(ObjectAnswer { object, versions: known.versions, more_versions: known.more }))
}

/// A page of the folders and versions of objects one level below a prefix, marks of deletions included.
#[utoipa::path(
    get, path = "/api/s3/{name}/versions", tag = "s3",
    params(("name" = String, Path, example = "my-logs"), ScopeParams, ObjectsParams),
    responses(
        (status = 200, description = "The page", body = VersionPage),
        (status = 400, description = "Bad parameters", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 404, description = "No such bucket", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
    )
)]
pub(in crate::server) async fn versions(
    State(app): State<App>,
    caller: Authenticated,
    Path(name): Path<String>,
    Params(scope): Params<ScopeParams>,
    Params(params): Params<ObjectsParams>,
) -> Answer<VersionPage> {
    let limit = page_limit(params.limit)?;
    let bucket = locate(&app, &caller, Operation::ListObjectVersions, &scope, &name).await?;
    let page =
        app.ops().list_versions_below(&caller.0, &bucket, &params.prefix, params.after.as_deref(), limit);
    Ok(Json(page.await?))
}

/// A version to bring back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::server) struct RestoreRequest {
    /// The key of the object.
    #[schema(example = "2026/11/21/app.log")]
    key: String,
    /// The version, or the mark of a deletion.
    #[serde(alias = "version_id")]
    version_id: String,
}

/// Make an earlier version the present one, by a copy; or take the mark of a deletion away, so that the object is there again.
#[utoipa::path(
    post, path = "/api/s3/{name}/restore", tag = "s3", request_body = RestoreRequest,
    params(("name" = String, Path, example = "my-logs"), ScopeParams),
    responses(
        (status = 204, description = "It is the present one"),
        (status = 400, description = "Bad parameters", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 404, description = "No such version", body = Problem),
        (status = 409, description = "It is the present one already", body = Problem),
        (status = 413, description = "The body is too large", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
    )
)]
pub(in crate::server) async fn restore(
    State(app): State<App>,
    caller: Authenticated,
    Path(name): Path<String>,
    Params(scope): Params<ScopeParams>,
    Body(RestoreRequest { key, version_id }): Body<RestoreRequest>,
) -> Result<StatusCode, ApiError> {
    let bucket = locate(&app, &caller, Operation::RestoreVersion, &scope, &name).await?;
    app.ops().restore_version(&caller.0, &bucket, &key, &version_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
