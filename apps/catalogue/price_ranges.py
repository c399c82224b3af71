"""The price ranges that rayons are filtered by: fixed, so that their counts can be updated by each write."""

from bisect import bisect_right
from decimal import Decimal

LIMITS = tuple(Decimal(limit) for limit in (2, 5, 10, 20, 50, 100, 200, 500))
"""Euros; range n begins at LIMITS[n - 1], which belongs to it, and ends below LIMITS[n]."""


def range_of(price: Decimal) -> int:
    return bisect_right(LIMITS, price)


def key_of(number: int) -> str:
    """ "2-5" in a query string; the ends are open: "-2" and "500-"."""
    lower = LIMITS[number - 1] if number else ""
    upper = LIMITS[number] if number < len(LIMITS) else ""
    return f"{lower}-{upper}"


NUMBERS = {key_of(number): number for number in range(len(LIMITS) + 1)}
