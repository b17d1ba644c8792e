//! Versions and aliases of a function.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use nephoscope_model::{
    Operation,
    lambda::{
        Alias, AliasChange, AliasName, AliasWish, Published, RollbackExpectation, RolledBack, Version,
        VersionId,
    },
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{Answer, change::Confirmation, locate};
use crate::server::{
    access::Authenticated,
    problem::{ApiError, Problem},
    rest::{Body, Params, ScopeParams},
    state::App,
};

/// The versions of a function: `$LATEST`, and then from the newest on.
#[utoipa::path(
    get, path = "/api/lambda/{name}/versions", tag = "lambda",
    params(("name" = String, Path, example = "order-processor"), ScopeParams),
    responses(
        (status = 200, description = "The versions", body = Vec<Version>),
        (status = 400, description = "Bad parameters, or several accounts or regions have a function of that name", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 404, description = "No such function", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
        (status = 503, description = "AWS is throttling or cannot be reached", body = Problem),
    )
)]
pub(in crate::server) async fn list(
    State(app): State<App>,
    caller: Authenticated,
    Path(name): Path<String>,
    Params(scope): Params<ScopeParams>,
) -> Answer<Vec<Version>> {
    let (place, name) = locate(&app, &caller, Operation::ListFunctionVersions, &name, &scope).await?;
    Ok(Json(app.ops().list_function_versions(&caller.0, &place, &name).await?))
}

/// What is said of a version.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::server) struct PublishBody {
    /// What is new in it: up to 256 characters.
    description: Option<String>,
}

/// Publish what a function is now as a version, and wait (up to a minute and a half) until it can be invoked. When nothing changed since the
/// last version, it is that one.
#[utoipa::path(
    post, path = "/api/lambda/{name}/versions", tag = "lambda",
    params(("name" = String, Path, example = "order-processor"), ScopeParams),
    request_body = PublishBody,
    responses(
        (status = 201, description = "The version", body = Published),
        (status = 400, description = "Bad parameters, or several accounts or regions have a function of that name", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 404, description = "No such function", body = Problem),
        (status = 409, description = "It is being changed", body = Problem),
        (status = 413, description = "The body is too large", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
        (status = 503, description = "AWS is throttling or cannot be reached", body = Problem),
    )
)]
pub(in crate::server) async fn publish(
    State(app): State<App>,
    caller: Authenticated,
    Path(name): Path<String>,
    Params(scope): Params<ScopeParams>,
    Body(PublishBody { description }): Body<PublishBody>,
) -> Result<(StatusCode, Json<Published>), ApiError> {
    let (place, name) = locate(&app, &caller, Operation::PublishVersion, &name, &scope).await?;
    let published = app.ops().publish_version(&caller.0, &place, &name, description).await?;
    Ok((StatusCode::CREATED, Json(published)))
}

/// The aliases of a function, by name.
#[utoipa::path(
    get, path = "/api/lambda/{name}/aliases", tag = "lambda",
    params(("name" = String, Path, example = "order-processor"), ScopeParams),
    responses(
        (status = 200, description = "The aliases", body = Vec<Alias>),
        (status = 400, description = "Bad parameters, or several accounts or regions have a function of that name", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 404, description = "No such function", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
        (status = 503, description = "AWS is throttling or cannot be reached", body = Problem),
    )
)]
pub(in crate::server) async fn aliases(
    State(app): State<App>,
    caller: Authenticated,
    Path(name): Path<String>,
    Params(scope): Params<ScopeParams>,
) -> Answer<Vec<Alias>> {
    let (place, name) = locate(&app, &caller, Operation::ListAliases, &name, &scope).await?;
    Ok(Json(app.ops().list_aliases(&caller.0, &place, &name).await?))
}

