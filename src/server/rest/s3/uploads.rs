//! Uploading a file in parts, so that it goes on where it was when the connection was lost.

use axum::{
    Json,
    body::Body as HttpBody,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use nephoscope_model::{
    Error, Operation,
    s3::{UploadRequest, UploadState, Uploaded, UploadedPart},
};
use nephoscope_ops::NewPart;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    Answer, locate,
    upload::{ChecksumParam, checksum_of, content_of},
};
use crate::server::{
    access::Authenticated,
    problem::{ApiError, Problem},
    rest::{Body, Params, ScopeParams},
    state::App,
};

/// Begin to upload a file in parts. The answer says how it is to be cut: into `parts` parts of `partSize` bytes, the last of which has the
/// rest. An upload for which nobody does anything for an hour is given up.
#[utoipa::path(
    post, path = "/api/s3/{name}/uploads", tag = "s3", request_body = UploadRequest,
    params(("name" = String, Path, example = "my-logs"), ScopeParams),
    responses(
        (status = 200, description = "The upload, and how the file is to be cut", body = UploadState),
        (status = 400, description = "Bad parameters", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 404, description = "No such bucket", body = Problem),
        (status = 409, description = "There is an object of this key, and `overwrite` is not said", body = Problem),
        (status = 413, description = "It is larger than can be written from here", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
    )
)]
pub(in crate::server) async fn begin(
    State(app): State<App>,
    caller: Authenticated,
    Path(name): Path<String>,
    Params(scope): Params<ScopeParams>,
    Body(request): Body<UploadRequest>,
) -> Answer<UploadState> {
    let bucket = locate(&app, &caller, Operation::BeginUpload, &scope, &name).await?;
    Ok(Json(app.ops().begin_upload(&caller.0, &bucket, request).await?))
}

/// Upload a part: the body is its content, as long as it should be. Parts may come in any order and several at once; one that comes again
/// takes the place of the one before.
#[utoipa::path(
    put, path = "/api/s3/{name}/uploads/{id}/parts/{number}", tag = "s3",
    params(
        ("name" = String, Path, example = "my-logs"), ("id" = String, Path),
        ("number" = u32, Path, description = "Which part; the first is number 1", minimum = 1, maximum = 10000),
        ScopeParams, ChecksumParam,
    ),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 200, description = "S3 has it", body = UploadedPart),
        (status = 400, description = "Not such a part, not as long, or not what the checksum is of", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 404, description = "No such bucket, or the upload is not under way any more", body = Problem),
        (status = 409, description = "The upload was given up meanwhile", body = Problem),
        (status = 413, description = "It is larger than a part may be", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
        (status = 504, description = "Nothing more came for a minute", body = Problem),
    )
)]
pub(in crate::server) async fn part(
    State(app): State<App>,
    caller: Authenticated,
    Path((name, upload, number)): Path<(String, String, String)>,
    Params(scope): Params<ScopeParams>,
    headers: HeaderMap,
    body: HttpBody,
) -> Answer<UploadedPart> {
    let bucket = locate(&app, &caller, Operation::UploadPart, &scope, &name).await?;
    let number = number.parse().map_err(|_| Error::invalid("The number of the part is not a number."))?;
    let new = NewPart { upload, number, checksum: checksum_of(&headers) };
    Ok(Json(app.ops().upload_part(&caller.0, &bucket, new, content_of(body)).await?))
}

/// Which parts of an upload S3 has: send the others, then complete it.
#[utoipa::path(
    get, path = "/api/s3/{name}/uploads/{id}", tag = "s3",
    params(("name" = String, Path, example = "my-logs"), ("id" = String, Path), ScopeParams),
    responses(
        (status = 200, description = "The upload, and the parts that are there", body = UploadState),
        (status = 400, description = "Not the id of an upload", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 404, description = "No such bucket, or the upload is not under way any more", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
    )
)]
pub(in crate::server) async fn parts(
    State(app): State<App>,
    caller: Authenticated,
    Path((name, id)): Path<(String, String)>,
    Params(scope): Params<ScopeParams>,
) -> Answer<UploadState> {
    let bucket = locate(&app, &caller, Operation::ListParts, &scope, &name).await?;
    Ok(Json(app.ops().list_parts(&caller.0, &bucket, &id).await?))
}

/// What is decided at the end.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(in crate::server) struct CompleteParams {
    /// Whether what has this key already may be lost, if it was not said at the begin.
    overwrite: bool,
}

/// Make an object of the parts, which must all be there.
#[utoipa::path(
    post, path = "/api/s3/{name}/uploads/{id}/complete", tag = "s3",
    params(("name" = String, Path, example = "my-logs"), ("id" = String, Path), ScopeParams, CompleteParams),
    responses(
        (status = 200, description = "What was written", body = Uploaded),
        (status = 400, description = "Not the id of an upload, or parts are missing, which are named", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 404, description = "No such bucket, or the upload is not under way any more", body = Problem),
        (status = 409, description = "There is an object of this key; the upload stays", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
    )
)]
pub(in crate::server) async fn complete(
    State(app): State<App>,
    caller: Authenticated,
    Path((name, id)): Path<(String, String)>,
    Params(scope): Params<ScopeParams>,
    Params(CompleteParams { overwrite }): Params<CompleteParams>,
) -> Answer<Uploaded> {
    let bucket = locate(&app, &caller, Operation::CompleteUpload, &scope, &name).await?;
    Ok(Json(app.ops().complete_upload(&caller.0, &bucket, &id, overwrite).await?))
}

/// Give an upload up, with all that was sent of it.
#[utoipa::path(
    delete, path = "/api/s3/{name}/uploads/{id}", tag = "s3",
    params(("name" = String, Path, example = "my-logs"), ("id" = String, Path), ScopeParams),
    responses(
        (status = 204, description = "It is gone"),
        (status = 400, description = "Not the id of an upload", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 404, description = "No such bucket, or the upload is not under way any more", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
    )
)]
pub(in crate::server) async fn abort(
    State(app): State<App>,
    caller: Authenticated,
    Path((name, id)): Path<(String, String)>,
    Params(scope): Params<ScopeParams>,
) -> Result<StatusCode, ApiError> {
    let bucket = locate(&app, &caller, Operation::AbortUpload, &scope, &name).await?;
    app.ops().abort_upload(&caller.0, &bucket, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
