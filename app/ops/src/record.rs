//! The steps that every operation shares: the check, the record before, the deed, the record after.

use std::time::Instant;

use nephoscope_model::{
    Error, ErrorCode, Operation, Place, Result, Timestamp,
    audit::{AuditRecord, Facts, Outcome},
};
use tracing::{Instrument, error, info, info_span, warn};
use uuid::Uuid;

use crate::{Caller, Grant, Need, Ops, acting::Acting, caller::check_somewhere};

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

/// A result with what the audit says about it.
pub(crate) struct Done<T> {
    pub(crate) value: T,
    pub(crate) detail: String,
    before: Facts,
    after: Facts,
}

impl<T> From<T> for Done<T> {
    fn from(value: T) -> Self {
        Self::with(value, "")
    }
}

impl<T> Done<T> {
    pub(crate) fn with(value: T, detail: impl Into<String>) -> Self {
        Self { value, detail: detail.into(), before: Facts::new(), after: Facts::new() }
    }

    /// What was so before a change, and what is so after it: names and values, never secrets.
    pub(crate) fn changed<const B: usize, const A: usize>(
        mut self,
        before: [(&str, &str); B],
        after: [(&str, &str); A],
    ) -> Self {
        let short = |text: &str| nephoscope_model::error::shorten(text, 256);
        self.before = before.into_iter().map(|(name, value)| (name.to_owned(), short(value))).collect();
        self.after = after.into_iter().map(|(name, value)| (name.to_owned(), short(value))).collect();
        self
    }
}

/// How far an operation came, as a record says it.
struct Stage<'a> {
    outcome: Outcome,
    error: Option<&'a Error>,
    detail: &'a str,
    before: Facts,
    after: Facts,
    /// AWS's id of the last call that was made meanwhile.
    aws_request_id: String,
}

impl<'a> Stage<'a> {
    fn new(outcome: Outcome, detail: &'a str) -> Self {
        let (before, after) = (Facts::new(), Facts::new());
        Self { outcome, error: None, detail, before, after, aws_request_id: String::new() }
    }

    fn not_done(outcome: Outcome, error: &'a Error) -> Self {
        let aws_request_id = error.aws.as_ref().and_then(|aws| aws.request_id.clone()).unwrap_or_default();
        Self { error: Some(error), aws_request_id, ..Self::new(outcome, &error.message) }
    }

    /// The last call of what was done, unless an error names the one that failed.
    fn after_calls(mut self, acting: &Acting) -> Self {
        if self.aws_request_id.is_empty() {
            self.aws_request_id = acting.last_aws_request();
        }
        self
    }
}

/// Which records are written around a deed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// That it started (changes only), and how it ended.
    Whole,
    /// That it started: it goes on later. How it ended only when it does not.
    Beginning,
    /// How it ended: that it started is on record.
    End,
}

impl Ops {
    /// Does `deed` on behalf of `caller`, if they may, and records it: refused, or started (changes only) and how it ended.
    ///
    /// # Errors
    /// `forbidden`; `unavailable` when it cannot be recorded; and those of the deed.
    // Not an `async fn`, which would be one more future around each of the others.
    pub(crate) fn perform<N, T, D, F>(
        &self,
        caller: &Caller,
        task: Task<'_>,
        deed: F,
    ) -> impl Future<Output = Result<T>>
    where
        N: Need,
        D: Into<Done<T>>,
        F: AsyncFnOnce(Grant<N>) -> Result<D>,
    {
        self.perform_part(Part::Whole, caller, task, Uuid::now_v7().to_string(), deed)
    }

    /// Does the first part of an operation that goes on later: its start is recorded, and its end only when it comes to one already.
    ///
    /// # Errors
    /// Those of [`Self::perform`].
    pub(crate) async fn begin<N, T, D, F>(
        &self,
        caller: &Caller,
        task: Task<'_>,
        operation_id: &str,
        deed: F,
    ) -> Result<T>
    where
        N: Need,
        D: Into<Done<T>>,
        F: AsyncFnOnce(Grant<N>) -> Result<D>,
    {
        self.perform_part(Part::Beginning, caller, task, operation_id.to_owned(), deed).await
    }

    /// Does the last part of an operation of which [`Self::begin`] did the first. Whether the caller may is checked again.
    ///
    /// # Errors
    /// Those of [`Self::perform`].
    pub(crate) async fn end<N, T, D, F>(
        &self,
        caller: &Caller,
        task: Task<'_>,
        operation_id: &str,
        deed: F,
    ) -> Result<T>
    where
        N: Need,
        D: Into<Done<T>>,
        F: AsyncFnOnce(Grant<N>) -> Result<D>,
    {
        self.perform_part(Part::End, caller, task, operation_id.to_owned(), deed).await
    }

