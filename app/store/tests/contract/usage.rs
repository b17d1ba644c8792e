//! Counted calls to AWS.

use std::sync::Arc;

use futures::future::join_all;
use nephoscope_model::{ErrorCode, usage::UsageRow};
use nephoscope_store::Store;

fn row(day: &str, user: &str, calls: i64) -> UsageRow {
    UsageRow {
        day: day.to_owned(),
        user: user.to_owned(),
        account: "123456789012".parse().expect("an account"),
        service: "ce".to_owned(),
        operation: "GetCostAndUsage".to_owned(),
        error: None,
        calls,
        cost_micros: calls * 10_000,
    }
}

async fn read(store: &dyn Store, from: &str, to: &str) -> Vec<UsageRow> {
    store.query_usage(from, to, 100).await.expect("counts")
}

pub(crate) async fn counts_add_up(store: Arc<dyn Store>) {
    let failed = UsageRow { error: Some(ErrorCode::AwsDenied), ..row("2026-11-20", "ada", 1) };
    let adds = (0..10).map(|_| store.add_usage(vec![row("2026-11-20", "ada", 2), failed.clone()]));
    for added in join_all(adds).await {
        added.expect("it is counted");
    }
    store.add_usage(Vec::new()).await.expect("nothing is nothing");
    let failures = UsageRow { calls: 10, cost_micros: 100_000, ..failed };
    assert_eq!(read(&*store, "2026-11-20", "2026-11-20").await, [row("2026-11-20", "ada", 20), failures]);
}

pub(crate) async fn days_are_read_newest_first(store: Arc<dyn Store>) {
    let days = ["2026-11-19", "2026-11-20", "2026-11-21"];
    for day in days {
        store.add_usage(vec![row(day, "bob", 1), row(day, "ada", 1)]).await.expect("it is counted");
    }
    let found = read(&*store, "2026-11-20", "2026-12-31").await;
    let found: Vec<_> = found.iter().map(|row| (row.day.as_str(), row.user.as_str())).collect();
    assert_eq!(
        found,
        [("2026-11-21", "ada"), ("2026-11-21", "bob"), ("2026-11-20", "ada"), ("2026-11-20", "bob")]
    );
    assert_eq!(store.query_usage("2026-01-01", "2026-12-31", 1).await.expect("counts").len(), 1);
    assert!(read(&*store, "2026-11-22", "2026-12-31").await.is_empty());
}

pub(crate) async fn old_days_are_forgotten(store: Arc<dyn Store>) {
    for day in ["2024-12-31", "2026-11-19", "2026-11-20"] {
        store.add_usage(vec![row(day, "bob", 1), row(day, "ada", 1)]).await.expect("it is counted");
    }
    assert_eq!(store.remove_usage_before("2026-11-20").await.expect("it is forgotten"), 4);
    assert_eq!(store.remove_usage_before("2026-11-20").await.expect("there is nothing more"), 0);
    let left = read(&*store, "2024-01-01", "2026-12-31").await;
    assert_eq!(left, [row("2026-11-20", "ada", 1), row("2026-11-20", "bob", 1)]);
}
