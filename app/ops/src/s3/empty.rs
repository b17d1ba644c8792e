//! Emptying a bucket: a job that goes on by itself, tells how far it is, and can be stopped between two calls.
//!
//! It is known to the server that began it, and for an hour after its end; the audit knows of its begin and its end for ever.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures::{StreamExt, TryStreamExt, stream};
use nephoscope_aws::{Cloud, Upload};
use nephoscope_model::{
    Error, ErrorCode, Operation, Result, Timestamp,
    s3::{Bucket, BucketName, Emptying, EmptyingState, ObjectTarget, ObjectVersion, VersionPage},
};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::check_typed;
use crate::{
    Caller, Grant, Operate, Ops, Read,
    record::{Done, Task},
};

/// How many pages of 1,000 versions are counted before anything is deleted.
const COUNTED_PAGES: usize = 50;
/// How long one that is over can be looked at, in milliseconds.
const REMEMBERED: i64 = 3_600_000;
/// How many unfinished uploads are given up at the same time.
const ABORTS_AT_ONCE: usize = 8;
/// How many versions are deleted with one call.
const BATCH: u16 = 1_000;

/// All that are under way, or were a while ago.
#[derive(Debug, Default)]
pub(crate) struct Emptyings(Mutex<HashMap<String, Arc<Job>>>);

/// One of them.
#[derive(Debug)]
struct Job {
    progress: Mutex<Emptying>,
    stop: CancellationToken,
    /// Who looks at it: that is recorded once for each, not every time a page asks.
    seen_by: Mutex<BTreeSet<String>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Emptyings {
    /// Adds one, unless another one is under way in the same bucket.
    fn begin(&self, job: &Arc<Job>) -> Result<()> {
        let new = job.progress();
        let now = new.started_at.as_millis();
        let mut jobs = lock(&self.0);
        jobs.retain(|_, job| {
            lock(&job.progress).ended_at.is_none_or(|ended| now - ended.as_millis() < REMEMBERED)
        });
        let is_taken = |job: &Arc<Job>| {
            let known = lock(&job.progress);
            known.bucket == new.bucket && !known.state.is_over()
        };
        if jobs.values().any(is_taken) {
            return Err(Error::new(
                ErrorCode::Conflict,
                format!("The bucket {} is being emptied already.", new.bucket),
            )
            .with_hint("Wait until that is over, or stop it."));
        }
        jobs.insert(new.id, Arc::clone(job));
        Ok(())
    }

    fn find(&self, bucket: &BucketName, id: &str) -> Option<Arc<Job>> {
        let job = lock(&self.0).get(id).cloned()?;
        let is_of_it = lock(&job.progress).bucket == *bucket;
        is_of_it.then_some(job)
    }

    /// The one that is under way in a bucket, or the last that was.
    fn latest(&self, bucket: &Bucket) -> Option<Arc<Job>> {
        let jobs = lock(&self.0);
        let of_it = jobs.iter().filter(|(_, job)| lock(&job.progress).bucket == bucket.name);
        // Their ids are in the order of their begin.
        of_it.max_by_key(|(id, _)| id.as_str()).map(|(_, job)| Arc::clone(job))
    }

    /// Stops all of them.
    pub(crate) fn cancel_all(&self) {
        for job in lock(&self.0).values() {
            job.stop.cancel();
        }
    }
}

impl Job {
    fn progress(&self) -> Emptying {
        lock(&self.progress).clone()
    }

    fn update(&self, change: impl FnOnce(&mut Emptying)) {
        change(&mut lock(&self.progress));
    }

    fn check_going_on(&self) -> Result<()> {
        if self.stop.is_cancelled() {
            return Err(Error::new(
                ErrorCode::Conflict,
                format!("It was stopped: {}.", self.progress().words()),
            )
            .with_hint("What was deleted is gone; begin again to delete the rest."));
        }
        Ok(())
    }

    /// All of it, but for the bucket.
    async fn run(&self, cloud: &Cloud, bucket: &Bucket) -> Result<Done<()>> {
        self.count(cloud, bucket).await?;
        self.update(|progress| progress.state = EmptyingState::Deleting);
        let failure = self.delete_versions(cloud, bucket).await?;
        self.update(|progress| progress.state = EmptyingState::Uploads);
        self.abort_uploads(cloud, bucket).await?;
        let progress = self.progress();
        match failure {
            None => Ok(Done::with((), progress.words())),
            Some(error) => {
                let message = format!("{}. The first that failed: {}", progress.words(), error.message);
                Err(Error { message, ..error })
            }
        }
    }

    /// So that the page can say how far it is. Of a very full bucket, only that it is more than was counted.
    async fn count(&self, cloud: &Cloud, bucket: &Bucket) -> Result<()> {
        let (mut total, mut after) = (0, None);
        for page_number in 1..=COUNTED_PAGES {
            self.check_going_on()?;
            let page = self.page(cloud, bucket, after.as_deref()).await?;
            total += page.versions.len() as u64;
            after = page.next;
            let is_least = after.is_some();
            self.update(|progress| {
                progress.total = Some(total);
                progress.total_is_least = is_least;
            });
            if after.is_none() || page_number == COUNTED_PAGES {
                break;
            }
        }
        Ok(())
    }

