"""EC2: dry runs, pages, filters, transitions and refusals."""

from __future__ import annotations

import time
from typing import Any

import pytest
from conftest import PRODUCTION, SANDBOX, STAGING, TRANSITION_SECONDS, Cloud, eventually, instances_of


@pytest.fixture
def ec2(cloud: Cloud) -> Any:
    return cloud.client("ec2", account=STAGING)


@pytest.fixture
def launched(ec2: Any) -> str:
    """A running instance of the test's own."""
    made = ec2.run_instances(ImageId="ami-test", InstanceType="t3.micro", MinCount=1, MaxCount=1)
    instance_id: str = made["Instances"][0]["InstanceId"]
    eventually(lambda: state_of(ec2, instance_id) == "running")
    return instance_id


def describe(ec2: Any, instance_id: str) -> dict[str, Any]:
    return instances_of(ec2.describe_instances(InstanceIds=[instance_id]))[0]


def state_of(ec2: Any, instance_id: str) -> str:
    state: str = describe(ec2, instance_id)["State"]["Name"]
    return state


def test_the_seed_has_all_sorts(cloud: Cloud) -> None:
    found = instances_of(cloud.client("ec2").describe_instances())
    assert {i["State"]["Name"] for i in found} == {"running", "stopped", "terminated"}
    assert len({i["Placement"]["AvailabilityZone"] for i in found}) == 3
    assert len({i["LaunchTime"].date() for i in found}) > 5
    gone = next(i for i in found if i["State"]["Name"] == "terminated")
    assert "PrivateIpAddress" not in gone
    assert "VpcId" not in gone
    assert gone["StateTransitionReason"].startswith("User initiated (")
    tags = {tag["Key"]: tag["Value"] for tag in found[0]["Tags"]}
    assert tags.keys() >= {"Name", "Environment", "Service", "Team", "CostCenter"}


def test_hostile_names_come_through(cloud: Cloud) -> None:
    found = instances_of(cloud.client("ec2", account=SANDBOX).describe_instances())
    names = {tag["Value"] for i in found for tag in i.get("Tags", []) if tag["Key"] == "Name"}
    assert "<script>alert(1)</script>" in names
    assert "notebook 🧪 مختبر" in names


def test_dry_run_never_acts(ec2: Any, launched: str, refused: Any) -> None:
    for action in (ec2.stop_instances, ec2.terminate_instances, ec2.reboot_instances):
        code, status, message = refused(action, InstanceIds=[launched], DryRun=True)
        assert (code, status) == ("DryRunOperation", 412)
        assert message == "Request would have succeeded, but DryRun flag is set."
    time.sleep(TRANSITION_SECONDS + 0.2)
    assert state_of(ec2, launched) == "running"
    launch = {"ImageId": "ami-test", "MinCount": 1, "MaxCount": 1, "DryRun": True}
    before = len(instances_of(ec2.describe_instances()))
    assert refused(ec2.run_instances, **launch)[0] == "DryRunOperation"
    assert len(instances_of(ec2.describe_instances())) == before


def test_dry_run_finds_what_would_fail(ec2: Any, fault: Any, launched: str, refused: Any) -> None:
    unknown = {"InstanceIds": ["i-0123456789abcdef0"], "DryRun": True}
    assert refused(ec2.stop_instances, **unknown)[:2] == ("InvalidInstanceID.NotFound", 400)
    fault(service="ec2", operation="TerminateInstances", kind="denied")
    known = {"InstanceIds": [launched], "DryRun": True}
    assert refused(ec2.terminate_instances, **known)[:2] == ("UnauthorizedOperation", 403)
    assert refused(ec2.stop_instances, **known)[0] == "DryRunOperation"


def test_pages_hold_everything_once(cloud: Cloud) -> None:
    ec2 = cloud.client("ec2")
    everything = [i["InstanceId"] for i in instances_of(ec2.describe_instances())]
    pages = list(ec2.get_paginator("describe_instances").paginate(PaginationConfig={"PageSize": 6}))
    assert [len(instances_of(page)) for page in pages] == [6, 6, 3]
    assert [i["InstanceId"] for page in pages for i in instances_of(page)] == everything


def test_a_token_may_be_used_again_but_not_elsewhere(cloud: Cloud, refused: Any) -> None:
    ec2 = cloud.client("ec2")
    token = ec2.describe_instances(MaxResults=5)["NextToken"]
    once, twice = (ec2.describe_instances(MaxResults=5, NextToken=token) for _ in range(2))
    assert instances_of(once) == instances_of(twice)
    other = cloud.client("ec2", region="eu-west-1")
    assert refused(other.describe_instances, NextToken=token)[0] == "InvalidParameterValue"
    assert refused(ec2.describe_instances, NextToken="nonsense")[0] == "InvalidParameterValue"


