"""Planned reductions that meet, overlap, are edited or found late, against a plain implementation of the rule."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from apps.catalogue.models import PlannedReduction, PriceEntry, Variant
from apps.catalogue.services import planned_prices, prices
from apps.catalogue.services.planned_prices import apply_planned_prices
from apps.catalogue.tests.factories import ProductFactory
from apps.catalogue.tests.test_prices import scanned
from apps.common.tests.examples import examples
from apps.common.tests.transactions import rolled_back

pytestmark = pytest.mark.django_db
START = datetime(2026, 1, 7, 8, tzinfo=UTC)


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def new_variant(price: str) -> Variant:
    variant = Variant.objects.create(
        product=ProductFactory(), sku=f"V{Variant.objects.count()}", price=price, regular_price=price
    )
    prices.set_price(variant=variant, amount=Decimal(price), now=START - timedelta(days=90))
    return variant


def plan(variant: Variant, amount: str, begins: float, ends: float) -> PlannedReduction:
    return PlannedReduction.objects.create(variant=variant, amount=amount, starts_at=at(begins), ends_at=at(ends))


def asked(variant: Variant, hours: float) -> tuple[Decimal, Decimal | None]:
    """Price and reference after the run of this hour."""
    apply_planned_prices(now=at(hours))
    variant.refresh_from_db()
    return variant.price, variant.reference_price


def states(*rows: PlannedReduction) -> list[str]:
    return [PlannedReduction.objects.get(pk=row.pk).state for row in rows]


class TestOverlapping:
    def test_the_outer_goes_on_when_the_inner_ends(self):
        variant = new_variant("22.90")
        outer, inner = plan(variant, "20.00", 1, 10), plan(variant, "15.00", 3, 6)
        assert [asked(variant, hour)[0] for hour in (0, 1, 3, 6, 9, 10)] == [
            Decimal(amount) for amount in ("22.90", "20.00", "15.00", "20.00", "20.00", "22.90")
        ]
        assert states(outer, inner) == ["ENDED", "ENDED"]

    def test_the_lowest_wins_whichever_began_first(self):
        variant = new_variant("22.90")
        plan(variant, "15.00", 1, 6)
        plan(variant, "20.00", 3, 10)
        reference = Decimal("22.90")
        assert [asked(variant, hour) for hour in (1, 3, 6)] == [(15, reference), (15, reference), (20, reference)]

    def test_stopping_the_lowest_gives_way_to_the_next(self):
        variant = new_variant("22.90")
        plan(variant, "20.00", 1, 10)
        inner = plan(variant, "15.00", 3, 6)
        asked(variant, 3)
        assert planned_prices.stop_planned(planned=inner, by=None, now=at(4))
        assert not planned_prices.stop_planned(planned=inner, by=None, now=at(4))
        assert asked(variant, 5) == (20, Decimal("22.90"))
        inner.refresh_from_db()
        assert (inner.state, inner.stopped_at) == ("ENDED", at(4))

    def test_a_late_run_finds_what_runs_now(self):
        variant = new_variant("22.90")
        outer, inner = plan(variant, "20.00", 1, 10), plan(variant, "15.00", 3, 6)
        assert asked(variant, 7) == (20, Decimal("22.90"))
        assert states(outer, inner) == ["RUNNING", "REFUSED"]
        assert list(variant.price_entries.values_list("amount", flat=True)) == [Decimal("22.90"), Decimal("20.00")]


class TestBackToBack:
    def test_the_reference_is_the_price_before_the_first(self):
        variant = new_variant("12.50")
        rows = [plan(variant, "10.00", 1, 5), plan(variant, "8.75", 5, 9), plan(variant, "9.90", 9, 12)]
        before = Decimal("12.50")
        assert asked(variant, 1) == (10, before)
        assert asked(variant, 5) == (Decimal("8.75"), before)
        assert asked(variant, 9) == (Decimal("9.90"), before)
        assert asked(variant, 12) == (before, None)
        assert states(*rows) == ["ENDED"] * 3
        kinds = list(variant.price_entries.values_list("kind", flat=True))
        assert kinds == ["REGULAR", "REDUCTION", "REDUCTION", "REDUCTION", "REGULAR"]

    def test_an_hour_at_the_regular_price_is_an_interruption(self):
        variant = new_variant("12.50")
        plan(variant, "10.00", 1, 5)
        second = plan(variant, "8.75", 6, 9)
        for hour in (1, 5):
            asked(variant, hour)
        assert asked(variant, 6) == (Decimal("8.75"), Decimal("10.00"))
        assert states(second) == ["RUNNING"]


class TestByHand:
    def test_a_price_set_by_hand_stops_what_has_begun_and_leaves_what_is_to_come(self):
        variant = new_variant("22.90")
        rows = [plan(variant, "20.00", 1, 10), plan(variant, "15.00", 3, 9), plan(variant, "12.00", 20, 30)]
        asked(variant, 3)
        prices.set_price(variant=variant, amount=Decimal("18.00"), now=at(4))
        assert [asked(variant, hour)[0] for hour in (5, 9, 10)] == [18, 18, 18]
        assert states(*rows) == ["ENDED", "ENDED", "PLANNED"]
        assert asked(variant, 20) == (12, 15)

    def test_a_reduction_announced_without_an_end_counts_as_one_more(self):
        variant = new_variant("22.90")
        prices.start_reduction(variant=variant, amount=Decimal("18.00"), author=None, now=at(0))
        plan(variant, "20.00", 1, 5)
        reference = Decimal("22.90")
        assert [asked(variant, hour) for hour in (1, 5)] == [(18, reference), (18, reference)]
        plan(variant, "15.00", 6, 8)
        assert [asked(variant, hour) for hour in (6, 8)] == [(15, reference), (reference, None)]

    def test_a_plan_at_its_very_price_takes_its_place(self):
        """What the form accepts is what happens: afterwards the regular price is asked and 9,00 is the reference."""
        variant = new_variant("12.00")
        prices.start_reduction(variant=variant, amount=Decimal("9.00"), author=None, now=START)
        plan(variant, "9.00", 6, 12)
        for begins, refused in [(12, False), (18, True)]:
            wanted = PlannedReduction(variant=variant, amount=Decimal("9.50"), starts_at=at(begins), ends_at=at(20))
            if refused:
                with pytest.raises(prices.NotAReduction):
                    planned_prices.check_plan(planned=wanted, now=at(1))
            else:
                planned_prices.check_plan(planned=wanted, now=at(1))
        assert [asked(variant, hour)[0] for hour in (6, 12)] == [9, 12]


class TestEntry:
    @pytest.mark.parametrize(
        ("amount", "begins", "ends", "refusal"),
        [
            ("9.00", -3, -1, planned_prices.AlreadyOver),
            ("10.00", 1, 2, prices.NotAReduction),
            ("12.00", 1, 2, prices.NotAReduction),
        ],
    )
    def test_what_would_be_refused_is_refused_when_it_is_planned(self, amount, begins, ends, refusal):
        variant = new_variant("10.00")
        wanted = PlannedReduction(variant=variant, amount=Decimal(amount), starts_at=at(begins), ends_at=at(ends))
        with pytest.raises(refusal):
            planned_prices.plan_reduction(planned=wanted, by=None, now=START)
        assert not PlannedReduction.objects.exists()

    def test_a_variant_never_on_sale_has_nothing_to_reduce(self):
        variant = Variant.objects.create(product=ProductFactory(), sku="neuf", price=10, regular_price=10)
        wanted = PlannedReduction(variant=variant, amount=Decimal(5), starts_at=at(1), ends_at=at(2))
        with pytest.raises(prices.NoReferencePrice):
            planned_prices.plan_reduction(planned=wanted, by=None, now=START)

    def test_one_that_lowers_the_reference_of_a_later_one_is_refused(self):
        variant = new_variant("10.00")
        plan(variant, "8.00", 48, 72)
        sooner = PlannedReduction(variant=variant, amount=Decimal("7.00"), starts_at=at(1), ends_at=at(24))
        with pytest.raises(planned_prices.SpoilsAnother):
            planned_prices.plan_reduction(planned=sooner, by=None, now=START)
        sooner.ends_at = at(48)  # without interruption both are measured by the price before the first
        planned_prices.plan_reduction(planned=sooner, by=None, now=START)
        assert [asked(variant, hour) for hour in (1, 48)] == [(7, 10), (8, 10)]

    def test_one_that_has_begun_is_neither_edited_nor_deleted(self):
        variant = new_variant("10.00")
        planned = plan(variant, "8.00", 1, 5)
        seen = PlannedReduction.objects.get(pk=planned.pk)
        asked(variant, 1)
        seen.amount = Decimal("5.00")
        with pytest.raises(planned_prices.HasBegun):
            planned_prices.plan_reduction(planned=seen, by=None, now=at(2))
        with pytest.raises(planned_prices.HasBegun):
            planned_prices.cancel_planned(planned=seen)
        planned.refresh_from_db()
        assert (planned.state, planned.amount) == ("RUNNING", 8)

    def test_queries_do_not_grow_with_the_plans(self, django_assert_num_queries):
        variant = new_variant("10.00")
        for day in range(30):
            plan(variant, "8.00", 24 * day, 24 * day + 24)
        wanted = PlannedReduction(variant=variant, amount=Decimal("7.00"), starts_at=at(1), ends_at=at(2))
        with django_assert_num_queries(3):
            planned_prices.check_plan(planned=wanted, now=START)


@dataclass
class Interval:
    pk: int
    amount: Decimal
    begins: datetime
    ends: datetime
    state: str = "PLANNED"


@dataclass
class Shop:
    """One variant, as plainly as the rule is written: a list of asked prices, a list of intervals."""

    regular: Decimal
    asked: list[tuple[datetime, Decimal, str]]
    intervals: list[Interval] = field(default_factory=list)

    def price(self) -> Decimal:
        return self.asked[-1][1]

    def ask(self, now: datetime, amount: Decimal, kind: str) -> None:
        self.asked.append((max(now, self.asked[-1][0] + timedelta(microseconds=1)), amount, kind))

    def reference(self, now: datetime) -> Decimal:
        """Of a reduction that begins now: walk back over the reductions before it, then 30 days."""
        now = max(now, self.asked[-1][0] + timedelta(microseconds=1))
        return scanned([*self.asked, (now, Decimal(0), "REDUCTION")])

    def run(self, now: datetime) -> None:
        reference = self.reference(now)
        for interval in self.intervals:
            if interval.state == "RUNNING" and interval.ends <= now:
                interval.state = "ENDED"
            elif interval.state == "PLANNED" and interval.ends <= now:
                interval.state = "REFUSED"
            elif interval.state == "PLANNED" and interval.begins <= now:
                interval.state = "RUNNING" if interval.amount < reference else "REFUSED"
        self.settle(now)

    def settle(self, now: datetime) -> None:
        running = [interval.amount for interval in self.intervals if interval.state == "RUNNING"]
        is_reduced = self.asked[-1][2] == "REDUCTION"
        if running and (not is_reduced or min(running) != self.price()):
            self.ask(now, min(running), "REDUCTION")
        elif not running and is_reduced:
            self.ask(now, self.regular, "REGULAR")

    def set_price(self, now: datetime, amount: Decimal) -> None:
        if self.asked[-1][2] == "REGULAR" and amount == self.price():
            return
        for interval in self.intervals:
            if interval.state == "RUNNING":
                interval.state = "ENDED"
        self.regular = amount
        self.ask(now, amount, "REGULAR")


amounts = st.integers(8, 24).map(lambda halves: Decimal(halves) / 2)
moments = st.integers(0, 8).map(lambda steps: steps * 6)
steps = st.lists(
    st.tuples(
        st.sampled_from(["plan", "plan", "plan", "edit", "cancel", "stop", "set", "run", "run", "die", "twice"]),
        amounts,
        moments,
        st.integers(1, 6).map(lambda steps: steps * 6),
        st.sampled_from([0, 0, 1, 6, 6, 12, 24, 24 * 16]),
    ),
    min_size=4,
    max_size=22,
)


@settings(deadline=None, max_examples=examples(30), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
@example(
    steps=[
        ("plan", Decimal(10), 0, 36, 0),
        ("plan", Decimal(8), 12, 12, 0),
        *[("run", Decimal(8), 0, 6, 6)] * 8,
    ]
)
def test_the_price_is_what_the_plain_rule_says(steps):
    PlannedReduction.objects.all().delete()
    variant, now = new_variant("12.00"), START
    shop = Shop(Decimal("12.00"), [(START - timedelta(days=90), Decimal("12.00"), "REGULAR")])
    for verb, amount, offset, length, later in steps:
        now += timedelta(hours=later)
        chosen = shop.intervals[offset % len(shop.intervals)] if shop.intervals else None
        row = PlannedReduction.objects.get(pk=chosen.pk) if chosen else None
        begins = now + timedelta(hours=offset)
        ends = begins + timedelta(hours=length)
        if verb == "plan":
            planned = PlannedReduction.objects.create(variant=variant, amount=amount, starts_at=begins, ends_at=ends)
            shop.intervals.append(Interval(planned.pk, amount, begins, ends))
        elif verb == "edit" and chosen and row:
            row.amount, row.starts_at, row.ends_at = amount, begins, ends
            try:
                planned_prices.plan_reduction(planned=row, by=None, now=now)
            except planned_prices.HasBegun:
                assert chosen.state != "PLANNED"
            except (prices.NotAReduction, planned_prices.SpoilsAnother):
                pass  # refused at entry: nothing may have changed
            else:
                assert chosen.state == "PLANNED"
                chosen.amount, chosen.begins, chosen.ends = amount, begins, ends
        elif verb == "cancel" and chosen and row:
            if chosen.state in ("PLANNED", "REFUSED"):
                planned_prices.cancel_planned(planned=row)
                shop.intervals.remove(chosen)
            else:
                with pytest.raises(planned_prices.HasBegun):
                    planned_prices.cancel_planned(planned=row)
        elif verb == "stop" and chosen and row:
            assert planned_prices.stop_planned(planned=row, by=None, now=now) == (chosen.state == "RUNNING")
            if chosen.state == "RUNNING":
                chosen.state = "ENDED"
                shop.settle(now)
        elif verb == "set":
            prices.set_price(variant=variant, amount=amount, now=now)
            shop.set_price(now, amount)
        elif verb == "die":
            # A worker killed before its commit leaves nothing behind.
            with rolled_back():
                apply_planned_prices(now=now)
        elif verb in ("run", "twice"):
            shop.run(now)
            apply_planned_prices(now=now)
            if verb == "twice":
                assert apply_planned_prices(now=now) == 0
        variant.refresh_from_db()
        ledger = list(variant.price_entries.values_list("effective_at", "amount", "kind"))
        assert ledger == shop.asked
        assert (variant.price, variant.regular_price) == (shop.price(), shop.regular)
        assert variant.reference_price == scanned(shop.asked)
        held = dict(PlannedReduction.objects.filter(variant=variant).values_list("pk", "state"))
        assert held == {interval.pk: interval.state for interval in shop.intervals}


def test_a_plan_accepted_at_entry_begins_when_nobody_touches_the_price():
    variant = new_variant("12.00")
    rows = []
    for amount, begins, ends in [("11.00", 0, 30), ("9.00", 6, 12), ("10.00", 30, 40), ("8.00", 60, 70)]:
        wanted = PlannedReduction(variant=variant, amount=Decimal(amount), starts_at=at(begins), ends_at=at(ends))
        planned_prices.plan_reduction(planned=wanted, by=None, now=START)
        rows.append(wanted)
    for hour in range(71):
        asked(variant, hour)
    assert states(*rows) == ["ENDED"] * 4
    assert PriceEntry.objects.filter(variant=variant, kind="REDUCTION").count() == 5


@settings(deadline=None, max_examples=examples(15), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=st.lists(st.tuples(amounts, moments, st.integers(1, 6).map(lambda steps: steps * 6)), max_size=8))
def test_every_plan_accepted_at_entry_begins(wanted):
    PlannedReduction.objects.all().delete()
    variant, rows = new_variant("12.00"), []
    for amount, begins, length in wanted:
        row = PlannedReduction(variant=variant, amount=amount, starts_at=at(begins), ends_at=at(begins + length))
        try:
            planned_prices.plan_reduction(planned=row, by=None, now=START)
        except (prices.NotAReduction, planned_prices.SpoilsAnother):
            continue
        rows.append(row)
    for hour in range(0, 90, 6):
        asked(variant, hour)
    assert set(states(*rows)) <= {"ENDED"}
