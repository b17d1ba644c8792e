//! EC2 instances: list, look, start, stop, reboot, terminate.

mod attributes;
mod bulk;
mod console;
mod launch;
mod prices;
mod resources;
mod status;
mod tags;
mod terminations;

use std::sync::Arc;

use nephoscope_aws::Cloud;
use nephoscope_model::{
    Error, ErrorCode, Listing, Operation, Place, Result, Scope, Timestamp,
    bulk::is_typed,
    ec2::{ActionRequest, Instance, InstanceAction, InstanceDetails, InstanceId, StateChange},
};

pub use console::picture_text;

use crate::{
    Caller, Grant, Operate, Ops, Read, SharedListing,
    cache::Known,
    record::{Done, Task},
};

impl Ops {
    /// All instances of a scope, by account and region, then name. With `fresh`, asks AWS even if something is known.
    ///
    /// # Errors
    /// `not_found` for a scope that is not configured. Places that fail are named in the listing.
    pub async fn list_instances(
        &self,
        caller: &Caller,
        scope: &Scope,
        fresh: bool,
    ) -> Result<Listing<Instance>> {
        self.share_instances(caller, scope, fresh).await.map(Listing::from)
    }

    /// The same as [`Self::list_instances`], without a copy of what is known.
    ///
    /// # Errors
    /// The same.
    pub async fn share_instances(
        &self,
        caller: &Caller,
        scope: &Scope,
        fresh: bool,
    ) -> Result<SharedListing<Instance>> {
        self.perform(caller, Task::new(Operation::ListInstances), async |_: Grant<Read>| {
            let cloud = self.cloud_for(caller);
            let listing =
                self.merge_shared(scope, |place| self.known_instances(&cloud, place, fresh)).await?;
            let words = listing.describe();
            Ok(Done::with(listing, words))
        })
        .await
    }

    async fn known_instances(
        &self,
        cloud: &Cloud,
        place: Place,
        fresh: bool,
    ) -> Result<Known<Vec<Instance>>> {
        let ask = cloud.list_instances(&place);
        self.caches().instances.get(place.clone(), fresh, ask).await
    }

    /// One instance, as AWS sees it now, with what no list tells of it.
    ///
    /// # Errors
    /// `not_found` when there is none of that id.
    pub async fn get_instance(
        &self,
        caller: &Caller,
        place: &Place,
        id: &InstanceId,
    ) -> Result<(Instance, InstanceDetails)> {
        let task = Task::new(Operation::GetInstance).at(place).on(id.as_str());
        self.perform(caller, task, async |_: Grant<Read>| {
            self.check_place(place)?;
            self.cloud_for(caller).look_at_instance(place, id).await
        })
        .await
    }

    /// The place where an instance is, when a request for `operation` names only its id, as the contract's paths do. A failure is
    /// recorded as one of that operation.
    ///
    /// # Errors
    /// `forbidden` when the caller may not do the operation; `not_found` when no place of the scope has the instance; the failure of a
    /// place that could not be asked comes before that, since the instance may be there.
    pub async fn locate_instance(
        &self,
        caller: &Caller,
        operation: Operation,
        scope: &Scope,
        id: &InstanceId,
    ) -> Result<Place> {
        let cloud = self.cloud_for(caller);
        self.locate(caller, operation, id.as_str(), self.find_instance(&cloud, scope, id)).await
    }

    /// Looks first at what is known, then asks every place for this one id: an id that does not exist must not cost whole lists.
    async fn find_instance(&self, cloud: &Cloud, scope: &Scope, id: &InstanceId) -> Result<Place> {
        for place in self.places(scope)? {
            let known = self.caches().instances.peek(&place).await;
            if known.is_some_and(|known| known.value.iter().any(|instance| instance.id == *id)) {
                return Ok(place);
            }
        }
        let ask = |place: Place| async move {
            let at = Timestamp::now();
            let found = match cloud.get_instance(&place, id).await {
                Ok(instance) => vec![instance],
                Err(error) if error.code == ErrorCode::NotFound => Vec::new(),
                Err(error) => return Err(error),
            };
            Ok(Known { value: Arc::new(found), at })
        };
        let listing = self.merge(scope, ask).await?;
        if let Some(instance) = listing.items.first() {
            return Ok(instance.place());
        }
        Err(listing.failures().next().map_or_else(
            || {
                Error::not_found(format!("There is no instance {id} in the chosen accounts and regions."))
                    .with_hint("It may have been terminated more than an hour ago, or be in another account.")
            },
            |(_, error)| error.clone(),
        ))
    }

