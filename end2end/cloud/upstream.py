"""Passing requests on to MiniStack, as they are, streaming both ways."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager

import aiohttp
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

from cloud.operations import Call
from cloud.sigv4 import Callers

#: RFC 9110 7.6.1: these belong to one connection. Expect was answered by our own server.
_HOP_BY_HOP = frozenset(
    (
        *("connection", "keep-alive", "proxy-connection", "te", "trailer"),
        *("transfer-encoding", "upgrade", "expect"),
    )
)

#: The SDKs prefix the host for some operations (StartLiveTail, S3 Object Lambda and the like).
_HOST_PREFIXES = ("stream-", "data-", "streaming-")

_CHUNK = 64 * 1024

#: Status, headers and body.
Answer = tuple[int, "CIMultiDict[str]", bytes]

#: Passes the request at hand on and returns the answer.
Forward = Callable[[], Awaitable[Answer]]


class Upstream:
    """MiniStack, seen from the front."""

    def __init__(self, session: aiohttp.ClientSession, endpoint: str, callers: Callers) -> None:
        self._session = session
        self._endpoint = endpoint
        self._callers = callers
        self._open: dict[asyncio.Task[object], tuple[Call, asyncio.Transport]] = {}

    def cut(self, matches: Callable[[Call], bool]) -> int:
        """Break the connections of the answers now streaming for which ``matches(call)``."""
        cut = [transport for call, transport in self._open.values() if matches(call)]
        for transport in cut:
            transport.abort()
        return len(cut)

    async def read(self, request: web.Request, call: Call, body: bytes) -> Answer:
        """Pass a request on and read the whole answer, for the front to look at."""
        async with self._send(request, call, body) as answer:
            return answer.status, _response_headers(answer), await answer.read()

    async def stream(self, request: web.Request, call: Call, body: bytes | None) -> web.StreamResponse:
        """Pass a request on and its answer back, piece by piece.

        ``body`` is what the front has already read of it, or None if it has not touched it.
        """
        data = body if body is not None else _body_of(request)
        async with self._send(request, call, data) as answer:
            response = web.StreamResponse(status=answer.status, headers=_response_headers(answer))
            with self._registered(request, call):
                await response.prepare(request)
                try:
                    async for chunk in answer.content.iter_any():
                        await response.write(chunk)
                    await response.write_eof()
                except ConnectionError:
                    pass  # The caller has left; leaving the block closes MiniStack's side too.
            return response

    def _send(
        self, request: web.Request, call: Call, data: object
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        path, headers = request.raw_path, _request_headers(request)
        stand_in = self._callers.stand_in(call.access_key)
        if stand_in != call.access_key:
            path = path.replace(call.access_key, stand_in)
            if "Authorization" in headers:
                headers["Authorization"] = headers["Authorization"].replace(call.access_key, stand_in)
        if isinstance(data, bytes):
            # The front may have changed it, and the length is counted anew.
            headers.popall("Content-Length", None)
        # Encoded already: decoding and encoding again would change S3 keys and break signatures.
        url = URL(self._endpoint + path, encoded=True)
        return self._session.request(request.method, url, data=data, headers=headers, allow_redirects=False)

    @contextlib.contextmanager
    def _registered(self, request: web.Request, call: Call) -> Iterator[None]:
        task, transport = asyncio.current_task(), request.transport
        if task is None or transport is None:
            yield
            return
        self._open[task] = (call, transport)
        try:
            yield
        finally:
            del self._open[task]


def _body_of(request: web.Request) -> object:
    return request.content.iter_chunked(_CHUNK) if request.can_read_body else None


def _request_headers(request: web.Request) -> CIMultiDict[str]:
    headers = CIMultiDict((k, v) for k, v in request.headers.items() if k.lower() not in _HOP_BY_HOP)
    host = headers.get("Host", "")
    for prefix in _HOST_PREFIXES:
        if host.startswith(prefix):
            headers["Host"] = host.removeprefix(prefix)
    return headers


def _response_headers(answer: aiohttp.ClientResponse) -> CIMultiDict[str]:
    return CIMultiDict((k, v) for k, v in answer.headers.items() if k.lower() not in _HOP_BY_HOP)
