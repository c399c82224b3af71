import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest
from django.contrib.auth.signals import user_logged_in
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from apps.accounts.tests.factories import AddressFactory, UserFactory
from apps.basket.models import Basket, BasketLine, CheckoutDetails
from apps.catalogue.models import Stock, Variant
from apps.catalogue.tests.factories import VariantFactory
from apps.delivery.models import WeightBracket
from apps.orders.models import Order
from apps.shop.terms import TEMPLATE as TERMS_VERSION
from apps.storefront.tests.purchase import GUEST, add, buy, fill_in, path_of, place, read_summary

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("delivery_methods")]
CHECKOUT, SUMMARY, PLACE = "/commande/", "/commande/recapitulatif/", "/commande/valider/"


@pytest.fixture
def shopper(client, variant) -> Client:
    """A visitor with one piece in the basket."""
    add(client, variant.sku)
    return client


def content(response) -> str:
    return response.content.decode()


class TestTheDetailsPage:
    @pytest.mark.parametrize("url", [CHECKOUT, SUMMARY])
    def test_without_a_basket_leads_to_the_basket(self, client, url):
        assert path_of(client.get(url)) == "/panier/"
        assert path_of(client.post(CHECKOUT, GUEST)) == "/panier/"

    def test_offers_deliveries_and_payments_with_their_prices(self, shopper):
        page = content(shopper.get(CHECKOUT))
        for text in ("Livraison à domicile", "4,90", "Point relais", "3,90", "Tabac des Halles", "Retrait en boutique"):
            assert text in page
        assert 'value="bank_transfer"' in page
        assert 'value="demo_card"' in page
        assert "17,40" in page

    def test_helps_the_browser_to_fill_it_in(self, shopper):
        page = content(shopper.get(CHECKOUT))
        for hint in ("email", "name", "address-line1", "address-line2", "postal-code", "address-level2", "tel"):
            assert f'autocomplete="{hint}"' in page
        assert page.count('inputmode="numeric"') == 1

    def test_leads_to_the_summary(self, shopper):
        assert path_of(fill_in(shopper)) == SUMMARY
        details = CheckoutDetails.objects.get()
        assert (details.email, details.city, details.delivery_method) == ("camille@exemple.fr", "Lyon", "domicile")

    def test_shows_again_what_was_typed(self, shopper):
        fill_in(shopper, line2="Escalier B")
        page = content(shopper.get(CHECKOUT))
        for value in ("camille@exemple.fr", "12 rue des Halles", "Escalier B", "69002"):
            assert f'value="{value}"' in page
        assert re.search(r'value="bank_transfer"\s+checked', page)

    @pytest.mark.parametrize(
        ("field", "wrong"),
        [
            ("email", ""),
            ("email", "camille"),
            ("email", "a" * 300 + "@exemple.fr"),
            ("recipient", " "),
            ("recipient", "x" * 121),
            ("line1", ""),
            ("postcode", ""),
            ("postcode", "6900"),
            ("postcode", "BT1 1AA"),
            ("postcode", "97400"),
            ("city", ""),
            ("phone", "appelez-moi"),
            ("delivery_method", ""),
            ("delivery_method", "pigeon"),
            ("payment_method", ""),
            ("payment_method", "troc"),
            ("payment_method", "on_collection"),
            ("pickup_point", "nulle-part"),
        ],
    )
    def test_says_what_is_wrong_beside_it_and_keeps_the_rest(self, shopper, field, wrong):
        # A point relais is asked for with that delivery only.
        relay = {"delivery_method": "relais"} if field == "pickup_point" else {}
        response = fill_in(shopper, **relay | {field: wrong})
        assert response.status_code == 400
        page = content(response)
        assert "error-summary" in page
        assert f'id="id_{field}_error"' in page
        # Coming back later finds the rest.
        page = content(shopper.get(CHECKOUT))
        typed = {name: text for name, text in GUEST.items() if text and name not in (field, "delivery_method")}
        for value in typed.values():
            assert f'value="{value}"' in page

    @pytest.mark.parametrize(
        "wrong", [{"email": "camille"}, {"postcode": "6900"}, {"postcode": "97400"}, {"phone": "appelez-moi"}]
    )
    def test_what_is_wrong_is_kept_but_not_ordered_with(self, shopper, wrong):
        fill_in(shopper, **wrong)
        assert path_of(shopper.get(SUMMARY)) == CHECKOUT
        page = content(shopper.get(f"{CHECKOUT}?completer=1"))
        for field, value in wrong.items():
            assert f'value="{value}"' in page
            assert f'id="id_{field}_error"' in page

    def test_all_that_is_missing_is_told_at_once(self, shopper):
        page = content(shopper.post(CHECKOUT, {}))
        for field in ("email", "recipient", "line1", "postcode", "city", "delivery_method", "payment_method"):
            assert f'id="id_{field}_error"' in page

    def test_a_postcode_may_have_a_space(self, shopper):
        assert path_of(fill_in(shopper, postcode="69 002")) == SUMMARY

    def test_no_address_is_asked_of_who_collects(self, shopper):
        response = fill_in(
            shopper, delivery_method="boutique", payment_method="on_collection", line1="", postcode="", city=""
        )
        assert path_of(response) == SUMMARY

    def test_a_pickup_point_has_to_be_chosen(self, shopper):
        assert fill_in(shopper, delivery_method="relais").status_code == 400
        assert path_of(fill_in(shopper, delivery_method="relais", pickup_point="relais-halles")) == SUMMARY
        assert "Tabac des Halles" in content(shopper.get(SUMMARY))

    def test_any_alphabet_survives(self, shopper):
        fill_in(shopper, recipient="李小龍 🧀 Ærøskøbing")
        assert "李小龍 🧀 Ærøskøbing" in content(shopper.get(SUMMARY))

    def test_is_for_one_person(self, shopper):
        response = shopper.get(CHECKOUT)
        assert response["Cache-Control"] == "private, no-store"
        assert response["X-Robots-Tag"] == "noindex"


