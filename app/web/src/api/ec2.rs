//! EC2 instances.

use leptos::prelude::*;
use nephoscope_model::{
    Listing, Place, Scope, Timestamp,
    ec2::{
        BulkAction, BulkResult, Instance, InstanceAction, InstanceDetails, InstanceId, InstanceTarget,
        ListPrice, PriceKey, Resource, ResourceId, ResourceKind, StateChange, StopOptions, Tag, TagChanges,
        TagResult, TagTarget, Terminating, Termination, TerminationEnd,
    },
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

/// The list prices of every kind of instance that a scope has.
///
/// # Errors
/// As the operation; accounts that fail are named in the listing instead.
#[server(endpoint = "ec2/prices", input = Json, output = Json)]
pub async fn list_prices(scope: Scope) -> ApiResult<Listing<ListPrice>> {
    let (ops, caller) = super::door()?;
    ops.list_prices(&caller, &scope).await.map_err(super::fail)
}

/// The same, where they are known in a moment, for a page's first HTML. In the browser nothing: there they are read beside the page.
pub async fn known_prices(scope: Scope) -> Option<Listing<ListPrice>> {
    #[cfg(feature = "ssr")]
    {
        let (ops, caller) = super::door().ok()?;
        ops.list_prices_soon(&caller, &scope).await
    }
    #[cfg(not(feature = "ssr"))]
    {
        drop(scope);
        None
    }
}

/// The list price of one kind, read with the credentials of a place.
///
/// # Errors
/// As the operation.
#[server(endpoint = "ec2/price", input = Json, output = Json)]
pub async fn get_price(place: Place, key: PriceKey) -> ApiResult<ListPrice> {
    let (ops, caller) = super::door()?;
    ops.get_price(&caller, &place, &key).await.map_err(super::fail)
}

/// The same, as [`known_prices`].
pub async fn known_price(place: Place, key: PriceKey) -> Option<ListPrice> {
    #[cfg(feature = "ssr")]
    {
        let (ops, caller) = super::door().ok()?;
        ops.get_price_soon(&caller, &place, &key).await
    }
    #[cfg(not(feature = "ssr"))]
    {
        drop((place, key));
        None
    }
}

/// One instance, with what no list tells of it.
///
/// # Errors
/// `not_found` when AWS knows no such instance there.
#[server(endpoint = "ec2/get", input = Json, output = Json)]
pub async fn get_instance(place: Place, id: InstanceId) -> ApiResult<(Instance, InstanceDetails)> {
    let (ops, caller) = super::door()?;
    ops.get_instance(&caller, &place, &id).await.map_err(super::fail)
}

/// Starts, stops (`stop` says how) or reboots an instance.
///
/// # Errors
/// `forbidden` for viewers, `conflict` in the wrong state, and whatever AWS says.
#[server(endpoint = "ec2/change", input = Json, output = Json)]
pub async fn change_instance(
    place: Place,
    id: InstanceId,
    action: InstanceAction,
    confirmation: Option<String>,
    stop: Option<StopOptions>,
) -> ApiResult<StateChange> {
    let (ops, caller) = super::door()?;
    let stop = stop.unwrap_or_default();
    let request = nephoscope_model::ec2::ActionRequest { action, stop, confirmation };
    ops.change_instance(&caller, &place, &id, request).await.map_err(super::fail)
}

/// Terminates an instance when the grace that the server is configured with is over, or at once. Its name must have been typed, or its id
/// when it has none.
///
/// # Errors
/// `forbidden` for viewers, `confirmation_required`, `conflict` when it is protected or waits already, and whatever AWS says.
#[server(endpoint = "ec2/terminate", input = Json, output = Json)]
pub async fn terminate_instance(
    place: Place,
    id: InstanceId,
    confirmation: Option<String>,
) -> ApiResult<Terminating> {
    let (ops, caller) = super::door()?;
    ops.terminate_instance(&caller, &place, &id, confirmation).await.map_err(super::fail)
}

/// Undoes a termination that waits for its time.
///
/// # Errors
/// `forbidden` for viewers, `not_found` when it does not wait.
#[server(endpoint = "ec2/undo_terminate", input = Json, output = Json)]
pub async fn undo_termination(place: Place, id: InstanceId) -> ApiResult<Termination> {
    let (ops, caller) = super::door()?;
    ops.undo_termination(&caller, &place, &id).await.map_err(super::fail)
}

/// How a termination ended that this person asked for; nothing while it is not on record.
///
/// # Errors
/// `unavailable` when the store does not answer.
#[server(endpoint = "ec2/termination_end", input = Json, output = Json)]
pub async fn get_termination_end(id: InstanceId, due_at: Timestamp) -> ApiResult<Option<TerminationEnd>> {
    let (ops, caller) = super::door()?;
    ops.end_of_termination(&caller, &id, due_at).await.map_err(super::fail)
}

/// The instances of a scope that are terminated when their time has come.
///
/// # Errors
/// As the operation.
#[server(endpoint = "ec2/terminations", input = Json, output = Json)]
pub async fn list_terminations(scope: Scope) -> ApiResult<Vec<Termination>> {
    let (ops, caller) = super::door()?;
    ops.list_terminations(&caller, &scope).await.map_err(super::fail)
}

/// Starts, stops, reboots or terminates many instances, each for itself: what became of each, in the order in which they were named.
///
/// # Errors
/// `forbidden` for viewers, `invalid_input` for none or too many, `confirmation_required`. What fails for one instance stands in its result.
#[server(endpoint = "ec2/change_many", input = Json, output = Json)]
pub async fn change_instances(
    targets: Vec<InstanceTarget>,
    action: BulkAction,
    confirmation: Option<String>,
) -> ApiResult<Vec<BulkResult>> {
    let (ops, caller) = super::door()?;
    ops.change_instances(&caller, targets, action, confirmation).await.map_err(super::fail)
}

/// Sets and removes the same tags of many things of EC2, each for itself: what became of each, in the order in which they were named.
///
/// # Errors
/// `forbidden` for viewers, `invalid_input` for none or too many, and for tags that EC2 would not take. What fails for one stands in its
/// result.
#[server(endpoint = "ec2/change_tags", input = Json, output = Json)]
pub async fn change_tags(targets: Vec<TagTarget>, changes: TagChanges) -> ApiResult<Vec<TagResult>> {
    let (ops, caller) = super::door()?;
    ops.change_tags(&caller, targets, changes).await.map_err(super::fail)
}

/// Gives an instance, a volume, a snapshot, an address or a security group these tags. `known` is what the page showed before: tags that
/// somebody else added meanwhile stay.
///
/// # Errors
/// `forbidden` for viewers, `invalid_input` for tags that EC2 would not take, and whatever AWS says.
#[server(endpoint = "ec2/set_tags", input = Json, output = Json)]
pub async fn set_tags(
    place: Place,
    id: ResourceId,
    wanted: Vec<Tag>,
    known: Vec<Tag>,
) -> ApiResult<Vec<Tag>> {
    let (ops, caller) = super::door()?;
    ops.set_tags(&caller, &place, &id, wanted, Some(known)).await.map_err(super::fail)
}

/// All volumes, snapshots, addresses or security groups of a scope. With `fresh`, asks AWS now instead of taking what is known.
///
/// # Errors
/// As the operation; accounts that fail are named in the listing instead.
#[server(endpoint = "ec2/resources", input = Json, output = Json)]
pub async fn list_resources(kind: ResourceKind, scope: Scope, fresh: bool) -> ApiResult<Listing<Resource>> {
    let (ops, caller) = super::door()?;
    ops.list_resources(&caller, kind, &scope, fresh).await.map_err(super::fail)
}