    async fn page(&self, cloud: &Cloud, bucket: &Bucket, after: Option<&str>) -> Result<VersionPage> {
        let prefix = lock(&self.progress).prefix.clone();
        cloud.list_object_versions(&bucket.place(), &bucket.name, &prefix, false, after, BATCH).await
    }

    /// Goes through the list once, so that what cannot be deleted does not keep it from its end. Gives the first failure.
    async fn delete_versions(&self, cloud: &Cloud, bucket: &Bucket) -> Result<Option<Error>> {
        let (mut after, mut failure) = (None, None);
        loop {
            self.check_going_on()?;
            let page = self.page(cloud, bucket, after.as_deref()).await?;
            let target = |version: &ObjectVersion| ObjectTarget {
                key: version.key.clone(),
                version_id: Some(version.version_id.clone()),
            };
            let targets: Vec<ObjectTarget> = page.versions.iter().map(target).collect();
            if !targets.is_empty() {
                self.check_going_on()?;
                let results = cloud.delete_objects(&bucket.place(), &bucket.name, &targets).await?;
                self.update(|progress| {
                    for (version, result) in page.versions.iter().zip(results) {
                        match (result.error, version.is_delete_marker) {
                            (None, true) => progress.markers += 1,
                            (None, false) => progress.versions += 1,
                            (Some(error), _) => {
                                progress.failed += 1;
                                failure.get_or_insert(error);
                            }
                        }
                    }
                });
            }
            after = page.next;
            if after.is_none() {
                return Ok(failure);
            }
        }
    }

    async fn abort_uploads(&self, cloud: &Cloud, bucket: &Bucket) -> Result<()> {
        let prefix = lock(&self.progress).prefix.clone();
        let place = bucket.place();
        let mut seen = BTreeSet::new();
        loop {
            self.check_going_on()?;
            let uploads = cloud.list_unfinished_uploads(&place, &bucket.name, &prefix).await?;
            let new: Vec<_> = uploads.into_iter().filter(|(_, id)| seen.insert(id.clone())).collect();
            // Those that were given up are not listed again; whoever lists them all the same is not asked for ever.
            if new.is_empty() {
                return Ok(());
            }
            let aborts = new.into_iter().map(|(key, id)| {
                let upload = Upload {
                    place: place.clone(),
                    bucket: bucket.name.clone(),
                    key,
                    content_type: None,
                    overwrite: false,
                };
                async move {
                    match cloud.abort_upload(&upload, &id).await {
                        // It was finished or given up meanwhile.
                        Err(error) if error.code != ErrorCode::NotFound => Err(error),
                        _ => {
                            self.update(|progress| progress.uploads += 1);
                            Ok(())
                        }
                    }
                }
            });
            stream::iter(aborts).buffer_unordered(ABORTS_AT_ONCE).try_collect::<Vec<()>>().await?;
        }
    }

    fn end(&self, outcome: &Result<()>) {
        self.update(|progress| {
            progress.ended_at = Some(Timestamp::now());
            progress.state = match outcome {
                Ok(()) => EmptyingState::Done,
                Err(_) if self.stop.is_cancelled() => EmptyingState::Cancelled,
                Err(_) => EmptyingState::Failed,
            };
            progress.error = outcome.as_ref().err().cloned();
        });
    }
}

impl Ops {
    /// Begins to delete everything in a bucket or below a prefix of it, all versions, marks and unfinished uploads included, and the bucket
    /// itself when that is wished. The bucket's name must be typed. It goes on by itself; the answer is how it stands at its begin.
    ///
    /// # Errors
    /// `confirmation_required`, `forbidden`, `conflict` when one is under way in the bucket, and `invalid_input` for deleting a bucket of
    /// which only a part is emptied.
    pub async fn empty_bucket(
        &self,
        caller: &Caller,
        bucket: &Bucket,
        prefix: &str,
        delete_bucket: bool,
        confirmation: Option<&str>,
    ) -> Result<Emptying> {
        let progress = Emptying {
            id: Uuid::now_v7().to_string(),
            bucket: bucket.name.clone(),
            account: bucket.account.clone(),
            region: bucket.region.clone(),
            prefix: prefix.to_owned(),
            delete_bucket,
            state: EmptyingState::Counting,
            total: None,
            total_is_least: false,
            versions: 0,
            markers: 0,
            uploads: 0,
            failed: 0,
            started_by: caller.name().to_owned(),
            started_at: Timestamp::now(),
            ended_at: None,
            error: None,
        };
        let job = Arc::new(Job {
            progress: Mutex::new(progress),
            stop: CancellationToken::new(),
            seen_by: Mutex::default(),
        });
        let (begun, has_begun) = oneshot::channel();
        let (ops, caller, bucket) = (self.clone(), caller.clone(), bucket.clone());
        let confirmation = confirmation.map(str::to_owned);
        let known = Arc::clone(&job);
        let work = self.to_the_end(async move {
            ops.empty_to_the_end(&caller, &bucket, &job, confirmation.as_deref(), begun).await
        });
        tokio::pin!(work);
        tokio::select! {
            biased;
            Ok(()) = has_begun => Ok(known.progress()),
            ended = &mut work => ended.map(|()| known.progress()),
        }
    }

