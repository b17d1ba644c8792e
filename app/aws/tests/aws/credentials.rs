//! Whose keys sign the requests, and what happens when there are none.

use nephoscope_aws::{
    AccountConfig, Cloud, CredentialsSource, Patience,
    replay::{Answer, Replay, ReplayRequest, ReplayResponse, wire},
};
use nephoscope_model::{ErrorCode, Place, Timestamp};

use crate::{account, place};

pub(crate) const FAR: &str = "2099-01-01T00:00:00Z";

pub(crate) fn role(arn: &str, external_id: Option<&str>, from: Option<&str>) -> CredentialsSource {
    CredentialsSource::Role {
        role_arn: arn.parse().unwrap(),
        external_id: external_id.map(Into::into),
        from: from.map(|id| id.parse().unwrap()),
    }
}

/// One account in two regions, entered by a role.
async fn cloud_with_role(replay: &Replay) -> Cloud {
    let credentials = role("arn:aws:iam::111111111111:role/viewer", Some("from the customer"), None);
    let account = account("111111111111", &["eu-west-1", "us-east-1"]);
    Cloud::builder()
        .accounts(vec![AccountConfig::new(account, credentials)])
        .base_credentials("AKIDBASE", "not a secret")
        .http_client(replay.clone())
        .patience(Patience::of_a_test())
        .build()
        .await
}

fn play(expires: String) -> impl Fn(&ReplayRequest) -> ReplayResponse {
    move |request| match request.operation() {
        "AssumeRole" => wire::assumed_role("AKIDSESSION", &expires),
        _ => wire::instances(&[], None),
    }
}

#[tokio::test]
async fn a_role_is_assumed_once_for_all_regions() {
    let replay = Replay::new(play(FAR.to_owned()));
    let cloud = cloud_with_role(&replay).await;
    assert!(replay.requests().is_empty(), "nothing is asked before it is needed");
    let other = Place { region: "us-east-1".parse().unwrap(), ..place() };
    for place in [place(), other, place()] {
        cloud.list_instances(&place).await.unwrap();
    }
    let requests = replay.requests();
    assert_eq!(replay.operations()[0], "AssumeRole");
    assert_eq!(replay.operations()[1..], ["DescribeInstances"; 3]);

    let assume = &requests[0];
    assert_eq!((assume.access_key(), assume.region()), ("AKIDBASE", "eu-west-1"));
    assert_eq!(assume.form("RoleArn").as_deref(), Some("arn:aws:iam::111111111111:role/viewer"));
    assert_eq!(assume.form("ExternalId").as_deref(), Some("from the customer"));
    assert_eq!(assume.form("RoleSessionName").as_deref(), Some("nephoscope"));
    for request in &requests[1..] {
        assert_eq!(request.access_key(), "AKIDSESSION");
        assert_eq!(request.header("x-amz-security-token"), Some("not a token"));
        assert!(request.header("user-agent").unwrap().contains("app/nephoscope"));
    }
}

#[tokio::test]
async fn a_session_is_renewed_before_it_ends() {
    let replay = Replay::new(play(Timestamp::now().plus_millis(30_000).to_string()));
    let cloud = cloud_with_role(&replay).await;
    for _ in 0..2 {
        cloud.list_instances(&place()).await.unwrap();
    }
    assert_eq!(replay.operations().iter().filter(|name| *name == "AssumeRole").count(), 2);
}

#[tokio::test]
async fn a_role_that_cannot_be_assumed_is_a_matter_of_credentials() {
    let said = "User: arn:aws:iam::999999999999:user/server is not authorized to perform: sts:AssumeRole on \
                resource: arn:aws:iam::111111111111:role/viewer";
    let replay = Replay::new(move |_| wire::sts_error(403, "AccessDenied", said));
    let error = cloud_with_role(&replay).await.list_instances(&place()).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::AwsCredentials);
    let denied = "AWS denied sts:AssumeRole in production (111111111111), eu-west-1: User: arn:";
    assert!(error.message.starts_with(denied), "{}", error.message);
    assert!(error.hint.unwrap().contains("trust policy"));
    let origin = error.aws.unwrap();
    assert_eq!(origin.action.as_deref(), Some("sts:AssumeRole"));
    assert_eq!(origin.code.as_deref(), Some("AccessDenied"));
    assert_eq!(origin.account, Some(place().account));
}

