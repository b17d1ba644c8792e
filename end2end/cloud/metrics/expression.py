"""Metric math: the part of it that consoles use.

Arithmetic over series and numbers, and ``SUM AVG MIN MAX ABS CEIL FLOOR FILL RATE METRICS``.
``SEARCH``, ``IF`` and anomaly detection are refused, with a message that says so.
"""

from __future__ import annotations

import ast
import itertools
import math
import operator
import statistics
from collections.abc import Callable, Mapping
from typing import Any

#: Values by the start of their period.
Values = dict[float, float]
Operand = float | Values | list[Values]


class BadExpression(ValueError):
    """An expression that we cannot evaluate: its text says why."""


_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.Pow: operator.pow, ast.BitXor: operator.pow,
}  # fmt: skip


def evaluate(expression: str, series: Mapping[str, Values]) -> list[Values]:
    """The series that an expression makes of others; only METRICS() makes several."""
    try:
        tree = ast.parse(expression, mode="eval")
    except (SyntaxError, ValueError):
        raise BadExpression(f"Error in expression: {expression}") from None
    result = _Evaluator(series).value(tree.body)
    if isinstance(result, float):
        raise BadExpression("The expression must return a time series")
    return result if isinstance(result, list) else [result]


class _Evaluator:
    def __init__(self, series: Mapping[str, Values]) -> None:
        self._series = series

    def value(self, node: ast.expr) -> Operand:
        match node:
            case ast.Constant(value=int() | float() as number):
                return float(number)
            case ast.Name(id=name):
                if name not in self._series:
                    raise BadExpression(f"Unknown identifier {name}")
                return self._series[name]
            case ast.List(elts=parts):
                return [self._one(part) for part in parts]
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return _combine(operator.sub, 0.0, self.value(inner))
            case ast.BinOp(left=left, op=kind, right=right) if type(kind) in _OPERATORS:
                return _combine(_OPERATORS[type(kind)], self.value(left), self.value(right))
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return self._call(name.upper(), arguments)
            case _:
                raise BadExpression(f"Unsupported expression: {ast.unparse(node)}")

    def _one(self, node: ast.expr) -> Values:
        value = self.value(node)
        if not isinstance(value, dict):
            raise BadExpression(f"{ast.unparse(node)} must be a time series")
        return value

    def _call(self, name: str, arguments: list[ast.expr]) -> Operand:
        if name == "METRICS":
            return self._metrics(arguments)
        if not arguments:
            raise BadExpression(f"{name} needs an argument")
        first = self.value(arguments[0])
        if name in _REDUCERS:
            return _reduce(_REDUCERS[name], first)
        if name in _EACH:
            return _map(_EACH[name], first)
        if name == "FILL" and len(arguments) == 2:
            return self._fill(first, arguments[1])
        if name == "RATE" and isinstance(first, dict):
            return _rate(first)
        raise BadExpression(f"{name} is not supported by the demo cloud")

    def _metrics(self, arguments: list[ast.expr]) -> list[Values]:
        wanted = arguments[0].value if arguments and isinstance(arguments[0], ast.Constant) else ""
        return [values for name, values in self._series.items() if str(wanted) in name]

    def _fill(self, first: Operand, filler: ast.expr) -> Operand:
        times = sorted({at for values in self._series.values() for at in values})

        def fill(values: Values) -> Values:
            filled: Values = {}
            last: float | None = None
            for at in times:
                if at in values:
                    last = filled[at] = values[at]
                elif isinstance(filler, ast.Constant):
                    filled[at] = float(filler.value)  # type: ignore[arg-type]
                elif last is not None:  # REPEAT; LINEAR is treated alike
                    filled[at] = last
            return filled

        if isinstance(first, list):
            return [fill(values) for values in first]
        return fill(first) if isinstance(first, dict) else first


_REDUCERS: dict[str, Callable[[list[float]], float]] = {
    "SUM": sum,
    "AVG": statistics.fmean,
    "MIN": min,
    "MAX": max,
}
_EACH: dict[str, Callable[[float], Any]] = {"ABS": abs, "CEIL": math.ceil, "FLOOR": math.floor}


def _reduce(reducer: Callable[[list[float]], float], operand: Operand) -> Operand:
    """Over several series: period by period. Over one: to a number."""
    if isinstance(operand, list):
        times = sorted({at for values in operand for at in values})
        return {at: reducer([values[at] for values in operand if at in values]) for at in times}
    if isinstance(operand, dict):
        return reducer(list(operand.values())) if operand else 0.0
    return operand


def _map(function: Callable[[float], Any], operand: Operand) -> Operand:
    if isinstance(operand, list):
        return [{at: float(function(value)) for at, value in values.items()} for values in operand]
    if isinstance(operand, dict):
        return {at: float(function(value)) for at, value in operand.items()}
    return float(function(operand))


def _combine(function: Callable[[float, float], float], left: Operand, right: Operand) -> Operand:
    """Arithmetic: a period missing on one side, or a division by zero, gives no value."""
    if isinstance(left, list):
        return [_combine(function, each, right) for each in left]  # type: ignore[misc]
    if isinstance(right, list):
        return [_combine(function, left, each) for each in right]  # type: ignore[misc]
    if isinstance(left, float) and isinstance(right, float):
        return function(left, right)
    times = left.keys() if isinstance(left, dict) else right.keys()  # type: ignore[union-attr]
    if isinstance(left, dict) and isinstance(right, dict):
        times = left.keys() & right.keys()
    result: Values = {}
    for at in sorted(times):
        a = left[at] if isinstance(left, dict) else left
        b = right[at] if isinstance(right, dict) else right
        try:
            result[at] = function(a, b)
        except (ZeroDivisionError, OverflowError):
            continue
    return result


def _rate(values: Values) -> Values:
    times = sorted(values)
    return {
        after: (values[after] - values[before]) / (after - before)
        for before, after in itertools.pairwise(times)
    }
