"""What belongs to EC2 beside instances: data volumes, snapshots, elastic addresses and more security groups.

Some of it is what one finds in every estate and should not: volumes and addresses that nothing uses, a
group that lets everybody in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cloud.estate import (
    ACCOUNTS,
    PRODUCTION,
    REGIONS,
    SANDBOX,
    STAGING,
    Account,
    Estate,
    Instance,
    resource_id,
)
from cloud.seed.state import RegionalStore

Stores = Mapping[str, RegionalStore]

_US, _EU = REGIONS

#: Instances that keep data on a volume of its own, by name: its size in GiB.
_DATA_VOLUMES = {"search": 500, "search-replica": 500, "nightly-etl": 200}

#: Days of which the nightly snapshots of production's data are kept.
_NIGHTS = 7

_EVERYBODY = {"IpRanges": [{"CidrIp": "0.0.0.0/0"}], "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}


@dataclass(frozen=True)
class _Spare:
    """A volume that nothing is attached to."""

    account: Account
    region: str
    name: str
    size: int
    type: str
    iops: int
    days_old: int


_SPARES = (
    _Spare(PRODUCTION, _US, "search-data-2024", 500, "gp2", 1500, 420),
    _Spare(STAGING, _US, "load-test-scratch", 200, "io1", 4000, 38),
    _Spare(SANDBOX, _EU, "", 100, "gp3", 3000, 190),
)

#: Addresses that nothing is associated with: account, region, name, address.
_SPARE_ADDRESSES = (
    (STAGING, _US, "old-vpn", "198.51.100.23"),
    (SANDBOX, _EU, "", "198.51.100.71"),
)


def put_belongings(stores: Stores, estate: Estate, vpc_of: Callable[[str, str], str]) -> None:
    """Add all of it to the stores of EC2's state file."""
    midnight = datetime.combine(estate.seed_date, datetime.min.time(), UTC)
    by_name = {(it.account, it.region, it.name): it for it in estate.instances if it.state != "terminated"}
    for (account, region, name), instance in by_name.items():
        if name in _DATA_VOLUMES:
            volume = _put_data_volume(stores, instance, _DATA_VOLUMES[name])
            if account == PRODUCTION.id:
                for night in range(_NIGHTS):
                    _put_nightly(stores, instance, volume, midnight - timedelta(days=night, hours=-3))
        if name == "bastion":
            _put_address(stores, account, region, name, instance.public_ip, instance.id)
    for spare in _SPARES:
        _put_spare(stores, spare, midnight - timedelta(days=spare.days_old))
    for owner, region, name, address in _SPARE_ADDRESSES:
        _put_address(stores, owner.id, region, name, address, None)
    _put_one_off_snapshots(stores, by_name, midnight)
    for owner in ACCOUNTS:
        for region in REGIONS:
            _put_groups(stores, owner, region, vpc_of(owner.id, region))


def _put_data_volume(stores: Stores, instance: Instance, size: int) -> str:
    volume = resource_id("vol", instance.id, "data")
    launched = _timestamp(instance.launched)
    stores["volumes"].put(instance.account, instance.region, volume, {
        "VolumeId": volume, "Size": size, "AvailabilityZone": instance.zone, "State": "in-use",
        "VolumeType": "gp3", "SnapshotId": "", "Iops": 6000, "Encrypted": True,
        "CreateTime": launched, "MultiAttachEnabled": False, "Throughput": 250,
        "Attachments": [{
            "VolumeId": volume, "InstanceId": instance.id, "Device": "/dev/sdf",
            "State": "attached", "AttachTime": launched, "DeleteOnTermination": False,
        }],
    })  # fmt: skip
    _tag(stores, instance.account, instance.region, volume, {
        "Name": f"{instance.name}-data", "Team": instance.tags.get("Team", ""), "Backup": "nightly",
    })  # fmt: skip
    return volume


def _put_nightly(stores: Stores, instance: Instance, volume: str, begun: datetime) -> None:
    snapshot = resource_id("snap", volume, begun.date())
    _put_snapshot(stores, instance.account, instance.region, snapshot, {
        "VolumeId": volume, "VolumeSize": _DATA_VOLUMES[instance.name], "Encrypted": True,
        "Description": f"Nightly backup of {instance.name}-data", "StartTime": _timestamp(begun),
    })  # fmt: skip
    name = f"{instance.name}-data {begun:%Y-%m-%d}"
    _tag(stores, instance.account, instance.region, snapshot, {"Name": name, "Backup": "nightly"})


