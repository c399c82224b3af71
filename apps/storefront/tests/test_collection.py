"""Collection in the shop: no address is asked for; pages and e-mails show place and hours."""

import re

import pytest
from django.urls import reverse
from django.utils import translation

from apps.basket.models import CheckoutDetails
from apps.common.outbox import compose
from apps.delivery.models import PickupPoint
from apps.delivery.tests.factories import PickupPointFactory
from apps.orders.emails import OrderEmail, emails_about
from apps.orders.models import Order
from apps.orders.tests.factories import OrderEmailFactory
from apps.storefront.tests.purchase import add, buy, fill_in, path_of

pytestmark = pytest.mark.django_db
HOURS = "Mardi à samedi, 9 h – 19 h"
HOME = {"line1": "5 impasse du Secret"}
COLLECTED = HOME | {"delivery_method": "boutique", "payment_method": "on_collection"}
RELAY = HOME | {"delivery_method": "relais", "pickup_point": "relais-halles"}
NO_ADDRESS = {"line1": "", "postcode": "", "city": ""}


@pytest.fixture
def counter(delivery_methods) -> PickupPoint:
    PickupPoint.objects.update(opening_hours="Tous les jours, 8 h – 20 h")
    return PickupPointFactory(
        code="comptoir",
        method=delivery_methods["store"],
        name="La boutique",
        line1="9 quai Saint-Antoine",
        opening_hours=HOURS,
    )


def details(client) -> str:
    return client.get(reverse("storefront:checkout")).content.decode()


@pytest.mark.usefixtures("delivery_methods")
def test_the_delivery_is_chosen_before_the_address(client, variant):
    add(client, variant.sku)
    page = details(client)
    assert page.index('name="delivery_method"') < page.index('name="line1"') < page.index('name="payment_method"')


@pytest.mark.usefixtures("delivery_methods")
def test_no_field_that_a_choice_makes_necessary_is_called_optional(client, variant):
    add(client, variant.sku)
    for page in (details(client), fill_in(client, **COLLECTED | {"recipient": ""}).content.decode()):
        labels = dict(re.findall(r'<label for="id_(\w+)">(.*?)</label>', page, re.S))
        optional = {name for name, label in labels.items() if "facultatif" in label}
        assert optional == {"company", "line2", "phone"}


@pytest.mark.parametrize("choice", [COLLECTED, RELAY], ids=["store", "relay"])
@pytest.mark.usefixtures("delivery_methods")
def test_a_collected_order_keeps_no_home_address(client, variant, choice):
    buy(client, variant.sku, **choice)
    order = Order.objects.get()
    assert order.recipient == "Camille Martin"
    assert {order.line1, order.line2, order.postcode, order.city} == {""}


@pytest.mark.parametrize("choice", [COLLECTED, RELAY], ids=["store", "relay"])
@pytest.mark.parametrize("wrong", [NO_ADDRESS, {"postcode": "12"}, {"postcode": "97400"}, {"pickup_point": "parti"}])
@pytest.mark.usefixtures("delivery_methods")
def test_what_the_page_does_not_ask_cannot_stand_in_the_way(client, variant, choice, wrong):
    add(client, variant.sku)
    assert path_of(fill_in(client, **wrong | choice)) == "/commande/recapitulatif/"
    assert client.get(reverse("storefront:summary")).status_code == 200


@pytest.mark.usefixtures("delivery_methods")
def test_choosing_another_delivery_loses_nothing_that_was_typed(client, variant):
    add(client, variant.sku)
    fill_in(client, **HOME)
    fill_in(client, **COLLECTED)
    assert CheckoutDetails.objects.get().line1 == HOME["line1"]
    assert HOME["line1"] not in client.get(reverse("storefront:summary")).content.decode()


@pytest.mark.usefixtures("delivery_methods")
def test_a_relay_is_needed_where_one_is_chosen(client, variant):
    add(client, variant.sku)
    page = fill_in(client, **RELAY | {"pickup_point": ""})
    assert page.status_code == 400
    assert 'href="#id_pickup_point"' in page.content.decode()


def test_hours_stand_where_one_chooses(client, variant, counter):
    add(client, variant.sku)
    page = details(client)
    assert re.search(rf"9 quai Saint-Antoine, 69002 Lyon\s*<br>{HOURS}", page)
    assert "Tabac des Halles, 3 place du Marché (Tous les jours, 8 h – 20 h)</option>" in page
    assert 'value="comptoir"' not in page


@pytest.mark.parametrize(
    ("choice", "place", "hours"),
    [(COLLECTED, "9 quai Saint-Antoine", HOURS), (RELAY, "3 place du Marché", "Tous les jours, 8 h – 20 h")],
    ids=["store", "relay"],
)
def test_place_and_hours_go_with_the_order(client, customer_client, customer, variant, counter, choice, place, hours):
    add(client, variant.sku)
    fill_in(client, **choice)
    assert hours in client.get(reverse("storefront:summary")).content.decode()
    buy(client, variant.sku, **choice)
    PickupPoint.objects.update(opening_hours="Fermé")
    order = Order.objects.get()
    Order.objects.update(user=customer)
    for page in (
        client.get(reverse("storefront:confirmation", args=[order.access_token])),
        client.get(reverse("storefront:order", args=[order.access_token])),
        customer_client.get(reverse("storefront:account_order", args=[order.number])),
    ):
        text = page.content.decode().partition("<main")[2].partition("</main>")[0]
        assert place in text
        assert hours in text
        assert HOME["line1"] not in text
    message = compose(emails_about(order).first())
    for text in (message.body, message.alternatives[0].content):
        assert place in text
        assert hours in text
        assert HOME["line1"] not in text


def test_hours_are_told_in_english_where_they_are_translated(client, variant, counter):
    english = "Tuesday to Saturday, 9 am – 7 pm"
    PickupPoint.objects.filter(pk=counter.pk).update(opening_hours_en=english)
    add(client, variant.sku)
    with translation.override("en"):
        page = details(client)
    assert english in page
    assert HOURS not in page
    assert "Tous les jours" in page  # the point relais, which nobody has translated
    assert english not in details(client)
    buy(client, variant.sku, **COLLECTED)
    assert Order.objects.get().collection_hours == HOURS


def test_an_order_made_in_english_keeps_english_hours(client, variant, counter):
    english = "Tuesday to Saturday, 9 am – 7 pm"
    PickupPoint.objects.filter(pk=counter.pk).update(opening_hours_en=english)
    with translation.override("en"):
        buy(client, variant.sku, **COLLECTED)
    assert Order.objects.get().collection_hours == english


def test_the_message_that_it_is_ready_says_where_and_when(client, variant, counter):
    buy(client, variant.sku, **COLLECTED)
    order = Order.objects.get()
    ready = OrderEmailFactory(order=order, kind=OrderEmail.READY)
    for paid_at in (None, order.placed_at):
        Order.objects.update(paid_at=paid_at)
        assert HOURS in compose(ready).body
        assert "9 quai Saint-Antoine" in compose(ready).body


def test_an_older_order_with_an_address_prints_none(client, variant, delivery_methods):
    buy(client, variant.sku, **COLLECTED)
    Order.objects.update(line1="12 rue des Halles-Vieilles", postcode="69002", city="Lyon")
    page = client.get(reverse("storefront:order", args=[Order.objects.get().access_token]))
    assert "12 rue des Halles-Vieilles" not in page.content.decode()
