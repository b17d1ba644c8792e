//! What is remembered of test events: payloads that are kept to try a function with.

use async_trait::async_trait;
use nephoscope_model::{
    Place,
    lambda::{FunctionName, TestEvent, TestEventName},
};

use crate::Result;

/// Test events of functions. Errors are as in [`Store`](crate::Store).
#[async_trait]
pub trait TestEventStore {
    /// The test events of a function, by name.
    async fn list_test_events(&self, place: &Place, function: &FunctionName) -> Result<Vec<TestEvent>>;

    /// Keeps a test event for a function, in place of one of its name. [`StoreError::Conflict`](crate::StoreError::Conflict) if as many are
    /// kept for the function as may.
    async fn save_test_event(&self, place: &Place, function: &FunctionName, event: TestEvent) -> Result<()>;

    /// Forgets a test event of a function. [`StoreError::NotFound`](crate::StoreError::NotFound) if there is none of that name.
    async fn remove_test_event(
        &self,
        place: &Place,
        function: &FunctionName,
        event: &TestEventName,
    ) -> Result<()>;

    /// Forgets all test events of a function, and says how many there were.
    async fn remove_test_events(&self, place: &Place, function: &FunctionName) -> Result<u64>;
}
