"""How long a customer may withdraw (code de la consommation, art. L221-18 and L221-19)."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from apps.delivery.services import is_working_day
from apps.orders.models import Order

DAYS = 14
ENDED = (Order.Status.CANCELLED, Order.Status.EXPIRED)


def received_date(order: Order) -> date | None:
    """The day on which the last parcel arrived, as staff noted it; None while nobody did.

    An order is one parcel. Staff may note its arrival later than it was, never before, so that the period is never
    shorter than the law's.
    """
    if order.status != Order.Status.DELIVERED or order.closed_at is None:
        return None
    return timezone.localdate(order.closed_at)


def last_day(order: Order) -> date | None:
    """The last day of the period, moved to the next working day; None while the arrival is not known: still open."""
    received = received_date(order)
    if received is None:
        return None
    day = received + timedelta(days=DAYS)
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def is_open(order: Order, now: datetime) -> bool:
    """Whether a customer may withdraw now; already before the delivery. Queries nothing."""
    if order.status in ENDED:
        return False
    day = last_day(order)
    return day is None or now < timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
