"""The rules of CreateTags and DeleteTags, of which MiniStack has none.

The limits are those of "Tag restrictions" in EC2's user guide.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from cloud.ec2.instance import Instance
from cloud.ec2.wire import Ec2Error, check_ids, listed

_MOST, _KEY, _VALUE = 50, 128, 256


def is_tagging(operation: str) -> bool:
    """Whether the operation changes tags."""
    return operation in ("CreateTags", "DeleteTags")


def check_tags(params: Mapping[str, str], fleet: Mapping[str, Instance], *, creates: bool) -> None:
    """Refuse what EC2 would refuse: unknown instances, keys of AWS's own, what is too long or too many."""
    instances = [resource for resource in listed(params, "ResourceId") if resource.startswith("i-")]
    check_ids(instances, fleet)
    tags = _tags(params)
    for key, value in tags.items():
        if key.lower().startswith("aws:"):
            raise Ec2Error("InvalidParameterValue", "Tag keys starting with 'aws:' are reserved for internal use")
        if not key or len(key) > _KEY:
            raise Ec2Error("InvalidParameterValue", f"Tag key length must be between 1 and {_KEY} characters")
        if len(value) > _VALUE:
            raise Ec2Error(
                "InvalidParameterValue", f"Tag value exceeds the maximum length of {_VALUE} characters"
            )
    if creates:
        for instance in instances:
            own = {key for key in fleet[instance].tag_keys() if not key.startswith("aws:")}
            if len(own | tags.keys()) > _MOST:
                raise Ec2Error("TagLimitExceeded", f"The maximum number of tags is {_MOST}")


def _tags(params: Mapping[str, str]) -> dict[str, str]:
    numbers = [match.group(1) for key in params if (match := re.fullmatch(r"Tag\.(\d+)\.Key", key))]
    return {params[f"Tag.{n}.Key"]: params.get(f"Tag.{n}.Value", "") for n in numbers}
