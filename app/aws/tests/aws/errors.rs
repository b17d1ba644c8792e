//! Every class of AWS's errors, in every protocol.

use nephoscope_aws::replay::{Replay, ReplayResponse, wire};
use nephoscope_model::{
    Error, ErrorCode,
    ec2::{InstanceAction, StopOptions},
};

use crate::{at, estate, place, tail};

async fn stop(answer: ReplayResponse) -> Error {
    let replay = Replay::new(move |_| answer.clone());
    let cloud = replay.cloud(estate()).await;
    let id = "i-0123456789abcdef0".parse().unwrap();
    cloud.change_instance(&place(), &id, InstanceAction::Stop, StopOptions::default()).await.unwrap_err()
}

#[tokio::test]
async fn every_class_of_errors_gets_its_code_and_keeps_what_aws_said() {
    use ErrorCode as Is;
    for (status, code, expected) in [
        (403, "UnauthorizedOperation", Is::AwsDenied),
        (403, "AccessDenied", Is::AwsDenied),
        (503, "RequestLimitExceeded", Is::AwsThrottled),
        (400, "Throttling", Is::AwsThrottled),
        (401, "AuthFailure", Is::AwsCredentials),
        (403, "InvalidClientTokenId", Is::AwsCredentials),
        (403, "SignatureDoesNotMatch", Is::AwsCredentials),
        (400, "ExpiredToken", Is::AwsCredentials),
        (400, "RequestExpired", Is::AwsCredentials),
        (400, "UnrecognizedClientException", Is::AwsCredentials),
        (401, "OptInRequired", Is::AwsCredentials),
        (400, "IncorrectInstanceState", Is::Conflict),
        (400, "IncorrectState", Is::Conflict),
        (400, "OperationNotPermitted", Is::Conflict),
        (400, "InvalidInstanceID.NotFound", Is::NotFound),
        (500, "InternalError", Is::AwsUnavailable),
        (503, "Unavailable", Is::AwsUnavailable),
        (400, "RequestTimeout", Is::AwsUnavailable),
        (500, "InsufficientInstanceCapacity", Is::AwsUnavailable),
        (400, "UnsupportedOperation", Is::AwsRejected),
        (400, "SomethingNew", Is::AwsRejected),
    ] {
        let error = stop(wire::ec2_error(status, code, "In AWS's words.")).await;
        assert_eq!(error.code, expected, "{code}");
        let origin = error.aws.unwrap();
        assert_eq!(origin.code.as_deref(), Some(code));
        assert_eq!(origin.request_id.as_deref(), Some(wire::REQUEST_ID));
        assert_eq!(origin.action.as_deref(), Some("ec2:StopInstances"));
        assert_eq!(origin.account, Some(place().account));
        assert_eq!(origin.region, Some(place().region));
    }
}

#[tokio::test]
async fn a_denied_call_names_the_missing_action_and_the_account() {
    let error = stop(wire::ec2_error(403, "UnauthorizedOperation", "You are not authorized.")).await;
    assert_eq!(
        error.message,
        "AWS denied ec2:StopInstances in production (111111111111), eu-west-1: You are not authorized."
    );
    let hint = error.hint.unwrap();
    assert_eq!(
        hint,
        "Allow ec2:StopInstances to the role or user that nephoscope uses in account 111111111111."
    );

    let other = "User: arn:aws:iam::111111111111:user/n is not authorized to perform: kms:CreateGrant on resource: \
                 key with an explicit deny in a service control policy";
    let error = stop(wire::ec2_error(403, "UnauthorizedOperation", other)).await;
    assert!(error.message.contains("kms:CreateGrant"), "{}", error.message);
    assert!(error.hint.unwrap().contains("explicitly"));
    assert_eq!(error.aws.unwrap().action.as_deref(), Some("kms:CreateGrant"));
}

