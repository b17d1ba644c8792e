"""Faults on demand: throttling, failures, latency, refusals and dropped connections.

A fault names a service and an operation (or ``*``), perhaps an account and a region, and what
shall happen to the calls that match, all of them or the next few.
"""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import asdict, dataclass
from typing import Any

from aiohttp import web

from cloud.operations import Call, Protocol, service_name
from cloud.protocols import error_response

KINDS = ("throttle", "500", "latency", "denied", "drop")


class BadFault(ValueError):
    """A fault that cannot be: its text says why."""


@dataclass
class Fault:
    """One fault in force."""

    id: str
    service: str
    operation: str
    kind: str
    account: str | None = None
    region: str | None = None
    #: Milliseconds, for `latency`.
    ms: int = 0
    #: How many more calls it strikes; None is all of them.
    count: int | None = None
    #: How many calls it has struck.
    hits: int = 0

    def matches(self, call: Call) -> bool:
        """Whether this fault concerns the call."""
        return (
            self.service in ("*", call.service)
            and self.operation in ("*", call.operation)
            and self.account in (None, call.account)
            and self.region in (None, call.region)
            and self.count != 0
        )

    def describe(self) -> dict[str, Any]:
        """The fault as JSON."""
        return asdict(self)


class Faults:
    """The faults in force."""

    def __init__(self) -> None:
        self._faults: dict[str, Fault] = {}
        self._ids = itertools.count(1)

    def add(self, spec: dict[str, Any]) -> Fault:
        """Put a fault in force, from its JSON form; raises :class:`BadFault`."""
        unknown = spec.keys() - {"service", "operation", "kind", "account", "region", "ms", "count"}
        if unknown:
            raise BadFault(f"unknown member: {', '.join(sorted(unknown))}")
        kind = str(spec.get("kind", ""))
        if kind not in KINDS:
            raise BadFault(f"kind must be one of {', '.join(KINDS)}")
        ms, count = spec.get("ms", 0), spec.get("count")
        if not isinstance(ms, int) or ms < 0 or (kind == "latency" and ms == 0):
            raise BadFault("ms must be a number of milliseconds; latency needs it")
        if count is not None and (not isinstance(count, int) or count < 1):
            raise BadFault("count must be a positive number")
        if not spec.get("service"):
            raise BadFault("service must be named, or *")
        fault = Fault(
            id=f"f{next(self._ids)}",
            service=service_name(str(spec["service"])),
            operation=str(spec.get("operation", "*")),
            kind=kind,
            account=spec.get("account"),
            region=spec.get("region"),
            ms=ms,
            count=count,
        )
        self._faults[fault.id] = fault
        return fault

    def remove(self, fault_id: str) -> bool:
        """Lift one fault; false if there is none with this id."""
        return self._faults.pop(fault_id, None) is not None

    def clear(self) -> None:
        """Lift all faults."""
        self._faults.clear()

    def list(self) -> list[Fault]:
        """The faults in force, oldest first."""
        return list(self._faults.values())

    async def strike(self, call: Call, request: web.Request) -> web.StreamResponse | None:
        """Let the matching faults act; an answer here replaces the real one.

        Latency delays and goes on to the next fault, so that it combines with the others.
        """
        for fault in list(self._faults.values()):
            if not fault.matches(call):
                continue
            fault.hits += 1
            if fault.count is not None:
                fault.count -= 1
                if fault.count == 0:
                    del self._faults[fault.id]
            if fault.kind == "latency":
                await asyncio.sleep(fault.ms / 1000)
                continue
            if fault.kind == "drop":
                return drop(request)
            return refusal(fault.kind, call)
        return None


