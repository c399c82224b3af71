from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.catalogue.models import CatalogueRevision, PriceEntry, Variant
from apps.catalogue.services import prices
from apps.catalogue.tests.factories import ProductFactory, VariantFactory
from apps.common.tests.examples import examples

START = datetime(2026, 1, 1, 9, tzinfo=UTC)


def new_variant(price: str = "10.00") -> Variant:
    """A variant whose ledger opens at START."""
    variant = Variant.objects.create(
        product=ProductFactory(), sku=f"V{Variant.objects.count()}", price=price, regular_price=price
    )
    prices.set_price(variant=variant, amount=Decimal(price), now=START)
    return variant


def revision() -> int:
    return CatalogueRevision.objects.values_list("number", flat=True).first() or 0


def at(days: float) -> datetime:
    return START + timedelta(days=days)


@pytest.mark.django_db
class TestSetPrice:
    def test_opens_and_continues_the_ledger(self):
        variant = new_variant()
        prices.set_price(variant=variant, amount=Decimal("12.00"), reason="tarif 2026", now=at(1))
        assert list(variant.price_entries.values_list("amount", "effective_at", "reason")) == [
            (Decimal("10.00"), START, ""),
            (Decimal("12.00"), at(1), "tarif 2026"),
        ]
        assert (variant.price, variant.regular_price, variant.reference_price) == (12, 12, None)
        assert variant.history.first().history_change_reason == "tarif 2026"

    def test_asking_the_same_price_again_writes_nothing(self):
        variant = new_variant()
        before = (variant.price_entries.count(), variant.history.count(), revision())
        prices.set_price(variant=variant, amount=Decimal("10"), now=at(1))
        assert (variant.price_entries.count(), variant.history.count(), revision()) == before

    def test_bumps_the_revision(self):
        variant = new_variant()
        before = revision()
        prices.set_price(variant=variant, amount=Decimal("11.00"), now=at(1))
        assert revision() != before

    def test_ends_a_running_reduction(self):
        variant = new_variant()
        prices.start_reduction(variant=variant, amount=Decimal("8.00"), author=None, now=at(1))
        prices.set_price(variant=variant, amount=Decimal("8.00"), now=at(2))
        assert (variant.price, variant.regular_price, variant.reference_price) == (8, 8, None)
        assert variant.price_entries.last().kind == PriceEntry.Kind.REGULAR

    @pytest.mark.parametrize("amount", ["-0.01", "1.005", "100000000.00", "NaN", "Infinity"])
    def test_refuses_what_is_not_a_price(self, amount):
        variant = new_variant()
        with pytest.raises(prices.InvalidPrice):
            prices.set_price(variant=variant, amount=Decimal(amount), now=at(1))
        assert variant.price_entries.count() == 1

    def test_two_changes_in_one_instant_or_with_a_clock_behind_follow_each_other(self):
        variant = new_variant()
        for amount in ("11.00", "12.00"):
            prices.set_price(variant=variant, amount=Decimal(amount), now=at(1))
        prices.set_price(variant=variant, amount=Decimal("13.00"), now=at(0.5))
        assert [entry.amount for entry in variant.price_entries.all()] == [10, 11, 12, 13]


