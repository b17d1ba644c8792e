//! Invoking a function, once.

use aws_sdk_lambda::{
    config::Builder,
    operation::invoke::InvokeOutput,
    primitives::Blob,
    types::{InvocationType, LogType},
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
    /// as many run as may, and the errors of any call.
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
        let answer = site.call(INVOKE.held_for_long(), in_time(request.send())).await;
        let answer = answer.map_err(|error| not_invoked(error, name))?;
        let Some(answer) = answer.0 else { return Err(still_running(name)) };
        Ok(read(answer, mode))
    }
}

/// Tells an invocation that takes long from a Lambda that cannot be reached.
async fn in_time<E>(
    request: impl Future<Output = Result<InvokeOutput, SdkError<E, HttpResponse>>>,
) -> Result<Spared<InvokeOutput>, SdkError<E, HttpResponse>> {
    match request.await {
        Err(SdkError::TimeoutError(_)) => Ok(Spared(None)),
        answer => answer.map(|answer| Spared(Some(answer))),
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

fn not_invoked(error: Error, name: &FunctionName) -> Error {
    match error.code {
        ErrorCode::AwsThrottled => Error {
            message: format!("AWS did not invoke {name}: as many invocations run as are allowed now."),
            ..error
        }
        .with_hint(
            "Try again in a moment, or raise the function's reserved concurrency or the account's limit.",
        ),
        ErrorCode::AwsUnavailable => {
            let before = error.hint.clone().unwrap_or_default();
            error.with_hint(format!("It was not tried again, since {name} may have been invoked. {before}"))
        }
        _ => error,
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
