//! Putting the operations together.

use std::{net::IpAddr, num::NonZeroU32, sync::Arc, time::Duration};

use nephoscope_aws::Cloud;
use nephoscope_live::{Hub, KnownInstances, OnInstances, Pacing};
use nephoscope_model::Place;
use nephoscope_store::Store;
use tokio::sync::{Mutex, Notify, Semaphore, broadcast};
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use crate::{
    KeyedLimiter, LoginLimits, Meter, PersonChanged, Providers, SigningKeys, SubscriptionLimits, Vault,
    accounts::Synced,
    cache::Known,
    caches::Caches,
    identity::{login_limit::LoginGuard, password::Hasher},
    live::SubscriptionGuard,
    s3::{Emptyings, UploadGates},
};

/// Codes of a second factor that are heard of one person in a minute: guessing one takes weeks then.
const CODES_PER_MINUTE: NonZeroU32 = NonZeroU32::MIN.saturating_add(4);

/// Steps of log-ins through an identity provider that are heard from one network in a minute; each log-in has two.
const PROVIDER_LOGINS_PER_MINUTE: NonZeroU32 = NonZeroU32::MIN.saturating_add(59);

/// How many uploads, or parts that come one by one, are under way at once, over all people; others wait. Each holds up to 32 MiB.
const UPLOADS_AT_ONCE: usize = 8;

/// Changes of people that wait for a slow listener; one that falls behind looks for itself.
const PEOPLE_CHANGES_WAITING: usize = 256;

/// All operations. Cheap to clone; every clone is the same.
#[derive(Clone, Debug)]
pub struct Ops(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    cloud: Cloud,
    store: Arc<dyn Store>,
    hub: Hub,
    caches: Arc<Caches>,
    signing_keys: SigningKeys,
    hasher: Hasher,
    people: broadcast::Sender<PersonChanged>,
    /// Held while it is decided whether an administrator may go, so that two cannot show each other out.
    admins: Mutex<()>,
    login_guard: LoginGuard,
    /// Codes of second factors that are heard, by person.
    code_limit: KeyedLimiter<String>,
    providers: Providers,
    /// Steps of log-ins through a provider, by network.
    provider_limit: KeyedLimiter<IpAddr>,
    read_only: bool,
    subscription_guard: SubscriptionGuard,
    changes: TaskTracker,
    upload_slots: Semaphore,
    emptyings: Emptyings,
    upload_gates: UploadGates,
    audit_retention: Option<Duration>,
    terminate_grace: Duration,
    /// Told when an instance was put into the queue of terminations.
    termination_queue: Notify,
    meter: Meter,
    vault: Vault,
    synced: Synced,
}

/// Makes [`Ops`]; tests swap any collaborator.
#[derive(Debug)]
pub struct OpsBuilder {
    cloud: Cloud,
    store: Arc<dyn Store>,
    signing_keys: SigningKeys,
    pacing: Pacing,
    login_limits: LoginLimits,
    read_only: bool,
    subscription_limits: SubscriptionLimits,
    audit_retention: Option<Duration>,
    terminate_grace: Duration,
    meter: Meter,
    vault: Option<Vault>,
    providers: Providers,
}

impl Ops {
    /// Begins with what there is no default for.
    #[must_use]
    pub fn builder(cloud: Cloud, store: Arc<dyn Store>, signing_keys: impl Into<SigningKeys>) -> OpsBuilder {
        OpsBuilder {
            cloud,
            store,
            signing_keys: signing_keys.into(),
            pacing: Pacing::default(),
            login_limits: LoginLimits::default(),
            read_only: false,
            subscription_limits: SubscriptionLimits::default(),
            audit_retention: None,
            terminate_grace: Duration::ZERO,
            meter: Meter::default(),
            vault: None,
            providers: Providers::default(),
        }
    }

    pub(crate) fn cloud(&self) -> &Cloud {
        &self.0.cloud
    }

    pub(crate) fn store(&self) -> &dyn Store {
        &*self.0.store
    }

    pub(crate) fn audit_retention(&self) -> Option<Duration> {
        self.0.audit_retention
    }

    pub(crate) fn terminate_grace(&self) -> Duration {
        self.0.terminate_grace
    }

    pub(crate) fn termination_queue(&self) -> &Notify {
        &self.0.termination_queue
    }

    pub(crate) fn meter(&self) -> &Meter {
        &self.0.meter
    }

    pub(crate) fn vault(&self) -> &Vault {
        &self.0.vault
    }

    pub(crate) fn synced(&self) -> &Synced {
        &self.0.synced
    }

    pub(crate) fn hub(&self) -> &Hub {
        &self.0.hub
    }

    pub(crate) fn caches(&self) -> &Caches {
        &self.0.caches
    }

    pub(crate) fn signing_keys(&self) -> &SigningKeys {
        &self.0.signing_keys
    }

    pub(crate) fn people_channel(&self) -> &broadcast::Sender<PersonChanged> {
        &self.0.people
    }

    pub(crate) fn admins(&self) -> &Mutex<()> {
        &self.0.admins
    }

    pub(crate) fn hasher(&self) -> &Hasher {
        &self.0.hasher
    }

    pub(crate) fn code_limit(&self) -> &KeyedLimiter<String> {
        &self.0.code_limit
    }

    pub(crate) fn upload_slots(&self) -> &Semaphore {
        &self.0.upload_slots
    }

    pub(crate) fn emptyings(&self) -> &Emptyings {
        &self.0.emptyings
    }

