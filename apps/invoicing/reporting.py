"""What goes to the administration: sales to consumers by day and rate three times a month (art. 290 CGI, monthly VAT
returns), and invoices to businesses one by one (art. 289 bis CGI)."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils import translation
from django.utils.translation import gettext as _

from apps.common.money import ZERO, round_cents
from apps.invoicing import facturx
from apps.invoicing.books import month_end
from apps.invoicing.identity import seller
from apps.invoicing.models import Document, DocumentVat
from apps.invoicing.platforms.base import DayTotal, SalesReport
from apps.invoicing.printed import notes, payment_sentence
from apps.invoicing.querysets import DocumentQuerySet
from apps.invoicing.services.chain import read

DECADES = (1, 11, 21)


def last_decade(today: date) -> tuple[date, date]:
    """The newest third of a month that has ended: 1st to 10th, 11th to 20th, 21st to its end."""
    current = max(day for day in DECADES if day <= today.day)
    last = today.replace(day=current) - timedelta(days=1)
    first = last.replace(day=max(day for day in DECADES if day <= last.day))
    return first, month_end(last) if first.day == DECADES[-1] else last


def sales_report(first: date, last: date) -> SalesReport:
    """Sales to consumers, added up by the database. One query."""
    signed = {
        name: Sum(name, filter=Q(document__kind="INVOICE"), default=ZERO)
        - Sum(name, filter=Q(document__kind="CREDIT_NOTE"), default=ZERO)
        for name in ("net", "vat")
    }
    rows: Any = (
        DocumentVat.objects.filter(document__issue_date__range=(first, last), document__order__company="")
        .order_by()
        .values("document__issue_date", "rate")
        .annotate(net_sum=signed["net"], vat_sum=signed["vat"], count=Count("document"))
        .order_by("document__issue_date", "-rate")
    )
    totals = [_total(row) for row in rows]
    return SalesReport(first=first, last=last, siren=seller().siren, totals=totals)


def _total(row: dict[str, Any]) -> DayTotal:
    """Rounded because SQLite adds up binary floats."""
    net, vat = round_cents(row["net_sum"]), round_cents(row["vat_sum"])
    return DayTotal(row["document__issue_date"], row["rate"], net, vat, row["count"])


def to_businesses(first: date, last: date) -> DocumentQuerySet:
    documents = Document.objects.filter(issue_date__range=(first, last))
    return documents.exclude(order__company="").order_by("position")


def xml_of(document: Document) -> bytes:
    """The structured invoice, as it lies in the PDF."""
    content = read(document)
    with translation.override(content["language"]):
        return facturx.xml(content, notes=notes(content), terms=payment_sentence(content), charge_name=_("Livraison"))