    async fn perform_part<N, T, D, F>(
        &self,
        part: Part,
        caller: &Caller,
        task: Task<'_>,
        operation_id: String,
        deed: F,
    ) -> Result<T>
    where
        N: Need,
        D: Into<Done<T>>,
        F: AsyncFnOnce(Grant<N>) -> Result<D>,
    {
        debug_assert_eq!(N::PERMISSION, task.operation.permission(), "{}", task.operation);
        let span = info_span!("operation", name = %task.operation, actor = caller.name());
        async {
            let started = Instant::now();
            let checked = Grant::<N>::check(caller, task.operation, task.place)
                .and_then(|grant| self.check_writable(task.operation).map(|()| grant));
            let grant = match checked {
                Ok(grant) => grant,
                Err(error) => {
                    let refused = Stage::not_done(Outcome::Refused, &error);
                    self.append(caller, &task, &operation_id, refused, started).await?;
                    return Err(error.within_request(&caller.request_id));
                }
            };
            if part != Part::End && task.operation.is_change() {
                let begun = Stage::new(Outcome::Started, &task.detail);
                self.append(caller, &task, &operation_id, begun, started).await?;
            }
            let acting = Acting::new(&caller.name);
            match acting.during(deed(grant)).await {
                Ok(done) => {
                    let Done { value, detail, before, after } = done.into();
                    if part == Part::Beginning {
                        return Ok(value);
                    }
                    let stage = Stage { before, after, ..Stage::new(Outcome::Succeeded, &detail) };
                    let recorded =
                        self.append(caller, &task, &operation_id, stage.after_calls(&acting), started).await;
                    // A change that was made must not be answered with "try again"; its start is on record.
                    if !task.operation.is_change() {
                        recorded?;
                    }
                    Ok(value)
                }
                Err(error) => {
                    let failed = Stage::not_done(Outcome::Failed, &error).after_calls(&acting);
                    self.append(caller, &task, &operation_id, failed, started).await?;
                    Err(error.within_request(&caller.request_id))
                }
            }
        }
        .instrument(span)
        .await
    }

    /// Checks before anything is looked up whether a caller may do an operation anywhere at all, and records a refusal. The operation itself
    /// checks again, in the account where it is done.
    ///
    /// # Errors
    /// `forbidden`.
    pub async fn check_may(&self, caller: &Caller, operation: Operation, resource: &str) -> Result<()> {
        let checked = check_somewhere(caller, operation).and_then(|()| self.check_writable(operation));
        if let Err(error) = &checked {
            let (task, id) = (Task::new(operation).on(resource), Uuid::now_v7().to_string());
            let refused = Stage::not_done(Outcome::Refused, error);
            self.append(caller, &task, &id, refused, Instant::now()).await?;
        }
        checked
    }

    /// Refuses what a read-only server does not do.
    fn check_writable(&self, operation: Operation) -> Result<()> {
        if !self.is_read_only() || operation.is_allowed_read_only() {
            return Ok(());
        }
        Err(Error::new(ErrorCode::ReadOnly, nephoscope_model::READ_ONLY_TEXT)
            .with_hint("Whoever runs the server can switch that off: read_only in its configuration."))
    }

    /// Records that an operation failed before it began, because what it was asked for could not be found.
    ///
    /// # Errors
    /// `unavailable` when it cannot be recorded.
    pub(crate) async fn record_not_begun(
        &self,
        caller: &Caller,
        task: &Task<'_>,
        error: &Error,
    ) -> Result<()> {
        let (id, now) = (Uuid::now_v7().to_string(), Instant::now());
        self.append(caller, task, &id, Stage::not_done(Outcome::Failed, error), now).await
    }

    /// Records how an operation ended that was begun and not done.
    ///
    /// # Errors
    /// `unavailable` when it cannot be recorded.
    pub(crate) async fn record_end(
        &self,
        caller: &Caller,
        task: &Task<'_>,
        operation_id: &str,
        outcome: Outcome,
        why: &Error,
    ) -> Result<()> {
        self.append(caller, task, operation_id, Stage::not_done(outcome, why), Instant::now()).await
    }

    /// Adds one record to the audit.
    async fn append(
        &self,
        caller: &Caller,
        task: &Task<'_>,
        operation_id: &str,
        stage: Stage<'_>,
        started: Instant,
    ) -> Result<()> {
        let Stage { outcome, error, detail, before, after, aws_request_id } = stage;
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
            // The store gives it its place in the chain.
            seq: 0,
            hash: String::new(),
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
            before,
            after,
            duration_ms: if outcome == Outcome::Started { 0 } else { millis },
            request_id: caller.request_id.clone(),
            aws_request_id: nephoscope_model::error::shorten(&aws_request_id, 128),
        };
        self.store().append_audit(record).await.map_err(|error| {
            error!("cannot record {}: {error}", task.operation);
            error.into()
        })
    }
}
