from collections.abc import Mapping
from datetime import datetime

import structlog

from apps.common.errors import DomainError
from apps.payments import gateways
from apps.payments.gateways.base import ProviderBooks, Webhook
from apps.payments.models import Payment, Refund, WebhookEvent
from apps.payments.services.attempt import refresh_payment
from apps.payments.services.dispute import refresh_dispute
from apps.payments.services.elsewhere import refresh_refunds
from apps.payments.services.refund import refresh_refund

logger = structlog.get_logger(__name__)


class UnknownGateway(DomainError):
    code = "unknown_gateway"


def handle_webhook(*, gateway_code: str, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    """A provider says that something happened to a payment: ask it what, and record the answer.

    A message is handled once however often it comes; because its state is asked for and not read from it, the order
    in which messages come does not matter. Raises UnknownGateway, InvalidWebhook (not theirs) and PaymentUnavailable
    (let them send it again).
    """
    gateway = gateways.get(gateway_code)
    if gateway is None or not gateway.is_remote:
        raise UnknownGateway(gateway_code)
    message = gateway.parse_webhook(headers=headers, body=body)
    event, _created = WebhookEvent.objects.get_or_create(
        gateway=gateway_code,
        event_id=message.event_id,
        defaults={"payload": dict(message.payload), "received_at": now},
    )
    if event.processed_at is not None:
        return
    payment = _payment(gateway_code, message)
    if payment is None:
        logger.warning("webhook_without_payment", event_id=event.pk)
    else:
        refresh_payment(payment=payment, now=now, reference=message.reference)
    refunds = _refunds(gateway_code, message)
    for refund in refunds:
        refresh_refund(refund=refund, now=now)
    if isinstance(gateway, ProviderBooks):
        if message.dispute:
            refresh_dispute(books=gateway, reference=message.dispute, now=now)
        if message.is_about_refunds and payment is not None and not refunds:
            payment.refresh_from_db()
            refresh_refunds(books=gateway, payment=payment, now=now)
    WebhookEvent.objects.filter(pk=event.pk, processed_at=None).update(processed_at=now)


def _payment(gateway_code: str, message: Webhook) -> Payment | None:
    """By our key; by the provider's reference for what has no key, such as a dispute."""
    ours = Payment.objects.filter(gateway=gateway_code).select_related("order")
    if message.names_payment:
        return ours.filter(key=message.payment_key).first()
    return ours.filter(reference=message.reference).first() if message.reference else None


def _refunds(gateway_code: str, message: Webhook) -> list[Refund]:
    if not message.refund_key:
        return []
    named = Refund.objects.filter(key=message.refund_key, payment__gateway=gateway_code)
    return list(named.select_related("payment__order"))
