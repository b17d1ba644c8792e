//! The two cookies of a session, and what is left of one that could not be ended.

use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use nephoscope_model::Timestamp;
use nephoscope_ops::{Session, TOKEN_LIFETIME_SECS};
use secrecy::ExposeSecret;

/// Holds the JWT.
pub const TOKEN: &str = "nephoscope_token";
/// Holds the refresh token.
pub const REFRESH: &str = "nephoscope_refresh";

/// Holds the refresh token of a session that could not be ended, for ending it later and for nothing else: only the log-out gets it.
pub const UNENDED: &str = "nephoscope_unended";
/// Holds what a log-in through an identity provider was begun with, until the browser is back.
pub const TICKET: &str = "nephoscope_openid";
/// Where [`TICKET`] is sent to.
const OPENID: &str = "/login/openid";
/// How long [`UNENDED`] is kept, in seconds: a store that is restarted is back by then.
const UNENDED_SECS: i64 = 600;
/// Where [`UNENDED`] is sent to.
const LOG_OUT: &str = "/logout";

/// The value of a cookie, if it has one.
pub fn value<'a>(jar: &'a CookieJar, name: &str) -> Option<&'a str> {
    jar.get(name).map(Cookie::value).filter(|value| !value.is_empty())
}

/// Sets both cookies: not readable by scripts, and never sent with a request that another site caused.
pub fn set(jar: CookieJar, session: &Session, secure: bool) -> CookieJar {
    let refresh_seconds = (session.refresh_expires_at.as_millis() - Timestamp::now().as_millis()) / 1000;
    jar.add(make(TOKEN, session.token.expose_secret(), TOKEN_LIFETIME_SECS, secure)).add(make(
        REFRESH,
        session.refresh_token.expose_secret(),
        refresh_seconds,
        secure,
    ))
}

/// Clears both cookies.
pub fn clear(jar: CookieJar, secure: bool) -> CookieJar {
    jar.add(make(TOKEN, "", 0, secure)).add(make(REFRESH, "", 0, secure))
}

/// Keeps the refresh token of a session that could not be ended; without one, forgets the last.
pub fn keep_unended(jar: CookieJar, refresh_token: Option<&str>, secure: bool) -> CookieJar {
    let seconds = if refresh_token.is_some() { UNENDED_SECS } else { 0 };
    let mut cookie = make(UNENDED, refresh_token.unwrap_or_default(), seconds, secure);
    cookie.set_path(LOG_OUT);
    jar.add(cookie)
}

/// Keeps the ticket of a log-in through an identity provider. It comes back although it is another site that sends the browser here, and is
/// of use to nobody else.
pub fn keep_ticket(jar: CookieJar, ticket: &str, seconds: i64, secure: bool) -> CookieJar {
    let mut cookie = make(TICKET, ticket, seconds, secure);
    cookie.set_path(OPENID);
    cookie.set_same_site(SameSite::Lax);
    jar.add(cookie)
}

/// Forgets the ticket.
pub fn forget_ticket(jar: CookieJar, secure: bool) -> CookieJar {
    keep_ticket(jar, "", 0, secure)
}

fn make(name: &'static str, value: &str, seconds: i64, secure: bool) -> Cookie<'static> {
    Cookie::build((name, value.to_owned()))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(secure)
        .max_age(time::Duration::seconds(seconds))
        .build()
}