    pub(crate) fn upload_gates(&self) -> &UploadGates {
        &self.0.upload_gates
    }

    pub(crate) fn providers(&self) -> &Providers {
        &self.0.providers
    }

    pub(crate) fn provider_limit(&self) -> &KeyedLimiter<IpAddr> {
        &self.0.provider_limit
    }

    pub(crate) fn login_guard(&self) -> &LoginGuard {
        &self.0.login_guard
    }

    pub(crate) fn subscription_guard(&self) -> &SubscriptionGuard {
        &self.0.subscription_guard
    }

    /// Whether the whole server was switched to change nothing.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.0.read_only
    }

    /// Whether the store answers: what readiness means.
    ///
    /// # Errors
    /// `unavailable` when it does not.
    pub async fn check_ready(&self) -> nephoscope_model::Result<()> {
        Ok(self.store().ping().await?)
    }

    /// How many things are being watched, by kind.
    #[must_use]
    pub fn upstreams(&self) -> [(&'static str, usize); 3] {
        self.hub().upstreams()
    }

    /// Does something to its end, even when whoever asked for it goes away meanwhile: a browser that closes its tab must leave neither a
    /// change half done nor its record unwritten.
    ///
    /// # Errors
    /// Those of the work.
    pub(crate) async fn to_the_end<T: Send + 'static>(
        &self,
        work: impl Future<Output = nephoscope_model::Result<T>> + Send + 'static,
    ) -> nephoscope_model::Result<T> {
        self.0.changes.spawn(work.in_current_span()).await.unwrap_or_else(|error| {
            tracing::error!("an operation did not come to its end: {error}");
            Err(nephoscope_model::Error::internal())
        })
    }

    /// Waits for changes that are under way, then lets go of the store.
    pub async fn close(&self) {
        // What may take hours is broken off, and says so in the audit.
        self.0.emptyings.cancel_all();
        self.0.changes.close();
        self.0.changes.wait().await;
        self.flush_usage().await;
        self.log_audit_head().await;
        self.store().close().await;
    }
}

impl OpsBuilder {
    /// How often watched things are asked for.
    #[must_use]
    pub fn pacing(mut self, pacing: Pacing) -> Self {
        self.pacing = pacing;
        self
    }

    /// How many attempts to log in are heard.
    #[must_use]
    pub fn login_limits(mut self, limits: LoginLimits) -> Self {
        self.login_limits = limits;
        self
    }

    /// How fast one person may begin to follow things.
    #[must_use]
    pub fn subscription_limits(mut self, limits: SubscriptionLimits) -> Self {
        self.subscription_limits = limits;
        self
    }

    /// Whether to refuse every change.
    #[must_use]
    pub fn read_only(mut self, read_only: bool) -> Self {
        self.read_only = read_only;
        self
    }

    /// How long to keep records of the audit; for ever when nothing is said.
    #[must_use]
    pub fn audit_retention(mut self, keep: Option<Duration>) -> Self {
        self.audit_retention = keep;
        self
    }

    /// How long terminating waits, so that it can be undone; not at all when nothing is said.
    #[must_use]
    pub fn terminate_grace(mut self, grace: Duration) -> Self {
        self.terminate_grace = grace;
        self
    }

    /// What counts the calls of the cloud.
    #[must_use]
    pub fn meter(mut self, meter: Meter) -> Self {
        self.meter = meter;
        self
    }

    /// What seals secrets. Without it they last as long as the process, which is good for tests only.
    #[must_use]
    pub fn vault(mut self, vault: Vault) -> Self {
        self.vault = Some(vault);
        self
    }

    /// With which identity providers people can log in.
    #[must_use]
    pub fn providers(mut self, providers: Providers) -> Self {
        self.providers = providers;
        self
    }

    /// The operations.
    #[must_use]
    pub fn build(self) -> Ops {
        let caches = Arc::new(Caches::new());
        let on_instances: OnInstances = {
            let caches = Arc::clone(&caches);
            Arc::new(move |place: &Place, known: KnownInstances| {
                let (caches, place) = (Arc::clone(&caches), place.clone());
                tokio::spawn(async move {
                    caches.instances.put(place, Known { value: known.instances, at: known.at }).await;
                });
            })
        };
        Ops(Arc::new(Inner {
            hub: Hub::new(self.cloud.clone(), self.pacing, on_instances),
            cloud: self.cloud,
            store: self.store,
            caches,
            signing_keys: self.signing_keys,
            people: broadcast::channel(PEOPLE_CHANGES_WAITING).0,
            admins: Mutex::new(()),
            hasher: Hasher::default(),
            login_guard: LoginGuard::new(self.login_limits),
            code_limit: KeyedLimiter::per_minute(CODES_PER_MINUTE),
            providers: self.providers,
            provider_limit: KeyedLimiter::per_minute(PROVIDER_LOGINS_PER_MINUTE),
            read_only: self.read_only,
            subscription_guard: SubscriptionGuard::new(self.subscription_limits),
            changes: TaskTracker::new(),
            upload_slots: Semaphore::new(UPLOADS_AT_ONCE),
            emptyings: Emptyings::default(),
            upload_gates: UploadGates::default(),
            audit_retention: self.audit_retention,
            terminate_grace: self.terminate_grace,
            termination_queue: Notify::new(),
            meter: self.meter,
            vault: self.vault.unwrap_or_else(Vault::ephemeral),
            synced: Synced::default(),
        }))
    }
}
