//! Uploads in parts, in MongoDB: whoever moves the time of a document has it.

use async_trait::async_trait;
use mongodb::bson::{DateTime, Document, doc};
use nephoscope_model::{AccountId, Place, Region, Timestamp, s3::BucketName};
use serde::{Deserialize, Serialize};

use super::{MongoStore, date, error::answer, timestamp};
use crate::{
    Result,
    uploads::{OpenUpload, UploadStore},
};

/// As `_id` it is unique; the order of its fields is part of it.
#[derive(Serialize, Deserialize)]
struct Which {
    account: AccountId,
    region: Region,
    bucket: BucketName,
    id: String,
}

#[derive(Serialize, Deserialize)]
pub(super) struct UploadDocument {
    #[serde(rename = "_id")]
    which: Which,
    key: String,
    user_name: String,
    touched_at: DateTime,
}

impl From<UploadDocument> for OpenUpload {
    fn from(it: UploadDocument) -> Self {
        let Which { account, region, bucket, id } = it.which;
        Self {
            place: Place { account, region },
            bucket,
            key: it.key,
            id,
            user_name: it.user_name,
            touched_at: timestamp(it.touched_at),
        }
    }
}

fn which(place: &Place, bucket: &BucketName, id: &str) -> Document {
    let which = doc! {
        "account": place.account.as_str(),
        "region": place.region.as_str(),
        "bucket": bucket.as_str(),
        "id": id,
    };
    doc! { "_id": which }
}

#[async_trait]
impl UploadStore for MongoStore {
    async fn save_upload(&self, upload: OpenUpload) -> Result<()> {
        let fields = doc! {
            "key": &upload.key,
            "user_name": &upload.user_name,
            "touched_at": date(upload.touched_at),
        };
        let which = which(&upload.place, &upload.bucket, &upload.id);
        answer(self.collections.open_uploads.update_one(which, doc! { "$set": fields }).upsert(true)).await?;
        Ok(())
    }

    async fn forget_upload(&self, place: &Place, bucket: &BucketName, id: &str) -> Result<()> {
        answer(self.collections.open_uploads.delete_one(which(place, bucket, id))).await?;
        Ok(())
    }

    async fn claim_idle_upload(&self, since: Timestamp, now: Timestamp) -> Result<Option<OpenUpload>> {
        let idle = doc! { "touched_at": { "$lte": date(since) } };
        let claim = doc! { "$set": { "touched_at": date(now) } };
        let claimed = self.collections.open_uploads.find_one_and_update(idle, claim);
        let claimed = answer(claimed.sort(doc! { "touched_at": 1, "_id.id": 1 })).await?;
        Ok(claimed.map(OpenUpload::from))
    }
}
