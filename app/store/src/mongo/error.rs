//! MongoDB's errors in the words of the store, and an end to waiting.

use std::time::Duration;

use mongodb::{
    Collection,
    error::{Error, ErrorKind, WriteFailure},
};
use serde::Serialize;
use tokio::time::timeout;

use crate::{Result, StoreError};

/// How long anything may take in all. The driver gives up on a server that is gone; this is for one that
/// keeps the connection open and says nothing. Longer than selecting a server and waiting for the majority
/// together.
const PATIENCE: Duration = Duration::from_secs(20);

/// MongoDB's code for a violated unique index.
const DUPLICATE_KEY: i32 = 11_000;

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        match *error.kind {
            ErrorKind::Bson(_) | ErrorKind::BsonDeserialization(_) | ErrorKind::InvalidResponse { .. } => {
                Self::Corrupt(error.to_string())
            }
            _ => Self::Unavailable(error.to_string()),
        }
    }
}

/// What MongoDB answers, or that it does not.
pub(super) async fn answer<T>(asked: impl IntoFuture<Output = mongodb::error::Result<T>>) -> Result<T> {
    match timeout(PATIENCE, asked).await {
        Ok(answer) => Ok(answer?),
        Err(_) => {
            Err(StoreError::Unavailable(format!("MongoDB gave no answer for {} s", PATIENCE.as_secs())))
        }
    }
}

/// Inserts the document; [`StoreError::Conflict`] over `what` when something unique in it is there already.
pub(super) async fn insert<T>(collection: &Collection<T>, document: &T, what: &'static str) -> Result<()>
where
    T: Serialize + Send + Sync,
{
    unless_taken(collection.insert_one(document)).await?.map(drop).ok_or(StoreError::Conflict(what))
}

/// What a write answers, or nothing when something unique in it is there already.
pub(super) async fn unless_taken<T>(
    write: impl IntoFuture<Output = mongodb::error::Result<T>>,
) -> Result<Option<T>> {
    answer(async {
        match write.await {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if is_duplicate(&error) => Ok(None),
            Err(error) => Err(error),
        }
    })
    .await
}

fn is_duplicate(error: &Error) -> bool {
    matches!(&*error.kind, ErrorKind::Write(WriteFailure::WriteError(write)) if write.code == DUPLICATE_KEY)
}
