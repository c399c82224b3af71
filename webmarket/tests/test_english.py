"""The shop under /en/: each page has one English URL, a link to the same page in French, and English text."""

import re
from collections import Counter
from datetime import UTC, datetime

import pytest
from django.urls import resolve, reverse, translate_url
from django.utils.html import strip_tags
from django.utils.translation import override

from apps.catalogue.services.listing import rebuild_listing
from apps.catalogue.tests.factories import CategoryFactory, ProductFactory, VariantFactory
from apps.delivery.tests.factories import DeliveryMethodFactory
from apps.demo import urls as demo_urls
from apps.notifications.orders import compose
from apps.orders.emails import OrderEmail
from apps.orders.tests.factories import OrderEmailFactory, OrderFactory, OrderLineFactory
from apps.storefront import account_urls, urls
from apps.storefront.tests.purchase import GUEST
from webmarket.translations import load

ROUTES = [(f"storefront:{route.name}", route) for route in urls.urlpatterns]
ROUTES += [(f"demo:{route.name}", route) for route in demo_urls.urlpatterns]
ROUTES += [(route.name, route) for route in account_urls.urlpatterns]
VALUES = {"pk": 7, "uidb36": "1f", "key": "set-password", "slug": "miel", "version": "2026-11-01", "number": 1}
# The same in both languages, or read by programs only.
SAME = {"storefront:home", "storefront:contact", "storefront:manifest", "storefront:webhook"}
# The shop's name and postal address, from the settings.
OWNERS_TEXTS = (
    "WebMarket SARL (démonstration)",
    "12 rue des Halles, 69002 Lyon",
    "La direction de",
    "10\xa0000\xa0€",
    "Médiateur de la consommation (démonstration)",
)
FRENCH = re.compile(
    r"\b(?:le|la|les|des|une|du|vous|votre|vos|nous|avec|pour|dans|sur|aux|sans|chez|panier|commande|adresse|rayons?)\b"
    r"|\u202f[;:!?%]|\xa0€",
    re.IGNORECASE,
)


def url_in(name: str, route, language: str) -> str:
    arguments = {key: VALUES.get(key, "jeton") for key in route.pattern.regex.groupindex}
    with override(language):
        return reverse(name, kwargs=arguments)


@pytest.mark.parametrize(("name", "route"), ROUTES, ids=[name for name, _route in ROUTES])
def test_each_page_leads_to_itself_in_the_other_language(name, route):
    french, english = url_in(name, route, "fr"), url_in(name, route, "en")

    assert not french.startswith("/en/")
    assert english.startswith("/en/")
    if name not in SAME and not name.startswith("demo:mail"):
        assert english != f"/en{french}"
    with override("fr"):
        assert resolve(french).view_name == name
        assert translate_url(french, "en") == english
    with override("en"):
        assert resolve(english).view_name == name
        assert translate_url(english, "fr") == french


@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_two_pages_share_a_url(language):
    taken = Counter(url_in(name, route, language) for name, route in ROUTES)
    assert [path for path, count in taken.items() if count > 1] == []


def test_placeholders_of_a_url_are_the_same_in_english():
    tags = re.compile(r"<[^>]+>")
    routes = [message for message in load() if message.id and str(message.id).endswith(("/", "/$")) and message.string]
    assert len(routes) > 50
    for message in routes:
        assert tags.findall(message.string) == tags.findall(message.id), message.id


def words(html: str) -> str:
    """Visible and read-out words of a page, without the link to the French page and the owner's texts."""
    body = re.sub(r"<(script|style)\b.*?</\1>|<a [^>]*hreflang=\"fr\".*?</a>|<!--.*?-->", " ", html, flags=re.S)
    spoken = " ".join(re.findall(r'(?:aria-label|placeholder|alt|title|content)="([^"]*)"', body))
    text = strip_tags(body) + " " + spoken
    for own in OWNERS_TEXTS:
        text = text.replace(own, "")
    return text


def assert_english(html: str) -> None:
    assert '<html lang="en"' in html
    french = FRENCH.search(words(html))
    assert french is None, words(html)[max(0, french.start() - 60) : french.end() + 60]


