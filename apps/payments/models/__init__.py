from apps.payments.models.payment import Payment, Refund
from apps.payments.models.webhook import WebhookEvent

__all__ = ["Payment", "Refund", "WebhookEvent"]
