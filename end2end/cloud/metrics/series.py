"""The metrics there are, and their samples.

Two kinds: made-up ones, of the seeded resources, which reach two weeks back; and put ones, from
PutMetricData, the heartbeat and real Lambda invocations. A metric may be both, and is then the
sum of its samples.
"""

from __future__ import annotations

import math
import time
from bisect import insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cloud.metrics.curves import DAY, day_values
from cloud.metrics.samples import Sample, single

#: How far back the made-up histories reach.
HISTORY = 14 * DAY

#: Dimensions in the order of their names, which do not matter to identity.
Dimensions = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class MetricId:
    """What names a metric in an account and region."""

    account: str
    region: str
    namespace: str
    name: str
    dimensions: Dimensions


def dimensions_of(pairs: dict[str, str]) -> Dimensions:
    """Dimensions from names and values."""
    return tuple(sorted(pairs.items()))


#: The spans within (start, end) in which the resource lived.
Lifetime = Callable[[float, float], list[tuple[float, float]]]


def always(start: float, end: float) -> list[tuple[float, float]]:
    """The lifetime of a resource that has always been there."""
    return [(start, end)]


@dataclass(frozen=True)
class Curve:
    """A made-up metric: a percentage by ``profile``, turned into the metric's own value."""

    unit: str
    profile: str
    #: Seconds between samples.
    step: int
    #: Series with the same key share their curve: CPU and network rise together.
    key: str
    lifetime: Lifetime = always
    #: From the percentage to the sample at a time.
    shape: Callable[[float, float], Sample] = single

    def samples(self, start: float, end: float) -> Iterator[Sample]:
        """The samples from ``start`` (inclusive) to ``end`` (exclusive), never later than now."""
        now = time.time()
        for low, high in self.lifetime(max(start, now - HISTORY), min(end, now + 1e-6)):
            index, last = math.ceil(low / self.step), math.ceil(high / self.step)
            per_day = DAY // self.step
            while index < last:
                day = index // per_day
                values = day_values(self.key, self.profile, self.step, day)
                until = min(last, (day + 1) * per_day)
                for at in range(index, until):
                    yield self.shape(float(at * self.step), values[at - day * per_day])
                index = until

    def alive(self, start: float, end: float) -> bool:
        """Whether the metric may have samples in a span of time."""
        return bool(self.lifetime(start, end))


class PutSeries:
    """A metric as it was put."""

    def __init__(self, unit: str) -> None:
        self.unit = unit
        self._samples: list[Sample] = []

    def add(self, sample: Sample) -> None:
        """Take a sample, wherever in time it belongs; what is older than the histories goes."""
        insort(self._samples, sample)
        if len(self._samples) % 1024 == 0:
            horizon = time.time() - HISTORY
            self._samples = [kept for kept in self._samples if kept.time >= horizon]

    def samples(self, start: float, end: float) -> Iterator[Sample]:
        """The samples from ``start`` (inclusive) to ``end`` (exclusive)."""
        return (sample for sample in self._samples if start <= sample.time < end)

    def alive(self, start: float, end: float) -> bool:
        """Whether there are samples in a span of time."""
        return any(True for _ in self.samples(start, end))
