//! The parts that come in here: when an upload is given up, none of its parts may slip in behind.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use nephoscope_model::{Result, Timestamp, s3::BucketName};
use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};
use tokio_util::sync::CancellationToken;

use super::given_up;
use crate::Caller;

/// Which upload: its bucket, and what S3 calls it.
type Which = (BucketName, String);

/// The gates of all uploads that somebody works on through this server.
#[derive(Debug, Default)]
pub(crate) struct UploadGates(Mutex<HashMap<Which, Arc<Gate>>>);

/// What the parts of one upload come in through.
#[derive(Debug, Default)]
pub(in crate::s3) struct Gate {
    /// Held by each part that comes in: to give the upload up, all of them must have ended.
    parts: RwLock<()>,
    closed: CancellationToken,
    /// Whose parts are on record.
    recorded: Mutex<BTreeSet<String>>,
    /// When the store was told last that somebody does something for the upload.
    noted_at: Mutex<Option<Timestamp>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl UploadGates {
    pub(super) fn of(&self, bucket: &BucketName, id: &str) -> Arc<Gate> {
        Arc::clone(lock(&self.0).entry((bucket.clone(), id.to_owned())).or_default())
    }

    /// Whether a part that this person sent is on record.
    pub(super) fn has_record_of(&self, caller: &Caller, bucket: &BucketName, id: &str) -> bool {
        let gate = lock(&self.0).get(&(bucket.clone(), id.to_owned())).map(Arc::clone);
        gate.is_some_and(|gate| lock(&gate.recorded).contains(caller.name()))
    }

    pub(in crate::s3) fn remove(&self, bucket: &BucketName, id: &str) -> Option<Arc<Gate>> {
        lock(&self.0).remove(&(bucket.clone(), id.to_owned()))
    }

    /// Forgets those of which the store heard nothing from here since then: what becomes of them is no concern of this server.
    pub(in crate::s3) fn forget_before(&self, since: Timestamp) {
        lock(&self.0).retain(|_, gate| {
            Arc::strong_count(gate) > 1 || lock(&gate.noted_at).is_some_and(|noted_at| noted_at > since)
        });
    }
}

impl Gate {
    pub(super) fn note_record_of(&self, caller: &Caller) {
        lock(&self.recorded).insert(caller.name().to_owned());
    }

    pub(super) fn was_noted_since(&self, since: Timestamp) -> bool {
        lock(&self.noted_at).is_some_and(|noted_at| noted_at >= since)
    }

    pub(super) fn note(&self, at: Timestamp) {
        *lock(&self.noted_at) = Some(at);
    }

    /// A part comes in, as long as this is held.
    pub(super) async fn enter(&self) -> Result<RwLockReadGuard<'_, ()>> {
        let within = self.parts.read().await;
        if self.closed.is_cancelled() { Err(given_up()) } else { Ok(within) }
    }

    /// Waits until the upload is given up.
    pub(super) async fn closed(&self) {
        self.closed.cancelled().await;
    }

    /// Breaks off what is coming in.
    pub(in crate::s3) fn close(&self) {
        self.closed.cancel();
    }

    /// Breaks off what is coming in, and waits until it has ended.
    pub(super) async fn close_and_wait(&self) -> RwLockWriteGuard<'_, ()> {
        self.close();
        self.parts.write().await
    }
}
