"""A card gateway for demonstrations: the card's number determines its answers, a table of its own is its memory.

Card numbers (those providers publish for tests): 4242 4242 4242 4242 accepts, 4000 0000 0000 0002 declines, 4000 0000
0000 3220 asks for a 3-D Secure challenge, any other is refused as invalid. No number is stored or logged.
"""

import hmac
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from apps.demo.models import DemoCharge, DemoRefund
from apps.payments.gateways.base import (
    GatewayError,
    Instruction,
    InvalidWebhook,
    Outcome,
    PaymentRequest,
    RefundOutcome,
    RefundState,
    State,
    Webhook,
    read_json,
)
from apps.shop.identity import current

ACCEPTED = "4242424242424242"
DECLINED = "4000000000000002"
CHALLENGED = "4000000000003220"


class DemoCard:
    code = "demo_card"
    is_remote = True
    needs_instrument = True
    awaits_transfer = False
    pays_later = False
    page_policy: Mapping[str, Sequence[str]] = {}

    @property
    def name(self) -> str:
        return _("Carte bancaire (démonstration)")

    @property
    def description(self) -> str:
        return _("Banque fictive : aucun argent n’est débité. N’y saisissez jamais une vraie carte.")

    @property
    def hold(self) -> timedelta:
        return current().card_hold

    @property
    def cards(self) -> list[tuple[str, str]]:
        """Test numbers with their outcome."""
        return [
            (ACCEPTED, _("La banque accepte tout de suite")),
            (CHALLENGED, _("La banque demande une authentification (3-D Secure)")),
            (DECLINED, _("La banque refuse")),
        ]

    def offered_for(self, delivery_kind: str) -> bool:
        return True

    def instructions(self, *, order_number: str, amount: Decimal) -> list[Instruction]:
        return []

    def authorise(self, request: PaymentRequest) -> Outcome:
        status, reason = _decide(request.instrument)
        try:
            with transaction.atomic():
                charge = DemoCharge.objects.create(
                    key=request.key,
                    reference=f"demo_{secrets.token_hex(12)}",
                    status=status,
                    amount=request.amount,
                    decline_reason=reason,
                    return_url=request.return_url,
                )
        except IntegrityError:
            charge = DemoCharge.objects.get(key=request.key)
        return _outcome(charge)

    def capture(self, *, key: str, reference: str, amount: Decimal) -> Outcome:
        DemoCharge.objects.filter(key=key, status=State.AUTHORISED, amount=amount).update(status=State.CAPTURED)
        return self._outcome_of_key(key)

    def cancel(self, *, key: str, reference: str, since: datetime | None = None) -> Outcome:
        """A key without a charge is refused for good, so that an authorisation in flight cannot succeed later."""
        try:
            with transaction.atomic():
                DemoCharge.objects.create(
                    key=key, reference=f"demo_{secrets.token_hex(12)}", status=State.CANCELLED, amount=0
                )
        except IntegrityError:
            DemoCharge.objects.filter(key=key, status__in=[State.CHALLENGED, State.AUTHORISED]).update(
                status=State.CANCELLED
            )
        return self._outcome_of_key(key)

    def refund(self, *, key: str, reference: str, amount: Decimal) -> RefundOutcome:
        try:
            with transaction.atomic():
                charge = DemoCharge.objects.get(reference=reference)
                refund = DemoRefund.objects.create(charge=charge, key=key, amount=amount)
                fits = DemoCharge.objects.filter(
                    pk=charge.pk, status=State.CAPTURED, refunded__lte=charge.amount - amount
                ).update(refunded=F("refunded") + amount)
                if not fits:
                    raise _Excessive
        except IntegrityError:
            refund = DemoRefund.objects.get(key=key)
        except (_Excessive, DemoCharge.DoesNotExist):
            return RefundOutcome(RefundState.FAILED, reason=_("La banque refuse de rembourser plus que le montant."))
        return RefundOutcome(RefundState.DONE, reference=f"demo_refund_{refund.pk}")

    def look_up(self, *, key: str, reference: str = "", since: datetime | None = None) -> Outcome:
        charge = DemoCharge.objects.filter(key=key).first()
        return _outcome(charge) if charge else Outcome(State.PENDING)

    def parse_webhook(self, *, headers: Mapping[str, str], body: bytes) -> Webhook:
        if not hmac.compare_digest(headers.get("X-Demo-Signature", "").encode(), sign(body).encode()):
            raise InvalidWebhook
        payload = read_json(body)
        return Webhook(event_id=payload.get("id", ""), payment_key=payload.get("payment", ""), payload=payload)

    def answer_challenge(self, *, reference: str, accepted: bool) -> Outcome:
        """The shopper's answer on the bank's own page. A second answer changes nothing."""
        if not accepted:
            DemoCharge.objects.filter(reference=reference, status=State.CHALLENGED).update(
                status=State.DECLINED, decline_reason=_("L’authentification a été refusée.")
            )
        else:
            DemoCharge.objects.filter(reference=reference, status=State.CHALLENGED).update(status=State.AUTHORISED)
        return _outcome(DemoCharge.objects.get(reference=reference))

    def _outcome_of_key(self, key: str) -> Outcome:
        charge = DemoCharge.objects.filter(key=key).first()
        if charge is None:
            raise GatewayError(key)
        return _outcome(charge)


class _Excessive(Exception):
    pass


def sign(body: bytes) -> str:
    """The bank's signature of a webhook's exact bytes."""
    return salted_hmac("demo-bank", body, algorithm="sha256").hexdigest()


def webhook_body(charge: DemoCharge) -> bytes:
    message = {"id": f"{charge.reference}:{charge.status}", "payment": charge.key, "status": charge.status}
    return json.dumps(message).encode()


def _decide(instrument: str) -> tuple[str, str]:
    number = re.sub(r"\D", "", instrument)
    if number == ACCEPTED:
        return State.AUTHORISED, ""
    if number == CHALLENGED:
        return State.CHALLENGED, ""
    if number == DECLINED:
        return State.DECLINED, _("La banque a refusé le paiement. Essayez une autre carte.")
    return State.DECLINED, _("Ce numéro de carte n’est pas valable.")


def _outcome(charge: DemoCharge) -> Outcome:
    challenged = charge.status == State.CHALLENGED
    return Outcome(
        state=State(charge.status),
        reference=charge.reference,
        redirect_url=reverse("demo:bank", args=[charge.reference]) if challenged else "",
        decline_reason=charge.decline_reason,
        amount=charge.amount if charge.status == State.CAPTURED else None,
    )
