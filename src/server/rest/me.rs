//! What is one's own: sessions, the password, tokens for programs.

use axum::{
    Json,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use axum_extra::extract::cookie::CookieJar;
use nephoscope_model::identity::{ApiToken, FactorSetup, Me, NewApiToken, RecoveryCodes, Role, SessionInfo};
use nephoscope_ops::NewTokenRequest;
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use super::Body;
use crate::server::{
    access::Authenticated,
    cookies,
    problem::{ApiError, Problem},
    session::Tokens,
    state::App,
    visitor::Knock,
};

type Answer<T> = Result<Json<T>, ApiError>;

/// Who is calling, with sessions and tokens.
#[utoipa::path(
    get, path = "/api/me", tag = "me",
    responses(
        (status = 200, description = "The caller", body = Me),
        (status = 401, description = "Not logged in", body = Problem),
    )
)]
pub(in crate::server) async fn get(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
) -> Answer<Me> {
    Ok(Json(app.ops().get_me(&caller).await?))
}

/// The caller's sessions, the newest first.
#[utoipa::path(
    get, path = "/api/me/sessions", tag = "me",
    responses(
        (status = 200, description = "The sessions", body = Vec<SessionInfo>),
        (status = 401, description = "Not logged in", body = Problem),
    )
)]
pub(in crate::server) async fn sessions(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
) -> Answer<Vec<SessionInfo>> {
    Ok(Json(app.ops().get_me(&caller).await?.sessions))
}

/// End one of the caller's sessions.
#[utoipa::path(
    delete, path = "/api/me/sessions/{id}", tag = "me", params(("id" = String, Path)),
    responses(
        (status = 204, description = "The session has ended"),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "A token for a program cannot do this", body = Problem),
        (status = 404, description = "No such session", body = Problem),
    )
)]
pub(in crate::server) async fn end_session(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    app.ops().end_session(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Log out everywhere: ends every session of the caller, this one included.
#[utoipa::path(
    delete, path = "/api/me/sessions", tag = "me",
    responses(
        (status = 204, description = "All sessions have ended"),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "A token for a program cannot do this", body = Problem),
    )
)]
pub(in crate::server) async fn end_all_sessions(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    jar: CookieJar,
) -> Result<Response, ApiError> {
    app.ops().end_all_sessions(&caller).await?;
    Ok((cookies::clear(jar, app.secure_cookies()), StatusCode::NO_CONTENT).into_response())
}

/// The present password and the new one.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::server) struct NewPassword {
    /// The present password.
    #[schema(value_type = String, format = Password)]
    present: SecretString,
    /// The new one.
    #[schema(value_type = String, format = Password)]
    new: SecretString,
}

/// Change the caller's password. All sessions end; the answer holds a new one.
#[utoipa::path(
    post, path = "/api/me/password", tag = "me", request_body = NewPassword,
    responses(
        (status = 200, description = "The tokens of a new session", body = Tokens),
        (status = 400, description = "The present password is wrong, or the new one is weak", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "A token for a program cannot do this", body = Problem),
        (status = 429, description = "Too many attempts", body = Problem),
    )
)]
pub(in crate::server) async fn change_password(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Knock(visitor): Knock,
    jar: CookieJar,
    Body(passwords): Body<NewPassword>,
) -> Result<Response, ApiError> {
    let session = app.ops().change_password(&caller, &passwords.present, &passwords.new, &visitor).await?;
    let jar = cookies::set(jar, &session, app.secure_cookies());
    Ok((jar, [(header::CACHE_CONTROL, "no-store")], Json(Tokens::from(&session))).into_response())
}

/// Begin a second factor: gives the secret of a device. It counts when its first code was given back.
#[utoipa::path(
    post, path = "/api/me/second-factor", tag = "me",
    responses(
        (status = 200, description = "The secret, shown this once", body = FactorSetup),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "A token for a program cannot do this", body = Problem),
        (status = 409, description = "There is one already", body = Problem),
    )
)]
pub(in crate::server) async fn begin_factor(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
) -> Answer<FactorSetup> {
    Ok(Json(app.ops().begin_second_factor(&caller).await?))
}

