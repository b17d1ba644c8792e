"""What `make bench` measures, against a running demo of 5,000 instances.

Each figure stands beside the same work done by something else in the same minute on the same machine, and is told as a ratio:
machines differ, ratios much less.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import aiohttp
import boto3
from botocore.config import Config

from bench.processes import Memory, Run, aws, express, requests_per_second, run

BASE = os.environ["DEMO_URL"]
CLOUD = os.environ["DEMO_CLOUD_URL"]
EXPRESS_PORT = int(os.environ.get("BENCH_EXPRESS_PORT", "8668"))
#: MiniStack itself: what only prepares a figure need not pass the front.
MINISTACK = f"http://127.0.0.1:{os.environ.get('BENCH_MINISTACK_PORT', '8667')}"
KEYS = int(os.environ.get("BENCH_KEYS", "100000"))
UPLOAD_MIB = int(os.environ.get("BENCH_UPLOAD_MIB", "1024"))
RUNS = 5
WARM_SECONDS = 5
CLIENTS = 8
VIEWERS = 100


def median_of(work: Callable[[], object], runs: int = RUNS) -> float:
    """The median of some runs, in seconds."""
    times = []
    for _ in range(runs):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def largest_place(listing: dict[str, Any]) -> tuple[str, str]:
    """The account and region with most instances, so that all sides list the same."""
    counts: dict[tuple[str, str], int] = {}
    for instance in listing["items"]:
        place = (instance["account"], instance["region"])
        counts[place] = counts.get(place, 0) + 1
    return max(counts, key=counts.__getitem__)


def list_with_boto3(account: str, region: str) -> int:
    """A bare SDK loop over all pages."""
    client = boto3.client(
        "ec2", endpoint_url=CLOUD, region_name=region, aws_access_key_id=account, aws_secret_access_key="test"
    )
    pages = client.get_paginator("describe_instances").paginate(PaginationConfig={"PageSize": 1000})
    return sum(len(reservation["Instances"]) for page in pages for reservation in page["Reservations"])


async def seconds_of(session: aiohttp.ClientSession, url: str) -> float:
    """The median time of a list that is asked of AWS each time."""
    times = []
    for _ in range(RUNS):
        await asyncio.sleep(1.1)  # a refresh within a second is shared, and would measure the cache
        begun = time.perf_counter()
        async with session.get(url) as answer:
            await answer.read()
            assert answer.status == 200, answer.status
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


async def view_instances(session: aiohttp.ClientSession, seen: asyncio.Event) -> None:
    """Follows all instances as an open page does, and tells when the first states came."""
    watch = {"event": "watch instances", "data": {}}
    async with session.ws_connect(f"{BASE}/api/live") as socket:
        await socket.send_json(watch)
        async for message in socket:
            frame = message.json()
            if frame["event"] == "instances changed":
                seen.set()
            # All of them are one user, who may begin only so much at once.
            elif frame["event"] == "error" and frame["data"]["error"]["code"] == "rate_limited":
                await asyncio.sleep(1)
                await socket.send_json(watch)


async def aws_calls_of_viewers(session: aiohttp.ClientSession, viewers: int, seconds: float) -> int:
    """How many calls to AWS some viewers of all instances cause."""
    seen = [asyncio.Event() for _ in range(viewers)]
    pages = [asyncio.create_task(view_instances(session, event)) for event in seen]
    await asyncio.gather(*(event.wait() for event in seen))
    async with session.delete(f"{CLOUD}/_cloud/calls"):
        pass
    await asyncio.sleep(seconds)
    async with session.get(f"{CLOUD}/_cloud/calls") as answer:
        calls = await answer.json()
    for page in pages:
        page.cancel()
    await asyncio.gather(*pages, return_exceptions=True)
    return sum(entry["count"] for entry in calls["calls"] if entry["operation"] == "DescribeInstances")


async def token_of(session: aiohttp.ClientSession, user: str) -> str:
    """Logs in as one of the demo's users, and makes a token that outlives the session's five minutes."""
    credentials = {"username": user, "password": os.environ[f"DEMO_{user.upper()}_PASSWORD"]}
    async with session.post(f"{BASE}/api/authenticate", json=credentials) as answer:
        bearer = {"Authorization": f"Bearer {(await answer.json())['token']}"}
    wanted = {"name": "bench", "role": user, "days": 1}
    async with session.post(f"{BASE}/api/me/tokens", json=wanted, headers=bearer) as answer:
        return str((await answer.json())["token"])


async def lists(session: aiohttp.ClientSession, token: str, account: str, region: str) -> None:
    """Lists of instances: asked of AWS, and known."""
    place = f"account={account}&region={region}"
    ours = f"{BASE}/api/ec2/instances?{place}"
    print(f"{list_with_boto3(account, region):,} instances in {account} {region}")
    with express(EXPRESS_PORT, CLOUD) as address:
        theirs = f"{address}/api/ec2/instances?{place}"
        cold = await seconds_of(session, f"{ours}&fresh=true")
        print(f"list, asked of AWS:   {cold:.2f} s")
        for name, seconds in (
            ("boto3", median_of(lambda: list_with_boto3(account, region))),
            ("aws ec2 describe-instances", median_of(lambda: aws(CLOUD, account, region, "ec2", "describe-instances"))),
            ("Express and the AWS SDK", await seconds_of(session, f"{theirs}&fresh=true")),
        ):
            print(f"  {name + ':':28}{seconds:6.2f} s, {seconds / cold:.1f} × as long")
        bearer = f"authorization=Bearer {token}"
        warm = await asyncio.to_thread(requests_per_second, ours, CLIENTS, WARM_SECONDS, bearer)
        rival = await asyncio.to_thread(requests_per_second, theirs, CLIENTS, WARM_SECONDS)
        print(f"list, known:          {warm:.0f} requests/s of {CLIENTS} clients; Express {rival:.0f}: {warm / rival:.1f} ×")
    page = await asyncio.to_thread(requests_per_second, f"{BASE}/ec2?{place}", CLIENTS, WARM_SECONDS, bearer)
    print(f"page with the table:  {page:.0f} requests/s")


async def upload(session: aiohttp.ClientSession, memory: Memory, account: str, region: str) -> None:
    """One large file into a bucket, beside `aws s3 cp`."""
    bucket = "nephoscope-bench"
    token = await token_of(session, "operator")
    bearer = {"Authorization": f"Bearer {token}"}
    wanted = {"name": bucket, "account": account, "region": region}
    async with session.post(f"{BASE}/api/s3/create", json=wanted, headers=bearer) as answer:
        assert answer.status in (200, 409), await answer.text()
    with tempfile.NamedTemporaryFile() as file:
        await asyncio.to_thread(_fill, Path(file.name))
        target = f"{BASE}/api/s3/upload?bucket={bucket}&account={account}&region={region}&overwrite=true&key=large"
        command = ["curl", "--silent", "--show-error", "--fail", "-X", "POST", "-T", file.name]
        command += ["-H", f"Authorization: Bearer {token}", "-H", "Content-Type: application/octet-stream", target]
        before = memory.now_mib()
        memory.forget_peak()
        ours: Run = await asyncio.to_thread(run, command)
        grown = memory.peak_mib() - before
        theirs: Run = await asyncio.to_thread(
            aws, CLOUD, account, region, "s3", "cp", "--no-progress", file.name, f"s3://{bucket}/theirs"
        )
    print(
        f"upload of {UPLOAD_MIB} MiB:  {UPLOAD_MIB / ours.seconds:.0f} MiB/s, the server grew by {grown:.0f} MiB; "
        f"aws s3 cp {UPLOAD_MIB / theirs.seconds:.0f} MiB/s with {theirs.peak_mib:.0f} MiB: "
        f"{theirs.seconds / ours.seconds:.2f} × as fast"
    )


def _fill(file: Path) -> None:
    subprocess.run(
        ["dd", "if=/dev/urandom", f"of={file}", "bs=1M", f"count={UPLOAD_MIB}", "status=none"], check=True
    )


def fill_bucket(account: str, region: str) -> str:
    """A bucket with very many keys below one prefix; the address of their page."""
    bucket = "nephoscope-bench-keys"
    config = Config(max_pool_connections=16, s3={"addressing_style": "path"})
    client = boto3.client(
        "s3",
        endpoint_url=MINISTACK,
        region_name=region,
        aws_access_key_id=account,
        aws_secret_access_key="test",
        config=config,
    )
    client.create_bucket(Bucket=bucket)
    with ThreadPoolExecutor(16) as pool:
        for _ in pool.map(
            lambda number: client.put_object(Bucket=bucket, Key=f"logs/{number:07}.json", Body=b"{}"), range(KEYS)
        ):
            pass
    return f"/s3/{bucket}?at={account}/{region}&prefix=logs/"


def in_a_browser(account: str, region: str) -> None:
    """How a page of all instances, and one of very many keys, feel."""
    page = fill_bucket(account, region) if KEYS else ""
    password = os.environ["DEMO_VIEWER_PASSWORD"]
    command = ["node", "bench/frames.js", BASE, "viewer", password, page]
    print(f"in Chromium, with 5,000 instances and {KEYS:,} keys:", flush=True)
    subprocess.run(command, check=True)


async def main() -> None:
    """All figures, in an order in which none disturbs another."""
    memory = Memory(int(BASE.rsplit(":", 1)[1]))
    # Each viewer keeps a connection; by default there are 100 for all.
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        token = await token_of(session, "viewer")
        session.headers["Authorization"] = f"Bearer {token}"
        async with session.get(f"{BASE}/api/ec2/instances") as answer:
            account, region = largest_place(await answer.json())
        await lists(session, token, account, region)
        print(f"memory of the server: {memory.now_mib():.0f} MiB")
        await upload(session, memory, account, region)
        await asyncio.to_thread(in_a_browser, account, region)
        one = await aws_calls_of_viewers(session, 1, 12)
        many = await aws_calls_of_viewers(session, VIEWERS, 12)
        print(f"calls to AWS in 12 s: {one} for one viewer, {many} for {VIEWERS}")
        print(f"memory of the server: {memory.now_mib():.0f} MiB")


asyncio.run(main())
