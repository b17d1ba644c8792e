//! Walking the chain from its first record to its last, a page at a time.

use std::fmt;

use nephoscope_model::{
    Operation,
    audit::{AuditHead, Outcome},
};

use super::{Entry, Link};
use crate::{Result, Store};

/// Records read at once.
const PAGE: u32 = 500;
/// Records about retention that are looked through for the one that explains where the chain begins. A run of it leaves two.
const RETENTIONS: u32 = 200;
/// How often to begin again when retention removes what is being read.
const ATTEMPTS: u32 = 3;

/// What a walk along the chain found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verification {
    /// Every record is where it was put and what it was.
    Intact {
        /// How many records were looked at.
        records: u64,
        /// The number of the first of them; nothing when there is none.
        first: Option<i64>,
        /// The last of them: note it elsewhere.
        head: Option<AuditHead>,
        /// The last record that retention removed, or is about to remove, before the first; a record in the chain vouches for it.
        removed: Option<AuditHead>,
    },
    /// Somebody meddled with it.
    Broken(Broken),
}

/// The first thing in a chain that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Broken {
    /// A record is not what was recorded.
    Changed {
        /// Its number.
        seq: i64,
        /// Its id, when that can be read.
        id: Option<String>,
    },
    /// Records are gone.
    Missing {
        /// The first of them.
        from: i64,
        /// The last of them.
        to: i64,
    },
    /// Another record stands where one belongs that is further on.
    Reordered {
        /// Where it belongs.
        seq: i64,
        /// Where it stands.
        found_at: i64,
    },
    /// Two records have one number.
    Twice {
        /// The number.
        seq: i64,
    },
    /// A record was put in past the chain.
    Unnumbered {
        /// Its id.
        id: String,
    },
    /// The record of the noted head is not the one that was noted: what comes before it was written anew.
    Rewritten {
        /// The noted head.
        expected: AuditHead,
    },
    /// The chain ends before the noted head.
    CutOff {
        /// The noted head.
        expected: AuditHead,
        /// Where it ends now.
        head: Option<AuditHead>,
    },
    /// The record of the noted head was removed by retention, so nothing can be said of it.
    Removed {
        /// The noted head.
        expected: AuditHead,
        /// What was removed.
        through: AuditHead,
    },
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed { seq, id: Some(id) } => {
                write!(f, "record {seq} (id {id:?}) was changed: its hash does not fit what it says now")
            }
            Self::Changed { seq, id: None } => write!(f, "record {seq} was changed: it cannot even be read"),
            Self::Missing { from, to } if from == to => write!(f, "record {from} is missing"),
            Self::Missing { from, to } => write!(
                f,
                "record {from} is missing, and all up to {to}; no record says that retention removed them"
            ),
            Self::Reordered { seq, found_at } => {
                write!(f, "record {seq} is reordered: it stands at {found_at}, and another one in its place")
            }
            Self::Twice { seq } => write!(f, "record {seq} is there twice"),
            Self::Unnumbered { id } => {
                write!(f, "the record with id {id:?} was put in past the chain: it has no number")
            }
            Self::Rewritten { expected } => write!(
                f,
                "record {} is not the one that was noted: the records up to it were written anew",
                expected.seq
            ),
            Self::CutOff { expected, head: Some(head) } => write!(
                f,
                "record {} is missing: the audit ends with record {}, and record {} was noted",
                head.seq + 1,
                head.seq,
                expected.seq
            ),
            Self::CutOff { expected, head: None } => {
                write!(f, "record 1 is missing: the audit is empty, and record {} was noted", expected.seq)
            }
            Self::Removed { expected, through } => write!(
                f,
                "record {} was removed by retention, as all up to {}: note a newer head",
                expected.seq, through.seq
            ),
        }
    }
}

/// Walks along the whole audit. With `expect`, also makes sure that a head that was noted earlier is still in it: only this finds an end
/// that was cut off, or a chain that somebody computed anew.
///
/// # Errors
/// Those of the store. What is wrong with the audit is no error but the result.
pub async fn verify_audit(store: &dyn Store, expect: Option<&AuditHead>) -> Result<Verification> {
    let mut anchor = Anchor::find(store).await?;
    for _ in 1..ATTEMPTS {
        let found = walk(store, &anchor, expect).await?;
        if matches!(found, Verification::Intact { .. }) {
            return Ok(found);
        }
        // Retention may have gone on meanwhile, and then what was missing was removed on purpose.
        let now = Anchor::find(store).await?;
        if now == anchor {
            return Ok(found);
        }
        anchor = now;
    }
    walk(store, &anchor, expect).await
}

/// Where a chain begins.
#[derive(Debug, PartialEq, Eq)]
enum Anchor {
    /// With the first record there ever was.
    Genesis,
    /// After the last one that retention removed, or had said it would when it was interrupted.
    After(AuditHead),
    /// With this one, and nothing says why.
    Unexplained(i64),
}

