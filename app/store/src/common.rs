//! What both homes must agree on, said once.

use std::fmt::Display;

use nephoscope_model::{
    Timestamp,
    audit::{AuditPage, AuditRecord},
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
    AuditPage { records, next }
}

/// Something stored that cannot be read back: `what` it is of, and why.
pub(crate) fn unreadable(what: &str, why: impl Display) -> StoreError {
    StoreError::Corrupt(format!("{what}: {why}"))
}
