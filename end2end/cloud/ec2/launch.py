"""Launching from a template, which MiniStack keeps but does not follow."""

from __future__ import annotations

from urllib.parse import urlencode

from multidict import CIMultiDict

from cloud.awscall import AwsCaller
from cloud.ec2.wire import parse, text_of
from cloud.operations import Call
from cloud.upstream import Answer

_PREFIX = "LaunchTemplate."


def is_templated(call: Call) -> bool:
    """Whether a RunInstances names a launch template."""
    return any(name.startswith(_PREFIX) for name in call.params)


async def launch_from_template(caller: AwsCaller, call: Call) -> Answer:
    """MiniStack's answer to the request with what the template says where it says nothing itself."""
    version = call.params.get(f"{_PREFIX}Version", "$Default")
    asked = {
        "LaunchTemplateId": call.params.get(f"{_PREFIX}LaunchTemplateId", ""),
        "LaunchTemplateVersion.1": version,
    }
    status, body = await _query(caller, call, {"Action": "DescribeLaunchTemplateVersions", **asked})
    if status >= 400:
        return status, CIMultiDict({"Content-Type": "text/xml"}), body
    data = parse(body).find("launchTemplateVersionSet/item/launchTemplateData")
    params = {name: value for name, value in call.params.items() if not name.startswith(_PREFIX)}
    if data is not None:
        for name, path in (("ImageId", "imageId"), ("InstanceType", "instanceType"), ("KeyName", "keyName")):
            said = text_of(data, path)
            if said:
                params.setdefault(name, said)
    status, body = await _query(caller, call, params)
    return status, CIMultiDict({"Content-Type": "text/xml"}), body


async def _query(caller: AwsCaller, call: Call, params: dict[str, str]) -> tuple[int, bytes]:
    body = urlencode({"Version": "2016-11-15", **params}).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    return await caller.send("ec2", call.account, call.region, body, headers)
