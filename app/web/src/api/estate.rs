//! The accounts that are looked at.

use leptos::prelude::*;
use nephoscope_model::Account;

use super::{ApiResult, Json};

/// The accounts and their regions, in the order they were configured.
///
/// # Errors
/// `unauthenticated` when nobody is logged in.
#[server(endpoint = "estate/accounts", input = Json, output = Json)]
pub async fn list_accounts() -> ApiResult<Vec<Account>> {
    let (ops, caller) = super::door()?;
    Ok(ops.accounts(&caller))
}
