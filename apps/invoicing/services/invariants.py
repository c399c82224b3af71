"""Consistency of documents with orders, payments and refunds, by the database: for tests and restored backups."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import F, Max, Q, Sum
from django.db.models.functions import Round

from apps.invoicing.models import Document, DocumentVat
from apps.invoicing.moment import due_before
from apps.invoicing.services.issue import pays
from apps.invoicing.services.sweep import orders_due, refunds_due
from apps.payments.models import Payment, Refund

# The sweep runs every minute; a document that is a day late was refused.
LATE = timedelta(days=1)
MOST = 20


def check_documents() -> list[str]:
    """One line per fault: documents that differ from their order or refund, credit notes beyond their invoice, sales
    and refunds that have none. A constant number of queries but for faults."""
    return [*_invoices(), *_credit_notes(), *_rates(), *_missing()]


def _invoices() -> Iterator[str]:
    wrong = Document.objects.invoices().filter(~Q(gross=F("order__total")) | ~Q(vat=F("order__vat_total")))
    for number, order in wrong.order_by("position").values_list("number", "order__number"):
        yield f"invoice {number}: differs from order {order}"
    beyond = (
        Document.objects.credit_notes()
        .order_by()
        .values("corrects__number", "corrects__gross", "corrects__vat")
        .annotate(given=_cents(Sum("gross")), given_vat=_cents(Sum("vat")))
        .filter(Q(given__gt=F("corrects__gross")) | Q(given_vat__gt=F("corrects__vat")))
    )
    for row in beyond:
        yield f"invoice {row['corrects__number']}: {row['given']} credited of {row['corrects__gross']}"


def _credit_notes() -> Iterator[str]:
    notes = Document.objects.credit_notes()
    wrong = notes.filter(
        ~Q(gross=F("refund__amount"))
        | ~Q(refund__status=Refund.Status.DONE)
        | ~Q(order=F("refund__payment__order"))
        | ~Q(order=F("corrects__order"))
    )
    for number in wrong.order_by("position").values_list("number", flat=True):
        yield f"credit note {number}: differs from its refund"


def _rates() -> Iterator[str]:
    wrong = (
        DocumentVat.objects.order_by()
        .values("document__number", "document__gross", "document__vat")
        .annotate(of_rates=_cents(Sum("gross")), vat_of_rates=_cents(Sum("vat")))
        .filter(~Q(of_rates=F("document__gross")) | ~Q(vat_of_rates=F("document__vat")))
    )
    for row in wrong:
        yield f"document {row['document__number']}: its rates do not add up"


def _cents(amount: Sum) -> Round:
    """SQLite adds up binary floats."""
    return Round(amount, precision=2)


def _missing() -> Iterator[str]:
    """Measured from the newest money and not from the clock: a backup that is restored a month later was right when it
    was taken, a minute after a payment."""
    newest = _newest()
    if newest is None:
        return
    late = newest - LATE
    for number in orders_due().filter(due_before(late)).values_list("number", flat=True)[:MOST]:
        yield f"order {number}: no invoice"
    for refund in refunds_due().filter(done_at__lt=late).select_related("payment__order"):
        if pays(refund.payment):
            yield f"refund {refund.pk} of order {refund.payment.order.number}: no credit note"


def _newest() -> datetime | None:
    moments = [
        Payment.objects.aggregate(at=Max("captured_at"))["at"],
        Refund.objects.aggregate(at=Max("done_at"))["at"],
        Document.objects.aggregate(at=Max("issued_at"))["at"],
    ]
    return max(filter(None, moments), default=None)
