//! Lambda functions: what they are, what is told when one was invoked or deployed.

use serde::{Deserialize, Serialize};

use crate::{AccountId, Error, ErrorCode, Place, Region, Result, Timestamp, validated_string};

mod deploy;
mod invocation_log;
mod measures;
mod test_event;
mod versions;

pub use deploy::{Code, DeployMode, DeployRequest, Deployed, S3Code};
pub use invocation_log::{InvocationLog, RequestId};
pub use measures::{AccountConcurrency, FunctionMeasures, check_reserved};
pub use test_event::{MAX_TEST_EVENT, MOST_TEST_EVENTS, TestEvent, TestEventName};
pub use versions::{
    Alias, AliasChange, AliasName, AliasWeight, AliasWish, Published, RolledBack, Version, VersionId,
    version_before,
};

/// A function's name: 1 to 64 letters, digits, `-`, `_` and, in old ones, dots.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FunctionName(String);
validated_string!(FunctionName, "a function name (1 to 64 of letters, digits, - and _)", |text| {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        && text.bytes().any(|byte| byte != b'.')
});

/// One of the functions of which something is to become, and where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionTarget {
    /// Where it is.
    pub place: Place,
    /// What it is called there.
    pub name: FunctionName,
}

/// A version of a function or an alias of one: `$LATEST`, a number, or a name of up to 128 letters, digits, `-` and `_`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Qualifier(String);
validated_string!(Qualifier, "a version or an alias, such as $LATEST, 7 or live", |text| {
    text == "$LATEST"
        || (1..=128).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
});

/// A Lambda function, as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Function {
    /// Its name, unique in its account and region.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "order-processor"))]
    pub name: FunctionName,
    /// The account it is in.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "111111111111"))]
    pub account: AccountId,
    /// The region it is in.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "eu-west-1"))]
    pub region: Region,
    /// Its ARN, without a version.
    pub arn: String,
    /// What somebody wrote about it; may be empty.
    pub description: String,
    /// Such as `python3.12`; nothing for container images.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime: Option<String>,
    /// What is called in the code; nothing for container images.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handler: Option<String>,
    /// `Zip` or `Image`.
    pub package_type: String,
    /// `x86_64` or `arm64`.
    pub architecture: String,
    /// Memory, in MB.
    pub memory_mb: i32,
    /// How long an invocation may take, in seconds.
    pub timeout_secs: i32,
    /// The size of the deployed package, in bytes.
    pub code_size: i64,
    /// When code or configuration was changed last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub last_modified: Option<Timestamp>,
    /// `Active`, `Pending`, `Inactive`, `Failed`, …; AWS leaves it out of lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
}

impl Function {
    /// Where it is.
    #[must_use]
    pub fn place(&self) -> Place {
        Place { account: self.account.clone(), region: self.region.clone() }
    }
}

/// Some of what belongs to a function, or why it could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Part<T> {
    /// What there is.
    pub items: Vec<T>,
    /// Why it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
}

impl<T> From<Result<Vec<T>>> for Part<T> {
    fn from(result: Result<Vec<T>>) -> Self {
        match result {
            Ok(items) => Self { items, error: None },
            Err(error) => Self { items: Vec::new(), error: Some(error) },
        }
    }
}

/// How something invokes a function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum TriggerKind {
    /// Lambda reads a queue or stream for it.
    #[default]
    Source,
    /// Its policy lets somebody invoke it: a rule of EventBridge, a bucket, an API, …
    Permission,
    /// It has an address of its own.
    Url,
}

/// Something that invokes a function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Trigger {
    /// AWS's id of the event source mapping, the id of the policy's statement, or the address.
    pub id: String,
    /// How it does so.
    #[serde(default)]
    pub kind: TriggerKind,
    /// The ARN of the queue or stream, or the topics of a cluster that is not AWS's; the ARN that the policy names, or else the principal;
    /// the address.
    pub source: String,
    /// Of a queue or stream `Enabled`, `Disabled`, `Creating`, …; of a statement who may, such as `events.amazonaws.com`; of an address who
    /// may call it: `AWS_IAM`, or `NONE` for everybody.
    pub state: String,
    /// Records in one invocation at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch_size: Option<i32>,
    /// How the last reading went, in AWS's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_result: Option<String>,
}

/// All that is told of one function. Values of environment variables are not: they are asked for apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct FunctionDetails {
    /// What lists show.
    #[serde(flatten)]
    pub function: Function,
    /// SHA-256 of the deployed package, in base64.
    pub code_sha256: String,
    /// Why it is in its state, in AWS's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_reason: Option<String>,
    /// What became of the last change: `Successful`, `InProgress` or `Failed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_update: Option<String>,
    /// Why the last change failed, in AWS's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_update_reason: Option<String>,
    /// The ARN of the role it runs as.
    pub role: String,
    /// The log group it writes to.
    pub log_group: String,
    /// Size of its `/tmp`, in MB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ephemeral_storage_mb: Option<i32>,
    /// `Active` or `PassThrough`: whether X-Ray traces it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracing: Option<String>,
    /// The network it runs in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc_id: Option<String>,
    /// ARNs of its layers.
    pub layers: Vec<String>,
    /// Names of its environment variables, sorted.
    pub environment: Vec<String>,
    /// Why the environment could not be read, in AWS's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment_error: Option<String>,
    /// Invocations at the same time that are set aside for it, which are also the most it gets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserved_concurrency: Option<i32>,
    /// Why that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserved_concurrency_error: Option<Error>,
    /// What the account has for all of its functions in the region; nothing where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_concurrency: Option<AccountConcurrency>,
    /// Its versions, the newest first.
    pub versions: Part<Version>,
    /// Its aliases, by name.
    pub aliases: Part<Alias>,
    /// What it is invoked for.
    pub triggers: Part<Trigger>,
}

/// An environment variable with its value, which may be a secret. `Debug` shows only the name.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

impl std::fmt::Debug for Variable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Variable").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The largest payload of an invocation that is waited for, in bytes
/// ([Invoke](https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html)).
pub const MAX_SYNC_PAYLOAD: usize = 6 << 20;
/// The largest payload of one that is not, in bytes (the same page).
pub const MAX_ASYNC_PAYLOAD: usize = 1 << 20;
/// The largest archive that Lambda takes without S3, in bytes
/// ([quotas](https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html)).
pub const MAX_ZIP: usize = 50 << 20;
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
fn check_json(payload: &str) -> Result<()> {
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
    fn names_are_checked() {
        for good in ["order-processor", "a", "A_1.b", &"x".repeat(64)] {
            assert!(good.parse::<FunctionName>().is_ok(), "{good}");
        }
        for bad in ["", ".", "..", "a/b", "a b", "a:1", "é", &"x".repeat(65)] {
            assert!(bad.parse::<FunctionName>().is_err(), "{bad}");
        }
        assert!("$LATEST".parse::<Qualifier>().is_ok() && "live".parse::<Qualifier>().is_ok());
        assert!("$latest".parse::<Qualifier>().is_err() && "".parse::<Qualifier>().is_err());
    }

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

    #[test]
    fn a_value_of_the_environment_is_not_in_its_debug_text() {
        let variable = Variable { name: "TOKEN".to_owned(), value: "hush".to_owned() };
        let text = format!("{variable:?}");
        assert!(text.contains("TOKEN") && !text.contains("hush"), "{text}");
    }
}
