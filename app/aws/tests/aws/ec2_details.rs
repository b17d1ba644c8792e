//! Protection, types, status checks and consoles of instances: what is sent, and what is made of the answers.

use nephoscope_aws::replay::{Replay, ReplayResponse, wire};
use nephoscope_model::{
    ErrorCode,
    ec2::{
        BlockDevice, CheckStatus, GroupName, InstanceDetails, InstanceId, InstanceState, InstanceTypeName,
        NetworkInterface, Protection,
    },
};

use crate::{at, estate, place};

fn id() -> InstanceId {
    "i-0000000000000000a".parse().unwrap()
}

fn told(operation: &str, inner: &str) -> ReplayResponse {
    wire::xml(200, format!("<{operation}Response>{inner}</{operation}Response>"))
}

#[tokio::test]
async fn protection_is_read_and_set_by_its_attribute() {
    let replay = Replay::new(|request| match request.operation() {
        "DescribeInstanceAttribute" => told(
            "DescribeInstanceAttribute",
            "<disableApiTermination><value>true</value></disableApiTermination>",
        ),
        operation => wire::done(operation),
    });
    let cloud = replay.cloud(estate()).await;
    assert_eq!(cloud.get_protection(&place(), &id()).await, Ok(Protection { termination: true }));
    assert_eq!(replay.requests()[0].form("Attribute").as_deref(), Some("disableApiTermination"));
    for termination in [true, false] {
        cloud.set_protection(&place(), &id(), Protection { termination }).await.unwrap();
        let request = replay.requests().pop().unwrap();
        assert_eq!(request.form("InstanceId"), Some(id().to_string()));
        assert_eq!(request.form("DisableApiTermination.Value"), Some(termination.to_string()));
        assert_eq!(request.form("DryRun"), None);
    }
    let replay = Replay::new(|_| told("DescribeInstanceAttribute", ""));
    let cloud = replay.cloud(estate()).await;
    assert_eq!(cloud.get_protection(&place(), &id()).await, Ok(Protection { termination: false }));
}

#[tokio::test]
async fn changes_of_attributes_are_tried_first_and_their_refusals_explained() {
    let replay = Replay::new(|_| wire::ec2_error(412, "DryRunOperation", "Request would have succeeded"));
    let cloud = replay.cloud(estate()).await;
    let wanted: InstanceTypeName = "t3.large".parse().unwrap();
    assert_eq!(
        cloud.check_protection_change(&place(), &id(), Protection { termination: true }).await,
        Ok(())
    );
    assert_eq!(cloud.check_type_change(&place(), &id(), &wanted).await, Ok(()));
    let requests = replay.requests();
    assert!(requests.iter().all(|request| request.form("DryRun").as_deref() == Some("true")));
    assert_eq!(requests[1].form("InstanceType.Value").as_deref(), Some("t3.large"));
    let odd = cloud.set_instance_type(&place(), &id(), &wanted).await.unwrap_err();
    assert_eq!(odd.code, ErrorCode::AwsRejected, "a real change was not done");

    for (code, expected) in [
        ("IncorrectInstanceState", ErrorCode::Conflict),
        ("InvalidInstanceAttributeValue", ErrorCode::AwsRejected),
        ("UnauthorizedOperation", ErrorCode::AwsDenied),
        ("InvalidInstanceID.NotFound", ErrorCode::NotFound),
    ] {
        let replay = Replay::new(move |_| wire::ec2_error(400, code, "no"));
        let refused = replay.cloud(estate()).await.set_instance_type(&place(), &id(), &wanted).await;
        let refused = refused.unwrap_err();
        assert_eq!(refused.code, expected, "{code}");
        assert_eq!(refused.aws.and_then(|aws| aws.action).as_deref(), Some("ec2:ModifyInstanceAttribute"));
    }
}

