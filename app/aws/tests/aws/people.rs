//! On whose behalf AWS is called: session names, and what narrows a session.

use std::sync::Arc;

use nephoscope_aws::{
    AccountConfig, Actor, Cloud, CredentialsSource, Patience,
    replay::{Replay, ReplayRequest, wire},
};
use nephoscope_model::{
    ErrorCode, Place,
    identity::{AccountRoles, Role},
};

use crate::{
    account,
    credentials::{FAR, role},
    place,
};

fn person(name: &str, role: Role) -> Actor {
    Actor::person(name, role, &AccountRoles::new())
}

/// Each session has the access key `AKID-<session name>`, of chained ones `AKID-<who assumed it>-<session name>`.
fn replay() -> Replay {
    Replay::new(|request| match request.operation() {
        "AssumeRole" => {
            let by = request.access_key().strip_prefix("AKIDBASE").unwrap_or("CHAINED");
            let name = request.form("RoleSessionName").unwrap_or_default();
            wire::assumed_role(&format!("AKID{by}{name}"), FAR)
        }
        _ => wire::instances(&[], None),
    })
}

async fn cloud(replay: &Replay, accounts: Vec<AccountConfig>) -> Cloud {
    Cloud::builder()
        .accounts(accounts)
        .base_credentials("AKIDBASE", "not a secret")
        .http_client(replay.clone())
        .patience(Patience::of_a_test())
        .build()
        .await
}

fn entered_by_role() -> Vec<AccountConfig> {
    let source = role("arn:aws:iam::111111111111:role/viewer", Some("from the customer"), None);
    vec![AccountConfig::new(account("111111111111", &["eu-west-1", "us-east-1"]), source)]
}

fn assumed(replay: &Replay) -> Vec<ReplayRequest> {
    replay.requests().into_iter().filter(|request| request.operation() == "AssumeRole").collect()
}

#[tokio::test]
async fn two_people_have_two_sessions_and_each_keeps_its_own() {
    let replay = replay();
    let cloud = cloud(&replay, entered_by_role()).await;
    let other = Place { region: "us-east-1".parse().unwrap(), ..place() };
    for _ in 0..2 {
        for name in ["ada", "grace@example.com"] {
            let theirs = cloud.on_behalf_of(person(name, Role::Operator));
            theirs.list_instances(&place()).await.unwrap();
            theirs.list_instances(&other).await.unwrap();
        }
    }
    let names: Vec<_> = assumed(&replay).iter().filter_map(|it| it.form("RoleSessionName")).collect();
    assert_eq!(names, ["ada", "grace@example.com"], "each role is assumed once for all regions");
    let signed: Vec<_> = replay
        .requests()
        .iter()
        .filter(|it| it.operation() == "DescribeInstances")
        .map(|it| it.access_key().to_owned())
        .collect();
    let each = ["AKIDada", "AKIDada", "AKIDgrace@example.com", "AKIDgrace@example.com"];
    assert_eq!(signed, [each, each].concat());
}

#[tokio::test]
async fn a_session_may_only_what_the_person_may_in_that_account() {
    let replay = replay();
    let mut accounts = entered_by_role();
    let second = role("arn:aws:iam::222222222222:role/viewer", None, None);
    accounts.push(AccountConfig::new(account("222222222222", &["eu-west-1"]), second));
    let cloud = cloud(&replay, accounts).await;
    let grants = AccountRoles::from([("222222222222".parse().unwrap(), Role::Operator)]);
    let ada = cloud.on_behalf_of(Actor::person("ada", Role::Viewer, &grants));
    let there = Place { account: "222222222222".parse().unwrap(), ..place() };
    ada.list_instances(&place()).await.unwrap();
    ada.list_instances(&there).await.unwrap();
    cloud.list_instances(&place()).await.unwrap();
    let policies: Vec<_> = assumed(&replay).iter().filter_map(|it| it.form("Policy")).collect();
    let may_stop: Vec<_> = policies.iter().map(|policy| policy.contains("ec2:StopInstances")).collect();
    assert_eq!(may_stop, [false, true, false]);
    assert!(policies.iter().all(|policy| policy.contains("ec2:Describe*") && policy.len() <= 2_048));
    let background = assumed(&replay).pop().and_then(|it| it.form("RoleSessionName"));
    assert_eq!(background.as_deref(), Some("nephoscope"), "what nobody asked for is our own");
}

