"""The port between the shop and whoever moves money.

Every call may take long, fail, or succeed without our hearing of it: none is made inside a transaction, each carries a
key, and a repeat with the same key returns the first result instead of moving money twice. `look_up` tells what became
of a key whose answer was lost.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, NoReturn, Protocol, runtime_checkable

# What the columns of a webhook's event and of a payment's key hold.
MAX_EVENT_ID, MAX_KEY = 120, 64
MAX_DEPTH = 50


class GatewayError(Exception):
    """No answer, or none that can be understood: nothing is known about the result. Ask again with `look_up`."""


class InvalidWebhook(Exception):
    """The message is not from the provider, or cannot be read."""


class State(StrEnum):
    # The gateway does not know the key, or waits for the shopper or a person to act.
    PENDING = "PENDING"
    CHALLENGED = "CHALLENGED"
    AUTHORISED = "AUTHORISED"
    CAPTURED = "CAPTURED"
    DECLINED = "DECLINED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True)
class PaymentRequest:
    """`instrument` is what the provider's form gives for a card: a token, at the demonstration bank a test number.
    It is passed on and never kept."""

    key: str
    amount: Decimal
    order_number: str
    language: str
    return_url: str
    instrument: str = field(default="", repr=False)


@dataclass(frozen=True)
class Outcome:
    """What the gateway says of a payment. With `redirect_url` the shopper must act there first. `amount` is what was
    captured, where the gateway says it."""

    state: State
    reference: str = ""
    redirect_url: str = ""
    decline_reason: str = ""
    amount: Decimal | None = None


class RefundState(StrEnum):
    DONE = "DONE"
    FAILED = "FAILED"
    # A person has to do it.
    BY_HAND = "BY_HAND"


@dataclass(frozen=True)
class RefundOutcome:
    state: RefundState
    reference: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Webhook:
    """Only says which payment to ask about: messages come twice and in any order, the gateway knows the state."""

    event_id: str
    payment_key: str
    payload: Mapping[str, object]

    def __post_init__(self) -> None:
        """Raises InvalidWebhook for what no column could hold, whichever gateway read it."""
        for text, most in ((self.event_id, MAX_EVENT_ID), (self.payment_key, MAX_KEY)):
            if not isinstance(text, str) or not 1 <= len(text) <= most or not text.isprintable():
                raise InvalidWebhook


def read_json(body: bytes) -> dict[str, Any]:
    """A message's JSON object. Raises InvalidWebhook for what is none, and for what a database's JSON column refuses:
    NaN and Infinity, whole numbers beyond a double's, halves of surrogate pairs, and nesting beyond any message's
    (MySQL's limit is 100).
    """
    try:
        text = body.decode()
        message = json.loads(text, parse_constant=_refuse, parse_int=_whole)
        json.dumps(message, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, OverflowError, RecursionError) as error:
        raise InvalidWebhook from error
    if not isinstance(message, dict) or _depth(message) > MAX_DEPTH:
        raise InvalidWebhook
    return message


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _whole(digits: str) -> int:
    number = int(digits)
    float(number)  # raises OverflowError
    return number


def _depth(message: object) -> int:
    depth, level = 0, [message]
    while level:
        depth += 1
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return depth


@dataclass(frozen=True)
class Instruction:
    """A line of what the shopper has to do to pay, to show and to e-mail."""

    label: str
    value: str


@runtime_checkable
class Gateway(Protocol):
    code: str
    # False: money moves between people, and staff record it.
    is_remote: bool
    # The shop asks for the card itself (on its payment page) instead of sending the shopper away.
    needs_instrument: bool
    # The shopper sends the money, by transfer or by post; the days of delivery are counted from its arrival.
    awaits_transfer: bool
    # Paid when the goods are handed over: the order is certain before.
    pays_later: bool

    @property
    def name(self) -> str: ...

    @property
    def description(self) -> str: ...

    @property
    def hold(self) -> timedelta | None:
        """How long stock waits for the money; None: the order is certain at once, paid when handed over."""

    def offered_for(self, delivery_kind: str) -> bool: ...

    def instructions(self, *, order_number: str, amount: Decimal) -> list[Instruction]: ...

    def authorise(self, request: PaymentRequest) -> Outcome: ...

    def capture(self, *, key: str, reference: str, amount: Decimal) -> Outcome: ...

    def cancel(self, *, key: str, reference: str) -> Outcome:
        """Cancel what was not captured; CAPTURED when it was too late."""

    def refund(self, *, key: str, reference: str, amount: Decimal) -> RefundOutcome: ...

    def look_up(self, *, key: str) -> Outcome: ...

    def parse_webhook(self, *, headers: Mapping[str, str], body: bytes) -> Webhook:
        """Raises InvalidWebhook unless the signature is the provider's."""
