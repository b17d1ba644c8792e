//! EC2 instances and their metrics.

pub(in crate::server) mod attributes;
pub(in crate::server) mod bulk;
pub(in crate::server) mod console;
pub(in crate::server) mod launch;
pub(in crate::server) mod prices;
pub(in crate::server) mod resources;
pub(in crate::server) mod status;
pub(in crate::server) mod tags;
pub(in crate::server) mod terminations;

use axum::{
    Json,
    extract::{Path, State},
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use nephoscope_model::{
    Error, Listing, Operation, Place, Timestamp,
    ec2::{ActionRequest, Instance, InstanceAction, InstanceDetails, InstanceId, StateChange, StopOptions},
    metrics::{Metric, Series, Statistic, StatsQuery, TimeRange},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    OptionalBody, Params, ScopeParams,
    paging::{ListingPage, PageParams, Paging},
};
use crate::server::{
    access::Authenticated,
    problem::{ApiError, Problem},
    state::App,
};

type Answer<T> = Result<Json<T>, ApiError>;

/// How fresh a list must be.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(in crate::server) struct Freshness {
    /// Ask AWS now instead of taking what was known a moment ago.
    pub(in crate::server) fresh: bool,
}

/// All EC2 instances of the accounts and regions; the same as `/api/ec2/instances`, which also gives them in pages.
#[utoipa::path(
    get, path = "/api/ec2", tag = "ec2", params(ScopeParams, Freshness),
    responses(
        (status = 200, description = "The instances, and the fate of each account and region asked", body = Listing<Instance>),
        (status = 400, description = "Bad parameters", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 404, description = "No such account or region here", body = Problem),
    )
)]
pub(in crate::server) async fn list(
    state: State<App>,
    caller: Authenticated,
    scope: Params<ScopeParams>,
    fresh: Params<Freshness>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    list_instances(state, caller, scope, fresh, Paging::Whole, headers).await
}

/// All EC2 instances of the accounts and regions.
#[utoipa::path(
    get, path = "/api/ec2/instances", tag = "ec2", params(ScopeParams, Freshness, PageParams),
    responses(
        (status = 200, description = "The instances, and the fate of each account and region asked", body = ListingPage<Instance>),
        (status = 400, description = "Bad parameters", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 404, description = "No such account or region here", body = Problem),
    )
)]
pub(in crate::server) async fn list_instances(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Params(scope): Params<ScopeParams>,
    Params(Freshness { fresh }): Params<Freshness>,
    paging: Paging,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let listing = app.ops().share_instances(&caller, &scope.scope()?, fresh).await?;
    match paging {
        Paging::Whole => Ok(app.packed().answer("instances", &listing, &headers).await?),
        Paging::Page(cut) => Ok(Json(cut.of(listing.items(), listing.sources().to_vec())).into_response()),
    }
}

/// Finds where an instance is; account and region in the query narrow where to look.
async fn locate(
    app: &App,
    caller: &Authenticated,
    operation: Operation,
    id: &str,
    scope: &ScopeParams,
) -> Result<(Place, InstanceId), Error> {
    let id: InstanceId = id.parse()?;
    let place = app.ops().locate_instance(&caller.0, operation, &scope.scope()?, &id).await?;
    Ok((place, id))
}

/// An instance with what no list tells of it.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::server) struct InstanceAnswer {
    #[serde(flatten)]
    instance: Instance,
    #[serde(flatten)]
    details: InstanceDetails,
}

/// One instance, as AWS sees it now.
#[utoipa::path(
    get, path = "/api/ec2/{instanceId}", tag = "ec2", params(("instanceId" = String, Path, example = "i-0123456789abcdef0"), ScopeParams),
    responses(
        (status = 200, description = "The instance", body = InstanceAnswer),
        (status = 400, description = "Not an instance id", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 404, description = "No such instance", body = Problem),
    )
)]
pub(in crate::server) async fn get(
    State(app): State<App>,
    caller: Authenticated,
    Path(id): Path<String>,
    Params(scope): Params<ScopeParams>,
) -> Answer<InstanceAnswer> {
    let (place, id) = locate(&app, &caller, Operation::GetInstance, &id, &scope).await?;
    let (instance, details) = app.ops().get_instance(&caller.0, &place, &id).await?;
    Ok(Json(InstanceAnswer { instance, details }))
}

async fn change(
    app: &App,
    caller: &Authenticated,
    id: &str,
    scope: &ScopeParams,
    request: impl Into<ActionRequest>,
) -> Answer<StateChange> {
    let request = request.into();
    let operation = request.action.operation();
    // Who may not is told so before anything is looked up.
    app.ops().check_may(&caller.0, operation, id).await?;
    let (place, id) = locate(app, caller, operation, id, scope).await?;
    Ok(Json(app.ops().change_instance(&caller.0, &place, &id, request).await?))
}

