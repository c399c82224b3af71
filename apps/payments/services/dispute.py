"""Disputes: what providers say of them, with the money that they take back and give again."""

from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from apps.common.formats import day
from apps.common.money import ZERO, format_euros
from apps.common.transactions import retry_on_deadlock
from apps.orders.models import Order
from apps.orders.services import lock_order, note_event
from apps.payments import gateways
from apps.payments.emails import PaymentEmail
from apps.payments.gateways.base import DisputeReport, DisputeState, GatewayError, ProviderBooks
from apps.payments.models import Dispute, DisputeMovement, Payment
from apps.payments.models.dispute import held_back
from apps.payments.services.attempt import PaymentUnavailable, refresh_payment
from apps.payments.services.refund import carry_out_refunds, request_refund
from apps.payments.services.team import DISPUTES, notify_team

logger = structlog.get_logger(__name__)

# Stripe repeats a message for three days; what a month's messages did not say is asked for by its reference.
LOOK_BACK = timedelta(days=30)
# Before the last day.
AHEAD = timedelta(days=3)
AT_ONCE = 200
ENDED = (Order.Status.CANCELLED, Order.Status.EXPIRED)


def fetch_disputes(*, now: datetime) -> int:
    """Record how all disputes of the last month, and older ones that are open, stand at their providers; returns how
    many of this shop's were looked at. For messages that never came; a silent provider is asked again next time."""
    seen = 0
    for code, books in gateways.with_books().items():
        try:
            reports = books.disputes(since=now - LOOK_BACK)
            recent = {report.reference for report in reports}
            older = Dispute.objects.open().filter(payment__gateway=code).exclude(reference__in=recent)
            asked = [books.dispute(reference=reference) for reference in older.values_list("reference", flat=True)]
        except GatewayError:
            logger.warning("gateway_silent", gateway=code)
            continue
        for report in [*reports, *filter(None, asked)]:
            try:
                seen += record_dispute(gateway_code=code, report=report, now=now) is not None
            except PaymentUnavailable:
                # Its payment is not known to be taken yet: asked again next time.
                continue
    return seen


def refresh_dispute(*, books: ProviderBooks, reference: str, now: datetime) -> Dispute | None:
    """A message says that a dispute has changed: ask how it stands. None for one of no payment of ours. Raises
    PaymentUnavailable, so that the message is sent again."""
    try:
        report = books.dispute(reference=reference)
    except GatewayError as error:
        raise PaymentUnavailable(_("Le prestataire ne répond pas."), reference=reference) from error
    if report is None:
        logger.warning("dispute_unknown", gateway=books.code, reference=reference)
        return None
    return record_dispute(gateway_code=books.code, report=report, now=now)


def record_dispute(*, gateway_code: str, report: DisputeReport, now: datetime) -> Dispute | None:
    """Write down what the provider said at `now`. Repeated, and older than what stands there already, it changes
    nothing. None for a payment that is not ours, or was not taken. Raises PaymentUnavailable while nothing is known
    about that. Locks the order, then the payment."""
    payment = Payment.objects.filter(gateway=gateway_code, reference=report.payment).select_related("order").first()
    if payment is None:
        logger.warning("dispute_without_payment", gateway=gateway_code, reference=report.reference)
        return None
    if payment.status != Payment.Status.CAPTURED:
        # Money that is disputed was taken: the message that said so was lost.
        payment = refresh_payment(payment=payment, now=now).payment
    if payment.status != Payment.Status.CAPTURED:
        logger.warning("dispute_of_an_untaken_payment", payment_id=payment.pk, reference=report.reference)
        return None
    dispute = _record(payment=payment, report=report, now=now)
    carry_out_refunds(order=payment.order, now=now)
    return dispute


