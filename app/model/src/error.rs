//! The one error of the house: a stable code, safe words for a person, and what to do next.

use serde::{Deserialize, Serialize};

use crate::{AccountId, Region};

/// A result that fails with an [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of thing went wrong. The `snake_case` names are public API: programs match on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorCode {
    /// Nobody is logged in, or the name and password are wrong.
    Unauthenticated,
    /// The token was good once. Refresh it.
    TokenExpired,
    /// The token was never good.
    TokenInvalid,
    /// The password is right, and a code of the person's device is needed as well.
    SecondFactorRequired,
    /// The person may not do this.
    Forbidden,
    /// The whole server was switched to change nothing.
    ReadOnly,
    /// There is no such thing.
    NotFound,
    /// The path exists, but not for this method.
    MethodNotAllowed,
    /// The thing is in a state that does not allow this, or exists already.
    Conflict,
    /// The request itself makes no sense.
    InvalidInput,
    /// A destructive action came without the resource's name typed.
    ConfirmationRequired,
    /// The request is larger than the server takes.
    PayloadTooLarge,
    /// Address and headers of the request are larger than the server takes.
    HeadTooLarge,
    /// Too many requests, to nephoscope.
    RateLimited,
    /// AWS refused: the credentials lack a permission.
    AwsDenied,
    /// AWS asked to slow down, and retrying did not help.
    AwsThrottled,
    /// AWS did not take the server's credentials at all.
    AwsCredentials,
    /// AWS could not be reached, or answered with a fault of its own.
    AwsUnavailable,
    /// AWS refused the request for another reason; `awsCode` says which.
    AwsRejected,
    /// A part of nephoscope that is needed does not answer now: usually its store.
    Unavailable,
    /// The request took longer than the server waits.
    Timeout,
    /// A bug. The request id finds it in the log.
    Internal,
}

impl ErrorCode {
    /// The HTTP status that goes with the code.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::InvalidInput | Self::AwsRejected => 400,
            Self::Unauthenticated | Self::TokenExpired | Self::TokenInvalid | Self::SecondFactorRequired => {
                401
            }
            Self::Forbidden | Self::ReadOnly => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::Conflict => 409,
            Self::PayloadTooLarge => 413,
            Self::ConfirmationRequired => 428,
            Self::RateLimited => 429,
            Self::HeadTooLarge => 431,
            Self::Internal => 500,
            Self::AwsDenied | Self::AwsCredentials => 502,
            Self::Unavailable | Self::AwsUnavailable | Self::AwsThrottled => 503,
            Self::Timeout => 504,
        }
    }

    /// A few words that name the kind of error, the same for every occurrence.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Unauthenticated => "Not logged in",
            Self::TokenExpired => "Token expired",
            Self::TokenInvalid => "Token not valid",
            Self::SecondFactorRequired => "A code is needed",
            Self::Forbidden => "Not allowed",
            Self::ReadOnly => "Read-only",
            Self::NotFound => "Not found",
            Self::MethodNotAllowed => "Method not allowed",
            Self::Conflict => "Conflict",
            Self::InvalidInput => "Invalid request",
            Self::ConfirmationRequired => "Confirmation required",
            Self::PayloadTooLarge => "Request too large",
            Self::HeadTooLarge => "Head of the request too large",
            Self::RateLimited => "Too many requests",
            Self::AwsDenied => "AWS denied the call",
            Self::AwsThrottled => "AWS is throttling",
            Self::AwsCredentials => "AWS did not accept the credentials",
            Self::AwsUnavailable => "AWS cannot be reached",
            Self::AwsRejected => "AWS rejected the request",
            Self::Unavailable => "Temporarily unavailable",
            Self::Timeout => "Timed out",
            Self::Internal => "Internal error",
        }
    }
}

/// Where in AWS an error came from, and in AWS's words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct AwsOrigin {
    /// The account that was called.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub account: Option<AccountId>,
    /// The region that was called.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub region: Option<Region>,
    /// The IAM action, such as `ec2:StopInstances`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// AWS's own error code, such as `UnauthorizedOperation`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// AWS's request id, for a support case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// An error that a person may see: what happened, to what, and what to do next. It never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
#[error("{message}")]
pub struct Error {
    /// The stable code.
    pub code: ErrorCode,
    /// What happened, in one or two sentences. A layer before a server function refuses with a problem document, which calls it `detail`;
    /// pages read that, too.
    #[serde(alias = "detail")]
    pub message: String,
    /// What to do next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Set when AWS is where it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aws: Option<Box<AwsOrigin>>,
    /// Names the request in the server's log and in the audit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Seconds after which the same request is not refused for the same reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
}

impl Error {
    /// An error with a code and a message.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None, aws: None, request_id: None, retry_after: None }
    }

    /// Input that makes no sense.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidInput, message)
    }

    /// There is no such thing.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::NotFound, message)
    }

    /// A bug of ours: what exactly goes to the log, not to the person.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(ErrorCode::Internal, "Something went wrong inside nephoscope.")
            .with_hint("Try again. If it stays, give your administrator the request id.")
    }

    /// The same error with what to do next.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same error, named by the request in which it happened; an empty id is none.
    #[must_use]
    pub fn within_request(mut self, id: &str) -> Self {
        self.request_id = (!id.is_empty()).then(|| id.to_owned());
        self
    }

    /// The same error with the seconds after which to try again.
    #[must_use]
    pub fn with_retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// The same error with where in AWS it came from.
    #[must_use]
    pub fn with_aws(mut self, origin: AwsOrigin) -> Self {
        self.aws = Some(Box::new(origin));
        self
    }
}

/// At most `max` characters of a text that came from outside, so that an error cannot be made megabytes long.
#[must_use]
pub fn shorten(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shorten_cuts_between_characters() {
        assert_eq!(shorten("日本語テキスト", 3), "日本語…");
        assert_eq!(shorten("abc", 3), "abc");
    }

    #[test]
    fn a_problem_document_is_read_as_an_error() {
        let problem = r#"{"type":"urn:x","title":"Too many requests","status":429,"code":"rate_limited","detail":"Slow down.","retryAfter":3}"#;
        let error: Error = serde_json::from_str(problem).expect("an error");
        assert_eq!(error, Error::new(ErrorCode::RateLimited, "Slow down.").with_retry_after(3));
    }

    #[test]
    fn codes_are_snake_case_on_the_wire() {
        let json = serde_json::to_value(Error::new(ErrorCode::AwsDenied, "no")).ok();
        assert_eq!(json, Some(serde_json::json!({"code": "aws_denied", "message": "no"})));
    }
}
