"""Stripe as the shop asks it, against a stand-in that refuses what Stripe refuses."""

import ast
import inspect
import typing
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
import stripe
from django.utils import timezone

from apps.common.tests.races import race
from apps.payments.checks import card_capture_is_one_of_two, hosted_pages_are_named, keys_of_stripe_are_whole
from apps.payments.gateways.base import GatewayError, InvalidWebhook, Outcome, PaymentRequest, RefundState, State
from apps.payments.gateways.stripe import Stripe, books, client, gateway, objects
from apps.payments.tests.fixtures import with_stripe  # noqa: F401
from apps.payments.tests.stripe_api import (
    ACCEPTED,
    CHALLENGED,
    DEBIT,
    DECLINED,
    OBJECTS,
    StripeApi,
    sign,
)

pytestmark = [pytest.mark.django_db, pytest.mark.either_database]
SESSIONS, INTENTS, REFUNDS = "/v1/checkout/sessions", "/v1/payment_intents", "/v1/refunds"
AMOUNT = Decimal("29.90")


@pytest.fixture
def api(with_stripe) -> StripeApi:  # noqa: F811
    return with_stripe


@pytest.fixture
def bank(api) -> Stripe:
    return Stripe()


def asked(instrument: str = "", **changes) -> PaymentRequest:
    first = PaymentRequest(
        key="k1",
        amount=AMOUNT,
        order_number="WM-1",
        language="fr",
        return_url="https://boutique.example/retour/",
        instrument=instrument,
        email="camille@exemple.fr",
    )
    return replace(first, **changes)


def lately():
    return timezone.now() - timedelta(minutes=1)


def state(bank, first: Outcome) -> Outcome:
    return bank.look_up(key="k1", reference=first.reference)


class TestOnStripesPage:
    def test_a_card_is_authorised_there_and_captured_by_us(self, bank, api):
        page = bank.authorise(asked())
        assert (page.state, page.redirect_url) == (State.CHALLENGED, api.only_session()["url"])
        assert api.only_session()["amount_total"] == 2990
        api.pay()
        held = state(bank, page)
        assert (held.state, held.amount) == (State.AUTHORISED, None)
        taken = bank.capture(key="k1", reference=held.reference, amount=AMOUNT)
        assert (taken.state, taken.amount) == (State.CAPTURED, AMOUNT)
        assert bank.capture(key="k1", reference=held.reference, amount=AMOUNT) == taken

    def test_a_refused_card_leaves_the_page_open(self, bank, api):
        page = bank.authorise(asked())
        api.pay(method=DECLINED)
        assert state(bank, page) == page

    @pytest.mark.parametrize(("accepted", "end"), [(True, State.CAPTURED), (False, State.DECLINED)])
    def test_a_debit_is_at_the_bank_for_days(self, bank, api, accepted, end):
        page = bank.authorise(asked())
        session = api.pay(method=DEBIT)
        waiting = state(bank, page)
        assert waiting.state == State.PROCESSING
        assert waiting.settles_within > timedelta(days=20)
        assert bank.cancel(key="k1", reference=page.reference).state == State.PROCESSING
        api.settle(api.intent_of(session), accepted=accepted)
        assert state(bank, page).state == end

    def test_a_page_that_gave_instructions_waits_for_the_bank(self, bank, api):
        page = bank.authorise(asked())
        session = api.pay(method=DEBIT)
        api.intent_of(session)["status"] = "requires_action"
        assert state(bank, page).state == State.PROCESSING

    def test_given_up_it_cannot_be_paid_any_more(self, bank, api):
        page = bank.authorise(asked())
        assert bank.cancel(key="k1", reference=page.reference).state == State.CANCELLED
        assert api.pay(api.only_session())["status"] == "expired"
        assert bank.cancel(key="k1", reference=page.reference).state == State.CANCELLED
        assert bank.authorise(asked()).state == State.CANCELLED

    def test_given_up_after_it_was_paid_lets_the_money_go(self, bank, api):
        page = bank.authorise(asked())
        session = api.pay()
        assert bank.cancel(key="k1", reference=page.reference).state == State.CANCELLED
        assert api.intent_of(session)["status"] == "canceled"

    def test_nothing_but_what_the_payment_needs_is_passed_on(self, bank, api):
        bank.authorise(asked("4242424242424242"))
        [(_method, path, sent)] = api.calls
        assert path == SESSIONS
        assert "4242" not in str(sent)
        assert sent["customer_email"] == "camille@exemple.fr"


