//! Where: accounts, regions, and the set of both that a page looks at.

use serde::{Deserialize, Serialize};

use crate::{Error, Result, validated_string};

/// A 12-digit AWS account id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountId(String);
validated_string!(AccountId, "a 12-digit AWS account id", |text| {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
});

/// An AWS region code such as `eu-west-1`. Whether it exists, and is enabled, only AWS knows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Region(String);
validated_string!(Region, "an AWS region such as eu-west-1", |text| {
    (6..=32).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && text.split('-').count() >= 3
        && text.split('-').all(|part| !part.is_empty())
});

impl Region {
    /// The partition that ARNs of this region begin with. China and GovCloud have their own, told by the region's prefix.
    #[must_use]
    pub fn partition(&self) -> &'static str {
        match self.0.as_str() {
            region if region.starts_with("cn-") => "aws-cn",
            region if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        }
    }
}

/// The colour that an account carries on every page, so that production looks like production.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names of the colours say it")]
pub enum AccountColor {
    Red,
    Orange,
    Yellow,
    Green,
    Teal,
    #[default]
    Blue,
    Purple,
    Gray,
}

/// An AWS account as pages know it. Its credentials stay on the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// The 12-digit id.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "111111111111"))]
    pub id: AccountId,
    /// What the team calls it, such as `production`.
    pub name: String,
    /// How it is marked.
    pub color: AccountColor,
    /// The regions that are looked at, in the order they were configured.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub regions: Vec<Region>,
}

/// One account in one region: where a regional AWS call goes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Place {
    /// The account.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "111111111111"))]
    pub account: AccountId,
    /// The region.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "eu-west-1"))]
    pub region: Region,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.account, self.region)
    }
}

/// A choice of accounts × regions. An empty list means all that are configured, so that the plain URL shows the whole estate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Scope {
    /// The accounts chosen; empty for all.
    pub accounts: Vec<AccountId>,
    /// The regions chosen; empty for all.
    pub regions: Vec<Region>,
}

impl Scope {
    /// From the comma-separated values that stand in a URL (`?account=…&region=…`).
    ///
    /// # Errors
    /// `invalid_input` when one of them is no account id or no region code.
    pub fn from_query(account: Option<&str>, region: Option<&str>) -> Result<Self> {
        Ok(Self { accounts: parse_list(account)?, regions: parse_list(region)? })
    }

    /// The value for `account=`, if accounts are chosen.
    #[must_use]
    pub fn account_query(&self) -> Option<String> {
        join(&self.accounts)
    }

    /// The value for `region=`, if regions are chosen.
    #[must_use]
    pub fn region_query(&self) -> Option<String> {
        join(&self.regions)
    }

    /// The places of the estate that this scope covers, in the estate's order. An account that does not have a chosen region
    /// simply contributes nothing for it.
    ///
    /// # Errors
    /// `not_found` when an account is named that is not configured, or nothing is left to look at.
    pub fn places(&self, estate: &[Account]) -> Result<Vec<Place>> {
        if let Some(unknown) =
            self.accounts.iter().find(|id| !estate.iter().any(|account| account.id == **id))
        {
            return Err(Error::not_found(format!("Account {unknown} is not configured here."))
                .with_hint("Choose an account from the switcher at the top of the page."));
        }
        let places: Vec<Place> = estate
            .iter()
            .filter(|account| self.accounts.is_empty() || self.accounts.contains(&account.id))
            .flat_map(|account| {
                account
                    .regions
                    .iter()
                    .filter(|region| self.regions.is_empty() || self.regions.contains(region))
                    .map(|region| Place { account: account.id.clone(), region: region.clone() })
            })
            .collect();
        if places.is_empty() && !estate.is_empty() {
            return Err(Error::not_found("None of the chosen accounts uses the chosen regions.")
                .with_hint("Choose other regions, or all of them."));
        }
        Ok(places)
    }
}

/// A scope that somebody keeps under a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedScope {
    /// What its owner calls it; unique among theirs.
    pub name: String,
    /// The accounts and regions.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub scope: Scope,
}

impl SavedScope {
    /// Scopes that one person may keep.
    pub const MAX: usize = 50;

    /// A scope under a name.
    ///
    /// # Errors
    /// `invalid_input` when the name is empty, longer than 40 characters or not visible, or the scope is everything.
    pub fn new(name: &str, scope: Scope) -> Result<Self> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > 40 || name.chars().any(char::is_control) {
            return Err(Error::invalid("The name of a scope may have 40 characters, all of them visible."));
        }
        if scope == Scope::default() {
            return Err(Error::invalid("There is nothing to save: nothing chosen means everything.")
                .with_hint("Choose accounts or regions and apply them first."));
        }
        Ok(Self { name: name.to_owned(), scope })
    }
}

fn parse_list<T: std::str::FromStr<Err = Error>>(list: Option<&str>) -> Result<Vec<T>> {
    list.unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(str::parse)
        .collect()
}

fn join<T: AsRef<str>>(list: &[T]) -> Option<String> {
    (!list.is_empty()).then(|| list.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn estate() -> Vec<Account> {
        [("111111111111", vec!["us-east-1", "eu-west-1"]), ("222222222222", vec!["us-east-1"])]
            .into_iter()
            .map(|(id, regions)| Account {
                id: id.parse().expect("a good id"),
                name: id.to_owned(),
                color: AccountColor::Blue,
                regions: regions.into_iter().map(|code| code.parse().expect("a region")).collect(),
            })
            .collect()
    }

    #[test]
    fn an_empty_scope_is_the_whole_estate() {
        assert_eq!(Scope::default().places(&estate()).map(|places| places.len()), Ok(3));
    }

    #[test]
    fn a_chosen_region_narrows_every_account() {
        let scope = Scope::from_query(None, Some("eu-west-1")).expect("a good query");
        let places = scope.places(&estate()).expect("places");
        assert_eq!(places.len(), 1);
        assert_eq!(places[0].to_string(), "111111111111/eu-west-1");
    }

    #[test]
    fn the_url_form_survives_a_round_trip() {
        let scope = Scope::from_query(Some("111111111111, 222222222222"), Some("us-east-1")).expect("good");
        let again = Scope::from_query(scope.account_query().as_deref(), scope.region_query().as_deref());
        assert_eq!(again, Ok(scope));
    }

    #[test]
    fn nonsense_and_unknown_accounts_are_refused() {
        for bad in ["12", "11111111111a", "<script>"] {
            assert!(Scope::from_query(Some(bad), None).is_err(), "{bad}");
        }
        for bad in ["useast1", "US-EAST-1", "us--1", "us-east-1;drop"] {
            assert!(Scope::from_query(None, Some(bad)).is_err(), "{bad}");
        }
        let scope = Scope::from_query(Some("999999999999"), None).expect("well-formed");
        assert!(scope.places(&estate()).is_err());
    }

    #[test]
    fn a_scope_is_saved_under_a_name_that_can_be_seen() {
        let scope = Scope::from_query(Some("111111111111"), None).expect("a scope");
        assert!(SavedScope::new(" prod ", scope.clone()).is_ok_and(|saved| saved.name == "prod"));
        for bad in ["", "  ", "a\nb", &"x".repeat(41)] {
            assert!(SavedScope::new(bad, scope.clone()).is_err(), "{bad:?}");
        }
        assert!(SavedScope::new("all", Scope::default()).is_err());
    }
}
