"""What belongs to EC2 beside instances: volumes, snapshots, addresses and security groups, and their tags."""

from __future__ import annotations

from typing import Any

from conftest import PRODUCTION, SANDBOX, STAGING, Cloud, instances_of


def tags_of(resource: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in resource.get("Tags", [])}


def test_volumes_are_attached_or_stand_out(cloud: Cloud) -> None:
    ec2 = cloud.client("ec2", account=PRODUCTION)
    volumes = ec2.describe_volumes()["Volumes"]
    by_name = {tags_of(volume).get("Name", ""): volume for volume in volumes}
    data, spare = by_name["search-data"], by_name["search-data-2024"]
    search = next(i for i in instances_of(ec2.describe_instances()) if tags_of(i)["Name"] == "search")
    assert data["Attachments"][0]["InstanceId"] == search["InstanceId"]
    assert (data["State"], data["Size"], data["Encrypted"]) == ("in-use", 500, True)
    assert (spare["State"], spare.get("Attachments", []), spare["Encrypted"]) == ("available", [], False)
    assert "search-root" in by_name


def test_snapshots_are_the_accounts_own(cloud: Cloud) -> None:
    ec2 = cloud.client("ec2", account=PRODUCTION)
    snapshots = ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]
    nightly = [snapshot for snapshot in snapshots if tags_of(snapshot).get("Backup") == "nightly"]
    assert len(nightly) == len(snapshots) == 14
    volumes = {volume["VolumeId"] for volume in ec2.describe_volumes()["Volumes"]}
    assert {snapshot["VolumeId"] for snapshot in nightly} <= volumes
    states = cloud.client("ec2", account=STAGING).describe_snapshots(OwnerIds=["self"])["Snapshots"]
    assert [(s["State"], s["Progress"]) for s in states] == [("pending", "42%")]


def test_an_elastic_address_is_the_one_of_its_instance(cloud: Cloud) -> None:
    ec2 = cloud.client("ec2", account=PRODUCTION)
    (address,) = ec2.describe_addresses()["Addresses"]
    bastion = instances_of(ec2.describe_instances(InstanceIds=[address["InstanceId"]]))[0]
    assert (tags_of(bastion)["Name"], bastion["PublicIpAddress"]) == ("bastion", address["PublicIp"])
    (spare,) = cloud.client("ec2", account=STAGING).describe_addresses()["Addresses"]
    assert "InstanceId" not in spare
    assert "AssociationId" not in spare


def test_one_security_group_is_open_to_everybody(cloud: Cloud) -> None:
    groups = cloud.client("ec2", account=SANDBOX).describe_security_groups()["SecurityGroups"]
    by_name = {group["GroupName"]: group for group in groups}
    assert by_name.keys() >= {"app", "bastion", "web", "database", "demo-open"}
    ssh, rdp = by_name["demo-open"]["IpPermissions"]
    assert (ssh["FromPort"], ssh["Ipv6Ranges"]) == (22, [{"CidrIpv6": "::/0"}])
    assert rdp["IpRanges"] == [{"CidrIp": "0.0.0.0/0", "Description": "just for today"}]
    (pair,) = by_name["database"]["IpPermissions"][0]["UserIdGroupPairs"]
    assert pair["GroupId"] == by_name["app"]["GroupId"]
    quiet = cloud.client("ec2", account=SANDBOX, region="eu-west-1").describe_security_groups()
    assert "demo-open" not in {group["GroupName"] for group in quiet["SecurityGroups"]}


def test_their_tags_are_changed_like_those_of_instances(cloud: Cloud, refused: Any) -> None:
    ec2 = cloud.client("ec2", account=STAGING)
    volumes = ec2.describe_volumes()["Volumes"]
    (volume,) = [it for it in volumes if tags_of(it).get("Name") == "load-test-scratch"]
    volume_id = volume["VolumeId"]
    change = {"Resources": [volume_id], "Tags": [{"Key": "Owner", "Value": "<b>ada</b>"}]}
    assert refused(ec2.create_tags, **change, DryRun=True)[0] == "DryRunOperation"
    ec2.create_tags(**change)
    (now,) = ec2.describe_volumes(VolumeIds=[volume_id])["Volumes"]
    assert tags_of(now) == {"Name": "load-test-scratch", "Owner": "<b>ada</b>"}
    ec2.delete_tags(Resources=[volume_id], Tags=[{"Key": "Owner"}])
    (now,) = ec2.describe_volumes(VolumeIds=[volume_id])["Volumes"]
    assert tags_of(now) == {"Name": "load-test-scratch"}
    code = refused(ec2.create_tags, Resources=[volume_id], Tags=[{"Key": "aws:x", "Value": ""}])[0]
    assert code == "InvalidParameterValue"
