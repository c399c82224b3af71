from decimal import Decimal

from django.db.models import Sum

from apps.common.money import ZERO
from apps.orders.models import Order
from apps.payments import gateways
from apps.payments.models import Payment, Refund


def check_payments() -> list[str]:
    """One line per fault: refunds that do not add up, orders confirmed or kept without the money they claim."""
    alive = Refund.objects.exclude(status=Refund.Status.FAILED).order_by()
    refunds: dict[int, Decimal] = dict(alive.values_list("payment_id").annotate(Sum("amount")))
    faults = []
    for payment in Payment.objects.select_related("order").order_by("pk").iterator():
        refunded = refunds.get(payment.pk, ZERO)
        if payment.refunded != refunded:
            faults.append(f"payment {payment.pk}: {payment.refunded} refunded, {refunded} in its refunds")
        if refunded and payment.status != Payment.Status.CAPTURED:
            faults.append(f"payment {payment.pk}: refunded but never captured")
        ended = payment.order.status in (Order.Status.CANCELLED, Order.Status.EXPIRED)
        if payment.refundable and ended:
            faults.append(f"payment {payment.pk}: money of an ended order was not given back")
    paid_later = {code for code, gateway in gateways.registered().items() if gateway.pays_later}
    captured = set(Payment.objects.captured().values_list("order_id", flat=True))
    # Charged at dispatch: the money is sure, and not taken yet.
    authorised = set(Payment.objects.filter(status=Payment.Status.AUTHORISED).values_list("order_id", flat=True))
    for order in Order.objects.order_by("pk").iterator():
        if order.paid_at is not None and order.pk not in captured:
            faults.append(f"order {order.number}: paid without a captured payment")
        certain = order.status not in (Order.Status.AWAITING_PAYMENT, Order.Status.CANCELLED, Order.Status.EXPIRED)
        unpaid = order.paid_at is None and order.pk not in authorised
        if certain and unpaid and order.payment_method not in paid_later:
            faults.append(f"order {order.number}: confirmed without its money")
    return faults
