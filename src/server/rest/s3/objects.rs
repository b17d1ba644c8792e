//! Lists of objects: a level of them, those whose keys contain something, and how many there are.

use axum::{
    Json,
    extract::{Path, State},
};
use nephoscope_model::{
    Error, Operation,
    s3::{FoundObjects, ObjectPage, PrefixCount},
};
use nephoscope_ops::PAGE_OBJECTS;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Answer, locate};
use crate::server::{
    access::Authenticated,
    problem::Problem,
    rest::{Params, ScopeParams},
    state::App,
};

/// How long a page shall be.
pub(super) fn page_limit(limit: Option<u16>) -> Result<u16, Error> {
    let limit = limit.unwrap_or(PAGE_OBJECTS);
    if (1..=1_000).contains(&limit) {
        Ok(limit)
    } else {
        Err(Error::invalid("A page has 1 to 1,000 objects."))
    }
}

/// Which objects.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(in crate::server) struct ObjectsParams {
    /// What the keys begin with; folders end with `/`.
    pub(super) prefix: String,
    /// `next` of the page before.
    pub(super) after: Option<String>,
    /// How many folders and objects, 1 to 1,000; 200 when left out.
    #[param(minimum = 1, maximum = 1000)]
    pub(super) limit: Option<u16>,
    /// Ask AWS now instead of taking what was known a moment ago.
    fresh: bool,
}

/// A page of the folders and objects one level below a prefix.
#[utoipa::path(
    get, path = "/api/s3/{name}/objects", tag = "s3",
    params(("name" = String, Path, example = "my-logs"), ScopeParams, ObjectsParams),
    responses(
        (status = 200, description = "The page", body = ObjectPage),
        (status = 400, description = "Bad parameters", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 404, description = "No such bucket", body = Problem),
    )
)]
pub(in crate::server) async fn objects(
    State(app): State<App>,
    caller: Authenticated,
    Path(name): Path<String>,
    Params(scope): Params<ScopeParams>,
    Params(params): Params<ObjectsParams>,
) -> Answer<ObjectPage> {
    let limit = page_limit(params.limit)?;
    let bucket = locate(&app, &caller, Operation::ListObjects, &scope, &name).await?;
    let page = app.ops().list_objects(
        &caller.0,
        &bucket,
        &params.prefix,
        params.after.as_deref(),
        limit,
        params.fresh,
    );
    Ok(Json(page.await?))
}

/// What to look for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(in crate::server) struct SearchParams {
    /// What the keys begin with; left out, all of the bucket is looked through.
    prefix: String,
    /// Words that must all be found in the key, in upper or lower case; `size:>10MB`, `modified:2026-11`, `class:glacier` and `etag:` look
    /// elsewhere, `-word` must not be found. What stands in quotes is in the key as it is.
    #[param(required, example = "app size:>1MB")]
    q: String,
    /// `next` of the answer before.
    after: Option<String>,
}

/// Objects anywhere below a prefix that a filter lets pass. S3 has no index, so that the list is read: 20,000 objects at most for one
/// request, or until 200 are found. `next` goes on from there.
#[utoipa::path(
    get, path = "/api/s3/{name}/search", tag = "s3",
    params(("name" = String, Path, example = "my-logs"), ScopeParams, SearchParams),
    responses(
        (status = 200, description = "What was found, and how far was looked", body = FoundObjects),
        (status = 400, description = "Bad parameters", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 404, description = "No such bucket", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
    )
)]
pub(in crate::server) async fn search(
    State(app): State<App>,
    caller: Authenticated,
    Path(name): Path<String>,
    Params(scope): Params<ScopeParams>,
    Params(SearchParams { prefix, q, after }): Params<SearchParams>,
) -> Answer<FoundObjects> {
    let bucket = locate(&app, &caller, Operation::SearchObjects, &scope, &name).await?;
    Ok(Json(app.ops().search_objects(&caller.0, &bucket, &prefix, &q, after.as_deref()).await?))
}

/// What to count.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(in crate::server) struct CountParams {
    /// What the keys begin with.
    prefix: String,
}

/// How many objects are anywhere below a prefix, and how large they are together. Of more than 10,000, only those are counted.
#[utoipa::path(
    get, path = "/api/s3/{name}/count", tag = "s3",
    params(("name" = String, Path, example = "my-logs"), ScopeParams, CountParams),
    responses(
        (status = 200, description = "The number and the size", body = PrefixCount),
        (status = 400, description = "Bad parameters", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 404, description = "No such bucket", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
    )
)]
pub(in crate::server) async fn count(
    State(app): State<App>,
    caller: Authenticated,
    Path(name): Path<String>,
    Params(scope): Params<ScopeParams>,
    Params(CountParams { prefix }): Params<CountParams>,
) -> Answer<PrefixCount> {
    let bucket = locate(&app, &caller, Operation::ListObjects, &scope, &name).await?;
    Ok(Json(app.ops().count_objects(&caller.0, &bucket, &prefix).await?))
}
