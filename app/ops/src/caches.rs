//! Everything that is known for a while, and for how long: short where people wait for a change, long where nothing changes.

use std::time::Duration;

use moka::future::Cache;
use nephoscope_model::{
    Place,
    ec2::{
        ElasticAddress, Instance, InstanceId, InstanceType, LaunchChoices, PriceKey, SecurityGroup, Snapshot,
        StatusChecks, Volume,
    },
    identity::{ApiToken, User},
    lambda::{Function, FunctionMeasures},
    logs::{LogGroup, LogRow, LogStreamPage, LogTail},
    metrics::{Metric, Series, StatsQuery},
    s3::{Bucket, BucketDetails, BucketName, ObjectPage},
};

use crate::{cache::Answers, logs::StreamsKey, s3::PageKey};

/// What AWS answered a moment ago, by kind.
#[derive(Debug)]
pub(crate) struct Caches {
    pub(crate) instances: Answers<Place, Vec<Instance>>,
    pub(crate) volumes: Answers<Place, Vec<Volume>>,
    pub(crate) snapshots: Answers<Place, Vec<Snapshot>>,
    pub(crate) addresses: Answers<Place, Vec<ElasticAddress>>,
    pub(crate) security_groups: Answers<Place, Vec<SecurityGroup>>,
    pub(crate) status_checks: Answers<Place, Vec<StatusChecks>>,
    pub(crate) instance_types: Answers<Place, Vec<InstanceType>>,
    pub(crate) functions: Answers<Place, Vec<Function>>,
    pub(crate) function_measures: Answers<Place, Vec<FunctionMeasures>>,
    /// Of a function's log, by how many hours were looked through.
    pub(crate) function_errors: Answers<(LogTail, u32), Vec<LogRow>>,
    pub(crate) launch_choices: Answers<Place, LaunchChoices>,
    pub(crate) prices: Answers<PriceKey, Option<i64>>,
    /// Places whose price list could not be read a moment ago.
    pub(crate) price_refusals: Cache<Place, nephoscope_model::Error>,
    pub(crate) log_groups: Answers<Place, Vec<LogGroup>>,
    pub(crate) log_streams: Answers<StreamsKey, LogStreamPage>,
    pub(crate) log_rows: Answers<LogTail, Vec<LogRow>>,
    pub(crate) metrics: Answers<(Place, InstanceId), Vec<Metric>>,
    pub(crate) series: Answers<(Place, Metric, StatsQuery), Series>,
    pub(crate) buckets: Answers<Place, Vec<Bucket>>,
    pub(crate) bucket_details: Answers<(Place, BucketName), BucketDetails>,
    pub(crate) objects: Answers<PageKey, ObjectPage>,
    /// Who follows which part of the audit, so that it is recorded now and then and not every time a page asks.
    pub(crate) audit_followers: Cache<(String, String), ()>,
    /// Not of AWS but of the store: whose a session is, by its id, while it lives.
    pub(crate) sessions: Answers<String, Option<User>>,
    /// Tokens for programs that are good, by their hashes, and whose they are.
    pub(crate) api_tokens: Answers<String, Option<(ApiToken, User)>>,
}

impl Caches {
    pub(crate) fn new() -> Self {
        Self {
            instances: Answers::new("instances", 1_000, Duration::from_secs(15)),
            volumes: Answers::new("volumes", 1_000, Duration::from_secs(30)),
            snapshots: Answers::new("snapshots", 1_000, Duration::from_secs(60)),
            addresses: Answers::new("addresses", 1_000, Duration::from_secs(30)),
            security_groups: Answers::new("security_groups", 1_000, Duration::from_secs(30)),
            // EC2 checks every minute.
            status_checks: Answers::new("status_checks", 1_000, Duration::from_secs(30)),
            // A region gets new ones a few times a year.
            instance_types: Answers::new("instance_types", 1_000, Duration::from_secs(86_400)),
            functions: Answers::new("functions", 1_000, Duration::from_secs(15)),
            function_measures: Answers::new("function_measures", 1_000, Duration::from_secs(300)),
            function_errors: Answers::new("function_errors", 500, Duration::from_secs(10)),
            launch_choices: Answers::new("launch_choices", 500, Duration::from_secs(60)),
            prices: Answers::new("prices", 20_000, Duration::from_secs(3_600)),
            price_refusals: Cache::builder()
                .max_capacity(1_000)
                .time_to_live(Duration::from_secs(60))
                .build(),
            log_groups: Answers::new("log_groups", 1_000, Duration::from_secs(60)),
            log_streams: Answers::new("log_streams", 100, Duration::from_secs(30)),
            log_rows: Answers::new("log_rows", 500, Duration::from_secs(3)),
            metrics: Answers::new("metrics", 10_000, Duration::from_secs(300)),
            buckets: Answers::new("buckets", 1_000, Duration::from_secs(30)),
            bucket_details: Answers::new("bucket_details", 2_000, Duration::from_secs(30)),
            objects: Answers::new("objects", 500, Duration::from_secs(10)),
            series: Answers::new("series", 2_000, Duration::from_secs(20)),
            audit_followers: Cache::builder()
                .max_capacity(10_000)
                .time_to_live(Duration::from_secs(600))
                .build(),
            sessions: Answers::new("sessions", 100_000, Duration::from_secs(5)),
            api_tokens: Answers::new("api_tokens", 10_000, Duration::from_secs(5)),
        }
    }
}
