"""What Stripe's books say that the shop has not asked for: disputes, refunds made in its dashboard, payouts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog

from apps.payments.gateways.base import (
    DisputeReport,
    GatewayError,
    LineReport,
    PayoutReport,
    RefundReport,
)
from apps.payments.gateways.stripe.client import asking, client
from apps.payments.gateways.stripe.objects import dispute_report, line_report, payout_report, refund_report

if TYPE_CHECKING:
    from stripe import InvalidRequestError

logger = structlog.get_logger(__name__)

AT_ONCE = 100
# The charge behind a line names its PaymentIntent.
WITH_SOURCE = "data.source"


class Books:
    """The part of the gateway that reads them."""

    def dispute(self, *, reference: str) -> DisputeReport | None:
        found = _one("dispute", lambda: client().v1.disputes.retrieve(reference))
        return dispute_report(found) if found is not None else None

    def disputes(self, *, since: datetime) -> list[DisputeReport]:
        within = {"created": {"gte": int(since.timestamp())}, "limit": AT_ONCE}
        return list(_each("disputes", lambda: client().v1.disputes.list(within), dispute_report))

    def refund_of(self, *, reference: str) -> RefundReport | None:
        found = _one("refund", lambda: client().v1.refunds.retrieve(reference))
        return refund_report(found) if found is not None else None

    def refunds(self, *, payment: str) -> list[RefundReport]:
        of_payment = {"payment_intent": payment, "limit": AT_ONCE}
        return list(_each("refunds", lambda: client().v1.refunds.list(of_payment), refund_report))

    def refunds_since(self, *, since: datetime) -> list[RefundReport]:
        within = {"created": {"gte": int(since.timestamp())}, "limit": AT_ONCE}
        return list(_each("refunds", lambda: client().v1.refunds.list(within), refund_report))

    def payouts(self, *, since: datetime) -> list[PayoutReport]:
        within = {"created": {"gte": int(since.timestamp())}, "limit": AT_ONCE}
        return list(_each("payouts", lambda: client().v1.payouts.list(within), payout_report))

    def payout_lines(self, *, reference: str) -> Iterator[LineReport]:
        """Without the payout's own line. Pages are fetched as they are read."""
        of_payout = {"payout": reference, "limit": AT_ONCE, "expand": [WITH_SOURCE]}
        return _each("payout_lines", lambda: client().v1.balance_transactions.list(of_payout), line_report)


def _one(what: str, ask: Callable[[], Any]) -> Any:
    """None for what Stripe does not know: another account's, or of the other mode."""
    import stripe

    try:
        with asking(what):
            return ask()
    except stripe.InvalidRequestError as error:
        if error.code == "resource_missing":
            return None
        raise _unreadable(what, error) from error


def _each(what: str, ask: Callable[[], Any], read: Callable[[Any], Any]) -> Iterator[Any]:
    """What of a list is the shop's. An object that cannot be read is logged and holds up no other."""
    import stripe

    try:
        with asking(what):
            for found in ask().auto_paging_iter():
                try:
                    report = read(found)
                except GatewayError:
                    logger.exception("stripe_unreadable", what=what, reference=found.id)
                    continue
                if report is not None:
                    yield report
    except stripe.InvalidRequestError as error:
        raise _unreadable(what, error) from error


def _unreadable(what: str, error: InvalidRequestError) -> GatewayError:
    logger.error("stripe_refused", what=what, code=error.code, param=error.param)
    return GatewayError(what)
