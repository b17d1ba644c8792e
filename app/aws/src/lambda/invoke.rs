//! Invoking a function, once.

use aws_sdk_lambda::{
    config::Builder,
    operation::invoke::{InvokeError, InvokeOutput},
    primitives::Blob,
    types::{InvocationType, LogType, ThrottleReason},
};
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::{base64, retry::RetryConfig};
use aws_types::request_id::RequestId;
use nephoscope_model::{
    Error, ErrorCode, Place, Result,
    lambda::{FunctionName, INVOKE_WAIT_SECS, Invocation, InvokeMode, Qualifier},
};

use super::report;
use crate::{Cloud, calls::INVOKE, ec2::Spared};

impl Cloud {
    /// Invokes a function and waits for its answer, or has Lambda queue it. That the function fails, or takes longer than it may, is a
    /// result. It is never asked for twice: an invocation whose answer was lost may have done its work.
    ///
    /// # Errors
    /// `timeout` when there is no answer after [`INVOKE_WAIT_SECS`]; then the function may still run. `not_found`, `aws_throttled` when
    /// as many run as may or none may, `conflict` when its key, its network or its package is not in order, and the errors of any call.
    pub async fn invoke_function(
        &self,
        place: &Place,
        name: &FunctionName,
        qualifier: Option<&Qualifier>,
        mode: InvokeMode,
        payload: String,
    ) -> Result<Invocation> {
        let site = self.site(place)?;
        // What remains of the patience is that for a call as a whole.
        let timeouts = site.timeouts().disable_read_timeout().disable_operation_attempt_timeout().build();
        let once = Builder::new().retry_config(RetryConfig::disabled()).timeout_config(timeouts);
        let request = site
            .lambda()
            .invoke()
            .function_name(name.as_str())
            .set_qualifier(qualifier.map(ToString::to_string))
            .invocation_type(match mode {
                InvokeMode::Sync => InvocationType::RequestResponse,
                InvokeMode::Async => InvocationType::Event,
            })
            // Lambda ties a log's tail to an answer: there is none of what is queued.
            .set_log_type((mode == InvokeMode::Sync).then_some(LogType::Tail))
            .payload(Blob::new(payload))
            .customize()
            .config_override(once);
        let mut limit = None;
        let answer = site.call(INVOKE.held_for_long(), in_time(request.send(), &mut limit)).await;
        let answer = answer.map_err(|error| not_invoked(error, limit.as_ref(), name))?;
        let Some(answer) = answer.0 else { return Err(still_running(name)) };
        Ok(read(answer, mode))
    }
}

/// Tells an invocation that takes long from a Lambda that cannot be reached, and notes which limit was reached.
async fn in_time(
    request: impl Future<Output = Result<InvokeOutput, SdkError<InvokeError, HttpResponse>>>,
    limit: &mut Option<ThrottleReason>,
) -> Result<Spared<InvokeOutput>, SdkError<InvokeError, HttpResponse>> {
    match request.await {
        Err(SdkError::TimeoutError(_)) => Ok(Spared(None)),
        Err(error) => {
            if let Some(InvokeError::TooManyRequestsException(refusal)) = error.as_service_error() {
                limit.clone_from(&refusal.reason);
            }
            Err(error)
        }
        Ok(answer) => Ok(Spared(Some(answer))),
    }
}

fn still_running(name: &FunctionName) -> Error {
    Error::new(
        ErrorCode::Timeout,
        format!("{name} gave no answer within {INVOKE_WAIT_SECS} seconds, which is as long as nephoscope waits."),
    )
    .with_hint(
        "It was invoked, and goes on until it is done or reaches its own timeout: its log tells. Invoke what takes \
         long asynchronously.",
    )
}

fn not_invoked(error: Error, limit: Option<&ThrottleReason>, name: &FunctionName) -> Error {
    match error.code {
        ErrorCode::AwsThrottled => {
            let (why, hint) = throttled(limit);
            Error { message: format!("AWS did not invoke {name}: {why}."), ..error }.with_hint(hint)
        }
        ErrorCode::AwsUnavailable => {
            let before = error.hint.clone().unwrap_or_default();
            error.with_hint(format!("It was not tried again, since {name} may have been invoked. {before}"))
        }
        _ => error,
    }
}

/// Which limit was reached, and what can be done about it
/// ([Lambda's limits](https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html)).
fn throttled(limit: Option<&ThrottleReason>) -> (&'static str, &'static str) {
    match limit {
        // Lambda says the same of a function that is stopped, and does not tell how many it reserves.
        Some(ThrottleReason::ReservedFunctionConcurrentInvocationLimitExceeded) => (
            "its reserved concurrency allows no more at once; if it reserves 0, it is stopped",
            "Look at what it reserves, in its configuration. Where that is 0, nothing runs until it is raised; otherwise wait until \
             another invocation ends, or raise it.",
        ),
        Some(ThrottleReason::ConcurrentInvocationLimitExceeded) => (
            "as many invocations run as the account may have at once in the region",
            "Try again in a moment. If it stays, ask AWS to raise the account's limit of concurrent executions, or reserve some for \
             this function.",
        ),
        Some(
            ThrottleReason::FunctionInvocationRateLimitExceeded
            | ThrottleReason::ReservedFunctionInvocationRateLimitExceeded,
        ) => (
            "it is invoked more often in a second than AWS allows, which is ten times what may run at once",
            "Try again in a moment.",
        ),
        Some(ThrottleReason::CallerRateLimitExceeded) => {
            ("the account asks Lambda more often in a second than AWS allows", "Try again in a moment.")
        }
        _ => (
            "as many invocations run as are allowed now",
            "Try again in a moment, or raise the function's reserved concurrency or the account's limit.",
        ),
    }
}

fn read(answer: InvokeOutput, mode: InvokeMode) -> Invocation {
    let request_id = answer.request_id().map(ToOwned::to_owned);
    let log = answer.log_result.as_deref().and_then(|log| base64::decode(log).ok());
    let log_tail = log.map(|log| String::from_utf8_lossy(&log).into_owned());
    let payload = answer.payload.map(Blob::into_inner);
    Invocation {
        status: answer.status_code,
        function_error: answer.function_error,
        version: answer.executed_version,
        payload: payload
            .filter(|_| mode == InvokeMode::Sync)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
        report: log_tail.as_deref().and_then(report::find),
        log_tail,
        request_id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Patience;

    #[test]
    fn what_people_are_told_of_the_wait_is_true() {
        assert_eq!(Patience::default().call.as_secs(), u64::from(INVOKE_WAIT_SECS.unsigned_abs()));
    }
}
