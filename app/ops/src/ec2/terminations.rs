//! Terminating with grace: what is asked for waits in the store for a while, in which everybody who may terminate may undo it. Any server
//! carries it out when it is due, as the person who asked, if they still may.

use std::time::Duration;

use futures::future::join_all;
use nephoscope_aws::Cloud;
use nephoscope_model::{
    Error, ErrorCode, Operation, Place, Result, Scope, Timestamp,
    audit::{AuditQuery, Outcome},
    ec2::{
        ActionRequest, InstanceAction, InstanceId, StateChange, StopOptions, Terminating, Termination,
        TerminationEnd,
    },
    identity::Role,
};
use nephoscope_store::QueuedTermination;
use tracing::warn;
use uuid::Uuid;

use super::{check_request, check_unprotected};
use crate::{
    Caller, Grant, Operate, Ops, Read,
    record::{Done, Task},
};

/// How long after its time something is still done. Whoever asked for it does not expect it any more when the servers were away for longer.
const LATEST: Duration = Duration::from_secs(600);
/// How many are carried out at the same time.
const AT_ONCE: usize = 4;

impl Ops {
    /// Terminates an instance when the grace that is configured is over, or at once when there is none. AWS is asked at once whether it
    /// would (DryRun); its name must have been typed, or its id when it has none.
    ///
    /// # Errors
    /// `forbidden`, `confirmation_required`, `conflict` when it is protected, gone or queued already, and those of AWS.
    pub async fn terminate_instance(
        &self,
        caller: &Caller,
        place: &Place,
        id: &InstanceId,
        confirmation: Option<String>,
    ) -> Result<Terminating> {
        let (ops, caller, place, id) = (self.clone(), caller.clone(), place.clone(), id.clone());
        let request = ActionRequest { confirmation, ..InstanceAction::Terminate.into() };
        self.to_the_end(async move {
            if ops.terminate_grace().is_zero() {
                return Ok(Terminating::Now(ops.change_instance_now(&caller, &place, &id, &request).await?));
            }
            Ok(Terminating::Queued(ops.queue_termination(&caller, &place, &id, &request).await?))
        })
        .await
    }

    async fn queue_termination(
        &self,
        caller: &Caller,
        place: &Place,
        id: &InstanceId,
        request: &ActionRequest,
    ) -> Result<Termination> {
        let grace = self.terminate_grace();
        let operation_id = Uuid::now_v7().to_string();
        let words = format!("waits for {} s, in which it can be undone", grace.as_secs());
        let task = Task::new(Operation::TerminateInstance).at(place).on(id.as_str()).detail(words);
        self.begin(caller, task, &operation_id, async |grant: Grant<Operate>| {
            grant.check_covers(place)?;
            self.check_place(place)?;
            let name = check_termination(&self.cloud_for(caller), place, id, request).await?;
            let now = Timestamp::now();
            let queued = QueuedTermination {
                place: place.clone(),
                instance: id.clone(),
                confirmation: name,
                user_id: caller.user_id.clone(),
                user_name: caller.name.clone(),
                operation_id: operation_id.clone(),
                request_id: caller.request_id.clone(),
                asked_at: now,
                due_at: now.plus_millis(millis(grace)),
            };
            self.store().queue_termination(queued.clone()).await?;
            self.termination_queue().notify_one();
            Ok(termination(queued, now))
        })
        .await
    }

    /// Takes an instance out of the queue before its time. Whoever may terminate it may do so, not only who asked.
    ///
    /// # Errors
    /// `forbidden`; `not_found` when it is not in the queue, or not any more.
    pub async fn undo_termination(
        &self,
        caller: &Caller,
        place: &Place,
        id: &InstanceId,
    ) -> Result<Termination> {
        let (ops, caller, place, id) = (self.clone(), caller.clone(), place.clone(), id.clone());
        self.to_the_end(async move {
            let task = Task::new(Operation::UndoTermination).at(&place).on(id.as_str());
            ops.perform(&caller, task, async |grant: Grant<Operate>| {
                grant.check_covers(&place)?;
                let Some(queued) = ops.store().remove_termination(&place, &id).await? else {
                    return Err(nothing_queued(&id));
                };
                let undone = Error::new(ErrorCode::Conflict, format!("Undone by {}.", caller.name()));
                ops.end_queued(&queued, Outcome::Failed, &undone).await?;
                let words = format!("asked for by {}", queued.user_name);
                Ok(Done::with(termination(queued, Timestamp::now()), words))
            })
            .await
        })
        .await
    }

