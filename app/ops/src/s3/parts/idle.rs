//! Uploads in parts that somebody works on through this server, and giving up those that nobody works on any more: S3 keeps their parts for
//! ever otherwise, and asks money for them.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use nephoscope_model::{
    ErrorCode, Operation, Result, Timestamp,
    s3::{Bucket, BucketName},
};
use tokio::{
    sync::{RwLock, RwLockReadGuard, RwLockWriteGuard},
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::{UploadId, given_up, resource_of};
use crate::{
    Caller, Grant, Operate, Ops,
    record::{Done, Task},
};

/// How long nobody does anything for an upload before it is given up, in milliseconds.
const IDLE: i64 = 3_600_000;
/// The same when the server stops: whoever was just at it goes on when it is back.
const IDLE_AT_STOP: i64 = 600_000;
/// How long a server that stops takes for it.
const STOP_WITHIN: Duration = Duration::from_secs(10);

/// All that were begun or gone on with here.
#[derive(Debug, Default)]
pub(crate) struct OpenUploads(Mutex<HashMap<(BucketName, String), Arc<Open>>>);

/// One of them.
#[derive(Debug)]
pub(super) struct Open {
    bucket: Bucket,
    id: UploadId,
    /// The same outside.
    text: String,
    /// Who was at it first; with their rights it is given up.
    caller: Caller,
    /// When somebody did something for it last.
    touched: Mutex<Timestamp>,
    /// Held by each part that comes in: to give it up, all of them must have ended.
    parts: RwLock<()>,
    stop: CancellationToken,
    /// Whose parts are on record.
    seen_by: Mutex<BTreeSet<String>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl OpenUploads {
    /// Somebody does something for it now.
    pub(super) fn touch(&self, caller: &Caller, bucket: &Bucket, id: &UploadId, text: &str) -> Arc<Open> {
        let mut known = lock(&self.0);
        let open = known.entry((bucket.name.clone(), text.to_owned())).or_insert_with(|| {
            Arc::new(Open {
                bucket: bucket.clone(),
                id: id.clone(),
                text: text.to_owned(),
                caller: caller.clone(),
                touched: Mutex::new(Timestamp::now()),
                parts: RwLock::new(()),
                stop: CancellationToken::new(),
                seen_by: Mutex::default(),
            })
        });
        open.touch();
        Arc::clone(open)
    }

    pub(super) fn find(&self, bucket: &Bucket, text: &str) -> Option<Arc<Open>> {
        lock(&self.0).get(&(bucket.name.clone(), text.to_owned())).map(Arc::clone)
    }

    pub(super) fn forget(&self, bucket: &Bucket, text: &str) {
        lock(&self.0).remove(&(bucket.name.clone(), text.to_owned()));
    }

    /// Those for which nobody did anything since then.
    fn idle_since(&self, since: Timestamp) -> Vec<Arc<Open>> {
        lock(&self.0).values().filter(|open| *lock(&open.touched) <= since).map(Arc::clone).collect()
    }
}

impl Open {
    pub(super) fn touch(&self) {
        self.touch_at(Timestamp::now());
    }

    fn touch_at(&self, at: Timestamp) {
        *lock(&self.touched) = at;
    }

    pub(super) fn is_seen_by(&self, caller: &Caller) -> bool {
        lock(&self.seen_by).contains(caller.name())
    }

    pub(super) fn see(&self, caller: &Caller) {
        lock(&self.seen_by).insert(caller.name().to_owned());
    }

    /// A part comes in, as long as this is held.
    pub(super) async fn sending(&self) -> Result<RwLockReadGuard<'_, ()>> {
        let sending = self.parts.read().await;
        if self.stop.is_cancelled() { Err(given_up()) } else { Ok(sending) }
    }

    pub(super) async fn given_up(&self) {
        self.stop.cancelled().await;
    }

    /// Breaks off what is coming in, and waits until it has ended.
    pub(super) async fn give_up(&self) -> RwLockWriteGuard<'_, ()> {
        self.stop.cancel();
        self.parts.write().await
    }
}

impl Ops {
    /// Gives up uploads in parts that were begun here and for which nobody did anything for an hour, here or on another server. Tells how
    /// many those were.
    pub async fn give_up_idle_uploads(&self) -> usize {
        self.give_up_uploads_idle_at(Timestamp::now()).await
    }

    /// The same at another time.
    pub async fn give_up_uploads_idle_at(&self, now: Timestamp) -> usize {
        self.give_up_uploads(now, IDLE).await
    }

    /// The same when the server stops, for those that were idle for ten minutes: whoever was just at it goes on when it is back.
    pub async fn give_up_uploads_at_stop(&self, now: Timestamp) -> usize {
        let given_up = timeout(STOP_WITHIN, self.give_up_uploads(now, IDLE_AT_STOP)).await;
        given_up.unwrap_or_else(|_| {
            warn!(
                "uploads that nobody finishes could not all be given up in time, and their parts stay in S3"
            );
            0
        })
    }

    async fn give_up_uploads(&self, now: Timestamp, idle: i64) -> usize {
        let (since, mut number) = (now.plus_millis(-idle), 0);
        for open in self.open_uploads().idle_since(since) {
            // A part that takes longer than that is still something that somebody does.
            let Ok(_alone) = open.parts.try_write() else { continue };
            match self.give_up_if_idle(&open, since).await {
                Ok(was_idle) => number += usize::from(was_idle),
                Err(error) => {
                    let upload = resource_of(&open.bucket.name, &open.id.key);
                    let upload = upload.escape_debug();
                    warn!(code = ?error.code, "the idle upload to {upload} could not be given up: {error}");
                    // Not again in a minute.
                    open.touch_at(now);
                }
            }
        }
        number
    }

    async fn give_up_if_idle(&self, open: &Open, since: Timestamp) -> Result<bool> {
        let (upload, cloud) = (open.id.upload(&open.bucket), self.cloud_for(&open.caller));
        let parts = match cloud.list_parts(&upload, &open.id.s3).await {
            // It was completed or given up elsewhere.
            Err(error) if error.code == ErrorCode::NotFound => {
                self.open_uploads().forget(&open.bucket, &open.text);
                return Ok(false);
            }
            parts => parts?,
        };
        if let Some(newest) = parts.iter().filter_map(|part| part.modified_at).max().filter(|at| *at > since)
        {
            // Somebody goes on with it through another server.
            open.touch_at(newest);
            return Ok(false);
        }
        let (place, resource) = (open.bucket.place(), resource_of(&open.bucket.name, &open.id.key));
        let words = format!("begun by {}, and nobody did anything for it", open.caller.name());
        let task = Task::new(Operation::AbortUpload).at(&place).on(&resource).detail(words);
        self.perform(&Caller::system(), task, async |grant: Grant<Operate>| {
            grant.check_covers(&place)?;
            match cloud.abort_upload(&upload, &open.id.s3).await {
                Err(error) if error.code != ErrorCode::NotFound => return Err(error),
                _ => self.open_uploads().forget(&open.bucket, &open.text),
            }
            open.stop.cancel();
            Ok(Done::with((), format!("{} parts deleted", parts.len())))
        })
        .await
        .map(|()| true)
    }
}
