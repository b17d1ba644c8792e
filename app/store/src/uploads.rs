//! What is remembered of uploads in parts, so that those that nobody finishes are given up: S3 keeps their parts for ever otherwise, and asks
//! money for them.

use async_trait::async_trait;
use nephoscope_model::{Place, Timestamp, s3::BucketName};

use crate::Result;

/// An upload in parts that was neither completed nor given up, as far as is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenUpload {
    /// Where its bucket is.
    pub place: Place,
    /// The bucket.
    pub bucket: BucketName,
    /// The key of the object that it makes.
    pub key: String,
    /// What S3 calls it; unique in a bucket.
    pub id: String,
    /// The name of who did something for it last.
    pub user_name: String,
    /// When that was.
    pub touched_at: Timestamp,
}

/// Uploads in parts, the same for all servers that share a store. Errors are as in [`Store`](crate::Store).
#[async_trait]
pub trait UploadStore {
    /// Remembers an upload, in place of what was known of it.
    async fn save_upload(&self, upload: OpenUpload) -> Result<()>;

    /// Forgets an upload, which need not be known.
    async fn forget_upload(&self, place: &Place, bucket: &BucketName, id: &str) -> Result<()>;

    /// The upload for which nobody did anything for longest, if nobody did since `since`; it counts as touched at `now` from then on. Of
    /// many servers that ask at once, one gets it.
    async fn claim_idle_upload(&self, since: Timestamp, now: Timestamp) -> Result<Option<OpenUpload>>;
}
