//! The two cookies of a session.

use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use nephoscope_model::Timestamp;
use nephoscope_ops::{Session, TOKEN_LIFETIME_SECS};
use secrecy::ExposeSecret;

/// Holds the JWT.
pub const TOKEN: &str = "nephoscope_token";
/// Holds the refresh token.
pub const REFRESH: &str = "nephoscope_refresh";

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

fn make(name: &'static str, value: &str, seconds: i64, secure: bool) -> Cookie<'static> {
    Cookie::build((name, value.to_owned()))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(secure)
        .max_age(time::Duration::seconds(seconds))
        .build()
}
