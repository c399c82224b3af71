"""Gateways with a hosted payment page: redirect to the provider, payment, return."""

import json
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from django.test import Client

from apps.checkout.services import check_books
from apps.orders.emails import OrderEmail, emails_about
from apps.orders.models import Order
from apps.payments.gateways.base import State
from apps.payments.models import Payment
from apps.payments.tests.banks import HostedPage, PendingPage, signature
from apps.storefront.tests.purchase import buy, path_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("delivery_methods")]


@pytest.fixture(params=[HostedPage, PendingPage])
def gateway(request):
    return request.param


@pytest.fixture
def bank(with_bank, gateway):
    return with_bank(gateway)


@pytest.fixture
def order(client, variant, bank, gateway) -> Order:
    buy(client, variant.sku, payment_method=gateway.code)
    return Order.objects.get()


@pytest.fixture
def page(order) -> str:
    return f"/paiement/{order.access_token}/"


def start(client, page, gateway):
    return client.post(page, {"method": gateway.code})


def message(bank, event="evt_1"):
    body = json.dumps({"id": event, "key": bank.only_session().request.key}).encode()
    return {"data": body, "content_type": "application/json", "headers": {"X-Bank-Signature": signature(body)}}


def state(order) -> str:
    order.refresh_from_db()
    return order.status


def test_the_page_asks_for_no_card_and_leads_away(client, order, page, bank, gateway):
    html = client.get(page).content.decode()
    assert 'name="instrument"' not in html
    assert f'name="method" value="{gateway.code}"' in html
    answer = start(client, page, gateway)
    key = bank.only_session().request.key
    assert (answer.status_code, answer["Location"]) == (303, f"https://pay.example/{key}")
    assert bank.only_session().request.amount == order.total


def test_the_way_back_is_the_shops_own_address_whatever_host_was_asked(client, order, page, bank, gateway, settings):
    settings.SITE_URL, settings.ALLOWED_HOSTS = "https://boutique.example", ["*"]
    client.post(page, {"method": gateway.code}, headers={"Host": "autre.example:6666"})
    assert bank.only_session().request.return_url == f"https://boutique.example{page}retour/"


def test_paying_there_confirms_on_return_however_often(client, order, page, bank, gateway):
    start(client, page, gateway)
    back = urlsplit(bank.shopper_pays().request.return_url).path
    for visitor in (client, client, Client()):
        assert path_of(visitor.get(back)) == f"/commande/merci/{order.access_token}/"
    assert state(order) == Order.Status.CONFIRMED
    assert order.events.filter(to_status=Order.Status.CONFIRMED).count() == 1
    assert check_books() == []


def test_coming_back_unpaid_leads_to_the_payment_and_on_to_the_same_page(client, order, page, bank, gateway):
    first = start(client, page, gateway)["Location"]
    assert path_of(client.get(f"{page}retour/")) == page
    assert "Rien n’a été débité" not in client.get(page).content.decode()
    assert start(client, page, gateway)["Location"] == first
    assert len(bank.sessions) == 1
    assert state(order) == Order.Status.AWAITING_PAYMENT


def test_coming_back_before_the_bank_knows_is_told_as_not_known(client, order, page, bank, gateway):
    """Paid there, and the provider still at it: nobody is asked to pay as if nothing had been."""
    start(client, page, gateway)
    bank.only_session().state = State.AUTHORISED if gateway is HostedPage else State.PENDING
    bank.silent = gateway is HostedPage
    html = client.get(f"{page}retour/", follow=True).content.decode()
    assert "Nous ne savons pas encore si le paiement a abouti" in html
    assert f'href="{page}retour/"' in html


@pytest.mark.parametrize("off_by", ["-1.00", "1.00", "-0.01"])
def test_another_amount_than_asked_goes_back_and_the_order_waits(client, order, page, bank, gateway, off_by):
    start(client, page, gateway)
    session = bank.shopper_pays()
    session.captured = order.total + Decimal(off_by)
    assert path_of(client.get(f"{page}retour/")) == page
    assert session.refunded == session.captured
    assert state(order) == Order.Status.AWAITING_PAYMENT
    assert emails_about(order).filter(kind=OrderEmail.REFUNDED).count() == 1
    html = client.get(page).content.decode()
    assert "n’a pas encaissé le montant de la commande" in html
    assert "Rien n’a été débité" not in html
    assert check_books() == []
    start(client, page, gateway)
    [again] = [each for each in bank.sessions.values() if each is not session]
    again.state = State.CAPTURED
    assert path_of(client.get(f"{page}retour/")) == f"/commande/merci/{order.access_token}/"
    assert state(order) == Order.Status.CONFIRMED
    assert check_books() == []


def test_the_banks_message_may_come_before_the_shopper(client, order, page, bank, gateway):
    start(client, page, gateway)
    bank.shopper_pays()
    for _repeat in range(2):
        answer = Client(enforce_csrf_checks=True).post(f"/paiement/notification/{gateway.code}/", **message(bank))
        assert answer.status_code == 204
    assert state(order) == Order.Status.CONFIRMED
    assert path_of(client.get(f"{page}retour/")) == f"/commande/merci/{order.access_token}/"
    assert check_books() == []


def test_returning_without_having_started(client, order, page, bank):
    assert path_of(client.get(f"{page}retour/")) == page


def test_a_transfer_instead_gives_the_page_up(client, order, page, bank, gateway):
    start(client, page, gateway)
    assert path_of(client.post(page, {"method": "bank_transfer"})) == f"/commande/merci/{order.access_token}/"
    assert bank.only_session().state == "CANCELLED"
    order.refresh_from_db()
    assert order.payment_method == "bank_transfer"


def test_paid_there_while_choosing_a_transfer_the_money_wins(client, order, page, bank, gateway):
    start(client, page, gateway)
    bank.shopper_pays()
    assert path_of(client.post(page, {"method": "bank_transfer"})) == f"/commande/merci/{order.access_token}/"
    order.refresh_from_db()
    assert (order.status, order.payment_method) == (Order.Status.CONFIRMED, gateway.code)
    assert Payment.objects.count() == 1
    assert check_books() == []


def test_from_a_transfer_one_may_turn_to_the_page(client, variant, bank, gateway):
    buy(client, variant.sku, payment_method="bank_transfer")
    order = Order.objects.get()
    answer = start(client, f"/paiement/{order.access_token}/", gateway)
    assert answer["Location"].startswith("https://pay.example/")


def test_a_silent_provider_is_told_as_not_known(client, order, page, bank, gateway):
    bank.silent = True
    answer = start(client, page, gateway)
    assert answer.status_code == 503
    assert "Nous ne savons pas encore" in answer.content.decode()
