"""Cost Explorer's API: JSON 1.1, target prefix ``AWSInsightsIndexService``.

Each account sees its own bill only, as a member account without a payer's view does.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from aiohttp import web

from cloud.clock import Clock
from cloud.costs.expression import DIMENSIONS, Invalid, group_value, predicate, tag_of
from cloud.costs.ledger import COST_TAGS, UNIT, Ledger, LineItem
from cloud.costs.periods import (
    check_history,
    days,
    months_before,
    period_document,
    read_period,
    split,
)
from cloud.estate import ACCOUNT_NAMES, Estate
from cloud.operations import Call
from cloud.protocols import error_response

_COST_METRICS = frozenset(
    ("UnblendedCost", "BlendedCost", "AmortizedCost", "NetUnblendedCost", "NetAmortizedCost")
)  # fmt: skip
_METRICS = _COST_METRICS | {"UsageQuantity", "NormalizedUsageAmount"}

#: Groups in one page of an answer; a page has at least one period.
_PAGE_GROUPS = 500
_PAGE_PERIODS = 100

Document = dict[str, Any]


class _Refused(Exception):
    """Another error than ValidationException."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class CostExplorer:
    """Cost Explorer as the front answers it."""

    def __init__(self, estate: Estate, clock: Clock) -> None:
        self._ledger = Ledger(estate, clock)
        self._clock = clock
        self._operations: dict[str, Callable[[str, Document], Document]] = {
            "GetCostAndUsage": self._cost_and_usage,
            "GetCostForecast": self._cost_forecast,
            "GetDimensionValues": self._dimension_values,
            "GetTags": self._tags,
        }

    def handle(self, call: Call, body: bytes) -> web.Response:
        """The answer to a call."""
        operation = self._operations.get(call.operation)
        if operation is None:
            return error_response(
                call.protocol, 400, "UnknownOperationException", f"{call.operation} is not known"
            )
        try:
            answer = operation(call.account, json.loads(body or b"{}"))
        except Invalid as error:
            return error_response(call.protocol, 400, "ValidationException", str(error))
        except _Refused as error:
            return error_response(call.protocol, 400, error.code, str(error))
        except json.JSONDecodeError:
            return error_response(call.protocol, 400, "SerializationException", "The request is not JSON")
        return web.Response(
            body=json.dumps(answer).encode(), headers={"Content-Type": "application/x-amz-json-1.1"}
        )

    def _cost_and_usage(self, account: str, request: Document) -> Document:
        period = read_period(request)
        granularity = _granularity(request)
        check_history(period, self._clock.today())
        metrics = request.get("Metrics") or []
        if not metrics:
            raise Invalid("Metrics must be specified.")
        unknown = set(metrics) - _METRICS
        if unknown:
            raise Invalid(f"Invalid metric: {', '.join(sorted(unknown))}")
        definitions = request.get("GroupBy") or []
        if len(definitions) > 2:
            raise Invalid("GroupBy can have at most 2 group definitions.")
        groupers = [group_value(definition) for definition in definitions]
        passes = predicate(request.get("Filter"))

        results: list[Document] = []
        for part in split(period, granularity):
            groups: dict[tuple[str, ...], list[LineItem]] = defaultdict(list)
            for day in days(part):
                for item in self._ledger.day(account, day):
                    if passes(account, item):
                        groups[tuple(value(account, item) for value in groupers)].append(item)
            result: Document = {"TimePeriod": period_document(part), "Total": {}, "Groups": []}
            if definitions:
                result["Groups"] = [
                    {"Keys": list(keys), "Metrics": _sums(items, metrics)}
                    for keys, items in sorted(groups.items())
                ]
            else:
                result["Total"] = _sums(groups.get((), []), metrics)
            result["Estimated"] = part[1] > months_before(self._clock.today(), 0)
            results.append(result)
        page, token = _page(results, request)
        answer: Document = {"ResultsByTime": page, "DimensionValueAttributes": []}
        if definitions:
            answer["GroupDefinitions"] = definitions
        if any(definition.get("Key") == "LINKED_ACCOUNT" for definition in definitions):
            answer["DimensionValueAttributes"] = [_account_value(account)]
        if token:
            answer["NextPageToken"] = token
        return answer

    def _cost_forecast(self, account: str, request: Document) -> Document:
        period = read_period(request)
        granularity = _granularity(request)
        metric = str(request.get("Metric", ""))
        known = {_shouting(name): name for name in _METRICS}
        if metric not in known:
            raise Invalid(f"Invalid metric: {metric}")
        today = self._clock.today()
        if period[0] < today:
            raise Invalid("Start date must be the current date or later.")
        furthest = today + timedelta(days=93) if granularity == "DAILY" else months_before(today, -19)
        if period[1] > furthest:
            raise Invalid(f"End date must be no later than {furthest} for {granularity} granularity.")
        level = request.get("PredictionIntervalLevel")
        if level is not None and not 51 <= level <= 99:
            raise Invalid("PredictionIntervalLevel must be between 51 and 99.")
        means = self._weekday_means(account, predicate(request.get("Filter")), known[metric], today)
        if not any(means):
            raise _Refused(
                "DataUnavailableException", "Insufficient amount of historical data to generate forecast."
            )

        results, total = [], 0
        for part in split(period, granularity):
            mean = sum(means[day.weekday()] for day in days(part))
            total += mean
            result: Document = {"TimePeriod": period_document(part), "MeanValue": _decimal(mean)}
            if level is not None:
                # The interval widens with its confidence and with the distance into the future.
                ahead = (part[0] - today).days
                spread = int(mean * (level / 100) * (0.08 + 0.002 * ahead))
                result["PredictionIntervalLowerBound"] = _decimal(max(0, mean - spread))
                result["PredictionIntervalUpperBound"] = _decimal(mean + spread)
            results.append(result)
        unit = "USD" if known[metric] in _COST_METRICS else "N/A"
        return {"Total": {"Amount": _decimal(total), "Unit": unit}, "ForecastResultsByTime": results}

    def _weekday_means(
        self, account: str, passes: Callable[[str, LineItem], bool], metric: str, today: date
    ) -> list[int]:
        """The mean of each weekday over the four weeks before today."""
        sums = [0] * 7
        for back in range(1, 29):
            day = today - timedelta(days=back)
            items = (item for item in self._ledger.day(account, day) if passes(account, item))
            sums[day.weekday()] += sum(_value(item, metric) for item in items)
        return [total // 4 for total in sums]

    def _dimension_values(self, account: str, request: Document) -> Document:
        name = str(request.get("Dimension", ""))
        if name not in DIMENSIONS:
            raise Invalid(f"Dimension {name} is not supported.")
        values = self._distinct(account, request, lambda item: DIMENSIONS[name](account, item))
        found = [
            _account_value(value) if name == "LINKED_ACCOUNT" else {"Value": value, "Attributes": {}}
            for value in values
            if value
        ]
        page, token = _list_page(found, request)
        answer: Document = {"DimensionValues": page, "ReturnSize": len(page), "TotalSize": len(found)}
        return answer | ({"NextPageToken": token} if token else {})

    def _tags(self, account: str, request: Document) -> Document:
        key = request.get("TagKey")
        if key:
            found = self._distinct(account, request, lambda item: tag_of(item, key))
        else:
            read_period(request)
            found = [tag for tag in COST_TAGS if str(request.get("SearchString", "")).lower() in tag.lower()]
        page, token = _list_page(found, request)
        answer: Document = {"Tags": page, "ReturnSize": len(page), "TotalSize": len(found)}
        return answer | ({"NextPageToken": token} if token else {})

    def _distinct(self, account: str, request: Document, value: Callable[[LineItem], str]) -> list[str]:
        """The distinct values over the request's period, sorted, as its filter and search leave them."""
        period = read_period(request)
        check_history(period, self._clock.today())
        passes = predicate(request.get("Filter"))
        search = str(request.get("SearchString", "")).lower()
        found = {
            value(item)
            for day in days(period)
            for item in self._ledger.day(account, day)
            if passes(account, item)
        }
        return sorted(each for each in found if search in each.lower())


def _granularity(request: Document) -> str:
    granularity = request.get("Granularity")
    if granularity == "HOURLY":
        raise _Refused(
            "AccessDeniedException",
            "Hourly data granularity is not enabled. "
            "An administrator can enable it in Cost Explorer's preferences.",
        )
    if granularity not in ("DAILY", "MONTHLY"):
        raise Invalid("Granularity must be one of DAILY, MONTHLY, HOURLY.")
    return str(granularity)


def _value(item: LineItem, metric: str) -> int:
    return item.amount if metric in _COST_METRICS else item.quantity


def _sums(items: list[LineItem], metrics: list[str]) -> Document:
    """The metrics over some lines. A quantity over unlike units has the unit N/A, as in AWS."""
    units = {item.unit for item in items}
    usage_unit = units.pop() if len(units) == 1 else "N/A"
    return {
        metric: {
            "Amount": _decimal(sum(_value(item, metric) for item in items)),
            "Unit": "USD" if metric in _COST_METRICS else usage_unit,
        }
        for metric in metrics
    }


def _decimal(units: int) -> str:
    """An amount as AWS writes it: up to ten decimals, and a plain 0."""
    text = format(Decimal(units) / UNIT, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def _shouting(name: str) -> str:
    """`UnblendedCost` as the forecast spells it: `UNBLENDED_COST`."""
    return "".join(
        f"_{letter}" if letter.isupper() and index else letter for index, letter in enumerate(name)
    ).upper()


def _account_value(account: str) -> Document:
    return {"Value": account, "Attributes": {"description": ACCOUNT_NAMES.get(account, account)}}


def _page(results: list[Document], request: Document) -> tuple[list[Document], str | None]:
    start = _read_token(request)
    end, groups = start, 0
    while end < len(results) and end - start < _PAGE_PERIODS:
        groups += len(results[end]["Groups"])
        if groups > _PAGE_GROUPS and end > start:
            break
        end += 1
    return results[start:end], _write_token(end, request) if end < len(results) else None


def _list_page(found: list[Any], request: Document) -> tuple[list[Any], str | None]:
    start = _read_token(request)
    end = start + int(request.get("MaxResults") or 1000)
    return found[start:end], _write_token(end, request) if end < len(found) else None


def _fingerprint(request: Document) -> str:
    same = {key: value for key, value in request.items() if key not in ("NextPageToken", "MaxResults")}
    return hashlib.sha256(json.dumps(same, sort_keys=True).encode()).hexdigest()[:16]


def _write_token(start: int, request: Document) -> str:
    return base64.urlsafe_b64encode(f"{start}:{_fingerprint(request)}".encode()).decode()


def _read_token(request: Document) -> int:
    token = request.get("NextPageToken")
    if not token:
        return 0
    try:
        start, _, fingerprint = base64.urlsafe_b64decode(str(token).encode()).decode().partition(":")
        position = int(start)
    except ValueError:
        raise _Refused("InvalidNextTokenException", "The pagination token is invalid.") from None
    if fingerprint != _fingerprint(request):
        raise _Refused("RequestChangedException", "Your request parameters changed between pages.")
    return position