@pytest.fixture
def small_shop(db) -> None:
    rayon = CategoryFactory(name_fr="Épicerie", name_en="Groceries", slug_fr="epicerie", slug_en="groceries")
    product = ProductFactory(
        category=rayon,
        name_fr="Miel de lavande",
        name_en="Lavender honey",
        slug_fr="miel-de-lavande",
        slug_en="lavender-honey",
        description_fr="Récolté à la main.",
        description_en="Gathered by hand.",
        origin_fr="Provence",
        origin_en="Provence",
    )
    VariantFactory(product=product, sku="MIEL", price="1234.50")
    DeliveryMethodFactory(code="domicile", name_fr="À domicile", name_en="To your door")
    rebuild_listing()


@pytest.mark.parametrize(
    "path",
    [
        "/en/",
        "/en/aisle/groceries/",
        "/en/product/lavender-honey/",
        "/en/search/?q=honey",
        "/en/search/?q=zzzzzz",
        "/en/search/",
        "/en/basket/",
        "/en/contact/",
        "/en/account/sign-in/",
        "/en/account/sign-up/",
        "/en/account/password/forgotten/",
        "/en/delivery-and-returns/",
        "/en/terms/",
        "/en/privacy/",
    ],
)
def test_an_english_page_is_in_english(client, small_shop, path):
    response = client.get(path)

    assert response.status_code == 200
    assert_english(response.content.decode())


def test_money_and_percentages_are_written_as_in_english(client, small_shop):
    page = client.get("/en/product/lavender-honey/").content.decode()
    assert "€1,234.50" in page
    assert "1\u202f234,50" not in page


def test_a_page_that_is_not_there_says_so_in_english(client, small_shop):
    response = client.get("/en/nothing-here/")
    assert response.status_code == 404
    assert_english(response.content.decode())


def test_a_guest_buys_in_english(client, small_shop):
    client.post("/en/basket/add/", {"sku": "MIEL", "quantity": 1})
    assert_english(client.get("/en/basket/").content.decode())
    assert_english(client.get("/en/checkout/").content.decode())
    assert_english(client.post("/en/checkout/", {"email": "camille"}).content.decode())

    filled_in = client.post("/en/checkout/", GUEST | {"line1": "12 High Street", "recipient": "Ann Smith"})

    assert filled_in["Location"] == "/en/checkout/summary/"
    assert_english(client.get("/en/checkout/summary/").content.decode())


def test_pages_about_an_order_are_in_english(client, db):
    order = OrderFactory(language="en", delivery_name="To your door", line1="1 High Street")
    OrderLineFactory(order=order, product_name="Lavender honey")
    for path in (f"/en/order/{order.access_token}/", f"/en/checkout/thank-you/{order.access_token}/"):
        response = client.get(path)
        assert response.status_code == 200
        assert order.number in response.content.decode().replace("\xa0", " ")
        assert_english(response.content.decode().replace("12 rue des Halles", ""))


@pytest.mark.parametrize("kind", [kind for kind in OrderEmail if kind != OrderEmail.LINK])
def test_messages_about_an_english_order_are_in_english(db, kind):
    order = OrderFactory(
        language="en", delivery_name="To your door", tracking_number="6A1", tracking_url="https://example.org/x"
    )
    order.lines.update(product_name="Lavender honey")

    message = compose(OrderEmailFactory(order=order, kind=kind))

    for text in (message.subject, message.body, strip_tags(message.alternatives[0].content)):
        for own in (*OWNERS_TEXTS, order.line1, order.recipient):
            text = text.replace(own, "")
        french = FRENCH.search(text)
        assert french is None, text[max(0, french.start() - 60) : french.end() + 60]
    assert f"/en/order/{order.access_token}/" in message.body


def test_a_date_is_written_as_in_english(db):
    order = OrderFactory(language="en", hold_expires_at=datetime(2026, 11, 20, 9, tzinfo=UTC))
    body = compose(OrderEmailFactory(order=order, kind=OrderEmail.PLACED)).body
    assert "until 20 November 2026." in body
