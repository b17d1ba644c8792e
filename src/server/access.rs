//! Finding out who is calling, once for each request.

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::cookie::CookieJar;
use nephoscope_model::{Error, ErrorCode};
use nephoscope_ops::Caller;
use nephoscope_web::paths;
use tower_http::request_id::RequestId;

use super::{cookies, problem::ApiError, state::App};

/// What is known of the caller of a request: somebody, or why nobody.
#[derive(Debug, Clone)]
pub struct Access(Result<Caller, Error>);

impl Access {
    /// Why there is no caller.
    #[must_use]
    pub fn refusal(&self) -> Option<&Error> {
        self.0.as_ref().err()
    }

    /// The caller, if there is one.
    #[must_use]
    pub fn caller(&self) -> Option<&Caller> {
        self.0.as_ref().ok()
    }
}

/// An extractor: the handler is for people who are logged in.
#[derive(Debug, Clone)]
pub struct Authenticated(pub Caller);

impl<S: Sync> FromRequestParts<S> for Authenticated {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        match parts.extensions.get::<Access>() {
            Some(Access(Ok(caller))) => Ok(Self(caller.clone())),
            Some(Access(Err(error))) => Err(ApiError(error.clone())),
            None => Err(ApiError(Error::internal())),
        }
    }
}

/// The request's id, as it stands in the log and in the audit.
#[must_use]
pub fn request_id(parts: &axum::http::Extensions) -> String {
    parts.get::<RequestId>().and_then(|id| id.header_value().to_str().ok()).unwrap_or_default().to_owned()
}

/// The middleware: identifies the caller by bearer token or cookie. A page that is asked for with an expired token and a good refresh token is
/// renewed on the way, and one that is asked for by nobody is answered with the log-in page.
pub async fn identify(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let jar = CookieJar::from_headers(request.headers());
    let id = request_id(request.extensions());
    let mut access = Access(identify_by_token(&app, request.headers(), &jar, &id).await);
    let mut renewed = None;

    let store_is_away = access.0.as_ref().is_err_and(|error| error.code.status() >= 500);
    if store_is_away && is_page(&request) && is_private(request.uri().path()) {
        return access
            .0
            .map_or_else(|error| ApiError(error).into_response(), |_| StatusCode::OK.into_response());
    }
    if access.caller().is_none() && is_page(&request) && is_private(request.uri().path()) {
        match renew(&app, &jar, &id).await {
            Ok((session, caller)) => {
                access = Access(Ok(caller));
                renewed = Some(cookies::set(CookieJar::new(), &session, app.secure_cookies()));
            }
            // A store that is away has not logged anybody out.
            Err(error) if error.code.status() >= 500 => return ApiError(error).into_response(),
            Err(_) if came_from_elsewhere(request.headers()) => return ask_again(request.uri()),
            Err(_) => return Redirect::to(&login_path(request.uri())).into_response(),
        }
    }
    request.extensions_mut().insert(access);
    let response = next.run(request).await;
    match renewed {
        Some(jar) => (jar, response).into_response(),
        None => response,
    }
}

