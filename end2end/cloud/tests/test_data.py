"""Logs, live tail, S3, Lambda, ECS and ECR, through the front."""

from __future__ import annotations

import gzip
import http.client
import json
import threading
import time
import urllib.error
from typing import Any

import pytest
from conftest import PRODUCTION, SANDBOX, STAGING, Cloud, eventually


@pytest.fixture
def logs(cloud: Cloud) -> Any:
    # Without the prefix, or "stream-127.0.0.1" would have to be resolved.
    return cloud.client("logs", inject_host_prefix=False)


def arn(group: str) -> str:
    return f"arn:aws:logs:us-east-1:{PRODUCTION}:log-group:{group}"


class Tail(threading.Thread):
    """A live tail, read in a thread."""

    def __init__(self, logs: Any, group: str) -> None:
        super().__init__(daemon=True)
        self.messages: list[str] = []
        self.ended: BaseException | None = None
        self.started = threading.Event()
        self._stream = logs.start_live_tail(logGroupIdentifiers=[arn(group)])["responseStream"]
        self.start()

    def run(self) -> None:
        try:
            for event in self._stream:
                self.started.set()
                for line in event.get("sessionUpdate", {}).get("sessionResults", []):
                    self.messages.append(line["message"])
        except BaseException as error:
            self.ended = error


def write(cloud: Cloud, group: str, *messages: str) -> Any:
    document = {"account": PRODUCTION, "region": "us-east-1", "group": group, "stream": "test"}
    return cloud.control("POST", "logs", document | {"messages": list(messages)})


def test_groups_have_history(logs: Any) -> None:
    groups = {group["logGroupName"]: group for group in logs.describe_log_groups()["logGroups"]}
    assert groups.keys() >= {
        "/shop/checkout",
        "/shop/storefront",
        "/aws/lambda/order-processor",
        "/ecs/mailer",
    }
    assert groups["/shop/checkout"]["retentionInDays"] == 30
    streams = logs.describe_log_streams(logGroupName="/shop/checkout")["logStreams"]
    events = logs.get_log_events(
        logGroupName="/shop/checkout",
        logStreamName=streams[0]["logStreamName"],
        limit=100,
        startFromHead=True,
    )["events"]
    assert len(events) == 100
    assert time.time() - events[0]["timestamp"] / 1000 > 3600, "from hours ago"
    assert json.loads(events[0]["message"])["level"]


def test_hostile_lines_come_through(cloud: Cloud) -> None:
    logs = cloud.client("logs", account=SANDBOX)
    events = logs.filter_log_events(logGroupName="/sandbox/odd-lines")["events"]
    text = "\n".join(event["message"] for event in events)
    assert "<script>alert(1)</script>" in text
    assert "🧪" in text


def test_the_heart_beats(logs: Any) -> None:
    begun = int(time.time() * 1000)
    request = {"logGroupName": "/shop/storefront", "startTime": begun}
    eventually(lambda: logs.filter_log_events(**request)["events"], seconds=5)


def test_a_written_line_reaches_a_live_tail(cloud: Cloud, logs: Any) -> None:
    write(cloud, "/test/tail", "before")
    tail = Tail(logs, "/test/tail")
    assert tail.started.wait(5)
    begun = time.monotonic()
    assert write(cloud, "/test/tail", "hello", "wörld 🛰️")["written"] == 2
    eventually(lambda: tail.messages == ["hello", "wörld 🛰️"], seconds=5)
    assert time.monotonic() - begun < 4


def test_a_drop_cuts_a_running_tail(cloud: Cloud, logs: Any, fault: Any) -> None:
    write(cloud, "/test/cut", "before")
    tail = Tail(logs, "/test/cut")
    assert tail.started.wait(5)
    fault(service="logs", kind="drop")
    eventually(lambda: tail.ended is not None, seconds=5)


