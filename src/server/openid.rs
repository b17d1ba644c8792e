//! The way to an identity provider and back.
//!
//! Both ends are ordinary addresses of the site: a browser follows a link to the first, and the provider sends it to the second.

use axum::{
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::cookie::CookieJar;
use nephoscope_model::Error;
use nephoscope_ops::ProviderAnswer;
use nephoscope_web::paths;
use secrecy::ExposeSecret;
use serde::Deserialize;

use super::{access, cookies, plain::Plain, session::safe_next, state::App, visitor::Knock};

/// What is answered here is for one browser, once.
const NO_STORE: [(HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];

/// Where to go after logging in.
#[derive(Debug, Deserialize)]
pub(super) struct Next {
    #[serde(default)]
    next: String,
}

/// Sends a browser to a provider, with a cookie that it brings back.
pub(super) async fn begin(
    State(app): State<App>,
    Path(provider): Path<String>,
    Query(Next { next }): Query<Next>,
    Knock(visitor): Knock,
    headers: HeaderMap,
    jar: CookieJar,
) -> Response {
    match app.ops().begin_provider_login(&provider, safe_next(&next), &visitor).await {
        Ok(login) => {
            let jar = cookies::keep_ticket(
                jar,
                login.ticket.expose_secret(),
                login.lifetime_secs,
                app.secure_cookies(),
            );
            (NO_STORE, jar, Redirect::to(&login.url)).into_response()
        }
        Err(error) => trouble(&app, &headers, &error),
    }
}

/// What a provider sends a browser back with.
#[derive(Debug, Deserialize)]
pub(super) struct Returned {
    code: Option<String>,
    #[serde(default)]
    state: String,
    iss: Option<String>,
    error: Option<String>,
}

/// Logs a browser in that comes back from a provider. The ticket it brings is used up, whatever comes of it.
pub(super) async fn finish(
    State(app): State<App>,
    Path(provider): Path<String>,
    Query(returned): Query<Returned>,
    Knock(visitor): Knock,
    headers: HeaderMap,
    jar: CookieJar,
) -> Response {
    let Returned { code, state, iss, error } = returned;
    let answer = ProviderAnswer { code, state, issuer: iss, error };
    let ticket = cookies::value(&jar, cookies::TICKET).unwrap_or_default().to_owned();
    let finished = app.ops().finish_provider_login(&provider, &ticket, answer, &visitor).await;
    let jar = cookies::forget_ticket(jar, app.secure_cookies());
    match finished {
        Ok((session, next)) => {
            let jar = cookies::set(jar, &session, app.secure_cookies());
            // Not a redirect: a browser would follow it as part of the way from the provider, and leave our strict cookies at home.
            (jar, access::go_on(safe_next(&next))).into_response()
        }
        Err(error) => (jar, trouble(&app, &headers, &error)).into_response(),
    }
}

fn trouble(app: &App, headers: &HeaderMap, error: &Error) -> Response {
    let status = StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let page =
        Plain::new("You are not logged in").trouble(error).link("To the log-in page", &paths::login(""));
    page.answer(status, app.leptos(), headers)
}