@pytest.mark.parametrize("size", [4, 1001])
def test_page_sizes_have_bounds(ec2: Any, refused: Any, size: int) -> None:
    assert refused(ec2.describe_instances, MaxResults=size)[:2] == ("InvalidParameterValue", 400)


def test_ids_and_pages_exclude_each_other(ec2: Any, launched: str, refused: Any) -> None:
    both = {"InstanceIds": [launched], "MaxResults": 5}
    assert refused(ec2.describe_instances, **both)[0] == "InvalidParameterCombination"


def test_filters(cloud: Cloud, refused: Any) -> None:
    ec2 = cloud.client("ec2")

    def count(**filters: list[str]) -> int:
        wanted = [{"Name": name.replace("_", "-"), "Values": values} for name, values in filters.items()]
        return len(instances_of(ec2.describe_instances(Filters=wanted)))

    assert count(instance_type=["m6i.*"]) == 7
    assert count(instance_state_name=["stopped", "terminated"]) == 2
    assert count(instance_type=["m6i.*"], availability_zone=["us-east-1a"]) == 3
    assert count(**{"tag:Team": ["web"]}) == 4
    assert count(tag_key=["CostCenter"]) == 15
    assert count(owner_id=[STAGING]) == 0
    bogus = [{"Name": "colour", "Values": ["red"]}]
    assert refused(ec2.describe_instances, Filters=bogus)[:2] == ("InvalidParameterValue", 400)


def test_stop_and_start_take_their_time(ec2: Any, launched: str) -> None:
    assert describe(ec2, launched)["PublicIpAddress"]
    stopping = ec2.stop_instances(InstanceIds=[launched])["StoppingInstances"][0]
    assert stopping["PreviousState"] == {"Code": 16, "Name": "running"}
    assert stopping["CurrentState"] == {"Code": 64, "Name": "stopping"}
    assert state_of(ec2, launched) == "stopping"
    running = [{"Name": "instance-state-name", "Values": ["running"]}]
    assert launched not in [i["InstanceId"] for i in instances_of(ec2.describe_instances(Filters=running))]
    eventually(lambda: state_of(ec2, launched) == "stopped")
    stopped = describe(ec2, launched)
    assert "PublicIpAddress" not in stopped
    assert stopped["StateReason"]["Code"] == "Client.UserInitiatedShutdown"
    assert stopped["StateTransitionReason"].startswith("User initiated (")

    starting = ec2.start_instances(InstanceIds=[launched])["StartingInstances"][0]
    assert [starting[key]["Name"] for key in ("PreviousState", "CurrentState")] == ["stopped", "pending"]
    assert state_of(ec2, launched) == "pending"
    eventually(lambda: state_of(ec2, launched) == "running")
    started = describe(ec2, launched)
    assert started["LaunchTime"] >= stopped["LaunchTime"]
    assert started["PublicIpAddress"]
    assert "StateReason" not in started


def test_a_launch_is_pending_first(ec2: Any) -> None:
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "fresh"}]}]
    made = ec2.run_instances(ImageId="ami-test", MinCount=2, MaxCount=2, TagSpecifications=tags)
    assert [i["State"]["Name"] for i in made["Instances"]] == ["pending", "pending"]
    ids = [i["InstanceId"] for i in made["Instances"]]
    shown = instances_of(ec2.describe_instances(InstanceIds=ids))
    assert [i["State"]["Name"] for i in shown] == ["pending", "pending"]
    assert shown[0]["Tags"] == [{"Key": "Name", "Value": "fresh"}]
    eventually(lambda: {state_of(ec2, instance_id) for instance_id in ids} == {"running"})


def test_termination_leaves_a_trace(ec2: Any, launched: str) -> None:
    answer = ec2.terminate_instances(InstanceIds=[launched])["TerminatingInstances"][0]
    assert answer["CurrentState"] == {"Code": 32, "Name": "shutting-down"}
    eventually(lambda: state_of(ec2, launched) == "terminated")
    again = ec2.terminate_instances(InstanceIds=[launched])["TerminatingInstances"][0]
    assert again["CurrentState"]["Name"] == "terminated"


def test_actions_in_the_wrong_state_are_refused(ec2: Any, launched: str, refused: Any) -> None:
    ec2.stop_instances(InstanceIds=[launched])
    code, status, message = refused(ec2.start_instances, InstanceIds=[launched])
    assert (code, status) == ("IncorrectInstanceState", 400)
    assert message == f"The instance '{launched}' is not in a state from which it can be started."
    ec2.stop_instances(InstanceIds=[launched])  # stopping again changes nothing
    ec2.terminate_instances(InstanceIds=[launched])
    eventually(lambda: state_of(ec2, launched) == "terminated")
    for action in (ec2.start_instances, ec2.stop_instances, ec2.reboot_instances):
        assert refused(action, InstanceIds=[launched])[0] == "IncorrectInstanceState"


