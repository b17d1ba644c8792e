"""Which AWS operation a request is, and in which protocol it wants its answer.

The protocols tell it differently: query (EC2, IAM, STS) in ``Action``, JSON in ``X-Amz-Target``,
rpc-v2-cbor in the path, REST (S3, Lambda) by method and path.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from urllib.parse import parse_qsl

from cloud.sigv4 import Scope


class Protocol(Enum):
    """How a service puts requests and errors on the wire."""

    EC2 = "ec2"
    QUERY = "query"
    JSON = "json"
    CBOR = "cbor"
    S3 = "rest-xml"
    REST_JSON = "rest-json"


@dataclass(frozen=True)
class Call:
    """One AWS call, as the front sees it."""

    service: str
    operation: str
    protocol: Protocol
    account: str
    region: str
    access_key: str
    #: The caller's ARN, for texts of refusal.
    caller: str
    #: The parameters of a query-protocol request; empty for the others.
    params: dict[str, str]


#: Services by their signing name where our users would say something else.
_ALIASES = {"cloudwatch": "monitoring", "costexplorer": "ce", "cost-explorer": "ce", "cloudwatchlogs": "logs"}

#: Target prefixes, for unsigned JSON requests.
_TARGETS = {
    "Logs_20140328": "logs",
    "AWSInsightsIndexService": "ce",
    "AWSPriceListService": "pricing",
    "GraniteServiceVersion20100801": "monitoring",
}


def service_name(name: str) -> str:
    """The signing name of a service, also for `cloudwatch` and the like."""
    return _ALIASES.get(name.lower(), name.lower())


def needs_body(scope: Scope, headers: Mapping[str, str], path: str) -> bool:
    """Whether the front must read the request to know what it is; the others stream through."""
    kind = headers.get("Content-Type", "")
    if kind.startswith("application/x-www-form-urlencoded"):
        return scope.service not in ("s3", "lambda")
    return "X-Amz-Target" in headers or path.startswith("/service/")


def read_operation(
    scope: Scope, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes
) -> tuple[str, str, Protocol, dict[str, str]]:
    """The service, the operation, its protocol and, for query protocols, the parameters."""
    target = headers.get("X-Amz-Target", "")
    if target:
        prefix, _, operation = target.rpartition(".")
        return scope.service or _TARGETS.get(prefix, "unknown"), operation, Protocol.JSON, {}
    rpc = re.fullmatch(r"/service/([^/]+)/operation/([^/]+)", path)
    if rpc:
        service = scope.service or _TARGETS.get(rpc.group(1), "unknown")
        return service, rpc.group(2), Protocol.CBOR, {}
    params = dict(query)
    if headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
        params |= dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    if "Action" in params:
        protocol = Protocol.EC2 if scope.service == "ec2" else Protocol.QUERY
        return scope.service or "unknown", params["Action"], protocol, params
    if scope.service == "lambda" or path.startswith("/2015-03-31/"):
        return "lambda", _lambda_operation(method, path), Protocol.REST_JSON, {}
    if scope.service in ("s3", ""):
        return "s3", _s3_operation(method, path, query, headers), Protocol.S3, {}
    return scope.service, f"{method} {path}", Protocol.REST_JSON, {}


_LAMBDA_OPERATIONS: tuple[tuple[str, str, str], ...] = (
    ("GET", r"/[^/]+/functions/?", "ListFunctions"),
    ("POST", r"/[^/]+/functions/?", "CreateFunction"),
    ("POST", r"/[^/]+/functions/[^/]+/invocations", "Invoke"),
    ("POST", r"/[^/]+/functions/[^/]+/invoke-async/?", "InvokeAsync"),
    ("POST", r"/[^/]+/functions/[^/]+/response-streaming-invocations", "InvokeWithResponseStream"),
    ("GET", r"/[^/]+/functions/[^/]+", "GetFunction"),
    ("DELETE", r"/[^/]+/functions/[^/]+", "DeleteFunction"),
    ("GET", r"/[^/]+/functions/[^/]+/configuration", "GetFunctionConfiguration"),
    ("PUT", r"/[^/]+/functions/[^/]+/configuration", "UpdateFunctionConfiguration"),
    ("PUT", r"/[^/]+/functions/[^/]+/code", "UpdateFunctionCode"),
    ("GET", r"/[^/]+/functions/[^/]+/versions", "ListVersionsByFunction"),
    ("POST", r"/[^/]+/functions/[^/]+/versions", "PublishVersion"),
    ("GET", r"/[^/]+/functions/[^/]+/aliases", "ListAliases"),
    ("POST", r"/[^/]+/functions/[^/]+/aliases", "CreateAlias"),
    ("GET", r"/[^/]+/functions/[^/]+/aliases/[^/]+", "GetAlias"),
    ("PUT", r"/[^/]+/functions/[^/]+/aliases/[^/]+", "UpdateAlias"),
    ("DELETE", r"/[^/]+/functions/[^/]+/aliases/[^/]+", "DeleteAlias"),
    ("GET", r"/[^/]+/functions/[^/]+/policy", "GetPolicy"),
    ("POST", r"/[^/]+/functions/[^/]+/policy", "AddPermission"),
    ("GET", r"/[^/]+/functions/[^/]+/urls", "ListFunctionUrlConfigs"),
    ("GET", r"/[^/]+/functions/[^/]+/concurrency", "GetFunctionConcurrency"),
    ("PUT", r"/[^/]+/functions/[^/]+/concurrency", "PutFunctionConcurrency"),
    ("DELETE", r"/[^/]+/functions/[^/]+/concurrency", "DeleteFunctionConcurrency"),
    ("GET", r"/[^/]+/functions/[^/]+/provisioned-concurrency", "ListProvisionedConcurrencyConfigs"),
    ("GET", r"/[^/]+/account-settings/?", "GetAccountSettings"),
    ("GET", r"/[^/]+/event-source-mappings/?", "ListEventSourceMappings"),
    ("GET", r"/[^/]+/tags/.+", "ListTags"),
)


def _lambda_operation(method: str, path: str) -> str:
    for verb, pattern, operation in _LAMBDA_OPERATIONS:
        if verb == method and re.fullmatch(pattern, path):
            return operation
    return f"{method} {path}"


#: S3 operations told by a subresource: (subresource, on a key, method) to the operation.
_S3_SUBRESOURCES: dict[tuple[str, bool, str], str] = {
    ("location", False, "GET"): "GetBucketLocation",
    ("tagging", False, "GET"): "GetBucketTagging",
    ("tagging", False, "PUT"): "PutBucketTagging",
    ("versioning", False, "GET"): "GetBucketVersioning",
    ("versioning", False, "PUT"): "PutBucketVersioning",
    ("versions", False, "GET"): "ListObjectVersions",
    ("acl", False, "GET"): "GetBucketAcl",
    ("policy", False, "GET"): "GetBucketPolicy",
    ("policyStatus", False, "GET"): "GetBucketPolicyStatus",
    ("encryption", False, "GET"): "GetBucketEncryption",
    ("publicAccessBlock", False, "GET"): "GetPublicAccessBlock",
    ("lifecycle", False, "GET"): "GetBucketLifecycleConfiguration",
    ("uploads", False, "GET"): "ListMultipartUploads",
    ("delete", False, "POST"): "DeleteObjects",
    ("tagging", True, "GET"): "GetObjectTagging",
    ("tagging", True, "PUT"): "PutObjectTagging",
    ("attributes", True, "GET"): "GetObjectAttributes",
    ("uploads", True, "POST"): "CreateMultipartUpload",
    ("uploadId", True, "PUT"): "UploadPart",
    ("uploadId", True, "POST"): "CompleteMultipartUpload",
    ("uploadId", True, "DELETE"): "AbortMultipartUpload",
    ("uploadId", True, "GET"): "ListParts",
}

_S3_PLAIN: dict[tuple[bool, str], str] = {
    (False, "GET"): "ListObjects",
    (False, "HEAD"): "HeadBucket",
    (False, "PUT"): "CreateBucket",
    (False, "DELETE"): "DeleteBucket",
    (True, "GET"): "GetObject",
    (True, "HEAD"): "HeadObject",
    (True, "PUT"): "PutObject",
    (True, "DELETE"): "DeleteObject",
}


def _s3_operation(method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> str:
    bucket, _, key = path.strip("/").partition("/")
    if not bucket:
        return "ListBuckets"
    for name in query:
        found = _S3_SUBRESOURCES.get((name, bool(key), method))
        if found:
            return found
    if method == "PUT" and key and "x-amz-copy-source" in headers:
        return "CopyObject"
    if method == "GET" and not key and query.get("list-type") == "2":
        return "ListObjectsV2"
    return _S3_PLAIN.get((bool(key), method), f"{method} {path}")
