"""The cloud's own calls to MiniStack: signed like anyone's, without the weight of an SDK client.

Seeding and the heartbeat make many small calls in several accounts; building a boto3 client for
each account, region and service would take longer than all of the calls together.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import aiohttp
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from yarl import URL

_QUERY_VERSIONS = {"ec2": "2016-11-15", "iam": "2010-05-08", "sts": "2011-06-15"}


class AwsCallFailed(RuntimeError):
    """MiniStack refused one of our own calls."""


class AwsCaller:
    """Makes calls in any account: MiniStack takes a 12-digit access key as the account."""

    def __init__(self, session: aiohttp.ClientSession, endpoint: str) -> None:
        self._session = session
        self._endpoint = endpoint

    async def send(
        self,
        service: str,
        account: str,
        region: str,
        body: bytes,
        headers: dict[str, str],
        method: str = "POST",
        path: str = "/",
    ) -> tuple[int, bytes]:
        """Send one signed request; any status is an answer."""
        url = self._endpoint + path
        signed = AWSRequest(method, url, headers=headers, data=body)
        signer = S3SigV4Auth if service == "s3" else SigV4Auth
        signer(Credentials(account, "test"), service, region).add_auth(signed)
        async with self._session.request(
            method, URL(url, encoded=True), data=body, headers=dict(signed.headers.items())
        ) as response:
            return response.status, await response.read()

    async def query(self, service: str, account: str, region: str, action: str, **params: str) -> bytes:
        """A call in the query protocol; returns the XML."""
        version = _QUERY_VERSIONS[service]
        body = urlencode({"Action": action, "Version": version, **params}).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
        status, answer = await self.send(service, account, region, body, headers)
        return _checked(f"{service}:{action}", status, answer)

    async def json(
        self, service: str, account: str, region: str, target: str, **members: Any
    ) -> dict[str, Any]:
        """A call in the JSON protocol (1.1) with this target; returns the document."""
        headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target}
        status, answer = await self.send(service, account, region, json.dumps(members).encode(), headers)
        document: dict[str, Any] = json.loads(_checked(target, status, answer) or b"{}")
        return document

    async def rest(
        self, service: str, account: str, region: str, method: str, path: str, body: bytes = b"",
        **headers: str,
    ) -> bytes:  # fmt: skip
        """A REST call (S3, Lambda); header names are given with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        status, answer = await self.send(service, account, region, body, named, method, path)
        return _checked(f"{method} {path}", status, answer)


def _checked(what: str, status: int, answer: bytes) -> bytes:
    if status >= 400:
        raise AwsCallFailed(f"{what} answered {status}: {answer[:300].decode('utf-8', 'replace')}")
    return answer