class TestACustomer:
    def test_finds_their_usual_address_filled_in(self, customer, customer_client, variant):
        AddressFactory(user=customer, line1="1 rue Ancienne")
        AddressFactory(user=customer, line1="2 rue Usuelle", is_default=True)
        add(customer_client, variant.sku)
        page = content(customer_client.get(CHECKOUT))
        assert 'value="2 rue Usuelle"' in page
        assert f'value="{customer.email}"' in page

    def test_takes_another_address_of_the_book(self, customer, customer_client, variant):
        other = AddressFactory(user=customer, line1="1 rue Ancienne")
        AddressFactory(user=customer, line1="2 rue Usuelle", is_default=True)
        add(customer_client, variant.sku)
        page = content(customer_client.get(f"{CHECKOUT}?adresse={other.pk}"))
        assert 'value="1 rue Ancienne"' in page

    def test_somebody_else_s_address_does_not_exist(self, customer_client, client, variant):
        foreign = AddressFactory()
        add(customer_client, variant.sku)
        add(client, variant.sku)
        for browser in (customer_client, client):
            assert browser.get(f"{CHECKOUT}?adresse={foreign.pk}").status_code == 404

    @pytest.mark.parametrize("number", ["x", "-1", "", "9" * 30, "²"])
    def test_what_is_no_address_does_not_exist(self, customer_client, variant, number):
        add(customer_client, variant.sku)
        assert customer_client.get(CHECKOUT, {"adresse": number}).status_code == 404

    def test_owns_the_order(self, customer, customer_client, variant):
        buy(customer_client, variant.sku)
        assert Order.objects.get().user == customer


class TestTheSummary:
    def test_shows_everything_agreed_to(self, shopper):
        fill_in(shopper)
        page = content(shopper.get(SUMMARY))
        for text in (
            "Confiture de figues",
            "12,50",
            "4,90",
            "17,40",
            "5,5",
            "20",
            "Virement bancaire",
            "Commander avec obligation de paiement",
            TERMS_VERSION,
        ):
            assert text in page
        assert 'type="checkbox"' in page
        assert "checked" not in page

    @pytest.mark.parametrize("terms", [None, "", "on", "1999-01-01"])
    def test_the_terms_have_to_be_accepted(self, shopper, terms):
        fill_in(shopper)
        fields = read_summary(shopper) | {"terms": terms}
        response = place(shopper, {name: value for name, value in fields.items() if value is not None})
        assert response.status_code == 400
        assert 'id="id_terms_error"' in content(response)
        assert not Order.objects.exists()

    def test_leads_back_to_what_is_missing(self, shopper):
        response = shopper.get(SUMMARY)
        assert path_of(response) == CHECKOUT


