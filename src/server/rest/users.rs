//! People, for administrators.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use nephoscope_model::{
    AccountId, Error,
    identity::{EmailAddress, PasswordLink, Role, User, UserName},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{Body, Params};
use crate::server::{
    access::Authenticated,
    problem::{ApiError, Problem},
    state::App,
};

type Answer<T> = Result<Json<T>, ApiError>;

fn name_of(text: &str) -> Result<UserName, Error> {
    text.parse()
}

fn email_of(text: Option<&str>) -> Result<Option<EmailAddress>, Error> {
    text.map(EmailAddress::typed).transpose()
}

/// Everybody who may log in.
#[utoipa::path(
    get, path = "/api/users", tag = "people",
    responses(
        (status = 200, description = "By name", body = Vec<User>),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Not an administrator", body = Problem),
    )
)]
pub(in crate::server) async fn list(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
) -> Answer<Vec<User>> {
    Ok(Json(app.ops().list_users(&caller).await?))
}

/// Whom to approve.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::server) struct Invitation {
    /// The name to log in with.
    #[schema(value_type = String, example = "ada")]
    name: UserName,
    /// The address by which an identity provider may log them in.
    #[schema(format = Email, example = "ada@example.com")]
    email: Option<String>,
    /// What they may do.
    role: Role,
}

/// Approve a person, who sets a password by the link in the answer. The link works once, for three days.
#[utoipa::path(
    post, path = "/api/users", tag = "people", request_body = Invitation,
    responses(
        (status = 201, description = "The link, shown this once", body = PasswordLink),
        (status = 400, description = "The body is not understood", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Not an administrator", body = Problem),
        (status = 409, description = "The name or the address is taken", body = Problem),
    )
)]
pub(in crate::server) async fn invite(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Body(invitation): Body<Invitation>,
) -> Result<(StatusCode, Json<PasswordLink>), ApiError> {
    let email = email_of(invitation.email.as_deref())?;
    let link = app.ops().invite_user(&caller, &invitation.name, email.as_ref(), invitation.role).await?;
    Ok((StatusCode::CREATED, Json(link)))
}

/// One person.
#[utoipa::path(
    get, path = "/api/users/{name}", tag = "people", params(("name" = String, Path, example = "ada")),
    responses(
        (status = 200, description = "The person", body = User),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Not an administrator", body = Problem),
        (status = 404, description = "No such user", body = Problem),
    )
)]
pub(in crate::server) async fn get(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Path(name): Path<String>,
) -> Answer<User> {
    Ok(Json(app.ops().get_user(&caller, &name_of(&name)?).await?))
}

/// What to change of a person; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct UserChange {
    /// Another role.
    role: Option<Role>,
    /// Whether they may no longer log in.
    disabled: Option<bool>,
}

/// Change a person's role, or disable or enable them. Nobody takes their own rights away, and one administrator stays.
#[utoipa::path(
    patch, path = "/api/users/{name}", tag = "people", params(("name" = String, Path, example = "ada")),
    request_body = UserChange,
    responses(
        (status = 200, description = "The person as they are now", body = User),
        (status = 400, description = "The body is not understood", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Not an administrator", body = Problem),
        (status = 404, description = "No such user", body = Problem),
        (status = 409, description = "It would leave no administrator, or is about oneself", body = Problem),
    )
)]
pub(in crate::server) async fn change(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Path(name): Path<String>,
    Body(change): Body<UserChange>,
) -> Answer<User> {
    let name = name_of(&name)?;
    if let Some(role) = change.role {
        app.ops().set_role(&caller, &name, role).await?;
    }
    if let Some(disabled) = change.disabled {
        app.ops().set_disabled(&caller, &name, disabled).await?;
    }
    Ok(Json(app.ops().get_user(&caller, &name).await?))
}

/// The confirmation that somebody should be removed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(in crate::server) struct Confirmation {
    /// The person's name.
    confirm: String,
}