async fn identify_by_token(
    app: &App,
    headers: &HeaderMap,
    jar: &CookieJar,
    id: &str,
) -> Result<Caller, Error> {
    // Another scheme than Bearer is meant for a proxy in front of us.
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .filter(|value| value.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer")));
    let token = match bearer.map(|value| value[6..].trim()) {
        Some("") => {
            return Err(Error::new(
                ErrorCode::TokenInvalid,
                "The Authorization header is not of the form \"Bearer TOKEN\".",
            ));
        }
        Some(token) => token,
        None => match jar.get(cookies::TOKEN) {
            Some(cookie) if !cookie.value().is_empty() => cookie.value(),
            _ => {
                return Err(Error::new(ErrorCode::Unauthenticated, "Please log in first.").with_hint(
                    "Programs: POST /api/authenticate, then send \"Authorization: Bearer TOKEN\".",
                ));
            }
        },
    };
    app.ops().identify(token, id).await
}

async fn renew(app: &App, jar: &CookieJar, id: &str) -> Result<(nephoscope_ops::Session, Caller), Error> {
    let token = jar
        .get(cookies::REFRESH)
        .ok_or_else(|| Error::new(ErrorCode::Unauthenticated, "Please log in first."))?;
    let session = app.ops().refresh_session(token.value(), id).await?;
    let caller = app.ops().identify(secrecy::ExposeSecret::expose_secret(&session.token), id).await?;
    Ok((session, caller))
}

/// A page, or a form of the settings: what a browser without JavaScript asks for, which cannot renew its token by itself. Forms that
/// another site posts do not get here.
fn is_page(request: &Request) -> bool {
    let is_form = *request.method() == Method::POST
        && ["/settings/", "/s3"].iter().any(|path| request.uri().path().starts_with(path));
    (is_form || matches!(*request.method(), Method::GET | Method::HEAD))
        && request
            .headers()
            .get(header::ACCEPT)
            .and_then(|accept| accept.to_str().ok())
            .is_some_and(|accept| accept.contains("text/html"))
}

/// Whether a path shows something that only people who are logged in may see.
fn is_private(path: &str) -> bool {
    const PUBLIC: [&str; 5] = ["/login", "/password", "/healthz", "/readyz", "/metrics"];
    const PUBLIC_FOLDERS: [&str; 4] = ["/pkg/", "/vendor/", "/api/", "/login/"];
    !PUBLIC.contains(&path)
        && !PUBLIC_FOLDERS.iter().any(|folder| path.starts_with(folder))
        && !matches!(path, "/favicon.svg" | "/favicon.ico" | "/robots.txt")
}

/// A link on another site brings no `SameSite=Strict` cookies, though the person may well be logged in.
fn came_from_elsewhere(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site") && !has_session_cookie(headers)
}

/// Whether a browser that was logged in sends this.
pub(super) fn has_session_cookie(headers: &HeaderMap) -> bool {
    let jar = CookieJar::from_headers(headers);
    [cookies::TOKEN, cookies::REFRESH]
        .iter()
        .any(|name| jar.get(name).is_some_and(|cookie| !cookie.value().is_empty()))
}

/// A page that asks for itself again: that request comes from us and brings the cookies.
fn ask_again(uri: &axum::http::Uri) -> Response {
    go_on(uri.path_and_query().map_or("", http::uri::PathAndQuery::as_str))
}

/// A page that goes on to another one of ours: what it asks for then, it asks for by itself, with all cookies.
pub(super) fn go_on(path: &str) -> Response {
    // `//elsewhere` is a path for the server and another site for the browser.
    let path = escape(if paths::is_local(path) { path } else { "/dashboard" });
    let html = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>nephoscope</title>\
         <meta http-equiv=\"refresh\" content=\"0; url={path}\"></head><body><a href=\"{path}\">Continue</a></body></html>"
    );
    (StatusCode::OK, [(header::CACHE_CONTROL, "no-store")], axum::response::Html(html)).into_response()
}

/// Text within HTML.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

fn login_path(uri: &axum::http::Uri) -> String {
    paths::login(uri.path_and_query().map_or("/", |path| path.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_private_unless_they_are_named() {
        for path in ["/", "/ec2", "/ec2/i-1", "/nowhere", "/loginx"] {
            assert!(is_private(path), "{path}");
        }
        for path in ["/login", "/healthz", "/pkg/nephoscope.css", "/api/ec2"] {
            assert!(!is_private(path), "{path}");
        }
    }

    #[test]
    fn a_path_cannot_break_out_of_the_page_that_asks_again() {
        assert_eq!(escape("/x?\"><script>&'"), "/x?&quot;&gt;&lt;script&gt;&amp;&#39;");
    }
}
