//! EC2 instances: list, look, start, stop, reboot, terminate.

use nephoscope_model::{
    Error, ErrorCode, Listing, Operation, Place, Result, Scope,
    ec2::{Instance, InstanceAction, InstanceId, StateChange},
};

use crate::{
    Caller, Grant, Operate, Ops, Read,
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
            let listing = self.merge(scope, |place| self.known_instances(place, fresh)).await?;
            let words = describe(&listing);
            Ok(Done::with(listing, words))
        })
        .await
    }

    pub(crate) async fn known_instances(&self, place: Place, fresh: bool) -> Result<Known<Vec<Instance>>> {
        let ask = self.cloud().list_instances(&place);
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
            self.cloud().get_instance(place, id).await
        })
        .await
    }

    /// The place where an instance is, when a request names only its id, as the contract's paths do.
    ///
    /// # Errors
    /// `not_found` when no place of the scope has it; the failure of a place that could not be asked comes before that, since the
    /// instance may be there.
    pub async fn locate_instance(&self, caller: &Caller, scope: &Scope, id: &InstanceId) -> Result<Place> {
        Grant::<Read>::check(caller)?;
        for fresh in [false, true] {
            let listing = self.merge(scope, |place| self.known_instances(place, fresh)).await?;
            if let Some(instance) = listing.items.iter().find(|instance| instance.id == *id) {
                return Ok(instance.place());
            }
            if let Some((_, error)) = listing.failures().next().filter(|_| fresh) {
                return Err(error.clone());
            }
        }
        Err(Error::not_found(format!("There is no instance {id} in the chosen accounts and regions."))
            .with_hint("It may have been terminated more than an hour ago, or be in another account."))
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
            let instance = self.cloud().get_instance(place, id).await?;
            action.allowed_in(instance.state)?;
            if action.is_destructive() {
                check_confirmation(&instance, confirmation)?;
            }
            self.cloud().check_instance_change(place, id, action).await?;
            let change = self.change_in_aws(&grant, place, id, action).await?;
            let words = format!("{} → {}", change.previous.as_str(), change.current.as_str());
            Ok(Done::with(change, words))
        })
        .await
    }

    /// The change itself: only somebody who was granted it gets here.
    async fn change_in_aws(
        &self,
        _grant: &Grant<Operate>,
        place: &Place,
        id: &InstanceId,
        action: InstanceAction,
    ) -> Result<StateChange> {
        let changed = self.cloud().change_instance(place, id, action).await;
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
