"""MiniStack's state files (version 1.5.33): what it loads at start with PERSIST_STATE=1.

A file is ``{"__ministack_format__": 3, "payload": {store: …}}``. A store that is kept per account
and region is tagged, with keys of three parts joined by NUL, the last one in Python's repr.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_FORMAT = 3


class RegionalStore:
    """One of MiniStack's per-account, per-region dictionaries."""

    def __init__(self) -> None:
        self._data: dict[str, Any] = {}

    def put(self, account: str, region: str, key: str, value: Any) -> None:
        """Store ``value`` under ``key`` of this account and region."""
        self._data[f"{account}\x00{region}\x00{key!r}"] = value

    def encode(self) -> dict[str, Any]:
        """The store in the form of the file."""
        return {"__account_region_scoped__": True, "data": self._data}


def write_state(folder: Path, service: str, stores: dict[str, RegionalStore | list[Any]]) -> None:
    """Write the state file of ``service``."""
    payload = {
        name: store.encode() if isinstance(store, RegionalStore) else store for name, store in stores.items()
    }
    text = json.dumps({"__ministack_format__": _FORMAT, "payload": payload})
    (folder / f"{service}.json").write_text(text, encoding="utf-8")
