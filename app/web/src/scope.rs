//! The scope of the page: which accounts and regions it looks over. It lives in the URL and nowhere else.

use leptos::prelude::*;
use nephoscope_model::{Account, Result, Scope, scope::AccountColor};

use crate::{
    params::{Params, use_params},
    paths::param,
};

/// The scope in the URL. A bad value gives the whole estate here and a notice in the frame ([`use_scope_result`]).
///
/// ```ignore
/// let scope = use_scope();
/// let instances = Resource::new(move || scope.get(), |scope| list_instances(scope, false));
/// ```
#[must_use]
pub fn use_scope() -> Memo<Scope> {
    let scope = use_scope_result();
    Memo::new(move |_| scope.get().unwrap_or_default())
}

/// The scope in the URL, or why its text makes no sense.
#[must_use]
pub fn use_scope_result() -> Memo<Result<Scope>> {
    let params = use_params();
    Memo::new(move |_| params.with(scope_of))
}

/// Reads the scope from the URL. A form without JavaScript repeats the parameter, our links join the values with commas: both count.
///
/// # Errors
/// `invalid_input` when a value is no account id or no region code.
pub fn scope_of(params: &Params) -> Result<Scope> {
    let list = |name| params.all(name).join(",");
    Scope::from_query(Some(&list(param::ACCOUNT)), Some(&list(param::REGION)))
}

/// The accounts of the estate that a scope covers.
pub fn chosen_accounts<'a>(scope: &Scope, estate: &'a [Account]) -> impl Iterator<Item = &'a Account> {
    estate.iter().filter(move |account| scope.accounts.is_empty() || scope.accounts.contains(&account.id))
}

/// Whether the scope covers an account that is marked red: production looks like production.
#[must_use]
pub fn includes_red(scope: &Scope, estate: &[Account]) -> bool {
    chosen_accounts(scope, estate).any(|account| account.color == AccountColor::Red)
}

/// A few words for the scope: `All accounts · eu-west-1`.
#[must_use]
pub fn describe(scope: &Scope, estate: &[Account]) -> (String, String) {
    let accounts = match scope.accounts.as_slice() {
        [] => "All accounts".to_owned(),
        [one] => estate
            .iter()
            .find(|account| account.id == *one)
            .map_or_else(|| one.to_string(), |account| account.name.clone()),
        many => format!("{} accounts", many.len()),
    };
    let regions = match scope.regions.as_slice() {
        [] => "all regions".to_owned(),
        [one] => one.to_string(),
        many => format!("{} regions", many.len()),
    };
    (accounts, regions)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(id: &str, name: &str, color: AccountColor) -> Account {
        Account { id: id.parse().expect("an id"), name: name.to_owned(), color, regions: Vec::new() }
    }

    #[test]
    fn repeated_and_joined_values_mean_the_same() {
        let read = |search| scope_of(&Params::parse(search));
        let joined = read("?account=111111111111,222222222222&region=");
        let repeated = read("account=111111111111&account=222222222222");
        assert_eq!(joined, repeated);
        assert_eq!(joined.map(|scope| scope.accounts.len()), Ok(2));
        assert_eq!(read("region="), Ok(Scope::default()));
        assert!(read("region=%3Cb%3E").is_err());
        assert!(read("region=eu-west%252D1").is_err(), "a value is decoded once");
    }

    #[test]
    fn red_counts_only_when_it_is_looked_at() {
        let estate = [
            account("111111111111", "production", AccountColor::Red),
            account("222222222222", "sandbox", AccountColor::Green),
        ];
        let sandbox = Scope::from_query(Some("222222222222"), None).expect("a scope");
        assert!(includes_red(&Scope::default(), &estate));
        assert!(!includes_red(&sandbox, &estate));
        assert_eq!(describe(&sandbox, &estate), ("sandbox".to_owned(), "all regions".to_owned()));
    }
}
