"""What day it is in the demo cloud.

Costs are a function of the day. Normally that is the real one; with ``--seed-date`` it is pinned,
so that a test can state exact figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime


@dataclass(frozen=True)
class Clock:
    """The cloud's calendar: pinned to a date, or following the real one."""

    pinned: date | None = None

    def today(self) -> date:
        """Today in UTC, which is the day by which AWS bills."""
        return self.pinned or datetime.now(UTC).date()
