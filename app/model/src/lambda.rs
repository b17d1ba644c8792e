//! Lambda functions: what they are, what is told when one was invoked or deployed.

use serde::{Deserialize, Serialize};

use crate::{AccountId, Error, Place, Region, Result, Timestamp, validated_string};

mod deploy;
mod details;
mod invocation;
mod invocation_log;
mod measures;
mod test_event;
mod trigger;
mod versions;

pub use deploy::{Code, DeployMode, DeployRequest, Deployed, S3Code};
pub use details::{FunctionDetails, ImageStart, Logging, Provisioned, SnapStart};
pub use invocation::{INVOKE_WAIT_SECS, Invocation, InvokeMode, MAX_ASYNC_PAYLOAD, MAX_SYNC_PAYLOAD, Report};
pub use invocation_log::{InvocationLog, RequestId};
pub use measures::{AccountConcurrency, FunctionMeasures, check_reserved};
pub use test_event::{MAX_TEST_EVENT, MOST_TEST_EVENTS, TestEvent, TestEventName};
pub use trigger::{EVERYBODY, MOST_ALIASES_WITH_TRIGGERS, Trigger, TriggerKind};
pub use versions::{
    Alias, AliasChange, AliasName, AliasWeight, AliasWish, Published, RollbackExpectation, RolledBack,
    Version, VersionId, rollback_target,
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
    /// The size of the deployed package, in bytes; 0 for container images, of which AWS tells none.
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

    /// The size of its package in bytes; nothing of a container image, of which AWS tells 0.
    #[must_use]
    pub fn known_code_size(&self) -> Option<i64> {
        (self.package_type != "Image" || self.code_size > 0).then_some(self.code_size)
    }
}

/// Some of what belongs to a function, and why it, or some of it, could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Part<T> {
    /// What there is.
    pub items: Vec<T>,
    /// Why it is not known, or not all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
}

impl<T> Default for Part<T> {
    fn default() -> Self {
        Self { items: Vec::new(), error: None }
    }
}

impl<T> From<Result<Vec<T>>> for Part<T> {
    fn from(result: Result<Vec<T>>) -> Self {
        match result {
            Ok(items) => Self { items, error: None },
            Err(error) => Self { items: Vec::new(), error: Some(error) },
        }
    }
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

/// The largest archive that Lambda takes without S3, in bytes
/// ([quotas](https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html)).
pub const MAX_ZIP: usize = 50 << 20;

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
    fn a_value_of_the_environment_is_not_in_its_debug_text() {
        let variable = Variable { name: "TOKEN".to_owned(), value: "hush".to_owned() };
        let text = format!("{variable:?}");
        assert!(text.contains("TOKEN") && !text.contains("hush"), "{text}");
    }
}
