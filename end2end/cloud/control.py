"""The cloud's own doors, under ``/_cloud/``: health, faults, calls, and helpers for tests."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from aiohttp import web

from cloud.awscall import AwsCallFailed
from cloud.faults import BadFault

if TYPE_CHECKING:
    from cloud.front import Front


def control_routes(front: Front) -> list[web.RouteDef]:
    """The routes of the control interface."""
    control = _Control(front)
    return [
        web.get("/_cloud/health", control.health),
        web.get("/_cloud/faults", control.list_faults),
        web.post("/_cloud/faults", control.add_fault),
        web.delete("/_cloud/faults", control.clear_faults),
        web.delete("/_cloud/faults/{id}", control.remove_fault),
        web.get("/_cloud/calls", control.report_calls),
        web.delete("/_cloud/calls", control.clear_calls),
        web.post("/_cloud/logs", control.write_logs),
        web.post("/_cloud/metrics", control.write_metrics),
        web.route("*", "/_cloud/{path:.*}", control.unknown),
    ]


class _Control:
    def __init__(self, front: Front) -> None:
        self._front = front

    async def health(self, _: web.Request) -> web.Response:
        ready = self._front.ready
        document = {"ready": ready, "started": self._front.started, **self._front.summary}
        return web.json_response(document, status=200 if ready else 503)

    async def unknown(self, request: web.Request) -> web.Response:
        return _bad(f"there is no {request.method} {request.path}", 404)

    async def add_fault(self, request: web.Request) -> web.Response:
        try:
            fault = self._front.faults.add(await _document(request))
        except BadFault as error:
            return _bad(str(error))
        if fault.kind == "drop":
            # A cut wire also breaks what is already streaming over it.
            self._front.upstream.cut(fault.matches)
        return web.json_response({"id": fault.id}, status=201)

    async def list_faults(self, _: web.Request) -> web.Response:
        return web.json_response({"faults": [fault.describe() for fault in self._front.faults.list()]})

    async def clear_faults(self, _: web.Request) -> web.Response:
        self._front.faults.clear()
        return web.Response(status=204)

    async def remove_fault(self, request: web.Request) -> web.Response:
        known = self._front.faults.remove(request.match_info["id"])
        return web.Response(status=204) if known else _bad("no such fault", 404)

    async def report_calls(self, request: web.Request) -> web.Response:
        try:
            since = float(request.query.get("since", "0"))
        except ValueError:
            return _bad("since must be a Unix time in seconds")
        return web.json_response(self._front.calls.report(since))

    async def clear_calls(self, _: web.Request) -> web.Response:
        self._front.calls.clear()
        return web.Response(status=204)

    async def write_logs(self, request: web.Request) -> web.Response:
        """Write lines to a log stream now; group and stream are made if they are not there."""
        try:
            document = await _document(request)
            account, region = document["account"], document["region"]
            group, stream = document["group"], document["stream"]
        except (BadFault, KeyError) as error:
            return _bad(f"account, region, group, stream and message(s) are needed: {error}")
        messages = document.get("messages") or [document.get("message", "")]
        target = "Logs_20140328."
        for action, members in (
            ("CreateLogGroup", {"logGroupName": group}),
            ("CreateLogStream", {"logGroupName": group, "logStreamName": stream}),
        ):
            try:
                await self._front.caller.json("logs", account, region, target + action, **members)
            except AwsCallFailed as error:
                if "ResourceAlreadyExistsException" not in str(error):
                    return _bad(str(error), 502)
        now = int(time.time() * 1000)
        events = [{"timestamp": now, "message": str(message)} for message in messages]
        try:
            await self._front.caller.json(
                "logs", account, region, target + "PutLogEvents",
                logGroupName=group, logStreamName=stream, logEvents=events,
            )  # fmt: skip
        except AwsCallFailed as error:
            return _bad(str(error), 502)
        return web.json_response({"written": len(events), "timestamp": now}, status=201)

    async def write_metrics(self, request: web.Request) -> web.Response:
        """Put metric values now: ``{account, region, namespace, metric, dimensions, value(s)}``."""
        try:
            document = await _document(request)
            count = self._front.metrics.put_values(document)
        except (BadFault, KeyError, TypeError, ValueError) as error:
            return _bad(f"account, region, namespace, metric and value(s) are needed: {error}")
        return web.json_response({"written": count}, status=201)


async def _document(request: web.Request) -> dict[str, Any]:
    try:
        document = await request.json()
    except json.JSONDecodeError as error:
        raise BadFault(f"not JSON: {error}") from None
    if not isinstance(document, dict):
        raise BadFault("not a JSON object")
    return document


def _bad(text: str, status: int = 400) -> web.Response:
    return web.json_response({"error": text}, status=status)
