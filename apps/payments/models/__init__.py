from apps.payments.models.dispute import Dispute, DisputeMovement
from apps.payments.models.payment import Payment, Refund
from apps.payments.models.payout import Payout, PayoutLine
from apps.payments.models.webhook import WebhookEvent

__all__ = ["Dispute", "DisputeMovement", "Payment", "Payout", "PayoutLine", "Refund", "WebhookEvent"]