/// The first code of a device.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::server) struct FirstCode {
    /// The `pending` of the beginning.
    pending: String,
    /// The code that the device shows.
    #[schema(example = "123456")]
    code: String,
}

/// Use a second factor from now on. Gives recovery codes, each of which works once in the place of a code.
#[utoipa::path(
    put, path = "/api/me/second-factor", tag = "me", request_body = FirstCode,
    responses(
        (status = 200, description = "The recovery codes, shown this once", body = RecoveryCodes),
        (status = 400, description = "The code is wrong, or it was begun too long ago", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "A token for a program cannot do this", body = Problem),
        (status = 409, description = "There is one already", body = Problem),
        (status = 429, description = "Too many codes", body = Problem),
    )
)]
pub(in crate::server) async fn confirm_factor(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Body(first): Body<FirstCode>,
) -> Answer<RecoveryCodes> {
    Ok(Json(app.ops().confirm_second_factor(&caller, &first.pending, &first.code).await?))
}

/// The present password.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::server) struct PresentPassword {
    /// The present password.
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

/// Go on without a second factor.
#[utoipa::path(
    post, path = "/api/me/second-factor/remove", tag = "me", request_body = PresentPassword,
    responses(
        (status = 204, description = "It is gone"),
        (status = 400, description = "The password is wrong", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "A token for a program cannot do this", body = Problem),
        (status = 429, description = "Too many attempts", body = Problem),
    )
)]
pub(in crate::server) async fn remove_factor(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Knock(visitor): Knock,
    Body(present): Body<PresentPassword>,
) -> Result<StatusCode, ApiError> {
    app.ops().remove_second_factor(&caller, &present.password, &visitor).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The caller's tokens for programs, the newest first. The tokens themselves are not kept.
#[utoipa::path(
    get, path = "/api/me/tokens", tag = "me",
    responses(
        (status = 200, description = "The tokens", body = Vec<ApiToken>),
        (status = 401, description = "Not logged in", body = Problem),
    )
)]
pub(in crate::server) async fn tokens(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
) -> Answer<Vec<ApiToken>> {
    Ok(Json(app.ops().get_me(&caller).await?.tokens))
}

/// A token for a program.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::server) struct TokenBody {
    /// What you call it.
    #[schema(example = "nightly report")]
    name: String,
    /// The most that it may do; at most what you may.
    role: Role,
    /// Whether it changes nothing at all.
    #[serde(default)]
    read_only: bool,
    /// How many days it lasts, 1 to 366.
    #[schema(example = 90)]
    days: u32,
}

/// Make a token for a program. Send it as `Authorization: Bearer nph_…`, also to the WebSocket.
#[utoipa::path(
    post, path = "/api/me/tokens", tag = "me", request_body = TokenBody,
    responses(
        (status = 201, description = "The token, shown this once", body = NewApiToken),
        (status = 400, description = "The body is not understood", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "It would do more than you may, or a token asks for another", body = Problem),
        (status = 409, description = "There are too many", body = Problem),
    )
)]
pub(in crate::server) async fn add_token(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Body(token): Body<TokenBody>,
) -> Result<(StatusCode, Json<NewApiToken>), ApiError> {
    let TokenBody { name, role, read_only, days } = token;
    let made = app.ops().add_api_token(&caller, NewTokenRequest { name, role, read_only, days }).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Remove one of the caller's tokens. What uses it is refused from now on.
#[utoipa::path(
    delete, path = "/api/me/tokens/{id}", tag = "me", params(("id" = String, Path)),
    responses(
        (status = 204, description = "The token is removed"),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "A token for a program cannot do this", body = Problem),
        (status = 404, description = "No such token", body = Problem),
    )
)]
pub(in crate::server) async fn remove_token(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    app.ops().remove_api_token(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
