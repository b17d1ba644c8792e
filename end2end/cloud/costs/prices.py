"""Prices, in US dollars: on-demand Linux list prices, near enough for a demo."""

from __future__ import annotations

from decimal import Decimal

#: Per hour in us-east-1.
INSTANCE_HOURS: dict[str, Decimal] = {
    "t2.micro": Decimal("0.0116"), "t3.nano": Decimal("0.0052"), "t3.micro": Decimal("0.0104"),
    "t3.small": Decimal("0.0208"), "t3.medium": Decimal("0.0416"), "t3.large": Decimal("0.0832"),
    "m5.large": Decimal("0.096"), "m6i.large": Decimal("0.096"), "m6i.xlarge": Decimal("0.192"),
    "c6i.large": Decimal("0.085"), "c6i.xlarge": Decimal("0.17"), "c6i.2xlarge": Decimal("0.34"),
    "c6i.4xlarge": Decimal("0.68"), "r6i.large": Decimal("0.126"), "r6i.xlarge": Decimal("0.252"),
    "g4dn.xlarge": Decimal("0.526"),
}  # fmt: skip

#: Europe costs a little more.
REGION_FACTOR = {"us-east-1": Decimal(1), "eu-west-1": Decimal("1.11")}

#: Billing's prefix of usage types; us-east-1 has none.
USAGE_PREFIX = {"us-east-1": "", "eu-west-1": "EU-"}

VOLUME_GB_MONTH = Decimal("0.08")
VOLUME_GB = 30
