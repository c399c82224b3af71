"""The journal of money: each fact once, on the day it was written down, and balanced."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from apps.invoicing import books, cash_book
from apps.invoicing.tests.factories import given_back, sale
from apps.payments.models import DisputeMovement, Refund
from apps.payments.tests.factories import DisputeFactory, PayoutFactory

pytestmark = [pytest.mark.django_db, pytest.mark.either_database]
NOW = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
NOVEMBER, DECEMBER = (date(2026, 11, 1), date(2026, 11, 30)), (date(2026, 12, 1), date(2026, 12, 31))


def moved(*period: date) -> list[tuple[str, str, Decimal]]:
    return [(each.debit, each.credit, each.amount) for each in cash_book.moves(*period)]


def movement(dispute, amount: str, at: datetime) -> DisputeMovement:
    return DisputeMovement.objects.create(
        dispute=dispute, reference=f"txn_{at}_{amount}", amount=Decimal(amount), fee=0, happened_at=at, recorded_at=at
    )


def test_money_of_a_transfer_and_its_refund(db):
    given_back(sale(now=NOW), "9.00", now=NOW + timedelta(hours=1))
    assert moved(*NOVEMBER) == [("512000", "411000", Decimal("29.90")), ("411000", "512000", Decimal("9.00"))]


def test_a_refund_that_comes_back_and_is_repeated_by_other_means(db):
    order = sale(now=NOW)
    order.payments.update(gateway="stripe")
    refund = given_back(order, "9.00", now=NOW)
    Refund.objects.filter(pk=refund.pk).update(sent_back_at=NOW + timedelta(days=1), remade_at=NOW + timedelta(days=5))
    assert moved(*NOVEMBER)[1:] == [("411000", "511500", Decimal("9.00")), ("511500", "411000", Decimal("9.00"))]
    assert moved(*DECEMBER) == [("411000", "512000", Decimal("9.00"))]


def test_a_dispute_is_doubtful_until_it_is_a_loss(db):
    dispute = DisputeFactory(payment__captured_at=NOW, status="LOST", lost_at=NOW + timedelta(days=6))
    movement(dispute, "-12.00", NOW)
    movement(dispute, "5.00", NOW + timedelta(days=7))
    ten = Decimal("12.00")
    assert moved(*NOVEMBER)[1:] == [("416000", "511500", ten)]
    assert moved(*DECEMBER) == [("654000", "416000", ten), ("511500", "654000", Decimal("5.00"))]


def test_a_payout_with_fees_and_one_that_the_bank_refused(db):
    PayoutFactory(initiated_at=NOW, reference="po_1")
    PayoutFactory(
        initiated_at=NOW, reference="po_2", itemised_at=None, failed_at=NOW + timedelta(days=4), status="FAILED"
    )
    PayoutFactory(initiated_at=NOW, paid_at=None, itemised_at=None, status="PENDING")
    amount = Decimal("29.50")
    assert sorted(moved(*NOVEMBER)) == [
        ("512000", "511500", amount),
        ("512000", "511500", amount),
        ("627000", "511500", Decimal("0.40")),
    ]
    assert moved(*DECEMBER) == [("511500", "512000", amount)]


def test_money_that_a_provider_takes_from_the_account_is_the_other_way_round(db):
    PayoutFactory(initiated_at=NOW, amount=Decimal("-8.00"), itemised_at=None)
    assert moved(*NOVEMBER) == [("511500", "512000", Decimal("8.00"))]


def test_midnight_in_paris_ends_the_month(db):
    sale(now=datetime(2026, 11, 30, 22, 59, tzinfo=UTC))
    sale(now=datetime(2026, 11, 30, 23, 0, tzinfo=UTC))
    assert (len(moved(*NOVEMBER)), len(moved(*DECEMBER))) == (1, 1)
    assert cash_book.months() == [DECEMBER[0], NOVEMBER[0]]


def test_the_file_has_the_columns_of_the_law_and_balanced_entries(db):
    given_back(sale(now=NOW), "9.00", now=NOW)
    header, *lines = [line.rstrip("\r\n").split("\t") for line in cash_book.fec(*NOVEMBER)]
    rows = [dict(zip(header, line, strict=True)) for line in lines]
    assert header == list(books.COLUMNS)
    assert [row["EcritureNum"] for row in rows] == ["1", "1", "2", "2"]
    assert {(row["JournalCode"], row["EcritureDate"]) for row in rows} == {("EN", "20261128")}
    assert [(row["CompteNum"], row["Debit"], row["Credit"]) for row in rows[2:]] == [
        ("411000", "9,00", "0,00"),
        ("512000", "0,00", "9,00"),
    ]
    assert cash_book.cash_book_name(NOVEMBER[1]) == "000000000FEC20261130-encaissements.txt"


def test_rows_of_one_moment_are_read_page_by_page_and_once(db, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(cash_book, "AT_ONCE", 7)
    for _each in range(20):
        sale(now=NOW)
    assert len(moved(*NOVEMBER)) == 20
    monkeypatch.setattr(cash_book, "AT_ONCE", 2000)
    # A page and the end for payments; one query for each other sort.
    with django_assert_num_queries(10):
        assert len(moved(*NOVEMBER)) == 20
