//! The accounts that are looked at.

use leptos::{prelude::*, server_fn::codec::Json};
use nephoscope_model::Account;

use super::ApiResult;

/// The accounts and their regions, in the order they were configured.
///
/// # Errors
/// `unauthenticated` when nobody is logged in.
#[server(endpoint = "estate/accounts", input = Json)]
pub async fn list_accounts() -> ApiResult<Vec<Account>> {
    let (ops, caller) = super::door()?;
    Ok(ops.accounts(&caller))
}
