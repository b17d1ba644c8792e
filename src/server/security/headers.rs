//! What every response tells a browser.

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

use super::client;

/// Headers of every response. A page brings a content security policy of its own, with the nonce of its scripts.
const HEADERS: [(HeaderName, &str); 9] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("origin-agent-cluster"), "?1"),
    (HeaderName::from_static("x-permitted-cross-domain-policies"), "none"),
    (
        HeaderName::from_static("permissions-policy"),
        "accelerometer=(), autoplay=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), \
         microphone=(), midi=(), payment=(), publickey-credentials-get=(), screen-wake-lock=(), usb=(), xr-spatial-tracking=()",
    ),
];

/// For a year, come by TLS only. Other hosts of the domain are not ours to decide about.
const STRICT_TRANSPORT: &str = "max-age=31536000";

/// The policy of a page: nothing from elsewhere, no inline script without the nonce. ECharts sets style attributes, so inline
/// styles are allowed; WASM needs `'wasm-unsafe-eval'`, which does not allow `eval`. While somebody develops (`make dev`), the page
/// hears on another port of this machine that it was rebuilt.
#[must_use]
pub(in crate::server) fn page_policy(nonce: &str, reload_port: Option<u32>) -> String {
    let reload =
        reload_port.map_or_else(String::new, |port| format!(" ws://127.0.0.1:{port} ws://localhost:{port}"));
    format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; script-src-attr 'none'; \
         style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'{reload}; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'"
    )
}

/// The middleware that adds what is not there yet.
pub(in crate::server) async fn add(request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api/");
    // The address holds what only the identity provider and we may know.
    let is_secret = request.uri().path().starts_with("/login/openid/");
    let secure = client::of(request.extensions()).secure;
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if is_api {
        // Answers are for one person.
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }
    if is_secret {
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    }
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(STRICT_TRANSPORT));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_of_pages_allows_no_eval_and_no_inline_script() {
        let policy = page_policy("abc", None);
        let scripts =
            policy.split(';').find(|part| part.contains("script-src ")).expect("a rule for scripts");
        assert!(!scripts.contains("'unsafe-eval'") && !scripts.contains("'unsafe-inline'"), "{scripts}");
        assert!(scripts.contains("'nonce-abc'"));
    }

    #[test]
    fn pages_connect_to_this_server_only_but_while_developing_to_what_reloads_them_too() {
        let connections = |reload_port| {
            let policy = page_policy("abc", reload_port);
            policy.split("; ").find_map(|part| part.strip_prefix("connect-src ").map(str::to_owned))
        };
        assert_eq!(connections(None).as_deref(), Some("'self'"));
        assert_eq!(
            connections(Some(8401)).as_deref(),
            Some("'self' ws://127.0.0.1:8401 ws://localhost:8401")
        );
    }
}