class TestOnOurPage:
    @pytest.mark.parametrize("token", [ACCEPTED, f"ctoken_{ACCEPTED}"])
    def test_a_card_is_authorised_at_once(self, bank, api, token):
        held = bank.authorise(asked(token))
        assert held.state == State.AUTHORISED
        assert bank.capture(key="k1", reference=held.reference, amount=AMOUNT).amount == AMOUNT

    def test_a_refusal_is_told_in_words_that_help(self, bank, api):
        refused = bank.authorise(asked(DECLINED))
        assert refused.state == State.DECLINED
        assert "solde" in refused.decline_reason
        assert bank.look_up(key="k1", since=lately()) == refused
        assert bank.authorise(asked(DECLINED)) == refused

    @pytest.mark.parametrize(("accepted", "end"), [(True, State.AUTHORISED), (False, State.DECLINED)])
    def test_3d_secure_leads_to_the_bank_and_back(self, bank, api, accepted, end):
        challenge = bank.authorise(asked(CHALLENGED))
        assert (challenge.state, bool(challenge.redirect_url)) == (State.CHALLENGED, True)
        [intent] = api.intents.values()
        api.authenticate(intent, accepted=accepted)
        assert state(bank, challenge).state == end
        # A repeat gets the state of today, not the answer of then.
        assert bank.authorise(asked(CHALLENGED)).state == end

    def test_3d_secure_in_stripes_script_is_passed_on_to_the_page(self, bank, api):
        challenge = bank.authorise(asked(f"ctoken_{CHALLENGED}"))
        [intent] = api.intents.values()
        assert (challenge.state, challenge.redirect_url) == (State.CHALLENGED, "")
        assert challenge.challenge == intent["client_secret"]
        assert intent["client_secret"] not in repr(challenge)

    def test_one_key_makes_one_payment_whichever_form_comes_second(self, bank, api):
        held = bank.authorise(asked(ACCEPTED))
        assert bank.authorise(asked()) == held
        assert (len(api.intents), len(api.sessions)) == (1, 0)


class TestALostAnswer:
    @pytest.mark.parametrize(("token", "path"), [("", SESSIONS), (ACCEPTED, INTENTS)])
    def test_is_found_again_by_the_key(self, bank, api, token, path):
        # The package repeats a request once by itself.
        api.losing = [path, path]
        with pytest.raises(GatewayError):
            bank.authorise(asked(token))
        found = bank.look_up(key="k1", since=lately())
        assert found.state in (State.CHALLENGED, State.AUTHORISED)
        assert found.reference
        assert bank.authorise(asked(token)) == found
        assert len(api.sessions) + len(api.intents) == 1

    def test_is_found_among_hundreds(self, bank, api):
        api.losing = [SESSIONS, SESSIONS]
        with pytest.raises(GatewayError):
            bank.authorise(asked())
        [first] = api.sessions.values()
        for number in range(250):
            api.sessions[f"cs_other_{number}"] = {**first, "id": f"cs_other_{number}", "client_reference_id": "k2"}
        assert bank.look_up(key="k1", since=lately()).reference == first["id"]

    def test_a_repeat_in_another_language_gets_the_first_page(self, bank, api):
        first = bank.authorise(asked())
        other = asked(language="en", return_url="https://boutique.example/en/back/")
        assert bank.authorise(other) == first
        assert len(api.sessions) == 1

    def test_that_is_given_up_can_never_be_paid(self, bank, api):
        api.losing = [SESSIONS, SESSIONS]
        with pytest.raises(GatewayError):
            bank.authorise(asked())
        assert bank.cancel(key="k1", reference="", since=lately()).state == State.CANCELLED
        assert api.pay(api.only_session())["status"] == "expired"

    def test_a_request_that_arrives_after_it_was_given_up_makes_nothing(self, bank, api):
        assert bank.cancel(key="k1", reference="", since=lately()).state == State.CANCELLED
        for token in ("", ACCEPTED):
            assert bank.authorise(asked(token)).state == State.CANCELLED
        assert bank.look_up(key="k1", since=lately()).state == State.CANCELLED
        assert [each["mode"] for each in api.sessions.values()] == ["setup"]
        assert api.intents == {}

    def test_ten_at_once_make_one_payment(self, bank, api):
        api.slow = 0.02
        results = race(*[partial(bank.authorise, asked(ACCEPTED))] * 10)
        assert {type(each) for each in results} <= {Outcome, GatewayError}
        assert len(api.intents) == 1
        assert bank.look_up(key="k1", since=lately()).state == State.AUTHORISED


