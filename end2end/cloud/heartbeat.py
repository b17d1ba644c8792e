"""The heartbeat: the demo company at work, so that live pages live.

Each beat writes some log lines; now and then it puts metrics and invokes a Lambda function. It
goes through the front like any client, but as itself: its calls are not counted and no fault
strikes it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
import time
from random import Random

import aiohttp

from cloud.awscall import AwsCaller, AwsCallFailed
from cloud.estate import Estate
from cloud.loglines import LogGroup, log_groups
from cloud.metrics.service import Metrics
from cloud.seed.lambdas import DEPLOYMENTS

logger = logging.getLogger(__name__)

BEAT_SECONDS = 1.0
_METRICS_EVERY = 5
_INVOKE_EVERY = 6


class Heartbeat:
    """Writes into the cloud until cancelled."""

    def __init__(self, caller: AwsCaller, metrics: Metrics, estate: Estate) -> None:
        self._caller = caller
        self._metrics = metrics
        self._groups = log_groups(estate)
        self._rng = Random()

    async def run(self) -> None:
        """Beat for ever; a beat that fails is logged and the next one comes."""
        beat = 0
        while True:
            beat += 1
            try:
                await asyncio.gather(*(self._write(group) for group in self._groups))
                if beat % _METRICS_EVERY == 0:
                    self._put_metrics()
                if beat % _INVOKE_EVERY == 0:
                    await self._invoke(beat // _INVOKE_EVERY)
            except (AwsCallFailed, aiohttp.ClientError) as error:
                logger.warning("heartbeat: %s", error)
            await asyncio.sleep(BEAT_SECONDS)

    async def _write(self, group: LogGroup) -> None:
        lines = int(group.rate) + (self._rng.random() < group.rate % 1)
        if not lines:
            return
        now = int(time.time() * 1000)
        events = [{"timestamp": now, "message": group.writer(self._rng)} for _ in range(lines)]
        await self._caller.json(
            "logs", group.account, group.region, "Logs_20140328.PutLogEvents",
            logGroupName=group.name, logStreamName=self._rng.choice(group.streams), logEvents=events,
        )  # fmt: skip

    def _put_metrics(self) -> None:
        """The shop's own metrics, at a high resolution."""
        wave = 1 + 0.3 * math.sin(time.time() / 40)
        for account, region in sorted(
            {(group.account, group.region) for group in self._groups if group.rate > 1}
        ):
            orders = wave * self._rng.uniform(3, 6)
            for name, value, unit in (
                ("OrdersPlaced", round(orders), "Count"),
                ("CheckoutLatency", 180 * wave * self._rng.uniform(0.8, 1.4), "Milliseconds"),
            ):
                self._metrics.put(account, region, "Shop", name, {"Service": "checkout"}, [value], unit)

    async def _invoke(self, turn: int) -> None:
        account, region, function = DEPLOYMENTS[turn % len(DEPLOYMENTS)]
        order = f"TM-{self._rng.randrange(10**6):06d}"
        event: dict[str, object] = {"order": order, "lines": self._rng.randrange(1, 6)}
        if self._rng.random() < 0.15:
            event |= {"card": "refused", "fail": True}
        started = time.time()
        status, answer = await self._caller.send(
            "lambda", account, region, json.dumps(event).encode(), {"Content-Type": "application/json"},
            path=f"/2015-03-31/functions/{function.name}/invocations",
        )  # fmt: skip
        if status < 300:
            failed = b'"errorType"' in answer
            self._metrics.note_invocation(
                account, region, function.name, time.time() - started, failed=failed
            )
