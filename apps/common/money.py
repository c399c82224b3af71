"""The one place where money is rounded. Amounts are gross (TTC) euros as Decimal with two places."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.core.validators import MinValueValidator
from django.db import models

from apps.common.translation import current_language

NO_BREAK_SPACE = "\u00a0"
NARROW_SPACE = "\u202f"
CENT = Decimal("0.01")
ZERO = Decimal("0.00")


def round_cents(amount: Decimal) -> Decimal:
    """Nearest cent, halves away from zero, as French invoices do."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def vat_included(*, gross: Decimal, rate: Decimal) -> Decimal:
    """The VAT inside a gross amount, at a rate in per cent (20, 10, 5.5, 2.1)."""
    return round_cents(gross * rate / (100 + rate))


def format_euros(amount: Decimal, language: str | None = None) -> str:
    """« 1 234,50 € » in French, « €1,234.50 » in English, with spaces that do not break."""
    whole, cents = f"{round_cents(amount):,.2f}".split(".")
    if (language or current_language()) == "en":
        return f"€{whole}.{cents}" if amount >= 0 else f"-€{whole.lstrip('-')}.{cents}"
    return f"{whole.replace(',', NARROW_SPACE)},{cents}{NO_BREAK_SPACE}€"


@dataclass(frozen=True)
class VatAmount:
    rate: Decimal
    gross: Decimal
    vat: Decimal

    @property
    def net(self) -> Decimal:
        return self.gross - self.vat


def vat_per_rate(amounts: Iterable[tuple[Decimal, Decimal, Decimal]]) -> list[VatAmount]:
    """Sums (rate, gross, VAT) by rate, highest first. VAT was rounded per line and is only added up here."""
    sums: dict[Decimal, tuple[Decimal, Decimal]] = {}
    for rate, gross, vat in amounts:
        before = sums.get(rate, (ZERO, ZERO))
        sums[rate] = (before[0] + gross, before[1] + vat)
    return [VatAmount(rate, *sums[rate]) for rate in sorted(sums, reverse=True) if sums[rate][0]]


class MoneyField(models.DecimalField):
    """Euros to the cent, never negative, up to 99,999,999.99."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 10)
        kwargs.setdefault("decimal_places", 2)
        kwargs.setdefault("validators", [MinValueValidator(ZERO)])
        super().__init__(*args, **kwargs)
