"""Double clicks, several tabs and providers that do not answer: pages say only what is certain."""

import itertools
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.checkout.services import cancel_and_refund, check_books
from apps.common.tests.races import meanwhile
from apps.demo.bank import ACCEPTED
from apps.orders.models import Order
from apps.orders.services import expire_unpaid
from apps.payments.models import Payment
from apps.payments.services import reconcile_payments
from apps.payments.tests.banks import Card
from apps.storefront.tests.purchase import buy, path_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("delivery_methods")]
NOTHING_TAKEN = "Rien n’a été débité"


@pytest.fixture
def order(client, variant) -> Order:
    buy(client, variant.sku, payment_method="demo_card")
    return Order.objects.get()


@pytest.fixture
def page(order) -> str:
    return f"/paiement/{order.access_token}/"


def pay(client, page, method="demo_card", card=ACCEPTED):
    return client.post(page, {"instrument": card, "method": method})


def thanks(order) -> str:
    return f"/commande/merci/{order.access_token}/"


class TestAClickWhileAnotherIsPaying:
    """`meanwhile` lets the first click end right after the second has read the order as unpaid."""

    # The table that the second request read last when the first one ended.
    @pytest.mark.parametrize(
        ("moment", "method"),
        [
            *itertools.product(["orders_orderevent", "orders_orderline"], ["demo_card", "bank_transfer", "", "troc"]),
            *itertools.product(["payments_payment"], ["demo_card", "bank_transfer", ""]),
        ],
    )
    def test_leads_to_the_confirmation_of_the_paid_order(self, client, order, page, moment, method):
        with meanwhile(lambda: pay(Client(), page), after=moment):
            answer = pay(client, page, method=method)
        order.refresh_from_db()
        assert order.paid_at
        assert path_of(answer) == thanks(order)
        html = client.get(answer["Location"]).content.decode()
        assert NOTHING_TAKEN not in html
        assert 'role="alert"' not in html
        assert Payment.objects.captured().count() == 1
        assert check_books() == []

    def test_leads_to_the_order_when_it_was_cancelled(self, client, order, page):
        with meanwhile(lambda: cancel_and_refund(order=order, by=None, now=timezone.now()), after="orders_orderevent"):
            answer = pay(client, page)
        assert path_of(answer) == f"/suivi/{order.access_token}/"
        assert "annulée" in client.get(answer["Location"]).content.decode()

    def test_leads_to_the_order_when_it_has_expired(self, client, order, page):
        def expire():
            Order.objects.update(hold_expires_at=timezone.now())
            expire_unpaid(now=timezone.now())

        with meanwhile(expire, after="orders_orderevent"):
            answer = pay(client, page)
        assert path_of(answer) == f"/suivi/{order.access_token}/"

    def test_a_later_click_is_led_there_too(self, client, order, page):
        pay(client, page)
        for method in ("demo_card", "bank_transfer", "", "troc"):
            assert path_of(pay(Client(), page, method=method)) == thanks(order)


class TestASilentBank:
    @pytest.fixture
    def bank(self, client, variant, with_bank):
        bank = with_bank(Card)
        buy(client, variant.sku, payment_method="card")
        return bank

    @pytest.fixture
    def order(self, bank) -> Order:
        return Order.objects.get()

    def pay(self, client, page):
        return pay(client, page, method="card")

    def test_nobody_says_what_nobody_knows(self, client, order, page, bank):
        bank.silent = True
        for answer in (self.pay(client, page), client.get(f"{page}retour/")):
            html = answer.content.decode()
            assert answer.status_code == 503
            assert "Nous ne savons pas encore si le paiement a abouti" in html
            assert NOTHING_TAKEN not in html
            assert "Le paiement n’a pas abouti" not in html
            assert f'href="{page}retour/"' in html

    def test_it_is_told_on_every_way_back_to_the_page(self, client, order, page, bank):
        bank.silent = True
        assert "Nous ne savons pas encore" not in client.get(page).content.decode()
        self.pay(client, page)
        for visitor in (client, Client()):
            html = visitor.get(page).content.decode()
            assert "Nous ne savons pas encore si le paiement a abouti" in html
            assert f'href="{page}retour/"' in html

    def test_it_is_told_when_the_time_to_pay_has_passed(self, client, order, page, bank):
        """Until the order is closed too: who orders the same again might pay twice."""
        bank.silent = True
        self.pay(client, page)
        Order.objects.update(hold_expires_at=timezone.now())
        for url in (f"/suivi/{order.access_token}/", thanks(order)):
            html = client.get(url).content.decode()
            assert "Nous ne savons pas encore si votre banque a débité" in html
            assert "votre commande sera confirmée s’il nous reste" in html
            assert NOTHING_TAKEN not in html
        bank.silent = False
        assert path_of(client.post(f"/suivi/{order.access_token}/modifier/")) == "/panier/"
        order.refresh_from_db()
        assert order.status == Order.Status.CANCELLED

    def test_the_truth_follows_when_it_speaks_again(self, client, order, page, bank):
        bank.silent = True
        self.pay(client, page)
        bank.silent = False
        assert path_of(self.pay(client, page)) == thanks(order)
        assert len(bank.sessions) == 1
        assert check_books() == []

    def test_other_means_are_not_taken_while_the_first_is_in_doubt(self, client, order, page, bank):
        bank.silent = True
        self.pay(client, page)
        answer = client.post(page, {"method": "bank_transfer"})
        assert answer.status_code == 503
        assert "Nous ne savons pas encore" in answer.content.decode()
        order.refresh_from_db()
        assert order.payment_method == "card"

    def test_a_means_that_no_bank_was_asked_for_is_left_without_asking(self, client, order, page, bank):
        bank.silent = True
        assert path_of(client.post(page, {"method": "bank_transfer"})) == thanks(order)
        order.refresh_from_db()
        assert order.payment_method == "bank_transfer"

    def test_an_order_that_expires_meanwhile_does_not_say_that_nothing_was_taken(self, client, order, page, bank):
        bank.silent = True
        self.pay(client, page)
        Order.objects.update(hold_expires_at=timezone.now())
        expire_unpaid(now=timezone.now())
        for url in (f"/suivi/{order.access_token}/", thanks(order)):
            html = client.get(url).content.decode()
            assert "Nous ne savons pas encore si votre banque a débité" in html
            assert NOTHING_TAKEN not in html
        bank.silent = False
        reconcile_payments(now=timezone.now() + timedelta(minutes=5))
        assert NOTHING_TAKEN in client.get(thanks(order)).content.decode()


def test_given_up_at_the_moment_of_paying_nothing_is_taken(client, variant, with_bank):
    """The attempt is closed between « may it be paid » and the question to the bank."""
    bank = with_bank(Card)
    buy(client, variant.sku, payment_method="card")
    order = Order.objects.get()
    page = f"/paiement/{order.access_token}/"
    with meanwhile(lambda: Payment.objects.update(status="CANCELLED"), after="SELECT"):
        answer = pay(client, page, method="card")
    assert answer.status_code == 303
    assert Payment.objects.count() == 2 or not bank.sessions
    assert check_books() == []
