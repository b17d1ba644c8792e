//! Invoking a function: what is sent, and what came of it.

use serde::{Deserialize, Serialize};

use crate::{Error, ErrorCode, Result};

/// The largest payload of an invocation that is waited for, in bytes
/// ([Invoke](https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html)).
pub const MAX_SYNC_PAYLOAD: usize = 6 << 20;
/// The largest payload of one that is not, in bytes (the same page).
pub const MAX_ASYNC_PAYLOAD: usize = 1 << 20;
/// How long the answer of an invocation is waited for, in seconds: less than a request to nephoscope may take.
pub const INVOKE_WAIT_SECS: i32 = 50;

/// Whether an invocation is waited for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum InvokeMode {
    /// The answer is waited for.
    #[default]
    Sync,
    /// Lambda queues it, and tries again up to twice if it fails.
    Async,
}

impl InvokeMode {
    /// The lower-case word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::Async => "async",
        }
    }

    /// The largest payload, in bytes.
    #[must_use]
    pub const fn max_payload(self) -> usize {
        match self {
            Self::Sync => MAX_SYNC_PAYLOAD,
            Self::Async => MAX_ASYNC_PAYLOAD,
        }
    }

    /// Whether Lambda would take this payload.
    ///
    /// # Errors
    /// `payload_too_large`, and `invalid_input` for what is not JSON.
    pub fn check_payload(self, payload: &str) -> Result<()> {
        if payload.len() > self.max_payload() {
            let most = self.max_payload() >> 20;
            let error = Error::new(
                ErrorCode::PayloadTooLarge,
                format!(
                    "The payload has {} bytes; Lambda takes up to {most} MB in a{} invocation.",
                    payload.len(),
                    if self == Self::Sync { " synchronous" } else { "n asynchronous" },
                ),
            );
            return Err(error.with_hint("Put it into S3, and let the function read it from there."));
        }
        check_json(payload)
    }
}

/// Makes sure that a payload is JSON.
pub(super) fn check_json(payload: &str) -> Result<()> {
    serde_json::from_str::<serde::de::IgnoredAny>(payload).map(drop).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Error::invalid(format!("The payload is not valid JSON (line {line}, column {column})."))
    })
}

/// What came of an invocation. A function that failed or took longer than it may is a result like any other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Invocation {
    /// 200 for an answer, 202 for one that was queued.
    pub status: i32,
    /// `Unhandled` or `Handled` when the function failed; the payload says how.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function_error: Option<String>,
    /// The version that ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What it answered, usually JSON; nothing of one that was queued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<String>,
    /// The last 4 KB of its log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_tail: Option<String>,
    /// What Lambda measured, when its log tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<Report>,
    /// AWS's id of the invocation, by which its log lines are found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl Invocation {
    /// Whether the function took longer than it may. Lambda says it only in the words of the answer.
    #[must_use]
    pub fn timed_out(&self) -> bool {
        let says =
            |payload: &str| payload.contains("Task timed out after") || payload.contains("Sandbox.Timedout");
        self.function_error.is_some() && self.payload.as_deref().is_some_and(says)
    }
}

/// What Lambda measured of an invocation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// How long it ran, in milliseconds.
    pub duration_ms: f64,
    /// What of it is paid, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billed_ms: Option<f64>,
    /// The memory it may use, in MB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_mb: Option<i32>,
    /// The most it used, in MB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_used_mb: Option<i32>,
    /// How long it took to start, in milliseconds, when it had to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub init_ms: Option<f64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_is_json_and_no_larger_than_lambda_takes() {
        for good in ["{}", "null", "1", "\"x\"", " [1, 2]\n"] {
            assert!(InvokeMode::Sync.check_payload(good).is_ok(), "{good}");
        }
        for bad in ["", "{", "{} {}", "undefined", "{'a': 1}"] {
            let error = InvokeMode::Sync.check_payload(bad).expect_err(bad);
            assert_eq!(error.code, ErrorCode::InvalidInput);
        }
        let fits = format!("\"{}\"", "x".repeat(MAX_ASYNC_PAYLOAD - 2));
        assert!(InvokeMode::Async.check_payload(&fits).is_ok());
        let large = format!("\"{}\"", "x".repeat(MAX_ASYNC_PAYLOAD - 1));
        let error = InvokeMode::Async.check_payload(&large).expect_err("too large");
        assert_eq!(error.code, ErrorCode::PayloadTooLarge);
        assert!(InvokeMode::Sync.check_payload(&large).is_ok());
    }
}
