"""The books of a month: by rate and account, and the journal that an accountant's program reads."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from apps.invoicing import books
from apps.invoicing.models import Document
from apps.invoicing.services import issue_missing
from apps.invoicing.tests.factories import given_back, sale

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
NOVEMBER = date(2026, 11, 1), date(2026, 11, 30)


@pytest.fixture
def november():
    order = sale(("12.50", 2, "5.5"), ("30.00", 1, "20.0"), delivery="0.00", now=NOW)
    sale(("12.50", 1, "5.5"), delivery="0.00", now=NOW)
    issue_missing(now=NOW, everything=True)
    given_back(order, "11.00", now=NOW)
    issue_missing(now=NOW, everything=True)
    sale(now=NOW + timedelta(days=5))
    issue_missing(now=NOW + timedelta(days=5), everything=True)


def rows() -> list[dict[str, str]]:
    header, *lines = [line.rstrip("\r\n").split("\t") for line in books.fec(*NOVEMBER)]
    assert header == list(books.COLUMNS)
    return [dict(zip(header, line, strict=True)) for line in lines]


def amount(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))


def test_it_has_the_eighteen_columns_of_the_law(november):
    first = rows()[0]
    assert len(first) == 18
    assert first == {
        "JournalCode": "VE",
        "JournalLib": "Ventes",
        "EcritureNum": "1",
        "EcritureDate": "20261128",
        "CompteNum": "411000",
        "CompteLib": "Clients",
        "CompAuxNum": "",
        "CompAuxLib": "",
        "PieceRef": "F2026-000001",
        "PieceDate": "20261128",
        "EcritureLib": "Facture F2026-000001",
        "Debit": "55,00",
        "Credit": "0,00",
        "EcritureLet": "",
        "DateLet": "",
        "ValidDate": "20261128",
        "Montantdevise": "",
        "Idevise": "",
    }
    assert books.fec_name(NOVEMBER[1]) == "000000000FEC20261130.txt"


def test_each_entry_is_balanced_and_they_are_in_order(november):
    sums: dict[int, Decimal] = {}
    for row in rows():
        number = int(row["EcritureNum"])
        sums[number] = sums.get(number, Decimal(0)) + amount(row["Debit"]) - amount(row["Credit"])
    assert sums == {1: 0, 2: 0, 3: 0}
    assert list(sums) == sorted(sums)


def test_a_credit_note_turns_the_entry_round(november):
    note = [row for row in rows() if row["PieceRef"].startswith("A")]
    assert [(row["CompteNum"], row["Debit"], row["Credit"]) for row in note] == [
        ("411000", "0,00", "11,00"),
        ("707200", "5,00", "0,00"),
        ("44571200", "1,00", "0,00"),
        ("707055", "4,74", "0,00"),
        ("44571055", "0,26", "0,00"),
    ]


def test_the_month_by_rate_is_the_journal(november):
    totals = books.totals(*NOVEMBER)
    assert [each.rate for each in totals] == [Decimal("20.0"), Decimal("5.5")]
    for each in totals:
        for account, net in ((each.sales_account, each.net), (each.vat_account, each.vat)):
            lines = [row for row in rows() if row["CompteNum"] == account]
            assert sum(amount(row["Credit"]) - amount(row["Debit"]) for row in lines) == net
    gross = sum(
        each.gross if each.is_invoice else -each.gross for each in Document.objects.filter(issue_date__month=11)
    )
    assert sum(each.gross for each in totals) == gross


def test_december_is_another_month(november):
    assert books.months() == [date(2026, 12, 1), date(2026, 11, 1)]
    assert books.month_end(date(2026, 12, 1)) == date(2026, 12, 31)
    assert books.month_end(date(2028, 2, 1)) == date(2028, 2, 29)


def test_the_number_of_queries_does_not_grow(november, django_assert_num_queries):
    for _each in range(30):
        sale(now=NOW)
    issue_missing(now=NOW, everything=True)
    with django_assert_num_queries(3):
        list(books.fec(date(2026, 11, 1), date(2026, 12, 31)))
