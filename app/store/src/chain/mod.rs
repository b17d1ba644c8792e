//! The chain of the audit: each record carries its number and a hash over the record before it and over all of itself.
//!
//! Here is what both homes share: a record as it is stored, its words not yet understood, and how it is hashed. A record that somebody
//! changed into nonsense must still be read and named, so nothing here looks at what the words mean.
//!
//! **Version 1 of the encoding.** SHA-256 over, in this order: the words [`VERSION`]; the hash of the record before (empty for the
//! first); the number; and the fields in the order of [`Fields`]. A text is its length in bytes and its UTF-8; a number is 64 bits; a
//! text that may be missing begins with a byte 0 or 1; named facts are their count and then name and value of each, sorted by name.
//! All integers are big-endian. So no two different records have the same bytes, and no library decides how they look. Hashes of a
//! later version will say so in front of their digits.

mod verify;

use nephoscope_model::{
    Timestamp,
    audit::{AuditHead, AuditRecord, Facts},
};
use sha2::{Digest, Sha256};

pub use verify::{Broken, Verification, verify_audit};

use crate::{
    Result,
    common::{code_of, unreadable, word_of},
};

/// What every hash begins with, so that it can be of nothing else.
const VERSION: &str = "nephoscope audit record, version 1";

/// A record as it is stored. The words are those of [`AuditRecord`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fields {
    pub(crate) id: String,
    pub(crate) operation_id: String,
    /// Milliseconds since the epoch.
    pub(crate) at: i64,
    pub(crate) actor: String,
    pub(crate) operation: String,
    /// Whether the operation is one that changes something.
    pub(crate) change: bool,
    pub(crate) account: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) resource: String,
    pub(crate) outcome: String,
    pub(crate) error: Option<String>,
    pub(crate) detail: String,
    pub(crate) before: Facts,
    pub(crate) after: Facts,
    pub(crate) duration_ms: i64,
    pub(crate) request_id: String,
    pub(crate) aws_request_id: String,
}

/// A record in its place in the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub(crate) seq: i64,
    pub(crate) hash: String,
    pub(crate) fields: Fields,
}

/// What stands at one place of the chain.
#[derive(Clone, Debug)]
pub struct Link {
    /// The number.
    pub(crate) seq: i64,
    /// The record, or why it cannot even be read.
    pub(crate) entry: Result<Entry>,
}

impl Fields {
    /// Puts a record after `head`, which is nothing for the first one.
    pub(crate) fn chained(self, head: Option<&AuditHead>) -> Entry {
        let (previous, seq) = head.map_or(("", 1), |head| (head.hash.as_str(), head.seq + 1));
        Entry { seq, hash: self.digest(previous, seq), fields: self }
    }

    /// The hash of this record at a place of the chain.
    pub(crate) fn digest(&self, previous: &str, seq: i64) -> String {
        let mut hash = Encoder(Sha256::new());
        hash.text(VERSION);
        hash.text(previous);
        hash.number(seq);
        hash.text(&self.id);
        hash.text(&self.operation_id);
        hash.number(self.at);
        hash.text(&self.actor);
        hash.text(&self.operation);
        hash.byte(self.change.into());
        hash.maybe(self.account.as_deref());
        hash.maybe(self.region.as_deref());
        hash.text(&self.resource);
        hash.text(&self.outcome);
        hash.maybe(self.error.as_deref());
        hash.text(&self.detail);
        hash.facts(&self.before);
        hash.facts(&self.after);
        hash.number(self.duration_ms);
        hash.text(&self.request_id);
        hash.text(&self.aws_request_id);
        hash.finish()
    }
}

impl Entry {
    /// Where the next record goes on.
    pub(crate) fn head(&self) -> AuditHead {
        AuditHead { seq: self.seq, hash: self.hash.clone() }
    }

    /// Whether it is what stood after `previous`.
    fn belongs_after(&self, previous: &str) -> bool {
        self.hash == self.fields.digest(previous, self.seq)
    }
}

struct Encoder(Sha256);

impl Encoder {
    fn byte(&mut self, byte: u8) {
        self.0.update([byte]);
    }

    fn number(&mut self, number: i64) {
        self.0.update(number.to_be_bytes());
    }

    fn length(&mut self, length: usize) {
        self.0.update((length as u64).to_be_bytes());
    }

    fn text(&mut self, text: &str) {
        self.length(text.len());
        self.0.update(text);
    }

    fn maybe(&mut self, text: Option<&str>) {
        self.byte(text.is_some().into());
        if let Some(text) = text {
            self.text(text);
        }
    }

    fn facts(&mut self, facts: &Facts) {
        self.length(facts.len());
        for (name, value) in facts {
            self.text(name);
            self.text(value);
        }
    }

