//! One function with all that is told of it.

use serde::{Deserialize, Serialize};

use super::{AccountConcurrency, Alias, Function, Part, Trigger, Version};
use crate::Error;

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
    /// The subnets that it runs in, by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subnets: Vec<String>,
    /// The security groups of its network interfaces, by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub security_groups: Vec<String>,
    /// The ARN of the queue or topic to which events go that failed to the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dead_letter: Option<String>,
    /// The ARN of the customer's key that encrypts its environment; nothing when it is AWS's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_key: Option<String>,
    /// Whether it starts from a snapshot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snap_start: Option<SnapStart>,
    /// What of its log is kept, and in which form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logging: Option<Logging>,
    /// What is started in a container image, where that is not what the image says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<ImageStart>,
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
    /// Invocations that are kept ready for versions and aliases, and paid for.
    #[serde(default)]
    pub provisioned: Part<Provisioned>,
    /// What it is invoked for.
    pub triggers: Part<Trigger>,
}

/// Whether a function starts from a snapshot of its initialised environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SnapStart {
    /// `PublishedVersions` or `None`.
    pub apply_on: String,
    /// `On` when there is a snapshot of what is looked at, or `Off`, as of `$LATEST`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub optimization_status: Option<String>,
}

/// What of a function's log is kept. The levels are told for `JSON` only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Logging {
    /// `Text` or `JSON`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// The least level of the program's own lines, from `TRACE` to `FATAL`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application_level: Option<String>,
    /// The least level of Lambda's lines: `DEBUG`, `INFO` or `WARN`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system_level: Option<String>,
}

/// What is started in a container image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ImageStart {
    /// The program and its first arguments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entry_point: Vec<String>,
    /// What is given to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// The folder in which it starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub working_directory: Option<String>,
    /// Why AWS could not read it, in its words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Invocations that are kept ready for a version or an alias.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Provisioned {
    /// The version or the alias.
    pub qualifier: String,
    /// How many were asked for.
    pub requested: i32,
    /// How many are ready.
    pub available: i32,
    /// `READY`, `IN_PROGRESS` or `FAILED`.
    pub status: String,
    /// Why it failed, in AWS's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
