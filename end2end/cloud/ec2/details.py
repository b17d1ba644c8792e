"""Calls about one instance: its attributes, its console, and the types that it could have."""

from __future__ import annotations

from datetime import UTC, datetime

from aiohttp import web

from cloud.ec2.console import output_of, screenshot
from cloud.ec2.fleet import Fleet
from cloud.ec2.instance import Instance
from cloud.ec2.paging import Pages
from cloud.ec2.types import KINDS, Kind, select_types
from cloud.ec2.wire import Ec2Error, answer, check_ids, filters_of, listed, token_xml
from cloud.operations import Call

#: The bounds of DescribeInstanceTypes' pages.
_MIN, _MAX = 5, 100


def is_detail(call: Call) -> bool:
    """Whether the call is answered here."""
    match call.operation:
        case "DescribeInstanceTypes" | "GetConsoleOutput" | "GetConsoleScreenshot":
            return True
        case "DescribeInstanceAttribute":
            return call.params.get("Attribute") == "disableApiTermination"
        case "ModifyInstanceAttribute":
            return _protection(call) is not None or "InstanceType.Value" in call.params
    return False


async def answer_detail(call: Call, fleet: Fleet, pages: Pages) -> web.Response:
    """The answer to such a call."""
    if call.operation == "DescribeInstanceTypes":
        return _describe_types(call, fleet, pages)
    known = await fleet.load()
    instance_id = call.params.get("InstanceId", "")
    check_ids([instance_id], known)
    instance = known[instance_id]
    named = f"<instanceId>{instance_id}</instanceId>"
    match call.operation:
        case "DescribeInstanceAttribute":
            word = "true" if instance.protected else "false"
            return answer(
                call.operation, f"{named}<disableApiTermination><value>{word}</value></disableApiTermination>"
            )
        case "ModifyInstanceAttribute":
            _modify(call, instance)
            return answer(call.operation, "<return>true</return>")
        case "GetConsoleScreenshot":
            if instance.state != "running":
                raise Ec2Error("IncorrectInstanceState", f"The instance '{instance_id}' is not running.")
            return answer(call.operation, f"{named}<imageData>{screenshot()}</imageData>")
        case _:
            return _console_output(call, instance, named)


def check_protected(instances: list[Instance]) -> None:
    """Refuse to terminate what is protected."""
    for instance in instances:
        if instance.protected and instance.state not in ("shutting-down", "terminated"):
            raise Ec2Error(
                "OperationNotPermitted",
                f"The instance '{instance.id}' may not be terminated. "
                "Modify its 'disableApiTermination' instance attribute and try again.",
            )


def check_hibernation(call: Call, instances: list[Instance]) -> bool:
    """Whether instances are to hibernate; refused for those that were not launched for it."""
    if call.params.get("Hibernate", "").lower() != "true":
        return False
    for instance in instances:
        if not instance.hibernates:
            raise Ec2Error(
                "UnsupportedHibernationConfiguration",
                f"Hibernation is not enabled for the instance '{instance.id}'.",
            )
    return True


def _protection(call: Call) -> bool | None:
    value = call.params.get("DisableApiTermination.Value")
    if value is None and call.params.get("Attribute") == "disableApiTermination":
        value = call.params.get("Value")
    return None if value is None else value.lower() == "true"


def _modify(call: Call, instance: Instance) -> None:
    protected = _protection(call)
    if protected is not None:
        instance.protected = protected
        return
    wanted = call.params["InstanceType.Value"]
    if instance.state != "stopped":
        raise Ec2Error("IncorrectInstanceState", f"The instance '{instance.id}' is not in the 'stopped' state.")
    kind = KINDS.get(wanted)
    if kind is None:
        raise Ec2Error("InvalidInstanceAttributeValue", f"Invalid value '{wanted}' for InstanceType.")
    architecture = instance.field("architecture")
    if architecture and kind.architecture != architecture:
        raise Ec2Error(
            "InvalidParameterCombination",
            f"The architecture '{kind.architecture}' of the specified instance type does not match "
            f"the architecture '{architecture}' of the instance.",
        )
    instance.become(wanted)


def _console_output(call: Call, instance: Instance, named: str) -> web.Response:
    kind = KINDS.get(instance.type)
    if call.params.get("Latest", "").lower() == "true" and kind is not None and not kind.is_nitro:
        raise Ec2Error(
            "UnsupportedOperation", "This instance type does not support retrieving the latest console logs."
        )
    now = datetime.now(UTC)
    stamp = f"{now:%Y-%m-%dT%H:%M:%S.000Z}"
    return answer(
        call.operation, f"{named}<timestamp>{stamp}</timestamp><output>{output_of(instance, now)}</output>"
    )


def _describe_types(call: Call, fleet: Fleet, pages: Pages) -> web.Response:
    text = call.params.get("MaxResults")
    size = int(text) if text and text.isdecimal() else _MAX
    names = listed(call.params, "InstanceType")
    if text is not None and not _MIN <= size <= _MAX:
        raise Ec2Error("InvalidParameterValue", f"Value ( {text} ) for parameter maxResults is invalid.")
    scope = f"types/{fleet.account}/{fleet.region}"
    token = call.params.get("NextToken")
    if token:
        page, following = pages.next(scope, token, size)
    else:
        page, following = pages.first(scope, select_types(names, filters_of(call.params)), size)
    items = "".join(kind.xml() for kind in page if isinstance(kind, Kind))
    return answer(call.operation, f"<instanceTypeSet>{items}</instanceTypeSet>{token_xml(following)}")
