//! Volumes, snapshots, addresses and security groups: what is asked, what the answers become, and one by its id.

use nephoscope_aws::replay::{Replay, ReplayResponse, wire};
use nephoscope_model::{
    ErrorCode,
    ec2::{PeerKind, Resource, ResourceId, RulePeer, SecurityRule, Tag},
};

use crate::{at, estate, place};

fn answer(operation: &str, inner: &str) -> ReplayResponse {
    let space = "http://ec2.amazonaws.com/doc/2016-11-15/";
    wire::xml(200, format!("<{operation}Response xmlns=\"{space}\">{inner}</{operation}Response>"))
}

fn id(text: &str) -> ResourceId {
    text.parse().unwrap()
}

const TAGS: &str = "<tagSet><item><key>zero</key><value/></item><item><key>Name</key>\
                    <value>&lt;b&gt;data &amp; co&lt;/b&gt;</value></item></tagSet>";

fn tags() -> Vec<Tag> {
    [("Name", "<b>data & co</b>"), ("zero", "")]
        .map(|(key, value)| Tag { key: key.to_owned(), value: value.to_owned() })
        .to_vec()
}

const VOLUME: &str = "<item><volumeId>vol-0000000000000000a</volumeId><size>100</size><snapshotId>snap-1</snapshotId>\
    <availabilityZone>eu-west-1a</availabilityZone><status>in-use</status>\
    <createTime>2026-11-20T11:34:08.250Z</createTime><volumeType>gp3</volumeType><iops>3000</iops>\
    <throughput>125</throughput><encrypted>true</encrypted><kmsKeyId>arn:aws:kms:eu-west-1:111111111111:key/1</kmsKeyId>\
    <multiAttachEnabled>true</multiAttachEnabled><attachmentSet><item>\
    <volumeId>vol-0000000000000000a</volumeId><instanceId>i-0000000000000000a</instanceId><device>/dev/xvda</device>\
    <status>attached</status><attachTime>2026-11-20T11:34:08.250Z</attachTime>\
    <deleteOnTermination>true</deleteOnTermination></item></attachmentSet>";

#[tokio::test]
async fn every_page_of_the_volumes_is_read_and_all_that_aws_tells_arrives() {
    let replay = Replay::new(|request| match request.form("NextToken").as_deref() {
        None => {
            let bad = "<item><volumeId>nothing</volumeId></item>";
            let volumes = format!("{VOLUME}{TAGS}</item>{bad}");
            answer("DescribeVolumes", &format!("<volumeSet>{volumes}</volumeSet><nextToken>two</nextToken>"))
        }
        Some("two") => {
            let free = "<item><volumeId>vol-0000000000000000b</volumeId><size>8</size><snapshotId/>\
                        <status>available</status><volumeType>standard</volumeType><encrypted>false</encrypted></item>";
            answer("DescribeVolumes", &format!("<volumeSet>{free}{VOLUME}{TAGS}</item></volumeSet>"))
        }
        other => panic!("no such page: {other:?}"),
    });
    let volumes = replay.cloud(estate()).await.list_volumes(&place()).await.unwrap();
    assert_eq!(replay.operations(), ["DescribeVolumes"; 2]);
    assert_eq!(replay.requests()[0].form("MaxResults").as_deref(), Some("1000"));
    let [free, used] = volumes.as_slice() else { panic!("{volumes:?}") };
    assert_eq!((free.id.clone(), free.size_gib, free.encrypted), (id("vol-0000000000000000b"), 8, false));
    assert_eq!((&free.snapshot_id, free.iops, free.throughput_mib), (&None, None, None));
    assert!(
        free.attachments.is_empty() && free.tags.is_empty() && Resource::Volume(free.clone()).is_remarkable()
    );

    assert_eq!((used.name.as_str(), used.tags.clone()), ("<b>data & co</b>", tags()));
    assert_eq!(
        (used.state.as_str(), used.volume_type.as_str(), used.zone.as_str()),
        ("in-use", "gp3", "eu-west-1a")
    );
    assert_eq!((used.iops, used.throughput_mib, used.encrypted), (Some(3_000), Some(125), true));
    assert_eq!((used.snapshot_id.as_deref(), used.created_at), (Some("snap-1"), Some(at(1_795_174_448_250))));
    assert_eq!(
        (used.kms_key.as_deref(), used.multi_attach),
        (Some("arn:aws:kms:eu-west-1:111111111111:key/1"), true)
    );
    assert_eq!((&free.kms_key, free.multi_attach), (&None, false));
    let attachment = &used.attachments[0];
    assert_eq!((attachment.target(), attachment.device.as_str()), ("i-0000000000000000a", "/dev/xvda"));
    assert_eq!((attachment.state.as_str(), attachment.delete_on_termination), ("attached", true));
}

