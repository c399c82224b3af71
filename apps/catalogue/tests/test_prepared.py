import pytest

from apps.catalogue.models import Variant
from apps.catalogue.tests.factories import VariantFactory
from apps.common.prepared import Prepared

pytestmark = pytest.mark.django_db


def test_gives_what_the_queryset_gives_for_each_value(django_assert_num_queries):
    variants = [VariantFactory() for _ in range(3)]
    by_sku = Prepared(
        lambda sku: Variant.objects.filter(sku=sku, is_active=True).values_list("pk", "price", "created_at")
    )
    for variant in variants:
        with django_assert_num_queries(1):
            found = by_sku.rows(variant.sku)
        assert found == list(Variant.objects.filter(sku=variant.sku).values_list("pk", "price", "created_at"))


def test_takes_any_number_of_keys_and_any_shape():
    variants = [VariantFactory() for _ in range(3)]
    chosen = Prepared(lambda column, ids: Variant.objects.filter(pk__in=ids).order_by("pk").values_list(column))
    keys = tuple(variant.pk for variant in variants)
    assert chosen.rows(keys, shape=("sku",)) == [(variant.sku,) for variant in variants]
    assert chosen.rows(keys[:1], shape=("sku",)) == [(variants[0].sku,)]
    assert chosen.rows(keys[1:], shape=("price",)) == [(variant.price,) for variant in variants[1:]]
