"""The same steps against the stand-in and, with a key, against a test account of Stripe's:

    STRIPE_TEST_KEY=rk_test_… .venv/bin/pytest apps/payments/tests/test_stripe_account.py

The key is a restricted one of the test mode; docs/payments.md lists its rights. Nothing is charged there.
"""

import os
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from secrets import token_hex

import pytest
from django.utils import timezone

from apps.payments.gateways.base import PaymentRequest, RefundState, State
from apps.payments.gateways.stripe import Stripe
from apps.payments.tests.fixtures import with_stripe  # noqa: F401
from apps.payments.tests.stripe_api import ACCEPTED, CHALLENGED, DECLINED

pytestmark = [pytest.mark.django_db, pytest.mark.either_database]
KEY = os.environ.get("STRIPE_TEST_KEY", "")
AMOUNT = Decimal("29.90")


@pytest.fixture(
    params=[
        "stand-in",
        # Without an account it is left out, not skipped: a green run has no skipped test.
        *(["account"] if KEY else []),
    ]
)
def bank(request, settings) -> Stripe:
    if request.param == "stand-in":
        request.getfixturevalue("with_stripe")
    else:
        assert "_test_" in KEY, "a key of the test mode"
        settings.STRIPE = replace(settings.STRIPE, secret=KEY)
    return Stripe()


def asked(instrument: str = "") -> PaymentRequest:
    return PaymentRequest(
        key=token_hex(16),
        amount=AMOUNT,
        order_number="WM-TEST",
        language="fr",
        return_url="https://boutique.example/retour/",
        instrument=instrument,
        email="camille@example.com",
    )


def test_a_card_is_authorised_captured_and_given_back_in_parts(bank):
    began, request = timezone.now(), asked(ACCEPTED)
    held = bank.authorise(request)
    assert held.state == State.AUTHORISED
    assert bank.authorise(request) == held
    assert bank.look_up(key=request.key, since=began - timedelta(minutes=1)) == held
    paid = bank.capture(key=request.key, reference=held.reference, amount=AMOUNT)
    assert (paid.state, paid.amount) == (State.CAPTURED, AMOUNT)
    assert bank.cancel(key=request.key, reference=held.reference) == paid
    first = bank.refund(key=f"{request.key}-1", reference=held.reference, amount=Decimal("20"))
    assert first.state == RefundState.DONE
    assert bank.refund(key=f"{request.key}-1", reference=held.reference, amount=Decimal("20")) == first
    assert bank.refund(key=f"{request.key}-2", reference=held.reference, amount=Decimal("9.90")).state == first.state
    refused = bank.refund(key=f"{request.key}-3", reference=held.reference, amount=Decimal("0.01"))
    assert refused.state == RefundState.FAILED


def test_an_authorisation_is_let_go(bank):
    request = asked(ACCEPTED)
    held = bank.authorise(request)
    assert bank.cancel(key=request.key, reference=held.reference).state == State.CANCELLED


def test_a_refused_card_is_refused_again(bank):
    request = asked(DECLINED)
    refused = bank.authorise(request)
    assert (refused.state, bool(refused.decline_reason)) == (State.DECLINED, True)
    assert bank.authorise(request) == refused


def test_3d_secure_leads_to_the_banks_page(bank):
    request = asked(CHALLENGED)
    challenge = bank.authorise(request)
    assert challenge.state == State.CHALLENGED
    assert challenge.redirect_url
    assert bank.cancel(key=request.key, reference=challenge.reference).state == State.CANCELLED


def test_stripes_page_is_opened_once_and_closed(bank):
    began, request = timezone.now(), asked()
    page = bank.authorise(request)
    assert (page.state, page.redirect_url.startswith("http")) == (State.CHALLENGED, True)
    assert bank.authorise(replace(request, language="en")) == page
    assert bank.look_up(key=request.key, since=began - timedelta(minutes=1)) == page
    assert bank.cancel(key=request.key, reference=page.reference).state == State.CANCELLED


def test_a_key_that_was_given_up_makes_nothing(bank):
    request = asked(ACCEPTED)
    assert bank.cancel(key=request.key, reference="", since=timezone.now()).state == State.CANCELLED
    assert bank.authorise(request).state == State.CANCELLED
