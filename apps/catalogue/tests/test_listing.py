import pytest
from django.http import QueryDict

from apps.catalogue.listing import Filters, list_category, product_page, search, tree
from apps.catalogue.models import Product
from apps.catalogue.services.listing import refresh_listing
from apps.catalogue.tests.factories import CategoryFactory, ProductFactory, VariantFactory

pytestmark = pytest.mark.django_db


def stock_up(count: int, **product):
    variants = [VariantFactory(product=ProductFactory(**product)) for _ in range(count)]
    refresh_listing(product_ids=[variant.product_id for variant in variants])
    return variants


def test_a_rayon_shows_what_is_in_it_and_under_it():
    top = CategoryFactory(name_fr="Épicerie")
    under = CategoryFactory(parent=top, name_fr="Thés")
    stock_up(2, category=top)
    stock_up(3, category=under)
    rayons = tree("fr").by_id
    assert list_category(rayons[top.pk], filters=Filters()).total == 5
    assert list_category(rayons[under.pk], filters=Filters()).total == 3


@pytest.mark.django_db(transaction=True)  # MySQL's full-text search sees what is committed.
def test_search_finds_by_name():
    stock_up(1, name_fr="Camembert de Normandie")
    stock_up(1, name_fr="Chocolat noir")
    result = search("camambert", filters=Filters.from_query(QueryDict("")))
    assert [card.name for card in result.cards] == ["Camembert de Normandie"]
    assert result.corrected == "camembert"


def test_product_page_knows_its_rayon():
    variant = stock_up(1)[0]
    page = product_page(slug=variant.product.slug_fr, language="fr")
    assert page.rayon.id == variant.product.category_id
    assert page.offers[0].sku == variant.sku


def test_a_draft_is_not_found():
    variant = stock_up(1)[0]
    Product.objects.filter(pk=variant.product_id).update(state=Product.State.DRAFT)
    with pytest.raises(Product.DoesNotExist):
        product_page(slug=variant.product.slug_fr, language="fr")
