//! The steps that every operation shares: the check, the record before, the deed, the record after.

use std::time::Instant;

use nephoscope_model::{
    Error, Operation, Place, Result, Timestamp,
    audit::{AuditRecord, Outcome},
};
use tracing::{Instrument, error, info, info_span, warn};
use uuid::Uuid;

use crate::{Caller, Grant, Need, Ops, caller::check_permission};

/// What is about to be done, and on what.
#[derive(Debug, Clone)]
pub(crate) struct Task<'a> {
    pub(crate) operation: Operation,
    pub(crate) place: Option<&'a Place>,
    pub(crate) resource: &'a str,
    /// A few words for the record of the start.
    pub(crate) detail: String,
}

impl<'a> Task<'a> {
    pub(crate) fn new(operation: Operation) -> Self {
        Self { operation, place: None, resource: "", detail: String::new() }
    }

    pub(crate) fn at(mut self, place: &'a Place) -> Self {
        self.place = Some(place);
        self
    }

    pub(crate) fn on(mut self, resource: &'a str) -> Self {
        self.resource = resource;
        self
    }

    pub(crate) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }
}

/// A result with a few words about it for the audit.
pub(crate) struct Done<T> {
    pub(crate) value: T,
    pub(crate) detail: String,
}

impl<T> From<T> for Done<T> {
    fn from(value: T) -> Self {
        Self { value, detail: String::new() }
    }
}

impl<T> Done<T> {
    pub(crate) fn with(value: T, detail: impl Into<String>) -> Self {
        Self { value, detail: detail.into() }
    }
}

impl Ops {
    /// Does `deed` on behalf of `caller`, if they may, and records it: refused, or started (changes only) and how it ended.
    ///
    /// # Errors
    /// `forbidden`; `unavailable` when it cannot be recorded; and those of the deed.
    pub(crate) async fn perform<N, T, D, F>(&self, caller: &Caller, task: Task<'_>, deed: F) -> Result<T>
    where
        N: Need,
        D: Into<Done<T>>,
        F: AsyncFnOnce(Grant<N>) -> Result<D>,
    {
        debug_assert_eq!(N::PERMISSION, task.operation.permission(), "{}", task.operation);
        let span = info_span!("operation", name = %task.operation, actor = caller.name());
        async {
            let operation_id = Uuid::now_v7().to_string();
            let started = Instant::now();
            let grant = match Grant::<N>::check(caller) {
                Ok(grant) => grant,
                Err(error) => {
                    self.append(
                        caller,
                        &task,
                        &operation_id,
                        Outcome::Refused,
                        Some(&error),
                        &error.message,
                        started,
                    )
                    .await?;
                    return Err(error);
                }
            };
            if task.operation.is_change() {
                self.append(caller, &task, &operation_id, Outcome::Started, None, &task.detail, started)
                    .await?;
            }
            match deed(grant).await {
                Ok(done) => {
                    let done = done.into();
                    let (outcome, words) = (Outcome::Succeeded, done.detail.as_str());
                    let recorded =
                        self.append(caller, &task, &operation_id, outcome, None, words, started).await;
                    // A change that was made must not be answered with "try again"; its start is on record.
                    if !task.operation.is_change() {
                        recorded?;
                    }
                    Ok(done.value)
                }
                Err(error) => {
                    self.append(
                        caller,
                        &task,
                        &operation_id,
                        Outcome::Failed,
                        Some(&error),
                        &error.message,
                        started,
                    )
                    .await?;
                    Err(error)
                }
            }
        }
        .instrument(span)
        .await
    }

    /// Checks a caller's role for an operation before anything is looked up for it, and records a refusal. The operation itself
    /// checks again.
    ///
    /// # Errors
    /// `forbidden`.
    pub async fn check_may(&self, caller: &Caller, operation: Operation, resource: &str) -> Result<()> {
        let checked = check_permission(caller, operation.permission());
        if let Err(error) = &checked {
            let (task, id) = (Task::new(operation).on(resource), Uuid::now_v7().to_string());
            self.append(caller, &task, &id, Outcome::Refused, Some(error), &error.message, Instant::now())
                .await?;
        }
        checked
    }

    /// Adds one record to the audit.
    #[expect(
        clippy::too_many_arguments,
        reason = "a record has that many columns, and this is the one place that fills them"
    )]
    async fn append(
        &self,
        caller: &Caller,
        task: &Task<'_>,
        operation_id: &str,
        outcome: Outcome,
        error: Option<&Error>,
        detail: &str,
        started: Instant,
    ) -> Result<()> {
        // Names of resources come from outside: escaped, so that they cannot forge a line, and short.
        let shown = nephoscope_model::error::shorten(task.resource, 200).escape_debug().to_string();
        let millis = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
        match outcome {
            Outcome::Succeeded if !task.operation.is_change() => {}
            Outcome::Started | Outcome::Succeeded => {
                info!(%outcome, millis, "{} {shown}", task.operation);
            }
            Outcome::Failed | Outcome::Refused => {
                let code = error.map(|error| error.code);
                let detail = nephoscope_model::error::shorten(detail, 300);
                warn!(%outcome, ?code, millis, "{} {shown}: {}", task.operation, detail.escape_debug());
            }
        }
        ::metrics::counter!(
            "nephoscope_operations_total",
            "operation" => task.operation.as_str(),
            "outcome" => outcome.as_str()
        )
        .increment(1);
        if outcome != Outcome::Started {
            ::metrics::histogram!("nephoscope_operation_duration_seconds", "operation" => task.operation.as_str())
                .record(started.elapsed().as_secs_f64());
        }
        let record = AuditRecord {
            id: Uuid::now_v7().to_string(),
            operation_id: operation_id.to_owned(),
            at: Timestamp::now(),
            actor: caller.name.clone(),
            operation: task.operation,
            account: task.place.map(|place| place.account.clone()),
            region: task.place.map(|place| place.region.clone()),
            resource: nephoscope_model::error::shorten(task.resource, 1024),
            outcome,
            error: error.map(|error| error.code),
            detail: nephoscope_model::error::shorten(detail, 2048),
            duration_ms: if outcome == Outcome::Started { 0 } else { millis },
            request_id: caller.request_id.clone(),
        };
        self.store().append_audit(record).await.map_err(|error| {
            error!("cannot record {}: {error}", task.operation);
            error.into()
        })
    }
}
