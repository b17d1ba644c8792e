//! An account by its name and colour, the same on every page.

use leptos::prelude::*;
use nephoscope_model::{AccountId, Place, scope::AccountColor};

use crate::session::find_account;

/// The CSS class of an account's colour; see `style/main.css`.
#[must_use]
pub const fn color_class(color: AccountColor) -> &'static str {
    match color {
        AccountColor::Red => "account-red",
        AccountColor::Orange => "account-orange",
        AccountColor::Yellow => "account-yellow",
        AccountColor::Green => "account-green",
        AccountColor::Teal => "account-teal",
        AccountColor::Blue => "account-blue",
        AccountColor::Purple => "account-purple",
        AccountColor::Gray => "account-gray",
    }
}

/// An account's name with its colour; the id is in the tooltip. An account that is not configured shows its id.
///
/// ```ignore
/// view! { <AccountTag account=instance.account.clone()/> }
/// ```
#[component]
pub fn AccountTag(
    /// The account.
    account: AccountId,
) -> impl IntoView {
    let known = untrack(|| find_account(&account));
    let (name, color) = known
        .map_or_else(|| (account.to_string(), AccountColor::Gray), |account| (account.name, account.color));
    view! {
        <span class=format!("account-tag {}", color_class(color)) title=format!("Account {account}")>
            {name}
        </span>
    }
}

/// An account and a region.
///
/// ```ignore
/// view! { <PlaceTag place=instance.place()/> }
/// ```
#[component]
pub fn PlaceTag(
    /// Where.
    place: Place,
) -> impl IntoView {
    view! {
        <span class="place-tag">
            <AccountTag account=place.account/>
            <span class="quiet">{place.region.to_string()}</span>
        </span>
    }
}
