from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from apps.payments.gateways.base import (
    Instruction,
    InvalidWebhook,
    Outcome,
    PaymentRequest,
    RefundOutcome,
    RefundState,
    State,
    Webhook,
)


class ByHand:
    """Money that passes between people: nobody to call, staff record what happened."""

    is_remote = False
    needs_instrument = False
    awaits_transfer = False
    pays_later = False
    page_policy: Mapping[str, Sequence[str]] = {}

    def instructions(self, *, order_number: str, amount: Decimal) -> list[Instruction]:
        return []

    def authorise(self, request: PaymentRequest) -> Outcome:
        return Outcome(State.PENDING)

    def capture(self, *, key: str, reference: str, amount: Decimal) -> Outcome:
        return Outcome(State.CAPTURED)

    def cancel(self, *, key: str, reference: str, since: datetime | None = None) -> Outcome:
        return Outcome(State.CANCELLED)

    def refund(self, *, key: str, reference: str, amount: Decimal) -> RefundOutcome:
        return RefundOutcome(RefundState.BY_HAND)

    def look_up(self, *, key: str, reference: str = "", since: datetime | None = None) -> Outcome:
        return Outcome(State.PENDING)

    def parse_webhook(self, *, headers: Mapping[str, str], body: bytes) -> Webhook:
        raise InvalidWebhook
