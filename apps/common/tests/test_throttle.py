import time
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.common.models import Attempts, Rate, UsedToken
from apps.common.retention import purge_counts
from apps.common.tests.examples import examples
from apps.common.throttle import allowed, attempt, take

pytestmark = pytest.mark.django_db
LIMIT = {"times": 2, "within": timedelta(hours=1)}
PER_SECOND, BURST = 100, 50
few = settings(max_examples=examples(12), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
# Microseconds from one call to the next: floods, the exact step of the rate, and pauses that fill the bucket again.
GAPS = st.lists(
    st.one_of(st.just(0), st.integers(0, 5000), st.just(10_000), st.integers(0, 900_000)), min_size=1, max_size=300
)


def bucket(moments: list[int]) -> list[bool]:
    """A plain token bucket, counted in fractions."""
    tokens, last, answers = Fraction(BURST), moments[0], []
    for moment in moments:
        tokens = min(Fraction(BURST), tokens + Fraction(moment - last, 1_000_000) * PER_SECOND)
        last = moment
        answers.append(tokens >= 1)
        tokens -= answers[-1]
    return answers


def most_in_any_span(moments: list[int], span: int) -> int:
    return max(sum(first <= each < first + span for each in moments) for first in moments)


class TestTake:
    @few
    @given(gaps=GAPS)
    def test_lets_through_what_a_token_bucket_would(self, gaps: list[int]):
        Rate.objects.all().delete()
        moments, moment = [], 1_800_000_000_000_000
        for gap in gaps:
            moment += gap
            moments.append(moment)
        answers = [not take(who="a", per_second=PER_SECOND, burst=BURST, now=moment / 1e6) for moment in moments]
        assert answers == bucket(moments)
        through = [moment for moment, answer in zip(moments, answers, strict=True) if answer]
        for first in range(len(through)):
            for last in range(first, len(through)):
                span = Fraction(through[last] - through[first], 1_000_000)
                assert last - first + 1 <= PER_SECOND * span + BURST

    def test_returns_when_the_next_one_is_allowed(self):
        for _call in range(BURST):
            assert not take(who="a", per_second=PER_SECOND, burst=BURST, now=1000.0)
        assert take(who="a", per_second=PER_SECOND, burst=BURST, now=1000.0) == 1_000_010_000
        assert not take(who="a", per_second=PER_SECOND, burst=BURST, now=1000.01)

    def test_keeps_people_apart(self):
        for who in ("a", "b"):
            answers = [take(who=who, per_second=1, burst=1, now=5.0) for _call in range(2)]
            assert [bool(answer) for answer in answers] == [False, True]

    def test_takes_one_query_for_a_new_and_for_a_known_client(self, django_assert_num_queries):
        for now in (5.0, 6.0):
            with django_assert_num_queries(1):
                take(who="a", per_second=PER_SECOND, burst=BURST, now=now)


class TestAttempt:
    def test_stops_after_so_many_and_keeps_people_and_actions_apart(self):
        answers = [allowed(action="write", who="a", **LIMIT) for _attempt in range(3)]
        assert answers == [True, True, False]
        assert allowed(action="write", who="b", **LIMIT)
        assert allowed(action="erase", who="a", **LIMIT)

    def test_frees_each_one_an_hour_after_it_was_made(self):
        with time_machine.travel(datetime(2026, 11, 27, 12, tzinfo=UTC), tick=False) as clock:
            assert allowed(action="write", who="a", **LIMIT)
            clock.shift(timedelta(minutes=59))
            assert allowed(action="write", who="a", **LIMIT)
            assert attempt(action="write", who="a", **LIMIT) == 60
            clock.shift(timedelta(minutes=1))
            assert allowed(action="write", who="a", **LIMIT)
            # The end of a window opens no second one: the one before it was made a minute ago.
            assert attempt(action="write", who="a", **LIMIT) == 59 * 60

    @few
    @given(gaps=st.lists(st.integers(0, 40), min_size=1, max_size=60), times=st.integers(1, 5))
    def test_lets_no_more_through_in_any_span(self, gaps: list[int], times: int):
        Attempts.objects.all().delete()
        through = []
        with time_machine.travel(datetime(2026, 11, 27, 12, tzinfo=UTC), tick=False) as clock:
            for gap in gaps:
                clock.shift(timedelta(seconds=gap))
                if allowed(action="write", who="a", times=times, within=timedelta(seconds=60)):
                    through.append(int(time.time()))
        assert most_in_any_span(through, 60) <= times

    def test_counts_what_is_about_one_thing_within_the_whole(self):
        both = {"action": "write", "who": "a", "times": 4, "within": timedelta(hours=1), "times_about": 2}
        with time_machine.travel(datetime(2026, 11, 27, 12, tzinfo=UTC), tick=False) as clock:
            waits = []
            for about in ("x", "x", "x", "y", "y", "z"):
                waits.append(attempt(about=about, **both))
                clock.shift(timedelta(minutes=1))
        # The third about x is refused and not counted for the whole, which is used up when z comes.
        assert waits == [0, 0, 58 * 60, 0, 0, 55 * 60]

    def test_takes_one_statement_the_first_time_and_three_after_it(self, django_assert_num_queries):
        for statements in (1, 3, 3):
            with django_assert_num_queries(statements):
                attempt(action="write", who="a", times=4, within=timedelta(hours=1), about="x", times_about=3)


def test_purges_what_says_nothing_any_more():
    now = datetime(2026, 11, 27, 12, tzinfo=UTC)
    take(who="old", per_second=1, burst=1, now=now.timestamp() - 3600)
    take(who="new", per_second=1, burst=1, now=now.timestamp())
    for key, expires_at in (("old", now - timedelta(seconds=1)), ("new", now + timedelta(seconds=1))):
        UsedToken.objects.create(token_hash=key, expires_at=expires_at)
        Attempts.objects.create(key=key, marks="[]", expires_at=expires_at)
    assert purge_counts(now=now) == 3
    assert [model.objects.count() for model in (Rate, Attempts, UsedToken)] == [1, 1, 1]
