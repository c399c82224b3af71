"""Former slugs of products and rayons redirect to the present ones."""

import re

import pytest
from django.test import override_settings

from apps.catalogue.listing.page_urls import category_of, product_of
from apps.catalogue.models import Category, Product
from apps.catalogue.services.listing import refresh_listing
from apps.catalogue.services.revision import bump_revision
from apps.catalogue.tests.factories import BrandFactory, CategoryFactory, VariantFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def product():
    rayon = CategoryFactory(name_fr="Fromages", name_en="Cheese", slug_fr="fromages", slug_en="cheese")
    product = VariantFactory(
        sku="COMTE-1", product__category=rayon, product__slug_fr="comte", product__slug_en="comte-cheese"
    ).product
    VariantFactory(product=product, sku="COMTE-2")
    refresh_listing(product_ids=[product.pk])
    return product


def rename(row, **slugs):
    for name, slug in slugs.items():
        setattr(row, name, slug)
    row.save()
    bump_revision()


def follow(client, path):
    answer = client.get(path)
    return answer.status_code, answer.headers.get("Location")


def test_a_product_moves_in_its_language_with_its_query(client, product):
    rename(product, slug_fr="comte-vieux")
    assert follow(client, "/produit/comte/?modele=COMTE-2&utm_source=lettre") == (
        301,
        "/produit/comte-vieux/?modele=COMTE-2&utm_source=lettre",
    )
    assert follow(client, "/en/product/comte-cheese/")[0] == 200
    assert follow(client, "/en/product/comte/") == (301, "/en/product/comte-cheese/")
    rename(product, slug_en="old-comte")
    assert follow(client, "/en/product/comte-cheese/") == (301, "/en/product/old-comte/")
    assert follow(client, "/produit/comte-vieux/")[0] == 200


def test_a_rayon_moves_with_its_filters(client, product):
    rename(product.category, slug_fr="nos-fromages")
    assert follow(client, "/rayon/fromages/?prix=1&tri=nom") == (301, "/rayon/nos-fromages/?prix=1&tri=nom")
    assert follow(client, "/rayon/cheese/") == (301, "/rayon/nos-fromages/")
    assert follow(client, "/en/aisle/fromages/") == (301, "/en/aisle/cheese/")


def test_every_former_address_leads_at_once_to_the_present_one(client, product):
    for slug in ("a", "b", "c", "comte", "d"):
        rename(product, slug_fr=slug)
    for slug in ("a", "b", "c", "comte"):
        assert follow(client, f"/produit/{slug}/") == (301, "/produit/d/")
    rename(product, slug_fr="b")
    assert follow(client, "/produit/b/")[0] == 200
    assert follow(client, "/produit/d/") == (301, "/produit/b/")


def test_what_nobody_may_see_is_not_found(client, product):
    rename(product, slug_fr="comte-vieux")
    product.state = Product.State.ARCHIVED
    product.save()
    assert follow(client, "/produit/comte/")[0] == 404
    Category.objects.filter(pk=product.category_id).update(is_visible=False, slug_fr="cachette")
    bump_revision()
    assert follow(client, "/rayon/fromages/")[0] == 404


def test_an_address_leads_to_nothing_that_is_called_so_in_another_language(client, product):
    """While what had it is not for sale, its links must not show another product."""
    other = VariantFactory(
        product__category=product.category, product__slug_fr="fort", product__slug_en="comte"
    ).product
    refresh_listing(product_ids=[other.pk])
    rename(product, slug_fr="comte-vieux")
    assert follow(client, "/produit/comte/") == (301, "/produit/comte-vieux/")
    for state in (Product.State.DRAFT, Product.State.ARCHIVED):
        product.state = state
        product.save()
        refresh_listing(product_ids=[product.pk])
        assert follow(client, "/produit/comte/")[0] == 404
        assert follow(client, "/produit/comte-vieux/")[0] == 404
    assert follow(client, "/en/product/comte/")[0] == 200


def test_however_an_address_is_written_one_step_leads_to_its_page(client, product):
    rename(product, slug_fr="comte-vieux")
    rename(product.category, slug_fr="nos-fromages")
    assert follow(client, "/produit/COMTE/?modele=COMTE-2") == (301, "/produit/comte-vieux/?modele=COMTE-2")
    assert follow(client, "/rayon/Fromages/") == (301, "/rayon/nos-fromages/")
    assert follow(client, "/produit/comte?modele=COMTE-2") == (301, "/produit/comte-vieux/?modele=COMTE-2")
    assert follow(client, "/rayon/fromages?tri=nom") == (301, "/rayon/nos-fromages/?tri=nom")
    assert follow(client, "/en/aisle/cheese") == (301, "/en/aisle/cheese/")
    for path in ("/produit/jamais-vu", "/rayon/jamais-vu", "/rayon/", "/produit/comte/jamais-vu"):
        assert follow(client, path)[0] == 404


