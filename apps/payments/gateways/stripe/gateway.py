from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import structlog
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.common.money import to_cents
from apps.payments.gateways.base import (
    GatewayError,
    Instruction,
    Outcome,
    PaymentRequest,
    RefundOutcome,
    RefundState,
    State,
    Webhook,
)
from apps.payments.gateways.stripe import webhooks
from apps.payments.gateways.stripe.books import Books
from apps.payments.gateways.stripe.client import API_VERSION, asking, client
from apps.payments.gateways.stripe.objects import declined, of_intent, of_refund, of_session
from apps.shop.identity import current

if TYPE_CHECKING:
    from stripe import CardError, PaymentIntent
    from stripe.checkout import Session

logger = structlog.get_logger(__name__)

# What Stripe's form on our page gives for a card. Nothing else that a browser sends is passed on.
TOKEN = re.compile(r"(?:ctoken|pm)_\w{1,120}", re.ASCII)
SESSION = "cs_"
# Stripe's clock is not ours.
SKEW = timedelta(minutes=10)
# How long Stripe remembers a key at least, with a day more.
REMEMBERED = timedelta(days=2)
# Cards are authorised only; what cannot be, such as a debit, is captured at once.
AUTHORISE_CARDS = {"card": {"capture_method": "manual"}}
WITH_INTENT = {"expand": ["payment_intent"]}