def test_ids_are_checked(ec2: Any, launched: str, refused: Any) -> None:
    for action in (ec2.start_instances, ec2.stop_instances, ec2.terminate_instances, ec2.describe_instances):
        assert refused(action, InstanceIds=["i-xyz"])[0] == "InvalidInstanceID.Malformed"
        unknown = ["i-0123456789abcdef0", launched]
        assert refused(action, InstanceIds=unknown)[0] == "InvalidInstanceID.NotFound"
    assert state_of(ec2, launched) == "running", "all or nothing"


def test_reboot_keeps_running_and_checks_anew(ec2: Any, launched: str) -> None:
    def check() -> str:
        found = ec2.describe_instance_status(InstanceIds=[launched])["InstanceStatuses"][0]
        status: str = found["InstanceStatus"]["Status"]
        return status

    eventually(lambda: check() == "ok")
    ec2.reboot_instances(InstanceIds=[launched])
    assert state_of(ec2, launched) == "running"
    assert check() == "initializing"
    eventually(lambda: check() == "ok")


def test_tags_that_ec2_would_refuse_are_refused(ec2: Any, launched: str, refused: Any) -> None:
    def create(*tags: tuple[str, str], **more: Any) -> tuple[str, int, str]:
        answer: tuple[str, int, str] = refused(
            ec2.create_tags,
            Resources=more.pop("on", [launched]),
            Tags=[{"Key": key, "Value": value} for key, value in tags],
            **more,
        )
        return answer

    assert create(("a", ""), DryRun=True)[0] == "DryRunOperation"
    assert create(("a", ""), on=["i-0123456789abcdef0"])[0] == "InvalidInstanceID.NotFound"
    assert create(("a", ""), on=["i-0123456789abcdef0"], DryRun=True)[0] == "InvalidInstanceID.NotFound"
    assert create(("aws:x", ""))[0] == "InvalidParameterValue"
    assert create(("x" * 129, ""))[0] == "InvalidParameterValue"
    assert create(("x", "y" * 257))[0] == "InvalidParameterValue"
    assert create(*((str(n), "") for n in range(51)))[0] == "TagLimitExceeded"
    assert describe(ec2, launched).get("Tags", []) == []
    ec2.create_tags(Resources=[launched], Tags=[{"Key": "ü" * 128, "Value": "ü" * 256}])
    assert create(*((str(n), "") for n in range(50)))[0] == "TagLimitExceeded"
    dry = {"Resources": [launched], "Tags": [{"Key": "ü" * 128}], "DryRun": True}
    assert refused(ec2.delete_tags, **dry)[0] == "DryRunOperation"
    assert len(describe(ec2, launched)["Tags"]) == 1


def test_changed_tags_and_addresses_are_seen(ec2: Any, launched: str) -> None:
    ec2.create_tags(Resources=[launched], Tags=[{"Key": "Name", "Value": "renamed & <b>"}])
    assert describe(ec2, launched)["Tags"] == [{"Key": "Name", "Value": "renamed & <b>"}]
    ec2.delete_tags(Resources=[launched], Tags=[{"Key": "Name"}])
    assert not describe(ec2, launched).get("Tags")
    address = ec2.allocate_address(Domain="vpc")
    ec2.associate_address(AllocationId=address["AllocationId"], InstanceId=launched)
    assert describe(ec2, launched)["PublicIpAddress"] == address["PublicIp"]
    ec2.stop_instances(InstanceIds=[launched])
    eventually(lambda: state_of(ec2, launched) == "stopped")
    assert describe(ec2, launched)["PublicIpAddress"] == address["PublicIp"], "an Elastic IP stays"


def test_the_rest_of_ec2_is_there(cloud: Cloud) -> None:
    ec2 = cloud.client("ec2", account=PRODUCTION)
    names = {
        tag["Value"]
        for vpc in ec2.describe_vpcs()["Vpcs"]
        for tag in vpc.get("Tags", [])
        if tag["Key"] == "Name"
    }
    assert names == {"shop"}
    assert len(ec2.describe_volumes()["Volumes"]) == 14 + 2 + 1, "roots, data, and one that nothing uses"
    assert {group["GroupName"] for group in ec2.describe_security_groups()["SecurityGroups"]} >= {
        "app",
        "bastion",
    }
