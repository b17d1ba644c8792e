"""Whether a bucket's policy lets everybody in, which MiniStack does not tell (GetBucketPolicyStatus)."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from cloud.awscall import AwsCaller
from cloud.operations import Call
from cloud.protocols import error_response


async def policy_status(caller: AwsCaller, call: Call, path: str) -> web.Response:
    """The answer for the bucket of a path, from the policy that MiniStack holds."""
    bucket = path.strip("/").split("/")[0]
    status, body = await caller.send(
        "s3", call.account, call.region, b"", {}, method="GET", path=f"/{bucket}?policy"
    )
    if status != 200:
        code = "NoSuchBucket" if b"<Code>NoSuchBucket</Code>" in body else "NoSuchBucketPolicy"
        return error_response(call.protocol, 404, code, "The bucket policy does not exist")
    public = str(is_public(json.loads(body))).lower()
    return web.Response(
        text=f"<PolicyStatus><IsPublic>{public}</IsPublic></PolicyStatus>", content_type="application/xml"
    )


def is_public(policy: dict[str, Any]) -> bool:
    """Whether a statement without conditions allows something to everybody."""

    def to_everybody(principal: object) -> bool:
        return principal == "*" or (isinstance(principal, dict) and principal.get("AWS") in ("*", ["*"]))

    return any(
        statement.get("Effect") == "Allow"
        and to_everybody(statement.get("Principal"))
        and not statement.get("Condition")
        for statement in policy.get("Statement", [])
    )
