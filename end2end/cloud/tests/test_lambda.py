"""Lambda through the front: the log of an invocation, its id, and words that are looked for in logs."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from cloud.logfilter import any_of
from conftest import Cloud, eventually


@pytest.fixture
def functions(cloud: Cloud) -> Any:
    return cloud.client("lambda")


@pytest.fixture
def logs(cloud: Cloud) -> Any:
    return cloud.client("logs", inject_host_prefix=False)


def invoke(functions: Any, payload: dict[str, Any], **more: Any) -> Any:
    return functions.invoke(FunctionName="order-processor", Payload=json.dumps(payload), **more)


def test_the_log_tail_ends_with_a_report(functions: Any) -> None:
    answer = invoke(functions, {"order": "tail", "lines": 1}, LogType="Tail")
    request_id = answer["ResponseMetadata"]["RequestId"]
    lines = base64.b64decode(answer["LogResult"]).decode().splitlines()
    assert lines[0] == f"START RequestId: {request_id} Version: $LATEST"
    assert any("order charged" in line for line in lines)
    report = re.fullmatch(
        rf"REPORT RequestId: {request_id}\tDuration: (\d+\.\d\d) ms\tBilled Duration: (\d+) ms\t"
        r"Memory Size: 256 MB\tMax Memory Used: \d+ MB\t",
        lines[-1],
    )
    assert report, lines[-1]
    assert float(report[1]) <= int(report[2])


def test_an_answer_names_the_invocation_that_the_log_tells_of(functions: Any, logs: Any) -> None:
    for payload in ({"order": "named", "lines": 1}, {"order": "named", "lines": 1, "card": "refused"}):
        answer = invoke(functions, payload)
        assert "LogResult" not in answer
        request_id = answer["ResponseMetadata"]["RequestId"]
        asked = {"logGroupName": "/aws/lambda/order-processor", "filterPattern": f'"{request_id}"'}

        def found(asked: dict[str, Any] = asked) -> list[str]:
            return [event["message"] for event in logs.filter_log_events(**asked)["events"]]

        lines = eventually(found)
        assert lines[0].startswith("START") and lines[-1].startswith("REPORT")


def test_any_of_several_words_is_found(cloud: Cloud, logs: Any) -> None:
    document = {"account": "111111111111", "region": "us-east-1", "group": "/test/words", "stream": "s"}
    messages = ["all is well", "ERROR one", "Task timed out after 3 s", "an exception", "timed, out"]
    cloud.control("POST", "logs", document | {"messages": messages})

    def find(pattern: str, **more: Any) -> list[str]:
        asked = {"logGroupName": "/test/words", "filterPattern": pattern}
        return [event["message"] for event in logs.filter_log_events(**asked, **more)["events"]]

    assert find('?ERROR ?exception ?"Task timed out"') == messages[1:4]
    assert find("?ERROR ?exception", limit=1) == messages[1:2]
    assert find("?nothing") == []
    assert find("ERROR") == messages[1:2], "MiniStack's own way"


def test_words_are_told_from_other_patterns() -> None:
    assert any_of('?a ?"b c"') == ["a", "b c"]
    for other in ("", "a ?b", '{ $.level = "error" }', '"', "?"):
        assert any_of(other) is None, other


def test_versions_and_aliases_can_be_made_to_fail(
    functions: Any, fault: Callable[..., str], refused: Callable[..., tuple[str, int, str]]
) -> None:
    for operation, call, more in (
        ("GetAlias", functions.get_alias, {"Name": "x"}),
        ("UpdateAlias", functions.update_alias, {"Name": "x"}),
        ("DeleteAlias", functions.delete_alias, {"Name": "x"}),
        ("DeleteFunctionConcurrency", functions.delete_function_concurrency, {}),
    ):
        fault(service="lambda", operation=operation, kind="denied", count=1)
        code, status, message = refused(call, FunctionName="order-processor", **more)
        assert (code, status) == ("AccessDeniedException", 403), operation
        assert f"lambda:{operation}" in message


def test_what_is_kept_ready_is_listed_for_all_versions(functions: Any) -> None:
    name = "order-processor"
    version = functions.publish_version(FunctionName=name)["Version"]
    wanted = {"FunctionName": name, "Qualifier": version}
    assert functions.list_provisioned_concurrency_configs(FunctionName=name)["ProvisionedConcurrencyConfigs"] == []
    functions.put_provisioned_concurrency_config(**wanted, ProvisionedConcurrentExecutions=5)
    [kept] = functions.list_provisioned_concurrency_configs(FunctionName=name)["ProvisionedConcurrencyConfigs"]
    assert kept["FunctionArn"].endswith(f":function:{name}:{version}")
    assert kept["RequestedProvisionedConcurrentExecutions"] == 5
    functions.delete_provisioned_concurrency_config(**wanted)
    assert functions.list_provisioned_concurrency_configs(FunctionName=name)["ProvisionedConcurrencyConfigs"] == []
