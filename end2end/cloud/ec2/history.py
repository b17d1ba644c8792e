"""When each instance ran: its metrics exist only then."""

from __future__ import annotations

import time
from collections.abc import Iterator

from cloud.estate import Estate, Instance

Interval = tuple[float, float]


class RunHistory:
    """The times during which instances ran, in Unix seconds: seeded, then noted as they change."""

    def __init__(self, estate: Estate) -> None:
        self._intervals: dict[str, list[tuple[float, float | None]]] = {}
        self._scopes: dict[str, tuple[str, str]] = {}
        self._estate = estate
        for instance in estate.instances:
            ended = instance.ended.timestamp() if instance.ended else None
            self._intervals[instance.id] = [(instance.launched.timestamp(), ended)]
            self._scopes[instance.id] = (instance.account, instance.region)

    def seeded(self, instance_id: str) -> Instance | None:
        """The instance as it was seeded, if it was."""
        return self._estate.instance(instance_id)

    def launch(self, instance_id: str, account: str, region: str) -> None:
        """A new instance starts to run now."""
        self._scopes[instance_id] = (account, region)
        self.note(instance_id, running=True)

    def note(self, instance_id: str, *, running: bool) -> None:
        """The instance starts or ceases to run now."""
        intervals = self._intervals.setdefault(instance_id, [])
        is_open = bool(intervals) and intervals[-1][1] is None
        if running and not is_open:
            intervals.append((time.time(), None))
        elif not running and is_open:
            intervals[-1] = (intervals[-1][0], time.time())

    def ended(self, instance_id: str) -> float | None:
        """When the instance last ceased to run; None while it runs."""
        intervals = self._intervals.get(instance_id)
        return intervals[-1][1] if intervals else None

    def scope(self, instance_id: str) -> tuple[str, str] | None:
        """The account and region of an instance."""
        return self._scopes.get(instance_id)

    def __iter__(self) -> Iterator[str]:
        return iter(self._intervals)

    def between(self, instance_id: str, start: float, end: float) -> list[Interval]:
        """The parts of a span of time in which the instance ran."""
        found = []
        for began, ended in self._intervals.get(instance_id, []):
            low, high = max(start, began), min(end, ended if ended is not None else end)
            if low < high:
                found.append((low, high))
        return found
