"""Unpaid orders: the basket's page shows them; they can be modified, and bought again after they expire."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from apps.basket.models import Basket, BasketLine, CheckoutDetails
from apps.catalogue.models import Stock
from apps.catalogue.tests.factories import VariantFactory
from apps.checkout import services as checkouts
from apps.checkout.services import check_books
from apps.common.models import OutboxEmail
from apps.common.tests.races import meanwhile
from apps.demo.bank import ACCEPTED, CHALLENGED
from apps.orders.emails import OrderEmail
from apps.orders.models import Order
from apps.orders.services import expire_unpaid
from apps.payments.models import Payment
from apps.payments.tests.banks import Card, HostedPage
from apps.storefront.tests.purchase import add, buy, fill_in, path_of, place, read_summary

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("delivery_methods")]
METHODS = ["demo_card", "bank_transfer"]


@pytest.fixture
def variant(db):
    return VariantFactory(sku="TASSE", product__name_fr="Tasse bleue", on_hand=2)


@pytest.fixture
def order(client, variant) -> Order:
    """The last two pieces, ordered by a guest who has not paid."""
    add(client, variant.sku, 2)
    fill_in(client, payment_method="demo_card")
    place(client, read_summary(client))
    return Order.objects.get()


def text(response) -> str:
    return response.content.decode().replace("\u00a0", " ").replace("\u202f", " ")


def modify(client, order):
    return client.post(f"/suivi/{order.access_token}/modifier/")


def again(client, order):
    return client.post(f"/suivi/{order.access_token}/racheter/")


def state(order) -> str:
    order.refresh_from_db()
    return order.status


def expire(order):
    Order.objects.filter(pk=order.pk).update(hold_expires_at=timezone.now() - timedelta(seconds=1))
    expire_unpaid(now=timezone.now())


def lines_of(client) -> dict[str, int]:
    basket = Basket.objects.open().get(key=client.cookies["panier"].value)
    return dict(basket.lines.values_list("variant__sku", "quantity"))


class TestTheOrderThatWaits:
    @pytest.mark.parametrize("page", ["/commande/recapitulatif/", "/commande/"])
    def test_going_back_leads_to_a_basket_that_tells_it(self, client, order, page):
        assert path_of(client.get(page)) == "/panier/"
        html = text(client.get("/panier/"))
        assert order.number in html
        assert f'href="/suivi/{order.access_token}/"' in html
        assert f'action="/suivi/{order.access_token}/modifier/"' in html

    def test_is_told_beside_a_new_basket_too(self, client, order):
        add(client, VariantFactory(sku="SAVON").sku)
        for page in ("/panier/", "/commande/"):
            assert order.number in text(client.get(page))
        fill_in(client)
        assert order.number in text(client.get("/commande/recapitulatif/"))

    def test_one_s_own_last_pieces_are_not_called_gone_without_a_word(self, client, order, variant):
        answer = add(client, variant.sku)
        assert answer.status_code == 409
        assert order.number in text(answer)
        refusal = add(client, variant.sku, Accept="application/json").json()
        assert order.number in refusal["detail"]

    def test_every_page_can_say_so(self, client, order):
        assert client.get("/moi/").json()["unpaid"]["url"] == f"/suivi/{order.access_token}/"
        client.post(f"/paiement/{order.access_token}/", {"method": "demo_card", "instrument": ACCEPTED})
        assert "unpaid" not in client.get("/moi/").json()

    def test_is_told_to_nobody_else(self, client, order, variant, customer_client):
        for stranger in (Client(), customer_client):
            assert order.number not in text(stranger.get("/panier/"))
            assert order.number not in text(add(stranger, variant.sku))
            assert "unpaid" not in stranger.get("/moi/").json()

    def test_a_customer_s_order_is_told_to_the_customer_alone(self, customer_client, variant):
        buy(customer_client, variant.sku, payment_method="demo_card")
        order = Order.objects.get()
        assert order.number in text(customer_client.get("/panier/"))
        left = Client()
        left.cookies = customer_client.cookies
        left.logout()
        left.cookies["commandes"] = order.basket_key.hex
        left.cookies["panier"] = str(order.basket_key)
        assert order.number not in text(left.get("/panier/"))

    @pytest.mark.parametrize("cookie", ["x", "." * 500, "é", "0" * 32, f"{'f' * 32}." * 40, "null.undefined"])
    def test_a_forged_cookie_finds_nothing(self, client, order, cookie):
        stranger = Client()
        stranger.cookies["commandes"] = cookie
        assert stranger.get("/panier/").status_code == 200
        assert order.number not in text(stranger.get("/panier/"))

    @pytest.mark.parametrize("end", ["paid", "cancelled"])
    def test_is_not_told_any_more_once_it_does_not_wait(self, client, order, end):
        if end == "paid":
            client.post(f"/paiement/{order.access_token}/", {"method": "demo_card", "instrument": ACCEPTED})
        else:
            checkouts.cancel_and_refund(order=order, by=None, now=timezone.now())
        assert order.number not in text(client.get("/panier/"))

    def test_costs_one_query_and_no_more_with_more_orders(self, client, order, django_assert_max_num_queries):
        counts = []
        for _more in range(3):
            with django_assert_max_num_queries(30) as asked:
                client.get("/panier/")
            counts.append(len(asked))
            buy(client, VariantFactory().sku, payment_method="demo_card")
        assert len(set(counts)) == 1


class TestModifying:
    @pytest.mark.parametrize("method", METHODS)
    def test_brings_the_lines_back_and_releases_the_hold(self, client, order, variant, method):
        if method != "demo_card":
            client.post(f"/paiement/{order.access_token}/", {"method": method})
        assert path_of(modify(client, order)) == "/panier/"
        assert state(order) == Order.Status.CANCELLED
        assert lines_of(client) == {"TASSE": 2}
        assert Stock.objects.values_list("on_hand", "reserved").get() == (2, 0)
        html = text(client.get("/panier/"))
        assert f"La commande {order.number} est annulée" in html
        assert client.get("/moi/").json()["count"] == 2
        assert not Payment.objects.open().exists()
        assert check_books() == []

    def test_what_was_typed_is_kept_and_the_same_can_be_ordered_at_once(self, client, order):
        modify(client, order)
        assert CheckoutDetails.objects.filter(basket__status="OPEN").get().city == "Lyon"
        place(client, read_summary(client))
        second = Order.objects.exclude(pk=order.pk).get()
        assert second.lines.get().quantity == 2
        assert second.basket_key != order.basket_key
        assert check_books() == []

    def test_prices_are_read_again_and_a_change_is_announced(self, client, order, variant):
        variant.price = variant.regular_price = Decimal("14.00")
        variant.save()
        modify(client, order)
        html = text(client.get("/panier/"))
        assert "a augmenté" in html
        assert "28,00" in html

    def test_a_repeat_finds_the_same_basket(self, client, order):
        before = Client()
        before.cookies["panier"] = str(order.basket_key)
        modify(client, order)
        # The second click, sent before the first answer's cookie was there.
        assert path_of(modify(before, order)) == "/panier/"
        assert before.cookies["panier"].value == client.cookies["panier"].value
        assert lines_of(client) == {"TASSE": 2}
        assert OutboxEmail.objects.filter(kind=OrderEmail.CANCELLED).count() == 1

    def test_joins_a_basket_begun_meanwhile(self, client, order):
        add(client, VariantFactory(sku="SAVON").sku, 3)
        modify(client, order)
        assert lines_of(client) == {"TASSE": 2, "SAVON": 3}
        assert Basket.objects.open().count() == 1

    def test_a_customer_s_lines_come_to_the_customer_s_basket(self, customer_client, customer, variant):
        buy(customer_client, variant.sku, payment_method="demo_card")
        modify(customer_client, Order.objects.get())
        assert Basket.objects.open().get().user == customer

    def test_by_a_link_passed_on_the_address_stays_behind(self, order):
        friend = Client()
        assert path_of(modify(friend, order)) == "/panier/"
        assert not CheckoutDetails.objects.filter(basket__status="OPEN").exists()

    def test_gives_up_a_challenge_at_the_bank(self, client, order):
        client.post(f"/paiement/{order.access_token}/", {"method": "demo_card", "instrument": CHALLENGED})
        modify(client, order)
        assert Payment.objects.get().status == Payment.Status.CANCELLED
        assert state(order) == Order.Status.CANCELLED

    def test_money_that_came_wins(self, client, variant, with_bank):
        bank = with_bank(HostedPage)
        buy(client, variant.sku, payment_method="hosted")
        order = Order.objects.get()
        client.post(f"/paiement/{order.access_token}/", {"method": "hosted"})
        bank.shopper_pays()
        assert path_of(modify(client, order)) == f"/suivi/{order.access_token}/"
        assert state(order) == Order.Status.CONFIRMED
        assert "Votre paiement est arrivé" in text(client.get(f"/suivi/{order.access_token}/"))
        assert not BasketLine.objects.filter(basket__status="OPEN").exists()
        assert check_books() == []

    @pytest.mark.parametrize("moment", ["payments_payment", "orders_orderevent"])
    def test_money_that_comes_at_this_very_moment_wins(self, client, order, moment):
        page = f"/paiement/{order.access_token}/"
        pay = lambda: Client().post(page, {"method": "demo_card", "instrument": ACCEPTED})  # noqa: E731
        with meanwhile(pay, after=moment):
            modify(client, order)
        assert state(order) == Order.Status.CONFIRMED
        assert check_books() == []

    def test_a_silent_bank_changes_nothing(self, client, variant, with_bank):
        bank = with_bank(Card)
        buy(client, variant.sku, payment_method="card")
        order = Order.objects.get()
        bank.silent = True
        client.post(f"/paiement/{order.access_token}/", {"method": "card", "instrument": "tok"})
        assert path_of(modify(client, order)) == f"/suivi/{order.access_token}/"
        assert state(order) == Order.Status.AWAITING_PAYMENT
        assert "ne savons pas encore" in text(client.get(f"/suivi/{order.access_token}/"))
        assert Stock.objects.get().reserved == 1

    def test_expired_in_the_meantime_it_comes_back_all_the_same(self, client, order):
        expire(order)
        assert path_of(modify(client, order)) == "/panier/"
        assert lines_of(client) == {"TASSE": 2}
        assert state(order) == Order.Status.EXPIRED

    def test_cancelled_by_staff_there_is_nothing_to_bring_back(self, client, order):
        checkouts.cancel_and_refund(order=order, by=None, now=timezone.now())
        assert path_of(modify(Client(), order)) == f"/suivi/{order.access_token}/"

    def test_old_clicks_on_ordering_find_the_old_order(self, client, variant):
        add(client, variant.sku)
        fill_in(client, payment_method="demo_card")
        fields = read_summary(client)
        place(client, fields)
        order = Order.objects.get()
        old = Client()
        old.cookies["panier"] = str(order.basket_key)
        modify(client, order)
        assert path_of(place(old, fields)) == f"/commande/merci/{order.access_token}/"
        assert Order.objects.count() == 1

    def test_is_for_the_link_s_holder_and_for_writing_only(self, client, order):
        assert client.post("/suivi/guessed/modifier/").status_code == 404
        assert client.post(f"/suivi/{order.access_token.swapcase()}/modifier/").status_code == 404
        read = client.get(f"/suivi/{order.access_token}/modifier/")
        assert (read.status_code, read.url) == (302, f"/suivi/{order.access_token}/")
        assert state(order) == Order.Status.AWAITING_PAYMENT

    def test_costs_the_same_with_thirty_lines(self, django_assert_max_num_queries):
        counts = []
        for lines in (3, 30):
            visitor = Client()
            for _ in range(lines):
                add(visitor, VariantFactory().sku)
            fill_in(visitor, payment_method="demo_card")
            place(visitor, read_summary(visitor))
            with django_assert_max_num_queries(60) as asked:
                modify(visitor, Order.objects.first())
            counts.append(len(asked))
        assert counts[0] == counts[1]


class TestBuyingAgain:
    def test_after_it_expired_from_the_basket_and_from_the_order(self, client, order):
        expire(order)
        for page in ("/panier/", f"/suivi/{order.access_token}/", f"/commande/merci/{order.access_token}/"):
            assert f'action="/suivi/{order.access_token}/racheter/"' in text(client.get(page))
        assert path_of(again(client, order)) == "/panier/"
        assert lines_of(client) == {"TASSE": 2}
        place(client, read_summary(client))
        assert Order.objects.count() == 2
        assert check_books() == []

    def test_a_repeat_adds_nothing(self, client, order):
        expire(order)
        for _repeat in range(3):
            again(client, order)
        assert lines_of(client) == {"TASSE": 2}

    def test_takes_what_is_left_and_says_what_is_not(self, client, order, variant):
        expire(order)
        Stock.objects.update(on_hand=1)
        again(client, order)
        assert lines_of(client) == {"TASSE": 1}
        assert "il n’en reste qu’un exemplaire" in text(client.get("/panier/"))

    def test_nothing_left_stays_on_the_order(self, client, order):
        expire(order)
        Stock.objects.update(on_hand=0)
        assert path_of(again(client, order)) == f"/suivi/{order.access_token}/"
        assert "n’est plus disponible" in text(client.get(f"/suivi/{order.access_token}/"))

    def test_the_order_that_was_paid_late_after_all_is_not_bought_twice(self, client, variant, with_bank):
        bank = with_bank(HostedPage)
        buy(client, variant.sku, payment_method="hosted")
        order = Order.objects.get()
        client.post(f"/paiement/{order.access_token}/", {"method": "hosted"})
        bank.shopper_pays()
        expire(order)
        assert path_of(again(client, order)) == f"/suivi/{order.access_token}/"
        assert state(order) == Order.Status.CONFIRMED
        assert check_books() == []

    def test_is_not_offered_while_it_waits(self, client, order):
        assert "racheter" not in text(client.get(f"/suivi/{order.access_token}/"))


def test_what_expired_is_not_told_any_more_once_it_was_bought_again(client, order):
    expire(order)
    assert order.number in text(client.get("/panier/"))
    again(client, order)
    fill_in(client, payment_method="demo_card")
    place(client, read_summary(client))
    second = Order.objects.exclude(pk=order.pk).get()
    assert order.number in text(client.get("/panier/"))
    client.post(f"/paiement/{second.access_token}/", {"method": "demo_card", "instrument": ACCEPTED})
    html = text(client.get("/panier/"))
    assert order.number not in html
    assert second.number not in html
