"""The XML of twenty shapes of documents, by the schema and the Schematron of EN 16931."""

from datetime import UTC, datetime
from decimal import Decimal

import facturx
import pytest
from django.utils import translation
from lxml import etree

from apps.invoicing import facturx as ours
from apps.invoicing.models import Document
from apps.invoicing.printed import notes, payment_sentence
from apps.invoicing.services import issue_missing
from apps.invoicing.services.chain import read
from apps.invoicing.tests.factories import given_back, sale
from apps.invoicing.tests.schematron import broken_rules
from apps.orders.models import Order

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
JARS = ("12.50", 2, "5.5")
SHAPES = {
    "one rate": lambda: sale(now=NOW),
    "without delivery": lambda: sale(delivery="0.00", now=NOW),
    "four rates": lambda: sale(JARS, ("30.00", 1, "20.0"), ("8.90", 3, "10.0"), ("2.10", 1, "2.1"), now=NOW),
    "one cent": lambda: sale(("0.01", 1, "20.0"), delivery="0.00", now=NOW),
    "thirds of cents": lambda: sale(("0.33", 7, "5.5"), ("9.99", 3, "20.0"), ("1.07", 13, "10.0"), now=NOW),
    "many pieces": lambda: sale(("1.99", 9999, "20.0"), now=NOW),
    "many lines": lambda: sale(*[(f"{each}.99", each, "5.5") for each in range(1, 60)], now=NOW),
    "dear": lambda: sale(("99999.99", 9, "20.0"), now=NOW),
    "english": lambda: sale(language="en", now=NOW),
    "a company": lambda: sale(company="Épicerie & Fils <SARL>", now=NOW),
    "collected, without address": lambda: sale(line1="", postcode="", city="", delivery="0.00", now=NOW),
    "abroad": lambda: sale(country="BE", postcode="1000", city="Bruxelles", now=NOW),
    "gateway that is gone": lambda: sale(payment_method="former", now=NOW),
    "by cash": lambda: sale(payment_method="on_collection", now=NOW),
    "by card": lambda: sale(payment_method="demo_card", now=NOW),
    "delivered, not paid": lambda: sale(paid=False, status="DELIVERED", closed_at=NOW, now=NOW),
    "free delivery of a gift": lambda: sale(JARS, ("0.00", 1, "20.0"), delivery="0.00", now=NOW),
    "strange text": lambda: sale(recipient="Zoë\x0b 王 “x” ]]> &amp; \u202f", now=NOW),
    "no VAT": lambda: sale(("12.50", 2, "0.0"), now=NOW),
    "credit note, whole": lambda: given_back(sale(JARS, ("30.00", 1, "20.0"), now=NOW), "59.90", now=NOW),
    "credit note, part": lambda: given_back(sale(JARS, ("30.00", 1, "20.0"), now=NOW), "7.77", now=NOW),
    "credit note, one cent": lambda: given_back(sale(JARS, ("30.00", 1, "20.0"), now=NOW), "0.01", now=NOW),
}


def newest() -> bytes:
    issue_missing(now=NOW, everything=True)
    return xml(Document.objects.order_by("position").last())


def xml(document: Document) -> bytes:
    content = read(document)
    with translation.override(content["language"]):
        return ours.xml(
            content, notes=notes(content), terms=payment_sentence(content), charge_name=translation.gettext("Livraison")
        )


@pytest.mark.parametrize("shape", SHAPES)
def test_it_is_an_invoice_of_en_16931(shape):
    SHAPES[shape]()
    written = newest()
    assert facturx.get_level(etree.fromstring(written)) == "en16931"
    facturx.xml_check_xsd(written, flavor="factur-x", level="en16931")
    assert broken_rules(written) == []


def test_its_amounts_are_those_of_the_order():
    order = SHAPES["thirds of cents"]()
    written = etree.fromstring(newest())
    name = "{urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100}"
    [total] = written.iter(f"{name}GrandTotalAmount")
    [tax] = written.iter(f"{name}TaxTotalAmount")
    assert (Decimal(total.text), Decimal(tax.text)) == (order.total, order.vat_total)


def test_a_wrong_sum_is_refused():
    """The rules are really asked."""
    SHAPES["one rate"]()
    written = newest().replace(b"<ram:GrandTotalAmount>29.90", b"<ram:GrandTotalAmount>29.91")
    assert any("BR-CO-15" in rule for rule in broken_rules(written))


def test_a_seller_without_vat_number_is_known_by_the_siren(settings):
    settings.SHOP_INVENTED = {**settings.SHOP_INVENTED, "vat_number": ""}
    SHAPES["no VAT"]()
    assert broken_rules(newest()) == []
    assert "293 B" in str(notes(read(Document.objects.get())))


def test_professionals_read_of_penalties():
    SHAPES["a company"]()
    written = newest().decode()
    assert "<ram:SubjectCode>PMT</ram:SubjectCode>" in written
    assert "40,00" in written
    assert "Épicerie &amp; Fils &lt;SARL&gt;" in written
    assert Order.objects.get().company in read(Document.objects.get())["buyer"]["company"]
