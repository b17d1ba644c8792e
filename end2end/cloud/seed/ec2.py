"""EC2's state file: networks, instances and what belongs to them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from cloud.estate import ACCOUNTS, REGIONS, Estate, Instance, resource_id
from cloud.seed import launch
from cloud.seed.belongings import put_belongings
from cloud.seed.state import RegionalStore, write_state

_STATE_CODES = {"running": 16, "terminated": 48, "stopped": 80}

#: MiniStack forgets an instance a minute after its termination; the seeded ones must stay.
_NEVER = 32_503_680_000.0


def vpc_of(account: str, region: str) -> str:
    """The id of the company's network in this account and region."""
    return resource_id("vpc", account, region)


def subnet_of(account: str, zone: str, public: bool) -> str:
    """The id of the public or private subnet in a zone."""
    return resource_id("subnet", account, zone, public)


def group_of(account: str, region: str, name: str) -> str:
    """The id of a security group."""
    return resource_id("sg", account, region, name)


def write_ec2(folder: Path, estate: Estate) -> None:
    """Write the state file that MiniStack's EC2 starts from."""
    stores = {
        name: RegionalStore()
        for name in (
            *("vpcs", "subnets", "security_groups", "volumes", "snapshots", "addresses"),
            *("instances", "tags"),
            *launch.STORES,
        )
    }
    for account in ACCOUNTS:
        for number, region in enumerate(REGIONS):
            octet = 10 + ACCOUNTS.index(account) * 20 + number * 10
            _put_network(stores, account.id, region, octet)
    for instance in estate.instances:
        _put_instance(stores, instance)
    put_belongings(stores, estate, vpc_of)
    launch.put_launching(stores)
    # Empty, so that MiniStack still makes its default network in each scope at the first call.
    write_state(folder, "ec2", {**stores, "default_initialized_scopes": []})


def _put_network(stores: dict[str, RegionalStore], account: str, region: str, octet: int) -> None:
    vpc = vpc_of(account, region)
    stores["vpcs"].put(account, region, vpc, {
        "VpcId": vpc, "CidrBlock": f"10.{octet}.0.0/16", "State": "available", "IsDefault": False,
        "DhcpOptionsId": "dopt-00000001", "InstanceTenancy": "default", "OwnerId": account,
        "DefaultNetworkAclId": "acl-00000001", "MainRouteTableId": "rtb-00000001",
        "DefaultSecurityGroupId": group_of(account, region, "app"),
    })  # fmt: skip
    stores["tags"].put(account, region, vpc, _tag_list({"Name": "shop"}))
    for number, letter in enumerate("abc"):
        for public in (True, False):
            zone = region + letter
            subnet = subnet_of(account, zone, public)
            third = number * 16 + (128 if public else 0)
            stores["subnets"].put(account, region, subnet, {
                "SubnetId": subnet, "VpcId": vpc, "CidrBlock": f"10.{octet}.{third}.0/20",
                "AvailabilityZone": zone, "AvailabilityZoneId": _zone_id(region, number),
                "AvailableIpAddressCount": 4080, "State": "available", "DefaultForAz": False,
                "MapPublicIpOnLaunch": public, "OwnerId": account,
            })  # fmt: skip
            stores["tags"].put(
                account, region, subnet,
                _tag_list({"Name": f"{'public' if public else 'private'}-{letter}"}),
            )  # fmt: skip
    for name, description, port in (
        ("app", "Services behind the load balancer", 8080),
        ("bastion", "SSH from the office", 22),
    ):
        stores["security_groups"].put(account, region, group_of(account, region, name), {
            "GroupId": group_of(account, region, name), "GroupName": name,
            "Description": description, "VpcId": vpc, "OwnerId": account,
            "IpPermissions": [{
                "IpProtocol": "tcp", "FromPort": port, "ToPort": port,
                "IpRanges": [{"CidrIp": f"10.{octet}.0.0/16"}],
                "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": [],
            }],
            "IpPermissionsEgress": [{
                "IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
                "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": [],
            }],
        })  # fmt: skip


def _zone_id(region: str, number: int) -> str:
    return {"us-east-1": "use1", "eu-west-1": "euw1"}[region] + f"-az{number + 1}"


def _put_instance(stores: dict[str, RegionalStore], instance: Instance) -> None:
    account, region = instance.account, instance.region
    public = bool(instance.public_ip)
    launched = _timestamp(instance.launched)
    volume = resource_id("vol", instance.id)
    group = "bastion" if instance.name == "bastion" else "app"
    dashed_ip = instance.public_ip.replace(".", "-")
    domain = "compute-1" if region == "us-east-1" else f"{region}.compute"
    record: dict[str, Any] = {
        "InstanceId": instance.id,
        "ImageId": instance.image,
        "InstanceType": instance.type,
        "KeyName": "ops-2026" if public else "",
        "State": {"Code": _STATE_CODES[instance.state], "Name": instance.state},
        "SubnetId": subnet_of(account, instance.zone, public),
        "VpcId": vpc_of(account, region),
        "PrivateIpAddress": instance.private_ip,
        "PublicIpAddress": instance.public_ip,
        "PrivateDnsName": f"ip-{instance.private_ip.replace('.', '-')}.ec2.internal",
        "PublicDnsName": f"ec2-{dashed_ip}.{domain}.amazonaws.com" if public else "",
        "SourceDestCheck": True,
        "SecurityGroups": [{"GroupId": group_of(account, region, group), "GroupName": group}],
        "Architecture": "x86_64",
        "RootDeviceType": "ebs",
        "RootDeviceName": "/dev/xvda",
        "Hypervisor": "xen",
        "Virtualization": "hvm",
        "Placement": {"AvailabilityZone": instance.zone, "Tenancy": "default"},
        "Monitoring": {"State": "enabled" if instance.detailed else "disabled"},
        "AmiLaunchIndex": 0,
        "UserData": "",
        "LaunchTime": launched,
        "IamInstanceProfile": None,
        "BlockDeviceMappings": [],
    }
    if instance.state == "terminated":
        record["_terminated_at"] = _NEVER
    else:
        ebs = {"VolumeId": volume, "Status": "attached", "AttachTime": launched, "DeleteOnTermination": True}
        record["BlockDeviceMappings"] = [{"DeviceName": "/dev/xvda", "Ebs": ebs}]
        stores["volumes"].put(account, region, volume, {
            "VolumeId": volume, "Size": 30, "AvailabilityZone": instance.zone, "State": "in-use",
            "VolumeType": "gp3", "SnapshotId": "", "Iops": 3000, "Encrypted": True,
            "CreateTime": launched, "MultiAttachEnabled": False, "Throughput": 125,
            "Attachments": [{
                "VolumeId": volume, "InstanceId": instance.id, "Device": "/dev/xvda",
                "State": "attached", "AttachTime": launched, "DeleteOnTermination": True,
            }],
        })  # fmt: skip
        if name := instance.tags.get("Name"):
            stores["tags"].put(account, region, volume, _tag_list({"Name": f"{name}-root"}))
    stores["instances"].put(account, region, instance.id, record)
    if instance.tags:
        stores["tags"].put(account, region, instance.id, _tag_list(instance.tags))


def _tag_list(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _timestamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")
