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
from apps.payments.services.dispute import fetch_disputes, record_dispute, remind_of_disputes
from apps.payments.services.elsewhere import fetch_refunds, record_refunds
from apps.payments.services.invariants import check_payments
from apps.payments.services.payouts import Reconciled, reconcile_payouts, state_of_payouts
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
    "Reconciled",
    "RefundRefused",
    "UnknownGateway",
    "capture_before_dispatch",
    "carry_out_refund",
    "check_payments",
    "close_attempts",
    "create_payment",
    "fetch_disputes",
    "fetch_refunds",
    "give_up_attempts",
    "handle_webhook",
    "receive_payment",
    "reconcile_payments",
    "reconcile_payouts",
    "record_dispute",
    "record_refunds",
    "refresh_payment",
    "refund",
    "remind_of_disputes",
    "request_refund",
    "settle_refund",
    "start_payment",
    "state_of_payouts",
]
