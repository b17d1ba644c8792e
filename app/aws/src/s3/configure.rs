//! Changing how a bucket is configured.

use aws_sdk_s3::types as sdk;
use nephoscope_model::{Error, Place, Result, ec2::Tag, s3::BucketName};

use crate::{
    Cloud,
    calls::{DELETE_BUCKET_TAGGING, GET_BUCKET_TAGGING, PUT_BUCKET_TAGGING, PUT_BUCKET_VERSIONING},
};

impl Cloud {
    /// The tags of a bucket.
    ///
    /// # Errors
    /// `not_found` when the bucket is gone, and the errors of any call.
    pub async fn bucket_tags(&self, place: &Place, bucket: &BucketName) -> Result<Vec<Tag>> {
        let site = self.site(place)?;
        let request = site.s3().get_bucket_tagging().bucket(bucket.as_str());
        match site.call(GET_BUCKET_TAGGING, request.send()).await {
            Ok(answer) => {
                Ok(answer.tag_set.into_iter().map(|tag| Tag { key: tag.key, value: tag.value }).collect())
            }
            // It never had any.
            Err(error) if super::code_of(&error) == Some("NoSuchTagSet") => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Gives a bucket these tags in place of all that it has. Those that AWS made must be among them.
    ///
    /// # Errors
    /// The errors of any call.
    pub async fn set_bucket_tags(&self, place: &Place, bucket: &BucketName, tags: &[Tag]) -> Result<()> {
        let site = self.site(place)?;
        if tags.is_empty() {
            let request = site.s3().delete_bucket_tagging().bucket(bucket.as_str());
            return site.call(DELETE_BUCKET_TAGGING, request.send()).await.map(drop);
        }
        let tag = |tag: &Tag| {
            sdk::Tag::builder().key(&tag.key).value(&tag.value).build().map_err(|_| Error::internal())
        };
        let tags = tags.iter().map(tag).collect::<Result<Vec<_>>>()?;
        let tagging =
            sdk::Tagging::builder().set_tag_set(Some(tags)).build().map_err(|_| Error::internal())?;
        let request = site.s3().put_bucket_tagging().bucket(bucket.as_str()).tagging(tagging);
        site.call(PUT_BUCKET_TAGGING, request.send()).await.map(drop)
    }

    /// Lets a bucket keep the versions of its objects, or make no further ones; those that are there stay.
    ///
    /// # Errors
    /// The errors of any call.
    pub async fn set_versioning(&self, place: &Place, bucket: &BucketName, enabled: bool) -> Result<()> {
        let site = self.site(place)?;
        let status = if enabled {
            sdk::BucketVersioningStatus::Enabled
        } else {
            sdk::BucketVersioningStatus::Suspended
        };
        let versioning = sdk::VersioningConfiguration::builder().status(status).build();
        let request = site.s3().put_bucket_versioning().bucket(bucket.as_str());
        let request = request.versioning_configuration(versioning);
        site.call(PUT_BUCKET_VERSIONING, request.send()).await.map(drop)
    }
}
