"""A second opinion: localstripe, which others wrote, on what it knows of (no pages, no idempotency keys)."""

import socket
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from decimal import Decimal

import pytest

from apps.payments.gateways.base import RefundState, State
from apps.payments.gateways.stripe import Stripe, client

pytestmark = [pytest.mark.django_db, pytest.mark.either_database]


@pytest.fixture(scope="module")
def localstripe():
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "localstripe", "--from-scratch", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:  # noqa: S603
        try:
            _wait_for(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _wait_for(port: int, process: subprocess.Popen) -> None:
    limit = time.monotonic() + 60
    while time.monotonic() < limit and process.poll() is None:
        with closing(socket.socket()) as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("localstripe does not answer")


@pytest.fixture
def api(localstripe, settings, monkeypatch):
    settings.STRIPE = replace(settings.STRIPE, secret="sk_test_local")
    monkeypatch.setattr(client, "API", localstripe)
    return client.client().v1


def intent(api, number: str = "4242424242424242"):
    card = {"number": number, "exp_month": 12, "exp_year": 2040, "cvc": "123"}
    method = api.payment_methods.create({"type": "card", "card": card})
    asked = {"amount": 2990, "currency": "eur", "payment_method": method.id, "capture_method": "manual"}
    return api.payment_intents.create({**asked, "confirm": True})


def test_an_authorisation_is_found_and_let_go(api):
    held = intent(api)
    assert Stripe().look_up(key="", reference=held.id).state == State.AUTHORISED
    assert Stripe().cancel(key="", reference=held.id).state == State.CANCELLED
    assert Stripe().cancel(key="", reference=held.id).state == State.CANCELLED


def test_3d_secure_is_the_pages_to_finish(api):
    challenge = intent(api, "4000002500003155")
    asked = Stripe().look_up(key="", reference=challenge.id)
    assert (asked.state, asked.challenge) == (State.CHALLENGED, challenge.client_secret)


def test_a_refund_is_found_by_its_key(api):
    held = intent(api)
    api.payment_intents.capture(held.id)
    first = Stripe().refund(key="r1", reference=held.id, amount=Decimal("10"))
    assert first.state == RefundState.DONE
    assert Stripe().refund(key="r1", reference=held.id, amount=Decimal("10")) == first
    assert Stripe().refund(key="r2", reference=held.id, amount=Decimal("10")) != first
