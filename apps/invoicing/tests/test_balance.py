"""Whatever is bought and given back: order = invoice − credit notes = payments − refunds, at each rate, to the cent."""

import os
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count

import pytest
from django.db.models import Sum
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.aftersales.models import WithdrawalLine
from apps.aftersales.tests.factories import WithdrawalFactory
from apps.common.money import ZERO, round_cents
from apps.invoicing import books, cash_book
from apps.invoicing.models import Document, DocumentVat
from apps.invoicing.reporting import sales_report
from apps.invoicing.services import check_documents, issue_credit_note, issue_invoice, issue_missing, verify_chain
from apps.invoicing.tests.factories import given_back, sale
from apps.orders.models import Order
from apps.payments.gateways.base import DisputeReport, DisputeState, Movement
from apps.payments.models import Payment, Refund
from apps.payments.services import check_payments, record_dispute

pytestmark = [pytest.mark.django_db, pytest.mark.either_database]
NOW = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
# BASKETS=10000 for a long run.
BASKETS = int(os.environ.get("BASKETS", "60"))

cents = st.integers(1, 50_000).map(lambda amount: Decimal(amount) / 100)
goods = st.tuples(cents.map(str), st.integers(1, 12), st.sampled_from(["20.0", "10.0", "5.5", "2.1"]))
delivery = st.integers(0, 3_000).map(lambda amount: str(Decimal(amount) / 100 + Decimal("0.00")))
share = st.integers(1, 100)
# What happens after the sale: part of the money given back, pieces returned, a dispute with its end.
later = st.one_of(
    st.tuples(st.just("part"), share),
    st.tuples(st.just("return"), st.integers(0, 5), share),
    st.tuples(st.just("dispute"), share, st.sampled_from(["NEEDS_RESPONSE", "WON", "LOST"])),
)
_disputes = count(1)


def test_documents_are_the_order_and_the_money(db):
    @settings(max_examples=BASKETS, deadline=None, derandomize=True)
    @given(
        bought=st.lists(goods, min_size=1, max_size=6),
        delivered_for=delivery,
        happens=st.lists(later, max_size=6),
        whole=st.booleans(),
    )
    def one_basket(bought, delivered_for, happens, whole):
        order = sale(*bought, delivery=delivered_for, now=NOW)
        issue(order)
        Payment.objects.filter(order=order).update(reference=f"pi_{order.pk}")
        for kind, *how in happens:
            {"part": give_back_part, "return": take_back, "dispute": contest}[kind](order, *how)
            issue(order)
        if whole and (left := order.payments.get().refundable):
            given_back(order, left, now=NOW)
            issue(order)
        check(order)

    one_basket()
    check_all()


def issue(order: Order) -> None:
    """What the sweep does, for one sale: it looks at all of them, ten thousand times in a long run."""
    issue_invoice(order=order, now=NOW)
    for refund in Refund.objects.filter(payment__order=order, credit_note=None).order_by("pk"):
        issue_credit_note(refund=refund, now=NOW)


def give_back_part(order: Order, percent: int) -> None:
    left = order.payments.get().refundable
    if left:
        given_back(order, max(Decimal("0.01"), (left * percent / 100).quantize(Decimal("0.01"))), now=NOW)


def take_back(order: Order, line: int, percent: int) -> None:
    """Some pieces of a line come back, as far as they are paid for."""
    lines = list(order.lines.order_by("position"))
    bought = lines[line % len(lines)]
    returned = sum(each.quantity for each in WithdrawalLine.objects.filter(order_line=bought))
    pieces = min(bought.quantity - returned, max(1, bought.quantity * percent // 100))
    amount = bought.unit_price * pieces
    if pieces and amount <= order.payments.get().refundable:
        withdrawal = WithdrawalFactory(order=order, lines=[], items_total=amount, declared_at=NOW)
        WithdrawalLine.objects.create(withdrawal=withdrawal, order_line=bought, quantity=pieces)
        given_back(order, amount, now=NOW)


def contest(order: Order, percent: int, end: str) -> None:
    """The bank takes back up to what is left, keeps it, or gives it again."""
    payment = order.payments.get()
    amount = (payment.refundable * percent / 100).quantize(Decimal("0.01"))
    if not amount:
        return
    number = next(_disputes)
    taken = Movement(f"txn_{number}", -amount, Decimal("20.00"), NOW)
    given = Movement(f"txn_{number}_back", amount, Decimal("0.00"), NOW)
    for state in ("NEEDS_RESPONSE", end):
        report = DisputeReport(
            reference=f"dp_{number}",
            payment=payment.reference,
            state=DisputeState(state),
            is_inquiry=False,
            amount=amount,
            reason="general",
            opened_at=NOW,
            answer_by=None,
            movements=[taken, given] if state == "WON" else [taken],
        )
        record_dispute(gateway_code=payment.gateway, report=report, now=NOW)


def check(order: Order) -> None:
    """One sale: order, invoice, credit notes, payment, at each rate."""
    invoice = Document.objects.invoices().get(order=order)
    notes = Document.objects.credit_notes().filter(order=order)
    assert (invoice.gross, invoice.vat) == (order.total, order.vat_total)
    payment = order.payments.get()
    left = payment.amount - payment.refunded
    assert invoice.gross - sum(each.gross for each in notes) == left
    assert left - payment.disputed >= 0
    per_rate = {each.rate: each for each in order.vat_breakdown()}
    assert {each.rate: (each.gross, each.vat) for each in invoice.vat_lines.all()} == {
        rate: (each.gross, each.vat) for rate, each in per_rate.items()
    }
    given = DocumentVat.objects.filter(document__corrects=invoice).order_by().values("rate")
    for row in given.annotate(gross=Sum("gross"), vat=Sum("vat"), net=Sum("net")):
        of_rate = per_rate[row["rate"]]
        assert 0 <= row["gross"] <= of_rate.gross
        assert 0 <= row["vat"] <= of_rate.vat
        assert 0 <= row["net"] <= of_rate.net
        if not left:
            assert (row["gross"], row["vat"]) == (of_rate.gross, of_rate.vat)


def check_all() -> None:
    """All sales: documents, books, the report to the administration and the money are the same sums."""
    count_of_documents = Document.objects.count()
    assert list(Document.objects.order_by("position").values_list("position", flat=True)) == list(
        range(1, count_of_documents + 1)
    )
    assert list(verify_chain()) == []
    assert check_documents() == []
    assert check_payments() == []
    day = timezone.localdate(NOW)
    totals = {each.rate: (each.net, each.vat) for each in books.totals(day, day)}
    assert totals == {each.rate: (each.net, each.vat) for each in sales_report(day, day).totals}
    accounts: dict[str, Decimal] = {}
    for entry in books.journal(day, day):
        accounts[entry.account] = accounts.get(entry.account, ZERO) + entry.credit - entry.debit
    for rate, amounts in totals.items():
        assert amounts == tuple(accounts.get(name(rate), ZERO) for name in (books.sales_account, books.vat_account))
    money = cash_book.balances(day, day)
    assert sum(money.values()) == 0
    # What customers were invoiced for is what they paid, less what was given back.
    assert accounts[books.CUSTOMERS] == money[books.CUSTOMERS]
    sums = Payment.objects.aggregate(paid=Sum("amount"), refunded=Sum("refunded"), disputed=Sum("disputed"))
    disputed = money.get(cash_book.DISPUTED, ZERO) + money.get(cash_book.LOST, ZERO)
    assert round_cents(sums["paid"] - sums["refunded"]) == -money[books.CUSTOMERS]
    assert round_cents(sums["disputed"]) == disputed


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
