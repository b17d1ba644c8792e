//! One account in one region: its clients, and the one way by which every call goes out.

use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use aws_sdk_sts::config::retry::{ClientRateLimiter, RetryConfig, RetryPartition};
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::{
    error::metadata::ProvideErrorMetadata,
    timeout::{TimeoutConfig, TimeoutConfigBuilder},
};
use aws_types::{SdkConfig, request_id::RequestId};
use nephoscope_model::{Error, ErrorCode, Place, Region, Result};
use tokio::{sync::Semaphore, time::sleep};
use tracing::{Instrument as _, debug, debug_span};

use crate::{calls::Call, error};

/// Told of every call when it ends.
pub type OnCall = Arc<dyn Fn(&CallRecord) + Send + Sync>;

/// One call to AWS: one operation, or one page of a list, with its retries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRecord {
    /// As IAM spells it: `ec2`, `cloudwatch`, `logs`, `sts`, …
    pub service: &'static str,
    /// Such as `DescribeInstances`.
    pub operation: &'static str,
    /// Where it went.
    pub place: Place,
    /// How long it took, without the wait for its turn.
    pub duration: Duration,
    /// What came of it.
    pub outcome: Result<(), ErrorCode>,
    /// How many metrics were requested, where AWS charges for each.
    pub metrics: u32,
    /// AWS's own id of it, for a support case; nothing when AWS told none.
    pub request_id: Option<String>,
}

/// How many calls that take long may be under way in an account at once.
const LONG_CALLS: usize = 16;

/// What everybody who calls an account shares: AWS's limits hold per account, not per person.
pub(crate) struct Shared {
    permits: Semaphore,
    /// For calls that take long: those of everybody else must not wait for them.
    long_permits: Semaphore,
    retries: Mutex<HashMap<(Region, &'static str), RetryPartition>>,
}

impl Shared {
    pub(crate) fn new(max_concurrency: usize) -> Self {
        Self {
            permits: Semaphore::new(max_concurrency),
            long_permits: Semaphore::new(LONG_CALLS),
            retries: Mutex::default(),
        }
    }

    fn retries(&self, region: &Region, service: &'static str) -> RetryPartition {
        let mut retries = self.retries.lock().unwrap_or_else(PoisonError::into_inner);
        retries.entry((region.clone(), service)).or_insert_with(|| own_retries(service)).clone()
    }
}

/// The clients of one place for one person.
pub(crate) struct Site {
    pub(crate) place: Place,
    pub(crate) account_name: String,
    sdk: SdkConfig,
    shared: Arc<Shared>,
    on_call: Option<OnCall>,
    ec2: OnceLock<aws_sdk_ec2::Client>,
    cloudwatch: OnceLock<aws_sdk_cloudwatch::Client>,
    logs: OnceLock<aws_sdk_cloudwatchlogs::Client>,
    sts: OnceLock<aws_sdk_sts::Client>,
    organizations: OnceLock<aws_sdk_organizations::Client>,
    pricing: OnceLock<aws_sdk_pricing::Client>,
    kms: OnceLock<aws_sdk_kms::Client>,
    s3: OnceLock<aws_sdk_s3::Client>,
    lambda: OnceLock<aws_sdk_lambda::Client>,
}

/// A retry quota and an adaptive rate limit for one client alone. By default the SDK keeps one of each per service and region,
/// for the whole process; AWS's limits hold per account, and an account that is throttled must not slow the others down.
pub(crate) fn own_retries(service: &'static str) -> RetryPartition {
    // It measures its rate from here on; left to its default it would take the years since 1970 for idle time.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    RetryPartition::custom(service).client_rate_limiter(ClientRateLimiter::new(now.as_secs_f64())).build()
}

/// The client of a service, made when first needed.
macro_rules! client {
    ($name:ident, $sdk:ident) => {
        pub(crate) fn $name(&self) -> &$sdk::Client {
            self.$name.get_or_init(|| {
                let config = $sdk::config::Builder::from(&self.sdk)
                    .retry_partition(self.shared.retries(&self.place.region, stringify!($name)))
                    .build();
                $sdk::Client::from_conf(config)
            })
        }
    };
}

impl Site {
    pub(crate) fn new(
        place: Place,
        account_name: String,
        sdk: SdkConfig,
        shared: Arc<Shared>,
        on_call: Option<OnCall>,
    ) -> Self {
        Self {
            place,
            account_name,
            sdk,
            shared,
            on_call,
            ec2: OnceLock::new(),
            cloudwatch: OnceLock::new(),
            logs: OnceLock::new(),
            sts: OnceLock::new(),
            organizations: OnceLock::new(),
            pricing: OnceLock::new(),
            kms: OnceLock::new(),
            s3: OnceLock::new(),
            lambda: OnceLock::new(),
        }
    }

