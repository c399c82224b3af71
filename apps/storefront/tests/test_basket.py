import json
from decimal import Decimal

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.signals import user_logged_in
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from apps.basket.models import Basket, BasketLine
from apps.catalogue.models import Stock, Variant
from apps.catalogue.tests.factories import VariantFactory
from apps.storefront.tests.purchase import add, path_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("delivery_methods")]
PAGE = "/panier/"


def page(client: Client) -> str:
    return client.get(PAGE).content.decode()


def update(client: Client, line: BasketLine, **fields: object):
    return client.post(reverse("storefront:basket_update"), {"line": line.pk} | fields)


class TestAdding:
    def test_answers_with_the_basket_page(self, client, variant):
        response = add(client, variant.sku, 2)
        assert path_of(response) == PAGE
        assert "Confiture de figues" in client.get(response["Location"]).content.decode()
        assert BasketLine.objects.get().quantity == 2

    def test_sets_the_only_cookie(self, client, variant):
        client.get(PAGE)
        assert not client.cookies
        cookie = add(client, variant.sku).cookies["panier"]
        assert cookie.value == str(Basket.objects.get().key)
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert cookie["max-age"] == 60 * 24 * 3600
        assert list(client.cookies) == ["panier"]

    def test_the_cookie_is_secure_where_the_shop_is(self, client, variant, settings):
        settings.SESSION_COOKIE_SECURE = True
        assert add(client, variant.sku).cookies["panier"]["secure"]

    def test_a_customer_needs_no_basket_cookie(self, customer_client, variant):
        assert "panier" not in add(customer_client, variant.sku).cookies

    def test_answers_a_script_with_json(self, client, variant):
        response = add(client, variant.sku, 2, Accept="application/json")
        answer = json.loads(response.content)
        assert answer["count"] == 2
        assert answer["name"] == "Confiture de figues"
        assert answer["line"] == BasketLine.objects.get().pk

    def test_takes_what_there_is_and_says_so(self, client):
        variant = VariantFactory(on_hand=3)
        response = add(client, variant.sku, 5)
        assert BasketLine.objects.get().quantity == 3
        assert "notice--warning" in client.get(response["Location"]).content.decode()

    def test_refuses_what_is_sold_out(self, client):
        response = add(client, VariantFactory(on_hand=0).sku)
        assert response.status_code == 409
        assert 'role="alert"' in response.content.decode()
        assert not BasketLine.objects.exists()

    def test_tells_a_script_why_not(self, client):
        response = add(client, VariantFactory(on_hand=0).sku, Accept="application/json")
        assert response.status_code == 409
        assert json.loads(response.content)["code"] == "out_of_stock"

    def test_refuses_what_is_not_sold(self, client):
        assert add(client, "INCONNU").status_code == 404
        assert add(client, VariantFactory(is_active=False).sku).status_code == 404

    @pytest.mark.parametrize("quantity", [0, -1, 1000, "1e9", 10**12, "abc", "", "1.5", "²", " "])
    def test_refuses_what_is_no_quantity_and_keeps_the_basket(self, client, variant, quantity):
        add(client, variant.sku, 2)
        response = add(client, variant.sku, quantity)
        assert response.status_code == 400
        assert 'role="alert"' in response.content.decode()
        assert "Confiture de figues" in response.content.decode()
        assert BasketLine.objects.get().quantity == 2

    def test_is_for_writing_only(self, client):
        assert client.get(reverse("storefront:basket_add"))["Location"] == reverse("storefront:basket")

    @pytest.mark.parametrize("key", ["", "x", "a" * 5000, "00000000-0000-0000-0000-000000000000", "é"])
    def test_any_cookie_will_do(self, client, variant, key):
        client.cookies["panier"] = key
        add(client, variant.sku)
        assert BasketLine.objects.count() == 1


class TestChanging:
    @pytest.fixture
    def line(self, client, variant):
        add(client, variant.sku, 2)
        return BasketLine.objects.get()

    def test_with_the_field(self, client, line):
        assert path_of(update(client, line, quantity=5)) == PAGE
        line.refresh_from_db()
        assert line.quantity == 5

    def test_with_a_button(self, client, line):
        update(client, line, quantity=2, to=3)
        line.refresh_from_db()
        assert line.quantity == 3

    def test_a_removal_can_be_undone(self, client, line):
        response = update(client, line, to=0)
        assert not BasketLine.objects.exists()
        content = client.get(response["Location"]).content.decode()
        assert "Confiture de figues" in content
        assert 'name="sku" value="CONFITURE"' in content
        assert 'name="quantity" value="2"' in content

    def test_a_repeated_removal_is_harmless(self, client, line):
        update(client, line, to=0)
        assert update(client, line, to=0).status_code == 303

    @pytest.mark.parametrize("query", ["?retrait=CONFITURE&quantite=x", "?retrait=RIEN&quantite=2", "?retrait=%C3%A9"])
    def test_a_forged_undo_shows_nothing(self, client, line, query):
        assert "Annuler le retrait" not in client.get(PAGE + query).content.decode()

    @pytest.mark.parametrize("quantity", [-1, 1000, "1e9", "abc", "", "1.5"])
    def test_refuses_what_is_no_quantity(self, client, line, quantity):
        response = update(client, line, quantity=quantity)
        assert response.status_code == 400
        assert 'role="alert"' in response.content.decode()
        line.refresh_from_db()
        assert line.quantity == 2

    @pytest.mark.parametrize("number", ["", "x", -1, 0, 10**30])
    def test_refuses_what_is_no_line(self, client, line, number):
        response = client.post(reverse("storefront:basket_update"), {"line": number, "quantity": 1})
        assert response.status_code == 400

    def test_somebody_else_s_line_stays_as_it_is(self, line):
        stranger = Client()
        add(stranger, VariantFactory().sku)
        update(stranger, line, quantity=9)
        Client().post(reverse("storefront:basket_update"), {"line": line.pk, "quantity": 9})
        line.refresh_from_db()
        assert line.quantity == 2


