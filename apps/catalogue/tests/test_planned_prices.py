from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from apps.catalogue.models import PlannedReduction, PriceEntry, Variant
from apps.catalogue.services import prices
from apps.catalogue.services.planned_prices import apply_planned_prices
from apps.catalogue.tests.factories import ProductFactory

pytestmark = pytest.mark.django_db
START = datetime(2026, 1, 7, 8, tzinfo=UTC)
END = START + timedelta(days=28)


@pytest.fixture
def variant():
    variant = Variant.objects.create(product=ProductFactory(), sku="V", price=10, regular_price=10)
    prices.set_price(variant=variant, amount=Decimal(10), now=START - timedelta(days=90))
    return variant


def plan(variant: Variant, amount: str = "7.00", **fields) -> PlannedReduction:
    return PlannedReduction.objects.create(
        variant=variant, amount=amount, **{"starts_at": START, "ends_at": END} | fields
    )


def state(planned: PlannedReduction) -> str:
    planned.refresh_from_db()
    planned.variant.refresh_from_db()
    return planned.state


def test_begins_and_ends_at_its_times_once(variant):
    planned = plan(variant)
    assert apply_planned_prices(now=START - timedelta(seconds=1)) == 0
    assert [apply_planned_prices(now=START), apply_planned_prices(now=START)] == [1, 0]
    assert (state(planned), planned.variant.price, planned.variant.reference_price) == ("RUNNING", 7, 10)
    assert [apply_planned_prices(now=END), apply_planned_prices(now=END)] == [1, 0]
    assert (state(planned), planned.variant.price, planned.variant.reference_price) == ("ENDED", 10, None)
    assert PriceEntry.objects.filter(variant=variant).count() == 3


def test_one_that_would_mislead_is_refused_with_the_reason_and_the_others_begin(variant):
    refused = plan(variant, amount="12.00")
    good = plan(variant, starts_at=START + timedelta(seconds=1))
    assert apply_planned_prices(now=START + timedelta(minutes=1)) == 2
    assert (state(refused), state(good)) == ("REFUSED", "RUNNING")
    assert "prix le plus bas" in refused.refusal


def test_a_price_set_by_hand_meanwhile_is_left_alone(variant):
    planned = plan(variant)
    apply_planned_prices(now=START)
    prices.set_price(variant=variant, amount=Decimal("9.00"), now=START + timedelta(days=1))
    apply_planned_prices(now=END)
    assert (state(planned), planned.variant.price) == ("ENDED", 9)


def test_one_whose_period_passed_unnoticed_never_begins(variant):
    planned = plan(variant)
    apply_planned_prices(now=END)
    assert (state(planned), planned.variant.price) == ("REFUSED", 10)


def test_one_that_follows_another_without_a_gap_deepens_it(variant):
    plan(variant, ends_at=START + timedelta(days=7))
    deeper = plan(variant, amount="5.00", starts_at=START + timedelta(days=6))
    apply_planned_prices(now=START)
    apply_planned_prices(now=START + timedelta(days=6))
    apply_planned_prices(now=START + timedelta(days=7))
    assert (state(deeper), deeper.variant.price, deeper.variant.reference_price) == ("RUNNING", 5, 10)
