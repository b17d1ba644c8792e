//! Requests that another site makes a browser send.

use axum::{
    extract::Request,
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use nephoscope_model::{Error, ErrorCode};

use super::client::{self, Client};
use crate::server::problem::ApiError;

/// The middleware: whatever may change something, and every WebSocket, must come from our own pages or from no page at all.
/// `SameSite=Strict` cookies say the same; this does not depend on them.
pub(in crate::server) async fn refuse(request: Request, next: Next) -> Response {
    let harmless = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS)
        && !request.headers().contains_key(header::UPGRADE);
    if harmless || is_ours(request.headers(), &client::of(request.extensions())) {
        return next.run(request).await;
    }
    let error = Error::new(ErrorCode::Forbidden, "This request came from another site.").with_hint(
        "Open nephoscope itself and try again there. Behind a proxy, name it in trusted_proxies and let it pass the host on.",
    );
    ApiError(error).into_response()
}

/// Browsers say where a request comes from in `Sec-Fetch-Site`, older ones and those without TLS in `Origin`; programs say neither.
fn is_ours(headers: &HeaderMap, client: &Client) -> bool {
    let mut sites = headers.get_all("sec-fetch-site").iter().peekable();
    if sites.peek().is_some() {
        return sites.all(|site| site == "same-origin" || site == "none");
    }
    headers
        .get_all(header::ORIGIN)
        .iter()
        .all(|origin| origin.to_str().is_ok_and(|origin| is_our_origin(origin, client)))
}

/// Whether an origin is the address under which the client reached us. Its scheme counts when it is known that the client came by
/// TLS: whoever can forge pages without it must not speak for those with it.
fn is_our_origin(origin: &str, client: &Client) -> bool {
    let origin = origin.to_lowercase();
    let Some((scheme, authority)) = origin.split_once("://") else { return false };
    let default_port = match scheme {
        "https" => ":443",
        "http" if !client.secure => ":80",
        _ => return false,
    };
    let host = client.host.strip_suffix(default_port).unwrap_or(&client.host);
    !host.is_empty() && authority.strip_suffix(default_port).unwrap_or(authority) == host
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn ours(client: &Client, pairs: &[(&'static str, &'static str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().expect("a header"));
        }
        is_ours(&headers, client)
    }

    fn reached(host: &str, secure: bool) -> Client {
        Client { address: IpAddr::from([192, 0, 2, 1]), secure, host: host.to_owned() }
    }

    #[test]
    fn only_our_own_pages_and_programs_may_change_things() {
        let plain = reached("h:1", false);
        assert!(ours(&plain, &[]));
        assert!(ours(&plain, &[("sec-fetch-site", "same-origin"), ("origin", "http://x")]));
        assert!(ours(&plain, &[("sec-fetch-site", "none")]));
        assert!(ours(&plain, &[("origin", "http://h:1")]));
        assert!(ours(&plain, &[("origin", "http://H:1")]));
        for bad in [
            &[("sec-fetch-site", "cross-site")][..],
            &[("sec-fetch-site", "same-site"), ("origin", "http://h:1")],
            &[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "")],
            &[("origin", "http://evil.example")],
            &[("origin", "http://h:1"), ("origin", "http://evil.example")],
            &[("origin", "http://h")],
            &[("origin", "http://h:1.evil.example")],
            &[("origin", "null")],
            &[("origin", "")],
            &[("origin", "chrome-extension://h:1")],
        ] {
            assert!(!ours(&plain, bad), "{bad:?}");
        }
        assert!(!ours(&reached("", false), &[("origin", "http://")]));
        assert!(!ours(&reached("null", false), &[("origin", "null")]));
    }

    #[test]
    fn the_origin_is_compared_with_what_the_client_reached() {
        let secure = reached("console.example", true);
        assert!(ours(&secure, &[("origin", "https://console.example")]));
        assert!(ours(&reached("console.example:443", true), &[("origin", "https://console.example")]));
        assert!(!ours(&secure, &[("origin", "http://console.example")]));
        assert!(!ours(&secure, &[("origin", "https://console.example:8443")]));
        // A proxy that speaks TLS and is not named passes the host on, but not that it was TLS.
        assert!(ours(&reached("console.example", false), &[("origin", "https://console.example")]));
    }
}
