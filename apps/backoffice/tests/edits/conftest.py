import pytest

from apps.catalogue.tests.factories import VariantFactory


@pytest.fixture
def product(db):
    return VariantFactory(product__name_fr="Miel", product__origin_fr="France").product
