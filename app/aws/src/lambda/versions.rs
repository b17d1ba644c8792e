//! Versions and aliases: listed, published, created, moved, deleted.

use std::collections::HashMap;

use aws_sdk_lambda::types::AliasRoutingConfiguration;
use nephoscope_model::{
    Error, ErrorCode, Place, Result,
    lambda::{Alias, AliasName, AliasWeight, AliasWish, FunctionName, Published, Version},
};

use super::{PAGE, deploy::settle, read};
use crate::{
    Cloud,
    calls::{
        CREATE_ALIAS, DELETE_ALIAS, GET_ALIAS, LIST_ALIASES, LIST_VERSIONS_BY_FUNCTION, PUBLISH_VERSION,
        UPDATE_ALIAS,
    },
    paging::Pages,
    site::Site,
};

/// An alias, and what AWS calls its present state, so that nobody's change is undone unseen.
#[derive(Clone, Debug, PartialEq)]
pub struct KnownAlias {
    /// The alias.
    pub alias: Alias,
    /// AWS's id of this state of it.
    pub revision: Option<String>,
}

impl Cloud {
    /// The versions of a function: `$LATEST`, and then by number from the newest on.
    ///
    /// # Errors
    /// `not_found`, and those of any call.
    pub async fn list_function_versions(&self, place: &Place, name: &FunctionName) -> Result<Vec<Version>> {
        list_versions(&*self.site(place)?, name).await
    }

    /// The aliases of a function, by name.
    ///
    /// # Errors
    /// `not_found`, and those of any call.
    pub async fn list_aliases(&self, place: &Place, name: &FunctionName) -> Result<Vec<Alias>> {
        list_aliases(&*self.site(place)?, name).await
    }

    /// One alias.
    ///
    /// # Errors
    /// `not_found` when there is no such alias or function, and those of any call.
    pub async fn find_alias(
        &self,
        place: &Place,
        name: &FunctionName,
        alias: &AliasName,
    ) -> Result<KnownAlias> {
        find_alias(&*self.site(place)?, name, alias).await
    }

    /// Publishes what a function is now as a version, and waits until it can be invoked, or for a minute and a half. When nothing changed
    /// since the last version, it is that one. With `code`, the SHA-256 of its code in Base64, only if that is still its code.
    ///
    /// # Errors
    /// `not_found`, `aws_rejected` when its code is another one, when Lambda cannot prepare it, and those of any call.
    pub async fn publish_version(
        &self,
        place: &Place,
        name: &FunctionName,
        description: Option<&str>,
        code: Option<&str>,
    ) -> Result<Published> {
        let site = self.site(place)?;
        let request = site.lambda().publish_version().function_name(name.as_str());
        let request = request.set_description(description.map(str::to_owned));
        let request = request.set_code_sha256(code.map(str::to_owned));
        let answer = site.call(PUBLISH_VERSION, request.send()).await?;
        let version = answer.version.unwrap_or_default();
        let ready = match version.parse() {
            Ok(number) => settle(&site, name, Some(&number)).await?.1,
            Err(_) => true,
        };
        Ok(Published { version, ready })
    }

    /// Creates an alias.
    ///
    /// # Errors
    /// `conflict` when there is one of this name, `not_found` for a function or a version that is not there, and those of any call.
    pub async fn create_alias(
        &self,
        place: &Place,
        name: &FunctionName,
        alias: &AliasName,
        wanted: &AliasWish,
    ) -> Result<Alias> {
        let site = self.site(place)?;
        let request = site
            .lambda()
            .create_alias()
            .function_name(name.as_str())
            .name(alias.as_str())
            .function_version(wanted.version.as_str())
            .set_description(wanted.description.clone())
            .set_routing_config((!wanted.weights.is_empty()).then(|| routing(&wanted.weights)));
        let made = site.call(CREATE_ALIAS, request.send()).await;
        let made =
            made.map(|it| read::alias_of(it.name, it.function_version, it.description, it.routing_config));
        settled(&site, name, alias, wanted, made).await
    }

