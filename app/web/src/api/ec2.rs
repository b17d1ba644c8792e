//! EC2 instances.

use leptos::prelude::*;
use nephoscope_model::{
    Listing, Place, Scope,
    ec2::{Instance, InstanceAction, InstanceId, StateChange},
};

use super::{ApiResult, Json};

/// All instances of a scope. With `fresh`, asks AWS now instead of taking what is known.
///
/// # Errors
/// As the operation; accounts that fail are named in the listing instead.
#[server(endpoint = "ec2/list", input = Json, output = Json)]
pub async fn list_instances(scope: Scope, fresh: bool) -> ApiResult<Listing<Instance>> {
    let (ops, caller) = super::door()?;
    ops.list_instances(&caller, &scope, fresh).await.map_err(super::fail)
}

/// One instance.
///
/// # Errors
/// `not_found` when AWS knows no such instance there.
#[server(endpoint = "ec2/get", input = Json, output = Json)]
pub async fn get_instance(place: Place, id: InstanceId) -> ApiResult<Instance> {
    let (ops, caller) = super::door()?;
    ops.get_instance(&caller, &place, &id).await.map_err(super::fail)
}

/// Starts, stops, reboots or terminates an instance. Terminating needs its name typed, or its id when it has none.
///
/// # Errors
/// `forbidden` for viewers, `confirmation_required`, `conflict` in the wrong state, and whatever AWS says.
#[server(endpoint = "ec2/change", input = Json, output = Json)]
pub async fn change_instance(
    place: Place,
    id: InstanceId,
    action: InstanceAction,
    confirmation: Option<String>,
) -> ApiResult<StateChange> {
    let (ops, caller) = super::door()?;
    ops.change_instance(&caller, &place, &id, action, confirmation.as_deref()).await.map_err(super::fail)
}
