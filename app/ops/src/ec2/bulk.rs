//! The same action for many instances, and the same change of tags for many things of EC2.

use std::collections::BTreeSet;

use nephoscope_model::{
    Error, Operation, Place, Result, Scope,
    ec2::{
        BulkAction, BulkResult, InstanceAction, InstanceId, InstanceTarget, ResourceId, TagChanges,
        TagResult, TagTarget,
    },
};

use crate::{Caller, Ops, many::Whereabouts};

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
        let operation = action.operation();
        self.check_many(caller, operation, (targets.len(), "instances"), || Ok(())).await?;
        self.for_each(
            caller,
            targets,
            move |ops, caller, id, scope| async move {
                ops.locate_instance(&caller, operation, &scope, &id).await
            },
            move |ops, caller, id, place| async move {
                let place = match place {
                    Ok(place) => place,
                    Err(error) => return BulkResult { id, place: None, change: None, error: Some(error) },
                };
                let (change, error) = parts(ops.change_instance(&caller, &place, &id, action).await);
                BulkResult { id, place: Some(place), change, error }
            },
        )
        .await
    }

    /// Changes the tags of things of which it is known where they are: the same ones of all, and the others stay. What fails for one
    /// keeps no other from being done.
    ///
    /// # Errors
    /// `invalid_input` for none and for too many, and for tags that EC2 would not take; `forbidden` when the caller may not do it
    /// anywhere. All else stands in the results, which come in the order of the targets.
    pub async fn change_tags(
        &self,
        caller: &Caller,
        targets: Vec<TagTarget>,
        changes: TagChanges,
    ) -> Result<Vec<TagResult>> {
        let targets = targets.into_iter().map(|target| (target.id, Whereabouts::Known(target.place)));
        self.change_tags_of_each(caller, targets.collect(), changes).await
    }

    /// The same for things that are somewhere in a scope.
    ///
    /// # Errors
    /// Those of [`Ops::change_tags`].
    pub async fn find_and_change_tags(
        &self,
        caller: &Caller,
        scope: &Scope,
        ids: Vec<ResourceId>,
        changes: TagChanges,
    ) -> Result<Vec<TagResult>> {
        self.places(scope)?;
        let targets = ids.into_iter().map(|id| (id, Whereabouts::Within(scope.clone())));
        self.change_tags_of_each(caller, targets.collect(), changes).await
    }

    async fn change_tags_of_each(
        &self,
        caller: &Caller,
        mut targets: Vec<(ResourceId, Whereabouts)>,
        changes: TagChanges,
    ) -> Result<Vec<TagResult>> {
        let mut seen = BTreeSet::new();
        // What is shared stands in the lists of several accounts, and each has tags of its own.
        targets.retain(|(id, at)| seen.insert((id.clone(), at.place().cloned())));
        self.check_many(caller, Operation::SetTags, (targets.len(), "resources"), || changes.check()).await?;
        self.for_each(
            caller,
            targets,
            |ops, caller, id, scope| async move { ops.locate_tagged(&caller, &scope, &id).await },
            move |ops, caller, id, place| {
                let changes = changes.clone();
                async move {
                    let place = match place {
                        Ok(place) => place,
                        Err(error) => return TagResult { id, place: None, tags: None, error: Some(error) },
                    };
                    let (tags, error) = parts(ops.change_tags_of(&caller, &place, &id, &changes).await);
                    TagResult { id, place: Some(place), tags, error }
                }
            },
        )
        .await
    }

    /// Where an instance or another thing of EC2 is whose tags are to be changed.
    async fn locate_tagged(&self, caller: &Caller, scope: &Scope, id: &ResourceId) -> Result<Place> {
        match id.as_str().parse::<InstanceId>() {
            Ok(instance) => self.locate_instance(caller, Operation::SetTags, scope, &instance).await,
            Err(_) => self.locate_resource(caller, Operation::SetTags, scope, id).await,
        }
    }
}

/// A result as the two fields of which one is filled.
fn parts<T>(done: Result<T>) -> (Option<T>, Option<Error>) {
    match done {
        Ok(done) => (Some(done), None),
        Err(error) => (None, Some(error)),
    }
}
