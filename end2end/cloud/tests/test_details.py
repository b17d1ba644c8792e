"""EC2: protection, types, hibernation, checks and the console of single instances."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from conftest import PRODUCTION, SANDBOX, STAGING, Cloud, eventually, instances_of


@pytest.fixture
def ec2(cloud: Cloud) -> Any:
    return cloud.client("ec2", account=STAGING)


def launch(ec2: Any, **more: Any) -> str:
    made = ec2.run_instances(ImageId="ami-test", InstanceType="t3.micro", MinCount=1, MaxCount=1, **more)
    instance_id: str = made["Instances"][0]["InstanceId"]
    eventually(lambda: state_of(ec2, instance_id) == "running")
    return instance_id


def describe(ec2: Any, instance_id: str) -> dict[str, Any]:
    return instances_of(ec2.describe_instances(InstanceIds=[instance_id]))[0]


def state_of(ec2: Any, instance_id: str) -> str:
    state: str = describe(ec2, instance_id)["State"]["Name"]
    return state


def named(ec2: Any, name: str) -> str:
    found = instances_of(ec2.describe_instances(Filters=[{"Name": "tag:Name", "Values": [name]}]))
    instance_id: str = found[0]["InstanceId"]
    return instance_id


def protected(ec2: Any, instance_id: str) -> bool:
    answer = ec2.describe_instance_attribute(InstanceId=instance_id, Attribute="disableApiTermination")
    value: bool = answer["DisableApiTermination"]["Value"]
    return value


def test_what_is_protected_is_not_terminated_until_that_is_lifted(ec2: Any, refused: Any) -> None:
    instance_id = launch(ec2)
    assert not protected(ec2, instance_id)
    dry = {"InstanceId": instance_id, "DisableApiTermination": {"Value": True}, "DryRun": True}
    assert refused(ec2.modify_instance_attribute, **dry)[0] == "DryRunOperation"
    assert not protected(ec2, instance_id)
    ec2.modify_instance_attribute(InstanceId=instance_id, DisableApiTermination={"Value": True})
    assert protected(ec2, instance_id)
    code, status, message = refused(ec2.terminate_instances, InstanceIds=[instance_id])
    assert (code, status) == ("OperationNotPermitted", 400)
    assert "disableApiTermination" in message
    assert state_of(ec2, instance_id) == "running"
    ec2.stop_instances(InstanceIds=[instance_id])
    eventually(lambda: state_of(ec2, instance_id) == "stopped")
    assert protected(ec2, instance_id), "it stays through a stop"
    ec2.modify_instance_attribute(InstanceId=instance_id, DisableApiTermination={"Value": False})
    ec2.terminate_instances(InstanceIds=[instance_id])


def test_protection_is_had_from_the_launch_and_from_the_seed(cloud: Cloud, ec2: Any, refused: Any) -> None:
    assert protected(ec2, launch(ec2, DisableApiTermination=True))
    production = cloud.client("ec2", account=PRODUCTION)
    assert protected(production, named(production, "bastion"))
    unknown = {"InstanceId": "i-0123456789abcdef0", "Attribute": "disableApiTermination"}
    assert refused(ec2.describe_instance_attribute, **unknown)[0] == "InvalidInstanceID.NotFound"


def test_a_type_changes_while_stopped_and_within_the_architecture(ec2: Any, refused: Any) -> None:
    instance_id = launch(ec2)
    change = ec2.modify_instance_attribute
    larger = {"InstanceId": instance_id, "InstanceType": {"Value": "m6i.large"}}
    assert refused(change, **larger)[0] == "IncorrectInstanceState"
    ec2.stop_instances(InstanceIds=[instance_id])
    eventually(lambda: state_of(ec2, instance_id) == "stopped")
    for wrong, code in (("m6i.huge", "InvalidInstanceAttributeValue"), ("m7g.large", "InvalidParameterCombination")):
        assert refused(change, InstanceId=instance_id, InstanceType={"Value": wrong})[0] == code
    assert refused(change, **larger, DryRun=True)[0] == "DryRunOperation"
    assert describe(ec2, instance_id)["InstanceType"] == "t3.micro"
    change(**larger)
    assert describe(ec2, instance_id)["InstanceType"] == "m6i.large"
    ec2.create_tags(Resources=[instance_id], Tags=[{"Key": "a", "Value": "b"}])
    assert describe(ec2, instance_id)["InstanceType"] == "m6i.large", "also when it is read anew"
    of_type = [{"Name": "instance-type", "Values": ["m6i.large"]}]
    assert instance_id in [i["InstanceId"] for i in instances_of(ec2.describe_instances(Filters=of_type))]


def test_types_come_in_pages_with_processors_and_memory(cloud: Cloud, ec2: Any, refused: Any) -> None:
    pages = list(ec2.get_paginator("describe_instance_types").paginate(PaginationConfig={"PageSize": 100}))
    assert len(pages) == 2
    types = {kind["InstanceType"]: kind for page in pages for kind in page["InstanceTypes"]}
    large = types["m7g.2xlarge"]
    assert large["ProcessorInfo"]["SupportedArchitectures"] == ["arm64"]
    assert (large["VCpuInfo"]["DefaultVCpus"], large["MemoryInfo"]["SizeInMiB"]) == (8, 32768)
    assert not types["t2.micro"]["CurrentGeneration"]
    for account in (PRODUCTION, STAGING, SANDBOX):
        used = instances_of(cloud.client("ec2", account=account).describe_instances())
        assert {instance["InstanceType"] for instance in used} <= types.keys()
    arm = [{"Name": "processor-info.supported-architecture", "Values": ["arm64"]}]
    found = ec2.describe_instance_types(Filters=arm)["InstanceTypes"]
    assert {kind["InstanceType"].split(".")[0] for kind in found} == {"c7g", "m7g", "r7g", "t4g"}
    assert refused(ec2.describe_instance_types, InstanceTypes=["z9.huge"])[0] == "InvalidInstanceType"
    assert refused(ec2.describe_instance_types, MaxResults=101)[0] == "InvalidParameterValue"


def test_only_what_was_launched_for_it_hibernates(ec2: Any, refused: Any) -> None:
    plain = launch(ec2)
    assert not describe(ec2, plain)["HibernationOptions"]["Configured"]
    code = refused(ec2.stop_instances, InstanceIds=[plain], Hibernate=True)[0]
    assert code == "UnsupportedHibernationConfiguration"
    assert state_of(ec2, plain) == "running"
    ec2.stop_instances(InstanceIds=[plain], Force=True)
    sleeper = launch(ec2, HibernationOptions={"Configured": True})
    ec2.stop_instances(InstanceIds=[sleeper], Hibernate=True)
    eventually(lambda: state_of(ec2, sleeper) == "stopped")
    assert describe(ec2, sleeper)["StateReason"]["Code"] == "Client.UserInitiatedHibernate"
    assert describe(ec2, named(ec2, "orders-worker"))["HibernationOptions"]["Configured"]


def test_a_broken_machine_is_seen_in_the_checks_and_announced(cloud: Cloud) -> None:
    ec2 = cloud.client("ec2", account=SANDBOX)
    statuses = ec2.describe_instance_status(IncludeAllInstances=True)["InstanceStatuses"]
    words = {status["SystemStatus"]["Status"] for status in statuses}
    assert words == {"ok", "impaired", "not-applicable"}
    broken = next(status for status in statuses if status["SystemStatus"]["Status"] == "impaired")
    assert broken["InstanceStatus"]["Status"] == "ok"
    assert broken["Events"][0]["Code"] == "instance-retirement"


def test_the_console_is_had_and_holds_what_whoever_runs_there_wrote(ec2: Any, refused: Any) -> None:
    instance_id = launch(ec2)
    answer = ec2.get_console_output(InstanceId=instance_id)
    assert "login:" in answer["Output"]
    assert "\x1b[2J" in answer["Output"]
    assert ec2.get_console_output(InstanceId=instance_id, Latest=True)["Output"]
    picture = base64.b64decode(ec2.get_console_screenshot(InstanceId=instance_id)["ImageData"])
    assert picture.startswith(b"\xff\xd8\xff")
    assert picture.endswith(b"\xff\xd9")
    ec2.stop_instances(InstanceIds=[instance_id])
    assert refused(ec2.get_console_screenshot, InstanceId=instance_id)[0] == "IncorrectInstanceState"
    dry = {"InstanceId": instance_id, "DryRun": True}
    assert refused(ec2.get_console_output, **dry)[0] == "DryRunOperation"


def test_the_latest_output_takes_a_newer_hypervisor(cloud: Cloud, refused: Any) -> None:
    ec2 = cloud.client("ec2", account=SANDBOX)
    found = instances_of(
        ec2.describe_instances(Filters=[{"Name": "instance-type", "Values": ["t2.micro"]}])
    )
    code = refused(ec2.get_console_output, InstanceId=found[0]["InstanceId"], Latest=True)[0]
    assert code == "UnsupportedOperation"
