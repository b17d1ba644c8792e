"""Reading who calls, for which service and region, from a request's signature.

Nothing is verified here: MiniStack does that when it runs with AUTH=true. The credential scope is
``<access key>/<date>/<region>/<service>/aws4_request``, in the Authorization header or, for a
presigned URL, in ``X-Amz-Credential``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cloud.estate import HOME_ACCOUNT

_CREDENTIAL = re.compile(r"Credential=([^,\s]+)")
_ACCOUNT = re.compile(r"\d{12}")

#: A user's key begins with AKIA, a session's with ASIA (IAM User Guide, "unique identifiers").
_LIKE_AWS = re.compile(r"A[KS]IA[A-Z0-9]{12,}")


@dataclass(frozen=True)
class Scope:
    """The credential scope of a signed request; empty strings where it is unsigned."""

    access_key: str = ""
    region: str = "us-east-1"
    service: str = ""


def read_scope(headers: Mapping[str, str], query: Mapping[str, str]) -> Scope:
    """The scope a request was signed for."""
    match = _CREDENTIAL.search(headers.get("Authorization", ""))
    credential = match.group(1) if match else query.get("X-Amz-Credential", "")
    parts = credential.split("/")
    if len(parts) != 5:
        return Scope()
    access_key, _date, region, service, _terminator = parts
    return Scope(access_key, region, service)


@dataclass(frozen=True)
class Credential:
    """Whose credential an access key is."""

    account: str
    #: `arn:aws:sts::<account>:assumed-role/<role>/<session>` and the like, as refusals name the caller.
    arn: str


class Callers:
    """Which account an access key acts in.

    A key of twelve digits is the account itself, and a key that does not look like AWS's is the
    home account's: those are MiniStack's rules. Keys that look real are noted as they are issued
    (:meth:`learn`), for MiniStack keeps them to itself; the others are not valid.
    """

    def __init__(self) -> None:
        self._issued: dict[str, Credential] = {}

    def learn(self, answer: str, caller: str) -> None:
        """Note the key in an answer of AssumeRole and its kin, or of IAM's CreateAccessKey.

        ``caller`` is the access key of who asked: where the answer names no other principal, the
        new key is of the same account.
        """
        key = re.search(r"<AccessKeyId>([^<]+)</AccessKeyId>", answer)
        if not key:
            return
        account = self.account(caller)
        arn = re.search(r"<Arn>(arn:[^<]*:(\d{12}):[^<]+)</Arn>", answer)
        user = re.search(r"<UserName>([^<]+)</UserName>", answer)
        if arn:
            credential = Credential(arn.group(2), arn.group(1))
        elif user:
            credential = Credential(account, f"arn:aws:iam::{account}:user/{user.group(1)}")
        else:
            credential = Credential(account, self.arn(caller))
        self._issued[key.group(1)] = credential

    def knows(self, access_key: str) -> bool:
        """Whether the key is valid."""
        return access_key in self._issued or not _LIKE_AWS.fullmatch(access_key)

    def account(self, access_key: str) -> str:
        """The account that a request with this access key acts in."""
        if _ACCOUNT.fullmatch(access_key):
            return access_key
        credential = self._issued.get(access_key)
        return credential.account if credential else HOME_ACCOUNT

    def arn(self, access_key: str) -> str:
        """The principal, as AWS names it when it refuses a call."""
        credential = self._issued.get(access_key)
        return credential.arn if credential else f"arn:aws:iam::{self.account(access_key)}:root"

    def stand_in(self, access_key: str) -> str:
        """The key to show MiniStack: an IAM user's is replaced by its account's.

        Without AUTH, MiniStack would take an IAM user's key for the home account's.
        """
        return self.account(access_key) if access_key.startswith("AKIA") else access_key
