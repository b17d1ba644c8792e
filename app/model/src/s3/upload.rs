//! Uploading a file in parts, each by a request of its own: what is sent, and how it is cut.

use std::{collections::BTreeSet, ops::Range};

use serde::{Deserialize, Serialize};

use super::check_key;
use crate::{Error, ErrorCode, Result};

/// The usual size of a part, in bytes. S3 takes none below 5 MiB, but for the last.
pub const PART_BYTES: u64 = 8 << 20;
/// The largest part that is taken here, in bytes, since a part is held in memory while it goes to S3.
pub const LARGEST_PART: u64 = 32 << 20;
/// How many parts S3 takes at most.
pub const MAX_PARTS: u32 = 10_000;
/// The header that says the CRC-32 of what is sent, in Base64: S3 verifies it.
pub const CHECKSUM_HEADER: &str = "x-checksum-crc32";

/// A file that is going to be uploaded in parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct UploadRequest {
    /// The key of the object.
    #[cfg_attr(feature = "openapi", schema(example = "2026/11/21/app.log"))]
    pub key: String,
    /// Its size in bytes.
    #[cfg_attr(feature = "openapi", schema(example = 20_971_520))]
    pub size: u64,
    /// What it is.
    #[serde(default, alias = "content_type", skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Whether what has this key already may be lost.
    #[serde(default)]
    pub overwrite: bool,
}

impl UploadRequest {
    /// How it is cut, when it can be written at all.
    ///
    /// # Errors
    /// `invalid_input` for a key that no object has, `payload_too_large` for a file that needs larger parts than are taken.
    pub fn plan(&self) -> Result<PartPlan> {
        check_key(&self.key)?;
        PartPlan::of(self.size)
    }
}

/// How a file is cut into parts: all of one size but for the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartPlan {
    size: u64,
    part_size: u64,
}

impl PartPlan {
    /// The plan for a file of so many bytes. It depends on nothing else, so that it is the same when the upload goes on later.
    ///
    /// # Errors
    /// `payload_too_large` for one that needs larger parts than are taken.
    pub fn of(size: u64) -> Result<Self> {
        const MIB: u64 = 1 << 20;
        let needed = size.div_ceil(u64::from(MAX_PARTS)).div_ceil(MIB) * MIB;
        if needed > LARGEST_PART {
            return Err(Error::new(
                ErrorCode::PayloadTooLarge,
                "The file is larger than can be written from here.",
            )
            .with_hint(format!("Up to {} GiB can be.", (LARGEST_PART * u64::from(MAX_PARTS)) >> 30)));
        }
        Ok(Self { size, part_size: needed.max(PART_BYTES) })
    }

    /// The size of each part but the last, in bytes.
    #[must_use]
    pub const fn part_size(self) -> u64 {
        self.part_size
    }

    /// How many parts there are. An empty file has one, too.
    #[must_use]
    pub fn parts(self) -> u32 {
        u32::try_from(self.size.div_ceil(self.part_size)).unwrap_or(u32::MAX).max(1)
    }

    /// Which bytes a part has; the first is number 1.
    #[must_use]
    pub fn range(self, number: u32) -> Option<Range<u64>> {
        if !(1..=self.parts()).contains(&number) {
            return None;
        }
        let start = u64::from(number - 1) * self.part_size;
        Some(start..self.size.min(start + self.part_size))
    }

    /// How many bytes a part has.
    #[must_use]
    pub fn length(self, number: u32) -> Option<u64> {
        self.range(number).map(|range| range.end - range.start)
    }

    /// The parts that are not among these, each of which must be as long as it should be.
    #[must_use]
    pub fn missing(self, there: &[UploadedPart]) -> Vec<u32> {
        let is_whole = |part: &&UploadedPart| Some(part.size) == self.length(part.number);
        let there: BTreeSet<u32> = there.iter().filter(is_whole).map(|part| part.number).collect();
        (1..=self.parts()).filter(|number| !there.contains(number)).collect()
    }
}

/// A part that S3 has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct UploadedPart {
    /// Which one; the first is number 1.
    pub number: u32,
    /// Its size in bytes.
    pub size: u64,
    /// Its CRC-32 as S3 computed it, in Base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksum: Option<String>,
}

/// An upload that is under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct UploadState {
    /// Names it. It goes on with this id from anywhere, as long as S3 has it.
    pub id: String,
    /// The key that the object is going to have.
    pub key: String,
    /// Its size in bytes.
    pub size: u64,
    /// The size of each part but the last, in bytes.
    pub part_size: u64,
    /// How many parts there are.
    pub parts: u32,
    /// The parts that S3 has, by number.
    pub uploaded: Vec<UploadedPart>,
}

/// The key of a file that was dropped or chosen: below a prefix, with the folders that it came in. Windows and drag and drop write paths a
/// little differently.
///
/// # Errors
/// `invalid_input` when no object can have that key.
pub fn key_of_path(prefix: &str, path: &str) -> Result<String> {
    let key = format!("{prefix}{}", path.trim_start_matches('/'));
    if path.trim_matches('/').is_empty() {
        return Err(Error::invalid("A file without a name cannot be uploaded."));
    }
    check_key(&key)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_cut_into_parts_that_s3_takes() {
        let plan = |size| PartPlan::of(size).expect("a plan");
        assert_eq!((plan(0).parts(), plan(0).range(1)), (1, Some(0..0)));
        assert_eq!((plan(1).parts(), plan(PART_BYTES).parts(), plan(PART_BYTES + 1).parts()), (1, 1, 2));
        let last = plan(3 * PART_BYTES + 5);
        assert_eq!((last.parts(), last.range(4), last.range(5)), (4, Some(3 * PART_BYTES..last.size), None));
        assert_eq!((last.length(4), last.range(0)), (Some(5), None));
        // 80,000 MiB is the most that goes in small parts.
        let most = 80_000 << 20;
        assert_eq!((plan(most).part_size(), plan(most).parts()), (PART_BYTES, MAX_PARTS));
        assert_eq!(plan(most + 1).part_size(), 9 << 20);
        let largest = LARGEST_PART * u64::from(MAX_PARTS);
        assert_eq!(plan(largest).parts(), MAX_PARTS);
        assert_eq!(PartPlan::of(largest + 1).expect_err("too large").code, ErrorCode::PayloadTooLarge);
        assert!(PartPlan::of(u64::MAX).is_err());
    }

    #[test]
    fn what_is_missing_is_all_that_is_not_there_as_it_should_be() {
        let plan = PartPlan::of(2 * PART_BYTES + 7).expect("a plan");
        let part = |number, size| UploadedPart { number, size, checksum: None };
        assert_eq!(plan.missing(&[]), [1, 2, 3]);
        assert_eq!(plan.missing(&[part(2, PART_BYTES), part(3, 6)]), [1, 3]);
        let all = [part(3, 7), part(1, PART_BYTES), part(2, PART_BYTES)];
        assert!(plan.missing(&all).is_empty());
    }

    #[test]
    fn a_dropped_file_keeps_its_folders_below_the_prefix() {
        for (prefix, path, key) in [
            ("", "a.txt", "a.txt"),
            ("logs/", "/2026/11/app log.txt", "logs/2026/11/app log.txt"),
            ("logs/", "ü/日本/..", "logs/ü/日本/.."),
            ("part", "of.txt", "partof.txt"),
        ] {
            assert_eq!(key_of_path(prefix, path).expect("a key"), key);
        }
        for bad in ["", "/", "//"] {
            assert!(key_of_path("a/", bad).is_err(), "{bad:?}");
        }
        assert!(key_of_path("a/", &"b".repeat(1_023)).is_err());
    }
}
