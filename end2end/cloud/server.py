"""The cloud's life: start MiniStack, seed it, serve the front, stop everything."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import aiohttp
from aiohttp import web

from cloud.clock import Clock
from cloud.estate import ACCOUNTS, REGIONS, Estate, build_estate
from cloud.front import Front
from cloud.heartbeat import Heartbeat
from cloud.ministack import Ministack, MinistackFailed
from cloud.seed.buckets import seed_buckets
from cloud.seed.containers import seed_containers
from cloud.seed.ec2 import write_ec2
from cloud.seed.identity import seed_identity
from cloud.seed.lambdas import seed_lambdas
from cloud.seed.logs import write_logs

logger = logging.getLogger(__name__)

HOST = "127.0.0.1"

#: Presigned addresses and session tokens are long.
_MAX_HEADER = 64 * 1024

EXIT_OK, EXIT_FAILED, EXIT_USAGE = 0, 1, 2


@dataclass(frozen=True)
class Settings:
    """What the command line decides."""

    port: int
    ministack_port: int
    size: str
    state_dir: Path
    seed_date: date | None
    transition_seconds: float
    heartbeat: bool


def port_in_use(port: int) -> bool:
    """Whether something already listens on this loopback port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
    return False


async def serve(settings: Settings) -> int:
    """Run the cloud until a signal, or until MiniStack dies; returns the exit code."""
    if settings.port == settings.ministack_port:
        print(f"cloud: --port and --ministack-port are both {settings.port}", file=sys.stderr)
        return EXIT_USAGE
    for port, flag in ((settings.port, "--port"), (settings.ministack_port, "--ministack-port")):
        if port_in_use(port):
            print(f"cloud: port {port} is in use; choose another with {flag}", file=sys.stderr)
            return EXIT_USAGE
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signum, stopping.set)

    settings.state_dir.mkdir(parents=True, exist_ok=True)
    ministack = Ministack(settings.ministack_port, settings.state_dir)
    running = asyncio.create_task(_run(settings, ministack))
    stop = asyncio.create_task(stopping.wait())
    try:
        await asyncio.wait((running, stop), return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
        return EXIT_OK
    except MinistackFailed as error:
        print(f"cloud: {error}", file=sys.stderr)
        return EXIT_FAILED
    finally:
        for task in (running, stop):
            task.cancel()
        await asyncio.gather(running, stop, return_exceptions=True)
        await ministack.stop()


async def _run(settings: Settings, ministack: Ministack) -> None:
    """Serve until cancelled; raises MinistackFailed when MiniStack ends by itself."""
    begun = time.monotonic()
    seed_date = settings.seed_date or datetime.now(UTC).date()
    estate = build_estate(seed_date, settings.size)
    # No total timeout: a live tail lasts for hours. No limit: each viewer may hold one.
    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=10)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout, auto_decompress=False) as session:
        clock = Clock(settings.seed_date)
        front = Front(session, ministack.url, estate, clock, settings.transition_seconds)
        # Bodies pass through as they came: an object stored as gzip must arrive as gzip.
        runner = web.AppRunner(
            front.application(), access_log=None, shutdown_timeout=1.0,
            auto_decompress=False, max_line_size=_MAX_HEADER, max_field_size=_MAX_HEADER,
        )  # fmt: skip
        await runner.setup()
        try:
            await web.TCPSite(runner, HOST, settings.port).start()
            await _seed(front, ministack, estate)
            front.summary |= {"size": settings.size, "seconds_to_ready": round(time.monotonic() - begun, 2)}
            front.ready = True
            print(
                f"cloud: ready on http://{HOST}:{settings.port} after {front.summary['seconds_to_ready']} s",
                flush=True,
            )
            beating = asyncio.create_task(_beat(front, estate, settings.heartbeat))
            try:
                raise MinistackFailed(await ministack.wait())
            finally:
                beating.cancel()
        finally:
            await runner.cleanup()


async def _seed(front: Front, ministack: Ministack, estate: Estate) -> None:
    """Write MiniStack's state files, start it, and fill in the rest through its API."""
    folder = ministack.prepare()
    write_ec2(folder, estate)
    lines = write_logs(folder, estate)
    await ministack.start()
    _, objects, functions, services, _ = await asyncio.gather(
        seed_identity(front.caller),
        seed_buckets(front.caller, estate.seed_date),
        seed_lambdas(front.caller),
        seed_containers(front.caller),
        _load_fleets(front),
    )
    front.summary |= {
        "ministack_pid": ministack.pid,
        "seed_date": str(estate.seed_date),
        "accounts": [{"id": account.id, "name": account.name} for account in ACCOUNTS],
        "regions": list(REGIONS),
        "instances": len(estate.instances),
        "objects": objects,
        "functions": functions,
        "ecs_services": services,
        "log_lines": lines,
    }


async def _load_fleets(front: Front) -> None:
    for account in ACCOUNTS:
        for region in REGIONS:
            await front.fleets.of(account.id, region).load()


async def _beat(front: Front, estate: Estate, wanted: bool) -> None:
    if wanted:
        await Heartbeat(front.caller, front.metrics, estate).run()
