"""When an order is invoiced.

VAT of goods is due at their delivery, and on money that comes before it when it comes (art. 269, 2, a and c CGI, since
2023); each of the two is invoiced at once (art. 289, I, 1 and 3). A shop that is paid with the order invoices at the
payment; one whose accountant wants the delivery's date sets INVOICE_AT=delivery.
"""

from datetime import datetime

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from apps.invoicing.contents import Supply
from apps.orders.models import Order

AT_DELIVERY = "delivery"


def moment_of(order: Order) -> tuple[datetime, Supply] | None:
    """When its invoice was due and what made it so; None while nothing did."""
    delivered = order.closed_at if order.status == Order.Status.DELIVERED else None
    if order.total == 0:
        return None
    if settings.INVOICE_AT == AT_DELIVERY:
        moment = order.shipped_at or delivered
        return (moment, Supply(timezone.localdate(moment), "delivery")) if moment else None
    if delivered and (order.paid_at is None or delivered <= order.paid_at):
        return delivered, Supply(timezone.localdate(delivered), "delivery")
    return (order.paid_at, Supply(timezone.localdate(order.paid_at), "payment")) if order.paid_at else None


def due() -> Q:
    """The same for a filter of orders."""
    delivered = Q(status=Order.Status.DELIVERED, closed_at__isnull=False)
    first = Q(shipped_at__isnull=False) if settings.INVOICE_AT == AT_DELIVERY else Q(paid_at__isnull=False)
    return Q(total__gt=0) & (first | delivered)


def due_since(moment: datetime) -> Q:
    """Of `due` those that became so from then on."""
    delivered = Q(status=Order.Status.DELIVERED, closed_at__gte=moment)
    if settings.INVOICE_AT == AT_DELIVERY:
        return Q(shipped_at__gte=moment) | (delivered & Q(shipped_at=None))
    return Q(paid_at__gte=moment) | (delivered & Q(paid_at=None))


def due_before(moment: datetime) -> Q:
    """Of `due` those that became so before then."""
    delivered = Q(status=Order.Status.DELIVERED, closed_at__lt=moment)
    if settings.INVOICE_AT == AT_DELIVERY:
        return Q(shipped_at__lt=moment) | (delivered & Q(shipped_at=None))
    return Q(paid_at__lt=moment) | (delivered & Q(paid_at=None))