/// Create an alias, or move it to another version. Weights that are not named are taken away.
#[utoipa::path(
    put, path = "/api/lambda/{name}/aliases/{alias}", tag = "lambda",
    params(("name" = String, Path, example = "order-processor"), ("alias" = String, Path, example = "live"), ScopeParams),
    request_body = AliasWish,
    responses(
        (status = 200, description = "The alias was moved", body = AliasChange),
        (status = 201, description = "The alias was created", body = AliasChange),
        (status = 400, description = "Bad parameters, or several accounts or regions have a function of that name", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 404, description = "No such function or version", body = Problem),
        (status = 409, description = "Somebody else changed it at the same time", body = Problem),
        (status = 413, description = "The body is too large", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
        (status = 503, description = "AWS is throttling or cannot be reached", body = Problem),
    )
)]
pub(in crate::server) async fn set_alias(
    State(app): State<App>,
    caller: Authenticated,
    Path((name, alias)): Path<(String, String)>,
    Params(scope): Params<ScopeParams>,
    Body(wanted): Body<AliasWish>,
) -> Result<(StatusCode, Json<AliasChange>), ApiError> {
    let alias: AliasName = alias.parse()?;
    let (place, name) = locate(&app, &caller, Operation::SetAlias, &name, &scope).await?;
    let change = app.ops().set_alias(&caller.0, &place, &name, &alias, wanted).await?;
    let status = if change.before.is_some() { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(change)))
}

/// Delete an alias. Whoever invokes the function by it fails then.
#[utoipa::path(
    delete, path = "/api/lambda/{name}/aliases/{alias}", tag = "lambda",
    params(("name" = String, Path, example = "order-processor"), ("alias" = String, Path, example = "live"), Confirmation, ScopeParams),
    responses(
        (status = 204, description = "It is gone"),
        (status = 400, description = "Bad parameters, or several accounts or regions have a function of that name", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 404, description = "No such function or alias", body = Problem),
        (status = 409, description = "It is being changed", body = Problem),
        (status = 428, description = "The confirmation is missing or wrong", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
        (status = 503, description = "AWS is throttling or cannot be reached", body = Problem),
    )
)]
pub(in crate::server) async fn delete_alias(
    State(app): State<App>,
    caller: Authenticated,
    Path((name, alias)): Path<(String, String)>,
    Params(scope): Params<ScopeParams>,
    Params(Confirmation { confirm }): Params<Confirmation>,
) -> Result<StatusCode, ApiError> {
    let alias: AliasName = alias.parse()?;
    let (place, name) = locate(&app, &caller, Operation::DeleteAlias, &name, &scope).await?;
    app.ops().delete_alias(&caller.0, &place, &name, &alias, confirm.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// From which version to which an alias is rolled back.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(in crate::server) struct Expectation {
    /// The version that the alias is thought to stand for: if it stands for another one, nothing is done.
    #[param(example = "7")]
    from: Option<String>,
    /// The version that it is thought to stand for afterwards, alone: if it would be another one, nothing is done.
    #[param(example = "6")]
    to: Option<String>,
}

/// Roll back an alias. While a newer version gets a part of its invocations, that part is taken away, and the alias goes on standing for
/// the same version, alone. Otherwise it is moved to the newest version that is older than the one it stands for, and weights are taken away.
#[utoipa::path(
    post, path = "/api/lambda/{name}/aliases/{alias}/rollback", tag = "lambda",
    params(("name" = String, Path, example = "order-processor"), ("alias" = String, Path, example = "live"), Expectation, ScopeParams),
    responses(
        (status = 200, description = "The versions before and now", body = RolledBack),
        (status = 400, description = "Bad parameters, or several accounts or regions have a function of that name", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 404, description = "No such function or alias", body = Problem),
        (status = 409, description = "There is no version before, the versions are others than was thought, or somebody else changed it at the same time", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
        (status = 503, description = "AWS is throttling or cannot be reached", body = Problem),
    )
)]
pub(in crate::server) async fn roll_back(
    State(app): State<App>,
    caller: Authenticated,
    Path((name, alias)): Path<(String, String)>,
    Params(scope): Params<ScopeParams>,
    Params(Expectation { from, to }): Params<Expectation>,
) -> Answer<RolledBack> {
    let alias: AliasName = alias.parse()?;
    let version = |text: Option<String>| text.as_deref().map(str::parse::<VersionId>).transpose();
    let expected = RollbackExpectation { from: version(from)?, to: version(to)? };
    let (place, name) = locate(&app, &caller, Operation::RollBackAlias, &name, &scope).await?;
    Ok(Json(app.ops().roll_back_alias(&caller.0, &place, &name, &alias, expected).await?))
}
