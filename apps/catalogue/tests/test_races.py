"""Concurrent writes to the catalogue; each test fails without the row lock of its service."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from apps.catalogue.models import PlannedReduction, PriceEntry, Variant
from apps.catalogue.services import prices
from apps.catalogue.services.listing import rebuild_listing, refresh_listing
from apps.catalogue.services.planned_prices import HasBegun, apply_planned_prices, plan_reduction
from apps.catalogue.tests.factories import BrandFactory, VariantFactory
from apps.catalogue.tests.test_listing import denormalised_rows
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
    rows = denormalised_rows()
    rebuild_listing()
    assert denormalised_rows() == rows


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


@pytest.mark.parametrize("_round", range(6))
def test_a_price_set_by_hand_and_a_planned_one_at_once_follow_each_other(_round):
    now = timezone.now()
    variant = VariantFactory(price=Decimal("10.00"))
    prices.set_price(variant=variant, amount=Decimal("9.00"), now=now - timedelta(days=60))
    ending, beginning = (
        PlannedReduction.objects.create(variant=variant, amount=amount, starts_at=starts_at, ends_at=ends_at)
        for amount, starts_at, ends_at in [
            (Decimal("8.00"), now - timedelta(days=1), now),
            (Decimal("7.00"), now, now + timedelta(days=7)),
        ]
    )
    apply_planned_prices(now=now - timedelta(hours=1))

    def by_hand():
        prices.set_price(variant=Variant.objects.get(pk=variant.pk), amount=Decimal("9.50"), now=now)

    results = race(by_hand, *[lambda: apply_planned_prices(now=now)] * 3)
    assert not of_kind(results, Exception)
    for row in (variant, ending, beginning):
        row.refresh_from_db()
    assert ending.state == PlannedReduction.State.ENDED
    assert variant.regular_price == Decimal("9.50")
    # By hand last: it stopped what had begun. By hand first: the reduction begins from the new price, measured by the
    # lowest of the 30 days, and that is the price of the one that was interrupted.
    outcomes = {
        PlannedReduction.State.ENDED: (Decimal("9.50"), None),
        PlannedReduction.State.RUNNING: (Decimal("7.00"), Decimal("8.00")),
    }
    assert (variant.price, variant.reference_price) == outcomes[beginning.state]
    assert apply_planned_prices(now=now) == 0


def test_planning_and_beginning_at_once_never_write_over_each_other():
    now = timezone.now()
    variant = VariantFactory(price=Decimal("10.00"))
    prices.set_price(variant=variant, amount=Decimal("9.00"), now=now - timedelta(days=60))
    planned = PlannedReduction.objects.create(
        variant=variant, amount=Decimal("8.00"), starts_at=now, ends_at=now + timedelta(days=7)
    )
    edited = PlannedReduction.objects.get(pk=planned.pk)
    edited.amount = Decimal("5.00")
    results = race(
        lambda: plan_reduction(planned=edited, by=None, now=now), *[lambda: apply_planned_prices(now=now)] * 3
    )
    assert of_kind(results, Exception) in ([], of_kind(results, HasBegun))
    planned.refresh_from_db()
    variant.refresh_from_db()
    assert planned.state == PlannedReduction.State.RUNNING
    assert variant.price == planned.amount == (Decimal("8.00") if of_kind(results, HasBegun) else Decimal("5.00"))
