"""Other programs, run and measured."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
#: The environment with the AWS CLI, made by scripts/setup.
AWS_CLI = os.environ.get("BENCH_AWS_CLI", "aws")


@dataclass(frozen=True)
class Run:
    """A program that ran to its end."""

    seconds: float
    #: The most memory that it, or a child that it waited for, had resident.
    peak_mib: float


def run(command: list[str], **more: str) -> Run:
    """Runs a program, which must succeed; what it prints is read and thrown away."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ | more)
    assert process.stdout is not None
    while process.stdout.read(1 << 20):
        pass
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"{command[0]} ended with {process.returncode}"
    return Run(time.perf_counter() - begun, usage.ru_maxrss / 1024)


def aws(endpoint: str, account: str, region: str, *arguments: str) -> Run:
    """Runs the AWS CLI against the demo cloud: the access key names the account."""
    keys = {"AWS_ACCESS_KEY_ID": account, "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": region}
    return run([AWS_CLI, "--endpoint-url", endpoint, "--output", "json", *arguments], **keys)


@contextlib.contextmanager
def express(port: int, endpoint: str) -> Iterator[str]:
    """The Express server, and its address."""
    server = subprocess.Popen(
        ["node", str(HERE / "express.js"), str(port), endpoint],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"NODE_ENV": "production"},
    )
    try:
        assert server.stdout is not None and server.stdout.readline().strip() == "ready"
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def requests_per_second(url: str, clients: int, seconds: int, *headers: str) -> float:
    """How many answers some clients get, one after the other each."""
    command = ["node", str(HERE / "node_modules/autocannon/autocannon.js"), "--json", "-c", str(clients), "-d", str(seconds)]
    for header in ("accept-encoding=gzip, br", *headers):
        command += ["-H", header]
    answer = subprocess.run([*command, url], capture_output=True, check=True, text=True).stdout
    report = json.loads(answer)
    bad = report["non2xx"] + report["errors"]
    assert not bad, f"{bad} of the answers of {url} were errors"
    return float(report["requests"]["average"])


class Memory:
    """The resident memory of the process that listens on a loopback port."""

    def __init__(self, port: int) -> None:
        self._process = _listener(port)

    def now_mib(self) -> float:
        """What it holds now."""
        return self._read("VmRSS:")

    def forget_peak(self) -> None:
        """Let the highest figure begin anew from now."""
        (self._process / "clear_refs").write_text("5")

    def peak_mib(self) -> float:
        """The most that it held since then."""
        return self._read("VmHWM:")

    def _read(self, field: str) -> float:
        for line in (self._process / "status").read_text().splitlines():
            if line.startswith(field):
                return int(line.split()[1]) / 1024
        raise LookupError(field)


def _listener(port: int) -> Path:
    inodes = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A" and int(fields[1].split(":")[1], 16) == port:
            inodes.add(f"socket:[{fields[9]}]")
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if any(os.readlink(fd) in inodes for fd in (process / "fd").iterdir()):
                return process
    raise LookupError(f"nobody listens on port {port}")
