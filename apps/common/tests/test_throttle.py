from datetime import timedelta

import pytest
from django.utils import timezone

from apps.common.models import CacheEntry
from apps.common.throttle import allowed

pytestmark = pytest.mark.django_db
LIMIT = {"times": 2, "within": timedelta(hours=1)}


def test_stops_after_so_many_and_keeps_people_and_actions_apart():
    answers = [allowed(action="write", who="a", **LIMIT) for _attempt in range(3)]
    assert answers == [True, True, False]
    assert allowed(action="write", who="b", **LIMIT)
    assert allowed(action="erase", who="a", **LIMIT)


def test_begins_again_when_the_window_ends():
    for _attempt in range(3):
        allowed(action="write", who="a", **LIMIT)
    CacheEntry.objects.update(expires=timezone.now() - timedelta(seconds=1))
    assert allowed(action="write", who="a", **LIMIT)