class Stripe(Books):
    code = "stripe"
    is_remote = True
    # Its form on our page needs JavaScript; without, the same button leads to Stripe's page.
    needs_instrument = False
    awaits_transfer = False
    pays_later = False
    # docs.stripe.com/security/guide#content-security-policy; the pages that a browser may be sent to after our form.
    page_policy: Mapping[str, Sequence[str]] = {
        "script-src": ["https://js.stripe.com", "https://*.js.stripe.com"],
        "frame-src": ["https://js.stripe.com", "https://*.js.stripe.com", "https://hooks.stripe.com"],
        "connect-src": ["https://api.stripe.com"],
        "form-action": ["https://checkout.stripe.com", "https://hooks.stripe.com", "https://pm-redirects.stripe.com"],
    }

    # Of the release whose API is pinned (docs.stripe.com/sdks/stripejs-versioning).
    script_url = f"https://js.stripe.com/{API_VERSION.partition('.')[2]}/stripe.js"

    @property
    def publishable_key(self) -> str:
        return settings.STRIPE.publishable

    @property
    def is_test(self) -> bool:
        return "_test_" in settings.STRIPE.secret

    @property
    def name(self) -> str:
        return _("Carte bancaire (mode test)") if self.is_test else _("Carte bancaire")

    @property
    def description(self) -> str:
        if self.is_test:
            return _("Essai chez Stripe : aucun argent n’est débité. N’y saisissez jamais une vraie carte.")
        return _(
            "CB, Visa, Mastercard, ou ce que votre appareil propose : Apple Pay, Google Pay, prélèvement. Stripe "
            "reçoit vos données de paiement, la boutique ne les voit jamais."
        )

    @property
    def hold(self) -> timedelta:
        return current().card_hold

    def offered_for(self, delivery_kind: str) -> bool:
        return True

    def instructions(self, *, order_number: str, amount: Decimal) -> list[Instruction]:
        return []

    def authorise(self, request: PaymentRequest) -> Outcome:
        import stripe

        try:
            with asking("authorise"):
                if TOKEN.fullmatch(request.instrument):
                    answer = self._confirm(request)
                    outcome = of_intent(answer)
                else:
                    answer = self._open_page(request)
                    outcome = of_session(answer)
        except stripe.CardError as error:
            return _refused(error)
        except stripe.IdempotencyError:
            # The key has made another object before, or was given up: this request has made none.
            return self._find(request.key, timezone.now() - REMEMBERED) or Outcome(State.CANCELLED)
        except stripe.InvalidRequestError as error:
            # An amount below the smallest, a token used before: nothing was made.
            logger.error("stripe_refused", what="authorise", code=error.code, param=error.param)
            return Outcome(State.DECLINED, decline_reason=_("Stripe a refusé la demande de paiement. Réessayez."))
        if _is_replayed(answer):
            # The answer as it was then.
            return self.look_up(key=request.key, reference=answer.id)
        return outcome

    def capture(self, *, key: str, reference: str, amount: Decimal) -> Outcome:
        """Needs no idempotency key: an intent is captured once, and a second time refused."""
        import stripe

        try:
            with asking("capture"):
                asked = client().v1.payment_intents.capture(reference, {"amount_to_capture": to_cents(amount)})
                return of_intent(asked)
        except (stripe.CardError, stripe.InvalidRequestError):
            return self.look_up(key=key, reference=reference)

    def cancel(self, *, key: str, reference: str, since: datetime | None = None) -> Outcome:
        if not reference:
            if self._burn(key):
                return Outcome(State.CANCELLED)
            found = self._find(key, since or timezone.now() - REMEMBERED)
            if found is None:
                # The key was used and has made nothing: it never will.
                return Outcome(State.CANCELLED)
            if found.state in (State.CAPTURED, State.CANCELLED):
                return found
            reference = found.reference
        return self._cancel_session(key, reference) if reference.startswith(SESSION) else self._cancel_intent(reference)

    def refund(self, *, key: str, reference: str, amount: Decimal) -> RefundOutcome:
        """Looks among the payment's refunds first: Stripe forgets a key after a day, and the sweep may ask later."""
        import stripe

        try:
            with asking("refund"):
                refunds = client().v1.refunds
                for each in refunds.list({"payment_intent": reference, "limit": 100}).auto_paging_iter():
                    if _key_in(each.metadata, "refund") == key:
                        return of_refund(each)
                asked = refunds.create(
                    {"payment_intent": reference, "amount": to_cents(amount), "metadata": {"refund": key}},
                    {"idempotency_key": key},
                )
                return of_refund(asked)
        except stripe.InvalidRequestError as error:
            logger.warning("stripe_refused", what="refund", code=error.code, param=error.param)
            reason = _("Stripe refuse ce remboursement (%(code)s).") % {"code": error.code or error.http_status}
            return RefundOutcome(RefundState.FAILED, reason=reason)

    def look_up(self, *, key: str, reference: str = "", since: datetime | None = None) -> Outcome:
        if not reference:
            return (since and self._find(key, since)) or Outcome(State.PENDING)
        with asking("look_up"):
            if reference.startswith(SESSION):
                return of_session(client().v1.checkout.sessions.retrieve(reference, WITH_INTENT))
            return of_intent(client().v1.payment_intents.retrieve(reference))

    def parse_webhook(self, *, headers: Mapping[str, str], body: bytes) -> Webhook:
        return webhooks.parse(headers=headers, body=body)

    def _open_page(self, request: PaymentRequest) -> Session:
        """The same request has the same parameters for ever: a repeat with others would be refused."""
        title = _("Commande %(number)s") % {"number": request.order_number}
        parameters: dict[str, Any] = {
            "mode": "payment",
            "client_reference_id": request.key,
            "locale": request.language,
            "success_url": request.return_url,
            "cancel_url": request.return_url,
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": "eur",
                        "unit_amount": to_cents(request.amount),
                        "product_data": {"name": title},
                    },
                }
            ],
            "payment_method_options": AUTHORISE_CARDS,
            "payment_intent_data": {"description": request.order_number, "metadata": _ours(request)},
            "metadata": _ours(request),
            **WITH_INTENT,
        }
        if request.email:
            parameters["customer_email"] = request.email
        return client().v1.checkout.sessions.create(parameters, {"idempotency_key": request.key})

    def _confirm(self, request: PaymentRequest) -> PaymentIntent:
        is_method = request.instrument.startswith("pm_")
        return client().v1.payment_intents.create(
            {
                "amount": to_cents(request.amount),
                "currency": "eur",
                "confirm": True,
                ("payment_method" if is_method else "confirmation_token"): request.instrument,
                "automatic_payment_methods": {"enabled": True},
                "payment_method_options": AUTHORISE_CARDS,
                "description": request.order_number,
                "metadata": _ours(request),
                "return_url": request.return_url,
            },
            {"idempotency_key": request.key},
        )

    def _burn(self, key: str) -> bool:
        """Use a key up, so that a request that is still on its way makes nothing; False when it was used before."""
        import stripe

        try:
            with asking("burn"):
                sessions = client().v1.checkout.sessions
                session = sessions.create(
                    {
                        "mode": "setup",
                        "currency": "eur",
                        "success_url": settings.SITE_URL,
                        "client_reference_id": key,
                    },
                    {"idempotency_key": key},
                )
                if not _is_replayed(session):
                    sessions.expire(session.id)
                return True
        except stripe.IdempotencyError:
            return False
        except stripe.InvalidRequestError as error:
            raise GatewayError(key) from error

    def _cancel_session(self, key: str, reference: str) -> Outcome:
        import stripe

        outcome = self.look_up(key=key, reference=reference)
        if outcome.state != State.CHALLENGED:
            done = outcome.state in (State.CAPTURED, State.CANCELLED)
            return outcome if done else self._cancel_intent(outcome.reference)
        try:
            with asking("cancel"):
                return of_session(client().v1.checkout.sessions.expire(reference, WITH_INTENT))
        except stripe.InvalidRequestError:
            # Paid or run out in between.
            outcome = self.look_up(key=key, reference=reference)
            return self._cancel_intent(outcome.reference) if outcome.state == State.AUTHORISED else outcome

    def _cancel_intent(self, reference: str) -> Outcome:
        import stripe

        try:
            with asking("cancel"):
                return of_intent(client().v1.payment_intents.cancel(reference))
        except stripe.InvalidRequestError:
            # Captured, cancelled or at the bank already.
            return self.look_up(key="", reference=reference)

    def _find(self, key: str, since: datetime) -> Outcome | None:
        """What a key has made, among everything made since; lists are up to date at once, Stripe's search is not."""
        within = {"created": {"gte": int((since - SKEW).timestamp())}, "limit": 100}
        with asking("find"):
            sessions = client().v1.checkout.sessions.list({**within, "expand": ["data.payment_intent"]})
            for session in sessions.auto_paging_iter():
                if session.client_reference_id == key:
                    return of_session(session)
            for intent in client().v1.payment_intents.list(within).auto_paging_iter():
                if _key_in(intent.metadata, "payment") == key:
                    return of_intent(intent)
        return None


def _ours(request: PaymentRequest) -> dict[str, str]:
    return {"payment": request.key, "order": request.order_number}


def _key_in(metadata: Any, name: str) -> str:
    return metadata[name] if metadata is not None and name in metadata else ""


def _is_replayed(answer: Session | PaymentIntent) -> bool:
    response = answer.last_response
    return response is not None and response.headers.get("Idempotent-Replayed") == "true"


def _refused(error: CardError) -> Outcome:
    intent = error.error.payment_intent if error.error is not None else None
    reference = intent.id if intent is not None else ""
    decline_code = getattr(error.error, "decline_code", None) or ""
    return declined(reference, code=error.code or "", decline_code=decline_code)
