"""What Stripe's objects say of a payment or a refund."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from apps.common.money import from_cents
from apps.payments.gateways.base import (
    DisputeReport,
    DisputeState,
    GatewayError,
    LineKind,
    LineReport,
    Movement,
    Outcome,
    PayoutReport,
    PayoutState,
    RefundOutcome,
    RefundReport,
    RefundState,
    State,
)

if TYPE_CHECKING:
    from stripe import BalanceTransaction, Dispute, PaymentIntent, Payout, Refund
    from stripe.checkout import Session

# A SEPA debit is confirmed or refused up to 14 business days after it was asked for, three weeks with their weekends
# (docs.stripe.com/payments/sepa-debit), and two days for public holidays.
DEBIT_TAKES = timedelta(days=23)
# The shop charges nothing else: an object of another currency is another shop's of the same account.
CURRENCY = "eur"
# Those of an inquiry, in which no money moves, begin with « warning_ ». « prevented »: it was settled before it began.
INQUIRY = "warning_"
DISPUTES = {
    "warning_needs_response": DisputeState.NEEDS_RESPONSE,
    "warning_under_review": DisputeState.UNDER_REVIEW,
    "warning_closed": DisputeState.CLOSED,
    "prevented": DisputeState.CLOSED,
    "needs_response": DisputeState.NEEDS_RESPONSE,
    "under_review": DisputeState.UNDER_REVIEW,
    # The shop has asked again after a loss, where the network allows it.
    "appeal_needs_response": DisputeState.NEEDS_RESPONSE,
    "appeal_under_review": DisputeState.UNDER_REVIEW,
    "won": DisputeState.WON,
    "lost": DisputeState.LOST,
}
PAYOUTS = {
    "pending": PayoutState.PENDING,
    "in_transit": PayoutState.PENDING,
    "paid": PayoutState.PAID,
    "failed": PayoutState.FAILED,
    "canceled": PayoutState.CANCELLED,
}
# docs.stripe.com/reports/reporting-categories
LINES = {
    "charge": LineKind.PAYMENT,
    "refund": LineKind.REFUND,
    "refund_failure": LineKind.REFUND_BACK,
    "dispute": LineKind.DISPUTE,
    "dispute_reversal": LineKind.DISPUTE,
    "fee": LineKind.FEE,
    "network_cost": LineKind.FEE,
    "tax": LineKind.FEE,
}
OF_PAYOUT = "payout"


def of_session(session: Session) -> Outcome:
    """Of a session of Checkout with its PaymentIntent expanded. While its page is open, refused cards are its business:
    the shopper tries another there."""
    if session.mode != "payment":
        # A key that was used up to be given up: nothing is ever paid with it.
        return Outcome(State.CANCELLED, reference=session.id)
    if session.status == "open":
        return Outcome(State.CHALLENGED, reference=session.id, redirect_url=session.url or "")
    if session.status == "expired":
        return Outcome(State.CANCELLED, reference=session.id)
    intent = session.payment_intent
    if session.status != "complete" or intent is None or isinstance(intent, str):
        raise GatewayError(session.id)
    if intent.status == "requires_action":
        # The page has given instructions, as for a transfer: nothing is left to do on it.
        return _processing(intent)
    return of_intent(intent)


def of_intent(intent: PaymentIntent) -> Outcome:
    status = intent.status
    if status == "succeeded":
        return Outcome(State.CAPTURED, reference=intent.id, amount=from_cents(intent.amount_received))
    if status == "requires_capture":
        return Outcome(State.AUTHORISED, reference=intent.id)
    if status == "processing":
        return _processing(intent)
    if status == "canceled":
        return Outcome(State.CANCELLED, reference=intent.id)
    if status == "requires_action":
        return _challenged(intent)
    if status == "requires_payment_method" and intent.last_payment_error is not None:
        error = intent.last_payment_error
        return declined(intent.id, code=error.code or "", decline_code=_optional(error, "decline_code"))
    if status in ("requires_payment_method", "requires_confirmation"):
        return Outcome(State.PENDING, reference=intent.id)
    raise GatewayError(f"{intent.id} {status}")


def of_refund(refund: Refund) -> RefundOutcome:
    if refund.status == "succeeded":
        return RefundOutcome(RefundState.DONE, reference=refund.id)
    if refund.status in ("failed", "canceled"):
        reason = _optional(refund, "failure_reason") or str(refund.status)
        return RefundOutcome(RefundState.FAILED, reference=refund.id, reason=reason)
    return RefundOutcome(RefundState.PENDING, reference=refund.id)


def refund_report(refund: Refund) -> RefundReport | None:
    """None for one of another currency, or of no PaymentIntent: not this shop's."""
    if refund.currency != CURRENCY or not refund.payment_intent:
        return None
    return RefundReport(
        reference=refund.id,
        payment=_id(refund.payment_intent),
        key=str(refund.metadata["refund"]) if refund.metadata and "refund" in refund.metadata else "",
        amount=from_cents(refund.amount),
        outcome=of_refund(refund),
    )


