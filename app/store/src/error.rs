//! What can go wrong in a store.

use nephoscope_model::{Error, ErrorCode};

/// A result that fails with a [`StoreError`].
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// What can go wrong in a store. The texts are for the log; [`From`] makes the safe words for people.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// Something unique exists already.
    #[error("{0} exists already")]
    Conflict(&'static str),
    /// There is no such thing.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// The store does not answer. The text is the driver's.
    #[error("the store does not answer: {0}")]
    Unavailable(String),
    /// What is stored cannot be understood, or was made by a newer version.
    #[error("the store holds something that cannot be understood: {0}")]
    Corrupt(String),
}

impl StoreError {
    /// What a [`Self::Conflict`] is over when somebody has the name or the id already.
    pub const USER: &'static str = "user";
    /// What a [`Self::Conflict`] is over when somebody has the e-mail address already.
    pub const EMAIL: &'static str = "e-mail address";
    /// What a [`Self::Conflict`] is over when as many test events are kept for a function as may.
    pub const TEST_EVENTS: &'static str = "number of test events";
    /// What a [`Self::Conflict`] is over when an instance is to be terminated already.
    pub const TERMINATION: &'static str = "termination";
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict(StoreError::TEST_EVENTS) => {
                Self::new(ErrorCode::Conflict, "As many test events are kept for this function as may.")
                    .with_hint("Delete one that is not needed any more.")
            }
            StoreError::Conflict(StoreError::TERMINATION) => {
                Self::new(ErrorCode::Conflict, "This instance is to be terminated already.")
                    .with_hint("Wait for it, or undo it.")
            }
            StoreError::Conflict(what) => Self::new(ErrorCode::Conflict, format!("This {what} exists already.")),
            StoreError::NotFound(what) => Self::not_found(format!("There is no such {what}.")),
            StoreError::Unavailable(_) => {
                Self::new(ErrorCode::Unavailable, "The store of nephoscope does not answer at the moment.")
                    .with_hint("Try again in a few seconds. If it stays, your administrator finds the reason in the server's log.")
            }
            StoreError::Corrupt(_) => Self::internal(),
        }
    }
}
