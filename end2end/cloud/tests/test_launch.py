"""Launching: from an image or a template, once for each token, and only when it is meant."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from conftest import Cloud


@pytest.fixture
def ec2(cloud: Cloud) -> Any:
    return cloud.client("ec2")


def own_image(ec2: Any) -> dict[str, Any]:
    (image,) = ec2.describe_images(Owners=["self"])["Images"]
    return dict(image)


def test_there_is_something_to_launch_with(ec2: Any) -> None:
    image = own_image(ec2)
    assert image["PlatformDetails"] == "Linux/UNIX"
    assert ec2.describe_images(ImageIds=[image["ImageId"]])["Images"] == [image]
    assert all(it["PlatformDetails"] for it in ec2.describe_images(Owners=["amazon"])["Images"])
    assert [pair["KeyName"] for pair in ec2.describe_key_pairs()["KeyPairs"]] == ["ops-2026"]
    (template,) = ec2.describe_launch_templates()["LaunchTemplates"]
    assert template["LaunchTemplateName"] == "web"


def test_a_template_says_what_the_request_does_not(ec2: Any) -> None:
    (template,) = ec2.describe_launch_templates()["LaunchTemplates"]
    named = {"LaunchTemplateId": template["LaunchTemplateId"], "Version": "$Default"}
    made = ec2.run_instances(LaunchTemplate=named, MinCount=1, MaxCount=1)["Instances"][0]
    assert (made["ImageId"], made["InstanceType"]) == (own_image(ec2)["ImageId"], "t3.micro")
    larger = ec2.run_instances(LaunchTemplate=named, InstanceType="t3.large", MinCount=1, MaxCount=1)
    assert larger["Instances"][0]["InstanceType"] == "t3.large"
    ec2.terminate_instances(InstanceIds=[made["InstanceId"], larger["Instances"][0]["InstanceId"]])


def test_a_token_launches_once_and_a_dry_run_never(ec2: Any) -> None:
    wanted = {"ImageId": own_image(ec2)["ImageId"], "InstanceType": "t3.micro", "MinCount": 2, "MaxCount": 2}
    with pytest.raises(ClientError, match="DryRunOperation"):
        ec2.run_instances(**wanted, DryRun=True)

    def launch(token: str) -> list[str]:
        return [it["InstanceId"] for it in ec2.run_instances(**wanted, ClientToken=token)["Instances"]]

    first = launch("one")
    assert launch("one") == first != launch("two")
    ec2.terminate_instances(InstanceIds=[*first, *launch("two")])