#[tokio::test]
async fn a_hostile_or_endless_message_is_made_harmless() {
    let hostile = format!(
        "No\u{202e}\r\n\u{1b}[31m is not authorized to perform: <img>:onerror AKIAIOSFODNN7EXAMPLE {} \
         Encoded authorization failure message: {}",
        "w ".repeat(5_000),
        "x".repeat(10_000)
    );
    // XML 1.0 has no escape character, so the message arrives by JSON.
    let replay = Replay::new(move |_| wire::logs_error(400, "AccessDeniedException", &hostile));
    let error = replay.cloud(estate()).await.list_log_groups(&place(), None).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::AwsDenied);
    assert_eq!(error.aws.as_ref().unwrap().action.as_deref(), Some("logs:DescribeLogGroups"));
    let shown = format!("{} {}", error.message, error.hint.unwrap());
    assert!(shown.chars().count() < 600 && !shown.contains(char::is_control), "{shown}");
    for bad in ["AKIA", "Encoded", "\u{202e}", "xxx"] {
        assert!(!shown.contains(bad), "{shown}");
    }
}

#[tokio::test]
async fn what_aws_says_about_signatures_is_never_repeated() {
    let telling = "The Canonical String should have been 'POST / x-amz-security-token:FwoGZXIvYXdzE'";
    let error = stop(wire::ec2_error(403, "SignatureDoesNotMatch", telling)).await;
    assert_eq!(error.code, ErrorCode::AwsCredentials);
    assert!(!format!("{error:?}").contains("FwoGZXIvYXdzE"));
}

#[tokio::test]
async fn a_key_that_aws_does_not_know_may_be_a_region_that_is_not_enabled() {
    let hint = stop(wire::ec2_error(401, "AuthFailure", "AWS was not able to validate")).await.hint.unwrap();
    assert!(hint.contains("access key is wrong") && hint.contains("not enabled region eu-west-1"), "{hint}");
}

#[tokio::test]
async fn protection_is_a_conflict_that_says_how_to_go_on() {
    let error = stop(wire::ec2_error(400, "OperationNotPermitted", "'disableApiTermination' is set.")).await;
    assert_eq!(error.code, ErrorCode::Conflict);
    assert!(error.message.contains("disableApiTermination"));
    assert!(error.hint.unwrap().contains("protection is on"));
}

#[tokio::test]
async fn the_errors_of_every_protocol_are_understood() {
    let replay = Replay::new(|request| match request.service() {
        "logs" => {
            wire::logs_error(400, "ResourceNotFoundException", "The specified log group does not exist.")
        }
        "monitoring" => wire::cloudwatch_error(403, "AccessDenied", "not authorized"),
        "sts" => wire::sts_error(403, "InvalidClientTokenId", "The security token is invalid."),
        other => panic!("who is {other}?"),
    });
    let cloud = replay.cloud(estate()).await;
    let logs = cloud.filter_log_events(&tail(), at(0), 10).await.unwrap_err();
    assert_eq!(logs.code, ErrorCode::NotFound);
    assert_eq!(logs.aws.unwrap().action.as_deref(), Some("logs:FilterLogEvents"));
    let metrics = cloud.list_metrics(&place(), "AWS/EC2", None).await.unwrap_err();
    assert_eq!(
        (metrics.code, metrics.message.contains("cloudwatch:ListMetrics")),
        (ErrorCode::AwsDenied, true)
    );
    let identity = cloud.caller_identity(&place().account).await.unwrap_err();
    assert_eq!(identity.code, ErrorCode::AwsCredentials);
    assert_eq!(identity.aws.unwrap().code.as_deref(), Some("InvalidClientTokenId"));
}

#[tokio::test]
async fn answers_that_are_not_of_aws_are_no_answers() {
    let page = "<html><body><h1>502 Bad Gateway</h1></body></html>";
    for answer in [
        wire::xml(502, page),
        wire::xml(403, page),
        wire::xml(503, ""),
        wire::xml(200, "It works!"),
        wire::xml(200, page),
        wire::xml(200, b"\xff\xfe".to_vec()),
    ] {
        let replay = Replay::new(move |_| answer.clone());
        let error = replay.cloud(estate()).await.list_instances(&place()).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::AwsUnavailable, "{error:?}");
    }
    let error = stop(wire::xml(429, page)).await;
    assert_eq!(error.code, ErrorCode::AwsThrottled, "whoever says so");
}
