//! One action for many instances, and one change of the tags of many things.

use axum::{Json, extract::State};
use nephoscope_model::ec2::{BulkAction, BulkResult, InstanceId, ResourceId, Tag, TagChanges, TagResult};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Answer;
use crate::server::{
    access::Authenticated,
    problem::Problem,
    rest::{Body, Params, ScopeParams},
    state::App,
};

/// What to do, and to which instances.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::server) struct BulkRequest {
    /// What to do.
    action: BulkAction,
    /// At most 100; one that is named twice counts once.
    #[schema(min_items = 1, max_items = 100, example = json!(["i-0123456789abcdef0"]))]
    ids: Vec<String>,
    /// To terminate several, how many they are, such as `terminate 3 instances`; to terminate one, its name, or its id when it has none.
    #[serde(default)]
    #[schema(example = "terminate 3 instances")]
    confirmation: Option<String>,
}

/// What became of each.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::server) struct BulkAnswer {
    /// In the order in which the instances were named.
    results: Vec<BulkResult>,
}

/// Start, stop, reboot or terminate many instances. Each is done for itself, and what fails for one keeps no other from being done: look at
/// each result. Terminating waits as long as the server is set to, and can be undone for each until then.
#[utoipa::path(
    post, path = "/api/ec2/actions", tag = "ec2", params(ScopeParams), request_body = BulkRequest,
    responses(
        (status = 200, description = "What became of each: `change`, `termination` or `error`", body = BulkAnswer),
        (status = 400, description = "No instance is named, or more than 100, or not by ids", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it anywhere", body = Problem),
        (status = 404, description = "No such account or region here", body = Problem),
        (status = 413, description = "The body is too large", body = Problem),
        (status = 428, description = "Terminating several must be confirmed by how many they are", body = Problem),
    )
)]
pub(in crate::server) async fn change(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Params(scope): Params<ScopeParams>,
    Body(BulkRequest { action, ids, confirmation }): Body<BulkRequest>,
) -> Answer<BulkAnswer> {
    let ids = ids.iter().map(|id| id.parse::<InstanceId>()).collect::<Result<Vec<_>, _>>()?;
    let results =
        app.ops().find_and_change_instances(&caller, &scope.scope()?, ids, action, confirmation).await?;
    Ok(Json(BulkAnswer { results }))
}

/// Which tags to change, and of what.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct TagRequest {
    /// Instances, volumes, snapshots, elastic addresses and security groups, at most 100; one that is named twice counts once.
    #[schema(min_items = 1, max_items = 100, example = json!(["i-0123456789abcdef0", "vol-0123456789abcdef0"]))]
    ids: Vec<String>,
    /// Tags that all of them get; one that is there already gets this value.
    #[serde(default)]
    set: Vec<Tag>,
    /// Keys of tags that all of them lose. Who does not have one keeps all the others.
    #[serde(default)]
    #[schema(example = json!(["Temporary"]))]
    remove: Vec<String>,
}

/// What became of each.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::server) struct TagAnswer {
    /// In the order in which they were named.
    results: Vec<TagResult>,
}

/// Set and remove the same tags of many things of EC2; their other tags stay. Each is done for itself, and what fails for one keeps no
/// other from being done: look at each result.
#[utoipa::path(
    post, path = "/api/ec2/tags", tag = "ec2", params(ScopeParams), request_body = TagRequest,
    responses(
        (status = 200, description = "What became of each: `tags` or `error`", body = TagAnswer),
        (status = 400, description = "Nothing is named, or more than 100, or not by ids; or tags that AWS would not take", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it anywhere", body = Problem),
        (status = 404, description = "No such account or region here", body = Problem),
        (status = 413, description = "The body is too large", body = Problem),
    )
)]
pub(in crate::server) async fn change_tags(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Params(scope): Params<ScopeParams>,
    Body(TagRequest { ids, set, remove }): Body<TagRequest>,
) -> Answer<TagAnswer> {
    let ids = ids.iter().map(|id| id.parse::<ResourceId>()).collect::<Result<Vec<_>, _>>()?;
    let changes = TagChanges { set, remove };
    let results = app.ops().find_and_change_tags(&caller, &scope.scope()?, ids, changes).await?;
    Ok(Json(TagAnswer { results }))
}
