from unittest.mock import patch

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from hypothesis import example, given
from hypothesis import strategies as st

from apps.common.email_addresses import canonical_email
from apps.common.fields import EXACT_COLLATION, CanonicalEmailField, EmailFormField, ExactCharField

SAME = [
    ("Paul@Exemple.FR", "paul@exemple.fr"),
    ("  paul@exemple.fr\u00a0", "paul@exemple.fr"),
    ("paul@exemple.fr\u200b", "paul@exemple.fr"),
    ("\ufeffpaul@exemple.fr", "paul@exemple.fr"),
    ("\u202apaul@exemple.fr\u202c", "paul@exemple.fr"),
    ("pa\u00adul@exem\u00adple.fr", "paul@exemple.fr"),
    ("ｐａｕｌ＠ｅｘｅｍｐｌｅ．ｆｒ", "paul@exemple.fr"),
    ("paul@exemple。fr", "paul@exemple.fr"),
    ("paul@EXÉMPLE.fr", "paul@xn--exmple-cva.fr"),
    ("paul@exe\u0301mple.fr", "paul@xn--exmple-cva.fr"),
    ("paul@XN--EXMPLE-CVA.fr", "paul@xn--exmple-cva.fr"),
    ("\u212aevin@exemple.fr", "kevin@exemple.fr"),
    ("paul@[127.0.0.1]", "paul@[127.0.0.1]"),
    ("", ""),
    ("pas une adresse", "pas une adresse"),
]
OTHERS = [
    ("paul@exémple.fr", "paul@exemple.fr"),
    ("paul@straße.example", "paul@strasse.example"),
    ("pául@exemple.fr", "paul@exemple.fr"),
    ("straße@exemple.fr", "strasse@exemple.fr"),
    ("kıvanc@exemple.fr", "kivanc@exemple.fr"),
    ("İpek@exemple.fr", "ipek@exemple.fr"),
    ("paul@exemple.fr", "pau.l@exemple.fr"),
    ("раul@exemple.fr", "paul@exemple.fr"),
    ("paul@œuf.example", "paul@oeuf.example"),
]


@pytest.mark.parametrize(("written", "canonical"), SAME)
def test_one_address_has_one_form(written: str, canonical: str) -> None:
    assert canonical_email(written) == canonical


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_two_addresses_keep_two_forms(one: str, other: str) -> None:
    assert canonical_email(one) != canonical_email(other)


@given(st.text(max_size=40) | st.tuples(st.text(max_size=20), st.text(max_size=20)).map("@".join))
@example("a@\u1e9e.fr")
@example("a@xn--\u00e9.fr")
@example("\u00a8@\u00a8")
def test_the_form_is_its_own_form(text: str) -> None:
    once = canonical_email(text)
    assert canonical_email(once) == once


@pytest.mark.parametrize(("written", "canonical"), SAME[:-2])
def test_a_form_reads_what_was_pasted(written: str, canonical: str) -> None:
    assert EmailFormField().clean(written) == canonical


@pytest.mark.parametrize(
    "written",
    ["pául@exemple.fr", "kıvanc@exemple.fr", "İpek@exemple.fr", "paul@", "pa ul@exemple.fr", "pa\u00a0ul@exemple.fr"],
)
def test_a_form_refuses_what_no_mail_can_reach(written: str) -> None:
    with pytest.raises(ValidationError):
        EmailFormField().clean(written)


def test_a_column_says_how_it_is_compared() -> None:
    for field in (ExactCharField(max_length=10), CanonicalEmailField()):
        collation = field.db_parameters(connection)["collation"]
        assert collation == (EXACT_COLLATION if connection.vendor == "mysql" else None)


@pytest.mark.parametrize("written", ["\ufdfa" * 15 + "@exemple.fr", "\ufb2c" * 120 + "@exemple.fr", "\ufdfa" * 254])
def test_no_form_is_longer_than_an_address_can_be(written: str) -> None:
    """A column that has room for what was typed has room for its form."""
    assert canonical_email(written) == written
    with pytest.raises(ValidationError):
        EmailFormField().clean(written)


def test_a_text_that_is_no_domain_costs_little() -> None:
    long = f"a@{'é' * 200_000}"
    with patch("apps.common.email_addresses.idna.encode", side_effect=AssertionError("encoded")):
        assert canonical_email(long) == long
