from decimal import Decimal

from apps.common.money import format_euros


def test_french_and_english_amounts():
    assert format_euros(Decimal("1234.5"), "fr") == "1\u202f234,50\u00a0€"
    assert format_euros(Decimal("1234.5"), "en") == "€1,234.50"
    assert format_euros(Decimal("-3"), "en") == "-€3.00"