#[tokio::test]
async fn what_no_list_tells_of_an_instance_comes_by_the_same_call() {
    let replay = Replay::new(|_| {
        let group = "<item><groupId>sg-0000000000000000a</groupId><groupName>web</groupName></item>";
        let volume = |device: &str, id: &str, deleted: bool| {
            format!(
                "<item><deviceName>{device}</deviceName><ebs><volumeId>{id}</volumeId><status>attached</status>\
                 <deleteOnTermination>{deleted}</deleteOnTermination></ebs></item>"
            )
        };
        let volumes = [volume("/dev/xvda", "vol-1", true), volume("/dev/sdf", "vol-2", false)].concat();
        let address = |private: &str, public: &str| {
            format!(
                "<item><privateIpAddress>{private}</privateIpAddress><association><publicIp>{public}</publicIp>\
                 </association></item>"
            )
        };
        let addresses = [address("10.0.0.7", "198.51.100.7"), address("10.0.0.8", "198.51.100.8")].concat();
        told(
            "DescribeInstances",
            &format!(
                "<reservationSet><item><instancesSet><item><instanceId>i-0000000000000000a</instanceId>\
                 <instanceState><name>stopped</name></instanceState><instanceLifecycle>spot</instanceLifecycle>\
                 <outpostArn>arn:aws:outposts:x</outpostArn><rootDeviceType>ebs</rootDeviceType>\
                 <rootDeviceName>/dev/xvda</rootDeviceName><blockDeviceMapping>{volumes}</blockDeviceMapping>\
                 <groupSet>{group}</groupSet><metadataOptions><httpTokens>optional</httpTokens>\
                 <httpEndpoint>enabled</httpEndpoint></metadataOptions>\
                 <reason>User initiated (2026-11-27 21:34:30 GMT)</reason><stateReason>\
                 <message>Client.UserInitiatedShutdown: User initiated shutdown</message></stateReason>\
                 <tagSet><item><key>aws:autoscaling:groupName</key><value>web-group</value></item></tagSet>\
                 <networkInterfaceSet><item><networkInterfaceId>eni-1</networkInterfaceId><subnetId>subnet-1</subnetId>\
                 <privateIpAddress>10.0.0.7</privateIpAddress><association><publicIp>198.51.100.7</publicIp></association>\
                 <privateIpAddressesSet>{addresses}</privateIpAddressesSet><ipv6AddressesSet><item>\
                 <ipv6Address>2001:db8::7</ipv6Address></item></ipv6AddressesSet><groupSet>{group}</groupSet></item>\
                 </networkInterfaceSet></item></instancesSet></item></reservationSet>"
            ),
        )
    });
    let (instance, details) = replay.cloud(estate()).await.look_at_instance(&place(), &id()).await.unwrap();
    assert_eq!(replay.operations(), ["DescribeInstances"]);
    let message = "Client.UserInitiatedShutdown: User initiated shutdown";
    assert_eq!(instance.state_reason.as_deref(), Some(message));
    let group = GroupName { id: "sg-0000000000000000a".to_owned(), name: "web".to_owned() };
    let volume = |device: &str, id: &str, delete_on_termination| BlockDevice {
        device: device.to_owned(),
        volume_id: id.to_owned(),
        delete_on_termination,
    };
    let texts = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
    let interface = NetworkInterface {
        id: "eni-1".to_owned(),
        subnet_id: Some("subnet-1".to_owned()),
        private_ips: texts(&["10.0.0.7", "10.0.0.8"]),
        public_ips: texts(&["198.51.100.7", "198.51.100.8"]),
        ipv6: texts(&["2001:db8::7"]),
        groups: vec![group.clone()],
    };
    let expected = InstanceDetails {
        groups: vec![group],
        auto_scaling_group: Some("web-group".to_owned()),
        lifecycle: Some("spot".to_owned()),
        outpost_arn: Some("arn:aws:outposts:x".to_owned()),
        root_device_type: Some("ebs".to_owned()),
        root_device_name: Some("/dev/xvda".to_owned()),
        devices: vec![volume("/dev/xvda", "vol-1", true), volume("/dev/sdf", "vol-2", false)],
        interfaces: vec![interface],
        metadata_without_token: Some(true),
        transition_reason: Some("User initiated (2026-11-27 21:34:30 GMT)".to_owned()),
        transitioned_at: Some(at(1_795_815_270_000)),
    };
    assert_eq!(details, expected);

    let bare = "<reservationSet><item><instancesSet><item><instanceId>i-0000000000000000a</instanceId><reason/>\
                <blockDeviceMapping><item/></blockDeviceMapping></item></instancesSet></item></reservationSet>";
    let replay = Replay::new(move |_| told("DescribeInstances", bare));
    let (_, details) = replay.cloud(estate()).await.look_at_instance(&place(), &id()).await.unwrap();
    assert_eq!(details, InstanceDetails::default());
}

#[tokio::test]
async fn every_page_of_the_types_is_read_and_what_is_missing_does_no_harm() {
    let full = "<item><instanceType>t3.large</instanceType><currentGeneration>true</currentGeneration>\
                <processorInfo><supportedArchitectures><item>i386</item><item>x86_64</item>\
                </supportedArchitectures></processorInfo><vCpuInfo><defaultVCpus>2</defaultVCpus></vCpuInfo>\
                <memoryInfo><sizeInMiB>8192</sizeInMiB></memoryInfo></item>";
    let bare = "<item><instanceType>a9.new</instanceType></item><item/>\
                <item><instanceType>../etc</instanceType></item>";
    let replay = Replay::new(move |request| match request.form("NextToken") {
        None => told(
            "DescribeInstanceTypes",
            &format!("<instanceTypeSet>{full}</instanceTypeSet><nextToken>two</nextToken>"),
        ),
        Some(_) => told("DescribeInstanceTypes", &format!("<instanceTypeSet>{bare}{full}</instanceTypeSet>")),
    });
    let types = replay.cloud(estate()).await.list_instance_types(&place()).await.unwrap();
    let names: Vec<_> = types.iter().map(|kind| kind.name.as_str()).collect();
    assert_eq!(names, ["a9.new", "t3.large"]);
    assert_eq!((types[1].vcpus, types[1].memory_mib, types[1].current_generation), (2, 8_192, true));
    assert!(types[1].runs(Some("x86_64")) && !types[1].runs(Some("arm64")));
    assert_eq!((types[0].vcpus, types[0].architectures.len()), (0, 0));
    assert_eq!(replay.requests().len(), 2);
    assert_eq!(replay.requests()[0].form("MaxResults").as_deref(), Some("100"));
}

