//! Whose keys are used for an account, and the SDK's configuration that all accounts stand on.

use std::{collections::HashMap, sync::Mutex, sync::PoisonError, time::Duration};

use aws_config::{
    BehaviorVersion, SdkConfig, identity::IdentityCache, retry::RetryConfig, timeout::TimeoutConfig,
};
use aws_credential_types::Credentials as SdkCredentials;
use aws_smithy_http_client::{Connector, proxy::ProxyConfig, tls};
use aws_smithy_runtime_api::client::http::{
    HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_types::{app_name::AppName, region::Region};
use nephoscope_model::{Account, Error, account::Credentials};
use secrecy::{ExposeSecret, SecretString};

use crate::Patience;

/// An account and how it is entered.
#[derive(Clone, Debug)]
pub struct AccountConfig {
    /// What pages know of it.
    pub account: Account,
    /// How it is entered.
    pub credentials: CredentialsSource,
    /// Why it cannot be entered, when that is known already; every call then fails with it.
    pub problem: Option<Error>,
}

impl AccountConfig {
    /// An account that nothing is known to be wrong with.
    #[must_use]
    pub fn new(account: Account, credentials: CredentialsSource) -> Self {
        Self { account, credentials, problem: None }
    }
}

/// Where an account's credentials come from. `Debug` shows no secret.
pub type CredentialsSource = Credentials<SecretString>;

/// Whether two configurations mean the same, secrets included.
pub(crate) fn is_same(a: &AccountConfig, b: &AccountConfig) -> bool {
    a.account == b.account
        && a.problem == b.problem
        && a.credentials.hidden() == b.credentials.hidden()
        && a.credentials.secret().map(ExposeSecret::expose_secret)
            == b.credentials.secret().map(ExposeSecret::expose_secret)
}

/// Temporary credentials are renewed so long before they end, so that no call begins with ones that end under way.
pub(crate) const RENEW_BEFORE: Duration = Duration::from_secs(60);

/// What all accounts stand on.
pub(crate) struct Foundation {
    pub(crate) region: Region,
    pub(crate) endpoint_url: Option<String>,
    pub(crate) http_client: Option<SharedHttpClient>,
    pub(crate) base_credentials: Option<(String, SecretString)>,
    pub(crate) patience: Patience,
}

impl Foundation {
    /// The SDK's configuration with the server's own credentials. A region is always given, so the SDK looks for none; its default
    /// chain leaves the instance metadata service alone when `AWS_EC2_METADATA_DISABLED` is `true`.
    pub(crate) async fn lay(self) -> SdkConfig {
        let Patience { connect, attempt, call, attempts, first_pause, longest_pause } = self.patience;
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(connect)
            .read_timeout(attempt)
            .operation_attempt_timeout(attempt)
            .operation_timeout(call)
            .build();
        let retries = RetryConfig::adaptive()
            .with_max_attempts(attempts.max(1))
            .with_initial_backoff(first_pause)
            .with_max_backoff(longest_pause);
        // Of the server's own credentials; each session with an account has one of its own.
        let identities = IdentityCache::lazy().buffer_time(RENEW_BEFORE).build();
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .region(self.region)
            .timeout_config(timeouts)
            .retry_config(retries)
            .identity_cache(identities)
            .http_client(self.http_client.unwrap_or_else(shared_http_client));
        if let Ok(name) = AppName::new("nephoscope") {
            loader = loader.app_name(name);
        }
        if let Some(url) = self.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        if let Some((id, secret)) = self.base_credentials {
            loader = loader.credentials_provider(keys(id, &secret));
        }
        loader.load().await
    }
}

pub(crate) fn keys(access_key_id: String, secret_access_key: &SecretString) -> SdkCredentials {
    SdkCredentials::new(
        access_key_id,
        secret_access_key.expose_secret(),
        None,
        None,
        "nephoscope configuration",
    )
}

/// One pool of connections for everything. Left to itself every SDK client would open its own, and accounts in one region would
/// not share connections to the same host. Takes `HTTPS_PROXY` and `NO_PROXY` from the environment, as the SDK's own does.
fn shared_http_client() -> SharedHttpClient {
    let connectors: Mutex<HashMap<_, SharedHttpConnector>> = Mutex::default();
    http_client_fn(move |settings: &HttpConnectorSettings, components| {
        let key = (settings.connect_timeout(), settings.read_timeout());
        let mut connectors = connectors.lock().unwrap_or_else(PoisonError::into_inner);
        let connector = connectors.entry(key).or_insert_with(|| {
            let mut connector = Connector::builder().connector_settings(settings.clone());
            connector.set_sleep_impl(components.sleep_impl());
            connector.set_proxy_config(Some(ProxyConfig::from_env()));
            let tls = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc);
            SharedHttpConnector::new(connector.tls_provider(tls).build())
        });
        connector.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        let role = CredentialsSource::Role {
            role_arn: "arn:aws:iam::111111111111:role/viewer".parse().expect("a role"),
            external_id: Some("hush-external".into()),
            from: None,
        };
        let keys = CredentialsSource::Keys {
            access_key_id: "AKIA".parse().expect("an id"),
            secret_access_key: "hush-key".into(),
        };
        assert!(!format!("{role:?}{keys:?}").contains("hush"));
    }
}
