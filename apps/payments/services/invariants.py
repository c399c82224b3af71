from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum

from apps.common.money import ZERO, round_cents
from apps.orders.models import Order
from apps.payments import gateways
from apps.payments.models import Dispute, DisputeMovement, Payment, Refund
from apps.payments.models.dispute import held_back
from apps.payments.services.payouts import unequal_payouts

AT_ONCE = 2000


def check_payments() -> list[str]:
    """One line per fault: refunds, disputes and payouts that do not add up, orders confirmed or kept without the money
    they claim."""
    alive = Refund.objects.exclude(status=Refund.Status.FAILED).order_by()
    refunds: dict[int, Decimal] = dict(alive.values_list("payment_id").annotate(Sum("amount")))
    disputes = dict(Dispute.objects.order_by().values_list("payment_id").annotate(Sum("withdrawn")))
    faults = []
    for payment in _paged(Payment.objects.select_related("order")):
        refunded = refunds.get(payment.pk, ZERO)
        if payment.refunded != refunded:
            faults.append(f"payment {payment.pk}: {payment.refunded} refunded, {refunded} in its refunds")
        disputed = round_cents(disputes.get(payment.pk, ZERO))
        if payment.disputed != disputed:
            faults.append(f"payment {payment.pk}: {payment.disputed} disputed, {disputed} in its disputes")
        if (refunded or disputed) and payment.status != Payment.Status.CAPTURED:
            faults.append(f"payment {payment.pk}: refunded or disputed but never captured")
        ended = payment.order.status in (Order.Status.CANCELLED, Order.Status.EXPIRED)
        if payment.refundable and ended:
            faults.append(f"payment {payment.pk}: money of an ended order was not given back")
    paid_later = {code for code, gateway in gateways.registered().items() if gateway.pays_later}
    captured = set(Payment.objects.captured().values_list("order_id", flat=True))
    # Charged at dispatch: the money is sure, and not taken yet.
    authorised = set(Payment.objects.filter(status=Payment.Status.AUTHORISED).values_list("order_id", flat=True))
    for order in _paged(Order.objects.all()):
        if order.paid_at is not None and order.pk not in captured:
            faults.append(f"order {order.number}: paid without a captured payment")
        certain = order.status not in (Order.Status.AWAITING_PAYMENT, Order.Status.CANCELLED, Order.Status.EXPIRED)
        unpaid = order.paid_at is None and order.pk not in authorised
        if certain and unpaid and order.payment_method not in paid_later:
            faults.append(f"order {order.number}: confirmed without its money")
    faults += _disputes()
    faults += [f"payout {payout.reference}: its lines do not add up to it" for payout in unequal_payouts()]
    return faults


def _paged(rows: QuerySet) -> Iterator[Any]:
    """By id, a page at a time: MySQL's driver fetches all rows of a query before the first is read."""
    last = 0
    while page := list(rows.filter(pk__gt=last).order_by("pk")[:AT_ONCE]):
        yield from page
        last = page[-1].pk


def _disputes() -> list[str]:
    amounts: dict[int, list[Decimal]] = {}
    for pk, amount in DisputeMovement.objects.order_by("pk").values_list("dispute_id", "amount").iterator():
        amounts.setdefault(pk, []).append(amount)
    faults = []
    for dispute in _paged(Dispute.objects.all()):
        withdrawn = held_back(amounts.get(dispute.pk, []))
        if dispute.withdrawn != withdrawn:
            faults.append(f"dispute {dispute.pk}: {dispute.withdrawn} withdrawn, {withdrawn} in its movements")
        if dispute.status == Dispute.Status.LOST and dispute.lost_at is None:
            faults.append(f"dispute {dispute.pk}: lost, and not in the books as a loss")
    return faults
