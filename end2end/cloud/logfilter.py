"""Filter patterns of CloudWatch Logs that MiniStack does not know: any of several words (``?a ?b``)."""

from __future__ import annotations

import json
import shlex

from aiohttp import web

from cloud.operations import Call
from cloud.upstream import Upstream


def any_of(pattern: str) -> list[str] | None:
    """The words of a pattern of which any must be found; None for a pattern of another kind."""
    try:
        words = shlex.split(pattern)
    except ValueError:
        return None
    if not words or not all(word.startswith("?") and len(word) > 1 for word in words):
        return None
    return [word[1:] for word in words]


async def filter_events(
    upstream: Upstream, request: web.Request, call: Call, body: bytes
) -> web.Response | None:
    """The answer to ``FilterLogEvents`` with such a pattern; None where MiniStack's own will do."""
    try:
        document = json.loads(body)
        words = any_of(document.get("filterPattern") or "")
    except (ValueError, AttributeError):
        return None
    if words is None:
        return None
    limit = document.pop("limit", 10_000)
    del document["filterPattern"]
    status, headers, answer = await upstream.read(request, call, json.dumps(document).encode())
    if status == 200:
        found = json.loads(answer)
        found["events"] = [
            event for event in found["events"] if any(word in event["message"] for word in words)
        ][:limit]
        answer = json.dumps(found).encode()
    headers.popall("Content-Length", None)
    return web.Response(status=status, headers=headers, body=answer)
