//! Who is at the other end: the client's address and how it reached us, through proxies that are trusted and no others.
//!
//! Anybody can write `X-Forwarded-For`. It is believed only when the connection comes from a proxy that the configuration names, and
//! then only as far as such proxies wrote it: from the right, up to the first address that is not one of them.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
};

use axum::{
    extract::{ConnectInfo, FromRequestParts, Request, State},
    http::{HeaderMap, HeaderName, header, request::Parts},
    middleware::Next,
    response::Response,
};
use ipnet::IpNet;

use crate::server::state::App;

/// Who is at the other end of a request. An extractor for handlers; log-in limits, sessions and the log all take this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// The address of the client, never of a trusted proxy. IPv4 is always written as IPv4.
    pub address: IpAddr,
    /// Whether the client is known to have come by TLS, to us or to a trusted proxy.
    pub secure: bool,
    /// Host and port as the client wrote them, lower case; empty when it wrote none.
    pub host: String,
}

/// In which header the trusted proxies say whom they pass on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ForwardedBy {
    /// `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Forwarded-Host`, as most proxies do.
    #[default]
    XForwarded,
    /// `Forwarded` (RFC 7239). The other headers are ignored then: such a proxy passes on what a client wrote into them.
    Forwarded,
}

/// The proxies whose word is taken.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies {
    networks: Vec<IpNet>,
    header: ForwardedBy,
}

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

impl TrustedProxies {
    /// These networks, which write this header.
    #[must_use]
    pub fn new(networks: Vec<IpNet>, header: ForwardedBy) -> Self {
        Self { networks, header }
    }

    pub(in crate::server) fn trusts(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(&address))
    }

    /// Who is at the other end of a connection from `peer` that brought these headers. `tls` says whether we took the
    /// connection by TLS ourselves.
    #[must_use]
    pub fn client(&self, peer: IpAddr, tls: bool, own_host: &str, headers: &HeaderMap) -> Client {
        let peer = peer.to_canonical();
        let direct = || Client { address: peer, secure: tls, host: own_host.to_lowercase() };
        if !self.trusts(peer) {
            return direct();
        }
        let hops = match self.header {
            ForwardedBy::XForwarded => hops_of_x_forwarded(headers),
            ForwardedBy::Forwarded => hops_of_forwarded(headers),
        };
        let mut client = direct();
        // What the nearest proxy wrote stands last. A hop that is no address ends what can be known.
        for hop in hops.addresses.iter().rev() {
            let Some(address) = hop else { break };
            client.address = *address;
            if !self.trusts(*address) {
                break;
            }
        }
        if let Some(scheme) = hops.scheme {
            client.secure = scheme.eq_ignore_ascii_case("https");
        }
        if let Some(host) = hops.host.filter(|host| !host.is_empty()) {
            client.host = host.to_lowercase();
        }
        client
    }
}

/// What the proxies wrote: addresses from the client to the nearest proxy, and what that one says of scheme and host.
#[derive(Debug, Default)]
struct Hops {
    addresses: Vec<Option<IpAddr>>,
    scheme: Option<String>,
    host: Option<String>,
}

fn values<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    // What is not text is no address either, and must not be skipped: it counts as one that cannot be read.
    headers.get_all(name).iter().map(|value| value.to_str().unwrap_or("?"))
}

fn hops_of_x_forwarded(headers: &HeaderMap) -> Hops {
    let last = |name: &HeaderName| {
        let all: Vec<&str> = values(headers, name).flat_map(|line| line.split(',')).map(str::trim).collect();
        all.last().map(|value| (*value).to_owned())
    };
    Hops {
        addresses: values(headers, &X_FORWARDED_FOR)
            .flat_map(|line| line.split(','))
            .map(read_address)
            .collect(),
        scheme: last(&X_FORWARDED_PROTO),
        host: last(&X_FORWARDED_HOST),
    }
}

fn hops_of_forwarded(headers: &HeaderMap) -> Hops {
    let mut hops = Hops::default();
    for line in values(headers, &header::FORWARDED) {
        for element in split_outside_quotes(line, ',') {
            let parameter = |wanted: &str| {
                split_outside_quotes(element, ';').into_iter().find_map(|pair| {
                    let (name, value) = pair.split_once('=')?;
                    name.trim().eq_ignore_ascii_case(wanted).then(|| unquote(value.trim()))
                })
            };
            hops.addresses.push(parameter("for").and_then(|address| read_address(&address)));
            hops.scheme = parameter("proto");
            hops.host = parameter("host");
        }
    }
    hops
}

/// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:80`.
fn read_address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    bare.parse::<IpAddr>()
        .ok()
        .or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
        .map(|address| address.to_canonical())
}

fn split_outside_quotes(text: &str, separator: char) -> Vec<&str> {
    let (mut parts, mut from, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (index, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            c if c == separator && !quoted => {
                parts.push(&text[from..index]);
                from = index + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[from..]);
    parts
}

fn unquote(text: &str) -> String {
    let Some(inner) = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) else {
        return text.to_owned();
    };
    let mut plain = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        plain.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    plain
}

/// The middleware that finds it out, once for each request.
pub(in crate::server) async fn identify(
    State(app): State<App>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::from([0, 0, 0, 0]), |ConnectInfo(address)| address.ip());
    let security = app.security();
    // HTTP/2 has the host in the address, HTTP/1 in a header.
    let authority = request.uri().authority().map(|authority| authority.as_str().to_owned());
    let host = authority.or_else(|| {
        request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).map(str::to_owned)
    });
    let client =
        security.proxies.client(peer, security.tls, host.as_deref().unwrap_or_default(), request.headers());
    request.extensions_mut().insert(client);
    next.run(request).await
}

