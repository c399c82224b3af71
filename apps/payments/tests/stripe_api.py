"""A stand-in of Stripe: answers over HTTP with the objects that Stripe publishes, and refuses what it refuses.

What it takes and gives is checked against the package's own description of the API: a parameter that no call has, or a
field that no object has, fails the test. It remembers idempotency keys as Stripe does, and can be silent, slow, or lose
an answer after having done what was asked.
"""

import copy
import hashlib
import hmac
import json
import re
import threading
import time
import typing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from apps.payments.gateways.stripe.client import API_VERSION

# What the shop's payment page loads of Stripe, as far as it uses it.
SCRIPT = Path(__file__).parent / "files" / "stripe.js"
OBJECTS = json.loads((Path(__file__).parent / "files" / "stripe_objects.json").read_text())
SECRET_KEY, PUBLISHABLE_KEY, WEBHOOK_SECRET = "rk_test_standin", "pk_test_standin", "whsec_standin"
# Cards of Stripe's own documentation, by what happens to them.
ACCEPTED, DECLINED, CHALLENGED, DEBIT = (
    "pm_card_visa",
    "pm_card_chargeDeclined",
    "pm_card_threeDSecure2Required",
    "pm_debit",
)
# docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
SMALLEST = 50

PARAMETERS = {
    ("POST", "/v1/checkout/sessions"): "checkout._session_create_params.SessionCreateParams",
    ("GET", "/v1/checkout/sessions"): "checkout._session_list_params.SessionListParams",
    ("GET", "/v1/checkout/sessions/{}"): "checkout._session_retrieve_params.SessionRetrieveParams",
    ("POST", "/v1/checkout/sessions/{}/expire"): "checkout._session_expire_params.SessionExpireParams",
    ("POST", "/v1/payment_intents"): "_payment_intent_create_params.PaymentIntentCreateParams",
    ("GET", "/v1/payment_intents"): "_payment_intent_list_params.PaymentIntentListParams",
    ("GET", "/v1/payment_intents/{}"): "_payment_intent_retrieve_params.PaymentIntentRetrieveParams",
    ("POST", "/v1/payment_intents/{}/capture"): "_payment_intent_capture_params.PaymentIntentCaptureParams",
    ("POST", "/v1/payment_intents/{}/cancel"): "_payment_intent_cancel_params.PaymentIntentCancelParams",
    ("POST", "/v1/refunds"): "_refund_create_params.RefundCreateParams",
    ("GET", "/v1/refunds"): "_refund_list_params.RefundListParams",
    ("GET", "/v1/refunds/{}"): "_refund_retrieve_params.RefundRetrieveParams",
    ("GET", "/v1/disputes"): "_dispute_list_params.DisputeListParams",
    ("GET", "/v1/disputes/{}"): "_dispute_retrieve_params.DisputeRetrieveParams",
    ("GET", "/v1/payouts"): "_payout_list_params.PayoutListParams",
    ("GET", "/v1/balance_transactions"): "_balance_transaction_list_params.BalanceTransactionListParams",
}


class Refused(Exception):
    def __init__(self, status: int, code: str, *, sort: str = "invalid_request_error", **more: Any) -> None:
        super().__init__(code)
        self.status, self.error = status, {"type": sort, "code": code, "message": code, **more}


