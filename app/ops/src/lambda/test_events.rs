//! Test events: payloads that are kept here to try a function with. Everybody who sees the function sees them.

use nephoscope_model::{
    Operation, Place, Result, Timestamp,
    lambda::{FunctionName, TestEvent, TestEventName},
};

use crate::{
    Caller, Grant, Operate, Ops, Read,
    record::{Done, Task},
};

impl Ops {
    /// The test events that are kept for a function, by name.
    ///
    /// # Errors
    /// `not_found` for a place that is not configured and for a function that is not there, and those of AWS.
    pub async fn list_test_events(
        &self,
        caller: &Caller,
        place: &Place,
        name: &FunctionName,
    ) -> Result<Vec<TestEvent>> {
        let task = Task::new(Operation::ListTestEvents).at(place).on(name.as_str());
        self.perform(caller, task, async |_: Grant<Read>| {
            self.check_place(place)?;
            // A name that nobody has is told apart from a function without events. The list that the page came from is known, but a
            // function may be younger than that.
            let known = self.caches().functions.peek(place).await;
            if !known.is_some_and(|known| known.value.iter().any(|function| function.name == *name)) {
                self.cloud_for(caller).find_function(place, name).await?;
            }
            Ok(self.store().list_test_events(place, name).await?)
        })
        .await
    }

    /// Keeps a payload for a function, in the place of one of that name. The payload is not recorded: it may hold anything.
    ///
    /// # Errors
    /// `forbidden`, `payload_too_large`, `invalid_input` for what is not JSON, `not_found` for a function that is not there, and `conflict`
    /// when as many are kept as may.
    pub async fn save_test_event(
        &self,
        caller: &Caller,
        place: &Place,
        name: &FunctionName,
        event: &TestEventName,
        payload: String,
    ) -> Result<TestEvent> {
        let words = format!("{event}, {} bytes", payload.len());
        let task = Task::new(Operation::SaveTestEvent).at(place).on(name.as_str()).detail(words.clone());
        self.perform(caller, task, async |grant: Grant<Operate>| {
            self.check_place(place)?;
            TestEvent::check_payload(&payload)?;
            grant.check_covers(place)?;
            // For what does not exist nothing is kept that nobody would ever find.
            self.cloud_for(caller).find_function(place, name).await?;
            let event = TestEvent {
                name: event.clone(),
                payload,
                updated_by: caller.name().to_owned(),
                updated_at: Timestamp::now(),
            };
            self.store().save_test_event(place, name, event.clone()).await?;
            Ok(Done::with(event, words.as_str()))
        })
        .await
    }

    /// Forgets a test event.
    ///
    /// # Errors
    /// `forbidden`, and `not_found` when there is none of that name.
    pub async fn remove_test_event(
        &self,
        caller: &Caller,
        place: &Place,
        name: &FunctionName,
        event: &TestEventName,
    ) -> Result<()> {
        let task = Task::new(Operation::RemoveTestEvent).at(place).on(name.as_str()).detail(event.as_str());
        self.perform(caller, task, async |grant: Grant<Operate>| {
            self.check_place(place)?;
            grant.check_covers(place)?;
            self.store().remove_test_event(place, name, event).await?;
            Ok(Done::with((), format!("{event} removed")))
        })
        .await
    }
}
