"""Pasted and autofilled texts are accepted, by the checkout as by the account."""

import pytest

from apps.accounts.models import Address
from apps.basket.models import CheckoutDetails
from apps.orders.models import Order
from apps.storefront.tests.purchase import add, buy, fill_in, path_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("delivery_methods")]
PASTED = {
    "email": "camille@exemple.fr\u200b",
    "recipient": "\u202aCamille\u00a0Martin\u202c",
    "line1": "12\u202frue des Halles\u200b",
    "postcode": "69\u00a0002\u200b",
    "city": "Lyon\u2060",
    "phone": "\u202a06\u00a012\u202f34\u201156–78\u202c poste 12",
}
STORED = {
    "email": "camille@exemple.fr",
    "recipient": "Camille Martin",
    "line1": "12 rue des Halles",
    "postcode": "69002",
    "city": "Lyon",
    "phone": "06 12 34-56-78 poste 12",
}


def test_the_checkout_takes_it_and_the_order_keeps_it_clean(client, variant):
    buy(client, variant.sku, **PASTED)
    order = Order.objects.get()
    assert {name: getattr(order, name) for name in STORED} == STORED


def test_the_address_book_takes_it(customer_client, customer):
    given = {name: text for name, text in PASTED.items() if name != "email"}
    assert customer_client.post("/compte/adresses/ajouter/", given).status_code == 303
    address = Address.objects.get(user=customer)
    assert {name: getattr(address, name) for name in given} == {name: STORED[name] for name in given}


@pytest.mark.parametrize("postcode", ["00000", "99130", "99999", "96000", "2A004"])
def test_the_checkout_refuses_a_postcode_that_does_not_exist(client, variant, postcode):
    add(client, variant.sku)
    page = fill_in(client, postcode=postcode)
    assert page.status_code == 400
    assert 'href="#id_postcode"' in page.content.decode()
    assert CheckoutDetails.objects.get().postcode == postcode


@pytest.mark.parametrize("postcode", ["97400", "98000"])
def test_home_delivery_stays_on_the_mainland(client, variant, postcode):
    add(client, variant.sku)
    page = fill_in(client, postcode=postcode)
    assert page.status_code == 400
    assert "France métropolitaine seulement" in page.content.decode()


@pytest.mark.parametrize("postcode", ["20000", "20167", "01000", "95880"])
def test_home_delivery_reaches_the_whole_mainland(client, variant, postcode):
    add(client, variant.sku)
    assert path_of(fill_in(client, postcode=postcode)) == "/commande/recapitulatif/"


@pytest.mark.parametrize("name", ["recipient", "line1", "postcode", "city"])
def test_checkout_and_address_book_ask_and_refuse_alike(client, customer_client, variant, name):
    add(client, variant.sku)
    checkout = fill_in(client, **{name: ""}).context["form"]
    book = customer_client.post("/compte/adresses/ajouter/", STORED | {name: ""}).context["form"]
    assert book[name].label == checkout[name].label
    assert book.errors[name] == checkout.errors[name]


def test_an_order_s_number_is_understood_however_it_was_copied(client, mailoutbox, django_capture_on_commit_callbacks):
    given = {
        "name": "Camille",
        "email": "camille@exemple.fr",
        "message": "Bonjour",
        "order_number": "n° wm‑7k3q‑9f2m\u200b",
    }
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post("/contact/", given).status_code == 303
    assert "WM-7K3Q-9F2M" in mailoutbox[0].body
