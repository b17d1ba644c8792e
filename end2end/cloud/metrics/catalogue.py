"""Which made-up metrics there are: EC2, Lambda, ECS, S3 and the shop's own.

Names, dimensions and units are those of AWS's documentation for each service.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import date

from cloud.ec2.history import RunHistory
from cloud.estate import PRODUCTION, Estate, digest
from cloud.metrics.curves import DAY
from cloud.metrics.samples import Sample, single
from cloud.metrics.series import Curve, MetricId, dimensions_of
from cloud.seed.buckets import buckets
from cloud.seed.containers import SERVICES
from cloud.seed.lambdas import DEPLOYMENTS

#: EC2's metrics: unit, and what one percent of CPU is worth in it per sample.
_EC2_METRICS: dict[str, tuple[str, float]] = {
    "CPUUtilization": ("Percent", 1.0),
    "NetworkIn": ("Bytes", 410_000.0),
    "NetworkOut": ("Bytes", 690_000.0),
    "NetworkPacketsIn": ("Count", 510.0),
    "NetworkPacketsOut": ("Count", 640.0),
    "EBSReadBytes": ("Bytes", 52_000.0),
    "EBSWriteBytes": ("Bytes", 88_000.0),
    "DiskReadBytes": ("Bytes", 21_000.0),
    "DiskWriteBytes": ("Bytes", 34_000.0),
}
_STATUS_CHECKS = ("StatusCheckFailed", "StatusCheckFailed_Instance", "StatusCheckFailed_System")

#: Average milliseconds of each function.
_DURATIONS = {"order-processor": 64.0, "thumbnailer": 41.0, "nightly-report": 2150.0}


class Catalogue:
    """The made-up metrics."""

    def __init__(self, estate: Estate, history: RunHistory) -> None:
        self._history = history
        self._started = time.time()
        self._profiles = {instance.id: (instance.profile, instance.detailed) for instance in estate.instances}
        self._fixed = {
            metric: curve
            for part in (
                self._lambda_metrics(),
                self._ecs_metrics(),
                self._s3_metrics(estate.seed_date),
                self._shop_metrics(),
            )
            for metric, curve in part
        }

    def curve(self, metric: MetricId) -> Curve | None:
        """The curve of a metric, if it is a made-up one."""
        if metric.namespace == "AWS/EC2":
            instance_id = dict(metric.dimensions).get("InstanceId", "")
            if len(metric.dimensions) == 1 and self._history.scope(instance_id) == (
                metric.account,
                metric.region,
            ):
                return self._ec2_curve(instance_id, metric.name)
            return None
        return self._fixed.get(metric)

    def metrics(self, account: str, region: str) -> Iterator[tuple[MetricId, Curve]]:
        """All made-up metrics of an account and region."""
        for instance_id in self._history:
            if self._history.scope(instance_id) == (account, region):
                for name in (*_EC2_METRICS, *_STATUS_CHECKS):
                    curve = self._ec2_curve(instance_id, name)
                    if curve:
                        dimensions = dimensions_of({"InstanceId": instance_id})
                        yield MetricId(account, region, "AWS/EC2", name, dimensions), curve
        for metric, curve in self._fixed.items():
            if (metric.account, metric.region) == (account, region):
                yield metric, curve

    def _ec2_curve(self, instance_id: str, name: str) -> Curve | None:
        profile, detailed = self._profiles.get(instance_id, ("quiet", False))

        def lifetime(start: float, end: float) -> list[tuple[float, float]]:
            return self._history.between(instance_id, start, end)

        if name in _STATUS_CHECKS:
            # Status checks report each minute, whatever the monitoring.
            return Curve("Count", "idle", 60, instance_id, lifetime, lambda at, _: single(at, 0.0))
        if name not in _EC2_METRICS:
            return None
        unit, factor = _EC2_METRICS[name]
        step = 60 if detailed else 300
        # Its own key for each metric but CPU: alike in shape, different in detail.
        key = instance_id if name == "CPUUtilization" else f"{instance_id}/{name}"
        scale = factor * (step / 60 if unit != "Percent" else 1)
        return Curve(
            unit, profile, step, key, lifetime, lambda at, percent: single(at, round(percent * scale, 4))
        )

    def _until_start(self, start: float, end: float) -> list[tuple[float, float]]:
        """The past only: from the start on, what really happens is counted."""
        end = min(end, self._started)
        return [(start, end)] if start < end else []

    def _lambda_metrics(self) -> Iterator[tuple[MetricId, Curve]]:
        for account, region, function in DEPLOYMENTS:
            key = f"lambda/{account}/{region}/{function.name}"
            busy = 0.08 if account == PRODUCTION.id else 0.02
            average = _DURATIONS[function.name]

            def invocations(at: float, percent: float, busy: float = busy) -> Sample:
                count = round(percent * busy)
                return Sample(at, count, count, 1.0, 1.0)

            def errors(at: float, percent: float, busy: float = busy, key: str = key) -> Sample:
                count = round(percent * busy)
                failed = min(count, 1 if digest("fail", key, at) % 40 == 0 else 0)
                return Sample(at, count, failed, 0.0, float(failed))

            def durations(at: float, percent: float, busy: float = busy, average: float = average) -> Sample:
                count = round(percent * busy)
                value = round(average * (0.8 + percent / 250), 2)
                return Sample(at, count, count * value, value, value)

            def throttles(at: float, percent: float, busy: float = busy) -> Sample:
                return Sample(at, round(percent * busy), 0.0, 0.0, 0.0)

            for name, unit, shape in (
                ("Invocations", "Count", invocations),
                ("Errors", "Count", errors),
                ("Duration", "Milliseconds", durations),
                ("Throttles", "Count", throttles),
            ):
                dimensions = dimensions_of({"FunctionName": function.name})
                metric = MetricId(account, region, "AWS/Lambda", name, dimensions)
                yield metric, Curve(unit, "web", 60, key, self._until_start, shape)

    def _ecs_metrics(self) -> Iterator[tuple[MetricId, Curve]]:
        for account, region, cluster, service, *_, tasks in SERVICES:
            if not tasks:
                continue
            dimensions = dimensions_of({"ClusterName": cluster, "ServiceName": service})
            for name, profile in (("CPUUtilization", "web"), ("MemoryUtilization", "worker")):
                key = f"ecs/{account}/{region}/{cluster}/{service}/{name}"
                yield (
                    MetricId(account, region, "AWS/ECS", name, dimensions),
                    Curve("Percent", profile, 60, key),
                )

    def _s3_metrics(self, seed_date: date) -> Iterator[tuple[MetricId, Curve]]:
        """Storage metrics: one sample a day, at midnight."""
        for account, region, bucket, objects in buckets(seed_date):
            size, count = float(sum(len(content) for _, content, _ in objects)), float(len(objects))
            for name, kind, unit, value in (
                ("BucketSizeBytes", "StandardStorage", "Bytes", size),
                ("NumberOfObjects", "AllStorageTypes", "Count", count),
            ):
                dimensions = dimensions_of({"BucketName": bucket, "StorageType": kind})
                metric = MetricId(account, region, "AWS/S3", name, dimensions)
                yield metric, Curve(unit, "idle", DAY, f"s3/{bucket}", shape=_constant(value))

    def _shop_metrics(self) -> Iterator[tuple[MetricId, Curve]]:
        """The past of what the heartbeat puts."""
        for region in ("us-east-1", "eu-west-1"):
            dimensions = dimensions_of({"Service": "checkout"})
            key = f"shop/{region}"
            yield (
                MetricId(PRODUCTION.id, region, "Shop", "OrdersPlaced", dimensions),
                Curve(
                    "Count",
                    "web",
                    60,
                    key,
                    self._until_start,
                    lambda at, percent: single(at, float(round(percent))),
                ),
            )
            yield (
                MetricId(PRODUCTION.id, region, "Shop", "CheckoutLatency", dimensions),
                Curve(
                    "Milliseconds",
                    "web",
                    60,
                    key,
                    self._until_start,
                    lambda at, percent: single(at, 120 + 3 * percent),
                ),
            )


def _constant(value: float) -> Callable[[float, float], Sample]:
    return lambda at, _: single(at, value)
