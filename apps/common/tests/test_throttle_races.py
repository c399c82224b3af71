from datetime import timedelta

import pytest
from django.utils import timezone

from apps.common import captcha
from apps.common.tests.races import race
from apps.common.throttle import allowed, take

pytestmark = [pytest.mark.mysql, pytest.mark.django_db(transaction=True)]


def test_a_burst_from_many_workers_is_let_through_to_the_last_one_and_no_further():
    def calls() -> int:
        return sum(not take(who="a", per_second=100, burst=50, now=1_800_000_000.0) for _call in range(8))

    assert sum(race(*[calls] * 12)) == 50


def test_attempts_made_at_once_are_all_counted():
    answers = race(*[lambda: allowed(action="write", who="a", times=5, within=timedelta(hours=1))] * 12)
    assert sum(answers) == 5


def test_a_token_used_at_once_is_good_once():
    now = timezone.now()
    verdicts = race(*[lambda: captcha.verify(token="test-yes-1", ip="", now=now)] * 12)
    assert [verdict.success for verdict in verdicts].count(True) == 1
