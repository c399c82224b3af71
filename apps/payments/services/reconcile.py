"""Finds what a dying process, a silent bank or a lost message left half-way, and finishes it."""

from contextlib import suppress
from datetime import datetime, timedelta

from django.db.models import Q

from apps.orders.models import Order
from apps.payments import gateways
from apps.payments.models import Payment, Refund
from apps.payments.services.attempt import (
    CaptureRefused,
    PaymentUnavailable,
    capture_payment,
    close_attempts,
    refresh_payment,
)
from apps.payments.services.refund import carry_out_refund

# Long enough for a request that is still running to finish by itself.
PATIENCE = timedelta(minutes=2)
# An authorisation lasts for seven days, Visa's of a payment without its holder for 4 days and 18 hours
# (docs.stripe.com/payments/capture-later): money that is not taken at dispatch by then is taken before it lapses.
AUTHORISATION = timedelta(days=4)
ENDED = (Order.Status.CANCELLED, Order.Status.EXPIRED)


def reconcile_payments(*, now: datetime, limit: int = 200) -> int:
    """Ask gateways about open attempts, close those of orders that ended, carry out refunds left behind.

    Returns how many rows were looked at, longest waiting first. Safe to run twice at once.
    """
    remote = [code for code, gateway in gateways.registered().items() if gateway.is_remote]
    before = now - PATIENCE
    ended = Q(order__status__in=ENDED)
    waiting = Payment.objects.to_ask(now).filter(Q(gateway__in=remote) | ended)
    seen = 0
    for payment in waiting.select_related("order").order_by("asked_at")[:limit]:
        seen += 1
        Payment.objects.filter(pk=payment.pk).update(asked_at=now)
        try:
            payment = refresh_payment(payment=payment, now=now).payment
        except PaymentUnavailable:
            continue
        if payment.is_open and payment.order.status in ENDED:
            close_attempts(order=payment.order, now=now)
        elif payment.status == Payment.Status.AUTHORISED and payment.created_at < now - AUTHORISATION:
            with suppress(CaptureRefused, PaymentUnavailable):
                capture_payment(payment=payment, now=now)
    requested = Refund.objects.filter(status=Refund.Status.REQUESTED, asked_at__lt=before, payment__gateway__in=remote)
    for refund in requested.select_related("payment__order").order_by("asked_at")[:limit]:
        seen += 1
        Refund.objects.filter(pk=refund.pk).update(asked_at=now)
        carry_out_refund(refund=refund, now=now)
    return seen