class TestOrdering:
    def test_a_transfer_leads_to_the_confirmation_with_what_to_do(self, client, variant):
        response = buy(client, variant.sku)
        order = Order.objects.get()
        assert path_of(response) == f"/commande/merci/{order.access_token}/"
        page = content(client.get(response["Location"]))
        for text in (order.number, "camille@exemple.fr", "FR76", "17,40"):
            assert text in page.replace("\u00a0", " ")
        assert order.total == Decimal("17.40")
        assert order.terms_version == TERMS_VERSION
        assert order.language == "fr"

    def test_a_card_leads_to_the_payment(self, client, variant):
        response = buy(client, variant.sku, payment_method="demo_card")
        assert path_of(response) == f"/paiement/{Order.objects.get().access_token}/"

    def test_payment_on_collection_is_certain_at_once(self, client, variant):
        response = buy(client, variant.sku, delivery_method="boutique", payment_method="on_collection")
        assert Order.objects.get().status == Order.Status.CONFIRMED
        assert "12,50" in content(client.get(response["Location"]))

    def test_the_basket_is_empty_afterwards(self, client, variant):
        buy(client, variant.sku)
        assert "empty-state" in content(client.get("/panier/"))

    def test_in_english(self, client, variant):
        add(client, variant.sku)
        fill_in(client)
        fields = read_summary(client)
        with override("en"):
            assert client.post(reverse("storefront:place_order"), fields).status_code == 303
        order = Order.objects.get()
        assert order.language == "en"
        assert order.lines.get().product_name == "Fig jam"

    def test_the_same_click_again_makes_the_same_order(self, shopper):
        fill_in(shopper)
        fields = read_summary(shopper)
        first, second = place(shopper, fields), place(shopper, fields)
        assert path_of(first) == path_of(second)
        assert Order.objects.count() == 1

    def test_a_second_tab_makes_the_same_order(self, shopper):
        fill_in(shopper)
        one, two = read_summary(shopper), read_summary(shopper)
        assert path_of(place(shopper, one)) == path_of(place(shopper, two))
        assert Order.objects.count() == 1

    def test_going_back_and_forth_makes_one_order(self, shopper):
        fill_in(shopper)
        place(shopper, read_summary(shopper))
        assert path_of(shopper.get(SUMMARY)) == "/panier/"
        assert path_of(shopper.get(CHECKOUT)) == "/panier/"
        assert path_of(fill_in(shopper)) == "/panier/"
        assert Order.objects.count() == 1

    def test_the_same_click_without_the_box_still_finds_the_order(self, shopper):
        fill_in(shopper)
        fields = read_summary(shopper)
        first = place(shopper, fields)
        assert path_of(place(shopper, fields | {"terms": ""})) == path_of(first)

    def test_a_changed_price_is_said_before_anything_is_taken(self, shopper):
        fill_in(shopper)
        fields = read_summary(shopper)
        Variant.objects.update(price=Decimal("11.00"), regular_price=Decimal("11.00"))
        response = place(shopper, fields)
        assert response.status_code == 409
        page = content(response)
        assert 'role="alert"' in page
        assert "11,00" in page
        assert "12,50" in page
        assert not Order.objects.exists()
        fresh = read_summary(shopper)
        assert fresh["fingerprint"] != fields["fingerprint"]
        assert place(shopper, fresh).status_code == 303
        assert Order.objects.get().total == Decimal("15.90")

    def test_a_changed_delivery_price_is_said_too(self, shopper):
        fill_in(shopper)
        fields = read_summary(shopper)
        WeightBracket.objects.update(price=Decimal("6.00"))
        response = place(shopper, fields)
        assert response.status_code == 409
        assert "6,00" in content(response)
        assert not Order.objects.exists()

    def test_a_shortage_is_said_before_anything_is_taken(self, shopper):
        fill_in(shopper)
        fields = read_summary(shopper)
        Stock.objects.update(on_hand=0)
        response = place(shopper, fields)
        assert response.status_code == 409
        assert "Confiture de figues" in content(response)
        assert 'name="fingerprint"' not in content(response)
        assert not Order.objects.exists()

    def test_a_mode_of_delivery_that_was_withdrawn_is_chosen_again(self, shopper, delivery_methods):
        fill_in(shopper)
        fields = read_summary(shopper)
        delivery_methods["home"].is_active = False
        delivery_methods["home"].save()
        assert path_of(place(shopper, fields)) == CHECKOUT
        assert 'id="id_delivery_method_error"' in content(shopper.get(f"{CHECKOUT}?completer=1"))

    def test_a_basket_that_was_emptied_in_another_tab(self, shopper):
        fill_in(shopper)
        fields = read_summary(shopper)
        BasketLine.objects.all().delete()
        assert path_of(place(shopper, fields)) == "/panier/"
        assert not Order.objects.exists()

    @pytest.mark.parametrize("key", ["", "x", "00000000-0000-0000-0000-000000000000", "é"])
    def test_an_unknown_basket_orders_nothing(self, shopper, key):
        fill_in(shopper)
        assert path_of(place(shopper, read_summary(shopper) | {"basket": key})) == "/panier/"
        assert not Order.objects.exists()

    def test_somebody_else_s_basket_orders_nothing(self, shopper, customer_client, variant):
        fill_in(shopper)
        fields = read_summary(shopper)
        for stranger in (Client(), customer_client):
            assert path_of(place(stranger, fields)) == "/panier/"
        add(customer_client, variant.sku)
        fill_in(customer_client)
        theirs = read_summary(customer_client)
        other = Client()
        other.force_login(UserFactory())
        for stranger in (shopper, other):
            assert path_of(place(stranger, theirs)) == "/panier/"
        assert not Order.objects.exists()

    def test_somebody_else_s_order_is_not_told_by_its_basket(self, shopper):
        fill_in(shopper)
        fields = read_summary(shopper)
        place(shopper, fields)
        assert path_of(place(Client(), fields)) == "/panier/"

    def test_is_for_writing_only(self, shopper):
        assert shopper.get(PLACE).status_code == 302


