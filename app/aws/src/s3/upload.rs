//! Writing objects: in one request when they are small, in parts otherwise.
//!
//! S3 keeps the parts of an upload that is never finished, and asks money for them: whoever begins one either completes or aborts it.

use std::time::Duration;

use aws_sdk_s3::{
    config::timeout::TimeoutConfig,
    types::{ChecksumAlgorithm, ChecksumType, CompletedMultipartUpload, CompletedPart},
};
use aws_smithy_types::retry::RetryConfig;
use bytes::Bytes;
use nephoscope_model::{
    Error, ErrorCode, Place, Result, Timestamp,
    s3::{BucketName, Uploaded, UploadedPart},
};

use tokio::time::sleep;

use super::{read_etag, read_time};
use crate::{
    Cloud,
    calls::{
        ABORT_MULTIPART_UPLOAD, COMPLETE_MULTIPART_UPLOAD, CREATE_MULTIPART_UPLOAD, LIST_PARTS, PUT_OBJECT,
        UPLOAD_PART,
    },
};

/// How long the writing of one part may take: 16 MiB at half a megabit a second.
const PART_TIMEOUT: Duration = Duration::from_secs(300);

/// How often an upload is given up at most, while parts of it arrive still.
const ABORTS: usize = 3;

/// An object to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Where the bucket is.
    pub place: Place,
    /// The bucket.
    pub bucket: BucketName,
    /// The key.
    pub key: String,
    /// What it is.
    pub content_type: Option<String>,
    /// Whether what has this key already may be lost.
    pub overwrite: bool,
}

impl Upload {
    /// `*` is what S3 compares with: nothing of this key may be there.
    pub(super) fn if_none_match(&self) -> Option<String> {
        (!self.overwrite).then(|| "*".to_owned())
    }
}

/// A part that S3 has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub(super) number: i32,
    pub(super) etag: Option<String>,
    pub(super) crc32: Option<String>,
}

impl Part {
    /// Its checksum as S3 computed it: CRC-32 in Base64.
    #[must_use]
    pub fn checksum(&self) -> Option<&str> {
        self.crc32.as_deref()
    }
}

/// A part of an upload that is under way, as S3 lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedPart {
    /// What an object is made of.
    pub part: Part,
    /// Its size in bytes.
    pub size: u64,
    /// When it was written.
    pub modified_at: Option<Timestamp>,
}

impl ListedPart {
    /// As it is told.
    #[must_use]
    pub fn told(&self) -> UploadedPart {
        UploadedPart {
            number: u32::try_from(self.part.number).unwrap_or_default(),
            size: self.size,
            checksum: self.part.crc32.clone(),
        }
    }
}

impl Cloud {
    /// Writes an object in one request. S3 verifies the checksum, a CRC-32 in Base64, when one is said.
    ///
    /// # Errors
    /// `conflict` when there is one and it may not be overwritten, `invalid_input` when the content is not what the checksum is of, and the
    /// errors of any call.
    pub async fn put_object(
        &self,
        upload: &Upload,
        content: Bytes,
        checksum: Option<&str>,
    ) -> Result<Uploaded> {
        let site = self.site(&upload.place)?;
        let size = content.len() as u64;
        let send = |config| {
            let request = site
                .s3()
                .put_object()
                .bucket(upload.bucket.as_str())
                .key(&upload.key)
                .set_content_type(upload.content_type.clone())
                .set_if_none_match(upload.if_none_match())
                .set_checksum_crc32(checksum.map(str::to_owned))
                .body(content.clone().into());
            request.customize().config_override(config).send()
        };
        let answer = if upload.overwrite {
            site.call(PUT_OBJECT, send(patient())).await
        } else {
            site.call_once(PUT_OBJECT, || send(patient_once())).await
        };
        let answer = answer.map_err(damaged)?;
        Ok(Uploaded {
            key: upload.key.clone(),
            size,
            etag: read_etag(answer.e_tag()),
            version_id: answer.version_id,
            // What S3 took with a checksum, it verified.
            checksum: answer.checksum_crc32.as_deref().or(checksum).map(named),
        })
    }

    /// Begins to write an object in parts, and gives the id of the upload. S3 verifies each part, and makes one checksum of the object of
    /// theirs.
    ///
    /// # Errors
    /// The errors of any call.
    pub async fn begin_upload(&self, upload: &Upload) -> Result<String> {
        let site = self.site(&upload.place)?;
        let request = site
            .s3()
            .create_multipart_upload()
            .bucket(upload.bucket.as_str())
            .key(&upload.key)
            .set_content_type(upload.content_type.clone())
            .checksum_algorithm(ChecksumAlgorithm::Crc32)
            .checksum_type(ChecksumType::FullObject);
        let answer = site.call(CREATE_MULTIPART_UPLOAD, request.send()).await?;
        answer.upload_id.ok_or_else(Error::internal)
    }

    /// Writes one part; `number` begins with 1. All but the last must have 5 MiB at least. S3 verifies the checksum, a CRC-32 in Base64: that
    /// which is said, or else our own.
    ///
    /// # Errors
    /// `not_found` when the upload is not under way, `invalid_input` when the content is not what the checksum is of, and the errors of any
    /// call.
    pub async fn upload_part(
        &self,
        upload: &Upload,
        id: &str,
        number: i32,
        content: Bytes,
        checksum: Option<&str>,
    ) -> Result<Part> {
        let site = self.site(&upload.place)?;
        let request = site
            .s3()
            .upload_part()
            .bucket(upload.bucket.as_str())
            .key(&upload.key)
            .upload_id(id)
            .part_number(number)
            .set_checksum_crc32(checksum.map(str::to_owned))
            .body(content.into())
            .customize()
            .config_override(patient());
        let answer = site.call(UPLOAD_PART, request.send()).await.map_err(damaged)?;
        Ok(Part { number, etag: answer.e_tag, crc32: answer.checksum_crc32 })
    }