class TestThePage:
    def test_is_for_one_person(self, client):
        response = client.get(PAGE)
        assert response["Cache-Control"] == "private, no-store"
        assert response["X-Robots-Tag"] == "noindex"

    def test_shows_the_next_step_when_empty(self, client):
        assert "empty-state" in page(client)
        assert reverse("storefront:home") in page(client)

    def test_announces_a_price_that_changed(self, client, variant):
        add(client, variant.sku)
        Variant.objects.update(price=Decimal("11.00"), regular_price=Decimal("11.00"))
        content = page(client)
        assert "notice--warning" in content
        assert "11,00" in content
        assert "12,50" in content

    def test_announces_a_shortage_and_stops_there(self, client, variant):
        add(client, variant.sku, 5)
        Stock.objects.update(on_hand=2)
        content = page(client)
        assert "field__error" in content
        assert f'href="{reverse("storefront:checkout")}"' not in content

    def test_shows_deliveries_with_their_price_before_any_address(self, client, variant):
        add(client, variant.sku)
        content = page(client)
        for text in (
            "Livraison à domicile",
            "4,90",
            "Point relais",
            "3,90",
            "Retrait en boutique",
            "17,40",
            "<progress",
        ):
            assert text in content

    def test_says_when_delivery_is_free(self, client, variant):
        add(client, variant.sku, 5)
        assert "offerte" in page(client)

    def test_is_not_shown_to_a_stranger(self, client, variant):
        add(client, variant.sku)
        assert "Confiture" not in page(Client())

    def test_a_customer_s_basket_is_not_opened_by_its_key(self, customer_client, variant):
        add(customer_client, variant.sku)
        stranger = Client()
        stranger.cookies["panier"] = str(Basket.objects.get().key)
        assert "Confiture" not in page(stranger)

    def test_costs_the_same_with_fifty_lines(self, client, django_assert_max_num_queries):
        add(client, VariantFactory().sku)
        page(client)
        with django_assert_max_num_queries(9) as one:
            page(client)
        basket = Basket.objects.get()
        for _ in range(49):
            BasketLine.objects.create(basket=basket, variant=VariantFactory(), quantity=1, price_seen="12.50")
        with django_assert_max_num_queries(len(one)):
            assert page(client).count('id="ligne-') == 50

    def test_exists_in_english(self, client, variant):
        add(client, variant.sku)
        with override("en"):
            url = reverse("storefront:basket")
        assert "Fig jam" in client.get(url).content.decode()


def test_adding_costs_at_most_eight_queries(client, variant, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        add(client, variant.sku)
    with django_assert_max_num_queries(8):
        add(client, variant.sku, Accept="application/json")


class TestMe:
    def test_a_visitor(self, client, variant):
        add(client, variant.sku, 3)
        response = client.get("/moi/")
        assert response.json() == {"count": 3, "name": "", "signed_in": False}
        assert response["Cache-Control"] == "private, no-store"
        assert "Cookie" in response["Vary"]

    def test_a_stranger_costs_nothing(self, client, django_assert_num_queries):
        with django_assert_num_queries(0):
            assert client.get("/moi/").json()["count"] == 0

    def test_a_customer(self, customer_client):
        assert customer_client.get("/moi/").json() == {"count": 0, "name": "Camille", "signed_in": True}


class TestLoggingIn:
    def log_in(self, rf, user, **cookies):
        request = rf.post("/")
        request.COOKIES.update(cookies)
        user_logged_in.send(sender=type(user), request=request, user=user)

    def test_brings_the_visitor_s_basket_along(self, client, customer, variant, rf):
        add(client, variant.sku, 2)
        self.log_in(rf, customer, panier=client.cookies["panier"].value)
        assert Basket.objects.open().get(user=customer).lines.get().quantity == 2

    def test_adds_to_the_basket_of_the_account(self, client, customer, customer_client, variant, rf):
        other = VariantFactory()
        add(customer_client, other.sku)
        add(customer_client, variant.sku)
        add(client, variant.sku, 2)
        self.log_in(rf, customer, panier=client.cookies["panier"].value)
        quantities = Basket.objects.open().get(user=customer).lines.values_list("variant", "quantity")
        assert dict(quantities) == {other.pk: 1, variant.pk: 3}

    def test_through_the_login_form(self, client, customer, variant):
        EmailAddress.objects.create(user=customer, email=customer.email, verified=True, primary=True)
        add(client, variant.sku, 2)
        client.post(reverse("account_login"), {"login": customer.email, "password": "un mot de passe solide"})
        assert Basket.objects.open().get(user=customer).lines.get().quantity == 2
        assert client.get("/moi/").json()["count"] == 2

    def test_without_a_basket_changes_nothing(self, customer, rf):
        self.log_in(rf, customer)
        self.log_in(rf, customer, panier="rien")
        assert not Basket.objects.exists()