    /// What is in the queue, what is due first before the rest. That somebody looks is recorded once in ten minutes, since a page asks
    /// every few seconds.
    ///
    /// # Errors
    /// `not_found` for a scope that is not configured.
    pub async fn list_terminations(&self, caller: &Caller, scope: &Scope) -> Result<Vec<Termination>> {
        let key = (caller.name().to_owned(), format!("terminations: {scope:?}"));
        let known = &self.caches().audit_followers;
        if known.contains_key(&key) {
            self.check_may(caller, Operation::ListTerminations, "").await?;
            return self.read_terminations(scope).await;
        }
        let task = Task::new(Operation::ListTerminations);
        let found =
            self.perform(caller, task, async |_: Grant<Read>| self.read_terminations(scope).await).await?;
        known.insert(key, ()).await;
        Ok(found)
    }

    /// How a termination ended that this person asked for and that was due at `due_at`; nothing while it is not on record.
    ///
    /// # Errors
    /// `unavailable` when the store does not answer.
    pub async fn end_of_termination(
        &self,
        caller: &Caller,
        id: &InstanceId,
        due_at: Timestamp,
    ) -> Result<Option<TerminationEnd>> {
        let query = AuditQuery {
            actor: Some(caller.name().to_owned()),
            operation: Some(Operation::TerminateInstance),
            resource: Some(id.to_string()),
            from: Some(due_at),
            limit: Some(1),
            ..AuditQuery::default()
        };
        let newest = self.query_audit(caller, query).await?.records.into_iter().next();
        Ok(newest.and_then(|record| match record.outcome {
            Outcome::Started => None,
            Outcome::Succeeded => Some(TerminationEnd::Done),
            Outcome::Failed | Outcome::Refused => {
                let code = record.error.unwrap_or(ErrorCode::Conflict);
                Some(TerminationEnd::NotDone(Error::new(code, record.detail)))
            }
        }))
    }

    async fn read_terminations(&self, scope: &Scope) -> Result<Vec<Termination>> {
        let places = self.places(scope)?;
        let now = Timestamp::now();
        let queue = self.store().list_terminations().await?;
        let here = queue.into_iter().filter(|queued| places.contains(&queued.place));
        Ok(here.map(|queued| termination(queued, now)).collect())
    }

    /// The place of an instance that is in the queue, when a request names only its id.
    ///
    /// # Errors
    /// `forbidden` when the caller may not undo it; `not_found` when no place of the scope has it in the queue.
    pub async fn locate_termination(&self, caller: &Caller, scope: &Scope, id: &InstanceId) -> Result<Place> {
        let find = async {
            let queue = self.read_terminations(scope).await?;
            let found = queue.iter().find(|queued| queued.id == *id);
            found.map(Termination::place).ok_or_else(|| nothing_queued(id))
        };
        self.locate(caller, Operation::UndoTermination, id.as_str(), find).await
    }

    /// Carries out what is due now, and says when the next of those is that wait.
    ///
    /// # Errors
    /// Those of [`Self::carry_out_terminations_at`].
    pub async fn carry_out_terminations(&self) -> Result<Option<Timestamp>> {
        self.carry_out_terminations_at(Timestamp::now()).await
    }

    /// Carries out what is due at `now`, and says when the next of those is that wait. Of many servers that do so at once, one does each.
    /// A server that changes nothing leaves them to others.
    ///
    /// # Errors
    /// `unavailable` when the store does not answer. What fails for one instance is on record.
    pub async fn carry_out_terminations_at(&self, now: Timestamp) -> Result<Option<Timestamp>> {
        if self.is_read_only() {
            return Ok(None);
        }
        let next = |queue: Vec<QueuedTermination>| queue.first().map(|queued| queued.due_at);
        let waiting = next(self.store().list_terminations().await?);
        if waiting.is_none_or(|due_at| due_at > now) {
            return Ok(waiting);
        }
        let workers = (0..AT_ONCE).map(|_| {
            let ops = self.clone();
            // What was taken out of the queue is done, even if the server is told to stop meanwhile.
            self.to_the_end(async move {
                while let Some(queued) = ops.store().take_due_termination(now).await? {
                    ops.carry_out(&queued, now).await;
                }
                Ok(())
            })
        });
        join_all(workers).await.into_iter().collect::<Result<()>>()?;
        Ok(next(self.store().list_terminations().await?))
    }

