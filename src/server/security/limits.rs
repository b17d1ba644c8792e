//! How much of anything one client may ask for.

use std::net::IpAddr;

use axum::{
    extract::{Request, State},
    http::header,
    middleware::Next,
    response::{IntoResponse, Response},
};
use nephoscope_model::{Error, ErrorCode};
use nephoscope_ops::{KeyedLimiter, network_of, wait_seconds};

use super::{RequestRates, client};
use crate::server::{access::Access, pages, problem::ApiError, state::App};

/// The largest head of a request, address and headers together, in bytes. Cookies of other programs on the same host come along, so that
/// it is not small.
pub(in crate::server) const MAX_HEAD: usize = 32 << 10;

/// Counts requests.
#[derive(Debug)]
pub(in crate::server) struct RequestLimits {
    addresses: Option<KeyedLimiter<IpAddr>>,
    users: Option<KeyedLimiter<String>>,
}

impl RequestLimits {
    pub(in crate::server) fn new(rates: RequestRates) -> Self {
        Self {
            addresses: rates.per_address.map(KeyedLimiter::per_minute),
            users: rates.per_user.map(KeyedLimiter::per_minute),
        }
    }
}

/// The middleware that counts by address, before anything is looked up. Files of the site are not counted: they cost nothing, and a
/// page has dozens of them.
pub(in crate::server) async fn per_address(State(app): State<App>, request: Request, next: Next) -> Response {
    if let Some(limiter) = &app.limits().addresses
        && !pages::is_file(request.uri().path())
        && let Err(wait) = limiter.check(network_of(client::of(request.extensions()).address))
    {
        return too_many("from your address", wait_seconds(wait));
    }
    next.run(request).await
}

/// The middleware that counts by person, once it is known who that is.
pub(in crate::server) async fn per_user(State(app): State<App>, request: Request, next: Next) -> Response {
    let name =
        request.extensions().get::<Access>().and_then(Access::caller).map(nephoscope_ops::Caller::name);
    if let (Some(limiter), Some(name)) = (&app.limits().users, name)
        && !pages::is_file(request.uri().path())
        && let Err(wait) = limiter.check(name.to_owned())
    {
        return too_many("of yours", wait_seconds(wait));
    }
    next.run(request).await
}

fn too_many(whose: &str, seconds: u32) -> Response {
    metrics::counter!("nephoscope_requests_limited_total").increment(1);
    let unit = if seconds == 1 { "second" } else { "seconds" };
    let error =
        Error::new(ErrorCode::RateLimited, format!("There were too many requests {whose} within a minute."))
            .with_hint(format!("Try again in {seconds} {unit}."))
            .with_retry_after(seconds);
    ApiError(error).into_response()
}

/// The middleware that refuses heads of unreasonable size.
pub(in crate::server) async fn refuse_large_head(request: Request, next: Next) -> Response {
    let headers: usize =
        request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    let address = request.uri().path_and_query().map_or(0, |path| path.as_str().len());
    if headers + address <= MAX_HEAD {
        return next.run(request).await;
    }
    let what = if request.headers().get(header::COOKIE).is_some_and(|cookies| cookies.len() > MAX_HEAD / 2) {
        "Remove cookies of other programs on this host."
    } else {
        "Shorten the address and the headers."
    };
    let error =
        Error::new(ErrorCode::HeadTooLarge, "The head of the request is larger than this server takes.")
            .with_hint(format!("Address and headers may have up to {} KiB together. {what}", MAX_HEAD >> 10));
    ApiError(error).into_response()
}