@override_settings(PAGE_CACHE=True)
def test_no_answer_of_before_is_kept(client, product):
    assert follow(client, "/produit/comte/")[0] == 200
    assert follow(client, "/produit/comte-vieux/")[0] == 404
    rename(product, slug_fr="comte-vieux")
    moved = client.get("/produit/comte/")
    assert (moved.status_code, moved.headers["Cache-Control"]) == (301, "private, no-cache")
    assert follow(client, "/produit/comte-vieux/")[0] == 200
    rename(product, slug_fr="comte")
    assert follow(client, "/produit/comte/")[0] == 200
    assert follow(client, "/produit/comte-vieux/") == (301, "/produit/comte/")


def test_only_the_present_address_is_told(client, product):
    rename(product, slug_fr="comte-vieux")
    rename(product.category, slug_fr="nos-fromages")
    refresh_listing(product_ids=[product.pk])
    pages = ["/sitemap-produits-fr.xml", "/sitemap-rayons-fr.xml", "/produit/comte-vieux/", "/rayon/nos-fromages/", "/"]
    for path in pages:
        text = client.get(path).content.decode()
        assert "/produit/comte/" not in text
        assert "/rayon/fromages/" not in text


def test_a_miss_costs_one_query_and_a_hit_none(client, product, django_assert_num_queries):
    rename(product, slug_fr="comte-vieux")
    with django_assert_num_queries(1):
        assert product_of("comte", "fr") == product
    with django_assert_num_queries(1):
        assert category_of("fromages", "fr") == (product.category_id, "fromages")


def test_a_process_that_does_not_know_yet_sends_nobody_back(client, product):
    """Between a rename and a worker's next look at the revision, the worker's menu has the address of before."""
    client.get("/rayon/fromages/")
    product.category.slug_fr = "nos-fromages"
    product.category.save()  # no new revision: this process keeps its menu
    assert follow(client, "/rayon/nos-fromages/")[0] == 200


def test_the_api_knows_them_too(client, product):
    rename(product, slug_fr="comte-vieux")
    rename(product.category, slug_fr="nos-fromages")
    assert client.get("/api/products/comte").json()["slug"] == "comte-vieux"
    assert client.get("/api/products?rayon=fromages").json()["total"] == 1
    assert client.get("/api/products/jamais-vu").status_code == 404


class TestLanguageSwitch:
    def links(self, client, path):
        text = client.get(path).content.decode()
        found = re.search(r'<a href="([^"]*)" hreflang="(?:en|fr)" lang=', text)
        hreflang = re.findall(r'<link rel="alternate" hreflang="[^"]*" href="([^"]*)"', text)
        assert not any("?" in url for url in hreflang)
        return found[1].replace("&amp;", "&")

    @pytest.fixture(autouse=True)
    def shop(self, product):
        brand = BrandFactory(slug="juraflore")
        for _ in range(30):
            row = VariantFactory(product__category=product.category, product__brand=brand, price="3.00").product
            refresh_listing(product_ids=[row.pk])
        bump_revision()

    def test_a_rayon_keeps_filters_sort_and_page(self, client):
        link = self.links(client, "/rayon/fromages/?marque=juraflore&dispo=1&tri=nom&page=2&x=1&next=//evil.example")
        query = link.partition("?")[2]
        assert query == "marque=juraflore&dispo=1&tri=nom&page=2"
        answer = client.get(link)
        assert answer.status_code == 200
        assert answer.context["listing"].filters.brands == ("juraflore",)
        assert (answer.context["listing"].page, answer.context["listing"].sort) == (2, "nom")
        assert self.links(client, link) == f"/rayon/fromages/?{query}"

    def test_a_product_keeps_its_variant(self, client):
        link = self.links(client, "/produit/comte/?modele=COMTE-2&autre=1")
        assert link == "/en/product/comte-cheese/?modele=COMTE-2"
        assert client.get(link).context["chosen"].sku == "COMTE-2"
        assert self.links(client, "/produit/comte/?modele=inconnu") == "/en/product/comte-cheese/"

    def test_a_search_keeps_its_words(self, client):
        link = self.links(client, "/recherche/?q=produit%20%26&tri=prix&x=%22%3E%3Cscript%3E")
        assert link == "/en/search/?q=produit+%26&tri=prix"

    def test_other_pages_keep_what_they_read(self, client):
        assert self.links(client, "/contact/?commande=WM-1&x=1").endswith("/contact/?commande=WM-1")
        for path in ("//evil.example/", "/%2F/evil.example/", "/contact/?commande=//evil.example"):
            assert 'href="//' not in client.get(path).content.decode()

    def test_a_list_of_orders_keeps_its_page(self, client, customer):
        client.force_login(customer)
        assert self.links(client, "/compte/commandes/?page=2").endswith("?page=2")
