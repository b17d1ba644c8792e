"""Accounts are kept apart, by key and by assumed role."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from conftest import PRODUCTION, SANDBOX, STAGING, Cloud, instances_of


def assume(cloud: Cloud, account: str) -> dict[str, Any]:
    """Client arguments for the console's role, as nephoscope gets them."""
    sts = cloud.client("sts", account="test")
    role = f"arn:aws:iam::{account}:role/NephoscopeConsole"
    credentials = sts.assume_role(RoleArn=role, RoleSessionName="alice")["Credentials"]
    return {
        "endpoint_url": cloud.url,
        "aws_access_key_id": credentials["AccessKeyId"],
        "aws_secret_access_key": credentials["SecretAccessKey"],
        "aws_session_token": credentials["SessionToken"],
    }


@pytest.mark.parametrize(("account", "us", "eu"), [(PRODUCTION, 15, 8), (STAGING, 7, 3), (SANDBOX, 5, 2)])
def test_an_assumed_role_acts_in_its_account(cloud: Cloud, account: str, us: int, eu: int) -> None:
    role = assume(cloud, account)
    identity = boto3.client("sts", region_name="us-east-1", **role).get_caller_identity()
    assert identity["Account"] == account
    assert identity["Arn"] == f"arn:aws:sts::{account}:assumed-role/NephoscopeConsole/alice"
    for region, count in (("us-east-1", us), ("eu-west-1", eu)):
        ec2 = boto3.client("ec2", region_name=region, **role)
        seeded = [i for i in instances_of(ec2.describe_instances()) if i["ImageId"] != "ami-test"]
        assert len(seeded) == count
        assert all(i["Placement"]["AvailabilityZone"].startswith(region) for i in seeded)
    bill = boto3.client("ce", region_name="us-east-1", **role).get_dimension_values(
        TimePeriod={"Start": "2026-01-01", "End": "2026-01-02"} | _yesterday(), Dimension="LINKED_ACCOUNT"
    )
    assert [value["Value"] for value in bill["DimensionValues"]] == [account]


def test_the_home_account_is_empty(cloud: Cloud) -> None:
    assert instances_of(cloud.client("ec2", account="test").describe_instances()) == []


def test_a_refusal_names_the_person(cloud: Cloud, fault: Any, refused: Any) -> None:
    fault(service="ec2", operation="StopInstances", kind="denied", account=STAGING)
    ec2 = boto3.client("ec2", region_name="us-east-1", **assume(cloud, STAGING))
    instance_id = instances_of(ec2.describe_instances())[0]["InstanceId"]
    code, status, message = refused(ec2.stop_instances, InstanceIds=[instance_id])
    assert (code, status) == ("UnauthorizedOperation", 403)
    assert f"User: arn:aws:sts::{STAGING}:assumed-role/NephoscopeConsole/alice" in message
    assert "is not authorized to perform: ec2:StopInstances" in message
    assert f"arn:aws:ec2:us-east-1:{STAGING}:instance/{instance_id}" in message


def test_an_iam_users_key_acts_in_its_account(cloud: Cloud, fault: Any, refused: Any) -> None:
    iam = cloud.client("iam", account=STAGING)
    iam.create_user(UserName="console")
    key = iam.create_access_key(UserName="console")["AccessKey"]
    assert key["AccessKeyId"].startswith("AKIA")
    ec2 = cloud.client("ec2", account=key["AccessKeyId"], region="eu-west-1")
    assert {i["OwnerId"] for i in ec2.describe_instances()["Reservations"]} == {STAGING}
    buckets = cloud.client("s3", account=key["AccessKeyId"]).list_buckets()["Buckets"]
    assert all(bucket["Name"].startswith("tidemark-staging-") for bucket in buckets)
    fault(service="ec2", operation="DescribeVpcs", kind="denied")
    assert f"User: arn:aws:iam::{STAGING}:user/console is not" in refused(ec2.describe_vpcs)[2]


@pytest.mark.parametrize(
    ("service", "method", "code"),
    [
        ("sts", "get_caller_identity", "InvalidClientTokenId"),
        ("ec2", "describe_instances", "AuthFailure"),
        ("s3", "list_buckets", "InvalidAccessKeyId"),
        ("logs", "describe_log_groups", "UnrecognizedClientException"),
        ("cloudwatch", "list_metrics", "UnrecognizedClientException"),
    ],
)
def test_an_unknown_key_is_refused(cloud: Cloud, refused: Any, service: str, method: str, code: str) -> None:
    client = cloud.client(service, account="AKIAIOSFODNN7EXAMPLE")
    assert refused(getattr(client, method))[0] == code


def _yesterday() -> dict[str, str]:
    from datetime import UTC, datetime, timedelta

    today = datetime.now(UTC).date()
    return {"Start": str(today - timedelta(days=1)), "End": str(today)}
