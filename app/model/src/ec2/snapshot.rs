//! Snapshots of EBS volumes.

use serde::{Deserialize, Serialize};

use super::{ResourceId, Tag};
use crate::{AccountId, Region, Timestamp};

/// A snapshot of an account's own ([Snapshot](https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Snapshot.html)).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    /// The id.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "snap-0123456789abcdef0"))]
    pub id: ResourceId,
    /// The account that owns it.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "111111111111"))]
    pub account: AccountId,
    /// The region it is in.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "eu-west-1"))]
    pub region: Region,
    /// The value of its `Name` tag; empty when there is none.
    pub name: String,
    /// In EC2's word: `pending`, `completed`, `error`, `recoverable`, `recovering`.
    pub state: String,
    /// Why it is in that state, in AWS's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_reason: Option<String>,
    /// How much of it is done, in EC2's form: `100%`.
    pub progress: String,
    /// The volume it was taken of, which may be gone; AWS gives copies one that never was (`vol-ffffffff`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume_id: Option<String>,
    /// The size of that volume in GiB.
    pub size_gib: i32,
    /// The bytes of all blocks that it needs, of which it may share some with others; nothing when AWS does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_bytes: Option<i64>,
    /// When it was begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub started_at: Option<Timestamp>,
    /// What somebody wrote about it; may be empty.
    pub description: String,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// The ARN of the key that it is encrypted with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_key: Option<String>,
    /// `standard`, or `archive`, from which it takes days to come back.
    pub tier: String,
    /// All its tags, sorted by key.
    pub tags: Vec<Tag>,
}
