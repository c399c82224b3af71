import pytest

from apps.shop.numbers import compact, in_groups, is_bic, is_iban, is_siren, is_siret, is_vat_number


@pytest.mark.parametrize(
    ("siret", "right"),
    [
        ("73282932000074", True),
        ("73282932000075", False),
        ("73282933000074", False),
        ("7328293200007", False),
        ("７3282932000074", False),
        # La Poste: the head office by Luhn, its other establishments by the sum of their digits.
        ("35600000000048", True),
        ("35600000049837", True),
        ("35600000049838", False),
    ],
)
def test_a_siret_has_its_check_digits(siret, right):
    assert is_siret(siret) is right


def test_a_siren_is_nine_digits_with_luhn_s():
    assert is_siren("732829320")
    assert not is_siren("732829321")
    assert not is_siren("")


@pytest.mark.parametrize(
    ("number", "right"),
    [
        ("FR44732829320", True),
        ("FR45732829320", False),
        ("FR44732829321", False),
        ("DE44732829320", False),
        ("FR40303265045", True),
        ("FR4Z123456782", True),  # a key with a letter, of the second system
        ("FR5Z123456782", False),
        ("FRIO123456782", False),
    ],
)
def test_a_vat_number_has_the_key_of_its_siren(number, right):
    assert is_vat_number(number) is right


@pytest.mark.parametrize(
    ("iban", "right"),
    [
        ("FR14 2004 1010 0505 0001 3M02 606", True),
        ("fr1420041010050500013m02606", True),
        ("FR14 2004 1010 0505 0001 3M02 607", False),
        ("FR14 2004 1010 0505 0001 3M02 60", False),
        ("BE68 5390 0754 7034", True),
        ("", False),
    ],
)
def test_an_iban_has_remainder_one(iban, right):
    assert is_iban(iban) is right


def test_a_bic_has_eight_or_eleven_characters():
    assert [is_bic(text) for text in ("PSSTFRPP", "PSSTFRPPLYO", "PSSTFRPPL", "PSST1RPP", "")] == [
        *(True, True, False, False, False)
    ]


def test_numbers_are_read_as_they_are_printed():
    assert compact(" fr 44-732.829 320 ") == "FR44732829320"
    assert in_groups("732829320", (3, 3)) == "732 829 320"
    assert in_groups("", (3, 3)) == ""
