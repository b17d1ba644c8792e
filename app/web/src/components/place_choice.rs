//! The field in which it is said where something new shall be.

use leptos::prelude::*;
use nephoscope_model::{Account, Place};

use crate::session::use_accounts;

/// Every account and region, of which one must be chosen: nothing shall come into being in production because it was the first of a list.
/// Where there is only one, it is chosen already.
#[must_use]
pub fn place_choice(name: &'static str) -> AnyView {
    let places =
        use_accounts().with_untracked(|accounts| accounts.iter().flat_map(places_of).collect::<Vec<_>>());
    let none = (places.len() > 1).then(|| view! { <option value="">"Choose one"</option> }.into_any());
    let options =
        places.into_iter().map(|(value, label)| view! { <option value=value>{label}</option> }.into_any());
    let options = options.collect_view();
    view! {
        <label class="field">
            <span>"Account and region"</span>
            <select class="select select-sm" name=name required>
                {none}
                {options}
            </select>
        </label>
    }
    .into_any()
}

/// The places of an account, each as a value and as people call it.
#[must_use]
pub fn places_of(account: &Account) -> Vec<(String, String)> {
    let of = |region| {
        let place = Place { account: account.id.clone(), region };
        (place.to_string(), format!("{} · {}", account.name, place.region))
    };
    account.regions.iter().cloned().map(of).collect()
}
