"""Amounts of money as people write them."""

import re
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.common.money import format_euros
from apps.common.tabular.errors import Refusal
from apps.imports.catalogue.values.texts import SPACES

HIGHEST_PRICE = Decimal("100000")
# « € » between euros and cents, as price tags write it: « 12€90 ».
_WITH_SIGN_INSIDE = re.compile(r"(\d+) ?(?:€|euros?|eur) ?(\d\d)", re.I)
_CURRENCY = re.compile(r"(?:€|\beuros?\b|(?<![a-z])eur\b)", re.I)
_FOREIGN_CURRENCY = re.compile(r"[$£¥]|\b(?:chf|usd|gbp|cad|fcfa|xof|francs?)\b", re.I)
_WITHOUT_TAX = re.compile(r"\b(?:h\.?t\.?|hors[ -]taxes?)(?![a-z])", re.I)
_WITH_TAX = re.compile(r"\b(?:t\.?t\.?c\.?|toutes taxes comprises)(?![a-z])", re.I)
_CENTS = re.compile(r"(\d{1,2}) ?(?:cts?|centimes?)", re.I)
_NUMBER = re.compile(
    r"""
    (?P<sign>[+-]?)
    (?P<whole>
        \d+ | \d{1,3}(?:\ \d{3})+ | \d{1,3}(?:'\d{3})+ | \d{1,3}(?:\.\d{3})+(?!\d*$) | \d{1,3}(?:,\d{3})+(?!\d*$)
    )
    (?:(?P<separator>[.,])(?P<decimals>\d*|-+))?
    """,
    re.X,
)
# As most files write it: nothing in it has two readings.
_PLAIN = re.compile(r"[0-9]{1,6}[.,][0-9]{2}")
_ZERO_CENTS = re.compile(r"[-–—]+$")


def price(raw: str, *, may_be_zero: bool = False) -> Decimal:
    """« 1 234,50 € », « 1.234,50 », « 12€90 », « 12,90 TTC », « 12.500000 ».

    Thousands are groups of three, by one sign that is not the decimal one. What has two readings, as « 1.234 » and
    « 12 90 », is refused.
    """
    amount = _positive(raw, may_be_zero=may_be_zero)
    cents = amount.quantize(Decimal("0.01"))
    if cents != amount:
        raise _ambiguous(raw)
    return cents


def net_price(raw: str) -> Decimal:
    """A price before VAT, which may have fractions of cents: « 9,383886 »."""
    return _positive(raw, without_tax=True)


def _positive(raw: str, *, may_be_zero: bool = False, without_tax: bool = False) -> Decimal:
    amount = _amount(raw, without_tax=without_tax)
    if amount < 0:
        raise Refusal(_("prix négatif : %(amount)s") % {"amount": format_euros(amount)})
    if amount == 0 and not may_be_zero:
        raise Refusal(_("prix nul : un produit gratuit est presque toujours une erreur"))
    if amount > HIGHEST_PRICE:
        raise Refusal(_("prix absurde : %(amount)s (100 000 € au plus)") % {"amount": format_euros(amount)})
    return amount


def _amount(raw: str, *, without_tax: bool) -> Decimal:
    if _PLAIN.fullmatch(raw):
        return Decimal(raw.replace(",", "."))
    text = SPACES.sub(" ", raw).strip().removeprefix("'").replace("’", "'")
    if not text:
        raise Refusal(_("prix manquant"))
    if not text.isprintable() or not _has_ascii_digits(text) or _FOREIGN_CURRENCY.search(text):
        raise _unreadable(raw)
    if _WITHOUT_TAX.search(text) and not without_tax:
        raise Refusal(_("prix hors taxes : « %(raw)s » dans une colonne de prix TTC") % {"raw": raw.strip()[:40]})
    text = (_WITHOUT_TAX if without_tax else _WITH_TAX).sub("", text, count=1).strip()
    if match := _WITH_SIGN_INSIDE.fullmatch(text):
        return Decimal(f"{match[1]}.{match[2]}")
    if match := _CENTS.fullmatch(text):
        return Decimal(match[1]) / 100
    # The sign of the currency stands before or after the number, once.
    bare = _CURRENCY.sub("", text, count=1).strip()
    if bare != text and not (text.startswith(bare) or text.endswith(bare)):
        raise _unreadable(raw)
    bare = re.sub(r"^([+-]) ", r"\1", bare)
    return _number(bare, raw)


def _unreadable(raw: str) -> Refusal:
    return Refusal(_("prix illisible : « %(raw)s »") % {"raw": raw.strip()[:40]})


def _ambiguous(raw: str) -> Refusal:
    return Refusal(_("prix ambigu : « %(raw)s » (deux décimales au plus)") % {"raw": raw.strip()[:40]})


def _has_ascii_digits(text: str) -> bool:
    return all(character.isascii() for character in text if character.isnumeric())


def _number(text: str, raw: str) -> Decimal:
    """A decimal number as people write it; raises Refusal where it has two readings."""
    text = _ZERO_CENTS.sub("00", text) if re.search(r"\d[.,][-–—]+$", text) else text
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise _unreadable(raw)
    whole, decimals = match["whole"], match["decimals"]
    grouped_by = next((sign for sign in " '.," if sign in whole), "")
    if match["separator"] and (not decimals or match["separator"] == grouped_by):
        raise _ambiguous(raw)
    if decimals and len(decimals) == 3 and whole != "0" and len(whole) < 4:
        # « 1.234 » is as well one thousand two hundred and thirty-four, and « 12,500 » twelve thousand five hundred.
        raise _ambiguous(raw)
    if not match["separator"] and grouped_by in (".", ","):
        raise _ambiguous(raw)
    digits = re.sub(r"\D", "", whole)
    return Decimal(f"{match['sign']}{digits}.{decimals or 0}")