/// Remove a person. The activity keeps what they did.
#[utoipa::path(
    delete, path = "/api/users/{name}", tag = "people",
    params(("name" = String, Path, example = "ada"), Confirmation),
    responses(
        (status = 204, description = "The person is removed"),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Not an administrator", body = Problem),
        (status = 404, description = "No such user", body = Problem),
        (status = 409, description = "It would leave no administrator, or is about oneself", body = Problem),
        (status = 428, description = "The confirmation is missing or wrong", body = Problem),
    )
)]
pub(in crate::server) async fn remove(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Path(name): Path<String>,
    Params(Confirmation { confirm }): Params<Confirmation>,
) -> Result<StatusCode, ApiError> {
    app.ops().remove_user(&caller, &name_of(&name)?, &confirm).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// An address, or none.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct EmailBody {
    /// The address by which an identity provider may log them in; null takes it away.
    // Whoever leaves it out has not said that it should go.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(format = Email, example = "ada@example.com", required = true)]
    email: Option<String>,
}

/// Give a person another e-mail address, or none. An identity provider that vouches for it may log them in; the log-in that the address was
/// first used with is forgotten.
#[utoipa::path(
    put, path = "/api/users/{name}/email", tag = "people", params(("name" = String, Path, example = "ada")),
    request_body = EmailBody,
    responses(
        (status = 200, description = "The person as they are now", body = User),
        (status = 400, description = "Not an address", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Not an administrator", body = Problem),
        (status = 404, description = "No such user", body = Problem),
        (status = 409, description = "Somebody else has the address", body = Problem),
    )
)]
pub(in crate::server) async fn set_email(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Path(name): Path<String>,
    Body(body): Body<EmailBody>,
) -> Answer<User> {
    let email = email_of(body.email.as_deref())?;
    Ok(Json(app.ops().set_email(&caller, &name_of(&name)?, email.as_ref()).await?))
}

/// A role in one account.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::server) struct GrantBody {
    /// viewer or operator.
    role: Role,
}

/// Grant a person a role in one account, in place of the one they have elsewhere.
#[utoipa::path(
    put, path = "/api/users/{name}/grants/{account}", tag = "people",
    params(("name" = String, Path, example = "ada"), ("account" = String, Path, example = "111111111111")),
    request_body = GrantBody,
    responses(
        (status = 200, description = "The person as they are now", body = User),
        (status = 400, description = "Not an account id, or a role that is of no account", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Not an administrator", body = Problem),
        (status = 404, description = "No such user", body = Problem),
    )
)]
pub(in crate::server) async fn grant(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Path((name, account)): Path<(String, String)>,
    Body(grant): Body<GrantBody>,
) -> Answer<User> {
    let account: AccountId = account.parse()?;
    Ok(Json(app.ops().set_grant(&caller, &name_of(&name)?, &account, Some(grant.role)).await?))
}

/// Take a grant back: in that account the person may do what they may elsewhere.
#[utoipa::path(
    delete, path = "/api/users/{name}/grants/{account}", tag = "people",
    params(("name" = String, Path, example = "ada"), ("account" = String, Path, example = "111111111111")),
    responses(
        (status = 200, description = "The person as they are now", body = User),
        (status = 400, description = "Not an account id", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Not an administrator", body = Problem),
        (status = 404, description = "No such user", body = Problem),
    )
)]
pub(in crate::server) async fn revoke(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Path((name, account)): Path<(String, String)>,
) -> Answer<User> {
    let account: AccountId = account.parse()?;
    Ok(Json(app.ops().set_grant(&caller, &name_of(&name)?, &account, None).await?))
}

/// Take a person's second factor away, for when the device is lost.
#[utoipa::path(
    delete, path = "/api/users/{name}/second-factor", tag = "people",
    params(("name" = String, Path, example = "ada")),
    responses(
        (status = 204, description = "It is gone"),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Not an administrator", body = Problem),
        (status = 404, description = "No such user", body = Problem),
    )
)]
pub(in crate::server) async fn reset_factor(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Path(name): Path<String>,
) -> Result<StatusCode, ApiError> {
    app.ops().reset_second_factor(&caller, &name_of(&name)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take a person's password away and end their sessions; they set a new one by the link in the answer.
#[utoipa::path(
    post, path = "/api/users/{name}/reset", tag = "people", params(("name" = String, Path, example = "ada")),
    responses(
        (status = 200, description = "The link, shown this once", body = PasswordLink),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Not an administrator", body = Problem),
        (status = 404, description = "No such user", body = Problem),
        (status = 409, description = "It is about oneself", body = Problem),
    )
)]
pub(in crate::server) async fn reset(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Path(name): Path<String>,
) -> Answer<PasswordLink> {
    Ok(Json(app.ops().reset_password(&caller, &name_of(&name)?).await?))
}
