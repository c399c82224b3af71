import pytest

from apps.common import typed
from apps.common.email_addresses import canonical_email

NUMBER = "06 12 34 56 78"


@pytest.mark.parametrize(
    ("pasted", "expected"),
    [
        ("06\u00a012\u202f34\u200956\u300078", NUMBER),
        ("\u202a06 12 34 56 78\u202c", NUMBER),
        ("\u200e06\u206012\u200b34 56 78\ufeff", "061234 56 78"),
        ("06\u201112\u201334\u201456\u221278", "06-12-34-56-78"),
        ("06/12/34/56/78", "06/12/34/56/78"),
        ("06 – 12 34 56 78", "06 - 12 34 56 78"),
        ("０６ １２ ３４ ５６ ７８", NUMBER),
        ("+33\u00a0(0)6 12 34 56 78", "+33 (0)6 12 34 56 78"),
        ("0033 6 12 34 56 78", "0033 6 12 34 56 78"),
        ("tel:+33612345678", "+33612345678"),
        ("Tél. : 06 12 34 56 78", NUMBER),
        ("04 72 00 00 00 poste 12", "04 72 00 00 00 poste 12"),
        ("04 72 00 00 00, ext. 12", "04 72 00 00 00 poste 12"),
        ("+33472000000;ext=12", "+33472000000 poste 12"),
        ("04 72 00 00 00 x12", "04 72 00 00 00 poste 12"),
        ("Téléphone : 06 12 34 56 78", NUMBER),
        ("Mobile: 06 12 34 56 78", NUMBER),
        ("☎\ufe0f 06 12 34 56 78", NUMBER),
        ("📞06 12 34 56 78", NUMBER),
        ("06·12•34,56_78", NUMBER),
        ("06\u280012\u034f 34 56\u3164 78\ufe0f", NUMBER),
        ("٠٦ ١٢ ٣٤ ٥٦ ٧٨", NUMBER),
        ("<06 12 34 56 78>", NUMBER),
        ("«\u202f06 12 34 56 78\u202f»", NUMBER),
    ],
)
def test_a_pasted_telephone_number_is_taken(pasted, expected):
    assert typed.tidy_phone(pasted) == expected
    assert typed.is_phone(expected)
    assert typed.tidy_phone(expected) == expected


@pytest.mark.parametrize(
    "text", ["", "12", "allô", "06 12 34 56 78 chez Paul", "0612345678901234567890", "((((((((", "+"]
)
def test_what_is_no_telephone_number_is_refused(text):
    assert not typed.is_phone(typed.tidy_phone(text))


@pytest.mark.parametrize(
    "pasted",
    [
        "69\u00a0002",
        "69 002",
        "\u202a69002\u202c",
        "69002\u200b",
        "６９００２",
        "F-69002",
        "FR69002",
        "F\u201169002",
        "69.002",
        "٦٩٠٠٢",
    ],
)
def test_a_pasted_postcode_is_taken(pasted):
    assert typed.tidy_postcode(pasted) == "69002"


DEPARTMENTS = [f"{number:02}" for number in range(1, 96)]


@pytest.mark.parametrize("department", DEPARTMENTS)
def test_every_departement_of_the_mainland_has_postcodes(department):
    assert typed.is_mainland_postcode(f"{department}100")
    assert typed.is_french_postcode(f"{department}100")


@pytest.mark.parametrize("postcode", ["20000", "20167", "20600", "75116", "13001", "33000", "95880"])
def test_mainland(postcode):
    assert typed.is_mainland_postcode(postcode)


@pytest.mark.parametrize("postcode", ["97100", "97400", "97600", "97500", "98000", "98700", "98800", "98600"])
def test_overseas_and_monaco_are_french_post_but_not_the_mainland(postcode):
    assert typed.is_french_postcode(postcode)
    assert not typed.is_mainland_postcode(postcode)


@pytest.mark.parametrize(
    "postcode",
    [
        "00000",
        "00100",
        "96000",
        "97000",
        "97900",
        "98100",
        "98900",
        "99130",
        "99999",
        "2A004",
        "20A00",
        "1234",
        "123456",
        "٦٩٠٠٢",
        "",
    ],
)
def test_postcodes_that_do_not_exist(postcode):
    assert not typed.is_french_postcode(postcode)
    assert not typed.is_mainland_postcode(postcode)


@pytest.mark.parametrize(
    ("pasted", "expected"),
    [
        ("\u202aCamille\u00a0Martin\u202c", "Camille Martin"),
        ("  Jean\u2011Luc \t Petit\u200b ", "Jean\u2011Luc Petit"),
        ("Zoe\u0301", "Zoé"),
        ("نی\u200cلوفر", "نی\u200cلوفر"),
        ("👩\u200d🍳", "👩\u200d🍳"),
        ("❤\ufe0f Fleurs", "❤\ufe0f Fleurs"),
        *((invisible, "") for invisible in ("\u200c", "\u3164", "\u2800\u2800", "\uffa0", "\u115f\u1160", "\ufe0f")),
    ],
)
def test_a_line_keeps_what_shows(pasted, expected):
    assert typed.tidy_line(pasted) == expected


@pytest.mark.parametrize(
    "pasted", ["wm-7k3q-9f2m", "WM\u20117K3Q\u20119F2M", "n° WM - 7K3Q - 9F2M\u200b", "#WM-7K3Q-9F2M", "ＷＭ-7K3Q-9F2M"]
)
def test_an_order_s_number_however_it_was_copied(pasted):
    assert typed.tidy_code(pasted) == "WM-7K3Q-9F2M"


@pytest.mark.parametrize(
    "pasted", ["camille@exemple.fr\u200b", "mailto:camille@exemple.fr", "\u00a0camille@exemple.fr\u202c"]
)
def test_an_address_however_it_was_copied(pasted):
    assert canonical_email(pasted) == "camille@exemple.fr"


def test_an_authenticator_s_code_has_no_space():
    assert typed.tidy_one_time_code("123\u202f456") == "123456"
