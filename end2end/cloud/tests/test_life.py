"""Starting and stopping: exit codes, messages, and that nothing is left behind."""

from __future__ import annotations

import os
import signal
import socket
import urllib.error
from pathlib import Path

import pytest
from conftest import Cloud, free_port, start


def _listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_health_describes_the_seeded_estate(cloud: Cloud) -> None:
    health = cloud.control("GET", "health")
    assert health["ready"] is True
    assert health["instances"] == 40
    assert [account["name"] for account in health["accounts"]] == ["production", "staging", "sandbox"]
    assert health["objects"] > 200
    assert health["seconds_to_ready"] < 15


def test_an_unknown_control_path_is_not_passed_on(cloud: Cloud) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        cloud.control("GET", "nothing")
    assert caught.value.code == 404


def test_the_bench_size_has_5000_instances_in_pages(tmp_path: Path) -> None:
    running = Cloud(free_port())
    process = start(tmp_path, "--size", "bench", port=running.port, ministack_port=free_port())
    try:
        assert running.wait_ready(process)["instances"] == 5000
        ec2, total = running.client("ec2"), 0
        for page in ec2.get_paginator("describe_instances").paginate():
            assert len(page["Reservations"]) <= 1000
            total += len(page["Reservations"])
        assert total > 4900
    finally:
        process.terminate()
        process.communicate(timeout=20)


def test_it_listens_on_loopback_only(cloud: Cloud) -> None:
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    addresses = [line.split()[1] for line in lines if line.split()[3] == "0A"]
    ours = [address for address in addresses if address.endswith(f":{cloud.port:04X}")]
    assert ours == [f"0100007F:{cloud.port:04X}"]


@pytest.mark.parametrize(("flag", "which"), [("--port", 0), ("--ministack-port", 1)])
def test_a_busy_port_is_named_with_its_flag(tmp_path: Path, flag: str, which: int) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ports = [free_port(), free_port()]
        ports[which] = taken.getsockname()[1]
        process = start(tmp_path, port=ports[0], ministack_port=ports[1])
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 2
    assert f"port {ports[which]} is in use" in errors
    assert flag in errors


def test_one_port_cannot_serve_both(tmp_path: Path) -> None:
    port = free_port()
    process = start(tmp_path, port=port, ministack_port=port)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 2
    assert "--ministack-port" in errors


def test_the_death_of_ministack_ends_the_cloud(tmp_path: Path) -> None:
    running, behind = Cloud(free_port()), free_port()
    process = start(tmp_path, "--no-heartbeat", port=running.port, ministack_port=behind)
    health = running.wait_ready(process)
    os.kill(health["ministack_pid"], signal.SIGKILL)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "MiniStack ended with code -9" in errors


def test_a_signal_stops_all_it_started(tmp_path: Path) -> None:
    running, behind = Cloud(free_port()), free_port()
    process = start(tmp_path, "--seed-date", "2026-03-01", port=running.port, ministack_port=behind)
    assert running.wait_ready(process)["seed_date"] == "2026-03-01"
    assert _listening(behind)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "")
    assert not _listening(running.port)
    assert not _listening(behind)
