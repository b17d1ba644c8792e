//! Test events of functions, in SQLite.

use async_trait::async_trait;
use nephoscope_model::{
    Place,
    lambda::{FunctionName, MOST_TEST_EVENTS, TestEvent, TestEventName},
};
use rusqlite::{Connection, Row, params};

use super::{SqliteStore, timestamp};
use crate::{Result, StoreError, TestEventStore, common::unreadable};

#[async_trait]
impl TestEventStore for SqliteStore {
    async fn list_test_events(&self, place: &Place, function: &FunctionName) -> Result<Vec<TestEvent>> {
        let key = Key::new(place, function);
        self.read(move |connection| {
            connection
                .prepare_cached(
                    "SELECT * FROM lambda_test_events WHERE account = ?1 AND region = ?2 AND function = ?3 ORDER BY name",
                )?
                .query_and_then(params![key.account, key.region, key.function], read)?
                .collect()
        })
        .await
    }

    async fn save_test_event(&self, place: &Place, function: &FunctionName, event: TestEvent) -> Result<()> {
        let key = Key::new(place, function);
        self.write(move |connection| save(connection, &key, &event)).await
    }

    async fn remove_test_event(
        &self,
        place: &Place,
        function: &FunctionName,
        event: &TestEventName,
    ) -> Result<()> {
        let (key, name) = (Key::new(place, function), event.to_string());
        self.write(move |connection| {
            let removed = connection
                .prepare_cached(
                    "DELETE FROM lambda_test_events WHERE account = ?1 AND region = ?2 AND function = ?3 AND name = ?4",
                )?
                .execute(params![key.account, key.region, key.function, name])?;
            if removed == 0 { Err(StoreError::NotFound("test event")) } else { Ok(()) }
        })
        .await
    }

    async fn remove_test_events(&self, place: &Place, function: &FunctionName) -> Result<u64> {
        let key = Key::new(place, function);
        self.write(move |connection| {
            let removed = connection
                .prepare_cached(
                    "DELETE FROM lambda_test_events WHERE account = ?1 AND region = ?2 AND function = ?3",
                )?
                .execute(params![key.account, key.region, key.function])?;
            Ok(removed as u64)
        })
        .await
    }
}

/// Whose events.
struct Key {
    account: String,
    region: String,
    function: String,
}

impl Key {
    fn new(place: &Place, function: &FunctionName) -> Self {
        Self {
            account: place.account.to_string(),
            region: place.region.to_string(),
            function: function.to_string(),
        }
    }
}

fn save(connection: &Connection, key: &Key, event: &TestEvent) -> Result<()> {
    let others: i64 = connection
        .prepare_cached(
            "SELECT count(*) FROM lambda_test_events
             WHERE account = ?1 AND region = ?2 AND function = ?3 AND name <> ?4",
        )?
        .query_row(params![key.account, key.region, key.function, event.name.as_str()], |row| row.get(0))?;
    if others >= MOST_TEST_EVENTS as i64 {
        return Err(StoreError::Conflict(StoreError::TEST_EVENTS));
    }
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO lambda_test_events
             (account, region, function, name, payload, updated_by, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            key.account,
            key.region,
            key.function,
            event.name.as_str(),
            event.payload,
            event.updated_by,
            event.updated_at.as_millis()
        ])?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<TestEvent> {
    let name: String = row.get("name")?;
    Ok(TestEvent {
        name: name.parse().map_err(|error| unreadable("a test event", error))?,
        payload: row.get("payload")?,
        updated_by: row.get("updated_by")?,
        updated_at: timestamp(row, "updated_at")?,
    })
}
