//! On whose behalf something happens: known to every call to AWS that is made meanwhile, however deep down.

use std::sync::{Arc, Mutex, PoisonError};

tokio::task_local! {
    static ACTING: Acting;
}

/// Somebody who does something now. Clones are the same.
#[derive(Clone, Debug)]
pub(crate) struct Acting(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    user: String,
    aws_request_id: Mutex<String>,
}

impl Acting {
    pub(crate) fn new(user: &str) -> Self {
        Self(Arc::new(Inner { user: user.to_owned(), aws_request_id: Mutex::default() }))
    }

    /// Does it on their behalf. What the work spawns goes on by itself, and is nobody's.
    pub(crate) async fn during<T>(&self, work: impl Future<Output = T>) -> T {
        ACTING.scope(self.clone(), work).await
    }

    /// Who acts, or nothing for what nephoscope does by itself.
    pub(crate) fn now() -> Option<Self> {
        ACTING.try_with(Self::clone).ok()
    }

    pub(crate) fn user(&self) -> &str {
        &self.0.user
    }

    /// Keeps AWS's id of a call.
    pub(crate) fn note_aws_request(&self, id: &str) {
        id.clone_into(&mut self.0.aws_request_id.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// AWS's id of the last call; empty when there was none that had one.
    pub(crate) fn last_aws_request(&self) -> String {
        self.0.aws_request_id.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
