//! How a bucket is configured.

use serde::{Deserialize, Serialize};

use super::Bucket;
use crate::{Error, Timestamp, ec2::Tag};

/// Whether strangers can get at a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Exposure {
    /// Nothing can make it public.
    Blocked,
    /// It is not public, but a policy or an ACL could make it so.
    NotBlocked,
    /// Its policy lets everybody in.
    Public,
    /// AWS did not tell all that is needed to know it.
    Unknown,
}

/// The four switches that keep a bucket from becoming public.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PublicAccessBlock {
    /// New public ACLs are refused.
    pub block_public_acls: bool,
    /// Public ACLs that are there have no effect.
    pub ignore_public_acls: bool,
    /// New public policies are refused.
    pub block_public_policy: bool,
    /// A public policy lets in nobody but AWS services and the account itself.
    pub restrict_public_buckets: bool,
}

impl PublicAccessBlock {
    /// Whether all four are on.
    #[must_use]
    pub const fn is_complete(self) -> bool {
        self.block_public_acls
            && self.ignore_public_acls
            && self.block_public_policy
            && self.restrict_public_buckets
    }
}

/// What happens to objects by and by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct LifecycleRule {
    /// Its id.
    pub id: String,
    /// Whether it is on.
    pub enabled: bool,
    /// What the keys of the objects that it is about begin with; empty for any.
    pub prefix: String,
    /// Tags that an object must have all of.
    pub tags: Vec<Tag>,
    /// Only objects of more bytes than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub larger_than: Option<u64>,
    /// Only objects of fewer bytes than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub smaller_than: Option<u64>,
    /// What it does, in a few words each.
    pub actions: Vec<String>,
}

/// A part of a bucket's configuration that AWS did not tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Untold {
    /// Which part: `versioning`, `encryption`, `publicAccess`, `policyStatus`, `acl`, `policy`, `tags` or `lifecycle`.
    pub part: String,
    /// Why.
    pub error: Error,
}

/// How a bucket is configured. Parts that AWS did not tell are named in `untold`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct BucketDetails {
    /// The bucket.
    pub bucket: Bucket,
    /// Whether strangers can get at it.
    pub exposure: Exposure,
    /// `Enabled`, `Suspended`, or nothing when it never was.
    pub versioning: Option<String>,
    /// With what objects are encrypted when nothing else is said: `AES256`, or `aws:kms` and its key.
    pub encryption: Option<String>,
    /// The switches; nothing when none was ever set.
    pub public_access_block: Option<PublicAccessBlock>,
    /// The policy, as it is written.
    pub policy: Option<String>,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// What happens to its objects by and by.
    pub lifecycle: Vec<LifecycleRule>,
    /// What AWS did not tell.
    pub untold: Vec<Untold>,
    /// When AWS told the rest: older than now when somebody had just asked for it.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub fetched_at: Timestamp,
}

impl BucketDetails {
    /// Whether AWS told a part: what is not known is neither missing nor to be overwritten.
    #[must_use]
    pub fn tells(&self, part: &str) -> bool {
        self.untold.iter().all(|untold| untold.part != part)
    }
}

/// Whether strangers can get at a bucket, from what AWS told of it; the outer `None` is what it did not tell. A block of the whole account
/// is not looked at.
#[must_use]
pub fn exposure(
    block: Option<Option<PublicAccessBlock>>,
    policy_is_public: Option<bool>,
    acl_is_public: Option<bool>,
) -> Exposure {
    let Some(block) = block.map(Option::unwrap_or_default) else { return Exposure::Unknown };
    let by_policy = policy_is_public.map(|public| public && !block.restrict_public_buckets);
    let by_acl = acl_is_public.map(|public| public && !block.ignore_public_acls);
    match (by_policy, by_acl) {
        _ if block.is_complete() => Exposure::Blocked,
        (Some(true), _) | (_, Some(true)) => Exposure::Public,
        (Some(false), Some(false)) => Exposure::NotBlocked,
        _ => Exposure::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exposure_is_told_only_when_it_is_known() {
        let all = PublicAccessBlock {
            block_public_acls: true,
            ignore_public_acls: true,
            block_public_policy: true,
            restrict_public_buckets: true,
        };
        let some = PublicAccessBlock { restrict_public_buckets: false, ..all };
        let (yes, no) = (Some(true), Some(false));
        assert_eq!(exposure(Some(Some(all)), None, None), Exposure::Blocked);
        assert_eq!(exposure(Some(Some(some)), yes, no), Exposure::Public);
        assert_eq!(exposure(Some(None), yes, None), Exposure::Public);
        assert_eq!(exposure(Some(None), no, no), Exposure::NotBlocked);
        let restricted = PublicAccessBlock { restrict_public_buckets: true, ..PublicAccessBlock::default() };
        assert_eq!(exposure(Some(Some(restricted)), yes, no), Exposure::NotBlocked);
        assert_eq!(exposure(None, yes, yes), Exposure::Unknown);
        assert_eq!(exposure(Some(Some(some)), None, no), Exposure::Unknown);
        // Grants of a list let strangers in as well as a policy, unless lists are ignored.
        assert_eq!(exposure(Some(Some(restricted)), no, yes), Exposure::Public);
        assert_eq!(exposure(Some(Some(some)), no, yes), Exposure::NotBlocked);
        assert_eq!(exposure(Some(None), no, None), Exposure::Unknown);
    }
}
