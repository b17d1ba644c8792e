//! The whole estate: every account in every region, and how it is put together.

use std::{fmt, sync::Arc, time::Duration};

use aws_smithy_runtime_api::{
    client::http::{HttpClient, SharedHttpClient},
    shared::IntoShared as _,
};
use aws_types::region::Region as SdkRegion;
use nephoscope_model::{Account, AccountId, Place, Result, account::AccountDetails};
use secrecy::SecretString;
use tokio::sync::Semaphore;

use crate::{
    Actor,
    credentials::{AccountConfig, Foundation},
    estate::Inner,
    site::{OnCall, Site},
};

/// AWS, as far as it is configured here, on somebody's behalf. Cheap to clone; all clones share their accounts, clients and limits.
#[derive(Clone)]
pub struct Cloud {
    inner: Arc<Inner>,
    actor: Actor,
}

impl Cloud {
    /// Begins a cloud.
    #[must_use]
    pub fn builder() -> CloudBuilder {
        CloudBuilder::default()
    }

    /// The same cloud, called for somebody. Without this it is called for nephoscope itself, which only looks.
    #[must_use]
    pub fn on_behalf_of(&self, actor: Actor) -> Self {
        Self { inner: Arc::clone(&self.inner), actor }
    }

    /// The accounts, in their order: those of the configuration, then those that were added.
    #[must_use]
    pub fn accounts(&self) -> Vec<Account> {
        self.inner.accounts()
    }

    /// The accounts with all that may be shown of how they are entered.
    #[must_use]
    pub fn account_details(&self) -> Vec<AccountDetails> {
        self.inner.details()
    }

    /// Takes these accounts beside those of the configuration, instead of the ones that were added before. Of one id, the configuration
    /// wins. Clients and credentials of accounts that stay the same are kept.
    pub fn set_added(&self, added: Vec<AccountConfig>) {
        self.inner.set_added(added);
    }

    /// A cloud of its own that has this account too, in place of one with the same id: to try it before it is added.
    #[must_use]
    pub fn with_candidate(&self, candidate: AccountConfig) -> Self {
        Self { inner: self.inner.with_candidate(candidate), actor: self.actor.clone() }
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.inner
    }

    pub(crate) fn site(&self, place: &Place) -> Result<Arc<Site>> {
        self.inner.site(place, &self.actor)
    }

    pub(crate) fn first_site(&self, account: &AccountId) -> Result<Arc<Site>> {
        self.inner.first_site(account, &self.actor)
    }
}

impl fmt::Debug for Cloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let accounts: Vec<_> = self.accounts().into_iter().map(|account| account.id.to_string()).collect();
        f.debug_struct("Cloud")
            .field("accounts", &accounts)
            .field("actor", &self.actor)
            .finish_non_exhaustive()
    }
}

/// How long AWS is waited for, and how often it is asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// To connect.
    pub connect: Duration,
    /// For the first byte of one attempt's answer, and for the attempt as a whole.
    pub attempt: Duration,
    /// For a call with all its attempts and the pauses between them.
    pub call: Duration,
    /// How often a call is tried: throttling, faults of AWS's own and broken connections are tried again.
    pub attempts: u32,
    /// The longest pause before the second attempt; it doubles with each further one. The real pause is random below that.
    pub first_pause: Duration,
    /// No pause is longer. After throttling this is what counts: the SDK's adaptive mode then wants to wait for 10 tokens of
    /// which a quiet client gets one every two seconds, so a page would hang for 20 seconds over one throttled call.
    pub longest_pause: Duration,
}

impl Default for Patience {
    /// Four attempts, as long as somebody looks at a page that loads.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(4),
            attempt: Duration::from_secs(20),
            call: Duration::from_secs(50),
            attempts: 4,
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(4),
        }
    }
}

impl Patience {
    /// Hardly any, so that a test of failures does not take long. Still four attempts.
    #[must_use]
    pub fn of_a_test() -> Self {
        Self {
            connect: Duration::from_millis(250),
            attempt: Duration::from_millis(250),
            call: Duration::from_secs(5),
            attempts: 4,
            first_pause: Duration::from_millis(1),
            longest_pause: Duration::from_millis(5),
        }
    }
}

/// Puts a [`Cloud`] together.
pub struct CloudBuilder {
    accounts: Vec<AccountConfig>,
    endpoint_url: Option<String>,
    http_client: Option<SharedHttpClient>,
    base_credentials: Option<(String, SecretString)>,
    max_concurrency_per_account: usize,
    patience: Patience,
    on_call: Option<OnCall>,
}

impl Default for CloudBuilder {
    fn default() -> Self {
        Self {
            accounts: Vec::new(),
            endpoint_url: None,
            http_client: None,
            base_credentials: None,
            max_concurrency_per_account: 16,
            patience: Patience::default(),
            on_call: None,
        }
    }
}

impl CloudBuilder {
    /// The accounts, in the order in which they are shown. Of two with one id, the first counts.
    #[must_use]
    pub fn accounts(mut self, accounts: Vec<AccountConfig>) -> Self {
        self.accounts = accounts;
        self
    }

    /// Where every service is, instead of at AWS: an emulator, or a proxy. Without it the SDK's own settings
    /// (`AWS_ENDPOINT_URL`, …) hold.
    #[must_use]
    pub fn endpoint_url(mut self, url: Option<String>) -> Self {
        self.endpoint_url = url;
        self
    }

    /// Another HTTP client than the shared default one; see [`crate::replay`].
    #[must_use]
    pub fn http_client(mut self, client: impl HttpClient + 'static) -> Self {
        self.http_client = Some(client.into_shared());
        self
    }

    /// A fixed key instead of the SDK's default chain, for tests.
    #[must_use]
    pub fn base_credentials(
        mut self,
        access_key_id: impl Into<String>,
        secret_access_key: impl Into<SecretString>,
    ) -> Self {
        self.base_credentials = Some((access_key_id.into(), secret_access_key.into()));
        self
    }

    /// How many calls to one account, over all its regions and services, may be under way at once; 16 unless told, at least 1.
    #[must_use]
    pub fn max_concurrency_per_account(mut self, calls: usize) -> Self {
        self.max_concurrency_per_account = calls.clamp(1, Semaphore::MAX_PERMITS);
        self
    }

    /// How long to wait for AWS.
    #[must_use]
    pub fn patience(mut self, patience: Patience) -> Self {
        self.patience = patience;
        self
    }

    /// Is told of every call when it ends. It runs on the caller's task and must not block.
    #[must_use]
    pub fn on_call(mut self, hook: OnCall) -> Self {
        self.on_call = Some(hook);
        self
    }

    /// Makes the cloud. Nothing is asked of AWS yet, and no credentials are looked for: an account with bad ones fails when it
    /// is first used, and the others work.
    pub async fn build(self) -> Cloud {
        let first_region = self.accounts.iter().find_map(|config| config.account.regions.first());
        let foundation = Foundation {
            region: SdkRegion::new(first_region.map_or("us-east-1", |region| region.as_str()).to_owned()),
            endpoint_url: self.endpoint_url,
            http_client: self.http_client,
            base_credentials: self.base_credentials,
            patience: self.patience,
        };
        let sdk = foundation.lay().await;
        let inner = Inner::new(sdk, self.max_concurrency_per_account, self.on_call, self.accounts);
        Cloud { inner, actor: Actor::background() }
    }
}

impl fmt::Debug for CloudBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CloudBuilder")
            .field("accounts", &self.accounts)
            .field("endpoint_url", &self.endpoint_url)
            .field("patience", &self.patience)
            .finish_non_exhaustive()
    }
}
