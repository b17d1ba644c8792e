//! Deleting a function or many, and how much of it may run at once.

use nephoscope_aws::Cloud;
use nephoscope_model::{
    Error, ErrorCode, Operation, Place, Result, Scope,
    bulk::{Deletion, is_typed},
    lambda::{FunctionName, FunctionTarget, check_reserved},
};

use crate::{
    Caller, Grant, Operate, Ops,
    many::Whereabouts,
    record::{Done, Task},
};

impl Ops {
    /// Deletes a function with all its versions, its aliases and the test events that are kept for it. Needs `confirmation`: its name.
    ///
    /// # Errors
    /// `forbidden`, `confirmation_required`, `not_found`, `conflict` while it is being changed, and those of AWS.
    pub async fn delete_function(
        &self,
        caller: &Caller,
        place: &Place,
        name: &FunctionName,
        confirmation: Option<&str>,
    ) -> Result<()> {
        let (ops, caller, place, name) = (self.clone(), caller.clone(), place.clone(), name.clone());
        let confirmation = confirmation.map(str::to_owned);
        self.to_the_end(async move {
            ops.delete_function_now(&caller, &place, &name, confirmation.as_deref()).await
        })
        .await
    }

    /// Deletes functions of which it is known where they are; the confirmation is that of
    /// [`confirmation_of`](nephoscope_model::bulk::confirmation_of). What fails for one keeps no other from being deleted.
    ///
    /// # Errors
    /// `invalid_input` for none and for too many, `confirmation_required`, and `forbidden` when the caller may not do it anywhere. All
    /// else stands in the results, which come in the order of the targets.
    pub async fn delete_functions(
        &self,
        caller: &Caller,
        targets: Vec<FunctionTarget>,
        confirmation: Option<&str>,
    ) -> Result<Vec<Deletion>> {
        let targets = targets.into_iter().map(|target| (target.name, Whereabouts::Known(target.place)));
        self.delete_each_function(caller, targets.collect(), confirmation).await
    }

    /// The same for functions that are somewhere in a scope. A name that several places have is deleted nowhere.
    ///
    /// # Errors
    /// Those of [`Ops::delete_functions`].
    pub async fn find_and_delete_functions(
        &self,
        caller: &Caller,
        scope: &Scope,
        names: Vec<FunctionName>,
        confirmation: Option<&str>,
    ) -> Result<Vec<Deletion>> {
        self.places(scope)?;
        let targets = names.into_iter().map(|name| (name, Whereabouts::Within(scope.clone())));
        self.delete_each_function(caller, targets.collect(), confirmation).await
    }

    async fn delete_each_function(
        &self,
        caller: &Caller,
        targets: Vec<(FunctionName, Whereabouts)>,
        confirmation: Option<&str>,
    ) -> Result<Vec<Deletion>> {
        let operation = Operation::DeleteFunction;
        self.delete_each(
            caller,
            (operation, "functions"),
            targets,
            confirmation,
            move |ops, caller, name, scope| async move {
                ops.locate_function(&caller, operation, &scope, &name).await
            },
            |ops, caller, name, place| async move {
                ops.delete_function_now(&caller, &place, &name, Some(name.as_str())).await
            },
        )
        .await
    }

    async fn delete_function_now(
        &self,
        caller: &Caller,
        place: &Place,
        name: &FunctionName,
        confirmation: Option<&str>,
    ) -> Result<()> {
        let task = Task::new(Operation::DeleteFunction).at(place).on(name.as_str());
        self.perform(caller, task, async |grant: Grant<Operate>| {
            self.check_place(place)?;
            let consequence = format!("Deleting {name} deletes all its versions for ever");
            check_confirmation(name.as_str(), confirmation, &consequence)?;
            let cloud = self.cloud_for(caller);
            let before = cloud.find_function(place, name).await?;
            self.delete_in_aws(&grant, &cloud, place, name).await?;
            // It is gone; what is left of it here hurts nobody, and goes with the next one of its name.
            if let Err(error) = self.store().remove_test_events(place, name).await {
                tracing::warn!(%place, %name, "the test events of a deleted function stay: {error}");
            }
            let runtime = before.function.runtime.unwrap_or_default();
            let facts = [("codeSha256", before.code_sha256.as_str()), ("runtime", runtime.as_str())];
            Ok(Done::with((), "deleted").changed(facts, []))
        })
        .await
    }

    /// The deletion itself: only somebody who was granted it gets here.
    async fn delete_in_aws(
        &self,
        grant: &Grant<Operate>,
        cloud: &Cloud,
        place: &Place,
        name: &FunctionName,
    ) -> Result<()> {
        grant.check_covers(place)?;
        let deleted = cloud.delete_function(place, name).await;
        // Even a call that failed may have changed something.
        self.caches().functions.forget(place).await;
        deleted
    }

    /// Reserves so many invocations at once for a function, which are also the most it gets: 0 stops it. With `None`, it shares what the
    /// account has. Gives back what is reserved then.
    ///
    /// # Errors
    /// `forbidden`, `invalid_input`, `not_found`, `aws_rejected` when too few would be left for the others, and those of AWS.
    pub async fn set_concurrency(
        &self,
        caller: &Caller,
        place: &Place,
        name: &FunctionName,
        reserved: Option<i32>,
    ) -> Result<Option<i32>> {
        let (ops, caller, place, name) = (self.clone(), caller.clone(), place.clone(), name.clone());
        self.to_the_end(async move { ops.set_concurrency_now(&caller, &place, &name, reserved).await }).await
    }

    async fn set_concurrency_now(
        &self,
        caller: &Caller,
        place: &Place,
        name: &FunctionName,
        reserved: Option<i32>,
    ) -> Result<Option<i32>> {
        let words = |reserved: Option<i32>| reserved.map_or("shared".to_owned(), |it| it.to_string());
        let task = Task::new(Operation::SetConcurrency).at(place).on(name.as_str()).detail(words(reserved));
        self.perform(caller, task, async |grant: Grant<Operate>| {
            self.check_place(place)?;
            check_reserved(reserved)?;
            let cloud = self.cloud_for(caller);
            let before = cloud.reserved_concurrency(place, name).await?;
            grant.check_covers(place)?;
            cloud.set_reserved_concurrency(place, name, reserved).await?;
            let (was, is) = (words(before), words(reserved));
            let done = Done::with(reserved, format!("{was} → {is}"));
            Ok(done.changed([("reserved", was.as_str())], [("reserved", is.as_str())]))
        })
        .await
    }
}

/// Makes sure that the name was typed of what is about to be deleted.
pub(super) fn check_confirmation(
    expected: &str,
    confirmation: Option<&str>,
    consequence: &str,
) -> Result<()> {
    if confirmation.is_some_and(|typed| is_typed(expected, typed)) {
        return Ok(());
    }
    Err(Error::new(
        ErrorCode::ConfirmationRequired,
        format!("{consequence}, so its name must be typed first."),
    )
    .with_hint(format!("Confirm with {expected:?}.")))
}