    /// Waits until something was put into the queue by this server.
    pub async fn termination_queued(&self) {
        self.termination_queue().notified().await;
    }

    async fn carry_out(&self, queued: &QueuedTermination, now: Timestamp) {
        let done = async {
            if now > queued.due_at.plus_millis(millis(LATEST)) {
                let late = Error::new(
                    ErrorCode::Conflict,
                    "No server was there when it was due; it was not done later.",
                );
                return self.end_queued(queued, Outcome::Failed, &late).await;
            }
            let Some(caller) = self.who_asked(queued).await? else {
                let message = format!("{} is not here any more.", queued.user_name);
                let gone = Error::new(ErrorCode::Forbidden, message);
                return self.end_queued(queued, Outcome::Refused, &gone).await;
            };
            self.terminate_as_asked(&caller, queued).await.map(drop)
        };
        if let Err(error) = done.await {
            // The reason is on record, unless that could not be written either.
            warn!(code = ?error.code, "{} was not terminated when it was due: {error}", queued.instance);
        }
    }

    async fn terminate_as_asked(&self, caller: &Caller, queued: &QueuedTermination) -> Result<StateChange> {
        let (place, id) = (&queued.place, &queued.instance);
        let confirmation = Some(queued.confirmation.clone());
        let request = ActionRequest { confirmation, ..InstanceAction::Terminate.into() };
        self.end(caller, task_of(queued), &queued.operation_id, async |grant: Grant<Operate>| {
            self.check_place(place)?;
            let cloud = self.cloud_for(caller);
            check_termination(&cloud, place, id, &request).await?;
            let change = self.change_in_aws(&grant, &cloud, place, id, &request).await?;
            let (before, after) = (change.previous.as_str(), change.current.as_str());
            let words = format!("{before} → {after}");
            Ok(Done::with(change, words).changed([("state", before)], [("state", after)]))
        })
        .await
    }

    /// The person who asked for it, as they are now; nothing when they are gone or disabled.
    async fn who_asked(&self, queued: &QueuedTermination) -> Result<Option<Caller>> {
        if queued.user_id.is_empty() {
            return Ok(Some(Caller::system()));
        }
        let user = self.store().get_user(&queued.user_id).await?.filter(|user| !user.disabled);
        let caller = |user| Caller::in_session(&user, "", queued.due_at).within_request(&queued.request_id);
        Ok(user.map(caller))
    }

    /// Records the end of what was never done, under the name of who asked.
    async fn end_queued(&self, queued: &QueuedTermination, outcome: Outcome, why: &Error) -> Result<()> {
        let named = Caller {
            user_id: queued.user_id.clone(),
            name: queued.user_name.clone(),
            role: Role::Viewer,
            ..Caller::system()
        };
        let named = named.within_request(&queued.request_id);
        self.record_end(&named, &task_of(queued), &queued.operation_id, outcome, why).await
    }
}

/// Makes sure that it makes sense and that AWS would do it, and gives what had to be typed.
async fn check_termination(
    cloud: &Cloud,
    place: &Place,
    id: &InstanceId,
    request: &ActionRequest,
) -> Result<String> {
    let instance = cloud.get_instance(place, id).await?;
    check_request(&instance, request)?;
    check_unprotected(cloud, place, id).await?;
    cloud.check_instance_change(place, id, InstanceAction::Terminate, StopOptions::default()).await?;
    Ok(instance.confirmation().to_owned())
}

fn task_of(queued: &QueuedTermination) -> Task<'_> {
    Task::new(Operation::TerminateInstance).at(&queued.place).on(queued.instance.as_str())
}

fn termination(queued: QueuedTermination, now: Timestamp) -> Termination {
    let left = queued.due_at.as_millis().saturating_sub(now.as_millis()).max(0);
    Termination {
        id: queued.instance,
        account: queued.place.account,
        region: queued.place.region,
        name: queued.confirmation,
        by: queued.user_name,
        due_at: queued.due_at,
        seconds_left: u32::try_from(left.saturating_add(999) / 1_000).unwrap_or(u32::MAX),
    }
}

fn nothing_queued(id: &InstanceId) -> Error {
    Error::not_found(format!("{id} is not about to be terminated."))
        .with_hint("It was undone before, or its time has come and AWS was asked.")
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
