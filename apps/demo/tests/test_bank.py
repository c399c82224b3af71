from decimal import Decimal

import pytest

from apps.demo.bank import ACCEPTED, CHALLENGED, DECLINED, DemoCard, sign
from apps.demo.models import DemoCharge
from apps.payments.gateways.base import InvalidWebhook, PaymentRequest, RefundState, State

pytestmark = pytest.mark.django_db
bank = DemoCard()


def request(number=ACCEPTED, key="k1", amount="29.90"):
    return PaymentRequest(
        key=key,
        amount=Decimal(amount),
        order_number="WM-1",
        language="fr",
        return_url="/paiement/x/",
        instrument=number,
    )


@pytest.mark.parametrize(
    ("number", "state"),
    [
        ("4242 4242 4242 4242", State.AUTHORISED),
        (DECLINED, State.DECLINED),
        (CHALLENGED, State.CHALLENGED),
        ("1", State.DECLINED),
        ("", State.DECLINED),
    ],
)
def test_answers_by_the_number_of_the_card(number, state):
    outcome = bank.authorise(request(number))
    assert outcome.state == state
    assert bool(outcome.redirect_url) == (state == State.CHALLENGED)
    assert bool(outcome.decline_reason) == (state == State.DECLINED)


def test_keeps_and_shows_no_card_number():
    asked = request()
    bank.authorise(asked)
    assert ACCEPTED not in repr(asked)
    assert ACCEPTED not in str(list(DemoCharge.objects.values()))


def test_a_repeat_with_the_same_key_gets_the_first_answer():
    first = bank.authorise(request(ACCEPTED))
    assert bank.authorise(request(DECLINED)) == first
    assert DemoCharge.objects.count() == 1


def test_a_key_given_up_before_it_arrived_is_never_charged():
    bank.cancel(key="k1", reference="")
    assert bank.authorise(request()).state == State.CANCELLED


def test_captured_money_cannot_be_cancelled_and_is_refunded_once_per_key():
    reference = bank.authorise(request()).reference
    assert bank.capture(key="k1", reference=reference, amount=Decimal("29.90")).state == State.CAPTURED
    assert bank.cancel(key="k1", reference=reference).state == State.CAPTURED
    first = bank.refund(key="r1", reference=reference, amount=Decimal("20"))
    assert first == bank.refund(key="r1", reference=reference, amount=Decimal("20"))
    assert bank.refund(key="r2", reference=reference, amount=Decimal("20")).state == RefundState.FAILED
    assert DemoCharge.objects.get().refunded == Decimal("20")


def test_believes_only_signed_messages():
    body = b'{"id": "1", "payment": "k1"}'
    assert bank.parse_webhook(headers={"X-Demo-Signature": sign(body)}, body=body).payment_key == "k1"
    for headers, text in [({}, body), ({"X-Demo-Signature": sign(b"other")}, body), ({"X-Demo-Signature": "é"}, body)]:
        with pytest.raises(InvalidWebhook):
            bank.parse_webhook(headers=headers, body=text)
    for broken in (b"", b"[]", b"{}", b"\xff"):
        with pytest.raises(InvalidWebhook):
            bank.parse_webhook(headers={"X-Demo-Signature": sign(broken)}, body=broken)