macro_rules! simple_action {
    ($(#[$doc:meta])* $name:ident, $path:literal, $action:ident) => {
        $(#[$doc])*
        #[utoipa::path(
            post, path = $path, tag = "ec2", params(("id" = String, Path, example = "i-0123456789abcdef0"), ScopeParams),
            responses(
                (status = 200, description = "The states before and now", body = StateChange),
                (status = 400, description = "Not an instance id", body = Problem),
                (status = 401, description = "Not logged in", body = Problem),
                (status = 403, description = "Your role does not allow it", body = Problem),
                (status = 404, description = "No such instance", body = Problem),
                (status = 409, description = "Its state does not allow it", body = Problem),
                (status = 502, description = "AWS denied it", body = Problem),
            )
        )]
        pub(in crate::server) async fn $name(
            State(app): State<App>,
            caller: Authenticated,
            Path(id): Path<String>,
            Params(scope): Params<ScopeParams>,
        ) -> Answer<StateChange> {
            change(&app, &caller, &id, &scope, InstanceAction::$action).await
        }
    };
}

simple_action!(
    /// Start an instance.
    start, "/api/ec2/start/{id}", Start
);
simple_action!(
    /// Reboot an instance.
    reboot, "/api/ec2/reboot/{id}", Reboot
);

/// Stop an instance. Without a body it is shut down as usual.
#[utoipa::path(
    post, path = "/api/ec2/stop/{id}", tag = "ec2",
    params(("id" = String, Path, example = "i-0123456789abcdef0"), ScopeParams),
    request_body = Option<StopOptions>,
    responses(
        (status = 200, description = "The states before and now", body = StateChange),
        (status = 400, description = "Not an instance id, or a body that is not understood", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 404, description = "No such instance", body = Problem),
        (status = 409, description = "Its state does not allow it, or it cannot hibernate", body = Problem),
        (status = 413, description = "The body is too large", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
    )
)]
pub(in crate::server) async fn stop(
    State(app): State<App>,
    caller: Authenticated,
    Path(id): Path<String>,
    Params(scope): Params<ScopeParams>,
    OptionalBody(stop): OptionalBody<StopOptions>,
) -> Answer<StateChange> {
    let request = ActionRequest { stop, ..InstanceAction::Stop.into() };
    change(&app, &caller, &id, &scope, request).await
}

/// The metrics that CloudWatch has of an instance.
#[utoipa::path(
    get, path = "/api/ec2/{instanceId}/metrics", tag = "metrics",
    params(("instanceId" = String, Path, example = "i-0123456789abcdef0"), ScopeParams),
    responses(
        (status = 200, description = "Names and dimensions", body = Vec<Metric>),
        (status = 400, description = "Not an instance id", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 404, description = "No such instance", body = Problem),
    )
)]
pub(in crate::server) async fn metrics(
    State(app): State<App>,
    caller: Authenticated,
    Path(id): Path<String>,
    Params(scope): Params<ScopeParams>,
) -> Answer<Vec<Metric>> {
    let (place, id) = locate(&app, &caller, Operation::ListMetrics, &id, &scope).await?;
    Ok(Json(app.ops().list_metrics(&caller.0, &place, &id).await?))
}

/// What to read of a metric: a range that ends now, or `from`, `to` and `period`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::server) struct StatsParams {
    /// The metric; `CPUUtilization` when left out.
    #[serde(default = "cpu")]
    metric: String,
    /// Average (when left out), Minimum, Maximum, Sum or SampleCount.
    statistic: Option<String>,
    /// 1h (when left out), 3h, 12h, 1d, 3d, 1w or 2w.
    range: Option<String>,
    /// RFC 3339; together with `to` instead of `range`.
    from: Option<String>,
    /// RFC 3339.
    to: Option<String>,
    /// Seconds in a point.
    period: Option<i32>,
}

fn cpu() -> String {
    "CPUUtilization".to_owned()
}

impl StatsParams {
    fn query(&self) -> Result<StatsQuery, Error> {
        let statistic = self.statistic.as_deref().map_or(Ok(Statistic::default()), str::parse)?;
        let range: TimeRange = self.range.as_deref().map_or(Ok(TimeRange::default()), str::parse)?;
        let mut query = StatsQuery::for_range(&self.metric, statistic, range, Timestamp::now());
        match (&self.from, &self.to) {
            (Some(from), Some(to)) => {
                (query.from, query.to) = (Timestamp::parse(from)?, Timestamp::parse(to)?);
            }
            (None, None) => {}
            _ => return Err(Error::invalid("Give both from and to, or neither.")),
        }
        query.period = self.period.unwrap_or(query.period);
        query.check()?;
        Ok(query)
    }
}

/// Statistics of one metric of an instance.
#[utoipa::path(
    get, path = "/api/ec2/{instanceId}/metrics/stats", tag = "metrics",
    params(("instanceId" = String, Path, example = "i-0123456789abcdef0"), ScopeParams, StatsParams),
    responses(
        (status = 200, description = "The points, oldest first", body = Series),
        (status = 400, description = "Bad parameters", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 404, description = "No such instance", body = Problem),
    )
)]
pub(in crate::server) async fn stats(
    State(app): State<App>,
    caller: Authenticated,
    Path(id): Path<String>,
    Params(scope): Params<ScopeParams>,
    Params(params): Params<StatsParams>,
) -> Answer<Series> {
    let query = params.query()?;
    let (place, id) = locate(&app, &caller, Operation::GetStats, &id, &scope).await?;
    Ok(Json(app.ops().get_stats(&caller.0, &place, &id, &query).await?))
}
