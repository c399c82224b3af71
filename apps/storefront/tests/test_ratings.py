import json
import re

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts.tests.factories import UserFactory
from apps.catalogue.services.listing import refresh_listing
from apps.catalogue.tests.factories import VariantFactory
from apps.comments import services
from apps.comments.models import Comment
from apps.comments.purchases import purchase_of
from apps.comments.sections import section_of
from apps.orders.models import Order
from apps.orders.tests.factories import OrderFactory, OrderLineFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nobody_has_written():
    cache.clear()


@pytest.fixture
def variant():
    variant = VariantFactory(product__name_fr="Miel de lavande")
    refresh_listing(product_ids=[variant.product_id])
    return variant


def sold(variant, **fields):
    values = {"status": Order.Status.DELIVERED, "paid_at": timezone.now(), "lines": []}
    order = OrderFactory(**(values | fields))
    OrderLineFactory(order=order, variant=variant)
    return order


def rate(variant, order, rating=4, client=None, **fields):
    url = reverse("storefront:comments", args=[section_of(variant.product_id)])
    words = {"author": "Camille", "text": f"Je mets {rating}.", "rating": rating, **fields}
    return (client or Client()).post(f"{url}?commande={order.access_token}", words)


def publish_all():
    numbers = list(Comment.objects.values_list("pk", flat=True))
    services.publish(comments=numbers, by=UserFactory(is_staff=True), now=timezone.now())


class TestWhoMayRate:
    def test_a_guest_whose_order_holds_the_product(self, variant):
        assert rate(variant, sold(variant)).status_code == 303
        comment = Comment.objects.get()
        assert (comment.rating, comment.bought_on) == (4, timezone.localdate())
        assert comment.email == "camille@exemple.fr"

    def test_an_account_that_bought_it(self, variant):
        user = UserFactory()
        sold(variant, user=user)
        client = Client()
        client.force_login(user)
        url = reverse("storefront:comments", args=[section_of(variant.product_id)])
        assert "Votre note" in client.get(url).content.decode()
        client.post(url, {"author": "Dominique", "text": "Parfait", "rating": 5})
        assert Comment.objects.get().rating == 5

    @pytest.mark.parametrize(
        "fields",
        [
            {"status": Order.Status.CANCELLED},
            {"status": Order.Status.AWAITING_PAYMENT, "paid_at": None},
            {"status": Order.Status.PREPARING, "paid_at": None},
        ],
    )
    def test_not_whose_sale_does_not_stand(self, variant, fields):
        rate(variant, sold(variant, **fields))
        assert Comment.objects.get().rating is None

    def test_not_who_bought_something_else(self, variant):
        rate(variant, sold(VariantFactory()))
        assert Comment.objects.get().rating is None

    def test_not_a_stranger_to_the_order(self, variant):
        order = sold(variant, user=UserFactory())
        assert purchase_of(variant.product_id, user=UserFactory()) is None
        assert purchase_of(variant.product_id, order_token=order.access_token.swapcase()) is None

    @pytest.mark.parametrize("rating", ["0", "6", "-1", "3.5", "x"])
    def test_not_off_the_scale(self, variant, rating):
        assert rate(variant, sold(variant), rating).status_code == 422


class TestOnce:
    def test_for_each_buyer_and_product(self, variant):
        order = sold(variant)
        rate(variant, order)
        assert "déjà noté" in rate(variant, order, 1).content.decode()
        again = sold(variant, email="CAMILLE@exemple.fr")
        assert rate(variant, again, 1).status_code == 422
        assert rate(variant, sold(variant, email="autre@exemple.fr"), 2).status_code == 303
        assert Comment.objects.filter(rating__gt=0).count() == 2

    def test_for_an_account_whichever_address_its_orders_have(self, variant):
        user = UserFactory()
        rate(variant, sold(variant, user=user))
        assert rate(variant, sold(variant, user=user, email="autre@exemple.fr"), 1).status_code == 422

    def test_again_after_deleting_the_first(self, variant):
        order = sold(variant)
        rate(variant, order)
        services.withdraw_comment(comment=Comment.objects.get(), now=timezone.now())
        assert rate(variant, order, 2).status_code == 303


class TestDisplay:
    def test_with_the_dates_that_the_law_wants(self, client, variant):
        rate(variant, sold(variant), 4)
        rate(variant, sold(variant, email="autre@exemple.fr"), 5)
        assert "★" not in client.get(f"/produit/{variant.product.slug_fr}/").content.decode()
        publish_all()
        text = client.get(f"/produit/{variant.product.slug_fr}/").content.decode()
        assert "4,5" in text
        assert text.count("Achat vérifié") == 2
        assert "acheté le" in text
        assert "Du plus récent au plus ancien" in text
        assert "Note\u202f: 5 sur 5" in text
        assert reverse("storefront:reviews_policy") in text

    def test_to_search_engines(self, client, variant):
        rate(variant, sold(variant), 4)
        publish_all()
        text = client.get(f"/produit/{variant.product.slug_fr}/").content.decode()
        data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', text).group(1))[0]
        assert data["aggregateRating"]["ratingValue"] == 4.0
        assert data["aggregateRating"]["ratingCount"] == 1
        assert data["review"][0]["reviewRating"]["ratingValue"] == 4

    def test_on_cards_and_kept_there_when_the_product_changes(self, client, variant):
        rate(variant, sold(variant), 4)
        publish_all()
        assert "4 sur 5, 1 note" in client.get("/").content.decode()
        refresh_listing(product_ids=[variant.product_id])
        assert "4 sur 5, 1 note" in client.get("/").content.decode()

    def test_from_the_page_of_the_order(self, client, variant):
        order = sold(variant)
        text = client.get(reverse("storefront:order", args=[order.access_token])).content.decode()
        link = re.search(r'href="([^"]*commande=[^"]*)"', text)[1]
        assert "Achat vérifié" in client.get(link.partition("#")[0]).content.decode()