#[tokio::test]
async fn checks_of_all_instances_are_read_to_the_last_page() {
    let replay = Replay::new(|request| match request.form("NextToken") {
        None => told(
            "DescribeInstanceStatus",
            "<instanceStatusSet><item><instanceId>i-0000000000000000b</instanceId>\
             <eventsSet><item><code>instance-retirement</code><description>[Completed] &lt;b&gt;</description>\
             <notBefore>2026-11-20T11:44:08.000Z</notBefore><notAfter>2026-11-20T12:44:08.000Z</notAfter>\
             <notBeforeDeadline>2026-11-21T11:44:08.000Z</notBeforeDeadline></item></eventsSet>\
             <systemStatus><status>impaired</status></systemStatus><instanceStatus><status>ok</status>\
             </instanceStatus><attachedEbsStatus><status>dizzy</status></attachedEbsStatus></item>\
             <item><instanceId>nonsense</instanceId></item></instanceStatusSet><nextToken>two</nextToken>",
        ),
        Some(_) => told(
            "DescribeInstanceStatus",
            "<instanceStatusSet><item><instanceId>i-0000000000000000a</instanceId></item></instanceStatusSet>",
        ),
    });
    let cloud = replay.cloud(estate()).await;
    let checks = cloud.list_status_checks(&place()).await.unwrap();
    assert_eq!(checks.len(), 2);
    assert_eq!((checks[0].id.clone(), checks[0].overall()), (id(), CheckStatus::Unknown));
    assert_eq!((checks[1].system, checks[1].instance), (CheckStatus::Impaired, CheckStatus::Ok));
    assert_eq!(checks[1].attached_disks, Some(CheckStatus::Unknown));
    let event = &checks[1].events[0];
    assert_eq!((event.code.as_str(), event.not_before), ("instance-retirement", Some(at(1_795_175_048_000))));
    assert_eq!(
        (event.not_after, event.not_before_deadline),
        (Some(at(1_795_178_648_000)), Some(at(1_795_261_448_000)))
    );
    assert!(event.is_over());
    assert_eq!(checks[1].warnings(InstanceState::Running), ["impaired"]);
    assert!(replay.requests().iter().all(|it| it.form("IncludeAllInstances").as_deref() == Some("true")));

    assert_eq!(cloud.get_status_checks(&place(), &id()).await.unwrap_err().code, ErrorCode::NotFound);
    let asked = replay.requests().pop().unwrap();
    assert_eq!((asked.form("InstanceId.1"), asked.form("MaxResults")), (Some(id().to_string()), None));
}

#[tokio::test]
async fn a_console_is_text_that_does_nothing() {
    // "a\x1b[2Jb\r\n\xff\0", with a line's end in the middle as AWS breaks long ones.
    let replay = Replay::new(|_| {
        told(
            "GetConsoleOutput",
            "<timestamp>2026-11-20T11:44:08.000Z</timestamp><output>YRtbMkpi\nDQr/AA==\n</output>",
        )
    });
    let cloud = replay.cloud(estate()).await;
    let output = cloud.get_console_output(&place(), &id(), false).await.unwrap();
    assert_eq!((output.text.as_str(), output.at), ("ab\n\u{fffd}\u{2400}", Some(at(1_795_175_048_000))));
    assert_eq!(replay.requests()[0].form("Latest"), None);

    let replay = Replay::new(|_| told("GetConsoleOutput", ""));
    let cloud = replay.cloud(estate()).await;
    assert_eq!(cloud.get_console_output(&place(), &id(), true).await.unwrap().text, "");
    assert_eq!(replay.requests()[0].form("Latest").as_deref(), Some("true"));

    let replay = Replay::new(|_| told("GetConsoleOutput", "<output>!!</output>"));
    let odd = replay.cloud(estate()).await.get_console_output(&place(), &id(), false).await.unwrap_err();
    assert_eq!(odd.code, ErrorCode::AwsRejected);
}

#[tokio::test]
async fn a_screenshot_is_taken_only_for_what_it_is() {
    let replay = Replay::new(|_| told("GetConsoleScreenshot", "<imageData>/9j/4AAQSkZJRg==</imageData>"));
    let picture = replay.cloud(estate()).await.get_screenshot(&place(), &id()).await.unwrap();
    assert!(picture.starts_with(&[0xff, 0xd8, 0xff]));
    // "<svg>" and nothing.
    for data in ["PHN2Zz4=", ""] {
        let replay =
            Replay::new(move |_| told("GetConsoleScreenshot", &format!("<imageData>{data}</imageData>")));
        let odd = replay.cloud(estate()).await.get_screenshot(&place(), &id()).await.unwrap_err();
        assert_eq!(odd.code, ErrorCode::AwsRejected);
    }
}
