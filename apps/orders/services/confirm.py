"""Confirmation of an order: the sale is final, its held stock is sold."""

from datetime import datetime, timedelta
from functools import partial

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.catalogue.services import stock
from apps.orders.emails import OrderEmail
from apps.orders.models import Order
from apps.orders.services.moves import move, note_event
from apps.orders.services.notify import enqueue_email

logger = structlog.get_logger(__name__)


def confirm_order(*, order: Order, now: datetime, by: User | None = None, note: str = "", **fields: object) -> None:
    """Confirm a locked order that awaits payment, or one that expired and whose stock is still there.

    Inside the caller's transaction. Raises TransitionRefused; for an expired order OutOfStock. Nothing written then.
    """
    if order.status == Order.Status.EXPIRED:
        stock.hold_stock(quantities=pieces(order), reference=order.number, now=now)
        fields["closed_at"] = None
        note = note or _("Payée après l’échéance : les produits étaient encore disponibles.")
    if order.delay is not None and timezone.localdate(now) > timezone.localdate(order.placed_at):
        # The promised dates were counted from the order; the delay begins with the payment.
        fields["delivery_from_date"], fields["delivery_to_date"] = order.delay.dates_from(now)
    move(order, Order.Status.CONFIRMED, now=now, by=by, note=note, **fields)
    enqueue_email(order=order, kind=OrderEmail.CONFIRMED, now=now)
    stock.sell_holds(reference=order.number, now=now)


def mark_paid(*, order: Order, now: datetime, by: User | None = None, note: str = "") -> None:
    """Record the payment of a locked order; confirms it, unless it was confirmed before (paid on collection).

    Inside the caller's transaction, after which `order_paid` is logged once; a repeat changes nothing. Raises
    TransitionRefused for a cancelled order, OutOfStock for an expired one.
    """
    # CANCELLED is listed so that `move` refuses it.
    if order.status in (Order.Status.AWAITING_PAYMENT, Order.Status.EXPIRED, Order.Status.CANCELLED):
        confirm_order(order=order, now=now, by=by, note=note, paid_at=now)
    elif order.paid_at is None:
        Order.objects.filter(pk=order.pk).update(paid_at=now)
        order.paid_at = now
        note_event(order=order, note=note or _("Payée."), now=now, by=by)
    else:
        return
    transaction.on_commit(partial(logger.info, "order_paid", order_id=order.pk))


def change_payment(*, order: Order, payment_method: str, hold: timedelta | None, now: datetime) -> None:
    """Change the means of payment of a locked order that awaits payment, and the end of its hold.

    The hold ends `hold` from now, but not later than before the change, so that repeated changes do not extend it; and
    not earlier than `hold` after the order was placed. `hold` None (paid on collection): confirmed at once.
    """
    order.payment_method = payment_method
    if hold is not None:
        promised = order.hold_expires_at or now
        order.hold_expires_at = max(order.placed_at + hold, min(promised, now + hold))
    Order.objects.filter(pk=order.pk).update(payment_method=payment_method, hold_expires_at=order.hold_expires_at)
    note_event(order=order, note=_("Autre moyen de paiement : %s") % payment_method, now=now)
    if hold is None:
        confirm_order(order=order, now=now, hold_expires_at=None)


def hold_until(*, order: Order, moment: datetime) -> None:
    """Move the end of the hold of a locked order that awaits payment, inside the caller's transaction: a bank takes
    days, or has refused at last."""
    order.hold_expires_at = moment
    Order.objects.filter(pk=order.pk).update(hold_expires_at=moment)


def pieces(order: Order) -> dict[int, int]:
    """Variant id → quantity, for the variants that still exist."""
    return dict(order.lines.filter(variant__isnull=False).values_list("variant_id", "quantity"))
