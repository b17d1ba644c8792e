//! What is remembered of instances that are to be terminated when nobody has undone it by then.

use async_trait::async_trait;
use nephoscope_model::{Place, Timestamp, ec2::InstanceId};

use crate::Result;

/// An instance that is to be terminated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedTermination {
    /// Where it is.
    pub place: Place,
    /// Which; queued once at most.
    pub instance: InstanceId,
    /// What was typed to confirm it.
    pub confirmation: String,
    /// Who asked for it.
    pub user_id: String,
    /// Their name, which the audit keeps even if they are gone by then.
    pub user_name: String,
    /// The operation that the audit has the start of.
    pub operation_id: String,
    /// The request by which it was asked for.
    pub request_id: String,
    /// When.
    pub asked_at: Timestamp,
    /// When it is to be done.
    pub due_at: Timestamp,
}

/// The queue of terminations, the same for all servers that share a store. Errors are as in [`Store`](crate::Store).
#[async_trait]
pub trait TerminationStore {
    /// Puts one into the queue. [`StoreError::Conflict`](crate::StoreError::Conflict) over
    /// [`StoreError::TERMINATION`](crate::StoreError::TERMINATION) if the instance is there already.
    async fn queue_termination(&self, termination: QueuedTermination) -> Result<()>;

    /// The queue, what is due first before the rest.
    async fn list_terminations(&self) -> Result<Vec<QueuedTermination>>;

    /// Takes an instance out of the queue, if it is there: of many who do so at once, and of one who takes what is due, one gets it.
    async fn remove_termination(
        &self,
        place: &Place,
        instance: &InstanceId,
    ) -> Result<Option<QueuedTermination>>;

    /// Takes the first of those out of the queue that are due at `now`: of many servers that do so at once, one gets it.
    async fn take_due_termination(&self, now: Timestamp) -> Result<Option<QueuedTermination>>;
}
