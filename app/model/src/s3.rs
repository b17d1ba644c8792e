//! S3: buckets, and the objects in them.

mod change;
mod checksum;
mod configuration;
mod filter;
mod object;
mod preview;
mod queue;
mod resume;
mod upload;

pub use self::{
    change::{
        BucketTarget, CopyRequest, DELETE_BATCH, DeleteResult, Emptying, EmptyingState, LONGEST_LINK,
        MOST_DELETED, ObjectLink, ObjectTarget, SHORTEST_LINK, check_link_seconds,
    },
    checksum::{Crc32, is_crc32},
    configuration::{BucketDetails, Exposure, LifecycleRule, PublicAccessBlock, Untold, exposure},
    filter::ObjectFilter,
    object::{FoundObjects, KeyVersions, ObjectDetails, ObjectVersion, PrefixCount, VersionPage},
    preview::{MOST_IMAGE, MOST_TEXT, Preview, PreviewKind, SNIFFED, shown_text},
    queue::{
        AT_ONCE, Decision, Item, ItemState, NewItem, Next, Outcome, Queue, SMALL_FILE, Step, Tally, Trouble,
        Work,
    },
    resume::{Fingerprint, Unfinished},
    upload::{
        CHECKSUM_HEADER, LARGEST_PART, MAX_PARTS, PART_BYTES, PartPlan, UploadRequest, UploadState,
        UploadedPart, key_of_path,
    },
};

use serde::{Deserialize, Serialize};

use crate::{AccountId, Error, Place, Region, Result, Timestamp, validated_string};

/// The longest key of an object, in bytes of UTF-8.
pub const MAX_KEY_BYTES: usize = 1_024;

/// The name of a bucket that may exist: 3 to 255 of letters, digits, `.`, `_` and `-`. New ones follow stricter rules
/// ([`BucketName::check_new`]); before 2018 names in us-east-1 did not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BucketName(String);
validated_string!(BucketName, "the name of a bucket (3 to 255 letters, digits, '.', '_' and '-')", |text| {
    (3..=255).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
        && text.contains(|c: char| c.is_ascii_alphanumeric())
});

impl BucketName {
    /// Whether a new bucket may have this name, by the rules of the
    /// [user guide](https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html).
    ///
    /// # Errors
    /// `invalid_input`, which says what is wrong with it.
    pub fn check_new(&self) -> Result<()> {
        let name = self.as_str();
        let bytes = name.as_bytes();
        let (first, last) = (bytes[0], bytes[bytes.len() - 1]);
        let is_end = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let wrong = if name.len() > 63 {
            "It may have 63 characters at most."
        } else if name.bytes().any(|b| b.is_ascii_uppercase() || b == b'_') {
            "It may have lower-case letters, digits, '.' and '-' only."
        } else if !is_end(first) || !is_end(last) {
            "It must begin and end with a letter or a digit."
        } else if name.contains("..") || name.contains(".-") || name.contains("-.") {
            "A dot must stand between letters or digits."
        } else if name.parse::<std::net::Ipv4Addr>().is_ok() {
            "It must not look like an IP address."
        } else if ["xn--", "sthree-", "amzn-s3-demo-"].iter().any(|prefix| name.starts_with(prefix))
            || ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"]
                .iter()
                .any(|suffix| name.ends_with(suffix))
        {
            "It begins or ends with something that AWS keeps for itself."
        } else {
            return Ok(());
        };
        Err(Error::invalid(format!("A new bucket cannot be called {name:?}.")).with_hint(wrong))
    }
}

/// A bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Bucket {
    /// Its name, which no other bucket of anybody has.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub name: BucketName,
    /// The account it belongs to.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub account: AccountId,
    /// The region it is in.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub region: Region,
    /// When it was made. Changing its policy changes this, too, in us-east-1.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub created_at: Option<Timestamp>,
}

impl Bucket {
    /// Where it is.
    #[must_use]
    pub fn place(&self) -> Place {
        Place { account: self.account.clone(), region: self.region.clone() }
    }

    /// Its name for AWS.
    #[must_use]
    pub fn arn(&self) -> String {
        format!("arn:{}:s3:::{}", self.region.partition(), self.name)
    }
}

/// A bucket to make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct NewBucket {
    /// Its name.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub name: BucketName,
    /// Whether objects keep their earlier versions.
    #[serde(default)]
    pub versioning: bool,
    /// Whether no policy and no ACL may ever make it public.
    #[serde(default = "yes")]
    pub block_public_access: bool,
    /// With whose keys its objects are encrypted.
    #[serde(default)]
    pub encryption: BucketEncryption,
    /// The key in KMS, as an ARN, an id or an alias; with `kms` only. Left out, it is the one that AWS keeps for S3 in each account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 2048, example = "alias/files"))]
    pub kms_key: Option<String>,
}

