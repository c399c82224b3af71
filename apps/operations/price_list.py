"""AWS's prices, from the dated table in prices/; deploy/platform_tests/cost reads it for terraform/README.md too."""

import datetime
import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

TABLES = Path(__file__).parent / "prices"


@dataclass(frozen=True)
class PriceList:
    """US dollars before tax, on demand; `date` is when the table was taken from AWS's price list, `types_date` when
    that of EC2's types was."""

    region: str
    date: datetime.date
    types_date: datetime.date | None
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
    """The table of a region, if there is one; for types of EC2 that it does not name, the long one in ec2/."""
    path = TABLES / f"{region}.toml"
    if not path.is_file():
        return None
    table, types = _read(path), _read(TABLES / "ec2" / f"{region}.toml")
    named = table.get("ec2", {})
    # What the short table says goes before, also about what is confirmed.
    unconfirmed = {name for name in types.get("unconfirmed", ()) if name.removeprefix("ec2.") not in named}
    return PriceList(
        region=table["region"],
        date=table["date"],
        types_date=types.get("date"),
        euros_per_dollar=table["euros_per_dollar"],
        unconfirmed=frozenset({*table["unconfirmed"], *unconfirmed}),
        prices={**table, "ec2": {**types.get("ec2", {}), **named}},
    )


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal) if path.is_file() else {}
