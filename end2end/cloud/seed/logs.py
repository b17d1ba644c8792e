"""CloudWatch Logs' state file: groups, streams and the lines of the last hours."""

from __future__ import annotations

import time
from pathlib import Path
from random import Random
from typing import Any

from cloud.estate import Estate, digest
from cloud.loglines import LogGroup, log_groups
from cloud.seed.state import RegionalStore, write_state

_LINES_PER_STREAM = 120
_HISTORY_SECONDS = 6 * 3600
_DAY_MS = 86_400_000


def write_logs(folder: Path, estate: Estate) -> int:
    """Write the state file that MiniStack's logs start from; returns the number of lines."""
    store = RegionalStore()
    now = time.time()
    lines = 0
    for group in log_groups(estate):
        streams = {stream: _stream(group, stream, now) for stream in group.streams}
        lines += sum(len(stream["events"]) for stream in streams.values())
        arn = f"arn:aws:logs:{group.region}:{group.account}:log-group:{group.name}:*"
        store.put(group.account, group.region, group.name, {
            "arn": arn,
            "creationTime": int(now * 1000) - 200 * _DAY_MS,
            "retentionInDays": group.retention,
            "logGroupClass": "STANDARD",
            "kmsKeyId": None,
            "tags": {"Service": group.name.rsplit("/", 1)[-1]},
            "subscriptionFilters": {},
            "streams": streams,
        })  # fmt: skip
    write_state(folder, "cloudwatch_logs", {"log_groups": store})
    return lines


def _stream(group: LogGroup, stream: str, now: float) -> dict[str, Any]:
    """A stream with lines at irregular times, denser towards now."""
    rng = Random(digest("log", group.account, group.region, group.name, stream))
    ages = sorted((rng.random() ** 2 * _HISTORY_SECONDS + 2 for _ in range(_LINES_PER_STREAM)), reverse=True)
    events: list[dict[str, Any]] = [
        {
            "timestamp": int((now - age) * 1000),
            "message": group.writer(rng),
            "ingestionTime": int((now - age) * 1000) + rng.randrange(20, 900),
            "eventId": f"{rng.getrandbits(128):032x}",
        }
        for age in ages
    ]
    return {
        "events": events,
        "uploadSequenceToken": "1",
        "creationTime": events[0]["timestamp"] - _DAY_MS,
        "firstEventTimestamp": events[0]["timestamp"],
        "lastEventTimestamp": events[-1]["timestamp"],
        "lastIngestionTime": events[-1]["ingestionTime"],
    }
