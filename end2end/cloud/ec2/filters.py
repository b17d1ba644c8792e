"""DescribeInstances' filters, over what the front shows.

MiniStack lets unknown filters pass and knows nothing of transitions. The names are those of the
API reference; a name that is not among them is refused, as AWS does.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable

from cloud.ec2.instance import Instance
from cloud.ec2.wire import STATE_CODES, Ec2Error

_PATHS = {
    "architecture": "architecture",
    "availability-zone": "placement/availabilityZone",
    "dns-name": "dnsName",
    "hypervisor": "hypervisor",
    "iam-instance-profile.arn": "iamInstanceProfile/arn",
    "image-id": "imageId",
    "instance-id": "instanceId",
    "instance-type": "instanceType",
    "ip-address": "ipAddress",
    "key-name": "keyName",
    "launch-time": "launchTime",
    "monitoring-state": "monitoring/state",
    "platform-details": "platformDetails",
    "private-dns-name": "privateDnsName",
    "private-ip-address": "privateIpAddress",
    "root-device-name": "rootDeviceName",
    "root-device-type": "rootDeviceType",
    "source-dest-check": "sourceDestCheck",
    "subnet-id": "subnetId",
    "tenancy": "placement/tenancy",
    "virtualization-type": "virtualizationType",
    "vpc-id": "vpcId",
}

#: Filters over repeated elements: the path of the items, and the field in each.
_REPEATED = {
    "group-id": ("groupSet/item", "groupId"),
    "group-name": ("groupSet/item", "groupName"),
    "instance.group-id": ("groupSet/item", "groupId"),
    "instance.group-name": ("groupSet/item", "groupName"),
    "block-device-mapping.volume-id": ("blockDeviceMapping/item", "ebs/volumeId"),
    "tag-key": ("tagSet/item", "key"),
    "tag-value": ("tagSet/item", "value"),
}

Values = Callable[[Instance], list[str]]


def select(instances: Iterable[Instance], filters: list[tuple[str, list[str]]]) -> list[Instance]:
    """The instances that pass all filters; within one filter any value will do."""
    tests = [(_values(name), _matcher(values)) for name, values in filters]
    return [
        instance
        for instance in instances
        if all(any(map(matches, values(instance))) for values, matches in tests)
    ]


def _values(name: str) -> Values:
    if name == "instance-state-name":
        return lambda instance: [instance.state]
    if name == "instance-state-code":
        return lambda instance: [str(STATE_CODES[instance.state])]
    if name == "owner-id":
        return lambda instance: [instance.owner]
    if name == "reservation-id":
        return lambda instance: [instance.reservation_id]
    if name.startswith("tag:"):
        key = name.removeprefix("tag:")
        return lambda instance: instance.tag_values(key)
    if name in _PATHS:
        path = _PATHS[name]
        return lambda instance: [instance.field(path)]
    if name in _REPEATED:
        items, leaf = _REPEATED[name]
        return lambda instance: [item.findtext(leaf) or "" for item in instance.shown().iterfind(items)]
    raise Ec2Error("InvalidParameterValue", f"The filter '{name}' is invalid")


def _matcher(values: list[str]) -> Callable[[str], bool]:
    """EC2's wildcards: `*` is any text, `?` one character; brackets are plain."""
    pattern = "|".join(fnmatch.translate(value.replace("[", "[[]")) for value in values)
    compiled = re.compile(pattern or r"(?!)")
    return lambda text: compiled.match(text) is not None
