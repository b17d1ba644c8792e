"""The instances of an account and region, parsed once and kept as MiniStack's change.

All calls pass through the front, so it knows when its copy is stale: an action on instances
refreshes these alone, any other change to EC2 the whole fleet. That keeps a page of 5,000
instances quick, which MiniStack takes seconds to write out.
"""

from __future__ import annotations

import asyncio
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from datetime import UTC, datetime

from cloud.awscall import AwsCaller, AwsCallFailed
from cloud.ec2.history import RunHistory
from cloud.ec2.instance import Instance
from cloud.ec2.wire import parse, text_of


class Fleet:
    """The instances of one account and region, by id, in MiniStack's order."""

    def __init__(self, caller: AwsCaller, history: RunHistory, account: str, region: str) -> None:
        self._history = history
        self.account = account
        self.region = region
        self.instances: dict[str, Instance] = {}
        self._caller = caller
        self._stale = True
        self._lock = asyncio.Lock()

    def invalidate(self) -> None:
        """Have the whole fleet read again before its next use."""
        self._stale = True

    async def load(self) -> dict[str, Instance]:
        """The instances by id, read anew if need be."""
        async with self._lock:
            if self._stale:
                self._stale = False
                try:
                    await self._read({})
                except AwsCallFailed:
                    self._stale = True
                    raise
        return self.instances

    async def refresh(self, ids: Iterable[str]) -> None:
        """Read some instances anew, after an action on them."""
        ids = list(ids)
        if ids and not self._stale:
            await self._read({f"InstanceId.{n}": instance_id for n, instance_id in enumerate(ids, 1)})

    async def _read(self, params: dict[str, str]) -> None:
        body = await self._caller.query("ec2", self.account, self.region, "DescribeInstances", **params)
        tree = await asyncio.to_thread(parse, body)
        seen = set()
        for reservation in tree.iterfind("reservationSet/item"):
            for element in reservation.iterfind("instancesSet/item"):
                seen.add(self._take(reservation, element))
        if not params:
            # MiniStack drops an instance a minute after its termination; AWS shows it for an hour.
            for instance_id, instance in self.instances.items():
                if instance_id not in seen:
                    instance.forget()
        await self._read_addresses()

    def _take(self, reservation: ET.Element, element: ET.Element) -> str:
        instance_id = text_of(element, "instanceId")
        known = self.instances.get(instance_id)
        if known is None:
            made = Instance(element, text_of(reservation, "reservationId"), text_of(reservation, "ownerId"))
            ended = self._history.ended(instance_id)
            if ended is not None:
                made.explain_end(datetime.fromtimestamp(ended, UTC))
            seeded = self._history.seeded(instance_id)
            if seeded is not None:
                made.hibernates, made.protected = seeded.hibernates, seeded.protected
                made.impaired = seeded.impaired
            self.instances[instance_id] = made
        else:
            known.update(element)
        return instance_id

    async def _read_addresses(self) -> None:
        body = await self._caller.query("ec2", self.account, self.region, "DescribeAddresses")
        elastic = {
            text_of(item, "instanceId"): text_of(item, "publicIp")
            for item in parse(body).iterfind("addressesSet/item")
        }
        for instance_id, instance in self.instances.items():
            address = elastic.get(instance_id, "")
            if address != instance.elastic_ip:
                instance.elastic_ip = address
                instance.forget_rendering()


class Fleets:
    """All fleets, by account and region."""

    def __init__(self, caller: AwsCaller, history: RunHistory) -> None:
        self._caller = caller
        self._history = history
        self._fleets: dict[tuple[str, str], Fleet] = {}

    def of(self, account: str, region: str) -> Fleet:
        """The fleet of an account and region."""
        key = (account, region)
        if key not in self._fleets:
            self._fleets[key] = Fleet(self._caller, self._history, account, region)
        return self._fleets[key]
