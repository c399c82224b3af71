import json

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.checkout.tests.factories import placed_order
from apps.demo.bank import CHALLENGED, DemoCard, sign, webhook_body
from apps.demo.models import DemoCharge
from apps.orders.models import Order
from apps.payments.models import WebhookEvent
from apps.payments.services import start_payment
from apps.payments.tests.banks import HostedPage, signature

pytestmark = pytest.mark.django_db


def challenged():
    placed = placed_order(payment="demo_card")
    start_payment(payment=placed.payment, instrument=CHALLENGED, return_url="/retour/", now=timezone.now())
    return placed.order, DemoCharge.objects.get()


def send(body, signature=None, gateway="demo_card"):
    return Client(enforce_csrf_checks=True).post(
        reverse("storefront:webhook", args=[gateway]),
        body,
        content_type="application/json",
        headers={"X-Demo-Signature": sign(body) if signature is None else signature},
    )


def test_a_signed_message_confirms_the_order_however_often_it_comes():
    order, charge = challenged()
    DemoCard().answer_challenge(reference=charge.reference, accepted=True)
    charge.refresh_from_db()
    for _repeat in range(2):
        assert send(webhook_body(charge)).status_code == 204
    order.refresh_from_db()
    assert order.status == Order.Status.CONFIRMED


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\x00", b'{"id": "1"}', b"[1]"])
def test_refuses_what_it_cannot_read(body):
    assert send(body).status_code == 400


ODD_TEXTS = [None, 1, 1.5, True, [], {}, "", "\ud800", "a\x00b", "a\nb", ["x"] * 3]


@pytest.mark.parametrize("gateway", ["demo_card", "hosted"])
@pytest.mark.parametrize(
    "body",
    [
        *(json.dumps({"id": odd, "payment": "k", "key": "k"}).encode() for odd in [*ODD_TEXTS, "x" * 121]),
        *(json.dumps({"id": "1", "payment": odd, "key": odd}).encode() for odd in [*ODD_TEXTS, "x" * 65]),
        b"[" * 100_000,
        b'{"id": "1", "payment": "k", "key": "k", "more": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"id": "1", "payment": "k", "key": "k", "more": ' + b"[" * 200 + b"]" * 200 + b"}",
        b'{"id": "1", "payment": "k", "key": "k", "more": NaN}',
        b'{"id": "1", "payment": "k", "key": "k", "more": -' + b"9" * 400 + b"}",
        b'{"id": "1", "payment": "k", "key": "k", "more": -Infinity}',
        b'{"id": "1", "payment": "k", "key": "k", "more": 1e999}',
        b'{"id": "1", "payment": "k", "key": "k", "more": "\\ud83e"}',
        b'{"id": "1", "payment": "k", "key": "k", "\\udc00": 1}',
        b"null",
        b'"text"',
    ],
)
def test_refuses_signed_messages_that_no_column_holds(with_bank, gateway, body):
    with_bank(HostedPage)
    if gateway == "hosted":
        answer = Client().post(
            "/paiement/notification/hosted/",
            body,
            content_type="application/json",
            headers={"X-Bank-Signature": signature(body)},
        )
    else:
        answer = send(body)
    assert answer.status_code == 400
    assert not WebhookEvent.objects.exists()


def test_keeps_the_longest_message_that_fits():
    body = json.dumps({"id": "x" * 120, "payment": "é" * 64, "more": {"n": [1, None, "🧀"]}}).encode()
    assert send(body).status_code == 204
    assert WebhookEvent.objects.get().payload["more"] == {"n": [1, None, "🧀"]}


def test_refuses_what_is_not_signed_by_the_bank():
    order, charge = challenged()
    DemoCard().answer_challenge(reference=charge.reference, accepted=True)
    assert send(webhook_body(charge), signature="forged").status_code == 400
    order.refresh_from_db()
    assert order.status == Order.Status.AWAITING_PAYMENT


def test_unknown_gateways_and_payments():
    body = b'{"id": "1", "payment": "nobody"}'
    assert send(body, gateway="nothing").status_code == 404
    assert send(body, gateway="bank_transfer").status_code == 404
    assert send(body).status_code == 204


@pytest.mark.parametrize(("answer", "status"), [("accept", "CONFIRMED"), ("refuse", "AWAITING_PAYMENT")])
def test_the_demonstration_bank_asks_and_sends_the_shopper_back(client, answer, status):
    order, charge = challenged()
    url = reverse("demo:bank", args=[charge.reference])
    assert "Accepter le paiement" in client.get(url).content.decode()
    for _repeat in range(2):
        response = client.post(url, {"answer": answer}, headers={"Sec-Fetch-Site": "same-origin"})
        assert response.url == "/retour/"
    assert client.get(url).url == "/retour/"
    order.refresh_from_db()
    assert order.status == status
