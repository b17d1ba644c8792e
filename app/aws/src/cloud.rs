//! The whole estate: every account in every region, and how it is put together.

use std::{collections::HashMap, fmt, sync::Arc, time::Duration};

use aws_smithy_runtime_api::{
    client::http::{HttpClient, SharedHttpClient},
    shared::IntoShared as _,
};
use aws_types::region::Region as SdkRegion;
use nephoscope_model::{Account, AccountId, Error, Place, Result};
use secrecy::SecretString;
use tokio::sync::Semaphore;

use crate::{
    credentials::{self, AccountConfig, Foundation},
    site::{OnCall, Site},
};

/// AWS, as far as it is configured here. Cheap to clone; all clones share their clients and limits.
#[derive(Clone)]
pub struct Cloud {
    inner: Arc<Inner>,
}

struct Inner {
    estate: Vec<Account>,
    sites: HashMap<Place, Site>,
}

impl Cloud {
    /// Begins a cloud.
    #[must_use]
    pub fn builder() -> CloudBuilder {
        CloudBuilder::default()
    }

    /// The accounts that are configured, in their order.
    #[must_use]
    pub fn accounts(&self) -> Vec<Account> {
        self.inner.estate.clone()
    }

    /// The clients of a place. Only configured places have any, so nobody can make the server sign requests for others.
    pub(crate) fn site(&self, place: &Place) -> Result<&Site> {
        self.inner.sites.get(place).ok_or_else(|| {
            let Place { account, region } = place;
            if self.inner.estate.iter().any(|known| known.id == *account) {
                Error::not_found(format!("Region {region} is not configured for account {account}."))
                    .with_hint("Choose another region, or add this one to the account's configuration.")
            } else {
                unknown_account(account)
            }
        })
    }

    /// The account's first region, where calls go that concern the account as a whole.
    pub(crate) fn first_site(&self, account: &AccountId) -> Result<&Site> {
        let known = self.inner.estate.iter().find(|known| known.id == *account);
        let known = known.ok_or_else(|| unknown_account(account))?;
        let region = known.regions.first().cloned().ok_or_else(|| {
            Error::not_found(format!("Account {account} has no regions."))
                .with_hint("Add at least one region to the account's configuration.")
        })?;
        self.site(&Place { account: account.clone(), region })
    }
}

fn unknown_account(account: &AccountId) -> Error {
    Error::not_found(format!("Account {account} is not configured here."))
        .with_hint("Choose another account, or add this one to the configuration.")
}

impl fmt::Debug for Cloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let accounts: Vec<_> = self.inner.estate.iter().map(|account| account.id.as_str()).collect();
        f.debug_struct("Cloud").field("accounts", &accounts).finish_non_exhaustive()
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
            accounts: self.accounts.len(),
        };
        let foundation = foundation.lay().await;

        let mut estate: Vec<Account> = Vec::new();
        let mut sites = HashMap::new();
        for config in self.accounts {
            if estate.iter().any(|known| known.id == config.account.id) {
                continue;
            }
            let provider = credentials::provider(&foundation, &config).await;
            let permits = Arc::new(Semaphore::new(self.max_concurrency_per_account));
            for region in &config.account.regions {
                let place = Place { account: config.account.id.clone(), region: region.clone() };
                let sdk = foundation
                    .to_builder()
                    .region(SdkRegion::new(region.as_str().to_owned()))
                    .credentials_provider(provider.clone())
                    .build();
                let name = config.account.name.clone();
                let site = Site::new(place.clone(), name, sdk, Arc::clone(&permits), self.on_call.clone());
                sites.insert(place, site);
            }
            estate.push(config.account);
        }
        Cloud { inner: Arc::new(Inner { estate, sites }) }
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
