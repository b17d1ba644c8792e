"""The shapes of metrics over a day: made up, but by rule, so that each look at them is the same.

A curve is computed a day at a time, as an array of one value per step, and kept: charts ask for
the same days again and again.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable
from functools import lru_cache
from random import Random

from cloud.estate import digest

DAY = 86_400

#: Turns a Unix time and a noise value (mean 0, spread about 1) into a percentage.
Shape = Callable[[float, float], float]


def _daily(time: float, peak_hour: float = 14.0) -> float:
    """The rhythm of customers: 0 in the depth of night, 1 at the peak, quieter at weekends."""
    hour = time % DAY / 3600
    wave = (1 + math.cos((hour - peak_hour) / 24 * math.tau)) / 2
    weekday = int(time // DAY + 3) % 7  # 1970-01-01 was a Thursday; 0 is Monday.
    return math.pow(wave, 1.5) * (0.7 if weekday >= 5 else 1.0)


def _web(time: float, noise: float) -> float:
    return 14 + 38 * _daily(time) + 3 * noise


def _quiet(time: float, noise: float) -> float:
    return 3 + 7 * _daily(time) + 1.2 * noise


def _idle(_: float, noise: float) -> float:
    return 1.6 + 0.4 * noise


def _worker(time: float, noise: float) -> float:
    sawtooth = time % 1200 / 1200  # A queue that fills for twenty minutes and is then worked off.
    return 22 + 30 * sawtooth + 10 * _daily(time) + 3 * noise


def _spiky(time: float, noise: float) -> float:
    half_hour = int(time // 1800)
    burst = digest("burst", half_hour) % 5 == 0 and time % 1800 < 900
    return (78 if burst else 5) + 5 * noise


def _batch(time: float, noise: float) -> float:
    hour = time % DAY / 3600
    return (82 if 2 <= hour < 4.5 else 2.5) + 2 * abs(noise)


def _hot(_: float, noise: float) -> float:
    return 90 + 2.2 * noise


SHAPES: dict[str, Shape] = {
    "web": _web, "quiet": _quiet, "idle": _idle, "worker": _worker,
    "spiky": _spiky, "batch": _batch, "hot": _hot,
}  # fmt: skip


@lru_cache(maxsize=8192)
def day_values(key: str, profile: str, step: int, day: int) -> array[float]:
    """The percentages of a curve on a day (counted from the epoch), one for each ``step`` seconds."""
    rng = Random(digest("curve", key, day))
    shape = SHAPES[profile]
    offset = (digest("offset", key) % 2000) / 1000 - 1
    values = array("d")
    drift = 0.0
    for second in range(0, DAY, step):
        # A little memory makes noise look like load rather than like a broken sensor.
        drift = 0.8 * drift + 0.45 * (rng.random() * 4 - 2)
        values.append(min(99.8, max(0.1, shape(day * DAY + second, drift) + offset)))
    return values
