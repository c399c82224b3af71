import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.api.tests.caller import Caller
from apps.catalogue.models import Product
from apps.catalogue.services.listing import refresh_listing
from apps.catalogue.tests.factories import BrandFactory, CategoryFactory, ProductFactory, VariantFactory

pytestmark = pytest.mark.django_db


def stock_up(count: int = 1, **product) -> list[Product]:
    products = [VariantFactory(product=ProductFactory(**product)).product for _ in range(count)]
    refresh_listing(product_ids=[each.pk for each in products])
    return products


class TestProducts:
    def test_of_a_rayon_are_filtered_as_on_the_site(self):
        rayon, brand = CategoryFactory(), BrandFactory()
        (wanted,) = stock_up(category=rayon, brand=brand)
        stock_up(category=rayon)
        stock_up()
        body = Caller()("get", f"products?rayon={rayon.slug_fr}").json()
        assert body["total"] == 2
        assert {"marque"} <= {facet["key"] for facet in body["facets"]}
        body = Caller()("get", f"products?rayon={rayon.slug_en}&marque={brand.slug}").json()
        (card,) = body["results"]
        assert (card["slug"], card["price"], card["stock"]) == (wanted.slug_fr, "12.50", "IN")
        assert card["url"].endswith(f"/produit/{wanted.slug_fr}/")

    # MySQL's full-text index shows what is committed.
    @pytest.mark.django_db(transaction=True)
    def test_are_searched(self):
        (wanted,) = stock_up(name_fr="Tasse en grès")
        stock_up(name_fr="Miel")
        assert [card["id"] for card in Caller()("get", "products?q=tasse").json()["results"]] == [wanted.pk]

    def test_are_all_there_page_by_page(self):
        products = stock_up(26)
        stock_up(state=Product.State.DRAFT)
        pages = [Caller()("get", f"products?page={page}").json() for page in (1, 2)]
        assert [card["id"] for page in pages for card in page["results"]] == [each.pk for each in products]
        assert (pages[0]["total"], pages[0]["pages"]) == (26, 2)

    @pytest.mark.parametrize("query", ["colour=red", "tri=prix", "marque=x"])
    def test_refuse_what_makes_no_sense(self, query: str):
        response = Caller()("get", f"products?{query}")
        assert response.status_code == 400
        assert response.json()["fields"]

    def test_of_an_unknown_rayon_are_not_there(self):
        assert Caller()("get", "products?rayon=rien").json()["code"] == "not_found"

    def test_ask_as_much_for_twenty_as_for_three(self):
        rayon = CategoryFactory()
        Caller()("get", f"products?rayon={rayon.slug_fr}")
        counts = []
        for count in (3, 17):
            stock_up(count, category=rayon)
            with CaptureQueriesContext(connection) as asked:
                Caller()("get", f"products?rayon={rayon.slug_fr}")
            counts.append(len(asked))
        assert counts[0] == counts[1]


class TestOneProduct:
    def test_has_its_offers_in_the_callers_language(self):
        (product,) = stock_up()
        french = Caller()("get", f"products/{product.slug_fr}").json()
        assert french["name"] == product.name_fr
        assert [offer["sku"] for offer in french["offers"]] == [product.variants.get().sku]
        english = Caller(accept_language="en")("get", f"products/{product.slug_fr}").json()
        assert (english["name"], english["slug"]) == (product.name_en, product.slug_en)

    def test_that_shoppers_may_not_see_is_not_there(self):
        (product,) = stock_up(state=Product.State.DRAFT)
        assert Caller()("get", f"products/{product.slug_fr}").status_code == 404


def test_categories_come_after_the_one_above():
    top = CategoryFactory()
    under = CategoryFactory(parent=top)
    stock_up(category=under)
    body = Caller()("get", "categories").json()
    assert [(each["slug"], each["parent"], each["products"]) for each in body["results"]] == [
        (top.slug_fr, None, 1),
        (under.slug_fr, top.slug_fr, 1),
    ]


@pytest.mark.parametrize("path", ["products", "categories"])
def test_nothing_is_written(path: str):
    assert Caller()("post", path, {}).status_code == 405