class TestWhatItCosts:
    """A whole guest purchase: at most 6 requests and 45 queries, BEGIN, COMMIT and savepoints not counted."""

    def purchase(self, client: Client, skus: list[str]) -> dict[str, int]:
        """Request → queries. The basket's line is added to an open basket when there is more than one."""
        for sku in skus[:-1]:
            add(client, sku)
        asked: dict[str, int] = {}

        @contextmanager
        def counted(request: str) -> Iterator[None]:
            with CaptureQueriesContext(connection) as queries:
                yield
            control = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
            asked[request] = sum(not query["sql"].startswith(control) for query in queries)

        with counted("add"):
            add(client, skus[-1])
        with counted("details, read"):
            client.get(CHECKOUT)
        with counted("details, sent"):
            fill_in(client)
        with counted("summary"):
            fields = read_summary(client)
        with counted("order"):
            answer = place(client, fields)
        with counted("confirmation"):
            assert client.get(answer["Location"]).status_code == 200
        return asked

    def test_does_not_grow_with_the_lines(self):
        self.purchase(Client(), [VariantFactory().sku])
        one, few, many = (self.purchase(Client(), [VariantFactory().sku for _ in range(lines)]) for lines in (1, 3, 30))
        print(few)  # noqa: T201 - shown by pytest -s
        # Each page reads the revisions of catalogue and shop here, all of them: within a test’s transaction they are
        # never kept.
        expected = {
            "details, read": 7,
            "details, sent": 9,
            "summary": 6,
            "order": 14,
            "confirmation": 5,
        }
        assert few == many == {"add": 5, **expected}
        assert one == {"add": 3, **expected}
        assert sum(many.values()) <= 46


def test_a_basket_merged_at_login_is_ordered_by_its_customer(shopper, customer, rf):
    fill_in(shopper)
    fields = read_summary(shopper)
    request = rf.post("/")
    request.COOKIES["panier"] = shopper.cookies["panier"].value
    user_logged_in.send(sender=type(customer), request=request, user=customer)
    assert path_of(place(shopper, fields)) == "/panier/"
    shopper.force_login(customer)
    assert path_of(place(shopper, fields)).startswith("/commande/merci/")
    assert Order.objects.get().user == customer
    assert Basket.objects.get().status == Basket.Status.ORDERED


def test_addresses_of_the_way_are_known():
    assert reverse("storefront:checkout") == CHECKOUT
    assert reverse("storefront:summary") == SUMMARY
