//! SQLite's errors in the words of the store.

use rusqlite::{Error, ErrorCode, ffi};

use crate::{Result, StoreError};

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        let code = error.sqlite_error_code();
        let text = error.to_string();
        match code {
            Some(
                ErrorCode::DatabaseCorrupt
                | ErrorCode::NotADatabase
                | ErrorCode::ConstraintViolation
                | ErrorCode::TypeMismatch
                // The plain SQLITE_ERROR: a table or a column is not what this version expects.
                | ErrorCode::Unknown,
            ) => Self::Corrupt(text),
            Some(_) => Self::Unavailable(text),
            // Not from SQLite but from reading what it gave: a value of another type, text that is not UTF-8.
            None => Self::Corrupt(text),
        }
    }
}

/// Turns a violated uniqueness into [`StoreError::Conflict`].
pub(super) trait OrConflict<T> {
    /// The result, where something unique that is there already is a conflict over `what`.
    fn or_conflict(self, what: &'static str) -> Result<T>;
}

impl<T> OrConflict<T> for rusqlite::Result<T> {
    fn or_conflict(self, what: &'static str) -> Result<T> {
        self.map_err(|error| match error.sqlite_error() {
            Some(ffi::Error {
                extended_code: ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_UNIQUE,
                ..
            }) => StoreError::Conflict(what),
            _ => error.into(),
        })
    }
}
