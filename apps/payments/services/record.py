"""Records a gateway's outcome in our books, once."""

from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.catalogue.services.stock import OutOfStock
from apps.common.money import ZERO
from apps.common.transactions import retry_on_deadlock
from apps.orders.emails import OrderEmail
from apps.orders.models import Order
from apps.orders.services import (
    TransitionRefused,
    confirm_order,
    enqueue_email,
    hold_until,
    lock_order,
    mark_paid,
    note_event,
)
from apps.payments.gateways.base import GatewayError, Outcome, State
from apps.payments.models import Payment
from apps.payments.services.refund import request_refund

logger = structlog.get_logger(__name__)

# After a debit that the bank refused days later: the customer is elsewhere, and has an e-mail to read.
TIME_TO_PAY_AGAIN = timedelta(days=3)
# Of settings.CARD_CAPTURE: authorised money confirms an order, and is taken when it leaves.
AT_DISPATCH = "dispatch"


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
        asked, before = payment.amount, payment.status
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
        elif outcome.state == State.AUTHORISED:
            _confirm_on_authorisation(order, now=now, by=by)
        elif outcome.state == State.PROCESSING:
            _wait_for_bank(order, payment, outcome, now=now)
        elif outcome.state == State.DECLINED:
            note_event(order=order, note=_("Paiement refusé."), now=now, by=by)
            if before == Payment.Status.PROCESSING:
                _ask_to_pay_again(order, payment, now=now)
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


def _confirm_on_authorisation(order: Order, *, now: datetime, by: User | None) -> None:
    """Where cards are charged at dispatch. An order that does not wait any more has no use for the money."""
    if settings.CARD_CAPTURE == AT_DISPATCH and order.status == Order.Status.AWAITING_PAYMENT:
        confirm_order(order=order, now=now, by=by, note=_("Paiement autorisé : la carte est débitée à l’expédition."))


def _wait_for_bank(order: Order, payment: Payment, outcome: Outcome, *, now: datetime) -> None:
    """The stock stays held as long as the bank may need, and the customer reads so."""
    if order.status != Order.Status.AWAITING_PAYMENT:
        return
    if outcome.settles_within is not None:
        hold_until(order=order, moment=now + outcome.settles_within)
    note_event(order=order, note=_("Le paiement est en cours à la banque, ce qui prend plusieurs jours."), now=now)
    enqueue_email(order=order, kind=OrderEmail.PROCESSING, occasion=str(payment.pk), now=now)


def _ask_to_pay_again(order: Order, payment: Payment, *, now: datetime) -> None:
    if order.status == Order.Status.AWAITING_PAYMENT:
        hold_until(order=order, moment=now + TIME_TO_PAY_AGAIN)
        enqueue_email(order=order, kind=OrderEmail.PAYMENT_FAILED, occasion=str(payment.pk), now=now)


def _give_back(order: Order, payment: Payment, reason: str, now: datetime) -> None:
    note_event(order=order, note=reason, now=now)
    request_refund(payment=payment, amount=payment.amount, reason=reason, by=None, key=f"late-{payment.key}", now=now)
