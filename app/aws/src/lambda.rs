//! Lambda: functions, what belongs to them, invoking and deploying them.
//! [API reference](https://docs.aws.amazon.com/lambda/latest/api/)

use std::collections::HashMap;

use nephoscope_model::{
    Error, Place, Result,
    lambda::{AccountConcurrency, Function, FunctionDetails, FunctionName, Part, Variable, VersionId},
};

use crate::{
    Cloud,
    calls::{GET_ACCOUNT_SETTINGS, GET_FUNCTION_CONCURRENCY, GET_FUNCTION_CONFIGURATION, LIST_FUNCTIONS},
    paging::Pages,
    site::Site,
};

mod change;
pub(crate) mod check;
mod deploy;
mod invoke;
mod provisioned;
mod read;
mod report;
mod triggers;
mod versions;

pub use versions::KnownAlias;

/// The most that the `List…` operations give in a page; `ListFunctions` gives 50, whatever is asked for.
const PAGE: i32 = 50;

impl Cloud {
    /// All functions of a place, sorted by name. AWS tells no state in lists.
    ///
    /// # Errors
    /// `not_found` for a place that is not configured, and the errors of any call.
    pub async fn list_functions(&self, place: &Place) -> Result<Vec<Function>> {
        let site = self.site(place)?;
        let mut functions = Vec::new();
        let mut pages = Pages::default();
        loop {
            let request = site.lambda().list_functions().max_items(PAGE).set_marker(pages.token());
            let page = site.call(LIST_FUNCTIONS, request.send()).await?;
            let found = page.functions.unwrap_or_default();
            functions.extend(found.iter().filter_map(|it| read::listed(place, it)));
            if !pages.turn(page.next_marker) {
                break;
            }
        }
        functions.sort_by(|a, b| a.name.cmp(&b.name));
        functions.dedup_by(|a, b| a.name == b.name);
        Ok(functions)
    }

    /// One function by itself: without versions, aliases, triggers and concurrency, which are calls of their own.
    ///
    /// # Errors
    /// `not_found` when there is none or the place is not configured, and the errors of any call.
    pub async fn find_function(&self, place: &Place, name: &FunctionName) -> Result<FunctionDetails> {
        read_configuration(&*self.site(place)?, name, None).await
    }

    /// One function with its versions, aliases and triggers. A part that cannot be read says why and fails nothing else.
    ///
    /// # Errors
    /// `not_found` when there is none of this name or the place is not configured, and the errors of any call.
    pub async fn get_function(&self, place: &Place, name: &FunctionName) -> Result<FunctionDetails> {
        let site = self.site(place)?;
        let mut details = read_configuration(&site, name, None).await?;
        let aliases_and_triggers = async {
            let aliases = versions::list_aliases(&site, name).await;
            let triggers = triggers::of_aliases(&site, name, aliases.as_deref().unwrap_or_default()).await;
            (aliases, triggers)
        };
        let (concurrency, account, versions, (aliases, of_aliases), provisioned, triggers) = tokio::join!(
            reserved_concurrency(&site, name),
            account_concurrency(&site),
            versions::list_versions(&site, name),
            aliases_and_triggers,
            provisioned::list(&site, name),
            triggers::of_function(&site, name),
        );
        // Only a help beside the function's own; who may not see it misses nothing else.
        details.account_concurrency = account.ok().flatten();
        match concurrency {
            Ok(reserved) => details.reserved_concurrency = reserved,
            Err(error) => details.reserved_concurrency_error = Some(error),
        }
        details.versions = Part::from(versions);
        details.aliases = Part::from(aliases);
        details.provisioned = Part::from(provisioned);
        details.triggers = triggers::merge(triggers.into_iter().chain(of_aliases));
        Ok(details)
    }

    /// The environment variables of a function with their values, sorted by name.
    ///
    /// # Errors
    /// `not_found`, `aws_denied` when the key that they are encrypted with may not be used, and the errors of any call.
    pub async fn read_environment(&self, place: &Place, name: &FunctionName) -> Result<Vec<Variable>> {
        let site = self.site(place)?;
        let request = site.lambda().get_function_configuration().function_name(name.as_str());
        let answer = site.call(GET_FUNCTION_CONFIGURATION, request.send()).await?;
        let environment = answer.environment();
        if let Some(reason) = environment.and_then(read::environment_error) {
            return Err(Error::new(
                nephoscope_model::ErrorCode::AwsDenied,
                format!("AWS could not read the environment of {name}: {reason}"),
            )
            .with_hint("Allow kms:Decrypt with the function's key to the role or user of the account."));
        }
        let values: HashMap<String, String> =
            environment.and_then(|it| it.variables.clone()).unwrap_or_default();
        let mut variables: Vec<Variable> =
            values.into_iter().map(|(name, value)| Variable { name, value }).collect();
        variables.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(variables)
    }
}

/// A function, or one of its versions.
async fn read_configuration(
    site: &Site,
    name: &FunctionName,
    version: Option<&VersionId>,
) -> Result<FunctionDetails> {
    let request = site.lambda().get_function_configuration().function_name(name.as_str());
    let request = request.set_qualifier(version.map(ToString::to_string));
    let answer = site.call(GET_FUNCTION_CONFIGURATION, request.send()).await?;
    read::details(&site.place, &answer).ok_or_else(|| {
        Error::not_found(format!("There is no function {name} in {}.", site.place))
            .with_hint("Check the account and the region; it may have been deleted.")
    })
}

async fn reserved_concurrency(site: &Site, name: &FunctionName) -> Result<Option<i32>> {
    let request = site.lambda().get_function_concurrency().function_name(name.as_str());
    Ok(site.call(GET_FUNCTION_CONCURRENCY, request.send()).await?.reserved_concurrent_executions)
}

async fn account_concurrency(site: &Site) -> Result<Option<AccountConcurrency>> {
    let answer = site.call(GET_ACCOUNT_SETTINGS, site.lambda().get_account_settings().send()).await?;
    Ok(answer.account_limit.map(|limit| AccountConcurrency {
        limit: limit.concurrent_executions,
        unreserved: limit.unreserved_concurrent_executions.unwrap_or(limit.concurrent_executions),
    }))
}
