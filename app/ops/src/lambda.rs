//! Lambda functions: list, look, read the environment, invoke, deploy.

use std::sync::Arc;

use nephoscope_aws::Cloud;
use nephoscope_model::{
    Error, ErrorCode, Listing, Operation, Place, Result, Scope, Timestamp,
    lambda::{Function, FunctionDetails, FunctionName, Invocation, InvokeMode, Qualifier, Variable},
};

use crate::{
    Caller, Grant, Operate, Ops, Read,
    cache::Known,
    estate::describe,
    record::{Done, Task},
};

mod delete;
mod deploy;
mod log;
mod metrics;
mod test_events;
mod versions;

pub use deploy::archive_from_base64;

impl Ops {
    /// All Lambda functions of a scope, by account and region, then name. With `fresh`, asks AWS even if something is known.
    ///
    /// # Errors
    /// `not_found` for a scope that is not configured. Places that fail are named in the listing.
    pub async fn list_functions(
        &self,
        caller: &Caller,
        scope: &Scope,
        fresh: bool,
    ) -> Result<Listing<Function>> {
        self.perform(caller, Task::new(Operation::ListFunctions), async |_: Grant<Read>| {
            let cloud = self.cloud_for(caller);
            let listing = self.merge(scope, |place| self.known_functions(&cloud, place, fresh)).await?;
            let words = describe(&listing);
            Ok(Done::with(listing, words))
        })
        .await
    }

    async fn known_functions(
        &self,
        cloud: &Cloud,
        place: Place,
        fresh: bool,
    ) -> Result<Known<Vec<Function>>> {
        let ask = cloud.list_functions(&place);
        self.caches().functions.get(place.clone(), fresh, ask).await
    }

    /// One function with its versions, aliases and triggers, as AWS sees it now.
    ///
    /// # Errors
    /// `not_found` when there is none of that name.
    pub async fn get_function(
        &self,
        caller: &Caller,
        place: &Place,
        name: &FunctionName,
    ) -> Result<FunctionDetails> {
        let task = Task::new(Operation::GetFunction).at(place).on(name.as_str());
        self.perform(caller, task, async |_: Grant<Read>| {
            self.check_place(place)?;
            self.cloud_for(caller).get_function(place, name).await
        })
        .await
    }

    /// The environment variables of a function with their values. They may be secrets, so whoever reads them must be allowed to change
    /// the function, and is on record.
    ///
    /// # Errors
    /// `forbidden`, and `not_found` when there is none of that name.
    pub async fn read_environment(
        &self,
        caller: &Caller,
        place: &Place,
        name: &FunctionName,
    ) -> Result<Vec<Variable>> {
        let task = Task::new(Operation::ReadEnvironment).at(place).on(name.as_str());
        self.perform(caller, task, async |grant: Grant<Operate>| {
            self.check_place(place)?;
            grant.check_covers(place)?;
            let variables = self.cloud_for(caller).read_environment(place, name).await?;
            let names: Vec<&str> = variables.iter().map(|variable| variable.name.as_str()).collect();
            let words = if names.is_empty() { "no variables".to_owned() } else { names.join(", ") };
            Ok(Done::with(variables, words))
        })
        .await
    }

    /// Invokes a function. That it fails, or takes longer than it may, is a result. Its payload and its answer are not recorded: they
    /// may hold anything.
    ///
    /// # Errors
    /// `forbidden`, `payload_too_large`, `invalid_input` for what is not JSON, `timeout` when it takes longer than is waited for, and
    /// those of AWS.
    pub async fn invoke_function(
        &self,
        caller: &Caller,
        place: &Place,
        name: &FunctionName,
        qualifier: Option<Qualifier>,
        mode: InvokeMode,
        payload: String,
    ) -> Result<Invocation> {
        let (ops, caller, place, name) = (self.clone(), caller.clone(), place.clone(), name.clone());
        self.to_the_end(async move {
            ops.invoke_function_now(&caller, &place, &name, qualifier.as_ref(), mode, payload).await
        })
        .await
    }