def drop(request: web.Request) -> web.Response:
    """Close the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    # Nobody will read this: aiohttp wants something to return.
    return web.Response(status=500)


def refusal(kind: str, call: Call) -> web.Response:
    """The error that AWS would give for a kind of fault, in the service's own words."""
    protocol = call.protocol
    if kind == "denied":
        return _denied(call)
    if kind == "throttle":
        status, code, message = {
            Protocol.EC2: (503, "RequestLimitExceeded", "Request limit exceeded."),
            Protocol.QUERY: (400, "Throttling", "Rate exceeded"),
            Protocol.S3: (503, "SlowDown", "Please reduce your request rate."),
            Protocol.REST_JSON: (429, "TooManyRequestsException", "Rate Exceeded."),
        }.get(protocol, (400, "ThrottlingException", "Rate exceeded"))
    else:
        status, code, message = {
            Protocol.EC2: (500, "InternalError", "An internal error has occurred."),
            Protocol.S3: (500, "InternalError", "We encountered an internal error. Please try again."),
            Protocol.REST_JSON: (
                500,
                "ServiceException",
                "An error occurred and the request cannot be processed.",
            ),
        }.get(
            protocol,
            (500, "InternalFailure", "The request processing has failed because of an unknown error."),
        )
    return error_response(protocol, status, code, message)


def invalid_key(protocol: Protocol) -> web.Response:
    """The error for an access key that was never issued."""
    token = "The security token included in the request is invalid."
    status, code, message = {
        Protocol.EC2: (401, "AuthFailure", "AWS was not able to validate the provided access credentials"),
        Protocol.QUERY: (403, "InvalidClientTokenId", token),
        Protocol.S3: (
            403,
            "InvalidAccessKeyId",
            "The AWS Access Key Id you provided does not exist in our records.",
        ),
        Protocol.REST_JSON: (403, "UnrecognizedClientException", token),
    }.get(protocol, (400, "UnrecognizedClientException", token))
    return error_response(protocol, status, code, message)


#: Permissions whose names differ from the operations'.
_ACTIONS = {
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:ListObjects": "s3:ListBucket",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:ListMultipartUploads": "s3:ListBucketMultipartUploads",
    "s3:ListParts": "s3:ListMultipartUploadParts",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
    "s3:DeleteObjects": "s3:DeleteObject",
    "s3:CopyObject": "s3:PutObject",
    "s3:UploadPart": "s3:PutObject",
    "s3:CreateMultipartUpload": "s3:PutObject",
    "s3:CompleteMultipartUpload": "s3:PutObject",
    "lambda:Invoke": "lambda:InvokeFunction",
    "lambda:InvokeWithResponseStream": "lambda:InvokeFunction",
}


def _denied(call: Call) -> web.Response:
    """An authorisation failure, worded as AWS words it (IAM User Guide, "access denied errors")."""
    prefix = {"monitoring": "cloudwatch"}.get(call.service, call.service)
    action = f"{prefix}:{call.operation}"
    action = _ACTIONS.get(action, action)
    text = (
        f"User: {call.caller} is not authorized to perform: {action} on resource: {_resource(call)} "
        f"because no identity-based policy allows the {action} action"
    )
    match call.protocol:
        case Protocol.EC2:
            text = f"You are not authorized to perform this operation. {text}."
            return error_response(call.protocol, 403, "UnauthorizedOperation", text)
        case Protocol.JSON | Protocol.CBOR:
            return error_response(call.protocol, 400, "AccessDeniedException", text)
        case Protocol.REST_JSON:
            return error_response(call.protocol, 403, "AccessDeniedException", text)
        case _:
            return error_response(call.protocol, 403, "AccessDenied", text)


def _resource(call: Call) -> str:
    """The resource that a refusal names: the first instance for EC2, else all of them."""
    if call.service == "ec2":
        first = call.params.get("InstanceId.1") or call.params.get("InstanceId")
        if first:
            return f"arn:aws:ec2:{call.region}:{call.account}:instance/{first}"
        return "*"
    return f"arn:aws:{call.service}:{call.region}:{call.account}:*" if call.service != "s3" else "*"
