//! Errors on the wire: RFC 9457 problem documents.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use nephoscope_model::{Error, ErrorCode, error::AwsOrigin};
use serde::Serialize;

/// An error of the API: `application/problem+json` with a stable `code`.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// A URI for the kind of problem: `urn:nephoscope:error:` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in a few words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// The stable code: match on this.
    pub code: ErrorCode,
    /// What happened, to what.
    pub detail: String,
    /// What to do next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Where in AWS it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aws: Option<AwsOrigin>,
    /// Names the request in the server's log and in the audit; the same as the header `X-Request-Id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Seconds after which to try again; the same as the header `Retry-After`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
}

tokio::task_local! {
    /// The id of the request that is being answered, for errors that are made where nothing else knows it.
    pub(super) static REQUEST_ID: String;
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let code = match serde_json::to_value(error.code) {
            Ok(serde_json::Value::String(code)) => code,
            _ => "internal".to_owned(),
        };
        Self {
            kind: format!("urn:nephoscope:error:{code}"),
            title: error.code.title().to_owned(),
            status: error.code.status(),
            code: error.code,
            detail: error.message,
            hint: error.hint,
            aws: error.aws.map(|origin| *origin),
            request_id: REQUEST_ID
                .try_with(String::clone)
                .ok()
                .or(error.request_id)
                .filter(|id| !id.is_empty()),
            retry_after: error.retry_after,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(&self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"nephoscope\""));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// A handler's error.
#[derive(Debug)]
pub struct ApiError(pub Error);

impl<E: Into<Error>> From<E> for ApiError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        Problem::from(self.0).into_response()
    }
}
