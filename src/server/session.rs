//! Logging in, going on and logging out, for browsers and for programs.

use axum::{
    Form, Json,
    extract::{RawQuery, State},
    http::{Extensions, HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::cookie::CookieJar;
use nephoscope_model::{Error, ErrorCode, identity::Viewer};
use nephoscope_ops::{LoggedIn, Session, TOKEN_LIFETIME_SECS};
use nephoscope_web::{pages::login::Failure, paths};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    access::{Access, request_id},
    cookies,
    plain::{Field, Plain},
    problem::{ApiError, Problem},
    rest::Body,
    state::App,
    visitor::Knock,
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
    /// For who has a second factor: the code that the device shows, or a recovery code.
    #[serde(default)]
    #[schema(example = "123456")]
    otp: Option<String>,
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
        (status = 401, description = "Wrong name, password or code; with `second_factor_required`, the code is missing", body = Problem),
        (status = 429, description = "Too many attempts", body = Problem),
    )
)]
pub(super) async fn authenticate(
    State(app): State<App>,
    Knock(visitor): Knock,
    jar: CookieJar,
    Body(credentials): Body<Credentials>,
) -> Result<Response, ApiError> {
    let Credentials { username, password, otp } = credentials;
    let session = match app.ops().log_in(&username, &password, otp.as_deref(), &visitor).await? {
        LoggedIn::In(session) => session,
        LoggedIn::CodeNeeded(_) => {
            return Err(Error::new(
                ErrorCode::SecondFactorRequired,
                "A code of your device is needed as well.",
            )
            .with_hint("Send it as \"otp\", together with the name and the password.")
            .into());
        }
    };
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
    post, path = "/api/session/logout", tag = "session", request_body = Option<RefreshRequest>, security(()),
    responses(
        (status = 204, description = "The session has ended"),
        (status = 503, description = "The store is away and the session may still live: try again", body = Problem),
    )
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
    let access = extensions.get::<Access>();
    let token = given.or_else(|| cookies::value(jar, cookies::REFRESH).map(str::to_owned));
    app.ops().log_out(access.and_then(Access::caller), token.as_deref(), &request_id(extensions)).await?;
    match access.and_then(Access::refusal) {
        // A JWT came alone, and whose it is could not be found out: nothing was ended.
        Some(refusal) if token.is_none() && refusal.code.status() >= 500 => Err(refusal.clone()),
        _ => Ok(()),
    }
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
    Knock(visitor): Knock,
    headers: HeaderMap,
    jar: CookieJar,
    Form(form): Form<LoginForm>,
) -> Response {
    let next = safe_next(&form.next);
    match app.ops().log_in(&form.name, &form.password, None, &visitor).await {
        Ok(LoggedIn::CodeNeeded(ticket)) => code_page(&app, &headers, ticket.expose_secret(), next, None),
        Ok(LoggedIn::In(session)) => {
            (cookies::set(jar, &session, app.secure_cookies()), Redirect::to(next)).into_response()
        }
        Err(error) => {
            let failure = match error.code {
                ErrorCode::Unauthenticated => Failure::Invalid,
                ErrorCode::RateLimited => Failure::Limited,
                _ => Failure::Unavailable,
            };
            let href = failure.href(next);
            let href = error.retry_after.map_or(href.clone(), |seconds| format!("{href}&wait={seconds}"));
            Redirect::to(&href).into_response()
        }
    }
}

/// The second step of a log-in by form: the ticket of the first, and a code.
#[derive(Debug, Deserialize)]
pub(super) struct CodeForm {
    ticket: SecretString,
    code: String,
    #[serde(default)]
    next: String,
}

pub(super) async fn log_in_by_code(
    State(app): State<App>,
    Knock(visitor): Knock,
    headers: HeaderMap,
    jar: CookieJar,
    Form(form): Form<CodeForm>,
) -> Response {
    let (next, ticket) = (safe_next(&form.next), form.ticket.expose_secret());
    match app.ops().log_in_with_code(ticket, &form.code, &visitor).await {
        Ok(LoggedIn::In(session)) => {
            (cookies::set(jar, &session, app.secure_cookies()), Redirect::to(next)).into_response()
        }
        Ok(LoggedIn::CodeNeeded(ticket)) => code_page(&app, &headers, ticket.expose_secret(), next, None),
        // Too long ago, or another password meanwhile: the first step again.
        Err(error) if matches!(error.code, ErrorCode::TokenExpired | ErrorCode::TokenInvalid) => {
            Redirect::to(&paths::login(next)).into_response()
        }
        Err(error) => code_page(&app, &headers, ticket, next, Some(&error)),
    }
}

/// Asks for the code. The ticket is in the page and nowhere else.
fn code_page(app: &App, headers: &HeaderMap, ticket: &str, next: &str, error: Option<&Error>) -> Response {
    let page = Plain::new("One more step");
    let (page, status) = match error {
        Some(error) => {
            let status = StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::BAD_REQUEST);
            (page.trouble(error), status)
        }
        None => (page.text("Your password is right. Now the code that your device shows."), StatusCode::OK),
    };
    page.form(
        "/login/code",
        "Log in",
        &[
            Field::Hidden { name: "ticket", value: ticket },
            Field::Hidden { name: "next", value: next },
            Field::Code { name: "code", label: "Code, or a recovery code" },
        ],
    )
    .link("Begin again", &paths::login(next))
    .answer(status, app.leptos(), headers)
}

/// Logs a browser out: it forgets its cookies in any case. When the session could not be ended it says so, and keeps for a while what it
/// needs to try again.
pub(super) async fn log_out_by_form(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    extensions: Extensions,
    jar: CookieJar,
) -> Response {
    // See `paths::LOG_OUT_AGAIN`.
    let is_again = query.as_deref() == Some("again");
    let unended = cookies::value(&jar, cookies::UNENDED);
    let mut outcome = end_session(&app, &extensions, &jar, None).await;
    let mut left = cookies::value(&jar, cookies::REFRESH).filter(|_| outcome.is_err());
    if let Some(token) = unended
        && let Err(error) = app.ops().log_out(None, Some(token), &request_id(&extensions)).await
    {
        outcome = Err(error);
        left = left.or(unended);
    }
    let href = match outcome {
        Err(error) => {
            tracing::warn!(code = ?error.code, "a session could not be ended: {error}");
            if left.is_some() { Failure::NotLoggedOut.href("") } else { Failure::CannotLogOut.href("") }
        }
        // What there was to try again with is gone.
        Ok(()) if is_again && unended.is_none() => Failure::CannotLogOut.href(""),
        Ok(()) => paths::login(""),
    };
    let left = left.map(str::to_owned);
    let jar = cookies::keep_unended(jar, left.as_deref(), app.secure_cookies());
    (cookies::clear(jar, app.secure_cookies()), Redirect::to(&href)).into_response()
}

/// Where to go after logging in: only to a page of ours.
pub(super) fn safe_next(next: &str) -> &str {
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
