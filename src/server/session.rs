//! Logging in, going on and logging out, for browsers and for programs.

use std::net::SocketAddr;

use axum::{
    Form, Json,
    extract::{ConnectInfo, State},
    http::{Extensions, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::cookie::CookieJar;
use nephoscope_model::{Error, ErrorCode, identity::Viewer};
use nephoscope_ops::{Session, TOKEN_LIFETIME_SECS};
use nephoscope_web::paths;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    access::{Access, request_id},
    cookies,
    problem::{ApiError, Problem},
    rest::Body,
    state::App,
};

/// A name and a password.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct Credentials {
    /// The log-in name.
    #[serde(alias = "name", alias = "user")]
    #[schema(example = "ada")]
    username: String,
    /// The password.
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

/// The tokens of a session.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Tokens {
    /// The JWT: send it as `Authorization: Bearer …`.
    token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// Seconds until the JWT ends.
    expires_in: i64,
    /// Exchange it once for the next tokens, at `/api/session/refresh`.
    refresh_token: String,
}

impl From<&Session> for Tokens {
    fn from(session: &Session) -> Self {
        Self {
            token: session.token.expose_secret().to_owned(),
            token_type: "Bearer",
            expires_in: TOKEN_LIFETIME_SECS,
            refresh_token: session.refresh_token.expose_secret().to_owned(),
        }
    }
}

/// Log in: hands out a JWT that lasts 5 minutes and a refresh token, and sets the browser's cookies.
#[utoipa::path(
    post, path = "/api/authenticate", tag = "session", request_body = Credentials, security(()),
    responses(
        (status = 200, description = "The tokens", body = Tokens),
        (status = 400, description = "The body is not understood", body = Problem),
        (status = 401, description = "Wrong name or password", body = Problem),
        (status = 429, description = "Too many attempts", body = Problem),
    )
)]
pub(super) async fn authenticate(
    State(app): State<App>,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    extensions: Extensions,
    jar: CookieJar,
    Body(credentials): Body<Credentials>,
) -> Result<Response, ApiError> {
    let id = request_id(&extensions);
    let session = app.ops().log_in(&credentials.username, &credentials.password, address.ip(), &id).await?;
    let jar = cookies::set(jar, &session, app.secure_cookies());
    Ok((jar, [(header::CACHE_CONTROL, "no-store")], Json(Tokens::from(&session))).into_response())
}

/// A refresh token; a browser sends its cookie instead.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RefreshRequest {
    /// The refresh token.
    refresh_token: Option<String>,
}

/// Go on: exchanges a refresh token for new tokens. A token is good once; one that comes twice ends the session.
#[utoipa::path(
    post, path = "/api/session/refresh", tag = "session", request_body = Option<RefreshRequest>, security(()),
    responses(
        (status = 200, description = "The next tokens; for a browser, which gets them as cookies, who is logged in", body = Tokens),
        (status = 401, description = "The refresh token is not good (any more)", body = Problem),
    )
)]
pub(super) async fn refresh(
    State(app): State<App>,
    extensions: Extensions,
    jar: CookieJar,
    body: axum::body::Bytes,
) -> Result<Response, ApiError> {
    let id = request_id(&extensions);
    let request = if body.is_empty() { RefreshRequest::default() } else { super::rest::parse_json(&body)? };
    let no_store = [(header::CACHE_CONTROL, "no-store")];
    if let Some(token) = request.refresh_token {
        let session = app.ops().refresh_session(&token, &id).await?;
        return Ok((no_store, Json(Tokens::from(&session))).into_response());
    }
    let Some(cookie) = jar.get(cookies::REFRESH) else {
        return Err(Error::new(ErrorCode::Unauthenticated, "There is no session to go on with.").into());
    };
    match app.ops().refresh_session(cookie.value(), &id).await {
        Ok(session) => {
            let jar = cookies::set(jar.clone(), &session, app.secure_cookies());
            // The tokens stay in cookies that scripts cannot read.
            Ok((jar, no_store, Json::<&Viewer>(&session.viewer)).into_response())
        }
        Err(error) if error.code == ErrorCode::TokenInvalid => {
            let jar = cookies::clear(jar.clone(), app.secure_cookies());
            Ok((jar, ApiError(error)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// Log out: ends the session of the cookie or of the given refresh token.
#[utoipa::path(
    post, path = "/api/session/logout", tag = "session", request_body = Option<RefreshRequest>,
    responses((status = 204, description = "The session has ended"))
)]
pub(super) async fn log_out(
    State(app): State<App>,
    extensions: Extensions,
    jar: CookieJar,
    body: axum::body::Bytes,
) -> Result<Response, ApiError> {
    let request: RefreshRequest =
        if body.is_empty() { RefreshRequest::default() } else { super::rest::parse_json(&body)? };
    end_session(&app, &extensions, &jar, request.refresh_token).await?;
    Ok((cookies::clear(jar, app.secure_cookies()), StatusCode::NO_CONTENT).into_response())
}

async fn end_session(
    app: &App,
    extensions: &Extensions,
    jar: &CookieJar,
    given: Option<String>,
) -> Result<(), Error> {
    let caller = extensions.get::<Access>().and_then(Access::caller);
    let token = given.or_else(|| jar.get(cookies::REFRESH).map(|cookie| cookie.value().to_owned()));
    app.ops().log_out(caller, token.as_deref()).await
}

/// The log-in form of a browser; works without JavaScript.
#[derive(Debug, Deserialize)]
pub(super) struct LoginForm {
    name: String,
    password: SecretString,
    #[serde(default)]
    next: String,
}

pub(super) async fn log_in_by_form(
    State(app): State<App>,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    extensions: Extensions,
    jar: CookieJar,
    Form(form): Form<LoginForm>,
) -> Response {
    let id = request_id(&extensions);
    let next = safe_next(&form.next);
    match app.ops().log_in(&form.name, &form.password, address.ip(), &id).await {
        Ok(session) => {
            (cookies::set(jar, &session, app.secure_cookies()), Redirect::to(next)).into_response()
        }
        Err(error) => {
            let reason = match error.code {
                ErrorCode::Unauthenticated => "invalid",
                ErrorCode::RateLimited => "limited",
                _ => "unavailable",
            };
            Redirect::to(&paths::Link::new("/login").query("error", reason).query("next", next).build())
                .into_response()
        }
    }
}

pub(super) async fn log_out_by_form(
    State(app): State<App>,
    extensions: Extensions,
    jar: CookieJar,
) -> Response {
    if let Err(error) = end_session(&app, &extensions, &jar, None).await {
        tracing::warn!(code = ?error.code, "a session could not be ended: {error}");
    }
    (cookies::clear(jar, app.secure_cookies()), Redirect::to("/login")).into_response()
}

/// Where to go after logging in: only to a page of ours.
fn safe_next(next: &str) -> &str {
    if paths::is_local(next) && !next.starts_with("/login") && !next.starts_with("/api/") {
        next
    } else {
        "/dashboard"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logging_in_never_leads_to_another_site() {
        assert_eq!(safe_next("/ec2?account=111111111111"), "/ec2?account=111111111111");
        for bad in [
            "",
            "https://example.com",
            "//example.com",
            "/\\example.com",
            "/\t/example.com",
            "/login?next=/login",
        ] {
            assert_eq!(safe_next(bad), "/dashboard", "{bad}");
        }
    }
}
