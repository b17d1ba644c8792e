//! What every request must pass and every response must carry.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use nephoscope_model::{Error, ErrorCode};

use super::problem::ApiError;

/// Headers of every response. A page brings a policy of its own, with the nonce of its scripts.
const HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
];

/// The policy of a page: nothing from elsewhere, no inline script without the nonce. ECharts sets style attributes, so inline
/// styles are allowed; WASM needs `'wasm-unsafe-eval'`, which does not allow `eval`.
#[must_use]
pub(super) fn page_policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; \
         img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
}

/// The middleware that adds what is not there yet.
pub(super) async fn add_headers(request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api/");
    let mut response = next.run(request).await;
    if is_api {
        // Answers are for one person.
        response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// The middleware against requests that another site makes a browser send: whatever changes something, and every WebSocket, must
/// come from our own pages or from no page at all. `SameSite=Strict` cookies say the same; this does not depend on them.
pub(super) async fn refuse_cross_site(request: Request, next: Next) -> Response {
    let harmless = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS)
        && !request.headers().contains_key(header::UPGRADE);
    if harmless || is_same_site(request.headers()) {
        return next.run(request).await;
    }
    let error = Error::new(ErrorCode::Forbidden, "This request came from another site.")
        .with_hint("Open nephoscope itself and try again there.");
    ApiError(error).into_response()
}

/// Browsers say where a request comes from in `Sec-Fetch-Site`, older ones in `Origin`; programs say neither.
fn is_same_site(headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let origin =
        origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, authority)| authority);
    origin.is_some() && origin == host
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn only_our_own_pages_and_programs_may_change_things() {
        assert!(is_same_site(&headers(&[])));
        assert!(is_same_site(&headers(&[("sec-fetch-site", "same-origin"), ("origin", "http://x")])));
        assert!(is_same_site(&headers(&[("origin", "http://h:1"), ("host", "h:1")])));
        for bad in [
            headers(&[("sec-fetch-site", "cross-site")]),
            headers(&[("sec-fetch-site", "same-site"), ("host", "h"), ("origin", "http://h")]),
            headers(&[("origin", "http://evil.example"), ("host", "h:1")]),
            headers(&[("origin", "null"), ("host", "null")]),
            headers(&[("origin", "http://h:1")]),
        ] {
            assert!(!is_same_site(&bad), "{bad:?}");
        }
    }

    #[test]
    fn the_policy_of_pages_allows_no_eval_and_no_inline_script() {
        let policy = page_policy("abc");
        let scripts = policy.split(';').find(|part| part.contains("script-src")).expect("a rule for scripts");
        assert!(!scripts.contains("'unsafe-eval'") && !scripts.contains("'unsafe-inline'"), "{scripts}");
        assert!(scripts.contains("'nonce-abc'"));
    }
}
