from decimal import Decimal

import pytest

from apps.common.tabular.errors import Refusal
from apps.imports.catalogue import values


@pytest.mark.parametrize(
    ("raw", "amount"),
    [
        ("12,50", "12.50"),
        ("12.5", "12.50"),
        ("12", "12"),
        (" 1 234,50 € ", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1\u202f234,5\xa0€", "1234.50"),
        ("1,234.50", "1234.50"),
        ("0,01", "0.01"),
        ("100000", "100000"),
    ],
)
def test_prices_as_people_write_them(raw, amount):
    assert values.price(raw) == Decimal(amount)


@pytest.mark.parametrize(
    "raw", ["", " ", "0", "-3,50", "100000,01", "1,385", "1.234", "douze", "NaN", "1e5", "12,", "Infinity", "９"]
)
def test_what_is_no_price_is_refused(raw):
    with pytest.raises(Refusal):
        values.price(raw)


@pytest.mark.parametrize(("raw", "rate"), [("5,5", "REDUCED"), ("20 %", "STANDARD"), ("10.0", "INTERMEDIATE")])
def test_vat_rates(raw, rate):
    assert values.vat_class(raw) == rate


@pytest.mark.parametrize("raw", ["", "19,6", "0", "TVA", "-20"])
def test_unknown_vat_rates_are_refused(raw):
    with pytest.raises(Refusal):
        values.vat_class(raw)


@pytest.mark.parametrize(
    ("raw", "ean"),
    [
        ("3560070139675", "3560070139675"),
        ("036000291452", "0036000291452"),
        ("03560070139675", "3560070139675"),
        ("3560070139676", None),
        ("30028203", None),
        ("ABC", None),
        ("13560070139672", None),
    ],
)
def test_finds_the_ean13_in_a_code(raw, ean):
    assert values.ean13(raw) == ean


@pytest.mark.parametrize(
    ("name", "quantity", "unit"),
    [
        ("Confiture 375G", 375, "GRAM"),
        ("Jus de pomme 6 x 33 cl", 1980, "MILLILITRE"),
        ("Huile d’olive 1,5 L", 1500, "MILLILITRE"),
        ("Riz 1kg", 1000, "GRAM"),
    ],
)
def test_net_content_in_a_name(name, quantity, unit):
    found = values.net_content(name)
    assert (found["content_quantity"], found["content_unit"]) == (quantity, unit)


@pytest.mark.parametrize(
    "name",
    [
        "Biscuits les 2 paquets de 120 g",
        "Saumon +15 g gratuit",
        "Labneh 560 GR X 12",
        "Téléphone 5G",
        "Pain",
        "26 500G",
        "Yaourt 0% 4 x 125 g",
        "Sucre 500 g ou 1 kg",
        "Barre 20 g de protéines",
        "Lot 3 thés 100 g",
        "12/500 g",
    ],
)
def test_a_doubtful_net_content_is_left_out(name):
    assert values.net_content(name) == {}


def test_descriptions_keep_simple_html_and_nothing_that_acts():
    html = '<p onclick="x()">Doux <b>et</b> <a href="javascript:x">fin</a><script>alert(1)</script><img src=x></p>'
    assert values.described(html) == "<p>Doux <b>et</b> fin</p>"


def test_plain_descriptions_are_text_whatever_they_hold():
    assert values.described("OGM (&lt;0,9%) &amp; sel <1 g") == "<p>OGM (&lt;0,9%) &amp; sel &lt;1 g</p>"


@pytest.mark.parametrize("text", ["Épicerie", "œufs", "STRASSE", "Straße", "L’été", "a b"])
def test_cleaning_twice_changes_nothing(text):
    assert values.plain(values.plain(text)) == values.plain(text)
    assert values.described(values.described(text)) == values.described(text)