@retry_on_deadlock
def _record(*, payment: Payment, report: DisputeReport, now: datetime) -> Dispute:
    with transaction.atomic(durable=True):
        order = lock_order(payment.order)
        payment = Payment.objects.select_for_update().get(pk=payment.pk)
        payment.order = order
        dispute = Dispute.objects.filter(payment=payment, reference=report.reference).first()
        if dispute is not None and dispute.asked_at > now:
            return dispute
        before = None if dispute is None else (dispute.status, dispute.is_inquiry)
        dispute = dispute or Dispute(payment=payment, reference=report.reference, recorded_at=now)
        dispute.status = report.state.value
        dispute.is_inquiry = report.is_inquiry
        dispute.amount = report.amount
        dispute.reason = report.reason[:60]
        dispute.opened_at = report.opened_at
        if dispute.answer_by != report.answer_by:
            dispute.answer_by, dispute.reminded_at = report.answer_by, None
        dispute.closed_at = None if dispute.is_open else dispute.closed_at or now
        if report.state == DisputeState.LOST:
            dispute.lost_at = dispute.lost_at or now
        dispute.asked_at = now
        dispute.save()
        _move_money(dispute, payment, report, now=now)
        if before != (dispute.status, dispute.is_inquiry):
            note_event(order=order, note=_sentence(dispute), now=now)
            _notify(dispute, now=now)
            logger.warning("dispute_recorded", dispute_id=dispute.pk, status=dispute.status)
    return dispute


def _move_money(dispute: Dispute, payment: Payment, report: DisputeReport, *, now: datetime) -> None:
    """Movements that are new, and what follows from them. Money that comes back for an order that has ended is its
    customer's."""
    earlier = dict(dispute.movements.values_list("reference", "amount"))
    fresh = [each for each in report.movements if each.reference not in earlier]
    if not fresh:
        return
    for each in fresh:
        DisputeMovement.objects.create(
            dispute=dispute,
            reference=each.reference,
            amount=each.amount,
            fee=each.fee,
            happened_at=each.happened_at,
            recorded_at=now,
        )
    withdrawn = held_back([*earlier.values(), *(each.amount for each in fresh)])
    payment.disputed = max(ZERO, payment.disputed + withdrawn - dispute.withdrawn)
    payment.save(update_fields=["disputed", "updated_at"])
    dispute.withdrawn = withdrawn
    dispute.save(update_fields=["withdrawn"])
    if payment.refundable and payment.order.status in ENDED:
        reason = _("Litige clos après l’annulation : remboursé.")
        key = f"dispute-{dispute.pk}-{fresh[-1].reference}"[-64:]
        note_event(order=payment.order, note=reason, now=now)
        request_refund(payment=payment, amount=payment.refundable, reason=reason, by=None, key=key, now=now)


def remind_of_disputes(*, now: datetime) -> int:
    """Enqueue a reminder of each dispute whose last day for evidence is within three days, once; returns how many.
    With nobody to remind they stay for whoever comes."""
    due = Dispute.objects.to_remind(now=now, by=now + AHEAD).order_by("answer_by", "pk")
    return sum(_remind(pk, now=now) for pk in due.values_list("pk", flat=True)[:AT_ONCE])


def _remind(pk: int, *, now: datetime) -> bool:
    with transaction.atomic(durable=True):
        due = Dispute.objects.to_remind(now=now, by=now + AHEAD).filter(pk=pk)
        if not due.update(reminded_at=now):
            return False
        kind = PaymentEmail.DISPUTE_REMINDER
        people = notify_team(kind=kind, permission=DISPUTES, object_id=pk, occasion=f"{now:%Y-%m-%d}", now=now)
        if not people:
            Dispute.objects.filter(pk=pk).update(reminded_at=None)
        return bool(people)


def _notify(dispute: Dispute, *, now: datetime) -> None:
    occasion = f"{dispute.status}-{int(dispute.is_inquiry)}"
    notify_team(
        kind=PaymentEmail.DISPUTE, permission=DISPUTES, object_id=dispute.pk, occasion=occasion.lower(), now=now
    )


def _sentence(dispute: Dispute) -> str:
    """For the order's history."""
    amount = format_euros(dispute.amount)
    if dispute.needs_response:
        sentence = (
            _("La banque du client pose une question sur %(amount)s.")
            if dispute.is_inquiry
            else _("Litige : le client conteste %(amount)s auprès de sa banque.")
        ) % {"amount": amount}
        if dispute.answer_by is None:
            return sentence
        return sentence + " " + _("Répondez chez le prestataire avant le %(day)s.") % {"day": day(dispute.answer_by)}
    sentences = {
        Dispute.Status.UNDER_REVIEW: _("Litige de %(amount)s : la réponse est à l’examen."),
        Dispute.Status.WON: _("Litige de %(amount)s gagné."),
        Dispute.Status.LOST: _("Litige de %(amount)s perdu : la somme reste au client."),
        Dispute.Status.CLOSED: _("La banque du client a clos sa demande sur %(amount)s."),
    }
    return sentences[Dispute.Status(dispute.status)] % {"amount": amount}
