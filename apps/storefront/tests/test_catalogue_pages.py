import json
import re
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from apps.catalogue.models import (
    Attribute,
    AttributeValue,
    Brand,
    Category,
    EconomicOperator,
    Product,
    ProductCard,
    ProductImage,
    Stock,
)
from apps.catalogue.services.listing import refresh_category, refresh_listing
from apps.catalogue.tests.factories import CategoryFactory, ProductFactory, VariantFactory
from apps.delivery.models import DeliveryMethod
from apps.delivery.tests.factories import DeliveryMethodFactory
from apps.storefront import estimate

pytestmark = pytest.mark.django_db


@pytest.fixture
def rayon():
    return CategoryFactory(name_fr="Fromages", name_en="Cheese", slug_fr="fromages", slug_en="cheese")


def sell(rayon, count=1, **fields):
    products = []
    for _ in range(count):
        product = ProductFactory(category=rayon, **fields)
        VariantFactory(product=product)
        products.append(product)
    refresh_listing(product_ids=[product.pk for product in products])
    return products


def page_of(client, url):
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def test_home_shows_rayons_and_products(client, rayon):
    sell(rayon, name_fr="Comté d’alpage")
    text = page_of(client, "/")
    assert "/rayon/fromages/" in text
    assert "Comté d’alpage" in text


def test_home_stands_without_any_product(client):
    page_of(client, "/")


def test_anonymous_pages_are_the_same_bytes_for_everyone(rayon):
    (product,) = sell(rayon)
    for url in ("/", "/rayon/fromages/", f"/produit/{product.slug_fr}/", "/recherche/?q=produit"):
        first, second = Client().get(url), Client().get(url)
        assert first.content == second.content
        assert not first.cookies
        assert b"csrfmiddlewaretoken" not in first.content


def test_a_rayon_says_its_address_in_each_language(client, rayon):
    sell(rayon)
    text = page_of(client, "/rayon/fromages/")
    assert re.search(r'hreflang="en" href="[^"]*cheese/"', text)
    assert re.search(r'rel="canonical" href="[^"]*/rayon/fromages/"', text)


def test_a_slug_of_another_language_leads_to_the_right_page(client, rayon):
    (product,) = sell(rayon)
    answer = client.get(f"/rayon/{rayon.slug_en}/")
    assert (answer.status_code, answer["Location"]) == (301, "/rayon/fromages/")
    answer = client.get(f"/produit/{product.slug_en}/")
    assert (answer.status_code, answer["Location"]) == (301, f"/produit/{product.slug_fr}/")


@pytest.mark.parametrize("url", ["/rayon/inconnu/", "/produit/inconnu/", "/nulle-part/"])
def test_what_is_unknown_is_said_with_a_way_on(client, rayon, url):
    answer = client.get(url)
    assert answer.status_code == 404
    assert "/rayon/fromages/" in answer.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "page=0",
        "page=-3",
        "page=999999999999",
        "page=abc",
        "tri=%27",
        "marque=%3Cscript%3E",
        "prix=a-b&dispo=9&c-x=y",
        "c-=&c-%C3%A9=%C3%A9",
        "page=" + "9" * 5000,
    ],
)
def test_bad_parameters_still_show_a_list(client, rayon, query):
    sell(rayon)
    assert "<h1>Fromages</h1>" in page_of(client, f"/rayon/fromages/?{query}")
    page_of(client, f"/recherche/?q=produit&{query}")


def test_deep_pages_are_linked_and_canonical(client, rayon):
    sell(rayon, 30)
    text = page_of(client, "/rayon/fromages/?page=2")
    assert re.search(r'rel="canonical" href="[^"]*\?page=2"', text)
    assert 'rel="prev"' in text
    assert 'rel="next"' not in text


def test_filtered_lists_are_not_indexed_and_can_be_cleared(client, rayon):
    (product,) = sell(rayon)
    text = page_of(client, f"/rayon/fromages/?marque={product.brand.slug}")
    assert "noindex" in text
    assert "Tout effacer" in text
    assert 'href="/rayon/fromages/"' in text


def test_search_without_words_offers_the_rayons(client, rayon):
    assert "/rayon/fromages/" in page_of(client, "/recherche/")


def test_a_search_is_written_back_as_text(client, rayon):
    text = page_of(client, "/recherche/?q=%3Cscript%3Ealert(1)%3C/script%3E")
    assert "<script>alert" not in text


# MySQL finds a word only once it is committed.
@pytest.mark.django_db(transaction=True)
def test_suggestions_are_plain_data(client, rayon):
    sell(rayon, name_fr="Tomme de Savoie")
    answer = client.get(reverse("storefront:suggestions"), {"q": "tomme"})
    first = answer.json()["products"][0]
    assert (first["name"], first["price"], first["picture"]) == ("Tomme de Savoie", "12,50\u00a0€", "")


def test_a_suggestion_shows_the_smallest_picture(client, rayon):
    product = sell(rayon, name_fr="Tomme de Savoie")
    ProductCard.objects.filter(name_fr="Tomme de Savoie").update(
        picture={
            "file": "p/a.png",
            "renditions": [{"format": "webp", "stem": "p/a", "widths": [160, 640]}],
            "width": 800,
            "height": 800,
            "alt_fr": "",
            "alt_en": "",
        }
    )
    answer = client.get(reverse("storefront:suggestions"), {"q": "tom"})
    assert answer.json()["products"][0]["picture"].endswith("p/a-160.webp"), product


