import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
        ("12€90", "12.90"),
        ("12 € 90", "12.90"),
        ("12 euros 90", "12.90"),
        ("12,90 TTC", "12.90"),
        ("12,90 € T.T.C.", "12.90"),
        ("EUR 12,90", "12.90"),
        ("€12.90", "12.90"),
        ("50 cts", "0.50"),
        ("12,-", "12"),
        ("12,–", "12"),
        ("1'290.50", "1290.50"),
        ("12.500000", "12.50"),
        ("0.500", "0.50"),
        ("1 234 €", "1234"),
    ],
)
def test_prices_as_people_write_them(raw, amount):
    assert values.price(raw) == Decimal(amount)


@pytest.mark.parametrize(
    "raw",
    [
        *("", " ", "0", "-3,50", "100000,01", "1,385", "1.234", "douze", "NaN", "1e5", "12,", "Infinity", "９", "١٢"),
        *("12.90.50", "12 90", "1 2 90", "1,290,00", "12,34.50", "1.234.567", "12€9", "12€900", "$12", "12,90 CHF"),
        *("12,90 HT", "12,90 €/kg", "à partir de 12", "12/90", "9.383886", "12-15", "12 € 5 €"),
    ],
)
def test_what_is_no_price_is_refused(raw):
    with pytest.raises(Refusal):
        values.price(raw)


@pytest.mark.parametrize(("raw", "rate"), [
    ("5,5", "REDUCED"), ("20 %", "STANDARD"), ("10.0", "INTERMEDIATE"), ("0,055", "REDUCED"), ("0.2", "STANDARD"),
    ("TVA 5,5 %", "REDUCED"), ("FR Taux réduit (5.5%)", "REDUCED"), ("Taux normal", "STANDARD"),
    ("0,1", "INTERMEDIATE"), ("20,00%", "STANDARD"), ("2.1", "SUPER_REDUCED"),
    ("taux super réduit", "SUPER_REDUCED"), ("TVA 20", "STANDARD"),
])  # fmt: skip
def test_vat_rates(raw, rate):
    assert values.vat_class(raw) == rate


@pytest.mark.parametrize("raw", ["", "19,6", "0", "0 %", "TVA", "-20", "0,2 %", "1", "5,5 % ou 20 %", "55"])
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


_NUMBERS = st.decimals(min_value="0.01", max_value="99999.99", places=2)
_WAYS = st.sampled_from(
    [
        lambda whole, cents: f"{whole},{cents}",
        lambda whole, cents: f"{whole}.{cents} €",
        lambda whole, cents: f"{int(whole):_},{cents}".replace("_", "\u202f"),
        lambda whole, cents: f"{int(whole):_},{cents}€".replace("_", "."),
        lambda whole, cents: f"{int(whole):,}.{cents}",
        lambda whole, cents: f"{whole}€{cents}",
        lambda whole, cents: f"€ {whole},{cents} TTC",
        lambda whole, cents: f"{whole}.{cents}0000",
    ]
)


@given(_NUMBERS, _WAYS)
def test_an_amount_is_itself_in_every_way_of_writing_it(amount, way):
    whole, cents = f"{amount:.2f}".split(".")
    assert values.price(way(whole, cents)) == amount


@given(st.text("0123456789 .,'€-\u202f", max_size=12))
def test_no_text_is_a_price_ten_times_another_reading_of_it(text):
    """Whoever reads it aloud: the digits behind the last sign that is no group of three are cents."""
    try:
        amount = values.price(text, may_be_zero=True)
    except Refusal:
        return
    groups = re.findall(r"\d+", text)
    if len(groups) > 1 and len(groups[-1]) in (1, 2):
        assert amount == Decimal(f"{''.join(groups[:-1])}.{groups[-1]}")
        assert all(len(group) == 3 for group in groups[1:-1])
    elif len(groups) > 1 and len(groups[-1]) > 3:
        assert set(groups[-1][2:]) == {"0"}


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        *(("VRAI", True), ("oui", True), ("1", True), ("En ligne", True), ("", None)),
        *(("FAUX", False), ("NON", False), ("0", False), ("-1", False), ("Brouillon", False)),
    ],
)
def test_yes_and_no_in_the_words_of_programs(raw, expected):
    assert values.truth(raw) is expected


@pytest.mark.parametrize("raw", ["peut-être", "2", "vendu"])
def test_another_word_is_neither_yes_nor_no(raw):
    with pytest.raises(Refusal):
        values.truth(raw)


@pytest.mark.parametrize(("raw", "count"), [("12", 12), ("12,0", 12), ("1 200", 1200), ("12 pcs", 12), ("-4", -4)])
def test_pieces_as_tills_write_them(raw, count):
    assert values.pieces(raw) == count


@pytest.mark.parametrize("raw", ["12 5", "1.000", "1,000", "12,5", ">10", "en stock", "1e3"])
def test_pieces_with_two_readings_are_refused(raw):
    with pytest.raises(Refusal):
        values.pieces(raw)


@pytest.mark.parametrize(
    ("raw", "unit", "weight"), [("500 g", "", 500), ("0,5 kg", "", 500), ("453,6", "g", 454), ("1.5", "KG", 1500)]
)
def test_weights_with_their_units(raw, unit, weight):
    assert values.grams(raw, unit=unit) == weight


@pytest.mark.parametrize("raw", ["0,5", "lourd", "12 pouces", "9999 kg"])
def test_a_weight_without_a_unit_or_beyond_sense_is_refused(raw):
    with pytest.raises(Refusal):
        values.grams(raw)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ('="3760012345670"', "3760012345670"),
        ("'0012", "0012"),
        ("3760012345670.0", "3760012345670"),
        ("12E34", "12E34"),
    ],
)
def test_codes_as_they_were_before_a_spreadsheet(raw, code):
    assert values.identifier(raw, longest=80, what="code") == code


@pytest.mark.parametrize("raw", ["3,76002E+12", "3.76E+12", "4E+11"])
def test_codes_that_a_spreadsheet_rounded_are_refused(raw):
    with pytest.raises(Refusal, match="Excel"):
        values.identifier(raw, longest=80, what="code")


def test_blocks_of_a_description_stay_apart_and_what_is_lost_is_known():
    raw = '<h1>Titre</h1><div>Un</div><div>Deux <a href="/x">ici</a></div><img src="a.jpg">'
    assert values.described(raw) == "<h3>Titre</h3><p>Un</p><p>Deux ici</p>"
    assert values.lost_in_description(raw) == ["images", "liens"]
    assert values.described(values.described(raw)) == values.described(raw)


def read(value, raw: str) -> object:
    try:
        return value(raw)
    except Refusal as refusal:
        return str(refusal)


@given(st.from_regex(r"[0-9]{1,7}[.,][0-9]{1,3}", fullmatch=True))
def test_a_price_in_its_usual_form_reads_as_with_a_blank_behind_it(raw):
    assert read(values.price, raw) == read(values.price, f"{raw} ")
    assert read(values.net_price, raw) == read(values.net_price, f"{raw} ")


@given(st.text(max_size=30))
def test_a_text_with_nothing_to_change_reads_as_with_a_mark_that_is_left_out(raw):
    assert values.plain(raw) == values.plain(f"{raw}\u200b")
    assert values.described(raw) == values.described(f"{raw}\u200b")