class TestRefunds:
    @pytest.fixture
    def paid(self, bank, api) -> str:
        held = bank.authorise(asked(ACCEPTED))
        return bank.capture(key="k1", reference=held.reference, amount=AMOUNT).reference

    def test_a_lost_answer_is_found_again(self, bank, api, paid):
        api.losing = [REFUNDS] * 2
        with pytest.raises(GatewayError):
            bank.refund(key="r1", reference=paid, amount=Decimal("10"))
        api.losing = []
        assert bank.refund(key="r1", reference=paid, amount=Decimal("10")).state == RefundState.DONE
        assert len(api.refunds) == 1

    def test_is_not_made_twice_after_stripe_has_forgotten_the_key(self, bank, api, paid):
        first = bank.refund(key="r1", reference=paid, amount=Decimal("10"))
        api._keys.clear()
        assert bank.refund(key="r1", reference=paid, amount=Decimal("10")) == first
        assert len(api.refunds) == 1

    def test_what_the_bank_sends_back_has_failed(self, bank, api, paid):
        bank.refund(key="r1", reference=paid, amount=Decimal("10"))
        [theirs] = api.refunds.values()
        theirs.update(status="failed", failure_reason="expired_or_canceled_card")
        again = bank.refund(key="r1", reference=paid, amount=Decimal("10"))
        assert (again.state, again.reason) == (RefundState.FAILED, "expired_or_canceled_card")

    def test_of_a_debit_takes_time(self, bank, api):
        bank.authorise(asked())
        session = api.pay(method=DEBIT)
        api.settle(api.intent_of(session))
        again = bank.refund(key="r1", reference=session["payment_intent"], amount=AMOUNT)
        assert again.state == RefundState.PENDING

    def test_more_than_is_left_is_refused_with_stripes_reason(self, bank, api, paid):
        refused = bank.refund(key="r1", reference=paid, amount=Decimal("30"))
        assert refused.state == RefundState.FAILED
        assert "amount_too_large" in refused.reason


class TestBooks:
    @pytest.fixture
    def intent(self, bank, api) -> dict:
        held = bank.authorise(asked(ACCEPTED))
        return api.intents[bank.capture(key="k1", reference=held.reference, amount=AMOUNT).reference]

    def test_a_dispute_says_what_moved_and_until_when_to_answer(self, bank, api, intent):
        theirs = api.contest(intent)
        report = bank.dispute(reference=theirs["id"])
        assert (report.payment, report.state, report.is_inquiry) == (intent["id"], "NEEDS_RESPONSE", False)
        assert [(each.amount, each.fee) for each in report.movements] == [(-AMOUNT, Decimal("20"))]
        assert report.answer_by > timezone.now() + timedelta(days=8)
        assert bank.disputes(since=lately()) == [report]
        assert bank.disputes(since=timezone.now() + timedelta(minutes=5)) == []

    @pytest.mark.parametrize("status", typing.get_args(typing.get_args(stripe.Dispute.__annotations__["status"])[0]))
    def test_every_status_that_stripe_describes_is_understood(self, bank, api, intent, status):
        theirs = api.contest(intent, status=status)
        report = bank.dispute(reference=theirs["id"])
        assert report.is_inquiry == status.startswith("warning_")
        assert bool(report.movements) != report.is_inquiry

    def test_what_cannot_be_read_holds_up_no_other(self, bank, api, intent):
        api.contest(intent, status="a_status_of_tomorrow")
        theirs = api.contest(intent)
        assert [each.reference for each in bank.disputes(since=lately())] == [theirs["id"]]

    def test_other_currencies_and_unknown_objects_are_another_shops(self, bank, api, intent):
        theirs = api.contest(intent)
        theirs["currency"] = "usd"
        assert bank.dispute(reference=theirs["id"]) is None
        assert bank.dispute(reference="dp_unknown") is None
        assert bank.refund_of(reference="re_unknown") is None

    def test_refunds_differ_by_our_key(self, bank, api, intent):
        bank.refund(key="r1", reference=intent["id"], amount=Decimal("5"))
        theirs = api.refund_in_the_dashboard(intent, 700)
        assert [(each.key, each.amount) for each in bank.refunds(payment=intent["id"])] == [
            ("", Decimal("7")),
            ("r1", Decimal("5")),
        ]
        assert bank.refund_of(reference=theirs["id"]).outcome.state == RefundState.DONE
        assert len(bank.refunds_since(since=lately())) == 2

    def test_a_payout_is_the_sum_of_its_lines(self, bank, api, intent):
        api.refund_in_the_dashboard(intent, 700)
        api.contest(intent, 500)
        payout = api.pay_out()
        [report] = bank.payouts(since=lately())
        lines = list(bank.payout_lines(reference=payout["id"]))
        assert [(each.kind, each.amount) for each in reversed(lines)] == [
            ("PAYMENT", AMOUNT),
            ("REFUND", Decimal("-7")),
            ("DISPUTE", Decimal("-5")),
        ]
        assert sum(each.net for each in lines) == report.amount
        assert {each.payment for each in lines} == {intent["id"]}
        assert report.is_itemised

    def test_hundreds_of_lines_come_in_pages(self, bank, api, intent):
        for _number in range(250):
            api._line(100, 1, source={"id": "ch_x", "object": "charge"}, sort="charge", category="charge")
        payout = api.pay_out()
        assert len(list(bank.payout_lines(reference=payout["id"]))) == 251

    def test_one_by_hand_has_no_lines(self, bank, api, intent):
        api.pay_out().update(automatic=False, reconciliation_status="not_applicable")
        [report] = bank.payouts(since=lately())
        assert not report.is_itemised
        with pytest.raises(GatewayError):
            list(bank.payout_lines(reference=report.reference))


