//! EC2 instances: list, look, start, stop, reboot, terminate.

mod bulk;
mod tags;

use std::sync::Arc;

use nephoscope_aws::Cloud;
use nephoscope_model::{
    Error, ErrorCode, Listing, Operation, Place, Result, Scope, Timestamp,
    ec2::{Instance, InstanceAction, InstanceId, StateChange},
};

use crate::{
    Caller, Grant, Operate, Ops, Read,
    acting::Acting,
    cache::Known,
    estate::describe,
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
        self.perform(caller, Task::new(Operation::ListInstances), async |_: Grant<Read>| {
            let cloud = self.cloud_for(caller);
            let listing = self.merge(scope, |place| self.known_instances(&cloud, place, fresh)).await?;
            let words = describe(&listing);
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

    /// One instance, as AWS sees it now.
    ///
    /// # Errors
    /// `not_found` when there is none of that id.
    pub async fn get_instance(&self, caller: &Caller, place: &Place, id: &InstanceId) -> Result<Instance> {
        let task = Task::new(Operation::GetInstance).at(place).on(id.as_str());
        self.perform(caller, task, async |_: Grant<Read>| {
            self.check_place(place)?;
            self.cloud_for(caller).get_instance(place, id).await
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
        self.check_may(caller, operation, id.as_str()).await?;
        match Acting::new(caller.name()).during(self.find_instance(&self.cloud_for(caller), scope, id)).await
        {
            Ok(place) => Ok(place),
            Err(error) => {
                self.record_not_begun(caller, &Task::new(operation).on(id.as_str()), &error).await?;
                Err(error.within_request(&caller.request_id))
            }
        }
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

    /// Starts, stops, reboots or terminates an instance. AWS is asked first whether it would (DryRun), and terminating needs
    /// `confirmation`: the instance's name, or its id when it has none.
    ///
    /// # Errors
    /// `forbidden`, `confirmation_required`, `conflict` in a state that does not allow it, and those of AWS.
    pub async fn change_instance(
        &self,
        caller: &Caller,
        place: &Place,
        id: &InstanceId,
        action: InstanceAction,
        confirmation: Option<&str>,
    ) -> Result<StateChange> {
        let (ops, caller, place, id) = (self.clone(), caller.clone(), place.clone(), id.clone());
        let confirmation = confirmation.map(str::to_owned);
        self.to_the_end(async move {
            ops.change_instance_now(&caller, &place, &id, action, confirmation.as_deref()).await
        })
        .await
    }

    async fn change_instance_now(
        &self,
        caller: &Caller,
        place: &Place,
        id: &InstanceId,
        action: InstanceAction,
        confirmation: Option<&str>,
    ) -> Result<StateChange> {
        let task = Task::new(action.operation()).at(place).on(id.as_str());
        self.perform(caller, task, async |grant: Grant<Operate>| {
            self.check_place(place)?;
            let cloud = self.cloud_for(caller);
            let instance = cloud.get_instance(place, id).await?;
            action.allowed_in(instance.state)?;
            if action.is_destructive() {
                check_confirmation(&instance, confirmation)?;
            }
            cloud.check_instance_change(place, id, action).await?;
            let change = self.change_in_aws(&grant, &cloud, place, id, action).await?;
            let (before, after) = (change.previous.as_str(), change.current.as_str());
            let words = format!("{before} → {after}");
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
        action: InstanceAction,
    ) -> Result<StateChange> {
        grant.check_covers(place)?;
        let changed = cloud.change_instance(place, id, action).await;
        // Even a call that failed may have changed something.
        self.caches().instances.forget(place).await;
        self.hub().expect_change(place);
        changed
    }
}

fn check_confirmation(instance: &Instance, confirmation: Option<&str>) -> Result<()> {
    let expected = instance.confirmation();
    if confirmation.map(str::trim) == Some(expected.trim()) {
        return Ok(());
    }
    Err(Error::new(
        ErrorCode::ConfirmationRequired,
        format!("Terminating {} deletes it for ever, so its name must be typed first.", instance.id),
    )
    .with_hint(format!("Confirm with {expected:?}.")))
}