impl Anchor {
    async fn find(store: &dyn Store) -> Result<Self> {
        let first = store.read_chain(0, 1).await?.first().map(|link| link.seq);
        let Some(first) = first.filter(|first| *first > 1) else { return Ok(Self::Genesis) };
        let removed: Vec<AuditHead> = store
            .read_chain_of(Operation::RetainAudit, RETENTIONS)
            .await?
            .into_iter()
            .filter_map(|link| removed_by(&link.entry.ok()?))
            .collect();
        let exactly = removed.iter().find(|removed| removed.seq == first - 1);
        // Newest first: the newest says the most.
        let about_to = || removed.iter().find(|removed| removed.seq >= first);
        Ok(exactly.or_else(about_to).cloned().map_or(Self::Unexplained(first), Self::After))
    }
}

/// The last record that a run of retention removed, as its record says. The record of its start says so as well, since it is written
/// before anything is removed.
fn removed_by(entry: &Entry) -> Option<AuditHead> {
    let outcome = entry.fields.outcome.as_str();
    let counts = [Outcome::Started, Outcome::Succeeded].iter().any(|counts| counts.as_str() == outcome);
    let removed: AuditHead = entry.fields.resource.parse().ok()?;
    (counts && removed.seq < entry.seq).then_some(removed)
}

async fn walk(store: &dyn Store, anchor: &Anchor, expect: Option<&AuditHead>) -> Result<Verification> {
    let broken = |what| Ok(Verification::Broken(what));
    let removed = match anchor {
        Anchor::Genesis => None,
        Anchor::After(removed) => Some(removed.clone()),
        Anchor::Unexplained(first) => return broken(Broken::Missing { from: 1, to: first - 1 }),
    };
    if let (Some(expected), Some(through)) = (expect, &removed)
        && expected.seq <= through.seq
        && expected != through
    {
        let (expected, through) = (expected.clone(), through.clone());
        return broken(Broken::Removed { expected, through });
    }
    let (mut records, mut first) = (0, None);
    let mut head = removed.clone();
    loop {
        let (seq, hash) = head.as_ref().map_or((0, ""), |head| (head.seq, head.hash.as_str()));
        let page = store.read_chain(seq, PAGE).await?;
        if page.is_empty() {
            break;
        }
        let (mut seq, mut hash) = (seq, hash.to_owned());
        for link in page {
            let entry = match judge(&link, seq, &hash) {
                Ok(entry) => entry,
                Err(Broken::Changed { seq, id }) => {
                    return broken(search(store, seq, &hash).await?.unwrap_or(Broken::Changed { seq, id }));
                }
                Err(what) => return broken(what),
            };
            if let Some(expected) = expect
                && expected.seq == entry.seq
                && expected.hash != entry.hash
            {
                return broken(Broken::Rewritten { expected: expected.clone() });
            }
            first.get_or_insert(entry.seq);
            records += 1;
            (seq, hash) = (entry.seq, entry.hash.clone());
        }
        head = Some(AuditHead { seq, hash });
    }
    if let Some(id) = store.find_unchained().await? {
        return broken(Broken::Unnumbered { id });
    }
    if let Some(expected) = expect
        && head.as_ref().is_none_or(|head| head.seq < expected.seq)
    {
        return broken(Broken::CutOff { expected: expected.clone(), head });
    }
    Ok(Verification::Intact { records, first, head, removed })
}

/// Whether this is the record that stood after the one with number `seq` and hash `hash`.
fn judge<'a>(link: &'a Link, seq: i64, hash: &str) -> Result<&'a Entry, Broken> {
    if link.seq <= seq {
        return Err(Broken::Twice { seq: link.seq });
    }
    if link.seq > seq + 1 {
        return Err(Broken::Missing { from: seq + 1, to: link.seq - 1 });
    }
    match &link.entry {
        Ok(entry) if entry.belongs_after(hash) => Ok(entry),
        Ok(entry) => Err(Broken::Changed { seq: link.seq, id: Some(entry.fields.id.clone()) }),
        Err(_) => Err(Broken::Changed { seq: link.seq, id: None }),
    }
}

/// Looks further on for the record that belongs at `seq`.
async fn search(store: &dyn Store, seq: i64, previous: &str) -> Result<Option<Broken>> {
    let mut last = seq;
    loop {
        let page = store.read_chain(last, PAGE).await?;
        for link in &page {
            if let Ok(entry) = &link.entry
                && entry.hash == entry.fields.digest(previous, seq)
            {
                return Ok(Some(Broken::Reordered { seq, found_at: link.seq }));
            }
        }
        match page.last() {
            Some(link) => last = link.seq,
            None => return Ok(None),
        }
    }
}