#[tokio::test]
async fn a_promotion_counts_at_once() {
    let replay = replay();
    let cloud = cloud(&replay, entered_by_role()).await;
    for role in [Role::Viewer, Role::Operator, Role::Viewer] {
        cloud.on_behalf_of(person("ada", role)).list_instances(&place()).await.unwrap();
    }
    assert_eq!(assumed(&replay).len(), 2, "each role has a session of its own, which is kept");
}

#[tokio::test]
async fn a_role_is_assumed_from_another_account_in_the_same_name() {
    let replay = replay();
    let mut accounts = entered_by_role();
    let chained = role("arn:aws:iam::222222222222:role/deep", Some("hush"), Some("111111111111"));
    accounts.push(AccountConfig::new(account("222222222222", &["eu-west-1"]), chained));
    let cloud = cloud(&replay, accounts).await;
    let there = Place { account: "222222222222".parse().unwrap(), ..place() };
    cloud.on_behalf_of(person("ada", Role::Operator)).list_instances(&there).await.unwrap();
    let steps = assumed(&replay);
    let roles: Vec<_> = steps.iter().filter_map(|it| it.form("RoleArn")).collect();
    assert_eq!(roles, ["arn:aws:iam::111111111111:role/viewer", "arn:aws:iam::222222222222:role/deep"]);
    assert!(steps.iter().all(|it| it.form("RoleSessionName").as_deref() == Some("ada")));
    assert_eq!((steps[0].access_key(), steps[1].access_key()), ("AKIDBASE", "AKIDada"));
    let first = steps[0].form("Policy").unwrap();
    assert!(
        first.contains("sts:AssumeRole") && first.contains("role/deep") && !first.contains("ec2:"),
        "{first}"
    );
    assert_eq!(
        (steps[0].form("ExternalId").as_deref(), steps[1].form("ExternalId").as_deref()),
        (Some("from the customer"), Some("hush"))
    );
    assert_eq!(replay.requests().last().unwrap().access_key(), "AKIDCHAINEDada");
}

#[tokio::test]
async fn accounts_that_enter_each_other_in_a_circle_end() {
    let replay = replay();
    let cloud = cloud(
        &replay,
        vec![
            AccountConfig::new(
                account("111111111111", &["eu-west-1"]),
                role("arn:aws:iam::111111111111:role/a", None, Some("222222222222")),
            ),
            AccountConfig::new(
                account("222222222222", &["eu-west-1"]),
                role("arn:aws:iam::222222222222:role/b", None, Some("111111111111")),
            ),
        ],
    );
    let error = cloud.await.list_instances(&place()).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::AwsCredentials, "{error:?}");
    assert!(error.message.contains("circle"), "{}", error.message);
    assert!(replay.requests().is_empty());
}

#[tokio::test]
async fn a_base_that_is_gone_is_named() {
    let replay = replay();
    let source = role("arn:aws:iam::111111111111:role/a", None, Some("999999999999"));
    let accounts = vec![AccountConfig::new(account("111111111111", &["eu-west-1"]), source)];
    let error = cloud(&replay, accounts).await.list_instances(&place()).await.unwrap_err();
    assert!(error.message.contains("999999999999"), "{}", error.message);
}

#[tokio::test]
async fn a_web_identity_is_read_anew_and_needs_no_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    let replay = Replay::new(|request| match request.operation() {
        "AssumeRoleWithWebIdentity" => {
            assert_eq!(request.form("WebIdentityToken").as_deref(), Some("a token"));
            assert_eq!(request.form("RoleSessionName").as_deref(), Some("ada"));
            assert!(request.form("Policy").unwrap().contains("ec2:Describe*"));
            assert_eq!(request.header("authorization"), None);
            wire::role_by_web_identity("AKIDWEB", FAR)
        }
        _ => wire::instances(&[], None),
    });
    let source = CredentialsSource::WebIdentity {
        role_arn: "arn:aws:iam::111111111111:role/pod".parse().unwrap(),
        token_file: path.to_str().unwrap().to_owned(),
    };
    let accounts = vec![AccountConfig::new(account("111111111111", &["eu-west-1"]), source)];
    let ada = cloud(&replay, accounts).await.on_behalf_of(person("ada", Role::Viewer));
    let error = ada.list_instances(&place()).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::AwsCredentials);
    assert!(error.message.contains("cannot be read"), "{}", error.message);
    std::fs::write(&path, "a token\n").unwrap();
    ada.list_instances(&place()).await.unwrap();
    assert_eq!(replay.requests().last().unwrap().access_key(), "AKIDWEB");
}

