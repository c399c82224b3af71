"""Estimated dates and price of a product's delivery, for its page."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from apps.delivery import services as delivery
from apps.delivery.models import DeliveryMethod

CACHE_FOR = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Estimate:
    earliest_date: date
    latest_date: date
    price: Decimal
    """Of the cheapest delivery for this product alone."""
    free_from: Decimal | None
    in_store: bool
    """Whether it can also be collected from the shop."""


_cached_methods: tuple[datetime, list[DeliveryMethod]] | None = None


def delivery_estimate(*, weight_g: int, price: Decimal, now: datetime) -> Estimate | None:
    """None when no method delivers such a parcel. Delivery methods are cached for CACHE_FOR."""
    quotes = delivery.quotes(weight_g=weight_g, goods_total=price, now=now, methods=_methods(now))
    carried = [quote for quote in quotes if not quote.method.destination.is_collected]
    if not carried:
        return None
    thresholds = [quote.method.free_from for quote in carried if quote.method.free_from is not None]
    return Estimate(
        earliest_date=min(quote.earliest_date for quote in carried),
        latest_date=min(quote.latest_date for quote in carried),
        price=min(quote.price for quote in carried),
        free_from=min(thresholds, default=None),
        in_store=len(quotes) > len(carried),
    )


def _methods(now: datetime) -> list[DeliveryMethod]:
    global _cached_methods
    if _cached_methods is None or not timedelta(0) <= now - _cached_methods[0] < CACHE_FOR:
        _cached_methods = (now, delivery.offered_methods())
    return _cached_methods[1]
