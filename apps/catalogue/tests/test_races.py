"""What many hosts do to the catalogue at once; each of these fails without the row lock of its service."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from apps.catalogue.models import PlannedReduction, PriceEntry
from apps.catalogue.services import prices
from apps.catalogue.services.listing import rebuild_listing, refresh_listing
from apps.catalogue.services.planned_prices import apply_planned_prices
from apps.catalogue.tests.factories import BrandFactory, VariantFactory
from apps.catalogue.tests.test_listing import kept_rows
from apps.common.tests.races import of_kind, race

pytestmark = [pytest.mark.mysql, pytest.mark.django_db(transaction=True)]


def test_refreshes_at_once_count_a_product_once():
    former, brand = BrandFactory(), BrandFactory()
    products = [VariantFactory(product__brand=former).product for _ in range(4)]
    ids = [product.pk for product in products]
    refresh_listing(product_ids=ids)
    for product in products:
        product.brand = brand
        product.save()
    assert not of_kind(race(*[lambda: refresh_listing(product_ids=ids)] * 6), Exception)
    kept = kept_rows()
    rebuild_listing()
    assert kept_rows() == kept


def test_sweeps_at_once_begin_a_planned_reduction_once():
    now = timezone.now()
    variant = VariantFactory(price=Decimal("10.00"))
    prices.set_price(variant=variant, amount=Decimal("9.00"), now=now - timedelta(days=60))
    planned = PlannedReduction.objects.create(
        variant=variant, amount=Decimal("7.00"), starts_at=now, ends_at=now + timedelta(days=7)
    )
    moved = race(*[lambda: apply_planned_prices(now=now)] * 6)
    assert sorted(moved) == [0, 0, 0, 0, 0, 1]
    planned.refresh_from_db()
    assert planned.state == PlannedReduction.State.RUNNING
    reductions = PriceEntry.objects.filter(variant=variant, kind=PriceEntry.Kind.REDUCTION)
    assert reductions.count() == 1
