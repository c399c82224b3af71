"""Records a gateway's outcome in our books, once."""

from datetime import datetime

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.catalogue.services.stock import OutOfStock
from apps.common.money import ZERO
from apps.common.transactions import retry_on_deadlock
from apps.orders.models import Order
from apps.orders.services import TransitionRefused, lock_order, mark_paid, note_event
from apps.payments.gateways.base import GatewayError, Outcome, State
from apps.payments.models import Payment
from apps.payments.services.refund import request_refund

logger = structlog.get_logger(__name__)


@retry_on_deadlock
def record(*, payment: Payment, outcome: Outcome, now: datetime, by: User | None = None) -> Payment:
    """Move the payment to what the gateway says, and its order with it; returns it as it is now, order loaded.

    Late, repeated and contradictory answers change nothing. Money of another amount than was asked pays no order: it is
    written down as it came and goes back. Raises GatewayError for an amount that is none. Locks the order, then the
    payment, then stock.
    """
    with transaction.atomic():
        order = lock_order(payment.order)
        payment = Payment.objects.select_for_update().get(pk=payment.pk)
        payment.order = order
        if not payment.can_become(outcome.state):
            # A hosted page that waits for the shopper has a reference, which giving it up needs.
            payment.reference = payment.reference or outcome.reference or None
            Payment.objects.filter(pk=payment.pk).update(asked_at=now, reference=payment.reference)
            return payment
        asked = payment.amount
        changes: dict[str, object] = {"status": outcome.state.value, "asked_at": now, "updated_at": now}
        if outcome.reference:
            changes["reference"] = outcome.reference
        if outcome.state == State.DECLINED:
            changes["decline_reason"] = outcome.decline_reason[:200]
        if outcome.state == State.CAPTURED:
            changes["captured_at"] = now
            if outcome.amount is not None:
                if outcome.amount <= ZERO:
                    raise GatewayError(payment.key)
                changes["amount"] = outcome.amount
        for name, value in changes.items():
            setattr(payment, name, value)
        payment.save(update_fields=list(changes))
        if outcome.state == State.CAPTURED and payment.amount != asked:
            logger.warning("payment_of_another_amount", payment_id=payment.pk)
            _give_back(order, payment, _("La banque a encaissé un autre montant que demandé : remboursé."), now)
        elif outcome.state == State.CAPTURED:
            _credit(order, payment, now=now, by=by)
        elif outcome.state == State.DECLINED:
            note_event(order=order, note=_("Paiement refusé."), now=now, by=by)
    logger.info("payment_recorded", payment_id=payment.pk, status=payment.status)
    return payment


def _credit(order: Order, payment: Payment, *, now: datetime, by: User | None) -> None:
    """The money is here: it pays the order, or goes back when the order cannot have it any more."""
    if order.paid_at is not None:
        _give_back(order, payment, _("Commande déjà payée : second paiement remboursé."), now)
        return
    try:
        mark_paid(order=order, now=now, by=by)
    except TransitionRefused:
        _give_back(order, payment, _("Paiement arrivé après l’annulation : remboursé."), now)
    except OutOfStock:
        _give_back(order, payment, _("Paiement arrivé après l’échéance, produits épuisés : remboursé."), now)


def _give_back(order: Order, payment: Payment, reason: str, now: datetime) -> None:
    note_event(order=order, note=reason, now=now)
    request_refund(payment=payment, amount=payment.amount, reason=reason, by=None, key=f"late-{payment.key}", now=now)
