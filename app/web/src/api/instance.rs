//! One EC2 instance: what protects it, its type, its checks and its console.

use leptos::prelude::*;
use nephoscope_model::{
    Listing, Place, Scope,
    ec2::{ConsoleOutput, InstanceId, InstanceType, InstanceTypeName, Protection, StatusChecks},
};

use super::{ApiResult, Json};

/// What an instance is protected against.
///
/// # Errors
/// `not_found`, and whatever AWS says.
#[server(endpoint = "ec2/protection", input = Json, output = Json)]
pub async fn get_protection(place: Place, id: InstanceId) -> ApiResult<Protection> {
    let (ops, caller) = super::door()?;
    ops.get_protection(&caller, &place, &id).await.map_err(super::fail)
}

/// Puts an instance under protection, or lifts it.
///
/// # Errors
/// `forbidden` for viewers, `not_found`, and whatever AWS says.
#[server(endpoint = "ec2/set_protection", input = Json, output = Json)]
pub async fn set_protection(place: Place, id: InstanceId, wanted: Protection) -> ApiResult<Protection> {
    let (ops, caller) = super::door()?;
    ops.set_protection(&caller, &place, &id, wanted).await.map_err(super::fail)
}

/// The instance types of a place, those that run an architecture where one is given.
///
/// # Errors
/// As the operation.
#[server(endpoint = "ec2/types", input = Json, output = Json)]
pub async fn list_instance_types(place: Place, architecture: Option<String>) -> ApiResult<Vec<InstanceType>> {
    let (ops, caller) = super::door()?;
    ops.list_instance_types(&caller, &place, architecture.as_deref()).await.map_err(super::fail)
}

/// Makes a stopped instance one of another type.
///
/// # Errors
/// `forbidden` for viewers, `conflict` when it is not stopped, and whatever AWS says.
#[server(endpoint = "ec2/set_type", input = Json, output = Json)]
pub async fn set_instance_type(place: Place, id: InstanceId, wanted: InstanceTypeName) -> ApiResult<()> {
    let (ops, caller) = super::door()?;
    ops.set_instance_type(&caller, &place, &id, &wanted).await.map_err(super::fail)
}

/// The status checks of all instances of a scope. With `fresh`, asks AWS now instead of taking what is known.
///
/// # Errors
/// As the operation; accounts that fail are named in the listing instead.
#[server(endpoint = "ec2/statuses", input = Json, output = Json)]
pub async fn list_status_checks(scope: Scope, fresh: bool) -> ApiResult<Listing<StatusChecks>> {
    let (ops, caller) = super::door()?;
    ops.list_status_checks(&caller, &scope, fresh).await.map_err(super::fail)
}

/// The same, where they are known in a moment, for a page's first HTML. In the browser nothing: there they are read beside the page.
pub async fn known_status_checks(scope: Scope) -> Option<Listing<StatusChecks>> {
    #[cfg(feature = "ssr")]
    {
        let (ops, caller) = super::door().ok()?;
        ops.list_status_checks_soon(&caller, &scope).await
    }
    #[cfg(not(feature = "ssr"))]
    {
        drop(scope);
        None
    }
}

/// The status checks of one instance.
///
/// # Errors
/// `not_found`, and whatever AWS says.
#[server(endpoint = "ec2/status", input = Json, output = Json)]
pub async fn get_status_checks(place: Place, id: InstanceId) -> ApiResult<StatusChecks> {
    let (ops, caller) = super::door()?;
    ops.get_status_checks(&caller, &place, &id).await.map_err(super::fail)
}

/// What an instance wrote to its console; with `latest`, as it is now.
///
/// # Errors
/// `forbidden` for viewers, and whatever AWS says.
#[server(endpoint = "ec2/console_output", input = Json, output = Json)]
pub async fn read_console(place: Place, id: InstanceId, latest: bool) -> ApiResult<ConsoleOutput> {
    let (ops, caller) = super::door()?;
    ops.read_console(&caller, &place, &id, latest).await.map_err(super::fail)
}

/// What the screen of an instance shows now: a JPEG in base64.
///
/// # Errors
/// `forbidden` for viewers, and whatever AWS says.
#[server(endpoint = "ec2/console_screenshot", input = Json, output = Json)]
pub async fn take_screenshot(place: Place, id: InstanceId) -> ApiResult<String> {
    let (ops, caller) = super::door()?;
    let jpeg = ops.take_screenshot(&caller, &place, &id).await.map_err(super::fail)?;
    Ok(nephoscope_ops::picture_text(&jpeg))
}
