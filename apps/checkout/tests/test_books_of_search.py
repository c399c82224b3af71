import pytest

from apps.catalogue.models import SearchDocument
from apps.catalogue.services.listing import refresh_listing
from apps.catalogue.tests.factories import VariantFactory
from apps.checkout.services import check_books


@pytest.mark.django_db(transaction=True)
def test_the_books_say_which_product_a_search_cannot_find():
    product = VariantFactory().product
    refresh_listing(product_ids=[product.pk])
    assert check_books() == []
    SearchDocument.objects.all().delete()
    assert check_books() == [f"product {product.pk}: visible, without a search document"]
