"""The price list: one product for a kind, pages, and what is not known."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from botocore.exceptions import ClientError
from conftest import Cloud


@pytest.fixture
def pricing(cloud: Cloud) -> Any:
    return cloud.client("pricing")


def products(pricing: Any, **fields: str) -> list[dict[str, Any]]:
    filters = [{"Type": "TERM_MATCH", "Field": field, "Value": value} for field, value in fields.items()]
    pages = pricing.get_paginator("get_products").paginate(ServiceCode="AmazonEC2", Filters=filters)
    return [json.loads(product) for page in pages for product in page["PriceList"]]


def hourly(product: dict[str, Any]) -> Decimal:
    (offer,) = product["terms"]["OnDemand"].values()
    (dimension,) = offer["priceDimensions"].values()
    assert dimension["unit"] == "Hrs"
    return Decimal(dimension["pricePerUnit"]["USD"])


def test_a_kind_has_one_price_in_a_region(pricing: Any) -> None:
    def of(region: str, operation: str = "RunInstances") -> Decimal:
        (found,) = products(pricing, instanceType="m5.large", regionCode=region, operation=operation)
        return hourly(found)

    assert of("us-east-1") == Decimal("0.096")
    assert of("eu-west-1") > of("us-east-1")
    assert of("us-east-1", "RunInstances:0002") > of("us-east-1")
    assert products(pricing, instanceType="x9.huge") == []


def test_products_come_in_pages(pricing: Any) -> None:
    first = pricing.get_products(ServiceCode="AmazonEC2", MaxResults=7)
    assert len(first["PriceList"]) == 7
    everything = products(pricing)
    assert len({product["product"]["sku"] for product in everything}) == len(everything) > 7


def test_what_is_not_sold_is_refused(pricing: Any) -> None:
    with pytest.raises(ClientError, match="InvalidParameterException"):
        pricing.get_products(ServiceCode="AmazonLettuce")
