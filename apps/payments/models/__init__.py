from apps.payments.models.demo_bank import DemoCharge, DemoRefund
from apps.payments.models.payment import Payment, Refund
from apps.payments.models.webhook import WebhookEvent

__all__ = ["DemoCharge", "DemoRefund", "Payment", "Refund", "WebhookEvent"]
