//! Objects: listing a level, reading one, deleting one.

use std::{fmt, io, ops::RangeInclusive, pin::Pin};

use aws_sdk_s3::types as sdk;
use bytes::Bytes;
use futures::{Stream, stream};
use nephoscope_model::{
    Error, Place, Result, Timestamp,
    s3::{BucketName, ObjectPage, ObjectSummary},
};
use percent_encoding::percent_decode_str;

use super::{code_of, read_etag, read_time};
use crate::{
    Cloud,
    calls::{DELETE_OBJECT, GET_OBJECT, GET_OBJECT_VERSION, LIST_OBJECTS},
};

/// What part of an object to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ByteRange {
    /// From one byte to another, both included.
    Between(RangeInclusive<u64>),
    /// From a byte to the end.
    From(u64),
    /// So many bytes at the end.
    Last(u64),
}

impl fmt::Display for ByteRange {
    /// As HTTP's header `Range` spells it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Between(range) => write!(f, "bytes={}-{}", range.start(), range.end()),
            Self::From(start) => write!(f, "bytes={start}-"),
            Self::Last(bytes) => write!(f, "bytes=-{bytes}"),
        }
    }
}

/// An object that is being read.
pub struct ObjectStream {
    /// How many bytes come.
    pub length: Option<u64>,
    /// Which bytes of how many, as HTTP's header `Content-Range` spells it, when only a part was asked for.
    pub content_range: Option<String>,
    /// What its writer said it was: anything at all.
    pub content_type: Option<String>,
    /// Its entity tag, without quotes.
    pub etag: Option<String>,
    /// When it was written.
    pub modified_at: Option<Timestamp>,
    /// The bytes, as they come.
    pub bytes: Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>,
}

impl fmt::Debug for ObjectStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectStream").field("length", &self.length).finish_non_exhaustive()
    }
}

impl Cloud {
    /// A page of what is one level below a prefix: at most `limit` folders and objects, 1,000 at most.
    ///
    /// # Errors
    /// `not_found` when the bucket is gone, and the errors of any call.
    pub async fn list_objects(
        &self,
        place: &Place,
        bucket: &BucketName,
        prefix: &str,
        after: Option<&str>,
        limit: u16,
    ) -> Result<ObjectPage> {
        let site = self.site(place)?;
        let request = site
            .s3()
            .list_objects_v2()
            .bucket(bucket.as_str())
            .delimiter("/")
            .prefix(prefix)
            // Keys may hold characters that XML cannot.
            .encoding_type(sdk::EncodingType::Url)
            .max_keys(limit.clamp(1, 1_000).into())
            .set_continuation_token(after.map(str::to_owned));
        let page = site.call(LIST_OBJECTS, request.send()).await?;
        let spelling = Spelling::of(page.encoding_type.as_ref());
        let folders = page.common_prefixes.unwrap_or_default();
        Ok(ObjectPage {
            prefix: prefix.to_owned(),
            folders: folders.iter().filter_map(|folder| Some(spelling.read(folder.prefix()?))).collect(),
            objects: read_objects(&page.contents.unwrap_or_default(), spelling),
            next: page.next_continuation_token.filter(|_| page.is_truncated == Some(true)),
            fetched_at: Timestamp::now(),
        })
    }

    /// Up to 1,000 objects anywhere below a prefix, by key, from behind a key; and whether there are more.
    ///
    /// # Errors
    /// `not_found` when the bucket is gone, and the errors of any call.
    pub async fn list_objects_below(
        &self,
        place: &Place,
        bucket: &BucketName,
        prefix: &str,
        after: Option<&str>,
    ) -> Result<(Vec<ObjectSummary>, bool)> {
        let site = self.site(place)?;
        let request = site
            .s3()
            .list_objects_v2()
            .bucket(bucket.as_str())
            .prefix(prefix)
            .encoding_type(sdk::EncodingType::Url)
            .max_keys(1_000)
            .set_start_after(after.map(str::to_owned));
        let page = site.call(LIST_OBJECTS, request.send()).await?;
        let spelling = Spelling::of(page.encoding_type.as_ref());
        Ok((read_objects(&page.contents.unwrap_or_default(), spelling), page.is_truncated == Some(true)))
    }

