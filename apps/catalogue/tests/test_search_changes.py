"""What a search finds after the catalogue has changed."""

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from apps.catalogue.listing import Filters, search
from apps.catalogue.models import Product
from apps.catalogue.services.listing import refresh_listing
from apps.catalogue.tests.factories import BrandFactory, CategoryFactory, ProductFactory, VariantFactory
from apps.catalogue.tests.searching import found, put_on_sale

# MySQL's full-text search sees only what is committed.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop():
    put_on_sale(["Camembert de Normandie au lait cru", "Camembert fermier", "Miel de lavande"], brand=None)


def test_names_before_descriptions(shop):
    mention = ProductFactory(name_fr="Tarte", name_en="Tarte", description_fr="<p>Avec du <b>miel</b>.</p>")
    refresh_listing(product_ids=[VariantFactory(product=mention).product_id])
    assert found("miel") == ["Miel de lavande", "Tarte"]


def test_in_stock_before_not(shop):
    gone = ProductFactory(name_fr="Camembert", name_en="Camembert")
    refresh_listing(product_ids=[VariantFactory(product=gone, on_hand=0).product_id])
    assert found("camembert")[-1] == "Camembert"


def test_sku_and_barcode_are_found(shop):
    product = ProductFactory(name_fr="Tasse bleue")
    variant = VariantFactory(product=product, sku="TAS-BLEU-01", ean13="3083681027181")
    refresh_listing(product_ids=[variant.product_id])
    assert found("TAS-BLEU-01") == ["Tasse bleue"]
    assert found("tas bleu 01") == ["Tasse bleue"]
    assert found("3083681027181") == ["Tasse bleue"]


def test_facets_filter_what_was_found(shop):
    brand = BrandFactory(name="Fermiers réunis", slug="fermiers")
    product = ProductFactory(name_fr="Camembert affiné", brand=brand)
    refresh_listing(product_ids=[VariantFactory(product=product, price="4.00").product_id])
    result = search("camembert", filters=Filters.from_query(QueryDict("marque=fermiers")))
    assert [card.name for card in result.cards] == ["Camembert affiné"]
    assert {facet.key: [value.count for value in facet.values] for facet in result.facets} == {
        "dispo": [1],
        "prix": [1],
        "marque": [1],
    }


def test_sorts(shop):
    cheap = ProductFactory(name_fr="Camembert rustique de petit format")
    refresh_listing(product_ids=[VariantFactory(product=cheap, price="1.00").product_id])
    prices = [card.price for card in search("camembert", filters=Filters(), sort="prix").cards]
    assert prices == sorted(prices)
    assert len(prices) == 3
    names = [card.name for card in search("camembert", filters=Filters(), sort="nom").cards]
    assert names == sorted(names)


def test_a_product_that_is_withdrawn_is_not_found(shop):
    product = Product.objects.get(name_fr="Camembert fermier")
    Product.objects.filter(pk=product.pk).update(state=Product.State.ARCHIVED)
    refresh_listing(product_ids=[product.pk])
    assert found("camembert") == ["Camembert de Normandie au lait cru"]


NAMES = ["Camembert fermier", "Pâté de campagne", "Thé vert à la menthe", "Riz long de Camargue", "Savon à l’olive"]
TYPED = ["camambert", "pâté", "thé vert", "savon menthe", "savon zzzzzzzz", "riz de camargue"]


def test_as_many_queries_in_a_large_shop_as_in_a_small_one():
    """Beginnings, descriptions and products with only some of the words cost a small shop no query more."""
    category = CategoryFactory()
    asked = []
    for more in (1, 40):
        put_on_sale(NAMES * more, category=category, brand=None)
        asked.append([_queries(text) for text in TYPED])
    assert asked == [[2] * len(TYPED)] * 2


def _queries(text: str) -> int:
    """Without the revision, which each process asks for once a second."""
    found(text)
    with CaptureQueriesContext(connection) as queries:
        assert found(text)
    return sum("catalogue_cataloguerevision" not in query["sql"] for query in queries)