#[tokio::test]
async fn an_sts_that_does_not_answer_is_not_a_matter_of_credentials() {
    for (answer, code) in [
        (Answer::Dropped, ErrorCode::AwsUnavailable),
        (wire::sts_error(400, "Throttling", "Rate exceeded").into(), ErrorCode::AwsThrottled),
        (wire::sts_error(400, "ValidationError", "no such ARN").into(), ErrorCode::AwsCredentials),
        (wire::sts_error(403, "InvalidClientTokenId", "not a key").into(), ErrorCode::AwsCredentials),
    ] {
        let replay = Replay::new(move |_| answer.clone());
        let error = cloud_with_role(&replay).await.list_instances(&place()).await.unwrap_err();
        assert_eq!(error.code, code, "{error:?}");
        assert_eq!(error.aws.unwrap().action.as_deref(), Some("sts:AssumeRole"));
    }
}

#[tokio::test]
async fn one_account_without_credentials_leaves_the_others_alone() {
    let gone = role("arn:aws:iam::222222222222:role/gone", None, None);
    let bad = AccountConfig::new(account("222222222222", &["eu-west-1"]), gone);
    let good = AccountConfig::new(account("111111111111", &["eu-west-1"]), CredentialsSource::Default);
    let replay = Replay::new(|request| match request.operation() {
        "AssumeRole" => wire::sts_error(403, "AccessDenied", "no"),
        _ => wire::instances(&[], None),
    });
    let cloud = Cloud::builder()
        .accounts(vec![bad, good])
        .base_credentials("AKIDBASE", "not a secret")
        .http_client(replay.clone())
        .patience(Patience::of_a_test())
        .build()
        .await;
    let other = Place { account: "222222222222".parse().unwrap(), ..place() };
    assert_eq!(cloud.list_instances(&other).await.unwrap_err().code, ErrorCode::AwsCredentials);
    assert_eq!(cloud.list_instances(&place()).await, Ok(vec![]));
    assert_eq!(replay.requests().last().unwrap().access_key(), "AKIDBASE");
}

#[tokio::test]
async fn the_endpoint_of_the_configuration_holds_for_every_service() {
    let replay = Replay::new(play(FAR.to_owned()));
    let role = role("arn:aws:iam::111111111111:role/viewer", None, None);
    let account = account("111111111111", &["eu-west-1"]);
    let cloud = Cloud::builder()
        .accounts(vec![AccountConfig::new(account, role)])
        .base_credentials("AKIDBASE", "not a secret")
        .endpoint_url(Some("http://127.0.0.1:8466".to_owned()))
        .http_client(replay.clone())
        .patience(Patience { attempts: 1, ..Patience::of_a_test() })
        .build()
        .await;
    // Only where they go counts here; all are answered in EC2's words.
    drop(cloud.list_instances(&place()).await);
    drop(cloud.list_metrics(&place(), "AWS/EC2", None).await);
    drop(cloud.list_log_groups(&place(), None).await);
    drop(cloud.caller_identity(&place().account).await);
    let requests = replay.requests();
    assert_eq!(requests.len(), 5);
    assert!(requests.iter().all(|request| request.uri.starts_with("http://127.0.0.1:8466/")));
}

#[tokio::test]
async fn aws_says_who_we_are() {
    let arn = "arn:aws:sts::333333333333:assumed-role/viewer/nephoscope";
    let replay = Replay::new(move |_| wire::caller_identity("333333333333", arn, "AROA:nephoscope"));
    let cloud = replay.cloud(crate::estate()).await;
    let identity = cloud.caller_identity(&place().account).await.unwrap();
    assert_eq!((identity.account.as_str(), identity.arn.as_str()), ("333333333333", arn));
    assert_eq!(identity.user_id, "AROA:nephoscope");
    assert_eq!(replay.requests()[0].uri, "https://sts.eu-west-1.amazonaws.com/");

    let unknown = "999999999999".parse().unwrap();
    assert_eq!(cloud.caller_identity(&unknown).await.unwrap_err().code, ErrorCode::NotFound);
}
