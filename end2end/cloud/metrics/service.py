"""CloudWatch's metric operations at the front; alarms and dashboards stay MiniStack's."""

from __future__ import annotations

import random
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from aiohttp import web

from cloud.ec2.history import RunHistory
from cloud.estate import Estate
from cloud.metrics.catalogue import Catalogue
from cloud.metrics.expression import BadExpression, Values, evaluate
from cloud.metrics.samples import Sample, buckets, is_statistic, single
from cloud.metrics.series import HISTORY, Curve, MetricId, PutSeries, dimensions_of
from cloud.metrics.wire import Timestamp, read_document, read_time, write_document
from cloud.operations import Call
from cloud.protocols import error_response
from cloud.upstream import Forward

Document = dict[str, Any]

_LIST_PAGE = 500
_MAX_QUERIES = 500
_MAX_DATAPOINTS = 100_800
_MAX_STATISTICS_DATAPOINTS = 1_440
_KEPT_TOKENS = 256


class _Refused(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Metrics:
    """The metrics of all accounts."""

    def __init__(self, estate: Estate, history: RunHistory) -> None:
        self._catalogue = Catalogue(estate, history)
        self._put: dict[MetricId, PutSeries] = {}
        self._tokens: OrderedDict[str, Any] = OrderedDict()

    def put(
        self, account: str, region: str, namespace: str, name: str,
        dimensions: dict[str, str], values: Iterable[float], unit: str = "None", at: float | None = None,
    ) -> None:  # fmt: skip
        """Put values of a metric, now unless told."""
        series = self._series(MetricId(account, region, namespace, name, dimensions_of(dimensions)), unit)
        for value in values:
            series.add(single(time.time() if at is None else at, float(value)))

    def put_values(self, document: Document) -> int:
        """Put values as the test helper gives them; returns how many."""
        values = document["values"] if "values" in document else [document["value"]]
        self.put(
            document["account"], document["region"], document["namespace"], document["metric"],
            document.get("dimensions", {}), [float(value) for value in values],
            document.get("unit", "None"), document.get("timestamp"),
        )  # fmt: skip
        return len(values)

    def note_invocation(
        self, account: str, region: str, function: str, seconds: float, *, failed: bool
    ) -> None:
        """Count a real Lambda invocation."""
        for name, value, unit in (
            ("Invocations", 1.0, "Count"),
            ("Errors", float(failed), "Count"),
            ("Duration", round(seconds * 1000, 2), "Milliseconds"),
        ):
            self.put(account, region, "AWS/Lambda", name, {"FunctionName": function}, [value], unit)

    async def handle(self, call: Call, body: bytes, forward: Forward) -> web.Response | None:
        """The answer to a call, or None where MiniStack's own will do."""
        operations: dict[str, Callable[[Call, Document], Document]] = {
            "ListMetrics": self._list_metrics,
            "GetMetricStatistics": self._get_metric_statistics,
            "GetMetricData": self._get_metric_data,
        }
        try:
            if call.operation == "PutMetricData":
                self._put_metric_data(call, read_document(call, body))
                return None  # MiniStack too shall have it: its alarms look at it.
            operation = operations.get(call.operation)
            if operation is None:
                return None
            return write_document(call, operation(call, read_document(call, body)))
        except _Refused as error:
            return error_response(call.protocol, 400, error.code, str(error))
        except (ValueError, KeyError, TypeError) as error:
            return error_response(
                call.protocol, 400, "InvalidParameterValue", f"The request is not valid: {error}"
            )

    def _series(self, metric: MetricId, unit: str) -> PutSeries:
        series = self._put.get(metric)
        if series is None:
            series = self._put[metric] = PutSeries(unit)
        return series

    def _put_metric_data(self, call: Call, request: Document) -> None:
        for datum in request.get("MetricData") or []:
            metric = _metric_id(call, request["Namespace"], datum)
            series = self._series(metric, datum.get("Unit", "None"))
            at = read_time(datum["Timestamp"]) if "Timestamp" in datum else time.time()
            if "StatisticValues" in datum:
                stats = {key: float(value) for key, value in datum["StatisticValues"].items()}
                series.add(Sample(at, stats["SampleCount"], stats["Sum"], stats["Minimum"], stats["Maximum"]))
            elif "Values" in datum:
                counts = datum.get("Counts") or [1.0] * len(datum["Values"])
                for value, count in zip(datum["Values"], counts, strict=True):
                    series.add(single(at, float(value), float(count)))
            else:
                series.add(single(at, float(datum["Value"])))

    def _list_metrics(self, call: Call, request: Document) -> Document:
        token = request.get("NextToken")
        if token:
            found, start = self._recall(token)
        else:
            found, start = list(self._matching(call, request)), 0
        end = start + _LIST_PAGE
        answer: Document = {
            "Metrics": [
                {
                    "Namespace": metric.namespace,
                    "MetricName": metric.name,
                    "Dimensions": [{"Name": name, "Value": value} for name, value in metric.dimensions],
                }
                for metric in found[start:end]
            ]
        }
        if end < len(found):
            answer["NextToken"] = self._remember((found, end))
        return answer

    def _matching(self, call: Call, request: Document) -> Iterator[MetricId]:
        """The metrics with data in the last two weeks (or three hours) that pass the request's filters."""
        now = time.time()
        since = now - (3 * 3600 if request.get("RecentlyActive") == "PT3H" else HISTORY)
        wanted = [(each["Name"], each.get("Value")) for each in request.get("Dimensions") or []]
        made_up = dict(self._catalogue.metrics(call.account, call.region))
        put = {m: s for m, s in self._put.items() if (m.account, m.region) == (call.account, call.region)}
        for metric, series in (made_up | put).items():
            dimensions = dict(metric.dimensions)
            if (
                request.get("Namespace") in (None, metric.namespace)
                and request.get("MetricName") in (None, metric.name)
                and all(name in dimensions and value in (None, dimensions[name]) for name, value in wanted)
                and series.alive(since, now)
            ):
                yield metric

    def _get_metric_statistics(self, call: Call, request: Document) -> Document:
        start, end = _span(request)
        period = _period(request.get("Period"))
        start = _rounded(start, period)
        statistics = [*(request.get("Statistics") or []), *(request.get("ExtendedStatistics") or [])]
        if not statistics:
            raise _Refused(
                "InvalidParameterCombination",
                "At least one of the parameters Statistics and ExtendedStatistics must be specified.",
            )
        for name in statistics:
            _check_statistic(name)
        asked = int((end - start) / period)
        if asked > _MAX_STATISTICS_DATAPOINTS:
            raise _Refused(
                "InvalidParameterCombination",
                f"You have requested up to {asked:,} datapoints, which exceeds the limit of "
                f"{_MAX_STATISTICS_DATAPOINTS:,}. You may reduce the datapoints requested by "
                "increasing Period, or decreasing the time range.",
            )
        metric = _metric_id(call, request["Namespace"], request)
        # Periods count from the start of the request here, unlike in GetMetricData.
        points: list[Document] = []
        for bucket in buckets(self._samples(metric, start, end, request.get("Unit")), start, period):
            point: Document = {"Timestamp": Timestamp(bucket.start), "Unit": self._unit(metric)}
            extended = {}
            for name in statistics:
                value = bucket.statistic(name)
                if value is None:
                    continue
                if name in (request.get("ExtendedStatistics") or []):
                    extended[name] = value
                else:
                    point[name] = value
            points.append(point | ({"ExtendedStatistics": extended} if extended else {}))
        # "The data points are not returned in chronological order" (API reference).
        random.Random(len(points)).shuffle(points)
        return {"Label": metric.name, "Datapoints": points}

    def _get_metric_data(self, call: Call, request: Document) -> Document:
        limit = int(request.get("MaxDatapoints") or _MAX_DATAPOINTS)
        token = request.get("NextToken")
        results: list[Document] = self._recall(token) if token else self._results(call, request)
        page, rest = _cut(results, min(limit, _MAX_DATAPOINTS))
        answer: Document = {"MetricDataResults": page, "Messages": []}
        if rest:
            answer["NextToken"] = self._remember(rest)
        return answer

    def _results(self, call: Call, request: Document) -> list[Document]:
        start, end = _span(request)
        queries: list[Document] = request.get("MetricDataQueries") or []
        _check_queries(queries)
        computed: dict[str, list[Values]] = {}
        labels: dict[str, str] = {}
        for query in queries:
            if "MetricStat" in query:
                stat = query["MetricStat"]
                metric = _metric_id(call, stat["Metric"]["Namespace"], stat["Metric"])
                computed[query["Id"]] = [self._values(metric, stat, start, end)]
                labels[query["Id"]] = metric.name
        inputs = {name: values[0] for name, values in computed.items()}
        for query in (query for query in queries if "Expression" in query):
            try:
                computed[query["Id"]] = evaluate(query["Expression"], inputs)
                if len(computed[query["Id"]]) == 1:
                    inputs[query["Id"]] = computed[query["Id"]][0]
            except BadExpression as error:
                raise _Refused("ValidationError", f"Error in expression '{query['Id']}': {error}") from None
            labels[query["Id"]] = query["Id"]
        newest_first = request.get("ScanBy", "TimestampDescending") == "TimestampDescending"
        results: list[Document] = []
        for query in queries:
            if str(query.get("ReturnData", True)).lower() == "false":
                continue
            for values in computed[query["Id"]]:
                times = sorted(values, reverse=newest_first)
                results.append(
                    {
                        "Id": query["Id"],
                        "Label": query.get("Label") or labels[query["Id"]],
                        "Timestamps": [Timestamp(at) for at in times],
                        "Values": [values[at] for at in times],
                        "StatusCode": "Complete",
                    }
                )
        return results

    def _values(self, metric: MetricId, stat: Document, start: float, end: float) -> Values:
        period = _period(stat.get("Period"))
        name = stat["Stat"]
        _check_statistic(name)
        # GetMetricData's periods are aligned to the clock; the first one may begin before the start.
        first = start // period * period
        samples = self._samples(metric, first, end, stat.get("Unit"))
        values = ((bucket.start, bucket.statistic(name)) for bucket in buckets(samples, 0.0, period))
        return {at: value for at, value in values if value is not None}

    def _samples(self, metric: MetricId, start: float, end: float, unit: str | None) -> Iterator[Sample]:
        """The samples of a metric; asking for another unit than it has gives none."""
        sources: list[Curve | PutSeries] = []
        if curve := self._catalogue.curve(metric):
            sources.append(curve)
        if put := self._put.get(metric):
            sources.append(put)
        for source in sources:
            if unit in (None, source.unit):
                yield from source.samples(start, end)

    def _unit(self, metric: MetricId) -> str:
        source = self._catalogue.curve(metric) or self._put.get(metric)
        return source.unit if source else "None"

    def _remember(self, state: Any) -> str:
        token = secrets.token_urlsafe(24)
        self._tokens[token] = state
        while len(self._tokens) > _KEPT_TOKENS:
            self._tokens.popitem(last=False)
        return token

    def _recall(self, token: str) -> Any:
        if token not in self._tokens:
            raise _Refused("InvalidNextToken", "The next token specified is invalid.")
        return self._tokens[token]


def _metric_id(call: Call, namespace: str, document: Document) -> MetricId:
    pairs = {each["Name"]: each["Value"] for each in document.get("Dimensions") or []}
    return MetricId(call.account, call.region, namespace, document["MetricName"], dimensions_of(pairs))


def _span(request: Document) -> tuple[float, float]:
    start, end = read_time(request.get("StartTime")), read_time(request.get("EndTime"))
    if start >= end:
        raise _Refused("ValidationError", "The parameter StartTime must be less than the parameter EndTime.")
    return start, end


def _rounded(start: float, period: int) -> float:
    """A start time as AWS rounds it down: to a minute (or a short period), coarser with age."""
    age_days = (time.time() - start) / 86_400
    grain = min(period, 60) if age_days < 15 else 300 if age_days < 63 else 3600
    return start // grain * grain


def _period(value: Any) -> int:
    period = int(value) if value is not None else 0
    if period not in (1, 5, 10, 20, 30) and (period < 60 or period % 60):
        raise _Refused(
            "ValidationError",
            f"The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60, not {value}.",
        )
    return period


def _check_statistic(name: str) -> None:
    if not is_statistic(name):
        raise _Refused("InvalidParameterValue", f"The value {name} for parameter Stat is not supported.")


def _check_queries(queries: list[Document]) -> None:
    if not 1 <= len(queries) <= _MAX_QUERIES:
        raise _Refused("ValidationError", f"MetricDataQueries must have 1 to {_MAX_QUERIES} members.")
    seen: set[str] = set()
    for query in queries:
        name = str(query.get("Id", ""))
        if not re.fullmatch(r"[a-z][a-zA-Z0-9_]*", name):
            raise _Refused(
                "ValidationError",
                f"The value {name} for parameter MetricDataQueries.member.Id is not matching "
                "the expected pattern ^[a-z][a-zA-Z0-9_]*$.",
            )
        if name in seen:
            raise _Refused(
                "ValidationError", f"The values for parameter id in MetricDataQueries are not unique: {name}"
            )
        seen.add(name)
        if ("MetricStat" in query) == ("Expression" in query):
            raise _Refused(
                "ValidationError", f"Query {name} must have exactly one of MetricStat and Expression."
            )


def _cut(results: list[Document], limit: int) -> tuple[list[Document], list[Document]]:
    """As many data points as a page takes, and the rest. A result that goes on is PartialData."""
    page: list[Document] = []
    for index, result in enumerate(results):
        room = limit - sum(len(each["Values"]) for each in page)
        if len(result["Values"]) <= room:
            page.append(result)
            continue
        rest = [
            {**result, "Timestamps": result["Timestamps"][room:], "Values": result["Values"][room:]},
            *results[index + 1 :],
        ]
        page.append(
            {
                **result,
                "Timestamps": result["Timestamps"][:room],
                "Values": result["Values"][:room],
                "StatusCode": "PartialData",
            }
        )
        return page, rest
    return page, []
