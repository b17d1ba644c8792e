//! Instances: lists, details, changes, dry runs.

use nephoscope_aws::replay::{Replay, wire};
use nephoscope_model::{
    ErrorCode, Place,
    ec2::{Instance, InstanceAction, InstanceId, InstanceState, StateChange, StopOptions, Tag},
};

use crate::{account, at, estate, place};

fn id(number: u64) -> InstanceId {
    format!("i-{number:017x}").parse().unwrap()
}

fn named(number: u64, name: &str) -> Instance {
    Instance {
        id: id(number),
        account: place().account,
        region: place().region,
        name: name.to_owned(),
        state: InstanceState::Running,
        state_reason: None,
        instance_type: "t3.medium".to_owned(),
        zone: "eu-west-1a".to_owned(),
        private_ip: None,
        public_ip: None,
        launched_at: None,
        architecture: None,
        platform: None,
        image_id: None,
        vpc_id: None,
        subnet_id: None,
        key_name: None,
        iam_profile: None,
        security_groups: vec![],
        hibernation: false,
        tenancy: None,
        on_demand: true,
        tags: vec![Tag { key: "Name".to_owned(), value: name.to_owned() }],
    }
}

#[tokio::test]
async fn every_page_of_the_list_is_read_and_sorted_by_name_then_id() {
    let replay = Replay::new(|request| match request.form("NextToken").as_deref() {
        None => wire::instances(&[named(3, "web"), named(9, "db")], Some("two")),
        Some("two") => wire::instances(&[], Some("three/+=")),
        Some("three/+=") => wire::instances(&[named(1, "web"), named(2, ""), named(3, "web")], None),
        other => panic!("no such page: {other:?}"),
    });
    let list = replay.cloud(estate()).await.list_instances(&place()).await.unwrap();
    let seen: Vec<_> = list.iter().map(|it| (it.name.as_str(), it.id.clone())).collect();
    assert_eq!(seen, [("", id(2)), ("db", id(9)), ("web", id(1)), ("web", id(3))]);
    assert_eq!(replay.operations(), ["DescribeInstances"; 3]);
    assert_eq!(replay.requests()[0].form("MaxResults").as_deref(), Some("1000"));
}

#[tokio::test]
async fn a_list_that_goes_in_circles_ends() {
    let replay = Replay::new(|_| wire::instances(&[named(1, "web")], Some("again")));
    let list = replay.cloud(estate()).await.list_instances(&place()).await.unwrap();
    assert_eq!((list.len(), replay.requests().len()), (1, 2));
}

#[tokio::test]
async fn all_that_aws_tells_of_an_instance_arrives() {
    let instance = Instance {
        state: InstanceState::ShuttingDown,
        state_reason: Some("User initiated (2026-11-20 11:34:08 GMT)".to_owned()),
        private_ip: Some("10.0.0.7".to_owned()),
        public_ip: Some("198.51.100.7".to_owned()),
        launched_at: Some(at(1_795_174_448_250)),
        architecture: Some("arm64".to_owned()),
        platform: Some("Linux/UNIX".to_owned()),
        image_id: Some("ami-1".to_owned()),
        vpc_id: Some("vpc-1".to_owned()),
        subnet_id: Some("subnet-1".to_owned()),
        key_name: Some("ada".to_owned()),
        iam_profile: Some("arn:aws:iam::111111111111:instance-profile/web".to_owned()),
        security_groups: vec!["default".to_owned(), "web".to_owned()],
        hibernation: true,
        tenancy: Some("dedicated".to_owned()),
        on_demand: true,
        tags: [("Name", "<b>web & co</b>"), ("env", "prod"), ("zero", "")]
            .map(|(key, value)| Tag { key: key.to_owned(), value: value.to_owned() })
            .to_vec(),
        ..named(7, "<b>web & co</b>")
    };
    let played = instance.clone();
    let replay = Replay::new(move |request| {
        assert_eq!(request.form("InstanceId.1"), Some(played.id.to_string()));
        wire::instances(std::slice::from_ref(&played), None)
    });
    let found = replay.cloud(estate()).await.get_instance(&place(), &instance.id).await;
    assert_eq!(found, Ok(instance));
}

