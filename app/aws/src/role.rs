//! Entering an account: the provider of temporary credentials of a role, for one person, narrowed to what that person may do.

use std::{fmt, sync::Weak};

use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, error::CredentialsError, future},
};
use aws_sdk_sts::{
    config::retry::{RetryConfig, RetryMode},
    types::Credentials as StsCredentials,
};
use aws_types::{SdkConfig, region::Region};
use nephoscope_model::{AccountId, Error, ErrorCode, account::RoleArn};
use secrecy::{ExposeSecret as _, SecretString};

use crate::{Actor, estate::Inner, site::own_retries};

/// What assumes a role.
pub(crate) enum Base {
    /// The server's own credentials.
    Server,
    /// Those of another account, as it is when it is needed.
    Account(AccountId),
    /// The token in a file.
    TokenFile(String),
}

/// Provides the credentials of a role for one person. The SDK caches them and asks again before they end.
pub(crate) struct RoleProvider {
    pub(crate) cloud: Weak<Inner>,
    pub(crate) base: Base,
    pub(crate) role_arn: RoleArn,
    pub(crate) external_id: Option<SecretString>,
    pub(crate) actor: Actor,
    /// The policy that narrows the role.
    pub(crate) policy: String,
    /// Where STS is asked.
    pub(crate) region: Option<Region>,
    /// How many roles are being assumed one from the other.
    pub(crate) depth: usize,
}

/// No chain of roles is longer: a circle of accounts that enter each other must end.
const MAX_DEPTH: usize = 4;

impl fmt::Debug for RoleProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoleProvider").field("role_arn", &self.role_arn).finish_non_exhaustive()
    }
}

impl ProvideCredentials for RoleProvider {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            match &self.base {
                Base::TokenFile(path) => self.by_token(path).await,
                Base::Server | Base::Account(_) => self.by_assuming().await,
            }
        })
    }
}

impl RoleProvider {
    async fn by_assuming(&self) -> Result<Credentials, CredentialsError> {
        let sts = self.sts(&self.base_config()?);
        let answer = sts
            .assume_role()
            .role_arn(self.role_arn.as_str())
            .role_session_name(self.actor.session_name())
            .policy(&self.policy)
            .set_external_id(self.external_id.as_ref().map(|id| id.expose_secret().to_owned()))
            .send()
            .await
            .map_err(CredentialsError::provider_error)?;
        read(answer.credentials)
    }

    async fn by_token(&self, path: &str) -> Result<Credentials, CredentialsError> {
        let token = tokio::fs::read_to_string(path).await.map_err(|error| {
            let message = format!("The web identity token {path} cannot be read on the server: {error}.");
            refusal(message, "Check the path, and that the server may read the file.")
        })?;
        let inner = self.cloud()?;
        let answer = self
            .sts(inner.sdk())
            .assume_role_with_web_identity()
            .role_arn(self.role_arn.as_str())
            .role_session_name(self.actor.session_name())
            .policy(&self.policy)
            .web_identity_token(token.trim())
            .send()
            .await
            .map_err(CredentialsError::provider_error)?;
        read(answer.credentials)
    }

    /// The configuration with the credentials that assume the role.
    fn base_config(&self) -> Result<SdkConfig, CredentialsError> {
        let inner = self.cloud()?;
        let Base::Account(from) = &self.base else { return Ok(inner.sdk().clone()) };
        if self.depth >= MAX_DEPTH {
            return Err(refusal(
                format!("The roles that lead to {} are chained in a circle.", self.role_arn),
                "Let one of the accounts be entered with the server's own credentials or a key.",
            ));
        }
        inner
            .entering(from, &self.role_arn, &self.actor, self.depth + 1)
            .map_err(CredentialsError::invalid_configuration)
    }

    fn cloud(&self) -> Result<std::sync::Arc<Inner>, CredentialsError> {
        self.cloud.upgrade().ok_or_else(|| CredentialsError::unhandled("nephoscope is stopping"))
    }

    /// With the SDK's standard retries. The adaptive ones limit the rate, and a page of ten accounts after one throttled call would wait
    /// for one role every two seconds.
    fn sts(&self, base: &SdkConfig) -> aws_sdk_sts::Client {
        let retries = base.retry_config().cloned().unwrap_or_else(RetryConfig::standard);
        let mut config = aws_sdk_sts::config::Builder::from(base)
            .retry_config(retries.with_retry_mode(RetryMode::Standard))
            .retry_partition(own_retries("sts"));
        if let Some(region) = &self.region {
            config = config.region(region.clone());
        }
        aws_sdk_sts::Client::from_conf(config.build())
    }
}

/// An error of ours on its way through the SDK; `explain` finds it there.
fn refusal(message: String, hint: &str) -> CredentialsError {
    CredentialsError::invalid_configuration(Error::new(ErrorCode::AwsCredentials, message).with_hint(hint))
}

fn read(credentials: Option<StsCredentials>) -> Result<Credentials, CredentialsError> {
    let given = credentials.ok_or_else(|| CredentialsError::unhandled("STS gave no credentials"))?;
    let expires = given.expiration.try_into().map_err(CredentialsError::unhandled)?;
    Ok(Credentials::new(
        given.access_key_id,
        given.secret_access_key,
        Some(given.session_token),
        Some(expires),
        "nephoscope role",
    ))
}