/// Who is at the other end, where no extractor can be used; nobody in particular when nothing is known.
#[must_use]
pub fn of(extensions: &axum::http::Extensions) -> Client {
    extensions.get::<Client>().cloned().unwrap_or_else(|| Client {
        address: IpAddr::from([0, 0, 0, 0]),
        secure: false,
        host: String::new(),
    })
}

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        Ok(of(&parts.extensions))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(header: ForwardedBy) -> TrustedProxies {
        let networks = ["10.0.0.0/8", "2001:db8:1::/48"].map(|network| network.parse().expect("a network"));
        TrustedProxies::new(networks.to_vec(), header)
    }

    fn seen(trusted: &TrustedProxies, peer: &str, pairs: &[(&'static str, &str)]) -> Client {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().expect("a header"));
        }
        trusted.client(peer.parse().expect("an address"), false, "inner:8080", &headers)
    }

    fn address(trusted: &TrustedProxies, peer: &str, pairs: &[(&'static str, &str)]) -> String {
        seen(trusted, peer, pairs).address.to_string()
    }

    #[test]
    fn who_is_not_a_trusted_proxy_is_not_believed() {
        let trusted = proxies(ForwardedBy::XForwarded);
        let lies = [
            ("x-forwarded-for", "198.51.100.1"),
            ("forwarded", "for=198.51.100.1;proto=https;host=evil.example"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "evil.example"),
            ("x-real-ip", "198.51.100.1"),
        ];
        let client = seen(&trusted, "192.0.2.9", &lies);
        let direct = Client {
            address: "192.0.2.9".parse().expect("an address"),
            secure: false,
            host: "inner:8080".to_owned(),
        };
        assert_eq!(client, direct);
        assert_eq!(address(&TrustedProxies::default(), "127.0.0.1", &lies), "127.0.0.1");
    }

    #[test]
    fn the_right_most_address_that_is_no_proxy_is_the_client() {
        let trusted = proxies(ForwardedBy::XForwarded);
        for (header, client) in [
            ("198.51.100.7", "198.51.100.7"),
            ("1.1.1.1, 198.51.100.7", "198.51.100.7"),
            ("127.0.0.1, 198.51.100.7, 10.1.2.3", "198.51.100.7"),
            ("10.9.9.9, 10.1.2.3", "10.9.9.9"),
            ("198.51.100.7:4711", "198.51.100.7"),
            ("[2001:db8:2::7]:4711, 2001:db8:1::1", "2001:db8:2::7"),
            ("::ffff:198.51.100.7", "198.51.100.7"),
            // What cannot be read hides what is left of it, and the proxy that wrote it is all that is known.
            ("198.51.100.7, unknown", "10.0.0.1"),
            ("198.51.100.7, garbage, 10.1.2.3", "10.1.2.3"),
            ("198.51.100.7, ", "10.0.0.1"),
        ] {
            assert_eq!(address(&trusted, "10.0.0.1", &[("x-forwarded-for", header)]), client, "{header}");
        }
        // A client's own header comes before the line that the proxy adds.
        let lines = [("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "198.51.100.7")];
        assert_eq!(address(&trusted, "10.0.0.1", &lines), "198.51.100.7");
        assert_eq!(address(&trusted, "10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(
            address(&trusted, "::ffff:10.0.0.1", &[("x-forwarded-for", "198.51.100.7")]),
            "198.51.100.7"
        );
    }

    #[test]
    fn only_the_header_that_the_proxies_write_counts() {
        let both = [("x-forwarded-for", "1.1.1.1"), ("forwarded", "for=2.2.2.2")];
        assert_eq!(address(&proxies(ForwardedBy::XForwarded), "10.0.0.1", &both), "1.1.1.1");
        assert_eq!(address(&proxies(ForwardedBy::Forwarded), "10.0.0.1", &both), "2.2.2.2");
        let other = [("forwarded", "for=2.2.2.2")];
        assert_eq!(address(&proxies(ForwardedBy::XForwarded), "10.0.0.1", &other), "10.0.0.1");
    }

    #[test]
    fn forwarded_is_read_with_its_quotes() {
        let trusted = proxies(ForwardedBy::Forwarded);
        let header =
            r#"for="1.1.1.1, 2.2.2.2";by=x, For="[2001:db8:2::7]:47";Proto=HTTPS;host="console.example""#;
        let client = seen(&trusted, "10.0.0.1", &[("forwarded", header)]);
        assert_eq!(
            (client.address.to_string().as_str(), client.secure, client.host.as_str()),
            ("2001:db8:2::7", true, "console.example")
        );
        for hidden in ["for=_hidden", "for=unknown", "proto=https", "", "for=\"", "for=\"\\"] {
            assert_eq!(address(&trusted, "10.0.0.1", &[("forwarded", hidden)]), "10.0.0.1", "{hidden}");
        }
    }

    #[test]
    fn scheme_and_host_are_those_that_the_nearest_proxy_says() {
        let trusted = proxies(ForwardedBy::XForwarded);
        let headers = [
            ("x-forwarded-for", "198.51.100.7"),
            ("x-forwarded-proto", "http, https"),
            ("x-forwarded-host", "evil.example, Console.example"),
        ];
        let client = seen(&trusted, "10.0.0.1", &headers);
        assert!(client.secure);
        assert_eq!(client.host, "console.example");
    }
}
