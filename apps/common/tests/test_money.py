import re
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings

from apps.common.money import format_euros, format_whole_euros, share_out


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


@pytest.mark.parametrize(
    ("amount", "french", "english"),
    [
        ("0", "0,00\u00a0€", "€0.00"),
        ("-0.001", "0,00\u00a0€", "€0.00"),
        ("12.5", "12,50\u00a0€", "€12.50"),
        ("3.900000000000000", "3,90\u00a0€", "€3.90"),
        ("2.345", "2,35\u00a0€", "€2.35"),
        ("1234567.8", "1\u202f234\u202f567,80\u00a0€", "€1,234,567.80"),
    ],
)
def test_amounts_as_people_read_them(amount, french, english):
    assert (format_euros(Decimal(amount), "fr"), format_euros(Decimal(amount), "en")) == (french, english)


def test_whole_euros_have_no_cents():
    assert (format_whole_euros(1500, "fr"), format_whole_euros(1500, "en")) == ("1\u202f500\u00a0€", "€1,500")


BESIDE_A_VALUE = re.compile(r"(\}\}?|%\(\w+\)s|%s)[\s\u00a0\u202f]*€|€[\s\u00a0\u202f]*(\{\{?|%\(|%s)")


def test_money_is_written_in_one_place():
    """No amount meets its sign anywhere else, in code or in templates."""
    root = Path(settings.BASE_DIR)
    found = [
        f"{path.relative_to(root)}: {line.strip()}"
        for folder in ("apps", "webmarket")
        for suffix in ("py", "html", "txt", "js")
        for path in (root / folder).rglob(f"*.{suffix}")
        if "tests" not in path.parts
        for line in path.read_text().splitlines()
        if BESIDE_A_VALUE.search(line)
    ]
    assert not found
