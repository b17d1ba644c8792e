//! Versions and aliases of a function.

use nephoscope_aws::Cloud;
use nephoscope_model::{
    Error, ErrorCode, Operation, Place, Result,
    lambda::{
        Alias, AliasChange, AliasName, AliasWish, FunctionName, Published, RollbackExpectation, RolledBack,
        Version, rollback_target,
    },
};

use super::delete::check_confirmation;
use crate::{
    Caller, Grant, Operate, Ops, Read,
    record::{Done, Task},
};

/// The longest description of a version, in characters.
const MOST_IN_DESCRIPTION: usize = 256;

impl Ops {
    /// The versions of a function: `$LATEST`, and then from the newest on.
    ///
    /// # Errors
    /// `not_found`, and those of AWS.
    pub async fn list_function_versions(
        &self,
        caller: &Caller,
        place: &Place,
        name: &FunctionName,
    ) -> Result<Vec<Version>> {
        let task = Task::new(Operation::ListFunctionVersions).at(place).on(name.as_str());
        self.perform(caller, task, async |_: Grant<Read>| {
            self.check_place(place)?;
            self.cloud_for(caller).list_function_versions(place, name).await
        })
        .await
    }

    /// The aliases of a function, by name.
    ///
    /// # Errors
    /// `not_found`, and those of AWS.
    pub async fn list_aliases(
        &self,
        caller: &Caller,
        place: &Place,
        name: &FunctionName,
    ) -> Result<Vec<Alias>> {
        let task = Task::new(Operation::ListAliases).at(place).on(name.as_str());
        self.perform(caller, task, async |_: Grant<Read>| {
            self.check_place(place)?;
            self.cloud_for(caller).list_aliases(place, name).await
        })
        .await
    }

    /// Publishes what a function is now as a version, once its last change is complete, and waits until it can be invoked. When nothing
    /// changed since the last version, it is that one.
    ///
    /// # Errors
    /// `forbidden`, `invalid_input`, `not_found`, `conflict` while a change takes longer than is waited for, and those of AWS.
    pub async fn publish_version(
        &self,
        caller: &Caller,
        place: &Place,
        name: &FunctionName,
        description: Option<String>,
    ) -> Result<Published> {
        let (ops, caller, place, name) = (self.clone(), caller.clone(), place.clone(), name.clone());
        self.to_the_end(async move { ops.publish_now(&caller, &place, &name, description.as_deref()).await })
            .await
    }

    async fn publish_now(
        &self,
        caller: &Caller,
        place: &Place,
        name: &FunctionName,
        description: Option<&str>,
    ) -> Result<Published> {
        let task = Task::new(Operation::PublishVersion).at(place).on(name.as_str());
        self.perform(caller, task, async |grant: Grant<Operate>| {
            self.check_place(place)?;
            if description.is_some_and(|text| text.chars().count() > MOST_IN_DESCRIPTION) {
                return Err(Error::invalid("A description may have 256 characters."));
            }
            let cloud = self.cloud_for(caller);
            let (now, ready) = cloud.settle_function(place, name).await?;
            if !ready {
                let words =
                    format!("{name} is still being changed, and cannot be published before that ends.");
                return Err(Error::new(ErrorCode::Conflict, words).with_hint("Try again in a minute."));
            }
            grant.check_covers(place)?;
            let published = cloud.publish_version(place, name, description, Some(&now.code_sha256)).await?;
            let state = if published.ready { "ready" } else { "Lambda is still at it" };
            let words = format!("version {}, {state}", published.version);
            let version = published.version.clone();
            let after = [("version", version.as_str()), ("codeSha256", now.code_sha256.as_str())];
            Ok(Done::with(published, words).changed([], after))
        })
        .await
    }

    /// Creates an alias, or moves it to another version. Weights that are not named are taken away.
    ///
    /// # Errors
    /// `forbidden`, `invalid_input`, `not_found` for a function or a version that is not there, `conflict` when somebody else changed it at
    /// the same time, and those of AWS.
    pub async fn set_alias(
        &self,
        caller: &Caller,
        place: &Place,
        name: &FunctionName,
        alias: &AliasName,
        wanted: AliasWish,
    ) -> Result<AliasChange> {
        let (ops, caller, place, name) = (self.clone(), caller.clone(), place.clone(), name.clone());
        let alias = alias.clone();
        self.to_the_end(async move { ops.set_alias_now(&caller, &place, &name, &alias, &wanted).await }).await
    }

    async fn set_alias_now(
        &self,
        caller: &Caller,
        place: &Place,
        name: &FunctionName,
        alias: &AliasName,
        wanted: &AliasWish,
    ) -> Result<AliasChange> {
        let task = Task::new(Operation::SetAlias).at(place).on(name.as_str());
        let task = task.detail(format!("{alias} → {}", wanted.describe()));
        self.perform(caller, task, async |grant: Grant<Operate>| {
            self.check_place(place)?;
            wanted.check()?;
            let cloud = self.cloud_for(caller);
            check_versions(&cloud, place, name, wanted).await?;
            let before = match cloud.find_alias(place, name, alias).await {
                Ok(known) => Some(known),
                Err(error) if error.code == ErrorCode::NotFound => None,
                Err(error) => return Err(error),
            };
            grant.check_covers(place)?;
            let now = match &before {
                Some(known) => cloud.move_alias(place, name, alias, wanted, known.revision.clone()).await?,
                None => cloud.create_alias(place, name, alias, wanted).await?,
            };
            let before = before.map(|known| known.alias);
            let (was, is) = (before.as_ref().map(Alias::describe).unwrap_or_default(), now.describe());
            let words = match &before {
                Some(_) => format!("{alias}: {was} → {is}"),
                None => format!("{alias} created: {is}"),
            };
            let done = Done::with(AliasChange { alias: now, before }, words);
            Ok(done.changed([(alias.as_str(), was.as_str())], [(alias.as_str(), is.as_str())]))
        })
        .await
    }

