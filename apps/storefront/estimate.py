"""When and for how much a product would arrive, said on its page."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from apps.delivery import services as delivery
from apps.delivery.models import DeliveryMethod

REMEMBERED = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Estimate:
    earliest_date: date
    latest_date: date
    price: Decimal
    """Of the cheapest delivery for this product alone."""
    free_from: Decimal | None
    in_store: bool
    """Whether it can also be collected from the shop."""


_known: tuple[datetime, list[DeliveryMethod]] | None = None


def delivery_estimate(*, weight_g: int, price: Decimal, now: datetime) -> Estimate | None:
    """None when nothing delivers such a parcel. Methods are read again every few seconds, not for every page."""
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
    global _known
    if _known is None or not timedelta(0) <= now - _known[0] < REMEMBERED:
        _known = (now, delivery.offered_methods())
    return _known[1]
