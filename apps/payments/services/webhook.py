from collections.abc import Mapping
from datetime import datetime

import structlog

from apps.common.errors import DomainError
from apps.payments import gateways
from apps.payments.models import Payment, WebhookEvent
from apps.payments.services.attempt import refresh_payment

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
    payment = Payment.objects.filter(gateway=gateway_code, key=message.payment_key).select_related("order").first()
    if payment is None:
        logger.warning("webhook_without_payment", event_id=event.pk)
    else:
        refresh_payment(payment=payment, now=now)
    WebhookEvent.objects.filter(pk=event.pk, processed_at=None).update(processed_at=now)
