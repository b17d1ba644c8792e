"""EC2's XML: reading MiniStack's answers and writing ours."""

from __future__ import annotations

import re
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape

from aiohttp import web

_NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15/"
_XMLNS = re.compile(rb'\sxmlns="[^"]*"', re.ASCII)


@dataclass
class Ec2Error(Exception):
    """An error to be answered in EC2's form."""

    code: str
    message: str
    status: int = 400


def parse(body: bytes) -> ET.Element:
    """An answer of EC2's, without its namespace."""
    return ET.fromstring(_XMLNS.sub(b"", body, count=1))


def text_of(element: ET.Element, path: str) -> str:
    """The text at ``path``, or the empty string."""
    return (element.findtext(path) or "").strip()


def answer(action: str, inner: str) -> web.Response:
    """A successful answer of ``action``, which names its request in the body and in a header as AWS does."""
    request_id = str(uuid.uuid4())
    body = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{action}Response xmlns="{_NAMESPACE}">'
        f"<requestId>{request_id}</requestId>{inner}</{action}Response>"
    )
    return web.Response(text=body, content_type="text/xml", headers={"x-amzn-RequestId": request_id})


def state_xml(tag: str, state: str) -> str:
    """An instance state, as ``<tag><code/><name/></tag>``."""
    return f"<{tag}><code>{STATE_CODES[state]}</code><name>{state}</name></{tag}>"


def token_xml(token: str | None) -> str:
    """The token of the next page, if there is one."""
    return f"<nextToken>{escape(token)}</nextToken>" if token else ""


#: API reference, InstanceState.
STATE_CODES = {
    "pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80,
}  # fmt: skip


def listed(params: Mapping[str, str], name: str) -> list[str]:
    """The values of ``name.1``, ``name.2`` … in order."""
    pattern = re.compile(rf"{re.escape(name)}\.(\d+)")
    found = [
        (int(match.group(1)), value) for key, value in params.items() if (match := pattern.fullmatch(key))
    ]
    return [value for _, value in sorted(found)]


def filters_of(params: Mapping[str, str]) -> list[tuple[str, list[str]]]:
    """The request's filters: names with their values."""
    numbers = sorted(
        int(match.group(1)) for key in params if (match := re.fullmatch(r"Filter\.(\d+)\.Name", key))
    )
    return [(params[f"Filter.{n}.Name"], listed(params, f"Filter.{n}.Value")) for n in numbers]


_INSTANCE_ID = re.compile(r"i-([0-9a-f]{8}|[0-9a-f]{17})")


def check_ids(ids: Iterable[str], known: Mapping[str, object]) -> None:
    """Refuse malformed ids, then unknown ones, as EC2 does: the form is checked first."""
    ids = list(ids)
    for instance_id in ids:
        if not _INSTANCE_ID.fullmatch(instance_id):
            raise Ec2Error("InvalidInstanceID.Malformed", f'Invalid id: "{instance_id}"')
    missing = [instance_id for instance_id in ids if instance_id not in known]
    if len(missing) == 1:
        raise Ec2Error("InvalidInstanceID.NotFound", f"The instance ID '{missing[0]}' does not exist")
    if missing:
        raise Ec2Error("InvalidInstanceID.NotFound", f"The instance IDs '{', '.join(missing)}' do not exist")
