"""Refunds that somebody made in the provider's dashboard: found there, and written down like our own."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from apps.common.money import format_euros
from apps.common.transactions import retry_on_deadlock
from apps.orders.models import Order, OrderEvent
from apps.orders.services import lock_order, note_event
from apps.payments import gateways
from apps.payments.emails import PaymentEmail
from apps.payments.gateways.base import GatewayError, ProviderBooks, RefundReport, RefundState
from apps.payments.models import Payment, Refund
from apps.payments.services.attempt import PaymentUnavailable, refresh_payment
from apps.payments.services.refund import carry_out_refund, record_refund_outcome
from apps.payments.services.team import REFUNDS, notify_team

logger = structlog.get_logger(__name__)

LOOK_BACK = timedelta(days=30)


def fetch_refunds(*, now: datetime) -> int:
    """Record what providers say of the last month's refunds, for messages that never came; returns how many were new to
    the shop. A silent provider is asked again next time."""
    new = 0
    for code, books in gateways.with_books().items():
        try:
            reports = books.refunds_since(since=now - LOOK_BACK)
        except GatewayError:
            logger.warning("gateway_silent", gateway=code)
            continue
        new += record_refunds(gateway_code=code, reports=reports, now=now)
    return new


def refresh_refunds(*, books: ProviderBooks, payment: Payment, now: datetime) -> int:
    """A message says that some refund of a payment has changed: ask for all of them. Raises PaymentUnavailable, so that
    the message is sent again."""
    if not payment.reference:
        return 0
    try:
        reports = books.refunds(payment=payment.reference)
    except GatewayError as error:
        raise PaymentUnavailable(_("Le prestataire ne répond pas."), payment_id=payment.pk) from error
    return record_refunds(gateway_code=books.code, reports=reports, now=now)


def record_refunds(*, gateway_code: str, reports: Iterable[RefundReport], now: datetime) -> int:
    """Write down refunds of our payments that are not there yet, and what became of those that are; returns how many
    were new. Safe to repeat. Three queries, and more for what has changed."""
    reports = list(reports)
    references = {report.payment for report in reports}
    rows = Payment.objects.filter(gateway=gateway_code, reference__in=references).select_related("order")
    payments = {payment.reference: payment for payment in rows}
    existing = {refund.key: refund for refund in Refund.objects.filter(payment__in=payments.values())}
    by_reference = {(each.payment_id, each.reference): each for each in existing.values() if each.reference}
    new = 0
    for report in reports:
        payment = payments.get(report.payment)
        if payment is None:
            continue
        refund = existing.get(_key(gateway_code, report)) or by_reference.get((payment.pk, report.reference))
        if refund is None:
            new += _record(payment, gateway_code, report, now=now)
        elif _says_more(refund, report):
            refund.payment = payment
            record_refund_outcome(refund=refund, outcome=report.outcome, by=None, now=now)
    return new


def _key(gateway_code: str, report: RefundReport) -> str:
    """Ours; of a refund made elsewhere a key that no other has."""
    return report.key or f"{gateway_code}-{report.reference}"[:64]


def _says_more(refund: Refund, report: RefundReport) -> bool:
    state = report.outcome.state
    if refund.status == Refund.Status.REQUESTED:
        return state in (RefundState.DONE, RefundState.FAILED)
    return refund.status == Refund.Status.DONE and state == RefundState.FAILED and refund.sent_back_at is None


def _record(payment: Payment, gateway_code: str, report: RefundReport, *, now: datetime) -> bool:
    if report.outcome.state == RefundState.FAILED:
        return False
    try:
        if payment.status != Payment.Status.CAPTURED:
            payment = refresh_payment(payment=payment, now=now).payment
        if payment.status != Payment.Status.CAPTURED:
            logger.warning("refund_of_an_untaken_payment", payment_id=payment.pk, reference=report.reference)
            return False
    except PaymentUnavailable:
        # Found again next time.
        return False
    if report.amount > payment.amount - payment.refunded:
        # Refunds of ours that the provider has not made, and now refuses, make room.
        waiting = Refund.objects.filter(payment=payment, status=Refund.Status.REQUESTED)
        for each in waiting.select_related("payment__order"):
            carry_out_refund(refund=each, now=now)
    refund = _write(payment=payment, key=_key(gateway_code, report), report=report, now=now)
    if refund is None:
        return False
    record_refund_outcome(refund=refund, outcome=report.outcome, by=None, now=now)
    return True


@retry_on_deadlock
def _write(*, payment: Payment, key: str, report: RefundReport, now: datetime) -> Refund | None:
    """The row of a refund that the shop has not asked for; None where there is one, or where it stands for one that the
    bank had sent back, or is beyond what was taken."""
    with transaction.atomic(durable=True):
        order = lock_order(payment.order)
        payment = Payment.objects.select_for_update().get(pk=payment.pk)
        payment.order = order
        if Refund.objects.filter(key=key).exists():
            return None
        if report.amount > payment.amount - payment.refunded:
            _instead_of_one_sent_back(order, payment, report, now=now)
            return None
        payment.refunded += report.amount
        payment.save(update_fields=["refunded", "updated_at"])
        refund = Refund.objects.create(
            payment=payment,
            key=key,
            amount=report.amount,
            reference=report.reference,
            reason=_("Fait chez le prestataire"),
            is_from_provider=True,
            created_at=now,
            asked_at=now,
        )
        note = _("Un remboursement de %(amount)s a été fait chez le prestataire.")
        note_event(order=order, note=note % {"amount": format_euros(report.amount)}, now=now)
        notify_team(
            kind=PaymentEmail.REFUND_ELSEWHERE, permission=REFUNDS, object_id=refund.pk, occasion="made", now=now
        )
    logger.warning("refund_made_elsewhere", refund_id=refund.pk, payment_id=payment.pk)
    return refund


def _instead_of_one_sent_back(order: Order, payment: Payment, report: RefundReport, *, now: datetime) -> None:
    """A refund that the customer's bank sent back still counts, with its credit note: made again in the dashboard, it
    is that one. What fits none is for a person: the order's history says so once."""
    rows = Refund.objects.select_for_update().filter(payment=payment, amount=report.amount)
    sent_back = rows.filter(sent_back_at__isnull=False, remade_at=None).order_by("pk").first()
    marks = {"amount": format_euros(report.amount), "reference": report.reference}
    if sent_back is not None:
        note = _("Remboursement renvoyé de %(amount)s refait chez le prestataire (%(reference)s).") % marks
    else:
        note = (
            _("%(amount)s remboursés chez le prestataire de plus que l’encaissé (%(reference)s) : à vérifier.") % marks
        )
    # What a colleague noted of it does not count; MySQL would compare without case.
    ours = OrderEvent.objects.filter(order=order, actor=None).values_list("note", flat=True)
    if any(report.reference in line for line in ours):
        return
    note_event(order=order, note=note, now=now)
    if sent_back is not None:
        sent_back.remade_at = now
        sent_back.save(update_fields=["remade_at"])
    else:
        logger.error("refund_beyond_payment", payment_id=payment.pk, reference=report.reference)
