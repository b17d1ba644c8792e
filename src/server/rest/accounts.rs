//! AWS accounts: who is looked at, how each is entered, and whether that works.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use nephoscope_model::{
    AccountId,
    account::{AccountDetails, AccountInput, ConnectionReport, Discovery},
};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Body, Params};
use crate::server::{
    access::Authenticated,
    problem::{ApiError, Problem},
    state::App,
};

/// The AWS accounts and regions that are looked at. Administrators also see how each is entered; secrets are never shown.
#[utoipa::path(
    get, path = "/api/accounts", tag = "accounts",
    responses(
        (status = 200, description = "The accounts: those of the configuration file, then those that were added", body = Vec<AccountDetails>),
        (status = 401, description = "Not logged in", body = Problem),
    )
)]
pub(in crate::server) async fn list(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
) -> Result<Json<Vec<AccountDetails>>, ApiError> {
    Ok(Json(app.ops().list_accounts(&caller).await?))
}

/// Add an account. AWS is asked first whom the credentials belong to, unless `unchecked` is set.
#[utoipa::path(
    post, path = "/api/accounts", tag = "accounts", request_body = AccountInput<String>,
    responses(
        (status = 201, description = "It is added; the list as it is now", body = Vec<AccountDetails>),
        (status = 400, description = "Something is missing or makes no sense", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Only administrators may", body = Problem),
        (status = 409, description = "There is one of its id, or the credentials belong to another account", body = Problem),
        (status = 502, description = "AWS did not take the credentials", body = Problem),
    )
)]
pub(in crate::server) async fn add(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Body(input): Body<AccountInput<SecretString>>,
) -> Result<(StatusCode, Json<Vec<AccountDetails>>), ApiError> {
    app.ops().add_account(&caller, input).await?;
    Ok((StatusCode::CREATED, Json(app.ops().list_accounts(&caller).await?)))
}

/// Change an account that was added. With `keepSecret` the secret stays, since it is never shown.
#[utoipa::path(
    put, path = "/api/accounts/{id}", tag = "accounts", request_body = AccountInput<String>,
    params(("id" = String, Path, example = "444444444444")),
    responses(
        (status = 204, description = "It is changed"),
        (status = 400, description = "Something is missing or makes no sense", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Only administrators may", body = Problem),
        (status = 404, description = "No such account was added", body = Problem),
        (status = 409, description = "It is from the configuration file, or the credentials belong to another account", body = Problem),
    )
)]
pub(in crate::server) async fn edit(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    Body(input): Body<AccountInput<SecretString>>,
) -> Result<StatusCode, ApiError> {
    let id: AccountId = id.parse()?;
    if input.id != id {
        return Err(
            nephoscope_model::Error::invalid("The id in the path and the one in the body differ.").into()
        );
    }
    app.ops().edit_account(&caller, input).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is typed to confirm.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(in crate::server) struct Confirmation {
    /// The account's name.
    confirm: Option<String>,
}

/// Remove an account that was added.
#[utoipa::path(
    delete, path = "/api/accounts/{id}", tag = "accounts",
    params(("id" = String, Path, example = "444444444444"), Confirmation),
    responses(
        (status = 204, description = "It is removed"),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Only administrators may", body = Problem),
        (status = 404, description = "No such account was added", body = Problem),
        (status = 409, description = "It is from the configuration file, or another account is entered from it", body = Problem),
        (status = 428, description = "Its name must be given in `confirm`", body = Problem),
    )
)]
pub(in crate::server) async fn remove(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    Params(confirmation): Params<Confirmation>,
) -> Result<StatusCode, ApiError> {
    app.ops().remove_account(&caller, &id.parse()?, confirmation.confirm.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Try whether an account can be entered, and which actions its credentials lack. Nothing is changed in AWS.
#[utoipa::path(
    post, path = "/api/accounts/{id}/test", tag = "accounts",
    params(("id" = String, Path, example = "444444444444")),
    responses(
        (status = 200, description = "Whom AWS takes us for, and what that one may do", body = ConnectionReport),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Only administrators may", body = Problem),
        (status = 404, description = "No such account", body = Problem),
        (status = 409, description = "The credentials belong to another account", body = Problem),
        (status = 502, description = "AWS did not take the credentials", body = Problem),
    )
)]
pub(in crate::server) async fn test(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
) -> Result<Json<ConnectionReport>, ApiError> {
    Ok(Json(app.ops().test_account(&caller, &id.parse()?).await?))
}

/// Where to ask from.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(in crate::server) struct From {
    /// The account to ask from: the organization's management account, or a delegated administrator. The first one when left out.
    from: Option<String>,
}

/// Look for accounts of the organization, and for regions that are enabled.
#[utoipa::path(
    post, path = "/api/accounts/discover", tag = "accounts", params(From),
    responses(
        (status = 200, description = "What there is; what could not be asked says why", body = Discovery),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Only administrators may", body = Problem),
        (status = 404, description = "No such account", body = Problem),
    )
)]
pub(in crate::server) async fn discover(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Params(query): Params<From>,
) -> Result<Json<Discovery>, ApiError> {
    let from: Option<AccountId> = query.from.as_deref().map(str::parse).transpose()?;
    Ok(Json(app.ops().discover_accounts(&caller, from.as_ref()).await?))
}
