//! What the server tells about itself: log lines and Prometheus metrics.

use std::{io::IsTerminal, sync::OnceLock};

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use nephoscope_aws::CallRecord;
use tracing_subscriber::EnvFilter;

use crate::config::LogFormat;

/// Begins to log to standard error.
pub fn start(filter: &str, format: LogFormat) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let started = match format {
        LogFormat::Human => log.try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
    if let Err(error) = started {
        tracing::debug!("a log exists already: {error}");
    }
}

/// The Prometheus metrics of this process. There is one recorder in a process, so that tests which start several servers share it.
pub fn prometheus() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE
        .get_or_init(|| {
            let seconds = [0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
            let recorder = PrometheusBuilder::new()
                .set_buckets_for_metric(Matcher::Suffix("_duration_seconds".to_owned()), &seconds)
                .expect("the list of buckets is not empty")
                .build_recorder();
            let handle = recorder.handle();
            if metrics::set_global_recorder(recorder).is_err() {
                tracing::warn!("another metrics recorder is installed; /metrics stays empty");
            }
            describe();
            handle
        })
        .clone()
}

/// Folds what was measured since the last time: without it, histograms grow until somebody reads `/metrics`.
pub(super) async fn keep_up(handle: PrometheusHandle) {
    let mut ticks = tokio::time::interval(std::time::Duration::from_secs(5));
    loop {
        ticks.tick().await;
        handle.run_upkeep();
    }
}

fn describe() {
    use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
    describe_counter!("nephoscope_operations_total", "Operations, by name and outcome.");
    describe_histogram!("nephoscope_operation_duration_seconds", Unit::Seconds, "How long operations took.");
    describe_counter!(
        "nephoscope_aws_calls_total",
        "Calls to AWS, by service, operation, account, region and outcome."
    );
    describe_histogram!("nephoscope_aws_call_duration_seconds", Unit::Seconds, "How long calls to AWS took.");
    describe_counter!("nephoscope_cache_hits_total", "Answers that were known already, by kind.");
    describe_counter!("nephoscope_cache_misses_total", "Answers that AWS had to be asked for, by kind.");
    describe_counter!("nephoscope_http_requests_total", "HTTP requests, by method and status.");
    describe_histogram!(
        "nephoscope_http_request_duration_seconds",
        Unit::Seconds,
        "How long HTTP requests took."
    );
    describe_gauge!("nephoscope_live_connections", "WebSocket connections that are open.");
    describe_gauge!("nephoscope_live_upstreams", "Things that are being watched, by kind.");
    describe_counter!("nephoscope_live_rows_dropped_total", "Log lines that viewers were too slow to take.");
}

/// Counts one call to AWS.
pub fn count_aws_call(call: &CallRecord) {
    let outcome = call.outcome.err().map_or_else(|| "ok".to_owned(), |code| format!("{code:?}"));
    metrics::counter!(
        "nephoscope_aws_calls_total",
        "service" => call.service,
        "operation" => call.operation,
        "account" => call.place.account.to_string(),
        "region" => call.place.region.to_string(),
        "outcome" => outcome,
    )
    .increment(1);
    metrics::histogram!("nephoscope_aws_call_duration_seconds", "service" => call.service, "operation" => call.operation)
        .record(call.duration.as_secs_f64());
}
