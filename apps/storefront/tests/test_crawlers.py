import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.catalogue.tests.factories import CategoryFactory, ProductFactory, VariantFactory
from apps.storefront.sitemaps import SITEMAPS, ProductSitemap

pytestmark = pytest.mark.django_db


@pytest.fixture
def product():
    rayon = CategoryFactory(slug_fr="fromages", slug_en="cheese")
    return VariantFactory(product=ProductFactory(category=rayon)).product


def test_robots_name_the_sitemap_and_keep_private_pages_out(client):
    text = client.get("/robots.txt").content.decode()
    assert "Disallow: /panier/" in text
    assert "/sitemap.xml" in text


def test_the_index_names_a_section_per_kind_and_language(client, product):
    text = client.get("/sitemap.xml").content.decode()
    for section in ("pages-fr", "rayons-en", "produits-fr"):
        assert f"sitemap-{section}.xml" in text


def test_each_language_lists_its_own_addresses(client, product):
    french = client.get("/sitemap-produits-fr.xml").content.decode()
    english = client.get("/sitemap-produits-en.xml").content.decode()
    assert product.slug_fr in french
    assert product.slug_en in english
    assert "/en/" in english
    assert "cheese" in client.get("/sitemap-rayons-en.xml").content.decode()
    assert client.get("/sitemap-pages-fr.xml").status_code == 200


def test_hidden_products_are_not_listed(client, product):
    product.state = "ARCHIVED"
    product.save()
    assert product.slug_fr not in client.get("/sitemap-produits-fr.xml").content.decode()


@pytest.mark.parametrize("url", ["/sitemap-produits-fr.xml?p=99", "/sitemap-produits-fr.xml?p=x", "/sitemap-rien.xml"])
def test_sections_and_pages_that_do_not_exist_are_not_found(client, product, url):
    assert client.get(url).status_code == 404


@pytest.mark.parametrize("url", ["/robots.txt", "/sitemap.xml", "/sitemap-produits-fr.xml", "/sitemap-pages-en.xml"])
def test_crawlers_are_told_when_nothing_has_changed(client, product, url):
    first = client.get(url)
    assert first["Cache-Control"].startswith("public")
    assert "Cookie" not in first.get("Vary", "")
    assert client.get(url, headers={"if-none-match": first["ETag"]}).status_code == 304


def test_a_page_of_the_sitemap_costs_the_same_for_any_number_of_products(client, product):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get("/sitemap-produits-fr.xml", {"p": "1"})
        return len(asked)

    few = queries()
    for _number in range(5):
        VariantFactory()
    assert queries() == few <= 6


def test_a_section_that_is_too_long_for_one_page_is_split(client, product, monkeypatch):
    """The protocol allows 50,000 addresses in a file."""
    assert all(each.limit <= 50_000 for each in SITEMAPS.values())
    monkeypatch.setattr(ProductSitemap, "limit", 1)
    VariantFactory()
    assert "sitemap-produits-fr.xml?p=2" in client.get("/sitemap.xml").text
    pages = [client.get("/sitemap-produits-fr.xml", {"p": page}).text for page in (1, 2)]
    assert [page.count("<loc>") for page in pages] == [1, 1]
    assert client.get("/sitemap-produits-fr.xml", {"p": 3}).status_code == 404
    assert client.get("/sitemap-nothing.xml").status_code == 404
