"""When an order leaves, by what the owner has written in « La boutique »."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from apps.delivery.services import departure_date, is_working_day
from apps.shop.tests.factories import write_shop

PARIS = ZoneInfo("Europe/Paris")
# A Friday.
FRIDAY = date(2026, 11, 20)


def ordered(hour: int, day: int = 20) -> datetime:
    return datetime(2026, 11, day, hour, 30, tzinfo=PARIS)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("facts", "hour", "leaves"),
    [
        ({}, 13, 20),
        ({}, 14, 23),
        ({"cutoff": "11:00"}, 11, 23),
        ({"cutoff": "18:00"}, 17, 20),
        ({"working_days": "12345"}, 15, 21),
        ({"working_days": "1"}, 9, 24),
        ({"closures": [["2026-11-20", "2026-11-24", "Inventaire"]]}, 9, 25),
    ],
)
def test_an_order_leaves_when_the_shop_works(facts, hour, leaves):
    write_shop(**facts)
    assert departure_date(ordered(hour)) == date(2026, 11, leaves)


@pytest.mark.django_db
def test_the_law_s_working_days_are_not_the_shop_s():
    """Of the period of withdrawal, and of carriers."""
    write_shop(working_days="5", closures=[["2026-11-01", "2026-12-31", ""]])
    assert is_working_day(FRIDAY)
    assert not is_working_day(date(2026, 11, 21))