#[tokio::test]
async fn what_aws_leaves_out_or_invents_does_no_harm() {
    let replay = Replay::new(|_| {
        wire::xml(
            200,
            "<DescribeInstancesResponse><reservationSet><item/><item><instancesSet>\
             <item><instanceId>i-0000000a</instanceId></item>\
             <item><instanceId>i-0000000b</instanceId><instanceType>z9.huge</instanceType>\
             <instanceState><code>99</code><name>hovering</name></instanceState><platform>windows</platform>\
             <stateReason><code>Server.Odd</code><message>Server.Odd: it hovers</message></stateReason>\
             <reason>odd</reason><news><item>later</item></news></item>\
             <item><instanceId>../../etc/passwd</instanceId></item><item/>\
             </instancesSet></item></reservationSet></DescribeInstancesResponse>",
        )
    });
    let list = replay.cloud(estate()).await.list_instances(&place()).await.unwrap();
    assert_eq!(list.len(), 2, "those without a proper id are left out");
    let bare = &list[0];
    assert_eq!((bare.state, bare.name.as_str(), bare.zone.as_str()), (InstanceState::Unknown, "", ""));
    assert_eq!((bare.launched_at, bare.tags.len(), bare.state_reason.as_deref()), (None, 0, None));
    let odd = &list[1];
    assert_eq!((odd.state, odd.instance_type.as_str()), (InstanceState::Unknown, "z9.huge"));
    assert_eq!(odd.state_reason.as_deref(), Some("Server.Odd: it hovers"));
    assert_eq!(odd.platform.as_deref(), Some("windows"));
}

#[tokio::test]
async fn an_instance_that_is_not_there_is_not_found_however_aws_says_it() {
    for answer in [
        wire::ec2_error(400, "InvalidInstanceID.NotFound", "The instance ID 'i-1' does not exist"),
        wire::instances(&[], None),
        wire::instances(&[named(2, "another")], None),
    ] {
        let replay = Replay::new(move |_| answer.clone());
        let error = replay.cloud(estate()).await.get_instance(&place(), &id(1)).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::NotFound);
    }
}

#[tokio::test]
async fn a_change_tells_the_state_before_and_after() {
    use InstanceState as S;
    for (action, operation, previous, current) in [
        (InstanceAction::Start, "StartInstances", S::Stopped, S::Pending),
        (InstanceAction::Stop, "StopInstances", S::Running, S::Stopping),
        (InstanceAction::Terminate, "TerminateInstances", S::Running, S::ShuttingDown),
        (InstanceAction::Reboot, "RebootInstances", S::Running, S::Running),
    ] {
        let change = StateChange { id: id(1), previous, current };
        let played = change.clone();
        let replay = Replay::new(move |request| match request.operation() {
            "RebootInstances" => wire::rebooted(),
            operation => wire::state_change(operation, &played),
        });
        let cloud = replay.cloud(estate()).await;
        assert_eq!(cloud.change_instance(&place(), &id(1), action, StopOptions::default()).await, Ok(change));
        assert_eq!(replay.operations(), [operation]);
        let request = &replay.requests()[0];
        assert_eq!(request.form("InstanceId.1"), Some(id(1).to_string()));
        assert_eq!(request.form("DryRun"), None);
    }
}

