//! Putting a file into a bucket.

use axum::{
    Json,
    body::Body as HttpBody,
    extract::State,
    http::{HeaderMap, header},
};
use bytes::Bytes;
use futures::{Stream, TryStreamExt};
use nephoscope_model::{
    Error, ErrorCode, Operation,
    s3::{CHECKSUM_HEADER, Uploaded},
};
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
/// leaves nothing behind. To be able to go on after that, begin an upload in parts (`POST /api/s3/{name}/uploads`).
#[utoipa::path(
    post, path = "/api/s3/upload", tag = "s3", params(UploadParams, ScopeParams, ChecksumParam),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 200, description = "What was written", body = Uploaded),
        (status = 400, description = "Bad parameters, or the content is not what the checksum is of", body = Problem),
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
    let checksum = checksum_of(&headers);
    let new = NewObject { bucket, key, content_type, overwrite, checksum };
    Ok(Json(app.ops().upload_object(&caller.0, new, content_of(body)).await?))
}

/// The checksum of a body.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it is there for the document; the header is read by hand")]
pub(in crate::server) struct ChecksumParam {
    /// The CRC-32 of the body, its four bytes in Base64: what has another one is not written.
    #[param(rename = "x-checksum-crc32", example = "y/Q5Jg==")]
    checksum: Option<String>,
}

pub(super) fn checksum_of(headers: &HeaderMap) -> Option<String> {
    // What is no text is no checksum, which is said where it is looked at.
    headers.get(CHECKSUM_HEADER).map(|value| value.to_str().unwrap_or("?").to_owned())
}

pub(super) fn content_of(body: HttpBody) -> impl Stream<Item = Result<Bytes, Error>> + Send + 'static {
    body.into_data_stream().map_err(|_| {
        Error::new(ErrorCode::InvalidInput, "The file broke off before its end, so that nothing was written.")
            .with_hint("Upload it again.")
    })
}
