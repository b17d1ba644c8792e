//! The content of an object: to save it, and to look at it.

use axum::{
    body::Body as HttpBody,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures::StreamExt;
use nephoscope_aws::{ByteRange, ObjectStream};
use nephoscope_model::{Operation, Timestamp, s3::file_name};
use nephoscope_ops::PreviewStream;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use utoipa::IntoParams;

use super::locate;
use crate::server::{
    access::Authenticated,
    problem::{ApiError, Problem},
    rest::{Params, ScopeParams},
    state::App,
};

/// What RFC 8187 lets stand as it is in a parameter of a header.
const IN_HEADER: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Which object.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(in crate::server) struct KeyParams {
    /// The key of the object.
    #[param(example = "2026/11/21/app.log")]
    pub(super) key: String,
    /// Which version of it; the latest when left out.
    #[serde(default, alias = "version_id")]
    pub(super) version_id: Option<String>,
}

/// The content of an object, or with a header `Range` (one range of bytes) a part of it, unless a header `If-Range` names another state of it. It comes as a file to save, whatever it says it is.
#[utoipa::path(
    get, path = "/api/s3/{name}/object", tag = "s3",
    params(("name" = String, Path, example = "my-logs"), ScopeParams, KeyParams),
    responses(
        (status = 200, description = "The content", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 206, description = "The part that was asked for", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 400, description = "Bad parameters", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 404, description = "No such object", body = Problem),
        (status = 409, description = "It is archived and must be restored first", body = Problem),
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
    Params(KeyParams { key, version_id }): Params<KeyParams>,
) -> Result<Response, ApiError> {
    let bucket = locate(&app, &caller, Operation::ReadObject, &scope, &name).await?;
    let (range, known) = (range_of(&headers), headers.get(header::IF_RANGE));
    let read = async |range: Option<&ByteRange>| {
        app.ops().read_object(&caller.0, &bucket, &key, version_id.as_deref(), range).await
    };
    let object = match read(range.as_ref()).await {
        Err(error) if error.aws.as_ref().is_some_and(|aws| aws.code.as_deref() == Some("InvalidRange")) => {
            let whole = if known.is_some() { Some(read(None).await?) } else { None };
            match whole {
                Some(whole) if !is_same(&whole, known) => whole,
                _ => return Ok(StatusCode::RANGE_NOT_SATISFIABLE.into_response()),
            }
        }
        // Whoever goes on with what they have of another object would put two together.
        Ok(part) if range.is_some() && !is_same(&part, known) => read(None).await?,
        other => other?,
    };
    // What is in the bucket may be a page that wants to run here: it is bytes, to be saved.
    Ok(respond(object, &key, "attachment", "application/octet-stream"))
}

/// What is shown must neither run nor reach anything, whoever opens its address.
const SHOWN_POLICY: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";

/// The content of an object to look at: the first MiB of a text, HTML and SVG included, always as plain text; or an image (PNG, JPEG, GIF,
/// WebP, AVIF) of up to 10 MiB. What it is, its first bytes decide, whatever it says it is. It comes sandboxed, and nothing in it runs. With a
/// header `Range`, a part of that.
#[utoipa::path(
    get, path = "/api/s3/{name}/preview", tag = "s3",
    params(("name" = String, Path, example = "my-logs"), ScopeParams, KeyParams),
    responses(
        (status = 200, description = "The content; an image has its own type", content_type = "text/plain", body = String),
        (status = 206, description = "The part that was asked for", content_type = "text/plain", body = String),
        (status = 400, description = "Neither text nor an image, or bad parameters", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 404, description = "No such object", body = Problem),
        (status = 409, description = "It is archived and must be restored first", body = Problem),
        (status = 413, description = "The image is larger than what is shown", body = Problem),
        (status = 416, description = "There is no such part of what is shown"),
        (status = 502, description = "AWS denied it", body = Problem),
    )
)]
pub(in crate::server) async fn preview(
    State(app): State<App>,
    caller: Authenticated,
    Path(name): Path<String>,
    headers: HeaderMap,
    Params(scope): Params<ScopeParams>,
    Params(KeyParams { key, version_id }): Params<KeyParams>,
) -> Result<Response, ApiError> {
    let bucket = locate(&app, &caller, Operation::ReadObject, &scope, &name).await?;
    let range = range_of(&headers);
    let shown =
        app.ops().read_preview(&caller.0, &bucket, &key, version_id.as_deref(), range.as_ref()).await?;
    let Some(PreviewStream { kind, mut object }) = shown else {
        return Ok(StatusCode::RANGE_NOT_SATISFIABLE.into_response());
    };
    if range.is_none() {
        // The first part of a long text is all that there is here.
        object.content_range = None;
    }
    let mut response = respond(object, &key, "inline", kind.media_type());
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(SHOWN_POLICY));
    Ok(response)
}

/// Whether an object is the one that `If-Range` names, by its strong tag or by its time; so it is where nothing is named.
fn is_same(object: &ObjectStream, known: Option<&HeaderValue>) -> bool {
    let Some(known) = known else { return true };
    let named = [object.etag.as_deref().map(quoted), object.modified_at.and_then(http_date)];
    named.iter().flatten().any(|named| known.as_bytes() == named.as_bytes())
}

/// A strong tag as it stands in headers.
fn quoted(etag: &str) -> String {
    format!("\"{etag}\"")
}

/// The content as it comes, as a file of the key's name.
fn respond(object: ObjectStream, key: &str, disposition: &str, media_type: &str) -> Response {
    // Whoever compresses it asks once more after the end.
    let mut response = Response::new(HttpBody::from_stream(object.bytes.fuse()));
    if object.content_range.is_some() {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    let disposition =
        format!("{disposition}; filename*=UTF-8''{}", utf8_percent_encode(file_name(key), IN_HEADER));
    let known = [
        (header::CONTENT_TYPE, Some(media_type.to_owned())),
        (header::CONTENT_DISPOSITION, Some(disposition)),
        (header::ACCEPT_RANGES, Some("bytes".to_owned())),
        (header::CONTENT_LENGTH, object.length.map(|length| length.to_string())),
        (header::CONTENT_RANGE, object.content_range),
        (header::ETAG, object.etag.as_deref().map(quoted)),
        (header::LAST_MODIFIED, object.modified_at.and_then(http_date)),
    ];
    for (name, value) in known {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// `Sat, 21 Nov 2026 14:00:00 GMT`.
fn http_date(at: Timestamp) -> Option<String> {
    let at = time::OffsetDateTime::from_unix_timestamp(at.as_secs()).ok()?;
    let format = time::macros::format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    at.format(&format).ok()
}

fn range_of(headers: &HeaderMap) -> Option<ByteRange> {
    read_range(headers.get(header::RANGE)?.to_str().ok()?)
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
