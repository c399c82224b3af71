"""The only module that rounds and formats money. Amounts are gross (TTC) euros as Decimal with two places."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.numbers import parse_pattern
from django.core.validators import MinValueValidator
from django.db import models

from apps.common.translation import current_language

NO_BREAK_SPACE = "\u00a0"
NARROW_SPACE = "\u202f"
CENT = Decimal("0.01")
UNIT = Decimal("0.0001")
ZERO = Decimal("0.00")


def round_cents(amount: Decimal) -> Decimal:
    """Nearest cent, halves away from zero, as French invoices do."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def to_cents(amount: Decimal) -> int:
    """As providers of payments count."""
    return int(round_cents(amount) * 100)


def from_cents(cents: int) -> Decimal:
    return Decimal(cents) / 100 + ZERO


def vat_included(*, gross: Decimal, rate: Decimal) -> Decimal:
    """The VAT inside a gross amount, at a rate in per cent (20, 10, 5.5, 2.1)."""
    return round_cents(gross * rate / (100 + rate))


def format_euros(amount: Decimal, language: str | None = None) -> str:
    """« 1 234,50 € » in French, « €1,234.50 » in English, with spaces that do not break."""
    return _written(amount, "EUR", language or current_language(), True)


def format_whole_euros(amount: Decimal | int, language: str | None = None) -> str:
    """« 1 500 € », for limits and axes."""
    return _written(Decimal(amount), "EUR", language or current_language(), False)


def format_dollars(amount: Decimal, language: str | None = None) -> str:
    """What AWS bills, « 12,50 $US » in French."""
    return _written(amount, "USD", language or current_language(), True)


def unit_price(amount: Decimal, quantity: int) -> Decimal:
    """The price of one piece without VAT, which has no whole cents: to a hundredth of a cent."""
    return (amount / quantity).quantize(UNIT, rounding=ROUND_HALF_UP)


def format_unit_price(amount: Decimal, language: str | None = None) -> str:
    """« 11,8483 € »: two decimals, up to four where they are needed."""
    locale = _locale(language or current_language())
    pattern = parse_pattern(locale.currency_formats["standard"].pattern.replace(".00", ".00##"))
    return pattern.apply(amount, locale, currency="EUR", currency_digits=False)


# Cached: Babel needs 0.1 ms to format an amount by CLDR, the cache 0.3 µs, and pages repeat the same few thousand
# amounts.
@lru_cache(maxsize=16_384)
def _written(amount: Decimal, currency: str, language: str, has_cents: bool) -> str:
    locale = _locale(language)
    rounded = round_cents(amount) if has_cents else amount.quantize(Decimal(1), rounding=ROUND_HALF_UP)
    standard = locale.currency_formats["standard"]
    pattern = standard if has_cents else parse_pattern(standard.pattern.replace(".00", ""))
    # Avoids « -0,00 € ».
    text = pattern.apply(rounded + 0, locale, currency=currency, currency_digits=has_cents)
    # CLDR has a hyphen; we print a minus sign.
    return text if language == "en" else text.replace("-", "−")


def _locale(language: str) -> Locale:
    return Locale.parse("en_GB" if language == "en" else "fr_FR")


@dataclass(frozen=True)
class VatAmount:
    rate: Decimal
    gross: Decimal
    vat: Decimal

    @property
    def net(self) -> Decimal:
        return self.gross - self.vat


def vat_per_rate(lines: Iterable[tuple[Decimal, Decimal, Decimal]], *, delivery: Decimal = ZERO) -> list[VatAmount]:
    """Sums (rate, gross, VAT) of lines by rate, highest first. VAT is rounded per line and only added up here.

    Delivery that the customer pays is part of the price of the goods (CGI art. 267, I, 2°): it is divided between their
    rates in proportion to the goods of each.
    """
    sums: dict[Decimal, tuple[Decimal, Decimal]] = {}
    for rate, gross, vat in lines:
        before = sums.get(rate, (ZERO, ZERO))
        sums[rate] = (before[0] + gross, before[1] + vat)
    for rate, part in share_out(delivery, {rate: gross for rate, (gross, _vat) in sums.items()}).items():
        gross, vat = sums[rate]
        sums[rate] = (gross + part, vat + vat_included(gross=part, rate=rate))
    return [VatAmount(rate, *sums[rate]) for rate in sorted(sums, reverse=True) if sums[rate][0]]


def share_out(amount: Decimal, weights: Mapping[Decimal, Decimal]) -> dict[Decimal, Decimal]:
    """Divide an amount in proportion to the weights, in whole cents that add up to it (largest remainders).

    If all weights are zero, the highest key gets the whole amount.
    """
    whole = sum(weights.values(), ZERO)
    if not whole:
        return {max(weights): amount} if weights else {}
    exact = {key: amount * weight / whole for key, weight in weights.items()}
    parts = {key: part.quantize(CENT, rounding=ROUND_DOWN) for key, part in exact.items()}
    left = int((amount - sum(parts.values(), ZERO)) / CENT)
    for key in sorted(parts, key=lambda key: (exact[key] - parts[key], key), reverse=True)[:left]:
        parts[key] += CENT
    return parts


class MoneyField(models.DecimalField):
    """Euros to the cent, never negative, up to 99,999,999.99."""

    is_money = True
    """For templates, which know no classes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 10)
        kwargs.setdefault("decimal_places", 2)
        kwargs.setdefault("validators", [MinValueValidator(ZERO)])
        super().__init__(*args, **kwargs)


class SignedMoneyField(MoneyField):
    """Euros that came (positive) or went (negative)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, validators=[], **kwargs)
