import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from apps.catalogue.tests.factories import VariantFactory
from apps.checkout.tests.factories import placed_order
from apps.orders import services as orders
from apps.orders.models import Order
from apps.storefront.tests.purchase import add, buy, fill_in, place, read_summary

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("delivery_methods")]
PAGES = ["/suivi/{}/", "/commande/merci/{}/", "/paiement/{}/", "/paiement/{}/retour/"]


@pytest.fixture
def order(client, variant) -> Order:
    buy(client, variant.sku)
    return Order.objects.get()


def text(response) -> str:
    return response.content.decode().replace("\u00a0", " ")


@pytest.mark.parametrize("page", PAGES)
class TestWhoMayLook:
    @pytest.mark.parametrize(
        "token", ["x", "A" * 22, "a" * 5000, "é", "0", "null", "..", "%2e%2e", "' OR 1=1 --", "\U0001f9c0"]
    )
    def test_a_guessed_link_opens_nothing(self, client, order, page, token):
        assert client.get(page.format(token)).status_code == 404

    def test_neither_does_the_number_of_the_order(self, client, order, page):
        assert client.get(page.format(order.number)).status_code == 404

    def test_neither_does_the_link_in_other_capitals(self, client, order, page):
        assert client.get(page.format(order.access_token.swapcase())).status_code == 404

    def test_the_link_is_enough(self, order, page):
        assert Client().get(page.format(order.access_token)).status_code in (200, 303)

    def test_the_link_is_told_to_nobody(self, client, order, page):
        response = client.get(page.format(order.access_token))
        assert response["Referrer-Policy"] == "no-referrer"
        assert response["Cache-Control"] == "private, no-store"
        assert response["X-Robots-Tag"] == "noindex"

    def test_even_when_it_is_wrong(self, client, page):
        assert "x" * 30 not in text(client.get(page.format("x" * 30))).split("<main")[-1]


def test_tokens_cannot_be_guessed():
    tokens = {placed_order().order.access_token for _ in range(5)}
    assert len(tokens) == 5
    assert all(len(token) >= 22 for token in tokens)


class TestFollowingAnOrder:
    def page(self, client, order) -> str:
        return text(client.get(f"/suivi/{order.access_token}/"))

    def test_shows_lines_totals_and_vat(self, client, order):
        page = self.page(client, order)
        for part in (order.number, "Confiture de figues", "12,50 €", "4,90 €", "17,40 €", "5,5", "12 rue des Halles"):
            assert part in page

    def test_a_transfer_shows_how_to_pay(self, client, order):
        page = self.page(client, order)
        for part in ("FR76", "IBAN", order.number):
            assert part in page

    def test_each_step_is_told(self, client, order):
        now = timezone.now()
        Order.objects.update(payment_method="on_collection")
        order = orders.lock_order(order)
        orders.mark_paid(order=order, now=now)
        assert re.search(r'aria-current="step">\s*<b>Commande confirmée', self.page(client, order))
        orders.prepare_order(order=order, by=None, now=now)
        assert re.search(r'aria-current="step">\s*<b>En préparation', self.page(client, order))
        orders.ship_order(
            order=order, by=None, now=now, tracking_number="6A123", tracking_url="https://suivi.example/6A123"
        )
        page = self.page(client, order)
        assert re.search(r'aria-current="step">\s*<b>Expédiée', page)
        assert 'href="https://suivi.example/6A123"' in page
        orders.deliver_order(order=order, by=None, now=now)
        assert "rétractation" in self.page(client, order)

    def test_an_end_is_told(self, client, order):
        orders.cancel_order(order=order, by=None, now=timezone.now())
        page = self.page(client, order)
        assert re.search(r'aria-current="step">\s*<b>Annulée', page)
        assert "Expédiée" not in page
        assert "IBAN" not in page

    def test_offers_to_pay_what_waits_for_a_card(self, client):
        order = placed_order(payment="demo_card").order
        assert f'href="/paiement/{order.access_token}/"' in self.page(client, order)

    def test_a_name_cannot_bring_markup(self, client):
        add(client, VariantFactory(product__name_fr="<script>alert(1)</script>").sku)
        fill_in(client, recipient="<b onmouseover=alert(1)>")
        place(client, read_summary(client))
        page = self.page(client, Order.objects.get())
        assert "<script>alert" not in page
        assert "<b onmouseover" not in page

    def test_costs_the_same_with_thirty_lines(self, client, django_assert_max_num_queries):
        for lines in (3, 30):
            for _ in range(lines):
                add(client, VariantFactory().sku)
            fill_in(client)
            place(client, read_summary(client))
            order = Order.objects.first()
            with django_assert_max_num_queries(7):
                self.page(client, order)
            with django_assert_max_num_queries(5):
                client.get(f"/commande/merci/{order.access_token}/")

    def test_exists_in_english(self, client, order):
        with override("en"):
            url = reverse("storefront:order", args=[order.access_token])
        page = client.get(url).content.decode()
        assert '<html lang="en"' in page
        assert "€17.40" in page