    fn finish(self) -> String {
        use std::fmt::Write;
        self.0.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
            // Writing into a text cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

impl From<AuditRecord> for Fields {
    fn from(record: AuditRecord) -> Self {
        Self {
            id: record.id,
            operation_id: record.operation_id,
            at: record.at.as_millis(),
            actor: record.actor,
            operation: record.operation.as_str().to_owned(),
            change: record.operation.is_change(),
            account: record.account.map(String::from),
            region: record.region.map(String::from),
            resource: record.resource,
            outcome: record.outcome.as_str().to_owned(),
            error: record.error.map(word_of),
            detail: record.detail,
            before: record.before,
            after: record.after,
            duration_ms: record.duration_ms,
            request_id: record.request_id,
            aws_request_id: record.aws_request_id,
        }
    }
}

impl TryFrom<Entry> for AuditRecord {
    type Error = crate::StoreError;

    fn try_from(entry: Entry) -> Result<Self> {
        let Entry { seq, hash, fields } = entry;
        Ok(Self {
            id: fields.id,
            seq,
            hash,
            operation_id: fields.operation_id,
            at: Timestamp::from_millis(fields.at),
            actor: fields.actor,
            operation: fields
                .operation
                .parse()
                .map_err(|error| unreadable("the operation of an audit record", error))?,
            account: fields
                .account
                .map(|account| account.parse())
                .transpose()
                .map_err(|error| unreadable("the account of an audit record", error))?,
            region: fields
                .region
                .map(|region| region.parse())
                .transpose()
                .map_err(|error| unreadable("the region of an audit record", error))?,
            resource: fields.resource,
            outcome: fields
                .outcome
                .parse()
                .map_err(|error| unreadable("the outcome of an audit record", error))?,
            error: fields
                .error
                .map(|word| code_of(&word))
                .transpose()
                .map_err(|error| unreadable("the error code of an audit record", error))?,
            detail: fields.detail,
            before: fields.before,
            after: fields.after,
            duration_ms: fields.duration_ms,
            request_id: fields.request_id,
            aws_request_id: fields.aws_request_id,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields() -> Fields {
        Fields {
            id: "0199f0aa-0000-7000-8000-000000000001".to_owned(),
            operation_id: "0199f0aa-0000-7000-8000-000000000000".to_owned(),
            at: 1_795_174_448_250,
            actor: "ada".to_owned(),
            operation: "ec2.stop".to_owned(),
            change: true,
            account: Some("123456789012".to_owned()),
            region: Some("eu-central-1".to_owned()),
            resource: "i-0123456789abcdef0".to_owned(),
            outcome: "failed".to_owned(),
            error: Some("aws_denied".to_owned()),
            detail: "AWS denied ec2:StopInstances".to_owned(),
            before: Facts::from([("state".to_owned(), "running".to_owned())]),
            after: Facts::new(),
            duration_ms: 417,
            request_id: "0199f0aa-0000-7000-8000-000000000002".to_owned(),
            aws_request_id: "9b2c61ff-5a35-4f4c-8b2a-e3d1f1a4b8f7".to_owned(),
        }
    }

    /// Computed apart from this code, in another language, from the description above: whoever changes one of these has changed the encoding, and every
    /// audit there is would be found to be broken.
    #[test]
    fn the_encoding_is_what_it_was() {
        let first = fields().chained(None);
        assert_eq!((first.seq, first.hash.as_str()), (1, GOLDEN_FIRST));
        let sparse = Fields {
            account: None,
            region: None,
            error: None,
            change: false,
            at: -1,
            before: Facts::new(),
            after: Facts::from([("b".to_owned(), "é".to_owned()), ("a".to_owned(), String::new())]),
            ..fields()
        };
        let second = sparse.chained(Some(&first.head()));
        assert_eq!((second.seq, second.hash.as_str()), (2, GOLDEN_SECOND));
    }

    const GOLDEN_FIRST: &str = "9f27153d26d228d3c7a000e0beba0bde6b55213f2f8a5b12f05f337ae344cc2a";
    const GOLDEN_SECOND: &str = "e5afc677e3947a2c0cd88087f5be6f94a712fc8bb94370b2cd8411e6160bf385";

    #[test]
    fn every_field_counts() {
        let original = fields().digest("", 1);
        let facts = || Facts::from([("state".to_owned(), "stopped".to_owned())]);
        let changes: [fn(&mut Fields); 17] = [
            |it| it.id.push('0'),
            |it| it.operation_id.push('0'),
            |it| it.at += 1,
            |it| it.actor = "eve".to_owned(),
            |it| it.operation = "ec2.start".to_owned(),
            |it| it.change = false,
            |it| it.account = None,
            |it| it.region = None,
            |it| it.resource.clear(),
            |it| it.outcome = "succeeded".to_owned(),
            |it| it.error = None,
            |it| it.detail.push(' '),
            |it| it.before.clear(),
            |it| it.after = it.before.clone(),
            |it| it.duration_ms = 0,
            |it| it.request_id.clear(),
            |it| it.aws_request_id.clear(),
        ];
        let mut seen = vec![original, fields().digest("", 2), fields().digest("00", 1)];
        for change in changes {
            let mut changed = fields();
            change(&mut changed);
            seen.push(changed.digest("", 1));
        }
        seen.push(Fields { before: facts(), ..fields() }.digest("", 1));
        let count = seen.len();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), count, "no two are the same");
    }

    /// What makes texts that are merely put one after the other ambiguous.
    #[test]
    fn what_moves_from_one_field_to_the_next_is_seen() {
        let split = |resource: &str, outcome: &str| {
            Fields { resource: resource.to_owned(), outcome: outcome.to_owned(), ..fields() }.digest("", 1)
        };
        assert_ne!(split("ab", "c"), split("a", "bc"));
        let facts = |pairs: &[(&str, &str)]| {
            let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            Fields { before: pairs.collect(), ..fields() }.digest("", 1)
        };
        assert_ne!(facts(&[("a", "b"), ("c", "")]), facts(&[("a", ""), ("bc", "")]));
        assert_ne!(facts(&[]), facts(&[("", "")]));
        let account =
            |account: Option<&str>| Fields { account: account.map(str::to_owned), ..fields() }.digest("", 1);
        assert_ne!(account(None), account(Some("")));
    }
}
