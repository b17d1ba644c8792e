//! The tags of an instance.

use axum::{
    Json,
    extract::{Path, State},
};
use nephoscope_model::{Operation, ec2::Tag};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Answer, locate};
use crate::server::{
    access::Authenticated,
    problem::Problem,
    rest::{Body, Params, ScopeParams},
    state::App,
};

/// All the tags of something.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(in crate::server) struct Tags {
    /// At most 50, not counting those whose keys begin with `aws:`; keys of 1 to 128 characters, each once, and values of up to 256.
    pub(super) tags: Vec<Tag>,
}

/// Give an instance exactly these tags: what is missing is removed, all but what AWS made itself (`aws:…`). Those may be sent back as they
/// are, but neither changed nor added.
#[utoipa::path(
    put, path = "/api/ec2/{instanceId}/tags", tag = "ec2",
    params(("instanceId" = String, Path, example = "i-0123456789abcdef0"), ScopeParams), request_body = Tags,
    responses(
        (status = 200, description = "The tags that it has now, sorted by key", body = Tags),
        (status = 400, description = "Not an instance id, or tags that AWS would not take", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 404, description = "No such instance", body = Problem),
        (status = 413, description = "The body is too large", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
    )
)]
pub(in crate::server) async fn set(
    State(app): State<App>,
    caller: Authenticated,
    Path(id): Path<String>,
    Params(scope): Params<ScopeParams>,
    Body(Tags { tags }): Body<Tags>,
) -> Answer<Tags> {
    let (place, id) = locate(&app, &caller, Operation::SetTags, &id, &scope).await?;
    let tags = app.ops().set_tags(&caller.0, &place, &id.into(), tags, None).await?;
    Ok(Json(Tags { tags }))
}
