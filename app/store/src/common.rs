//! What both homes must agree on, said once.

use std::fmt::Display;

use nephoscope_model::{
    ErrorCode, Timestamp,
    audit::{AuditPage, AuditRecord},
    identity::AccountRoles,
};

use serde::{
    Deserialize, Serialize,
    de::{DeserializeOwned, IntoDeserializer, value},
};

use crate::{RefreshToken, StoreError};

impl RefreshToken {
    /// The token that takes this one's place in the same session.
    pub(crate) fn successor(&self, hash: &str, issued_at: Timestamp, expires_at: Timestamp) -> Self {
        Self { hash: hash.to_owned(), issued_at, expires_at, ..self.clone() }
    }
}

/// Whether presenting a token at `now` that was used up at `used_at` means that somebody has a copy.
pub(crate) fn is_reuse(used_at: Timestamp, now: Timestamp, grace_millis: i64) -> bool {
    now.as_millis().saturating_sub(used_at.as_millis()) > grace_millis
}

/// Makes a page of `size` out of records of which one more than that was asked for, to learn whether there
/// are more.
pub(crate) fn audit_page(mut records: Vec<AuditRecord>, size: u32) -> AuditPage {
    let size = size as usize;
    let more = records.len() > size;
    records.truncate(size);
    let next = records.last().filter(|_| more).map(|record| record.id.clone());
    AuditPage { records, next, newest: 0 }
}

/// Something stored that cannot be read back: `what` it is of, and why.
pub(crate) fn unreadable(what: &str, why: impl Display) -> StoreError {
    StoreError::Corrupt(format!("{what}: {why}"))
}

/// A person's grants as a column holds them.
pub(crate) fn write_grants(grants: &AccountRoles) -> String {
    serde_json::to_string(grants).unwrap_or_default()
}

/// What [`write_grants`] wrote.
pub(crate) fn read_grants(text: &str) -> Result<AccountRoles, StoreError> {
    serde_json::from_str(text).map_err(|error| unreadable("the grants of a user", error))
}

/// A value as a column of JSON holds it.
pub(crate) fn to_json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| unreadable("a value that is to be stored", error))
}

/// What [`to_json`] wrote, a part of `what`.
pub(crate) fn from_json<T: DeserializeOwned>(what: &str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| unreadable(what, error))
}

/// The word of an error code on the wire.
pub(crate) fn word_of(code: ErrorCode) -> String {
    match serde_json::to_value(code) {
        Ok(serde_json::Value::String(word)) => word,
        // A code without a word would be a mistake in the model; its name says as much.
        _ => format!("{code:?}"),
    }
}

/// The error code that has this word.
pub(crate) fn code_of(word: &str) -> Result<ErrorCode, value::Error> {
    ErrorCode::deserialize(word.into_deserializer())
}