    /// Starts, stops, reboots or terminates an instance. AWS is asked first whether it would (DryRun), and terminating needs its
    /// confirmation: the instance's name, or its id when it has none.
    ///
    /// # Errors
    /// `forbidden`, `confirmation_required`, `conflict` in a state that does not allow it, when it is protected or cannot hibernate, and
    /// those of AWS.
    pub async fn change_instance(
        &self,
        caller: &Caller,
        place: &Place,
        id: &InstanceId,
        request: impl Into<ActionRequest>,
    ) -> Result<StateChange> {
        let (ops, caller, place, id) = (self.clone(), caller.clone(), place.clone(), id.clone());
        let request = request.into();
        if request.action == InstanceAction::Terminate && !self.terminate_grace().is_zero() {
            return Err(Error::invalid("Terminating waits for a while here, so it is asked for by itself.")
                .with_hint("Use DELETE /api/ec2/terminate/{id}."));
        }
        self.to_the_end(async move { ops.change_instance_now(&caller, &place, &id, &request).await }).await
    }

    async fn change_instance_now(
        &self,
        caller: &Caller,
        place: &Place,
        id: &InstanceId,
        request: &ActionRequest,
    ) -> Result<StateChange> {
        let how = if request.action == InstanceAction::Stop { request.stop.words() } else { "" };
        let task = Task::new(request.action.operation()).at(place).on(id.as_str()).detail(how);
        self.perform(caller, task, async |grant: Grant<Operate>| {
            self.check_place(place)?;
            let cloud = self.cloud_for(caller);
            let (instance, details) = cloud.look_at_instance(place, id).await?;
            check_request(&instance, request)?;
            if let Some(reason) = details.stop_refusal().filter(|_| request.action == InstanceAction::Stop) {
                return Err(Error::new(ErrorCode::Conflict, reason));
            }
            if request.action == InstanceAction::Terminate {
                check_unprotected(&cloud, place, id).await?;
            }
            cloud.check_instance_change(place, id, request.action, request.stop).await?;
            let change = self.change_in_aws(&grant, &cloud, place, id, request).await?;
            let (before, after) = (change.previous.as_str(), change.current.as_str());
            let mut words = format!("{before} → {after}");
            if !how.is_empty() {
                words = format!("{words}, {how}");
            }
            Ok(Done::with(change, words).changed([("state", before)], [("state", after)]))
        })
        .await
    }

    /// The change itself: only somebody who was granted it gets here.
    async fn change_in_aws(
        &self,
        grant: &Grant<Operate>,
        cloud: &Cloud,
        place: &Place,
        id: &InstanceId,
        request: &ActionRequest,
    ) -> Result<StateChange> {
        grant.check_covers(place)?;
        let changed = cloud.change_instance(place, id, request.action, request.stop).await;
        // Even a call that failed may have changed something.
        self.forget_instances(place).await;
        changed
    }

    /// What was known of a place's instances is not true any more.
    async fn forget_instances(&self, place: &Place) {
        self.caches().instances.forget(place).await;
        self.caches().status_checks.forget(place).await;
        self.hub().expect_change(place);
    }
}

/// Makes sure that it makes sense to ask AWS for it.
fn check_request(instance: &Instance, request: &ActionRequest) -> Result<()> {
    request.action.allowed_in(instance.state)?;
    if request.action == InstanceAction::Stop {
        request.stop.check(instance)?;
    }
    if request.action.is_destructive() {
        check_confirmation(instance, request.confirmation.as_deref())?;
    }
    Ok(())
}

/// A dry run says nothing of termination protection. Where it cannot be read, AWS itself refuses in the end.
async fn check_unprotected(cloud: &Cloud, place: &Place, id: &InstanceId) -> Result<()> {
    match cloud.get_protection(place, id).await {
        Ok(protection) => protection.check_termination(id),
        Err(_) => Ok(()),
    }
}

fn check_confirmation(instance: &Instance, confirmation: Option<&str>) -> Result<()> {
    let expected = instance.confirmation();
    if confirmation.is_some_and(|typed| is_typed(expected, typed)) {
        return Ok(());
    }
    Err(Error::new(
        ErrorCode::ConfirmationRequired,
        format!("Terminating {} deletes it for ever, so its name must be typed first.", instance.id),
    )
    .with_hint(format!("Confirm with {expected:?}.")))
}
