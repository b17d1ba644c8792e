"""nephoscope enters an account of a MiniStack that checks signatures, policies and external ids (AUTH=true).

The front does not sign, so MiniStack is asked directly here. The server's binary must have been built;
it is looked for in NEPHOSCOPE_BINARY and in cargo's target folder.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from conftest import STAGING, free_port

ROOT = Path(__file__).parents[3]
HOME = "000000000000"
ROLE = f"arn:aws:iam::{STAGING}:role/Console"
EXTERNAL_ID = "only the two of us know"
PASSWORD = "an instrument for watching clouds"


def find_binary() -> Path | None:
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    named = os.environ.get("NEPHOSCOPE_BINARY")
    binary = Path(named) if named else target / "debug" / "nephoscope"
    return binary if binary.exists() else None


BINARY = find_binary()
pytestmark = pytest.mark.skipif(BINARY is None, reason="the server was not built; see NEPHOSCOPE_BINARY")


def wait_for(url: str, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, f"{process.args} ended with {process.returncode}"
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.05)
    raise AssertionError(f"{url} did not answer")


def policy_of(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def strict_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A MiniStack with AUTH=true: HOME may assume STAGING's role with the external id, and list instances."""
    folder = tmp_path_factory.mktemp("strict")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | {
        "AUTH": "true",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "PERSIST_STATE": "0",
        "DOCKER_HOST": "unix:///nonexistent/docker.sock",
        "AWS_EC2_METADATA_DISABLED": "true",
        "LOG_LEVEL": "WARNING",
        "TMPDIR": str(folder),
    }
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "ministack"],
            env=environment, cwd=folder, stdout=log, stderr=log, text=True,
        )  # fmt: skip
    try:
        wait_for(f"{url}/_ministack/health", process)
        iam = boto3.client(
            "iam", endpoint_url=url, region_name="us-east-1",
            aws_access_key_id=STAGING, aws_secret_access_key="test",
        )  # fmt: skip
        trust = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{HOME}:root"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}},
        }
        lists = {"Effect": "Allow", "Action": "ec2:DescribeInstances", "Resource": "*"}
        iam.create_role(RoleName="Console", AssumeRolePolicyDocument=policy_of(trust))
        iam.put_role_policy(RoleName="Console", PolicyName="lists", PolicyDocument=policy_of(lists))
        yield url
    finally:
        stop(process)


@dataclass
class Console:
    """A nephoscope of its own: the command line and, when started, the server."""

    folder: Path
    cloud: str
    port: int

    @property
    def environment(self) -> dict[str, str]:
        ours = ("AWS_", "NEPHOSCOPE_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        return kept | {
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_ENDPOINT_URL": self.cloud,
            "NEPHOSCOPE_DATA_DIR": str(self.folder / "data"),
            "NEPHOSCOPE_LISTEN": f"127.0.0.1:{self.port}",
            "LEPTOS_SITE_ROOT": str(self.folder / "site"),
        }

    def run(self, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(BINARY), *arguments], env=self.environment, input=typed, capture_output=True, text=True,
            timeout=60, cwd=self.folder, check=False,
        )  # fmt: skip

    def add(self, external_id: str) -> subprocess.CompletedProcess[str]:
        return self.run(
            "account", "add", STAGING, "--name", "staging", "--region", "us-east-1", "--role-arn", ROLE,
            "--external-id", "--secret-stdin", typed=external_id,
        )  # fmt: skip

    def get(self, path: str, token: str) -> Any:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", headers={"Authorization": f"Bearer {token}"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())

    def log_in(self, name: str) -> str:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/authenticate",
            data=json.dumps({"username": name, "password": PASSWORD}).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return str(json.loads(answer.read())["token"])


@pytest.fixture
def console(strict_cloud: str, tmp_path: Path) -> Console:
    style = tmp_path / "site" / "pkg" / "nephoscope.css"
    style.parent.mkdir(parents=True)
    style.touch()
    return Console(tmp_path, strict_cloud, free_port())


def test_a_role_is_assumed_with_its_external_id_and_not_without(console: Console) -> None:
    refused = console.add("a guess")
    assert refused.returncode == 1, refused
    assert "sts:AssumeRole" in refused.stderr
    assert console.run("account", "list", "--json").stdout.strip() == "[]"

    added = console.add(EXTERNAL_ID)
    assert added.returncode == 0, added
    report = console.run("account", "test", STAGING, "--json")
    identity = json.loads(report.stdout)["identity"]
    assert identity["arn"] == f"arn:aws:sts::{STAGING}:assumed-role/Console/nephoscope"
    outcomes = {check["action"]: check["outcome"] for check in json.loads(report.stdout)["checks"]}
    assert outcomes["ec2:DescribeInstances"] == "allowed"
    assert outcomes["logs:DescribeLogGroups"] == "denied"
    assert report.returncode == 1, "some actions are denied"

    data = [path for path in (console.folder / "data").iterdir() if path.name != "master.key"]
    everything = b"".join(path.read_bytes() for path in data)
    assert STAGING.encode() in everything
    assert EXTERNAL_ID.encode() not in everything
    for result in (refused, added, report):
        assert EXTERNAL_ID not in result.stdout + result.stderr


def test_aws_sees_who_it_was_and_lets_nobody_do_more_than_their_role(console: Console) -> None:
    assert console.add(EXTERNAL_ID).returncode == 0
    for name in ("ada", "grace"):
        made = console.run("user", "add", name, "--role", "viewer", "--password-stdin", typed=PASSWORD)
        assert made.returncode == 0, made
    with (console.folder / "server.log").open("w") as log:
        server = subprocess.Popen(
            [str(BINARY), "serve"],
            env=console.environment, cwd=console.folder, stdout=log, stderr=log, text=True,
        )  # fmt: skip
    try:
        wait_for(f"http://127.0.0.1:{console.port}/readyz", server)
        tokens = {name: console.log_in(name) for name in ("ada", "grace")}
        for name, token in tokens.items():
            listing = console.get("/api/ec2?fresh=true", token)
            assert [source.get("error") for source in listing["sources"]] == [None]
            refused = console.get("/api/log/groups", token)["sources"][0]["error"]
            assert f"assumed-role/Console/{name} " in refused["message"], "AWS names the person"
    finally:
        stop(server)
    assert EXTERNAL_ID not in (console.folder / "server.log").read_text()
