//! The same action for many instances, and the same change of tags for many things of EC2.

use std::collections::BTreeSet;

use nephoscope_model::{
    Error, Operation, Place, Result, Scope,
    bulk::{Destruction, check_confirmation},
    ec2::{
        BulkAction, BulkResult, InstanceAction, InstanceId, InstanceTarget, ResourceId, TagChanges,
        TagResult, TagTarget, Terminating,
    },
};

use crate::{Caller, Ops, many::Whereabouts};

impl Ops {
    /// Starts, stops, reboots or terminates instances of which it is known where they are. What fails for one keeps no other from being
    /// done. Terminating waits for its grace, as that of a single one does; `confirmation` must be the name of the only instance then, or
    /// of several how many they are: `terminate 3 instances`.
    ///
    /// # Errors
    /// `invalid_input` for none and for too many; `forbidden` when the caller may not do it anywhere; `confirmation_required`. All else
    /// stands in the results, which come in the order of the targets.
    pub async fn change_instances(
        &self,
        caller: &Caller,
        targets: Vec<InstanceTarget>,
        action: BulkAction,
        confirmation: Option<String>,
    ) -> Result<Vec<BulkResult>> {
        let targets = targets.into_iter().map(|target| (target.id, Whereabouts::Known(target.place)));
        self.change_each(caller, targets.collect(), action, confirmation).await
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
        confirmation: Option<String>,
    ) -> Result<Vec<BulkResult>> {
        self.places(scope)?;
        let targets = ids.into_iter().map(|id| (id, Whereabouts::Within(scope.clone())));
        self.change_each(caller, targets.collect(), action, confirmation).await
    }

    async fn change_each(
        &self,
        caller: &Caller,
        mut targets: Vec<(InstanceId, Whereabouts)>,
        action: BulkAction,
        confirmation: Option<String>,
    ) -> Result<Vec<BulkResult>> {
        // Doing it twice to one would be wrong of a reboot.
        let mut seen = BTreeSet::new();
        targets.retain(|(id, _)| seen.insert(id.clone()));
        let action = InstanceAction::from(action);
        let operation = action.operation();
        let is_one_of_many = targets.len() > 1;
        let confirmed = || {
            // The name of a single one is known, and checked, once AWS was asked.
            if !(action.is_destructive() && is_one_of_many) {
                return Ok(());
            }
            let ids: Vec<&str> = targets.iter().map(|(id, _)| id.as_str()).collect();
            check_confirmation(Destruction::Terminate, &ids, "instances", confirmation.as_deref())
        };
        self.check_many(caller, operation, (targets.len(), "instances"), confirmed).await?;
        self.for_each(
            caller,
            targets,
            move |ops, caller, id, scope| async move {
                ops.locate_instance(&caller, operation, &scope, &id).await
            },
            move |ops, caller, id, place| {
                let confirmation = confirmation.clone();
                async move {
                    let place = match place {
                        Ok(place) => place,
                        Err(error) => return BulkResult::not_found(id, error),
                    };
                    let done = if action.is_destructive() {
                        let name = match is_one_of_many {
                            true => ops.name_to_confirm(&caller, &place, &id).await,
                            false => confirmation,
                        };
                        ops.terminate_instance(&caller, &place, &id, name).await
                    } else {
                        ops.change_instance(&caller, &place, &id, action).await.map(Terminating::Now)
                    };
                    BulkResult::of(id, place, done)
                }
            },
        )
        .await
    }

    /// What would have to be typed to terminate an instance alone; that it is one of several that were confirmed stands for it. Nothing
    /// when AWS does not tell, which terminating is going to say.
    async fn name_to_confirm(&self, caller: &Caller, place: &Place, id: &InstanceId) -> Option<String> {
        let known = self.caches().instances.peek(place).await;
        let known = known.and_then(|known| known.value.iter().find(|it| it.id == *id).cloned());
        let instance = match known {
            Some(instance) => instance,
            None => self.cloud_for(caller).get_instance(place, id).await.ok()?,
        };
        Some(instance.confirmation().to_owned())
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
