//! AWS accounts: how each is entered, whether that works, and what else there is.

use leptos::prelude::*;
use nephoscope_model::{
    AccountId,
    account::{AccountDetails, ConnectionReport, Discovery},
    scope::SavedScope,
};

use super::{ApiResult, Json};

/// The accounts with where they come from; administrators also see how they are entered.
///
/// # Errors
/// `unauthenticated` when nobody is logged in.
#[server(endpoint = "accounts/list", input = Json, output = Json)]
pub async fn list_account_details() -> ApiResult<Vec<AccountDetails>> {
    let (ops, caller) = super::door()?;
    ops.list_accounts(&caller).await.map_err(super::fail)
}

/// Tries whether an account can be entered, and what the credentials may do there.
///
/// # Errors
/// `forbidden` unless an administrator asks, `conflict` when they belong to another account, and whatever AWS says.
#[server(endpoint = "accounts/test", input = Json, output = Json)]
pub async fn test_account(id: AccountId) -> ApiResult<ConnectionReport> {
    let (ops, caller) = super::door()?;
    ops.test_account(&caller, &id).await.map_err(super::fail)
}

/// Looks for accounts of the organization and for enabled regions.
///
/// # Errors
/// `forbidden` unless an administrator asks, `not_found`.
#[server(endpoint = "accounts/discover", input = Json, output = Json)]
pub async fn discover_accounts(from: Option<AccountId>) -> ApiResult<Discovery> {
    let (ops, caller) = super::door()?;
    ops.discover_accounts(&caller, from.as_ref()).await.map_err(super::fail)
}

/// One's own kept scopes, by name.
///
/// # Errors
/// `unauthenticated` when nobody is logged in.
#[server(endpoint = "scopes/list", input = Json, output = Json)]
pub async fn list_saved_scopes() -> ApiResult<Vec<SavedScope>> {
    let (ops, caller) = super::door()?;
    ops.saved_scopes(&caller).await.map_err(super::fail)
}
