import pytest

from apps.catalogue.tests.factories import CategoryFactory, ProductFactory, VariantFactory

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
