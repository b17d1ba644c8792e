//! Changing how a bucket is configured.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use nephoscope_model::{Operation, ec2::Tag};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Answer, locate};
use crate::server::{
    access::Authenticated,
    problem::{ApiError, Problem},
    rest::{Body, Params, ScopeParams},
    state::App,
};

/// All the tags of a bucket.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(in crate::server) struct BucketTags {
    /// At most 50, not counting those whose keys begin with `aws:`; keys of 1 to 128 characters, each once, and values of up to 256.
    tags: Vec<Tag>,
}

/// Give a bucket exactly these tags: what is missing is removed, all but what AWS made itself (`aws:…`).
#[utoipa::path(
    put, path = "/api/s3/{name}/tags", tag = "s3", request_body = BucketTags,
    params(("name" = String, Path, example = "my-logs"), ScopeParams),
    responses(
        (status = 200, description = "The tags that it has now, sorted by key", body = BucketTags),
        (status = 400, description = "Tags that AWS would not take", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 404, description = "No such bucket", body = Problem),
        (status = 409, description = "Another change of the bucket is under way", body = Problem),
        (status = 413, description = "The body is too large", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
    )
)]
pub(in crate::server) async fn set_bucket_tags(
    State(app): State<App>,
    caller: Authenticated,
    Path(name): Path<String>,
    Params(scope): Params<ScopeParams>,
    Body(BucketTags { tags }): Body<BucketTags>,
) -> Answer<BucketTags> {
    let bucket = locate(&app, &caller, Operation::SetBucketTags, &scope, &name).await?;
    let tags = app.ops().set_bucket_tags(&caller.0, &bucket, tags, None).await?;
    Ok(Json(BucketTags { tags }))
}

/// Whether a bucket keeps versions.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::server) struct Versioning {
    /// Whether objects that are overwritten or deleted keep their earlier versions from now on.
    enabled: bool,
}

/// Let a bucket keep the versions of its objects, or suspend that. Versions that are there stay.
#[utoipa::path(
    put, path = "/api/s3/{name}/versioning", tag = "s3", request_body = Versioning,
    params(("name" = String, Path, example = "my-logs"), ScopeParams),
    responses(
        (status = 204, description = "It is so"),
        (status = 400, description = "Bad parameters", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 404, description = "No such bucket", body = Problem),
        (status = 409, description = "Another change of the bucket is under way", body = Problem),
        (status = 413, description = "The body is too large", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
    )
)]
pub(in crate::server) async fn set_versioning(
    State(app): State<App>,
    caller: Authenticated,
    Path(name): Path<String>,
    Params(scope): Params<ScopeParams>,
    Body(Versioning { enabled }): Body<Versioning>,
) -> Result<StatusCode, ApiError> {
    let bucket = locate(&app, &caller, Operation::SetVersioning, &scope, &name).await?;
    app.ops().set_versioning(&caller.0, &bucket, enabled).await?;
    Ok(StatusCode::NO_CONTENT)
}