    /// Takes the part of the invocations away that a newer version gets, or else moves an alias to the newest version that is older than the
    /// one it stands for; weights are taken away then, too. Only if it is as `expected`, so that nobody rolls back what somebody else just
    /// rolled back.
    ///
    /// # Errors
    /// `forbidden`, `not_found`, `conflict` when there is no version before, when it is otherwise than `expected`, or when somebody else
    /// changed it at the same time; and those of AWS.
    pub async fn roll_back_alias(
        &self,
        caller: &Caller,
        place: &Place,
        name: &FunctionName,
        alias: &AliasName,
        expected: RollbackExpectation,
    ) -> Result<RolledBack> {
        let (ops, caller, place, name) = (self.clone(), caller.clone(), place.clone(), name.clone());
        let alias = alias.clone();
        self.to_the_end(async move { ops.roll_back_now(&caller, &place, &name, &alias, &expected).await })
            .await
    }

    async fn roll_back_now(
        &self,
        caller: &Caller,
        place: &Place,
        name: &FunctionName,
        alias: &AliasName,
        expected: &RollbackExpectation,
    ) -> Result<RolledBack> {
        let task = Task::new(Operation::RollBackAlias).at(place).on(name.as_str()).detail(alias.as_str());
        self.perform(caller, task, async |grant: Grant<Operate>| {
            self.check_place(place)?;
            let cloud = self.cloud_for(caller);
            let known = cloud.find_alias(place, name, alias).await?;
            let now = &known.alias.version;
            if let Some(expected) = expected.from.as_ref().filter(|expected| expected.as_str() != now) {
                return Err(otherwise(format!(
                    "{alias} stands for version {now} by now, no more for {expected}."
                )));
            }
            let to = rollback_target(&known.alias, &cloud.list_function_versions(place, name).await?)?;
            if let Some(expected) = expected.to.as_ref().filter(|expected| **expected != to) {
                return Err(otherwise(format!(
                    "{alias} would be rolled back to version {to} by now, no more to {expected}."
                )));
            }
            let wanted = AliasWish { version: to, description: None, weights: Vec::new() };
            grant.check_covers(place)?;
            let now = cloud.move_alias(place, name, alias, &wanted, known.revision).await?;
            let (was, is) = (known.alias.describe(), now.describe());
            let done = RolledBack { alias: alias.clone(), from: known.alias.version, to: now.version };
            Ok(Done::with(done, format!("{alias}: {was} → {is}"))
                .changed([(alias.as_str(), was.as_str())], [(alias.as_str(), is.as_str())]))
        })
        .await
    }

    /// Deletes an alias. Needs `confirmation`: its name, since whoever invokes the function by it fails then.
    ///
    /// # Errors
    /// `forbidden`, `confirmation_required`, `not_found`, and those of AWS.
    pub async fn delete_alias(
        &self,
        caller: &Caller,
        place: &Place,
        name: &FunctionName,
        alias: &AliasName,
        confirmation: Option<&str>,
    ) -> Result<()> {
        let (ops, caller, place, name) = (self.clone(), caller.clone(), place.clone(), name.clone());
        let (alias, confirmation) = (alias.clone(), confirmation.map(str::to_owned));
        self.to_the_end(async move {
            ops.delete_alias_now(&caller, &place, &name, &alias, confirmation.as_deref()).await
        })
        .await
    }

    async fn delete_alias_now(
        &self,
        caller: &Caller,
        place: &Place,
        name: &FunctionName,
        alias: &AliasName,
        confirmation: Option<&str>,
    ) -> Result<()> {
        let task = Task::new(Operation::DeleteAlias).at(place).on(name.as_str()).detail(alias.as_str());
        self.perform(caller, task, async |grant: Grant<Operate>| {
            self.check_place(place)?;
            let consequence = format!("Whoever invokes {name} by the alias {alias} fails when it is deleted");
            check_confirmation(alias.as_str(), confirmation, &consequence)?;
            let cloud = self.cloud_for(caller);
            let was = cloud.find_alias(place, name, alias).await?.alias.describe();
            grant.check_covers(place)?;
            cloud.delete_alias(place, name, alias).await?;
            Ok(Done::with((), format!("{alias} deleted")).changed([(alias.as_str(), was.as_str())], []))
        })
        .await
    }
}

/// An alias is otherwise than somebody thinks who rolls it back.
fn otherwise(words: String) -> Error {
    Error::new(ErrorCode::Conflict, words).with_hint("Look at it again first.")
}

/// Makes sure that the versions of an alias are there: some that look like Lambda do not.
async fn check_versions(cloud: &Cloud, place: &Place, name: &FunctionName, wanted: &AliasWish) -> Result<()> {
    let known = cloud.list_function_versions(place, name).await?;
    let also = wanted.weights.iter().map(|it| it.version.as_str());
    let missing = std::iter::once(wanted.version.as_str())
        .chain(also)
        .find(|version| !known.iter().any(|it| it.version == **version));
    missing.map_or(Ok(()), |version| {
        Err(Error::not_found(format!("{name} has no version {version}."))
            .with_hint("Its versions stand on its page; publish one first if there is none."))
    })
}
