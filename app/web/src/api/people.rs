//! People, for administrators, and one's own account.

use leptos::prelude::*;
use nephoscope_model::identity::{Me, User};

use super::{ApiResult, Json};

/// Everybody who may log in, by name.
///
/// # Errors
/// `forbidden` unless an administrator asks.
#[server(endpoint = "people/list", input = Json, output = Json)]
pub async fn list_people() -> ApiResult<Vec<User>> {
    let (ops, caller) = super::door()?;
    ops.list_users(&caller).await.map_err(super::fail)
}

/// One person.
///
/// # Errors
/// `forbidden` unless an administrator asks, `not_found`.
#[server(endpoint = "people/get", input = Json, output = Json)]
pub async fn get_person(name: String) -> ApiResult<User> {
    let (ops, caller) = super::door()?;
    let name = name.parse().map_err(super::fail)?;
    ops.get_user(&caller, &name).await.map_err(super::fail)
}

/// Who is looking, with sessions and tokens.
///
/// # Errors
/// `unauthenticated` when nobody is logged in.
#[server(endpoint = "me/get", input = Json, output = Json)]
pub async fn get_me() -> ApiResult<Me> {
    let (ops, caller) = super::door()?;
    ops.get_me(&caller).await.map_err(super::fail)
}
