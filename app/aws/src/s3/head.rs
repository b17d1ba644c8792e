//! What S3 knows of one object.

use aws_sdk_s3::{operation::head_object::HeadObjectOutput, types as sdk};
use aws_smithy_types::{DateTime, date_time::Format};
use nephoscope_model::{
    Place, Result, Timestamp,
    ec2::Tag,
    s3::{BucketName, ObjectDetails, Untold},
};

use super::{objects::decode, read_etag, read_time};
use crate::{
    Cloud,
    calls::{GET_OBJECT_TAGGING, GET_OBJECT_VERSION_TAGGING, HEAD_OBJECT, HEAD_OBJECT_VERSION},
};

impl Cloud {
    /// All that S3 knows of an object, or of one of its versions. Tags that it does not tell are named.
    ///
    /// # Errors
    /// `not_found` when there is none, and the errors of any call.
    pub async fn get_object(
        &self,
        place: &Place,
        bucket: &BucketName,
        key: &str,
        version: Option<&str>,
    ) -> Result<ObjectDetails> {
        let site = self.site(place)?;
        let request = site
            .s3()
            .head_object()
            .bucket(bucket.as_str())
            .key(key)
            .set_version_id(version.map(str::to_owned))
            .checksum_mode(sdk::ChecksumMode::Enabled);
        let call = if version.is_some() { HEAD_OBJECT_VERSION } else { HEAD_OBJECT };
        let head = match site.call(call, request.send()).await {
            Ok(head) => head,
            Err(error) => {
                // Why, S3 says in words only to who wants the content.
                self.check_object(place, bucket, key, version).await?;
                return Err(error);
            }
        };
        let mut details = read_head(key, head);
        match self.object_tags(place, bucket, key, version).await {
            Ok(tags) => details.tags = tags,
            Err(error) => details.untold.push(Untold { part: "tags".to_owned(), error }),
        }
        Ok(details)
    }

    async fn object_tags(
        &self,
        place: &Place,
        bucket: &BucketName,
        key: &str,
        version: Option<&str>,
    ) -> Result<Vec<Tag>> {
        let site = self.site(place)?;
        let request = site
            .s3()
            .get_object_tagging()
            .bucket(bucket.as_str())
            .key(key)
            .set_version_id(version.map(str::to_owned));
        let call = if version.is_some() { GET_OBJECT_VERSION_TAGGING } else { GET_OBJECT_TAGGING };
        let answer = site.call(call, request.send()).await?;
        Ok(answer.tag_set.into_iter().map(|tag| Tag { key: tag.key, value: tag.value }).collect())
    }
}

fn read_head(key: &str, head: HeadObjectOutput) -> ObjectDetails {
    let (is_being_restored, restored_until) = head.restore().map(read_restore).unwrap_or_default();
    let is_archived = restored_until.is_none()
        && (head.archive_status().is_some()
            || matches!(
                head.storage_class(),
                Some(sdk::StorageClass::Glacier | sdk::StorageClass::DeepArchive)
            ));
    let expiration = head.expiration();
    ObjectDetails {
        is_archived,
        is_being_restored,
        restored_until,
        lock_mode: head.object_lock_mode().map(|mode| mode.as_str().to_owned()),
        locked_until: head.object_lock_retain_until_date().and_then(read_time),
        legal_hold: head.object_lock_legal_hold_status() == Some(&sdk::ObjectLockLegalHoldStatus::On),
        expires_at: expiration.and_then(|text| read_date(quoted(text, "expiry-date")?)),
        expires_by: expiration.and_then(|text| quoted(text, "rule-id")).map(decode),
        replication: head.replication_status().map(|status| status.as_str().to_owned()),
        redirect: head.website_redirect_location().map(str::to_owned),
        key: key.to_owned(),
        size: head.content_length().and_then(|length| u64::try_from(length).ok()).unwrap_or_default(),
        modified_at: head.last_modified().and_then(read_time),
        etag: read_etag(head.e_tag()),
        checksum: checksum(&head),
        // Of what is stored in the usual way, S3 says nothing.
        storage_class: Some(head.storage_class().map_or("STANDARD", sdk::StorageClass::as_str).to_owned()),
        encryption: head.server_side_encryption().map(|with| with.as_str().to_owned()),
        version_id: head.version_id,
        content_type: head.content_type,
        content_encoding: head.content_encoding,
        content_disposition: head.content_disposition,
        content_language: head.content_language,
        cache_control: head.cache_control,
        kms_key: head.ssekms_key_id,
        metadata: head.metadata.unwrap_or_default().into_iter().collect(),
        tags: Vec::new(),
        untold: Vec::new(),
    }
}

/// Whether it is being restored, and until when it can be read: `ongoing-request="false", expiry-date="Fri, 21 Dec 2012 00:00:00 GMT"`.
fn read_restore(text: &str) -> (bool, Option<Timestamp>) {
    (quoted(text, "ongoing-request") == Some("true"), quoted(text, "expiry-date").and_then(read_date))
}

/// The value of a name in a header such as `name="value", other="value"`.
fn quoted<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("{name}=\""))?;
    rest.split_once('"').map(|(value, _)| value)
}

fn read_date(text: &str) -> Option<Timestamp> {
    DateTime::from_str(text, Format::HttpDate).ok().as_ref().and_then(read_time)
}

fn checksum(head: &HeadObjectOutput) -> Option<String> {
    let known = [
        ("SHA256", head.checksum_sha256()),
        ("SHA1", head.checksum_sha1()),
        ("CRC64NVME", head.checksum_crc64_nvme()),
        ("CRC32C", head.checksum_crc32_c()),
        ("CRC32", head.checksum_crc32()),
    ];
    known.into_iter().find_map(|(name, value)| Some(format!("{name} {}", value?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_tell_whether_an_archived_object_can_be_read_and_what_a_rule_does_to_it() {
        let until = Timestamp::parse("2012-12-21T00:00:00Z").ok();
        let restored = "ongoing-request=\"false\", expiry-date=\"Fri, 21 Dec 2012 00:00:00 GMT\"";
        assert_eq!(read_restore(restored), (false, until));
        assert_eq!(read_restore("ongoing-request=\"true\""), (true, None));
        assert_eq!(read_restore("nonsense"), (false, None));
        assert_eq!(
            quoted("expiry-date=\"x\", rule-id=\"a%20b\"", "rule-id").map(decode),
            Some("a b".to_owned())
        );
    }
}