#[tokio::test]
async fn accounts_come_and_go_at_run_time_and_the_others_stay_where_they_are() {
    let replay = replay();
    let cloud = cloud(&replay, entered_by_role()).await;
    let ada = cloud.on_behalf_of(person("ada", Role::Viewer));
    let added = |id: &str, name: &str| {
        let source = role(&format!("arn:aws:iam::{id}:role/viewer"), None, None);
        let mut account = account(id, &["eu-west-1"]);
        name.clone_into(&mut account.name);
        AccountConfig::new(account, source)
    };
    let at = |id: &str| Place { account: id.parse().unwrap(), ..place() };
    assert_eq!(ada.list_instances(&at("222222222222")).await.unwrap_err().code, ErrorCode::NotFound);
    cloud.set_added(vec![
        added("222222222222", "two"),
        added("333333333333", "three"),
        added("111111111111", "not me"),
    ]);
    for id in ["111111111111", "222222222222", "333333333333"] {
        ada.list_instances(&at(id)).await.unwrap();
    }
    let details = cloud.account_details();
    assert_eq!(details.len(), 3);
    assert!(
        details[0].shadows && details[0].account.name == "production",
        "the configuration wins: {details:?}"
    );

    // Two is changed, three stays, and one is no longer shadowed.
    cloud.set_added(vec![added("222222222222", "zwei"), added("333333333333", "three")]);
    for id in ["111111111111", "222222222222", "333333333333"] {
        ada.list_instances(&at(id)).await.unwrap();
    }
    let count = |id: &str| {
        let of_it = |it: &&ReplayRequest| it.form("RoleArn").is_some_and(|arn| arn.contains(id));
        assumed(&replay).iter().filter(of_it).count()
    };
    assert_eq!(["111111111111", "222222222222", "333333333333"].map(count), [1, 2, 1]);
    assert!(!cloud.account_details()[0].shadows);

    cloud.set_added(vec![]);
    assert_eq!(ada.list_instances(&at("333333333333")).await.unwrap_err().code, ErrorCode::NotFound);
    assert_eq!(cloud.accounts().len(), 1);
}

#[tokio::test]
async fn an_account_that_cannot_be_entered_says_why() {
    let problem = nephoscope_model::Error::new(ErrorCode::Unavailable, "sealed with another key");
    let broken = AccountConfig { problem: Some(problem.clone()), ..entered_by_role().remove(0) };
    let replay = replay();
    let cloud = cloud(&replay, vec![broken]).await;
    assert_eq!(cloud.list_instances(&place()).await, Err(problem));
    assert!(replay.requests().is_empty());
}

#[tokio::test]
async fn a_candidate_is_tried_without_being_added() {
    let arn = "arn:aws:iam::333333333333:user/console";
    let replay = Replay::new(move |_| wire::caller_identity("333333333333", arn, "AIDA"));
    let cloud = cloud(&replay, vec![]).await;
    let keys = || CredentialsSource::Keys {
        access_key_id: "AKIDCANDIDATE".parse().unwrap(),
        secret_access_key: "not a secret".into(),
    };
    let right = AccountConfig::new(account("333333333333", &["eu-west-1"]), keys());
    let identity =
        cloud.with_candidate(right).check_identity(&"333333333333".parse().unwrap()).await.unwrap();
    assert_eq!(identity.arn, arn);
    let wrong = AccountConfig::new(account("444444444444", &["eu-west-1"]), keys());
    let error =
        cloud.with_candidate(wrong).check_identity(&"444444444444".parse().unwrap()).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::Conflict);
    assert!(
        error.message.contains("333333333333") && error.message.contains("444444444444"),
        "{}",
        error.message
    );
    assert!(cloud.accounts().is_empty());
}

#[tokio::test]
async fn many_people_at_once_assume_each_role_once() {
    let replay = replay();
    let cloud = Arc::new(cloud(&replay, entered_by_role()).await);
    let calls: Vec<_> = (0..40)
        .map(|number| {
            let theirs = cloud.on_behalf_of(person(&format!("person-{}", number % 4), Role::Viewer));
            tokio::spawn(async move { theirs.list_instances(&place()).await })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(assumed(&replay).len(), 4);
}
