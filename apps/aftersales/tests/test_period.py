"""Fourteen days after the last parcel, to the next working day (art. L221-18 and L221-19)."""

from datetime import UTC, date, datetime

import pytest

from apps.aftersales.period import is_open, last_day
from apps.orders.models import Order


@pytest.mark.parametrize(
    ("received", "last"),
    [
        (datetime(2026, 12, 1, 9, tzinfo=UTC), date(2026, 12, 15)),
        # In Paris it is the next day already.
        (datetime(2026, 12, 1, 23, 30, tzinfo=UTC), date(2026, 12, 16)),
        # The fourteenth day is a Saturday, a Sunday, Christmas (a Friday), the first of May (a Friday).
        (datetime(2026, 11, 28, 9, tzinfo=UTC), date(2026, 12, 14)),
        (datetime(2026, 11, 29, 9, tzinfo=UTC), date(2026, 12, 14)),
        (datetime(2026, 12, 11, 9, tzinfo=UTC), date(2026, 12, 28)),
        (datetime(2026, 4, 17, 9, tzinfo=UTC), date(2026, 5, 4)),
    ],
)
def test_counts_from_the_day_of_receipt_to_a_working_day(received, last):
    assert last_day(Order(status="DELIVERED", closed_at=received)) == last


def test_is_open_to_the_last_second_of_the_last_day():
    order = Order(status="DELIVERED", closed_at=datetime(2026, 12, 1, 9, tzinfo=UTC))
    assert is_open(order, datetime(2026, 12, 15, 22, 59, 59, tzinfo=UTC))
    assert not is_open(order, datetime(2026, 12, 15, 23, 0, tzinfo=UTC))


@pytest.mark.parametrize("status", Order.Status.values)
def test_is_open_before_the_delivery_and_where_nobody_noted_it(status):
    order = Order(status=status, shipped_at=datetime(2020, 1, 1, tzinfo=UTC))
    ended = status in ("CANCELLED", "EXPIRED")
    assert is_open(order, datetime(2026, 12, 1, tzinfo=UTC)) is not ended
    assert last_day(order) is None
