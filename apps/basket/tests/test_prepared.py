from uuid import uuid4

import pytest
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import F
from django.db.transaction import TransactionManagementError

from apps.basket.models import Basket, BasketLine
from apps.basket.tests.factories import BasketFactory
from apps.catalogue.models import Stock, Variant
from apps.catalogue.tests.factories import VariantFactory
from apps.common.prepared import Prepared, prefetched

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


def test_takes_texts_and_whole_numbers_to_compare():
    variants = [VariantFactory(weight_g=weight) for weight in (100, 200, 300)]
    prepared = Prepared(
        lambda column, skus, least: (
            Variant.objects.filter(sku__in=skus, weight_g__gte=least).order_by(column).values_list("weight_g")
        )
    )
    skus = tuple(variant.sku for variant in variants)
    assert prepared.rows(skus, 200, shape=("weight_g",)) == [(200,), (300,)]
    assert prepared.rows(skus[:2], 100, shape=("-weight_g",)) == [(200,), (100,)]
    assert prepared.rows(skus[2:], 301, shape=("weight_g",)) == []


def test_keeps_so_many_shapes(monkeypatch):
    monkeypatch.setattr("apps.common.prepared.MOST_PLANS", 3)
    variant = VariantFactory()
    prepared = Prepared(lambda most, sku: Variant.objects.filter(sku=sku).values_list("pk")[:most])
    for most in [*range(1, 9), *range(1, 9)]:
        assert prepared.rows(variant.sku, shape=(most,)) == [(variant.pk,)]
        assert len(prepared._plans) <= 3


class TestInstances:
    def test_are_the_querysets_own(self, django_assert_num_queries):
        variants = [VariantFactory() for _ in range(3)]
        prepared = Prepared(
            lambda sku: (
                Variant.objects.filter(sku=sku)
                .select_related("product__category", "stock")
                .only("sku", "price", "product__name_fr", "product__category__tint", "stock__on_hand")
                .annotate(half=F("price") / 2)
            )
        )
        for variant in variants:
            with django_assert_num_queries(1):
                (found,) = prepared.instances(variant.sku)
                assert found == variant
                assert (found.price, found.half) == (variant.price, variant.price / 2)
                assert found.product.name_fr == variant.product.name_fr
                assert found.product.category.tint == variant.product.category.tint
                assert found.stock.on_hand == variant.stock.on_hand
            assert "weight_g" in found.get_deferred_fields()
            with django_assert_num_queries(1):
                assert found.weight_g == variant.weight_g
        assert prepared.instances("nobody’s") == []

    def test_without_a_related_row_there_is_none(self):
        variant = VariantFactory()
        Stock.objects.all().delete()
        prepared = Prepared(lambda sku: Variant.objects.filter(sku=sku).select_related("stock"))
        (found,) = prepared.instances(variant.sku)
        assert not hasattr(found, "stock")

    def test_a_uuid_is_a_value_too(self):
        baskets = BasketFactory.create_batch(3)
        prepared = Prepared(lambda key: Basket.objects.filter(key=key))
        assert [prepared.instances(basket.key) for basket in baskets] == [[basket] for basket in baskets]
        assert prepared.instances(uuid4()) == []

    def test_are_locked_in_a_transaction_alone(self, monkeypatch):
        variant = VariantFactory()
        prepared = Prepared(lambda ids: Stock.objects.select_for_update().filter(pk__in=ids))
        assert [stock.pk for stock in prepared.instances((variant.pk,))] == [variant.pk]
        monkeypatch.setattr(connections[DEFAULT_DB_ALIAS], "in_atomic_block", False)
        with pytest.raises(TransactionManagementError):
            prepared.instances((variant.pk,))

    def test_are_new_each_time(self):
        variant = VariantFactory()
        prepared = Prepared(lambda sku: Variant.objects.filter(sku=sku))
        (first,), (second,) = prepared.instances(variant.sku), prepared.instances(variant.sku)
        first.sku = "autre"
        assert second.sku == variant.sku

    def test_kept_as_prefetched_they_are_asked_for_no_more(self, django_assert_num_queries):
        basket = BasketFactory(lines=[(VariantFactory(), 1), (VariantFactory(), 2)])
        lines = Prepared(lambda basket: BasketLine.objects.filter(basket=basket)).instances(basket.pk)
        prefetched(basket, lines=lines)
        with django_assert_num_queries(0):
            assert [line.quantity for line in basket.lines.all()] == [1, 2]
            assert [line.basket.key for line in basket.lines.all()] == [basket.key] * 2
            assert basket.lines.count() == 2
        with django_assert_num_queries(1):
            assert basket.lines.filter(quantity=2).get() == lines[1]
