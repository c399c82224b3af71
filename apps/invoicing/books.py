"""Books for the accountant, from documents: a month by rate and account, and the sales journal in the shape of the
« fichier des écritures comptables » (art. A47 A-1 LPF).

Accounts are those of the plan comptable général, with the rate behind: 707200 for sales at 20 %, 707055 at 5,5 %.
Delivery is part of the price of the goods (art. 267, I, 2° CGI) and stands with their sales.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, Sum

from apps.common.money import ZERO, round_cents
from apps.invoicing.identity import seller
from apps.invoicing.models import Document, DocumentVat

AT_ONCE = 2000
CUSTOMERS = "411000"
# The law's own words, in French whatever the reader's language.
COLUMNS = (
    *("JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib", "CompAuxNum"),
    *("CompAuxLib", "PieceRef", "PieceDate", "EcritureLib", "Debit", "Credit", "EcritureLet", "DateLet"),
    *("ValidDate", "Montantdevise", "Idevise"),
)
LABELS = {Document.Kind.INVOICE: "Facture", Document.Kind.CREDIT_NOTE: "Avoir"}


@dataclass(frozen=True)
class RateTotal:
    """One rate of a month: invoices less credit notes, with both."""

    rate: Decimal
    sales_account: str
    vat_account: str
    invoiced_net: Decimal
    invoiced_vat: Decimal
    credited_net: Decimal
    credited_vat: Decimal

    @property
    def net(self) -> Decimal:
        return self.invoiced_net - self.credited_net

    @property
    def vat(self) -> Decimal:
        return self.invoiced_vat - self.credited_vat

    @property
    def gross(self) -> Decimal:
        return self.net + self.vat


@dataclass(frozen=True)
class Entry:
    """One line of the journal."""

    document: Document
    account: str
    account_name: str
    debit: Decimal = ZERO
    credit: Decimal = ZERO


def month_end(month: date) -> date:
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)


def totals(first: date, last: date) -> list[RateTotal]:
    """By rate, highest first, added up by the database. One query."""
    invoices, notes = Q(document__kind="INVOICE"), Q(document__kind="CREDIT_NOTE")
    rows: Any = (
        DocumentVat.objects.filter(document__issue_date__range=(first, last))
        .order_by()
        .values("rate")
        .annotate(
            invoiced_net=Sum("net", filter=invoices, default=ZERO),
            invoiced_vat=Sum("vat", filter=invoices, default=ZERO),
            credited_net=Sum("net", filter=notes, default=ZERO),
            credited_vat=Sum("vat", filter=notes, default=ZERO),
        )
    )
    found = [
        RateTotal(
            rate=row["rate"],
            sales_account=sales_account(row["rate"]),
            vat_account=vat_account(row["rate"]),
            # SQLite adds up binary floats.
            **{name: round_cents(amount) for name, amount in row.items() if name != "rate"},
        )
        for row in rows
    ]
    return sorted(found, key=lambda each: each.rate, reverse=True)


def months() -> list[date]:
    """First days of the months that have documents, newest first. One query."""
    return list(Document.objects.order_by().dates("issue_date", "month", order="DESC"))


def journal(first: date, last: date) -> Iterator[Entry]:
    """Entries of the sales journal, in the order of the documents; those of each document are balanced. Two queries for
    each two thousand documents, which are never all in memory."""
    documents = Document.objects.filter(issue_date__range=(first, last)).defer("content").order_by("position")
    position = 0
    while rows := list(documents.filter(position__gt=position).prefetch_related("vat_lines")[:AT_ONCE]):
        for document in rows:
            yield from _entries(document)
        position = rows[-1].position


def _entries(document: Document) -> Iterator[Entry]:
    """An invoice debits the customer; a credit note credits them."""

    def entry(account: str, name: str, amount: Decimal, *, is_customer: bool) -> Entry:
        if is_customer == document.is_invoice:
            return Entry(document, account, name, debit=amount)
        return Entry(document, account, name, credit=amount)

    yield entry(CUSTOMERS, "Clients", document.gross, is_customer=True)
    for each in document.vat_lines.all():
        if each.net:
            yield entry(sales_account(each.rate), f"Ventes {_percent(each.rate)}", each.net, is_customer=False)
        if each.vat:
            yield entry(vat_account(each.rate), f"TVA collectée {_percent(each.rate)}", each.vat, is_customer=False)


def fec(first: date, last: date) -> Iterator[str]:
    """Lines of the file, tabs between columns; the header first. `EcritureNum` is the document's place in the chain."""
    yield "\t".join(COLUMNS) + "\r\n"
    for entry in journal(first, last):
        document, day = entry.document, f"{entry.document.issue_date:%Y%m%d}"
        values = [
            *("VE", "Ventes", str(document.position), day, entry.account, entry.account_name, "", ""),
            *(document.number, day, f"{LABELS[Document.Kind(document.kind)]} {document.number}"),
            *(amount_text(entry.debit), amount_text(entry.credit), "", "", day, "", ""),
        ]
        yield "\t".join(values) + "\r\n"


def fec_name(last: date) -> str:
    """As the law names it: SIREN, FEC, last day."""
    return f"{seller().siren or '000000000'}FEC{last:%Y%m%d}.txt"


def sales_account(rate: Decimal) -> str:
    return f"707{_digits(rate)}"


def vat_account(rate: Decimal) -> str:
    return f"44571{_digits(rate)}"


def _digits(rate: Decimal) -> str:
    return f"{int(rate * 10):03}"


def _percent(rate: Decimal) -> str:
    return f"{rate.normalize():f}".replace(".", ",") + " %"


def amount_text(amount: Decimal) -> str:
    return f"{amount:.2f}".replace(".", ",")
