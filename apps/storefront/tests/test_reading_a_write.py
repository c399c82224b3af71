"""A GET of a URL that only writes redirects to the page with its form."""

import pytest

from apps.orders.tests.factories import OrderFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/compte/commandes/rattacher/", "/compte/commandes/"),
        ("/compte/adresses/7/supprimer/", "/compte/adresses/"),
        ("/compte/adresses/7/habituelle/", "/compte/adresses/"),
        ("/compte/donnees/export/", "/compte/donnees/"),
        ("/commande/valider/", "/commande/recapitulatif/"),
        ("/panier/ajouter/", "/panier/"),
        ("/panier/modifier/", "/panier/"),
        ("/en/basket/add/", "/en/basket/"),
    ],
)
def test_reading_leads_to_the_form(customer_client, path, page):
    for method in (customer_client.get, customer_client.head):
        answer = method(path)
        assert (answer.status_code, answer["Location"]) == (302, page)
    assert customer_client.put(path).status_code == 405


def test_buying_again_leads_to_the_order(customer_client, customer):
    order = OrderFactory(user=customer)
    answer = customer_client.get(f"/compte/commandes/{order.number}/racheter/")
    assert answer["Location"] == f"/compte/commandes/{order.number}/"
