"""Prices and dates of deliveries."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

import holidays
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.common.money import ZERO
from apps.common.prepared import Prepared
from apps.delivery.kinds import CARRIED, destination_of
from apps.delivery.models import DeliveryMethod, PickupPoint
from apps.shop.identity import Identity, current


@dataclass(frozen=True)
class Quote:
    method: DeliveryMethod
    price: Decimal
    earliest_date: date
    latest_date: date

    @property
    def is_free(self) -> bool:
        return not self.price

    @property
    def after_a_transfer(self) -> str:
        """Sentence without full stop: the delay when the order is paid by bank transfer."""
        return Delay(self.method.min_days, self.method.max_days).after_a_transfer(self.method.kind)


_METHODS = Prepared(
    lambda: (
        DeliveryMethod.objects.filter(is_active=True)
        .annotate(up_to_g=F("brackets__up_to_g"), bracket_price=F("brackets__price"))
        .order_by("position", "pk", "up_to_g")
    )
)
_POINTS = Prepared(lambda methods: PickupPoint.objects.filter(method__in=methods, is_active=True))


def offered_methods() -> list[DeliveryMethod]:
    """Active delivery methods with their tariffs, by position. One query."""
    found: dict[int, DeliveryMethod] = {}
    for row in _METHODS.instances():
        method = found.setdefault(row.pk, row)
        if row.up_to_g is not None:
            method.tariff = (*method.tariff, (row.up_to_g, row.bracket_price))
    return list(found.values())


def points_of(method_ids: Sequence[int]) -> list[PickupPoint]:
    """Active pick-up points and counters of delivery methods. One query, or none."""
    return _POINTS.instances(tuple(method_ids)) if method_ids else []


def quotes(
    *, weight_g: int, goods_total: Decimal, now: datetime, methods: Sequence[DeliveryMethod] | None = None
) -> list[Quote]:
    """Price and dates by each delivery method that accepts the parcel's weight, by position.

    `methods`: the result of `offered_methods()` when the caller has cached it; otherwise they are read.
    """
    leaving = departure_date(now)
    return [
        quoted
        for method in (offered_methods() if methods is None else methods)
        if (quoted := _quote(method, weight_g=weight_g, goods_total=goods_total, leaving=leaving)) is not None
    ]


def missing_for_free_delivery(goods_total: Decimal) -> Decimal | None:
    """Euros to add for the nearest free delivery; zero when it is reached, None when the shop offers none."""
    threshold = (
        DeliveryMethod.objects.filter(is_active=True, free_from__isnull=False, kind__in=CARRIED)
        .order_by("free_from")
        .values_list("free_from", flat=True)
        .first()
    )
    return None if threshold is None else max(ZERO, threshold - goods_total)


def _quote(method: DeliveryMethod, *, weight_g: int, goods_total: Decimal, leaving: date) -> Quote | None:
    price = _price(method, weight_g)
    if price is None:
        return None
    if method.free_from is not None and goods_total >= method.free_from:
        price = ZERO
    return Quote(
        method=method,
        price=price,
        earliest_date=add_working_days(leaving, method.min_days),
        latest_date=add_working_days(leaving, method.max_days),
    )


def _price(method: DeliveryMethod, weight_g: int) -> Decimal | None:
    if not method.tariff and method.destination.is_collected:
        return ZERO
    return next((price for up_to_g, price in method.tariff if weight_g <= up_to_g), None)


def departure_date(now: datetime) -> date:
    """The day on which an order placed now leaves the shop: today until the cut-off hour, if the shop works today."""
    local, shop = timezone.localtime(now), current()
    day = local.date()
    if not _works_on(day, shop) or local.time() >= shop.cutoff:
        day += timedelta(days=1)
        while not _works_on(day, shop):
            day += timedelta(days=1)
    return day


def _works_on(day: date, shop: Identity) -> bool:
    """One of the shop's working days, neither a public holiday nor one of its closures."""
    return day.weekday() in shop.working_days and day not in _public_holidays() and not shop.closed_on(day)


def add_working_days(start: date, count: int) -> date:
    day = start
    following = _working_days_after(start)
    for _index in range(count):
        day = next(following)
    return day


def working_days_between(start: date, end: date) -> int:
    """Number of working days after `start` up to `end`: the inverse of `add_working_days`."""
    return sum(is_working_day(start + timedelta(days=days)) for days in range(1, (end - start).days + 1))


@dataclass(frozen=True)
class Delay:
    """Working days, counted from the day on which the payment arrives."""

    least: int
    most: int

    @classmethod
    def promised(cls, *, ordered_at: datetime, earliest_date: date, latest_date: date) -> "Delay":
        """The delay behind the dates that were promised when the order was placed."""
        leaving = departure_date(ordered_at)
        return cls(working_days_between(leaving, earliest_date), working_days_between(leaving, latest_date))

    def dates_from(self, now: datetime) -> tuple[date, date]:
        leaving = departure_date(now)
        return add_working_days(leaving, self.least), add_working_days(leaving, self.most)

    def after_a_transfer(self, kind: str) -> str:
        """Sentence without full stop: the days count from money that has still to come."""
        destination = destination_of(kind)
        if not destination.is_collected:
            days = str(self.most) if self.least == self.most else _("%(least)s à %(most)s") % vars(self)
            return destination.after_a_transfer % {"days": days, "most": self.most}
        # Goods for collection are ready from the first day on: only `least` is said.
        if not self.least:
            return _("À retirer en boutique dès la réception de votre paiement")
        return destination.after_a_transfer % {"days": self.least, "most": self.least}


def is_working_day(day: date) -> bool:
    """Monday to Friday, without public holidays (art. L3133-1 code du travail): carriers' days, and the law's."""
    return day.weekday() < 5 and day not in _public_holidays()


def _working_days_after(day: date) -> Iterator[date]:
    while True:
        day += timedelta(days=1)
        if is_working_day(day):
            yield day


@lru_cache(maxsize=1)
def _public_holidays() -> holidays.HolidayBase:
    """Public holidays of metropolitan France; the library computes a year when it is first used."""
    return holidays.country_holidays("FR")