class TestMessages:
    def test_names_the_payment_and_keeps_nothing_about_people(self, bank, api):
        bank.authorise(asked())
        session = api.pay()
        headers, body = api.message("checkout.session.completed", session)
        assert b"example@example.com" in body
        read = bank.parse_webhook(headers=headers, body=body)
        assert (read.payment_key, read.reference) == ("k1", session["id"])
        assert "@" not in str(read.payload)
        assert read.payload["type"] == "checkout.session.completed"

    @pytest.mark.parametrize("kind", ["charge", "dispute", "refund"])
    def test_about_money_names_the_payment_by_its_intent(self, bank, api, kind):
        about = OBJECTS[kind] | {"payment_intent": "pi_7", "metadata": {"refund": "r1"} if kind == "refund" else {}}
        headers, body = api.message(f"{kind}.updated", about)
        read = bank.parse_webhook(headers=headers, body=body)
        assert (read.payment_key, read.reference) == ("", "pi_7")
        assert read.refund_key == ("r1" if kind == "refund" else "")
        assert bool(read.dispute) == (kind == "dispute")
        assert read.is_about_refunds == (kind == "refund")

    def test_about_something_else_is_believed_and_about_nothing(self, bank, api):
        headers, body = api.message("payout.paid", OBJECTS["payout"])
        read = bank.parse_webhook(headers=headers, body=body)
        assert (read.payment_key, read.reference, read.refund_key) == ("", "", "")

    def test_without_stripes_present_signature_is_not_believed(self, bank, api):
        _headers, body = api.message("payout.paid", OBJECTS["payout"])
        long_ago = timezone.now().timestamp() - 600
        for signature in (sign(body + b" "), sign(body, secret="whsec_other"), sign(body, at=long_ago), "t=1,v1=é", ""):
            with pytest.raises(InvalidWebhook):
                bank.parse_webhook(headers={"Stripe-Signature": signature}, body=body)
        for broken in (b"", b"[]", b"{}", b"\xff", b'{"id": "evt_1", "data": {"object": 1}}'):
            with pytest.raises(InvalidWebhook):
                bank.parse_webhook(headers={"Stripe-Signature": sign(broken.replace(b"\xff", b""))}, body=broken)


