//! Whose keys are used for an account, and the SDK's configuration that all accounts stand on.

use std::{collections::HashMap, sync::Mutex, sync::PoisonError, time::Duration};

use aws_config::{
    BehaviorVersion, SdkConfig,
    identity::IdentityCache,
    retry::{RetryConfig, RetryMode},
    sts::AssumeRoleProvider,
    timeout::TimeoutConfig,
};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_http_client::{Connector, proxy::ProxyConfig, tls};
use aws_smithy_runtime_api::client::http::{
    HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_types::{app_name::AppName, region::Region};
use nephoscope_model::Account;
use secrecy::{ExposeSecret as _, SecretString};

use crate::Patience;

/// An account and how it is entered.
#[derive(Clone, Debug)]
pub struct AccountConfig {
    /// What pages know of it.
    pub account: Account,
    /// How it is entered.
    pub credentials: CredentialsSource,
}

/// Where an account's credentials come from. `Debug` shows no secret.
#[derive(Clone, Debug)]
pub enum CredentialsSource {
    /// The server's own: the SDK's default chain (environment, profile, web identity, container, instance).
    Default,
    /// The key of an IAM user.
    Keys {
        /// `AKIA…`.
        access_key_id: String,
        /// The secret half.
        secret_access_key: SecretString,
    },
    /// A role that the server's own credentials may assume: temporary credentials, renewed by themselves.
    AssumeRole {
        /// `arn:aws:iam::<account>:role/<name>`.
        role_arn: String,
        /// What the role's trust policy demands, if it does.
        external_id: Option<SecretString>,
        /// What CloudTrail calls the session; `nephoscope` when empty.
        session_name: String,
    },
}

/// Temporary credentials are renewed so long before they end, so that no call begins with ones that end under way.
const RENEW_BEFORE: Duration = Duration::from_secs(60);

/// What all accounts stand on.
pub(crate) struct Foundation {
    pub(crate) region: Region,
    pub(crate) endpoint_url: Option<String>,
    pub(crate) http_client: Option<SharedHttpClient>,
    pub(crate) base_credentials: Option<(String, SecretString)>,
    pub(crate) patience: Patience,
    pub(crate) accounts: usize,
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
        // One entry per account, kept for all its regions and services: a role is assumed once, not once per client.
        let identities =
            IdentityCache::lazy().buffer_time(RENEW_BEFORE).max_partitions(self.accounts + 8).build();
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

/// The provider of an account's credentials.
pub(crate) async fn provider(foundation: &SdkConfig, config: &AccountConfig) -> SharedCredentialsProvider {
    match &config.credentials {
        CredentialsSource::Default => foundation
            .credentials_provider()
            // The loader always sets one; were it gone, calls would fail as unsigned ones do.
            .unwrap_or_else(|| SharedCredentialsProvider::new(keys(String::new(), &SecretString::default()))),
        CredentialsSource::Keys { access_key_id, secret_access_key } => {
            SharedCredentialsProvider::new(keys(access_key_id.clone(), secret_access_key))
        }
        CredentialsSource::AssumeRole { role_arn, external_id, session_name } => {
            let session_name = if session_name.is_empty() { "nephoscope" } else { session_name };
            let mut role = AssumeRoleProvider::builder(role_arn).session_name(session_name);
            if let Some(external_id) = external_id {
                role = role.external_id(external_id.expose_secret());
            }
            if let Some(region) = config.account.regions.first() {
                role = role.region(Region::new(region.as_str().to_owned()));
            }
            SharedCredentialsProvider::new(role.configure(&without_rate_limit(foundation)).build().await)
        }
    }
}

/// The same configuration with the SDK's standard retries. All roles are assumed through one process-wide rate limit when retries
/// are adaptive; after one throttled call a page of ten accounts would queue there at one role every two seconds.
fn without_rate_limit(foundation: &SdkConfig) -> SdkConfig {
    let retries = foundation.retry_config().cloned().unwrap_or_else(RetryConfig::standard);
    foundation.to_builder().retry_config(retries.with_retry_mode(RetryMode::Standard)).build()
}

fn keys(access_key_id: String, secret_access_key: &SecretString) -> Credentials {
    Credentials::new(access_key_id, secret_access_key.expose_secret(), None, None, "nephoscope configuration")
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
        let role = CredentialsSource::AssumeRole {
            role_arn: "arn:aws:iam::111111111111:role/viewer".to_owned(),
            external_id: Some("hush-external".into()),
            session_name: String::new(),
        };
        let keys = CredentialsSource::Keys {
            access_key_id: "AKIA".to_owned(),
            secret_access_key: "hush-key".into(),
        };
        assert!(!format!("{role:?}{keys:?}").contains("hush"));
    }
}