def _put_one_off_snapshots(
    stores: Stores, by_name: Mapping[tuple[str, str, str], Instance], midnight: datetime
) -> None:
    """One that is still being taken, and one of which the volume is long gone."""
    search = by_name[STAGING.id, _US, "search"]
    _put_snapshot(stores, STAGING.id, _US, resource_id("snap", "before-upgrade"), {
        "VolumeId": resource_id("vol", search.id), "VolumeSize": 30, "Encrypted": True,
        "Description": "before the upgrade & the move", "StartTime": _timestamp(midnight),
        "State": "pending", "Progress": "42%",
    })  # fmt: skip
    _put_snapshot(stores, SANDBOX.id, _US, resource_id("snap", "forgotten"), {
        "VolumeId": resource_id("vol", "gone"), "VolumeSize": 8, "Encrypted": False,
        "Description": "<b>do not delete</b>", "StartTime": _timestamp(midnight - timedelta(days=900)),
    })  # fmt: skip


def _put_snapshot(stores: Stores, account: str, region: str, snapshot: str, fields: dict[str, Any]) -> None:
    usual = {"State": "completed", "Progress": "100%", "StorageTier": "standard"}
    record = {"SnapshotId": snapshot, "OwnerId": account, **usual, **fields}
    stores["snapshots"].put(account, region, snapshot, record)


def _put_spare(stores: Stores, spare: _Spare, made: datetime) -> None:
    volume = resource_id("vol", "spare", spare.account.id, spare.region)
    stores["volumes"].put(spare.account.id, spare.region, volume, {
        "VolumeId": volume, "Size": spare.size, "AvailabilityZone": spare.region + "a", "State": "available",
        "VolumeType": spare.type, "SnapshotId": "", "Iops": spare.iops, "Encrypted": False,
        "CreateTime": _timestamp(made), "MultiAttachEnabled": False, "Throughput": None, "Attachments": [],
    })  # fmt: skip
    if spare.name:
        _tag(stores, spare.account.id, spare.region, volume, {"Name": spare.name})


def _put_address(
    stores: Stores, account: str, region: str, name: str, address: str, instance: str | None
) -> None:
    allocation = resource_id("eipalloc", account, region, name)
    stores["addresses"].put(account, region, allocation, {
        "AllocationId": allocation, "PublicIp": address, "Domain": "vpc",
        "AssociationId": resource_id("eipassoc", allocation) if instance else None,
        "InstanceId": instance, "NetworkInterfaceId": None, "PrivateIpAddress": None,
    })  # fmt: skip
    if name:
        _tag(stores, account, region, allocation, {"Name": name})


def _put_groups(stores: Stores, owner: Account, region: str, vpc: str) -> None:
    web = [_rule(port, **_EVERYBODY) for port in (80, 443)]
    _put_group(stores, owner.id, region, vpc, "web", "The load balancer, from everywhere", web)
    app = {"GroupId": resource_id("sg", owner.id, region, "app"), "UserId": owner.id}
    database = [_rule(5432, UserIdGroupPairs=[{**app, "Description": "the services"}])]
    _put_group(stores, owner.id, region, vpc, "database", "PostgreSQL", database)
    if owner is SANDBOX and region == _US:
        today = [{"CidrIp": "0.0.0.0/0", "Description": "just for today"}]
        demo = [_rule(22, **_EVERYBODY), _rule(3389, IpRanges=today)]
        _put_group(stores, owner.id, region, vpc, "demo-open", "Opened for a demonstration", demo)


def _put_group(
    stores: Stores, account: str, region: str, vpc: str, name: str, text: str, inbound: list[dict[str, Any]]
) -> None:
    group = resource_id("sg", account, region, name)
    stores["security_groups"].put(account, region, group, {
        "GroupId": group, "GroupName": name, "Description": text, "VpcId": vpc, "OwnerId": account,
        "IpPermissions": inbound,
        "IpPermissionsEgress": [{
            "IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
            "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": [],
        }],
    })  # fmt: skip
    _tag(stores, account, region, group, {"ManagedBy": "terraform"})


def _rule(port: int, **peers: list[dict[str, str]]) -> dict[str, Any]:
    none: dict[str, Any] = {"IpRanges": [], "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": []}
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **none, **peers}


def _tag(stores: Stores, account: str, region: str, resource: str, tags: dict[str, str]) -> None:
    kept = [{"Key": key, "Value": value} for key, value in tags.items() if value]
    stores["tags"].put(account, region, resource, kept)


def _timestamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")
