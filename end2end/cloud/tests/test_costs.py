"""Cost Explorer: sums, filters, pages, forecasts and refusals."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from cloud.clock import Clock
from cloud.costs.ledger import Ledger
from cloud.estate import PRODUCTION as PRODUCTION_ACCOUNT
from cloud.estate import build_estate
from conftest import PRODUCTION, SANDBOX, Cloud

TODAY = datetime.now(UTC).date()
MONTH = {"Start": str(TODAY - timedelta(days=30)), "End": str(TODAY)}


@pytest.fixture
def ce(cloud: Cloud) -> Any:
    return cloud.client("ce")


def query(ce: Any, **members: Any) -> dict[str, Any]:
    request = {"TimePeriod": MONTH, "Granularity": "DAILY", "Metrics": ["UnblendedCost"]} | members
    answer: dict[str, Any] = ce.get_cost_and_usage(**request)
    return answer


def total(answer: dict[str, Any]) -> Decimal:
    return sum((Decimal(r["Total"]["UnblendedCost"]["Amount"]) for r in answer["ResultsByTime"]), Decimal(0))


def grouped(answer: dict[str, Any]) -> dict[tuple[str, ...], Decimal]:
    sums: dict[tuple[str, ...], Decimal] = {}
    for result in answer["ResultsByTime"]:
        assert result["Total"] == {}
        for group in result["Groups"]:
            keys = tuple(group["Keys"])
            sums[keys] = sums.get(keys, Decimal(0)) + Decimal(group["Metrics"]["UnblendedCost"]["Amount"])
    return sums


@pytest.mark.parametrize("key", ["SERVICE", "REGION", "LINKED_ACCOUNT", "INSTANCE_TYPE", "USAGE_TYPE"])
def test_groups_sum_to_the_total_exactly(ce: Any, key: str) -> None:
    groups: dict[tuple[str, ...], Decimal] = {}
    token: dict[str, str] = {}
    while True:
        answer = query(ce, GroupBy=[{"Type": "DIMENSION", "Key": key}], **token)
        for keys, amount in grouped(answer).items():
            groups[keys] = groups.get(keys, Decimal(0)) + amount
        if "NextPageToken" not in answer:
            break
        token = {"NextPageToken": answer["NextPageToken"]}
    assert sum(groups.values()) == total(query(ce)) > 1000
    assert answer["GroupDefinitions"] == [{"Type": "DIMENSION", "Key": key}]


def test_tags_group_as_key_and_value(ce: Any) -> None:
    groups = grouped(query(ce, Granularity="MONTHLY", GroupBy=[{"Type": "TAG", "Key": "Team"}]))
    assert sum(groups.values()) == total(query(ce))
    assert {"Team$web", "Team$payments", "Team$"} <= {keys[0] for keys in groups}


def test_two_groupings(ce: Any) -> None:
    by = [{"Type": "DIMENSION", "Key": "SERVICE"}, {"Type": "DIMENSION", "Key": "REGION"}]
    groups = grouped(query(ce, Granularity="MONTHLY", GroupBy=by))
    assert ("AWS Lambda", "eu-west-1") in groups
    assert sum(groups.values()) == total(query(ce))


def test_filters_divide_the_total(ce: Any) -> None:
    lambdas = {"Dimensions": {"Key": "SERVICE", "Values": ["AWS Lambda"]}}
    europe = {"Dimensions": {"Key": "REGION", "Values": ["eu-west-1"]}}
    web = {"Tags": {"Key": "Team", "Values": ["web"]}}
    everything = total(query(ce))

    def part(expression: dict[str, Any]) -> Decimal:
        return total(query(ce, Filter=expression))

    assert part(lambdas) + part({"Not": lambdas}) == everything
    assert part({"Or": [lambdas, europe]}) == part(lambdas) + part(europe) - part({"And": [lambdas, europe]})
    assert 0 < part({"And": [europe, web]}) < part(web) < everything
    starts = {"Dimensions": {"Key": "SERVICE", "Values": ["Amazon Elastic"], "MatchOptions": ["STARTS_WITH"]}}
    assert part(starts) > part(lambdas)


def test_periods_and_estimates(ce: Any) -> None:
    first = TODAY.replace(day=1)
    before = (first - timedelta(days=1)).replace(day=1)
    answer = query(
        ce,
        Granularity="MONTHLY",
        TimePeriod={"Start": str(before), "End": str(first + timedelta(days=1))},
        Metrics=["UnblendedCost", "UsageQuantity", "BlendedCost", "AmortizedCost"],
    )
    past, present = answer["ResultsByTime"]
    assert past["TimePeriod"] == {"Start": str(before), "End": str(first)}
    assert present["TimePeriod"] == {"Start": str(first), "End": str(first + timedelta(days=1))}
    assert (past["Estimated"], present["Estimated"]) == (False, True)
    assert past["Total"]["UnblendedCost"]["Unit"] == "USD"
    assert past["Total"]["UsageQuantity"]["Unit"] == "N/A"
    assert past["Total"]["UnblendedCost"] == past["Total"]["AmortizedCost"]


def test_long_answers_come_in_pages(ce: Any, refused: Any) -> None:
    period = {"Start": str(TODAY - timedelta(days=120)), "End": str(TODAY)}
    members = {"TimePeriod": period, "GroupBy": [{"Type": "DIMENSION", "Key": "USAGE_TYPE"}]}
    days, pages, token = [], 0, {}
    while True:
        answer = query(ce, **members, **token)
        days += [result["TimePeriod"]["Start"] for result in answer["ResultsByTime"]]
        pages += 1
        if "NextPageToken" not in answer:
            break
        token = {"NextPageToken": answer["NextPageToken"]}
    assert pages > 1
    assert days == [str(TODAY - timedelta(days=back)) for back in range(120, 0, -1)]
    wrong = {"TimePeriod": period, "Granularity": "DAILY", "Metrics": ["UnblendedCost"]}
    assert refused(ce.get_cost_and_usage, **wrong, **token)[0] == "RequestChangedException"
    assert refused(ce.get_cost_and_usage, **wrong, NextPageToken="?")[0] == "InvalidNextTokenException"


def test_accounts_see_their_own_bill(cloud: Cloud, ce: Any) -> None:
    sandbox = total(query(cloud.client("ce", account=SANDBOX)))
    assert 0 < sandbox < total(query(ce))
    assert total(query(cloud.client("ce", account="test"))) == 0


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"TimePeriod": {"Start": str(TODAY), "End": str(TODAY)}}, "ValidationException"),
        ({"TimePeriod": {"Start": "2019-01-01", "End": "2019-02-01"}}, "ValidationException"),
        ({"TimePeriod": {"Start": "yesterday", "End": str(TODAY)}}, "ValidationException"),
        ({"Metrics": ["Cost"]}, "ValidationException"),
        ({"GroupBy": [{"Type": "DIMENSION", "Key": "COLOUR"}]}, "ValidationException"),
        ({"GroupBy": [{"Type": "TAG", "Key": str(n)} for n in range(3)]}, "ValidationException"),
        ({"Filter": {"And": [{"Tags": {"Key": "a", "Values": ["b"]}}]}}, "ValidationException"),
        ({"Granularity": "HOURLY"}, "AccessDeniedException"),
    ],
)
def test_wrong_requests_are_refused(ce: Any, refused: Any, members: Any, code: str) -> None:
    request = {"TimePeriod": MONTH, "Granularity": "DAILY", "Metrics": ["UnblendedCost"]} | members
    assert refused(ce.get_cost_and_usage, **request)[:2] == (code, 400)


def test_forecast(ce: Any, cloud: Cloud, refused: Any) -> None:
    request = {
        "TimePeriod": {"Start": str(TODAY), "End": str(TODAY + timedelta(days=20))},
        "Metric": "UNBLENDED_COST",
        "Granularity": "DAILY",
    }
    answer = ce.get_cost_forecast(**request, PredictionIntervalLevel=90)
    results = answer["ForecastResultsByTime"]
    assert len(results) == 20
    assert sum(Decimal(r["MeanValue"]) for r in results) == Decimal(answer["Total"]["Amount"])
    for result in results:
        low, mean, high = (
            Decimal(result[key])
            for key in ("PredictionIntervalLowerBound", "MeanValue", "PredictionIntervalUpperBound")
        )
        assert low < mean < high
    past = request | {"TimePeriod": {"Start": str(TODAY - timedelta(days=2)), "End": str(TODAY)}}
    assert refused(ce.get_cost_forecast, **past)[0] == "ValidationException"
    empty = cloud.client("ce", account="test")
    assert refused(empty.get_cost_forecast, **request)[0] == "DataUnavailableException"


def test_dimension_values_and_tags(ce: Any) -> None:
    services = ce.get_dimension_values(TimePeriod=MONTH, Dimension="SERVICE", SearchString="elastic")
    names = [value["Value"] for value in services["DimensionValues"]]
    assert names == ["Amazon Elastic Compute Cloud - Compute", "Amazon Elastic Container Service"]
    assert services["TotalSize"] == services["ReturnSize"] == 2
    (account,) = ce.get_dimension_values(TimePeriod=MONTH, Dimension="LINKED_ACCOUNT")["DimensionValues"]
    assert account == {"Value": PRODUCTION, "Attributes": {"description": "production"}}
    assert "Team" in ce.get_tags(TimePeriod=MONTH)["Tags"]
    assert "web" in ce.get_tags(TimePeriod=MONTH, TagKey="Team")["Tags"]


def test_the_bill_is_a_function_of_the_dates() -> None:
    seeded, today = date(2026, 6, 1), date(2026, 6, 10)

    def bill(day: date) -> int:
        ledger = Ledger(build_estate(seeded), Clock(today))
        return sum(item.amount for item in ledger.day(PRODUCTION_ACCOUNT.id, day))

    assert bill(date(2026, 5, 20)) == bill(date(2026, 5, 20)) > 0
    assert 0 < bill(today) < bill(today - timedelta(days=1)) / 2, "today is billed in part"
    assert bill(today + timedelta(days=1)) == 0
