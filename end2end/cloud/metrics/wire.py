"""CloudWatch's documents on the wire: rpc-v2-cbor, which today's SDKs speak, JSON 1.0, and query."""

from __future__ import annotations

import gzip
import json
import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

import cbor2
from aiohttp import web

from cloud.operations import Call, Protocol


class Timestamp(float):
    """A Unix time that is to be written as a timestamp."""


def read_document(call: Call, body: bytes) -> dict[str, Any]:
    """The request's members, whatever the protocol; raises ValueError for what is none."""
    if body[:2] == b"\x1f\x8b":
        body = gzip.decompress(body)  # The SDKs compress large PutMetricData requests.
    match call.protocol:
        case Protocol.CBOR:
            try:
                document = cbor2.loads(body) if body else {}
            except cbor2.CBORDecodeError as error:
                raise ValueError(f"not CBOR: {error}") from None
        case Protocol.JSON:
            document = json.loads(body or b"{}")
        case _:
            document = _unflatten(call.params)
    if not isinstance(document, dict):
        raise ValueError("the request is not a structure")
    return document


def _unflatten(params: Mapping[str, str]) -> dict[str, Any]:
    """Query parameters such as ``A.member.1.B`` as nested structures and lists."""
    root: dict[str, Any] = {}
    for name, value in params.items():
        node = root
        *path, leaf = name.replace(".member.", ".#").split(".")
        for step in path:
            node = node.setdefault(step, {})
        node[leaf] = value
    document = _lists(root)
    return document if isinstance(document, dict) else {}


def _lists(node: Any) -> Any:
    """Turn members named ``#1``, ``#2`` … into lists."""
    if not isinstance(node, dict):
        return node
    if node and all(re.fullmatch(r"#\d+", key) for key in node):
        return [_lists(node[key]) for key in sorted(node, key=lambda key: int(key[1:]))]
    return {key: _lists(value) for key, value in node.items()}


def read_time(value: Any) -> float:
    """A timestamp of a request as Unix time; raises ValueError."""
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return float(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    raise ValueError(f"{value!r} is not a time")


def write_document(call: Call, document: dict[str, Any]) -> web.Response:
    """A successful answer."""
    headers = {"x-amzn-RequestId": str(uuid.uuid4())}
    match call.protocol:
        case Protocol.CBOR:
            headers |= {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
            body = cbor2.dumps(_plain(document, lambda at: cbor2.CBORTag(1, float(at))))
        case Protocol.JSON:
            headers["Content-Type"] = "application/x-amz-json-1.0"
            body = json.dumps(_plain(document, float)).encode()
        case _:
            headers["Content-Type"] = "text/xml"
            name = call.operation
            inner = _xml(_plain(document, lambda at: f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"))
            body = (
                f'<{name}Response xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/"><{name}Result>{inner}'
                f"</{name}Result><ResponseMetadata><RequestId>{headers['x-amzn-RequestId']}</RequestId>"
                f"</ResponseMetadata></{name}Response>"
            ).encode()
    return web.Response(body=body, headers=headers)


def _plain(value: Any, timestamp: Any) -> Any:
    match value:
        case Timestamp():
            return timestamp(value)
        case dict():
            return {key: _plain(each, timestamp) for key, each in value.items()}
        case list():
            return [_plain(each, timestamp) for each in value]
        case _:
            return value


def _xml(value: Any) -> str:
    match value:
        case dict():
            return "".join(f"<{key}>{_xml(each)}</{key}>" for key, each in value.items())
        case list():
            return "".join(f"<member>{_xml(each)}</member>" for each in value)
        case bool():
            return str(value).lower()
        case _:
            return escape(str(value))
