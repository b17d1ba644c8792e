//! Writing objects: in one request when they are small, in parts otherwise.
//!
//! S3 keeps the parts of an upload that is never finished, and asks money for them: whoever begins one either completes or aborts it.

use std::time::Duration;

use aws_sdk_s3::{
    config::timeout::TimeoutConfig,
    types::{CompletedMultipartUpload, CompletedPart},
};
use bytes::Bytes;
use nephoscope_model::{
    Place, Result,
    s3::{BucketName, Uploaded},
};

use super::read_etag;
use crate::{
    Cloud,
    calls::{
        ABORT_MULTIPART_UPLOAD, COMPLETE_MULTIPART_UPLOAD, CREATE_MULTIPART_UPLOAD, PUT_OBJECT, UPLOAD_PART,
    },
};

/// How long the writing of one part may take: 16 MiB at half a megabit a second.
const PART_TIMEOUT: Duration = Duration::from_secs(300);

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

impl Cloud {
    /// Writes an object in one request.
    ///
    /// # Errors
    /// `conflict` when there is one and it may not be overwritten, and the errors of any call.
    pub async fn put_object(&self, upload: &Upload, content: Bytes) -> Result<Uploaded> {
        let site = self.site(&upload.place)?;
        let size = content.len() as u64;
        let request = site
            .s3()
            .put_object()
            .bucket(upload.bucket.as_str())
            .key(&upload.key)
            .set_content_type(upload.content_type.clone())
            .set_if_none_match(upload.if_none_match())
            .body(content.into())
            .customize()
            .config_override(patient());
        let answer = site.call(PUT_OBJECT, request.send()).await?;
        Ok(Uploaded {
            key: upload.key.clone(),
            size,
            etag: read_etag(answer.e_tag()),
            version_id: answer.version_id,
        })
    }

    /// Begins to write an object in parts, and gives the id of the upload.
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
            .set_content_type(upload.content_type.clone());
        let answer = site.call(CREATE_MULTIPART_UPLOAD, request.send()).await?;
        answer.upload_id.ok_or_else(nephoscope_model::Error::internal)
    }

    /// Writes one part; `number` begins with 1. All but the last must have 5 MiB at least.
    ///
    /// # Errors
    /// The errors of any call.
    pub async fn upload_part(&self, upload: &Upload, id: &str, number: i32, content: Bytes) -> Result<Part> {
        let site = self.site(&upload.place)?;
        let request = site
            .s3()
            .upload_part()
            .bucket(upload.bucket.as_str())
            .key(&upload.key)
            .upload_id(id)
            .part_number(number)
            .body(content.into())
            .customize()
            .config_override(patient());
        let answer = site.call(UPLOAD_PART, request.send()).await?;
        Ok(Part { number, etag: answer.e_tag, crc32: answer.checksum_crc32 })
    }

    /// Makes an object of its parts, which must be in the order of their numbers.
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
        let request = site
            .s3()
            .complete_multipart_upload()
            .bucket(upload.bucket.as_str())
            .key(&upload.key)
            .upload_id(id)
            .set_if_none_match(upload.if_none_match())
            .multipart_upload(CompletedMultipartUpload::builder().set_parts(Some(parts.collect())).build())
            .customize()
            .config_override(patient());
        let answer = site.call(COMPLETE_MULTIPART_UPLOAD, request.send()).await?;
        Ok(Uploaded {
            key: upload.key.clone(),
            size,
            etag: read_etag(answer.e_tag()),
            version_id: answer.version_id,
        })
    }

    /// Gives an upload up, and its parts with it.
    ///
    /// # Errors
    /// `not_found` when it is not under way, and the errors of any call.
    pub async fn abort_upload(&self, upload: &Upload, id: &str) -> Result<()> {
        let site = self.site(&upload.place)?;
        let request =
            site.s3().abort_multipart_upload().bucket(upload.bucket.as_str()).key(&upload.key).upload_id(id);
        site.call(ABORT_MULTIPART_UPLOAD, request.send()).await.map(drop)
    }
}

/// What is large takes longer than what people wait for on a page.
pub(super) fn patient() -> aws_sdk_s3::config::Builder {
    let timeouts = TimeoutConfig::builder()
        .read_timeout(PART_TIMEOUT)
        .operation_attempt_timeout(PART_TIMEOUT)
        .operation_timeout(PART_TIMEOUT * 4);
    aws_sdk_s3::config::Builder::new().timeout_config(timeouts.build())
}
