"""Pages of a list that must not change between them."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import TypeVar

from cloud.ec2.wire import Ec2Error

_KEPT_SEQUENCES = 512

#: AWS returns at most this many instances in a page.
PAGE_MAX = 1000
PAGE_MIN = 5

T = TypeVar("T")


class Pages:
    """Token sequences: the list as it was at the first page, and how far each token has come."""

    def __init__(self) -> None:
        self._sequences: OrderedDict[str, tuple[str, Sequence[object], int]] = OrderedDict()

    def first(self, scope: str, items: Sequence[T], size: int) -> tuple[Sequence[T], str | None]:
        """The first page and the token of the next."""
        return self._page(scope, items, 0, size)

    def next(self, scope: str, token: str, size: int) -> tuple[Sequence[object], str | None]:
        """The page of a token. A token may be used again, as a retry must be able to."""
        owner, items, start = self._sequences.get(token, ("", (), 0))
        if owner != scope:
            raise Ec2Error("InvalidParameterValue", "Unable to parse pagination token")
        return self._page(scope, items, start, size)

    def _page(self, scope: str, items: Sequence[T], start: int, size: int) -> tuple[Sequence[T], str | None]:
        end = start + size
        if end >= len(items):
            return items[start:], None
        token = secrets.token_urlsafe(48)
        self._sequences[token] = (scope, items, end)
        while len(self._sequences) > _KEPT_SEQUENCES:
            self._sequences.popitem(last=False)
        return items[start:end], token


def page_size(params: Mapping[str, str]) -> int:
    """The request's MaxResults, checked."""
    text = params.get("MaxResults")
    if text is None:
        return PAGE_MAX
    try:
        size = int(text)
    except ValueError:
        raise Ec2Error(
            "InvalidParameterValue", f"Value ( {text} ) for parameter maxResults is invalid."
        ) from None
    if not PAGE_MIN <= size <= PAGE_MAX:
        bound = f"greater than {PAGE_MIN}" if size < PAGE_MIN else f"less than {PAGE_MAX}"
        raise Ec2Error(
            "InvalidParameterValue",
            f"Value ( {size} ) for parameter maxResults is invalid. Expecting a value {bound}.",
        )
    return size
