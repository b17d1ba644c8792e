//! Launching EC2 instances.

use leptos::prelude::*;
use nephoscope_model::{
    Place,
    ec2::{Instance, LaunchCheck, LaunchChoices, LaunchRequest},
};

use super::{ApiResult, Json};

/// What a place has to launch with.
///
/// # Errors
/// As the operation; what cannot be read is named in the answer.
#[server(endpoint = "ec2/launch_choices", input = Json, output = Json)]
pub async fn list_launch_choices(place: Place) -> ApiResult<LaunchChoices> {
    let (ops, caller) = super::door()?;
    ops.list_launch_choices(&caller, &place).await.map_err(super::fail)
}

/// Whether AWS would launch this, and what it costs.
///
/// # Errors
/// `forbidden` for viewers, `invalid_input`, and whatever AWS says.
#[server(endpoint = "ec2/launch_check", input = Json, output = Json)]
pub async fn check_launch(place: Place, request: LaunchRequest) -> ApiResult<LaunchCheck> {
    let (ops, caller) = super::door()?;
    ops.check_launch(&caller, &place, &request).await.map_err(super::fail)
}

/// Launches instances.
///
/// # Errors
/// `forbidden` for viewers, `invalid_input`, and whatever AWS says.
#[server(endpoint = "ec2/launch", input = Json, output = Json)]
pub async fn launch_instances(place: Place, request: LaunchRequest) -> ApiResult<Vec<Instance>> {
    let (ops, caller) = super::door()?;
    ops.launch_instances(&caller, &place, request, None).await.map_err(super::fail)
}
