"""Faults on demand, in each service's own way of failing."""

from __future__ import annotations

import time
import urllib.error
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError
from conftest import PRODUCTION, STAGING, Cloud

#: A harmless call of each protocol: service, operation, client method, arguments.
CALLS: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "ec2": ("ec2", "DescribeInstances", "describe_instances", {}),
    "query": ("iam", "ListRoles", "list_roles", {}),
    "json": ("logs", "DescribeLogGroups", "describe_log_groups", {}),
    "cbor": ("cloudwatch", "ListMetrics", "list_metrics", {}),
    "s3": ("s3", "ListObjectsV2", "list_objects_v2", {"Bucket": "tidemark-production-assets"}),
    "rest-json": ("lambda", "ListFunctions", "list_functions", {}),
    "ce": ("ce", "GetCostForecast", "get_cost_forecast", {
        "TimePeriod": {"Start": "2026-01-01", "End": "2026-01-02"},
        "Metric": "UNBLENDED_COST", "Granularity": "DAILY",
    }),
}  # fmt: skip

EXPECTED = {
    ("ec2", "throttle"): ("RequestLimitExceeded", 503),
    ("query", "throttle"): ("Throttling", 400),
    ("json", "throttle"): ("ThrottlingException", 400),
    ("cbor", "throttle"): ("ThrottlingException", 400),
    ("s3", "throttle"): ("SlowDown", 503),
    ("rest-json", "throttle"): ("TooManyRequestsException", 429),
    ("ce", "throttle"): ("ThrottlingException", 400),
    ("ec2", "500"): ("InternalError", 500),
    ("query", "500"): ("InternalFailure", 500),
    ("json", "500"): ("InternalFailure", 500),
    ("cbor", "500"): ("InternalFailure", 500),
    ("s3", "500"): ("InternalError", 500),
    ("rest-json", "500"): ("ServiceException", 500),
    ("ec2", "denied"): ("UnauthorizedOperation", 403),
    ("query", "denied"): ("AccessDenied", 403),
    ("json", "denied"): ("AccessDeniedException", 400),
    ("cbor", "denied"): ("AccessDeniedException", 400),
    ("s3", "denied"): ("AccessDenied", 403),
    ("rest-json", "denied"): ("AccessDeniedException", 403),
    ("ce", "denied"): ("AccessDeniedException", 400),
}


@pytest.mark.parametrize(("protocol", "kind"), EXPECTED)
def test_each_protocol_fails_in_its_own_words(
    cloud: Cloud, fault: Any, refused: Any, protocol: str, kind: str
) -> None:
    service, operation, method, params = CALLS[protocol]
    client = cloud.client(service)
    fault(service=service, operation=operation, kind=kind)
    code, status, message = refused(getattr(client, method), **params)
    assert (code, status) == EXPECTED[protocol, kind]
    if kind == "denied":
        assert "is not authorized to perform: " in message


def test_denied_names_the_permission(cloud: Cloud, fault: Any, refused: Any) -> None:
    fault(service="s3", kind="denied")
    s3 = cloud.client("s3")
    assert "s3:ListAllMyBuckets" in refused(s3.list_buckets)[2]
    assert "s3:GetObject" in refused(s3.get_object, Bucket="b", Key="k")[2]
    for call, action in (
        (s3.get_bucket_lifecycle_configuration, "s3:GetLifecycleConfiguration"),
        (s3.get_bucket_encryption, "s3:GetEncryptionConfiguration"),
        (s3.get_public_access_block, "s3:GetBucketPublicAccessBlock"),
        (s3.list_object_versions, "s3:ListBucketVersions"),
        (s3.list_multipart_uploads, "s3:ListBucketMultipartUploads"),
    ):
        assert f"perform: {action} on" in refused(call, Bucket="b")[2]
    fault(service="lambda", operation="Invoke", kind="denied")
    invoke = cloud.client("lambda").invoke
    assert "lambda:InvokeFunction" in refused(invoke, FunctionName="thumbnailer")[2]


def test_a_fault_can_be_for_one_account_and_region(cloud: Cloud, fault: Any, refused: Any) -> None:
    fault(service="ec2", kind="throttle", account=STAGING, region="eu-west-1")
    assert refused(cloud.client("ec2", STAGING, "eu-west-1").describe_vpcs)[0] == "RequestLimitExceeded"
    cloud.client("ec2", STAGING, "us-east-1").describe_vpcs()
    cloud.client("ec2", PRODUCTION, "eu-west-1").describe_vpcs()


def test_a_counted_fault_wears_off(cloud: Cloud, fault: Any, refused: Any) -> None:
    fault(service="logs", operation="DescribeLogGroups", kind="500", count=2)
    logs = cloud.client("logs")
    for _ in range(2):
        refused(logs.describe_log_groups)
    logs.describe_log_groups()
    assert cloud.control("GET", "faults") == {"faults": []}


def test_latency_delays_and_then_answers(cloud: Cloud, fault: Any) -> None:
    fault(service="ec2", operation="*", kind="latency", ms=400)
    begun = time.monotonic()
    cloud.client("ec2").describe_instances()
    assert 0.4 <= time.monotonic() - begun < 5


def test_drop_closes_the_connection(cloud: Cloud, fault: Any) -> None:
    fault_id = fault(service="ec2", operation="DescribeInstances", kind="drop")
    ec2 = cloud.client("ec2")
    with pytest.raises(ConnectionClosedError):
        ec2.describe_instances()
    cloud.control("DELETE", f"faults/{fault_id}")
    ec2.describe_instances()


def test_faults_are_listed_and_counted(cloud: Cloud, fault: Any, refused: Any) -> None:
    fault_id = fault(service="cloudwatch", operation="ListMetrics", kind="throttle")
    refused(cloud.client("cloudwatch").list_metrics)
    (listed,) = cloud.control("GET", "faults")["faults"]
    assert listed["id"] == fault_id
    assert (listed["service"], listed["hits"]) == ("monitoring", 1)


@pytest.mark.parametrize(
    "spec",
    [
        {"service": "ec2", "kind": "flood"},
        {"kind": "500"},
        {"service": "ec2", "kind": "latency"},
        {"service": "ec2", "kind": "500", "count": 0},
        {"service": "ec2", "kind": "500", "op": "DescribeInstances"},
        ["not", "an", "object"],
    ],
)
def test_a_wrong_fault_is_refused(cloud: Cloud, spec: Any) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        cloud.control("POST", "faults", spec)
    assert caught.value.code == 400
    assert caught.value.read()


def test_calls_are_counted(cloud: Cloud, fault: Any, refused: Any) -> None:
    cloud.control("DELETE", "calls")
    ec2 = cloud.client("ec2", STAGING, "eu-west-1")
    for _ in range(3):
        ec2.describe_instances()
    fault(service="ec2", kind="500")
    refused(ec2.describe_instances)
    report = cloud.control("GET", "calls")
    assert report["calls"] == [
        {
            "service": "ec2",
            "operation": "DescribeInstances",
            "account": STAGING,
            "region": "eu-west-1",
            "count": 4,
        }
    ], "the heartbeat's own calls do not count"
    assert cloud.control("GET", f"calls?since={report['now']}")["total"] == 0
