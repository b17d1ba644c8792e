"""The price list's ``GetProducts``, for the kinds of instance that the demo has prices of.

JSON 1.1, target prefix ``AWSPriceListService``. Like AWS it answers products as JSON within JSON, in pages.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from aiohttp import web

from cloud.costs.prices import INSTANCE_HOURS, REGION_FACTOR
from cloud.estate import digest
from cloud.operations import Call
from cloud.protocols import error_response

Document = dict[str, Any]

#: What runs on an instance, as billing names it, and how much dearer it is there.
_PLATFORMS = {
    "RunInstances": ("Linux", Decimal(1)),
    "RunInstances:0002": ("Windows", Decimal("1.6")),
    "RunInstances:0010": ("RHEL", Decimal("1.4")),
}

#: Products in a page, at most and unless the caller wants fewer.
_PAGE = 100


def handle(call: Call, body: bytes) -> web.Response:
    """The answer to a call of the price list."""
    if call.operation != "GetProducts":
        return error_response(call.protocol, 400, "UnknownOperationException", f"{call.operation} is not known")
    try:
        request = json.loads(body or b"{}")
    except json.JSONDecodeError:
        return error_response(call.protocol, 400, "SerializationException", "The request is not JSON")
    if request.get("ServiceCode") != "AmazonEC2":
        return error_response(call.protocol, 400, "InvalidParameterException", "Unknown service code.")
    filters: list[Document] = request.get("Filters") or []
    wrong = [given for given in filters if given.get("Type") != "TERM_MATCH"]
    if wrong:
        return error_response(call.protocol, 400, "InvalidParameterException", "Only TERM_MATCH is known here.")
    found = [product for product in _products() if _passes(product, filters)]
    size = min(int(request.get("MaxResults") or _PAGE), _PAGE)
    start = int(request.get("NextToken") or 0)
    answer: Document = {
        "FormatVersion": "aws_v1",
        "PriceList": [json.dumps(product) for product in found[start : start + size]],
    }
    if start + size < len(found):
        answer["NextToken"] = str(start + size)
    return web.Response(body=json.dumps(answer).encode(), headers={"Content-Type": "application/x-amz-json-1.1"})


def _passes(product: Document, filters: list[Document]) -> bool:
    attributes = product["product"]["attributes"]
    return all(attributes.get(given["Field"]) == given["Value"] for given in filters)


def _products() -> list[Document]:
    return [
        _product(kind, hour, region, operation)
        for region in REGION_FACTOR
        for kind, hour in INSTANCE_HOURS.items()
        for operation in _PLATFORMS
    ]


def _product(kind: str, hour: Decimal, region: str, operation: str) -> Document:
    system, factor = _PLATFORMS[operation]
    price = hour * REGION_FACTOR[region] * factor
    sku = f"{digest(kind, region, operation):016X}"
    offer = f"{sku}.JRTCKXETXF"
    return {
        "product": {
            "productFamily": "Compute Instance",
            "sku": sku,
            "attributes": {
                "servicecode": "AmazonEC2",
                "instanceType": kind,
                "regionCode": region,
                "operation": operation,
                "operatingSystem": system,
                "tenancy": "Shared",
                "capacitystatus": "Used",
                "marketoption": "OnDemand",
            },
        },
        "serviceCode": "AmazonEC2",
        "terms": {
            "OnDemand": {
                offer: {
                    "sku": sku,
                    "offerTermCode": "JRTCKXETXF",
                    "priceDimensions": {
                        f"{offer}.6YS6EN2CT7": {
                            "unit": "Hrs",
                            "description": f"${price:f} per On Demand {system} {kind} Instance Hour",
                            "beginRange": "0",
                            "endRange": "Inf",
                            "pricePerUnit": {"USD": f"{price:.10f}"},
                        }
                    },
                }
            }
        },
    }
