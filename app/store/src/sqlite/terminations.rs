//! The queue of terminations, in SQLite.

use async_trait::async_trait;
use nephoscope_model::{Place, Timestamp, ec2::InstanceId};
use rusqlite::{Row, named_params, params};

use super::{SqliteStore, timestamp};
use crate::{
    Result, StoreError,
    common::unreadable,
    terminations::{QueuedTermination, TerminationStore},
};

#[async_trait]
impl TerminationStore for SqliteStore {
    async fn queue_termination(&self, termination: QueuedTermination) -> Result<()> {
        self.write(move |connection| {
            let added = connection
                .prepare_cached(
                    "INSERT INTO terminations (account, region, instance, confirmation, user_id, user_name,
                         operation_id, request_id, asked_at, due_at)
                     VALUES (:account, :region, :instance, :confirmation, :user_id, :user_name,
                         :operation_id, :request_id, :asked_at, :due_at) ON CONFLICT DO NOTHING",
                )?
                .execute(named_params! {
                    ":account": termination.place.account.as_str(),
                    ":region": termination.place.region.as_str(),
                    ":instance": termination.instance.as_str(),
                    ":confirmation": termination.confirmation,
                    ":user_id": termination.user_id,
                    ":user_name": termination.user_name,
                    ":operation_id": termination.operation_id,
                    ":request_id": termination.request_id,
                    ":asked_at": termination.asked_at.as_millis(),
                    ":due_at": termination.due_at.as_millis(),
                })?;
            if added == 0 { Err(StoreError::Conflict(StoreError::TERMINATION)) } else { Ok(()) }
        })
        .await
    }

    async fn list_terminations(&self) -> Result<Vec<QueuedTermination>> {
        self.read(|connection| {
            connection
                .prepare_cached("SELECT * FROM terminations ORDER BY due_at, instance")?
                .query_and_then([], read)?
                .collect()
        })
        .await
    }

    async fn remove_termination(
        &self,
        place: &Place,
        instance: &InstanceId,
    ) -> Result<Option<QueuedTermination>> {
        let (place, instance) = (place.clone(), instance.clone());
        self.write(move |connection| {
            connection
                .prepare_cached(
                    "DELETE FROM terminations WHERE account = ?1 AND region = ?2 AND instance = ?3 RETURNING *",
                )?
                .query_and_then(
                    params![place.account.as_str(), place.region.as_str(), instance.as_str()],
                    read,
                )?
                .next()
                .transpose()
        })
        .await
    }

    async fn take_due_termination(&self, now: Timestamp) -> Result<Option<QueuedTermination>> {
        self.write(move |connection| {
            connection
                .prepare_cached(
                    "DELETE FROM terminations WHERE (account, region, instance) IN
                         (SELECT account, region, instance FROM terminations
                          WHERE due_at <= ?1 ORDER BY due_at, instance LIMIT 1)
                     RETURNING *",
                )?
                .query_and_then([now.as_millis()], read)?
                .next()
                .transpose()
        })
        .await
    }
}

fn read(row: &Row<'_>) -> Result<QueuedTermination> {
    let text = |column: &str| row.get::<_, String>(column);
    let unreadable = |error| unreadable("a termination", error);
    Ok(QueuedTermination {
        place: Place {
            account: text("account")?.parse().map_err(unreadable)?,
            region: text("region")?.parse().map_err(unreadable)?,
        },
        instance: text("instance")?.parse().map_err(unreadable)?,
        confirmation: text("confirmation")?,
        user_id: text("user_id")?,
        user_name: text("user_name")?,
        operation_id: text("operation_id")?,
        request_id: text("request_id")?,
        asked_at: timestamp(row, "asked_at")?,
        due_at: timestamp(row, "due_at")?,
    })
}
