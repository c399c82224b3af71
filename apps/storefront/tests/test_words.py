import datetime
from decimal import Decimal

from django.utils.translation import override

from apps.common.formats import day, percent
from apps.storefront.templatetags.shop import euros


def test_writes_euros_as_each_language_does():
    assert euros(Decimal("1234.5")) == "1\u202f234,50\u00a0€"
    assert euros(Decimal("-3")) == "−3,00\u00a0€"
    with override("en"):
        assert euros(Decimal("1234.5")) == "€1,234.50"
        assert euros(Decimal("-3")) == "-€3.00"
    assert euros(None) == ""


def test_writes_dates_in_full():
    assert day(datetime.date(2026, 11, 20)) == "20\u00a0novembre\u00a02026"
    with override("en"):
        assert day(datetime.date(2026, 11, 20)) == "20\u00a0November\u00a02026"


def test_writes_rates():
    assert percent(Decimal("5.5")) == "5,5\u202f%"
    assert percent(Decimal("20.0")) == "20\u202f%"
