from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.template.loader import get_template
from django.test import Client
from django.utils import timezone

from apps.catalogue.models import Stock
from apps.checkout.tests.factories import placed_order
from apps.demo.bank import ACCEPTED, CHALLENGED, DECLINED
from apps.demo.models import DemoCharge
from apps.orders.models import Order
from apps.orders.services import expire_unpaid
from apps.payments import gateways
from apps.payments.models import Payment
from apps.storefront.tests.purchase import buy, path_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("delivery_methods")]


@pytest.fixture
def order(client, variant) -> Order:
    """Ordered by a guest, to be paid by card."""
    buy(client, variant.sku, payment_method="demo_card")
    return Order.objects.get()


@pytest.fixture
def page(order) -> str:
    return f"/paiement/{order.access_token}/"


def pay(client: Client, page: str, card: str):
    return client.post(page, {"instrument": card, "method": "demo_card"})


def status(order: Order) -> str:
    order.refresh_from_db()
    return order.status


def test_says_that_no_money_moves(client, page):
    content = client.get(page).content.decode()
    assert "Démonstration" in content
    assert "17,40" in content


def test_an_accepted_card_confirms_the_order(client, order, page):
    assert path_of(pay(client, page, ACCEPTED)) == f"/commande/merci/{order.access_token}/"
    assert status(order) == Order.Status.CONFIRMED
    assert order.paid_at


def test_a_declined_card_is_told_and_another_may_be_tried(client, order, page):
    assert path_of(pay(client, page, DECLINED)) == page
    assert 'role="alert"' in client.get(page).content.decode()
    assert status(order) == Order.Status.AWAITING_PAYMENT
    assert Stock.objects.get().reserved == 1
    pay(client, page, ACCEPTED)
    assert status(order) == Order.Status.CONFIRMED
    assert Payment.objects.captured().count() == 1


class TestThe3DSecurePage:
    @pytest.fixture
    def bank(self, client, page) -> str:
        return path_of(pay(client, page, CHALLENGED))

    def test_asks_before_anything_is_taken(self, client, order, bank):
        assert "Démonstration" in client.get(bank).content.decode()
        assert status(order) == Order.Status.AWAITING_PAYMENT

    def test_accepting_confirms_the_order(self, client, order, bank):
        back = client.post(bank, {"answer": "accept"})
        answer = client.get(urlsplit(back["Location"]).path)
        assert path_of(answer) == f"/commande/merci/{order.access_token}/"
        assert status(order) == Order.Status.CONFIRMED

    def test_refusing_leads_back_to_the_payment(self, client, order, page, bank):
        back = client.post(bank, {"answer": "refuse"})
        assert path_of(client.get(urlsplit(back["Location"]).path)) == page
        assert 'role="alert"' in client.get(page).content.decode()
        assert status(order) == Order.Status.AWAITING_PAYMENT

    def test_answering_twice_changes_nothing(self, client, order, bank):
        client.post(bank, {"answer": "accept"})
        client.post(bank, {"answer": "refuse"})
        assert status(order) == Order.Status.CONFIRMED

    def test_coming_back_without_an_answer_leads_to_the_payment(self, client, order, page, bank):
        assert path_of(client.get(f"{page}retour/")) == page

    def test_a_guessed_reference_does_not_exist(self, client, bank):
        assert client.get("/paiement/banque-de-demonstration/demo_0000/").status_code == 404


def test_the_same_click_twice_pays_once(client, order, page):
    pay(client, page, ACCEPTED)
    assert path_of(pay(client, page, ACCEPTED)) == f"/commande/merci/{order.access_token}/"
    assert DemoCharge.objects.count() == 1


def test_another_means_can_be_chosen(client, order, page):
    response = client.post(page, {"method": "bank_transfer"})
    assert path_of(response) == f"/commande/merci/{order.access_token}/"
    assert "FR76" in client.get(response["Location"]).content.decode()
    order.refresh_from_db()
    assert order.payment_method == "bank_transfer"


@pytest.mark.parametrize("fields", [{"method": "troc"}, {"method": "on_collection"}, {"method": "x" * 5000}])
def test_refuses_a_means_that_is_not_offered(client, order, page, fields):
    response = client.post(page, fields)
    assert response.status_code == 409
    assert 'role="alert"' in response.content.decode()
    assert status(order) == Order.Status.AWAITING_PAYMENT


@pytest.mark.parametrize("card", ["", "0", "x" * 10_000, "4242", "é"])
def test_a_wrong_card_takes_nothing(client, order, page, card):
    assert path_of(pay(client, page, card)) == page
    assert status(order) == Order.Status.AWAITING_PAYMENT


def test_nothing_is_asked_once_the_hold_ended(client, order, page):
    Order.objects.update(hold_expires_at=timezone.now() - timedelta(seconds=1))
    assert path_of(client.get(page)) == f"/suivi/{order.access_token}/"
    assert path_of(pay(client, page, ACCEPTED)) == f"/suivi/{order.access_token}/"
    assert "Payer" not in client.get(f"/suivi/{order.access_token}/").content.decode()
    expire_unpaid(now=timezone.now())
    assert path_of(client.get(page)) == f"/suivi/{order.access_token}/"
    assert not DemoCharge.objects.exists()


def test_the_card_number_is_neither_kept_nor_shown(client, order, page):
    pay(client, page, "4111 1111 1111 1111")
    assert "4111" not in client.get(page).content.decode()
    assert not Payment.objects.filter(reference__contains="4111").exists()


def test_offers_no_gateway_that_the_settings_do_not_name(client, variant, settings):
    settings.PAYMENT_GATEWAYS = [path for path in settings.PAYMENT_GATEWAYS if "demo" not in path]
    order = placed_order(payment="bank_transfer").order
    content = client.get(f"/paiement/{order.access_token}/").content.decode()
    assert "demo_card" not in content


def test_each_gateway_that_asks_for_a_card_has_its_form():
    asking = [gateway.code for gateway in gateways.registered().values() if gateway.needs_instrument]
    assert asking
    for code in asking:
        assert "</form>" in get_template(f"storefront/payment/forms/{code}.html").template.source