class TestRefusals:
    def test_silence_leaves_the_result_unknown(self, bank, api):
        api.silent = True
        for ask in (
            partial(bank.authorise, asked()),
            partial(bank.look_up, key="k1", reference="pi_1"),
            partial(bank.cancel, key="k1", reference="", since=lately()),
            partial(bank.capture, key="k1", reference="pi_1", amount=AMOUNT),
            partial(bank.refund, key="r1", reference="pi_1", amount=AMOUNT),
            partial(bank.dispute, reference="dp_1"),
            partial(bank.disputes, since=lately()),
            partial(bank.refund_of, reference="re_1"),
            partial(bank.refunds, payment="pi_1"),
            partial(bank.refunds_since, since=lately()),
            partial(bank.payouts, since=lately()),
            lambda: list(bank.payout_lines(reference="po_1")),
        ):
            with pytest.raises(GatewayError):
                ask()

    def test_a_key_that_stripe_does_not_take_leaves_it_unknown(self, bank, api, settings):
        settings.STRIPE = replace(settings.STRIPE, secret="rk_test_other")
        with pytest.raises(GatewayError):
            bank.authorise(asked())

    def test_what_stripe_refuses_to_begin_is_declined(self, bank, api):
        small = bank.authorise(asked(amount=Decimal("0.20")))
        assert (small.state, small.reference) == (State.DECLINED, "")
        assert bank.authorise(asked("pm_unknown", key="k2")).state == State.DECLINED


def test_the_pinned_version_is_the_packages_own():
    """A newer package is taken together with its version, after reading what changed."""
    from stripe._api_version import _ApiVersion

    assert client.API_VERSION == _ApiVersion.CURRENT


READ = {
    "session": ("checkout.session", stripe.checkout.Session),
    "intent": ("payment_intent", stripe.PaymentIntent),
    "refund": ("refund", stripe.Refund),
    "each": ("refund", stripe.Refund),
    "answer": ("payment_intent", stripe.PaymentIntent),
    "dispute": ("dispute", stripe.Dispute),
    "details": (None, stripe.Dispute.EvidenceDetails),
    "payout": ("payout", stripe.Payout),
    "line": ("balance_transaction", stripe.BalanceTransaction),
    "action": (None, stripe.PaymentIntent.NextAction),
}


def test_every_field_that_is_read_is_described_and_published():
    read = set()
    for module in (gateway, objects, books):
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in READ:
                read.add((node.value.id, node.attr))
    read -= {("answer", "last_response")}
    assert {("session", "url"), ("intent", "amount_received"), ("refund", "status"), ("details", "due_by")} <= read
    for name, field in read:
        kind, described = READ[name]
        assert field in described.__annotations__, f"{name}.{field}"
        assert kind is None or field in OBJECTS[kind], f"{name}.{field}"
    for kind, field in (
        ("PaymentIntent.LastPaymentError", "decline_code"),
        ("Refund", "failure_reason"),
        ("Charge", "payment_intent"),
    ):
        described = stripe
        for part in kind.split("."):
            described = getattr(described, part)
        assert field in described.__annotations__


class TestChecks:
    def ids(self, settings, **keys: str) -> list[str]:
        settings.STRIPE = replace(settings.STRIPE, **keys)
        return [each.id.removeprefix("payments.") for each in keys_of_stripe_are_whole()]

    def test_none_and_all_are_right(self, settings, api):
        assert hosted_pages_are_named() == []
        assert self.ids(settings) == []
        assert self.ids(settings, secret="", publishable="", webhook_secret="") == []

    @pytest.mark.parametrize("missing", ["secret", "publishable", "webhook_secret"])
    def test_half_a_set_stops_the_start(self, settings, api, missing):
        assert self.ids(settings, **{missing: ""}) == ["E002"]

    def test_keys_in_each_others_place_stop_the_start(self, settings, api):
        assert self.ids(settings, secret="pk_test_1", publishable="rk_test_1") == ["E002"]

    def test_two_modes_stop_the_start(self, settings, api):
        assert self.ids(settings, publishable="pk_live_1") == ["E003"]

    def test_a_demonstration_charges_no_card(self, settings, api):
        assert self.ids(settings, secret="rk_live_1", publishable="pk_live_1") == ["E004"]
        settings.DEMO = False
        assert self.ids(settings) == []

    def test_a_real_shop_is_warned_of_test_keys_and_of_one_that_may_do_everything(self, settings, api):
        settings.DEMO = False
        assert self.ids(settings) == ["W001"]
        assert self.ids(settings, secret="sk_live_1", publishable="pk_live_1") == ["W002"]

    def test_when_a_card_is_charged_is_one_of_two(self, settings):
        assert card_capture_is_one_of_two() == []
        settings.CARD_CAPTURE = "later"
        assert [each.id for each in card_capture_is_one_of_two()] == ["payments.E005"]

    def test_test_and_live_look_different(self, settings, api):
        assert "test" in Stripe().name
        settings.STRIPE = replace(settings.STRIPE, secret="rk_live_1")
        assert "test" not in Stripe().name
