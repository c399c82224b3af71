"""Whatever is bought and given back: order = invoice − credit notes = payments − refunds, at each rate, to the cent."""

import os
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.invoicing.models import Document, DocumentVat
from apps.invoicing.services import check_documents, issue_missing, verify_chain
from apps.invoicing.tests.factories import given_back, sale

pytestmark = [pytest.mark.django_db, pytest.mark.either_database]
NOW = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
# BASKETS=10000 for a long run.
BASKETS = int(os.environ.get("BASKETS", "60"))

cents = st.integers(1, 50_000).map(lambda amount: Decimal(amount) / 100)
goods = st.tuples(cents.map(str), st.integers(1, 12), st.sampled_from(["20.0", "10.0", "5.5", "2.1"]))
delivery = st.integers(0, 3_000).map(lambda amount: str(Decimal(amount) / 100 + Decimal("0.00")))


@settings(
    max_examples=BASKETS, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    bought=st.lists(goods, min_size=1, max_size=6),
    delivered_for=delivery,
    shares=st.lists(st.integers(1, 100), max_size=5),
    whole=st.booleans(),
)
def test_documents_are_the_order_and_the_money(db, bought, delivered_for, shares, whole):
    order = sale(*bought, delivery=delivered_for, now=NOW)
    issue_missing(now=NOW)
    left = order.total
    for number, share in enumerate(shares):
        last = whole and number == len(shares) - 1
        amount = left if last else min(left, max(Decimal("0.01"), (left * share / 100).quantize(Decimal("0.01"))))
        if amount:
            given_back(order, amount, now=NOW)
            issue_missing(now=NOW)
            left -= amount
    invoice = Document.objects.invoices().get(order=order)
    notes = Document.objects.credit_notes().filter(order=order)
    assert (invoice.gross, invoice.vat) == (order.total, order.vat_total)
    payment = order.payments.get()
    assert invoice.gross - sum(each.gross for each in notes) == payment.amount - payment.refunded == left
    per_rate = {each.rate: each for each in order.vat_breakdown()}
    assert {each.rate: (each.gross, each.vat) for each in invoice.vat_lines.all()} == {
        rate: (each.gross, each.vat) for rate, each in per_rate.items()
    }
    given = DocumentVat.objects.filter(document__corrects=invoice).order_by().values("rate")
    for row in given.annotate(gross=Sum("gross"), vat=Sum("vat"), net=Sum("net")):
        of_rate = per_rate[row["rate"]]
        assert row["gross"] <= of_rate.gross
        assert row["vat"] <= of_rate.vat
        assert row["net"] <= of_rate.net
        if not left:
            assert (row["gross"], row["vat"]) == (of_rate.gross, of_rate.vat)


def test_and_all_of_them_are_gapless(db):
    """Together, as a shop has them."""
    for number in range(1, 20):
        order = sale((f"{number}.37", number, "5.5"), (f"{number}.01", 1, "20.0"), now=NOW)
        issue_missing(now=NOW)
        given_back(order, f"{number}.11", now=NOW)
        issue_missing(now=NOW)
    assert list(Document.objects.order_by("position").values_list("position", flat=True)) == list(range(1, 39))
    assert list(verify_chain()) == []
    assert check_documents() == []