    async fn empty_to_the_end(
        &self,
        caller: &Caller,
        bucket: &Bucket,
        job: &Arc<Job>,
        confirmation: Option<&str>,
        begun: oneshot::Sender<()>,
    ) -> Result<()> {
        let (place, asked) = (bucket.place(), job.progress());
        let what =
            if asked.prefix.is_empty() { String::new() } else { format!("all below {}", asked.prefix) };
        let task = Task::new(Operation::EmptyBucket).at(&place).on(bucket.name.as_str()).detail(what);
        let emptied = self
            .perform(caller, task, async |grant: Grant<Operate>| {
                self.check_place(&place)?;
                check_typed("content of the bucket", bucket.name.as_str(), confirmation)?;
                if asked.delete_bucket && !asked.prefix.is_empty() {
                    return Err(Error::invalid(
                        "A bucket of which only a part is emptied cannot be deleted.",
                    )
                    .with_hint("Leave the prefix out, or keep the bucket."));
                }
                grant.check_covers(&place)?;
                self.emptyings().begin(job)?;
                // Whoever asked may be gone.
                let _ = begun.send(());
                let done = job.run(&self.cloud_for(caller), bucket).await;
                self.caches().objects.forget_all();
                done
            })
            .await;
        let outcome = match emptied {
            Ok(()) if asked.delete_bucket => {
                job.update(|progress| progress.state = EmptyingState::Bucket);
                self.delete_bucket(caller, bucket, Some(bucket.name.as_str())).await
            }
            other => other,
        };
        job.end(&outcome);
        outcome
    }

    /// How far the emptying of a bucket is. That somebody looks is recorded once.
    ///
    /// # Errors
    /// `not_found` when nobody knows of it: it was over an hour ago, or another server began it.
    pub async fn get_emptying(&self, caller: &Caller, bucket: &BucketName, id: &str) -> Result<Emptying> {
        let job = self.emptying(caller, Operation::WatchEmptying, bucket, id).await?;
        let place = job.progress().place();
        if lock(&job.seen_by).contains(caller.name()) {
            return Ok(job.progress());
        }
        let task = Task::new(Operation::WatchEmptying).at(&place).on(bucket.as_str());
        self.perform(caller, task, async |_: Grant<Read>| {
            lock(&job.seen_by).insert(caller.name().to_owned());
            Ok(job.progress())
        })
        .await
    }

    /// The emptying of a bucket that is under way or ended within the hour, for its page.
    #[must_use]
    pub fn latest_emptying(&self, _caller: &Caller, bucket: &Bucket) -> Option<Emptying> {
        Some(self.emptyings().latest(bucket)?.progress())
    }

    /// Stops the emptying of a bucket before its next call. What was deleted is gone.
    ///
    /// # Errors
    /// `not_found` when nobody knows of it, `conflict` when it is over.
    pub async fn cancel_emptying(&self, caller: &Caller, bucket: &BucketName, id: &str) -> Result<()> {
        let job = self.emptying(caller, Operation::CancelEmptying, bucket, id).await?;
        let place = job.progress().place();
        let task = Task::new(Operation::CancelEmptying).at(&place).on(bucket.as_str());
        self.perform(caller, task, async |grant: Grant<Operate>| {
            grant.check_covers(&place)?;
            let progress = job.progress();
            if progress.state.is_over() {
                return Err(Error::new(ErrorCode::Conflict, "It is over already."));
            }
            job.stop.cancel();
            Ok(Done::with((), progress.words()))
        })
        .await
    }

    /// The one that a request for `operation` names. Its bucket may be gone meanwhile.
    async fn emptying(
        &self,
        caller: &Caller,
        operation: Operation,
        bucket: &BucketName,
        id: &str,
    ) -> Result<Arc<Job>> {
        self.check_may(caller, operation, bucket.as_str()).await?;
        if let Some(job) = self.emptyings().find(bucket, id) {
            return Ok(job);
        }
        let error = Error::not_found("Nothing is known of such an emptying of the bucket.").with_hint(
            "It may have been over for an hour, or another server began it: the activity knows of it.",
        );
        self.record_not_begun(caller, &Task::new(operation).on(bucket.as_str()), &error).await?;
        Err(error.within_request(&caller.request_id))
    }
}
