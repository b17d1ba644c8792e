//! Test events of functions, in MongoDB.

use async_trait::async_trait;
use futures::TryStreamExt;
use mongodb::bson::{DateTime, Document, doc};
use nephoscope_model::{
    AccountId, Place, Region,
    lambda::{FunctionName, MOST_TEST_EVENTS, TestEvent, TestEventName},
};
use serde::{Deserialize, Serialize};

use super::{MongoStore, date, error::answer, timestamp};
use crate::{Result, StoreError, TestEventStore};

/// Whose event, by which name: as `_id` it is unique; the order of its fields is part of it.
#[derive(Serialize, Deserialize)]
struct Key {
    account: AccountId,
    region: Region,
    function: FunctionName,
    name: TestEventName,
}

#[derive(Serialize, Deserialize)]
pub(super) struct TestEventDocument {
    #[serde(rename = "_id")]
    key: Key,
    payload: String,
    updated_by: String,
    updated_at: DateTime,
}

/// All events of a function.
fn of(place: &Place, function: &FunctionName) -> Document {
    doc! {
        "_id.account": place.account.as_str(),
        "_id.region": place.region.as_str(),
        "_id.function": function.as_str(),
    }
}

fn key(place: &Place, function: &FunctionName, name: &TestEventName) -> Document {
    doc! {
        "account": place.account.as_str(),
        "region": place.region.as_str(),
        "function": function.as_str(),
        "name": name.as_str(),
    }
}

#[async_trait]
impl TestEventStore for MongoStore {
    async fn list_test_events(&self, place: &Place, function: &FunctionName) -> Result<Vec<TestEvent>> {
        let found: Vec<TestEventDocument> = answer(async {
            let events = &self.collections.test_events;
            events.find(of(place, function)).sort(doc! { "_id.name": 1 }).await?.try_collect().await
        })
        .await?;
        let read = |it: TestEventDocument| TestEvent {
            name: it.key.name,
            payload: it.payload,
            updated_by: it.updated_by,
            updated_at: timestamp(it.updated_at),
        };
        Ok(found.into_iter().map(read).collect())
    }

    async fn save_test_event(&self, place: &Place, function: &FunctionName, event: TestEvent) -> Result<()> {
        let events = &self.collections.test_events;
        // Two that are saved at once may both find room; the bound is against heaps, not to the letter.
        let mut others = of(place, function);
        others.insert("_id.name", doc! { "$ne": event.name.as_str() });
        if answer(events.count_documents(others)).await? >= MOST_TEST_EVENTS as u64 {
            return Err(StoreError::Conflict(StoreError::TEST_EVENTS));
        }
        let fields = doc! {
            "payload": &event.payload,
            "updated_by": &event.updated_by,
            "updated_at": date(event.updated_at),
        };
        let wanted = doc! { "_id": key(place, function, &event.name) };
        answer(events.update_one(wanted, doc! { "$set": fields }).upsert(true)).await?;
        Ok(())
    }

    async fn remove_test_event(
        &self,
        place: &Place,
        function: &FunctionName,
        event: &TestEventName,
    ) -> Result<()> {
        let wanted = doc! { "_id": key(place, function, event) };
        let removed = answer(self.collections.test_events.delete_one(wanted)).await?;
        if removed.deleted_count == 0 { Err(StoreError::NotFound("test event")) } else { Ok(()) }
    }

    async fn remove_test_events(&self, place: &Place, function: &FunctionName) -> Result<u64> {
        let removed = answer(self.collections.test_events.delete_many(of(place, function))).await?;
        Ok(removed.deleted_count)
    }
}
