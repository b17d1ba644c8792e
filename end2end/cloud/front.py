"""The front: every AWS call comes through here, and most go straight on to MiniStack."""

from __future__ import annotations

import time
from typing import Any

import aiohttp
from aiohttp import web

from cloud.awscall import AwsCaller
from cloud.bucketpolicy import policy_status
from cloud.calls import CallLog
from cloud.clock import Clock
from cloud.control import control_routes
from cloud.costs import pricelist
from cloud.costs.service import CostExplorer
from cloud.ec2.fleet import Fleets
from cloud.ec2.history import RunHistory
from cloud.ec2.service import Ec2
from cloud.estate import Estate
from cloud.faults import Faults, invalid_key
from cloud.lambdas import ID_HEADER
from cloud.logfilter import filter_events
from cloud.metrics.service import Metrics
from cloud.operations import Call, needs_body, read_operation
from cloud.protocols import error_response
from cloud.sigv4 import Callers, read_scope
from cloud.upstream import Answer, Forward, Upstream

#: Operations whose answers hold new credentials.
_ISSUING = frozenset(
    (
        *("AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity", "AssumeRoot"),
        *("GetSessionToken", "GetFederationToken", "CreateAccessKey"),
    )
)

#: S3's largest single PUT is 5 GiB; what we read into memory is far smaller.
_MAX_BODY = 6 * 1024**3


class Front:
    """The parts of the front, and the order in which they see a request."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        endpoint: str,
        estate: Estate,
        clock: Clock,
        transition_seconds: float,
    ) -> None:
        self.started = time.time()
        self.ready = False
        self.summary: dict[str, Any] = {}
        self.caller = AwsCaller(session, endpoint)
        self.callers = Callers()
        self.upstream = Upstream(session, endpoint, self.callers)
        self.calls = CallLog()
        self.faults = Faults()
        self.history = RunHistory(estate)
        self.fleets = Fleets(self.caller, self.history)
        self.ec2 = Ec2(self.caller, self.fleets, self.history, transition_seconds)
        self.metrics = Metrics(estate, self.history)
        self.costs = CostExplorer(estate, clock)

    def application(self) -> web.Application:
        """The web application."""
        app = web.Application(client_max_size=_MAX_BODY)
        app.add_routes(control_routes(self))
        app.add_routes([web.route("*", "/{path:.*}", self._handle)])
        return app

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        scope = read_scope(request.headers, request.query)
        body = await request.read() if needs_body(scope, request.headers, request.path) else None
        service, operation, protocol, params = read_operation(
            scope, request.method, request.path, request.query, request.headers, body or b""
        )
        call = Call(
            service=service,
            operation=operation,
            protocol=protocol,
            account=self.callers.account(scope.access_key),
            region=scope.region,
            access_key=scope.access_key,
            caller=self.callers.arn(scope.access_key),
            params=params,
        )
        if not self.ready:
            return error_response(protocol, 503, "ServiceUnavailable", "The demo cloud is being seeded.")
        if not request.path.startswith("/_ministack/"):
            self.calls.record(call)
            if not self.callers.knows(scope.access_key):
                return invalid_key(protocol)
            struck = await self.faults.strike(call, request)
            if struck is not None:
                return struck

        async def forward() -> Answer:
            return await self.upstream.read(request, call, body or b"")

        match service:
            case "ec2":
                answer = await self.ec2.handle(call, forward)
            case "ce":
                answer = self.costs.handle(call, body or b"")
            case "pricing":
                answer = pricelist.handle(call, body or b"")
            case "monitoring":
                answer = await self.metrics.handle(call, body or b"", forward)
            case "sts" | "iam" if operation in _ISSUING:
                return await self._learn_key(call, forward)
            case "s3" if operation == "GetBucketPolicyStatus":
                answer = await policy_status(self.caller, call, request.path)
            case "lambda" if operation == "Invoke":
                return await self._note_invocation(request, call)
            case "logs" if operation == "FilterLogEvents":
                answer = await filter_events(self.upstream, request, call, body or b"")
            case _:
                answer = None
        return answer if answer is not None else await self.upstream.stream(request, call, body)

    async def _learn_key(self, call: Call, forward: Forward) -> web.Response:
        """Pass on a call that issues credentials, and note whose they are."""
        status, headers, answer = await forward()
        if status == 200:
            self.callers.learn(answer.decode("utf-8", "replace"), call.access_key)
        headers.popall("Content-Length", None)
        return web.Response(status=status, headers=headers, body=answer)

    async def _note_invocation(self, request: web.Request, call: Call) -> web.StreamResponse:
        """Pass a Lambda invocation on and count it in AWS/Lambda's metrics."""
        started = time.time()
        status, headers, answer = await self.upstream.read(request, call, await request.read())
        invocation = headers.popall(ID_HEADER, None)
        if invocation:
            headers.popall("x-amzn-RequestId", None)
            headers["x-amzn-RequestId"] = invocation[0]
        headers.popall("Content-Length", None)
        response = web.Response(status=status, headers=headers, body=answer)
        function = request.path.split("/functions/")[1].split("/")[0].split(":")[-1]
        failed = "X-Amz-Function-Error" in response.headers
        if response.status < 300:
            self.metrics.note_invocation(
                call.account, call.region, function, time.time() - started, failed=failed
            )
        return response
