//! The same action for many instances: the single operation for each of them, a few at a time, each with its own permission, its own
//! records and its own result.

use std::collections::BTreeSet;

use futures::{StreamExt, stream};
use nephoscope_model::{
    Place, Result, Scope,
    ec2::{BulkAction, BulkResult, InstanceAction, InstanceId, InstanceTarget, StateChange, check_count},
};

use crate::{Caller, Ops};

/// How many instances are being changed at the same time. More would only wait for each other's turn at AWS.
const AT_ONCE: usize = 8;

/// Where an instance is, or where to look for it.
#[derive(Clone)]
enum Whereabouts {
    Known(Place),
    Within(Scope),
}

impl Ops {
    /// Starts, stops or reboots instances of which it is known where they are. What fails for one keeps no other from being done.
    ///
    /// # Errors
    /// `invalid_input` for none and for too many; `forbidden` when the caller may not do it anywhere. All else stands in the results,
    /// which come in the order of the targets.
    pub async fn change_instances(
        &self,
        caller: &Caller,
        targets: Vec<InstanceTarget>,
        action: BulkAction,
    ) -> Result<Vec<BulkResult>> {
        let targets = targets.into_iter().map(|target| (target.id, Whereabouts::Known(target.place)));
        self.change_each(caller, targets.collect(), action).await
    }

    /// The same for instances that are somewhere in a scope.
    ///
    /// # Errors
    /// Those of [`Ops::change_instances`].
    pub async fn find_and_change_instances(
        &self,
        caller: &Caller,
        scope: &Scope,
        ids: Vec<InstanceId>,
        action: BulkAction,
    ) -> Result<Vec<BulkResult>> {
        self.places(scope)?;
        let targets = ids.into_iter().map(|id| (id, Whereabouts::Within(scope.clone())));
        self.change_each(caller, targets.collect(), action).await
    }

    async fn change_each(
        &self,
        caller: &Caller,
        mut targets: Vec<(InstanceId, Whereabouts)>,
        action: BulkAction,
    ) -> Result<Vec<BulkResult>> {
        // Doing it twice to one would be wrong of a reboot.
        let mut seen = BTreeSet::new();
        targets.retain(|(id, _)| seen.insert(id.clone()));
        let action = InstanceAction::from(action);
        check_count(targets.len())?;
        // One record of the refusal, rather than one for each, where nothing can come of it.
        self.check_may(caller, action.operation(), &format!("{} instances", targets.len())).await?;
        let (ops, caller) = (self.clone(), caller.clone());
        self.to_the_end(async move {
            let changes = targets.into_iter().map(|(id, at)| {
                let (ops, caller) = (ops.clone(), caller.clone());
                async move { ops.change_one_of_many(&caller, id, at, action).await }
            });
            Ok(stream::iter(changes).buffered(AT_ONCE).collect().await)
        })
        .await
    }

    async fn change_one_of_many(
        &self,
        caller: &Caller,
        id: InstanceId,
        at: Whereabouts,
        action: InstanceAction,
    ) -> BulkResult {
        let place = match at {
            Whereabouts::Known(place) => Ok(place),
            Whereabouts::Within(scope) => self.locate_instance(caller, action.operation(), &scope, &id).await,
        };
        let place = match place {
            Ok(place) => place,
            Err(error) => return BulkResult { id, place: None, change: None, error: Some(error) },
        };
        let done: Result<StateChange> = self.change_instance(caller, &place, &id, action).await;
        let (change, error) = match done {
            Ok(change) => (Some(change), None),
            Err(error) => (None, Some(error)),
        };
        BulkResult { id, place: Some(place), change, error }
    }
}
