//! The audit: what was done, by whom, on what, when, with what result.

use std::collections::BTreeMap;

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

/// A state in a few named words, such as `state: running`. Never a secret.
pub type Facts = BTreeMap<String, String>;

/// One record of the audit. Records are only ever added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AuditRecord {
    /// UUIDv7: records sort by it in the order they were made.
    pub id: String,
    /// Its number in the chain of all records: 1, 2, 3, … The store gives it; 0 before that.
    #[serde(default)]
    pub seq: i64,
    /// SHA-256 over the hash of the record before it and over all of this one, in lower-case hexadecimal. The store makes it; empty
    /// before that.
    #[serde(default)]
    pub hash: String,
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
    /// A few words: what was given, what was found. Never a secret.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// What was so before a change, in named words.
    #[serde(default, skip_serializing_if = "Facts::is_empty")]
    pub before: Facts,
    /// What is so after it.
    #[serde(default, skip_serializing_if = "Facts::is_empty")]
    pub after: Facts,
    /// How long it took, in milliseconds; 0 in a record of a start.
    pub duration_ms: i64,
    /// The HTTP request it belonged to; empty for the command line and for jobs.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub request_id: String,
    /// AWS's id of the call that failed, or else of the last one; empty when AWS was not called or told none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub aws_request_id: String,
}

/// The newest record of the audit, or one that was: note it elsewhere, and later it proves that nothing up to it was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditHead {
    /// The record's number.
    pub seq: i64,
    /// The record's hash.
    pub hash: String,
}

impl std::fmt::Display for AuditHead {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.seq, self.hash)
    }
}

impl std::str::FromStr for AuditHead {
    type Err = crate::Error;

    fn from_str(text: &str) -> crate::Result<Self> {
        let is_hash = |hash: &str| {
            hash.len() == 64 && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        text.split_once(':')
            .filter(|(_, hash)| is_hash(hash))
            .and_then(|(seq, hash)| Some(Self { seq: seq.parse().ok()?, hash: hash.to_owned() }))
            .filter(|head| head.seq > 0)
            .ok_or_else(|| {
                crate::Error::invalid(format!(
                    "{:?} is not the head of an audit: a number, a colon and 64 hexadecimal digits.",
                    crate::error::shorten(text, 90)
                ))
            })
    }
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
    /// Only records with a greater number in the chain than this: what is new since.
    pub after: Option<i64>,
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
    /// The number of the newest record of all when this was read: give it as `after` to learn later what is new.
    #[serde(default)]
    pub newest: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_survives_being_noted() {
        let head = AuditHead { seq: 7, hash: "0a".repeat(32) };
        assert_eq!(head.to_string().parse::<AuditHead>().ok(), Some(head));
        let upper = format!("7:{}", "0A".repeat(32));
        let zero = format!("0:{}", "0a".repeat(32));
        for bad in ["", "7", "7:", "7:0a", ":0a", &upper, &zero] {
            assert!(bad.parse::<AuditHead>().is_err(), "{bad}");
        }
    }
}
