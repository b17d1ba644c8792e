"""A count of the AWS calls that came through, so that tests can prove how few were made."""

from __future__ import annotations

import time
from collections import Counter, deque
from typing import Any

from cloud.operations import Call

_KEPT = 200_000


class CallLog:
    """The latest calls, counted on demand by service, operation, account and region."""

    def __init__(self) -> None:
        self._calls: deque[tuple[float, str, str, str, str]] = deque(maxlen=_KEPT)

    def record(self, call: Call) -> None:
        """Note a call at the time of its arrival, whatever its outcome."""
        self._calls.append((time.time(), call.service, call.operation, call.account, call.region))

    def clear(self) -> None:
        """Forget all calls."""
        self._calls.clear()

    def report(self, since: float = 0.0) -> dict[str, Any]:
        """The counts since a Unix time in seconds, most frequent first."""
        counts = Counter(call[1:] for call in self._calls if call[0] >= since)
        return {
            "now": time.time(),
            "total": counts.total(),
            "calls": [
                {"service": service, "operation": operation, "account": account, "region": region, "count": n}
                for (service, operation, account, region), n in counts.most_common()
            ],
        }
