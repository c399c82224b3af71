"""What the shop relies on in each gateway that the settings name, and in those of tests."""

import re
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.conf import settings
from django.utils import timezone, translation
from django.utils.module_loading import import_string

from apps.delivery.models import DeliveryMethod
from apps.payments.gateways.base import Gateway, InvalidWebhook, Outcome, PaymentRequest, RefundState, State
from apps.payments.gateways.stripe import Stripe
from apps.payments.models import Payment
from apps.payments.tests.banks import Bank, ByMail, Card, HostedPage, PendingPage
from apps.payments.tests.fixtures import with_stripe  # noqa: F401

pytestmark = pytest.mark.django_db
GATEWAYS = [*map(import_string, settings.PAYMENT_GATEWAYS), Stripe, HostedPage, PendingPage, Card, ByMail]
# Those that move money themselves.
REMOTE = [each for each in GATEWAYS if each.is_remote]
HOSTED = [each for each in REMOTE if not each.needs_instrument]
AMOUNT = Decimal("29.90")
# What providers publish for tests: a card that is accepted at once.
ACCEPTED = "4242424242424242"
SLUG = re.compile(r"[-\w]+", re.ASCII)


@pytest.fixture
def gateway(request, monkeypatch):
    if request.param is Stripe:
        monkeypatch.setattr(Stripe, "bank", request.getfixturevalue("with_stripe"), raising=False)
    elif hasattr(request.param, "bank"):
        monkeypatch.setattr(request.param, "bank", Bank())
    return request.param()


def asked(key: str = "k1") -> PaymentRequest:
    return PaymentRequest(
        key=key,
        amount=AMOUNT,
        order_number="WM-1",
        language="fr",
        return_url="https://boutique.example/retour/",
        instrument=ACCEPTED,
    )


def since() -> datetime:
    return timezone.now() - timedelta(minutes=1)


def captured(gateway, key: str = "k1") -> Outcome:
    """Paid as a shopper would: at once, or on the provider's own page."""
    outcome = gateway.authorise(asked(key))
    if outcome.redirect_url:
        gateway.bank.shopper_pays()
        outcome = gateway.look_up(key=key, reference=outcome.reference)
    if outcome.state == State.AUTHORISED:
        outcome = gateway.capture(key=key, reference=outcome.reference, amount=AMOUNT)
    return outcome


def test_no_two_have_one_code():
    assert len({each.code for each in GATEWAYS}) == len(GATEWAYS)


@pytest.mark.parametrize("gateway", GATEWAYS, indirect=True)
class TestEach:
    def test_presents_itself_in_both_languages(self, gateway):
        assert isinstance(gateway, Gateway)
        # It stands in the URL of its messages.
        assert SLUG.fullmatch(gateway.code)
        assert len(gateway.code) <= Payment._meta.get_field("gateway").max_length
        for language in ("fr", "en"):
            with translation.override(language):
                assert gateway.name
                assert gateway.description
        assert gateway.hold is None or gateway.hold > timedelta(0)
        assert any(map(gateway.offered_for, DeliveryMethod.Kind))

    def test_a_repeat_with_the_same_key_gets_the_first_answer(self, gateway):
        assert gateway.authorise(asked()) == gateway.authorise(asked())

    def test_a_key_it_has_never_seen_is_pending(self, gateway):
        assert gateway.look_up(key="unknown") == Outcome(State.PENDING)
        assert gateway.look_up(key="unknown", since=since()) == Outcome(State.PENDING)

    def test_a_key_given_up_before_it_arrived_brings_no_money(self, gateway):
        assert gateway.cancel(key="k1", reference="").state == State.CANCELLED
        outcome = gateway.authorise(asked())
        assert outcome.state not in (State.AUTHORISED, State.CAPTURED)
        assert not outcome.redirect_url

    @pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"\xff", b'{"id": "1", "key": "k1", "payment": "k1"}'])
    def test_believes_no_message_without_a_signature(self, gateway, body):
        with pytest.raises(InvalidWebhook):
            gateway.parse_webhook(headers={}, body=body)


@pytest.mark.parametrize("gateway", REMOTE, indirect=True)
class TestThatMovesMoney:
    def test_says_what_it_captured(self, gateway):
        outcome = captured(gateway)
        assert (outcome.state, outcome.amount) == (State.CAPTURED, AMOUNT)
        assert outcome.reference
        assert gateway.look_up(key="k1", reference=outcome.reference) == outcome

    def test_finds_by_its_key_what_became_of_a_lost_answer(self, gateway):
        outcome = captured(gateway)
        assert gateway.look_up(key="k1", since=since()) == outcome
        assert gateway.cancel(key="k1", reference="", since=since()).state == State.CAPTURED

    def test_does_not_give_up_what_it_captured(self, gateway):
        outcome = captured(gateway)
        assert gateway.cancel(key="k1", reference=outcome.reference).state == State.CAPTURED

    def test_refunds_once_for_each_key(self, gateway):
        reference = captured(gateway).reference
        first = gateway.refund(key="r1", reference=reference, amount=Decimal("20"))
        assert first.state == RefundState.DONE
        assert gateway.refund(key="r1", reference=reference, amount=Decimal("20")) == first

    def test_refunds_no_more_than_it_captured(self, gateway):
        reference = captured(gateway).reference
        gateway.refund(key="r1", reference=reference, amount=Decimal("20"))
        gateway.refund(key="r1", reference=reference, amount=Decimal("20"))
        assert gateway.refund(key="r2", reference=reference, amount=Decimal("9.90")).state == RefundState.DONE
        assert gateway.refund(key="r3", reference=reference, amount=Decimal("0.01")).state == RefundState.FAILED


@pytest.mark.parametrize("gateway", HOSTED, indirect=True)
def test_a_hosted_page_says_where_to_pay_until_it_is_paid(gateway):
    assert gateway.authorise(asked()).redirect_url.startswith(("https://", "http://127.0.0.1"))
    assert not captured(gateway).redirect_url
