//! Counting calls to AWS: by day, user, account, service, operation and outcome, and what they cost.
//!
//! Calls are counted in memory as they end, and go to the store every few seconds and when the server stops. What a crash takes with it
//! is the count of those seconds; the audit itself is never counted on this way.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, PoisonError},
};

use nephoscope_aws::{CallRecord, price_micros};
use nephoscope_model::{
    AccountId, Error, ErrorCode, Operation, Result, Timestamp,
    usage::{UsageReport, UsageRow},
};
use tracing::warn;

use crate::{Administer, Caller, Grant, Ops, acting::Acting, record::Task};

/// For whom calls count that nobody asked for.
const NOBODY: &str = "system";
/// Kinds of calls that are kept while the store does not take them; beyond that, new kinds are not counted.
const MOST_KINDS: usize = 20_000;
/// Rows of a report.
const MOST_ROWS: u32 = 5_000;
/// Days of a report.
const MOST_DAYS: i64 = 366;
const DAY_MILLIS: i64 = 86_400_000;
/// Days for which counts are kept: a year can be compared with the one before.
const KEPT_DAYS: i64 = 2 * MOST_DAYS;

/// Counts calls to AWS. Clones count together. Give it to the cloud as its hook, and to [`Ops`].
#[derive(Clone, Debug, Default)]
pub struct Meter(Arc<Mutex<HashMap<Kind, Count>>>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Kind {
    day: String,
    user: String,
    account: AccountId,
    service: String,
    operation: String,
    error: Option<ErrorCode>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    calls: i64,
    cost_micros: i64,
}

impl Meter {
    /// Counts a call that ended, for whoever it was made.
    pub fn count(&self, call: &CallRecord) {
        let acting = Acting::now();
        if let (Some(acting), Some(id)) = (&acting, &call.request_id) {
            acting.note_aws_request(id);
        }
        let kind = Kind {
            day: day_of(Timestamp::now()),
            user: acting.as_ref().map_or(NOBODY, Acting::user).to_owned(),
            account: call.place.account.clone(),
            service: call.service.to_owned(),
            operation: call.operation.to_owned(),
            error: call.outcome.err(),
        };
        self.add(kind, Count { calls: 1, cost_micros: price_micros(call) });
    }

    fn add(&self, kind: Kind, count: Count) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = counts.len() >= MOST_KINDS;
        let known = match counts.entry(kind) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(_) if is_full => return,
            Entry::Vacant(new) => new.insert(Count::default()),
        };
        known.calls = known.calls.saturating_add(count.calls);
        known.cost_micros = known.cost_micros.saturating_add(count.cost_micros);
    }

    /// Takes what was counted since the last time.
    fn take(&self) -> Vec<UsageRow> {
        let counts = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        counts
            .into_iter()
            .map(|(kind, count)| UsageRow {
                day: kind.day,
                user: kind.user,
                account: kind.account,
                service: kind.service,
                operation: kind.operation,
                error: kind.error,
                calls: count.calls,
                cost_micros: count.cost_micros,
            })
            .collect()
    }

    /// Takes back what could not be stored.
    fn give_back(&self, rows: Vec<UsageRow>) {
        for row in rows {
            let UsageRow { day, user, account, service, operation, error, calls, cost_micros } = row;
            self.add(Kind { day, user, account, service, operation, error }, Count { calls, cost_micros });
        }
    }
}

impl Ops {
    /// Stores what was counted since the last time; what cannot be stored is kept for the next time.
    pub async fn flush_usage(&self) {
        let rows = self.meter().take();
        if rows.is_empty() {
            return;
        }
        if let Err(error) = self.store().add_usage(rows.clone()).await {
            warn!("{} counts of calls to AWS cannot be stored now: {error}", rows.len());
            self.meter().give_back(rows);
        }
    }

