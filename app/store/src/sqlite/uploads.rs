//! Uploads in parts, in SQLite.

use async_trait::async_trait;
use nephoscope_model::{Place, Timestamp, s3::BucketName};
use rusqlite::{Row, named_params, params};

use super::{SqliteStore, timestamp};
use crate::{
    Result,
    common::unreadable,
    uploads::{OpenUpload, UploadStore},
};

#[async_trait]
impl UploadStore for SqliteStore {
    async fn save_upload(&self, upload: OpenUpload) -> Result<()> {
        self.write(move |connection| {
            connection
                .prepare_cached(
                    "INSERT OR REPLACE INTO open_uploads (account, region, bucket, id, key, user_name, touched_at)
                     VALUES (:account, :region, :bucket, :id, :key, :user_name, :touched_at)",
                )?
                .execute(named_params! {
                    ":account": upload.place.account.as_str(),
                    ":region": upload.place.region.as_str(),
                    ":bucket": upload.bucket.as_str(),
                    ":id": upload.id,
                    ":key": upload.key,
                    ":user_name": upload.user_name,
                    ":touched_at": upload.touched_at.as_millis(),
                })?;
            Ok(())
        })
        .await
    }

    async fn forget_upload(&self, place: &Place, bucket: &BucketName, id: &str) -> Result<()> {
        let (place, bucket, id) = (place.clone(), bucket.clone(), id.to_owned());
        self.write(move |connection| {
            connection
                .prepare_cached(
                    "DELETE FROM open_uploads WHERE account = ?1 AND region = ?2 AND bucket = ?3 AND id = ?4",
                )?
                .execute(params![place.account.as_str(), place.region.as_str(), bucket.as_str(), id])?;
            Ok(())
        })
        .await
    }

    async fn claim_idle_upload(&self, since: Timestamp, now: Timestamp) -> Result<Option<OpenUpload>> {
        self.write(move |connection| {
            // There is one writer, so that nobody comes in between.
            let idle = connection
                .prepare_cached(
                    "SELECT * FROM open_uploads WHERE touched_at <= ?1 ORDER BY touched_at, id LIMIT 1",
                )?
                .query_and_then([since.as_millis()], read)?
                .next()
                .transpose()?;
            if let Some(OpenUpload { place, bucket, id, .. }) = &idle {
                connection
                    .prepare_cached(
                        "UPDATE open_uploads SET touched_at = ?5
                         WHERE account = ?1 AND region = ?2 AND bucket = ?3 AND id = ?4",
                    )?
                    .execute(params![
                        place.account.as_str(),
                        place.region.as_str(),
                        bucket.as_str(),
                        id,
                        now.as_millis()
                    ])?;
            }
            Ok(idle)
        })
        .await
    }
}

fn read(row: &Row<'_>) -> Result<OpenUpload> {
    let text = |column: &str| row.get::<_, String>(column);
    let unreadable = |error| unreadable("an upload", error);
    Ok(OpenUpload {
        place: Place {
            account: text("account")?.parse().map_err(unreadable)?,
            region: text("region")?.parse().map_err(unreadable)?,
        },
        bucket: text("bucket")?.parse().map_err(unreadable)?,
        key: text("key")?,
        id: text("id")?,
        user_name: text("user_name")?,
        touched_at: timestamp(row, "touched_at")?,
    })
}
