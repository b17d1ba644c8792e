//! For those who watch the server: is it alive, is it ready, how is it doing.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use nephoscope_model::{Error, ErrorCode};
use secrecy::ExposeSecret;

use super::{problem::ApiError, security::Client, state::App};

/// What proxies add to the requests that they pass on.
const FORWARDED: [&str; 4] = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];

/// The process runs. Whether it can do anything useful, [`readyz`] tells.
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// The store answers, and the server is not stopping.
pub(super) async fn readyz(State(app): State<App>) -> Response {
    if app.stopping().is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n").into_response();
    }
    match app.ops().check_ready().await {
        Ok(()) => "ready\n".into_response(),
        Err(error) => {
            tracing::warn!("not ready: {error}");
            (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer\n").into_response()
        }
    }
}

/// Prometheus metrics: for this machine, or for whoever has the token.
pub(super) async fn metrics(
    State(app): State<App>,
    client: Client,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let allowed = match app.metrics_token() {
        Some(token) => headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
            .is_some_and(|given| same(given.as_bytes(), token.expose_secret().as_bytes())),
        // What a proxy passes on comes from its address, whoever sent it.
        None => client.address.is_loopback() && !FORWARDED.iter().any(|name| headers.contains_key(*name)),
    };
    if !allowed {
        return Err(Error::new(ErrorCode::Forbidden, "Metrics are for this machine only.")
            .with_hint("Set metrics_token in the configuration and send it as bearer token.")
            .into());
    }
    for (kind, count) in app.ops().upstreams() {
        metrics::gauge!("nephoscope_live_upstreams", "kind" => kind)
            .set(f64::from(u32::try_from(count).unwrap_or(u32::MAX)));
    }
    let text = app.prometheus().render();
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}

/// Compares in a time that depends on the lengths only.
fn same(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len()
        && left.iter().zip(right).fold(0, |difference, (l, r)| difference | (l ^ r)) == 0
}
