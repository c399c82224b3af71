"""The port « plateforme agréée » (art. 289 bis and 290 CGI)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol, runtime_checkable


@dataclass(frozen=True)
class DayTotal:
    """Sales to consumers of one day at one rate: invoices less credit notes. `count`: how many documents."""

    day: date
    rate: Decimal
    net: Decimal
    vat: Decimal
    count: int


@dataclass(frozen=True)
class SalesReport:
    """What consumers bought in a period, its last day included."""

    first: date
    last: date
    siren: str
    totals: Sequence[DayTotal]


@runtime_checkable
class Platform(Protocol):
    """Both answer with a reference of what was taken. A repeat answers with the first one's and sends nothing twice."""

    name: str

    def send_sales(self, report: SalesReport) -> str: ...

    def send_invoice(self, *, number: str, xml: bytes) -> str: ...
