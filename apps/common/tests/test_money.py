from decimal import Decimal

import pytest

from apps.common.money import format_euros, share_out


def test_french_and_english_amounts():
    assert format_euros(Decimal("1234.5"), "fr") == "1\u202f234,50\u00a0€"
    assert format_euros(Decimal("1234.5"), "en") == "€1,234.50"
    assert format_euros(Decimal("-3"), "en") == "-€3.00"


def test_parts_are_whole_cents_that_add_up():
    thirds = share_out(Decimal("0.10"), {Decimal(rate): Decimal(1) for rate in (2, 5, 20)})
    assert thirds == {Decimal(20): Decimal("0.04"), Decimal(5): Decimal("0.03"), Decimal(2): Decimal("0.03")}


@pytest.mark.parametrize("amount", ["0.00", "0.01", "4.90", "5.90", "1234.57"])
def test_nothing_is_lost_whatever_the_weights(amount):
    goods = {Decimal("20.0"): Decimal("9.99"), Decimal("10.0"): Decimal("0.07"), Decimal("5.5"): Decimal("33.33")}
    assert sum(share_out(Decimal(amount), goods).values()) == Decimal(amount)


def test_what_is_given_away_is_delivered_at_the_highest_rate():
    free = {Decimal("5.5"): Decimal(0), Decimal("20.0"): Decimal(0)}
    assert share_out(Decimal("4.90"), free) == {Decimal("20.0"): Decimal("4.90")}
    assert share_out(Decimal("4.90"), {}) == {}