def dispute_report(dispute: Dispute) -> DisputeReport | None:
    """As `refund_report`. Raises GatewayError for a status that it does not know."""
    if dispute.currency != CURRENCY or not dispute.payment_intent:
        return None
    if dispute.status not in DISPUTES:
        raise GatewayError(f"{dispute.id} {dispute.status}")
    details = dispute.evidence_details
    return DisputeReport(
        reference=dispute.id,
        payment=_id(dispute.payment_intent),
        state=DISPUTES[dispute.status],
        is_inquiry=dispute.status.startswith(INQUIRY),
        amount=from_cents(dispute.amount),
        reason=dispute.reason,
        opened_at=_moment(dispute.created),
        answer_by=_moment(details.due_by) if details.due_by else None,
        movements=[
            Movement(line.id, from_cents(line.amount), from_cents(line.fee), _moment(line.created))
            for line in dispute.balance_transactions
        ],
    )


def payout_report(payout: Payout) -> PayoutReport | None:
    if payout.currency != CURRENCY:
        return None
    if payout.status not in PAYOUTS:
        raise GatewayError(f"{payout.id} {payout.status}")
    return PayoutReport(
        reference=payout.id,
        state=PAYOUTS[payout.status],
        amount=from_cents(payout.amount),
        initiated_at=_moment(payout.created),
        # Midnight UTC of the day.
        arrival_date=_moment(payout.arrival_date).date(),
        # One that somebody made by hand has no lines.
        is_itemised=payout.automatic and payout.reconciliation_status == "completed",
    )


def line_report(line: BalanceTransaction) -> LineReport | None:
    """None for the payout's own line."""
    if line.reporting_category == OF_PAYOUT:
        return None
    source = line.source
    return LineReport(
        reference=line.id,
        kind=LINES.get(line.reporting_category, LineKind.OTHER),
        amount=from_cents(line.amount),
        fee=from_cents(line.fee),
        net=from_cents(line.net),
        happened_at=_moment(line.created),
        source=_id(source) if source else "",
        payment=_id(getattr(source, "payment_intent", None) or ""),
        description=(line.description or line.reporting_category)[:200],
    )


def declined(reference: str, *, code: str, decline_code: str = "") -> Outcome:
    """In words that help to try again. Why a bank suspects somebody is never passed on."""
    return Outcome(State.DECLINED, reference=reference, decline_reason=_sentence(code, decline_code))


def _sentence(code: str, decline_code: str) -> str:
    sentences = {
        "payment_intent_authentication_failure": _("L’authentification n’a pas abouti."),
        "authentication_required": _("La banque demande une authentification. Essayez de nouveau."),
        "expired_card": _("La carte a expiré."),
        "incorrect_cvc": _("Le cryptogramme de la carte n’est pas le bon."),
        "invalid_cvc": _("Le cryptogramme de la carte n’est pas le bon."),
        "incorrect_number": _("Ce numéro de carte n’est pas valable."),
        "invalid_number": _("Ce numéro de carte n’est pas valable."),
        "insufficient_funds": _("La banque a refusé le paiement : le solde ou le plafond ne le permet pas."),
        "payment_method_provider_decline": _("La banque a refusé le paiement. Essayez un autre moyen de paiement."),
    }
    refused = _("La banque a refusé le paiement. Essayez une autre carte.")
    return sentences.get(decline_code) or sentences.get(code) or refused


def _processing(intent: PaymentIntent) -> Outcome:
    return Outcome(State.PROCESSING, reference=intent.id, settles_within=DEBIT_TAKES)


def _challenged(intent: PaymentIntent) -> Outcome:
    """3-D Secure: on a page of the bank's to go to, or in the script of our own payment page."""
    action = intent.next_action
    if action is not None and action.type == "redirect_to_url":
        return Outcome(State.CHALLENGED, reference=intent.id, redirect_url=action.redirect_to_url.url or "")
    return Outcome(State.CHALLENGED, reference=intent.id, challenge=intent.client_secret or "")


def _optional(found: object, name: str) -> str:
    """A field that Stripe leaves out where it has nothing to say."""
    return str(getattr(found, name, None) or "")


def _id(found: object) -> str:
    """Of an object that may be expanded."""
    return found if isinstance(found, str) else str(getattr(found, "id", ""))


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
