"""One really started cloud for all tests, and clients for its accounts."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

END2END = Path(__file__).parents[2]

PRODUCTION, STAGING, SANDBOX = "111111111111", "222222222222", "333333333333"

#: Short, so that waiting for the final state does not make the tests slow.
TRANSITION_SECONDS = 1.5

# Nothing here may look for real credentials.
os.environ |= {"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/dev/null"}
os.environ["AWS_SHARED_CREDENTIALS_FILE"] = "/dev/null"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start(state_dir: Path, *extra: str, port: int, ministack_port: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "cloud", "serve", "--port", str(port)]
    command += ["--ministack-port", str(ministack_port), "--state-dir", str(state_dir), *extra]
    return subprocess.Popen(command, cwd=END2END, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@dataclass
class Cloud:
    """The running cloud."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def control(self, method: str, path: str, document: object = None) -> Any:
        """Call the control interface; returns the document, raises HTTPError."""
        body = json.dumps(document).encode() if document is not None else None
        request = urllib.request.Request(f"{self.url}/_cloud/{path}", data=body, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read() or b"null")

    def client(
        self, service: str, account: str = PRODUCTION, region: str = "us-east-1", **config: Any
    ) -> Any:
        """A boto3 client of an account, without retries."""
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=region,
            aws_access_key_id=account,
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, **config),
        )

    def wait_ready(self, process: subprocess.Popen[str]) -> dict[str, Any]:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            assert process.poll() is None, process.communicate()
            try:
                document: dict[str, Any] = self.control("GET", "health")
                return document
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.05)
        raise AssertionError("the cloud did not become ready")


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    running = Cloud(free_port())
    process = start(
        tmp_path_factory.mktemp("state"),
        "--transition-seconds",
        str(TRANSITION_SECONDS),
        port=running.port,
        ministack_port=free_port(),
    )
    try:
        running.wait_ready(process)
        yield running
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0


@pytest.fixture
def fault(cloud: Cloud) -> Iterator[Callable[..., str]]:
    """Sets faults that are lifted after the test."""

    def add(**spec: Any) -> str:
        fault_id: str = cloud.control("POST", "faults", spec)["id"]
        return fault_id

    yield add
    cloud.control("DELETE", "faults")


@pytest.fixture
def refused() -> Callable[..., tuple[str, int, str]]:
    """Calls a client and returns code, status and message of the error it must get."""

    def call(function: Callable[..., Any], **params: Any) -> tuple[str, int, str]:
        with pytest.raises(ClientError) as caught:
            function(**params)
        response = caught.value.response
        error = response["Error"]
        return error["Code"], response["ResponseMetadata"]["HTTPStatusCode"], error["Message"]

    return call


def instances_of(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [instance for reservation in answer["Reservations"] for instance in reservation["Instances"]]


def eventually(check: Callable[[], Any], seconds: float = 8.0) -> Any:
    """Wait until ``check()`` is truthy; returns its value."""
    deadline = time.monotonic() + seconds
    while True:
        value = check()
        if value:
            return value
        assert time.monotonic() < deadline, f"still {value!r} after {seconds} s"
        time.sleep(0.05)