#[tokio::test]
async fn a_stop_by_force_or_into_hibernation_says_so_and_no_other_does() {
    let change =
        StateChange { id: id(1), previous: InstanceState::Running, current: InstanceState::Stopping };
    let replay = Replay::new(move |request| wire::state_change(request.operation(), &change));
    let cloud = replay.cloud(estate()).await;
    let both = StopOptions { force: true, hibernate: true };
    for stop in [both, StopOptions { hibernate: false, ..both }, StopOptions::default()] {
        cloud.change_instance(&place(), &id(1), InstanceAction::Stop, stop).await.unwrap();
        let request = replay.requests().pop().unwrap();
        assert_eq!(request.form("Force").as_deref(), stop.force.then_some("true"));
        assert_eq!(request.form("Hibernate").as_deref(), stop.hibernate.then_some("true"));
    }
    cloud.change_instance(&place(), &id(1), InstanceAction::Terminate, both).await.unwrap();
    let request = replay.requests().pop().unwrap();
    assert_eq!((request.form("Force"), request.form("Hibernate")), (None, None));
}

#[tokio::test]
async fn a_check_is_a_dry_run_whose_success_aws_calls_an_error() {
    let replay = Replay::new(|_| wire::ec2_error(412, "DryRunOperation", "Request would have succeeded"));
    let cloud = replay.cloud(estate()).await;
    for action in InstanceAction::ALL {
        assert_eq!(
            cloud.check_instance_change(&place(), &id(1), action, StopOptions::default()).await,
            Ok(())
        );
    }
    assert_eq!(replay.requests().len(), 4, "and it is not tried again");
    assert!(replay.requests().iter().all(|request| request.form("DryRun").as_deref() == Some("true")));

    let replay = Replay::new(|_| wire::ec2_error(403, "UnauthorizedOperation", "No."));
    let cloud = replay.cloud(estate()).await;
    let refused = cloud
        .check_instance_change(&place(), &id(1), InstanceAction::Stop, StopOptions::default())
        .await
        .unwrap_err();
    assert_eq!(refused.code, ErrorCode::AwsDenied);

    let replay = Replay::new(|_| wire::ec2_error(412, "DryRunOperation", "but nobody asked"));
    let cloud = replay.cloud(estate()).await;
    let odd = cloud
        .change_instance(&place(), &id(1), InstanceAction::Stop, StopOptions::default())
        .await
        .unwrap_err();
    assert_eq!(odd.code, ErrorCode::AwsRejected, "a real change was not done");
}

#[tokio::test]
async fn every_account_is_asked_with_its_own_key_in_its_own_region() {
    let estate =
        vec![account("111111111111", &["eu-west-1", "us-east-1"]), account("222222222222", &["eu-west-1"])];
    let replay = Replay::new(|_| wire::instances(&[], None));
    let cloud = replay.cloud(estate.clone()).await;
    assert_eq!(cloud.accounts(), estate);
    for account in &estate {
        for region in &account.regions {
            let place = Place { account: account.id.clone(), region: region.clone() };
            cloud.list_instances(&place).await.unwrap();
        }
    }
    let requests = replay.requests();
    let asked: Vec<_> =
        requests.iter().map(|it| (it.access_key(), it.region(), it.uri.as_str(), it.service())).collect();
    assert_eq!(
        asked,
        [
            ("AKID111111111111", "eu-west-1", "https://ec2.eu-west-1.amazonaws.com/", "ec2"),
            ("AKID111111111111", "us-east-1", "https://ec2.us-east-1.amazonaws.com/", "ec2"),
            ("AKID222222222222", "eu-west-1", "https://ec2.eu-west-1.amazonaws.com/", "ec2"),
        ]
    );
}

#[tokio::test]
async fn places_that_are_not_configured_are_never_asked() {
    let replay = Replay::new(|_| wire::instances(&[], None));
    let cloud = replay.cloud(estate()).await;
    for (account, region) in [("111111111111", "us-east-1"), ("999999999999", "eu-west-1")] {
        let place = Place { account: account.parse().unwrap(), region: region.parse().unwrap() };
        assert_eq!(cloud.list_instances(&place).await.unwrap_err().code, ErrorCode::NotFound);
    }
    assert!(replay.requests().is_empty());
}
