//! One object: what S3 knows of it, its versions, and what was found among many.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ObjectSummary, Untold};
use crate::{Timestamp, ec2::Tag};

/// All that S3 knows of an object, or of one of its versions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ObjectDetails {
    /// Its key.
    pub key: String,
    /// Its version, in a bucket that keeps or kept them.
    pub version_id: Option<String>,
    /// Its size in bytes.
    pub size: u64,
    /// When it was written.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub modified_at: Option<Timestamp>,
    /// What its writer said it was: anything at all.
    pub content_type: Option<String>,
    /// How its writer said it was packed, such as `gzip`.
    pub content_encoding: Option<String>,
    /// What its writer said of the file's name.
    pub content_disposition: Option<String>,
    /// In what language its writer said it was.
    pub content_language: Option<String>,
    /// How long browsers may keep it.
    pub cache_control: Option<String>,
    /// Its entity tag, without quotes.
    pub etag: Option<String>,
    /// Its checksum, when it was written with one: `CRC32 poTHxg==`.
    pub checksum: Option<String>,
    /// Where it is stored, such as `STANDARD`.
    pub storage_class: Option<String>,
    /// With what it is encrypted: `AES256`, `aws:kms`, `aws:kms:dsse`.
    pub encryption: Option<String>,
    /// The key of KMS that it is encrypted with.
    pub kms_key: Option<String>,
    /// Whether it lies in an archive, from which it must be restored before it can be read.
    pub is_archived: bool,
    /// Whether S3 is restoring it from the archive now.
    pub is_being_restored: bool,
    /// Until when the copy that was restored from the archive can be read.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub restored_until: Option<Timestamp>,
    /// How it is locked against deletion: `GOVERNANCE` or `COMPLIANCE`.
    pub lock_mode: Option<String>,
    /// Until when.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub locked_until: Option<Timestamp>,
    /// Whether a legal hold keeps it from being deleted.
    pub legal_hold: bool,
    /// When a lifecycle rule deletes it.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub expires_at: Option<Timestamp>,
    /// The rule that does.
    pub expires_by: Option<String>,
    /// How far its replication is: `PENDING`, `COMPLETED`, `FAILED`, or `REPLICA` of one that is.
    pub replication: Option<String>,
    /// Where browsers are sent that read it as a page of a web site.
    pub redirect: Option<String>,
    /// What its writer noted about it.
    pub metadata: BTreeMap<String, String>,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// What AWS did not tell: `tags`.
    pub untold: Vec<Untold>,
}

/// A version of an object, or a mark that says that it was deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ObjectVersion {
    /// The key.
    pub key: String,
    /// Which version; `null` for what was written while the bucket kept none.
    pub version_id: String,
    /// Whether it is the one that is read when no version is named.
    pub is_latest: bool,
    /// Whether it is no content but the mark of a deletion.
    pub is_delete_marker: bool,
    /// The size in bytes; 0 of a mark.
    pub size: i64,
    /// When it was written.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub modified_at: Option<Timestamp>,
    /// Where it is stored, such as `STANDARD`.
    pub storage_class: Option<String>,
    /// Its entity tag, without quotes.
    pub etag: Option<String>,
}

/// The versions of one object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyVersions {
    /// The newest of them, the newest first; marks of deletions are among them.
    pub versions: Vec<ObjectVersion>,
    /// Whether there are older ones.
    pub more: bool,
}

impl KeyVersions {
    /// Whether the object was deleted, so that its versions are hidden below a mark.
    #[must_use]
    pub fn is_deleted(&self) -> bool {
        self.versions.first().is_some_and(|newest| newest.is_delete_marker)
    }
}

/// A page of the versions below a prefix.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct VersionPage {
    /// What all of it begins with.
    pub prefix: String,
    /// The prefixes one level below, each up to its `/`.
    pub folders: Vec<String>,
    /// The versions at this level: by key, the newest of each first.
    pub versions: Vec<ObjectVersion>,
    /// Gets the next page; nothing on the last one.
    pub next: Option<String>,
}

/// What was found below a prefix, as far as it was looked through.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct FoundObjects {
    /// The objects that were looked for.
    pub objects: Vec<ObjectSummary>,
    /// How many objects were looked at.
    pub looked_at: u64,
    /// Goes on from here, which is the last key that was looked at; nothing when all were.
    pub next: Option<String>,
}

/// How much lies below a prefix.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PrefixCount {
    /// How many objects were counted.
    pub objects: u64,
    /// Their size in bytes.
    pub bytes: i64,
    /// Whether there are more that were not counted.
    pub more: bool,
}
