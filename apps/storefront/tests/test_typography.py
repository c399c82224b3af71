"""French sentences in the house's typography: every sentence of code and templates, and every French page of law."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.translation import override

from apps.catalogue.services.stock import Shortage
from apps.common import formats
from apps.common.outbox import compose
from apps.orders.models import Order
from apps.orders.tests.factories import OrderEmailFactory, OrderFactory, OrderLineFactory
from apps.storefront.templatetags.shop import tel_link

MISTAKES = {
    "straight apostrophe": r"(?<=[A-Za-zÀ-ÿ])'(?=[A-Za-zÀ-ÿ])",
    "no narrow space before a mark": r"(?<=\S)[ \u00a0](?=[;!?»](?:\s|$|[.,)]))|(?<=\S) (?=:(?:\s|$))",
    "no space before a mark": r"(?<=[a-zà-ÿ»])[;!?](?=\s|$)",
    "no narrow space in quotation marks": r"«(?! ?\u202f)|(?<!\u202f)»|«\u202f |\u00a0»",
    "three full stops": r"\.\.\.",
}


def sentences() -> list[tuple[str, str]]:
    # The project's own tool; nothing in apps imports it outside tests.
    from django.utils.module_loading import import_string

    found = []
    for message in import_string("webmarket.translations.extract")():
        place = message.locations[0][0] if message.locations else ""
        forms = message.id if isinstance(message.id, (tuple, list)) else (message.id,)
        found += [(place, text) for text in forms if text]
    pages = Path(settings.BASE_DIR).glob("apps/*/templates/**/*.fr.html")
    return found + [(page.name, strip_tags(re.sub(r"\{[%#{].*?[%#}]\}", "x", page.read_text()))) for page in pages]


def test_every_french_sentence():
    every = sentences()
    assert len(every) > 1000
    for mistake, pattern in MISTAKES.items():
        found = [(place, text[:90]) for place, text in every if re.search(pattern, text)]
        assert found == [], mistake


@pytest.mark.parametrize(
    ("hour", "french", "english"), [(13, "14 h 58", "2:58 pm"), (23, "0 h 58", "12:58 am"), (8, "9 h 58", "9:58 am")]
)
def test_the_clock(hour, french, english):
    at = datetime(2026, 11, 27, hour, 58, tzinfo=UTC)
    with override("fr"):
        assert formats.clock(at).replace("\u00a0", " ") == french
    with override("en"):
        assert formats.clock(at).replace("\u00a0", " ") == english


@pytest.mark.parametrize(
    ("typed", "french", "english"),
    [
        ("10 000 €", "10\u202f000\u00a0€", "€10,000"),
        ("10\u202f000,00 euros", "10\u202f000\u00a0€", "€10,000"),
        ("1.500.000 €", "1\u202f500\u202f000\u00a0€", "€1,500,000"),
        ("variable", "variable", "variable"),
    ],
)
def test_the_capital_as_its_owner_typed_it(typed, french, english):
    with override("fr"):
        assert formats.capital(typed) == french
    with override("en"):
        assert formats.capital(typed) == english


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "sentence", "never"),
    [
        ("en", ["VAT 5.5%", "of which VAT at 5.5%", "€10,000", "2:58 pm"], ["5.5 %", "5,5", "14:58", "10 000"]),
        ("fr", ["TVA 5,5\u202f%", "dont TVA à 5,5\u202f%", "14 h 58"], ["5,5 %", "5.5", "14:58"]),
    ],
)
def test_the_contract_by_e_mail(language, sentence, never):
    at = datetime(2026, 11, 27, 13, 58, tzinfo=UTC)
    order = OrderFactory(language=language, terms_accepted_at=at)
    OrderLineFactory(order=order, vat_rate=Decimal("5.5"))
    message = compose(OrderEmailFactory(order=order))
    for text in (message.body, message.alternatives[0].content):
        plain = text.replace("\u00a0", " ")
        assert [words for words in sentence if words not in plain] == []
        assert [words for words in never if words in plain] == []


@pytest.mark.parametrize(("left", "sentence"), [(1, "qu’un exemplaire"), (20, "que 20 exemplaires")])
def test_the_last_pieces(left, sentence):
    shortage = Shortage(variant_id=1, sku="P", name="Pommes", wanted=30, available=left)
    assert shortage.message.startswith(f"«\u202fPommes\u202f»\u202f: il n’en reste {sentence}")


@pytest.mark.django_db
def test_an_order_says_its_state_in_one_way_everywhere(customer_client, customer):
    order = OrderFactory(user=customer, status=Order.Status.CONFIRMED, placed_at=timezone.now())
    OrderLineFactory(order=order, vat_rate=Decimal("5.5"))
    badge = '<span class="badge">Confirmée</span>'
    listed = customer_client.get("/compte/commandes/").content.decode()
    rendered = customer_client.get(f"/compte/commandes/{order.number}/").content.decode()
    for page in (listed, rendered):
        assert badge in page
        assert re.search(rf'class="nowrap"[^>]*>{order.number}<', page)
    assert "dont TVA à 5,5\u202f%" in rendered
    assert "Commande reçue" in rendered
    assert "Numéro<" not in listed.partition("<tbody>")[2]


@pytest.mark.parametrize(
    ("number", "uri"),
    [
        ("+33 (0)4 72 00 00 00", "tel:+33472000000"),
        ("04.72.00.00.00 poste 12", "tel:0472000000;ext=12"),
        ("04 72 00 00 00 / 06 12 34 56 78", None),
    ],
)
def test_a_telephone_number_is_dialled_without_its_extension(number, uri):
    rendered = tel_link(number)
    assert ("<a href" in rendered) == (uri is not None)
    assert f'href="{uri}"' in rendered or uri is None
    assert number.replace(" ", "\u00a0") in rendered
