//! Putting a file into a bucket.

use axum::{
    Json,
    body::Body as HttpBody,
    extract::State,
    http::{HeaderMap, header},
};
use futures::TryStreamExt;
use nephoscope_model::{Error, ErrorCode, Operation, s3::Uploaded};
use nephoscope_ops::NewObject;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Answer, locate};
use crate::server::{
    access::Authenticated,
    problem::Problem,
    rest::{Params, ScopeParams},
    state::App,
};

/// Where the file goes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::server) struct UploadParams {
    /// The bucket.
    #[param(example = "my-logs")]
    bucket: String,
    /// The key of the object.
    #[param(example = "2026/11/21/app.log")]
    key: String,
    /// Whether what has this key already may be lost.
    #[serde(default)]
    overwrite: bool,
}

/// Upload a file: the body is its content, of any size, and `Content-Type` what it is. It is written as it comes; one that breaks off
/// leaves nothing behind.
#[utoipa::path(
    post, path = "/api/s3/upload", tag = "s3", params(UploadParams, ScopeParams),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 200, description = "What was written", body = Uploaded),
        (status = 400, description = "Bad parameters", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 404, description = "No such bucket", body = Problem),
        (status = 409, description = "There is an object of this key, and `overwrite` is not said", body = Problem),
        (status = 413, description = "It is larger than S3 takes", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
        (status = 504, description = "Nothing more came for a minute", body = Problem),
    )
)]
pub(in crate::server) async fn upload(
    State(app): State<App>,
    caller: Authenticated,
    headers: HeaderMap,
    Params(scope): Params<ScopeParams>,
    Params(UploadParams { bucket, key, overwrite }): Params<UploadParams>,
    body: HttpBody,
) -> Answer<Uploaded> {
    let bucket = locate(&app, &caller, Operation::UploadObject, &scope, &bucket).await?;
    let content_type =
        headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).map(str::to_owned);
    let content = body.into_data_stream().map_err(|_| {
        Error::new(ErrorCode::InvalidInput, "The file broke off before its end, so that nothing was written.")
            .with_hint("Upload it again.")
    });
    let new = NewObject { bucket, key, content_type, overwrite };
    Ok(Json(app.ops().upload_object(&caller.0, new, content).await?))
}
