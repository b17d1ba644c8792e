"""CloudWatch metrics: histories, merging, periods, order, pages, and all three protocols."""

from __future__ import annotations

import json
import re
import statistics
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cloud.metrics.expression import BadExpression, evaluate
from conftest import PRODUCTION, STAGING, Cloud, eventually, instances_of


@pytest.fixture
def cloudwatch(cloud: Cloud) -> Any:
    return cloud.client("cloudwatch")


@pytest.fixture(scope="session")
def ids(cloud: Cloud) -> dict[str, str]:
    """Production's instances in us-east-1 by name."""
    found = instances_of(cloud.client("ec2").describe_instances())
    return {tag["Value"]: i["InstanceId"] for i in found for tag in i["Tags"] if tag["Key"] == "Name"}


def metric(name: str, namespace: str = "AWS/EC2", **dimensions: str) -> dict[str, Any]:
    pairs = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    return {"Namespace": namespace, "MetricName": name, "Dimensions": pairs}


def ask(
    key: str, of: dict[str, Any], period: int = 300, stat: str = "Average", **more: Any
) -> dict[str, Any]:
    return {"Id": key, "MetricStat": {"Metric": of, "Period": period, "Stat": stat}, **more}


def data(cloudwatch: Any, queries: list[dict[str, Any]], hours: float = 3, **more: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    answer: dict[str, Any] = cloudwatch.get_metric_data(
        MetricDataQueries=queries, StartTime=now - timedelta(hours=hours), EndTime=now, **more
    )
    return answer


def test_two_weeks_of_history(cloudwatch: Any, ids: dict[str, str]) -> None:
    cpu = metric("CPUUtilization", InstanceId=ids["storefront-01"])
    (result,) = data(cloudwatch, [ask("cpu", cpu, 3600)], hours=14 * 24)["MetricDataResults"]
    assert 14 * 24 <= len(result["Values"]) <= 14 * 24 + 1
    assert all(0 < value < 100 for value in result["Values"])
    by_hour: dict[int, list[float]] = {}
    for at, value in zip(result["Timestamps"], result["Values"], strict=True):
        by_hour.setdefault(at.astimezone(UTC).hour, []).append(value)
    assert statistics.fmean(by_hour[14]) > statistics.fmean(by_hour[2]) + 15, "days are busier than nights"


def test_the_hot_one_is_hot_and_the_stopped_one_silent(cloudwatch: Any, ids: dict[str, str]) -> None:
    queries = [
        ask("hot", metric("CPUUtilization", InstanceId=ids["search"]), 60),
        ask("stopped", metric("CPUUtilization", InstanceId=ids["reports"]), 60),
    ]
    hot, stopped = data(cloudwatch, queries)["MetricDataResults"]
    assert statistics.fmean(hot["Values"]) > 85
    assert stopped["Values"] == []


def test_newest_first_unless_told(cloudwatch: Any, ids: dict[str, str]) -> None:
    queries = [ask("cpu", metric("CPUUtilization", InstanceId=ids["storefront-01"]))]
    (default,) = data(cloudwatch, queries)["MetricDataResults"]
    (ascending,) = data(cloudwatch, queries, ScanBy="TimestampAscending")["MetricDataResults"]
    assert default["Timestamps"] == sorted(default["Timestamps"], reverse=True)
    assert ascending["Timestamps"] == sorted(ascending["Timestamps"])
    assert all(at.timestamp() % 300 == 0 for at in default["Timestamps"]), "aligned to the period"


def test_averages_agree_across_periods(cloudwatch: Any, ids: dict[str, str]) -> None:
    cpu = metric("CPUUtilization", InstanceId=ids["storefront-01"])
    end = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    answer = cloudwatch.get_metric_data(
        MetricDataQueries=[
            ask("fine", cpu, 60),
            ask("coarse", cpu, 3600),
            ask("n", cpu, 3600, "SampleCount"),
        ],
        StartTime=end - timedelta(hours=1),
        EndTime=end,
    )
    fine, coarse, count = (result["Values"] for result in answer["MetricDataResults"])
    assert count == [60.0]
    assert statistics.fmean(fine) == pytest.approx(coarse[0])


def test_basic_monitoring_has_a_sample_each_five_minutes(cloudwatch: Any, ids: dict[str, str]) -> None:
    cpu = metric("CPUUtilization", InstanceId=ids["orders-worker-01"])
    (result,) = data(cloudwatch, [ask("cpu", cpu, 60)], hours=1)["MetricDataResults"]
    assert 12 <= len(result["Values"]) <= 13


def test_put_values_join_the_history(cloud: Cloud, cloudwatch: Any, ids: dict[str, str]) -> None:
    cpu = metric("CPUUtilization", InstanceId=ids["storefront-02"])
    document = {
        "account": PRODUCTION, "region": "us-east-1", "namespace": "AWS/EC2", "metric": "CPUUtilization",
        "dimensions": {"InstanceId": ids["storefront-02"]}, "values": [99.5, 100.0], "unit": "Percent",
    }  # fmt: skip
    assert cloud.control("POST", "metrics", document) == {"written": 2}
    (peak,) = data(cloudwatch, [ask("peak", cpu, 60, "Maximum")])["MetricDataResults"]
    assert peak["Values"][0] == 100.0 or peak["Values"][1] == 100.0


def test_put_metric_data_and_statistics(cloudwatch: Any) -> None:
    name, now = f"Depth{time.time_ns()}", datetime.now(UTC)
    queue = metric(name, "Shop/Test", Queue="orders")
    cloudwatch.put_metric_data(
        Namespace="Shop/Test",
        MetricData=[
            {
                **{k: v for k, v in queue.items() if k != "Namespace"},
                "Unit": "Count",
                "Timestamp": now,
                **values,
            }
            for values in (
                {"Value": 2.0},
                {"Values": [4.0, 6.0], "Counts": [1.0, 3.0]},
                {"StatisticValues": {"SampleCount": 2, "Sum": 20, "Minimum": 8, "Maximum": 12}},
            )
        ],
    )
    answer = cloudwatch.get_metric_statistics(
        **queue,
        StartTime=now - timedelta(minutes=5),
        EndTime=now + timedelta(minutes=5),
        Period=600,
        Statistics=["SampleCount", "Sum", "Average", "Minimum", "Maximum"],
    )
    (point,) = answer["Datapoints"]
    assert (point["SampleCount"], point["Sum"], point["Minimum"], point["Maximum"]) == (7, 44, 2, 12)
    assert (point["Unit"], answer["Label"]) == ("Count", name)
    listed = cloudwatch.list_metrics(Namespace="Shop/Test", Dimensions=[{"Name": "Queue"}])["Metrics"]
    assert queue in listed


def test_many_points_are_compressed_and_arrive(cloudwatch: Any) -> None:
    points = [
        {"MetricName": "Many", "Dimensions": [{"Name": "n", "Value": "x" * 60 + str(n)}], "Value": n}
        for n in range(900)
    ]
    cloudwatch.put_metric_data(Namespace="Shop/Many", MetricData=points)
    pages = list(cloudwatch.get_paginator("list_metrics").paginate(Namespace="Shop/Many"))
    assert [len(page["Metrics"]) for page in pages] == [500, 400]


def test_percentiles_and_units(cloudwatch: Any, ids: dict[str, str]) -> None:
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    request = {
        **metric("CPUUtilization", InstanceId=ids["storefront-01"]),
        "StartTime": now - timedelta(hours=1), "EndTime": now, "Period": 3600,
    }  # fmt: skip
    answer = cloudwatch.get_metric_statistics(**request, ExtendedStatistics=["p50", "p99.9"])
    (extended,) = (point["ExtendedStatistics"] for point in answer["Datapoints"])
    assert extended["p50"] < extended["p99.9"]
    bytes_only = cloudwatch.get_metric_statistics(**request, Statistics=["Sum"], Unit="Bytes")
    assert bytes_only["Datapoints"] == []


def test_data_points_come_in_pages(cloudwatch: Any, ids: dict[str, str]) -> None:
    queries = [ask(f"m{n}", metric("CPUUtilization", InstanceId=ids[f"storefront-0{n}"]), 60) for n in (1, 2)]
    whole = data(cloudwatch, queries, hours=1)["MetricDataResults"]
    now = datetime.now(UTC)
    paginator = cloudwatch.get_paginator("get_metric_data")
    pages = paginator.paginate(
        MetricDataQueries=queries, StartTime=now - timedelta(hours=1), EndTime=now, MaxDatapoints=50
    )
    collected: dict[str, list[float]] = {}
    statuses = []
    for page in pages:
        assert sum(len(result["Values"]) for result in page["MetricDataResults"]) <= 50
        for result in page["MetricDataResults"]:
            collected.setdefault(result["Id"], []).extend(result["Values"])
            statuses.append(result["StatusCode"])
    assert [len(values) for values in collected.values()] == [len(result["Values"]) for result in whole]
    assert "PartialData" in statuses
    assert statuses[-1] == "Complete"


def test_metric_math(cloudwatch: Any, ids: dict[str, str]) -> None:
    queries = [
        ask("a", metric("CPUUtilization", InstanceId=ids["storefront-01"]), ReturnData=False),
        ask("b", metric("CPUUtilization", InstanceId=ids["storefront-02"]), ReturnData=False),
        {"Id": "mean", "Expression": "AVG(METRICS())", "Label": "Mean"},
        {"Id": "half", "Expression": "(a + b) / 2"},
    ]
    mean, half = data(cloudwatch, queries)["MetricDataResults"]
    assert mean["Label"] == "Mean"
    assert mean["Values"] == pytest.approx(half["Values"])


def test_expressions() -> None:
    series = {"a": {0.0: 1.0, 60.0: 3.0}, "b": {60.0: 0.0}}
    assert evaluate("a * 2 - 1", series) == [{0.0: 1.0, 60.0: 5.0}]
    assert evaluate("a / b", series) == [{}], "no value where there is nothing to divide by"
    assert evaluate("FILL(b, 7)", series) == [{0.0: 7.0, 60.0: 0.0}]
    assert evaluate("RATE(a)", series) == [{60.0: 2 / 60}]
    assert evaluate("SUM([a, b])", series) == [{0.0: 1.0, 60.0: 3.0}]
    for wrong in ("c", "SEARCH('x')", "a +", "__import__('os')", "1"):
        with pytest.raises(BadExpression):
            evaluate(wrong, series)


@pytest.mark.parametrize(
    "change",
    [
        {"MetricDataQueries": []},
        {"StartTime": datetime.now(UTC) + timedelta(days=1)},
        {"MetricDataQueries": [ask("Upper", metric("x"))]},
        {"MetricDataQueries": [ask("a", metric("x")), ask("a", metric("y"))]},
        {"MetricDataQueries": [ask("a", metric("x"), 61)]},
        {"MetricDataQueries": [{"Id": "a", "Expression": "NOPE(1)"}]},
    ],
)
def test_wrong_requests_are_refused(cloudwatch: Any, refused: Any, change: dict[str, Any]) -> None:
    now = datetime.now(UTC)
    request = {
        "MetricDataQueries": [ask("a", metric("x"))],
        "StartTime": now - timedelta(hours=1),
        "EndTime": now,
    }
    assert refused(cloudwatch.get_metric_data, **(request | change))[:2] == ("ValidationError", 400)


def test_too_many_points_are_refused(cloudwatch: Any, ids: dict[str, str], refused: Any) -> None:
    now = datetime.now(UTC)
    request = metric("CPUUtilization", InstanceId=ids["search"]) | {
        "StartTime": now - timedelta(days=2), "EndTime": now, "Period": 60, "Statistics": ["Average"],
    }  # fmt: skip
    code, _, message = refused(cloudwatch.get_metric_statistics, **request)
    assert code == "InvalidParameterCombination"
    assert "exceeds the limit of 1,440" in message


def test_scopes_are_apart(cloud: Cloud, ids: dict[str, str]) -> None:
    elsewhere = cloud.client("cloudwatch", account=STAGING)
    (result,) = data(elsewhere, [ask("cpu", metric("CPUUtilization", InstanceId=ids["search"]))])[
        "MetricDataResults"
    ]
    assert result["Values"] == []
    namespaces = {m["Namespace"] for m in elsewhere.list_metrics()["Metrics"]}
    assert {"AWS/EC2", "AWS/Lambda", "AWS/ECS"} <= namespaces


def test_a_real_invocation_is_counted(cloud: Cloud, cloudwatch: Any) -> None:
    errors = metric("Errors", "AWS/Lambda", FunctionName="nightly-report")

    def failures() -> float:
        now = datetime.now(UTC)
        (result,) = cloudwatch.get_metric_data(
            MetricDataQueries=[ask("e", errors, 60, "Sum")],
            StartTime=now - timedelta(minutes=5), EndTime=now + timedelta(minutes=1),
        )["MetricDataResults"]  # fmt: skip
        return sum(result["Values"])

    before = failures()
    answer = cloud.client("lambda").invoke(FunctionName="nightly-report", Payload=b'{"fail": true}')
    assert answer["FunctionError"]
    eventually(lambda: failures() >= before + 1)


def test_an_instance_has_metrics_while_it_runs(cloud: Cloud, cloudwatch: Any) -> None:
    ec2 = cloud.client("ec2", region="eu-west-1")
    made = ec2.run_instances(ImageId="ami-test", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    there = cloud.client("cloudwatch", region="eu-west-1")
    listed = there.list_metrics(Namespace="AWS/EC2", Dimensions=[{"Name": "InstanceId", "Value": made}])
    assert "CPUUtilization" in {m["MetricName"] for m in listed["Metrics"]}
    ec2.terminate_instances(InstanceIds=[made])


def _raw(cloud: Cloud, body: bytes, headers: dict[str, str]) -> bytes:
    scope = f"{PRODUCTION}/20260101/us-east-1/monitoring/aws4_request"
    headers = headers | {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"
    }
    with urllib.request.urlopen(urllib.request.Request(cloud.url + "/", body, headers)) as answer:
        content: bytes = answer.read()
        return content


def test_json_and_query_clients_are_served_too(cloud: Cloud, ids: dict[str, str]) -> None:
    now = int(time.time()) // 60 * 60
    document = {
        "MetricDataQueries": [ask("cpu", metric("CPUUtilization", InstanceId=ids["search"]))],
        "StartTime": now - 3600, "EndTime": now,
    }  # fmt: skip
    target = {
        "X-Amz-Target": "GraniteServiceVersion20100801.GetMetricData",
        "Content-Type": "application/x-amz-json-1.0",
    }
    (result,) = json.loads(_raw(cloud, json.dumps(document).encode(), target))["MetricDataResults"]
    form = (
        "Action=GetMetricStatistics&Version=2010-08-01&Namespace=AWS/EC2&MetricName=CPUUtilization"
        f"&Dimensions.member.1.Name=InstanceId&Dimensions.member.1.Value={ids['search']}&Period=3600"
        f"&StartTime={datetime.fromtimestamp(now - 3600, UTC):%Y-%m-%dT%H:%M:%SZ}"
        f"&EndTime={datetime.fromtimestamp(now, UTC):%Y-%m-%dT%H:%M:%SZ}&Statistics.member.1=Average"
    )
    xml = _raw(cloud, form.encode(), {"Content-Type": "application/x-www-form-urlencoded"}).decode()
    (average,) = re.findall(r"<Average>([\d.]+)</Average>", xml)
    assert len(result["Values"]) == len(result["Timestamps"]) >= 12
    assert float(average) == pytest.approx(statistics.fmean(result["Values"]), abs=5)
