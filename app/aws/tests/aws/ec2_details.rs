//! Protection, types, status checks and consoles of instances: what is sent, and what is made of the answers.

use nephoscope_aws::replay::{Replay, ReplayResponse, wire};
use nephoscope_model::{
    ErrorCode,
    ec2::{CheckStatus, InstanceId, InstanceTypeName, Protection},
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
             <notBefore>2026-11-20T11:44:08.000Z</notBefore></item></eventsSet>\
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
