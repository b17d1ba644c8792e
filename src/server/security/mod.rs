//! What every request must pass and every response must carry.
//!
//! One file for each question: who is at the other end ([`client`]), did another site cause this ([`cross_site`]), is it too much
//! ([`limits`], [`allowance`]), what are our cookies called ([`cookie_names`]), and what must a browser be told ([`headers`]).

pub(super) mod allowance;
pub mod client;
pub(super) mod cookie_names;
pub(super) mod cross_site;
pub(super) mod headers;
pub(super) mod limits;

use std::{num::NonZeroU32, time::Duration};

pub use client::{Client, ForwardedBy, TrustedProxies};

/// How the server protects itself.
#[derive(Debug, Clone)]
pub struct SecuritySettings {
    /// Whose word on the client's address is taken.
    pub proxies: TrustedProxies,
    /// Whether cookies go over TLS only, whoever speaks it.
    pub secure_cookies: bool,
    /// Whether the server itself speaks TLS.
    pub tls: bool,
    /// How many requests are heard.
    pub rates: RequestRates,
    /// How long a client may take to send the head of a request, and how long a connection may wait for the next one.
    pub head_within: Duration,
}

impl Default for SecuritySettings {
    fn default() -> Self {
        Self {
            proxies: TrustedProxies::default(),
            secure_cookies: false,
            tls: false,
            rates: RequestRates::default(),
            head_within: Duration::from_secs(30),
        }
    }
}

impl SecuritySettings {
    /// Whether browsers reach this server by TLS only, as far as the configuration tells: cookies are `Secure` then.
    #[must_use]
    pub fn cookies_are_secure(&self) -> bool {
        self.tls || self.secure_cookies
    }
}

/// How many requests a minute are heard; files of the site do not count. `None` is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestRates {
    /// From one address; a whole office may share it.
    pub per_address: Option<NonZeroU32>,
    /// From one person, all their tabs and programs together.
    pub per_user: Option<NonZeroU32>,
}

impl Default for RequestRates {
    /// A page is a request or two, and one more for each thing done on it: nobody who looks and clicks comes near these.
    fn default() -> Self {
        Self { per_address: NonZeroU32::new(6_000), per_user: NonZeroU32::new(2_400) }
    }
}
