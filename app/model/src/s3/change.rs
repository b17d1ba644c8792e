//! Changing objects: deleting many, copying, lending one out by a link, emptying a bucket.

use serde::{Deserialize, Serialize};

use super::{BucketName, check_key};
use crate::{AccountId, Error, Place, Region, Result, Timestamp};

/// How many objects AWS deletes with one call.
pub const DELETE_BATCH: usize = 1_000;
/// How many objects one request deletes at most, those below prefixes included.
pub const MOST_DELETED: usize = 10_000;
/// How short a link may live, in seconds.
pub const SHORTEST_LINK: u32 = 60;
/// How long AWS lets a link live, in seconds: 7 days.
pub const LONGEST_LINK: u32 = 7 * 86_400;

/// A bucket to delete, and where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BucketTarget {
    /// Where it is.
    pub place: Place,
    /// Its name.
    pub name: BucketName,
}

/// An object to delete, or one of its versions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ObjectTarget {
    /// Its key.
    #[cfg_attr(feature = "openapi", schema(example = "2026/11/21/app.log"))]
    pub key: String,
    /// The version that goes for ever. Without one the object goes, and in a bucket that keeps versions it is only hidden.
    #[serde(default, alias = "version_id", skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
}

/// What became of one object of many that were to be deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DeleteResult {
    /// Its key.
    pub key: String,
    /// The version that was to go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
    /// Why it is still there; nothing when it is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
}

/// A copy to make, within a bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CopyRequest {
    /// The key of the object.
    #[cfg_attr(feature = "openapi", schema(example = "2026/11/21/app.log"))]
    pub key: String,
    /// Which version of it; the latest when left out.
    #[serde(default, alias = "version_id", skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
    /// The key of the copy.
    #[cfg_attr(feature = "openapi", schema(example = "2026/11/21/app-copy.log"))]
    pub to: String,
    /// Whether what has that key already may be lost.
    #[serde(default)]
    pub overwrite: bool,
    /// Whether the object goes when the copy is there: it is renamed.
    #[serde(default)]
    pub rename: bool,
}

impl CopyRequest {
    /// Makes sure that it makes sense.
    ///
    /// # Errors
    /// `invalid_input`, which says what is wrong.
    pub fn check(&self) -> Result<()> {
        check_key(&self.key)?;
        check_key(&self.to)?;
        if self.key == self.to && (self.rename || self.version_id.is_none()) {
            return Err(Error::invalid("The copy has the key of the object itself.")
                .with_hint("Give it another key."));
        }
        if self.rename && self.version_id.is_some() {
            return Err(Error::invalid("A single version cannot be renamed.")
                .with_hint("Copy it, or leave the version out."));
        }
        Ok(())
    }
}

/// A link that lets anybody who has it read an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ObjectLink {
    /// The address. Whoever knows it may read.
    pub url: String,
    /// When it ends.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub expires_at: Timestamp,
    /// Whether it ends earlier than was asked for, because the credentials that signed it do.
    pub ends_with_credentials: bool,
}

/// Makes sure that a link may live so long.
///
/// # Errors
/// `invalid_input` below a minute and above 7 days.
pub fn check_link_seconds(seconds: u32) -> Result<()> {
    if (SHORTEST_LINK..=LONGEST_LINK).contains(&seconds) {
        return Ok(());
    }
    Err(Error::invalid(format!("A link cannot live for {seconds} seconds."))
        .with_hint("AWS lets it live for 7 days (604800 seconds) at most; below a minute it is of no use."))
}

/// How far the emptying of a bucket is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EmptyingState {
    /// What is in it is being counted.
    #[default]
    Counting,
    /// Objects are being deleted, with all versions and marks.
    Deleting,
    /// Uploads that were never finished are being given up.
    Uploads,
    /// The empty bucket is being deleted.
    Bucket,
    /// It came to its end.
    Done,
    /// Somebody stopped it. What was deleted is gone.
    Cancelled,
    /// It went wrong. What was deleted is gone.
    Failed,
}

impl EmptyingState {
    /// Whether nothing more happens.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Cancelled | Self::Failed)
    }
}

/// The emptying of a bucket, or of what is below a prefix in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Emptying {
    /// Names it.
    pub id: String,
    /// The bucket.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub bucket: BucketName,
    /// Its account.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub account: AccountId,
    /// Its region.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub region: Region,
    /// What the keys begin with; empty for the whole bucket.
    pub prefix: String,
    /// Whether the bucket is deleted when it is empty.
    pub delete_bucket: bool,
    /// How far it is.
    pub state: EmptyingState,
    /// How many versions and marks there were before; nothing while nobody knows.
    pub total: Option<u64>,
    /// Whether `total` is only as far as was counted.
    pub total_is_least: bool,
    /// How many versions of objects are deleted.
    pub versions: u64,
    /// How many marks of deletions are deleted.
    pub markers: u64,
    /// How many unfinished uploads were given up.
    pub uploads: u64,
    /// How many could not be deleted.
    pub failed: u64,
    /// Who began it.
    pub started_by: String,
    /// When.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub started_at: Timestamp,
    /// When it was over.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub ended_at: Option<Timestamp>,
    /// What went wrong.
    pub error: Option<Error>,
}

impl Emptying {
    /// Where the bucket is.
    #[must_use]
    pub fn place(&self) -> Place {
        Place { account: self.account.clone(), region: self.region.clone() }
    }

    /// What was done so far, in a few words.
    #[must_use]
    pub fn words(&self) -> String {
        let mut words = format!(
            "{} versions, {} delete markers and {} unfinished uploads deleted",
            self.versions, self.markers, self.uploads
        );
        if self.failed > 0 {
            words += &format!("; {} failed", self.failed);
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copy(key: &str, to: &str) -> CopyRequest {
        CopyRequest {
            key: key.to_owned(),
            version_id: None,
            to: to.to_owned(),
            overwrite: false,
            rename: false,
        }
    }

    #[test]
    fn a_copy_needs_another_key_unless_it_is_of_an_earlier_version() {
        assert!(copy("a", "b").check().is_ok() && copy("a", "a").check().is_err());
        let version = |key, to| CopyRequest { version_id: Some("v".to_owned()), ..copy(key, to) };
        assert!(version("a", "a").check().is_ok());
        assert!(CopyRequest { rename: true, ..version("a", "b") }.check().is_err());
        assert!(copy("a", "").check().is_err() && copy("", "a").check().is_err());
        assert!(copy("a", &"b".repeat(1_025)).check().is_err());
    }

    #[test]
    fn links_live_from_a_minute_to_seven_days() {
        assert!(check_link_seconds(60).is_ok() && check_link_seconds(604_800).is_ok());
        for bad in [0, 59, 604_801, u32::MAX] {
            assert!(check_link_seconds(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_version_is_named_in_either_spelling() {
        for text in [r#"{"key":"a","versionId":"1"}"#, r#"{"key":"a","version_id":"1"}"#] {
            let target: ObjectTarget = serde_json::from_str(text).expect("a target");
            assert_eq!(target.version_id.as_deref(), Some("1"));
        }
    }
}
