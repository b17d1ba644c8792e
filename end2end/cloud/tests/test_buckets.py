"""Buckets, where the front knows more than MiniStack."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError
from conftest import PRODUCTION, SANDBOX, Cloud


def test_a_public_policy_is_told(cloud: Cloud) -> None:
    s3 = cloud.client("s3", PRODUCTION, "us-east-1")
    assert s3.get_bucket_policy_status(Bucket="tidemark-production-assets")["PolicyStatus"] == {"IsPublic": True}


def test_a_bucket_without_a_policy_has_no_status(cloud: Cloud) -> None:
    s3 = cloud.client("s3", SANDBOX, "eu-west-1")
    with pytest.raises(ClientError) as failed:
        s3.get_bucket_policy_status(Bucket="tidemark-sandbox-empty")
    assert failed.value.response["Error"]["Code"] == "NoSuchBucketPolicy"
