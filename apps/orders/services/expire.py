from datetime import datetime

from django.db import transaction

from apps.catalogue.services import stock
from apps.common.transactions import retry_on_deadlock
from apps.orders.emails import OrderEmail
from apps.orders.models import Order
from apps.orders.services.moves import lock_order, move
from apps.orders.services.notify import enqueue_email


def expire_unpaid(*, now: datetime, limit: int = 500) -> int:
    """Expire orders whose hold has ended, oldest first, each in its own transaction; returns how many.

    Safe with concurrent workers. A later payment is handled by payments.services.
    """
    due = Order.objects.hold_ended_by(now).order_by("hold_expires_at")[:limit]
    return sum(_expire(order=order, now=now) for order in due)


@retry_on_deadlock
def _expire(*, order: Order, now: datetime) -> bool:
    with transaction.atomic(durable=True):
        order = lock_order(order)
        ended = order.hold_expires_at is not None and order.hold_expires_at <= now
        if order.status != Order.Status.AWAITING_PAYMENT or not ended:
            return False
        move(order, Order.Status.EXPIRED, now=now, closed_at=now)
        enqueue_email(order=order, kind=OrderEmail.EXPIRED, now=now)
        stock.release_holds(references=[order.number])
    return True
