"""The port between the shop and whoever moves money.

Every call may take long, fail, or succeed without our hearing of it: none is made inside a transaction, each carries a
key, and a repeat with the same key returns the first result instead of moving money twice. `look_up` tells what became
of a key whose answer was lost.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, NoReturn, Protocol, runtime_checkable

# What the columns of a webhook's event, of a payment's key and of its reference hold.
MAX_EVENT_ID, MAX_KEY, MAX_REFERENCE = 120, 64, 120
MAX_DEPTH = 50


class GatewayError(Exception):
    """No answer, or none that can be understood: nothing is known about the result. Ask again with `look_up`."""


class InvalidWebhook(Exception):
    """The message is not from the provider, or cannot be read."""


class State(StrEnum):
    # The gateway does not know the key, or waits for the shopper or a person to act.
    PENDING = "PENDING"
    CHALLENGED = "CHALLENGED"
    # The shopper has done all there is to do, and the bank takes days (a SEPA debit): nothing can be given up any more.
    PROCESSING = "PROCESSING"
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
    email: str = field(default="", repr=False)


@dataclass(frozen=True)
class Outcome:
    """What the gateway says of a payment. With `redirect_url` the shopper must act there first; with `challenge` on the
    shop's own payment page, whose script needs it. `amount` is what was captured, where the gateway says it.
    `settles_within`: how long a payment that is PROCESSING may take from now.
    """

    state: State
    reference: str = ""
    redirect_url: str = ""
    decline_reason: str = ""
    amount: Decimal | None = None
    challenge: str = field(default="", repr=False)
    settles_within: timedelta | None = None


class RefundState(StrEnum):
    DONE = "DONE"
    FAILED = "FAILED"
    # The provider has taken it on and not made it yet: ask again with the same key.
    PENDING = "PENDING"
    # A person has to do it.
    BY_HAND = "BY_HAND"


@dataclass(frozen=True)
class RefundOutcome:
    state: RefundState
    reference: str = ""
    reason: str = ""


@dataclass(frozen=True)
class RefundReport:
    """A refund in the provider's books. `payment`: its reference of the payment; `key`: ours, empty where somebody made
    the refund there."""

    reference: str
    payment: str
    key: str
    amount: Decimal
    outcome: RefundOutcome


class DisputeState(StrEnum):
    NEEDS_RESPONSE = "NEEDS_RESPONSE"
    UNDER_REVIEW = "UNDER_REVIEW"
    WON = "WON"
    LOST = "LOST"
    # An inquiry of the bank's that ended without a dispute.
    CLOSED = "CLOSED"


@dataclass(frozen=True)
class Movement:
    """Money that a provider has taken back for a dispute (negative) or given again, and what it asked for that.
    `reference`: of the line in its books, which its payout repeats."""

    reference: str
    amount: Decimal
    fee: Decimal
    happened_at: datetime


@dataclass(frozen=True)
class DisputeReport:
    """A customer has asked the bank for the money of a payment back. `payment`: the provider's reference of it.

    `is_inquiry`: the bank only asks, and no money has moved. `answer_by`: until when the shop may give its evidence.
    """

    reference: str
    payment: str
    state: DisputeState
    is_inquiry: bool
    amount: Decimal
    reason: str
    opened_at: datetime
    answer_by: datetime | None
    movements: Sequence[Movement] = ()


class PayoutState(StrEnum):
    PENDING = "PENDING"
    PAID = "PAID"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True)
class PayoutReport:
    """A transfer of the provider's to the shop's bank account; negative where it takes money from there.
    `is_itemised`: its lines are all there."""

    reference: str
    state: PayoutState
    amount: Decimal
    initiated_at: datetime
    arrival_date: date
    is_itemised: bool


class LineKind(StrEnum):
    PAYMENT = "PAYMENT"
    REFUND = "REFUND"
    # A refund that the customer's bank sent back.
    REFUND_BACK = "REFUND_BACK"
    DISPUTE = "DISPUTE"
    FEE = "FEE"
    OTHER = "OTHER"


@dataclass(frozen=True)
class LineReport:
    """One line of a payout: `net` is `amount` less `fee`. `source`: the provider's reference of what it is about;
    `payment`: of the payment, for lines about one."""

    reference: str
    kind: LineKind
    amount: Decimal
    fee: Decimal
    net: Decimal
    happened_at: datetime
    source: str = ""
    payment: str = ""
    description: str = ""


@dataclass(frozen=True)
class Webhook:
    """Only says what to ask about: messages come twice and in any order, the gateway knows the state.

    `payment_key`: of the payment; a provider whose messages may be about something else `names_payment` in the others.
    `reference`: the provider's for the payment, by which it is asked, or found where the message has no key.
    `refund_key`: of a refund whose state may have changed. `dispute`: the provider's reference of one.
    `is_about_refunds`: some refund of the payment may have been made or changed, ours or one made at the provider.
    """

    event_id: str
    payment_key: str
    payload: Mapping[str, object]
    reference: str = ""
    refund_key: str = ""
    names_payment: bool = True
    dispute: str = ""
    is_about_refunds: bool = False

    def __post_init__(self) -> None:
        """Raises InvalidWebhook for what no column could hold, whichever gateway read it."""
        for text, least, most in (
            (self.event_id, 1, MAX_EVENT_ID),
            (self.payment_key, int(self.names_payment), MAX_KEY),
            (self.reference, 0, MAX_REFERENCE),
            (self.refund_key, 0, MAX_KEY),
            (self.dispute, 0, MAX_REFERENCE),
        ):
            if not isinstance(text, str) or not least <= len(text) <= most or not text.isprintable():
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

    @property
    def page_policy(self) -> Mapping[str, Sequence[str]]:
        """Origins by directive that the content security policy of the payment page, and of no other, allows for it."""

    def offered_for(self, delivery_kind: str) -> bool: ...

    def instructions(self, *, order_number: str, amount: Decimal) -> list[Instruction]: ...

    def authorise(self, request: PaymentRequest) -> Outcome: ...

    def capture(self, *, key: str, reference: str, amount: Decimal) -> Outcome: ...

    def cancel(self, *, key: str, reference: str, since: datetime | None = None) -> Outcome:
        """Cancel what was not captured; CAPTURED or PROCESSING when it was too late. `since` as in `look_up`."""

    def refund(self, *, key: str, reference: str, amount: Decimal) -> RefundOutcome: ...

    def look_up(self, *, key: str, reference: str = "", since: datetime | None = None) -> Outcome:
        """What became of a payment. `reference` is empty where the answer that had it was lost; `since`: when the
        gateway was first asked for it, which bounds a search for the key."""

    def parse_webhook(self, *, headers: Mapping[str, str], body: bytes) -> Webhook:
        """Raises InvalidWebhook unless the signature is the provider's."""


@runtime_checkable
class ProviderBooks(Protocol):
    """A gateway whose provider keeps books that change without the shop: customers dispute payments, people refund in
    its dashboard, and it pays out. All raise GatewayError."""

    code: str

    def dispute(self, *, reference: str) -> DisputeReport | None:
        """None for one that the provider does not know."""

    def disputes(self, *, since: datetime) -> list[DisputeReport]:
        """Those opened since then."""

    def refund_of(self, *, reference: str) -> RefundReport | None: ...

    def refunds(self, *, payment: str) -> list[RefundReport]:
        """All of one payment."""

    def refunds_since(self, *, since: datetime) -> list[RefundReport]: ...

    def payouts(self, *, since: datetime) -> list[PayoutReport]: ...

    def payout_lines(self, *, reference: str) -> Iterator[LineReport]: ...