#[tokio::test]
async fn only_the_accounts_own_snapshots_are_asked_for() {
    let replay = Replay::new(|request| {
        assert_eq!(request.form("Owner.1").as_deref(), Some("self"));
        let item = format!(
            "<item><snapshotId>snap-0000000000000000a</snapshotId><volumeId>vol-ffffffff</volumeId><status>error</status>\
             <statusMessage>no key</statusMessage><startTime>2026-11-20T11:34:08.250Z</startTime><progress>40%</progress>\
             <volumeSize>30</volumeSize><description>before &amp; after</description><encrypted>true</encrypted>\
             <storageTier>archive</storageTier><fullSnapshotSizeInBytes>1073741824</fullSnapshotSizeInBytes>\
             <kmsKeyId>key-1</kmsKeyId>{TAGS}</item>"
        );
        answer("DescribeSnapshots", &format!("<snapshotSet>{item}</snapshotSet>"))
    });
    let snapshots = replay.cloud(estate()).await.list_snapshots(&place()).await.unwrap();
    let [it] = snapshots.as_slice() else { panic!("{snapshots:?}") };
    assert_eq!(
        (it.id.clone(), it.name.as_str(), it.tags.clone()),
        (id("snap-0000000000000000a"), "<b>data & co</b>", tags())
    );
    assert_eq!(
        (it.state.as_str(), it.state_reason.as_deref(), it.progress.as_str()),
        ("error", Some("no key"), "40%")
    );
    assert_eq!((it.volume_id.as_deref(), it.size_gib, it.encrypted), (Some("vol-ffffffff"), 30, true));
    assert_eq!((it.full_bytes, it.kms_key.as_deref()), (Some(1_073_741_824), Some("key-1")));
    assert_eq!((it.description.as_str(), it.tier.as_str()), ("before & after", "archive"));
    assert_eq!(it.started_at, Some(at(1_795_174_448_250)));
}

#[tokio::test]
async fn addresses_come_on_one_page_and_those_without_use_are_told() {
    let replay = Replay::new(|request| {
        assert_eq!(request.form("MaxResults"), None, "this list has no pages");
        let used = "<item><allocationId>eipalloc-0000000000000000a</allocationId><publicIp>203.0.113.7</publicIp>\
            <associationId>eipassoc-1</associationId><instanceId>i-0000000000000000a</instanceId>\
            <networkInterfaceId>eni-1</networkInterfaceId><privateIpAddress>10.0.0.7</privateIpAddress>\
            <networkBorderGroup>eu-west-1</networkBorderGroup><serviceManaged>rnat</serviceManaged></item>";
        let free = format!(
            "<item><allocationId>eipalloc-0000000000000000b</allocationId><publicIp>203.0.113.8</publicIp>\
             <instanceId/>{TAGS}</item>"
        );
        answer("DescribeAddresses", &format!("<addressesSet>{free}{used}</addressesSet>"))
    });
    let addresses = replay.cloud(estate()).await.list_addresses(&place()).await.unwrap();
    let [used, free] = addresses.as_slice() else { panic!("{addresses:?}") };
    assert_eq!((used.public_ip.as_str(), used.is_unassociated()), ("203.0.113.7", false));
    assert_eq!(used.instance_id.as_ref().map(ToString::to_string).as_deref(), Some("i-0000000000000000a"));
    assert_eq!(
        (used.association_id.as_deref(), used.network_interface_id.as_deref()),
        (Some("eipassoc-1"), Some("eni-1"))
    );
    assert_eq!(
        (used.private_ip.as_deref(), used.network_border_group.as_deref()),
        (Some("10.0.0.7"), Some("eu-west-1"))
    );
    assert_eq!((used.service_text(), free.service_text()), (Some("NAT gateway"), None));
    assert_eq!(
        (free.public_ip.as_str(), free.is_unassociated(), free.tags.clone()),
        ("203.0.113.8", true, tags())
    );
}

