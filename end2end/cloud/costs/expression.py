"""Cost Explorer's filter expressions and group definitions, over lines of the bill."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cloud.costs.ledger import LineItem


class Invalid(ValueError):
    """A request that Cost Explorer refuses with ValidationException."""


Value = Callable[[str, LineItem], str]
Predicate = Callable[[str, LineItem], bool]

#: Dimensions by name: what a line of an account's bill has there.
DIMENSIONS: dict[str, Value] = {
    "SERVICE": lambda _, item: item.service,
    "REGION": lambda _, item: item.region,
    "LINKED_ACCOUNT": lambda account, _: account,
    "USAGE_TYPE": lambda _, item: item.usage_type,
    "OPERATION": lambda _, item: item.operation,
    "INSTANCE_TYPE": lambda _, item: item.instance_type or "NoInstanceType",
    "RECORD_TYPE": lambda account, item: "Usage",
    "PURCHASE_TYPE": lambda _, item: (
        "On Demand Instances" if "BoxUsage" in item.usage_type else "NoPurchaseType"
    ),
    "PLATFORM": lambda _, item: "Linux/UNIX" if "BoxUsage" in item.usage_type else "NoPlatform",
    "TENANCY": lambda _, item: "Shared" if "BoxUsage" in item.usage_type else "NoTenancy",
}


def tag_of(item: LineItem, key: str) -> str:
    """The value of a cost allocation tag, empty where the line lacks it."""
    return dict(item.tags).get(key, "")


def dimension(name: str) -> Value:
    """The dimension of this name; raises :class:`Invalid`."""
    try:
        return DIMENSIONS[name]
    except KeyError:
        raise Invalid(f"Dimension {name} is not supported.") from None


def group_value(definition: dict[str, Any]) -> Value:
    """What a group definition groups by: a dimension, or a tag as ``key$value``."""
    kind, key = definition.get("Type"), definition.get("Key", "")
    if kind == "DIMENSION":
        return dimension(key)
    if kind == "TAG":
        return lambda _, item: f"{key}${tag_of(item, key)}"
    raise Invalid(f"Group definition type {kind} is not supported.")


def predicate(expression: dict[str, Any] | None) -> Predicate:
    """A filter expression as a test of lines; no expression passes everything."""
    if not expression:
        return lambda *_: True
    if len(expression) != 1:
        raise Invalid("Expression can have only one of: Or, And, Not, Dimensions, Tags, CostCategories.")
    ((kind, operand),) = expression.items()
    match kind:
        case "And" | "Or":
            if not isinstance(operand, list) or len(operand) < 2:
                raise Invalid(f"{kind} expression must have at least 2 operands.")
            tests = [predicate(part) for part in operand]
            combine = all if kind == "And" else any
            return lambda account, item: combine(test(account, item) for test in tests)
        case "Not":
            test = predicate(operand)
            return lambda account, item: not test(account, item)
        case "Dimensions":
            value = dimension(operand.get("Key", ""))
            return _comparison(value, operand)
        case "Tags":
            key = operand.get("Key", "")
            return _comparison(lambda _, item: tag_of(item, key), operand)
        case "CostCategories":
            return lambda *_: False  # The company has defined none.
        case _:
            raise Invalid(f"Unknown expression {kind}.")


def _comparison(value: Value, operand: dict[str, Any]) -> Predicate:
    options = set(operand.get("MatchOptions") or ["EQUALS"])
    wanted = operand.get("Values") or []
    if "ABSENT" in options:
        return lambda account, item: value(account, item) == ""
    if not wanted:
        raise Invalid("Values must not be empty.")
    fold = str.casefold if "CASE_INSENSITIVE" in options else str
    wanted = [fold(each) for each in wanted]
    if "STARTS_WITH" in options:
        test: Callable[[str, str], bool] = str.startswith
    elif "ENDS_WITH" in options:
        test = str.endswith
    elif "CONTAINS" in options:
        test = str.__contains__
    else:
        test = str.__eq__
    return lambda account, item: any(test(fold(value(account, item)), each) for each in wanted)
