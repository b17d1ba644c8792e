"""What `make bench` measures, against a running demo of 5,000 instances.

Each figure stands beside the same work done by something else in the same minute on the same machine, and is told as a ratio:
machines differ, ratios much less.
"""

import asyncio
import os
import statistics
import time
from pathlib import Path

import aiohttp
import boto3

BASE = os.environ["DEMO_URL"]
CLOUD = os.environ["DEMO_CLOUD_URL"]
RUNS = 5
WARM_SECONDS = 5.0
CLIENTS = 8
VIEWERS = 100


def best_of(runs: int, work) -> float:
    """The median of some runs, in seconds."""
    times = []
    for _ in range(runs):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def largest_place(token_listing: dict) -> tuple[str, str]:
    """The account and region with most instances, so that both sides list the same."""
    counts: dict[tuple[str, str], int] = {}
    for instance in token_listing["items"]:
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


def server_memory_mib() -> float:
    """Resident memory of the process that listens on the server's port."""
    port = int(BASE.rsplit(":", 1)[1])
    inodes = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A" and int(fields[1].split(":")[1], 16) == port:
            inodes.add(f"socket:[{fields[9]}]")
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(os.readlink(fd) in inodes for fd in (process / "fd").iterdir()):
                for line in (process / "status").read_text().splitlines():
                    if line.startswith("VmRSS:"):
                        return int(line.split()[1]) / 1024
        except OSError:
            continue
    return float("nan")


async def requests_per_second(session: aiohttp.ClientSession, url: str) -> float:
    """How many answers a few clients get, one after the other each."""
    deadline = time.perf_counter() + WARM_SECONDS
    done = 0

    async def client() -> None:
        nonlocal done
        while time.perf_counter() < deadline:
            async with session.get(url) as answer:
                await answer.read()
                assert answer.status == 200, answer.status
            done += 1

    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return done / WARM_SECONDS


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


async def main() -> None:
    # Each viewer keeps a connection; by default there are 100 for all.
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        credentials = {"username": "viewer", "password": os.environ["DEMO_VIEWER_PASSWORD"]}
        async with session.post(f"{BASE}/api/authenticate", json=credentials) as answer:
            session.headers["Authorization"] = f"Bearer {(await answer.json())['token']}"
        async with session.get(f"{BASE}/api/ec2/instances") as answer:
            account, region = largest_place(await answer.json())
        place = f"account={account}&region={region}"

        print(f"{list_with_boto3(account, region):,} instances in {account} {region}")
        sdk = best_of(RUNS, lambda: list_with_boto3(account, region))
        cold = []
        for _ in range(RUNS):
            await asyncio.sleep(1.1)  # a refresh within a second is shared, and would measure the cache
            begun = time.perf_counter()
            async with session.get(f"{BASE}/api/ec2/instances?{place}&fresh=true") as answer:
                await answer.read()
            cold.append(time.perf_counter() - begun)
        print(f"list, asked of AWS:   {statistics.median(cold):.2f} s; boto3 {sdk:.2f} s; ratio {sdk / statistics.median(cold):.1f}")

        warm = await requests_per_second(session, f"{BASE}/api/ec2/instances?{place}")
        print(f"list, known:          {warm:.0f} requests/s of {CLIENTS} clients; {warm * sdk:.0f} × boto3")
        page = await requests_per_second(session, f"{BASE}/ec2?{place}")
        print(f"page with the table:  {page:.0f} requests/s")
        print(f"memory of the server: {server_memory_mib():.0f} MiB")

        one = await aws_calls_of_viewers(session, 1, 12)
        many = await aws_calls_of_viewers(session, VIEWERS, 12)
        print(f"calls to AWS in 12 s: {one} for one viewer, {many} for {VIEWERS}")


asyncio.run(main())
