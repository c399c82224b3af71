"""Until the owner opens the shop, strangers see « Bientôt ouvert » and the team sees the shop."""

import pytest
from django.urls import reverse

from apps.accounts.tests.factories import StaffFactory, UserFactory
from apps.catalogue.services.listing import refresh_listing
from apps.catalogue.tests.factories import VariantFactory
from apps.shop.services import open_shop
from apps.shop.tests.factories import COMPLETE, write_shop

pytestmark = pytest.mark.django_db
SOON, BANNER = "Bientôt ouvert", "seule l’équipe voit cette page"


@pytest.fixture
def new_shop(settings):
    """As outside a demo: nothing is invented, nothing is open."""
    settings.DEMO, settings.SHOP_INVENTED = False, {}
    return write_shop(**COMPLETE)


@pytest.fixture
def product(new_shop):
    variant = VariantFactory(product__name_fr="Miel de lavande")
    refresh_listing(product_ids=[variant.product_id])
    return variant.product


def page(client, url: str) -> str:
    return client.get(url).content.decode()


@pytest.mark.parametrize(
    "url", ["/", "/en/", "/panier/", "/contact/", "/recherche/?q=miel", "/compte/", "/inscription/", "/n-est-pas-la/"]
)
def test_strangers_see_that_it_opens_soon(client, new_shop, url):
    answer = client.get(url)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert ("Opening soon" if url.startswith("/en/") else SOON) in text
    assert "Chez Camille" in text
    assert answer["X-Robots-Tag"] == "noindex"
    assert answer["Cache-Control"] == "private, no-store"


def test_no_product_is_seen_by_strangers_and_customers(client, product):
    for user in (None, UserFactory()):
        if user:
            client.force_login(user)
        assert "Miel de lavande" not in page(client, reverse("storefront:product", args=[product.slug_fr]))
        assert SOON in page(client, reverse("storefront:product", args=[product.slug_fr]))


def test_the_team_sees_the_shop_and_that_it_is_closed(client, product):
    client.force_login(StaffFactory())
    text = page(client, reverse("storefront:product", args=[product.slug_fr]))
    assert "Miel de lavande" in text
    assert BANNER in text


def test_what_the_team_has_seen_is_not_served_to_strangers(client, product):
    url = reverse("storefront:product", args=[product.slug_fr])
    client.force_login(StaffFactory())
    answer = client.get(url)
    assert "private" in answer["Cache-Control"]
    client.logout()
    assert SOON in page(client, url)


def test_a_write_is_refused(client, new_shop):
    answer = client.post("/panier/ajouter/", {"variant": 1})
    assert answer.status_code == 403
    assert SOON in answer.content.decode()


@pytest.mark.parametrize(
    "url", ["/mentions-legales/", "/confidentialite/", "/compte/connexion/", "/compte/mot-de-passe/oublie/"]
)
def test_the_law_s_pages_and_the_way_in_are_open(client, new_shop, url):
    answer = client.get(url)
    assert answer.status_code == 200
    assert "<h1>Bientôt" not in answer.content.decode()
    assert BANNER not in answer.content.decode()


@pytest.mark.parametrize("url", ["/health", "/api/health", "/robots.txt", "/manifest.webmanifest"])
def test_programs_are_answered_as_ever(client, new_shop, url):
    answer = client.get(url)
    assert answer.status_code == 200
    assert SOON not in answer.content.decode()


def test_a_provider_s_notification_reaches_its_gateway(client, new_shop):
    answer = client.post("/paiement/notification/inconnu/", b"{}", content_type="application/json")
    assert answer.status_code == 404
    assert SOON not in answer.content.decode()


def test_the_opening_is_seen_at_once(client, product):
    url = reverse("storefront:product", args=[product.slug_fr])
    assert SOON in page(client, url)
    open_shop(reasons=[], by=StaffFactory(), now=product.created_at)
    text = page(client, url)
    assert "Miel de lavande" in text
    assert BANNER not in text


def test_a_demo_is_open_from_the_start(client, settings):
    assert settings.DEMO
    assert SOON not in page(client, "/")


def test_the_shop_s_facts_are_on_every_page_and_change_at_once(client, settings):
    settings.DEMO, settings.SHOP_INVENTED = False, {}
    shop = write_shop(**COMPLETE)
    open_shop(reasons=[], by=StaffFactory(), now=shop.history.latest().history_date)
    url = reverse("storefront:contact")
    assert "Chez Camille" in page(client, url)
    write_shop(name="Chez Dominique", hours=[[["09:00", "12:30"]], [], [], [], [], [], []])
    text = page(client, url)
    assert "Chez Dominique" in text
    assert "Chez Camille" not in text
    assert "9h-12h30" in text
