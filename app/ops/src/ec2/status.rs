//! The status checks of instances.

use nephoscope_aws::Cloud;
use nephoscope_model::{
    Listing, Operation, Place, Result, Scope,
    ec2::{InstanceId, StatusChecks},
};

use crate::{
    Caller, Grant, Ops, Read,
    cache::Known,
    estate::describe,
    record::{Done, Task},
};

impl Ops {
    /// The status checks of all instances of a scope. With `fresh`, asks AWS even if something is known.
    ///
    /// # Errors
    /// `not_found` for a scope that is not configured. Places that fail are named in the listing.
    pub async fn list_status_checks(
        &self,
        caller: &Caller,
        scope: &Scope,
        fresh: bool,
    ) -> Result<Listing<StatusChecks>> {
        self.perform(caller, Task::new(Operation::ListStatusChecks), async |_: Grant<Read>| {
            let cloud = self.cloud_for(caller);
            let listing = self.merge(scope, |place| self.known_checks(&cloud, place, fresh)).await?;
            let words = describe(&listing);
            Ok(Done::with(listing, words))
        })
        .await
    }

    /// The same, where it is known in a moment: a page must not wait for it. What takes longer goes on, and is known the next time.
    pub async fn list_status_checks_soon(
        &self,
        caller: &Caller,
        scope: &Scope,
    ) -> Option<Listing<StatusChecks>> {
        let (ops, caller, scope) = (self.clone(), caller.clone(), scope.clone());
        self.soon(Box::pin(async move { ops.list_status_checks(&caller, &scope, false).await })).await
    }

    async fn known_checks(
        &self,
        cloud: &Cloud,
        place: Place,
        fresh: bool,
    ) -> Result<Known<Vec<StatusChecks>>> {
        let ask = cloud.list_status_checks(&place);
        self.caches().status_checks.get(place.clone(), fresh, ask).await
    }

    /// The status checks of one instance, as AWS sees them now.
    ///
    /// # Errors
    /// `not_found` when there is none of that id, and those of AWS.
    pub async fn get_status_checks(
        &self,
        caller: &Caller,
        place: &Place,
        id: &InstanceId,
    ) -> Result<StatusChecks> {
        let task = Task::new(Operation::GetStatusChecks).at(place).on(id.as_str());
        self.perform(caller, task, async |_: Grant<Read>| {
            self.check_place(place)?;
            self.cloud_for(caller).get_status_checks(place, id).await
        })
        .await
    }
}