    async fn invoke_function_now(
        &self,
        caller: &Caller,
        place: &Place,
        name: &FunctionName,
        qualifier: Option<&Qualifier>,
        mode: InvokeMode,
        payload: String,
    ) -> Result<Invocation> {
        let which = qualifier.map_or(String::new(), |qualifier| format!(" {qualifier}"));
        let words = format!("{}{which}, {} bytes", mode.as_str(), payload.len());
        let task = Task::new(Operation::InvokeFunction).at(place).on(name.as_str()).detail(words);
        self.perform(caller, task, async |grant: Grant<Operate>| {
            self.check_place(place)?;
            mode.check_payload(&payload)?;
            grant.check_covers(place)?;
            let cloud = self.cloud_for(caller);
            let done = cloud.invoke_function(place, name, qualifier, mode, payload).await?;
            let words = describe_invocation(&done);
            Ok(Done::with(done, words))
        })
        .await
    }

    /// The place where a function is, when a request for `operation` names only its name, as the contract's paths do. A failure is
    /// recorded as one of that operation.
    ///
    /// # Errors
    /// `forbidden` when the caller may not do the operation; `not_found` when no place of the scope has it, `invalid_input` when
    /// several have; the failure of a place that could not be asked comes before `not_found`, since the function may be there.
    pub async fn locate_function(
        &self,
        caller: &Caller,
        operation: Operation,
        scope: &Scope,
        name: &FunctionName,
    ) -> Result<Place> {
        let cloud = self.cloud_for(caller);
        let find = self.find_function(&cloud, operation, scope, name);
        self.locate(caller, operation, name.as_str(), find).await
    }

    /// The one place of a scope that has a function, if all its lists are known.
    async fn only_known_place_of(&self, scope: &Scope, name: &FunctionName) -> Result<Option<Place>> {
        let mut found = None;
        for place in self.places(scope)? {
            let Some(known) = self.caches().functions.peek(&place).await else { return Ok(None) };
            if known.value.iter().any(|function| function.name == *name) && found.replace(place).is_some() {
                return Ok(None);
            }
        }
        Ok(found)
    }

    async fn find_function(
        &self,
        cloud: &Cloud,
        operation: Operation,
        scope: &Scope,
        name: &FunctionName,
    ) -> Result<Place> {
        let mut places = self.places(scope)?;
        if let (Some(place), true) = (places.pop(), places.is_empty()) {
            return Ok(place);
        }
        if let Some(place) = self.only_known_place_of(scope, name).await? {
            return Ok(place);
        }
        // Whole lists are only looked through where they are known already: of a name that does not exist little is asked.
        let ask = |place: Place| async move {
            let at = Timestamp::now();
            let known = self.caches().functions.peek(&place).await;
            let known = known.and_then(|known| known.value.iter().find(|it| it.name == *name).cloned());
            let found = match known {
                Some(function) => vec![function],
                None => match cloud.find_function(&place, name).await {
                    Ok(details) => vec![details.function],
                    Err(error) if error.code == ErrorCode::NotFound => Vec::new(),
                    Err(error) => return Err(error),
                },
            };
            Ok(Known { value: Arc::new(found), at })
        };
        let listing = self.merge(scope, ask).await?;
        let mut found = listing.items.iter().map(Function::place);
        match (found.next(), found.next()) {
            // A place that did not answer may have one of this name, too.
            (Some(place), None) => match listing.failures().next().filter(|_| operation.is_change()) {
                Some((_, error)) => {
                    Err(error.clone().with_hint("Say which one is meant with account and region."))
                }
                None => Ok(place),
            },
            (Some(_), Some(_)) => {
                Err(Error::invalid(format!("Several accounts or regions have a function called {name}."))
                    .with_hint("Say which one is meant with account and region."))
            }
            (None, _) => Err(listing.failures().next().map_or_else(
                || {
                    Error::not_found(format!(
                        "There is no function {name} in the chosen accounts and regions."
                    ))
                },
                |(_, error)| error.clone(),
            )),
        }
    }
}

/// A few words for the audit: how it ended, never what was said.
fn describe_invocation(done: &Invocation) -> String {
    let mut words = vec![match (&done.function_error, done.status) {
        (Some(_), _) => "the function failed".to_owned(),
        (None, 202) => "queued".to_owned(),
        (None, _) => "answered".to_owned(),
    }];
    words.extend(done.version.as_ref().map(|version| format!("version {version}")));
    words.extend(done.report.as_ref().map(|report| format!("{} ms", report.duration_ms)));
    words.join(", ")
}
