"""Money back: never more than was taken, never twice for one key."""

from datetime import datetime
from decimal import Decimal

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.common.errors import DomainError
from apps.common.money import ZERO, format_euros
from apps.common.transactions import retry_on_deadlock
from apps.orders.emails import OrderEmail
from apps.orders.models import Order
from apps.orders.services import enqueue_email, lock_order, note_event
from apps.payments import gateways
from apps.payments.gateways.base import Gateway, GatewayError, ProviderBooks, RefundOutcome, RefundState
from apps.payments.models import Payment, Refund

logger = structlog.get_logger(__name__)


class RefundRefused(DomainError):
    code = "refund_refused"


def refund(*, payment: Payment, amount: Decimal, reason: str, by: User | None, key: str, now: datetime) -> Refund:
    """Give back part or all of a captured payment; a repeat with the same key returns the first refund.

    Raises RefundRefused for more than is left. When the gateway does not answer the refund stays REQUESTED and the
    sweep asks again with the same key; a transfer or cash is made by staff, who call `settle_refund`.
    """
    asked = _ask(payment=payment, amount=amount, reason=reason, by=by, key=key, now=now)
    return carry_out_refund(refund=asked, now=now)


@retry_on_deadlock
def _ask(*, payment: Payment, amount: Decimal, reason: str, by: User | None, key: str, now: datetime) -> Refund:
    with transaction.atomic(durable=True):
        order = lock_order(payment.order)
        payment = Payment.objects.select_for_update().get(pk=payment.pk)
        payment.order = order
        return request_refund(payment=payment, amount=amount, reason=reason, by=by, key=key, now=now)


def request_refund(
    *, payment: Payment, amount: Decimal, reason: str, by: User | None, key: str, now: datetime
) -> Refund:
    """Write the intent for a locked payment, inside the caller's transaction. Raises RefundRefused."""
    existing = Refund.objects.filter(key=key).select_related("payment").first()
    if existing is not None:
        # Of another payment of the same order: the first click used that one up, and the second was offered this one.
        if existing.payment.order_id != payment.order_id or existing.amount != amount:
            raise RefundRefused(_("Cette demande de remboursement existe déjà pour un autre montant."), key=key)
        return existing
    if amount <= ZERO or amount > payment.refundable:
        raise RefundRefused(
            _("Indiquez un montant entre 0,01 € et %(most)s : c’est ce qui reste remboursable.")
            % {"most": format_euros(payment.refundable)},
            refundable=payment.refundable,
        )
    payment.refunded += amount
    payment.save(update_fields=["refunded", "updated_at"])
    return Refund.objects.create(
        payment=payment, key=key, amount=amount, reason=reason[:200], author=by, created_at=now, asked_at=now
    )


def carry_out_refund(*, refund: Refund, now: datetime) -> Refund:
    """Ask the gateway for a requested refund and record its answer. Safe to repeat: the key is the refund's."""
    gateway = gateways.get(refund.payment.gateway)
    if refund.status != Refund.Status.REQUESTED or gateway is None:
        return refund
    return _ask_gateway(refund=refund, gateway=gateway, now=now)


def refresh_refund(*, refund: Refund, now: datetime) -> Refund:
    """The provider says that a refund has changed: ask again with its key. A bank may send one back days later."""
    gateway = gateways.get(refund.payment.gateway)
    if refund.status == Refund.Status.FAILED or gateway is None or not gateway.is_remote:
        return refund
    return _ask_gateway(refund=refund, gateway=gateway, now=now)


def _ask_gateway(*, refund: Refund, gateway: Gateway, now: datetime) -> Refund:
    try:
        outcome = _outcome(refund, gateway)
    except GatewayError:
        logger.warning("gateway_silent", refund_id=refund.pk)
        return refund
    return record_refund_outcome(refund=refund, outcome=outcome, by=refund.author, now=now)


def _outcome(refund: Refund, gateway: Gateway) -> RefundOutcome:
    """What was made in the provider's dashboard is looked at, and never made again with a key that it does not have."""
    if not refund.is_from_provider:
        return gateway.refund(key=refund.key, reference=refund.payment.reference or "", amount=refund.amount)
    report = gateway.refund_of(reference=refund.reference) if isinstance(gateway, ProviderBooks) else None
    if report is None:
        raise GatewayError(refund.reference)
    return report.outcome


def carry_out_refunds(*, order: Order, now: datetime) -> None:
    """Carry out what was requested for an order, in a transaction that has ended."""
    requested = Refund.objects.filter(payment__order=order, status=Refund.Status.REQUESTED)
    for each in requested.select_related("payment__order"):
        carry_out_refund(refund=each, now=now)


def settle_refund(*, refund: Refund, by: User | None, now: datetime, reference: str = "") -> Refund:
    """Staff have made the transfer or opened the till; also for what a bank sent back. A repeat changes nothing."""
    outcome = RefundOutcome(RefundState.DONE, reference=reference)
    return record_refund_outcome(refund=refund, outcome=outcome, by=by, now=now, by_staff=True)


@retry_on_deadlock
def record_refund_outcome(
    *, refund: Refund, outcome: RefundOutcome, by: User | None, now: datetime, by_staff: bool = False
) -> Refund:
    """Late, repeated and contradictory answers change nothing. Locks the order, then the payment, then the refund."""
    with transaction.atomic(durable=True):
        order = lock_order(refund.payment.order)
        payment = Payment.objects.select_for_update().get(pk=refund.payment_id)
        refund = Refund.objects.select_for_update().get(pk=refund.pk)
        refund.payment = payment
        if refund.status == Refund.Status.DONE and outcome.state == RefundState.FAILED:
            return _note_sent_back(order, refund, outcome, now=now)
        if by_staff and refund.is_sent_back:
            return _note_remade(order, refund, by=by, now=now)
        if refund.status != Refund.Status.REQUESTED:
            return refund
        refund.asked_at = now
        if outcome.state == RefundState.DONE:
            refund.status, refund.done_at, refund.reference = Refund.Status.DONE, now, outcome.reference
            note_event(order=order, note=_("Remboursé : %s") % format_euros(refund.amount), now=now, by=by)
            enqueue_email(order=order, kind=OrderEmail.REFUNDED, occasion=refund.key[:60], now=now)
        elif outcome.state == RefundState.FAILED:
            refund.status = Refund.Status.FAILED
            payment.refunded -= refund.amount
            payment.save(update_fields=["refunded", "updated_at"])
            note = _("Remboursement de %(amount)s refusé : %(reason)s")
            note_event(
                order=order, note=note % {"amount": format_euros(refund.amount), "reason": outcome.reason}, now=now
            )
        refund.save()
    return refund


def _note_sent_back(order: Order, refund: Refund, outcome: RefundOutcome, *, now: datetime) -> Refund:
    """Once: messages about it come again, also after staff have made it by other means."""
    if refund.sent_back_at is None:
        refund.sent_back_at = now
        refund.save(update_fields=["sent_back_at"])
        note = _("La banque du client a renvoyé le remboursement de %(amount)s (%(reason)s) : faites-le autrement.")
        note_event(order=order, note=note % {"amount": format_euros(refund.amount), "reason": outcome.reason}, now=now)
        logger.warning("refund_sent_back", refund_id=refund.pk)
    return refund


def _note_remade(order: Order, refund: Refund, *, by: User | None, now: datetime) -> Refund:
    refund.remade_at = now
    refund.save(update_fields=["remade_at"])
    note_event(order=order, note=_("Remboursé autrement : %s") % format_euros(refund.amount), now=now, by=by)
    return refund