#[tokio::test]
async fn rules_keep_their_peers_and_say_who_is_let_in() {
    let replay = Replay::new(|_| {
        let inbound = "<item><ipProtocol>tcp</ipProtocol><fromPort>22</fromPort><toPort>22</toPort><groups><item>\
            <userId>111111111111</userId><groupId>sg-0000000000000000b</groupId></item><item>\
            <userId>222222222222</userId><groupId>sg-0000000000000000c</groupId>\
            <vpcPeeringConnectionId>pcx-1</vpcPeeringConnectionId><peeringStatus>deleted</peeringStatus></item></groups><ipRanges><item>\
            <cidrIp>10.0.0.0/8</cidrIp><description>office</description></item></ipRanges><ipv6Ranges><item>\
            <cidrIpv6>::/0</cidrIpv6></item></ipv6Ranges><prefixListIds><item><prefixListId>pl-1</prefixListId></item>\
            </prefixListIds></item><item><ipProtocol>tcp</ipProtocol><fromPort>443</fromPort><toPort>443</toPort>\
            <ipRanges><item><cidrIp>0.0.0.0/0</cidrIp></item></ipRanges></item>";
        let outbound = "<item><ipProtocol>-1</ipProtocol><ipRanges><item><cidrIp>0.0.0.0/0</cidrIp></item></ipRanges></item>";
        let group = format!(
            "<item><ownerId>111111111111</ownerId><groupId>sg-0000000000000000a</groupId><groupName>bastion</groupName>\
             <groupDescription>SSH</groupDescription><vpcId>vpc-1</vpcId><ipPermissions>{inbound}</ipPermissions>\
             <ipPermissionsEgress>{outbound}</ipPermissionsEgress>{TAGS}</item>"
        );
        answer("DescribeSecurityGroups", &format!("<securityGroupInfo>{group}</securityGroupInfo>"))
    });
    let groups = replay.cloud(estate()).await.list_security_groups(&place()).await.unwrap();
    let [group] = groups.as_slice() else { panic!("{groups:?}") };
    assert_eq!(
        (group.name.as_str(), group.description.as_str()),
        ("bastion", "SSH"),
        "its own name, not the tag"
    );
    assert_eq!((group.vpc_id.as_deref(), group.tags.clone(), group.is_open()), (Some("vpc-1"), tags(), true));
    let peer = |kind, value: &str, description: Option<&str>| RulePeer {
        kind,
        value: value.to_owned(),
        description: description.map(ToOwned::to_owned),
        everybody: value == "::/0",
        stale: None,
    };
    let ssh = SecurityRule {
        protocol: "tcp".to_owned(),
        from_port: Some(22),
        to_port: Some(22),
        peers: vec![
            peer(PeerKind::Ipv4, "10.0.0.0/8", Some("office")),
            peer(PeerKind::Ipv6, "::/0", None),
            peer(PeerKind::PrefixList, "pl-1", None),
            peer(PeerKind::Group, "sg-0000000000000000b", None),
            RulePeer {
                stale: Some("pcx-1".to_owned()),
                ..peer(PeerKind::Group, "222222222222/sg-0000000000000000c", None)
            },
        ],
        open: true,
    };
    assert_eq!(group.inbound[0], ssh);
    assert_eq!(group.owner, None);
    assert!(!group.inbound[1].open && !group.outbound[0].open, "web servers, and what goes out");
}

#[tokio::test]
async fn a_group_that_another_account_shares_says_whose_it_is_and_halves_are_everybody() {
    let replay = Replay::new(|_| {
        let group = "<item><ownerId>222222222222</ownerId><groupId>sg-0000000000000000a</groupId><groupName>web</groupName>\
            <ipPermissions><item><ipProtocol>tcp</ipProtocol><fromPort>22</fromPort><toPort>22</toPort><ipRanges>\
            <item><cidrIp>0.0.0.0/1</cidrIp></item><item><cidrIp>128.0.0.0/1</cidrIp></item></ipRanges></item>\
            </ipPermissions></item>";
        answer("DescribeSecurityGroups", &format!("<securityGroupInfo>{group}</securityGroupInfo>"))
    });
    let groups = replay.cloud(estate()).await.list_security_groups(&place()).await.unwrap();
    let [group] = groups.as_slice() else { panic!("{groups:?}") };
    assert_eq!((group.account.clone(), group.owner.clone()), (place().account, "222222222222".parse().ok()));
    let arn = "arn:aws:ec2:eu-west-1:222222222222:security-group/sg-0000000000000000a";
    assert_eq!(Resource::SecurityGroup(group.clone()).arn(), arn);
    assert!(group.inbound[0].open && group.inbound[0].peers.iter().all(|peer| peer.everybody));
}

#[tokio::test]
async fn one_is_asked_for_by_its_id_without_a_size_of_pages() {
    let replay = Replay::new(|request| {
        assert_eq!(request.form("MaxResults"), None);
        let wanted = request.form("VolumeId.1");
        assert_eq!(wanted.as_deref(), Some("vol-0000000000000000a"));
        answer("DescribeVolumes", &format!("<volumeSet>{VOLUME}{TAGS}</item></volumeSet>"))
    });
    let cloud = replay.cloud(estate()).await;
    let volume = id("vol-0000000000000000a");
    assert_eq!(cloud.get_resource(&place(), &volume).await.map(|it| it.id().clone()), Ok(volume.clone()));
    assert_eq!(cloud.read_tags(&place(), &volume).await, Ok(tags()));
}

#[tokio::test]
async fn what_is_not_there_is_not_found_whether_aws_says_so_or_nothing() {
    let replay = Replay::new(|request| match request.operation() {
        "DescribeAddresses" => answer("DescribeAddresses", "<addressesSet/>"),
        "DescribeSecurityGroups" => wire::ec2_error(400, "InvalidGroup.NotFound", "It does not exist"),
        "DescribeSnapshots" => wire::ec2_error(403, "UnauthorizedOperation", "No."),
        other => panic!("{other}"),
    });
    let cloud = replay.cloud(estate()).await;
    for (text, code) in [
        ("eipalloc-0000000000000000a", ErrorCode::NotFound),
        ("sg-0000000000000000a", ErrorCode::NotFound),
        ("snap-0000000000000000a", ErrorCode::AwsDenied),
        ("i-0000000000000000a", ErrorCode::NotFound),
    ] {
        let error = cloud.get_resource(&place(), &id(text)).await.unwrap_err();
        assert_eq!(error.code, code, "{text}: {error:?}");
    }
}