def test_stream_hosts_are_served(cloud: Cloud) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", cloud.port, timeout=5)
    scope = f"{PRODUCTION}/20260101/us-east-1/logs/aws4_request"
    headers = {
        "Host": f"stream-127.0.0.1:{cloud.port}",
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
        "X-Amz-Target": "Logs_20140328.StartLiveTail",
        "Content-Type": "application/x-amz-json-1.1",
    }
    connection.request("POST", "/", json.dumps({"logGroupIdentifiers": [arn("/shop/checkout")]}), headers)
    answer = connection.getresponse()
    assert answer.status == 200
    assert answer.getheader("Content-Type") == "application/vnd.amazon.eventstream"
    received = b""
    while b"sessionStart" not in received:
        received += answer.read1(4096)
    connection.close()


def test_a_log_helper_call_must_be_whole(cloud: Cloud) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        cloud.control("POST", "logs", {"account": PRODUCTION})
    assert caught.value.code == 400


def test_buckets_and_folders(cloud: Cloud) -> None:
    s3 = cloud.client("s3")
    names = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    assert len(names) == 4
    listing = s3.list_objects_v2(Bucket="tidemark-production-assets", Prefix="products/", Delimiter="/")
    assert [prefix["Prefix"] for prefix in listing["CommonPrefixes"]] == [f"products/0{n}/" for n in range(4)]
    scratch = cloud.client("s3", account=SANDBOX)
    for item in scratch.list_objects_v2(Bucket="tidemark-sandbox-scratch")["Contents"]:
        body = scratch.get_object(Bucket="tidemark-sandbox-scratch", Key=item["Key"])["Body"].read()
        assert len(body) == item["Size"]


def test_large_and_compressed_bodies_stream_unchanged(cloud: Cloud) -> None:
    s3, bucket = cloud.client("s3"), "tidemark-production-assets"
    large = bytes(range(256)) * 40_000
    s3.put_object(Bucket=bucket, Key="up/größe 1+2%.bin", Body=large)
    assert s3.get_object(Bucket=bucket, Key="up/größe 1+2%.bin")["Body"].read() == large
    part = s3.get_object(Bucket=bucket, Key="up/größe 1+2%.bin", Range="bytes=10-19")
    assert part["Body"].read() == large[10:20]
    packed = gzip.compress(b"hello" * 100)
    s3.put_object(Bucket=bucket, Key="up/page.html", Body=packed, ContentEncoding="gzip")
    assert s3.get_object(Bucket=bucket, Key="up/page.html")["Body"].read() == packed
    assert s3.head_object(Bucket=bucket, Key="up/page.html")["ContentLength"] == len(packed)
    s3.delete_objects(
        Bucket=bucket, Delete={"Objects": [{"Key": "up/page.html"}, {"Key": "up/größe 1+2%.bin"}]}
    )


def test_functions_run_fail_and_log(cloud: Cloud) -> None:
    functions = cloud.client("lambda")
    names = {function["FunctionName"] for function in functions.list_functions()["Functions"]}
    assert names == {"order-processor", "thumbnailer", "nightly-report"}
    order = f"TM-{time.time_ns()}"
    event = json.dumps({"order": order, "lines": 2}).encode()
    answer = functions.invoke(FunctionName="order-processor", Payload=event)
    assert json.loads(answer["Payload"].read()) == {"status": "charged", "order": order}
    event = json.dumps({"order": order, "card": "refused"}).encode()
    assert functions.invoke(FunctionName="order-processor", Payload=event)["FunctionError"] == "Unhandled"
    logs = cloud.client("logs")
    request = {"logGroupName": "/aws/lambda/order-processor", "filterPattern": f'"{order}"'}
    eventually(lambda: len(logs.filter_log_events(**request)["events"]) >= 3)


def test_containers(cloud: Cloud) -> None:
    ecs = cloud.client("ecs")
    clusters = {arn.rsplit("/", 1)[1] for arn in ecs.list_clusters()["clusterArns"]}
    assert clusters == {"shop", "batch"}
    (mailer,) = ecs.describe_services(cluster="shop", services=["mailer"])["services"]
    assert (mailer["desiredCount"], mailer["runningCount"]) == (2, 2)
    tasks = ecs.list_tasks(cluster="shop", serviceName="mailer")["taskArns"]
    assert len(tasks) == 2
    ecr = cloud.client("ecr", account=STAGING)
    images = ecr.describe_images(repositoryName="shop/storefront")["imageDetails"]
    assert [image["imageTags"] for image in images] == [["v4.17.0"], ["v4.18.0"], ["v4.18.1"]]
