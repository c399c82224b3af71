from datetime import datetime

from django.db import transaction

from apps.accounts.models import User
from apps.catalogue.models import StockMovement
from apps.catalogue.services import stock
from apps.common.transactions import retry_on_deadlock
from apps.orders.emails import OrderEmail
from apps.orders.models import Order
from apps.orders.services.confirm import pieces
from apps.orders.services.moves import lock_order, move
from apps.orders.services.notify import enqueue_email


@retry_on_deadlock
def cancel_order(*, order: Order, by: User | None, now: datetime, note: str = "", occasion: str = "") -> Order:
    """Cancel before shipping; sold stock is restocked, held stock released.

    `occasion` is passed to the customer's e-mail. Refunds nothing (checkout.services.cancel_and_refund does). Raises
    TransitionRefused, nothing changed.
    """
    with transaction.atomic():
        order = lock_order(order)
        held = order.status == Order.Status.AWAITING_PAYMENT
        move(order, Order.Status.CANCELLED, now=now, by=by, note=note, closed_at=now, hold_expires_at=None)
        enqueue_email(order=order, kind=OrderEmail.CANCELLED, occasion=occasion, now=now)
        if held:
            stock.release_holds(references=[order.number])
        else:
            stock.restock(
                reference=order.number,
                quantities=pieces(order),
                reason=StockMovement.Reason.CANCELLATION,
                author=by,
                now=now,
            )
    return order
