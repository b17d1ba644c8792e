//! CloudWatch metrics of instances.

use leptos::prelude::*;
use nephoscope_model::{
    Place,
    ec2::InstanceId,
    metrics::{Metric, Series, Statistic, TimeRange},
};

use super::{ApiResult, Json};

/// The metrics that CloudWatch has of an instance.
///
/// # Errors
/// As the operation.
#[server(endpoint = "metrics/list", input = Json, output = Json)]
pub async fn list_metrics(place: Place, id: InstanceId) -> ApiResult<Vec<Metric>> {
    let (ops, caller) = super::door()?;
    ops.list_metrics(&caller, &place, &id).await.map_err(super::fail)
}

/// A metric over a range that ends now.
///
/// # Errors
/// As the operation.
#[server(endpoint = "metrics/series", input = Json, output = Json)]
pub async fn get_series(
    place: Place,
    id: InstanceId,
    metric: String,
    statistic: Statistic,
    range: TimeRange,
) -> ApiResult<Series> {
    let (ops, caller) = super::door()?;
    ops.get_range(&caller, &place, &id, &metric, statistic, range).await.map_err(super::fail)
}
