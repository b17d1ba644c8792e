//! The queue of terminations, in MongoDB: whoever deletes a document has it.

use async_trait::async_trait;
use futures::TryStreamExt;
use mongodb::bson::{DateTime, Document, doc};
use nephoscope_model::{AccountId, Place, Region, Timestamp, ec2::InstanceId};
use serde::{Deserialize, Serialize};

use super::{
    MongoStore, date,
    error::{answer, unless_taken},
    timestamp,
};
use crate::{
    Result, StoreError,
    terminations::{QueuedTermination, TerminationStore},
};

/// As `_id` it is unique; the order of its fields is part of it.
#[derive(Serialize, Deserialize)]
struct Which {
    account: AccountId,
    region: Region,
    instance: InstanceId,
}

#[derive(Serialize, Deserialize)]
pub(super) struct TerminationDocument {
    #[serde(rename = "_id")]
    which: Which,
    confirmation: String,
    user_id: String,
    user_name: String,
    operation_id: String,
    request_id: String,
    asked_at: DateTime,
    due_at: DateTime,
}

impl From<QueuedTermination> for TerminationDocument {
    fn from(it: QueuedTermination) -> Self {
        let Place { account, region } = it.place;
        Self {
            which: Which { account, region, instance: it.instance },
            confirmation: it.confirmation,
            user_id: it.user_id,
            user_name: it.user_name,
            operation_id: it.operation_id,
            request_id: it.request_id,
            asked_at: date(it.asked_at),
            due_at: date(it.due_at),
        }
    }
}

impl From<TerminationDocument> for QueuedTermination {
    fn from(it: TerminationDocument) -> Self {
        let Which { account, region, instance } = it.which;
        Self {
            place: Place { account, region },
            instance,
            confirmation: it.confirmation,
            user_id: it.user_id,
            user_name: it.user_name,
            operation_id: it.operation_id,
            request_id: it.request_id,
            asked_at: timestamp(it.asked_at),
            due_at: timestamp(it.due_at),
        }
    }
}

/// What is due first before the rest.
fn by_time() -> Document {
    doc! { "due_at": 1, "_id.instance": 1 }
}

#[async_trait]
impl TerminationStore for MongoStore {
    async fn queue_termination(&self, termination: QueuedTermination) -> Result<()> {
        let document = TerminationDocument::from(termination);
        let added = unless_taken(self.collections.terminations.insert_one(&document)).await?;
        added.map(drop).ok_or(StoreError::Conflict(StoreError::TERMINATION))
    }

    async fn list_terminations(&self) -> Result<Vec<QueuedTermination>> {
        let found: Vec<TerminationDocument> = answer(async {
            self.collections.terminations.find(doc! {}).sort(by_time()).await?.try_collect().await
        })
        .await?;
        Ok(found.into_iter().map(QueuedTermination::from).collect())
    }

    async fn remove_termination(
        &self,
        place: &Place,
        instance: &InstanceId,
    ) -> Result<Option<QueuedTermination>> {
        let which = doc! {
            "account": place.account.as_str(),
            "region": place.region.as_str(),
            "instance": instance.as_str(),
        };
        let removed = answer(self.collections.terminations.find_one_and_delete(doc! { "_id": which }));
        Ok(removed.await?.map(QueuedTermination::from))
    }

    async fn take_due_termination(&self, now: Timestamp) -> Result<Option<QueuedTermination>> {
        let due = doc! { "due_at": { "$lte": date(now) } };
        let taken = answer(self.collections.terminations.find_one_and_delete(due).sort(by_time()));
        Ok(taken.await?.map(QueuedTermination::from))
    }
}
