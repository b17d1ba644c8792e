//! How the server protects itself: proxies, rates, TLS, and the switch that stops all changes.

use std::{net::IpAddr, num::NonZeroU32};

use ipnet::IpNet;

use super::reader::Reader;
use crate::server::{
    security::{ForwardedBy, RequestRates, SecuritySettings, TrustedProxies},
    tls::TlsFiles,
};

/// What `docs/CONFIGURATION.md` has under "Safety".
#[derive(Debug, Clone, Default)]
pub struct SecurityConfig {
    /// Whether browsers may send the cookies over TLS only. Set it when a proxy in front speaks TLS; implied by `tls`.
    pub secure_cookies: bool,
    /// Whose word on the client's address is taken.
    pub proxies: TrustedProxies,
    /// How many requests are heard.
    pub rates: RequestRates,
    /// Where certificate and key are, when the server speaks TLS itself.
    pub tls: Option<TlsFiles>,
    /// Whether every change is refused.
    pub read_only: bool,
}

impl SecurityConfig {
    /// What the router needs of it.
    #[must_use]
    pub fn settings(&self) -> SecuritySettings {
        SecuritySettings {
            proxies: self.proxies.clone(),
            secure_cookies: self.secure_cookies,
            tls: self.tls.is_some(),
            rates: self.rates,
            ..SecuritySettings::default()
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            secure_cookies: reader.flag("secure_cookies", "NEPHOSCOPE_SECURE_COOKIES").unwrap_or(false),
            proxies: read_proxies(reader),
            rates: read_rates(reader),
            tls: read_tls(reader),
            read_only: reader.flag("read_only", "NEPHOSCOPE_READ_ONLY").unwrap_or(false),
        }
    }
}

fn read_proxies(reader: &mut Reader<'_>) -> TrustedProxies {
    let mut networks: Vec<IpNet> = Vec::new();
    for (key, text) in reader.texts("trusted_proxies", "NEPHOSCOPE_TRUSTED_PROXIES") {
        let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        match network {
            Ok(network) if network.prefix_len() == 0 => {
                reader.complain_of(&key, &format!("{text:?} would trust everybody; name the proxies"));
            }
            Ok(network) => networks.push(network.trunc()),
            Err(_) => reader.complain_of(
                &key,
                &format!("{text:?} is neither an address nor a network such as 10.0.0.0/8"),
            ),
        }
    }
    let written_by = reader.text("forwarded_header", "NEPHOSCOPE_FORWARDED_HEADER");
    let header = match written_by.as_deref() {
        None | Some("x-forwarded-for") => ForwardedBy::XForwarded,
        Some("forwarded") => ForwardedBy::Forwarded,
        Some(other) => {
            reader.complain_of(
                "forwarded_header",
                &format!("{other:?} is neither \"x-forwarded-for\" nor \"forwarded\""),
            );
            ForwardedBy::XForwarded
        }
    };
    if written_by.is_some() && networks.is_empty() {
        reader.complain_of("forwarded_header", "it is of use only with trusted_proxies");
    }
    TrustedProxies::new(networks, header)
}

fn read_rates(reader: &mut Reader<'_>) -> RequestRates {
    let usual = RequestRates::default();
    let mut rate = |key: &str, variable: &str, usual: Option<NonZeroU32>| {
        let what = "a number of requests; 0 for no limit";
        reader.parsed::<u32>(key, variable, what).map_or(usual, NonZeroU32::new)
    };
    RequestRates {
        per_address: rate(
            "requests_per_minute_per_address",
            "NEPHOSCOPE_REQUESTS_PER_MINUTE_PER_ADDRESS",
            usual.per_address,
        ),
        per_user: rate(
            "requests_per_minute_per_user",
            "NEPHOSCOPE_REQUESTS_PER_MINUTE_PER_USER",
            usual.per_user,
        ),
    }
}

fn read_tls(reader: &mut Reader<'_>) -> Option<TlsFiles> {
    let cert = reader.text("tls_cert_file", "NEPHOSCOPE_TLS_CERT_FILE");
    let key = reader.text("tls_key_file", "NEPHOSCOPE_TLS_KEY_FILE");
    match (cert, key) {
        (Some(cert), Some(key)) => Some(TlsFiles { cert: cert.into(), key: key.into() }),
        (Some(_), None) => {
            reader.complain_of("tls_key_file", "it is missing, and tls_cert_file is given");
            None
        }
        (None, Some(_)) => {
            reader.complain_of("tls_cert_file", "it is missing, and tls_key_file is given");
            None
        }
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use axum::http::HeaderMap;

    use crate::config::Config;

    #[test]
    fn nothing_is_trusted_and_nothing_is_refused_unless_it_is_said() {
        let security = Config::parse("", |_| None).expect("good").security;
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", "192.0.2.1".parse().expect("a header"));
        let loopback = IpAddr::from([127, 0, 0, 1]);
        assert_eq!(security.proxies.client(loopback, false, "", &headers).address, loopback);
        assert!(!security.read_only && security.tls.is_none() && !security.settings().cookies_are_secure());
    }

    #[test]
    fn proxies_are_networks_or_addresses_from_the_file_or_a_variable() {
        let trusts = |config: &Config, peer: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("x-forwarded-for", "192.0.2.1".parse().expect("a header"));
            let peer: IpAddr = peer.parse().expect("an address");
            config.security.proxies.client(peer, false, "", &headers).address != peer
        };
        let file = "trusted_proxies = [\"10.1.0.0/16\", \"2001:db8::1\"]";
        let config = Config::parse(file, |_| None).expect("good");
        assert!(trusts(&config, "10.1.2.3") && trusts(&config, "2001:db8::1"));
        assert!(!trusts(&config, "10.2.0.1") && !trusts(&config, "2001:db8::2"));
        let env = |name: &str| (name == "NEPHOSCOPE_TRUSTED_PROXIES").then(|| "127.0.0.1, ::1".to_owned());
        let config = Config::parse(file, env).expect("good");
        assert!(trusts(&config, "127.0.0.1") && trusts(&config, "::1") && !trusts(&config, "10.1.2.3"));
    }

    #[test]
    fn no_limit_is_zero() {
        let rates = |text: &str| Config::parse(text, |_| None).expect("good").security.rates;
        assert_eq!(rates("requests_per_minute_per_user = 0").per_user, None);
        let ten = rates("requests_per_minute_per_address = 10").per_address;
        assert_eq!(ten.map(std::num::NonZeroU32::get), Some(10));
    }

    #[test]
    fn every_mistake_is_named() {
        let text = r#"
            trusted_proxies = ["everybody", 7, "0.0.0.0/0"]
            forwarded_header = "x-real-ip"
            requests_per_minute_per_user = "many"
            tls_cert_file = "cert.pem"
            read_only = "yes"
        "#;
        let errors = Config::parse(text, |_| None).expect_err("it is full of errors").0;
        for key in [
            "trusted_proxies[0]:",
            "trusted_proxies[1]:",
            "trusted_proxies[2]:",
            "forwarded_header:",
            "requests_per_minute_per_user:",
            "tls_key_file:",
            "read_only:",
        ] {
            assert!(errors.iter().any(|error| error.starts_with(key)), "{key} is not in {errors:#?}");
        }
    }
}
