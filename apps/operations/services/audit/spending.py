"""Money of a month: present resources by the price list, and last month by Cost Explorer where permitted."""

from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from apps.common.money import round_cents
from apps.operations.price_list import price_list
from apps.operations.services.audit.asking import Ask
from apps.operations.services.audit.costs import Cost

# The region of Cost Explorer's API; each call costs a cent.
EXPLORER_REGION = "us-east-1"


def estimate(costs: list[Cost], regions: list[str]) -> dict[str, Any]:
    priced = [cost for cost in costs if cost.dollars is not None]
    families: dict[str, list[Cost]] = defaultdict(list)
    for cost in priced:
        families[cost.family].append(cost)
    tables = [prices for region in regions if (prices := price_list(region))]
    return {
        "dollars": _sum(cost.dollars for cost in priced),
        "euros": _sum(cost.euros for cost in priced),
        "families": sorted(
            (
                {
                    "family": family,
                    "count": len(some),
                    "dollars": _sum(cost.dollars for cost in some),
                    "euros": _sum(cost.euros for cost in some),
                }
                for family, some in families.items()
            ),
            key=lambda each: -each["dollars"],
        ),
        "priced": len(priced),
        "resources": [cost.as_data() for cost in costs if cost.dollars],
        "unknown": [cost.as_data() for cost in costs if cost.dollars is None],
        "unconfirmed": sorted({name for cost in priced for name in cost.unconfirmed}),
        "tables": [
            {"region": name, "date": f"{day:%Y-%m-%d}"}
            for prices in tables
            for name, day in (
                (prices.region, prices.date),
                *((f"{prices.region} {service}", day) for service, day in prices.types.items()),
            )
        ],
    }


def _sum(amounts: Any) -> float:
    return float(round_cents(sum((amount for amount in amounts if amount is not None), Decimal(0))))


def ask_explorer(ask: Ask, now: datetime) -> dict[str, Any] | None:
    """Last whole month, by service, in dollars; None when AWS does not say."""
    end = now.date().replace(day=1)
    start = (end - timedelta(days=1)).replace(day=1)
    groups = [
        group
        for page in ask(
            "ce",
            "get_cost_and_usage",
            region=EXPLORER_REGION,
            is_optional=True,
            TimePeriod={"Start": start.isoformat(), "End": end.isoformat()},
            Granularity="MONTHLY",
            Metrics=["UnblendedCost"],
            GroupBy=[{"Type": "DIMENSION", "Key": "SERVICE"}],
        )
        for period in page.get("ResultsByTime", [])
        for group in period.get("Groups", [])
    ]
    if not groups:
        return None
    spent = {group["Keys"][0]: Decimal(group["Metrics"]["UnblendedCost"]["Amount"]) for group in groups}
    return {
        "month": start.strftime("%Y-%m"),
        "dollars": round(float(sum(spent.values())), 2),
        "services": [
            {"service": name, "dollars": round(float(amount), 2)}
            for name, amount in sorted(spent.items(), key=lambda each: -each[1])
            if amount >= Decimal("0.01")
        ],
    }
