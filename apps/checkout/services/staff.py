"""Writes by staff to an order and its payments together."""

from datetime import datetime

from django.db import transaction

from apps.accounts.models import User
from apps.common.transactions import retry_on_deadlock
from apps.orders import services as orders
from apps.orders.models import Order
from apps.payments import gateways
from apps.payments import services as payments
from apps.payments.models import Payment


def cancel_and_refund(*, order: Order, by: User | None, now: datetime, note: str = "") -> Order:
    """Cancel before shipping and refund all that was paid. Raises TransitionRefused, nothing changed.

    The cancellation and the requested refunds are written in one transaction; a refund that the gateway does not
    answer is sent again by the sweep.
    """
    order = _cancel(order=order, by=by, now=now, note=note)
    payments.close_attempts(order=order, now=now)
    return order


@retry_on_deadlock
def _cancel(*, order: Order, by: User | None, now: datetime, note: str) -> Order:
    with transaction.atomic(durable=True):
        order = orders.lock_order(order)
        paid = list(Payment.objects.captured().filter(order=order).order_by("pk").select_for_update())
        order = orders.cancel_order(order=order, by=by, now=now, note=note)
        for payment in paid:
            if payment.refundable:
                payments.request_refund(
                    payment=payment,
                    amount=payment.refundable,
                    reason=note,
                    by=by,
                    key=f"cancel-{payment.key}",
                    now=now,
                )
    return order


def ship(*, order: Order, by: User | None, now: datetime, tracking_number: str = "", tracking_url: str = "") -> Order:
    """Hand to the carrier, once the card that is charged at dispatch was. Raises what `orders.ship_order` raises, and
    CaptureRefused or PaymentUnavailable; nothing shipped then."""
    if order.can_become(Order.Status.SHIPPED) and not order.destination.is_collected:
        payments.capture_before_dispatch(order=order, now=now)
    return orders.ship_order(order=order, by=by, now=now, tracking_number=tracking_number, tracking_url=tracking_url)


def make_ready(*, order: Order, by: User | None, now: datetime) -> Order:
    """Ready for collection, once its card was charged. Raises like `ship`."""
    if order.can_become(Order.Status.READY) and order.destination.is_collected:
        payments.capture_before_dispatch(order=order, now=now)
    return orders.order_ready(order=order, by=by, now=now)


@retry_on_deadlock
def hand_over(*, order: Order, by: User | None, now: datetime) -> Order:
    """Mark an order delivered and, when it is paid at the counter, its payment received, in one transaction.

    Raises TransitionRefused. Calls no gateway.
    """
    with transaction.atomic(durable=True):
        order = orders.deliver_order(order=order, by=by, now=now)
        gateway = gateways.get(order.payment_method)
        if order.paid_at is None and gateway is not None and not gateway.is_remote:
            payments.receive_payment(order=order, by=by, now=now)
            order.refresh_from_db()
    return order
