"""Banks of tests: what a provider of cards does that the demonstration bank does not."""

import hashlib
import hmac
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from threading import Lock

from apps.payments.gateways.base import (
    GatewayError,
    Instruction,
    InvalidWebhook,
    Outcome,
    PaymentRequest,
    RefundOutcome,
    RefundState,
    State,
    Webhook,
    read_json,
)
from apps.payments.gateways.by_hand import ByHand

SECRET = b"between the bank and the shop"


@dataclass
class Session:
    """A page on which one payment may be made once."""

    request: PaymentRequest
    state: State = State.CHALLENGED
    # What was really captured, when it is not what was asked for.
    captured: Decimal | None = None
    # By key.
    refunds: dict[str, Decimal] = field(default_factory=dict)

    @property
    def refunded(self) -> Decimal:
        return sum(self.refunds.values(), Decimal(0))

    @property
    def reference(self) -> str:
        return f"cs_{self.request.key[:12]}"


class Bank:
    """The books of a provider: sessions by key. `silent` answers nothing, `slow` takes so many seconds."""

    def __init__(self) -> None:
        self.sessions: dict[str, Session] = {}
        self.closed: set[str] = set()
        self.silent = False
        self.slow = 0.0
        self.lock = Lock()

    def answers(self) -> None:
        time.sleep(self.slow)
        if self.silent:
            raise GatewayError

    def only_session(self) -> Session:
        [session] = self.sessions.values()
        return session

    def shopper_pays(self) -> Session:
        """On the bank's own page."""
        session = self.only_session()
        if session.state == State.CHALLENGED:
            session.state = State.CAPTURED
        return session


class HostedPage:
    """A provider that takes the card on its own page and captures at once, as hosted checkouts do."""

    code = "hosted"
    is_remote = True
    needs_instrument = False
    awaits_transfer = False
    pays_later = False
    name = "Carte bancaire"
    description = "Carte bancaire, sur la page de notre prestataire."
    hold = timedelta(minutes=30)
    page_policy: Mapping[str, Sequence[str]] = {}
    bank = Bank()
    origin = "https://pay.example"

    def offered_for(self, delivery_kind: str) -> bool:
        return True

    def instructions(self, *, order_number: str, amount: Decimal) -> list[Instruction]:
        return []

    def authorise(self, request: PaymentRequest) -> Outcome:
        self.bank.answers()
        with self.bank.lock:
            if request.key in self.bank.closed:
                return Outcome(State.CANCELLED)
            self.bank.sessions.setdefault(request.key, Session(request))
        return self._outcome(request.key)

    def capture(self, *, key: str, reference: str, amount: Decimal) -> Outcome:
        self.bank.answers()
        with self.bank.lock:
            session = self.bank.sessions[key]
            if session.state == State.AUTHORISED:
                session.state = State.CAPTURED
        return self._outcome(key)

    def cancel(self, *, key: str, reference: str, since: datetime | None = None) -> Outcome:
        self.bank.answers()
        with self.bank.lock:
            session = self.bank.sessions.get(key)
            if session is None:
                self.bank.closed.add(key)
                return Outcome(State.CANCELLED)
            # Given up while the question was on its way, a payment has no reference yet: the key says which.
            assert reference in ("", session.reference)
            if session.state in (State.CHALLENGED, State.AUTHORISED):
                session.state = State.CANCELLED
        return self._outcome(key)

    def refund(self, *, key: str, reference: str, amount: Decimal) -> RefundOutcome:
        self.bank.answers()
        session = next(session for session in self.bank.sessions.values() if session.reference == reference)
        with self.bank.lock:
            taken = session.captured or session.request.amount
            if key not in session.refunds and session.refunded + amount > taken:
                return RefundOutcome(RefundState.FAILED, reason="More than was taken.")
            session.refunds.setdefault(key, amount)
        return RefundOutcome(RefundState.DONE, reference=f"re_{key}"[:100])

    def look_up(self, *, key: str, reference: str = "", since: datetime | None = None) -> Outcome:
        self.bank.answers()
        return self._outcome(key) if key in self.bank.sessions else Outcome(State.PENDING)

    def parse_webhook(self, *, headers: Mapping[str, str], body: bytes) -> Webhook:
        if not hmac.compare_digest(headers.get("X-Bank-Signature", ""), signature(body)):
            raise InvalidWebhook
        message = read_json(body)
        return Webhook(event_id=message.get("id", ""), payment_key=message.get("key", ""), payload=message)

    def _outcome(self, key: str) -> Outcome:
        session = self.bank.sessions[key]
        waiting = session.state == State.CHALLENGED
        return Outcome(
            session.state,
            reference=session.reference,
            redirect_url=f"{self.origin}/{key}" if waiting else "",
            amount=session.captured or session.request.amount if session.state == State.CAPTURED else None,
        )


class PendingPage(HostedPage):
    """Some providers call a page that waits for the shopper « pending »."""

    code = "pending_page"

    def _outcome(self, key: str) -> Outcome:
        outcome = super()._outcome(key)
        if outcome.state != State.CHALLENGED:
            return outcome
        return Outcome(State.PENDING, reference=outcome.reference, redirect_url=outcome.redirect_url)


class Card(HostedPage):
    """A provider whose form stands on the shop's own page: authorises at once."""

    code = "card"
    needs_instrument = True

    def authorise(self, request: PaymentRequest) -> Outcome:
        self.bank.answers()
        with self.bank.lock:
            if request.key in self.bank.closed:
                return Outcome(State.CANCELLED)
            self.bank.sessions.setdefault(request.key, Session(request, State.AUTHORISED))
        return self._outcome(request.key)


class ByMail(ByHand):
    """Money that the shopper sends, and no transfer."""

    code = "by_post"
    awaits_transfer = True
    name = "Mandat postal"
    description = "Un mandat, que la poste nous apporte."
    hold = timedelta(days=10)

    def offered_for(self, delivery_kind: str) -> bool:
        return True

    def instructions(self, *, order_number: str, amount: Decimal) -> list[Instruction]:
        return [Instruction("Au nom de", "Boutique des Halles"), Instruction("À rappeler", order_number)]


def signature(body: bytes) -> str:
    return hmac.new(SECRET, body, hashlib.sha256).hexdigest()
