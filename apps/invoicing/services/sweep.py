"""Finds sales and refunds without a document, and issues them in the order in which they happened."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import structlog
from django.db.models import Exists, OuterRef, QuerySet

from apps.invoicing.models import Document
from apps.invoicing.moment import due, due_since
from apps.invoicing.services.chain import starts_at
from apps.invoicing.services.issue import issue_credit_note, issue_invoice
from apps.orders.models import Order
from apps.payments.models import Payment, Refund

logger = structlog.get_logger(__name__)

# What a minute looks back for; the night looks at everything.
WINDOW = timedelta(days=60)


def issue_missing(*, now: datetime, limit: int = 500, everything: bool = False) -> int:
    """Issue the documents of sales and refunds that have none; returns how many. Safe to run twice at once.

    A process that dies between a payment and its invoice leaves nothing behind that this does not find. An order whose
    document cannot be written is logged, and does not hold up the others.
    """
    since = None if everything else now - WINDOW
    issued = _issue(orders_due(since=since)[:limit], lambda order: issue_invoice(order=order, now=now), "order_id")
    refunds = refunds_due(since=since).select_related("payment__order")[:limit]
    return issued + _issue(refunds, lambda refund: issue_credit_note(refund=refund, now=now), "refund_id")


def orders_due(*, since: datetime | None = None) -> QuerySet[Order]:
    """Those whose invoice is missing, oldest payment first. `since`: paid after it, by the index of payments."""
    invoices = Document.objects.invoices().filter(order=OuterRef("pk"))
    orders = Order.objects.filter(due(), ~Exists(invoices))
    begin = starts_at()
    if begin is not None:
        orders = orders.filter(due_since(begin))
    if since is not None:
        recent = Payment.objects.captured().filter(asked_at__gte=since).order_by().values("order_id")
        orders = orders.filter(pk__in=recent)
    return orders.order_by("paid_at", "pk")


def refunds_due(*, since: datetime | None = None) -> QuerySet[Refund]:
    """Refunds that were made of an invoiced sale and have no credit note, oldest first."""
    invoices = Document.objects.invoices().filter(order=OuterRef("payment__order"))
    refunds = Refund.objects.filter(Exists(invoices), status=Refund.Status.DONE, credit_note=None)
    if since is not None:
        refunds = refunds.filter(asked_at__gte=since)
    return refunds.order_by("done_at", "pk")


def _issue(rows: Iterable, issue: Callable, name: str) -> int:
    issued = 0
    for row in rows:
        try:
            issued += issue(row) is not None
        except Exception:
            logger.exception("document_refused", **{name: row.pk})
    return issued