    /// The parts of an upload that S3 has, by number.
    ///
    /// # Errors
    /// `not_found` when the upload is not under way, and the errors of any call.
    pub async fn list_parts(&self, upload: &Upload, id: &str) -> Result<Vec<ListedPart>> {
        let site = self.site(&upload.place)?;
        let (mut parts, mut after) = (Vec::new(), None::<String>);
        loop {
            let request = site
                .s3()
                .list_parts()
                .bucket(upload.bucket.as_str())
                .key(&upload.key)
                .upload_id(id)
                .set_part_number_marker(after.clone());
            let page = site.call(LIST_PARTS, request.send()).await?;
            let read = |part: aws_sdk_s3::types::Part| {
                Some(ListedPart {
                    size: u64::try_from(part.size?).ok()?,
                    modified_at: part.last_modified.as_ref().and_then(read_time),
                    part: Part { number: part.part_number?, etag: part.e_tag, crc32: part.checksum_crc32 },
                })
            };
            parts.extend(page.parts.unwrap_or_default().into_iter().filter_map(read));
            let next = page.next_part_number_marker.filter(|_| page.is_truncated == Some(true));
            // Whoever goes on where it was is not asked for ever.
            if next.is_none() || next == after {
                break;
            }
            after = next;
        }
        parts.sort_by_key(|part| part.part.number);
        Ok(parts)
    }

    /// Makes an object of its parts, which must be in the order of their numbers. It is asked for once: after `aws_unavailable` it may be
    /// there, and then the upload is not under way any more.
    ///
    /// # Errors
    /// `conflict` when there is one and it may not be overwritten, and the errors of any call.
    pub async fn complete_upload(
        &self,
        upload: &Upload,
        id: &str,
        parts: Vec<Part>,
        size: u64,
    ) -> Result<Uploaded> {
        let site = self.site(&upload.place)?;
        let parts = parts.into_iter().map(|part| {
            CompletedPart::builder()
                .part_number(part.number)
                .set_e_tag(part.etag)
                .set_checksum_crc32(part.crc32)
                .build()
        });
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts.collect())).build();
        let send = || {
            let request = site
                .s3()
                .complete_multipart_upload()
                .bucket(upload.bucket.as_str())
                .key(&upload.key)
                .upload_id(id)
                .set_if_none_match(upload.if_none_match())
                .multipart_upload(parts.clone());
            request.customize().config_override(patient_once()).send()
        };
        let answer = site.call_once(COMPLETE_MULTIPART_UPLOAD, send).await?;
        Ok(Uploaded {
            key: upload.key.clone(),
            size,
            etag: read_etag(answer.e_tag()),
            version_id: answer.version_id,
            checksum: answer.checksum_crc32.as_deref().map(named),
        })
    }

    /// Gives an upload up, and its parts with it. A part that was under way may arrive after that and stay, so S3 is asked whether any did,
    /// and told again.
    ///
    /// # Errors
    /// `not_found` when it is not under way, and the errors of any call.
    pub async fn abort_upload(&self, upload: &Upload, id: &str) -> Result<()> {
        let site = self.site(&upload.place)?;
        let abort = || {
            let request = site.s3().abort_multipart_upload().bucket(upload.bucket.as_str());
            request.key(&upload.key).upload_id(id).send()
        };
        site.call(ABORT_MULTIPART_UPLOAD, abort()).await?;
        for _ in 1..ABORTS {
            let request = site.s3().list_parts().bucket(upload.bucket.as_str()).key(&upload.key);
            let left = site.call(LIST_PARTS, request.upload_id(id).max_parts(1).send()).await;
            // Nothing is under way, or nobody may look.
            if left.is_err() {
                break;
            }
            sleep(site.pause()).await;
            match site.call(ABORT_MULTIPART_UPLOAD, abort()).await {
                Err(error) if error.code == ErrorCode::NotFound => break,
                other => drop(other?),
            }
        }
        Ok(())
    }
}

/// A checksum, with what it is.
fn named(crc32: &str) -> String {
    format!("CRC32 {crc32}")
}

/// What S3 says of content that its checksum is not of, in words that say what to do.
fn damaged(error: Error) -> Error {
    if !matches!(super::code_of(&error), Some("BadDigest" | "XAmzContentChecksumMismatch")) {
        return error;
    }
    let words = "What arrived is not what the checksum is of, so that it was not written.";
    Error { aws: error.aws, ..Error::new(ErrorCode::InvalidInput, words).with_hint("Send it again.") }
}

/// The same for what is sent by [`Site::call_once`](crate::site::Site::call_once).
pub(super) fn patient_once() -> aws_sdk_s3::config::Builder {
    patient().retry_config(RetryConfig::disabled())
}

/// What is large takes longer than what people wait for on a page.
pub(super) fn patient() -> aws_sdk_s3::config::Builder {
    let timeouts = TimeoutConfig::builder()
        .read_timeout(PART_TIMEOUT)
        .operation_attempt_timeout(PART_TIMEOUT)
        .operation_timeout(PART_TIMEOUT * 4);
    aws_sdk_s3::config::Builder::new().timeout_config(timeouts.build())
}