    /// Moves an alias, unless somebody changed it since it was `revision`. Weights that are not named are taken away.
    ///
    /// # Errors
    /// `conflict` when it was changed meanwhile, `not_found` for an alias or a version that is not there, and those of any call.
    pub async fn move_alias(
        &self,
        place: &Place,
        name: &FunctionName,
        alias: &AliasName,
        wanted: &AliasWish,
        revision: Option<String>,
    ) -> Result<Alias> {
        let site = self.site(place)?;
        let request = site
            .lambda()
            .update_alias()
            .function_name(name.as_str())
            .name(alias.as_str())
            .function_version(wanted.version.as_str())
            .set_description(wanted.description.clone())
            // Without weights Lambda would leave those that there are.
            .routing_config(routing(&wanted.weights))
            .set_revision_id(revision);
        let moved = site.call(UPDATE_ALIAS, request.send()).await;
        let moved =
            moved.map(|it| read::alias_of(it.name, it.function_version, it.description, it.routing_config));
        settled(&site, name, alias, wanted, moved).await
    }

    /// Deletes an alias. That it is gone already is no failure.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn delete_alias(&self, place: &Place, name: &FunctionName, alias: &AliasName) -> Result<()> {
        let site = self.site(place)?;
        let request = site.lambda().delete_alias().function_name(name.as_str()).name(alias.as_str());
        super::change::gone(site.call(DELETE_ALIAS, request.send()).await)
    }
}

/// What came of a change of an alias. A conflict may be with the change's own first attempt, whose answer was lost: what is as it was
/// wanted is no conflict.
async fn settled(
    site: &Site,
    name: &FunctionName,
    alias: &AliasName,
    wanted: &AliasWish,
    changed: Result<Option<Alias>>,
) -> Result<Alias> {
    match changed {
        Ok(Some(alias)) => Ok(alias),
        Ok(None) => find_alias(site, name, alias).await.map(|known| known.alias),
        Err(error) if error.code == ErrorCode::Conflict => match find_alias(site, name, alias).await {
            Ok(now) if is_as_wanted(&now.alias, wanted) => Ok(now.alias),
            _ => Err(error.with_hint("Somebody else changed it meanwhile: look at it again first.")),
        },
        Err(error) => Err(error),
    }
}

fn is_as_wanted(now: &Alias, wanted: &AliasWish) -> bool {
    now.version == wanted.version.as_str()
        && now.weights == wanted.weights
        && wanted.description.as_ref().is_none_or(|text| *text == now.description)
}

fn routing(weights: &[AliasWeight]) -> AliasRoutingConfiguration {
    let weights: HashMap<String, f64> = weights.iter().map(|it| (it.version.clone(), it.weight)).collect();
    AliasRoutingConfiguration::builder().set_additional_version_weights(Some(weights)).build()
}

async fn find_alias(site: &Site, name: &FunctionName, alias: &AliasName) -> Result<KnownAlias> {
    let request = site.lambda().get_alias().function_name(name.as_str()).name(alias.as_str());
    let it = site.call(GET_ALIAS, request.send()).await?;
    let revision = it.revision_id;
    let found = read::alias_of(it.name, it.function_version, it.description, it.routing_config);
    let missing = || Error::not_found(format!("{name} has no alias {alias} in {}.", site.place));
    found.map(|alias| KnownAlias { alias, revision }).ok_or_else(missing)
}

pub(super) async fn list_versions(site: &Site, name: &FunctionName) -> Result<Vec<Version>> {
    let mut versions = Vec::new();
    let mut pages = Pages::default();
    loop {
        let request = site.lambda().list_versions_by_function().function_name(name.as_str());
        let request = request.max_items(PAGE).set_marker(pages.token());
        let page = site.call(LIST_VERSIONS_BY_FUNCTION, request.send()).await?;
        versions.extend(page.versions.unwrap_or_default().iter().filter_map(read::version));
        if !pages.turn(page.next_marker) {
            break;
        }
    }
    // `$LATEST`, and then by number from the newest on.
    let number = |version: &Version| version.version.parse::<u64>().unwrap_or(u64::MAX);
    versions.sort_by_key(|version| std::cmp::Reverse(number(version)));
    versions.dedup_by(|a, b| a.version == b.version);
    Ok(versions)
}

pub(super) async fn list_aliases(site: &Site, name: &FunctionName) -> Result<Vec<Alias>> {
    let mut aliases = Vec::new();
    let mut pages = Pages::default();
    loop {
        let request = site.lambda().list_aliases().function_name(name.as_str());
        let request = request.max_items(PAGE).set_marker(pages.token());
        let page = site.call(LIST_ALIASES, request.send()).await?;
        aliases.extend(page.aliases.unwrap_or_default().into_iter().filter_map(read::alias));
        if !pages.turn(page.next_marker) {
            break;
        }
    }
    aliases.sort_by(|a, b| a.name.cmp(&b.name));
    aliases.dedup_by(|a, b| a.name == b.name);
    Ok(aliases)
}
