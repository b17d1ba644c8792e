"""The periods of Cost Explorer's requests and answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from cloud.costs.expression import Invalid

Period = tuple[date, date]

#: Cost Explorer keeps so many months before the present one.
HISTORY_MONTHS = 13


def read_period(document: dict[str, Any]) -> Period:
    """The request's TimePeriod: start inclusive, end exclusive."""
    period = document.get("TimePeriod")
    if not isinstance(period, dict):
        raise Invalid(
            "1 validation error detected: Value null at 'timePeriod' failed to satisfy constraint: "
            "Member must not be null"
        )
    start, end = _read_day(period.get("Start", "")), _read_day(period.get("End", ""))
    if start >= end:
        raise Invalid("Start date (and hour) should be before end date (and hour)")
    return start, end


def _read_day(text: str) -> date:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise Invalid("Dates must be given in the form yyyy-MM-dd.")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(f"{text} is not a date.") from None


def check_history(period: Period, today: date) -> None:
    """Refuse periods that reach further back or ahead than Cost Explorer has figures for."""
    start, end = period
    if start < months_before(today, HISTORY_MONTHS):
        raise Invalid("You haven't enabled historical data beyond 14 months")
    if end > next_month(today):
        raise Invalid("end date past the beginning of next month is not allowed")


def months_before(day: date, months: int) -> date:
    """The first day of the month so many months before the one of ``day``."""
    count = day.year * 12 + day.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)


def next_month(day: date) -> date:
    """The first day of the month after the one of ``day``."""
    return months_before(day, -1)


def split(period: Period, granularity: str) -> Iterator[Period]:
    """The period's days, or its months (cut off at its ends)."""
    start, end = period
    while start < end:
        following = start + timedelta(days=1) if granularity == "DAILY" else next_month(start)
        yield start, min(following, end)
        start = min(following, end)


def days(period: Period) -> Iterator[date]:
    """Each day of the period."""
    day, end = period
    while day < end:
        yield day
        day += timedelta(days=1)


def period_document(period: Period) -> dict[str, str]:
    """The period as it stands in answers."""
    return {"Start": period[0].isoformat(), "End": period[1].isoformat()}
