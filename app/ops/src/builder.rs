//! Putting the operations together.

use std::{sync::Arc, time::Duration};

use nephoscope_aws::Cloud;
use nephoscope_live::{Hub, KnownInstances, OnInstances, Pacing};
use nephoscope_model::{
    Place,
    ec2::{Instance, InstanceId},
    logs::{LogGroup, LogRow, LogStream, LogTail},
    metrics::{Metric, Series, StatsQuery},
};
use nephoscope_store::Store;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use crate::{
    LoginLimits, SigningKey,
    cache::{Answers, Known},
    identity::{login_limit::LoginGuard, password::Hasher},
};

/// All operations. Cheap to clone; every clone is the same.
#[derive(Clone, Debug)]
pub struct Ops(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    cloud: Cloud,
    store: Arc<dyn Store>,
    hub: Hub,
    caches: Arc<Caches>,
    signing_key: SigningKey,
    hasher: Hasher,
    login_guard: LoginGuard,
    changes: TaskTracker,
}

/// What AWS answered a moment ago, by kind.
#[derive(Debug)]
pub(crate) struct Caches {
    pub(crate) instances: Answers<Place, Vec<Instance>>,
    pub(crate) log_groups: Answers<Place, Vec<LogGroup>>,
    pub(crate) log_streams: Answers<(Place, String), Vec<LogStream>>,
    pub(crate) log_rows: Answers<LogTail, Vec<LogRow>>,
    pub(crate) metrics: Answers<(Place, InstanceId), Vec<Metric>>,
    pub(crate) series: Answers<(Place, Metric, StatsQuery), Series>,
    /// Not of AWS but of the store: whether a session lives, by its id.
    pub(crate) live_sessions: Answers<String, bool>,
}

impl Caches {
    fn new() -> Self {
        Self {
            instances: Answers::new("instances", 1_000, Duration::from_secs(15)),
            log_groups: Answers::new("log_groups", 1_000, Duration::from_secs(60)),
            log_streams: Answers::new("log_streams", 1_000, Duration::from_secs(30)),
            log_rows: Answers::new("log_rows", 500, Duration::from_secs(3)),
            metrics: Answers::new("metrics", 10_000, Duration::from_secs(300)),
            series: Answers::new("series", 2_000, Duration::from_secs(20)),
            live_sessions: Answers::new("live_sessions", 100_000, Duration::from_secs(5)),
        }
    }
}

/// Makes [`Ops`]; tests swap any collaborator.
#[derive(Debug)]
pub struct OpsBuilder {
    cloud: Cloud,
    store: Arc<dyn Store>,
    signing_key: SigningKey,
    pacing: Pacing,
    login_limits: LoginLimits,
}

impl Ops {
    /// Begins with what there is no default for.
    #[must_use]
    pub fn builder(cloud: Cloud, store: Arc<dyn Store>, signing_key: SigningKey) -> OpsBuilder {
        OpsBuilder {
            cloud,
            store,
            signing_key,
            pacing: Pacing::default(),
            login_limits: LoginLimits::default(),
        }
    }

    pub(crate) fn cloud(&self) -> &Cloud {
        &self.0.cloud
    }

    pub(crate) fn store(&self) -> &dyn Store {
        &*self.0.store
    }

    pub(crate) fn hub(&self) -> &Hub {
        &self.0.hub
    }

    pub(crate) fn caches(&self) -> &Caches {
        &self.0.caches
    }

    pub(crate) fn signing_key(&self) -> &SigningKey {
        &self.0.signing_key
    }

    pub(crate) fn hasher(&self) -> &Hasher {
        &self.0.hasher
    }

    pub(crate) fn login_guard(&self) -> &LoginGuard {
        &self.0.login_guard
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
        self.0.changes.close();
        self.0.changes.wait().await;
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
            signing_key: self.signing_key,
            hasher: Hasher::default(),
            login_guard: LoginGuard::new(self.login_limits),
            changes: TaskTracker::new(),
        }))
    }
}