@pytest.mark.django_db
class TestReduction:
    def test_shows_the_lowest_price_of_the_30_days_before(self):
        variant = new_variant("10.00")
        prices.set_price(variant=variant, amount=Decimal("9.00"), now=at(1))
        prices.set_price(variant=variant, amount=Decimal("14.00"), now=at(20))
        prices.start_reduction(variant=variant, amount=Decimal("7.00"), author=None, now=at(25))
        assert (variant.price, variant.regular_price, variant.reference_price) == (7, 14, 9)

    def test_forgets_a_price_that_ended_30_days_ago(self):
        variant = new_variant("9.00")
        prices.set_price(variant=variant, amount=Decimal("14.00"), now=at(10))
        assert prices.lowest_price(variant=variant, before=at(40) - timedelta(microseconds=1)) == 9
        assert prices.lowest_price(variant=variant, before=at(40)) == 14

    def test_a_price_older_than_30_days_counts_while_it_was_asked(self):
        variant = new_variant("9.00")
        prices.start_reduction(variant=variant, amount=Decimal("5.00"), author=None, now=at(400))
        assert variant.reference_price == 9

    def test_a_young_product_is_measured_since_it_is_on_sale(self):
        variant = new_variant("9.00")
        prices.start_reduction(variant=variant, amount=Decimal("5.00"), author=None, now=at(2))
        assert variant.reference_price == 9

    def test_deepening_keeps_the_reference_of_the_start(self):
        variant = new_variant("10.00")
        prices.start_reduction(variant=variant, amount=Decimal("8.00"), author=None, now=at(50))
        prices.start_reduction(variant=variant, amount=Decimal("6.00"), author=None, now=at(60))
        prices.start_reduction(variant=variant, amount=Decimal("5.00"), author=None, now=at(95))
        assert (variant.price, variant.reference_price) == (5, 10)

    def test_a_new_reduction_after_an_interruption_is_measured_by_the_one_before(self):
        variant = new_variant("10.00")
        prices.start_reduction(variant=variant, amount=Decimal("8.00"), author=None, now=at(50))
        prices.set_price(variant=variant, amount=variant.regular_price, now=at(55))
        prices.start_reduction(variant=variant, amount=Decimal("6.00"), author=None, now=at(60))
        assert variant.reference_price == 8

    def test_repeating_a_running_reduction_writes_nothing(self):
        variant = new_variant("10.00")
        for day in (50, 51):
            prices.start_reduction(variant=variant, amount=Decimal("8.00"), author=None, now=at(day))
        assert variant.price_entries.count() == 2

    @pytest.mark.parametrize("amount", ["8.50", "10.00", "12.00"])
    def test_a_smaller_reduction_than_the_running_one_is_refused(self, amount):
        variant = new_variant("10.00")
        prices.start_reduction(variant=variant, amount=Decimal("8.00"), author=None, now=at(50))
        with pytest.raises(prices.NotAReduction) as refusal:
            prices.start_reduction(variant=variant, amount=Decimal(amount), author=None, now=at(51))
        assert refusal.value.details["reference"] == 8
        variant.refresh_from_db()
        assert variant.price == 8

    def test_refuses_a_price_raised_for_the_occasion(self):
        variant = new_variant("10.00")
        prices.set_price(variant=variant, amount=Decimal("15.00"), now=at(28))
        with pytest.raises(prices.NotAReduction):
            prices.start_reduction(variant=variant, amount=Decimal("10.00"), author=None, now=at(30))
        variant.refresh_from_db()
        assert (variant.price, variant.price_entries.count()) == (15, 2)

    def test_refuses_a_variant_that_never_had_a_price(self):
        variant = Variant.objects.create(product=ProductFactory(), sku="neuf", price=10, regular_price=10)
        with pytest.raises(prices.NoReferencePrice):
            prices.start_reduction(variant=variant, amount=Decimal("5.00"), author=None, now=START)

    def test_ending_it_returns_to_the_regular_price_once(self):
        variant = new_variant("10.00")
        prices.start_reduction(variant=variant, amount=Decimal("8.00"), author=None, now=at(50))
        for day in (60, 61):
            prices.set_price(variant=variant, amount=variant.regular_price, now=at(day))
        assert (variant.price, variant.reference_price) == (10, None)
        assert [entry.amount for entry in variant.price_entries.all()] == [10, 8, 10]


def scanned(ledger: list[tuple[datetime, Decimal, str]]) -> Decimal | None:
    """The reference price by walking the ledger price by price: slow, and plainly what the law says."""
    if ledger[-1][2] != PriceEntry.Kind.REDUCTION:
        return None
    first = len(ledger) - 1
    while ledger[first - 1][2] == PriceEntry.Kind.REDUCTION:
        first -= 1
    began = ledger[first][0]
    return min(
        amount
        for (since, amount, _kind), (until, *_rest) in pairwise(ledger[: first + 1])
        if max(since, began - timedelta(days=30)) < until
    )


actions = st.lists(
    st.tuples(
        st.sampled_from(["set", "reduce", "reduce", "end"]),
        st.integers(1, 40).map(lambda tens: Decimal(tens) / 2),
        st.integers(0, 80).map(lambda quarters: timedelta(hours=quarters * 12)),
    ),
    max_size=14,
)


@pytest.mark.django_db
@settings(deadline=None, max_examples=examples(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=actions)
def test_the_reference_is_always_what_a_scan_of_the_ledger_says(actions):
    variant, now = new_variant("10.00"), START
    for verb, amount, later in actions:
        now += later
        try:
            if verb == "set":
                prices.set_price(variant=variant, amount=amount, now=now)
            elif verb == "reduce":
                prices.start_reduction(variant=variant, amount=amount, author=None, now=now)
            else:
                prices.set_price(variant=variant, amount=variant.regular_price, now=now)
        except prices.NotAReduction:
            pass
        variant.refresh_from_db()
        ledger = list(variant.price_entries.values_list("effective_at", "amount", "kind"))
        assert variant.price == ledger[-1][1]
        assert variant.regular_price == [amount for _, amount, kind in ledger if kind == PriceEntry.Kind.REGULAR][-1]
        assert variant.reference_price == scanned(ledger)
        amounts = prices.read_ledger(ledger, now=ledger[-1][0])
        assert (amounts.price, amounts.regular_price, amounts.reference_price) == (
            variant.price,
            variant.regular_price,
            variant.reference_price,
        )


@pytest.mark.mysql
@pytest.mark.django_db(transaction=True)
def test_changes_from_many_hosts_in_one_instant_leave_one_consistent_ledger():
    variant = VariantFactory()
    now = datetime.now(UTC)

    def change(cents: int) -> None:
        try:
            prices.set_price(variant=Variant.objects.get(pk=variant.pk), amount=Decimal(cents), now=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(change, range(20, 36)))
    variant.refresh_from_db()
    entries = list(variant.price_entries.all())
    assert len(entries) == 17
    assert entries[-1].amount == variant.price == variant.regular_price
