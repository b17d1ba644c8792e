//! Uploads in parts that are neither completed nor given up. The store knows of each from its begin, so that whatever becomes of the server
//! or browser that was at it, one of the servers gives it up when nobody goes on with it.

use std::{convert::Infallible, time::Duration};

use nephoscope_aws::{Cloud, Upload};
use nephoscope_model::{Error, ErrorCode, Operation, Result, Timestamp, s3::Uploaded};
use nephoscope_store::OpenUpload;
use tokio::time::sleep;
use tracing::warn;

use super::resource_of;
use crate::{
    Caller, Grant, Operate, Ops,
    record::{Done, Task},
};

/// How long nobody does anything for an upload before it is given up, in milliseconds.
const IDLE: i64 = 3_600_000;
/// How much later it is tried again when AWS denies it: somebody must change a policy first.
const DENIED: i64 = 86_400_000;
/// How often the store hears of an upload that somebody is at.
pub(super) const NOTE_EVERY: Duration = Duration::from_secs(300);

/// What the store is to know of an upload.
pub(super) fn open_upload(caller: &Caller, upload: &Upload, id: &str) -> OpenUpload {
    OpenUpload {
        place: upload.place.clone(),
        bucket: upload.bucket.clone(),
        key: upload.key.clone(),
        id: id.to_owned(),
        user_name: caller.name().to_owned(),
        touched_at: Timestamp::now(),
    }
}

impl Ops {
    /// Notes an upload that was just begun. When the store does not answer, it is given up again.
    ///
    /// # Errors
    /// `unavailable` when the store does not answer.
    pub(super) async fn note_begun(&self, cloud: &Cloud, open: &OpenUpload) -> Result<()> {
        let Err(error) = self.store().save_upload(open.clone()).await else { return Ok(()) };
        if let Err(error) = cloud.abort_upload(&upload_of(open), &open.id).await {
            warn_that_it_stays(open, &error);
        }
        Err(error.into())
    }

    /// Notes that somebody does something for an upload now. What the store does not hear of is no reason to refuse a part: the next one
    /// tells it again.
    pub(super) async fn note_at_work(&self, open: &OpenUpload) -> bool {
        let now = Timestamp::now();
        match self.store().save_upload(OpenUpload { touched_at: now, ..open.clone() }).await {
            Ok(()) => true,
            Err(error) => {
                warn!("the store was not told that an upload to {} goes on: {error}", open.bucket);
                false
            }
        }
    }

    /// Does something that may take long for an upload, while the store hears of it regularly.
    pub(super) async fn while_at_work<T>(&self, open: &OpenUpload, work: impl Future<Output = T>) -> T {
        let note_regularly = async {
            loop {
                sleep(NOTE_EVERY).await;
                self.note_at_work(open).await;
            }
        };
        let never: Infallible = tokio::select! {
            done = work => return done,
            never = note_regularly => never,
        };
        match never {}
    }

    /// Uploads or copies all parts of an upload that was just begun, and makes the object. One that fails is given up.
    ///
    /// # Errors
    /// Those of `work`; `unavailable` when the store does not answer.
    pub(super) async fn finish_or_give_up(
        &self,
        cloud: &Cloud,
        open: &OpenUpload,
        work: impl Future<Output = Result<Uploaded>>,
    ) -> Result<Uploaded> {
        self.note_begun(cloud, open).await?;
        let finished = self.while_at_work(open, work).await;
        if finished.is_err()
            && let Err(error) = cloud.abort_upload(&upload_of(open), &open.id).await
            && error.code != ErrorCode::NotFound
        {
            // It is tried again in an hour.
            warn_that_it_stays(open, &error);
        } else {
            self.forget_upload(open).await;
        }
        finished
    }

    /// Forgets an upload that has ended. If the store does not hear of it, it finds out in an hour.
    pub(super) async fn forget_upload(&self, open: &OpenUpload) {
        if let Err(error) = self.store().forget_upload(&open.place, &open.bucket, &open.id).await {
            warn!("the store was not told that an upload to {} has ended: {error}", open.bucket);
        }
    }

    /// Gives up uploads in parts for which nobody did anything for an hour, on whatever server they were begun. Tells how many those were.
    ///
    /// # Errors
    /// Those of [`Self::give_up_uploads_idle_at`].
    pub async fn give_up_idle_uploads(&self) -> Result<usize> {
        self.give_up_uploads_idle_at(Timestamp::now()).await
    }

    /// The same at another time. Of many servers that do so at once, one gives each up. A server that changes nothing leaves them to others.
    ///
    /// # Errors
    /// `unavailable` when the store does not answer. What fails for one upload is logged, and tried again later.
    pub async fn give_up_uploads_idle_at(&self, now: Timestamp) -> Result<usize> {
        if self.is_read_only() {
            return Ok(0);
        }
        let (since, mut number) = (now.plus_millis(-IDLE), 0);
        self.upload_gates().forget_before(since);
        while let Some(open) = self.store().claim_idle_upload(since, now).await? {
            match self.give_up_if_idle(&open, since).await {
                Ok(was_idle) => number += usize::from(was_idle),
                Err(error) => {
                    warn_that_it_stays(&open, &error);
                    if error.code == ErrorCode::AwsDenied {
                        let touched_at = now.plus_millis(DENIED - IDLE);
                        self.store().save_upload(OpenUpload { touched_at, ..open }).await?;
                    }
                }
            }
        }
        Ok(number)
    }

    async fn give_up_if_idle(&self, open: &OpenUpload, since: Timestamp) -> Result<bool> {
        let (upload, cloud) = (upload_of(open), self.cloud_for(&Caller::system()));
        self.check_place(&open.place)?;
        let parts = match cloud.list_parts(&upload, &open.id).await {
            // It was completed or given up, by us or by somebody else.
            Err(error) if error.code == ErrorCode::NotFound => {
                self.forget_upload(open).await;
                return Ok(false);
            }
            parts => parts?,
        };
        if let Some(newest) = parts.iter().filter_map(|part| part.modified_at).max().filter(|at| *at > since)
        {
            // Somebody goes on with it of whom the store did not hear.
            self.store().save_upload(OpenUpload { touched_at: newest, ..open.clone() }).await?;
            return Ok(false);
        }
        let resource = resource_of(&open.bucket, &open.key);
        let words = format!("{} was at it last, and nobody for an hour", open.user_name);
        let task = Task::new(Operation::AbortUpload).at(&open.place).on(&resource).detail(words);
        self.perform(&Caller::system(), task, async |grant: Grant<Operate>| {
            grant.check_covers(&open.place)?;
            if let Some(gate) = self.upload_gates().remove(&open.bucket, &open.id) {
                gate.close();
            }
            match cloud.abort_upload(&upload, &open.id).await {
                Err(error) if error.code != ErrorCode::NotFound => return Err(error),
                _ => self.forget_upload(open).await,
            }
            Ok(Done::with((), format!("{} parts deleted", parts.len())))
        })
        .await
        .map(|()| true)
    }
}

fn upload_of(open: &OpenUpload) -> Upload {
    Upload {
        place: open.place.clone(),
        bucket: open.bucket.clone(),
        key: open.key.clone(),
        content_type: None,
        overwrite: false,
    }
}

fn warn_that_it_stays(open: &OpenUpload, error: &Error) {
    let resource = resource_of(&open.bucket, &open.key);
    let resource = resource.escape_debug();
    warn!(code = ?error.code, "an upload to {resource} could not be given up, and is tried again later: {error}");
}
