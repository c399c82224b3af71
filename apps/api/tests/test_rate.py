"""100 calls a second with a burst of 50, whatever the clock and however many processes."""

from collections import OrderedDict

import pytest
import time_machine
from django.test import Client, RequestFactory

from apps.api import throttles
from apps.api.throttles import ClientRate

pytestmark = pytest.mark.django_db


def let_through(moments: list[float], monkeypatch: pytest.MonkeyPatch, processes: int = 1) -> int:
    """How many of one client's calls come through, taken in turn by processes that share the database alone."""
    request = RequestFactory().get("/api/products")
    request.auth = request.user = None  # type: ignore[assignment]
    refused_until: list[OrderedDict[str, int]] = [OrderedDict() for _process in range(processes)]
    count = 0
    for number, moment in enumerate(moments):
        monkeypatch.setattr(ClientRate, "_refused_until", refused_until[number % processes])
        monkeypatch.setattr(throttles.time, "time", lambda moment=moment: moment)
        count += ClientRate().allow_request(request, None)
    return count


@pytest.mark.parametrize("processes", [1, 3])
class TestClientRate:
    def test_five_hundred_a_second_for_ten_seconds_are_1050(self, monkeypatch, processes: int):
        moments = [1000 + number * 0.002 for number in range(5000)]
        assert 1040 <= let_through(moments, monkeypatch, processes) <= 1050

    def test_the_turn_of_a_second_opens_no_second_burst(self, monkeypatch, processes: int):
        moments = [2000.99] * 150 + [2001.01] * 150
        assert let_through(moments, monkeypatch, processes) == 52

    def test_a_burst_of_fifty_comes_through_whole(self, monkeypatch, processes: int):
        assert let_through([3000.5] * 50, monkeypatch, processes) == 50

    def test_a_hundred_a_second_come_through_for_ever(self, monkeypatch, processes: int):
        moments = [4000 + number / 100 for number in range(1000)]
        assert let_through(moments, monkeypatch, processes) == 1000


def test_a_flood_is_refused_with_a_time_and_a_sentence(client: Client, monkeypatch):
    monkeypatch.setattr(throttles, "PER_SECOND", 1)
    monkeypatch.setattr(throttles, "BURST", 2)
    with time_machine.travel("2026-11-20T12:00:00Z", tick=False):
        answers = [client.get("/api/schema") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1]["Retry-After"] == "1"
    assert answers[-1].json()["code"] == "throttled"


def test_what_a_process_has_refused_costs_the_database_nothing(monkeypatch, django_assert_num_queries):
    let_through([5000.0] * 50, monkeypatch)
    request = RequestFactory().get("/api/products")
    request.auth = request.user = None  # type: ignore[assignment]
    assert not ClientRate().allow_request(request, None)
    with django_assert_num_queries(0):
        assert not ClientRate().allow_request(request, None)
