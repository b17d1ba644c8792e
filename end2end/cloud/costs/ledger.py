"""The bill: what each account was charged, by day.

Amounts are whole numbers of 1e-10 dollars, the precision of Cost Explorer's answers, so that the
groups of a query always sum to its total exactly.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache

from cloud.clock import Clock
from cloud.costs.prices import INSTANCE_HOURS, REGION_FACTOR, USAGE_PREFIX, VOLUME_GB, VOLUME_GB_MONTH
from cloud.estate import PRODUCTION, SANDBOX, STAGING, Estate, Instance, fraction

#: One dollar (or one unit of usage) in the ledger's units.
UNIT = 10**10

#: Tags activated for cost allocation, as an administrator would have done.
COST_TAGS = ("CostCenter", "Environment", "Service", "Team")

#: How much of the present day is billed already: Cost Explorer lags behind.
_TODAY_SHARE = Decimal("0.4")

_COMPUTE = "Amazon Elastic Compute Cloud - Compute"
_EC2_OTHER = "EC2 - Other"

Tags = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class LineItem:
    """A line of a day's bill."""

    service: str
    region: str
    usage_type: str
    operation: str
    #: Empty where the service has none.
    instance_type: str
    tags: Tags
    amount: int
    quantity: int
    unit: str


@dataclass
class _Cohort:
    """Instances alike in everything that the bill tells apart, by the days of their lives."""

    region: str
    type: str
    tags: Tags
    starts: list[date] = field(default_factory=list)
    #: Days on which instances ceased to run, and the hours they ran on those days.
    ends: list[date] = field(default_factory=list)
    end_hours: dict[date, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    #: Days on which volumes were deleted: those of terminated instances only.
    deletions: list[date] = field(default_factory=list)

    def hours(self, day: date) -> Decimal:
        """Instance hours on a day."""
        whole = bisect_right(self.starts, day) - bisect_right(self.ends, day)
        return 24 * Decimal(whole) + self.end_hours.get(day, Decimal(0))

    def volumes(self, day: date) -> int:
        """Volumes kept on a day."""
        return bisect_right(self.starts, day) - bisect_right(self.deletions, day)


@dataclass(frozen=True)
class _Usage:
    """A service other than EC2 that is charged day by day, with some noise and growth."""

    account: str
    region: str
    service: str
    usage_type: str
    operation: str
    #: Dollars on an average day of the present month, and per unit of usage.
    dollars: str
    price: str
    unit: str
    tags: Tags = ()
    instance_type: str = ""
    #: How far a day may stray from the average, as a fraction.
    noise: float = 0.15


def _tags(team: str, service: str, environment: str) -> Tags:
    centers = {
        "web": "CC-1010",
        "payments": "CC-1020",
        "fulfilment": "CC-1030",
        "data": "CC-2010",
        "platform": "CC-3000",
    }
    return (("CostCenter", centers[team]), ("Environment", environment), ("Service", service), ("Team", team))


_P, _S, _X = PRODUCTION.id, STAGING.id, SANDBOX.id
_US, _EU = "us-east-1", "eu-west-1"
_S3 = "Amazon Simple Storage Service"
_RDS = "Amazon Relational Database Service"
_ECS = "Amazon Elastic Container Service"

_USAGES: tuple[_Usage, ...] = (
    _Usage(_P, _US, _S3, "TimedStorage-ByteHrs", "StandardStorage", "3.10", "0.023", "GB-Month", _tags("web", "storefront", "production"), noise=0.03),
    _Usage(_P, _US, _S3, "Requests-Tier2", "GetObject", "1.25", "0.0000004", "Requests", _tags("web", "storefront", "production")),
    _Usage(_P, _US, _S3, "TimedStorage-GlacierStaging", "StandardStorage", "0.80", "0.021", "GB-Month", _tags("data", "backups", "production"), noise=0.02),
    _Usage(_P, _EU, _S3, "EU-TimedStorage-ByteHrs", "StandardStorage", "1.05", "0.023", "GB-Month", _tags("web", "storefront", "production"), noise=0.03),
    _Usage(_P, _US, _RDS, "InstanceUsage:db.r6g.large", "CreateDBInstance:0014", "10.32", "0.215", "Hrs", _tags("fulfilment", "orders-db", "production"), "db.r6g.large", noise=0.0),
    _Usage(_P, _US, _RDS, "RDS:GP3-Storage", "CreateDBInstance:0014", "1.53", "0.115", "GB-Month", _tags("fulfilment", "orders-db", "production"), noise=0.01),
    _Usage(_P, _US, "AWS Lambda", "Lambda-GB-Second", "Invoke", "2.40", "0.0000166667", "Lambda-GB-Second", _tags("fulfilment", "order-processor", "production"), noise=0.3),
    _Usage(_P, _US, "AWS Lambda", "Request", "Invoke", "0.22", "0.0000002", "Lambda-Requests", _tags("fulfilment", "order-processor", "production"), noise=0.3),
    _Usage(_P, _EU, "AWS Lambda", "EU-Lambda-GB-Second", "Invoke", "0.70", "0.0000166667", "Lambda-GB-Second", _tags("web", "thumbnailer", "production"), noise=0.3),
    _Usage(_P, _US, _ECS, "Fargate-vCPU-Hours:perCPU", "FargateTask", "3.40", "0.04048", "hours", _tags("web", "image-proxy", "production"), noise=0.05),
    _Usage(_P, _US, _ECS, "Fargate-GB-Hours", "FargateTask", "0.75", "0.004445", "hours", _tags("web", "image-proxy", "production"), noise=0.05),
    _Usage(_P, _US, "AmazonCloudWatch", "DataProcessing-Bytes", "PutLogEvents", "4.10", "0.50", "GB", noise=0.25),
    _Usage(_P, _US, "AmazonCloudWatch", "CW:MetricMonitorUsage", "MetricStorage", "1.20", "0.30", "Metrics", noise=0.02),
    _Usage(_P, _EU, "AmazonCloudWatch", "EU-DataProcessing-Bytes", "PutLogEvents", "1.60", "0.57", "GB", noise=0.25),
    _Usage(_P, _US, "Amazon EC2 Container Registry (ECR)", "TimedStorage-ByteHrs", "EcrStorage", "0.18", "0.10", "GB-Month", noise=0.01),
    _Usage(_P, _US, _EC2_OTHER, "NatGateway-Hours", "NatGateway", "3.24", "0.045", "Hrs", _tags("platform", "network", "production"), noise=0.0),
    _Usage(_P, _US, _EC2_OTHER, "DataTransfer-Out-Bytes", "RunInstances", "5.60", "0.09", "GB", _tags("web", "storefront", "production"), noise=0.35),
    _Usage(_P, _EU, _EC2_OTHER, "EU-DataTransfer-Out-Bytes", "RunInstances", "2.10", "0.09", "GB", _tags("web", "storefront", "production"), noise=0.35),
    _Usage(_P, _US, "AWS Cost Explorer", "USE1-APIRequest", "GetCostAndUsage", "0.04", "0.01", "Request", noise=0.5),
    _Usage(_S, _US, _S3, "TimedStorage-ByteHrs", "StandardStorage", "0.34", "0.023", "GB-Month", _tags("web", "storefront", "staging"), noise=0.03),
    _Usage(_S, _US, _RDS, "InstanceUsage:db.t4g.medium", "CreateDBInstance:0014", "1.56", "0.065", "Hrs", _tags("fulfilment", "orders-db", "staging"), "db.t4g.medium", noise=0.0),
    _Usage(_S, _US, "AmazonCloudWatch", "DataProcessing-Bytes", "PutLogEvents", "0.55", "0.50", "GB", noise=0.4),
    _Usage(_S, _US, _EC2_OTHER, "DataTransfer-Out-Bytes", "RunInstances", "0.45", "0.09", "GB", _tags("platform", "ci-runner", "staging"), noise=0.5),
    _Usage(_X, _US, _S3, "TimedStorage-ByteHrs", "StandardStorage", "0.06", "0.023", "GB-Month", noise=0.05),
    _Usage(_X, _US, "AmazonCloudWatch", "DataProcessing-Bytes", "PutLogEvents", "0.09", "0.50", "GB", noise=0.6),
)  # fmt: skip

#: Growth of the noisy services per year: the shop does well.
_YEARLY_GROWTH = 0.45

#: A mistake in staging, some days before the seed date: something for an anomaly view to find.
_SPIKE_DAYS_AGO, _SPIKE = (6, 7), 9.0


class Ledger:
    """The bills of all accounts."""

    def __init__(self, estate: Estate, clock: Clock) -> None:
        self._seed_date = estate.seed_date
        self._clock = clock
        self._cohorts = _cohorts(estate)
        self._day = cache(self._compute)

    @property
    def accounts(self) -> list[str]:
        """The accounts that have a bill."""
        return sorted(self._cohorts)

    def day(self, account: str, day: date) -> list[LineItem]:
        """The lines of an account's bill for a day; none for a day to come."""
        today = self._clock.today()
        if day > today or account not in self._cohorts:
            return []
        return self._day(account, day, day == today)

    def _compute(self, account: str, day: date, partial: bool) -> list[LineItem]:
        share = _TODAY_SHARE if partial else Decimal(1)
        items: list[LineItem] = []
        for cohort in self._cohorts[account]:
            items += _ec2_items(cohort, day, share)
        items += [self._usage_item(usage, day, share) for usage in _USAGES if usage.account == account]
        return [item for item in items if item.amount]

    def _usage_item(self, usage: _Usage, day: date, share: Decimal) -> LineItem:
        factor = 1.0
        if usage.noise:
            age = (self._seed_date - day).days
            factor = (1 + _YEARLY_GROWTH) ** (-age / 365)
            factor *= 1 + usage.noise * (
                2 * fraction("cost", usage.account, usage.region, usage.usage_type, day) - 1
            )
            if usage.noise >= 0.15 and day.weekday() >= 5:
                factor *= 0.8
            if usage.account == STAGING.id and "DataTransfer" in usage.usage_type and age in _SPIKE_DAYS_AGO:
                factor *= _SPIKE
        dollars = Decimal(usage.dollars) * Decimal(f"{factor:.6f}") * share
        return LineItem(
            usage.service, usage.region, usage.usage_type, usage.operation, usage.instance_type, usage.tags,
            _units(dollars), _units(dollars / Decimal(usage.price)), usage.unit,
        )  # fmt: skip


def _ec2_items(cohort: _Cohort, day: date, share: Decimal) -> list[LineItem]:
    prefix, factor = USAGE_PREFIX[cohort.region], REGION_FACTOR[cohort.region]
    hours = cohort.hours(day) * share
    compute = hours * INSTANCE_HOURS[cohort.type] * factor
    gb_months = Decimal(VOLUME_GB * cohort.volumes(day)) / 30 * share
    storage = gb_months * VOLUME_GB_MONTH * factor
    return [
        LineItem(
            _COMPUTE, cohort.region, f"{prefix}BoxUsage:{cohort.type}", "RunInstances", cohort.type, cohort.tags,
            _units(compute), _units(hours), "Hrs",
        ),
        LineItem(
            _EC2_OTHER, cohort.region, f"{prefix}EBS:VolumeUsage.gp3", "CreateVolume-Gp3", "", cohort.tags,
            _units(storage), _units(gb_months), "GB-Mo",
        ),
    ]  # fmt: skip


def _units(value: Decimal) -> int:
    return int((value * UNIT).to_integral_value())


def _cohorts(estate: Estate) -> dict[str, list[_Cohort]]:
    found: dict[str, dict[tuple[str, str, Tags], _Cohort]] = {_P: {}, _S: {}, _X: {}}
    for instance in estate.instances:
        tags = tuple((key, instance.tags[key]) for key in COST_TAGS if key in instance.tags)
        key = (instance.region, instance.type, tags)
        cohort = found[instance.account].setdefault(key, _Cohort(*key))
        _add(cohort, instance)
    for cohorts in found.values():
        for cohort in cohorts.values():
            cohort.starts.sort()
            cohort.ends.sort()
            cohort.deletions.sort()
    return {account: list(cohorts.values()) for account, cohorts in found.items()}


def _add(cohort: _Cohort, instance: Instance) -> None:
    cohort.starts.append(instance.paid_since)
    if instance.ended is None:
        return
    end = instance.ended.date()
    cohort.ends.append(end)
    midnight = datetime.combine(end, datetime.min.time(), UTC)
    cohort.end_hours[end] += Decimal(int((instance.ended - midnight).total_seconds())) / 3600
    if instance.state == "terminated":
        cohort.deletions.append(end + timedelta(days=1))
