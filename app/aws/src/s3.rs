//! S3: buckets here, and what is in them in the modules below.
//! [API reference](https://docs.aws.amazon.com/AmazonS3/latest/API/)

mod configure;
mod copy;
mod details;
mod head;
mod lifecycle;
mod objects;
mod presign;
mod remove;
mod upload;
mod versions;

use aws_sdk_s3::types as sdk;
use aws_smithy_types::DateTime;
use nephoscope_model::{
    Error, Place, Result, Timestamp,
    s3::{Bucket, BucketEncryption, BucketName, NewBucket},
};
use tracing::warn;

use self::upload::{patient, patient_once};
pub use self::{
    copy::{LARGEST_COPY, ObjectCopy},
    objects::{ByteRange, ObjectStream},
    presign::SignedLink,
    upload::{ListedPart, Part, Upload},
};
use crate::{
    Cloud,
    calls::{CREATE_BUCKET, DELETE_BUCKET, LIST_BUCKETS, PUT_BUCKET_ENCRYPTION, PUT_PUBLIC_ACCESS_BLOCK},
    paging::Pages,
    site::Site,
};

/// The most that `ListBuckets` gives in a page.
const PAGE: i32 = 1_000;
/// The one region that `CreateBucket` must not name.
const FIRST_REGION: &str = "us-east-1";

impl Cloud {
    /// All buckets of an account in one region, by name.
    ///
    /// # Errors
    /// `not_found` for a place that is not configured, and the errors of any call.
    pub async fn list_buckets(&self, place: &Place) -> Result<Vec<Bucket>> {
        let site = self.site(place)?;
        let mut buckets = Vec::new();
        let mut pages = Pages::default();
        loop {
            let request = site
                .s3()
                .list_buckets()
                .bucket_region(place.region.as_str())
                .max_buckets(PAGE)
                .set_continuation_token(pages.token());
            let page = site.call(LIST_BUCKETS, request.send()).await?;
            buckets.extend(page.buckets.unwrap_or_default().iter().filter_map(|it| read_bucket(place, it)));
            if !pages.turn(page.continuation_token) {
                break;
            }
        }
        buckets.sort_by(|a, b| a.name.cmp(&b.name));
        buckets.dedup_by(|a, b| a.name == b.name);
        Ok(buckets)
    }

    /// Makes a bucket that is not in this account yet, then sets its switches. When one of those fails the bucket is there all the same, and the
    /// error says so.
    ///
    /// # Errors
    /// `conflict` when somebody else has the name, and the errors of any call.
    pub async fn create_bucket(&self, place: &Place, new: &NewBucket) -> Result<()> {
        let site = self.site(place)?;
        let name = new.name.as_str();
        let configuration = (place.region.as_str() != FIRST_REGION).then(|| {
            let region = sdk::BucketLocationConstraint::from(place.region.as_str());
            sdk::CreateBucketConfiguration::builder().location_constraint(region).build()
        });
        let request = site.s3().create_bucket().bucket(name).set_create_bucket_configuration(configuration);
        match site.call(CREATE_BUCKET, request.send()).await {
            // An attempt whose answer was lost made it.
            Err(error) if code_of(&error) == Some("BucketAlreadyOwnedByYou") => {}
            made => drop(made?),
        }
        self.set_up_bucket(&site, new).await.map_err(|error| {
            let message = format!(
                "The bucket {name} is made, but not all that was asked for is set: {}",
                error.message
            );
            Error { message, ..error }.with_hint("Look at its properties, and set there what is missing.")
        })
    }

    /// The switches of a bucket that was just made.
    async fn set_up_bucket(&self, site: &Site, new: &NewBucket) -> Result<()> {
        let name = new.name.as_str();
        let block = new.block_public_access;
        let switches = sdk::PublicAccessBlockConfiguration::builder()
            .block_public_acls(block)
            .ignore_public_acls(block)
            .block_public_policy(block)
            .restrict_public_buckets(block)
            .build();
        let request =
            site.s3().put_public_access_block().bucket(name).public_access_block_configuration(switches);
        site.call(PUT_PUBLIC_ACCESS_BLOCK, request.send()).await?;
        // What is encrypted with S3's own keys is so by itself.
        if new.encryption == BucketEncryption::Kms {
            let default = sdk::ServerSideEncryptionByDefault::builder()
                .sse_algorithm(sdk::ServerSideEncryption::AwsKms)
                .set_kms_master_key_id(new.kms_key.clone())
                .build();
            // A key of the bucket's own, made from the one in KMS, saves nearly all calls to KMS and what they cost.
            let rule = sdk::ServerSideEncryptionRule::builder()
                .bucket_key_enabled(true)
                .set_apply_server_side_encryption_by_default(default.ok())
                .build();
            let rules = sdk::ServerSideEncryptionConfiguration::builder().rules(rule).build();
            let request = site.s3().put_bucket_encryption().bucket(name);
            let request = request.set_server_side_encryption_configuration(rules.ok());
            site.call(PUT_BUCKET_ENCRYPTION, request.send()).await?;
        }
        if new.versioning {
            self.set_versioning(&site.place, &new.name, true).await?;
        }
        Ok(())
    }

    /// Deletes a bucket that is empty.
    ///
    /// # Errors
    /// `conflict` when it is not empty, `not_found`, and the errors of any call.
    pub async fn delete_bucket(&self, place: &Place, name: &BucketName) -> Result<()> {
        let site = self.site(place)?;
        let request = site.s3().delete_bucket().bucket(name.as_str());
        site.call(DELETE_BUCKET, request.send()).await.map(drop)
    }
}

/// What S3 calls an error.
fn code_of(error: &Error) -> Option<&str> {
    error.aws.as_ref()?.code.as_deref()
}

fn read_bucket(place: &Place, bucket: &sdk::Bucket) -> Option<Bucket> {
    let name = bucket.name()?;
    // Whoever does not know the filter answers with all regions.
    if bucket.bucket_region().is_some_and(|region| region != place.region.as_str()) {
        return None;
    }
    let Ok(name) = name.parse() else {
        warn!(%place, "skipped a bucket of {place} whose name is none");
        return None;
    };
    let created_at = bucket.creation_date().and_then(read_time);
    Some(Bucket { name, account: place.account.clone(), region: place.region.clone(), created_at })
}

fn read_time(at: &DateTime) -> Option<Timestamp> {
    at.to_millis().ok().map(Timestamp::from_millis)
}

/// An entity tag without its quotes.
fn read_etag(etag: Option<&str>) -> Option<String> {
    etag.map(|etag| etag.trim_matches('"').to_owned())
}
