"""Samples and the statistics over them, by CloudWatch's rules."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple


class Sample(NamedTuple):
    """What was measured at a time: one value, or a set of them summed up."""

    time: float
    weight: float
    total: float
    low: float
    high: float


def single(time: float, value: float, count: float = 1.0) -> Sample:
    """A sample of ``count`` equal values."""
    return Sample(time, count, value * count, value, value)


@dataclass(frozen=True)
class Bucket:
    """The samples of one period, and its start."""

    start: float
    samples: list[Sample]

    def statistic(self, name: str) -> float | None:
        """A statistic by its name (`Average`, `p95`, …); None where it does not exist."""
        samples = self.samples
        # Always a float: an integer would be one on the wire too, which typed CBOR readers refuse.
        weight = float(sum(sample.weight for sample in samples))
        match name:
            case "SampleCount":
                return weight
            case "Sum":
                return float(sum(sample.total for sample in samples))
            case "Average":
                return sum(sample.total for sample in samples) / weight
            case "Minimum":
                return float(min(sample.low for sample in samples))
            case "Maximum":
                return float(max(sample.high for sample in samples))
            case _:
                return _percentile(samples, float(name[1:]))


_STATISTIC = re.compile(r"SampleCount|Sum|Average|Minimum|Maximum|[pP](100|\d{1,2}(\.\d{1,10})?)")


def is_statistic(name: str) -> bool:
    """Whether this is a statistic that we compute (trimmed means and the like are not)."""
    return _STATISTIC.fullmatch(name) is not None


def _percentile(samples: list[Sample], percent: float) -> float | None:
    """A percentile; CloudWatch has none over sets of unequal values or with negative ones."""
    if any(sample.low != sample.high or sample.low < 0 for sample in samples):
        return None
    ordered = sorted((sample.low, sample.weight) for sample in samples)
    rank = percent / 100 * sum(count for _, count in ordered)
    seen = 0.0
    for value, count in ordered:
        seen += count
        if seen >= rank:
            return value
    return ordered[-1][0]


def buckets(samples: Iterable[Sample], origin: float, period: int) -> Iterator[Bucket]:
    """The samples in periods counted from ``origin``, in order of time; empty periods are left out."""
    found: dict[int, list[Sample]] = {}
    for sample in samples:
        if sample.weight:
            found.setdefault(int((sample.time - origin) // period), []).append(sample)
    for index in sorted(found):
        yield Bucket(origin + index * period, found[index])
