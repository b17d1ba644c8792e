//! S3: buckets and their objects.

use axum::{
    Json,
    body::Body as HttpBody,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures::TryStreamExt;
use nephoscope_aws::ByteRange;
use nephoscope_model::{
    Error, ErrorCode, Listing, Operation, Timestamp,
    s3::{Bucket, BucketDetails, BucketName, NewBucket, ObjectPage, Uploaded, file_name},
};
use nephoscope_ops::{NewObject, PAGE_OBJECTS};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{Body, Params, ScopeParams, ec2::Freshness};
use crate::server::{
    access::Authenticated,
    problem::{ApiError, Problem},
    state::App,
};

type Answer<T> = Result<Json<T>, ApiError>;

/// What RFC 8187 lets stand as it is in a parameter of a header.
const IN_HEADER: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

async fn locate(
    app: &App,
    caller: &Authenticated,
    operation: Operation,
    scope: &ScopeParams,
    name: &str,
) -> Result<Bucket, Error> {
    let name: BucketName = name.parse()?;
    app.ops().locate_bucket(&caller.0, operation, &scope.scope()?, &name).await
}

/// All buckets of the accounts and regions.
#[utoipa::path(
    get, path = "/api/s3/buckets", tag = "s3", params(ScopeParams, Freshness),
    responses(
        (status = 200, description = "The buckets, and the fate of each account and region asked", body = Listing<Bucket>),
        (status = 400, description = "Bad parameters", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 404, description = "No such account or region here", body = Problem),
    )
)]
pub(in crate::server) async fn buckets(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Params(scope): Params<ScopeParams>,
    Params(fresh): Params<Freshness>,
) -> Answer<Listing<Bucket>> {
    Ok(Json(app.ops().list_buckets(&caller, &scope.scope()?, fresh.fresh).await?))
}

/// How a bucket is configured, and whether strangers can get at it.
#[utoipa::path(
    get, path = "/api/s3/{name}", tag = "s3", params(("name" = String, Path, example = "my-logs"), ScopeParams),
    responses(
        (status = 200, description = "Its configuration; parts that AWS did not tell are named", body = BucketDetails),
        (status = 400, description = "Not the name of a bucket", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 404, description = "No such bucket", body = Problem),
    )
)]
pub(in crate::server) async fn bucket(
    State(app): State<App>,
    caller: Authenticated,
    Path(name): Path<String>,
    Params(scope): Params<ScopeParams>,
) -> Answer<BucketDetails> {
    let bucket = locate(&app, &caller, Operation::GetBucket, &scope, &name).await?;
    Ok(Json(app.ops().get_bucket(&caller.0, &bucket).await?))
}

/// A bucket to make, and where.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::server) struct CreateRequest {
    /// The account; may be left out when there is one only.
    #[schema(example = "111111111111")]
    account: Option<String>,
    /// The region; may be left out when there is one only.
    #[schema(example = "eu-west-1")]
    region: Option<String>,
    #[serde(flatten)]
    bucket: NewBucket,
}

/// Make a bucket. Nobody but the account gets at it unless `blockPublicAccess` is false.
#[utoipa::path(
    post, path = "/api/s3/create", tag = "s3", request_body = CreateRequest,
    responses(
        (status = 200, description = "The bucket", body = Bucket),
        (status = 400, description = "A name that AWS does not take, or not clear where", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 404, description = "No such account or region here", body = Problem),
        (status = 409, description = "The name is taken", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
    )
)]
pub(in crate::server) async fn create(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Body(request): Body<CreateRequest>,
) -> Answer<Bucket> {
    app.ops().check_may(&caller, Operation::CreateBucket, request.bucket.name.as_str()).await?;
    let scope = ScopeParams { account: request.account, region: request.region };
    let place = app.ops().resolve_place(&scope.scope()?)?;
    Ok(Json(app.ops().create_bucket(&caller, &place, &request.bucket).await?))
}

/// The confirmation of a deletion.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(in crate::server) struct Confirmation {
    /// Of a bucket its name; of an object the last part of its key.
    confirm: Option<String>,
}

/// Delete a bucket, which must be empty.
#[utoipa::path(
    delete, path = "/api/s3/{name}", tag = "s3",
    params(("name" = String, Path, example = "my-logs"), ScopeParams, Confirmation),
    responses(
        (status = 204, description = "It is gone"),
        (status = 400, description = "Not the name of a bucket", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 404, description = "No such bucket", body = Problem),
        (status = 409, description = "It is not empty", body = Problem),
        (status = 428, description = "The confirmation is missing or wrong", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
    )
)]
pub(in crate::server) async fn delete(
    State(app): State<App>,
    caller: Authenticated,
    Path(name): Path<String>,
    Params(scope): Params<ScopeParams>,
    Params(Confirmation { confirm }): Params<Confirmation>,
) -> Result<StatusCode, ApiError> {
    let bucket = locate(&app, &caller, Operation::DeleteBucket, &scope, &name).await?;
    app.ops().delete_bucket(&caller.0, &bucket, confirm.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which objects.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(in crate::server) struct ObjectsParams {
    /// What the keys begin with; folders end with `/`.
    prefix: String,
    /// `next` of the page before.
    after: Option<String>,
    /// How many folders and objects, 1 to 1,000; 200 when left out.
    limit: Option<u16>,
    /// Ask AWS now instead of taking what was known a moment ago.
    fresh: bool,
}

/// A page of the folders and objects one level below a prefix.
#[utoipa::path(
    get, path = "/api/s3/{name}/objects", tag = "s3",
    params(("name" = String, Path, example = "my-logs"), ScopeParams, ObjectsParams),
    responses(
        (status = 200, description = "The page", body = ObjectPage),
        (status = 400, description = "Bad parameters", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 404, description = "No such bucket", body = Problem),
    )
)]
pub(in crate::server) async fn objects(
    State(app): State<App>,
    caller: Authenticated,
    Path(name): Path<String>,
    Params(scope): Params<ScopeParams>,
    Params(params): Params<ObjectsParams>,
) -> Answer<ObjectPage> {
    let limit = params.limit.unwrap_or(PAGE_OBJECTS);
    if !(1..=1_000).contains(&limit) {
        return Err(Error::invalid("A page has 1 to 1,000 objects.").into());
    }
    let bucket = locate(&app, &caller, Operation::ListObjects, &scope, &name).await?;
    let page = app.ops().list_objects(
        &caller.0,
        &bucket,
        &params.prefix,
        params.after.as_deref(),
        limit,
        params.fresh,
    );
    Ok(Json(page.await?))
}