def test_a_product_page_describes_itself_to_search_engines(client, rayon):
    (product,) = sell(rayon, name_fr="Tomme </script><script>alert(1)</script>")
    text = page_of(client, f"/produit/{product.slug_fr}/")
    assert "<script>alert(1)" not in text
    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', text).group(1))
    assert data[0]["offers"][0]["price"] == "12.50"
    assert data[0]["name"] == product.name_fr
    assert data[1]["@type"] == "BreadcrumbList"


def test_a_product_page_shows_each_change_at_once(client, rayon, settings):
    settings.PAGE_CACHE = False
    origin = AttributeValue.objects.create(
        attribute=Attribute.objects.create(code="lait", name_fr="Lait"), slug="vache", label_fr="Vache"
    )
    maker = EconomicOperator.objects.create(name="Juraflore", postal_address="Rue A", electronic_address="a@b.fr")
    product, sibling = sell(rayon, 2, manufacturer=maker)
    product.attribute_values.add(origin)
    image = ProductImage.objects.create(product=product, file="products/1/a.png", width=8, height=8, alt_fr="Meule")
    DeliveryMethodFactory()
    variant, url = product.variants.get(), f"/produit/{product.slug_fr}/"
    changes = [
        (Product.objects.filter(pk=product.pk), {"description_fr": "Affiné en cave"}),
        (product.variants.all(), {"price": Decimal("11.11"), "regular_price": Decimal("11.11")}),
        (Stock.objects.filter(variant=variant), {"on_hand": 1, "reserved": 0}),
        (Brand.objects.filter(pk=product.brand_id), {"name": "Autre marque"}),
        (EconomicOperator.objects.filter(pk=maker.pk), {"postal_address": "Rue B"}),
        (ProductImage.objects.filter(pk=image.pk), {"alt_fr": "Meule entamée"}),
        (AttributeValue.objects.filter(pk=origin.pk), {"label_fr": "Brebis"}),
        (ProductCard.objects.filter(pk=sibling.pk), {"price": Decimal("77.77")}),
        (DeliveryMethod.objects.all(), {"min_days": 9, "max_days": 12}),
    ]
    seen = {page_of(client, url)}
    for rows, change in changes:
        assert rows.update(**change)
        estimate._cached_methods = None
        text = page_of(client, url)
        assert text not in seen, change
        seen.add(text)
    for written in ("Affiné en cave", "11,11", "Plus que 1", "Autre marque", "Rue B", "entamée", "Brebis", "77,77"):
        assert written in text
    Category.objects.filter(pk=rayon.pk).update(name_fr="Crémerie", tint="leaf")
    refresh_category(category_id=rayon.pk)
    text = page_of(client, url)
    assert "Tout le rayon Crémerie" in text
    assert 'data-tint="leaf"' in text


def test_options_are_links_to_the_nearest_variant(client, rayon):
    product = ProductFactory(category=rayon, option1_name_fr="Taille", option2_name_fr="Couleur")
    for sku, size, colour, pieces in (("A", "S", "Bleu", 5), ("B", "M", "Bleu", 0), ("C", "M", "Vert", 5)):
        VariantFactory(product=product, sku=sku, option1_fr=size, option2_fr=colour, on_hand=pieces)
    refresh_listing(product_ids=[product.pk])
    text = page_of(client, f"/produit/{product.slug_fr}/?modele=A")
    assert 'value="A"' in text
    assert f"/produit/{product.slug_fr}/?modele=B" in text
    text = page_of(client, f"/produit/{product.slug_fr}/?modele=B")
    assert "Épuisé pour le moment" in text
    assert 'name="sku" value="B"' not in text
    page_of(client, f"/produit/{product.slug_fr}/?modele=inconnu")


def test_a_reduction_is_shown_with_the_lowest_price_of_thirty_days(client, rayon):
    product = ProductFactory(category=rayon)
    VariantFactory(
        product=product, price=Decimal("8.00"), regular_price=Decimal("11.00"), reference_price=Decimal("10.00")
    )
    refresh_listing(product_ids=[product.pk])
    for url in (f"/produit/{product.slug_fr}/", "/rayon/fromages/"):
        text = page_of(client, url)
        assert "Prix le plus bas des 30 derniers jours\u202f: 10,00\u00a0€" in text
        assert "11,00" not in text


def test_descriptions_show_no_foreign_markup(client, rayon):
    (product,) = sell(rayon, description_fr="<p>Bon</p><script>x()</script><img src=x onerror=y()>")
    text = page_of(client, f"/produit/{product.slug_fr}/")
    assert "<p>Bon</p>" in text
    assert "<script>x" not in text
    assert "onerror" not in text


def test_no_page_has_inline_script_or_style(client, rayon):
    (product,) = sell(rayon)
    ProductImage.objects.bulk_create([ProductImage(product=product, file="products/1/a.png", width=8, height=8)])
    for url in ("/", "/rayon/fromages/", f"/produit/{product.slug_fr}/", "/recherche/?q=produit", "/rien/"):
        text = client.get(url).content.decode()
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=", text)
        assert all("src=" in tag or "ld+json" in tag for tag in re.findall(r"<script[^>]*>", text))


def test_pages_exist_in_english(client, rayon):
    (product,) = sell(rayon)
    with override("en"):
        urls = [
            reverse("storefront:home"),
            reverse("storefront:category", args=[rayon.slug_en]),
            reverse("storefront:product", args=[product.slug_en]),
            reverse("storefront:search"),
        ]
    for url in urls:
        assert '<html lang="en">' in page_of(client, url)
