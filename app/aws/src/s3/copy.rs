//! Copying an object within a bucket, by S3 itself: nothing of it comes here.

use aws_sdk_s3::types as sdk;
use nephoscope_model::{
    Error, ErrorCode, Result,
    s3::{ObjectDetails, Uploaded},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Part, Upload, patient, patient_once, read_etag};
use crate::{
    Cloud,
    calls::{COPY_OBJECT, CREATE_MULTIPART_UPLOAD, UPLOAD_PART_COPY},
};

/// The largest object that S3 copies with one call, in bytes: 5 GiB. A larger one is copied in parts.
pub const LARGEST_COPY: u64 = 5 << 30;

/// What stays as it is where an object is named in a header.
const IN_SOURCE: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A copy to make: of what, and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectCopy {
    /// The object, as S3 knows it.
    pub source: ObjectDetails,
    /// Which of its versions; the latest when nothing is said.
    pub version: Option<String>,
    /// What is written.
    pub to: Upload,
}

impl ObjectCopy {
    /// The source as the header names it.
    fn named(&self) -> String {
        let encode = |text: &str| utf8_percent_encode(text, IN_SOURCE).to_string();
        let object = format!("{}/{}", self.to.bucket, encode(&self.source.key));
        match &self.version {
            Some(version) => format!("{object}?versionId={}", encode(version)),
            None => object,
        }
    }

    fn storage_class(&self) -> Option<sdk::StorageClass> {
        self.source.storage_class.as_deref().map(sdk::StorageClass::from)
    }

    /// What it is encrypted with, unless S3 does that of its own.
    fn encryption(&self) -> Option<sdk::ServerSideEncryption> {
        let with = self.source.encryption.as_deref()?;
        with.starts_with("aws:kms").then(|| sdk::ServerSideEncryption::from(with))
    }

    fn kms_key(&self) -> Option<String> {
        self.encryption().and(self.source.kms_key.clone())
    }

    /// The tags as the header names them: like a form.
    fn tagging(&self) -> Option<String> {
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let pairs = self.source.tags.iter().map(|tag| format!("{}={}", encode(&tag.key), encode(&tag.value)));
        let text = pairs.collect::<Vec<_>>().join("&");
        (!text.is_empty()).then_some(text)
    }
}

impl Cloud {
    /// Copies an object of up to 5 GiB with its metadata and tags, storage class and encryption.
    ///
    /// # Errors
    /// `conflict` when there is something of the new key and it may not be overwritten, and the errors of any call.
    pub async fn copy_object(&self, copy: &ObjectCopy) -> Result<Uploaded> {
        let site = self.site(&copy.to.place)?;
        let send = |config| {
            let request = site
                .s3()
                .copy_object()
                .copy_source(copy.named())
                .bucket(copy.to.bucket.as_str())
                .key(&copy.to.key)
                .metadata_directive(sdk::MetadataDirective::Copy)
                .tagging_directive(sdk::TaggingDirective::Copy)
                .set_storage_class(copy.storage_class())
                .set_server_side_encryption(copy.encryption())
                .set_ssekms_key_id(copy.kms_key())
                .set_if_none_match(copy.to.if_none_match());
            request.customize().config_override(config).send()
        };
        let answer = if copy.to.overwrite {
            site.call(COPY_OBJECT, send(patient())).await?
        } else {
            site.call_once(COPY_OBJECT, || send(patient_once())).await?
        };
        // S3 may begin to answer before it is done, and then fail.
        let etag = answer.copy_object_result.and_then(|result| result.e_tag).ok_or_else(not_made)?;
        Ok(Uploaded {
            key: copy.to.key.clone(),
            size: copy.source.size,
            etag: read_etag(Some(&etag)),
            version_id: answer.version_id,
            checksum: None,
        })
    }

    /// Begins to copy an object in parts, with its metadata and tags, and gives the id of the upload.
    ///
    /// # Errors
    /// The errors of any call.
    pub async fn begin_copy(&self, copy: &ObjectCopy) -> Result<String> {
        let site = self.site(&copy.to.place)?;
        let source = &copy.source;
        let request = site
            .s3()
            .create_multipart_upload()
            .bucket(copy.to.bucket.as_str())
            .key(&copy.to.key)
            .set_content_type(source.content_type.clone())
            .set_content_encoding(source.content_encoding.clone())
            .set_content_disposition(source.content_disposition.clone())
            .set_content_language(source.content_language.clone())
            .set_cache_control(source.cache_control.clone())
            .set_metadata(Some(source.metadata.clone().into_iter().collect()))
            .set_tagging(copy.tagging())
            .set_storage_class(copy.storage_class())
            .set_server_side_encryption(copy.encryption())
            .set_ssekms_key_id(copy.kms_key());
        let answer = site.call(CREATE_MULTIPART_UPLOAD, request.send()).await?;
        answer.upload_id.ok_or_else(Error::internal)
    }

    /// Copies some bytes, both ends included, as a part.
    ///
    /// # Errors
    /// `conflict` when the object has changed meanwhile, and the errors of any call.
    pub async fn copy_part(
        &self,
        copy: &ObjectCopy,
        id: &str,
        number: i32,
        (from, to): (u64, u64),
    ) -> Result<Part> {
        let site = self.site(&copy.to.place)?;
        let request = site
            .s3()
            .upload_part_copy()
            .copy_source(copy.named())
            .copy_source_range(format!("bytes={from}-{to}"))
            // All parts must be of one object.
            .set_copy_source_if_match(copy.source.etag.as_ref().map(|etag| format!("\"{etag}\"")))
            .bucket(copy.to.bucket.as_str())
            .key(&copy.to.key)
            .upload_id(id)
            .part_number(number)
            .customize()
            .config_override(patient());
        let answer = site.call(UPLOAD_PART_COPY, request.send()).await?;
        let part = answer.copy_part_result.ok_or_else(not_made)?;
        let etag = part.e_tag.ok_or_else(not_made)?;
        Ok(Part { number, etag: Some(etag), crc32: part.checksum_crc32 })
    }
}

fn not_made() -> Error {
    Error::new(ErrorCode::AwsUnavailable, "S3 broke off while it was copying.")
        .with_hint("Look whether the copy is there, then try again.")
}