class StripeApi:
    """The books of one account. `calls` has method, path and parameters of every request that was understood."""

    def __init__(self) -> None:
        self.sessions: dict[str, dict] = {}
        self.intents: dict[str, dict] = {}
        self.refunds: dict[str, dict] = {}
        self.disputes: dict[str, dict] = {}
        self.payouts: dict[str, dict] = {}
        # Lines of the account's balance, and the payout of each that was paid out.
        self.lines: dict[str, dict] = {}
        self.paid_out: dict[str, str] = {}
        self.calls: list[tuple[str, str, dict]] = []
        self.silent = False
        self.slow = 0.0
        # Paths whose next answer is lost after the work is done.
        self.losing: list[str] = []
        self.origin = ""
        self._lock = threading.RLock()
        self._keys: dict[str, tuple] = {}
        self._working: set[str] = set()
        self._numbers = count(1)

    # --- What tests do in the shopper's, the bank's and Stripe's place ---

    def only_session(self) -> dict:
        [session] = [each for each in self.sessions.values() if each["mode"] == "payment"]
        return session

    def pay(self, session: dict | None = None, *, method: str = ACCEPTED) -> dict:
        """Fill in Stripe's page; returns the session. A refused card leaves its page open."""
        with self._lock:
            session = session or self.only_session()
            if session["status"] != "open":
                return session
            intent = self._intent(
                amount=session["amount_total"],
                metadata=session["intent_metadata"],
                method=method,
                return_url=session["success_url"],
                is_manual=session["cards_are_manual"],
            )
            if intent["status"] != "requires_payment_method":
                if intent["status"] == "requires_action":
                    self.authenticate(intent)
                session.update(status="complete", payment_intent=intent["id"])
                session["payment_status"] = "paid" if intent["status"] == "succeeded" else "unpaid"
        return session

    def shopper_pays(self) -> dict:
        return self.pay()

    def authenticate(self, intent: dict, *, accepted: bool = True) -> None:
        """The shopper's answer to 3-D Secure."""
        with self._lock:
            intent["next_action"] = None
            if accepted:
                self._authorised(intent)
            else:
                self._fail(intent, "payment_intent_authentication_failure")

    def settle(self, intent: dict, *, accepted: bool = True) -> None:
        """The bank executes a debit, or refuses it, days later."""
        with self._lock:
            assert intent["status"] == "processing"
            if accepted:
                self._capture(intent, intent["amount"])
            else:
                self._fail(intent, "payment_method_provider_decline")

    def lapse(self, intent: dict) -> None:
        """An authorisation that nobody took in seven days."""
        assert intent["status"] == "requires_capture"
        intent.update(status="canceled", amount_capturable=0)

    def contest(self, intent: dict, amount: int | None = None, *, status: str = "needs_response") -> dict:
        """The customer asks the bank for the money back: of an inquiry (« warning_… ») nothing moves."""
        with self._lock:
            dispute = published(
                "dispute",
                id=f"dp_{next(self._numbers)}",
                payment_intent=intent["id"],
                amount=intent["amount_received"] if amount is None else amount,
                currency="eur",
                status=status,
                reason="fraudulent",
                created=int(time.time()),
            )
            dispute["evidence_details"]["due_by"] = int(time.time()) + 9 * 86400
            self.disputes[dispute["id"]] = dispute
            if not status.startswith("warning_"):
                self.withdraw(dispute)
        return dispute

    def withdraw(self, dispute: dict) -> None:
        """The bank takes the money back, and Stripe asks for its fee."""
        line = self._line(-dispute["amount"], 2000, source=dispute, sort="adjustment", category="dispute")
        dispute["balance_transactions"].append(line)

    def decide(self, dispute: dict, status: str) -> dict:
        with self._lock:
            dispute["status"] = status
            if status == "won":
                line = self._line(dispute["amount"], 0, source=dispute, sort="adjustment", category="dispute_reversal")
                dispute["balance_transactions"].append(line)
        return dispute

    def refund_in_the_dashboard(self, intent: dict, amount: int) -> dict:
        return self.create_refund("", {"payment_intent": intent["id"], "amount": str(amount)})

    def pay_out(self, status: str = "paid") -> dict:
        """All that was not paid out yet, as Stripe does each day."""
        with self._lock:
            lines = [line for name, line in self.lines.items() if name not in self.paid_out]
            payout = published(
                "payout",
                id=f"po_{next(self._numbers)}",
                amount=sum(line["net"] for line in lines),
                currency="eur",
                status=status,
                automatic=True,
                reconciliation_status="completed",
                created=int(time.time()),
                arrival_date=int(time.time()) // 86400 * 86400,
            )
            self.payouts[payout["id"]] = payout
            own = self._line(-payout["amount"], 0, source=payout, sort="payout", category="payout")
            for line in (*lines, own):
                self.paid_out[line["id"]] = payout["id"]
        return payout

    def intent_of(self, session: dict) -> dict:
        return self.intents[session["payment_intent"]]

    def message(self, kind: str, about: dict, *, number: int = 0) -> tuple[dict[str, str], bytes]:
        """Headers and body of a signed message about an object."""
        event = published(
            "event",
            id=f"evt_{number or next(self._numbers)}",
            type=kind,
            livemode=False,
            api_version=API_VERSION,
            data={"object": _public(about)},
        )
        body = json.dumps(event).encode()
        return {"Stripe-Signature": sign(body)}, body

    # --- The API ---

    def answer(self, method: str, path: str, headers: dict[str, str], query: dict) -> tuple[int, dict, bool]:
        """Status, body, and whether it is the answer to an earlier request with the same key."""
        if headers.get("authorization") != f"Bearer {SECRET_KEY}":
            raise Refused(401, "invalid_api_key")
        if headers.get("stripe-version") != API_VERSION:
            raise Refused(400, "invalid_version")
        time.sleep(self.slow)
        key = headers.get("idempotency-key") if method == "POST" else None
        asked = (method, path, query)
        with self._lock:
            if key in self._working:
                raise Refused(409, "idempotency_key_in_use")
            if key in self._keys:
                first, *answered = self._keys[key]
                if first != asked:
                    raise Refused(400, "", sort="idempotency_error")
                return *answered, True
            if key:
                assert len(key) <= 255
                self._working.add(key)
        try:
            status, body = self._execute(method, path, query)
            if key:
                self._keys[key] = (asked, status, body)
        finally:
            self._working.discard(key)
        return status, body, False

    def _execute(self, method: str, path: str, query: dict) -> tuple[int, dict]:
        shape, found = _route(method, path)
        check_parameters(PARAMETERS[shape], query)
        self.calls.append((method, shape[1], query))
        with self._lock:
            try:
                return 200, copy.deepcopy(HANDLERS[shape](self, found, query))
            except Refused as refusal:
                if refusal.error["type"] == "card_error":
                    # Kept under its key like any result of work that was begun.
                    return refusal.status, {"error": refusal.error}
                raise

    def create_session(self, _found: str, query: dict) -> dict:
        for name in ("success_url", "cancel_url"):
            if name in query and not re.match(r"https?://", query[name]):
                raise Refused(400, "url_invalid", param=name)
        number = next(self._numbers)
        items = query.get("line_items", [])
        total = sum(int(item["price_data"]["unit_amount"]) * int(item["quantity"]) for item in items)
        if query["mode"] == "payment" and total < SMALLEST:
            raise Refused(400, "amount_too_small", param="line_items")
        _check_metadata(query.get("metadata", {}))
        session = published(
            "checkout.session",
            id=f"cs_test_{number}",
            mode=query["mode"],
            status="open",
            url=f"{self.origin}/pay/cs_test_{number}",
            client_reference_id=query.get("client_reference_id"),
            success_url=query["success_url"],
            cancel_url=query.get("cancel_url"),
            amount_total=total,
            currency="eur",
            created=int(time.time()),
            payment_intent=None,
            metadata=query.get("metadata", {}),
            customer_email=query.get("customer_email"),
            locale=query.get("locale"),
        )
        # For the page alone; never in an answer.
        session["intent_metadata"] = query.get("payment_intent_data", {}).get("metadata", {})
        session["cards_are_manual"] = _cards_are_manual(query)
        self.sessions[session["id"]] = session
        return self._session(session, query)

    def retrieve_session(self, found: str, query: dict) -> dict:
        return self._session(_existing(self.sessions, found), query)

    def expire_session(self, found: str, query: dict) -> dict:
        session = _existing(self.sessions, found)
        if session["status"] != "open":
            raise Refused(400, "resource_missing")
        session["status"] = "expired"
        session["url"] = None
        return self._session(session, query)

    def list_sessions(self, _found: str, query: dict) -> dict:
        inner = {"expand": [each.removeprefix("data.") for each in query.get("expand", [])]}
        return _page(self.sessions, query, lambda session: self._session(session, inner), "/v1/checkout/sessions")

    def create_intent(self, _found: str, query: dict) -> dict:
        if int(query["amount"]) < SMALLEST:
            raise Refused(400, "amount_too_small", param="amount")
        if query.get("confirm") == "true" and "return_url" not in query:
            raise Refused(400, "parameter_missing", param="return_url")
        _check_metadata(query.get("metadata", {}))
        intent = self._intent(
            amount=int(query["amount"]),
            metadata=query.get("metadata", {}),
            method=query.get("payment_method") or query["confirmation_token"].removeprefix("ctoken_"),
            return_url=query["return_url"],
            # docs.stripe.com/api/confirmation_tokens/object: use_stripe_sdk
            in_page="confirmation_token" in query,
            is_manual=_cards_are_manual(query),
        )
        if intent["status"] == "requires_payment_method":
            error = intent["last_payment_error"]
            more = {"decline_code": error["decline_code"]} if "decline_code" in error else {}
            raise Refused(402, error["code"], sort="card_error", payment_intent=intent, **more)
        return intent

    def retrieve_intent(self, found: str, _query: dict) -> dict:
        return _existing(self.intents, found)

    def list_intents(self, _found: str, query: dict) -> dict:
        return _page(self.intents, query, lambda intent: intent, "/v1/payment_intents")

    def capture_intent(self, found: str, query: dict) -> dict:
        intent = _existing(self.intents, found)
        amount = int(query.get("amount_to_capture", intent["amount_capturable"]))
        if intent["status"] != "requires_capture":
            raise Refused(400, "payment_intent_unexpected_state", payment_intent=intent)
        if amount > intent["amount_capturable"]:
            raise Refused(400, "amount_too_large", param="amount_to_capture")
        return self._capture(intent, amount)

    def cancel_intent(self, found: str, _query: dict) -> dict:
        intent = _existing(self.intents, found)
        if intent["status"] in ("succeeded", "canceled", "processing"):
            raise Refused(400, "payment_intent_unexpected_state", payment_intent=intent)
        intent.update(status="canceled", amount_capturable=0, next_action=None)
        return intent

    def create_refund(self, _found: str, query: dict) -> dict:
        intent = _existing(self.intents, query["payment_intent"])
        _check_metadata(query.get("metadata", {}))
        earlier = [each for each in self.refunds.values() if each["payment_intent"] == intent["id"]]
        given = sum(each["amount"] for each in earlier if each["status"] not in ("failed", "canceled"))
        if any(
            each["payment_intent"] == intent["id"] and each["status"] in ("needs_response", "under_review", "lost")
            for each in self.disputes.values()
        ):
            raise Refused(400, "charge_disputed")
        if intent["status"] != "succeeded" or given >= intent["amount_received"]:
            raise Refused(400, "charge_already_refunded")
        if given + int(query["amount"]) > intent["amount_received"]:
            raise Refused(400, "amount_too_large", param="amount")
        refund = published(
            "refund",
            id=f"re_{next(self._numbers)}",
            amount=int(query["amount"]),
            payment_intent=intent["id"],
            status="pending" if intent["payment_method_types"] == ["sepa_debit"] else "succeeded",
            metadata=query.get("metadata", {}),
            created=int(time.time()),
            currency="eur",
        )
        self.refunds[refund["id"]] = refund
        self._line(-refund["amount"], 0, source=refund, sort="refund", category="refund")
        return refund

    def retrieve_refund(self, found: str, _query: dict) -> dict:
        return _existing(self.refunds, found)

    def retrieve_dispute(self, found: str, _query: dict) -> dict:
        return _existing(self.disputes, found)

    def list_disputes(self, _found: str, query: dict) -> dict:
        return _page(self.disputes, query, lambda dispute: dispute, "/v1/disputes")

    def list_payouts(self, _found: str, query: dict) -> dict:
        return _page(self.payouts, query, lambda payout: payout, "/v1/payouts")

    def list_lines(self, _found: str, query: dict) -> dict:
        """Of one payout, which must be automatic; what they are about by its id unless it is expanded."""
        payout = _existing(self.payouts, query["payout"])
        if not payout["automatic"]:
            raise Refused(400, "", param="payout")
        of = {name: line for name, line in self.lines.items() if self.paid_out.get(name) == payout["id"]}

        def publish(line: dict) -> dict:
            if "data.source" in query.get("expand", []):
                return line
            return line | {"source": line["source"]["id"]}

        return _page(of, query, publish, "/v1/balance_transactions")

    def list_refunds(self, _found: str, query: dict) -> dict:
        of = {
            name: refund
            for name, refund in self.refunds.items()
            if query.get("payment_intent") in (None, refund["payment_intent"])
        }
        return _page(of, query, lambda refund: refund, "/v1/refunds")

    # --- How objects change ---

    def _session(self, session: dict, query: dict) -> dict:
        answered = _public(session)
        if session["payment_intent"] and "payment_intent" in query.get("expand", []):
            answered["payment_intent"] = self.intents[session["payment_intent"]]
        return answered

    def _intent(
        self, *, amount: int, metadata: dict, method: str, return_url: str, is_manual: bool, in_page: bool = False
    ) -> dict:
        number = next(self._numbers)
        intent = published(
            "payment_intent",
            id=f"pi_{number}",
            client_secret=f"pi_{number}_secret_standin",
            amount=amount,
            currency="eur",
            created=int(time.time()),
            metadata=metadata,
            status="requires_confirmation",
            next_action=None,
            last_payment_error=None,
            canceled_at=None,
            payment_method_types=["sepa_debit" if method == DEBIT else "card"],
            payment_method_options={"card": {"capture_method": "manual"}} if is_manual else {},
        )
        self.intents[intent["id"]] = intent
        if method == DECLINED:
            self._fail(intent, "card_declined", decline_code="insufficient_funds")
        elif method == CHALLENGED:
            intent["status"] = "requires_action"
            intent["next_action"] = {"type": "use_stripe_sdk", "use_stripe_sdk": {}}
            if not in_page:
                to = {"url": f"{self.origin}/3ds/{intent['id']}", "return_url": return_url}
                intent["next_action"] = {"type": "redirect_to_url", "redirect_to_url": to}
        elif method == DEBIT:
            intent["status"] = "processing"
        elif method == ACCEPTED:
            self._authorised(intent)
        else:
            raise Refused(400, "resource_missing", param="payment_method")
        return intent

    def _authorised(self, intent: dict) -> None:
        if intent["payment_method_options"]:
            intent.update(status="requires_capture", amount_capturable=intent["amount"])
        else:
            self._capture(intent, intent["amount"])

    def _capture(self, intent: dict, amount: int) -> dict:
        intent.update(status="succeeded", amount_received=amount, amount_capturable=0)
        charge = published(
            "charge", id=f"ch_{next(self._numbers)}", payment_intent=intent["id"], amount=amount, currency="eur"
        )
        self._line(amount, 25 + amount * 15 // 1000, source=charge, sort="charge", category="charge")
        return intent

    def _line(self, amount: int, fee: int, *, source: dict, sort: str, category: str) -> dict:
        line = published(
            "balance_transaction",
            id=f"txn_{next(self._numbers)}",
            amount=amount,
            fee=fee,
            net=amount - fee,
            currency="eur",
            type=sort,
            reporting_category=category,
            # Not the object itself: a dispute holds its lines.
            source={name: source.get(name) for name in ("id", "object", "payment_intent")},
            created=int(time.time()),
        )
        self.lines[line["id"]] = line
        return line

    def _fail(self, intent: dict, code: str, **more: str) -> None:
        intent["status"] = "requires_payment_method"
        intent["last_payment_error"] = {"type": "card_error", "code": code, "message": code, **more}


HANDLERS: dict[tuple[str, str], Callable[[StripeApi, str, dict], dict]] = {
    ("POST", "/v1/checkout/sessions"): StripeApi.create_session,
    ("GET", "/v1/checkout/sessions"): StripeApi.list_sessions,
    ("GET", "/v1/checkout/sessions/{}"): StripeApi.retrieve_session,
    ("POST", "/v1/checkout/sessions/{}/expire"): StripeApi.expire_session,
    ("POST", "/v1/payment_intents"): StripeApi.create_intent,
    ("GET", "/v1/payment_intents"): StripeApi.list_intents,
    ("GET", "/v1/payment_intents/{}"): StripeApi.retrieve_intent,
    ("POST", "/v1/payment_intents/{}/capture"): StripeApi.capture_intent,
    ("POST", "/v1/payment_intents/{}/cancel"): StripeApi.cancel_intent,
    ("POST", "/v1/refunds"): StripeApi.create_refund,
    ("GET", "/v1/refunds"): StripeApi.list_refunds,
    ("GET", "/v1/refunds/{}"): StripeApi.retrieve_refund,
    ("GET", "/v1/disputes"): StripeApi.list_disputes,
    ("GET", "/v1/disputes/{}"): StripeApi.retrieve_dispute,
    ("GET", "/v1/payouts"): StripeApi.list_payouts,
    ("GET", "/v1/balance_transactions"): StripeApi.list_lines,
}


def sign(body: bytes, *, secret: str = WEBHOOK_SECRET, at: float | None = None) -> str:
    moment = int(at or time.time())
    signed = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={signed}"


def published(kind: str, **changes: Any) -> dict:
    """A published object with changes; only of fields that the API describes."""
    unknown = changes.keys() - _fields(kind) - OBJECTS[kind].keys()
    assert not unknown, f"{kind} has no {unknown}"
    return copy.deepcopy(OBJECTS[kind]) | changes


@cache
def _fields(kind: str) -> frozenset[str]:
    import stripe

    classes = {
        "balance_transaction": stripe.BalanceTransaction,
        "charge": stripe.Charge,
        "checkout.session": stripe.checkout.Session,
        "dispute": stripe.Dispute,
        "event": stripe.Event,
        "payment_intent": stripe.PaymentIntent,
        "payout": stripe.Payout,
        "refund": stripe.Refund,
    }
    return frozenset(classes[kind].__annotations__)


def _public(found: dict) -> dict:
    return {name: value for name, value in found.items() if name not in ("intent_metadata", "cards_are_manual")}


def check_parameters(described: str, query: dict) -> None:
    """Fails for a parameter that the package's description of the call has not."""
    module, _, name = described.rpartition(".")
    unknown = list(_unknown(query, getattr(import_module(f"stripe.params.{module}"), name), ""))
    if unknown:
        raise Refused(400, "parameter_unknown", param=", ".join(unknown))


def _unknown(value: Any, hint: Any, path: str) -> Iterator[str]:
    if typing.is_typeddict(hint):
        hints = _hints(hint)
        for name, inner in value.items():
            if name not in hints:
                yield f"{path}{name}"
            else:
                yield from _unknown(inner, hints[name], f"{path}{name}.")
        return
    structures = [each for each in _alternatives(hint) if typing.is_typeddict(each)]
    if isinstance(value, dict) and structures:
        yield from _unknown(value, structures[0], path)
    elif isinstance(value, list):
        [items] = [typing.get_args(each)[0] for each in _alternatives(hint) if typing.get_origin(each) is list] or [str]
        for inner in value:
            yield from _unknown(inner, items, path)


@cache
def _hints(hint: type) -> dict[str, Any]:
    return typing.get_type_hints(hint)


def _alternatives(hint: Any) -> Iterator[Any]:
    if typing.get_origin(hint) in (typing.Union, typing.NotRequired):
        for each in typing.get_args(hint):
            yield from _alternatives(each)
    else:
        yield hint


def _check_metadata(metadata: dict) -> None:
    """docs.stripe.com/metadata: 50 keys of 40 characters, values of 500."""
    if len(metadata) > 50 or any(len(name) > 40 or len(value) > 500 for name, value in metadata.items()):
        raise Refused(400, "metadata_too_long", param="metadata")


def _cards_are_manual(query: dict) -> bool:
    return query.get("payment_method_options", {}).get("card", {}).get("capture_method") == "manual"


def _existing(rows: dict[str, dict], found: str) -> dict:
    if found not in rows:
        raise Refused(404, "resource_missing", param="id")
    return rows[found]


def _page(rows: dict[str, dict], query: dict, publish: Callable[[dict], dict], path: str) -> dict:
    """Newest first, as all of Stripe's lists."""
    since = int(query.get("created", {}).get("gte", 0))
    found = [row for row in reversed(rows.values()) if row["created"] >= since]
    if after := query.get("starting_after"):
        found = found[[row["id"] for row in found].index(after) + 1 :]
    limit = int(query.get("limit", 10))
    assert 1 <= limit <= 100
    data = [publish(row) for row in found[:limit]]
    return {"object": "list", "url": path, "has_more": len(found) > limit, "data": data}


def _route(method: str, path: str) -> tuple[tuple[str, str], str]:
    for shape in PARAMETERS:
        found = re.fullmatch(re.escape(shape[1]).replace(r"\{\}", r"([a-z]+_\w+)"), path)
        if found and shape[0] == method:
            return shape, found[1] if found.groups() else ""
    raise Refused(404, "unrecognized_url")


def decoded(pairs: list[tuple[str, str]]) -> dict:
    """« line_items[0][quantity]=1 » as lists and dictionaries."""
    tree: dict[str, Any] = {}
    for name, value in pairs:
        first, *rest = re.findall(r"[^\[\]]+", name)
        at = tree
        for part, following in zip([first, *rest], [*rest, None], strict=True):
            if following is None:
                at[part] = value
            else:
                at = at.setdefault(part, {})
    return _lists(tree)


def _lists(tree: Any) -> Any:
    if not isinstance(tree, dict):
        return tree
    values = {name: _lists(value) for name, value in tree.items()}
    return list(values.values()) if values and all(name.isdecimal() for name in values) else values


@contextmanager
def serving(api: StripeApi) -> Iterator[str]:
    """The API and Stripe's pages on a port of this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(api))
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    api.origin = f"http://127.0.0.1:{server.server_port}"
    try:
        yield api.origin
    finally:
        server.shutdown()
        server.server_close()


def _handler(api: StripeApi) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.path.startswith("/v1/"):
                self._api("GET", urlsplit(self.path).query)
            elif self.path.endswith(".js"):
                self._send(200, SCRIPT.read_bytes(), "text/javascript")
            else:
                self._send(200, PAGE.encode(), "text/html; charset=utf-8")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            if self.path.startswith("/v1/"):
                self._api("POST", body)
            else:
                self._page(dict(parse_qsl(body)))

        def _api(self, method: str, query: str) -> None:
            path = urlsplit(self.path).path
            if api.silent:
                self.close_connection = True
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            try:
                status, body, is_replayed = api.answer(method, path, headers, decoded(parse_qsl(query)))
            except Refused as refusal:
                status, body, is_replayed = refusal.status, {"error": refusal.error}, False
            if path in api.losing:
                api.losing.remove(path)
                self.close_connection = True
                return
            more = {"Idempotent-Replayed": "true"} if is_replayed else {}
            self._send(status, json.dumps(body).encode(), "application/json", more)

        def _page(self, form: dict[str, str]) -> None:
            """What the shopper clicked on a page of Stripe's or of the bank's."""
            found = self.path.rpartition("/")[2]
            if self.path.startswith("/3ds/"):
                intent = api.intents[found]
                back = intent["next_action"].get("redirect_to_url", {}).get("return_url", "/")
                api.authenticate(intent, accepted=form["method"] == ACCEPTED)
            else:
                session = api.sessions[found]
                back = session["cancel_url"] if form["method"] == "back" else session["success_url"]
                if form["method"] != "back":
                    api.pay(session, method=form["method"])
                    if session["status"] == "open":
                        self._send(200, REFUSED.encode(), "text/html; charset=utf-8")
                        return
            self._send(303, b"", "text/html", {"Location": back})

        def _send(self, status: int, body: bytes, sort: str, more: dict[str, str] | None = None) -> None:
            self.send_response(status)
            self.send_header("Content-Type", sort)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Request-Id", "req_standin")
            for name, value in (more or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Tests print nothing."""

    return Handler


BUTTONS = {
    ACCEPTED: "Payer",
    DECLINED: "Payer avec une carte refusée",
    DEBIT: "Payer par prélèvement",
    "back": "Retour",
}
PAGE = (
    "<!doctype html><html lang=fr><meta name=viewport content='width=device-width'><title>Stripe</title>"
    "<h1>Page de paiement d’essai</h1><form method=post>"
    + "".join(f"<button name=method value={value}>{label}</button> " for value, label in BUTTONS.items())
    + "</form></html>"
)
REFUSED = PAGE.replace("<form", "<p>Votre carte a été refusée.</p><form")