/// Which object.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::server) struct KeyParams {
    /// The key of the object.
    #[param(example = "2026/11/21/app.log")]
    key: String,
}

/// The content of an object, or with a header `Range` (one range of bytes) a part of it. It comes as a file to save, whatever it says it is.
#[utoipa::path(
    get, path = "/api/s3/{name}/object", tag = "s3",
    params(("name" = String, Path, example = "my-logs"), ScopeParams, KeyParams),
    responses(
        (status = 200, description = "The content", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 206, description = "The part that was asked for", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 400, description = "Bad parameters", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 404, description = "No such object", body = Problem),
        (status = 416, description = "The object has no such part"),
        (status = 502, description = "AWS denied it", body = Problem),
    )
)]
pub(in crate::server) async fn object(
    State(app): State<App>,
    caller: Authenticated,
    Path(name): Path<String>,
    headers: HeaderMap,
    Params(scope): Params<ScopeParams>,
    Params(KeyParams { key }): Params<KeyParams>,
) -> Result<Response, ApiError> {
    let bucket = locate(&app, &caller, Operation::ReadObject, &scope, &name).await?;
    let range = headers.get(header::RANGE).and_then(|range| read_range(range.to_str().ok()?));
    let object = match app.ops().read_object(&caller.0, &bucket, &key, range.as_ref()).await {
        Err(error) if error.aws.as_ref().is_some_and(|aws| aws.code.as_deref() == Some("InvalidRange")) => {
            return Ok(StatusCode::RANGE_NOT_SATISFIABLE.into_response());
        }
        other => other?,
    };
    let mut response = Response::new(HttpBody::from_stream(object.bytes));
    if object.content_range.is_some() {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    let disposition =
        format!("attachment; filename*=UTF-8''{}", utf8_percent_encode(file_name(&key), IN_HEADER));
    // What is in the bucket may be a page that wants to run here: it is bytes, to be saved.
    let known = [
        (header::CONTENT_TYPE, Some("application/octet-stream".to_owned())),
        (header::CONTENT_DISPOSITION, Some(disposition)),
        (header::ACCEPT_RANGES, Some("bytes".to_owned())),
        (header::CONTENT_LENGTH, object.length.map(|length| length.to_string())),
        (header::CONTENT_RANGE, object.content_range),
        (header::ETAG, object.etag.map(|etag| format!("\"{etag}\""))),
        (header::LAST_MODIFIED, object.modified_at.and_then(http_date)),
    ];
    for (name, value) in known {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}

/// `Sat, 21 Nov 2026 14:00:00 GMT`.
fn http_date(at: Timestamp) -> Option<String> {
    let at = time::OffsetDateTime::from_unix_timestamp(at.as_secs()).ok()?;
    let format = time::macros::format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    at.format(&format).ok()
}

/// One range of bytes; anything else is not understood, and the whole is answered, as HTTP has it.
fn read_range(text: &str) -> Option<ByteRange> {
    let (start, end) = text.strip_prefix("bytes=")?.split_once('-')?;
    match (start, end) {
        ("", last) => Some(ByteRange::Last(last.parse().ok()?)),
        (start, "") => Some(ByteRange::From(start.parse().ok()?)),
        (start, end) => {
            let range = start.parse().ok()?..=end.parse().ok()?;
            (!range.is_empty()).then_some(ByteRange::Between(range))
        }
    }
}

/// Delete an object. In a bucket that keeps versions they stay, below a mark that hides them.
#[utoipa::path(
    delete, path = "/api/s3/{name}/object", tag = "s3",
    params(("name" = String, Path, example = "my-logs"), ScopeParams, KeyParams, Confirmation),
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
    Params(KeyParams { key }): Params<KeyParams>,
    Params(Confirmation { confirm }): Params<Confirmation>,
) -> Result<StatusCode, ApiError> {
    let bucket = locate(&app, &caller, Operation::DeleteObject, &scope, &name).await?;
    app.ops().delete_object(&caller.0, &bucket, &key, confirm.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_understood_and_nothing_else() {
        assert_eq!(read_range("bytes=0-9"), Some(ByteRange::Between(0..=9)));
        assert_eq!(read_range("bytes=5-"), Some(ByteRange::From(5)));
        assert_eq!(read_range("bytes=-7"), Some(ByteRange::Last(7)));
        for other in ["bytes=9-0", "bytes=0-1,3-4", "bytes=-", "items=0-1", "bytes=a-b", ""] {
            assert_eq!(read_range(other), None, "{other}");
        }
    }

    #[test]
    fn dates_are_written_as_http_has_them() {
        let at = Timestamp::from_millis(784_111_777_000);
        assert_eq!(http_date(at).as_deref(), Some("Sun, 06 Nov 1994 08:49:37 GMT"));
    }
}
