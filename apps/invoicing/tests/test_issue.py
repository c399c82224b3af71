"""Which sales and refunds get which document, and what it says."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet

from apps.aftersales.models import WithdrawalLine
from apps.aftersales.tests.factories import WithdrawalFactory
from apps.common.models import AppendOnlyError
from apps.common.tests.deaths import Death, dies_before_write
from apps.invoicing.models import Chain, Document, DocumentVat, Series
from apps.invoicing.services import check_documents, issue_credit_note, issue_invoice, issue_missing, verify_chain
from apps.invoicing.services.chain import KEY, read
from apps.invoicing.tests.factories import given_back, sale
from apps.orders.models import Order
from apps.payments.models import Refund
from apps.payments.services import refund
from apps.payments.tests.factories import PaymentFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)


def issue(now=NOW) -> list[Document]:
    issue_missing(now=now, everything=True)
    return list(Document.objects.order_by("position"))


def sound() -> bool:
    return check_documents() == [] and list(verify_chain()) == []


def test_a_paid_order_is_invoiced_once():
    order = sale(("12.50", 2, "5.5"), ("30.00", 1, "20.0"), now=NOW)
    [invoice] = issue()
    assert issue() == [invoice]
    assert (invoice.number, invoice.gross, invoice.vat) == ("F2026-000001", order.total, order.vat_total)
    assert [each.rate for each in invoice.vat_lines.all()] == [Decimal("20.0"), Decimal("5.5")]
    content = read(invoice)
    assert content["payment"] == {
        "date": "2026-11-28",
        "gateway": "bank_transfer",
        "means": "30",
        "paid": "59.90",
        "due": "0.00",
    }
    assert content["seller"]["siren"] == "000000000"
    assert content["buyer"]["postcode"] == "69002"
    assert sound()


def test_an_order_that_is_not_paid_is_not():
    sale(paid=False)
    assert issue() == []


def test_at_delivery_a_shop_invoices_what_has_left(settings):
    settings.INVOICE_AT = "delivery"
    order = sale(now=NOW)
    assert issue() == []
    Order.objects.filter(pk=order.pk).update(status="SHIPPED", shipped_at=NOW + timedelta(days=2))
    [invoice] = issue(NOW + timedelta(days=2))
    assert read(invoice)["supply"] == {"event": "delivery", "date": "2026-11-30"}
    assert sound()


def test_goods_handed_over_before_their_money_are_invoiced_at_the_delivery():
    order = sale(paid=False, now=NOW, status="DELIVERED", closed_at=NOW, payment_method="on_collection")
    [invoice] = issue()
    assert read(invoice)["payment"]["due"] == str(order.total)


def test_numbers_follow_dates_although_a_clock_is_late():
    sale(now=NOW)
    issue()
    sale(now=NOW)
    early = NOW - timedelta(days=1)
    _first, second = issue(early)
    assert (second.number, second.issued_at) == ("F2026-000002", NOW)


def test_each_year_and_kind_begins_at_one():
    order = sale(now=NOW)
    issue()
    given_back(order, "10.00", now=NOW)
    # Already 2027 in Paris.
    sale(now=NOW)
    numbers = [each.number for each in issue(datetime(2026, 12, 31, 23, 30, tzinfo=UTC))]
    assert numbers == ["F2026-000001", "F2027-000001", "A2027-000001"]
    assert sound()


def test_refunds_together_give_back_the_vat_of_the_invoice():
    order = sale(("0.35", 3, "5.5"), ("19.99", 1, "20.0"), ("3.33", 2, "10.0"), now=NOW)
    for amount in ("0.01", "7.77", "11.11"):
        given_back(order, amount, now=NOW)
        issue()
    given_back(order, order.total - Decimal("18.89"), now=NOW)
    invoice, *notes = issue()
    assert sum(each.gross for each in notes) == invoice.gross
    for rate in invoice.vat_lines.all():
        given = DocumentVat.objects.filter(document__corrects=invoice, rate=rate.rate)
        assert sum(each.vat for each in given) == rate.vat
        assert sum(each.net for each in given) == rate.net
    assert sound()


def test_a_withdrawal_gives_back_the_vat_of_its_goods():
    order = sale(("12.50", 2, "5.5"), ("30.00", 1, "20.0"), now=NOW)
    taken = order.lines.get(vat_rate=Decimal("20.0"))
    withdrawal = WithdrawalFactory(order=order, items_total=Decimal("30.00"), lines=[])
    WithdrawalLine.objects.create(withdrawal=withdrawal, order_line=taken, quantity=1)
    given_back(order, "30.00", now=NOW)
    _invoice, note = issue()
    [amount] = note.vat_lines.all()
    assert (amount.rate, amount.net, amount.vat) == (Decimal("20.0"), Decimal("25.00"), Decimal("5.00"))
    content = read(note)
    assert (content["lines"][0]["name"], content["withdrawals"]) == ("Miel de lavande", [withdrawal.pk])
    # The same amount once more is not the same goods.
    given_back(order, "20.00", now=NOW)
    assert len(issue()[2].vat_lines.all()) == 2
    assert sound()


def test_a_refund_has_its_credit_note_once_it_is_made():
    order = sale(now=NOW)
    issue()
    payment = order.payments.get()
    refund(payment=payment, amount=payment.amount, reason="Rupture", by=None, key="k", now=NOW)
    # A transfer is given back by hand: not made yet.
    assert len(issue()) == 1
    Refund.objects.update(status="DONE", done_at=NOW)
    invoice, note = issue()
    assert (note.gross, note.corrects, read(note)["reason"]) == (invoice.gross, invoice, "Rupture")


def test_money_that_came_twice_is_no_sale():
    order = sale(now=NOW)
    second = PaymentFactory(order=order, status="CAPTURED", captured_at=NOW + timedelta(hours=1))
    given_back(order, second.amount, payment=second, now=NOW)
    [invoice] = issue()
    assert invoice.gross == order.total
    assert sound()


def test_a_dying_process_leaves_no_gap():
    sale(now=NOW)
    for number in range(20):
        try:
            with dies_before_write(number):
                issue()
        except Death:
            assert not Document.objects.exists()
        else:
            break
    assert number > 3
    assert [each.number for each in issue()] == ["F2026-000001"]
    assert sound()


def test_one_sale_that_cannot_be_written_does_not_hold_up_the_others():
    broken, sound_one = sale(now=NOW - timedelta(hours=1)), sale(now=NOW)
    # As a mistake in another app would: its lines do not add up to it.
    Order.objects.filter(pk=broken.pk).update(recipient="x" * 120)
    broken.lines.update(vat_amount=Decimal("99.00"))
    assert [each.order for each in issue()] == [sound_one]


def test_documents_are_neither_changed_nor_deleted():
    sale(now=NOW)
    [invoice] = issue()
    invoice.gross = Decimal("1.00")
    for attempt in (
        invoice.save,
        invoice.delete,
        Document.objects.all().delete,
        lambda: Document.objects.update(gross=1),
        lambda: DocumentVat.objects.update(vat=0),
    ):
        with pytest.raises(AppendOnlyError):
            attempt()


def test_the_database_refuses_what_the_models_would_not_write():
    order = sale(now=NOW)
    [invoice] = issue()
    given_back(order, "5.00", now=NOW)
    issue()
    changes = [
        {"vat": Decimal("0.01")},
        {"hash": "0" * 64},
        {"previous": None, "position": 7},
        {"kind": "CREDIT_NOTE"},
        {"number": "A2026-000001"},
    ]
    for change in changes:
        with pytest.raises(IntegrityError):
            _change(invoice, change)
    assert sound()


def _change(document: Document, change: dict) -> None:
    """As somebody would who knows the database and not the models. SQLite looks at foreign keys when asked to."""
    with transaction.atomic():
        QuerySet.update(Document.objects.filter(pk=document.pk), **change)
        connection.check_constraints()


def test_sales_of_before_have_documents_of_another_system():
    Chain.objects.create(pk=KEY, starts_at=NOW)
    old = sale(now=NOW - timedelta(seconds=1))
    given_back(old, "5.00", now=NOW)
    new = sale(now=NOW)
    assert [each.order for each in issue()] == [new]
    assert sound()


def test_what_has_no_document_a_day_later_is_found():
    sale(now=NOW)
    # A backup of this minute is right, whenever it is restored.
    assert check_documents() == []
    sale(now=NOW + timedelta(days=2))
    assert [fault.endswith("no invoice") for fault in check_documents()] == [True]
    issue(NOW + timedelta(days=2))
    assert check_documents() == []
    given_back(Order.objects.order_by("pk").first(), "5.00", now=NOW)
    assert [fault.endswith("no credit note") for fault in check_documents()] == [True]


def test_the_sweep_asks_a_constant_number_of_queries(django_assert_num_queries):
    for count in (3, 30):
        for _each in range(count):
            sale(now=NOW)
        issue()
        with django_assert_num_queries(3):
            issue_missing(now=NOW)


def test_a_repeat_answers_with_the_first():
    order = sale(now=NOW)
    first = issue_invoice(order=order, now=NOW)
    credited = given_back(order, "5.00", now=NOW)
    note = issue_credit_note(refund=credited, now=NOW)
    assert issue_invoice(order=order, now=NOW) == first
    assert issue_credit_note(refund=credited, now=NOW) == note
    assert Series.objects.get(kind="CREDIT_NOTE").last_sequence == 1


def test_rates_that_do_not_add_up_are_found():
    sale(("12.50", 2, "5.5"), ("30.00", 1, "20.0"), now=NOW)
    [invoice] = issue()
    QuerySet.update(DocumentVat.objects.filter(document=invoice, rate=20), net=1, vat=0, gross=1)
    assert check_documents() == ["document F2026-000001: its rates do not add up"]