impl NewBucket {
    /// Whether AWS could take it: the name, and that the key fits the encryption.
    ///
    /// # Errors
    /// `invalid_input`, which says what is wrong with it.
    pub fn check(&self) -> Result<()> {
        self.name.check_new()?;
        let Some(key) = &self.kms_key else { return Ok(()) };
        let is_name = |c: char| c.is_ascii_alphanumeric() || ":/_-".contains(c);
        let wrong = if self.encryption != BucketEncryption::Kms {
            "A key of KMS needs the encryption kms."
        } else if key.is_empty() || key.len() > 2048 || !key.chars().all(is_name) {
            "It is the key's ARN, its id, or alias/ and a name."
        } else {
            return Ok(());
        };
        Err(Error::invalid(format!("A bucket cannot be encrypted with the key {key:?}.")).with_hint(wrong))
    }
}

/// With whose keys the objects of a bucket are encrypted. AWS encrypts all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum BucketEncryption {
    /// With keys that S3 keeps for itself, at no cost (SSE-S3).
    #[default]
    S3,
    /// With a key in KMS, whose use is recorded by CloudTrail and costs (SSE-KMS).
    Kms,
}

impl BucketEncryption {
    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Kms => "kms",
        }
    }
}

fn yes() -> bool {
    true
}

/// An object, as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ObjectSummary {
    /// Its key: any text of up to 1,024 bytes.
    pub key: String,
    /// Its size in bytes.
    pub size: i64,
    /// When it was written.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub modified_at: Option<Timestamp>,
    /// Where it is stored, such as `STANDARD`.
    pub storage_class: Option<String>,
    /// Its entity tag, without quotes.
    pub etag: Option<String>,
}

/// A page of what is below a prefix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ObjectPage {
    /// What all of it begins with.
    pub prefix: String,
    /// The prefixes one level below, each up to its `/`.
    pub folders: Vec<String>,
    /// The objects at this level.
    pub objects: Vec<ObjectSummary>,
    /// Gets the next page; nothing on the last one.
    pub next: Option<String>,
    /// When AWS gave the answer: older than now when somebody had just asked for the same.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub fetched_at: Timestamp,
}

/// An object that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Uploaded {
    /// Its key.
    pub key: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its entity tag, without quotes.
    pub etag: Option<String>,
    /// Its version, in a bucket that keeps them.
    pub version_id: Option<String>,
    /// Its checksum as S3 computed it: `CRC32 poTHxg==`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksum: Option<String>,
}

impl From<ObjectDetails> for Uploaded {
    /// An object that was found to be there.
    fn from(object: ObjectDetails) -> Self {
        let ObjectDetails { key, size, etag, version_id, checksum, .. } = object;
        Self { key, size, etag, version_id, checksum }
    }
}

/// Whether an object may have this key: 1 to 1,024 bytes of any text.
///
/// # Errors
/// `invalid_input` when it is empty or too long.
pub fn check_key(key: &str) -> Result<()> {
    if key.is_empty() {
        return Err(Error::invalid("An object needs a key."));
    }
    if key.len() > MAX_KEY_BYTES {
        return Err(Error::invalid(format!(
            "A key may have {MAX_KEY_BYTES} bytes at most; this one has {}.",
            key.len()
        )));
    }
    Ok(())
}

/// The last part of a key or prefix: what a file would be called. Of a key that ends with slashes, the part before them with one.
#[must_use]
pub fn file_name(key: &str) -> &str {
    let end = key.trim_end_matches('/').len();
    let start = key[..end].rfind('/').map_or(0, |slash| slash + 1);
    let name = &key[start..(end + 1).min(key.len())];
    if name.is_empty() { key } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_names_follow_the_rules_and_old_ones_are_read() {
        let check = |text: &str| text.parse::<BucketName>().map(|name| name.check_new().is_ok());
        for good in ["abc", "my-logs.2026", "0x0", &"a".repeat(63)] {
            assert_eq!(check(good), Ok(true), "{good}");
        }
        for old in ["My_Bucket", "-abc", "abc-", "a..b", "a.-b", "192.168.0.1", "xn--abc", "abc-s3alias"] {
            assert_eq!(check(old), Ok(false), "{old}");
        }
        assert_eq!(check(&"a".repeat(64)), Ok(false));
        for bad in ["", "ab", "a b", "a/b", "bücket", "...", &"a".repeat(256)] {
            assert!(bad.parse::<BucketName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn keys_are_any_text_up_to_a_length() {
        for good in ["a", "/", "..", "a b+c%20", "\u{1}", &"ä".repeat(512)] {
            assert!(check_key(good).is_ok(), "{good:?}");
        }
        assert!(check_key("").is_err() && check_key(&"ä".repeat(513)).is_err());
    }

    #[test]
    fn the_name_of_a_file_is_the_last_part_of_its_key() {
        for (key, name) in [
            ("a/b/c.txt", "c.txt"),
            ("c.txt", "c.txt"),
            ("a/b/", "b/"),
            ("/a", "a"),
            ("//", "/"),
            ("/", "/"),
            ("a//", "a/"),
            ("日本/語", "語"),
        ] {
            assert_eq!(file_name(key), name, "{key}");
        }
    }
}