    /// Forgets what was counted longer ago than two years, and says how many counts those were.
    ///
    /// # Errors
    /// `unavailable` when the store does not answer.
    pub async fn forget_old_usage(&self) -> Result<u64> {
        let first = Timestamp::now().plus_millis(-KEPT_DAYS * DAY_MILLIS);
        Ok(self.store().remove_usage_before(&day_of(first)).await?)
    }

    /// How often AWS was called from one day to another (both included, such as `2026-11-20`), for whom, and what that cost. The last 30
    /// days when nothing is said.
    ///
    /// # Errors
    /// `invalid_input` when a day is none or there are more than 366, `unavailable` when the store does not answer.
    pub async fn read_usage(
        &self,
        caller: &Caller,
        from: Option<&str>,
        to: Option<&str>,
    ) -> Result<UsageReport> {
        self.perform(caller, Task::new(Operation::ReadUsage), async |_: Grant<Administer>| {
            let to = to.map_or_else(|| Ok(Timestamp::now()), midnight)?;
            let from = from.map_or_else(|| Ok(to.plus_millis(-29 * DAY_MILLIS)), midnight)?;
            let days = (to.as_millis() - from.as_millis()) / DAY_MILLIS + 1;
            if !(1..=MOST_DAYS).contains(&days) {
                return Err(Error::invalid(format!(
                    "The first day must not be after the last, nor {MOST_DAYS} days or more before it."
                )));
            }
            self.flush_usage().await;
            let (from, to) = (day_of(from), day_of(to));
            let mut rows = self.store().query_usage(&from, &to, MOST_ROWS + 1).await?;
            let is_cut = rows.len() > MOST_ROWS as usize;
            rows.truncate(MOST_ROWS as usize);
            Ok(UsageReport {
                calls: rows.iter().map(|row| row.calls).sum(),
                cost_micros: rows.iter().map(|row| row.cost_micros).sum(),
                from,
                to,
                rows,
                is_cut,
            })
        })
        .await
    }
}

/// The day in UTC.
fn day_of(at: Timestamp) -> String {
    at.to_string().chars().take(10).collect()
}

/// The beginning of a day.
fn midnight(day: &str) -> Result<Timestamp> {
    Timestamp::parse(&format!("{day}T00:00:00Z")).map_err(|_| {
        Error::invalid(format!(
            "{:?} is not a day such as 2026-11-20.",
            nephoscope_model::error::shorten(day, 40)
        ))
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn call(operation: &'static str) -> CallRecord {
        CallRecord {
            service: "ec2",
            operation,
            place: nephoscope_model::Place {
                account: "111111111111".parse().expect("an account"),
                region: "eu-west-1".parse().expect("a region"),
            },
            duration: Duration::from_millis(1),
            outcome: Ok(()),
            metrics: 0,
            request_id: Some(format!("request of {operation}")),
        }
    }

    #[tokio::test]
    async fn calls_count_for_who_acts_and_otherwise_for_nobody() {
        let meter = Meter::default();
        let ada = Acting::new("ada");
        ada.during(async {
            meter.count(&call("StopInstances"));
            meter.count(&call("StopInstances"));
        })
        .await;
        meter.count(&call("DescribeInstances"));
        assert_eq!(ada.last_aws_request(), "request of StopInstances");
        let mut rows = meter.take();
        rows.sort_by(|a, b| a.user.cmp(&b.user));
        let counted: Vec<_> = rows.iter().map(|row| (row.user.as_str(), row.calls)).collect();
        assert_eq!(counted, [("ada", 2), ("system", 1)]);
        assert!(meter.take().is_empty(), "each call is counted once");
        meter.give_back(rows.clone());
        meter.give_back(rows);
        assert_eq!(meter.take().iter().map(|row| row.calls).sum::<i64>(), 6);
    }

    #[test]
    fn days_are_days() {
        assert_eq!(midnight("2026-11-20").map(day_of).ok().as_deref(), Some("2026-11-20"));
        for bad in ["", "2026-13-01", "2026-11-20T00:00:00Z", "yesterday"] {
            assert!(midnight(bad).is_err(), "{bad}");
        }
    }
}