    client!(ec2, aws_sdk_ec2);
    client!(cloudwatch, aws_sdk_cloudwatch);
    client!(logs, aws_sdk_cloudwatchlogs);
    client!(sts, aws_sdk_sts);
    client!(organizations, aws_sdk_organizations);
    client!(kms, aws_sdk_kms);
    client!(lambda, aws_sdk_lambda);

    /// The client of the price list, which is in a few regions only and tells of all.
    pub(crate) fn pricing(&self) -> &aws_sdk_pricing::Client {
        self.pricing.get_or_init(|| {
            let config = aws_sdk_pricing::config::Builder::from(&self.sdk)
                .retry_partition(self.shared.retries(&self.place.region, "pricing"))
                .region(aws_sdk_pricing::config::Region::from_static("us-east-1"))
                .build();
            aws_sdk_pricing::Client::from_conf(config)
        })
    }

    /// The client of S3. Elsewhere than at AWS a bucket is named in the path: an emulator's host has no names below it.
    pub(crate) fn s3(&self) -> &aws_sdk_s3::Client {
        self.s3.get_or_init(|| {
            let config = aws_sdk_s3::config::Builder::from(&self.sdk)
                .retry_partition(self.shared.retries(&self.place.region, "s3"))
                .force_path_style(self.sdk.endpoint_url().is_some())
                .build();
            aws_sdk_s3::Client::from_conf(config)
        })
    }

    /// The configuration, credentials included.
    pub(crate) fn sdk(&self) -> &SdkConfig {
        &self.sdk
    }

    /// The usual timeouts, to be changed for one call: what is set for a call replaces all of them.
    pub(crate) fn timeouts(&self) -> TimeoutConfigBuilder {
        self.sdk.timeout_config().map_or_else(TimeoutConfig::builder, TimeoutConfig::to_builder)
    }

    /// A pause before AWS is asked again: a second, or hardly any in tests.
    pub(crate) fn pause(&self) -> Duration {
        self.sdk.retry_config().map_or(Duration::from_secs(1), RetryConfig::initial_backoff)
    }

    /// Sends a request when it is its turn, tells the hook, and explains the error if there is one.
    pub(crate) async fn call<T, E>(
        &self,
        call: Call,
        request: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T>
    where
        T: RequestId,
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        // What takes long does not wait for its turn: it would begin when nobody waits for it any more.
        let _turn = if call.is_long() {
            self.shared.long_permits.try_acquire().map_err(|_| too_much_at_once())?
        } else {
            self.shared.permits.acquire().await.map_err(|_| Error::internal())?
        };
        let (service, operation, metrics) = (call.service(), call.operation(), call.metrics());
        let begun = Instant::now();
        let span = debug_span!("aws", service, operation, place = %self.place);
        let result = request.instrument(span).await.map_err(|sdk| error::explain(self, call, &sdk));
        let duration = begun.elapsed();
        let outcome = result.as_ref().map(|_| ()).map_err(|error| error.code);
        debug!(service, operation, place = %self.place, ?duration, ?outcome, "asked {call} of {}", self.place);
        if let Some(hook) = &self.on_call {
            let request_id = match &result {
                Ok(answer) => answer.request_id().map(ToOwned::to_owned),
                Err(error) => error.aws.as_ref().and_then(|aws| aws.request_id.clone()),
            };
            let place = self.place.clone();
            hook(&CallRecord { service, operation, place, duration, outcome, metrics, request_id });
        }
        result
    }

    /// Makes a call that must not be made a second time when its answer was lost: the second one would find what the first did, and take it
    /// for somebody else's. So `send` must not try again by itself; what AWS refused for being too much did nothing, and is sent again after
    /// pauses that grow.
    pub(crate) async fn call_once<T, E, F>(&self, call: Call, send: impl Fn() -> F) -> Result<T>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        T: RequestId,
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        let attempts = self.sdk.retry_config().map_or(1, RetryConfig::max_attempts);
        let mut pause = self.pause();
        for _ in 1..attempts {
            match self.call(call, send()).await {
                Err(error) if error.code == ErrorCode::AwsThrottled => sleep(pause).await,
                other => return other,
            }
            pause *= 2;
        }
        self.call(call, send()).await
    }
}

fn too_much_at_once() -> Error {
    Error::new(
        ErrorCode::RateLimited,
        format!("{LONG_CALLS} long calls to this account are under way, and no more are begun."),
    )
    .with_hint("Wait until one of them has ended.")
    .with_retry_after(5)
}
