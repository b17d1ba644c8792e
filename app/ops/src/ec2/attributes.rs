//! What can be changed of an instance but its state: termination protection, and its type.

use nephoscope_aws::Cloud;
use nephoscope_model::{
    Operation, Place, Result,
    ec2::{InstanceId, InstanceType, InstanceTypeName, Protection, check_type_change},
};

use crate::{
    Caller, Grant, Operate, Ops, Read,
    cache::Known,
    record::{Done, Task},
};

impl Ops {
    /// What an instance is protected against, as AWS sees it now.
    ///
    /// # Errors
    /// `not_found` when there is none of that id, and those of AWS.
    pub async fn get_protection(
        &self,
        caller: &Caller,
        place: &Place,
        id: &InstanceId,
    ) -> Result<Protection> {
        let task = Task::new(Operation::ReadProtection).at(place).on(id.as_str());
        self.perform(caller, task, async |_: Grant<Read>| {
            self.check_place(place)?;
            self.cloud_for(caller).get_protection(place, id).await
        })
        .await
    }

    /// Puts an instance under termination protection, or lifts it. AWS is asked first whether it would (DryRun).
    ///
    /// # Errors
    /// `forbidden`, `not_found`, and those of AWS.
    pub async fn set_protection(
        &self,
        caller: &Caller,
        place: &Place,
        id: &InstanceId,
        wanted: Protection,
    ) -> Result<Protection> {
        let (ops, caller, place, id) = (self.clone(), caller.clone(), place.clone(), id.clone());
        self.to_the_end(async move { ops.set_protection_now(&caller, &place, &id, wanted).await }).await
    }

    async fn set_protection_now(
        &self,
        caller: &Caller,
        place: &Place,
        id: &InstanceId,
        wanted: Protection,
    ) -> Result<Protection> {
        let task = Task::new(Operation::SetProtection).at(place).on(id.as_str());
        self.perform(caller, task, async |grant: Grant<Operate>| {
            self.check_place(place)?;
            let cloud = self.cloud_for(caller);
            let before = cloud.get_protection(place, id).await?;
            if before == wanted {
                return Ok(Done::with(wanted, "nothing to change"));
            }
            cloud.check_protection_change(place, id, wanted).await?;
            grant.check_covers(place)?;
            cloud.set_protection(place, id, wanted).await?;
            let word = |protection: Protection| if protection.termination { "on" } else { "off" };
            let words = format!("termination protection {}", word(wanted));
            Ok(Done::with(wanted, words).changed(
                [("termination protection", word(before))],
                [("termination protection", word(wanted))],
            ))
        })
        .await
    }

    /// The instance types of a place by name, those only that run an architecture where one is given; as they were known within the last
    /// day.
    ///
    /// # Errors
    /// `not_found` for a place that is not configured, and those of AWS.
    pub async fn list_instance_types(
        &self,
        caller: &Caller,
        place: &Place,
        architecture: Option<&str>,
    ) -> Result<Vec<InstanceType>> {
        let task = Task::new(Operation::ListInstanceTypes).at(place);
        self.perform(caller, task, async |_: Grant<Read>| {
            self.check_place(place)?;
            let known = self.known_types(&self.cloud_for(caller), place).await?;
            let fitting = known.value.iter().filter(|known| known.runs(architecture));
            Ok(Done::from(fitting.cloned().collect::<Vec<_>>()))
        })
        .await
    }

    async fn known_types(&self, cloud: &Cloud, place: &Place) -> Result<Known<Vec<InstanceType>>> {
        let ask = cloud.list_instance_types(place);
        self.caches().instance_types.get(place.clone(), false, ask).await
    }

    /// Makes a stopped instance one of another type. AWS is asked first whether it would (DryRun).
    ///
    /// # Errors
    /// `forbidden`, `conflict` when it is not stopped, `invalid_input` for a type that there is not or that runs another architecture,
    /// `not_found`, and those of AWS.
    pub async fn set_instance_type(
        &self,
        caller: &Caller,
        place: &Place,
        id: &InstanceId,
        wanted: &InstanceTypeName,
    ) -> Result<()> {
        let (ops, caller, place, id) = (self.clone(), caller.clone(), place.clone(), id.clone());
        let wanted = wanted.clone();
        self.to_the_end(async move { ops.set_type_now(&caller, &place, &id, &wanted).await }).await
    }

    async fn set_type_now(
        &self,
        caller: &Caller,
        place: &Place,
        id: &InstanceId,
        wanted: &InstanceTypeName,
    ) -> Result<()> {
        let task = Task::new(Operation::SetInstanceType).at(place).on(id.as_str()).detail(wanted.as_str());
        self.perform(caller, task, async |grant: Grant<Operate>| {
            self.check_place(place)?;
            let cloud = self.cloud_for(caller);
            let instance = cloud.get_instance(place, id).await?;
            if instance.instance_type == wanted.as_str() {
                return Ok(Done::with((), "nothing to change"));
            }
            check_type_change(&instance, wanted, &self.known_types(&cloud, place).await?.value)?;
            cloud.check_type_change(place, id, wanted).await?;
            self.set_type_in_aws(&grant, &cloud, place, id, wanted).await?;
            let (was, is) = (instance.instance_type.as_str(), wanted.as_str());
            Ok(Done::with((), format!("{was} → {is}")).changed([("type", was)], [("type", is)]))
        })
        .await
    }

    /// The change itself: only somebody who was granted it gets here.
    async fn set_type_in_aws(
        &self,
        grant: &Grant<Operate>,
        cloud: &Cloud,
        place: &Place,
        id: &InstanceId,
        wanted: &InstanceTypeName,
    ) -> Result<()> {
        grant.check_covers(place)?;
        let changed = cloud.set_instance_type(place, id, wanted).await;
        // Even a call that failed may have changed something.
        self.forget_instances(place).await;
        changed
    }
}
