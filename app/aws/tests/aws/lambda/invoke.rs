//! Invocations: what is sent, what comes back, and what it means when nothing was invoked.

use std::time::Duration;

use nephoscope_aws::{
    Cloud, Patience,
    replay::{Answer, Replay, ReplayResponse, wire},
};
use nephoscope_model::{
    ErrorCode, Result,
    lambda::{Invocation, InvokeMode, Report},
};
use serde_json::json;

use super::{error, name, path};
use crate::{estate, place};

pub(super) async fn invoke(cloud: &Cloud, mode: InvokeMode) -> Result<Invocation> {
    cloud.invoke_function(&place(), &name("web"), None, mode, "{}".to_owned()).await
}

/// The answer to `Invoke`, as Lambda puts it into headers and a body.
fn invoked(status: u16, headers: &[(&str, &str)], payload: &str) -> ReplayResponse {
    let headers = headers.iter().copied().chain([("x-amzn-requestid", wire::REQUEST_ID)]);
    ReplayResponse {
        status,
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        body: payload.as_bytes().to_vec(),
    }
}

#[tokio::test]
async fn an_invocation_tells_its_answer_its_log_and_what_it_took() {
    // "START\nREPORT RequestId: a\tDuration: 12.5 ms\tBilled Duration: 13 ms\tMemory Size: 256 MB\tMax Memory Used: 40 MB\n"
    let log = "U1RBUlQKUkVQT1JUIFJlcXVlc3RJZDogYQlEdXJhdGlvbjogMTIuNSBtcwlCaWxsZWQgRHVyYXRpb246IDEzIG1zCU1lbW9yeSBTaXplOiAyNTYgTUIJTWF4IE1lbW9yeSBVc2VkOiA0MCBNQgo=";
    let replay = Replay::new(move |request| {
        assert_eq!(
            (request.method.as_str(), path(request).as_str()),
            ("POST", "functions/web/invocations?Qualifier=live")
        );
        assert_eq!(request.header("x-amz-invocation-type"), Some("RequestResponse"));
        assert_eq!(request.header("x-amz-log-type"), Some("Tail"));
        assert_eq!(request.text(), r#"{"b": 1.0, "a": 2}"#, "not a byte is changed");
        invoked(200, &[("x-amz-log-result", log), ("x-amz-executed-version", "9")], "{\"ok\": true}")
    });
    let live = "live".parse().unwrap();
    let cloud = replay.cloud(estate()).await;
    let payload = r#"{"b": 1.0, "a": 2}"#.to_owned();
    let done =
        cloud.invoke_function(&place(), &name("web"), Some(&live), InvokeMode::Sync, payload).await.unwrap();
    assert_eq!((done.status, done.payload.as_deref()), (200, Some("{\"ok\": true}")));
    assert_eq!((done.function_error, done.version.as_deref()), (None, Some("9")));
    assert!(done.log_tail.unwrap().starts_with("START\nREPORT"));
    assert_eq!(done.request_id.as_deref(), Some(wire::REQUEST_ID));
    let report = Report {
        duration_ms: 12.5,
        billed_ms: Some(13.0),
        memory_mb: Some(256),
        memory_used_mb: Some(40),
        init_ms: None,
    };
    assert_eq!(done.report, Some(report));
}

#[tokio::test]
async fn a_function_that_fails_or_takes_too_long_is_a_result() {
    for (payload, timed_out) in [
        (r#"{"errorMessage": "refused", "errorType": "RuntimeError"}"#, false),
        (r#"{"errorMessage": "2026-11-20T11:34:08Z x Task timed out after 3.00 seconds"}"#, true),
    ] {
        let replay = Replay::new(move |_| invoked(200, &[("x-amz-function-error", "Unhandled")], payload));
        let cloud = replay.cloud(estate()).await;
        let done = invoke(&cloud, InvokeMode::Sync);
        let done = done.await.unwrap();
        assert_eq!(done.function_error.as_deref(), Some("Unhandled"));
        assert_eq!((done.payload.as_deref(), done.timed_out()), (Some(payload), timed_out));
    }
}

#[tokio::test]
async fn an_event_is_queued_without_a_log() {
    let replay = Replay::new(|request| {
        assert_eq!(request.header("x-amz-invocation-type"), Some("Event"));
        assert_eq!(request.header("x-amz-log-type"), None);
        invoked(202, &[], "")
    });
    let cloud = replay.cloud(estate()).await;
    let done = invoke(&cloud, InvokeMode::Async).await;
    let done = done.unwrap();
    assert_eq!((done.status, done.payload, done.log_tail), (202, None, None));
}

#[tokio::test]
async fn an_invocation_is_never_sent_twice() {
    let refusals: [(Answer, ErrorCode); 4] = [
        (error(429, "TooManyRequestsException", "Rate Exceeded.").into(), ErrorCode::AwsThrottled),
        (error(500, "ServiceException", "oops").into(), ErrorCode::AwsUnavailable),
        (Answer::Dropped, ErrorCode::AwsUnavailable),
        (Answer::TimedOut, ErrorCode::AwsUnavailable),
    ];
    for (answer, code) in refusals {
        let replay = Replay::new(move |_| answer.clone());
        let cloud = replay.cloud(estate()).await;
        let once = invoke(&cloud, InvokeMode::Sync);
        let failed = once.await.unwrap_err();
        assert_eq!((failed.code, replay.requests().len()), (code, 1), "{}", failed.message);
        assert!(!failed.message.contains("trying again did not help"), "{}", failed.message);
    }
}

#[tokio::test]
async fn which_limit_was_reached_is_told_and_whether_waiting_helps() {
    let reserved = "ReservedFunctionConcurrentInvocationLimitExceeded";
    for (reason, said, waiting_helps) in [
        (reserved, "its reserved concurrency allows no more", false),
        ("ConcurrentInvocationLimitExceeded", "as the account may have at once", true),
        ("FunctionInvocationRateLimitExceeded", "more often in a second", true),
        ("ReservedFunctionInvocationRateLimitExceeded", "more often in a second", true),
        ("CallerRateLimitExceeded", "the account asks Lambda more often", true),
        ("SomethingNew", "as many invocations run as are allowed", true),
    ] {
        let replay = Replay::new(move |_| {
            let mut refusal =
                wire::json(429, &json!({ "Reason": reason, "Type": "User", "message": "Rate Exceeded." }));
            let code = ("x-amzn-errortype".to_owned(), "TooManyRequestsException".to_owned());
            refusal.headers.push(code);
            refusal
        });
        let refused = invoke(&replay.cloud(estate()).await, InvokeMode::Sync).await.unwrap_err();
        assert_eq!((refused.code, replay.requests().len()), (ErrorCode::AwsThrottled, 1), "{reason}");
        assert!(refused.message.contains(said), "{reason}: {}", refused.message);
        assert_eq!(refused.aws.unwrap().code.as_deref(), Some("TooManyRequestsException"));
        let hint = refused.hint.unwrap();
        assert_eq!(hint.contains("Try again in a moment"), waiting_helps, "{reason}: {hint}");
    }
}

#[tokio::test]
async fn a_function_that_cannot_be_begun_as_it_is_set_up_did_not_run_and_aws_says_why() {
    for (status, code, words) in [
        (502, "KMSAccessDeniedException", "Lambda was unable to decrypt the environment variables."),
        (502, "KMSNotFoundException", "Lambda was unable to decrypt: the key was not found."),
        (502, "KMSDisabledException", "The key is disabled."),
        (502, "ENILimitReachedException", "The limit of network interfaces is reached."),
        (502, "SubnetIPAddressLimitReachedException", "The subnet has no addresses left."),
        (502, "EC2AccessDeniedException", "The role may not create network interfaces."),
        (502, "EC2ThrottledException", "EC2 throttled Lambda."),
        (502, "InvalidRuntimeException", "The runtime is not supported."),
        (502, "InvalidZipFileException", "Lambda could not unzip the deployment package."),
        (502, "InvalidSecurityGroupIDException", "The security group is not there."),
        (403, "EFSMountFailureException", "The access point could not be mounted."),
        (502, "ResourceNotReadyException", "Its connection to the VPC is being made again."),
    ] {
        let replay = Replay::new(move |_| error(status, code, words));
        let refused = invoke(&replay.cloud(estate()).await, InvokeMode::Sync).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::Conflict, "{code}");
        assert!(refused.message.ends_with(words), "{}", refused.message);
        let hint = refused.hint.unwrap();
        assert!(hint.starts_with("It did not run.") && !hint.contains("Health Dashboard"), "{code}: {hint}");
        assert_eq!(refused.aws.unwrap().code.as_deref(), Some(code));
    }
}

#[tokio::test]
async fn what_takes_longer_than_is_waited_for_is_a_timeout_that_says_what_happens() {
    let replay = Replay::new(|_| Answer::Silence);
    let patience = Patience { call: Duration::from_millis(300), ..Patience::of_a_test() };
    let cloud = replay.builder(estate()).patience(patience).build().await;
    let once = invoke(&cloud, InvokeMode::Sync);
    let slow = once.await.unwrap_err();
    assert_eq!((slow.code, replay.requests().len()), (ErrorCode::Timeout, 1));
    assert!(slow.hint.unwrap().contains("goes on"));
}

#[tokio::test]
async fn invocations_that_take_long_do_not_stop_others_from_asking() {
    let replay = Replay::new(|request| -> Answer {
        match path(request).starts_with("functions?") {
            true => wire::json(200, &json!({ "Functions": [] })).into(),
            false => Answer::Silence,
        }
    });
    let cloud = replay.cloud(estate()).await;
    let mut many = tokio::task::JoinSet::new();
    for _ in 0..17 {
        let cloud = cloud.clone();
        many.spawn(async move { invoke(&cloud, InvokeMode::Sync).await });
    }
    let refused = many.join_next().await.unwrap().unwrap().unwrap_err();
    assert_eq!(refused.code, ErrorCode::RateLimited, "the seventeenth");
    assert_eq!(cloud.list_functions(&place()).await, Ok(vec![]));
}
