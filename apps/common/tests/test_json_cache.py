"""The JSON cache: runs no code from its table, and returns what was stored."""

import base64
import os
import pickle
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache, caches
from django.utils import timezone

from apps.common.models import CacheEntry
from apps.common.tests.races import race

pytestmark = pytest.mark.django_db


class Payload:
    def __reduce__(self):
        return os.putenv, ("RAN_FROM_THE_CACHE", "1")


def test_a_pickle_in_the_table_is_not_run(monkeypatch):
    evil = base64.b64encode(pickle.dumps(Payload())).decode()
    ran = []
    monkeypatch.setattr(os, "putenv", lambda *args: ran.append(args))
    cache.set("count", 1, 60)
    assert CacheEntry.objects.update(value=evil) == 1
    assert cache.get("count", "nothing") == "nothing"
    assert ran == []


@pytest.mark.parametrize("value", [None, 0, 1.5, "é 🍫", True, [1, 2.25, "x"], {"a": [None]}, 1e18, "x" * 70_000])
def test_what_is_kept_comes_back(value):
    cache.set("key", value, 60)
    assert cache.get("key", "nothing") == value


@pytest.mark.parametrize("value", [b"x", {1, 2}, timedelta(1), object(), float("nan")])
def test_what_json_cannot_say_is_refused_at_once(value):
    with pytest.raises((TypeError, ValueError)):
        cache.set("key", value, 60)
    assert cache.get("key") is None


def test_entries_expire_and_are_taken_over():
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert cache.add("key", 1, 60)
        assert not cache.add("key", 2, 60)
        clock.shift(50)
        assert cache.touch("key", 60)
        clock.shift(50)
        assert cache.get_many(["key", "other"]) == {"key": 1}
        clock.shift(61)
        assert not cache.touch("key", 60)
        assert cache.get("key") is None
        assert cache.add("key", 3, 60)
        assert (cache.get("key"), cache.incr("key")) == (3, 4)
        cache.set("key", 5, None)
        clock.shift(timedelta(days=4000))
        assert cache.get("key") == 5


def test_no_more_are_kept_than_may_be(monkeypatch):
    monkeypatch.setattr(caches["default"], "_max_entries", 6)
    for number in range(20):
        cache.set(f"key-{number:02}", number, 60)
    assert CacheEntry.objects.count() <= 7
    assert cache.get("key-19") == 19


@pytest.mark.mysql
@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_adds_in_place_of_what_has_expired():
    cache.set("lock", 1, 1)
    with time_machine.travel(timezone.now() + timedelta(seconds=5)):
        assert sorted(race(*[lambda: cache.add("lock", 1, 60)] * 6)) == [False] * 5 + [True]
