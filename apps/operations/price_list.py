"""AWS's prices, from the dated table in prices/; deploy/platform_tests/cost reads it for terraform/README.md too."""

import datetime
import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

TABLES = Path(__file__).parent / "prices"
TYPES = ("ec2", "rds")


@dataclass(frozen=True)
class PriceList:
    """US dollars before tax, on demand; `date` is when the table was taken from AWS's price list, `types` when the long
    ones of EC2's and RDS's types were, by service."""

    region: str
    date: datetime.date
    types: dict[str, datetime.date]
    euros_per_dollar: Decimal
    unconfirmed: frozenset[str]
    prices: dict[str, Any]

    def of(self, *names: str) -> Decimal | None:
        """`of("ec2", "t3.micro")` is dollars an hour; None where the table does not know it."""
        found: Any = self.prices
        for name in names:
            found = found.get(name) if isinstance(found, dict) else None
        return Decimal(found) if isinstance(found, Decimal | int) else None

    def named(self, name: str) -> Decimal | None:
        """`named("ec2.t3.micro")`: as the table's own list of unconfirmed prices writes it."""
        return self.of(*name.split(".", 1))

    def euros(self, dollars: Decimal) -> Decimal:
        return dollars * self.euros_per_dollar


@cache
def price_list(region: str) -> PriceList | None:
    """The table of a region, if there is one; for types that it does not name, the long ones in ec2/ and rds/."""
    path = TABLES / f"{region}.toml"
    if not path.is_file():
        return None
    table = _read(path)
    prices, unconfirmed, types = dict(table), set(table["unconfirmed"]), {}
    for service in TYPES:
        long, named = _read(TABLES / service / f"{region}.toml"), table.get(service, {})
        if not long:
            continue
        types[service.upper()] = long["date"]
        # What the short table says goes before, also about what is confirmed.
        unconfirmed |= {name for name in long["unconfirmed"] if name.removeprefix(f"{service}.") not in named}
        prices[service] = {**long[service], **named}
    return PriceList(
        region=table["region"],
        date=table["date"],
        types=types,
        euros_per_dollar=table["euros_per_dollar"],
        unconfirmed=frozenset(unconfirmed),
        prices=prices,
    )


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal) if path.is_file() else {}