    /// Begins to read an object or one of its versions, or a part of it.
    ///
    /// # Errors
    /// `not_found` when there is none, `aws_rejected` for a range outside of it, and the errors of any call.
    pub async fn read_object(
        &self,
        place: &Place,
        bucket: &BucketName,
        key: &str,
        version: Option<&str>,
        range: Option<&ByteRange>,
    ) -> Result<ObjectStream> {
        let site = self.site(place)?;
        let request = site
            .s3()
            .get_object()
            .bucket(bucket.as_str())
            .key(key)
            .set_version_id(version.map(str::to_owned))
            .set_range(range.map(ToString::to_string));
        let call = if version.is_some() { GET_OBJECT_VERSION } else { GET_OBJECT };
        let object = site.call(call, request.send()).await?;
        let bytes = stream::unfold(object.body, |mut body| async move {
            let chunk = body.next().await?;
            Some((chunk.map_err(io::Error::other), body))
        });
        Ok(ObjectStream {
            length: object.content_length.and_then(|length| u64::try_from(length).ok()),
            content_range: object.content_range,
            content_type: object.content_type,
            etag: read_etag(object.e_tag.as_deref()),
            modified_at: object.last_modified.as_ref().and_then(read_time),
            bytes: Box::pin(bytes),
        })
    }

    /// Whether there is an object of this key. Its first byte is asked for, since S3 does not say in words why it refuses a `HEAD`.
    ///
    /// # Errors
    /// `not_found` when there is none, and the errors of any call.
    pub async fn check_object(
        &self,
        place: &Place,
        bucket: &BucketName,
        key: &str,
        version: Option<&str>,
    ) -> Result<()> {
        match self.read_object(place, bucket, key, version, Some(&ByteRange::Between(0..=0))).await {
            // An empty object has no first byte, and one that is archived gives none.
            Err(error) if is_there(&error) => Ok(()),
            other => other.map(drop),
        }
    }

    /// Deletes an object. In a bucket that keeps versions they stay, below a mark that hides them. Deleting what is not there succeeds.
    ///
    /// # Errors
    /// The errors of any call.
    pub async fn delete_object(&self, place: &Place, bucket: &BucketName, key: &str) -> Result<()> {
        let site = self.site(place)?;
        let request = site.s3().delete_object().bucket(bucket.as_str()).key(key);
        site.call(DELETE_OBJECT, request.send()).await.map(drop)
    }
}

/// Whether S3 refuses to give something of an object since the object is as it is, not since there is none.
fn is_there(error: &Error) -> bool {
    matches!(code_of(error), Some("InvalidRange" | "InvalidObjectState"))
}

/// How an answer of S3 spells keys.
#[derive(Clone, Copy)]
pub(super) struct Spelling {
    is_encoded: bool,
}

impl Spelling {
    pub(super) fn of(told: Option<&sdk::EncodingType>) -> Self {
        Self { is_encoded: told == Some(&sdk::EncodingType::Url) }
    }

    pub(super) fn read(self, text: &str) -> String {
        if self.is_encoded { decode(text) } else { text.to_owned() }
    }
}

fn read_objects(objects: &[sdk::Object], spelling: Spelling) -> Vec<ObjectSummary> {
    let read = |object: &sdk::Object| {
        Some(ObjectSummary {
            key: spelling.read(object.key()?),
            size: object.size().unwrap_or_default(),
            modified_at: object.last_modified().and_then(read_time),
            storage_class: object.storage_class().map(|class| class.as_str().to_owned()),
            etag: read_etag(object.e_tag()),
        })
    };
    objects.iter().filter_map(read).collect()
}

/// A key as S3 writes it when it is asked to: like a value of a form.
pub(super) fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_what_they_were_before_they_were_encoded() {
        assert_eq!(decode("a+b%2Bc%20d/%01%E6%97%A5"), "a b+c d/\u{1}日");
        assert_eq!(decode("100%"), "100%");
    }

    #[test]
    fn ranges_are_spelled_as_http_has_them() {
        assert_eq!(ByteRange::Between(0..=9).to_string(), "bytes=0-9");
        assert_eq!(ByteRange::From(5).to_string(), "bytes=5-");
        assert_eq!(ByteRange::Last(7).to_string(), "bytes=-7");
    }
}
