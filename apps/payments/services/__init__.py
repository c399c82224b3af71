"""Money for orders: attempts, what gateways say of them, refunds.

Intent is written before a gateway is called and its answer by compare-and-set after; whatever is lost between the two
is asked again by `reconcile_payments`.
"""

from apps.payments.services.attempt import (
    CaptureRefused,
    MeansNotOffered,
    OrderNotPayable,
    PaymentUnavailable,
    Progress,
    capture_before_dispatch,
    close_attempts,
    create_payment,
    give_up_attempts,
    receive_payment,
    refresh_payment,
    start_payment,
)
from apps.payments.services.invariants import check_payments
from apps.payments.services.reconcile import reconcile_payments
from apps.payments.services.refund import (
    RefundRefused,
    carry_out_refund,
    refund,
    request_refund,
    settle_refund,
)
from apps.payments.services.webhook import UnknownGateway, handle_webhook

__all__ = [
    "CaptureRefused",
    "MeansNotOffered",
    "OrderNotPayable",
    "PaymentUnavailable",
    "Progress",
    "RefundRefused",
    "UnknownGateway",
    "capture_before_dispatch",
    "carry_out_refund",
    "check_payments",
    "close_attempts",
    "create_payment",
    "give_up_attempts",
    "handle_webhook",
    "receive_payment",
    "reconcile_payments",
    "refresh_payment",
    "refund",
    "request_refund",
    "settle_refund",
    "start_payment",
]
