"""Stripe's messages: only believed with its signature, only read for what to ask about."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from apps.payments.gateways.base import InvalidWebhook, Webhook, read_json

# Seconds: Stripe signs each delivery of a message anew.
TOLERANCE = 300
# What names a PaymentIntent that a payment is about.
OF_A_PAYMENT = {"charge", "dispute", "refund"}


def parse(*, headers: Mapping[str, str], body: bytes) -> Webhook:
    import stripe

    signature = headers.get("Stripe-Signature") or ""
    if not signature.isascii():
        # The package raises TypeError.
        raise InvalidWebhook
    try:
        stripe.WebhookSignature.verify_header(body.decode(), signature, settings.STRIPE.webhook_secret, TOLERANCE)
    except (stripe.SignatureVerificationError, UnicodeDecodeError) as error:
        raise InvalidWebhook from error
    event = read_json(body)
    about = _object(event)
    key = _key(about)
    return Webhook(
        event_id=event.get("id", ""),
        payment_key=key,
        names_payment=bool(key),
        reference=_reference(about),
        refund_key=_metadata(about).get("refund", "") if about.get("object") == "refund" else "",
        dispute=about.get("id") or "" if about.get("object") == "dispute" else "",
        is_about_refunds=about.get("object") == "refund" or event.get("type") == "charge.refunded",
        # Nothing else is kept of it: messages hold names, addresses and digits of cards.
        payload={
            "type": event.get("type"),
            "created": event.get("created"),
            "livemode": event.get("livemode"),
            "object": about.get("object"),
            "object_id": about.get("id"),
        },
    )


def _object(event: dict[str, Any]) -> dict[str, Any]:
    data = event.get("data")
    about = data.get("object") if isinstance(data, dict) else None
    if not isinstance(about, dict):
        raise InvalidWebhook
    return about


def _key(about: dict[str, Any]) -> str:
    """Ours of the payment; empty for what this shop has not asked for, or has no key, such as a dispute."""
    return about.get("client_reference_id") or _metadata(about).get("payment") or ""


def _reference(about: dict[str, Any]) -> str:
    if about.get("object") in OF_A_PAYMENT:
        return about.get("payment_intent") or ""
    return about.get("id") or "" if about.get("object") in ("checkout.session", "payment_intent") else ""


def _metadata(about: dict[str, Any]) -> dict[str, str]:
    found = about.get("metadata")
    return found if isinstance(found, dict) else {}
