//! The audit: what was done, by whom, on what, when, with what result.

use serde::{Deserialize, Serialize};

use crate::{AccountId, ErrorCode, Operation, Region, Timestamp};

/// How far an operation came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// A change was about to be made; a second record with the same `operationId` says what came of it. A start without an end
    /// means that the server stopped in between.
    Started,
    /// It was done.
    Succeeded,
    /// It was tried and failed.
    Failed,
    /// The caller may not do it.
    Refused,
}

impl Outcome {
    /// The lower-case word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Refused => "refused",
        }
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Outcome {
    type Err = crate::Error;

    fn from_str(text: &str) -> crate::Result<Self> {
        [Self::Started, Self::Succeeded, Self::Failed, Self::Refused]
            .into_iter()
            .find(|outcome| outcome.as_str() == text)
            .ok_or_else(|| {
                crate::Error::invalid(format!(
                    "{:?} is not an outcome: started, succeeded, failed or refused.",
                    crate::error::shorten(text, 40)
                ))
            })
    }
}

/// One record of the audit. Records are only ever added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AuditRecord {
    /// UUIDv7: records sort by it in the order they were made.
    pub id: String,
    /// The same for the records of one operation.
    pub operation_id: String,
    /// When.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// Who: a log-in name, or `system`. Of a failed log-in, what was typed (shortened).
    pub actor: String,
    /// What.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "ec2.stop"))]
    pub operation: Operation,
    /// In which account, if one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub account: Option<AccountId>,
    /// In which region, if one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub region: Option<Region>,
    /// On what: an instance id, a log group's name, … Empty for lists.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub resource: String,
    /// With what result.
    pub outcome: Outcome,
    /// Why it failed or was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorCode>,
    /// A few words: the states before and after, what was given. Never a secret.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// How long it took, in milliseconds; 0 in a record of a start.
    pub duration_ms: i64,
    /// The HTTP request it belonged to; empty for the command line and for jobs.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub request_id: String,
}

/// Which records to read, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AuditQuery {
    /// Only this person's.
    pub actor: Option<String>,
    /// Only this operation.
    pub operation: Option<Operation>,
    /// Only operations on this resource.
    pub resource: Option<String>,
    /// Only in this account.
    pub account: Option<AccountId>,
    /// Only with this outcome.
    pub outcome: Option<Outcome>,
    /// Only operations that change something.
    pub changes_only: bool,
    /// Not before this time.
    pub from: Option<Timestamp>,
    /// Only before this time.
    pub to: Option<Timestamp>,
    /// The id of the last record of the page before: go on after it.
    pub before: Option<String>,
    /// Records in a page: 1 to 500.
    pub limit: Option<u32>,
}

impl AuditQuery {
    /// The page size to use.
    #[must_use]
    pub fn page_size(&self) -> u32 {
        self.limit.unwrap_or(100).clamp(1, 500)
    }
}

/// A page of the audit, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditPage {
    /// The records.
    pub records: Vec<AuditRecord>,
    /// Give this as `before` for the next page; `None` on the last.
    pub next: Option<String>,
}
